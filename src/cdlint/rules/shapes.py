"""CD110–CD115, CD122, CD124–CD127: keys and values that the schema does not allow."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from . import rule
from .reported import findings, reported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema import Violation


@rule("CD110", "unknown-key", Severity.WARNING)
def unknown_key(spec: Buildspec) -> Iterator[Finding]:
    """A key that CodeBuild does not know here.

    The build goes on without it. Its log says `Found possible syntax errors in buildspec`, names
    the section and adds `The following keys cannot be identified`. A misspelt or misplaced setting
    thus has no effect, and a misspelt `commands` runs nothing. Keys are written with hyphens, in
    lower case.

    Bad:
        version: 0.2
        phases:
          build:
      >     command:
              - make
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
      >   baseDirectory: out
          files:
            - app.jar
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
          base-directory: out
          files:
            - app.jar
    """
    for violation in reported(spec, "unknown-key"):
        finding = violation.finding()
        if len(violation.path) == 1 and _is_helper(violation.node):
            finding.severity = Severity.INFO
            finding.help = "Begin its name with `x-` to mark it as a helper of your own."
        yield finding


def _is_helper(node: Node) -> bool:
    """Something that other parts refer to by an anchor."""
    if isinstance(node, Scalar):
        return node.anchor is not None and bool(node.value)
    if node.anchor is not None:
        return True
    children: list[Node] = []
    if isinstance(node, Mapping):
        children = [value for _, value in node.pairs]
    elif isinstance(node, Sequence):
        children = node.items
    return any(child.anchor is not None for child in children)


@rule("CD112", "wrong-type", Severity.ERROR)
def wrong_type(spec: Buildspec) -> Iterator[Finding]:
    """A list where a mapping belongs, a mapping where a text belongs, and the like.

    CodeBuild reads the buildspec into fixed types. A part of another kind cannot be read, and the
    build ends before its first phase.

    Bad:
        version: 0.2
        phases:
      >   build:
            - make
    Bad:
        version: 0.2
        env:
          variables:
      >     STAGE:
              name: test
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        env:
          variables:
            STAGE: test
        phases:
          build:
            commands:
              - make
    """
    yield from findings(spec, "wrong-type")


@rule("CD113", "command-not-a-string", Severity.ERROR)
def command_not_a_string(spec: Buildspec) -> Iterator[Finding]:
    """An item of `commands` or `finally` is no text.

    A colon and a blank make a mapping of an item, brackets make a list, a lone hyphen or one with
    only a comment behind it makes nothing at all. CodeBuild stops with `Expected Commands[0] to be
    of string type: found subkeys instead at line …`; it counts from 0, and the line is sometimes
    one off.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - name: Test
                run: make test
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - # run the tests
              - make test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              # run the tests
              - make test
    """
    for violation in reported(spec, "command-not-a-string"):
        finding = violation.finding()
        node = violation.node
        if violation.keyword == "null":
            _empty_item(spec, violation, finding)
        elif isinstance(node, Mapping) and len(node.pairs) > 1:
            finding.help = "Write the command itself behind the hyphen; CodeBuild knows no keys here."
        yield finding


def _empty_item(spec: Buildspec, violation: Violation, finding: Finding) -> None:
    """Point at the hyphen and what stands behind it; offer to delete the line."""
    text, at = spec.document.text, violation.node.start
    start, end = _line(text, at)
    dash = start + len(text[start:end]) - len(text[start:end].lstrip(" "))
    if not text.startswith("-", dash) or text[dash + 1 : violation.node.start].strip(" \t"):
        return
    finding.span = Span(dash, start + len(text[start:end].rstrip()))
    if "#" in text[violation.node.end : end]:
        finding.message = finding.message.replace(
            "nothing stands behind the hyphen", "only a comment stands behind the hyphen"
        )
        # The comment is all that the line says, and it stays.
        comment = text.index("#", violation.node.end)
        finding.help = "Write a command behind the hyphen, or remove the hyphen."
        finding.fix = Fix("Remove the hyphen before the comment", [Edit(dash, comment, "")])
        return
    finding.fix = Fix("Delete the line", [Edit(start, _next_line(text, end), "")], safe=False)


@rule("CD114", "empty-section", Severity.WARNING)
def empty_section(spec: Buildspec) -> Iterator[Finding]:
    """A section without content.

    Mostly something was commented out or forgotten, or it is indented too little. An empty phase
    runs nothing; what CodeBuild makes of other empty sections has changed over time, from silence
    to a failed build.

    Bad:
        version: 0.2
        phases:
      >   install:
          build:
            commands:
              - make
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - make
      > artifacts:
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    for violation in reported(spec, "empty-section"):
        finding = violation.finding()
        if finding.fix is None and violation.keyword == "null":
            finding.fix = _deletion(spec, violation)
        yield finding


