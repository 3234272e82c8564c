"""The texts that an editor has open, kept in step with what it says, and places as editors count them.

Source: Language Server Protocol 3.17, TextDocumentContentChangeEvent and PositionEncodingKind. Lines end at `\\n`,
`\\r\\n` and `\\r` alone, which is how `Source` has them, too.
"""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..source import Source

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"


class Place(NamedTuple):
    """A line and a character in it, both from 0, the character in the units that were agreed upon."""

    line: int
    character: int


class Change(NamedTuple):
    """A part of a text, from `start` to `end`, that becomes `text`; without `start` and `end` it is all of it."""

    text: str
    start: Place | None = None
    end: Place | None = None


class Text:
    """One open text. `path` is where it lies on the disk, "" if it lies nowhere (`untitled:`)."""

    def __init__(self, uri: str, text: str, version: int | None, encoding: str = UTF16) -> None:
        self.uri = uri
        self.path = path_of(uri)
        self.version = version
        self.encoding = encoding
        self.source = Source(self.path or name_of(uri), text)

    @property
    def text(self) -> str:
        return self.source.text

    def change(self, changes: list[Change], version: int | None) -> None:
        for change in changes:
            text = change.text
            if change.start is not None and change.end is not None:
                start, end = self.offset(change.start), self.offset(change.end)
                text = self.text[: min(start, end)] + text + self.text[max(start, end) :]
            self.source = Source(self.source.path, text)
        self.version = version

    def offset(self, place: Place) -> int:
        """The offset of a place; one outside of the text is taken for the nearest inside."""
        starts = self.source.line_starts
        if place.line < 0:
            return 0
        if place.line >= len(starts):
            return len(self.text)
        start, line = starts[place.line], self._line(place.line)
        if self.encoding == UTF32 or line.isascii():
            return start + min(max(place.character, 0), len(line))
        units = 0
        for index, char in enumerate(line):
            if units >= place.character:
                return start + index
            units += _units(char, self.encoding)
        return start + len(line)

    def place(self, offset: int) -> Place:
        offset = max(0, min(offset, len(self.text)))
        line = self.source.position(offset).line - 1
        before = self.text[self.source.line_starts[line] : offset]
        if self.encoding == UTF32 or before.isascii():
            return Place(line, len(before))
        return Place(line, sum(_units(char, self.encoding) for char in before))

    def _line(self, number: int) -> str:
        """A line from 0 without its end; a byte order mark is a part of it."""
        starts = self.source.line_starts
        stop = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return self.text[starts[number] : stop].rstrip("\r\n")


def _units(char: str, encoding: str) -> int:
    if encoding == UTF16:
        return 2 if char > "\uffff" else 1
    code = ord(char)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def path_of(uri: str) -> str:
    """The path that a `file:` address names, "" for any other address."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return ""
    path = unquote(parts.path, errors="surrogateescape")
    if os.name == "nt":
        path = path.lstrip("/") if path[2:3] == ":" else path
        return os.path.normpath(f"//{parts.netloc}{path}" if parts.netloc else path)
    return path


def uri_of(path: str) -> str:
    from pathlib import Path

    return Path(os.path.abspath(path)).as_uri()


def name_of(uri: str) -> str:
    """What to call a text that lies nowhere."""
    return unquote(uri.rpartition("/")[2].rpartition(":")[2]) or "untitled"
