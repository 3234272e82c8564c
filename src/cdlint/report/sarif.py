"""`sarif`: SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

from .checkout import from_top
from .encoding import dumps
from .fingerprint import fingerprinted
from .rule_texts import descriptor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..findings import FileResult, Finding, Fix
    from ..source import Source
    from . import Out, ReportOptions

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    codes = _first_of_each(results)
    index = {code: number for number, code in enumerate(codes)}
    place = from_top("GITHUB_WORKSPACE")
    found = []
    artifacts: dict[str, int] = {}
    for result in results:
        name = uri(place(result.path))
        location = {"uri": name, "index": artifacts.setdefault(name, len(artifacts))}
        for finding, fingerprint in fingerprinted(result):
            found.append(_result(result, finding, location, index, fingerprint))
    run = {
        "tool": {
            "driver": {
                "name": "cdlint",
                "version": options.version,
                "rules": [descriptor(finding) for finding in codes.values()],
            }
        },
        "artifacts": [{"location": {"uri": name}} for name in artifacts],
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": found,
    }
    out.write(dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")


def _first_of_each(results: Sequence[FileResult]) -> dict[str, Finding]:
    """A finding of each rule that found something, ordered by code."""
    first: dict[str, Finding] = {}
    for result in results:
        for finding in result.findings:
            first.setdefault(finding.code, finding)
    return {code: first[code] for code in sorted(first)}


def _result(
    checked: FileResult,
    finding: Finding,
    location: dict[str, Any],
    index: dict[str, int],
    fingerprint: str,
) -> dict[str, Any]:
    source, fix = checked.source, checked.fix_to_tell(finding)
    region = _region(source, finding.span.start, finding.span.end)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": LEVELS.get(finding.severity, "error"),
        "message": {"text": f"{finding.message} {finding.help}".strip() or finding.name},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": region}}],
        "partialFingerprints": {"cdlint/v1": fingerprint},
    }
    if fix is not None and fix.edits:
        result["fixes"] = [_fix(source, fix, location)]
    return result


def _region(source: Source, start: int, end: int) -> dict[str, int]:
    first, last = source.position(start), source.position(end)
    return {
        "startLine": first.line,
        "startColumn": first.column,
        "endLine": last.line,
        "endColumn": last.column,
    }


def _fix(source: Source, fix: Fix, location: dict[str, Any]) -> dict[str, Any]:
    replacements = []
    for edit in fix.edits:
        replacement: dict[str, Any] = {"deletedRegion": _region(source, edit.start, edit.end)}
        if edit.replacement:
            replacement["insertedContent"] = {"text": edit.replacement}
        replacements.append(replacement)
    return {
        "description": {"text": fix.description},
        "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
        "properties": {"safe": fix.safe},
    }


_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def uri(path: str) -> str:
    """A path as a URI: relative as it is, absolute with the scheme `file`."""
    # Bytes that were no UTF-8 come back as they were; other halves of surrogate pairs are kept.
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "surrogatepass")
    quoted = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in data)
    if path.startswith("/"):
        return "file://" + quoted
    if path[1:3] == ":/" and path[0].isalpha():
        return f"file:///{path[0]}:{quoted[4:]}"
    return quoted
