"""`jsonl`: one finding a line, each as in the `json` report."""

from __future__ import annotations

from .encoding import dumps
from .json import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..findings import FileResult
    from . import Out, ReportOptions


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    del options
    for result in results:
        for finding in result.findings:
            out.write(dumps(record(result, finding)) + "\n")
