"""CD250–CD253: report groups, their files and formats."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs, scalar_of, texts
from . import rule
from .paths import doubled_findings, known, last_part, part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Mapping, Scalar

_TESTS = ("CUCUMBERJSON", "JUNITXML", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX")
_COVERAGE = ("CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV")
_JSON = ("CUCUMBERJSON", "SIMPLECOV")
_MOST_GROUPS = 5
#: The longest short name: the name of the project and a hyphen come before it, 128 in all.
_LONGEST = 125


@rule("CD250", "report-base-directory-doubled", Severity.WARNING)
def report_base_directory_doubled(spec: Buildspec) -> Iterator[Finding]:
    """The files of a report begin with the base directory once more.

    `files` is relative to `base-directory`. No file is found in `reports/reports`; that does not
    fail the build, there is only no report.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make test]
        reports:
          unit:
            base-directory: reports
            files:
      >       - reports/**/*.xml
    Good:
        version: 0.2
        phases:
          build:
            commands: [make test]
        reports:
          unit:
            base-directory: reports
            files:
              - '**/*.xml'
    """
    for _, report in spec.reports():
        yield from doubled_findings(
            spec.document,
            report,
            "files",
            lambda base: (
                f"Entries are relative to `base-directory`, so CodeBuild looks in `{base}/{base}` "
                "and finds no report; the build stays green."
            ),
        )


@rule("CD251", "report-format-mismatch", Severity.WARNING)
def report_format_mismatch(spec: Buildspec) -> Iterator[Finding]:
    """The names of the report files speak of another format than `file-format`.

    Without `file-format` CodeBuild reads JUnit XML. A coverage report then ends with `error
    processing report: … expected element type <testsuite> but have <coverage>`, and there is no
    report. HTML and plain text are no format it reads.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [pytest --cov --cov-report xml]
        reports:
          coverage:
            files:
      >       - coverage.xml
    Good:
        version: 0.2
        phases:
          build:
            commands: [pytest --cov --cov-report xml]
        reports:
          coverage:
            files:
              - coverage.xml
            file-format: COBERTURAXML
    """
    for _, report in spec.reports():
        setting = scalar_of(report.get("file-format"))
        if "file-format" in report and setting is None:
            continue
        wanted = setting.value.upper() if setting is not None else "JUNITXML"
        if wanted not in _TESTS and wanted not in _COVERAGE:
            continue
        files = texts(report.get("files"))
        meant = [(entry, formats(last_part(entry.value))) for entry in files]
        wrong = [(e, names) for e, names in meant if names is not None and wanted not in names]
        if not wrong:
            continue
        choices = {names[:1] for _, names in wrong}
        name = choices.pop()[0:1] if len(choices) == 1 and len(wrong) == len(files) else ()
        fix = _format_fix(spec, report, setting, name[0]) if name else None
        yield _mismatch(spec, wrong[0], setting, fix)


def formats(name: str) -> tuple[str, ...] | None:
    """The formats that a file of this name can have, the likeliest first; None if it may be any."""
    low = name.lower()
    if not known(low):
        return None
    if low.endswith(".trx"):
        return ("VISUALSTUDIOTRX",)
    if low.endswith(".json"):
        if low.startswith("cucumber"):
            return ("CUCUMBERJSON",)
        return ("SIMPLECOV",) if low == ".resultset.json" else _JSON
    if low.endswith((".html", ".htm", ".txt", ".md", ".pdf", ".info", ".csv")):
        return ()
    return _xml_formats(low) if low.endswith(".xml") else None


def _xml_formats(low: str) -> tuple[str, ...]:
    if "cobertura" in low:
        return ("COBERTURAXML",)
    if low.startswith("clover"):
        return ("CLOVERXML",)
    if low.startswith("jacoco"):
        return ("JACOCOXML",)
    if low == "coverage.xml":
        return ("COBERTURAXML", "CLOVERXML", "JACOCOXML")
    if low == "testng-results.xml":
        return ("TESTNGXML",)
    if low.startswith(("test-", "junit")):
        return ("JUNITXML",)
    return tuple(one for one in (*_TESTS, *_COVERAGE) if one not in _JSON)


def _mismatch(
    spec: Buildspec,
    wrong: tuple[Scalar, tuple[str, ...]],
    setting: Scalar | None,
    fix: Fix | None,
) -> Finding:
    entry, names = wrong
    name = last_part(entry.value)
    span = part(spec.document, entry, len(entry.value) - len(name), len(entry.value))
    if not names:
        return Finding(
            span,
            f"CodeBuild reads test results and coverage in XML or JSON formats: `{name}` is none, "
            "so there is no report.",
            help="Let the tool write JUnit XML, or another format that `file-format` can name.",
        )
    told = f"as {setting.value.upper()}" if setting is not None else "as JUNITXML, the default"
    looks = f"like {names[0]}" if len(names) < 4 else "like another format"
    return Finding(
        setting.span if setting is not None else span,
        f"CodeBuild reads `{name}` {told}, but it looks {looks}: the report fails with `error "
        "processing report`.",
        help=f"Write `file-format: {names[0]}`." if len(names) < 3 or fix else "Set `file-format`.",
        fix=fix,
    )


def _format_fix(spec: Buildspec, report: Mapping, setting: Scalar | None, name: str) -> Fix | None:
    """Write the format, or add it before `files`."""
    if setting is not None:
        if setting.style in ("|", ">"):
            return None
        edit = Edit(setting.start, setting.end, setting.style + name + setting.style)
        return Fix(f"Write {name}", [edit], safe=False)
    key, text = report.key("files"), spec.document.text
    if key is None:
        return None
    if report.flow:
        quote = '"' if text.startswith('"', key.start) else ""
        added = f"{quote}file-format{quote}: {quote}{name}{quote}, "
    else:
        start = max(text.rfind("\n", 0, key.start), text.rfind("\r", 0, key.start)) + 1
        indent = text[start : key.start]
        if indent.strip(" "):
            return None
        added = f"file-format: {name}\n{indent}"
    return Fix(f"Add file-format: {name}", [Edit(key.start, key.start, added)], safe=False)


@rule("CD252", "invalid-report-group-name", Severity.ERROR)
def invalid_report_group_name(spec: Buildspec) -> Iterator[Finding]:
    """The name of a report group has characters that CodeBuild refuses.

    The key below `reports` is either the ARN of a report group or a short name, from which
    CodeBuild makes the group `<project>-<name>`. Letters, digits, `-` and `_` are safe; blanks and
    colons are refused.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make test]
        reports:
      >   unit tests:
            files: ['out/*.xml']
    Good:
        version: 0.2
        phases:
          build:
            commands: [make test]
        reports:
          unit-tests:
            files: ['out/*.xml']
    """
    for key, _ in pairs(spec.get("reports")):
        name = key.value
        if not known(name) or "<" in name:
            continue
        if name.startswith("arn:"):
            fault = _arn_fault(name)
            if fault:
                yield Finding(
                    key.span,
                    f"This is no ARN of a report group: {fault}.",
                    help="Write arn:aws:codebuild:<region>:<account>:report-group/<name>, or a short name.",
                )
            continue
        yield from _short_name(spec, key)


def _short_name(spec: Buildspec, key: Scalar) -> Iterator[Finding]:
    name = key.value
    if len(name) > _LONGEST:
        yield Finding(
            key.span,
            f"The name has {len(name)} characters; with the name of the project before it, 128 are allowed.",
            help="Choose a shorter name.",
        )
        return
    for at, char in enumerate(name):
        if (char.isascii() and char.isalnum()) or char in "-_":
            continue
        if not char.isascii() and not char.isalnum():
            return  # typographic characters have rules of their own
        refused = char.isspace() or char == ":"
        shown = "A blank" if char.isspace() else f"`{char}`"
        verb = "is not" if refused else "may not be"
        yield Finding(
            part(spec.document, key, at, at + 1),
            f"{shown} {verb} allowed in the name of a report group.",
            help="Use letters, digits, `-` and `_`.",
            severity=None if refused else Severity.WARNING,
        )
        return


def _arn_fault(arn: str) -> str:
    parts = arn.split(":")
    if len(parts) != 6:
        return f"it has {len(parts)} parts between colons, not 6"
    if not parts[1].startswith("aws") or parts[2] != "codebuild":
        return "it does not begin with `arn:aws:codebuild:`"
    if not (len(parts[4]) == 12 and parts[4].isdigit()):
        return "the account is not a number of 12 digits"
    kind, _, name = parts[5].partition("/")
    if kind != "report-group" or not name:
        return "`report-group/` and the name must stand at its end"
    return "" if parts[3] else "the region is missing"


@rule("CD253", "too-many-report-groups", Severity.WARNING)
def too_many_report_groups(spec: Buildspec) -> Iterator[Finding]:
    """There are more than five report groups.

    AWS documents five as the most that a project can have.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make test]
        reports:
          a: {files: [a.xml]}
          b: {files: [b.xml]}
          c: {files: [c.xml]}
          d: {files: [d.xml]}
          e: {files: [e.xml]}
      >   f: {files: [f.xml]}
    Good:
        version: 0.2
        phases:
          build:
            commands: [make test]
        reports:
          unit:
            files: [a.xml, b.xml, c.xml, d.xml, e.xml, f.xml]
    """
    found = pairs(spec.get("reports"))
    if len(found) > _MOST_GROUPS:
        yield Finding(
            found[_MOST_GROUPS][0].span,
            f"These are {len(found)} report groups; AWS documents at most {_MOST_GROUPS} for a project.",
            help="Let several files go into one group.",
        )
