"""`markdown`: a table of the findings, for the summary of a job or a comment.

What stands in the files of a stranger's pull request must not become markup: everything that could is escaped.
"""

from __future__ import annotations

import os
from urllib.parse import quote

from .checkout import from_top
from .counts import summary
from .rule_texts import page_of
from .visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..findings import FileResult, Finding
    from . import Out, ReportOptions

#: GitHub takes 1 MiB for the summary of a step; some of it is left for pictures. In bytes.
MAX_SIZE = 600_000
_SIGNS = {"error": "🔴 error", "warning": "🟠 warning", "info": "🔵 info"}
_RANKS = {"error": 0, "warning": 1, "info": 2}
#: What Markdown or HTML, or GitHub in either, gives a meaning to.
_SPECIAL = frozenset("\\`*_{}[]()<>#+!|~$@&")


def write(results: Sequence[FileResult], out: Out, options: ReportOptions) -> None:
    del options
    text = f"### cdlint\n\n{summary(results)}\n"
    rows = sorted(
        ((result, finding) for result in results for finding in result.findings),
        key=lambda row: _RANKS.get(row[1].severity, 0),
    )
    if rows:
        text += "\n| level | rule | place | finding |\n|---|---|---|---|\n"
        size, count = len(text.encode("utf-8", "replace")), 0
        for row in _rows(rows):
            size += len(row.encode("utf-8", "replace"))
            if size > MAX_SIZE:
                break
            text += row
            count += 1
        if count < len(rows):
            text += f"\n{len(rows) - count:,} more findings are in the log.\n"
    out.write(text)


def _rows(rows: Sequence[tuple[FileResult, Finding]]) -> Iterator[str]:
    place = from_top("GITHUB_WORKSPACE")
    for result, finding in rows:
        path = place(result.path)
        position = result.source.position(finding.span.start)
        where = f"{_escaped(visible(path))}:{position.line}"
        link = _blob(path, position.line)
        if link is not None:
            where = f"[{where}]({link})"
        page = page_of(finding.code)
        code = f"[{finding.code}]({page})" if page is not None else _text(finding.code)
        said = _text(" ".join(filter(None, (finding.message, finding.help))))
        yield f"| {_SIGNS.get(finding.severity, finding.severity)} | {code} {finding.name} | {where} | {said} |\n"


def _blob(path: str, line: int) -> str | None:
    """The address of a line in the repository that a workflow runs for; None elsewhere."""
    parts = [os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")]
    if not all(parts) or path.startswith(("/", "../", "<")):
        return None
    server, repository, commit = parts
    return f"{server}/{repository}/blob/{commit}/{quote(path, errors='replace')}#L{line}"


def _text(text: str) -> str:
    """A text in which nothing is markup: a code stays code, everything else is escaped."""
    parts = visible(" ".join(text.split())).split("`")
    if len(parts) % 2 == 0:
        return _escaped(visible(" ".join(text.split())))
    return "".join(
        (f"<code>{_escaped(part)}</code>" if part else "``") if number % 2 else _escaped(part)
        for number, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    found = "".join(f"&#{ord(char)};" if char in _SPECIAL else char for char in text)
    # What begins an address becomes a link even where nothing else is markup.
    return found.replace("://", "&#58;//").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
