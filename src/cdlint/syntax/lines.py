"""A text line by line, as somebody reads YAML who does not insist on its grammar."""

from __future__ import annotations

from ..source import line_starts

#: Dashes and dots that text processors put where a list item's hyphen stood.
BULLETS = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u2023\u2043\u2219"
    "\u25cf\u25cb\u25e6\u25aa\u25ab\u25a0\u00b7\u25b8\u25ba\u2714\u27a4"
)
#: Blanks that YAML takes for letters.
ODD_BLANKS = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
#: Characters without a width.
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"


class Line:
    """One line: offsets of its parts in the whole text.

    `start`..`end` is the line without its line end; `body` the first character that is not a blank or tab;
    `item` the first character behind leading `- ` marks (= `body` where there is none); `value` the first
    character behind a leading `key: `, or -1; `key` the key's text or "".
    """

    __slots__ = ("body", "end", "item", "key", "start", "text", "value")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        at = start
        while at < end and text[at] in " \t":
            at += 1
        self.body = at
        while at < end and text[at] == "-" and (at + 1 == end or text[at + 1] in " \t"):
            at += 1
            while at < end and text[at] in " \t":
                at += 1
        self.item = at
        self.key, self.value = self._split_key()

    @property
    def indent(self) -> int:
        return self.body - self.start

    @property
    def blank(self) -> bool:
        return self.body >= self.end

    @property
    def comment(self) -> bool:
        return not self.blank and self.text[self.body] == "#"

    @property
    def is_item(self) -> bool:
        """The line begins with `- ` (or is a lone `-`)."""
        return self.item > self.body

    @property
    def content(self) -> str:
        return self.text[self.body : self.end]

    def _split_key(self) -> tuple[str, int]:
        """A key is one word, or a quoted word, followed by a colon."""
        text, at, end = self.text, self.item, self.end
        stop = at
        while stop < end and (text[stop].isalnum() or text[stop] in "_-.\"'/$<"):
            stop += 1
        if stop == at or stop >= end or text[stop] != ":":
            return "", -1
        if stop + 1 < end and text[stop + 1] not in " \t":
            return "", -1
        value = stop + 1
        while value < end and text[value] in " \t":
            value += 1
        return text[at:stop].strip("\"'"), value

    @property
    def scalar(self) -> int:
        """Where the line's value begins: behind `key: ` for a known word as key, else behind the dashes."""
        return self.value if self.value >= 0 else self.item


class Lines:
    """The lines of a text, made when they are asked for."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The offset of every line's first character."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> Line:
        start = self.starts[index]
        end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Line(self.text, start, end)

    def at(self, offset: int) -> int:
        """The index of the line that holds an offset."""
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if offset < self.starts[middle]:
                high = middle
            else:
                low = middle + 1
        return low - 1

    def before(self, index: int) -> int:
        """The nearest line above that says something, or -1."""
        index -= 1
        while index >= 0 and (self[index].blank or self[index].comment):
            index -= 1
        return index

    def block_end(self, index: int) -> int:
        """The index behind the lines that belong to a line by their deeper indentation.

        For a `key:` without a value, list items at the key's own indentation belong to it too.
        """
        first = self[index]
        at, last = index + 1, index + 1
        while at < len(self):
            line = self[at]
            if not line.blank:
                own_items = (
                    line.indent == first.indent
                    and line.is_item
                    and not first.is_item
                    and first.value == first.end
                )
                if line.indent <= first.indent and not own_items:
                    break
                last = at + 1
            at += 1
        return last


def closing_quote(text: str, start: int, end: int) -> int:
    """The offset of the quote that closes the one at `start` on the same line, or -1."""
    quote, at = text[start], start + 1
    while at < end:
        char = text[at]
        if char == "\\" and quote == '"':
            at += 2
            continue
        if char == quote:
            if quote == "'" and at + 1 < end and text[at + 1] == "'":
                at += 2
                continue
            return at
        at += 1
    return -1


def value_end(text: str, start: int, end: int) -> int:
    """Where a value on this line ends: before a ` #` outside shell quotes, without trailing blanks."""
    quote, at = "", start
    while at < end:
        char = text[at]
        if quote:
            if char == "\\" and quote == '"':
                at += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char == "\\":
            at += 1
        elif char == "#" and at > start and text[at - 1] in " \t":
            break
        at += 1
    else:
        at = end
    if quote:
        at = end
    while at > start and text[at - 1] in " \t":
        at -= 1
    return at


def quoted(value: str) -> str:
    """A one-line text as a quoted YAML scalar: single quotes, or double ones where that reads better."""
    if "'" in value and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def open_quote(script: str, quote: str = "") -> str:
    """The shell quote that is open at the end of a text ("" if none); with `quote`, whether it closes."""
    wanted, at = quote, 0
    while at < len(script):
        char = script[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            if char == quote:
                if wanted:
                    return quote
                quote = ""
        elif char in "'\"":
            quote = char
        at += 1
    return "" if wanted else quote


def colon_in(value: str) -> int:
    """Where a plain text holds a colon that YAML takes for a key's: before a blank or at the end."""
    at = value.find(":")
    while at >= 0:
        if at + 1 == len(value) or value[at + 1] in " \t":
            return at
        at = value.find(":", at + 1)
    return -1
