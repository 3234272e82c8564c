"""The references `#{namespace.key}` of a pipeline: where they stand, and what of them is written wrongly.

CodePipeline replaces them in configuration values, in `commands`, in the environment variables of an action, and in
the configuration of the rules of conditions. Source: AWS, variables reference.
"""

from __future__ import annotations

from ..source import Span
from ..syntax.tree import GAP, Mapping, Node, Scalar, Unknown
from .values import entries, members, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pipeline import Action, Pipeline, Stage

GATES = ("beforeEntry", "onSuccess", "onFailure")
#: Namespaces that no action has.
CODEPIPELINE, VARIABLES = "codepipeline", "variables"

#: What may be wrong with a reference as it is written.
BLANKS, NO_NAMESPACE, PARTS, UNCLOSED, FOREIGN, HIDDEN = (
    "blanks",
    "no-namespace",
    "parts",
    "unclosed",
    "foreign",
    "hidden",
)
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@-_")
_NEARLY = _NAME | frozenset(".:/ \t")


class Place:
    """A value in which references are replaced: of `action`, or of a rule at the `gate` of `stage`.

    `where` is the configuration key, `commands` or `environmentVariables`.
    """

    __slots__ = ("action", "gate", "node", "stage", "where")

    def __init__(self, stage: Stage, action: Action | None, gate: str, where: str, node: Node) -> None:
        self.stage = stage
        self.action = action
        self.gate = gate
        self.where = where
        self.node = node

    def follows(self, producer: Action) -> bool | None:
        """Has an action surely ended when the value is used? None if that is not known."""
        if self.action is not None:
            return self.stage.pipeline.runs_before(producer, self.action)
        if self.gate == "beforeEntry":
            return producer.stage.index < self.stage.index
        return producer.stage.index <= self.stage.index


class Reference:
    """`#{namespace.key}` in a text. `fault` is "" for one that is well formed; else it has no namespace or key.

    `text` is what is written. Of one with `BLANKS` the namespace and the key are those that are meant.
    """

    __slots__ = ("fault", "key", "namespace", "node", "place", "span", "text")

    def __init__(self, text: str, fault: str, namespace: str = "", key: str = "") -> None:
        self.text = text
        self.fault = fault
        self.namespace = namespace
        self.key = key
        self.span = Span(0, 0)
        self.node: Node | None = None
        self.place: Place | None = None


def places_of(pipeline: Pipeline) -> Iterator[Place]:
    """Every value of a pipeline in which references are replaced."""
    for stage in pipeline.stages:
        for action in stage.actions:
            for where, node in action.texts():
                yield Place(stage, action, "", where, node)
        for gate in GATES:
            for rule in gate_rules(stage, gate):
                for key, value in entries(rule.get("configuration")):
                    yield Place(stage, None, gate, key.value, value)
                for command in members(rule.get("commands")):
                    yield Place(stage, None, gate, "commands", command)


def gate_conditions(stage: Stage, gate: str) -> Iterator[Mapping]:
    """The conditions at a gate of a stage."""
    node = stage.gate(gate)
    for condition in members(node.get("conditions")) if node is not None else ():
        if isinstance(condition, Mapping):
            yield condition


def gate_rules(stage: Stage, gate: str) -> Iterator[Mapping]:
    """The rules of all conditions at a gate of a stage."""
    for condition in gate_conditions(stage, gate):
        for rule in members(condition.get("rules")):
            if isinstance(rule, Mapping):
                yield rule


def texts_in(node: Node) -> Iterator[tuple[Node, str]]:
    """The texts of a value as far as they can be seen; `GAP` in them stands for what cannot."""
    for at in walk(node):
        if isinstance(at, Scalar):
            yield at, at.value
        elif isinstance(at, Unknown) and at.inner is None:
            yield at, at.text


_last: list[tuple[Pipeline, list[Reference]]] = []


def references(pipeline: Pipeline) -> list[Reference]:
    """All references of a pipeline (kept for the rules that come next)."""
    if _last and _last[0][0] is pipeline:
        return _last[0][1]
    found: list[Reference] = []
    for place in places_of(pipeline):
        found += references_in(pipeline.document.text, place.node, place)
    _last[:] = [(pipeline, found)]
    return found


def references_in(document: str, node: Node, place: Place | None = None) -> list[Reference]:
    """The references of a value and their places in the document's text."""
    found: list[Reference] = []
    for at, text in texts_in(node):
        if "#{" not in text:
            continue
        counts: dict[str, int] = {}
        for reference in scan(text):
            number = counts[reference.text] = counts.get(reference.text, 0) + 1
            reference.span = span_of(document, at, reference.text, number)
            reference.node = at
            reference.place = place
            found.append(reference)
    return found


