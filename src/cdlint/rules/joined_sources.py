"""CD825–CD829: where a source comes from, and files of the repository that are named."""

from __future__ import annotations

import posixpath

from ..findings import Edit, Finding, Fix, Severity
from ..model.codebuild_project import Project
from ..model.outputs import filled, plain
from ..model.repository import Member, Repository
from ..model.values import entries, known, members
from ..source import Span
from ..syntax.tree import Mapping, Scalar
from ..wording import closest, listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec, Command
    from ..syntax.shell import Simple, Word

    Told = Iterator[tuple[Member, Finding, Member]]


@rule("CD825", "upload-starts-no-pipeline", Severity.WARNING)
def upload_starts_no_pipeline(repository: Repository) -> Told:
    """A build uploads an archive to the bucket of the pipeline's source, but under another key.

    An S3 source reads one object. What lies under any other key starts nothing, and the pipeline goes on with the old
    object; nobody is told.

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
                  configuration: {S3Bucket: web-source, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
            - name: Approve
              actions:
                - name: Look
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - zip -q -r web.zip .
      >       - aws s3 cp web.zip s3://web-source/site.zip
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - zip -q -r web.zip .
              - aws s3 cp web.zip s3://web-source/web.zip
    """
    sources: list[tuple[Member, str, str]] = []
    for member, action in repository.actions("S3"):
        bucket, key = action.text("S3Bucket"), action.text("S3ObjectKey")
        if action.category == "Source" and bucket and key:
            sources.append((member, bucket, key))
    if not sources:
        return
    for member in repository.specs():
        uploads = list(_uploads(member))
        for command, word, bucket, key in uploads:
            same = [(one, wanted) for one, name, wanted in sources if name == bucket]
            if same:
                wanted = {one for _, one in same}
                if key in wanted or wanted & {other for _, _, name, other in uploads if name == bucket}:
                    continue
                pipeline, expected = same[0]
                if not any(_may_be_meant(key, one) for one in wanted):
                    continue
                yield (
                    member,
                    Finding(
                        command.span_of(word),
                        f"The pipeline of `{pipeline.path}` reads `s3://{bucket}/{expected}`: an upload to `{key}` "
                        "does not start it.",
                        help=f"Upload to `s3://{bucket}/{expected}`, or change `S3ObjectKey`.",
                    ),
                    pipeline,
                )
            else:
                near = [
                    (one, name, wanted)
                    for one, name, wanted in sources
                    if wanted == key and closest(bucket, [name])
                ]
                if near:
                    pipeline, name, wanted_key = near[0]
                    yield (
                        member,
                        Finding(
                            command.span_of(word),
                            f"The pipeline of `{pipeline.path}` reads from the bucket `{name}`: an upload to "
                            f"`{bucket}` does not start it.",
                            help=f"Upload to `s3://{name}/{wanted_key}`, or change `S3Bucket`.",
                        ),
                        pipeline,
                    )


def _uploads(member: Member) -> Iterator[tuple[Command, Word, str, str]]:
    """`(item, word, bucket, key)` of each archive that is copied to a place in S3 that can be read off."""
    spec = member.spec
    if spec is None:
        return
    for command, simple in spec.calls("aws"):
        words = [word.literal for word in simple.args[:2]]
        place = None
        if words == ["s3api", "put-object"]:
            place = _put(spec, simple)
        elif words == ["s3", "cp"]:
            place = _copied(spec, simple)
        if place is not None and place[1] and place[2].endswith(".zip") and "$" not in place[2]:
            yield command, *place


def _put(spec: Buildspec, simple: Simple) -> tuple[Word, str, str] | None:
    """`aws s3api put-object --bucket B --key K`."""
    bucket, key = simple.option("--bucket"), simple.option("--key")
    if bucket is None or key is None:
        return None
    return key, filled(spec, bucket) or "", filled(spec, key) or ""


def _copied(spec: Buildspec, simple: Simple) -> tuple[Word, str, str] | None:
    """`aws s3 cp FILE s3://B/K`."""
    operands = simple.operands(
        "--region", "--profile", "--acl", "--sse", "--sse-kms-key-id", "--storage-class"
    )
    if len(operands) < 4:
        return None
    source, target = operands[2], operands[3]
    place = filled(spec, target)
    if place is None or not place.startswith("s3://"):
        return None
    bucket, _, key = place[5:].partition("/")
    if not key or key.endswith("/"):
        key += posixpath.basename(source.plain)
    return target, bucket, key


