"""CD656–CD659, CD667, CD672: the machine and the image of a build project."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.codebuild_project import Project
from ..model.values import known, members
from ..syntax.tree import Scalar
from ..wording import closest, listed, plain
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Node

#: The words of CodeBuild's API. Source: its service model.
ENVIRONMENTS = (
    "LINUX_CONTAINER",
    "LINUX_GPU_CONTAINER",
    "ARM_CONTAINER",
    "WINDOWS_CONTAINER",
    "WINDOWS_SERVER_2019_CONTAINER",
    "WINDOWS_SERVER_2022_CONTAINER",
    "LINUX_LAMBDA_CONTAINER",
    "ARM_LAMBDA_CONTAINER",
    "LINUX_EC2",
    "ARM_EC2",
    "WINDOWS_EC2",
    "MAC_ARM",
)
COMPUTE = (
    "BUILD_GENERAL1_SMALL",
    "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_2XLARGE",
    "BUILD_LAMBDA_1GB",
    "BUILD_LAMBDA_2GB",
    "BUILD_LAMBDA_4GB",
    "BUILD_LAMBDA_8GB",
    "BUILD_LAMBDA_10GB",
    "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
)
SOURCES = (
    "CODECOMMIT",
    "CODEPIPELINE",
    "GITHUB",
    "GITLAB",
    "GITLAB_SELF_MANAGED",
    "S3",
    "BITBUCKET",
    "GITHUB_ENTERPRISE",
    "NO_SOURCE",
)
_MODES = ("LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE")
_WORDS = {
    ("environment", "type"): ENVIRONMENTS,
    ("environment", "computeType"): COMPUTE,
    ("environment", "imagePullCredentialsType"): ("CODEBUILD", "SERVICE_ROLE"),
    ("source", "type"): SOURCES,
    ("artifacts", "type"): ("CODEPIPELINE", "S3", "NO_ARTIFACTS"),
    ("cache", "type"): ("NO_CACHE", "S3", "LOCAL"),
}


@rule("CD656", "unknown-project-value", Severity.ERROR)
def unknown_project_value(project: Project) -> Iterator[Finding]:
    """A type in a build project is none of those that CodeBuild has.

    The types of environments, machines, sources, artifacts, caches and variables are words in capitals; any other
    is refused. Source: AWS, CodeBuild API.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
      >         Type: LINUX
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
    for path, words in _WORDS.items():
        yield from _unknown(
            project, project.get(*path), words, ".".join(project.spell(name) for name in path)
        )
    for mode in members(project.get("cache", "modes")):
        yield from _unknown(project, mode, _MODES, project.spell("cache"))
    for item in members(project.get("environment", "environmentVariables")):
        kind = getattr(item, "get", lambda _: None)("type")
        yield from _unknown(
            project, kind, ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"), "An environment variable"
        )


def _unknown(project: Project, node: Node | None, words: tuple[str, ...], where: str) -> Iterator[Finding]:
    text = known(node)
    if text is None or not isinstance(node, Scalar) or text in words or not _is_word(text):
        return
    meant = closest(text, words)
    if meant is None and text:
        starting = [
            word for word in words if word.startswith(text.upper()) or word.endswith("_" + text.upper())
        ]
        meant = starting[0] if starting else None
    fix = None
    if meant is not None and project.document.text[node.start : node.end].strip("\"'") == text:
        quote = node.style if node.style in ("'", '"') else ""
        fix = Fix(
            f"Write `{meant}`",
            [Edit(node.start, node.end, quote + meant + quote)],
            safe=plain(meant) == plain(text),
        )
    subject = where if " " in where else f"`{where}`"
    # CloudFormation has taken `no_artifacts`, `linuxContainer` and `small` for a long time.
    old = project.form == "cloudformation" and (
        (meant is not None and plain(meant) == plain(text)) or text.lower() in _OLD
    )
    yield Finding(
        node.span,
        f"`{text}` is not how CodeBuild writes this word; CloudFormation takes it, but need not go on doing so."
        if old
        else f"{subject} cannot be `{text[:60]}`: CodeBuild refuses the project.",
        help=f"Write `{meant}`." if meant is not None else f"Write {listed(words)}.",
        fix=fix,
        severity=Severity.INFO if old else None,
    )


#: Words of the first templates for CodeBuild.
_OLD = ("container", "small", "medium", "large")


def _is_word(text: str) -> bool:
    """Not a placeholder that a template engine or a person fills in."""
    return not any(mark in text for mark in ("$", "{", "<", "%", "\ue000"))


@rule("CD657", "compute-type-not-for-environment", Severity.ERROR)
def compute_type_not_for_environment(project: Project) -> Iterator[Finding]:
    """The project's machine size does not exist for its type of environment.

    Sizes named `BUILD_LAMBDA_…` go with the Lambda types, and only with them; other types have only some of the
    sizes named `BUILD_GENERAL1_…`. Source: AWS, CodeBuild compute types.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
      >         ComputeType: BUILD_LAMBDA_2GB
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
                ComputeType: BUILD_GENERAL1_MEDIUM
                Image: aws/codebuild/standard:7.0
    """
    kind, compute = project.environment_type, project.get("environment", "computeType")
    if kind is None or not isinstance(compute, Scalar) or project.get("environment", "fleet") is not None:
        return
    from .batch import unfit

    yield from unfit(kind, compute)


