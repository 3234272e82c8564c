"""Comments that silence findings.

`# cdlint: ignore[CD231, bare-name]` at the end of a line silences these rules on that line; on a
line of its own it silences them on itself and on the next line that is no comment. Without
brackets it silences every rule there. `# cdlint: ignore-file[CD231]` anywhere silences rules in
the whole file. Inside a block of commands the comment is the shell's, and counts all the same.
What follows the brackets is free: a place to say why. JSON has no comments.
"""

from __future__ import annotations

from .findings import Edit, Finding, Fix, Severity
from .source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .rules import Rule

_MARK = "cdlint:"
_ACTIONS = ("ignore", "ignore-file")
#: What people write who come from other linters.
_LIKELY = ("disable", "skip", "noqa", "off", "suppress")
_BLANK = " \t"
#: More comments than this are a machine's; the rest is not read.
MAX_DIRECTIVES = 2000
UNUSED = ("CD090", "unused-suppression")
UNKNOWN = ("CD091", "unknown-suppression")


class Word:
    """One code or name in a comment, where it stands, and whether it silenced anything."""

    __slots__ = ("span", "text", "used")

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.span = span
        self.used = False


class Directive:
    """One comment. `words` is empty when it silences every rule.

    `comment` spans from `#` to the end of the line.
    """

    __slots__ = ("comment", "own_line", "span", "used", "whole_file", "words")

    def __init__(self, span: Span, comment: Span, whole_file: bool, words: list[Word]) -> None:
        self.span = span
        self.comment = comment
        self.whole_file = whole_file
        self.words = words
        self.own_line = False
        self.used = False

    def silences(self, finding: Finding) -> bool:
        """Does it silence a finding on a line that it covers? Remembers that it did."""
        if not self.words:
            self.used = True
            return True
        found = False
        for word in self.words:
            if word.text in (finding.code, finding.name):
                word.used = found = True
        return found


def apply(
    source: Source,
    findings: Iterable[Finding],
    wanted: Callable[[str, str], bool] | None = None,
) -> tuple[list[Finding], list[Finding]]:
    """`(findings that are left, findings about the comments themselves)`.

    `findings` have the offsets of the user's file. `wanted(code, name)` says whether a rule was to
    be run at all; comments about rules that were not are never called unused.
    """
    found = list(findings)
    if _MARK not in source.text or source.path.lower().endswith(".json"):
        return found, []
    directives, notes = _directives(source)
    if not directives:
        return found, notes
    covering = _Covering(source, directives)
    kept = []
    for finding in found:
        # Every comment that applies is used, so no `any`, which stops at the first.
        if not [1 for directive in covering.of(finding) if directive.silences(finding)]:
            kept.append(finding)
    for directive in directives:
        notes += _unused(source, directive, wanted)
    return kept, [
        note
        for note in notes
        if not any(
            word.text in (note.code, note.name) for directive in covering.of(note) for word in directive.words
        )
    ]


class _Covering:
    """Which comments cover a finding."""

    def __init__(self, source: Source, directives: list[Directive]) -> None:
        self.source = source
        self.whole_file = [directive for directive in directives if directive.whole_file]
        self.by_line: dict[int, list[Directive]] = {}
        next_lines: dict[int, int] = {}
        # From the end, so that each line of a pile of comments is looked at once.
        for directive in reversed(directives):
            if directive.whole_file:
                continue
            line = source.position(directive.span.start).line
            covered = {line}
            if directive.own_line:
                covered.add(self._next_line(line, next_lines))
            for each in covered:
                self.by_line.setdefault(each, []).append(directive)

    def _next_line(self, line: int, known: dict[int, int]) -> int:
        """The next line that is neither a comment nor blank."""
        at = line + 1
        total = len(self.source.line_starts)
        while at <= total and at not in known:
            text = self.source.line_text(at).strip()
            if text and not text.startswith("#"):
                break
            at += 1
        known[line] = known.get(at, at)
        return known[line]

    def of(self, finding: Finding) -> list[Directive]:
        line = self.source.position(finding.span.start).line
        return self.by_line.get(line, []) + self.whole_file


