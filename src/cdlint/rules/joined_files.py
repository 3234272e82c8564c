"""CD800–CD804: files that an action reads, and the build before it ships or does not."""

from __future__ import annotations

import posixpath

from ..findings import Edit, Finding, Fix, Severity
from ..model.outputs import in_artifact, plain, ships
from ..model.repository import Build, Member, Repository
from ..source import Span
from ..syntax.tree import Scalar
from ..wording import closest, listed
from . import rule
from .deploy_needs import Need, needs, shipped_as

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Artifact as Shipped
    from ..model.pipeline import Action

    Told = Iterator[tuple[Member, Finding, Member]]


@rule("CD800", "deploy-file-not-shipped", Severity.ERROR)
def deploy_file_not_shipped(repository: Repository) -> Told:
    """A deploy action reads a file that the build before it does not ship.

    The action finds only what `artifacts` of the buildspec puts into the artifact, under the name and in the folder
    that it has there. The build is green; the deploy action fails, for ECS with `Did not find the image definition
    file imagedefinitions.json in the input artifacts ZIP file`.

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
                - name: Image
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  inputArtifacts: [{name: Code}]
                  outputArtifacts: [{name: Images}]
                  configuration: {ProjectName: web}
            - name: Deploy
              actions:
                - name: Service
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  inputArtifacts: [{name: Images}]
                  configuration: {ClusterName: c, ServiceName: s}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - ./image.sh > imagedefinitions.json
        artifacts:
          files:
      >     - imagedefinition.json
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - ./image.sh > imagedefinitions.json
        artifacts:
          files:
            - imagedefinitions.json
    """
    for member, pipeline in repository.pipelines():
        for action in pipeline.actions():
            for need in needs(action):
                producers = pipeline.producers(need.artifact)
                if len(producers) != 1:
                    continue
                build = repository.build_of(member, producers[0])
                if build is not None:
                    yield from _shipped(repository, member, action, need, build)
                elif producers[0].category == "Source":
                    yield from _from_source(repository, member, action, need)


def _shipped(repository: Repository, member: Member, action: Action, need: Need, build: Build) -> Told:
    is_known, shipped = shipped_as(build, need.artifact)
    if not is_known:
        return
    spec = build.member
    severity = (
        Severity.ERROR if build.is_certain or _is_evident(repository, build, need) else Severity.WARNING
    )
    reads = f"the action {action.label} of `{member.name}` reads `{need.path}`"
    other = _shipped_elsewhere(repository, member, action, need)
    if other is not None:
        yield (
            member,
            Finding(
                need.artifact.span,
                f"The action {action.label} reads `{need.path}`, which the artifact `{need.artifact.name}` does not "
                f"have: `{other}` has it.",
                help=f"Take `{other}` as the input artifact.",
                severity=severity,
            ),
            spec,
        )
        return
    if shipped is None or not shipped.files:
        root = build.spec.root
        key = build.spec.key("artifacts") or (root.pairs[0][0] if root.pairs else root)
        if shipped is None and "artifacts" in root and build.spec.get("artifacts", "files") is not None:
            return  # of a shape that cannot be read
        yield (
            spec,
            Finding(
                key.span,
                f"{reads[0].upper()}{reads[1:]} from what this build ships, but it ships nothing: the artifact "
                f"`{need.artifact.name}` stays empty.",
                help=f"Add `artifacts:` with `files:` and `- {need.path}`.",
                severity=severity,
            ),
            member,
        )
        return
    if ships(shipped, need.path) is not False:
        return
    near = _near(shipped, need.path)
    if near is not None and _is_named_wrongly(repository, build, need, near[1]):
        assert need.node is not None
        yield member, _wrong_name(need, near[1], spec, severity), spec
        return
    if near is None and need.node is not None and not _is_known(repository, build, need):
        yield member, _unknown_name(action, need, shipped, spec, severity), spec
        return
    span = near[0].span if near is not None else _files_span(shipped)
    text = f"`{near[1]}`" if near is not None else "no file of that name"
    yield (
        spec,
        Finding(
            span,
            f"{reads[0].upper()}{reads[1:]} from what this build ships, but here is {text}: the deployment fails.",
            help=f"Ship `{need.path}`: the name and the folder in the artifact must be just that."
            + _of_base(shipped, need.path),
            fix=_renamed(near[0], near[1], need.path) if near is not None else None,
            severity=severity,
        ),
        member,
    )


