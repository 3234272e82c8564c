"""CD802–CD804: files that an action reads from its input, and that the input cannot hold."""

from __future__ import annotations

import posixpath

from ..findings import Edit, Finding, Fix, Severity
from ..model.outputs import in_artifact, ships
from ..source import Span
from ..syntax.tree import Scalar
from ..wording import closest
from . import rule
from .deploy_needs import Need, needs, needs_of_appspec, shipped_as

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Artifact as Shipped
    from ..model.pipeline import Action
    from ..model.repository import Build, Member, Repository

    Told = Iterator[tuple[Member, Finding, Member]]


@rule("CD802", "action-file-missing", Severity.ERROR)
def action_file_missing(repository: Repository) -> Told:
    """An action reads a file that is nowhere, while there is one of nearly that name.

    What an action reads must be in its input artifact under just that path. Told only where a file of nearly the same
    name is there: the source of a pipeline may be another repository.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Deploy
              actions:
                - name: Stack
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  inputArtifacts: [{name: Code}]
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: web
                    RoleArn: arn:aws:iam::111122223333:role/stack
      >             TemplatePath: Code::infra/stak.yml
        === infra/stack.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    Good:
        === infra/stack.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    """
    for member, pipeline in repository.pipelines():
        for action in pipeline.actions():
            for need in needs(action):
                producers = pipeline.producers(need.artifact)
                if len(producers) != 1 or not isinstance(need.node, Scalar):
                    continue
                if repository.nearest(member, need.path) is not None:
                    continue
                near = _near(repository, member, need, producers[0])
                if near is not None:
                    yield member, _missing(need.node, need.path, near), member


def _near(repository: Repository, member: Member, need: Need, producer: Action) -> str | None:
    """The path that was probably meant; None if the file may well be in the artifact."""
    folder, name = posixpath.split(posixpath.normpath(need.path))
    names: list[str] = []
    build = repository.build_of(member, producer)
    if build is not None:
        is_known, shipped = shipped_as(build, need.artifact)
        if not is_known or shipped is None or ships(shipped, need.path) is not True:
            return None  # CD800 tells of what is not shipped
        names = [posixpath.basename(path) for path in repository.written(build.spec)]
        if name in names or shipped.base_directory is not None:
            return None
    elif producer.category != "Source":
        return None
    root: str | None = member.folder
    while root is not None:
        names += repository.files.beside(
            posixpath.normpath(posixpath.join(root, folder)) if root or folder else ""
        )
        root = posixpath.dirname(root) if root else None
    own = posixpath.basename(member.path)
    found = closest(name, [one for one in names if one != own])
    if found is None or posixpath.splitext(found)[1][:3] != posixpath.splitext(name)[1][:3]:
        return None
    return posixpath.join(folder, found)


def _missing(node: Scalar, path: str, near: str) -> Finding:
    start = node.end - len(path) - (1 if node.style in ("'", '"') else 0)
    exact = node.value.endswith(path) and "\\" not in node.value and node.style in ("", "'", '"')
    span = Span(start, start + len(path)) if exact else node.span
    return Finding(
        span,
        f"There is no `{path}`, but `{near}`: the action does not find the file and fails.",
        help=f"Write `{near}`.",
        fix=Fix("Name the file that is there", [Edit(span.start, span.end, near)], safe=False)
        if exact
        else None,
    )


@rule("CD803", "template-not-packaged", Severity.WARNING)
def template_not_packaged(repository: Repository) -> Told:
    """The pipeline deploys the template that the build packages, not the one that packaging writes.

    `aws cloudformation package` and `sam package` upload the local files that a template names, and write another
    template with their addresses. The first one still has the local paths: `'CodeUri' is not a valid S3 Uri`.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Build
              actions:
                - name: Package
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  inputArtifacts: [{name: Code}]
                  outputArtifacts: [{name: Packaged}]
                  configuration: {ProjectName: web}
            - name: Deploy
              actions:
                - name: Stack
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  inputArtifacts: [{name: Packaged}]
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: web
                    RoleArn: arn:aws:iam::111122223333:role/stack
      >             TemplatePath: Packaged::template.yml
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - sam package --template-file template.yml --s3-bucket b --output-template-file packaged.yml
        artifacts:
          files: [template.yml, packaged.yml]
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - sam package --template-file template.yml --s3-bucket b --output-template-file packaged.yml
        artifacts:
          files: [packaged.yml]
    """
    for member, action in repository.actions("CloudFormation"):
        for need in needs(action):
            producers = action.pipeline.producers(need.artifact)
            build = repository.build_of(member, producers[0]) if len(producers) == 1 else None
            if build is None or need.key != "TemplatePath" or not isinstance(need.node, Scalar):
                continue
            made = _packaged(build).get(posixpath.basename(need.path))
            if made is not None:
                yield (
                    member,
                    Finding(
                        need.node.span,
                        f"`{build.member.path}` packages `{need.path}` into `{made}`; this deploys the template "
                        "as it was, with local paths.",
                        help=f"Write `{need.artifact.name}::{made}`, and ship it.",
                    ),
                    build.member,
                )


