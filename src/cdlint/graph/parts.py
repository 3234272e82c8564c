"""What a picture of a pipeline shows, as plain data: stages, actions, what flows between them, findings."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model.values import known
from .naming import shown
from .variables import uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model.pipeline import Action, Artifact, Pipeline, Stage

#: The categories of CodePipeline that have a colour and an icon of their own.
CATEGORIES = ("Source", "Build", "Test", "Approval", "Deploy", "Invoke", "Compute")

_GATES = (
    ("beforeEntry", "entry condition"),
    ("onSuccess", "success condition"),
    ("onFailure", "on failure"),
)


@dataclass(slots=True)
class Mark:
    """A finding as the picture tells it. `start` is its offset in the user's file; `line` counts from 1."""

    severity: str
    code: str
    name: str
    message: str
    help: str
    path: str
    line: int
    start: int

    @property
    def text(self) -> str:
        return f"{self.severity} {self.code}, line {self.line}: {self.message}"


@dataclass(slots=True, eq=False)
class Box:
    """An action. `number` counts the actions of a graph."""

    number: int
    name: str
    provider: str = ""
    category: str = ""
    run_order: str = "1"
    stage: str = ""
    region: str = ""
    namespace: str = ""
    line: int = 0
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Row:
    """The actions of a stage that run at the same time."""

    run_order: str
    boxes: list[Box]


@dataclass(slots=True, eq=False)
class Band:
    """A stage."""

    name: str
    rows: list[Row]
    gates: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def boxes(self) -> list[Box]:
        return [box for row in self.rows for box in row.boxes]


@dataclass(slots=True, eq=False)
class End:
    """Where something arrives; `primary` if it is what CodeBuild takes for the primary source."""

    box: Box
    primary: bool = False


@dataclass(slots=True, eq=False)
class Flow:
    """An artifact (or, if `variable`, the variables of a namespace) and the actions that it connects.

    `source` is None if no action of the pipeline makes it; `ends` are empty if none reads it.
    """

    name: str
    source: Box | None
    ends: list[End]
    variable: bool = False


@dataclass(slots=True, eq=False)
class Graph:
    """A pipeline. `marks` are the findings that belong to no stage; `notes` say what the reader should know."""

    name: str
    path: str
    bands: list[Band]
    flows: list[Flow]
    traits: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def boxes(self) -> list[Box]:
        return [box for band in self.bands for box in band.boxes]

    def all_marks(self) -> list[Mark]:
        """Every finding once, in the order of the file."""
        found = {id(mark): mark for mark in self.marks}
        for band in self.bands:
            found |= {id(mark): mark for mark in band.marks}
            found |= {id(mark): mark for box in band.boxes for mark in box.marks}
        return sorted(found.values(), key=lambda mark: (mark.start, mark.code))


def graph_of(pipeline: Pipeline, marks: Iterable[Mark] = (), *, variables: bool = False) -> Graph:
    """The picture of a pipeline, with the findings that lie within it."""
    bands: list[Band] = []
    boxes: dict[int, Box] = {}
    for stage in pipeline.stages:
        bands.append(_band(stage, boxes, variables))
    graph = Graph(
        title(pipeline), pipeline.document.source.path, bands, _flows(pipeline, boxes), _traits(pipeline)
    )
    for number, box in enumerate(graph.boxes):
        box.number = number
    if variables:
        graph.flows += _variables(pipeline, boxes)
        names = [shown(item.get("name"), pipeline) for item in pipeline.variables]
        if names:
            graph.notes.append("Variables: " + ", ".join(names))
    if not pipeline.is_whole:
        graph.notes.append("Parts of this pipeline are only known when it is deployed; they are not drawn.")
    _place(pipeline, graph, boxes, marks)
    return graph


def title(pipeline: Pipeline) -> str:
    """The name of a pipeline; of a template's its logical ID where the name says less."""
    if pipeline.name:
        return pipeline.name
    return pipeline.label or shown(pipeline.name_node, pipeline) or "pipeline"


def _traits(pipeline: Pipeline) -> list[str]:
    named = shown(pipeline.name_node, pipeline) if pipeline.label and not pipeline.name else ""
    return [word for word in (named, pipeline.type, pipeline.mode) if word]


def _band(stage: Stage, boxes: dict[int, Box], variables: bool) -> Band:
    """A stage with its actions in run order; those of an order that is not known come last."""
    name = shown(stage.name_node, stage.pipeline) or f"Stage {stage.index + 1}"
    rows: dict[tuple[int, str], Row] = {}
    for action in stage.actions:
        order = str(action.run_order) if action.run_order is not None else ""
        label = order or shown(action.run_order_node, stage.pipeline) or "?"
        key = (action.run_order if action.run_order is not None else 10**9, label)
        row = rows.setdefault(key, Row(label, []))
        row.boxes.append(_box(action, name, label, boxes, variables))
    ordered = [rows[key] for key in sorted(rows)]
    gates = [_gate(stage, key, words) for key, words in _GATES]
    return Band(name, ordered, [gate for gate in gates if gate])


