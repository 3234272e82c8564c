"""Lines that stand too far left or right."""

from __future__ import annotations

from ...findings import Edit
from ...source import Span
from ..lines import Lines, open_quote
from .candidate import Candidate, Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def quoted_lines(trouble: Trouble) -> Iterator[Candidate]:
    """A command whose shell quote goes on over lines that stand left of it."""
    lines, text = trouble.lines, trouble.text
    for index in range(trouble.line - 1, max(-1, trouble.line - 3), -1):
        line = lines[index]
        if not line.is_item or line.item >= line.end or text[line.item] in "'\"|>":
            continue
        quote = open_quote(text[line.item : line.end])
        if not quote:
            continue
        end = index + 1
        while end < len(lines) and end < index + 60 and not open_quote(lines[end].content, quote):
            end += 1
        if end >= len(lines) or end < trouble.line:
            continue
        depth = line.item - line.start
        inner = _indented(lines, index + 1, end + 1, depth, "text-outside-block")
        inner.edits.insert(0, Edit(line.item, line.item, "|\n" + " " * depth))
        yield inner


def block_text(trouble: Trouble) -> Iterator[Candidate]:
    """Lines of a block (`|`) that stand too far left, such as the body of a heredoc."""
    text, lines = trouble.text, trouble.lines
    header, depth = _block_above(trouble)
    if header < 0:
        return
    at = header + 1
    while at < len(lines) and (lines[at].blank or lines[at].indent >= depth):
        at += 1
    first = at
    word = _open_heredoc(text[lines[header].end : lines[first - 1].end])
    if word:
        while at < len(lines) and lines[at].content.strip() != word:
            at += 1
        if at < len(lines):
            yield _indented(lines, first, at + 1, depth, "text-outside-block")
        return
    outer = lines[header].indent
    while at < len(lines) and (lines[at].blank or lines[at].indent < depth):
        line = lines[at]
        if not line.blank and line.indent <= outer and (line.is_item or trouble.knows(line.key)):
            break
        at += 1
    while at > first and lines[at - 1].blank:
        at -= 1
    if at > first and first <= trouble.line < at:
        deep = [n for n in range(header + 1, first) if not lines[n].blank]
        left = [lines[n].indent for n in range(first, at) if not lines[n].blank]
        if len(deep) < len(left) and min(left) > outer:
            yield _moved(lines, header + 1, first, min(left))
        else:
            yield _indented(lines, first, at, depth, "wrong-indentation")


def _block_above(trouble: Trouble) -> tuple[int, int]:
    """`(index of the nearest block header above, its text's indentation)`, or (-1, 0)."""
    lines, text = trouble.lines, trouble.text
    for index in range(trouble.line - 1, max(-1, trouble.line - 200), -1):
        line = lines[index]
        head = text[line.scalar : line.end].partition(" #")[0].strip() if line.scalar < line.end else ""
        if head and head[0] in "|>" and all(char in "+-0123456789" for char in head[1:]):
            body = index + 1
            while body < len(lines) and lines[body].blank:
                body += 1
            if body < len(lines) and lines[body].indent > line.indent:
                return index, lines[body].indent
            return -1, 0
    return -1, 0


def _open_heredoc(script: str) -> str:
    """The end word of a heredoc that begins in a script and does not end there, or ""."""
    at = script.rfind("<<")
    if at < 0 or script.startswith("<<<", max(at - 1, 0)):
        return ""
    rest = script[at + 2 :].lstrip("-").lstrip(" ")
    word = ""
    for char in rest:
        if char.isalnum() or char in "_'\"\\":
            word += char
        else:
            break
    word = word.strip("'\"\\")
    if not word or any(line.strip() == word for line in rest.splitlines()[1:]):
        return ""
    return word


def _indented(lines: Lines, first: int, end: int, depth: int, kind: str) -> Candidate:
    least = min((lines[at].indent for at in range(first, end) if not lines[at].blank), default=0)
    shift = " " * (depth - least)
    edits = [Edit(lines[at].start, lines[at].start, shift) for at in range(first, end) if not lines[at].blank]
    line = lines[first]
    return Candidate(kind, Span(line.start, line.end), edits,
                     "Indent the lines to the block they belong to", end - 1)  # fmt: skip


