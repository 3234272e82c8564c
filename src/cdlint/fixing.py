"""Fixes applied to a text, round by round, until nothing changes; never one that makes it worse."""

from __future__ import annotations

from bisect import bisect_left, insort

from .engine import check_text
from .findings import Finding, Severity, apply_edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import Config
    from .findings import FileResult, Fix

MAX_ROUNDS = 100
MAX_WORK = 10_000_000  # characters to check, all rounds together: a minute or two in a huge file


class _Enough(Exception):
    """The work that one file is worth is done."""


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

    work = 0

    def check(candidate: str) -> FileResult:
        nonlocal work
        work += len(candidate)
        if work > MAX_WORK + len(text):
            raise _Enough
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
        try:
            step = _step(text, result, chosen, check)
        except _Enough:
            break
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
    later: list[Finding] = []
    taken: list[tuple[int, int]] = []
    for finding in result.findings:
        fix = finding.fix
        if fix is None or not fix.edits or not (fix.safe or unsafe):
            continue
        if any("\n" in edit.replacement or "\\n" in edit.replacement for edit in fix.edits):
            # A new line has the indentation of today; another fix may be about to change that. In a buildspec that
            # stands in quotes in a template it is written `\n`.
            later.append(finding)
        elif _fits(fix, taken):
            chosen.append(finding)
    return chosen or [finding for finding in later if finding.fix and _fits(finding.fix, taken)]


def _fits(fix: Fix, taken: list[tuple[int, int]]) -> bool:
    """Whether the edits can be made with those at the places `taken`; if so, they take theirs too."""
    places = [(edit.start, edit.end) for edit in fix.edits]
    for place in places:
        # Those taken are apart and in order, so that only the nearest can be in the way.
        at = bisect_left(taken, place)
        if not all(_apart(place, other) for other in taken[max(at - 2, 0) : at + 2]):
            return False
    for place in places:
        insort(taken, place)
    return True


def _apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Two places that neither overlap nor meet at one point (where their order would matter)."""
    return (
        one[1] < other[0]
        or other[1] < one[0]
        or (one[0] != other[0] and (one[1] <= other[0] or other[1] <= one[0]))
    )


def _step(
    text: str, before: FileResult, chosen: list[Finding], check: Callable[[str], FileResult]
) -> tuple[str, FileResult, list[Finding]] | None:
    """The text with the chosen fixes; if that is no better, with as many of them as can be had by halving."""
    edits = [edit for finding in chosen if finding.fix for edit in finding.fix.edits]
    try:
        changed = apply_edits(text, edits)
    except ValueError:
        changed = text
    if changed != text:
        after = check(changed)
        if (
            not _worse(before, after)
            and _effective(chosen, after)
            and (_nearer(before, after) or _is_repair(chosen))
        ):
            return changed, after, chosen
    if len(chosen) == 1:
        return None
    half = len(chosen) // 2
    return _step(text, before, chosen[:half], check) or _step(text, before, chosen[half:], check)


def _effective(findings: list[Finding], after: FileResult) -> bool:
    """No fix is wanted again where it was just made; such a one would be made for ever."""
    edits = sorted(
        ((edit, finding.code) for finding in findings if finding.fix for edit in finding.fix.edits),
        key=lambda pair: (pair[0].start, pair[0].end),
    )
    moved = 0
    places: dict[str, list[tuple[int, int]]] = {}  # apart from each other, so starts and ends both rise
    for edit, code in edits:
        start = edit.start + moved
        places.setdefault(code, []).append((start - 1, start + len(edit.replacement) + 1))
        moved += len(edit.replacement) - (edit.end - edit.start)
    for found in after.findings:
        made = places.get(found.code, [])
        for edit in found.fix.edits if found.fix is not None else ():
            at = bisect_left(made, (edit.end + 1, 0))
            if any(edit.start < end for _, end in made[max(at - 2, 0) : at]):
                return False
    return True


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
