"""The parts of a delivery file, for an editor's outline."""

from __future__ import annotations

from ..model.delivery import delivery_of
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from .trees import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.delivery import Delivery
    from ..model.pipeline import Pipeline
    from ..syntax.document import Document
    from .workspace import Workspace

#: Of each level of a file only so many parts are told, and only so deep.
_MOST = 2_000
_DEPTH = 4
#: Keys by which the members of a list are known.
_NAMES = ("name", "Name", "identifier", "location", "ParameterKey", "Type")


class Symbol:
    """`span` is all of a part, `name_span` where its name stands. `kind`: `section`, `pipeline`, `stage`, `action`,
    `project`, `variable` or `value`."""

    __slots__ = ("children", "detail", "kind", "name", "name_span", "span")

    def __init__(self, name: str, kind: str, name_span: Span, span: Span, detail: str = "") -> None:
        self.name = name
        self.kind = kind
        self.detail = detail
        self.name_span = name_span
        self.span = Span(min(span.start, name_span.start), max(span.end, name_span.end))
        self.children: list[Symbol] = []


def symbols(workspace: Workspace, uri: str) -> list[Symbol]:
    """The outline of an open text; empty if it is no delivery file."""
    reading = workspace.reading(uri)
    if reading is None or reading.result.subject is None:
        return []
    kind, document, _, _ = reading.result.subject
    if kind in ("pipeline", "template", "terraform"):
        return _of_delivery(document, delivery_of(document, kind))
    found = _of_tree(document, document.root, 0)
    _hide(found, reading.result.secrets)
    return found


def _hide(found: list[Symbol], secrets: list[tuple[int, int]]) -> None:
    """No outline tells a credential."""
    for one in found if secrets else ():
        if any(one.span.start < end and start < one.span.end for start, end in secrets):
            one.detail = ""
        _hide(one.children, secrets)


def _of_delivery(document: Document, delivery: Delivery) -> list[Symbol]:
    found = [_of_pipeline(document, variants[0]) for variants in delivery.pipelines]
    for projects in delivery.projects:
        project = projects[0]
        name = project.label or project.name or "project"
        detail = project.name if project.name not in (None, name) else ""
        found.append(
            Symbol(name, "project", place(document, project.key), place(document, project.node), detail or "")
        )
    if delivery.template is not None:
        found += _of_resources(document, {one.name for one in found})
    found.sort(key=lambda one: one.name_span.start)
    return found


def _of_resources(document: Document, known: set[str]) -> list[Symbol]:
    """The other resources of a template, and its parameters."""
    found: list[Symbol] = []
    root = document.root
    for section, kind in (("Parameters", "variable"), ("Resources", "value")):
        inner = root.get(section) if isinstance(root, Mapping) else None
        for name, key, value in inner.items() if isinstance(inner, Mapping) else ():
            if name in known or len(found) >= _MOST:
                continue
            given = value.get("Type") if isinstance(value, Mapping) else None
            detail = given.value if isinstance(given, Scalar) else ""
            found.append(Symbol(name, kind, place(document, key), place(document, value), detail))
    return found


def _of_pipeline(document: Document, pipeline: Pipeline) -> Symbol:
    name = pipeline.label or pipeline.name or "pipeline"
    whole = Symbol(name, "pipeline", place(document, pipeline.key), place(document, pipeline.node))
    for stage in pipeline.stages:
        own = Symbol(
            stage.name or stage.label,
            "stage",
            document.draft.span(stage.span),
            place(document, stage.node),
        )
        for action in stage.actions:
            own.children.append(
                Symbol(
                    action.name or action.label,
                    "action",
                    document.draft.span(action.span),
                    place(document, action.node),
                    action.provider or "",
                )
            )
        whole.children.append(own)
    return whole


def _of_tree(document: Document, node: Node | None, depth: int) -> list[Symbol]:
    """The keys of a tree, and the members of lists that have names."""
    found: list[Symbol] = []
    if depth >= _DEPTH:
        return found
    if isinstance(node, Mapping):
        for key, value in node.pairs[:_MOST]:
            if isinstance(key, Scalar) and key.value:
                detail = value.value if isinstance(value, Scalar) and "\n" not in value.value else ""
                kind = "section" if not isinstance(value, Scalar) else "value"
                one = Symbol(key.value, kind, place(document, key), place(document, value), detail[:80])
                one.children = _of_tree(document, value, depth + 1)
                found.append(one)
    elif isinstance(node, Sequence):
        for item in node.items[:_MOST]:
            if not isinstance(item, Mapping):
                continue
            named = next((item.get(name) for name in _NAMES if name in item), None)
            if isinstance(named, Scalar) and named.value:
                one = Symbol(named.value, "section", place(document, named), place(document, item))
                one.children = _of_tree(document, item, depth + 1)
                found.append(one)
            else:
                found += _of_tree(document, item, depth + 1)
    return found