def _shipped_elsewhere(repository: Repository, member: Member, action: Action, need: Need) -> str | None:
    """Another artifact of the pipeline's builds that brings the file, if there is just one, and this one is idle."""
    found = []
    for build in repository.builds():
        if build.action.pipeline is not action.pipeline or build.pipeline_member is not member:
            continue
        for artifact in build.action.outputs:
            is_known, shipped = shipped_as(build, artifact)
            if artifact.name == need.artifact.name:
                if not is_known or shipped is None or ships(shipped, need.path) is not False:
                    return None
            elif is_known and shipped is not None and ships(shipped, need.path) is True:
                found.append(artifact.name)
    return found[0] if len(found) == 1 else None


def _is_known(repository: Repository, build: Build, need: Need) -> bool:
    """Does anything but the action know a file of that name: a command that writes it, or the repository?"""
    name = posixpath.basename(need.path)
    return (
        name in {posixpath.basename(path) for path in repository.written(build.spec)}
        or repository.nearest(build.member, need.path) is not None
        or repository.nearest(build.pipeline_member, need.path) is not None
    )


def _unknown_name(action: Action, need: Need, shipped: Shipped, spec: Member, severity: str) -> Finding:
    """The action asks for a file that nobody else has heard of."""
    names = [where for where in (in_artifact(shipped, entry) for entry in shipped.files) if where is not None]
    there = f"; it ships {listed([f'`{name}`' for name in names[:4]], 'and')}" if names else ""
    return Finding(
        need.node.span if need.node is not None else action.span,
        f"The action {action.label} reads `{need.path}`, which the build of `{spec.path}` neither writes nor ships"
        f"{there}.",
        help=f"Name the file in `{need.key}`, or let the build ship `{need.path}`."
        if need.key
        else f"Let the build ship `{need.path}`.",
        severity=severity,  # type: ignore[arg-type]
    )


def _is_evident(repository: Repository, build: Build, need: Need) -> bool:
    """The buildspec is surely meant for the action: it writes the file, or ships one of nearly that name."""
    name = posixpath.basename(need.path)
    written = {posixpath.basename(path) for path in repository.written(build.spec)}
    if name in written or closest(name, written):
        return True
    return any(_near(one, need.path) is not None for one in build.spec.artifacts())


def _near(shipped: Shipped, path: str) -> tuple[Scalar, str] | None:
    """The entry that was probably meant for a file: of nearly its name, or of its name in another folder."""
    entries = [(entry, in_artifact(shipped, entry)) for entry in shipped.files]
    named = {where: entry for entry, where in entries if where is not None and "*" not in where}
    for where, entry in named.items():
        if posixpath.basename(where) == posixpath.basename(path):
            return entry, where
    found = closest(path, list(named))
    if found is None:
        stem = posixpath.splitext(path)[0].lower()
        found = next((where for where in named if posixpath.splitext(where)[0].lower() == stem), None)
    return (named[found], found) if found is not None else None


def _is_named_wrongly(repository: Repository, build: Build, need: Need, near: str) -> bool:
    """Everything in the build calls the file otherwise, so that the action's own setting is wrong."""
    if not isinstance(need.node, Scalar):
        return False
    written = {plain(path) for path in repository.written(build.spec)}
    names = {posixpath.basename(path) for path in written}
    there = [
        repository.nearest(build.member, path) is not None
        or path in written
        or ("/" not in path and path in names)
        for path in (need.path, near)
    ]
    if all(there) and need.path != near:
        # One file, which the artifact has in another folder than the action thinks.
        return (
            repository.nearest(build.member, need.path) == repository.nearest(build.member, near) is not None
        )
    return there[1] and not there[0]


