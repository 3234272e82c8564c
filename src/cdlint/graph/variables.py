"""Which variables an action reads: `#{namespace.NAME}` in its configuration."""

from __future__ import annotations

from ..model.values import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action


def uses(action: Action) -> Iterator[tuple[str, str]]:
    """`(namespace, name)` of each variable in the texts of an action, in their order."""
    for _, node in action.texts():
        text = visible(node)
        at = text.find("#{")
        while at >= 0:
            end = text.find("}", at)
            if end < 0:
                break
            namespace, dot, name = text[at + 2 : end].partition(".")
            if dot and namespace and name:
                yield namespace, name
            at = text.find("#{", end)
