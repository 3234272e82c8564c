"""Going on after a syntax error: the private copy is mended until the parser can read it."""

from __future__ import annotations

from ..findings import Edit, Fix
from ..source import BOM, Span
from .document import Document, Draft, Repair
from .json import MISSING_COMMA, parse
from .lines import Lines
from .reading import take
from .slips import GENERATORS
from .slips.blanks import tabs
from .slips.candidate import Candidate, Trouble
from .slips.levels import indentation
from .tree import GAP
from .yaml import LimitProblem, SyntaxProblem, compose, first_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .reading import Guide

#: Repairs in one file, lines left out in one file, and characters parsed in trying repairs.
MAX_REPAIRS = 500
MAX_DROPPED = 25
#: Longer texts (in characters) are no files that somebody wrote: their first error is reported, no more.
MAX_LENGTH = 300_000
MAX_PARSED = 12_000_000


def repair_until_readable(document: Document, problem: SyntaxProblem, guide: Guide | None) -> None:
    """Mend `document.draft` and compose it; what was mended is in `document.repairs`.

    Where nothing helps, `document.root` stays None and one repair of kind `yaml-syntax-error` says where.
    """
    if len(document.draft.text) > MAX_LENGTH:
        document.repairs.append(_unknown(document, problem))
        return
    aside = _set_aside_templates(document)
    aside = _set_aside_conflicts(document) or aside
    if _replace_control_characters(document, problem) or aside:
        try:
            take(document)
            return
        except LimitProblem:
            return
        except SyntaxProblem as further:
            problem = further
    if text_is_json(document) and _repair_json(document):
        return
    _Repairer(document, guide).run(problem)


def text_is_json(document: Document) -> bool:
    """The text begins like JSON: a brace and a key in double quotes."""
    start = document.draft.text.lstrip(BOM + " \t\r\n")
    return start[:1] == "{" and start[1:].lstrip(" \t\r\n")[:1] == '"'


def _repair_json(document: Document) -> bool:
    """Put in missing commas and closing brackets; False (and nothing changed) if that is not all."""
    draft, repairs = document.draft.copy(), []
    for _ in range(50):
        text = draft.text
        try:
            document.root, document.duplicates = parse(text, document.base)
        except SyntaxProblem as problem:
            repair = _json_edit(draft, text, problem)
            if repair is None:
                return False
            repairs += repair
            continue
        document.draft, document.json = draft, True
        document.repairs += repairs
        return True
    return False


def _json_edit(draft: Draft, text: str, problem: SyntaxProblem) -> list[Repair] | None:
    """Make one edit; what it is to be reported as (nothing for a comma too many, which YAML allows)."""
    at = len(text[: problem.start].rstrip())
    if text[at - 1 : at] == "," and text[problem.start : problem.start + 1] in ("}", "]"):
        draft.apply([Edit(at - 1, at, "")])
        return []
    if text.startswith("//", problem.start):
        end = text.find("\n", problem.start)
        end = end if end >= 0 else len(text)
        detail = {"problem": "JSON has no comments"}
        span = draft.span(Span(problem.start, end))
        draft.apply([Edit(problem.start, end, "")])
        return [Repair("yaml-syntax-error", span, None, detail)]
    if problem.message != MISSING_COMMA or problem.context is None or at < 1:
        return None
    if problem.start >= len(text):
        char = text[problem.context]
        close = "}" if char == "{" else "]"
        kind, span, detail = "unclosed-bracket", Span(at - 1, at), {"char": char}
        edit, description = Edit(at, at, close), f"Close the bracket with `{close}`"
    elif text[problem.start] in '"{[-0123456789tfn':
        kind, span, detail = "missing-comma", Span(at - 1, at), {}
        edit, description = Edit(at, at, ","), "Put a comma there"
    else:
        return None
    edits = draft.edits([edit])
    fix = Fix(description, edits) if edits else None
    repair = Repair(kind, draft.span(span), fix, detail)
    draft.apply([edit])
    return [repair]


