"""A YAML text as ruamel.yaml reads it: what stands where, and how it is written (quotes, anchors, comments)."""

from __future__ import annotations

from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def events_of(text: str) -> list[Any]:
    """The events of a text, with places and comments.

    Raises:
        YAMLError: of ruamel.yaml; it is no YAML.
    """
    from ruamel.yaml import YAML

    return list(YAML(typ="rt").parse(text))


class Node:
    """A key's value, an item or a key: its events are `events[first:last + 1]`."""

    __slots__ = ("events", "first", "last")

    def __init__(self, events: list[Any], first: int, last: int) -> None:
        self.events = events
        self.first = first
        self.last = last

    @property
    def kind(self) -> str:
        """`Scalar`, `Alias`, `Mapping` or `Sequence`."""
        return type(self.events[self.first]).__name__.removesuffix("Event").removesuffix("Start")

    @property
    def value(self) -> str | None:
        """The text of a scalar."""
        found = getattr(self.events[self.first], "value", None)
        return found if isinstance(found, str) else None

    @property
    def is_flow(self) -> bool:
        return bool(getattr(self.events[self.first], "flow_style", False))

    @property
    def is_bare(self) -> bool:
        """Has it neither an anchor nor a tag?"""
        event = self.events[self.first]
        tag = getattr(event, "tag", None)
        return getattr(event, "anchor", None) is None and (tag is None or str(tag) in ("", "None"))

    @property
    def start(self) -> int:
        return int(self.events[self.first].start_mark.index)

    @property
    def column(self) -> int:
        return int(self.events[self.first].start_mark.column)

    @property
    def line(self) -> int:
        return int(self.events[self.first].start_mark.line)

    @property
    def end(self) -> int:
        """Where its last character stands, or the bracket that closes it; comments behind do not count."""
        for event in reversed(self.events[self.first : self.last + 1]):
            closes = type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent")
            if not closes or event.end_mark.index > event.start_mark.index:
                return int(event.end_mark.index)
        return self.start

    @property
    def limit(self) -> int:
        """Where whatever follows it begins."""
        return int(self.events[self.last].start_mark.index)

    def children(self) -> Iterator[Node]:
        """The items of a list, or the keys and values of a mapping in turn."""
        at = self.first + 1
        while at < self.last:
            first, depth = at, 0
            while True:
                name = type(self.events[at]).__name__
                depth += name.endswith("StartEvent")
                depth -= name.endswith("EndEvent")
                at += 1
                if depth <= 0:
                    break
            yield Node(self.events, first, at - 1)

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of a mapping."""
        found = list(self.children())
        return zip(found[::2], found[1::2], strict=True)


def root_of(events: list[Any]) -> Node | None:
    """The value of the only document; None if there is none."""
    inner = [
        at
        for at, event in enumerate(events)
        if type(event).__name__
        not in ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent")
    ]
    return Node(events, inner[0], inner[-1]) if inner else None


def look(event: Any) -> tuple[object, ...]:
    """All that can be told from an event but its place."""
    return (
        type(event).__name__,
        *(
            str(getattr(event, name, None))
            for name in ("value", "style", "anchor", "tag", "implicit", "flow_style")
        ),
    )


def comments_of(events: list[Any]) -> Counter[str]:
    """The lines of all comments."""
    found: Counter[str] = Counter()
    seen: set[int] = set()  # one comment can hang on several events
    waiting: list[Any] = [event.comment for event in events if event.comment]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += one
        elif one is not None and id(one) not in seen:
            seen.add(id(one))
            found.update(line.strip() for line in str(one.value).splitlines() if line.strip())
    return found


def is_kept(before: list[Any], after: list[Any], replaced: int) -> bool:
    """Does a text say and look as before, but for what was put in at one place?

    `replaced` is how many events of the old text may be missing there: those of an empty value.
    """
    old = [look(event) for event in before if type(event).__name__ not in _AROUND]
    new = [look(event) for event in after if type(event).__name__ not in _AROUND]
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    # ruamel.yaml does not see the comments behind an alias, so the new text may show more of them.
    return same + tail >= len(old) - replaced and not comments_of(before) - comments_of(after)


#: They say where documents begin and end, which is not changed.
_AROUND = frozenset(("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent"))
