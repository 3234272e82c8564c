"""What a command and an option are; and the parser for their ordinary forms. `commands.py` has the tables.

`argparse` costs 9 ms to import, as much as checking many buildspecs. So `parse` reads the plain
forms (`--flag`, `--option value`, `--option=value`, operands, `--`) by itself, and gives up at the
first doubt; then `fallback.py` builds argparse's parser from the same table, for help and errors.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class UsageError(Exception):
    """A command line that cannot be followed; the message is one line."""


class Option:
    """`--name` without a value (`metavar` empty), with one, or with one each time (`many`)."""

    __slots__ = ("choices", "dest", "flag", "help", "many", "metavar")

    def __init__(
        self,
        flag: str,
        metavar: str,
        help: str,
        *,
        choices: tuple[str, ...] = (),
        many: bool = False,
    ) -> None:
        self.flag = flag
        self.dest = flag[2:].replace("-", "_")
        self.metavar = metavar
        self.help = help
        self.choices = choices
        self.many = many

    @property
    def default(self) -> object:
        return None if self.metavar else False


class Operand:
    """What stands without a flag: `least` to `most` of them (`most` None: any number)."""

    __slots__ = ("choices", "dest", "help", "least", "metavar", "most")

    def __init__(
        self,
        dest: str,
        metavar: str,
        help: str,
        least: int,
        most: int | None,
        choices: tuple[str, ...] = (),
    ) -> None:
        self.choices = choices
        self.dest = dest
        self.metavar = metavar
        self.help = help
        self.least = least
        self.most = most


class Command:
    """A command: its options in groups, what follows them, and the words of its help."""

    __slots__ = ("epilog", "groups", "help", "name", "operand")

    def __init__(
        self,
        name: str,
        help: str,
        *,
        operand: Operand | None = None,
        groups: tuple[tuple[str, tuple[Option, ...]], ...] = (),
        epilog: str = "",
    ) -> None:
        self.name = name
        self.help = help
        self.operand = operand
        self.groups = groups
        self.epilog = epilog

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(option for _, options in self.groups for option in options)


class Options:
    """The values of a command line, as attributes."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


def parse(command: Command, arguments: Sequence[str]) -> Options | None:
    """The values of a plain command line; None if anything about it is doubtful."""
    options = {option.flag: option for option in command.options}
    values: dict[str, Any] = {option.dest: option.default for option in options.values()}
    operands: list[str] = []
    at, count = 0, len(arguments)
    while at < count:
        word = arguments[at]
        at += 1
        if word == "--":
            operands += arguments[at:]
            break
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        flag, equals, value = word.partition("=")
        option = options.get(flag)
        if option is None:
            return None
        if not option.metavar:
            if equals:
                return None
            values[option.dest] = True
            continue
        if not equals:
            if at == count or (arguments[at].startswith("-") and arguments[at] != "-"):
                return None
            value = arguments[at]
            at += 1
        if value in ("", "--") or (option.choices and value not in option.choices):
            return None
        if option.many:
            values[option.dest] = [*(values[option.dest] or ()), value]
        else:
            values[option.dest] = value
    if not _take_operands(command.operand, operands, values):
        return None
    return Options(**values)


def _take_operands(operand: Operand | None, operands: list[str], values: dict[str, Any]) -> bool:
    """Store the operands; False if there are too few or too many."""
    if operand is None:
        return not operands
    if len(operands) < operand.least:
        return False
    if operand.choices and not set(operands) <= set(operand.choices):
        return False
    if operand.most is None:
        values[operand.dest] = operands
        return True
    if len(operands) > operand.most:
        return False
    values[operand.dest] = operands[0] if operands else None
    return True
