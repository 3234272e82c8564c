"""Text made fit for a terminal: what is seen, how wide it is, and in which colour."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import FileResult, Summary

TAB = 4
_COLORS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "bold": "\x1b[1m",
    "dim": "\x1b[2m",
    "blue": "\x1b[1;34m",
    "green": "\x1b[32m",
}
_RESET = "\x1b[0m"
#: Characters that are there but not seen, shown as something that is.
_SHOWN = {0xA0: "\u2423", 0xAD: "\u00b7", 0x2028: "\u2424", 0x2029: "\u2424", 0x85: "\u2424", 0xFEFF: "\u2423"}


def paint(text: str, color: str, on: bool) -> str:
    """The text in a colour, if colours are on."""
    return f"{_COLORS[color]}{text}{_RESET}" if on and text else text


def visible(text: str, column: int = 0) -> tuple[str, list[int]]:
    """`(what to print, the display column of each character and of the end)`.

    Tabs become blanks; control, invisible and direction-changing characters become visible signs, so
    that nothing in a file can write to the terminal.
    """
    columns: list[int] = []
    if text.isascii() and text.isprintable():
        return text, list(range(column, column + len(text) + 1))
    parts: list[str] = []
    for char in text:
        columns.append(column)
        shown = _seen(char, column)
        parts.append(shown)
        column += len(shown) if shown.isascii() else _width(shown)
    columns.append(column)
    return "".join(parts), columns


def _seen(char: str, column: int) -> str:
    code = ord(char)
    if char == "\t":
        return " " * (TAB - column % TAB)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0x7F:
        return char
    if code in _SHOWN:
        return _SHOWN[code]
    if 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000:
        return "\ufffd"
    if 0x2000 <= code <= 0x200F or 0x202A <= code <= 0x202F or 0x205F <= code <= 0x206F or code == 0x3000:
        return "\u2423"
    return char


def _width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    from unicodedata import category, east_asian_width

    total = 0
    for char in text:
        if category(char) in ("Mn", "Me", "Cf"):
            continue
        total += 2 if east_asian_width(char) in "WF" else 1
    return total


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def summary_line(summary: Summary) -> str:
    """`Found 3 errors and 1 warning in 2 files (3 fixable).`"""
    files = plural(summary.files, "file")
    counts = ((summary.errors, "error"), (summary.warnings, "warning"))
    parts = [plural(count, word) for count, word in counts if count]
    if summary.infos:
        parts.append(f"{summary.infos} info")
    if not parts:
        return f"No problems found in {files}."
    found = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    fixable = f" {summary.fixable} can be fixed safely." if summary.fixable else ""
    return f"Found {found} in {files}.{fixable}"


def statistics(results: list[FileResult]) -> list[tuple[int, str, str, str]]:
    """`(count, code, name, severity)`, the most frequent first."""
    counts: dict[tuple[str, str, str], int] = {}
    for result in results:
        for finding in result.findings:
            mark = (finding.code, finding.name, finding.severity)
            counts[mark] = counts.get(mark, 0) + 1
    rows = [(count, *mark) for mark, count in counts.items()]
    return sorted(rows, key=lambda row: (-row[0], row[1], row[3]))
