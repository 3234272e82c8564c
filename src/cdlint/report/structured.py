"""`json` and `jsonl`: the contract of schemas/report.schema.json."""

from __future__ import annotations

import json

from .. import __version__
from ..findings import Summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..findings import FileResult, Finding
    from ..source import Source
    from . import ReportOptions, Writable


def write(
    format: str, results: list[FileResult], out: Writable, options: ReportOptions
) -> None:
    found = [
        finding_object(result.source, finding) for result in results for finding in result.findings
    ]
    if format == "jsonl":
        for one in found:
            out.write(json.dumps(one, ensure_ascii=False) + "\n")
        return
    summary = Summary(results)
    document = {
        "version": __version__,
        "findings": found,
        "summary": {
            "files": summary.files,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "infos": summary.infos,
            "fixable": summary.fixable,
        },
    }
    out.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def finding_object(source: Source, finding: Finding) -> dict[str, Any]:
    """One finding; lines and columns 1-based in characters, edit offsets 0-based in characters."""
    start, end = source.position(finding.span.start), source.position(finding.span.end)
    fix: dict[str, Any] | None = None
    if finding.fix is not None:
        fix = {
            "safe": finding.fix.safe,
            "description": finding.fix.description,
            "edits": [
                {"start": edit.start, "end": edit.end, "replacement": edit.replacement}
                for edit in finding.fix.edits
            ],
        }
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "path": source.path,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "fix": fix,
        "help": finding.help,
    }
