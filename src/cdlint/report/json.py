"""`json`: the contract with other programs, described by `schemas/report.schema.json`."""

from __future__ import annotations

from ..findings import Summary
from .encoding import dumps

_COUNTS = ("files", "errors", "warnings", "infos", "fixable")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..findings import FileResult, Finding, Fix
    from . import Out, ReportOptions


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    summary = Summary(results)
    counts = {name: getattr(summary, name) for name in _COUNTS}
    # One line for each finding: short, and still easy to read and to compare.
    rows = ["    " + dumps(record(result, finding)) for result in results for finding in result.findings]
    findings = "[\n" + ",\n".join(rows) + "\n  ]" if rows else "[]"
    out.write(
        f'{{\n  "version": {dumps(options.version)},\n'
        f'  "findings": {findings},\n'
        f'  "summary": {dumps(counts)}\n}}\n'
    )


def record(result: FileResult, finding: Finding) -> dict[str, Any]:
    """A finding as the contract has it."""
    start = result.source.position(finding.span.start)
    end = result.source.position(finding.span.end)
    fix = result.fix_to_tell(finding)
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "path": result.path,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "fix": None if fix is None else _fix(fix),
        "help": finding.help,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "safe": fix.safe,
        "description": fix.description,
        "edits": [
            {"start": edit.start, "end": edit.end, "replacement": edit.replacement} for edit in fix.edits
        ],
    }
