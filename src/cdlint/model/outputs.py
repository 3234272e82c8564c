"""What a buildspec's commands write, and what its artifacts ship of it."""

from __future__ import annotations

import posixpath

from ..globs import matches
from ..syntax.tree import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.shell import Simple, Word
    from .buildspec import Artifact, Buildspec, Command

#: Options behind which a program is told where to write.
_WRITING = frozenset(
    (
        "-o",
        "--output",
        "--output-template-file",
        "--output-file",
        "--metadata-file",
        "--outfile",
        "-O",
        "--out",
    )
)


def written_files(spec: Buildspec) -> frozenset[str]:
    """The paths that commands write under a literal name, relative to wherever `cd` has led."""
    return frozenset(path for _, _, path in writes(spec))


def writes(spec: Buildspec) -> Iterator[tuple[Command, Simple, str]]:
    """`(item, simple command, path)` of each file that is written under a literal name."""
    for command, script in spec.scripts():
        for simple in script.commands:
            for word in (*_redirected(simple), *_targets(simple)):
                if word.literal and not word.literal.startswith("/dev/"):
                    yield command, simple, plain(word.literal)


def _redirected(simple: Simple) -> Iterator[Word]:
    """Where the output of a command, or of the group that it stands in, goes."""
    for statement in (simple, *simple.ancestors()):
        for redirect in statement.redirects:
            if redirect.op in (">", ">>", "&>", ">|") and redirect.target is not None:
                yield redirect.target


def _targets(simple: Simple) -> Iterator[Word]:
    """The words of a command that name what it writes."""
    operands = simple.operands()
    if simple.name in ("tee", "touch"):
        yield from operands
    elif simple.name in ("cp", "mv", "install", "ln") and len(operands) > 1:
        yield operands[-1]
    elif simple.name in ("zip", "jar") and operands:
        yield operands[0]
    words = simple.args
    for at, word in enumerate(words[:-1]):
        if word.literal in _WRITING:
            yield words[at + 1]


def constant(spec: Buildspec, name: str) -> Scalar | None:
    """The value of a variable that `env.variables` sets and no command changes."""
    value = spec.get("env", "variables", name)
    if any(one.name == name for _, script in spec.scripts() for one in script.assignments):
        return None
    return value if isinstance(value, Scalar) and not value.is_null else None


def filled(spec: Buildspec, word: Word) -> str | None:
    """A word with the constants that it is made of put in; None if anything else is in it."""
    if word.literal is not None:
        return word.literal
    text = word.plain
    parts: list[str] = []
    at = 0
    while True:
        start = text.find("${", at)
        end = text.find("}", start)
        if start < 0 or end < 0:
            rest = text[at:]
            return None if "$" in rest or "`" in rest else "".join(parts) + rest
        value = constant(spec, text[start + 2 : end])
        if value is None or "$" in text[at:start] or "`" in text[at:start]:
            return None
        parts += (text[at:start], value.value)
        at = end + 1


def plain(path: str) -> str:
    """A path without `./` and doubled slashes."""
    return posixpath.normpath(path) if path else path


def in_artifact(artifact: Artifact, entry: Scalar) -> str | None:
    """Where an entry of `files` puts its files in the artifact: a path or a pattern; None if not known."""
    text = entry.value
    if "$" in text or "`" in text:
        return None
    path = text if any(char in text for char in "*?[") else plain(text)
    path = path.removeprefix("./").removeprefix("/")
    return posixpath.basename(path) if artifact.flag("discard-paths") else path


def ships(artifact: Artifact, path: str) -> bool | None:
    """Does an artifact bring a file at this path? None if that cannot be told."""
    wanted = plain(path)
    unsure = False
    base = artifact.base_directory
    for entry in artifact.files:
        where = in_artifact(artifact, entry)
        if where is None:
            unsure = True
        elif where == wanted or _pattern_matches(where, wanted):
            return None if _is_excluded(artifact, wanted) else True
    if base is not None and any(char in base.value for char in "*?["):
        unsure = True
    return None if unsure else False


def _pattern_matches(pattern: str, path: str) -> bool:
    """CodeBuild's patterns: `*` within one part of a path, `**` over any number of parts."""
    return any(char in pattern for char in "*?[") and _parts(pattern.split("/"), path.split("/"))


def _parts(pattern: list[str], path: list[str]) -> bool:
    reached = {0}
    for piece in pattern:
        if piece == "**":
            reached = set(range(min(reached), len(path) + 1))
        else:
            reached = {
                at + 1
                for at in reached
                if at < len(path) and "/" not in path[at] and matches("/" + piece, path[at])
            }
        if not reached:
            return False
    return len(path) in reached or pattern[-1] == "**"


def _is_excluded(artifact: Artifact, _path: str) -> bool:
    return artifact.node.get("exclude-paths") is not None