def _may_be_meant(key: str, wanted: str) -> bool:
    """Is an upload to `key` likely to be that of a source which is read from `wanted`?"""
    folder, name = posixpath.split(key)
    other_folder, other_name = posixpath.split(wanted)
    if posixpath.splitext(name)[1] != posixpath.splitext(other_name)[1]:
        return False
    return folder == other_folder or name == other_name or closest(key, [wanted]) is not None


@rule("CD826", "buildspec-file-missing", Severity.ERROR)
def buildspec_file_missing(repository: Repository) -> Told:
    """A build project looks for its buildspec where there is none.

    CodeBuild reads `buildspec.yml` at the root of the source, or the path that the project names; nothing else is
    tried, `.yaml` neither. Otherwise the build ends with `YAML_FILE_ERROR Message: YAML file does not exist`.

    Bad:
        === template.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: aws/codebuild/standard:7.0}
              Source:
                Type: CODEPIPELINE
      >         BuildSpec: build/buildspec.yaml
        === build/buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
    Good:
        === template.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: aws/codebuild/standard:7.0}
              Source:
                Type: CODEPIPELINE
                BuildSpec: build/buildspec.yml
        === build/buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
    """
    for member, project in repository.projects():
        path = project.buildspec_path
        node = project.buildspec
        if path is not None and isinstance(node, Scalar):
            yield from _missing(repository, member, node, path)
        elif node is None and project.source_type in (
            "CODEPIPELINE",
            "CODECOMMIT",
            "GITHUB",
            "S3",
            "BITBUCKET",
        ):
            yield from _default_missing(repository, member, project)
    for member, action in repository.actions("CodeBuild"):
        override = action.get("BuildspecOverride")
        text = known(override)
        if isinstance(override, Scalar) and text and "\n" not in text and text.endswith((".yml", ".yaml")):
            yield from _missing(repository, member, override, text)


def _missing(repository: Repository, member: Member, node: Scalar, path: str) -> Told:
    """Only where the repository has a buildspec of nearly that path: the source may be another repository."""
    if any(char in path for char in "${}#<>") or repository.nearest(member, path) is not None:
        return
    near = _near(repository, path)
    if near is None:
        yield from _other_name(repository, member, node, path)
        return
    inner = Span(node.start + 1, node.end - 1) if node.style else node.span
    exact = member.document.text[inner.start : inner.end] == path
    yield (
        member,
        Finding(
            inner if exact else node.span,
            f"The repository has no `{path}`: the build ends with `YAML_FILE_ERROR Message: YAML file does not exist`.",
            help=f"Write `{near}`, the path from the root of the source.",
            fix=Fix("Name the file that is there", [Edit(inner.start, inner.end, near)], safe=False)
            if exact
            else None,
        ),
        member,
    )


def _other_name(repository: Repository, member: Member, node: Scalar, path: str) -> Told:
    """The folder is there, and has buildspecs, but none of that name."""
    folder = posixpath.dirname(plain(path))
    there = [one.name for one in repository.of_kind("buildspec") if folder and one.folder == folder]
    if there and not repository.files.is_anywhere(posixpath.basename(path)):
        yield (
            member,
            Finding(
                node.span,
                f"The repository has no `{path}`: the build ends with `YAML_FILE_ERROR Message: YAML file does not "
                "exist`, if this is its source.",
                help=f"In that folder there is {listed([f'`{name}`' for name in there[:4]], 'and')}.",
                severity=Severity.WARNING,
            ),
            member,
        )


def _near(repository: Repository, path: str) -> str | None:
    specs = [one.path for one in repository.of_kind("buildspec")]
    wanted = plain(path)
    folder = posixpath.dirname(wanted)
    found = closest(
        posixpath.basename(wanted),
        [posixpath.basename(one) for one in specs if posixpath.dirname(one) == folder],
    )
    if found is not None:
        return posixpath.join(folder, found)
    same = [one for one in specs if posixpath.basename(one) == posixpath.basename(wanted)]
    return same[0] if len(same) == 1 else None


def _default_missing(repository: Repository, member: Member, project: Project) -> Told:
    """No path: `buildspec.yml` at the root. Told where the only buildspec has another of the usual names there."""
    if repository.nearest(member, "buildspec.yml") is not None:
        return
    root = repository.root_of(member)
    named = posixpath.join(root, "buildspec.yaml") if root else "buildspec.yaml"
    if repository.files.has(named):
        key = project.key_of("source")
        yield (
            member,
            Finding(
                key.span if key is not None else project.span,
                f"This project reads `buildspec.yml`, and the repository has `{named}`: the build ends with "
                "`YAML_FILE_ERROR Message: YAML file does not exist`.",
                help="Rename the file, or name it in the project.",
                severity=Severity.WARNING,
            ),
            member,
        )


