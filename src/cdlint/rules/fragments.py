"""Is a script complete? Quotes, brackets and compound statements that are left open, or closed but never opened.

A reader of its own, which says nothing where it is not sure: the grammar that reads the scripts mends what is broken,
and does not say how.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Script

QUOTE, OPEN, STRAY, DANGLING, LEADING = "quote", "open", "stray", "dangling", "leading"

#: Words that are no commands; the grammar takes them for some where they stand alone.
CLOSERS = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))


class Heredoc:
    """`<<WORD` at `start`; `body` is where its text begins. `near`: a line that would end it but for its blanks."""

    __slots__ = ("body", "end", "ended", "near", "start", "tabs", "word")

    def __init__(self, start: int, end: int, word: str, tabs: bool) -> None:
        self.start = start
        self.end = end
        self.word = word
        self.tabs = tabs
        self.body = -1
        self.ended = False
        self.near: tuple[int, int] | None = None


class Fault:
    """`kind` is one of the names above; `word` is the quote, bracket, keyword or operator at `at`.

    `missing`: the keyword that should stand before it (`then` before `fi`), or "".
    """

    __slots__ = ("at", "kind", "missing", "word")

    def __init__(self, kind: str, word: str, at: int, missing: str = "") -> None:
        self.missing = missing
        self.kind = kind
        self.word = word
        self.at = at

    def __repr__(self) -> str:
        return f"Fault({self.kind}, {self.word!r}, {self.at})"


class Reading:
    """`fault` is the first thing wrong, None if all is well or unknown (`unsure`)."""

    __slots__ = ("fault", "heredocs", "unsure")

    def __init__(self, text: str) -> None:
        self.heredocs: list[Heredoc] = []
        self.unsure = False
        self.fault: Fault | None = None
        from .fragment_reader import Reader, Unsure

        try:
            self.fault = Reader(text, self.heredocs).read()
        except (Unsure, IndexError):
            self.unsure = True


_known: dict[str, Reading] = {}


def reading(text: str) -> Reading:
    found = _known.get(text)
    if found is None:
        if len(_known) > 500:
            _known.clear()
        found = _known[text] = Reading(text)
    return found


def is_suspect(script: Script) -> bool:
    """Is it worth reading? The grammar finds something wrong, or takes `fi` and the like for commands."""
    if script.unread:
        return False
    return script.broken or any(simple.name in CLOSERS for simple in script.commands)