def _deletion(spec: Buildspec, violation: Violation) -> Fix | None:
    """Delete the line of an empty key, where nothing hangs on it."""
    text, key, parent = spec.document.text, violation.key, violation.parent
    if not isinstance(key, Scalar) or not isinstance(parent, Mapping) or parent.flow:
        return None
    if key.value == "files" or "variables" in violation.path[:-1] or key.anchor or violation.node.anchor:
        return None
    if not any(not _is_null(value) for _, value in parent.pairs):
        return None
    start, end = _line(text, key.start)
    line = text[start:end].strip()
    if line.rstrip(": ") != text[key.start : key.end] or not line.endswith(":"):
        return None
    following = _next_line(text, end)
    below, stop = _line(text, following)
    indent = len(text[below:stop]) - len(text[below:stop].lstrip(" "))
    if following < len(text) and indent > key.start - start:
        return None  # a comment that belongs to the key
    return Fix(f"Delete `{key.value}:`", [Edit(start, following, "")])


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


@rule("CD115", "missing-commands", Severity.WARNING)
def missing_commands(spec: Buildspec) -> Iterator[Finding]:
    """A phase has settings, but no commands.

    CodeBuild logs `No commands found for phase name` and goes on. Only install can do without, when
    it selects runtime versions.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
              - npm ci
      >   build:
            on-failure: ABORT
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              nodejs: 22
          build:
            on-failure: ABORT
            commands:
              - npm test
    """
    for violation in reported(spec, "missing-commands"):
        node = violation.node
        if isinstance(node, Mapping) and len(node):
            yield violation.finding()


