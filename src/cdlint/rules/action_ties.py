"""CD620, CD621, CD625: configuration keys that depend on one another, or on the artifacts of the action."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.values import entries, identity, known, visible
from ..source import Span
from ..syntax.tree import GAP, Node, Scalar, Sequence
from ..wording import closest, listed
from . import rule
from .configuration import capital, configured, inputs_of, is_open, json_of, meaning, replacement
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD620", "artifact-not-an-input", Severity.ERROR)
def artifact_not_an_input(pipeline: Pipeline) -> Iterator[Finding]:
    """The configuration names an artifact that is no input of the action.

    An action sees its input artifacts only. What stands before `::` in `TemplatePath`, in `PrimarySource`, in
    `TaskDefinitionTemplateArtifact` or in `Fn::GetParam` has to be the name of one of them, in the same letters.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: app
                    RoleArn: arn:aws:iam::111122223333:role/stack
      >             TemplatePath: SourceArtifact::template.yml
                  inputArtifacts: [{name: Source}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: app
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
    """
    for action in pipeline.actions():
        inputs = inputs_of(action)
        if inputs is None or action.type is None:
            continue
        for key, name, node, span in _artifact_names(action):
            if name in inputs or not name or is_open(name):
                continue
            yield _not_an_input(action, key, name, inputs, node, span)


def _artifact_names(action: Action) -> Iterator[tuple[str, str, Scalar | None, Span]]:
    """`(key, artifact, value that begins with it, place)` of each artifact that the configuration names."""
    kind, document = action.type, action.pipeline.document
    for key, (_, node) in action.configuration.items():
        spec = kind.keys.get(key) if kind is not None else None
        if not spec:
            continue
        text = visible(node)
        if spec.get("input") and isinstance(node, Scalar) and known(node):
            yield key, text, node, node.span
        elif spec.get("path") and "::" in text:
            name = text.partition("::")[0]
            scalar = node if isinstance(node, Scalar) else None
            if GAP not in name:
                yield key, name, scalar, part(document, scalar, 0, len(name)) if scalar else node.span
        elif spec.get("json") == "object":
            for one in _of_functions(json_of(document, node).root):
                yield key, one.value, None, one.span


def _of_functions(root: Node | None) -> Iterator[Scalar]:
    """The artifacts of `Fn::GetArtifactAtt` and `Fn::GetParam` in `ParameterOverrides`."""
    for _, value in entries(root):
        for name, arguments in entries(value):
            if name.value in ("Fn::GetArtifactAtt", "Fn::GetParam") and isinstance(arguments, Sequence):
                first = arguments.items[0] if arguments.items else None
                if isinstance(first, Scalar) and not is_open(first.value):
                    yield first


def _not_an_input(
    action: Action, key: str, name: str, inputs: list[str], node: Scalar | None, span: Span
) -> Finding:
    near = closest(name, inputs) or (inputs[0] if len(inputs) == 1 else None)
    fix = None
    if near is not None and node is not None and closest(name, inputs):
        fix = replacement(action.pipeline.document, node, 0, len(name), near, f"write `{near}`")
    if not inputs:
        told, help = "it has none", f"Add `{name}` to `{action.pipeline.spell('inputArtifacts')}`."
    else:
        told = f"it has {listed((f'`{one}`' for one in inputs), 'and')}"
        help = f"Write `{near}`" if near else f"Write {listed(f'`{one}`' for one in inputs)}"
        help += f", or add `{name}` to `{action.pipeline.spell('inputArtifacts')}`."
    # A build with one input takes that as its source, whatever the key says.
    idle = key == "PrimarySource" and len(inputs) == 1 and fix is None
    return Finding(
        span,
        f"`{key}` names `{name}`, which is no input artifact of {action.label}: {told}.",
        help=help,
        fix=fix,
        severity=Severity.WARNING if idle else None,
    )


@rule("CD621", "primary-source-missing", Severity.ERROR)
def primary_source_missing(pipeline: Pipeline) -> Iterator[Finding]:
    """A build has several input artifacts, and does not say which one is its source.

    CodeBuild looks for the buildspec in the primary source and starts the commands in its folder. With more than one
    input artifact `PrimarySource` has to name it.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
                - name: Tools
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: tools, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: TOOLS}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
      >           configuration:
                    ProjectName: app
                  inputArtifacts: [{name: Source}, {name: TOOLS}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
                - name: Tools
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: tools, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: TOOLS}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
                    PrimarySource: Source
                  inputArtifacts: [{name: Source}, {name: TOOLS}]
    """
    for action in configured(pipeline, "CodeBuild"):
        if len(action.inputs) < 2 or action.key("PrimarySource") is not None or pipeline.document.damaged:
            continue
        kind = action.type
        if any(meaning(kind, name) == "PrimarySource" for name in action.configuration):
            continue  # misspelt, and told as that
        if len({identity(artifact.node) for artifact in action.inputs}) > 1:
            yield Finding(
                action.configuration_span,
                f"{capital(action.label)} has {len(action.inputs)} input artifacts and no `PrimarySource`: "
                "CodePipeline refuses the action, since CodeBuild does not know in which one the buildspec is.",
                help="Add `PrimarySource` with the name of the artifact that has the buildspec.",
            )


@rule("CD625", "image-pair-broken", Severity.ERROR)
def image_pair_broken(pipeline: Pipeline) -> Iterator[Finding]:
    """An image of a blue/green deployment has an artifact or a placeholder, but not both.

    `Image1ArtifactName` says which artifact has the `imageDetail.json`, `Image1ContainerName` which placeholder in the
    task definition is replaced by its image. The placeholder is written `<IMAGE1_NAME>` in the task definition, and
    without the brackets in the pipeline.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeployToECS, version: "1"}
                  configuration:
                    ApplicationName: shop
                    DeploymentGroupName: web
                    TaskDefinitionTemplateArtifact: Source
                    AppSpecTemplateArtifact: Source
      >             Image1ArtifactName: Source
                  inputArtifacts: [{name: Source}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeployToECS, version: "1"}
                  configuration:
                    ApplicationName: shop
                    DeploymentGroupName: web
                    TaskDefinitionTemplateArtifact: Source
                    AppSpecTemplateArtifact: Source
                    Image1ArtifactName: Source
                    Image1ContainerName: IMAGE1_NAME
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline, "CodeDeployToECS"):
        for number in "1234":
            artifact, container = f"Image{number}ArtifactName", f"Image{number}ContainerName"
            first, second = action.key(artifact), action.key(container)
            if first is not None and second is None:
                yield _half(first, container, "the placeholder that is replaced by the image")
            elif second is not None and first is None:
                yield _half(second, artifact, "the input artifact with `imageDetail.json`")
            node = action.get(container)
            if isinstance(node, Scalar) and node.value[:1] == "<" and node.value[-1:] == ">":
                inside = node.value[1:-1]
                yield Finding(
                    node.span,
                    f"The brackets belong into the task definition only: CodePipeline would look for `<{node.value}>`, "
                    "find nothing, and deploy the image that is there.",
                    help=f"Write `{inside}`.",
                    fix=replacement(pipeline.document, node, 0, len(node.value), inside, f"write `{inside}`")
                    if inside.replace("_", "").isalnum()
                    else None,
                )


def _half(key: Scalar, other: str, what: str) -> Finding:
    return Finding(
        key.span,
        f"`{key.value}` has no effect without `{other}`: the two go together.",
        help=f"Add `{other}`, {what}.",
    )
