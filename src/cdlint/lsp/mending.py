"""Quick fixes: what a finding proposes, all safe fixes of a text, and the comment that silences a finding."""

from __future__ import annotations

from typing import NamedTuple

from ..engine import check_text
from ..findings import Edit, Finding, apply_edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .workspace import Reading, Workspace

#: So many findings at one place get a comment proposed; each is tried out.
_SILENCED = 5
#: Larger texts are not read again for the sake of a proposal, in characters.
_LIMIT = 200_000


class Mending(NamedTuple):
    """`findings` are those that `edits` of the text do away with. `kind`: `fix`, `silence` or `all`."""

    title: str
    kind: str
    edits: list[Edit]
    findings: list[Finding]
    is_preferred: bool = False


def mendings(workspace: Workspace, uri: str, start: int, end: int) -> list[Mending]:
    """What can be done about the findings that touch the characters from `start` to `end`."""
    reading = workspace.reading(uri)
    if reading is None:
        return []
    here = [one for one in reading.findings if one.span.start <= end and start <= one.span.end]
    found = []
    for finding in here:
        if finding.fix is not None:
            safe = finding.fix.safe
            title = finding.fix.description if safe else f"{finding.fix.description} (may change the meaning)"
            found.append(Mending(title, "fix", list(finding.fix.edits), [finding], safe))
    if len(reading.text) <= _LIMIT:
        for finding in here[:_SILENCED]:
            edit = _comment(reading, finding)
            if edit is not None:
                found.append(Mending(f"Silence {finding.code} on this line", "silence", [edit], [finding]))
    return found


def mend_all(workspace: Workspace, uri: str) -> Mending | None:
    """All safe fixes, as `cdlint check --fix` makes them; None if there are none."""
    reading = workspace.reading(uri)
    if reading is None or reading.kind is None:
        return None
    fixable = [one for one in reading.findings if one.fix is not None and one.fix.safe]
    if not fixable:
        return None
    from ..fixing import fix_text

    path = workspace.texts[uri].source.path
    fixed = fix_text(reading.text, path, config=reading.config, pedantic=reading.config.advice)
    if fixed.text == reading.text:
        return None
    return Mending("Make all safe fixes of cdlint", "all", [_difference(reading.text, fixed.text)], fixable)


def _difference(old: str, new: str) -> Edit:
    """One edit that makes the new text of the old one, as short as it can be."""
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    behind = 0
    while behind < most - start and old[-1 - behind] == new[-1 - behind]:
        behind += 1
    return Edit(start, len(old) - behind, new[start : len(new) - behind])


def _comment(reading: Reading, finding: Finding) -> Edit | None:
    """A comment at the end of the finding's line, if it silences the finding and does nothing else."""
    text = reading.text
    ends = [
        at for at in (text.find("\n", finding.span.start), text.find("\r", finding.span.start)) if at >= 0
    ]
    stop = min(ends, default=len(text))
    line = text[text.rfind("\n", 0, stop) + 1 : stop]
    if "cdlint:" in line:
        return None
    edit = Edit(stop, stop, f"  # cdlint: ignore[{finding.code}]")
    if finding.code.startswith("CD8"):
        return edit if _is_plain(reading, line) else None  # only the joins would show that it works
    path = reading.result.path
    after = check_text(apply_edits(text, [edit]), path, config=reading.config, pedantic=True)
    if any(one.code == finding.code and one.span.start == finding.span.start for one in after.findings):
        return None
    before = {(one.code, one.message) for one in reading.result.findings}
    new = [
        one
        for one in after.findings
        if (one.code, one.message) not in before and one.severity in ("error", "warning")
    ]
    return edit if not new else None


def _is_plain(reading: Reading, line: str) -> bool:
    """Is it a line of YAML or HCL behind which a comment may stand?"""
    return reading.text.lstrip()[:1] not in ("{", "[") and line.count('"') % 2 == 0 and "|" not in line