def _packaged(build: Build) -> dict[str, str]:
    """The templates that a build packages: the name of each, and of the one that is written."""
    found: dict[str, str] = {}
    for _, simple in build.spec.calls("aws", "sam"):
        words = [word.literal for word in simple.args]
        if "package" not in words[:2]:
            continue
        source = simple.option("--template-file", "--template", "-t")
        target = simple.option("--output-template-file")
        if source is not None and target is not None and source.literal and target.literal:
            name, made = posixpath.basename(source.literal), posixpath.basename(target.literal)
            if name != made:
                found[name] = made
    return found


def _lacks(shipped: Shipped, path: str) -> bool:
    """Does an artifact certainly bring neither this file nor anything in a folder of this name?"""
    if ships(shipped, path) is not False:
        return False
    if posixpath.splitext(path)[1]:
        return True
    for entry in shipped.files:
        where = in_artifact(shipped, entry) or ""
        fixed = where.partition("*")[0].partition("?")[0].partition("[")[0]
        if fixed.startswith(path + "/") or (fixed != where and (path + "/").startswith(fixed)):
            return False
    return True


@rule("CD804", "appspec-file-not-shipped", Severity.ERROR)
def appspec_file_not_shipped(repository: Repository) -> Told:
    """The AppSpec names a script or a file that the build before the deployment does not ship.

    CodeDeploy gets what `artifacts` of the buildspec lists, and nothing else of the repository. The deployment ends
    with `Script does not exist at specified location`.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Build
              actions:
                - name: Jar
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  inputArtifacts: [{name: Code}]
                  outputArtifacts: [{name: App}]
                  configuration: {ProjectName: web}
            - name: Deploy
              actions:
                - name: Fleet
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: "1"}
                  inputArtifacts: [{name: App}]
                  configuration: {ApplicationName: web, DeploymentGroupName: web}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
      >   files:
            - appspec.yml
            - app.jar
        === appspec.yml
        version: 0.0
        os: linux
        files:
          - source: app.jar
            destination: /srv/web
        file_exists_behavior: OVERWRITE
        hooks:
          ApplicationStart:
            - location: scripts/start.sh
              timeout: 60
        === scripts/start.sh
        #!/bin/sh
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - appspec.yml
            - app.jar
            - scripts/**/*
    """
    for member, action in repository.actions("CodeDeploy"):
        lacking: dict[str, tuple[Build, Member, Shipped, list[str]]] = {}
        for appspec, need in needs_of_appspec(repository, member, action):
            producers = action.pipeline.producers(need.artifact)
            build = repository.build_of(member, producers[0]) if len(producers) == 1 else None
            if build is None:
                continue
            is_known, shipped = shipped_as(build, need.artifact)
            if not is_known or shipped is None or not shipped.files or shipped.flag("discard-paths"):
                continue
            if ships(shipped, "appspec.yml") is True and _lacks(shipped, need.path):
                lacking.setdefault(build.member.path, (build, appspec, shipped, []))[3].append(need.path)
        for build, appspec, artifact, paths in lacking.values():
            key = artifact.node.key("files")
            first = paths[0]
            yield (
                build.member,
                Finding(
                    (key or artifact.key).span,
                    f"`{appspec.path}` names `{first}`"
                    + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
                    + ", which this does not ship: the deployment does not find it.",
                    help=f"Add `{posixpath.dirname(first)}/**/*`." if "/" in first else f"Add `{first}`.",
                    severity=Severity.ERROR if build.is_certain else Severity.WARNING,
                ),
                appspec,
            )
