"""CD525–CD529: artifacts too many, too few, or unused, and what CodeBuild makes of their names."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.values import identity, known
from ..syntax.tree import Scalar
from ..wording import closest
from . import rule
from .artifact_flow import inputs_of_rules, is_there, shown
from .pipeline_shape import misplaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Artifact

#: Any action type of the user's own.
_OF_CUSTOM = (0, 5)


@rule("CD525", "input-artifact-twice", Severity.WARNING)
def input_artifact_twice(pipeline: Pipeline) -> Iterator[Finding]:
    """An action lists the same input artifact twice.

    The second one adds nothing, and CloudFormation wants the entries to differ: one of them was probably
    meant to be another artifact. Source: AWS, template reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                inputArtifacts:
                  - name: Code
      >           - name: Code
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
    for action in pipeline.actions():
        seen: set[str] = set()
        for artifact in action.inputs:
            name = artifact.identity
            if name is None or not is_there(artifact):
                continue
            if name in seen:
                yield Finding(
                    artifact.span,
                    f"{shown(artifact)} is an input artifact of {action.label} already.",
                    help="Delete it, or name the other artifact that was meant.",
                )
            seen.add(name)


@rule("CD526", "unused-output-artifact", Severity.INFO)
def unused_output_artifact(pipeline: Pipeline) -> Iterator[Finding]:
    """No action uses an output artifact.

    The action makes and stores it for nothing; often the action that should use it names another one.
    Source: AWS, action structure reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
      >         outputArtifacts: [{name: Out}]
          - name: Approve
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
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
    inputs = [artifact for action in actions for artifact in action.inputs]
    inputs += [artifact for stage in pipeline.stages for artifact in inputs_of_rules(stage)]
    if not pipeline.is_whole or not all(action.knows_inputs for action in actions):
        return
    if any(known(artifact.node) is None for artifact in inputs):
        return
    used = {identity(artifact.node) for artifact in inputs}
    lost = [one.name for one in inputs if one.name and not pipeline.producers(one)]
    for action in actions:
        if action.is_a("ECR", "Source"):
            continue  # it is there to start the pipeline
        for output in action.outputs:
            if output.name and output.identity not in used and closest(output.name, lost) is None:
                yield Finding(
                    output.span,
                    f"No action has `{output.name}` as an input artifact.",
                    help="Delete it, or name it as an input where it is needed.",
                )


@rule("CD527", "input-count", Severity.ERROR)
def input_count(pipeline: Pipeline) -> Iterator[Finding]:
    """An action has more or fewer input artifacts than its type takes.

    A source takes none, a build at least one, most deployments exactly one. The service answers `Action …
    declares 0 input artifacts which is less than the minimum count (1)`. Source: AWS, numbers of input and
    output artifacts for each action type.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
      >       - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
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
    for action in pipeline.actions():
        yield from _counted(action, "inputArtifacts", _inputs(action))


@rule("CD528", "output-count", Severity.ERROR)
def output_count(pipeline: Pipeline) -> Iterator[Finding]:
    """An action has more or fewer output artifacts than its type has.

    A source has exactly one, a build up to five, a deployment none (only a CloudFormation action may have
    one). CodePipeline refuses the pipeline. Source: AWS, numbers of input and output artifacts for each
    action type.

    Bad:
        name: web
        stages:
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                inputArtifacts: [{name: Code}]
      >         outputArtifacts: [{name: Site}]
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
    for action in pipeline.actions():
        kind = action.type
        bounds = kind.outputs if kind is not None and kind.published else None
        yield from _counted(action, "outputArtifacts", _OF_CUSTOM if action.owner == "Custom" else bounds)


def _inputs(action: Action) -> tuple[int, int] | None:
    """How many inputs an action may have."""
    if action.owner == "Custom":
        return _OF_CUSTOM
    kind = action.type
    if kind is None or not kind.published or kind.inputs is None:
        return None
    if kind.provider == "InspectorScan":
        # An image is scanned where it lies, a source comes as an artifact.
        return (1, 1) if action.text("InspectorRunMode") == "SourceCodeScan" else kind.inputs
    return kind.inputs


def _counted(action: Action, key: str, bounds: tuple[int, int] | None) -> Iterator[Finding]:
    if bounds is None or action.category == "Approval" or misplaced(action, key):
        return
    least, most = bounds
    artifacts, whole = (
        (action.inputs, action.knows_inputs)
        if key == "inputArtifacts"
        else (action.outputs, action.knows_outputs)
    )
    what = ("input" if key == "inputArtifacts" else "output") + " artifact"
    name = action.pipeline.spell(key)
    kind = f"{action.category} action of {action.provider}" if action.owner != "Custom" else "custom action"
    verb = "takes" if key == "inputArtifacts" else "has"
    if len(artifacts) > most:
        place = action.span_of(key) if most == 0 else artifacts[most].span
        takes = f"no {what}" if most == 0 else f"at most {most} {what}{'' if most == 1 else 's'}"
        yield Finding(
            place,
            f"{_article(kind)} {verb} {takes}, but {action.label} has {len(artifacts)}: CodePipeline refuses the "
            "pipeline.",
            help=f"Delete `{name}`." if most == 0 else f"Leave {most} in `{name}`.",
        )
    elif whole and len(artifacts) < least:
        has = f"exactly {least}" if least == most else f"at least {least}"
        yield Finding(
            action.span_of(key),
            f"{_article(kind)} {verb} {has} {what}{'' if least == 1 else 's'}, but {action.label} has "
            f"{len(artifacts) or 'none'}: CodePipeline refuses the pipeline.",
            help=f"Add `{name}` with the name of {'an artifact made before' if key[0] == 'i' else 'the artifact'}.",
        )


def _article(kind: str) -> str:
    return ("An " if kind[0] in "AEIOU" else "A ") + kind


@rule("CD529", "codebuild-artifact-name", Severity.ERROR)
def codebuild_artifact_name(pipeline: Pipeline) -> Iterator[Finding]:
    """A CodeBuild action has several artifacts, and the name of one has a `-`.

    With two or more outputs, and for every input but the primary one, CodeBuild takes the name of the
    artifact as an identifier, which has letters, digits and `_` only: the build does not start, with
    `identifier must contain only alphanumeric characters and underscores`. CodePipeline itself takes the
    name. Source: AWS, multiple input sources and output artifacts sample.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
                outputArtifacts:
                  - name: web
      >           - name: test-results
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
                outputArtifacts:
                  - name: web
                  - name: test_results
    """
    for action in pipeline.actions():
        if not action.is_a("CodeBuild", "Build", "Test") or action.owner != "AWS":
            continue
        primary = action.text("PrimarySource")
        secondary: list[Artifact] = []
        if len(action.inputs) > 1 and primary is not None:
            secondary += [one for one in action.inputs if one.name != primary]
        if len(action.outputs) > 1:
            secondary += action.outputs
        for artifact in secondary:
            if isinstance(artifact.node, Scalar) and "-" in artifact.node.value:
                yield Finding(
                    artifact.span,
                    f"CodeBuild takes `{artifact.name}` as an identifier, which must not have a `-`: the build does "
                    "not start.",
                    help=f"Call the artifact `{artifact.node.value.replace('-', '_')}`, here, in the other actions "
                    "and in the buildspec.",
                )
