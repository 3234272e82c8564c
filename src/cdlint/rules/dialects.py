"""Which shell runs the commands, and what the rules about bash's constructs have in common."""

from __future__ import annotations

from ..findings import Edit, Fix, Severity
from ..syntax.tree import Mapping, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..model.buildspec import Buildspec, Command
    from ..syntax.shell import Feature, Script, Simple, Statement, Word

#: The end of a help text.
OR_BASH = "or set `shell: bash` under `env`"
#: No more constructs of a script are told than these, so that the time for one is bounded.
_MOST = 200
#: Programs of distributions whose `sh` knows most of bash: Amazon Linux, Alpine, macOS.
_NOT_DASH = ("yum", "dnf", "microdnf", "amazon-linux-extras", "apk", "brew")


def weight(spec: Buildspec) -> SeverityName | None:
    """How bad a construct of bash is: an error under dash, a warning under a `sh` that may be dash."""
    return spec.once(_weight)


def _weight(spec: Buildspec) -> SeverityName | None:
    dialect = spec.dialect
    if dialect == "bash" or _is_relinked(spec):
        return None
    if dialect == "dash":
        return Severity.ERROR
    if spec.image and spec.image.startswith("aws/codebuild/macos"):
        return None
    if spec.calls(*_NOT_DASH) and not spec.calls("apt-get", "apt"):
        return None
    return Severity.WARNING


def dash(spec: Buildspec) -> str:
    """The subject of a message: which shell it is."""
    if spec.dialect == "dash":
        return "Dash, the `sh` of this image,"
    return "Dash, the `sh` of Ubuntu images,"


def _is_relinked(spec: Buildspec) -> bool:
    """Does the build make `sh` another shell?"""
    return any(
        word.literal in ("/bin/sh", "/usr/bin/sh") for _, simple in spec.calls("ln") for word in simple.args
    ) or any(word.raw == "dash" for _, simple in spec.calls("dpkg-reconfigure") for word in simple.args)


def is_guarded(script: Script) -> bool:
    """Does the script look which shell runs it?"""
    return "BASH_VERSION" in script.text or "${BASH:" in script.text or "${BASH-" in script.text


def features(spec: Buildspec, *kinds: str) -> Iterator[tuple[Command, Script, Feature]]:
    """The constructs of some kinds that stand where bash may not be the shell, and are read for certain."""
    found = [
        (command, script, feature)
        for command, script in spec.scripts()
        if script.features
        for feature in [one for one in script.features if one.kind in kinds][:_MOST]
    ]
    if not found or weight(spec) is None:
        return
    for command, script, feature in found:
        if script.errors and feature.end > script.errors[0][0]:
            continue
        if not is_guarded(script):
            yield command, script, feature


def calls(spec: Buildspec, *names: str) -> Iterator[tuple[Command, Simple]]:
    """The calls of some of the shell's own commands where bash may not be the shell."""
    found = spec.calls(*names)
    if not found or weight(spec) is None:
        return
    for command, simple in found[: 5 * _MOST]:
        word = simple.words[0]
        if word.raw == simple.name and not is_guarded(command.script):
            yield command, simple


def statements(script: Script) -> Iterator[Statement]:
    """All statements of a script, those of substitutions too, in no order."""
    stack: list[Statement] = [*script.body, *script.substitutions]
    while stack:
        one = stack.pop()
        yield one
        stack += one.parts
        for group in (one.conditions, one.bodies):
            for inner in group:
                stack += inner


def around(script: Script, start: int, end: int) -> Statement | None:
    """The innermost statement that a part of the script belongs to."""
    found: Statement | None = None
    for one in statements(script):
        if one.start <= start and end <= one.end and (found is None or one.start >= found.start):
            if found is None or one.end - one.start <= found.end - found.start:
                found = one
    return found


def word_at(simple: Simple, at: int) -> Word | None:
    for word in simple.words:
        if word.start <= at < word.end:
            return word
    return None


def inside_backticks(script: Script, at: int) -> bool:
    """In `` `…` `` quotes and backslashes mean other things, so nothing with quotes is written there."""
    return any(one.keyword == "`" and one.start <= at < one.end for one in script.substitutions)


def edited(
    description: str, command: Command, changes: list[tuple[int, int, str]], safe: bool = True
) -> Fix | None:
    """A fix of some changes to the text of a command, if all of them can be made."""
    edits = [command.edit(start, end, text) for start, end, text in changes]
    made = [edit for edit in edits if edit is not None]
    return Fix(description, made, safe=safe) if made and len(made) == len(edits) else None


def use_bash(spec: Buildspec) -> Fix | None:
    """Write `shell: bash` under `env`. Not safe: a custom image may lack bash."""
    document = spec.document
    if document.json:
        return None
    text = document.text
    line_end = "\r\n" if "\r\n" in text else "\n"
    env, shell = spec.get("env"), spec.get("env", "shell")
    edit: Edit | None = None
    if isinstance(shell, Scalar) and shell.style not in ("|", ">"):
        edit = Edit(shell.start, shell.end, "bash")
    elif isinstance(env, Mapping) and env.pairs and not env.flow and not env.merged:
        at = env.pairs[0][0].start
        indent = text[text.rfind("\n", 0, at) + 1 : at]
        if not indent.strip(" "):
            edit = Edit(at, at, f"shell: bash{line_end}{indent}")
    elif env is None and not spec.root.flow:
        key = spec.key("phases")
        if key is not None and (key.start == 0 or text[key.start - 1] == "\n"):
            edit = Edit(key.start, key.start, f"env:{line_end}  shell: bash{line_end}")
    return Fix("Run the commands in bash", [edit], safe=False) if edit is not None else None
