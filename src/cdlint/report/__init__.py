"""The reports: one module per output format, imported when it is asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from ..findings import FileResult

    class Out(Protocol):
        """Whatever takes text."""

        def write(self, text: str, /) -> object: ...

    Writer = Callable[[Sequence[FileResult], Out, "ReportOptions"], None]

#: The formats by name; `full` and `concise` are for people, the others for machines.
FORMATS = ("full", "concise", "json", "jsonl", "github", "sarif", "junit", "gitlab", "markdown")


class ReportOptions:
    """What the user wants to see.

    `color`: with ANSI colours. `statistics`: with a table of the rules (formats for people only).
    `quiet`: without the summary. `version`: whose report it is (default: this cdlint). `width`:
    how many columns an excerpt may take (default: 120). Formats for machines know only `version`.
    """

    __slots__ = ("color", "quiet", "statistics", "version", "width")

    def __init__(
        self,
        *,
        color: bool = False,
        statistics: bool = False,
        quiet: bool = False,
        version: str = "",
        width: int | None = None,
    ) -> None:
        if not version:
            from .. import __version__ as version
        self.color = color
        self.statistics = statistics
        self.quiet = quiet
        self.version = version
        self.width = width or 120


def write(format: str, results: Sequence[FileResult], out: Out, options: ReportOptions | None = None) -> None:
    """Write the report of a run. The findings are written in the order in which they come."""
    _writer(format)(results, out, options or ReportOptions())


def _writer(format: str) -> Writer:
    if format == "full":
        from .full import write
    elif format == "concise":
        from .concise import write
    elif format == "json":
        from .json import write
    elif format == "jsonl":
        from .jsonl import write
    elif format == "github":
        from .github import write
    elif format == "sarif":
        from .sarif import write
    elif format == "junit":
        from .junit import write
    elif format == "gitlab":
        from .gitlab import write
    elif format == "markdown":
        from .markdown import write
    else:
        raise ValueError(f"there is no report format {format!r}")
    return write
