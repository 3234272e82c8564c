"""argparse, built from the table of options: for help, and for what the plain parser refused."""

from __future__ import annotations

import argparse
import sys

from ..wording import closest
from .commands import COMMANDS
from .options import Command, Options, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

_DESCRIPTION = (
    "cdlint checks, mends and packages AWS delivery: buildspecs, pipelines, and the files between them."
)
_EPILOG = """\
examples:
  cdlint check                 check the delivery files of this repository
  cdlint check buildspec.yml   check one file
  cdlint package --pipeline P  zip the branch and upload it, which starts the pipeline
  cdlint explain CD102         explain a rule
  cdlint schema buildspec      print the JSON Schema, for an editor

`cdlint COMMAND --help` says more.
"""


class _Parser(argparse.ArgumentParser):
    """Errors are one line; the caller prints it."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def command_parser(command: Command) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"cdlint {command.name}",
        description=command.help + ".",
        epilog=command.epilog or None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # A prefix that is unique today may not be tomorrow.
        allow_abbrev=False,
    )
    operand = command.operand
    if operand is not None:
        several = "*" if operand.most is None else "?" if operand.least == 0 else None
        parser.add_argument(
            operand.dest,
            metavar=operand.metavar,
            help=operand.help,
            nargs=several,
            choices=operand.choices or None,
        )
    for title, options in command.groups:
        group = parser.add_argument_group(title)
        for option in options:
            if not option.metavar:
                group.add_argument(option.flag, action="store_true", help=option.help)
            else:
                group.add_argument(
                    option.flag,
                    action="append" if option.many else "store",
                    metavar=option.metavar,
                    choices=option.choices or None,
                    help=option.help,
                )
    return parser


def parse(command: Command, arguments: Sequence[str]) -> Options:
    """Parse with argparse. Prints help and raises `SystemExit`; errors raise `UsageError`."""
    parser = command_parser(command)
    words = list(arguments)
    literal: dict[str, str] = {}  # what follows `--`, by the face it wears in argparse
    if "--" in words:
        # argparse forgets about `--` between its two passes, so what follows gets another face.
        at = words.index("--")
        if at and words[at - 1] in [option.flag for option in command.options if option.metavar]:
            parser.error(f"argument {words[at - 1]}: expected one argument")
        mask = "\0" * (1 + max(map(len, words)))  # longer than any word that it could be taken for
        literal = {f"{mask}{index}": word for index, word in enumerate(words[at + 1 :])}
        words[at:] = literal
    for word in words:
        if word.endswith("=--"):  # argparse would drop the value and go on with a list
            parser.error(f"argument {word[:-3]}: expected one argument")
    values, rest = parser.parse_known_intermixed_args(words)
    rest = [literal.get(word, word) for word in rest]
    if rest:
        _refuse(parser, command, rest)
    options = vars(values)
    if literal and command.operand is not None:
        given = options[command.operand.dest]
        options[command.operand.dest] = (
            [literal.get(word, word) for word in given]
            if isinstance(given, list)
            else literal.get(given, given)
        )
    return Options(**options)


def _refuse(parser: argparse.ArgumentParser, command: Command, rest: list[str]) -> NoReturn:
    wrong = rest[0].partition("=")[0]
    if not wrong.startswith("-"):
        parser.error(f"too many arguments: {' '.join(rest)}")
    flags = [option.flag for option in command.options]
    begun = [flag for flag in flags if flag.startswith(wrong)] if len(wrong) > 2 else []
    meant = begun[0] if begun else closest(wrong, flags)
    hint = f"; did you mean {meant}?" if meant else ""
    parser.error(f"there is no option {wrong}{hint}")


def print_help() -> None:
    """The help of cdlint itself."""
    parser = _Parser(
        prog="cdlint",
        usage="cdlint COMMAND [ARGUMENTS]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_argument_group("commands")
    for command in COMMANDS.values():
        commands.add_argument(command.name, help=command.help, nargs="?")
    parser.print_help(sys.stdout)