@rule("CD658", "image-not-for-environment", Severity.ERROR)
def image_not_for_environment(project: Project) -> Iterator[Finding]:
    """The image cannot run in the project's type of environment.

    Images of CodeBuild are made for one system and one kind of processor: those for ARM have `aarch64` in their
    names, those for Lambda `lambda`. Source: AWS, images of CodeBuild.

    Bad:
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
      >         Image: aws/codebuild/amazonlinux-aarch64-standard:3.0
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: ARM_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/amazonlinux-aarch64-standard:3.0
    """
    node, kind = project.get("environment", "image"), project.environment_type
    image = known(node)
    if image is None or node is None or kind is None:
        return
    made, fits = _made_for(image)
    if not fits or kind not in _CONTAINERS or kind in fits:
        return
    yield Finding(
        node.span,
        f"This image is made for {made}, and cannot run in an environment of the type `{kind}`.",
        help=f"Choose an image for `{kind}`, or write the type {listed(f'`{one}`' for one in fits)}.",
    )


#: Types that run containers; EC2 types and macOS have images of other names.
_CONTAINERS = tuple(name for name in ENVIRONMENTS if name.endswith("_CONTAINER"))


def _made_for(image: str) -> tuple[str, tuple[str, ...]]:
    """What an image of CodeBuild's own is made for, in words and as types of environments; none if not known."""
    prefix = "aws/codebuild/"
    if not image.startswith(prefix):
        return "", ()
    name, _, tag = image[len(prefix) :].partition(":")
    if "lambda" in name:
        return (
            ("Lambda on ARM", ("ARM_LAMBDA_CONTAINER",))
            if "aarch64" in name
            else ("Lambda", ("LINUX_LAMBDA_CONTAINER",))
        )
    if name == "windows-base":
        year = tag[:4]
        if year in ("2019", "2022"):
            return f"Windows Server {year}", (f"WINDOWS_SERVER_{year}_CONTAINER",)
        return "Windows", tuple(one for one in _CONTAINERS if one.startswith("WINDOWS"))
    if name.startswith("macos"):
        return "macOS", ("MAC_ARM",)
    if name.startswith("amazonlinux") and "aarch64" in name:
        return "ARM processors", ("ARM_CONTAINER",)
    if name == "standard" or (name.startswith("amazonlinux") and "x86_64" in name):
        return "x86 processors", ("LINUX_CONTAINER", "LINUX_GPU_CONTAINER")
    return "", ()


@rule("CD659", "deprecated-project-image", Severity.WARNING)
def deprecated_project_image(project: Project) -> Iterator[Finding]:
    """The project's build image is one that AWS has given up.

    Deprecated images get no more fixes and are not kept ready on the hosts, so every build waits until they are
    loaded. Source: AWS, deprecated images of CodeBuild.

    Bad:
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
      >         Image: aws/codebuild/standard:4.0
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
                Image: aws/codebuild/standard:8.0
    """
    node = project.get("environment", "image")
    name = known(node)
    if node is None or name is None:
        return
    from ..aws.images import image
    from .build_images import state_of

    found = image(name)
    if found is not None:
        yield from state_of(found, node.span)


@rule("CD667", "layer-cache-without-privileged-mode", Severity.WARNING)
def layer_cache_without_privileged_mode(project: Project) -> Iterator[Finding]:
    """A cache of docker's layers is asked for without privileged mode.

    `LOCAL_DOCKER_LAYER_CACHE` keeps what docker's daemon has built. It needs privileged mode, and the type
    `LINUX_CONTAINER`. Source: AWS, caching in CodeBuild.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Cache:
                Type: LOCAL
      >         Modes: [LOCAL_DOCKER_LAYER_CACHE]
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
              Cache:
                Type: LOCAL
                Modes: [LOCAL_DOCKER_LAYER_CACHE]
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                PrivilegedMode: true
    """
    if project.privileged is not False or project.get("environment", "fleet") is not None:
        return
    for mode in members(project.get("cache", "modes")):
        if known(mode) == "LOCAL_DOCKER_LAYER_CACHE":
            yield Finding(
                mode.span,
                "There is no docker daemon to keep layers of: the project is not privileged.",
                help=f"Write `{project.spell('privilegedMode')}: true` under "
                f"`{project.spell('environment')}`, or take the mode out.",
            )


@rule("CD672", "retired-project-environment", Severity.WARNING)
def retired_project_environment(project: Project) -> Iterator[Finding]:
    """The project's type of environment is retired.

    `WINDOWS_CONTAINER` stood for Windows Server 2016, which CodeBuild no longer offers. Its successors have the year
    in their names.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
      >         Type: WINDOWS_CONTAINER
                ComputeType: BUILD_GENERAL1_MEDIUM
                Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/windows:1
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: WINDOWS_SERVER_2022_CONTAINER
                ComputeType: BUILD_GENERAL1_MEDIUM
                Image: aws/codebuild/windows-base:2022-1.0
    """
    node = project.get("environment", "type")
    if node is not None and known(node) == "WINDOWS_CONTAINER":
        yield Finding(
            node.span,
            "`WINDOWS_CONTAINER` is Windows Server 2016, which CodeBuild has retired.",
            help="Write `WINDOWS_SERVER_2022_CONTAINER`, with an image for it.",
        )
