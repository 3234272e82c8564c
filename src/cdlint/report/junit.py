"""`junit`: test results, as the `reports` section of a buildspec takes them (JUNITXML).

A file is a test suite and a finding is a failed test. Advice (level info) fails nothing. A file
without findings is one passed test.
"""

from __future__ import annotations

from .concise import sentence
from .full import block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..findings import FileResult, Finding
    from . import Out, ReportOptions

#: CodeBuild's limits, in characters.
NAME_LIMIT = 1_000
MESSAGE_LIMIT = 5_000


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    tests = sum(max(1, len(result.findings)) for result in results)
    failures = sum(_failures(result) for result in results)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    head = f"<testsuites name={quoted('cdlint')} {_counts(tests, failures)}"
    if not results:
        out.write(f"{head}/>\n")
        return
    out.write(f"{head}>\n")
    for result in results:
        out.write("".join(f"{line}\n" for line in _suite(result, options.width)))
    out.write("</testsuites>\n")


def _failures(result: FileResult) -> int:
    return sum(1 for finding in result.findings if finding.severity != "info")


def _counts(tests: int, failures: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="0" skipped="0" time="0.000"'


def _suite(result: FileResult, width: int) -> Iterator[str]:
    path = quoted(cut(result.path, NAME_LIMIT))
    tests = max(1, len(result.findings))
    yield f"  <testsuite name={path} {_counts(tests, _failures(result))}>"
    if not result.findings:
        yield f'    <testcase classname={path} name="no problems" time="0.000"/>'
    for finding in result.findings:
        position = result.source.position(finding.span.start)
        name = f"{finding.code} {finding.name} at {position}"
        yield f'    <testcase classname={path} name={quoted(cut(name, NAME_LIMIT))} time="0.000">'
        yield f"      {_outcome(result, finding, width)}"
        yield "    </testcase>"
    yield "  </testsuite>"


def _outcome(result: FileResult, finding: Finding, width: int) -> str:
    place = f"{result.path}:{result.source.position(finding.span.start)}"
    _, _, *lines = block(result.shown, finding, width)
    lines.insert(0, f"{place}: {sentence(finding)}")
    told = escaped(cut("\n".join(lines), MESSAGE_LIMIT))
    if finding.severity == "info":
        return f"<system-out>{told}</system-out>"
    message = quoted(cut(finding.message, MESSAGE_LIMIT))
    return f"<failure message={message} type={quoted(finding.severity)}>{told}</failure>"


def cut(text: str, limit: int) -> str:
    """A text of at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(text: str) -> str:
    """A text as the value of an attribute."""
    text = escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{text}"'


def escaped(text: str) -> str:
    """A text as the content of an element, without the characters that XML 1.0 forbids."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = "".join(filter(_legal, text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _legal(char: str) -> bool:
    if char < " ":
        return char in "\t\n"
    return not ("\ud800" <= char <= "\udfff" or char in "\ufffe\uffff")
