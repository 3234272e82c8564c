"""Blanks that YAML does not take for blanks: tabs, no-break spaces, characters without a width."""

from __future__ import annotations

from ...findings import Edit
from ...source import BOM, Span
from ..lines import ODD_BLANKS, ZERO_WIDTH, Line, Lines
from .candidate import Candidate, Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def tabs(trouble: Trouble) -> Iterator[Candidate]:
    """Tabs as indentation, in all lines at once: their depth shows only together."""
    lines, text = trouble.lines, trouble.text
    if "\t" not in text:
        return
    marked: list[Line] = []
    widths: set[int] = set()
    dashes = [
        Edit(line.body + 1, line.item, " ")
        for line in (lines[index] for index in range(len(lines)))
        if line.is_item and text.startswith("-\t", line.body)
    ]
    if dashes:
        place, detail = Span(dashes[0].start, dashes[0].end), {"lines": str(len(dashes))}
        description = "Put a blank behind the hyphen"
        yield Candidate("tab-indentation", place, dashes, description, trouble.line, detail=detail)
    for index in range(len(lines)):
        line = lines[index]
        if line.blank:
            continue
        if text[line.start] == "\t" or (index in trouble.suspects() and "\t" in text[line.start : line.body]):
            marked.append(line)
        elif line.indent:
            widths.add(line.indent)
    if not marked:
        return
    first = marked[0]
    tab = text.index("\t", first.start)
    span = Span(tab, tab + len(text[tab : first.body]) - len(text[tab : first.body].lstrip("\t")))
    options = []
    for width in (2, 4, 8):
        indents = [(line, len(text[line.start : line.body].expandtabs(width))) for line in marked]
        options.append((-sum(indent in widths for _, indent in indents), width, indents))
    options.sort(key=lambda option: option[:2])
    options.insert(0, (0, 0, [(line, _neighbours_indent(lines, line)) for line in marked]))
    if len(marked) <= 3:
        index = lines.at(first.start)
        near = range(max(0, index - 3), min(len(lines), index + 6))
        for indent in sorted({lines[at].indent for at in near if not lines[at].blank}):
            options.append((0, 0, [(line, indent) for line in marked]))
    for _, width, indents in options:
        if any(indent < 0 for _, indent in indents):
            continue
        edits = [Edit(line.start, line.body, " " * indent) for line, indent in indents]
        yield Candidate(
            "tab-indentation",
            span,
            edits,
            f"Replace each tab of the indentation by {width} spaces" if width else "Indent with spaces",
            trouble.line,
            detail={"lines": str(len(marked))},
        )


def _neighbours_indent(lines: Lines, line: Line) -> int:
    """The indentation of the line below or above if that is of the same kind and without tabs, else -1."""
    index = lines.at(line.start)
    below = index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    for near in (below, lines.before(index)):
        if 0 <= near < len(lines):
            other = lines[near]
            tabs_free = "\t" not in other.text[other.start : other.body]
            if tabs_free and other.is_item == line.is_item and (other.value < 0) == (line.value < 0):
                return other.indent
    return -1


def odd_blanks(trouble: Trouble) -> Iterator[Candidate]:
    """No-break spaces and characters without a width where YAML wants a blank, in all lines at once."""
    candidate = odd_blanks_edit(trouble.lines, trouble.line)
    if candidate is not None:
        yield candidate


def odd_blanks_edit(lines: Lines, last: int) -> Candidate | None:
    """Ordinary blanks for all odd ones in indentations, behind hyphens and behind the colon of a key."""
    text = lines.text
    if text.isascii():
        return None
    edits: list[Edit] = []
    for index in range(len(lines)):
        line = lines[index]
        at = line.start
        while at < line.end and (text[at] in " \t-" or text[at] in ODD_BLANKS or text[at] in ZERO_WIDTH):
            if text[at] in ODD_BLANKS:
                edits.append(Edit(at, at + 1, " "))
            elif text[at] in ZERO_WIDTH and (at or text[at] != BOM):
                edits.append(Edit(at, at + 1, ""))
            at += 1
        stop = at
        while stop < line.end and (text[stop].isalnum() or text[stop] in "_-"):
            stop += 1
        if stop > at and text.startswith(":", stop) and text[stop + 1 : stop + 2] in tuple(ODD_BLANKS):
            edits.append(Edit(stop + 1, stop + 2, " "))
    if not edits:
        return None
    detail = {"char": f"U+{ord(text[edits[0].start]):04X}", "count": str(len(edits))}
    place = Span(edits[0].start, edits[0].end)
    return Candidate("invisible-character", place, edits, "Put ordinary blanks there", last, detail=detail)
