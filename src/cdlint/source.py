"""A text under check, and places in it.

Offsets are 0-based counts of characters (code points) into `Source.text`; a `Position` is
what people see: 1-based line and column, the column in characters.
"""

from __future__ import annotations

BOM = "\ufeff"


class Position:
    """A 1-based line and column. A byte order mark at the start of a file has no column."""

    __slots__ = ("column", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column

    def __repr__(self) -> str:
        return f"{self.line}:{self.column}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Position):
            return NotImplemented
        return (self.line, self.column) == (other.line, other.column)

    def __hash__(self) -> int:
        return hash((self.line, self.column))


class Span:
    """The characters `start` up to, but not including, `end`."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end if end > start else start

    def __repr__(self) -> str:
        return f"Span({self.start}, {self.end})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Span):
            return NotImplemented
        return (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))


class Source:
    """One text and the name under which the user knows it.

    `path` is shown in reports (with `/`). `text` is the whole file, byte order mark and line
    ends included, so that offsets are those of the file. Lines end at `\\n`, `\\r\\n` or a lone
    `\\r`, as YAML has it.
    """

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """The offset of the first character of every line."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def position(self, offset: int) -> Position:
        """The place of a character; offsets past the end are taken as the end."""
        starts = self.line_starts
        offset = max(0, min(offset, len(self.text)))
        line = _bisect_right(starts, offset)
        column = offset - starts[line - 1] + 1
        if line == 1 and column > 1 and self.text.startswith(BOM):
            column -= 1
        return Position(line, column)

    def offset(self, line: int, column: int) -> int:
        """The inverse of `position`, clipped to the text."""
        starts = self.line_starts
        if line < 1:
            return 0
        if line > len(starts):
            return len(self.text)
        extra = 1 if line == 1 and self.text.startswith(BOM) else 0
        return min(starts[line - 1] + column - 1 + extra, len(self.text))

    def line_text(self, line: int) -> str:
        """The text of a 1-based line without its line end (and without a byte order mark)."""
        starts = self.line_starts
        if not 1 <= line <= len(starts):
            return ""
        start = starts[line - 1]
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n").lstrip(BOM)


def line_starts(text: str) -> list[int]:
    """The offset of every line's first character; a text without line ends has one line."""
    starts = [0]
    add = starts.append
    if "\r" not in text:
        at = text.find("\n")
        while at >= 0:
            add(at + 1)
            at = text.find("\n", at + 1)
        return starts
    at, size = 0, len(text)
    while at < size:
        feed, back = text.find("\n", at), text.find("\r", at)
        if feed < 0 and back < 0:
            break
        if back < 0 or 0 <= feed < back:
            at = feed + 1
        else:
            at = back + (2 if text.startswith("\n", back + 1) else 1)
        add(at)
    return starts


def _bisect_right(values: list[int], wanted: int) -> int:
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if wanted < values[middle]:
            high = middle
        else:
            low = middle + 1
    return low