class _Repairer:
    def __init__(self, document: Document, guide: Guide | None) -> None:
        self.document = document
        self.families = guide.families if guide is not None else ()
        self.judge_tree = guide.judge if guide is not None else None
        self.draft = document.draft
        self.base = document.base
        self.budget = MAX_PARSED
        self.dropped = 0
        self.last_dropped = -2

    def run(self, problem: SyntaxProblem) -> None:
        first, kept = problem, self.draft.copy()
        repairs = list(self.document.repairs)
        for _ in range(MAX_REPAIRS):
            if not self.step(problem):
                break
            try:
                take(self.document)
                return
            except LimitProblem:
                break
            except SyntaxProblem as further:
                problem = further
        # Nothing helps: say where the first trouble is that could not be mended, keep the rest.
        if self.dropped or not self.document.repairs[len(repairs) :]:
            self.document.draft = self.draft = kept
            self.document.repairs = repairs
            problem = first
        self.document.repairs.append(_unknown(self.document, problem))
        self.document.damaged = True

    def step(self, problem: SyntaxProblem) -> bool:
        """Make one repair; False if none is known or the budget is spent."""
        text = self.draft.text
        lines = Lines(text)
        trouble = Trouble(text, lines, problem.message, problem.start, problem.context, self.families)
        chosen = self.choose(trouble, problem)
        if chosen is not None:
            self.make(chosen)
            return True
        return self.drop(trouble, problem)

    def choose(self, trouble: Trouble, problem: SyntaxProblem) -> Candidate | None:
        best = self.best(tabs(trouble), problem)
        if best is not None:
            return best
        for generator in GENERATORS:
            for candidate in generator(trouble):
                if self.budget <= 0:
                    return None
                if self.gain(candidate, problem) is not None:
                    return candidate
        return self.best(indentation(trouble), problem)

    def best(self, candidates: Iterator[Candidate], problem: SyntaxProblem) -> Candidate | None:
        """Of several ways to indent, the one after which the file fits its format best."""
        best: tuple[tuple[int, ...], Candidate] | None = None
        for candidate in candidates:
            if self.budget <= 0:
                break
            gain = self.gain(candidate, problem)
            if gain is not None and (best is None or gain < best[0]):
                best = (gain, candidate)
        return best[1] if best is not None else None

    def gain(self, candidate: Candidate, problem: SyntaxProblem) -> tuple[int, ...] | None:
        """How good a candidate is (less is better), or None if the parser gets no further."""
        trial = _applied(self.draft.text, candidate.edits)
        self.budget -= len(trial)
        error = first_error(trial, self.base)
        moved = len(candidate.edits)
        odd = int(candidate.detail.get("target", "0")) % 2
        if error is None:
            uneven = self.unevenness(trial) if candidate.kind == "wrong-indentation" else 0
            return (0, 0, self.judge(trial), uneven, moved, odd)
        if isinstance(error, LimitProblem):
            return None
        line = trial.count("\n", 0, error.start) - (trial.count("\n") - self.draft.text.count("\n"))
        reached = self.draft.text.count("\n", 0, problem.start)
        if candidate.kind in ("unclosed-quote", "unclosed-bracket"):
            # The parser stopped far behind the fault: any other stop behind the repair is progress.
            same = error.message == problem.message and line == reached
            if same or line <= candidate.last:
                return None
        elif line <= max(candidate.last, reached):
            return None
        return (1, -line, 0, 0, moved, odd)

    def judge(self, text: str) -> int:
        if self.judge_tree is None:
            return 0
        self.budget -= len(text)
        try:
            root = compose(text, self.base).root
        except SyntaxProblem:
            return 1000
        return self.judge_tree(root) if root is not None else 1000

    def unevenness(self, text: str) -> int:
        """How many known keys are not indented like most of their family."""
        indents: dict[int, dict[int, int]] = {}
        owner = -1
        lines = Lines(text)
        for index in range(len(lines)):
            line = lines[index]
            if line.is_item:
                # The items of one list stand below each other.
                counts = indents.setdefault(owner, {})
                counts[line.indent] = counts.get(line.indent, 0) + 1
                continue
            if line.value >= 0 and line.value == line.end:
                owner = -2 - index
            homes = [n for n, family in enumerate(self.families) if line.key in family] if line.key else []
            if len(homes) == 1:
                counts = indents.setdefault(homes[0], {})
                counts[line.indent] = counts.get(line.indent, 0) + 1
        return sum(sum(counts.values()) - max(counts.values()) for counts in indents.values())

    def make(self, candidate: Candidate) -> None:
        for part in candidate.parts or [candidate]:
            span = self.draft.span(part.span)
            edits = self.draft.edits(part.edits)
            fix = Fix(part.description, edits, safe=part.safe) if edits else None
            self.document.repairs.append(Repair(part.kind, span, fix, part.detail))
        self.draft.apply(candidate.edits)

    def drop(self, trouble: Trouble, problem: SyntaxProblem) -> bool:
        """Leave the line out that stops the parser. Of neighbouring lines only the first is reported."""
        if self.dropped >= MAX_DROPPED or self.budget <= 0:
            return False
        for index in trouble.suspects():
            line = trouble.lines[index]
            trial = _applied(self.draft.text, [Edit(line.body, line.end, "")])
            self.budget -= len(trial)
            error = first_error(trial, self.base)
            if error is not None and trial.count("\n", 0, error.start) <= index:
                continue
            if index - self.last_dropped > 1:
                self.document.repairs.append(_unknown(self.document, problem))
            self.draft.apply([Edit(line.body, line.end, "")])
            self.dropped += 1
            self.last_dropped = index
            self.document.damaged = True
            return True
        return False


