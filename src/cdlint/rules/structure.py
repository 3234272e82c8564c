"""CD101–CD106, CD118–CD123: is it a buildspec, of which version, with which phases."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec
from ..source import Span
from ..syntax.tree import Mapping, Scalar, Sequence
from . import rule
from .reported import findings, foreign, is_buildspec, reported, wrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD101", "missing-version", Severity.ERROR)
def missing_version(spec: Buildspec) -> Iterator[Finding]:
    """The buildspec has no `version`.

    CodeBuild refuses a buildspec that does not say which version of the format it is written in. A
    misspelt `version` is the same as none.

    Bad:
      > phases:
          build:
            commands:
              - make
    Bad:
      > Version: 0.2
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    for violation in reported(spec, "missing-version"):
        finding = violation.finding()
        if violation.keyword == "required" and violation.suggestion is None:
            finding.fix = _version_added(spec)
        elif violation.keyword == "null" and spec.document.text.startswith(":", finding.span.end):
            at = finding.span.end + 1
            finding.fix = Fix("Write version 0.2", [Edit(at, at, " 0.2")])
        yield finding


def _version_added(spec: Buildspec) -> Fix | None:
    """`version: 0.2` above the first key."""
    root, text = spec.root, spec.document.text
    if not root.pairs or "environment_variables" in root:
        return None
    if root.flow:
        if not spec.document.json:
            return None
        return Fix("Add the version", [Edit(root.start + 1, root.start + 1, '"version": 0.2, ')])
    start = min(key.start for key, _ in root.pairs)
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    indent = text[max(line, spec.document.base) : start]
    if start != root.start or indent.strip(" "):
        return None
    return Fix("Add the version", [Edit(start, start, "version: 0.2" + _line_end(text) + indent)])


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


@rule("CD102", "unsupported-version", Severity.ERROR)
def unsupported_version(spec: Buildspec) -> Iterator[Finding]:
    """`version` is neither 0.2 nor 0.1.

    The version is that of the buildspec format, not of your project or of the buildspec itself.
    CodeBuild knows two of them.

    Bad:
      > version: 2
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    for violation in reported(spec, "unsupported-version"):
        finding = violation.finding()
        node = violation.node
        if finding.fix is None and isinstance(node, Scalar) and node.style not in ("|", ">"):
            if "environment_variables" not in spec.root:
                edits = [Edit(node.start, node.end, "0.2")]
                finding.fix = Fix("Write version 0.2", edits, safe=False)
        yield finding


@rule("CD103", "version-0-1", Severity.WARNING)
def version_0_1(spec: Buildspec) -> Iterator[Finding]:
    """The old version 0.1 runs every command in a shell of its own.

    After `cd app` or `export X=1` the next command starts again in the source folder, without the
    variable; the build does not fail for that, it does something else. Version 0.2 (since May 2017)
    keeps the folder and the variables. The variables in plain text are called `env`/`variables`
    there.

    Bad:
      > version: 0.1
        phases:
          build:
            commands:
              - cd app
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - cd app
              - make
    """
    version = spec.version
    if version is None or version.value.rstrip("0") != "0.1" or not is_buildspec(spec):
        return
    fix = None
    if "environment_variables" not in spec.root:
        fix = Fix("Change to version 0.2", [Edit(version.start, version.end, "0.2")], safe=False)
    yield Finding(
        version.span,
        "Under version 0.1 every command runs in a shell of its own: a `cd` or a variable does not "
        "reach the next command.",
        help="Write `version: 0.2`, and `env:` with `variables:` for `environment_variables`.",
        fix=fix,
    )


@rule("CD104", "quoted-version-in-batch", Severity.ERROR)
def quoted_version_in_batch(spec: Buildspec) -> Iterator[Finding]:
    """A batch build does not start with a quoted version.

    The service that reads `batch` wants a number: ``cannot unmarshal !!str `0.2` into float64``. An
    ordinary build takes the quoted one, too.

    Bad:
      > version: "0.2"
        batch:
          build-list:
            - identifier: linux
              buildspec: linux.yml
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: linux
              buildspec: linux.yml
    """
    yield from findings(spec, "quoted-version-in-batch")


@rule("CD105", "missing-phases", Severity.ERROR)
def missing_phases(spec: Buildspec) -> Iterator[Finding]:
    """The buildspec has no `phases`.

    Without phases there is nothing to run. Only a buildspec with `batch`, whose builds all name
    buildspecs of their own, can do without.

    Bad:
      > version: 0.2
        artifacts:
          files:
            - app.jar
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
          files:
            - app.jar
    """
    yield from findings(spec, "missing-phases")


@rule("CD106", "unknown-phase", Severity.ERROR)
def unknown_phase(spec: Buildspec) -> Iterator[Finding]:
    """A phase has a name that CodeBuild does not know.

    There are four phases: install, pre_build, build and post_build. Any other key below `phases`
    ends the build before it starts: `Invalid buildspec phase name: prebuild. Expecting:
    build,install,post_build,pre_build`.

    Bad:
        version: 0.2
        phases:
      >   prebuild:
            commands:
              - npm ci
          build:
            commands:
              - npm test
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm test
      >   finally:
            commands:
              - ./clean-up.sh
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - npm ci
          build:
            commands:
              - npm test
            finally:
              - ./clean-up.sh
    """
    for violation in reported(spec, "unknown-phase"):
        finding = violation.finding()
        if violation.name == "finally":
            finding.message = (
                "`finally` is no phase but a list within a phase: CodeBuild stops with `Invalid "
                "buildspec phase name: finally. Expecting: build,install,post_build,pre_build`."
            )
        yield finding


@rule("CD118", "empty-buildspec", Severity.ERROR)
def empty_buildspec(spec: Buildspec) -> Iterator[Finding]:
    """The file holds no buildspec: nothing, only comments, or no mapping.

    CodeBuild stops before the first command with `Wrong number of container tags, expected 1`.

    Bad:
      > # TODO: write the build
    Bad:
      > - npm ci
        - npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
              - npm test
    """
    document, root = spec.document, spec.document.root
    tail = "CodeBuild stops with `Wrong number of container tags, expected 1`."
    help = "Write a buildspec: `version: 0.2`, `phases:` and below that at least one phase."
    nothing = root is None or (isinstance(root, Scalar) and root.is_null)
    if nothing and not document.repairs and _says_nothing(document.text):
        place = Span(document.base, document.base)
        yield Finding(place, f"There is no buildspec in this file: {tail}", help=help)
    elif isinstance(root, (Scalar, Sequence)) and not nothing and root.tag is None:
        if document.damaged:
            return
        what = "a list" if isinstance(root, Sequence) else "a single text"
        end = root.items[0].end if isinstance(root, Sequence) and root.items else root.end
        yield Finding(Span(root.start, end), f"The file is {what}, not a mapping of keys: {tail}", help=help)


def _says_nothing(text: str) -> bool:
    """Only blank lines, comments and marks of documents."""
    lines = text.replace("\ufeff", "").split("\n")
    return all(not line.strip() or line.lstrip()[0] == "#" or line[:3] in ("---", "...") for line in lines)


@rule("CD119", "foreign-document", Severity.ERROR)
def foreign_document(spec: Buildspec) -> Iterator[Finding]:
    """The file is something else than a buildspec.

    It often happens that the JSON for `create-project`, a template or the build specification of
    Amplify is saved under the name of the buildspec. CodeBuild finds neither `version` nor `phases`
    there; the log says `Wrong number of container tags, expected 1` or less.

    Bad:
      > name: web
        source:
          type: CODECOMMIT
        environment:
          image: aws/codebuild/standard:7.0
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    root = spec.root
    if "phases" in root:
        return
    what = foreign(root)
    if not what:
        return
    help = "Put a buildspec into this file, with `version: 0.2` and `phases:` at the top level."
    if "Amplify" in what:
        help = "Call the file `amplify.yml`, or write a buildspec with `phases:` at the top level."
    first = root.pairs[0][0].span if root.pairs and not root.flow else Span(root.start, root.start + 1)
    yield Finding(
        first,
        f"This is {what}, not a buildspec: CodeBuild finds no phases in it to run.",
        help=help,
    )


