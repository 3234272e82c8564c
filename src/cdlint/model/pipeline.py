"""A pipeline as CodePipeline sees it, whatever it was written in.

Each form (the API's JSON, CloudFormation, Terraform) is first put into the API's own shape: a tree with the API's
keys whose nodes stand where the original has them (`model/forms/`). This module reads that one shape. What cannot be
known is `Unknown` in the tree, and a rule that meets it is silent about that value. Everything is tolerant, as in
`model/buildspec.py`: what has the wrong shape is absent here, and the schema tells of it.
"""

from __future__ import annotations

from ..aws.actions import ActionType, action_type
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from .values import entries, identity, is_whole, known, members, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema import Violation
    from ..syntax.document import Document
    from .template import Template

API, CLOUDFORMATION, TERRAFORM = "api", "cloudformation", "terraform"

#: Where the usual change of case does not give a form's own name of a key.
_TERRAFORM_NAMES = {
    "roleArn": "role_arn",
    "artifactStores": "artifact_store",
    "stages": "stage",
    "actions": "action",
    "variables": "variable",
    "triggers": "trigger",
    "actionTypeId": "category",
    "inputArtifacts": "input_artifacts",
    "outputArtifacts": "output_artifacts",
}


class Artifact:
    """One entry of an action's input or output artifacts. `node` is its name: a `Scalar`, or `Unknown`."""

    __slots__ = ("entry", "node")

    def __init__(self, entry: Node, node: Node) -> None:
        self.entry = entry
        self.node = node

    @property
    def name(self) -> str | None:
        """The name if it is known."""
        return known(self.node)

    @property
    def identity(self) -> str | None:
        """The same for two artifacts that surely have one name (`values.identity`)."""
        return identity(self.node)

    @property
    def span(self) -> Span:
        return self.node.span


class Action:
    """One action of a stage.

    `category`, `owner`, `provider` and `version` are None if absent or not known; `type` is what AWS's catalogue
    says of them, None if it has no such type. `configuration` holds `(key, value)` by key; `is_configured` is False
    where keys may be there that cannot be seen. The same goes for `inputs` with `knows_inputs`, and for `outputs`.
    """

    def __init__(self, stage: Stage, node: Mapping) -> None:
        self.stage = stage
        self.node = node
        self.name_node = node.get("name")
        self.name = known(self.name_node)
        self.type_node = node.get("actionTypeId")
        kind = self.type_node if isinstance(self.type_node, Mapping) else None
        self.category_node = kind.get("category") if kind else None
        self.owner_node = kind.get("owner") if kind else None
        self.provider_node = kind.get("provider") if kind else None
        self.version_node = kind.get("version") if kind else None
        self.category = known(self.category_node)
        self.owner = known(self.owner_node)
        self.provider = known(self.provider_node)
        self.version = known(self.version_node)
        self.run_order_node = node.get("runOrder")
        self.run_order = _run_order(self.run_order_node)
        config = node.get("configuration")
        self.configuration_node = config
        self.configuration = {key.value: (key, value) for key, value in entries(config)}
        self.is_configured = config is None or isinstance(config, Mapping)
        self.inputs, self.knows_inputs = _artifacts(node.get("inputArtifacts"))
        self.outputs, self.knows_outputs = _artifacts(node.get("outputArtifacts"))
        self.namespace_node = node.get("namespace")
        self.namespace = known(self.namespace_node)
        self.region_node = node.get("region")
        self.commands = members(node.get("commands"))
        self.output_variables = members(node.get("outputVariables"))
        self.environment_variables = members(node.get("environmentVariables"))

    @property
    def pipeline(self) -> Pipeline:
        return self.stage.pipeline

    @property
    def type(self) -> ActionType | None:
        if self.category is None or self.owner is None or self.provider is None:
            return None
        return action_type(self.category, self.owner, self.provider)

    def is_a(self, provider: str, *categories: str) -> bool:
        """Is it surely of this provider (and of one of these categories, if any are named)?"""
        return self.provider == provider and (not categories or self.category in categories)

    def get(self, key: str) -> Node | None:
        """The value of a configuration key; None if absent."""
        pair = self.configuration.get(key)
        return pair[1] if pair else None

    def text(self, key: str) -> str | None:
        """The value of a configuration key if it is known."""
        return known(self.get(key))

    def key(self, key: str) -> Scalar | None:
        """A configuration key itself, for pointing at it."""
        pair = self.configuration.get(key)
        return pair[0] if pair else None

    @property
    def span(self) -> Span:
        """The place to point at when the action as a whole is meant: its name."""
        if self.name_node is not None:
            return self.name_node.span
        pairs = self.node.pairs
        return pairs[0][0].span if pairs else self.node.span

    @property
    def configuration_span(self) -> Span:
        """The place to point at when a configuration key is missing: the key `configuration`, else the name."""
        key = self.node.key("configuration")
        return key.span if key is not None else self.span

    def span_of(self, key: str) -> Span:
        """The key of an attribute of the action (`runOrder`, `inputArtifacts` …), else the action's name."""
        found = self.node.key(key)
        return found.span if found is not None else self.span

    @property
    def label(self) -> str:
        """How messages call it: `` `Deploy` ``."""
        return f"`{self.name}`" if self.name is not None else "the action"

    def texts(self) -> Iterator[tuple[str, Node]]:
        """`(where, value)` of everything in which `#{namespace.key}` is replaced.

        `where` is a configuration key, `commands`, or `environmentVariables`. Source: AWS, variables reference.
        """
        for name, (_, value) in self.configuration.items():
            yield name, value
        for command in self.commands:
            yield "commands", command
        for variable in self.environment_variables:
            text = variable.get("value") if isinstance(variable, Mapping) else None
            if text is not None:
                yield "environmentVariables", text