def span_of(document: str, node: Node, text: str, number: int = 1) -> Span:
    """The place of the `number`-th time that a text stands in a node; the node's own where it cannot be found."""
    start = node.start - 1
    for _ in range(number):
        start = document.find(text, start + 1, node.end)
        if start < 0:
            return node.span
    return Span(start, start + len(text))


def scan(text: str) -> Iterator[Reference]:
    """The references of a text, well formed or not."""
    at = text.find("#{")
    while at >= 0:
        end = at + 2
        while end < len(text) and text[end] in _NEARLY:
            end += 1
        closed = text[end : end + 1] == "}"
        body = text[at + 2 : end]
        if closed:
            yield _parsed(text[at : end + 1], body)
        elif text[end : end + 1] == GAP or GAP in text[end : text.find("}", end)]:
            yield Reference(text[at:end], HIDDEN)
        else:
            yield _unclosed(text[at:end], body, text[end : end + 1])
        at = text.find("#{", end)


def _unclosed(written: str, body: str, after: str) -> Reference:
    if body.endswith(" ") and after in ("'", '"'):
        return Reference(written, FOREIGN)
    body = body.split(" ")[0].rstrip(".:/")
    namespace, dot, key = body.partition(".")
    if dot and is_name(namespace) and is_name(key) and after in ("", '"', "'", ",", "\n", "#", "&", ";"):
        return Reference("#{" + body, UNCLOSED, namespace, key)
    # A method call of Ruby and the like.
    return Reference(written, FOREIGN)


def _parsed(written: str, body: str) -> Reference:
    parts = body.split(".")
    if len(parts) == 2 and is_name(parts[0]) and is_name(parts[1]):
        return Reference(written, "", parts[0], parts[1])
    bare = "".join(body.split()).split(".")
    if len(bare) == 2 and is_name(bare[0]) and is_name(bare[1]) and len(body.split()) <= 3:
        inner = [part.strip() for part in parts]
        if bare == inner:
            return Reference(written, BLANKS, bare[0], bare[1])
    if is_name(body.strip()):
        return Reference(written, NO_NAMESPACE, "", body.strip())
    return Reference(written, PARTS if body.strip() else FOREIGN)


def is_name(text: str) -> bool:
    """Could it be a namespace or the name of a variable?"""
    return bool(text) and all(char in _NAME for char in text)


def is_stand_in(text: str) -> bool:
    """Does a text hold the place of something that a script or a template engine puts in?"""
    return any(mark in text for mark in ("{{", "$", "<", "%(", "@@")) or text.startswith(("YOUR", "__"))


class Namespaces:
    """The namespaces of a pipeline's actions. `is_whole` is False where there may be others.

    `actions` holds the actions of each name.
    """

    __slots__ = ("actions", "is_whole")

    def __init__(self, pipeline: Pipeline) -> None:
        self.actions: dict[str, list[Action]] = {}
        self.is_whole = pipeline.is_whole
        for action in pipeline.actions():
            if action.namespace and is_stand_in(action.namespace):
                self.is_whole = False
            elif action.namespace:
                self.actions.setdefault(action.namespace, []).append(action)
            elif isinstance(action.namespace_node, Unknown) or _has_misspelt(action.node):
                self.is_whole = False


def _has_misspelt(node: Mapping) -> bool:
    """Has an action a key that is meant to be `namespace`? Another rule tells of that."""
    return any(
        name.lower().strip("?").rstrip("s").replace("-", "").replace("_", "") == "namespace"
        for name, _, _ in node.items()
    )


def may_hide_references(pipeline: Pipeline) -> bool:
    """May there be references in what cannot be seen?"""
    for place in places_of(pipeline):
        if place.where not in _TEXTS:
            continue
        for at, text in texts_in(place.node):
            if isinstance(at, Unknown) and at.ref is None and text in ("", GAP):
                return True
    return not pipeline.is_whole or any(
        not action.is_configured or isinstance(action.node.get("commands"), Unknown)
        for action in pipeline.actions()
    )


#: Where references stand mostly; elsewhere a value that is not known is taken for one without any.
_TEXTS = frozenset(
    (
        "EnvironmentVariables",
        "ParameterOverrides",
        "UserParameters",
        "CustomData",
        "Input",
        "Variables",
        "commands",
        "environmentVariables",
        "Variable",
    )
)
