"""CD230–CD237: the entries of `files`, one by one."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, texts
from . import rule
from .paths import (
    base_of,
    doubled,
    has_glob,
    inner,
    known,
    last_part,
    part,
    plain_path,
    quoted,
    rewritten,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Artifact
    from ..syntax.tree import Scalar

#: Names that are folders wherever they are met.
_FOLDERS = frozenset(
    ".aws-sam .ebextensions .github .next .nuxt .output .platform .serverless assets build"
    " cdk.out cloudformation css dist docs helm images infrastructure js k8s kubernetes lib libs"
    " manifests node_modules out packages public resources scripts src static target templates"
    " terraform tests vendor views".split()
)
#: Tools that write a file called as it stands behind `-o`; elsewhere that may be a folder.
_COMPILERS = ("go build", "gcc", "g++", "clang", "rustc", "curl")
#: Files without an extension that are met as artifacts.
_FILES = frozenset("artisan bootstrap gradlew handler kubeconfig license main mvnw".split())


@rule("CD230", "stray-quote-in-path", Severity.WARNING)
def stray_quote_in_path(spec: Buildspec) -> Iterator[Finding]:
    """A single quote character is part of a path.

    An unquoted YAML value ends at the end of the line, so a quote that was left behind belongs to
    the path. CodeBuild then looks for a file whose name ends in a quote, and finds none.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
      >     - params/*.yml"
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - "params/*.yml"
    """
    for entry in _paths(spec):
        value = entry.value
        if "$(" in value or "`" in value:
            continue
        for quote in "\"'":
            if value.count(quote) != 1 or len(value) < 2:
                continue
            at = value.index(quote)
            if at not in (0, len(value) - 1):
                continue
            edits = rewritten(spec.document, entry, at, at + 1, "")
            yield Finding(
                part(spec.document, entry, at, at + 1),
                f"The quote {quote} is part of the path: CodeBuild looks for a file with a quote "
                "in its name.",
                help="Remove it, or write a quote at both ends of the value.",
                fix=Fix("Remove the quote", edits) if edits else None,
            )


def _paths(spec: Buildspec) -> Iterator[Scalar]:
    """Every path that the buildspec gives to CodeBuild."""
    for artifact in spec.artifacts():
        for key in ("files", "exclude-paths", "base-directory"):
            yield from texts(artifact.node.get(key))
    for _, report in spec.reports():
        for key in ("files", "base-directory"):
            yield from texts(report.get(key))
    yield from texts(spec.get("cache", "paths"))


@rule("CD233", "directory-entry", Severity.WARNING)
def directory_entry(spec: Buildspec) -> Iterator[Finding]:
    """An entry of `files` names a folder, not the files in it.

    CodeBuild takes files. The name of a folder does not bring what lies in it, and `scripts/*`
    brings one level only. The build stays green and the artifact is too small; later CodeDeploy
    says `Script does not exist at specified location`. `scripts/**/*` takes everything below.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - appspec.yml
      >     - scripts/
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - appspec.yml
            - scripts/**/*
    """
    outputs = _Outputs(spec)
    for artifact in spec.artifacts():
        base = base_of(artifact.node)
        for entry in artifact.files:
            if known(entry.value) and not (base and doubled(entry.value, base)):
                yield from _directory(spec, artifact, entry, outputs)
        for entry in texts(artifact.node.get("exclude-paths")):
            if known(entry.value) and names_folder(entry.value):
                yield _directory_finding(
                    spec,
                    entry,
                    f"`{entry.value}` names a folder: the files in it are not excluded.",
                    info=True,
                )


def names_folder(entry: str) -> bool:
    path = plain_path(entry)
    if has_glob(path) or "\\" in path or path.startswith("!"):
        return False
    return not path or entry.endswith("/") or last_part(path) in _FOLDERS


def _directory(spec: Buildspec, artifact: Artifact, entry: Scalar, outputs: _Outputs) -> Iterator[Finding]:
    value = entry.value
    path = plain_path(value)
    if names_folder(value) and path not in outputs.files:
        yield _directory_finding(
            spec, entry, f"`{value}` names a folder: the files in it do not get into the artifact."
        )
    elif value == "*" or (value.endswith("/*") and not has_glob(value[:-1])):
        if not artifact.flag("discard-paths"):
            where = f"`{path[:-2]}`" if path != "*" else "the base directory"
            yield Finding(
                part(spec.document, entry, len(value) - 1, len(value)),
                f"`{value}` takes the files directly in {where}, but nothing from folders below.",
                help=f"Write `{value[:-1]}**/*` if the folders are meant, too.",
                severity=Severity.INFO,
            )
    elif _may_be_folder(value):
        if path in outputs.files:
            return
        made = path in outputs.folders
        finding = _directory_finding(
            spec,
            entry,
            f"`{value}` names a folder: the files in it do not get into the artifact."
            if made
            else f"If `{value}` is a folder, the files in it do not get into the artifact.",
            info=not made,
        )
        if finding.fix is not None:
            finding.fix.safe = False
        yield finding


def _directory_finding(spec: Buildspec, entry: Scalar, message: str, info: bool = False) -> Finding:
    value = entry.value
    path = plain_path(value).lstrip("/")
    wanted = f"{value.rstrip('/')}/**/*" if path else "**/*"
    edits = rewritten(spec.document, entry, 0, len(value), wanted)
    return Finding(
        entry.span,
        message,
        help=f"Write `{wanted}` for everything below it.",
        fix=Fix("Take all files below the folder", edits, safe=path != "") if edits else None,
        severity=Severity.INFO if info else None,
    )


def _may_be_folder(entry: str) -> bool:
    """A bare word that could be either."""
    word = entry.replace("-", "").replace("_", "")
    return word.isalnum() and word.islower() and entry not in _FILES


class _Outputs:
    """The names of the files that commands write, and of the folders that they make."""

    __slots__ = ("_files", "folders", "spec")

    def __init__(self, spec: Buildspec) -> None:
        self.spec = spec
        self._files: set[str] | None = None
        self.folders: set[str] = set()

    @property
    def files(self) -> set[str]:
        """Read when first asked for, and `folders` with it."""
        if self._files is None:
            self._files = set()
            for command in self.spec.commands():
                self._read(command.text, self._files, self.folders)
        return self._files

    @staticmethod
    def _read(command: str, files: set[str], folders: set[str]) -> None:
        compiles = any(tool in command for tool in _COMPILERS)
        before = first = ""
        for word in command.replace(";", " ; ").replace(">", " > ").split():
            name = plain_path(word.strip("\"'"))
            if before in (">", "tee", "touch") or (compiles and before == "-o"):
                files.add(name)
            elif word.startswith("--out="):
                files.add(plain_path(word[6:]))
            elif first == "mkdir" and not word.startswith("-"):
                folders.add(name.partition("/")[0])
            if word in (";", "&&", "||", "|"):
                first = ""
            elif not first or word == "mkdir":
                first = word
            before = word


@rule("CD235", "artifact-outside-source", Severity.INFO)
def artifact_outside_source(spec: Buildspec) -> Iterator[Finding]:
    """An artifact is taken from outside of the source folder.

    Paths are meant to be relative to the root of the source or to `base-directory`. Absolute paths
    and `../` tie the buildspec to the layout of the build machine, and which folders the artifact
    then has is not documented.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make PLAN=/tmp/plan.json]
        artifacts:
          files:
      >     - /tmp/plan.json
    Good:
        version: 0.2
        phases:
          build:
            commands: [make PLAN=plan.json]
        artifacts:
          files:
            - plan.json
    """
    for artifact in spec.artifacts():
        for entry in [*artifact.files, *texts(artifact.node.get("base-directory"))]:
            value = entry.value
            if (value.startswith("/") and len(value) > 1) or value.startswith("../"):
                yield Finding(
                    entry.span,
                    f"`{value}` lies outside of the source folder.",
                    help="Copy it into the source folder in a command, and name it from there.",
                )


@rule("CD236", "several-paths-in-entry", Severity.WARNING)
def several_paths_in_entry(spec: Buildspec) -> Iterator[Finding]:
    """One entry of a list names several paths, with commas between them.

    CodeBuild takes an entry for one path and looks for a file with a comma in its name: `Skipping
    invalid file path`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
      >     - app.jar, appspec.yml
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - app.jar
            - appspec.yml
    """
    for entry in _paths(spec):
        value = entry.value
        if "," not in value or any(mark in value for mark in ("{", "(", "[", "`", "<%")):
            continue
        pieces = [piece.strip() for piece in value.split(",")]
        if not all(_like_path(piece) for piece in pieces):
            continue
        at = value.index(",")
        yield Finding(
            part(spec.document, entry, at, at + 1),
            f"This entry is one path to CodeBuild, comma included: it finds none of the {len(pieces)} files.",
            help="Write each path as an entry of its own.",
            fix=_split(spec, entry, pieces),
        )


def _like_path(text: str) -> bool:
    return bool(text) and (has_glob(text) or "/" in text or "." in text or "$" in text)


def _split(spec: Buildspec, entry: Scalar, pieces: list[str]) -> Fix | None:
    """One list item for each piece, where the entry is an item on a line of its own."""
    text = spec.document.text
    start = max(text.rfind("\n", 0, entry.start), text.rfind("\r", 0, entry.start)) + 1
    before = text[start : entry.start]
    if inner(spec.document, entry) is None or before.strip(" ") != "-" or entry.anchor:
        return None
    items = [quoted(piece, entry.style) for piece in pieces]
    edit = Edit(entry.start, entry.end, f"\n{before}".join(items))
    return Fix("Make an entry of each path", [edit])


@rule("CD237", "unsupported-glob", Severity.INFO)
def unsupported_glob(spec: Buildspec) -> Iterator[Finding]:
    """A pattern that CodeBuild does not document.

    Documented are `*` within one folder and `**` across folders. A `!` in front does not take files
    away, as it does in other tools: that is the work of `exclude-paths`. Whether `{a,b}` and `!(a)`
    work is written nowhere.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm run build]
        artifacts:
          base-directory: dist
          files:
            - '**/*'
      >     - '!**/*.map'
    Good:
        version: 0.2
        phases:
          build:
            commands: [npm run build]
        artifacts:
          base-directory: dist
          files:
            - '**/*'
          exclude-paths:
            - '**/*.map'
    """
    for artifact in spec.artifacts():
        for entry in artifact.files:
            if entry.value.startswith("!") and not entry.value.startswith("!("):
                yield Finding(
                    entry.span,
                    "CodeBuild knows no exclusion with `!`: this entry takes nothing away.",
                    help=f"Put `{entry.value[1:].strip()}` under `exclude-paths`.",
                    severity=Severity.WARNING,
                )
                continue
            found = _extended(entry.value)
            if found is not None:
                yield Finding(
                    part(spec.document, entry, *found),
                    f"CodeBuild documents `*` and `**` only, not `{entry.value[slice(*found)]}`.",
                    help="Write one entry for each case.",
                )


def _extended(value: str) -> tuple[int, int] | None:
    """Where `{a,b}`, `!(a)`, `+(a)` or `@(a)` stands in a pattern."""
    if not known(value):
        return None
    for opening, closing in (("{", "}"), ("!(", ")"), ("+(", ")"), ("@(", ")")):
        start = value.find(opening)
        end = value.find(closing, start) + 1
        if start >= 0 and end > 0 and (opening != "{" or "," in value[start:end]):
            return start, end
    return None
