"""From an offset of the text to the place in the tree that it belongs to."""

from __future__ import annotations

from typing import NamedTuple

from ..syntax.tree import Composed, Mapping, Node, Scalar, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..source import Span
    from ..syntax.document import Document

#: Trees are not followed any deeper.
_DEPTH = 200
#: So many nodes are looked at, at most.
_STEPS = 10_000


class Spot(NamedTuple):
    """A node and how to get to it: `path` from the root, `parents` the nodes on the way, the nearest last.

    `is_key`: the node is a key, and `path` ends with it.
    """

    node: Node
    path: tuple[str | int, ...]
    parents: tuple[Node, ...]
    is_key: bool = False


def spot(root: Node | None, document: Document, offset: int) -> Spot | None:
    """The key or value that stands at an offset of the user's text."""

    def has(node: Node) -> bool:
        span = place(document, node)
        return span.start <= offset <= span.end

    return _find(root, has)


def marked(root: Node | None, is_mark: Callable[[str], bool]) -> Spot | None:
    """The key or value with a text that is wanted, wherever it stands."""
    waiting: list[Spot] = [Spot(root, (), ())] if root is not None else []
    seen: set[int] = set()
    while waiting:
        here = waiting.pop()
        node = here.node
        if id(node) in seen or len(here.path) > _DEPTH:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar) and is_mark(node.value):
            return here
        if isinstance(node, Unknown) and is_mark(node.text):
            return here
        for key, value, step in reversed(_members(node)):
            if isinstance(key, Scalar) and is_mark(key.value):
                return Spot(key, (*here.path, step), (*here.parents, node), True)
            waiting.append(Spot(value, (*here.path, step), (*here.parents, node)))
    return None


def _find(root: Node | None, has: Callable[[Node], bool]) -> Spot | None:
    """The deepest node that has the offset; what stands scattered in the file may overlap with other things."""
    best: Spot | None = None
    waiting: list[Spot] = [Spot(root, (), ())] if root is not None else []
    steps = 0
    while waiting and steps < _STEPS:
        here = waiting.pop()
        steps += 1
        if best is None or len(here.path) > len(best.path):
            best = here
        if len(here.path) >= _DEPTH:
            continue
        for key, value, step in reversed(_members(here.node)):
            if key is not None and has(key):
                return Spot(key, (*here.path, step), (*here.parents, here.node), True)
            if has(value):
                waiting.append(Spot(value, (*here.path, step), (*here.parents, here.node)))
    return best


def _members(node: Node) -> list[tuple[Node | None, Node, str | int]]:
    if isinstance(node, Mapping):
        return [(key, value, key.value) for key, value in node.pairs if isinstance(key, Scalar)]
    if isinstance(node, Sequence):
        return [(None, item, number) for number, item in enumerate(node.items)]
    if isinstance(node, Unknown) and node.inner is not None:
        return [(None, node.inner, 0)]
    return []


def place(document: Document, node: Node) -> Span:
    """Where a node stands in the user's text."""
    return document.draft.span(node.span)


def written(node: Node | None) -> Node | None:
    """A value as it stands in the file, not as it was worked out."""
    if isinstance(node, (Composed, Unknown)) and node.written is not None:
        return node.written
    return node


def taken(spot: Spot) -> set[str]:
    """The keys that stand beside a key."""
    parent = spot.parents[-1] if spot.parents else None
    if not isinstance(parent, Mapping):
        return set()
    return {key.value for key, _ in parent.pairs if isinstance(key, Scalar) and key is not spot.node}
