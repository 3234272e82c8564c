"""How wide a text may become, and what to do when it is too wide.

Nobody knows the reader's fonts. So each character counts as wide as in DejaVu Sans, the widest of the fonts that the
pictures ask for (Segoe UI, Helvetica, Roboto and Arial are narrower); a label that fits here fits everywhere.
"""

from __future__ import annotations

from unicodedata import category, east_asian_width

#: Twentieths of the font size, of the bold face.
_WIDTHS = {
    7: " 'ijl",
    8: ",./:;IJ\\|",
    9: "-f",
    10: "!()[]_`rt",
    11: '"*',
    12: "?csz",
    13: "Lx",
    14: "$0123456789EFTaekovy",
    15: "CPSYZbdghnpqu{}",
    16: "ABKRVX",
    17: "#+<=>DGHNU^~",
    18: "&OQ",
    19: "w",
    20: "@M",
    21: "%m",
    23: "W",
}
_WIDTH = {char: width / 20 for width, chars in _WIDTHS.items() for char in chars}
_REGULAR = 0.92
_MONO = 0.61


def width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """How wide a text is at most, in pixels."""
    total = 0.0
    for char in text:
        if char.isascii():
            total += _MONO if mono else _WIDTH.get(char, 1.0)
        elif category(char) in ("Mn", "Me", "Cf"):
            continue
        elif east_asian_width(char) in "WF":
            total += 1.15
        else:
            total += 1.0
    return total * size * (1.0 if bold or mono else _REGULAR)


def shorten(text: str, room: float, size: float, *, bold: bool = False, mono: bool = False) -> str:
    """The text, or as much of its beginning and end as there is room for, with `…` between."""
    if width(text, size, bold=bold, mono=mono) <= room:
        return text
    low, high = 0, min(len(text), 200)
    while low < high:
        middle = (low + high + 1) // 2
        if width(_cut(text, middle), size, bold=bold, mono=mono) <= room:
            low = middle
        else:
            high = middle - 1
    return _cut(text, low)


def _cut(text: str, count: int) -> str:
    """`count` characters of a text: the end tells names apart as often as the beginning."""
    tail = count // 3
    return text[: count - tail].rstrip() + "…" + (text[-tail:].lstrip() if tail else "")


def wrap(text: str, room: float, size: float, lines: int, *, bold: bool = False) -> list[str]:
    """The text in at most so many lines, broken where names have joints; the last is shortened."""
    made: list[str] = []
    rest = text.strip()
    while rest and len(made) < lines - 1:
        if width(rest, size, bold=bold) <= room:
            break
        end = _break(rest, room, size, bold)
        if not end:
            break
        made.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest or not made:
        made.append(shorten(rest, room, size, bold=bold))
    return made


def _break(text: str, room: float, size: float, bold: bool) -> int:
    """Where the first line ends: after the last joint that fits, else after the last character that does."""
    fits = best = 0
    for at in range(1, min(len(text), 200)):
        if width(text[:at].rstrip(), size, bold=bold) > room:
            break
        fits = at
        before, after = text[at - 1], text[at]
        if before in " -_/.:" or (before.islower() and after.isupper()) or after in "${(":
            best = at
    return best if best * 3 >= fits else fits