@rule("CD122", "scalar-list", Severity.INFO)
def scalar_list(spec: Buildspec) -> Iterator[Finding]:
    """A single text where the documentation has a list.

    CodeBuild takes the text for a list with one entry. Other tools, and people who add a second
    entry, stumble over it.

    Bad:
        version: 0.2
        phases:
          build:
      >     commands: make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    for parent, names in _parents(spec):
        for name, key, value in parent.items():
            if name in names and isinstance(value, Scalar) and not value.is_null and value.tag is None:
                yield Finding(
                    value.span if value.style not in ("|", ">") else key.span,
                    f"`{name}` is a list in CodeBuild's documentation: the single text works, as a "
                    "list with one entry.",
                    help="Write it as a list item, behind a hyphen.",
                    fix=_wrapped(spec.document.text, parent, key, value),
                )


def _parents(spec: Buildspec) -> Iterator[tuple[Mapping, tuple[str, ...]]]:
    """The mappings that hold such lists, and the keys of the lists."""
    for phase in spec.phases:
        if phase.node is not None:
            yield phase.node, ("commands", "finally")
    for artifact in spec.artifacts():
        yield artifact.node, ("files", "exclude-paths")
    for _, report in spec.reports():
        yield report, ("files",)
    cache = spec.get("cache")
    if isinstance(cache, Mapping):
        yield cache, ("paths",)


def _wrapped(text: str, parent: Mapping, key: Node, value: Scalar) -> Fix | None:
    """Make a list with one item of a text. A block text keeps its indentation."""
    if value.anchor is not None or value.start < key.end:
        return None
    if parent.flow:
        edits = [Edit(value.start, value.start, "["), Edit(value.end, value.end, "]")]
        return Fix("Make it a list", edits)
    start, end = _line(text, key.start)
    indent = text[start : key.start]
    if indent.strip(" ") or not start <= value.start < end:
        return None
    if value.style not in ("|", ">"):
        if value.end > end:
            return None
        indent += "  "
    line_end = "\r\n" if text.startswith("\r\n", end) else "\n"
    gap = len(text[key.end : value.start].rstrip())
    edit = Edit(key.end + gap, value.start, line_end + indent + "- ")
    return Fix("Make it a list", [edit])


@rule("CD124", "invalid-on-failure", Severity.ERROR)
def invalid_on_failure(spec: Buildspec) -> Iterator[Finding]:
    """`on-failure` names no action that CodeBuild knows.

    The actions are `ABORT`, `CONTINUE` and `RETRY`, the last one also with a count and a pattern
    for the error message: `RETRY-2`, `RETRY-.*timeout.*`. They are written in upper case.

    Bad:
        version: 0.2
        phases:
          build:
      >     on-failure: IGNORE
            commands:
              - make
    Good:
        version: 0.2
        phases:
          build:
            on-failure: CONTINUE
            commands:
              - make
    """
    yield from findings(spec, "invalid-on-failure")


@rule("CD125", "invalid-value", Severity.ERROR)
def invalid_value(spec: Buildspec) -> Iterator[Finding]:
    """A value that CodeBuild does not accept for this key.

    Some keys take one of a few words, a number or a certain kind of name: report formats, actions
    of the cache, switches, identifiers, compute types.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - make test
        reports:
          unit:
            files:
              - out/*.xml
      >     file-format: JUNIT4
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make test
        reports:
          unit:
            files:
              - out/*.xml
            file-format: JUNITXML
    """
    yield from findings(spec, "invalid-value")


@rule("CD126", "missing-key", Severity.ERROR)
def missing_key(spec: Buildspec) -> Iterator[Finding]:
    """A section lacks a key that it cannot do without.

    A report group needs `files`, a build of a batch its `identifier`, a fan-out its `parallelism`,
    a cache its `paths`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - make test
        reports:
      >   unit:
            file-format: JUNITXML
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make test
        reports:
          unit:
            files:
              - out/*.xml
    """
    yield from findings(spec, "missing-key")


@rule("CD127", "missing-artifact-files", Severity.ERROR)
def missing_artifact_files(spec: Buildspec) -> Iterator[Finding]:
    """`artifacts` does not say which files to upload.

    At the end of the build CodeBuild reports `CLIENT_ERROR … no definition for primary artifacts in
    buildspec`. That was seen with secondary artifacts alone, too; actions of CodePipeline with
    several output artifacts are the exception, so there it is a warning.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - make
      > artifacts:
          base-directory: out
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
          base-directory: out
          files:
            - app.jar
    """
    for violation in reported(spec, "missing-artifact-files"):
        finding = violation.finding()
        node = violation.node
        if isinstance(node, Mapping) and "secondary-artifacts" in node:
            if spec.project is not None and spec.project.is_in_pipeline:
                continue
            finding.severity = Severity.WARNING
            finding.message = (
                "`artifacts` has only secondary artifacts, no `files`: outside of CodePipeline the "
                "build ends with `no definition for primary artifacts in buildspec`."
            )
        yield finding


def _line(text: str, at: int) -> tuple[int, int]:
    """Start and end (without its line end) of the line that holds an offset."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return start, min(ends, default=len(text))


def _next_line(text: str, end: int) -> int:
    """The start of the line behind a line end."""
    if text.startswith("\r\n", end):
        return end + 2
    return min(end + 1, len(text))
