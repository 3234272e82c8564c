"""CD805–CD810: a CodeBuild action, and the buildspec that it runs."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import texts
from ..model.repository import Build, Member, Repository
from ..model.values import known, ref_of, visible
from ..source import Span
from ..syntax.tree import Scalar
from ..wording import closest, listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..findings import SeverityName
    from ..model.pipeline import Action
    from ..syntax.tree import Node

    Told = Iterator[tuple[Member, Finding, Member]]


def level(build: Build) -> SeverityName:
    """A finding about a buildspec that is only taken for the action's is a warning."""
    return Severity.ERROR if build.is_certain else Severity.WARNING


def runs(repository: Repository) -> Iterator[Build]:
    """The builds whose buildspec could be read as a whole."""
    for build in repository.builds():
        if not build.spec.document.damaged:
            yield build


def is_batch(build: Build) -> bool | None:
    value = build.action.get("BatchEnabled")
    if value is None:
        return False
    text = known(value)
    return text.lower() == "true" if text is not None else None


@rule("CD805", "output-without-secondary-artifact", Severity.ERROR)
def output_without_secondary_artifact(repository: Repository) -> Told:
    """An output artifact of a build has no secondary artifact of its name in the buildspec.

    With several output artifacts each is filled by the entry of its name under `artifacts.secondary-artifacts`. One
    that has none is never made, and the action that takes it fails. Source: AWS, CodeBuild action reference.

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
                  outputArtifacts:
                    - name: Site
      >             - name: Template
                  configuration: {ProjectName: web}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          secondary-artifacts:
            Site:
              files: ['**/*']
            Templates:
              files: [template.yml]
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          secondary-artifacts:
            Site:
              files: ['**/*']
            Template:
              files: [template.yml]
    """
    for build in runs(repository):
        action = build.action
        if not action.knows_outputs or len(action.outputs) < 2 or is_batch(build) is not False:
            continue
        if any(output.name is None for output in action.outputs):
            continue
        made = {one.name: one for one in build.spec.artifacts() if one.name is not None}
        if any("$" in name for name in made):
            continue
        outputs = {output.name or "" for output in action.outputs}
        for output in action.outputs:
            name = output.name or ""
            if name in made:
                continue
            near = closest(name, [one for one in made if one not in outputs])
            yield (
                build.pipeline_member,
                Finding(
                    output.span,
                    f"`{build.member.path}` makes no secondary artifact `{name}`: this output artifact stays "
                    "empty, and the action that takes it fails.",
                    help=f"Write `{near}`, as the buildspec has it." if near else _made(list(made)),
                    severity=level(build),
                ),
                build.member,
            )
            if near is not None:
                key = made[near].key
                yield (
                    build.member,
                    Finding(
                        key.span,
                        f"No output artifact of {action.label} in `{build.pipeline_member.name}` is called "
                        f"`{near}`: what it ships goes nowhere.",
                        help=f"Call it `{name}`, as the pipeline does, or change the pipeline.",
                        severity=Severity.WARNING,
                    ),
                    build.pipeline_member,
                )


def _made(made: Iterable[str]) -> str:
    if not made:
        return "Give `artifacts` in the buildspec a `secondary-artifacts` with an entry for each output artifact."
    return f"The buildspec has {listed([f'`{name}`' for name in made], 'and')}."


@rule("CD806", "variable-not-exported", Severity.ERROR)
def variable_not_exported(repository: Repository) -> Told:
    """A pipeline asks for a variable that the buildspec does not export.

    A CodeBuild action sets in its namespace what `env.exported-variables` of the buildspec lists, and nothing else.
    The reference is only looked up when its action starts, which then fails: `An action in this pipeline failed
    because one or more variables could not be resolved`.

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
                  namespace: Built
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  inputArtifacts: [{name: Code}]
                  configuration: {ProjectName: web}
            - name: Approve
              actions:
                - name: Look
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
                  configuration:
      >             CustomData: 'Version #{Built.TAG}'
        === buildspec.yml
        version: 0.2
        env:
          exported-variables: [IMAGE_TAG]
        phases:
          build:
            commands: [export IMAGE_TAG=1]
    Good:
        === buildspec.yml
        version: 0.2
        env:
          exported-variables: [TAG]
        phases:
          build:
            commands: [export TAG=1]
    """
    for build in runs(repository):
        namespace = build.action.namespace
        if namespace is None or is_batch(build) is not False:
            continue
        entries = texts(build.spec.get("env", "exported-variables"))
        exported = [entry.value for entry in entries]
        if any("$" in name for name in exported):
            continue
        for action in build.action.pipeline.actions():
            for _, value in action.texts():
                for start, end, name in _references(visible(value), namespace):
                    if name not in exported:
                        yield (
                            build.pipeline_member,
                            _not_exported(build, value, (start, end), name, exported),
                            build.member,
                        )
                        near = closest(name, exported)
                        for entry in entries:
                            if entry.value == near:
                                yield (
                                    build.member,
                                    _misspelt_export(build, entry, name),
                                    build.pipeline_member,
                                )


