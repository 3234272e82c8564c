"""CD652–CD654, CD660, CD665, CD666: the settings of a build project, and what a pipeline makes of them."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.codebuild_project import Project, inline_text
from ..model.values import known
from ..syntax.tree import Scalar
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Node

_PIPELINE = "CODEPIPELINE"
#: Settings of the source that are the source action's business when the source comes from a pipeline.
_OF_SOURCE = ("location", "auth", "gitCloneDepth", "reportBuildStatus", "insecureSsl")
#: Settings that builds on Lambda compute do not have. Source: AWS, CodeBuild on Lambda compute.
_NOT_ON_LAMBDA = {
    "vpcConfig": "no access to a VPC",
    "fileSystemLocations": "no file systems",
    "timeoutInMinutes": "no timeouts of your own",
    "queuedTimeoutInMinutes": "no timeouts of your own",
}


@rule("CD652", "pipeline-type-on-one-side", Severity.ERROR)
def pipeline_type_on_one_side(project: Project) -> Iterator[Finding]:
    """Only one of source and artifacts has the type `CODEPIPELINE`.

    A project that builds for a pipeline gets its source from the pipeline and gives its artifacts back to it: both
    types are `CODEPIPELINE`. CodeBuild takes none without the other. Source: AWS, CodeBuild project reference.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
      >       Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    source, artifacts = project.get("source", "type"), project.get("artifacts", "type")
    one, other = known(source), known(artifacts)
    if one is None or other is None or (one == _PIPELINE) == (other == _PIPELINE):
        return
    if _PIPELINE in (one.upper(), other.upper()) and one.upper() == other.upper():
        return  # in other letters: told by CD656
    # A source with a place of its own is meant to be built without a pipeline.
    node = artifacts if one == _PIPELINE or project.get("source", "location") is not None else source
    assert node is not None
    where, there = ("artifacts", "source") if node is artifacts else ("source", "artifacts")
    yield Finding(
        node.span,
        f"The type of the {there} is `CODEPIPELINE`, and that of the {where} is not: CodeBuild refuses the project."
        if one == _PIPELINE or node is source
        else "The type `CODEPIPELINE` belongs to projects that get their source from a pipeline too: CodeBuild "
        "refuses the project.",
        help="Write `CODEPIPELINE` for both in a project that a pipeline uses, for neither in any other.",
    )


@rule("CD653", "ignored-in-pipeline-project", Severity.WARNING)
def ignored_in_pipeline_project(project: Project) -> Iterator[Finding]:
    """A source that comes from a pipeline has settings of its own.

    With the type `CODEPIPELINE` the source action of the pipeline decides what is built. A location, a clone depth
    or credentials beside it have no effect. Source: AWS, CodeBuild project reference.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: CODEPIPELINE
      >         Location: https://github.com/example/app.git
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    if project.source_type != _PIPELINE or known(project.get("artifacts", "type")) not in (None, _PIPELINE):
        return
    for name in _OF_SOURCE:
        key, value = project.key_of("source", name), project.get("source", name)
        if key is None or not _says(value):
            continue
        yield Finding(
            key.span,
            f"`{project.spell(name)}` has no effect here: the pipeline's source action decides what is built.",
            help="Delete it, and set it in the source action if need be.",
        )


def _says(node: Node | None) -> bool:
    """Is it a value that does something?"""
    if node is None:
        return False
    if isinstance(node, Scalar):
        return not node.is_null and node.value not in ("", "0") and node.truth is not False
    return True


@rule("CD654", "no-source-without-buildspec", Severity.ERROR)
def no_source_without_buildspec(project: Project) -> Iterator[Finding]:
    """A project without a source has no buildspec text.

    With the type `NO_SOURCE` there are no files, so that a buildspec cannot be read from one: its text must stand in
    the project. Source: AWS, CodeBuild project reference.

    Bad:
        Resources:
          Job:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: NO_SOURCE
      >         BuildSpec: buildspec.yml
              Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Resources:
          Job:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: NO_SOURCE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - aws sts get-caller-identity
              Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    kind = project.get("source", "type")
    if known(kind) != "NO_SOURCE" or kind is None:
        return
    node = project.buildspec
    name = project.spell("buildSpec")
    if node is None:
        yield Finding(
            kind.span,
            f"A project without a source needs the text of its buildspec, and there is no `{name}`.",
            help=f"Write the buildspec under `{name}`, as a block behind `|`.",
        )
    elif project.buildspec_path is not None and not inline_text(node):
        yield Finding(
            node.span,
            "A project without a source has no files: CodeBuild cannot read its buildspec from one.",
            help=f"Write the text of the buildspec under `{name}`, as a block behind `|`.",
        )


