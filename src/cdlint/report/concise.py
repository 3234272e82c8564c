"""`concise`: for people and editors; one line for each finding."""

from __future__ import annotations

from .counts import write_counts
from .visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..findings import FileResult, Finding
    from . import Out, ReportOptions

_COLORS = {"error": "31", "warning": "33", "info": "36"}


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    for result in results:
        path = visible(result.path)
        for finding in result.findings:
            place = f"{path}:{result.source.position(finding.span.start)}"
            out.write(f"{place}: {sentence(finding, options.color)}\n")
    if options.statistics and any(result.findings for result in results):
        out.write("\n")
    write_counts(results, out, options)


def sentence(finding: Finding, color: bool = False) -> str:
    """`error CD106 unknown-phase: …`"""
    level = f"{finding.severity} {finding.code}"
    if color:
        level = f"\x1b[{_COLORS.get(finding.severity, '1')}m{level}\x1b[0m"
    return f"{level} {finding.name}: {visible(finding.message)}".rstrip()