def _misspelt_export(build: Build, entry: Scalar, name: str) -> Finding:
    """The same fault from the other side: the name may be wrong here as well."""
    return Finding(
        entry.span,
        f"`{build.pipeline_member.path}` asks for `{name}`, and this exports `{entry.value}`.",
        help="Write the same name in both files.",
        severity=Severity.WARNING,
    )


def _references(text: str, namespace: str) -> Iterator[tuple[int, int, str]]:
    """`(start, end, key)` of each `#{namespace.key}`; the places are those of the key."""
    mark = "#{" + namespace + "."
    at = text.find(mark)
    while at >= 0:
        start = at + len(mark)
        end = text.find("}", start)
        if end < 0:
            return
        key = text[start:end]
        if key and "." not in key:
            yield start, end, key
        at = text.find(mark, end)


def _not_exported(
    build: Build, value: Node, place: tuple[int, int], name: str, exported: list[str]
) -> Finding:
    near = closest(name, exported)
    span = value.span
    fix = None
    if isinstance(value, Scalar):
        from ..syntax.scalars import span_in

        span = span_in(build.pipeline_member.document.text, value, *place)
        if near is not None and span.end - span.start == len(name):
            fix = Fix("Write the name that is exported", [Edit(span.start, span.end, near)], safe=False)
    remedy = f"Write `{near}`, or add" if near is not None else "Add"
    return Finding(
        span,
        f"`{build.member.path}` does not export `{name}`: the action with this reference fails, as the variable "
        "cannot be resolved.",
        help=f"{remedy} `{name}` to `env.exported-variables` of the buildspec.",
        fix=fix,
        severity=level(build),
    )


@rule("CD807", "source-directory-unknown", Severity.WARNING)
def source_directory_unknown(repository: Repository) -> Told:
    """`CODEBUILD_SRC_DIR_<name>` does not name an input artifact of the action.

    CodeBuild sets the variable for each further input artifact, under the artifact's name. Under any other name it is
    empty: `cd` goes to the home folder, and paths start at `/`. The build tells nothing of it.

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
                - name: FetchConfig
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Config}]
                  configuration: {S3Bucket: b, S3ObjectKey: c.zip, PollForSourceChanges: "false"}
            - name: Build
              actions:
                - name: Image
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  inputArtifacts: [{name: Code}, {name: Config}]
                  configuration: {ProjectName: web, PrimarySource: Code}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
      >       - cp "$CODEBUILD_SRC_DIR_Configuration/app.json" .
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - cp "$CODEBUILD_SRC_DIR_Config/app.json" .
    """
    mark = "CODEBUILD_SRC_DIR_"
    inputs: dict[str, tuple[Member, list[Build]]] = {}
    for build in runs(repository):
        if mark in build.spec.document.text:
            inputs.setdefault(build.member.path, (build.member, []))[1].append(build)
    for member, builds in inputs.values():
        if not all(_knows_inputs(build.action) for build in builds):
            continue
        names = sorted({item.name or "" for build in builds for item in build.action.inputs})
        spec = builds[0].spec
        for command, script in spec.scripts():
            for expansion in script.expansions:
                name = expansion.name.removeprefix(mark)
                if name == expansion.name or name in names or expansion.op in (":-", "-", ":+", "+"):
                    continue
                near = closest(name, names)
                yield (
                    member,
                    Finding(
                        command.span_of(expansion),
                        f"{builds[0].action.label} in `{builds[0].pipeline_member.name}` has no input artifact "
                        f"`{name}`: the variable is empty, and the path starts at `/`.",
                        help=f"Write `{mark}{near}`."
                        if near
                        else f"Its input artifacts are {listed([f'`{one}`' for one in names], 'and')}.",
                        severity=None if builds[0].is_certain else Severity.WARNING,
                    ),
                    builds[0].pipeline_member,
                )


def _knows_inputs(action: Action) -> bool:
    return action.knows_inputs and all(item.name is not None for item in action.inputs)


@rule("CD808", "no-repository-in-pipeline", Severity.ERROR)
def no_repository_in_pipeline(repository: Repository) -> Told:
    """A build asks git for something, but its source comes without `.git`.

    CodePipeline hands the source on as a zip of the files. Only `OutputArtifactFormat: CODEBUILD_CLONE_REF` of a Git
    source makes CodeBuild clone the repository. Otherwise git says `fatal: not a git repository (or any parent up to
    mount point /codebuild)`.

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
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {RepositoryName: web, BranchName: main, PollForSourceChanges: "false"}
            - name: Build
              actions:
                - name: Image
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  inputArtifacts: [{name: Code}]
                  configuration: {ProjectName: web}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
      >       - git describe --tags > version.txt
    Good:
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" > version.txt
    """
    from .git_state import needs_repository

    done: set[str] = set()
    for build in runs(repository):
        if build.member.path in done or not _comes_without_git(build):
            continue
        done.add(build.member.path)
        for command, simple in needs_repository(build.spec):
            yield (
                build.member,
                Finding(
                    command.span_of(simple),
                    f"In the pipeline of `{build.pipeline_member.path}` the source comes without `.git`: git ends "
                    "with `fatal: not a git repository`.",
                    help="Hand over what is needed as a variable (`#{SourceVariables.CommitId}`), or set "
                    "`OutputArtifactFormat: CODEBUILD_CLONE_REF` on a Git source.",
                    severity=level(build),
                ),
                build.pipeline_member,
            )


