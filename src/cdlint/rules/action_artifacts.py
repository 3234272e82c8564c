"""CD640–CD642, CD646: artifacts that an action cannot make use of."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Artifact, Pipeline
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def _made_by(pipeline: Pipeline, artifact: Artifact) -> Action | None:
    """The one action that makes an artifact."""
    found = pipeline.producers(artifact)
    return found[0] if len(found) == 1 and pipeline.is_whole else None


@rule("CD640", "clone-reference-unusable", Severity.ERROR)
def clone_reference_unusable(pipeline: Pipeline) -> Iterator[Finding]:
    """An artifact that is only a reference to a repository goes to an action that cannot clone it.

    With `OutputArtifactFormat` `CODEBUILD_CLONE_REF` the source hands on no files, but a reference that CodeBuild
    follows with `git clone`. No other action can.

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
                  configuration:
                    RepositoryName: app
                    BranchName: main
                    PollForSourceChanges: "false"
                    OutputArtifactFormat: CODEBUILD_CLONE_REF
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Publish
                  actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                  configuration: {BucketName: www.example.net, Extract: "true"}
      >           inputArtifacts: [{name: Source}]
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
                  configuration:
                    RepositoryName: app
                    BranchName: main
                    PollForSourceChanges: "false"
                    OutputArtifactFormat: CODE_ZIP
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Publish
                  actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                  configuration: {BucketName: www.example.net, Extract: "true"}
                  inputArtifacts: [{name: Source}]
    """
    for action in pipeline.actions():
        if action.type is None or action.provider == "CodeBuild":
            continue
        for artifact in action.inputs:
            source = _made_by(pipeline, artifact)
            if source is None or source.text("OutputArtifactFormat") != "CODEBUILD_CLONE_REF":
                continue
            near = action.provider in ("Commands", "ECRBuildAndPublish", "InspectorScan")
            yield Finding(
                artifact.span,
                f"This artifact is a reference only (`CODEBUILD_CLONE_REF`), which no action but CodeBuild can follow: "
                f"{action.label} gets no files.",
                help=f"Set `OutputArtifactFormat` of {source.label} to `CODE_ZIP`, or take what a build makes of it.",
                severity=Severity.WARNING if near else None,
            )


@rule("CD641", "image-source-into-ecs", Severity.ERROR)
def image_source_into_ecs(pipeline: Pipeline) -> Iterator[Finding]:
    """The artifact of an ECR source goes to the action `ECS`, which needs another file.

    An ECR source hands on `imageDetail.json` and nothing else. The action `ECS` reads image definitions
    (`imagedefinitions.json`), a list of containers and images, and fails with `Did not find the image definition file
    imagedefinitions.json in the input artifacts ZIP file`. A build in between can write it; blue/green deployments
    (`CodeDeployToECS`) read `imageDetail.json`.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Image
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  configuration: {RepositoryName: app}
                  outputArtifacts: [{name: Image}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  configuration: {ClusterName: shop, ServiceName: web}
      >           inputArtifacts: [{name: Image}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Image
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  configuration: {RepositoryName: app}
                  outputArtifacts: [{name: Image}]
            - name: Work
              actions:
                - name: Define
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration: {ProjectName: image-definitions}
                  inputArtifacts: [{name: Image}]
                  outputArtifacts: [{name: Definitions}]
                - name: Deploy
                  runOrder: 2
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  configuration: {ClusterName: shop, ServiceName: web}
                  inputArtifacts: [{name: Definitions}]
    """
    for action in pipeline.actions():
        if not action.is_a("ECS", "Deploy"):
            continue
        for artifact in action.inputs:
            source = _made_by(pipeline, artifact)
            if source is not None and source.is_a("ECR", "Source"):
                file = action.text("FileName") or "imagedefinitions.json"
                yield Finding(
                    artifact.span,
                    f"An ECR source hands on `imageDetail.json` only, and this action looks for `{file}`: it says `Did "
                    "not find the image definition file`."
                    if file != "imageDetail.json"
                    else "`imageDetail.json` of an ECR source is no list of image definitions, as this action reads.",
                    help="Let a build write `imagedefinitions.json` from it, and deploy the artifact of that build.",
                )


@rule("CD642", "source-into-blue-green", Severity.WARNING)
def source_into_blue_green(pipeline: Pipeline) -> Iterator[Finding]:
    """A blue/green deployment gets the whole source, of which it can read 3 MB.

    `CodeDeployToECS` reads the task definition and the appspec from artifacts of at most 3 MB. A repository grows
    beyond that, and then the action fails with `Exception while trying to read the task definition artifact file`,
    although the file is there.

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
      >             TaskDefinitionTemplateArtifact: Source
                    AppSpecTemplateArtifact: Source
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
                - name: Pack
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration: {ProjectName: app}
                  inputArtifacts: [{name: Source}]
                  outputArtifacts: [{name: Definitions}]
                - name: Deploy
                  runOrder: 2
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeployToECS, version: "1"}
                  configuration:
                    ApplicationName: shop
                    DeploymentGroupName: web
                    TaskDefinitionTemplateArtifact: Definitions
                    AppSpecTemplateArtifact: Definitions
                  inputArtifacts: [{name: Definitions}]
    """
    for action in pipeline.actions():
        if not action.is_a("CodeDeployToECS", "Deploy"):
            continue
        told: set[str] = set()
        for name in ("TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"):
            node = action.get(name)
            artifact = next(
                (one for one in action.inputs if node is not None and one.name == action.text(name)), None
            )
            source = _made_by(pipeline, artifact) if artifact is not None and artifact.name else None
            if node is None or source is None or artifact is None or artifact.name in told:
                continue
            if source.provider in ("CodeCommit", "CodeStarSourceConnection", "GitHub"):
                told.add(artifact.name or "")
                yield Finding(
                    node.span,
                    "This is the whole repository, and the action reads artifacts of at most 3 MB: beyond that it "
                    "fails with `Exception while trying to read the task definition artifact file`.",
                    help="Let a build put the task definition and the appspec into a small artifact of their own.",
                )


@rule("CD646", "source-instead-of-build", Severity.WARNING)
def source_instead_of_build(pipeline: Pipeline) -> Iterator[Finding]:
    """An ECS deployment takes the source, and nobody takes what the build makes.

    The action `ECS` reads the image definitions that a build has written. In the source there are none as a rule:
    `Did not find the image definition file imagedefinitions.json in the input artifacts ZIP file`.

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
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration: {ProjectName: app}
                  inputArtifacts: [{name: Source}]
                  outputArtifacts: [{name: Built}]
                - name: Deploy
                  runOrder: 2
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  configuration: {ClusterName: shop, ServiceName: web}
      >           inputArtifacts: [{name: Source}]
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
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration: {ProjectName: app}
                  inputArtifacts: [{name: Source}]
                  outputArtifacts: [{name: Built}]
                - name: Deploy
                  runOrder: 2
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  configuration: {ClusterName: shop, ServiceName: web}
                  inputArtifacts: [{name: Built}]
    """
    taken = {artifact.identity for action in pipeline.actions() for artifact in action.inputs}
    for action in pipeline.actions():
        if not action.is_a("ECS", "Deploy") or not pipeline.is_whole or len(action.inputs) != 1:
            continue
        source = _made_by(pipeline, action.inputs[0])
        if source is None or source.provider not in ("CodeCommit", "CodeStarSourceConnection", "GitHub"):
            continue
        made = [
            artifact.name
            for build in pipeline.actions()
            if build.is_a("CodeBuild") and pipeline.runs_before(build, action)
            for artifact in build.outputs
            if artifact.name is not None and artifact.identity not in taken
        ]
        if made:
            yield Finding(
                action.inputs[0].span,
                "This is the source, in which there are no image definitions as a rule, while no action takes what the "
                "build makes.",
                help=f"Take `{made[0]}` instead.",
            )
