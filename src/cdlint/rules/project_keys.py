"""CD655, CD673, CD674: the keys of a build project in CloudFormation."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.codebuild_project import Project
from ..model.values import members
from ..syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from ..wording import closest, plain
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What CloudFormation demands. Source: AWS, template reference of `AWS::CodeBuild::Project`.
_REQUIRED = (
    ("serviceRole",),
    ("source",),
    ("source", "type"),
    ("artifacts",),
    ("artifacts", "type"),
    ("environment",),
    ("environment", "type"),
    ("environment", "image"),
    ("environment", "computeType"),
)


@rule("CD655", "missing-project-key", Severity.ERROR)
def missing_project_key(project: Project) -> Iterator[Finding]:
    """A project lacks a key that CloudFormation demands.

    `Artifacts`, `Environment` (with `Type`, `Image` and `ComputeType`), `ServiceRole` and `Source` (with `Type`) are
    required; `Artifacts` cannot do without its type either. Source: AWS, template reference.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
      >       Environment:
                Type: LINUX_CONTAINER
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
    if project.form != "cloudformation" or project.document.damaged:
        return
    for path in _REQUIRED:
        parent = project.get(*path[:-1]) if len(path) > 1 else project.node
        if not isinstance(parent, Mapping) or path[-1] in parent or parent.merged:
            continue
        name = project.spell(path[-1])
        stray = _misspelt(parent, path[-1])
        place = stray.span if stray is not None else project.place(*path[:-1])
        fix = None
        if stray is not None and not stray.style:
            fix = Fix(f"Write `{name}`", [Edit(stray.start, stray.end, name)])
        where = f"`{project.spell(path[0])}`" if len(path) > 1 else "The project"
        yield Finding(
            place,
            f"{where} has no `{name}`, which CloudFormation demands: it refuses the template.",
            help=f"Write `{name}`." if stray is not None else f"Add `{name}:`.",
            fix=fix,
        )


def _misspelt(parent: Mapping, name: str) -> Scalar | None:
    """A key that was meant to be this one."""
    known = {word[:1].lower() + word[1:] for words in PROPERTIES.values() for word in words.split()}
    for _, key, _ in parent.items():
        if isinstance(key, Scalar) and key.value not in known and closest(key.value.lstrip("?"), (name,)):
            return key
    return None


#: The kinds of values that CloudFormation wants.
_KINDS = (
    ("artifacts", "a mapping"),
    ("source", "a mapping"),
    ("environment", "a mapping"),
    ("source.buildSpec", "a text"),
    ("environment.environmentVariables", "a list"),
)