class Stage:
    """One stage. `is_whole` is False where actions may be there that cannot be seen."""

    def __init__(self, pipeline: Pipeline, node: Mapping, index: int) -> None:
        self.pipeline = pipeline
        self.node = node
        self.index = index
        self.name_node = node.get("name")
        self.name = known(self.name_node)
        actions = node.get("actions")
        self.is_whole = is_whole(actions)
        self.actions = [Action(self, item) for item in members(actions) if isinstance(item, Mapping)]

    @property
    def span(self) -> Span:
        """The place to point at when the stage as a whole is meant: its name."""
        if self.name_node is not None:
            return self.name_node.span
        pairs = self.node.pairs
        return pairs[0][0].span if pairs else self.node.span

    @property
    def label(self) -> str:
        return f"`{self.name}`" if self.name is not None else f"number {self.index + 1}"

    def gate(self, name: str) -> Mapping | None:
        """`beforeEntry`, `onSuccess` or `onFailure`."""
        node = self.node.get(name)
        return node if isinstance(node, Mapping) else None


class Pipeline:
    """A pipeline, under one outcome of the conditions of its template.

    `form` is `api`, `cloudformation` or `terraform`; `node` the tree in the API's shape; `key` the node to point at
    when the whole is meant; `label` its logical ID or Terraform name ("" in the API's form). `is_whole` is False
    where stages or actions may be there that cannot be seen: what is missing then proves nothing.
    """

    def __init__(
        self,
        document: Document,
        form: str,
        node: Mapping,
        key: Node,
        label: str = "",
        region: str | None = None,
    ) -> None:
        self.document = document
        self.form = form
        self.node = node
        self.key = key
        self.label = label
        self.region = region
        #: The template that declares it, in CloudFormation's form.
        self.template: Template | None = None
        self._makers: dict[str, list[Action]] | None = None
        #: Where it departs from its schema; the engine fills it.
        self.violations: list[Violation] = []
        self.read()

    def read(self) -> None:
        """Take the parts from the tree; done again after misspelt keys of it were put right."""
        node = self.node
        self.name_node = node.get("name")
        self.name = known(self.name_node)
        self.type_node = node.get("pipelineType")
        self.type = known(self.type_node)
        self.mode_node = node.get("executionMode")
        self.mode = known(self.mode_node)
        stages = node.get("stages")
        self.stages = [
            Stage(self, item, index)
            for index, item in enumerate(members(stages))
            if isinstance(item, Mapping)
        ]
        self.is_whole = (
            isinstance(stages, Sequence) and is_whole(stages) and all(stage.is_whole for stage in self.stages)
        )
        self.variables = [item for item in members(node.get("variables")) if isinstance(item, Mapping)]
        self.triggers = [item for item in members(node.get("triggers")) if isinstance(item, Mapping)]

    def actions(self) -> list[Action]:
        """Every action, in the order of the file."""
        return [action for stage in self.stages for action in stage.actions]

    def runs_before(self, one: Action, other: Action) -> bool | None:
        """Has `one` surely ended when `other` starts? None if a run order is not known.

        Source: AWS, action-requirements: stages one after the other, in a stage by `runOrder`, equal ones together;
        the order of the file says nothing.
        """
        if one.stage.index != other.stage.index:
            return one.stage.index < other.stage.index
        if one is other:
            return False
        if one.run_order is None or other.run_order is None:
            return None
        return one.run_order < other.run_order

    def producers(self, artifact: Artifact) -> list[Action]:
        """The actions that have an output artifact of surely this name."""
        wanted = artifact.identity
        if wanted is None:
            return []
        if self._makers is None:
            self._makers = {}
            for action in self.actions():
                for name in dict.fromkeys(output.identity for output in action.outputs):
                    if name is not None:
                        self._makers.setdefault(name, []).append(action)
        return self._makers.get(wanted, [])

    @property
    def knows_outputs(self) -> bool:
        """Are all output artifacts of all actions known by name?"""
        return self.is_whole and all(
            action.knows_outputs and all(output.name is not None for output in action.outputs)
            for action in self.actions()
        )

    @property
    def span(self) -> Span:
        return self.key.span

    def span_of(self, key: str) -> Span:
        """A top-level key (`stages`, `artifactStore` …), else the place of the whole."""
        found = self.node.key(key)
        return found.span if found is not None else self.span

    def spell(self, key: str) -> str:
        """A key of the API as this form writes it: `roleArn` is `RoleArn` or `role_arn`."""
        if self.form == CLOUDFORMATION:
            return key[:1].upper() + key[1:]
        if self.form == TERRAFORM:
            return _TERRAFORM_NAMES.get(key) or "".join(
                "_" + char.lower() if char.isupper() else char for char in key
            )
        return key


def _run_order(node: Node | None) -> int | None:
    """1 if absent (AWS's default), None if not known."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return 1
    text = visible(node)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _artifacts(node: Node | None) -> tuple[list[Artifact], bool]:
    """The artifacts of a list, and whether it surely has no others."""
    found: list[Artifact] = []
    whole = node is None or isinstance(node, Sequence)
    for item in members(node):
        name = item.get("name") if isinstance(item, Mapping) else None
        if name is None:
            whole = False  # a name that is missing or misspelt, or an entry that is not known
        else:
            found.append(Artifact(item, name))
    return found, whole
