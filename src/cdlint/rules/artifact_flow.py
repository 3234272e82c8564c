"""CD520–CD524: which action makes an artifact, and whether it is there when another one needs it."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.pipeline import Action, Artifact, Pipeline
from ..model.values import members
from ..pipeline_shape import is_placeholder
from ..syntax.tree import Mapping, Scalar
from ..wording import closest, listed, plain
from . import rule
from .pipeline_shape import misplaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Stage

#: Actions that have no input at all, which is told of by itself.
_WITHOUT_INPUT = ("Source", "Approval")


@rule("CD520", "output-artifact-twice", Severity.ERROR)
def output_artifact_twice(pipeline: Pipeline) -> Iterator[Finding]:
    """Two output artifacts have the same name.

    The name of an artifact stands for one artifact in the whole pipeline, whatever the stage: an input of
    that name would not say which one is meant. CodePipeline refuses the pipeline. Source: AWS, action
    structure reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                outputArtifacts: [{name: Out}]
              - name: Test
                actionTypeId: {category: Test, owner: AWS, provider: CodeBuild, version: "1"}
      >         outputArtifacts: [{name: Out}]
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
                outputArtifacts: [{name: Out}]
    """
    first: dict[str, Action] = {}
    for action in pipeline.actions():
        for output in action.outputs:
            name = output.identity
            if name is None or not is_there(output):
                continue
            if name in first:
                before = first[name]
                whose = "this action" if before is action else f"the action {before.label}"
                yield Finding(
                    output.span,
                    f"{shown(output)} is an output artifact of {whose} already: CodePipeline refuses the pipeline.",
                    help="Give every output artifact a name of its own in the pipeline.",
                )
            else:
                first[name] = action


def is_there(artifact: Artifact) -> bool:
    return not (isinstance(artifact.node, Scalar) and artifact.node.is_null)


def shown(artifact: Artifact) -> str:
    return f"`{artifact.name}`" if artifact.name is not None else "This"


@rule("CD521", "input-never-produced", Severity.ERROR)
def input_never_produced(pipeline: Pipeline) -> Iterator[Finding]:
    """An input artifact is the output of no action.

    Inputs and outputs are joined by name, upper and lower case included. CodePipeline refuses a pipeline in
    which an action wants an artifact that no action before it makes. Source: AWS, action structure
    reference.

    Bad:
        name: web
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                outputArtifacts: [{name: Code}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
      >         inputArtifacts: [{name: code}]
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
    if not pipeline.knows_outputs:
        return
    if any(misplaced(action, "outputArtifacts") for action in pipeline.actions()):
        return
    if any(action.category == "Source" and not action.outputs for action in pipeline.actions()):
        return  # a source without its artifact, of which CD528 tells
    outputs = [output.name for action in pipeline.actions() for output in action.outputs]
    if any(name is not None and is_placeholder(name) for name in outputs):
        return
    wanted: dict[str, list[tuple[Artifact, list[Action]]]] = {}
    for artifact, before in _wanted(pipeline):
        name = artifact.name
        if name and not is_placeholder(name) and not pipeline.producers(artifact):
            wanted.setdefault(name, []).append((artifact, before))
    for name, places in wanted.items():
        output = _misspelt_output(pipeline, name) if len(places) > 1 else None
        if output is not None:
            yield Finding(
                output.span,
                f"No action wants `{output.name}`, but {len(places)} actions want `{name}`, which none makes: "
                "CodePipeline refuses the pipeline.",
                help=f"Write `{name}`.",
                fix=_renamed(output, name, [name]),
            )
            continue
        for artifact, before in places:
            if not _is_invalid_elsewhere(name, before):
                yield _unproduced(pipeline, artifact, name, before)


def _wanted(pipeline: Pipeline) -> Iterator[tuple[Artifact, list[Action]]]:
    """Each input artifact, and the actions that have ended when it is needed."""
    for stage in pipeline.stages:
        for action in stage.actions:
            if action.category in _WITHOUT_INPUT:
                continue
            before = [one for one in pipeline.actions() if pipeline.runs_before(one, action)]
            for artifact in action.inputs:
                yield artifact, before
        before = [one for one in pipeline.actions() if one.stage.index <= stage.index]
        for artifact in inputs_of_rules(stage):
            yield artifact, before


def _misspelt_output(pipeline: Pipeline, name: str) -> Artifact | None:
    """The output that was meant to have a name which several actions want."""
    outputs = [output for action in pipeline.actions() for output in action.outputs if output.name]
    used = {artifact.name for artifact, _ in _wanted(pipeline)}
    meant = closest(name, [output.name for output in outputs if output.name])
    if meant is None or meant in used:
        return None
    return next(output for output in outputs if output.name == meant)


def _is_invalid_elsewhere(name: str, before: list[Action]) -> bool:
    """Is it made under this name with a character too many, of which CD503 tells?"""
    return any(
        output.name != name
        and plain(output.name or "") == plain(name)
        and not all(char.isascii() and (char.isalnum() or char in "-_") for char in output.name or "")
        for action in before
        for output in action.outputs
    )


def _unproduced(pipeline: Pipeline, artifact: Artifact, name: str, before: list[Action]) -> Finding:
    made = [output.name for one in before for output in one.outputs if output.name]
    elsewhere = [output.name for one in pipeline.actions() for output in one.outputs if output.name]
    meant = closest(name, made) or closest(name, elsewhere)
    if meant is not None:
        help = f"Write `{meant}`."
    elif made:
        help = "Name the output artifact of an action before it: " + listed(f"`{one}`" for one in made) + "."
    else:
        help = "Let an action before it have this output artifact."
    return Finding(
        artifact.span,
        f"No action has the output artifact `{name}`: CodePipeline refuses the pipeline.",
        help=help,
        fix=_renamed(artifact, meant, made),
    )


def _renamed(artifact: Artifact, meant: str | None, made: list[str]) -> Fix | None:
    """The name that was meant, where only one can be."""
    node = artifact.node
    if meant is None or not isinstance(node, Scalar) or node.style not in ("", "'", '"'):
        return None
    inner = 1 if node.style else 0
    others = [one for one in made if one != meant]
    sure = meant in made and (closest(node.value, others) is None or plain(meant) == plain(node.value))
    return Fix(f"Write `{meant}`", [Edit(node.start + inner, node.end - inner, meant)], safe=sure)


def inputs_of_rules(stage: Stage) -> list[Artifact]:
    """The input artifacts of the rules of a stage's conditions."""
    found = []
    for name in ("beforeEntry", "onSuccess", "onFailure"):
        gate = stage.gate(name)
        for condition in members(gate.get("conditions") if gate is not None else None):
            rules = members(condition.get("rules")) if isinstance(condition, Mapping) else []
            for one in rules:
                for entry in members(one.get("inputArtifacts") if isinstance(one, Mapping) else None):
                    node = entry.get("name") if isinstance(entry, Mapping) else None
                    if node is not None:
                        found.append(Artifact(entry, node))
    return found


@rule("CD522", "input-of-later-stage", Severity.ERROR)
def input_of_later_stage(pipeline: Pipeline) -> Iterator[Finding]:
    """An input artifact is made in a later stage only.

    Stages run one after the other, in the order of the file: what a later stage makes is not there yet.
    CodePipeline refuses the pipeline. Source: AWS, action structure reference.

    Bad:
        name: web
        stages:
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
      >         inputArtifacts: [{name: Out}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                outputArtifacts: [{name: Out}]
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
    for action, artifact, producers in _too_late(pipeline):
        producer = producers[0]
        if producer.category == "Source":
            continue  # a source after the first stage, of which CD511 or CD512 tells
        if all(one.stage is not action.stage for one in producers):
            yield Finding(
                artifact.span,
                f"{shown(artifact)} is made by {producer.label} in the later stage {producer.stage.label}: "
                "CodePipeline refuses the pipeline.",
                help="Move the action behind the one that makes it, or name another artifact.",
            )


@rule("CD523", "input-beside-producer", Severity.ERROR)
def input_beside_producer(pipeline: Pipeline) -> Iterator[Finding]:
    """An action starts beside or before the one that makes its input, by their `runOrder`.

    Within a stage the numbers of `runOrder` tell the order, not the place in the file: equal numbers run at
    the same time, and without one it is 1. CodePipeline refuses a pipeline in which an input artifact is
    not there before. Source: AWS, action structure reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                outputArtifacts: [{name: Out}]
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
      >         inputArtifacts: [{name: Out}]
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
                outputArtifacts: [{name: Out}]
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                configuration: {BucketName: web, Extract: "true"}
                runOrder: 2
                inputArtifacts: [{name: Out}]
    """
    key = pipeline.spell("runOrder")
    for action, artifact, producers in _too_late(pipeline):
        beside = [one for one in producers if one.stage is action.stage and one is not action]
        if not beside or action.run_order is None:
            continue
        if beside[0].category == "Source" and action.category != "Source":
            continue  # an action beside the sources, of which CD511 tells
        producer = beside[0]
        order = producer.run_order or 1
        node = action.run_order_node
        when = "at the same time" if order == action.run_order else "later"
        who = action.label[:1].upper() + action.label[1:]
        yield Finding(
            node.span if node is not None else artifact.span,
            f"{who} needs {shown(artifact)}, but {producer.label} makes it {when}: "
            f"the `{key}` of the two is {action.run_order} and {order}. CodePipeline refuses the pipeline.",
            help=f"Give {action.label} the `{key}` {order + 1} or more.",
            fix=_later(action, order + 1),
        )


def _later(action: Action, order: int) -> Fix | None:
    """A greater run order; safe where nothing of the stage runs at that time or after it."""
    node = action.run_order_node
    if not isinstance(node, Scalar) or node.style not in ("", "'", '"') or order > 999:
        return None
    inner = 1 if node.style else 0
    others = [one.run_order for one in action.stage.actions if one is not action]
    free = action.stage.is_whole and all(one is not None and one < order for one in others)
    return Fix(
        f"Write {order}",
        [Edit(node.start + inner, node.end - inner, str(order))],
        safe=free and not action.outputs and action.namespace_node is None,
    )


@rule("CD524", "own-output-as-input", Severity.ERROR)
def own_output_as_input(pipeline: Pipeline) -> Iterator[Finding]:
    """An action wants the artifact that it makes itself.

    The input has to be there before the action starts. CodePipeline refuses the pipeline. Source: AWS,
    action structure reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
      >         inputArtifacts: [{name: Out}]
                outputArtifacts: [{name: Out}]
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
                outputArtifacts: [{name: Out}]
    """
    for action, artifact, producers in _too_late(pipeline):
        if producers == [action]:
            yield Finding(
                artifact.span,
                f"{shown(artifact)} is the output of {action.label} itself: CodePipeline refuses the pipeline.",
                help="Name an artifact of an action before it, or give the output another name.",
            )


def _too_late(pipeline: Pipeline) -> Iterator[tuple[Action, Artifact, list[Action]]]:
    """Each input artifact that is made, but surely not before it is needed, and who makes it."""
    for action in pipeline.actions():
        for artifact in action.inputs if action.category not in _WITHOUT_INPUT else ():
            producers = pipeline.producers(artifact) if is_there(artifact) else []
            if producers and all(pipeline.runs_before(one, action) is False for one in producers):
                yield action, artifact, producers