# --- reading ----------------------------------------------------------------------------------


def _directives(source: Source) -> tuple[list[Directive], list[Finding]]:
    """The comments of a text, and what is wrong with those that cannot be followed."""
    text = source.text
    directives: list[Directive] = []
    notes: list[Finding] = []
    at = text.find(_MARK)
    while at >= 0:
        after = at + len(_MARK)
        sign = _comment_sign(text, at)
        if sign >= 0:
            start, end = _line_around(source, at)
            directive = _read(text, sign, after, end, notes)
            if directive is not None:
                directive.own_line = not text[start:sign].strip(" \t\ufeff")
                directives.append(directive)
                if len(directives) == MAX_DIRECTIVES:
                    break
        at = text.find(_MARK, after)
    return directives, notes


def _comment_sign(text: str, at: int) -> int:
    """The offset of the `#` before `cdlint:`; -1 if this is no comment."""
    sign = at - 1
    while sign >= 0 and text[sign] in _BLANK:
        sign -= 1
    if sign < 0 or text[sign] != "#":
        return -1
    while sign > 0 and text[sign - 1] == "#":
        sign -= 1
    return sign if sign == 0 or text[sign - 1] in " \t\r\n\ufeff" else -1


def _line_around(source: Source, offset: int) -> tuple[int, int]:
    """The start and the end of the line of a character, line end excluded."""
    starts = source.line_starts
    line = source.position(offset).line
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else len(source.text)
    return start, start + len(source.text[start:end].rstrip("\r\n"))


def _read(text: str, sign: int, after: int, end: int, notes: list[Finding]) -> Directive | None:
    start = after
    while start < end and text[start] in _BLANK:
        start += 1
    stop = start
    while stop < end and (text[stop].isalpha() or text[stop] == "-"):
        stop += 1
    action = text[start:stop]
    if action.lower() not in _ACTIONS:
        note = _unknown_action(action, Span(start, stop))
        if note is not None:
            notes.append(note)
        return None
    opening = stop
    while opening < end and text[opening] in _BLANK:
        opening += 1
    words: list[Word] = []
    if text[opening:end].startswith("["):
        close = text.find("]", opening, end)
        if close < 0:
            message = "This comment silences nothing, because its bracket is not closed."
            notes.append(_note(Span(opening, end), message, "Put `]` after the last rule."))
            return None
        words = _words(text, opening + 1, close)
        stop = close + 1
        known = [word for word in words if _is_known(word, notes)]
        if not known:
            if not words:
                message = "This comment silences nothing, because it names no rule."
                help_text = "Name a rule in the brackets, or leave the brackets out for all rules."
                notes.append(_note(Span(opening, stop), message, help_text))
            return None
        words = known
    return Directive(Span(sign, stop), Span(sign, end), action.lower() == "ignore-file", words)


def _words(text: str, start: int, end: int) -> list[Word]:
    words = []
    for part in text[start:end].split(","):
        given = part.strip()
        if given:
            at = start + part.index(given)
            is_code = given[:2].upper() in ("CD", "SC") and given[2:].isdigit()
            word = given.upper() if is_code else given.lower()
            words.append(Word(word, Span(at, at + len(given))))
        start += len(part) + 1
    return words


# --- findings about the comments ----------------------------------------------------------------


def _note(span: Span, message: str, help_text: str, fix: Fix | None = None) -> Finding:
    return Finding(
        span,
        message,
        help=help_text,
        fix=fix,
        severity=Severity.WARNING,
        code=UNKNOWN[0],
        name=UNKNOWN[1],
        final=True,
    )


