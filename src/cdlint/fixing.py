"""Fixes applied to a text, round by round, until nothing changes; never one that makes it worse."""

from __future__ import annotations

from .engine import check_text
from .findings import Finding, Severity, apply_edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import Config
    from .findings import Edit, FileResult

MAX_ROUNDS = 100


class Fixed:
    """`text` after all fixes, the findings whose fixes were `applied`, and what is `left`."""

    __slots__ = ("applied", "left", "text")

    def __init__(self, text: str, applied: list[Finding], left: FileResult) -> None:
        self.text = text
        self.applied = applied
        self.left = left


def fix_text(
    text: str,
    path: str = "buildspec.yml",
    *,
    kind: str | None = None,
    config: Config | None = None,
    image: str | None = None,
    pedantic: bool = False,
    unsafe: bool = False,
) -> Fixed:
    """Apply the safe fixes (with `unsafe`, all) of the findings that the options show."""

    def check(candidate: str) -> FileResult:
        return check_text(candidate, path, kind=kind, config=config, image=image, pedantic=pedantic)

    applied: list[Finding] = []
    refused: set[tuple[str, str]] = set()
    seen = {text}
    result = check(text)
    for _ in range(MAX_ROUNDS):
        chosen = [
            finding for finding in _fixable(result, unsafe) if (finding.code, _told(finding)) not in refused
        ]
        if not chosen:
            break
        step = _step(text, result, chosen, check)
        if step is None:
            refused.update((finding.code, _told(finding)) for finding in chosen)
            continue
        text, result, done = step
        refused.clear()
        applied += done
        if text in seen:
            break
        seen.add(text)
    return Fixed(text, applied, result)


def _told(finding: Finding) -> str:
    assert finding.fix is not None
    return repr([(edit.replacement, edit.end - edit.start) for edit in finding.fix.edits])


def _fixable(result: FileResult, unsafe: bool) -> list[Finding]:
    """Findings whose fixes can be made together, the first in the text first."""
    chosen: list[Finding] = []
    alone: Finding | None = None
    taken: list[Edit] = []
    for finding in result.findings:
        fix = finding.fix
        if fix is None or not fix.edits or not (fix.safe or unsafe):
            continue
        if any("\n" in edit.replacement for edit in fix.edits):
            # A new line has the indentation of today; another fix may be about to change that.
            alone = alone or finding
        elif all(_apart(edit, other) for edit in fix.edits for other in taken):
            chosen.append(finding)
            taken += fix.edits
    return chosen or ([alone] if alone is not None else [])


def _apart(one: Edit, other: Edit) -> bool:
    """Two edits that neither overlap nor meet at one point (where their order would matter)."""
    return (
        one.end < other.start
        or other.end < one.start
        or (one.start != other.start and (one.end <= other.start or other.end <= one.start))
    )


def _step(
    text: str, before: FileResult, chosen: list[Finding], check: Callable[[str], FileResult]
) -> tuple[str, FileResult, list[Finding]] | None:
    """The text with the chosen fixes; if that is worse, with the first of them that is not."""
    for findings in [chosen] if len(chosen) == 1 else [chosen, *([one] for one in chosen)]:
        edits = [edit for finding in findings if finding.fix for edit in finding.fix.edits]
        try:
            changed = apply_edits(text, edits)
        except ValueError:
            continue
        after = check(changed)
        if (
            changed != text
            and not _worse(before, after)
            and _effective(findings, after)
            and (_nearer(before, after) or _is_repair(findings))
        ):
            return changed, after, findings
    return None


def _effective(findings: list[Finding], after: FileResult) -> bool:
    """No fix is wanted again where it was just made; such a one would be made for ever."""
    edits = sorted(
        ((edit, finding.code) for finding in findings if finding.fix for edit in finding.fix.edits),
        key=lambda pair: (pair[0].start, pair[0].end),
    )
    moved = 0
    places: list[tuple[int, int, str]] = []
    for edit, code in edits:
        start = edit.start + moved
        places.append((start - 1, start + len(edit.replacement) + 1, code))
        moved += len(edit.replacement) - (edit.end - edit.start)
    return not any(
        found.code == code and edit.start < end and start < edit.end + 1
        for found in after.findings
        if found.fix is not None
        for edit in found.fix.edits
        for start, end, code in places
    )


def _is_repair(findings: list[Finding]) -> bool:
    return any(finding.code < "CD2" for finding in findings)


def _nearer(before: FileResult, after: FileResult) -> bool:
    """Less is left to mend, graver faults first: two fixes that undo each other stop here."""

    def left(result: FileResult) -> tuple[int, int, int]:
        fixable = [finding for finding in result.findings if finding.fix is not None]
        errors = sum(finding.severity == Severity.ERROR for finding in result.findings)
        warnings = sum(finding.severity == Severity.WARNING for finding in fixable)
        return errors, warnings, len(fixable)

    return left(after) < left(before)


def _worse(before: FileResult, after: FileResult) -> bool:
    """More errors than before, or a syntax error where there was none."""

    def errors(result: FileResult) -> int:
        return sum(finding.severity == Severity.ERROR for finding in result.findings)

    def unreadable(result: FileResult) -> bool:
        return any(finding.code == "CD001" for finding in result.findings)

    return errors(after) > errors(before) or (unreadable(after) and not unreadable(before))
