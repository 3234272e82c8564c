"""Looking at values of which some are not known."""

from __future__ import annotations

from ..syntax.tree import GAP, Mapping, Node, Scalar, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def known(node: Node | None) -> str | None:
    """The text of a value that is known and not null, else None."""
    return node.value if isinstance(node, Scalar) and not node.is_null else None


def visible(node: Node | None) -> str:
    """The text of a value as far as it can be seen, `GAP` in place of what cannot; "" for none."""
    if isinstance(node, Scalar):
        return node.value
    return node.text if isinstance(node, Unknown) else ""


def identity(node: Node | None) -> str | None:
    """The same for two values that are surely the same, different for two texts that differ; None if unknown."""
    if isinstance(node, Scalar):
        return "=" + node.value
    return (node.identity or None) if isinstance(node, Unknown) else None


def differ(one: Node | None, other: Node | None) -> bool:
    """Two texts that are surely not the same."""
    first, second = known(one), known(other)
    return first is not None and second is not None and first != second


def ref_of(node: Node | None) -> str | None:
    """The resource of the same file that a value speaks of."""
    return node.ref if isinstance(node, Unknown) else None


def entries(node: Node | None) -> list[tuple[Scalar, Node]]:
    """`(key, value)` of a mapping; empty for anything else."""
    if not isinstance(node, Mapping):
        return []
    return [(key, value) for _, key, value in node.items() if isinstance(key, Scalar)]


def members(node: Node | None) -> list[Node]:
    """The members of a list; empty for anything else."""
    return node.items if isinstance(node, Sequence) else []


def is_whole(node: Node | None) -> bool:
    """A list, or nothing at all, of which every member is known to be there and to be a mapping."""
    if node is None:
        return True
    return isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items)


def walk(node: Node | None) -> Iterator[Node]:
    """A node and all nodes below it (values, not keys), each once."""
    seen: set[int] = set()
    stack = [node] if node is not None else []
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        yield at
        if isinstance(at, Mapping):
            stack += [value for _, _, value in reversed(list(at.items()))]
        elif isinstance(at, Sequence):
            stack += reversed(at.items)
        elif isinstance(at, Unknown) and at.inner is not None:
            stack.append(at.inner)


__all__ = [
    "GAP",
    "differ",
    "entries",
    "identity",
    "is_whole",
    "known",
    "members",
    "ref_of",
    "visible",
    "walk",
]
