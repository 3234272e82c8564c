"""From a character of a value back to its place in the file, through quotes, escapes and folding."""

from __future__ import annotations

from ..source import Span
from .tree import Scalar

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028",
    "P": "\u2029",
}  # fmt: skip
_HEX = {"x": 2, "u": 4, "U": 8}


def places(text: str, scalar: Scalar) -> list[int]:
    """For each character of `scalar.value`, and for its end, the offset in `text` it came from.

    A blank that folding put for a line end has the place of that line end. Where the value cannot be
    traced (never for what our own parser read), everything has the place of the scalar's start.
    """
    value, start, end = scalar.value, scalar.start, scalar.end
    style = scalar.style
    if not style and text[start:end] == value:
        return list(range(start, end + 1))
    if style in ("'", '"') and text[start + 1 : end - 1] == value and "\\" not in value:
        return list(range(start + 1, end))
    if style and style in "|>":
        traced = _block(text, scalar)
    else:
        traced = _flow(text, scalar)
    if traced is None:
        return [start] * (len(value) + 1)
    return traced


def span_in(text: str, scalar: Scalar, start: int, end: int, found: list[int] | None = None) -> Span:
    """The place in `text` of the characters `start`..`end` of the scalar's value (`found`: its `places`)."""
    found = places(text, scalar) if found is None else found
    if end <= start:
        return Span(found[start], found[start])
    last = found[end - 1]
    if scalar.style == '"' and text[last : last + 1] == "\\":
        return Span(found[start], found[end])
    return Span(found[start], last + 1)


def _flow(text: str, scalar: Scalar) -> list[int] | None:
    """Plain and quoted scalars."""
    quote = scalar.style
    at = scalar.start + (1 if quote else 0)
    end = scalar.end - (1 if quote else 0)
    chars: list[str] = []
    found: list[int] = []
    solid = 0  # characters of the value that folding may not strip
    while at < end:
        char = text[at]
        if char in "\r\n":
            while len(chars) > solid and chars[-1] in " \t":
                chars.pop()
                found.pop()
            at = _fold(text, at, end, chars, found)
            solid = len(chars)
        elif quote == "'" and char == "'":
            chars.append("'")
            found.append(at)
            at += 2
        elif quote == '"' and char == "\\":
            at = _escape(text, at, end, chars, found)
            solid = len(chars)
        else:
            chars.append(char)
            found.append(at)
            at += 1
    found.append(end)
    return found if "".join(chars) == scalar.value else None


def _fold(text: str, at: int, end: int, chars: list[str], found: list[int]) -> int:
    """Read line ends and the blanks around them: one is a blank, n are n - 1 line ends."""
    breaks: list[int] = []
    while at < end and text[at] in " \t\r\n":
        if text[at] in "\r\n":
            breaks.append(at)
            at += 2 if text.startswith("\r\n", at) else 1
        else:
            at += 1
    if len(breaks) == 1:
        chars.append(" ")
        found.append(breaks[0])
    else:
        chars.extend("\n" * (len(breaks) - 1))
        found.extend(breaks[1:])
    return at


def _escape(text: str, at: int, end: int, chars: list[str], found: list[int]) -> int:
    char = text[at + 1 : at + 2]
    if char in ("\r", "\n"):
        # An escaped line end joins the lines without a blank.
        stop = at + 1 + (2 if text.startswith("\r\n", at + 1) else 1)
        while stop < end and text[stop] in " \t":
            stop += 1
        while stop < end and text[stop] in "\r\n":
            chars.append("\n")
            found.append(stop)
            stop += 2 if text.startswith("\r\n", stop) else 1
            while stop < end and text[stop] in " \t":
                stop += 1
        return stop
    size = _HEX.get(char)
    if size:
        try:
            chars.append(chr(int(text[at + 2 : at + 2 + size], 16)))
        except (ValueError, OverflowError):
            chars.append("\ufffd")
        found.append(at)
        return at + 2 + size
    chars.append(_ESCAPES.get(char, char))
    found.append(at)
    return at + 2


def _block(text: str, scalar: Scalar) -> list[int] | None:
    header_end = _line_end(text, scalar.start)
    header = text[scalar.start : header_end].partition(" #")[0].strip()
    lines = _lines(text, header_end, scalar)
    digit = next((char for char in header if char.isdigit()), "")
    if digit:
        depths = range(60)
    else:
        depths = range(_depth(text, lines), _depth(text, lines) + 1)
    for depth in depths:
        chars, found = _assemble(text, lines, depth, folded=header[:1] == ">")
        joined = "".join(chars)
        size = len(scalar.value)
        if joined[:size] == scalar.value and not joined[size:].strip("\n"):
            found.append(found[size] if size < len(found) else _after(lines, scalar.start))
            return [*found[:size], found[size] if size < len(found) else found[-1]]
    return None


def _after(lines: list[tuple[int, int]], start: int) -> int:
    return lines[-1][1] if lines else start


def _lines(text: str, header_end: int, scalar: Scalar) -> list[tuple[int, int]]:
    """`(start, end)` of the content's lines, further blank ones after the last included."""
    found: list[tuple[int, int]] = []
    at = header_end
    wanted = scalar.value.count("\n") + 2
    while at < len(text):
        start = at + (2 if text.startswith("\r\n", at) else 1)
        if start > len(text):
            break
        end = _line_end(text, start)
        if start > scalar.end and (text[start:end].strip(" ") or len(found) > wanted + 1):
            break
        found.append((start, end))
        at = end
    return found


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))


def _depth(text: str, lines: list[tuple[int, int]]) -> int:
    for start, end in lines:
        line = text[start:end]
        body = line.lstrip(" ")
        if body:
            return len(line) - len(body)
    return max((end - start for start, end in lines), default=0)


def _assemble(
    text: str, lines: list[tuple[int, int]], depth: int, folded: bool
) -> tuple[list[str], list[int]]:
    """The content with all its line ends, and where each character stands."""
    chars: list[str] = []
    found: list[int] = []
    pending: list[int] = []  # the line ends since the last line that says something
    before_more = True
    begun = False
    for start, end in lines:
        body = start + depth
        if body >= end:
            pending.append(end)
            continue
        more = text[body] in " \t"
        if folded and begun and not more and not before_more:
            if len(pending) == 1:
                chars.append(" ")
                found.append(pending[0])
                pending = []
            else:
                pending = pending[1:]
        chars.extend("\n" * len(pending))
        found.extend(pending)
        chars.extend(text[body:end])
        found.extend(range(body, end))
        pending = [end]
        before_more, begun = more, True
    chars.extend("\n" * len(pending))
    found.extend(pending)
    return chars, found
