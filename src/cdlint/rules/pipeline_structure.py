"""CD510–CD519: stages and actions, and what may stand where."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline, Stage
from ..model.values import identity, members
from ..syntax.tree import Mapping, Node, Scalar
from . import rule
from .pipeline_shape import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    _Named = TypeVar("_Named")

#: Categories of action types that do something with what the sources bring.
_WORK = ("Build", "Deploy", "Test", "Invoke", "Approval", "Compute")
_MOST_ACTIONS = 1000


@rule("CD510", "stage-count", Severity.ERROR)
def stage_count(pipeline: Pipeline) -> Iterator[Finding]:
    """A pipeline has fewer than 2 stages, or more than 50.

    The first stage has the sources, the others do something with them, so there are at least two. Above
    50 the service answers `Pipeline has too many stages. There can only be up to 50 stages in a pipeline`.
    Source: AWS, pipeline structure reference.

    Bad:
        name: web
      > stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    count = len(members(pipeline.node.get("stages")))
    if count < 2 and any(not isinstance(item, Mapping) for item in members(pipeline.node.get("stages"))):
        return
    for finding in told(pipeline, "stage-count"):
        finding.span = pipeline.span_of("stages")
        yield finding


@rule("CD511", "first-stage-not-source", Severity.ERROR)
def first_stage_not_source(pipeline: Pipeline) -> Iterator[Finding]:
    """The first stage has an action that is no source, or no source at all.

    The service refuses it: `Pipeline should start with a stage that only contains source actions`. What
    is to run with a source goes into the second stage, with the source's output artifact as its input.
    Source: AWS, pipeline structure reference.

    Bad:
        name: web
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
              - name: Build
      >         actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    first = _first(pipeline)
    if first is None or (pipeline.document.duplicates and not pipeline.is_whole):
        return  # keys that stand twice are two actions or stages in one
    wrong = [action for action in first.actions if action.category in _WORK]
    if _has_no_source(first):
        yield Finding(
            first.span,
            f"The pipeline begins with the stage {first.label}, which has no source action: CodePipeline refuses it.",
            help="Put a stage with source actions only at the beginning.",
        )
        return
    for action in wrong:
        node = action.category_node
        yield Finding(
            node.span if node is not None else action.span,
            f"The first stage may have source actions only, but {action.label} is of category `{action.category}`: "
            "CodePipeline refuses the pipeline.",
            help="Move the action to the second stage.",
        )


def _first(pipeline: Pipeline) -> Stage | None:
    """The first stage, if it is known which one that is."""
    stages = members(pipeline.node.get("stages"))
    if stages and isinstance(stages[0], Mapping) and pipeline.stages:
        return pipeline.stages[0]
    return None


def _has_no_source(stage: Stage) -> bool:
    """Does every one of its actions surely do something else than bring a source?"""
    return stage.is_whole and bool(stage.actions) and all(one.category in _WORK for one in stage.actions)


@rule("CD512", "late-source", Severity.ERROR)
def late_source(pipeline: Pipeline) -> Iterator[Finding]:
    """A source action stands after the first stage.

    The sources of an execution are fixed when it starts. The service answers `Source actions can only be
    included in the first stage of the pipeline`. Source: AWS, pipeline structure reference.

    Bad:
        name: web
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
          - name: Build
            actions:
              - name: Settings
      >         actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
              - name: Settings
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: settings.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Settings}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    first = _first(pipeline)
    if first is None or _has_no_source(first):
        return  # the stages are in the wrong order, and CD511 says so
    for action in pipeline.actions():
        node = action.category_node
        if action.stage is not first and action.category == "Source" and node is not None:
            yield Finding(
                node.span,
                f"{_upper(action.label)} is a source action after the first stage: CodePipeline refuses the pipeline.",
                help="Move it to the first stage, or correct its category.",
            )


def _upper(label: str) -> str:
    return label[:1].upper() + label[1:]


@rule("CD513", "nothing-but-sources", Severity.ERROR)
def nothing_but_sources(pipeline: Pipeline) -> Iterator[Finding]:
    """Every action of the pipeline is a source.

    The service answers `Pipeline should contain at least 1 action whose category is not Source`. Source:
    AWS, pipeline structure reference.

    Bad:
        name: web
      > stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
          - name: More
            actions:
              - name: Settings
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    actions = pipeline.actions()
    if (
        not pipeline.is_whole
        or len(pipeline.stages) < 2
        or not all(stage.actions for stage in pipeline.stages)
    ):
        return
    if all(action.category == "Source" for action in actions):
        yield Finding(
            pipeline.span_of("stages"),
            "The pipeline has source actions only: CodePipeline refuses it, since nothing is done with the sources.",
            help="Add a stage with a build, a deployment or an approval.",
        )


@rule("CD514", "stage-name-twice", Severity.ERROR)
def stage_name_twice(pipeline: Pipeline) -> Iterator[Finding]:
    """Two stages have the same name.

    The service answers `Stage name '…' is used more than once`: transitions, retries and the history
    know a stage by its name. Source: AWS, pipeline structure reference.

    Bad:
        name: web
        stages:
          - name: Source
            actions: []
          - name: Deploy
            actions: []
      >   - name: Deploy
            actions: []
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    for stage in _repeated([(stage.name_node, stage) for stage in pipeline.stages]):
        yield Finding(
            stage.span,
            f"A stage before this one is called {_shown(stage.name_node)}, too: CodePipeline refuses the pipeline.",
            help="Give every stage a name of its own.",
        )


