"""CD578: references to a pipeline's variables in a build project."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.codebuild_project import Project
from ..model.references import CODEPIPELINE, references_in
from ..model.values import members
from ..syntax.tree import Mapping
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The names that the console gives, and those of pipelines themselves.
NAMESPACES = frozenset((CODEPIPELINE, "variables", "SourceVariables", "BuildVariables", "DeployVariables"))
#: Variables that source actions set.
KEYS = frozenset(
    "AuthorDate BranchName CommitId CommitMessage CommitterDate RepositoryName FullRepositoryName VersionId "
    "ImageDigest ImageTag ImageURI PipelineExecutionId".split()
)


@rule("CD578", "reference-in-project", Severity.WARNING)
def reference_in_project(project: Project) -> Iterator[Finding]:
    """A build project has a reference to a variable of a pipeline, which nobody replaces there.

    `#{namespace.key}` is replaced in the configuration of a pipeline's actions only. In the environment of a project
    it reaches the build as it is written. Source: AWS, variables reference.

    Bad (kind: template):
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
      >           - {Name: RUN, Value: '#{codepipeline.PipelineExecutionId}'}
              Source: {Type: CODEPIPELINE}
    Good (kind: template):
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
                  - {Name: RUN, Value: local}
              Source: {Type: CODEPIPELINE}
    """
    if "#{" not in project.document.text:
        return
    for variable in members(project.get("environment", "environmentVariables")):
        value = variable.get("value") if isinstance(variable, Mapping) else None
        for reference in references_in(project.document.text, value) if value is not None else ():
            if not reference.fault and (reference.namespace in NAMESPACES or reference.key in KEYS):
                yield Finding(
                    reference.span,
                    f"`{reference.text}` is not replaced in a project: the build gets it as it is written.",
                    help="Set the variable in `EnvironmentVariables` of the pipeline's action.",
                )