def uneven_items(text: str, lines: Lines, index: int) -> Candidate | None:
    """For a plain item followed by deeper ones: the shorter of the two runs, moved to the other."""
    line = lines[index]
    if not line.is_item or line.item >= line.end or text[line.item] in "'\"|>[{&!#" or line.value == line.end:
        return None
    below = index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    if below >= len(lines) or not lines[below].is_item or lines[below].indent <= line.indent:
        return None
    first = index
    while first > 0 and lines[first - 1].indent == line.indent and lines[first - 1].is_item:
        first -= 1
    end = below
    while end < len(lines) and (lines[end].blank or lines[end].indent >= lines[below].indent):
        end += 1
    if _moves_up(lines, first, index, below, end):
        return _moved(lines, first, index + 1, lines[below].indent)
    return _moved(lines, below, end, line.indent)


def _moves_up(lines: Lines, first: int, index: int, below: int, end: int) -> bool:
    """Whether the upper run (`first`..`index`) stands wrong rather than the lower (`below`..`end`)."""
    upper = index + 1 - first
    lower = sum(lines[at].is_item for at in range(below, end))
    at, indent = end, lines[first].indent
    while at < min(len(lines), end + 100) and (lines[at].blank or lines[at].indent >= indent):
        upper += lines[at].is_item and lines[at].indent == indent
        at += 1
    if upper == lower:
        return lines[below].indent % 2 == 0 and indent % 2 == 1
    return upper < lower


def indentation(trouble: Trouble) -> Iterator[Candidate]:
    """A line, a block, or a run of lines moved to the indentation of its neighbours.

    The line that the parser names is often not the one that stands wrong, so those above are tried too.
    """
    lines = trouble.lines
    for index in range(trouble.line, max(-1, trouble.line - 60), -1):
        line = lines[index]
        if line.blank or line.comment or (line.value < 0 and not line.is_item):
            continue
        uneven = uneven_items(trouble.text, lines, index)
        if uneven is not None:
            yield uneven
        for target in _targets(lines, index, index == trouble.line):
            yield from _moves(lines, index, target)


def _targets(lines: Lines, index: int, all_above: bool) -> list[int]:
    """The indentations that a line might have been meant to have, nearest first.

    Those of its neighbours when they are close; for the line that the parser names, all above it.
    """
    own = lines[index].indent
    found: set[int] = set()
    above, below = lines.before(index), index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    for near in (above, below):
        if 0 <= near < len(lines):
            found.update(lines[near].indent + step for step in (0, 2, 4, -2))
    found = {target for target in found if target >= 0 and abs(target - own) <= 3}
    if all_above:
        for other in range(index - 1, max(-1, index - 60), -1):
            if not lines[other].blank and not lines[other].comment:
                found.add(lines[other].indent)
    found.discard(own)
    return sorted(found, key=lambda target: (abs(target - own), target))


def _moves(lines: Lines, index: int, target: int) -> Iterator[Candidate]:
    """The line alone, with what hangs below it, and with its neighbours of the same indentation."""
    line = lines[index]
    end = lines.block_end(index)
    if end == index + 1 or abs(target - line.indent) == 1:
        yield _moved(lines, index, index + 1, target)
    if end > index + 1:
        yield _moved(lines, index, end, target)
    further = end
    while further < len(lines) and (lines[further].blank or lines[further].indent >= line.indent):
        further += 1
    if further > end:
        yield _moved(lines, index, further, target)
    first = index
    while first > 0 and (lines[first - 1].blank or lines[first - 1].indent >= line.indent):
        first -= 1
    if first < index:
        yield _moved(lines, first, index + 1, target)


def _moved(lines: Lines, first: int, end: int, target: int) -> Candidate:
    while lines[first].blank and first < end - 1:
        first += 1
    line = lines[first]
    delta = target - line.indent
    edits = []
    for at in range(first, end):
        other = lines[at]
        if not other.blank:
            indent = max(0, other.indent + delta)
            edits.append(Edit(other.start, other.body, " " * indent))
    stop = line.end if line.end - line.body < 60 else line.item
    return Candidate(
        "wrong-indentation",
        Span(line.body, max(stop, line.body + 1)),
        edits,
        f"Indent by {target} instead of {line.indent}",
        end - 1,
        detail={"indent": str(line.indent), "target": str(target)},
    )