def _wrong_name(need: Need, near: str, spec: Member, severity: str) -> Finding:
    node = need.node
    assert isinstance(node, Scalar)
    start = node.end - len(need.path) - (1 if node.style in ("'", '"') else 0)
    exact = node.value.endswith(need.path) and "\\" not in node.value and node.style in ("", "'", '"')
    span = Span(start, start + len(need.path)) if exact else node.span
    return Finding(
        span,
        f"The build of `{spec.path}` ships `{near}`, not `{need.path}`: this action finds no such file and fails.",
        help=f"Write `{near}`, or let the build ship `{need.path}`.",
        fix=Fix("Write the name that the build ships", [Edit(span.start, span.end, near)], safe=False)
        if exact
        else None,
        severity=severity,  # type: ignore[arg-type]
    )


def _renamed(entry: Scalar, where: str, path: str) -> Fix | None:
    """Only where the entry differs in the file's name alone."""
    if (
        entry.style not in ("", "'", '"')
        or plain(entry.value) != where
        or posixpath.dirname(where) != posixpath.dirname(path)
    ):
        return None
    quote = 1 if entry.style else 0
    return Fix(
        "Ship the file that the action reads",
        [Edit(entry.start + quote, entry.end - quote, path)],
        safe=False,
    )


def _of_base(shipped: Shipped, path: str) -> str:
    base = shipped.base_directory
    if base is None or "/" in path:
        return ""
    return f" Paths in the artifact start at `base-directory: {base.value}`."


def _files_span(shipped: Shipped) -> Span:
    """The only file that is shipped; the key of the list if there are more."""
    if len(shipped.files) == 1:
        return shipped.files[0].span
    key = shipped.node.key("files")
    return key.span if key is not None else shipped.key.span


def _from_source(repository: Repository, member: Member, action: Action, need: Need) -> Told:
    """A deploy action that takes the source, while a build makes the file that it wants."""
    if repository.nearest(member, need.path) is not None:
        return
    for build in repository.builds():
        if build.action.pipeline is not action.pipeline or not build.action.outputs:
            continue
        name = posixpath.basename(need.path)
        if name in {posixpath.basename(path) for path in repository.written(build.spec)}:
            output = build.action.outputs[0].name
            yield (
                member,
                Finding(
                    need.artifact.span,
                    f"The action {action.label} reads `{need.path}` from the source `{need.artifact.name}`, which has "
                    f"no such file: the build of `{build.member.path}` writes it.",
                    help=f"Take the output artifact of {build.action.label}"
                    + (f", `{output}`." if output else "."),
                    severity=Severity.ERROR if build.is_certain else Severity.WARNING,
                ),
                build.member,
            )
            return


@rule("CD801", "shipped-file-never-written", Severity.WARNING)
def shipped_file_never_written(repository: Repository) -> Told:
    """The artifact names a file that nothing writes, while a command writes one of nearly that name.

    CodeBuild says `no matching artifact paths found` and the build fails, or, with other files beside it, the file is
    just missing in the artifact.

    Bad:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - ./image.sh > imagedefinition.json
        artifacts:
          files:
      >     - imagedefinitions.json
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - ./image.sh > imagedefinitions.json
        artifacts:
          files:
            - imagedefinitions.json
    """
    for member in repository.specs():
        spec = member.spec
        if spec is None:
            continue
        names = {posixpath.basename(path) for path in repository.written(spec)}
        if not names:
            continue
        entries = [entry for artifact in spec.artifacts() for entry in artifact.files]
        shipped = {posixpath.basename(entry.value) for entry in entries}
        for entry in entries:
            name = posixpath.basename(entry.value)
            if any(char in entry.value for char in "*?[$`") or "." not in name or name in names:
                continue
            near = closest(name, names - shipped)
            if near is None or repository.files.is_anywhere(name):
                continue
            if posixpath.splitext(near)[1] == posixpath.splitext(name)[1]:
                yield (
                    member,
                    Finding(
                        entry.span,
                        f"Nothing writes `{name}`, and the repository has no such file; a command writes `{near}`.",
                        help=f"Write `{near}`, or change the command.",
                    ),
                    member,
                )
