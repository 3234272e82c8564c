"""`gitlab`: a Code Quality report of GitLab."""

from __future__ import annotations

from .checkout import from_top
from .encoding import dumps
from .fingerprint import fingerprinted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..findings import FileResult
    from . import Out, ReportOptions

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    del options
    place = from_top("CI_PROJECT_DIR")
    rows = []
    for result in results:
        path = place(result.path)
        position = result.source.position
        for finding, fingerprint in fingerprinted(result, path):
            row = {
                "description": f"{finding.message} {finding.help}".strip(),
                "check_name": f"{finding.code} {finding.name}",
                "fingerprint": fingerprint,
                "severity": _SEVERITIES.get(finding.severity, "major"),
                "location": {
                    "path": path,
                    "lines": {
                        "begin": position(finding.span.start).line,
                        "end": position(finding.span.end).line,
                    },
                },
            }
            rows.append("  " + dumps(row))
    out.write("[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n")
