"""`full`: for people; each finding with the line it is on, the place marked, and the remedy."""

from __future__ import annotations

from .counts import write_counts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..findings import FileResult, Finding
    from ..source import Source
    from . import Out, ReportOptions

_COLORS = {"error": "1;31", "warning": "1;33", "info": "1;36"}
_FRAME = "1;34"
_BOLD = "1"
_NARROWEST = 30


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    for result in results:
        for finding in result.findings:
            lines = block(result.shown, finding, options.width, options.color)
            out.write("\n".join(lines) + "\n\n")
    write_counts(results, out, options)


def block(source: Source, finding: Finding, width: int, color: bool = False) -> Iterator[str]:
    """The lines that tell of a finding."""
    from .excerpt import excerpt
    from .visible import visible

    def styled(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color and text else text

    level = _COLORS.get(finding.severity, _BOLD)
    position = source.position(finding.span.start)
    number = str(position.line)
    margin = " " * len(number)
    bar = styled(_FRAME, "|")
    line, marks = excerpt(source, finding.span, max(_NARROWEST, width - len(number) - 3))
    title = styled(level, f"{finding.severity}[{finding.code}]")
    yield f"{title} {styled(_BOLD, finding.name + ':')} {visible(finding.message)}".rstrip()
    yield f"{margin}{styled(_FRAME, '-->')} {visible(source.path)}:{position}"
    yield f"{margin} {bar}"
    yield f"{styled(_FRAME, number)} {bar} {line}".rstrip()
    yield f"{margin} {bar} {styled(level, marks)}"
    for word, text in _remedies(finding):
        head = f"{margin} {styled(_FRAME, '=')} {styled(_BOLD, word + ':')} "
        for row in text.split("\n"):
            yield (head + visible(row)).rstrip()
            head = margin + " " * (len(word) + 5)


def _remedies(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.help:
        yield "help", finding.help
    if finding.fix is not None:
        yield "fix", finding.fix.description + ("" if finding.fix.safe else " (unsafe)")