def _unknown_action(action: str, span: Span) -> Finding | None:
    """`# cdlint: disable` is a mistake; `# cdlint: see the handbook` is prose."""
    from .wording import closest

    word = action.lower()
    meant = closest(word, _ACTIONS) if len(word) > 3 else None
    if meant is None and not word.startswith(_LIKELY):
        return None
    meant = meant or ("ignore-file" if "file" in word else "ignore")
    return _note(
        span,
        f"This comment silences nothing, because cdlint does not know `{action}`.",
        f"Write `# cdlint: {meant}[CODE]`.",
        Fix(f"Write `{meant}`", [Edit(span.start, span.end, meant)]),
    )


def _is_known(word: Word, notes: list[Finding]) -> bool:
    from .rules import RULES, find, is_shellcheck

    if word.text in RULES or is_shellcheck(word.text) or find(word.text) is not None:
        return True
    from .wording import closest

    rules: dict[str, Rule] = RULES
    meant = closest(word.text, [rule.name for rule in rules.values()])
    fix = None
    help_text = "Give a code or a name that `cdlint rules` lists."
    if meant is not None:
        help_text = f"Did you mean `{meant}`?"
        fix = Fix(f"Write `{meant}`", [Edit(word.span.start, word.span.end, meant)])
    notes.append(_note(word.span, f"No rule is called `{word.text}`.", help_text, fix))
    return False


def _unused(source: Source, directive: Directive, wanted: Callable[[str, str], bool] | None) -> list[Finding]:
    """What a comment says in vain: as a whole, or some of its words."""
    idle = [word for word in directive.words if not word.used and _was_run(word, wanted)]
    where = "in this file" if directive.whole_file else "here"
    if not directive.words:
        if directive.used:
            return []
        message = f"This comment is not needed: there is no finding to silence {where}."
        return [_unused_note(directive.span, message, _removal(source, directive))]
    if len(idle) == len(directive.words):
        words = " or ".join(f"`{word.text}`" for word in idle)
        message = f"This comment is not needed: {words} finds nothing {where}."
        return [_unused_note(directive.span, message, _removal(source, directive))]
    notes = []
    for word in idle:
        message = f"`{word.text}` is not needed in this comment: it finds nothing {where}."
        notes.append(_unused_note(word.span, message, _without(source.text, word)))
    return notes


def _was_run(word: Word, wanted: Callable[[str, str], bool] | None) -> bool:
    from .rules import is_shellcheck

    if word.text in UNUSED or word.text in UNKNOWN or is_shellcheck(word.text):
        return False
    from .rules import find

    rule = find(word.text)
    if (rule.code if rule is not None else word.text).startswith("CD8"):
        return False  # these are about several files, and are run later
    return rule is None or wanted is None or wanted(rule.code, rule.name)


def _unused_note(span: Span, message: str, fix: Fix) -> Finding:
    return Finding(
        span,
        message,
        help="Remove it, so that it cannot hide a fault later.",
        fix=fix,
        severity=Severity.INFO,
        code=UNUSED[0],
        name=UNUSED[1],
        final=True,
    )


def _removal(source: Source, directive: Directive) -> Fix:
    """Take a comment away: its whole line if it has one, else the blanks before it too."""
    start, end = directive.comment.start, directive.comment.end
    line_start, _ = _line_around(source, start)
    if directive.own_line:
        starts = source.line_starts
        line = source.position(start).line
        start = line_start + (1 if source.text.startswith("\ufeff", line_start) else 0)
        end = starts[line] if line < len(starts) else len(source.text)
    else:
        while start > line_start and source.text[start - 1] in _BLANK:
            start -= 1
    return Fix("Remove the comment", [Edit(start, end, "")])


def _without(text: str, word: Word) -> Fix:
    """Take one word and one comma out of a list."""
    start, end = word.span.start, word.span.end
    after = end
    while text[after] in _BLANK:
        after += 1
    if text[after] == ",":
        after += 1
        while text[after] in _BLANK:
            after += 1
        end = after
    else:
        while text[start - 1] in " \t,":
            start -= 1
    return Fix(f"Remove `{word.text}`", [Edit(start, end, "")])
