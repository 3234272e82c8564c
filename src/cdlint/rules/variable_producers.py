"""The action that a reference without a namespace means, and the edit that gives it one."""

from __future__ import annotations

from ..findings import Edit, Fix
from ..model.references import Reference
from ..model.values import known
from ..syntax.tree import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.pipeline import Action, Pipeline


def producer_without_namespace(reference: Reference, pipeline: Pipeline) -> Action | None:
    """The only action before a reference that could set its variable and has no namespace."""
    place = reference.place
    if place is None:
        return None
    name = reference.namespace.lower()
    found = [
        action
        for action in pipeline.actions()
        if action.namespace_node is None
        and action is not place.action
        and place.follows(action)
        and _may_set(action, reference.key)
    ]
    if len(found) > 1:
        for word, category in (("source", "Source"), ("build", "Build"), ("deploy", "Deploy")):
            if word in name:
                found = [action for action in found if action.category == category]
                break
    return found[0] if len(found) == 1 else None


def _may_set(action: Action, key: str) -> bool:
    kind = action.type
    if kind is None:
        return False
    if kind.provider == "Commands":
        return any(known(item) == key for item in action.output_variables)
    if kind.variables is None:
        return True
    return key in kind.variables


def naming(action: Action, namespace: str) -> Fix | None:
    """The edit that writes a namespace after an action's name."""
    node = action.name_node
    key = action.node.key("name")
    pipeline = action.pipeline
    if not isinstance(node, Scalar) or key is None or pipeline.form == "terraform":
        return None
    text = pipeline.document.text
    line = text.rfind("\n", 0, key.start) + 1
    rest = text[node.end : _line_end(text, node.end)]
    word = pipeline.spell("namespace")
    before = text[line : key.start]
    if text[key.start : key.start + 1] == '"':
        if rest.strip() not in (",", ""):
            return None
        tail = before if not before.strip() else " "
        glue = "\n" + tail if not before.strip() else " "
        edit = Edit(node.end, node.end, f',{glue}"{word}": "{namespace}"')
    elif not before.strip(" -") and not rest.strip() and node.style not in ("|", ">"):
        edit = Edit(node.end, node.end, f"\n{' ' * (key.start - line)}{word}: {namespace}")
    else:
        return None
    return Fix(f"Give {action.label} the namespace", [edit])


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
