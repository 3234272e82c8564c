"""What tests compare: `[ "$X" = main ]`, `[[ $X == main ]]`, `case $X in main)`."""

from __future__ import annotations

from ..syntax.shell.nodes import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.shell import Script, Statement

_CURLY = "\u2018\u2019\u201c\u201d"
_OPERATORS = frozenset(("=", "==", "!=", "=~", "-eq", "-ne"))


class Comparison:
    """`left` and `right` of a test. `name` is the variable that is compared, `value` what it is compared with.

    Where the variable stands at the right, the two are changed over; in `case` there is no `left`.
    """

    __slots__ = ("_left", "name", "op", "right")

    def __init__(self, left: Word | None, op: str, right: Word, name: str) -> None:
        self._left = left
        self.op = op
        self.right = right
        self.name = name

    @property
    def left(self) -> Word:
        return self._left if self._left is not None else self.right

    @property
    def value(self) -> str | None:
        """The fixed text, without quotes; None where it is not known or a pattern."""
        if self.op != "=~" and self.right.is_glob:
            return None
        text = self.right.literal
        # Curly quotes are an error of their own; what they were put around is meant.
        return text.strip(_CURLY) if text else text


def comparisons(script: Script) -> Iterator[Comparison]:
    """The comparisons in `[`, `[[` and `test`."""
    for simple in script.commands:
        if simple.name not in ("[", "[[", "test"):
            continue
        words = simple.args
        for at in range(1, len(words) - 1):
            op = words[at].raw
            if op not in _OPERATORS:
                continue
            left, right = words[at - 1], words[at + 1]
            if right.variable and left.literal is not None:
                left, right = right, left
            yield Comparison(left, op, right, left.variable)


def case_patterns(script: Script) -> Iterator[tuple[str, Word]]:
    """`(variable, pattern)` for each pattern of a `case` of one variable."""
    for expansion in script.expansions:
        if expansion.role != "case" or expansion.op:
            continue
        statement = _case_at(script, expansion.start)
        if statement is not None:
            for pattern in _patterns(script.text, expansion.end, statement):
                yield expansion.name, pattern


def _case_at(script: Script, at: int) -> Statement | None:
    """The innermost `case` around a place."""
    found: Statement | None = None
    stack = [*script.body, *script.substitutions]
    while stack:
        one = stack.pop()
        if not one.start <= at < one.end:
            continue
        if one.kind == "case" and (found is None or one.start > found.start):
            found = one
        for group in (one.parts, *one.conditions, *one.bodies):
            stack.extend(group)
    return found


def _patterns(text: str, at: int, statement: Statement) -> Iterator[Word]:
    """The patterns, read backwards from the first statement of each branch."""
    begin = text.find(" in", at, statement.end)
    if begin < 0 or text[at:begin].strip("\"' \t"):
        return
    begin += 3
    for body in statement.bodies:
        if not body:
            continue
        # Branches without a statement lie between.
        for part in text[begin : body[0].start].split(";;"):
            yield from _alternatives(part, begin + text[begin : body[0].start].index(part))
        begin = body[-1].end


def _alternatives(part: str, at: int) -> Iterator[Word]:
    closing = part.find(")")
    if closing < 0 or "#" in part or "$" in part:
        return
    start = 0
    for piece in part[:closing].split("|"):
        pattern = piece.strip().lstrip("(").strip()
        if pattern:
            yield Word(pattern, at + start + piece.index(pattern))
        start += len(piece) + 1
