"""What dash makes of bash's words and redirections, and what is written in their place."""

from __future__ import annotations

from ..syntax.shell.nodes import Simple, Word
from .dialects import OR_BASH, around, edited, statements, word_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import Fix
    from ..model.buildspec import Command
    from ..syntax.shell import Expansion, Feature, Redirect, Script

#: Programs that take names of files or folders, and do not read braces themselves.
_TAKE_FILES = frozenset(
    "mkdir rmdir cp mv rm touch ls cat chmod chown ln tar zip rsync scp install head tail wc diff cmp du stat".split()
)


def redirection(
    command: Command, script: Script, feature: Feature
) -> tuple[str, str, str, Fix | None] | None:
    """The mark in the text, the end of the message, the help, the fix."""
    start, text = feature.start, feature.text
    if feature.kind == "pipe-all":
        fix = edited("Write `2>&1 |`", command, [(start, feature.end, "2>&1 |")])
        return "|&", "stops at `|&` with a syntax error, and the item fails.", "Write `2>&1 |`.", fix
    if feature.kind == "process-substitution":
        what = f"stops at `{text[:2]}` with a syntax error, and the item fails."
        return text[:2], what, f"Write into a file first or use a pipe, {OR_BASH}.", None
    if feature.kind == "here-string":
        what = "stops at `<<<` with a syntax error, and the item fails."
        return "<<<", what, f"Write `printf '%s\\n' … | command`, {OR_BASH}.", None
    redirect = _redirect_at(script, start)
    if redirect is None or redirect.target is None:
        return None
    target = redirect.target
    mark = script.text[start : start + len(redirect.fd) + len(redirect.op)]
    if redirect.op == ">&" and target.literal is None:
        return None  # the number of an open file, perhaps
    op = ">>" if redirect.op == "&>>" else ">"
    fix = edited("Write `2>&1`", command, [(start, start + len(mark), op), (target.end, target.end, " 2>&1")])
    help = f"Write `{op} {short(target.raw)} 2>&1`."
    if redirect.op == ">&":
        return mark, "stops at `>&` with `Syntax error: Bad fd number`, and the item fails.", help, fix
    what = (
        f"reads `{mark}` as `&` and `{op}`: the command runs in the background, its status is lost, and what it "
        "prints does not go there."
    )
    return mark, what, help, fix


def _redirect_at(script: Script, start: int) -> Redirect | None:
    for one in statements(script):
        for redirect in one.redirects:
            if redirect.start == start:
                return redirect
    return None


def looked_for_on_path(file: Word) -> bool:
    """Is it a file that is looked for on PATH, and hardly to be found there?"""
    name = file.literal
    if not name or "/" in name or "." not in name or file.raw[:1] in "~<":
        return False
    return name != "virtualenvwrapper.sh"


def with_folder(file: Word) -> tuple[int, int, str]:
    at = file.start + (file.raw[:1] in "\"'")
    return at, at, "./"


def adds_folder(value: Word | None) -> bool:
    """Is the current folder, or one that is not known, put on PATH?"""
    folders = value.plain.split(":") if value is not None else [""]
    return any(
        folder[:1] != "/" and folder not in ("${PATH}", "$PATH") and not folder.startswith("${HOME}/")
        for folder in folders
    )


def posix_form(feature: Feature, found: Expansion, form: str | None) -> str:
    if form:
        return f"`{form}`"
    if feature.kind == "substring":
        return f"`$(printf '%s' \"${found.name}\" | cut -c…)`"
    if feature.kind == "replacement":
        return f"`$(printf '%s' \"${found.name}\" | sed 's/…/…/{'g' if found.op == '//' else ''}')`"
    if feature.kind == "case-change":
        return f"`$(printf '%s' \"${found.name}\" | tr …)`"
    if feature.kind == "indirection":
        return f'`$(printenv "${found.name}")`'
    return "the value as it is needed"


def brace_word(script: Script, feature: Feature) -> Word | None:
    """The word with the braces, where literal braces would be wrong: names of files, or the words of `for`."""
    statement = around(script, feature.start, feature.end)
    if statement is None:
        return None
    if isinstance(statement, Simple):
        word = word_at(statement, feature.start)
        return word if statement.name in _TAKE_FILES and word is not statement.first else None
    text = script.text
    if statement.kind != "loop" or statement.keyword != "for":
        return None
    start, end = feature.start, feature.end
    while text[start - 1] not in " \t\n":
        start -= 1
    while end < len(text) and text[end] not in " \t\n;":
        end += 1
    return Word(text[start:end], start)


def short(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 40 else line[:39] + "…"


def is_exported(script: Script, at: int) -> bool:
    return any(one.exported and one.start <= at < one.end for one in script.assignments)


def array(feature: Feature) -> tuple[int, int, str]:
    """From, to, and what dash does at a construct with an array."""
    start, end, text = feature.start, feature.end, feature.text
    if feature.kind == "array-element":
        return start, end, "stops here with `Bad substitution`, and the item fails: it has no arrays."
    if text[:1] == "(":
        return start, start + 1, "stops here with a syntax error, and the item fails: it has no arrays."
    end = start + text.index("=") + 1
    return start, end, "takes this for the name of a program: it has no arrays."


def appended(command: Command, script: Script, feature: Feature) -> tuple[int, int, str, str, Fix | None]:
    """From, to, what dash does at `A+=x`, what to write, the fix."""
    name, start, end = feature.text[:-2], feature.end - 2, feature.end
    fix = None
    # As an argument of `export` the value would need quotes around all of it.
    if not is_exported(script, start):
        fix = edited("Name the variable again", command, [(start, end, f"=${{{name}}}")])
    what = f"takes `{name}+=…` for the name of a program: `{name}` stays as it was."
    return start, end, what, f'Write `{name}="${name}…"`.', fix