def _comes_without_git(build: Build) -> bool:
    """Is the primary source surely a zip of the files?"""
    action = build.action
    if not action.knows_inputs or not action.inputs:
        return False
    primary = action.inputs[0]
    if len(action.inputs) > 1:
        name = action.text("PrimarySource")
        primary = next((item for item in action.inputs if item.name == name and name), primary)
        if name is None:
            return False
    producers = action.pipeline.producers(primary)
    if len(producers) != 1 or producers[0].category != "Source" or not producers[0].is_configured:
        return False
    source = producers[0]
    if source.provider in ("CodeCommit", "CodeStarSourceConnection", "GitHub"):
        return source.get("OutputArtifactFormat") is None or source.text("OutputArtifactFormat") == "CODE_ZIP"
    # What lies in S3 may hold a `.git` that somebody packed: `cdlint package` does.
    return False


@rule("CD809", "batch-not-in-both", Severity.ERROR)
def batch_not_in_both(repository: Repository) -> Told:
    """The action and the buildspec do not agree on whether this is a batch build.

    With `BatchEnabled` the buildspec must have a `batch` section; without it CodeBuild runs the phases once and ignores
    the section. Source: AWS, batch builds, CodeBuild action reference.

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
                  configuration:
                    ProjectName: web
      >             BatchEnabled: "true"
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
    Good:
        === buildspec.yml
        version: 0.2
        batch:
          build-list:
            - identifier: one
        phases:
          build:
            commands: [make]
    """
    for build in runs(repository):
        batch = is_batch(build)
        if batch is None or not build.action.is_configured:
            continue
        has = "batch" in build.spec.root
        key = build.action.key("BatchEnabled")
        if batch and not has and key is not None:
            yield (
                build.pipeline_member,
                Finding(
                    key.span,
                    f"This starts a batch build, but `{build.member.path}` has no `batch` section: the build fails.",
                    help="Add `batch:` with `build-list`, `build-graph`, `build-matrix` or `build-fanout`, or leave "
                    "`BatchEnabled` out.",
                    severity=level(build),
                ),
                build.member,
            )
        elif not batch and has:
            found = build.spec.key("batch")
            yield (
                build.member,
                Finding(
                    found.span if found is not None else Span(0, 0),
                    f"{build.action.label} in `{build.pipeline_member.path}` does not start a batch build: this "
                    "section is ignored, and the phases run once.",
                    help='Set `BatchEnabled: "true"` in the configuration of the action.',
                    severity=Severity.WARNING,
                ),
                build.pipeline_member,
            )


@rule("CD810", "project-name-unknown", Severity.ERROR)
def project_name_unknown(repository: Repository) -> Told:
    """A build action names a project that is declared under nearly that name only.

    Told where the declared project is run by no other action. CodePipeline refuses to run the action: it finds no
    project of that name.

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
                  configuration:
      >             ProjectName: shop-imgae
        === projects.yml
        Resources:
          Image:
            Type: AWS::CodeBuild::Project
            Properties:
              Name: shop-image
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Source: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands: [make]
    Good:
        === projects.yml
        Resources:
          Image:
            Type: AWS::CodeBuild::Project
            Properties:
              Name: shop-imgae
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Source: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    declared = {project.name: owner for owner, project in repository.projects() if project.name}
    labels = {project.label for _, project in repository.projects()}
    used = {known(action.get("ProjectName")) for _, action in repository.actions("CodeBuild")}
    used |= {ref_of(action.get("ProjectName")) for _, action in repository.actions("CodeBuild")}
    free = [
        name
        for name in declared
        if name not in used
        and not any(project.name == name and project.label in used for _, project in repository.projects())
    ]
    for member, action in repository.actions("CodeBuild"):
        node = action.get("ProjectName")
        name = known(node)
        if name is None or not isinstance(node, Scalar) or name in declared or name in labels:
            continue
        near = closest(name, free)
        if near is None:
            continue
        inner = Span(node.start + 1, node.end - 1) if node.style in ("'", '"') else node.span
        exact = member.document.text[inner.start : inner.end] == name
        owner = declared[near]
        yield (
            member,
            Finding(
                node.span,
                f"No file declares a project `{name}`, but `{owner.path}` declares `{near}`, which no action runs.",
                help=f"Write `{near}`.",
                fix=Fix(f"Write `{near}`", [Edit(inner.start, inner.end, near)], safe=False)
                if exact
                else None,
                severity=Severity.ERROR if owner is member else Severity.WARNING,
            ),
            owner,
        )