def _gate(stage: Stage, key: str, words: str) -> str:
    node = stage.gate(key)
    if node is None:
        return ""
    result = known(node.get("result"))
    return f"{words}: {result.lower()}" if result else words


def _box(action: Action, stage: str, order: str, boxes: dict[int, Box], variables: bool) -> Box:
    pipeline = action.pipeline
    document = pipeline.document
    place = document.draft.span(action.span).start
    box = Box(
        -1,
        shown(action.name_node, pipeline) or "(no name)",
        shown(action.provider_node, pipeline),
        action.category if action.category in CATEGORIES else "",
        order,
        stage,
        shown(action.region_node, pipeline),
        shown(action.namespace_node, pipeline) if variables else "",
        document.source.position(place).line,
    )
    boxes[id(action)] = box
    return box


def _flows(pipeline: Pipeline, boxes: dict[int, Box]) -> list[Flow]:
    """Each artifact from each action that makes it to those that read it."""
    made: list[Flow] = []
    by_identity: dict[str, list[Flow]] = {}
    for action in pipeline.actions():
        own: set[str] = set()
        for artifact in action.outputs:
            identity = artifact.identity or f"?{id(artifact)}"
            if identity in own:
                continue
            own.add(identity)
            flow = Flow(_artifact_name(artifact, pipeline), boxes[id(action)], [])
            made.append(flow)
            by_identity.setdefault(identity, []).append(flow)
    for action in pipeline.actions():
        read: set[str] = set()
        primary = _primary(action)
        for artifact in action.inputs:
            identity = artifact.identity or f"?{id(artifact)}"
            if identity in read:
                continue
            read.add(identity)
            if identity not in by_identity:
                lost = Flow(_artifact_name(artifact, pipeline), None, [])
                made.append(lost)
                by_identity[identity] = [lost]
            for flow in by_identity[identity]:
                flow.ends.append(End(boxes[id(action)], artifact is primary))
    return made


def _artifact_name(artifact: Artifact, pipeline: Pipeline) -> str:
    return shown(artifact.node, pipeline) or "(no name)"


def _primary(action: Action) -> Artifact | None:
    """What CodeBuild takes for the primary source, where there is a choice."""
    wanted = action.text("PrimarySource")
    if wanted is None or len(action.inputs) < 2:
        return None
    return next((artifact for artifact in action.inputs if artifact.name == wanted), None)


def _variables(pipeline: Pipeline, boxes: dict[int, Box]) -> list[Flow]:
    """The variables of each namespace from the action that sets them to those that read them."""
    owners = {action.namespace: action for action in pipeline.actions() if action.namespace}
    flows: dict[str, Flow] = {}
    names: dict[str, list[str]] = {}
    for action in pipeline.actions():
        seen: set[str] = set()
        for namespace, name in uses(action):
            owner = owners.get(namespace)
            if owner is None or owner is action:
                continue
            if namespace not in flows:
                flows[namespace] = Flow("", boxes[id(owner)], [], True)
            if namespace not in seen:
                flows[namespace].ends.append(End(boxes[id(action)]))
            seen.add(namespace)
            if name not in names.setdefault(namespace, []):
                names[namespace].append(name)
    for namespace, flow in flows.items():
        flow.name = f"{namespace}: " + ", ".join(names[namespace])
    return list(flows.values())


def _place(pipeline: Pipeline, graph: Graph, boxes: dict[int, Box], marks: Iterable[Mark]) -> None:
    """Hang each finding on the action, else the stage, else the pipeline that it lies in."""
    draft = pipeline.document.draft
    places: list[tuple[int, int, list[Mark]]] = []
    for band, stage in zip(graph.bands, pipeline.stages, strict=True):
        span = draft.span(stage.node.span)
        places.append((span.start, span.end, band.marks))
        for action in stage.actions:
            span = draft.span(action.node.span)
            places.append((span.start, span.end, boxes[id(action)].marks))
    whole = draft.span(pipeline.node.span)
    label = draft.span(pipeline.key.span)
    for mark in marks:
        inside = [place for place in places if place[0] <= mark.start < max(place[1], place[0] + 1)]
        if inside:
            least = min(end - start for start, end, _ in inside)
            for start, end, found in inside:
                if end - start == least:
                    found.append(mark)
        elif whole.start <= mark.start < whole.end or label.start <= mark.start <= label.end:
            graph.marks.append(mark)


def stage_count(graph: Graph) -> str:
    """`3 stages, 5 actions`."""
    stages, actions = len(graph.bands), len(graph.boxes)
    return f"{stages} stage{'s' * (stages != 1)}, {actions} action{'s' * (actions != 1)}"


__all__ = [
    "CATEGORIES",
    "Band",
    "Box",
    "End",
    "Flow",
    "Graph",
    "Mark",
    "Row",
    "graph_of",
    "stage_count",
    "title",
]
