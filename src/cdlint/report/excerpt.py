"""The line on which a finding stands, with the faulty place marked below it."""

from __future__ import annotations

from .visible import sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source import Source, Span

TAB = 4
_MARK = "^"
_CUT = "…"


def excerpt(source: Source, span: Span, limit: int) -> tuple[str, str]:
    """The first line of a span, and the marks to print below it.

    Both are made of visible characters only, have no trailing blanks, and are at most about
    `limit` columns wide: of a longer line the part around the start of the span is shown.
    """
    first, stop = _line(source, span.start)
    start = max(first, min(span.start, stop))
    end, more = _end(source.text, span, stop)
    end = max(start, end)
    if stop - first <= limit:
        line = source.text[first:stop]
        if line.isascii() and line.isprintable():
            return line.rstrip(), " " * (start - first) + _marks(end - start, more)
    return _Cells(source.text, first, stop, start, end, limit).drawn(more)


def _line(source: Source, offset: int) -> tuple[int, int]:
    """Where the line of a character starts and stops, without byte order mark and line end."""
    text, starts = source.text, source.line_starts
    number = source.position(offset).line
    first = starts[number - 1]
    stop = starts[number] if number < len(starts) else len(text)
    while stop > first and text[stop - 1] in "\r\n":
        stop -= 1
    if number == 1 and text.startswith("\ufeff"):
        first += 1
    return first, stop


def _end(text: str, span: Span, stop: int) -> tuple[int, bool]:
    """Where the marks end, and whether the span goes on in further lines."""
    end = min(span.end, len(text))
    while end > stop and text[end - 1] in "\r\n":
        end -= 1
    return min(end, stop), end > stop


def _marks(count: int, more: bool) -> str:
    return _MARK * max(1, count) + (_CUT if more else "")


class _Cells:
    """The characters around a span: what is shown of each, and in which column it begins."""

    __slots__ = ("columns", "cut_after", "cut_before", "end", "limit", "shown", "start")

    def __init__(self, text: str, first: int, stop: int, start: int, end: int, limit: int) -> None:
        # A line may have millions of characters: no more are looked at than can be shown.
        low = max(first, start - limit)
        high = min(stop, min(end, start + limit) + limit)
        self.limit = limit
        self.start = start - low
        self.end = min(end, high) - low
        self.cut_before = low > first
        self.cut_after = high < stop
        self.shown: list[str] = []
        self.columns = [0]
        column = 0
        for at in range(low, high):
            shown, width = _cell(text[at], column, start <= at < end)
            column += width
            self.shown.append(shown)
            self.columns.append(column)

    def drawn(self, more: bool) -> tuple[str, str]:
        columns, start = self.columns, self.start
        left, right = self._window()
        before = _CUT if left or self.cut_before else ""
        after = _CUT if right < len(self.shown) or self.cut_after else ""
        line = before + "".join(self.shown[left:right]) + after
        end = min(self.end, right)
        indent = len(before) + columns[start] - columns[left]
        count = columns[max(start, end)] - columns[start]
        if not count and self.end > start and indent:
            indent -= 1  # a combining character stands on the one before it
        if self.end > right:
            count += 1
        return line.rstrip(), " " * indent + _marks(count, more)

    def _window(self) -> tuple[int, int]:
        """The characters to show: the span, and what fits beside it."""
        columns, size = self.columns, len(self.shown)
        if columns[-1] <= self.limit and not (self.cut_before or self.cut_after):
            return 0, size
        room = self.limit - 2
        marked = min(max(1, columns[self.end] - columns[self.start]), room)
        spare = room - marked
        behind = spare if self.cut_after else columns[-1] - columns[self.end]
        before = max(spare // 2, spare - behind)
        left = self.start
        while left and columns[self.start] - columns[left - 1] <= before:
            left -= 1
        right = self.start
        while right < size and columns[right + 1] - columns[left] <= room:
            right += 1
        return left, right


def _cell(char: str, column: int, marked: bool) -> tuple[str, int]:
    """What is shown for a character, and how many columns it takes."""
    if char == "\t":
        width = TAB - column % TAB
        return ("→" if marked else " ") + " " * (width - 1), width
    if char.isprintable():
        return (char, 1) if char < "\u0300" else _printable(char)
    if not marked:
        if char == "\u200d":
            return "", 0  # joins emoji into one on some terminals only
        if char.isspace() and char > "\x85" and char not in "\u2028\u2029":
            return (" ", 1) if char != "\u3000" else ("  ", 2)
    shown = sign(char)
    return shown, len(shown)


def _printable(char: str) -> tuple[str, int]:
    from unicodedata import category, east_asian_width

    if "\ufe00" <= char <= "\ufe0f":
        return "", 0  # asks for an emoji or a letter; terminals differ in its width
    if category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return char, 0
    return char, 2 if east_asian_width(char) in "WF" else 1