@rule("CD121", "wrapped-buildspec", Severity.ERROR)
def wrapped_buildspec(spec: Buildspec) -> Iterator[Finding]:
    """A whole buildspec stands below a stray key.

    That is what comes out when the text of a buildspec is put into an object that is turned into
    YAML once more. CodeBuild sees one key that it does not know, and no `version` or `phases`.

    Bad:
      > customBuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    root = spec.root
    if "phases" in root or foreign(root):
        return
    key = wrapper(root)
    if key is not None:
        as_text = " as a text" if isinstance(root.get(key.value), Scalar) else ""
        yield Finding(
            key.span,
            f"The whole buildspec stands{as_text} below `{key.value}`: CodeBuild finds no `phases` "
            "at the top level.",
            help=f"Remove `{key.value}:` and the indentation below it.",
        )


@rule("CD123", "buildspec-yaml-extension", Severity.INFO)
def buildspec_yaml_extension(spec: Buildspec) -> Iterator[Finding]:
    """The file is called `buildspec.yaml`, but CodeBuild looks for `buildspec.yml`.

    A project that names no buildspec reads `buildspec.yml` in the root of the source, and nothing
    else: `YAML file does not exist`. Any other name has to be set in the project.

    Bad (path: buildspec.yaml):
      > version: 0.2
        phases:
          build:
            commands:
              - make
    Good (path: buildspec.yml):
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    path = spec.document.source.path
    if path.replace("\\", "/").rpartition("/")[2] == "buildspec.yaml" and isinstance(
        spec.document.root, Mapping
    ):
        yield Finding(
            Span(spec.document.base, spec.document.base),
            "By default CodeBuild looks for `buildspec.yml`: it reads a `buildspec.yaml` only if "
            "the project names it.",
            help="Rename the file to `buildspec.yml`, or set its name in the project.",
        )
