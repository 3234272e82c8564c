"""What the rules about commands have in common: what ran before, and what a variable holds."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec, Command
    from ..syntax.shell import Simple, Statement, Word

#: Folders that build tools write, so that a bare word is known to be one.
FOLDERS = frozenset(
    "dist build out target public node_modules src package _site cdk.out .next coverage".split()
)


def values(spec: Buildspec, name: str) -> list[str]:
    """What the file sets a variable to, in `env.variables` and in commands; without quotes, `$X` as `${X}`."""
    from ..model.buildspec import pairs
    from ..syntax.tree import Scalar

    found = [
        value.value
        for key, value in pairs(spec.get("env", "variables"))
        if key.value == name and isinstance(value, Scalar)
    ]
    for _, script in spec.scripts():
        found += [one.value.plain for one in script.assignments if one.name == name and one.value is not None]
    return found


def earlier(spec: Buildspec, command: Command, simple: Simple) -> Iterator[tuple[Command, Simple]]:
    """The simple commands that run before one, as far as the text tells."""
    for other, script in spec.scripts():
        for one in script.commands:
            if other is command and one.start >= simple.start:
                return
            yield other, one
        if other is command:
            return


def fed(simple: Simple) -> bool:
    """Does it read answers from a pipe or a file?"""
    if any(one.op.startswith("<") for one in simple.redirects):
        return True
    inner: Statement = simple
    for around in simple.ancestors():
        if around.kind == "pipeline" and around.parts and around.parts[0] is not inner:
            return True
        if any(one.op.startswith("<") for one in around.redirects):
            return True
        inner = around
    return False


def in_background(simple: Simple) -> bool:
    """Is it started with `&`, or ended by `timeout`?"""
    if simple.after == "&" or any(around.after == "&" for around in simple.ancestors()):
        return True
    return any(word.raw == "timeout" for word in simple.words[:-1])


def looked_up(simple: Simple) -> bool:
    """`command -v TOOL`: is it only asked where the program is?"""
    words = simple.words
    return len(words) > 1 and words[0].raw == "command" and words[1].raw in ("-v", "-V")


def guarded(simple: Simple) -> bool:
    """Does it run only in some cases: in `if`, `case` or a function, or beside `||` or a test?"""
    inner: Statement = simple
    for around in simple.ancestors():
        if around.kind in ("if", "case", "function", "loop", "not"):
            return True
        if around.kind == "and_or":
            if "||" in around.ops:
                return True
            for part in around.parts:
                if part is inner:
                    break
                words = getattr(part, "words", ())
                if not words or words[0].raw in ("command", "which", "type", "hash", "[", "[[", "test"):
                    return True
        inner = around
    return False


def is_folder(word: Word) -> bool:
    """Is a word certainly a folder: `.`, `dist/`, `$PWD`?"""
    text = word.plain
    return text in (".", "..") or text.endswith("/") or text in ("${PWD}", "${CODEBUILD_SRC_DIR}", "${HOME}")


def made(spec: Buildspec) -> set[str]:
    """The folders that `mkdir` makes by name."""
    return {
        word.plain.rstrip("/")
        for _, simple in spec.calls("mkdir")
        for word in simple.operands("-m", "--mode")
    }