def _unknown(document: Document, problem: SyntaxProblem) -> Repair:
    """The report of a syntax error that no known slip explains."""
    text = document.draft.text
    start = min(problem.start, len(text))
    place = start
    unclosed = "unexpected end" in problem.message or "expected ':'" in problem.message
    if problem.context is not None and unclosed:
        place = problem.context
    while place > 0 and (place >= len(text) or text[place] in "\r\n"):
        place -= 1
    span = document.draft.span(Span(place, min(place + 1, len(text))))
    return Repair("yaml-syntax-error", span, detail={"problem": problem.message})


def _applied(text: str, edits: list[Edit]) -> str:
    parts, at = [], 0
    for edit in edits:
        parts.append(text[at : edit.start])
        parts.append(edit.replacement)
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def _set_aside_templates(document: Document) -> bool:
    """Put gaps where a template engine will put text, and leave its statements out."""
    text = document.draft.text
    if "{{" not in text and "{%" not in text and "<%" not in text:
        return False
    edits: list[Edit] = []
    lines = Lines(text)
    for index in range(len(lines)):
        line = lines[index]
        content = line.content.rstrip()
        if content.startswith(("{%", "{{#", "{{/", "{{-", "<%")) and content.endswith(("}}", "%}", "%>")):
            edits.append(Edit(line.body, line.end, ""))
            document.damaged = True
            continue
        at = text.find("{{", line.body, line.end)
        while at >= 0:
            close = text.find("}}", at, line.end)
            if close < 0:
                break
            edits.append(Edit(at, close + 2, GAP * (close + 2 - at)))
            at = text.find("{{", close + 2, line.end)
    document.draft.apply(edits)
    return bool(edits)


def _set_aside_conflicts(document: Document) -> bool:
    """Take merge conflict markers, and the other side's lines, out of the private copy."""
    text = document.draft.text
    if "<<<<<<< " not in text or ">>>>>>> " not in text:
        return False
    lines = Lines(text)
    edits: list[Edit] = []
    theirs = False
    for index in range(len(lines)):
        line = lines[index]
        head = text[line.start : line.start + 7]
        marker = head in ("<<<<<<<", ">>>>>>>") or (head == "=======" and line.end == line.start + 7)
        if marker or theirs:
            edits.append(Edit(line.start, line.end, ""))
        if marker:
            theirs = head == "======="
        if head == "<<<<<<<":
            span = document.draft.span(Span(line.start, line.end))
            document.repairs.append(Repair("merge-conflict", span))
    if edits:
        document.draft.apply(edits)
    return bool(edits)


def _replace_control_characters(document: Document, problem: SyntaxProblem) -> bool:
    """Take out the characters that YAML does not allow at all."""
    if "control characters" not in problem.message and "unacceptable" not in problem.message:
        if "special characters" not in problem.message:
            return False
    text = document.draft.text
    bad = [at for at, char in enumerate(text) if _is_control(char)]
    if not bad:
        return False
    at = bad[0]
    edits = [Edit(place, place + 1, "") for place in bad]
    detail = {"char": f"U+{ord(text[at]):04X}", "count": str(len(bad))}
    if text[at] != "\0":
        fix = Fix("Remove the character", edits, safe=all(text[place] != "\x1b" for place in bad))
        document.repairs.append(Repair("control-character", Span(at, at + 1), fix, detail))
    document.draft.apply(edits)
    return True


def _is_control(char: str) -> bool:
    code = ord(char)
    if code < 0x20:
        return char not in "\t\n\r"
    return (0x7F <= code < 0xA0 and code != 0x85) or code in (0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000