@rule("CD515", "action-name-twice", Severity.ERROR)
def action_name_twice(pipeline: Pipeline) -> Iterator[Finding]:
    """Two actions of a stage have the same name.

    Within its stage an action is known by its name; in another stage the name may come again. CodePipeline
    refuses the pipeline. Source: AWS, pipeline structure reference.

    Bad:
        name: web
        stages:
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
      >       - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    for stage in pipeline.stages:
        for action in _repeated([(action.name_node, action) for action in stage.actions]):
            yield Finding(
                action.span,
                f"Another action of the stage {stage.label} is called {_shown(action.name_node)}, too: CodePipeline "
                "refuses the pipeline.",
                help="Give every action of a stage a name of its own.",
            )


def _repeated(named: list[tuple[Node | None, _Named]]) -> list[_Named]:
    """Those whose name surely came before."""
    seen: set[str] = set()
    found = []
    for node, one in named:
        name = identity(node)
        if name is None or (isinstance(node, Scalar) and node.is_null):
            continue
        if name in seen:
            found.append(one)
        seen.add(name)
    return found


def _shown(node: Node | None) -> str:
    return f"`{node.value}`" if isinstance(node, Scalar) else "so"


@rule("CD516", "empty-stage", Severity.ERROR)
def empty_stage(pipeline: Pipeline) -> Iterator[Finding]:
    """A stage has no actions.

    Every stage has at least one. Source: AWS, pipeline structure reference.

    Bad:
        name: web
        stages:
          - name: Source
      >     actions: []
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    yield from told(pipeline, "empty-stage")


@rule("CD517", "action-count", Severity.WARNING)
def action_count(pipeline: Pipeline) -> Iterator[Finding]:
    """A stage has more than 50 actions, or the pipeline more than 1000.

    AWS names 50 actions as the most in a stage in one place, and 100 that run at the same time or one
    after the other in another; a pipeline has at most 1000. Source: AWS, Quotas in CodePipeline.

    Bad:
        name: web
        stages:
          - name: Test
      >     actions: [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
              {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
              {}, {}, {}, {}, {}]
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    for violation in pipeline.violations:
        if violation.rule == "action-count":
            finding = violation.finding()
            if len(members(violation.node)) > 100:
                finding.severity = Severity.ERROR
            yield finding
    count = len(pipeline.actions())
    if count > _MOST_ACTIONS:
        yield Finding(
            pipeline.span_of("stages"),
            f"The pipeline has {count} actions, but CodePipeline takes at most {_MOST_ACTIONS}.",
            help="Split the pipeline.",
            severity=Severity.ERROR,
        )


@rule("CD518", "approval-with-artifacts", Severity.ERROR)
def approval_with_artifacts(pipeline: Pipeline) -> Iterator[Finding]:
    """A manual approval has input or output artifacts.

    An approval waits for a person; it neither reads nor makes artifacts, and the service refuses an action
    with more artifacts than its type allows. Later actions name the artifact themselves. Source: AWS,
    action structure reference.

    Bad:
        name: web
        stages:
          - name: Approve
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
      >         inputArtifacts: [{name: Code}]
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Approve
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    """
    for action in pipeline.actions():
        if action.category != "Approval":
            continue
        for key, artifacts in (("inputArtifacts", action.inputs), ("outputArtifacts", action.outputs)):
            if artifacts:
                yield Finding(
                    action.span_of(key),
                    f"An approval has no `{pipeline.spell(key)}`: CodePipeline refuses the pipeline.",
                    help="Delete them; the actions after the approval name their artifacts themselves.",
                )


@rule("CD519", "timeout-of-other-action", Severity.ERROR)
def timeout_of_other_action(pipeline: Pipeline) -> Iterator[Finding]:
    """`timeoutInMinutes` stands at an action that is no manual approval.

    The attribute is there for manual approvals only; other actions have fixed limits, and a build has the
    timeout of its CodeBuild project. Source: AWS, API reference of ActionDeclaration.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
      >         timeoutInMinutes: 30
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Approve
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
                timeoutInMinutes: 1440
    """
    for action in pipeline.actions():
        node = action.node.get("timeoutInMinutes")
        if node is None or (isinstance(node, Scalar) and (node.is_null or node.value == "0")):
            continue
        if action.category in ("Source", *_WORK) and action.category != "Approval":
            yield Finding(
                action.span_of("timeoutInMinutes"),
                f"`{pipeline.spell('timeoutInMinutes')}` is there for manual approvals only, but {action.label} is "
                f"of category `{action.category}`.",
                help=_elsewhere(action),
            )


def _elsewhere(action: Action) -> str:
    if action.provider == "CodeBuild":
        return "Delete it; set the timeout in the CodeBuild project."
    return "Delete it."
