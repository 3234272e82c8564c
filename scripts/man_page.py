"""Write docs/cdlint.1, the man page, from the table of commands. tests/test_man_page.py holds it to that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from cdlint import __version__  # noqa: E402
from cdlint.cli.commands import COMMANDS  # noqa: E402
from cdlint.cli.options import Command, Operand, Option  # noqa: E402

PATH = ROOT / "docs" / "cdlint.1"

ABOUT = """\
cdlint checks AWS CodeBuild buildspecs, CodePipeline definitions and the deploy files between them, mends what can be
mended, and packages a branch so that its pipeline starts. It knows the files by their content, reads on behind broken
YAML, reads commands as the shell does, and follows names from file to file. It asks AWS nothing when it checks."""

ENVIRONMENT = {
    "NO_COLOR": "If set, nothing is coloured.",
    "FORCE_COLOR": "If set to anything but 0, output for people is coloured even where it is no terminal.",
    "CODEBUILD_SRC_DIR": "In a build of CodeBuild's (CODEBUILD_BUILD_ID is set) the folder that is checked.",
    "CDLINT_DEBUG": "If set, a fault of cdlint's own shows where it happened.",
}
FILES = {
    "cdlint.toml": "The configuration for the files beside and below it.",
    "pyproject.toml": "The same, in its table [tool.cdlint].",
}


def text(words: str) -> str:
    """Words in which nothing is a command of roff's."""
    found = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in found.split("\n"))


def page() -> Iterator[str]:
    yield f'.TH CDLINT 1 "" "cdlint {__version__}" "cdlint"'
    yield ".SH NAME"
    yield "cdlint \\- linter, fixer and packager for AWS continuous delivery"
    yield ".SH SYNOPSIS"
    for command in COMMANDS.values():
        yield f".B cdlint {text(command.name)}"
        yield synopsis(command)
        yield ".br"
    yield ".B cdlint \\-\\-help | \\-\\-version"
    yield ".SH DESCRIPTION"
    yield text(ABOUT)
    yield ".SH COMMANDS"
    for command in COMMANDS.values():
        yield from section(command)
    yield ".SH ENVIRONMENT"
    for name, told in ENVIRONMENT.items():
        yield from (".TP", f".B {name}", text(told))
    yield ".SH FILES"
    for name, told in FILES.items():
        yield from (".TP", f".I {text(name)}", text(told))
    yield ".SH SEE ALSO"
    yield "https://github.com/OWNER/cdlint"


def synopsis(command: Command) -> str:
    operand = command.operand
    if operand is None:
        return "[\\fIOPTIONS\\fR]" if command.options else ""
    name = f"\\fI{operand.metavar}\\fR" + ("..." if operand.most is None else "")
    words = ["[\\fIOPTIONS\\fR]"] if command.options else []
    return " ".join([*words, name if operand.least else f"[{name}]"])


def section(command: Command) -> Iterator[str]:
    yield f".SS cdlint {text(command.name)}"
    yield text(command.help) + "."
    if command.operand is not None:
        yield from item(command.operand)
    for title, options in command.groups:
        yield ".PP"
        yield f".I {text(title)}"
        for option in options:
            yield from item(option)
    if command.epilog:
        yield from (".PP", ".nf", text(command.epilog.rstrip("\n")).replace("\n\n", "\n.sp\n"), ".fi")


def item(one: Option | Operand) -> Iterator[str]:
    yield ".TP"
    if isinstance(one, Option):
        yield f".B {text(one.flag)}" + (f" \\fI{text(one.metavar)}\\fR" if one.metavar else "")
    else:
        yield f".I {text(one.metavar)}"
    told = text(one.help)
    yield (
        told
        + ("." if told[-1:] != "." else "")
        + (" May be given several times." if getattr(one, "many", False) else "")
    )


def main() -> None:
    PATH.write_text("\n".join(page()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