@rule("CD660", "build-timeout-out-of-range", Severity.ERROR)
def build_timeout_out_of_range(project: Project) -> Iterator[Finding]:
    """A timeout of the project is shorter or longer than CodeBuild allows.

    A build may take from 5 minutes to 36 hours (2160 minutes), and wait from 5 minutes to 8 hours (480 minutes).
    Source: AWS, quotas of CodeBuild.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
      >       TimeoutInMinutes: 3600
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              TimeoutInMinutes: 60
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    for name, least, most, what in (
        ("timeoutInMinutes", 5, 2160, "take"),
        ("queuedTimeoutInMinutes", 5, 480, "wait"),
    ):
        node = project.get(name)
        text = known(node)
        if node is None or text is None or not text.isascii() or not text.lstrip("-").isdigit():
            continue
        if not least <= int(text[:12]) <= most:
            yield Finding(
                node.span,
                f"A build may {what} from {least} to {most} minutes; CodeBuild refuses {text[:12]}.",
                help=f"Write a number from {least} to {most}.",
            )


@rule("CD665", "not-on-lambda-compute", Severity.WARNING)
def not_on_lambda_compute(project: Project) -> Iterator[Finding]:
    """A project on Lambda compute has a setting that only other compute has.

    Builds on Lambda have no privileged mode, no VPC, no file systems, no cache, no badges and no timeouts of their
    own: they end after 15 minutes at most. Source: AWS, CodeBuild on Lambda compute.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_LAMBDA_CONTAINER
                ComputeType: BUILD_LAMBDA_2GB
                Image: aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs22
      >         PrivilegedMode: true
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_LAMBDA_CONTAINER
                ComputeType: BUILD_LAMBDA_2GB
                Image: aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs22
    """
    if not (project.environment_type or "").endswith("_LAMBDA_CONTAINER"):
        return
    found = [(key, why) for name, why in _NOT_ON_LAMBDA.items() if (key := project.key_of(name)) is not None]
    if project.privileged:
        key = project.key_of("environment", "privilegedMode")
        found += [(key, "no privileged mode and no docker")] if key is not None else []
    cache = project.get("cache", "type")
    if known(cache) in ("S3", "LOCAL"):
        key = project.key_of("cache")
        found += [(key, "no cache")] if key is not None else []
    badge = project.get("badgeEnabled")
    key = project.key_of("badgeEnabled")
    if isinstance(badge, Scalar) and badge.truth and key is not None:
        found.append((key, "no badges"))
    for key, why in found:
        yield Finding(
            key.span,
            f"Builds on Lambda compute have {why}.",
            help="Delete the setting, or build on another type, such as `LINUX_CONTAINER`.",
        )


@rule("CD666", "badge-in-pipeline-project", Severity.WARNING)
def badge_in_pipeline_project(project: Project) -> Iterator[Finding]:
    """A build badge is asked for in a project that gets its source from a pipeline.

    A badge shows the state of a branch of a repository, which a project of a pipeline does not know.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
      >       BadgeEnabled: true
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    badge, key = project.get("badgeEnabled"), project.key_of("badgeEnabled")
    if key is not None and project.source_type == _PIPELINE and isinstance(badge, Scalar) and badge.truth:
        yield Finding(
            key.span,
            "There is no build badge for a project that gets its source from a pipeline.",
            help="Delete the setting.",
        )