@rule("CD827", "batch-buildspec-missing", Severity.ERROR)
def batch_buildspec_missing(repository: Repository) -> Told:
    """A build of a batch names a buildspec that the repository does not have.

    The path is relative to the root of the source. The build ends with `YAML_FILE_ERROR Message: YAML file does not
    exist`.

    Bad:
        === buildspec.yml
        version: 0.2
        batch:
          build-list:
            - identifier: unit
      >       buildspec: ci/unit.yml
        === ci/units.yml
        version: 0.2
        phases:
          build:
            commands: [make test]
    Good:
        === buildspec.yml
        version: 0.2
        batch:
          build-list:
            - identifier: unit
              buildspec: ci/unit.yml
        === ci/unit.yml
        version: 0.2
        phases:
          build:
            commands: [make test]
    """
    for member in repository.specs():
        batch = member.spec.get("batch") if member.spec is not None else None
        for key, value in entries(batch):
            if key.value not in ("build-list", "build-graph"):
                continue
            for task in members(value):
                path = task.get("buildspec") if isinstance(task, Mapping) else None
                if isinstance(path, Scalar) and not path.is_null:
                    yield from _task(repository, member, path)


def _task(repository: Repository, member: Member, node: Scalar) -> Told:
    path = node.value
    if any(char in path for char in "${}<>\n") or path.startswith(("arn:", "s3://")):
        return
    if repository.nearest(member, path) is not None or not path.endswith((".yml", ".yaml")):
        return
    near = _beside(repository, member, plain(path)) or _near(repository, path)
    folder = posixpath.dirname(plain(path))
    is_here = not folder or any(
        repository.files.has_folder(posixpath.join(one, folder)) for one in (member.folder, "")
    )
    yield (
        member,
        Finding(
            Span(node.start + 1, node.end - 1) if node.style in ("'", '"') else node.span,
            f"The repository has no `{path}`: this build of the batch ends with `YAML_FILE_ERROR Message: YAML file "
            "does not exist`.",
            help=f"Write `{near}`."
            if near
            else "Write the path of a buildspec, from the root of the source.",
            severity=Severity.ERROR if near or is_here else Severity.WARNING,
        ),
        member,
    )


def _beside(repository: Repository, member: Member, path: str) -> str | None:
    """The file of nearly this name in the folder that a path leads to."""
    folder = posixpath.dirname(path)
    for root in (member.folder, ""):
        names = repository.files.beside(
            posixpath.normpath(posixpath.join(root, folder)) if root or folder else ""
        )
        found = closest(posixpath.basename(path), names)
        if found is not None:
            return posixpath.join(folder, found)
    return None


@rule("CD828", "folder-not-shipped", Severity.WARNING)
def folder_not_shipped(repository: Repository) -> Told:
    """An entry of `files` is a folder of the repository.

    CodeBuild takes files: the name of a folder does not bring what is in it. The build may stay green, and what is
    deployed lacks the files.

    Bad:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - appspec.yml
      >     - hooks
        === hooks/start.sh
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
            - hooks/**/*
        === hooks/start.sh
        #!/bin/sh
    """
    from .artifact_files import names_folder

    for member in repository.specs():
        spec = member.spec
        for artifact in spec.artifacts() if spec is not None else ():
            base = artifact.base_directory
            if base is not None and ("$" in base.value or "*" in base.value):
                continue
            for entry in artifact.files:
                path = plain(entry.value)
                if names_folder(entry.value) or any(char in path for char in "*?[$`"):
                    continue
                inside = posixpath.join(plain(base.value), path) if base is not None else path
                if _is_folder(repository, member, inside):
                    yield member, _folder(entry), member


def _is_folder(repository: Repository, member: Member, path: str) -> bool:
    root = member.folder
    for folder in (root, ""):
        where = posixpath.join(folder, path) if folder else path
        if repository.files.has(where):
            return False
        if repository.files.has_folder(where):
            return True
    return False


def _folder(entry: Scalar) -> Finding:
    text = entry.value.rstrip("/")
    quoted = entry.style in ("'", '"')
    fix = None
    if quoted or not entry.style:
        inner = Span(entry.start + quoted, entry.end - quoted)
        fix = Fix("Ship all that is in it", [Edit(inner.start, inner.end, f"{text}/**/*")], safe=False)
    return Finding(
        entry.span,
        f"`{entry.value}` is a folder: the files in it do not get into the artifact.",
        help=f"Write `{text}/**/*`.",
        fix=fix,
    )
