"""CD229–CD239: base directories, names and numbers of artifacts."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs, scalar_of, texts
from . import rule
from .paths import doubled_findings, has_glob, known, last_part, part, plain_path, rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_SECONDARY = 12


@rule("CD229", "base-directory-pattern", Severity.WARNING)
def base_directory_pattern(spec: Buildspec) -> Iterator[Finding]:
    """`base-directory` ends with `/*` or `/**`.

    The base directory is a folder; `files` then says what to take from it. A pattern such as
    `my-build*` may name it, but `dist/*` matches the folders inside of `dist`: files directly in
    `dist` are lost, and without a folder there the build ends with `no matching base directory path
    found for dist/*`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm run build]
        artifacts:
          files: ['**/*']
      >   base-directory: dist/*
    Good:
        version: 0.2
        phases:
          build:
            commands: [npm run build]
        artifacts:
          files: ['**/*']
          base-directory: dist
    """
    for artifact in spec.artifacts():
        base = artifact.base_directory
        if base is None or "\\" in base.value:
            continue
        value = base.value.rstrip("/")
        kept = value
        while last_part(kept) in ("*", "**"):
            kept = kept.rpartition("/")[0].rstrip("/")
        if kept == value:
            continue
        edits = rewritten(spec.document, base, len(kept), len(base.value), "") if kept else None
        yield Finding(
            part(spec.document, base, len(kept), len(base.value)),
            f"`{base.value}` stands for the folders inside, not for a folder: files directly below "
            "it are lost, and if there is no folder the build ends with `no matching base "
            "directory path found`.",
            help=f"Write `{kept}`, and the pattern under `files`."
            if kept
            else "Name the folder, or delete the line to start at the root of the source.",
            fix=Fix("Remove the pattern from the base directory", edits, safe=False) if edits else None,
        )


@rule("CD231", "base-directory-doubled", Severity.WARNING)
def base_directory_doubled(spec: Buildspec) -> Iterator[Finding]:
    """An entry of `files` begins with the base directory once more.

    Paths are relative to `base-directory`, which itself is relative to the root of the source. With
    `base-directory: build`, CodeBuild looks for `build/app.jar` in `build/build`: the log says
    `Skipping invalid file path`, and if nothing is left the build ends with `no matching artifact
    paths found`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          base-directory: build
          files:
      >     - build/app.jar
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          base-directory: build
          files:
            - app.jar
    """
    for artifact in spec.artifacts():
        yield from doubled_findings(
            spec.document,
            artifact.node,
            "files",
            lambda base: f"Entries are relative to `base-directory`, so CodeBuild looks in `{base}/{base}`.",
        )
        yield from doubled_findings(
            spec.document,
            artifact.node,
            "exclude-paths",
            lambda base: (
                "Excluded paths are relative to `base-directory`, so this one is looked for in "
                f"`{base}/{base}`."
            ),
        )


@rule("CD232", "discard-paths-collision", Severity.WARNING)
def discard_paths_collision(spec: Buildspec) -> Iterator[Finding]:
    """`discard-paths` puts files into one folder that need their own.

    With `discard-paths: yes` all files lie side by side in the artifact. Of two files with the same
    name only one survives, a web site loses its folders, and CodeDeploy no longer finds the
    `scripts/…` of an AppSpec. It is made for single files, such as `target/**/*.jar`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm run build]
        artifacts:
          files:
            - dist/**/*
      >   discard-paths: yes
    Good:
        version: 0.2
        phases:
          build:
            commands: [mvn package]
        artifacts:
          files:
            - target/**/*.jar
          discard-paths: yes
    """
    for artifact in spec.artifacts():
        setting = scalar_of(artifact.node.get("discard-paths"))
        if setting is None or not setting.truth:
            continue
        message = _collision([entry.value for entry in artifact.files])
        if message:
            quotes = setting.style if setting.style in ("'", '"') else ""
            fix = None
            if setting.style not in ("|", ">"):
                edit = Edit(setting.start, setting.end, f"{quotes}no{quotes}")
                fix = Fix("Keep the paths", [edit], safe=False)
            yield Finding(
                setting.span,
                message,
                help="Write `discard-paths: no`, or delete the line.",
                fix=fix,
            )


def _collision(files: list[str]) -> str:
    """What goes wrong when these files lie side by side, if anything."""
    for entry in files:
        parts = entry.split("/")
        if parts[-1] in ("*", "**", "*.*") and "**" in parts:
            return (
                f"`{entry}` takes files from all folders and `discard-paths` puts them into one: "
                "files of the same name overwrite each other, and paths between them break."
            )
    seen: dict[str, str] = {}
    for entry in files:
        path = plain_path(entry)
        name = last_part(path)
        if not name or not known(path) or has_glob(path):
            continue
        first = seen.setdefault(name, path)
        if first != path:
            return (
                f"`{first}` and `{path}` have the same name: with `discard-paths` one overwrites the other."
            )
    if any(name in seen.values() for name in ("appspec.yml", "appspec.yaml")):
        for entry in files:
            if "scripts" in plain_path(entry).split("/")[:-1]:
                return (
                    f"With `discard-paths` the files of `{entry}` lie beside the AppSpec file: "
                    "CodeDeploy does not find a hook such as `scripts/start.sh`."
                )
    return ""


@rule("CD234", "artifact-name-ignored", Severity.INFO)
def artifact_name_ignored(spec: Buildspec) -> Iterator[Finding]:
    """A computed artifact name counts only if the project allows it.

    CodeBuild uses `name` from the buildspec only where the project has `overrideArtifactName` (in
    the console: semantic versioning). Without it the name is the project's, and in CodePipeline it
    is always ignored. Nothing in the log says so.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: [app.jar]
      >   name: app-$(date +%Y-%m-%d)
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: [app.jar]
          name: app
    """
    for artifact in spec.artifacts():
        name = scalar_of(artifact.node.get("name"))
        if name is not None and ("$" in name.value or "`" in name.value):
            yield Finding(
                name.span,
                "CodeBuild uses this name only if the project sets `overrideArtifactName`, and "
                "never in CodePipeline.",
                help="Set `overrideArtifactName: true` in the artifacts of the project.",
            )


@rule("CD238", "too-many-secondary-artifacts", Severity.ERROR)
def too_many_secondary_artifacts(spec: Buildspec) -> Iterator[Finding]:
    """There are more than 12 secondary artifacts.

    A CodeBuild project takes at most 12 of them, and each identifier in the buildspec has to be one
    of the project.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: [a]
          secondary-artifacts:
            a1: {files: [a]}
            a2: {files: [a]}
            a3: {files: [a]}
            a4: {files: [a]}
            a5: {files: [a]}
            a6: {files: [a]}
            a7: {files: [a]}
            a8: {files: [a]}
            a9: {files: [a]}
            a10: {files: [a]}
            a11: {files: [a]}
            a12: {files: [a]}
      >     a13: {files: [a]}
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: [a]
          secondary-artifacts:
            a1: {files: [a]}
            a2: {files: [a]}
    """
    found = pairs(spec.get("artifacts", "secondary-artifacts"))
    if len(found) > _MOST_SECONDARY:
        yield Finding(
            found[_MOST_SECONDARY][0].span,
            f"These are {len(found)} secondary artifacts, but a project takes at most {_MOST_SECONDARY}.",
            help="Put several of them into one artifact.",
        )


@rule("CD239", "everything-excluded", Severity.WARNING)
def everything_excluded(spec: Buildspec) -> Iterator[Finding]:
    """`exclude-paths` takes away all that `files` names.

    Nothing is left for the artifact, so the build ends with `no matching artifact paths found`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: [app.jar]
      >   exclude-paths: ['**/*']
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: ['**/*']
          exclude-paths: ['**/*.map']
    """
    for artifact in spec.artifacts():
        excluded = texts(artifact.node.get("exclude-paths"))
        files = {plain_path(entry.value) for entry in artifact.files}
        if not excluded or not files:
            continue
        everything = [e for e in excluded if plain_path(e.value) in ("**/*", "**")]
        if everything or files <= {plain_path(entry.value) for entry in excluded}:
            yield Finding(
                (everything or excluded)[0].span,
                "Nothing is left for the artifact: all that `files` names is excluded here.",
                help="Exclude only what is to stay out.",
            )
