"""What the tests of the reports share: findings made by hand, and a report as text."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from cdlint.findings import FileResult, Finding, Fix
from cdlint.report import ReportOptions, write
from cdlint.source import Source, Span
from support import ROOT

REPORT_SCHEMA = json.loads((ROOT / "schemas/report.schema.json").read_text(encoding="utf-8"))


def finding(
    start: int,
    end: int,
    message: str = "This is wrong.",
    *,
    help: str = "",
    fix: Fix | None = None,
    severity: Any = "error",
    code: str = "CD106",
    name: str = "unknown-phase",
) -> Finding:
    return Finding(Span(start, end), message, help=help, fix=fix, severity=severity, code=code, name=name)


def at(text: str, part: str, message: str = "This is wrong.", **more: Any) -> Finding:
    """A finding that points at a part of the text."""
    start = text.index(part)
    return finding(start, start + len(part), message, **more)


def result(text: str, *findings: Finding, path: str = "buildspec.yml") -> FileResult:
    return FileResult(Source(path, text), "buildspec", list(findings))


def report(form: str, *results: FileResult, **options: Any) -> str:
    """The report of some files; `version` is 1.2.3."""
    out = StringIO()
    write(form, list(results), out, ReportOptions(**{"version": "1.2.3", **options}))
    return out.getvalue()
