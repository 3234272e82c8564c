"""JSON with comments and with commas at the end: what is too much in it, so that the rest can be read."""

from __future__ import annotations

from ..findings import Edit
from ..source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def extras(text: str) -> list[tuple[str, Span]]:
    """`("comment" or "comma", place)` of all comments, and of the commas that nothing follows."""
    found: list[tuple[str, Span]] = []
    comma = -1
    for start, end in _tokens(text):
        char = text[start]
        if char in "/#":
            found.append(("comment", Span(start, end)))
            continue
        if char in "]}" and comma >= 0:
            found.append(("comma", Span(comma, comma + 1)))
        comma = start if char == "," else -1
    return sorted(found, key=lambda one: one[1].start)


def without(found: list[tuple[str, Span]]) -> list[Edit]:
    return [Edit(span.start, span.end, "") for _, span in found]


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """The places of comments, strings and all other characters that are not blank."""
    at, size = 0, len(text)
    while at < size:
        char = text[at]
        end = at + 1
        if char == '"':
            while end < size and text[end] not in '"\n':
                end += 2 if text[end] == "\\" else 1
            end = min(end + 1, size)
        elif char == "#" or text.startswith("//", at):
            end = text.find("\n", at)
            end = size if end < 0 else end
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            end = size if end < 0 else end + 2
        elif char.isspace():
            at = end
            continue
        yield at, end
        at = end
