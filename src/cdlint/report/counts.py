"""How many findings: the sentence at the end of a report, and the table of the rules."""

from __future__ import annotations

from ..findings import Summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..findings import FileResult
    from . import Out, ReportOptions


def write_counts(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    """What stands below the findings."""
    if options.statistics:
        out.write("".join(f"{row}\n" for row in statistics(results)))
    if not options.quiet:
        out.write(summary(results) + "\n")


def summary(results: Sequence[FileResult]) -> str:
    """`Found 3 errors and 1 warning in 2 of 5 files. 2 can be fixed safely.`"""
    counts = Summary(results)
    files = _counted(counts.files, "file")
    found = [
        _counted(count, noun)
        for count, noun in (
            (counts.errors, "error"),
            (counts.warnings, "warning"),
            (counts.infos, "info"),
        )
        if count
    ]
    if not found:
        return f"No problems found in {files}."
    from ..wording import listed

    faulty = sum(1 for result in results if result.findings)
    if faulty != counts.files:
        files = f"{faulty} of {files}"
    text = f"Found {listed(found, 'and')} in {files}."
    if counts.fixable:
        text += f" {counts.fixable} can be fixed safely."
    return text


def statistics(results: Sequence[FileResult]) -> Iterator[str]:
    """A row for each rule that found something, the most frequent first."""
    counts: dict[tuple[str, str, str], int] = {}
    for result in results:
        for finding in result.findings:
            key = (finding.code, finding.severity, finding.name)
            counts[key] = counts.get(key, 0) + 1
    for (code, severity, name), count in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        yield f"{count:>6}  {code}  {severity:<7}  {name}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
