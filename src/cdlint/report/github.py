"""`github`: workflow commands, which GitHub Actions shows as annotations of the files."""

from __future__ import annotations

from .checkout import from_top
from .visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..findings import FileResult, Finding
    from . import Out, ReportOptions

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    del options
    place = from_top("GITHUB_WORKSPACE")
    for result in results:
        path = place(result.path)
        for finding in result.findings:
            out.write(_command(path, result, finding) + "\n")


def _command(path: str, result: FileResult, finding: Finding) -> str:
    start = result.source.position(finding.span.start)
    end = result.source.position(finding.span.end)
    properties = [("file", path), ("line", str(start.line))]
    # GitHub takes columns only where a finding starts and ends on one line.
    if start.line == end.line:
        properties.append(("col", str(start.column)))
    properties.append(("endLine", str(end.line)))
    if start.line == end.line:
        properties.append(("endColumn", str(end.column)))
    properties.append(("title", f"{finding.code} {finding.name}"))
    told = ",".join(f"{name}={_property(value)}" for name, value in properties)
    text = "\n".join(filter(None, (finding.message, finding.help)))
    return f"::{_COMMANDS.get(finding.severity, 'error')} {told}::{_data(text)}"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    text = text.replace("%", "%25")
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "%0A".join(visible(part).rstrip() for part in parts)
