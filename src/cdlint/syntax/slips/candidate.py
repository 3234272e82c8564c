"""A repair that might be meant, and the place where the parser stopped."""

from __future__ import annotations

from ...findings import Edit
from ...source import Span
from ..lines import Line, Lines

#: Characters that begin something other than a plain value in YAML.
INDICATORS = "[]{}*&!%@`|>,?#"


#: Words of the shell that only make sense when line breaks are kept.
_SHELL_WORDS = frozenset(("if", "for", "while", "until", "case", "then", "do", "else", "fi", "done"))


class Candidate:
    """Edits of the private copy that might mend it. `last` is the last line they touch.

    `parts` are the candidates of which this one is made, where several slips only work together.
    """

    __slots__ = ("description", "detail", "edits", "kind", "last", "parts", "safe", "span")

    def __init__(
        self,
        kind: str,
        span: Span,
        edits: list[Edit],
        description: str,
        last: int,
        *,
        safe: bool = True,
        detail: dict[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.span = span
        self.edits = edits
        self.description = description
        self.last = last
        self.safe = safe
        self.detail = detail or {}
        self.parts: list[Candidate] = []

    @classmethod
    def together(cls, parts: list[Candidate]) -> Candidate:
        """All of `parts`, given from the last line to the first, as one."""
        edits = [edit for part in reversed(parts) for edit in part.edits]
        whole = cls(parts[0].kind, parts[0].span, edits, "", parts[0].last)
        whole.parts = parts[::-1]
        return whole


class Trouble:
    """Where the parser stopped: the lines worth looking at, nearest suspicion first.

    `line` is the line it stopped on, `context` the line where the construct began that it was reading,
    `before` the line above that says something (indexes; -1 where there is none).
    """

    __slots__ = ("before", "context", "families", "line", "lines", "message", "start", "text", "token")

    def __init__(
        self,
        text: str,
        lines: Lines,
        message: str,
        start: int,
        context: int | None,
        families: tuple[frozenset[str], ...],
    ) -> None:
        self.text = text
        self.lines = lines
        self.message = message
        self.start = start
        self.token = start if context is None else context
        self.families = families
        self.line = lines.at(min(start, len(text)))
        if lines[self.line].blank:
            above = lines.before(self.line)
            self.line = above if above >= 0 else self.line
        self.context = lines.at(context) if context is not None else -1
        self.before = lines.before(self.line)

    def suspects(self) -> list[int]:
        """The lines to look at, without repeats."""
        order = [self.line, self.before, self.context]
        if "could not find expected ':'" in self.message or "unexpected end" in self.message:
            order = [self.context, self.line, self.before]
        return [at for n, at in enumerate(order) if at >= 0 and at not in order[:n]]

    def knows(self, word: str) -> bool:
        return any(word in family for family in self.families)

    def continuation(self, index: int) -> list[Line]:
        """The further lines of a value that does not end on its first line; empty if there are none."""
        lines = self.lines
        rest = [lines[at] for at in range(index + 1, lines.block_end(index)) if not lines[at].blank]
        if any(line.is_item or line.value >= 0 for line in rest):
            return []
        return rest
