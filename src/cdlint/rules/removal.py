"""Edits that take a list item or a pair out of a buildspec, with the line it stands on."""

from __future__ import annotations

from ..findings import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.document import Document
    from ..syntax.tree import Mapping, Node, Sequence


def item_removed(document: Document, items: Sequence, item: Node) -> list[Edit] | None:
    """Take an item out of a list that has others; None where that is no plain matter."""
    at = next((index for index, one in enumerate(items.items) if one is item), -1)
    if at < 0 or len(items.items) < 2 or item.anchor is not None:
        return None
    if not items.flow:
        return lines_removed(document.text, item.start, item.end, "-")
    if at:
        start, end = items.items[at - 1].end, item.end
        between = document.text[start : item.start]
    else:
        start, end = item.start, items.items[1].start
        between = document.text[item.end : end]
    return [Edit(start, end, "")] if between.strip() == "," else None


def pair_removed(document: Document, mapping: Mapping, key: Node, value: Node) -> list[Edit] | None:
    """Take a pair out of a block mapping that has others; None where that is no plain matter."""
    own = any(one is key for one, _ in mapping.pairs)
    if mapping.flow or not own or len(mapping.pairs) < 2:
        return None
    if key.anchor is not None or value.anchor is not None:
        return None
    return lines_removed(document.text, key.start, max(value.end, key.end))


def lines_removed(text: str, start: int, end: int, bullet: str = "") -> list[Edit] | None:
    """Remove the lines that hold `start`..`end`, if they hold nothing else but a comment."""
    first = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    ends = [at for at in (text.find("\n", end), text.find("\r", end)) if at >= 0]
    last = min(ends, default=len(text))
    before, behind = text[first:start].strip(), text[end:last].strip()
    if before.lstrip("\ufeff") != bullet or (behind and behind[0] != "#"):
        return None
    if text.startswith("\r\n", last):
        last += 2
    elif last < len(text):
        last += 1
    elif first:
        # The last line has no end of its own: the one before it goes instead.
        first -= 2 if text.startswith("\r\n", first - 2) and first > 1 else 1
    return [Edit(first, last, "")]