@rule("CD673", "project-value-of-wrong-kind", Severity.ERROR)
def project_value_of_wrong_kind(project: Project) -> Iterator[Finding]:
    """A value of a build project is a mapping where a text or a list belongs, or the other way round.

    `BuildSpec` is a text: a buildspec stands in it as a block behind `|`. `EnvironmentVariables` is a list of
    entries with `Name` and `Value`. CloudFormation refuses the template otherwise. Source: AWS, template reference.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: CODEPIPELINE
      >         BuildSpec:
                  version: 0.2
                  phases:
                    build:
                      commands: [make]
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
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands: [make]
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    if project.form != "cloudformation":
        return
    for path, wanted in _KINDS:
        *above, name = path.split(".")
        parent = project.get(*above) if above else project.node
        key = project.key_of(*above, name)
        node = parent.get(name) if isinstance(parent, Mapping) else None
        if node is None or key is None or isinstance(node, Unknown):
            continue
        fits = {"a text": Scalar, "a mapping": Mapping, "a list": Sequence}[wanted]
        if isinstance(node, fits) or (isinstance(node, Scalar) and (node.is_null or not node.value)):
            continue
        shown = project.spell(name)
        help = f"Write {wanted}."
        if name == "buildSpec":
            help = "Write the buildspec as a block behind `|`."
        elif name == "environmentVariables":
            help = "Write a list: `- Name: STAGE`, and below it `Value: test`."
        fix = _as_block(project.document.text, key, node) if name == "buildSpec" else None
        yield Finding(
            key.span, f"`{shown}` wants {wanted}: CloudFormation refuses the template.", help=help, fix=fix
        )


def _as_block(text: str, key: Scalar, node: Node) -> Fix | None:
    """The lines of a mapping as they stand, made a block of text."""
    between = text[key.end : node.start]
    inside = text[node.start : node.end]
    if not isinstance(node, Mapping) or node.flow or between.strip() != ":" or "\n" not in between:
        return None
    if any(mark in inside for mark in ("!", "Fn::", "Ref:", "*", "&", "<<")):
        return None
    at = key.end + between.index(":") + 1
    return Fix("Make it a block of text", [Edit(at, at, " |")])


#: The properties of a project and of its parts. Source: AWS, template reference.
PROPERTIES = {
    "": (
        "Artifacts AutoRetryLimit BadgeEnabled BuildBatchConfig Cache ConcurrentBuildLimit Description EncryptionKey "
        "Environment FileSystemLocations LogsConfig Name QueuedTimeoutInMinutes ResourceAccessRole SecondaryArtifacts "
        "SecondarySources SecondarySourceVersions ServiceRole Source SourceVersion Tags TimeoutInMinutes Triggers "
        "Visibility VpcConfig"
    ),
    "source": (
        "Auth BuildSpec BuildStatusConfig GitCloneDepth GitSubmodulesConfig InsecureSsl Location ReportBuildStatus "
        "SourceIdentifier Type"
    ),
    "environment": (
        "Certificate ComputeConfiguration ComputeType DockerServer EnvironmentVariables Fleet HostKernel Image "
        "ImagePullCredentialsType PrivilegedMode RegistryCredential Type"
    ),
    "artifacts": (
        "ArtifactIdentifier EncryptionDisabled Location Name NamespaceType OverrideArtifactName Packaging Path Type"
    ),
}


@rule("CD674", "misspelt-project-key", Severity.ERROR)
def misspelt_project_key(project: Project) -> Iterator[Finding]:
    """A key of a build project is spelt differently from CloudFormation's.

    CloudFormation knows `BuildSpec`, not `Buildspec`, and refuses a template with a property that it does not know.
    Source: AWS, template reference.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: CODEPIPELINE
      >         Buildspec: ci/buildspec.yml
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
              Source:
                Type: CODEPIPELINE
                BuildSpec: ci/buildspec.yml
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    if project.form != "cloudformation":
        return
    found = [
        (project.get(name) if name else project.node, tuple(words.split()))
        for name, words in PROPERTIES.items()
    ]
    found += [
        (item, ("Name", "Type", "Value"))
        for item in members(project.get("environment", "environmentVariables"))
    ]
    required = {(path[0] if len(path) > 1 else "", path[-1]) for path in _REQUIRED}
    for number, (node, words) in enumerate(found):
        if not isinstance(node, Mapping):
            continue
        section = list(PROPERTIES)[number] if number < len(PROPERTIES) else "variable"
        for _, key, _ in node.items():
            if not isinstance(key, Scalar):
                continue
            written = project.document.text[key.start : key.end].strip("\"'")
            name = key.value[1:] if key.value.startswith("?") else key.value[:1].upper() + key.value[1:]
            if written != name or name in words or name.startswith("Fn::"):
                continue
            meant = closest(name, words)
            if meant is None or (section, meant[:1].lower() + meant[1:]) in required:
                continue  # CD655 tells what is missing
            if meant[:1].lower() + meant[1:] in node or _far(name, meant):
                continue
            fix = None
            if not key.style:
                fix = Fix(f"Write `{meant}`", [Edit(key.start, key.end, meant)])
            yield Finding(
                key.span,
                f"CloudFormation has no `{name}` here: it refuses the template.",
                help=f"Write `{meant}`.",
                fix=fix,
            )


def _far(name: str, meant: str) -> bool:
    """May it be a property that is not known here yet? Only a slip of the hand is told."""
    return plain(name) != plain(meant) and (len(name) < 6 or abs(len(name) - len(meant)) > 1)
