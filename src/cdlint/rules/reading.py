"""Commands and scalars as the rules on typography read them."""

from __future__ import annotations

from ..findings import Edit
from ..model.buildspec import Buildspec
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.words import Word

#: Commands whose arguments are prose.
PROSE = frozenset(("echo", "printf", "/bin/echo", "say", "write-host", "Write-Host", "logger"))


class Reading:
    """A command with the state of each character and its words."""

    __slots__ = ("command", "marks", "places", "text", "value", "words")

    def __init__(self, text: str, command: Command) -> None:
        from ..syntax.scalars import places
        from ..syntax.words import states, words

        self.text = text
        self.command = command
        self.value = command.text
        self.marks = states(self.value)
        self.words: list[Word] = words(self.value, self.marks)
        self.places = places(text, command.node)

    def span(self, start: int, end: int) -> Span:
        return Span(self.places[start], self.places[end - 1] + 1 if end > start else self.places[start])

    def edit(self, start: int, end: int, replacement: str) -> Edit:
        """Replace characters of the value, written as the scalar's own quotes demand."""
        style = self.command.node.style
        if style == "'":
            replacement = replacement.replace("'", "''")
        elif style == '"':
            replacement = replacement.replace("\\", "\\\\").replace('"', '\\"')
        span = self.span(start, end)
        return Edit(span.start, span.end, replacement)

    def word_at(self, at: int) -> Word | None:
        for word in self.words:
            if word.start <= at < word.end:
                return word
        return None

    def is_prose(self, at: int) -> bool:
        """An argument of `echo` and the like, whose output nothing reads."""
        word = self.word_at(at)
        if word is None or word.command not in PROSE or word.depth:
            return False
        for n in range(word.end, len(self.value)):
            if self.marks[n] == "b" and self.value[n] in "|>\n;&":
                return self.value[n] in "\n;&" or self.value.startswith("||", n)
        return True


def readings(spec: Buildspec, suspicious: str) -> Iterator[Reading]:
    """The commands that hold one of some characters."""
    text = spec.document.text
    if text.isascii():
        return
    for command in spec.commands():
        value = command.text
        if not value.isascii() and any(char in suspicious for char in value):
            yield Reading(text, command)


def scalars(spec: Buildspec) -> Iterator[tuple[str, Scalar]]:
    """`("key" or "value", scalar)` for every scalar that is no command."""
    commands = {id(command.node) for command in spec.commands()}
    seen: set[int] = set()
    stack: list[Node] = [spec.root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(key, Scalar):
                    yield "key", key
                stack.append(value)
        elif isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Scalar) and id(node) not in commands:
            yield "value", node
