"""A text inside another: a buildspec in a template, JSON in a configuration value.

The inner text may be one scalar, or be put together from several (`Fn::Sub`, `Fn::Join`), with parts that nobody
knows yet. Every character keeps its place in the file.
"""

from __future__ import annotations

from ..source import Span
from ..syntax.scalars import places
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from .template import function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import Edit

#: `${AWS::Region}` becomes `${___________}`: of the same length, a variable to the shell, and no known name.
BLANK = "_"


class Woven:
    """`text`, and for each of its characters and its end the offset in the file (`places`).

    `is_whole` is False where parts of the text are not known and could not even be stood in for. `style` is the
    style of the scalar when it is one, else None.
    """

    __slots__ = ("is_whole", "outer", "places", "style", "text")

    def __init__(
        self, text: str, places: list[int], outer: str, style: str | None = None, is_whole: bool = True
    ) -> None:
        self.text = text
        self.places = places
        self.outer = outer
        self.style = style
        self.is_whole = is_whole

    def span(self, span: Span) -> Span:
        """The place in the file of a place in the text."""
        last = len(self.places) - 1
        start = self.places[min(span.start, last)]
        if span.end <= span.start:
            return Span(start, start)
        final = self.places[min(span.end, last) - 1]
        step = 1
        if self.style == '"' and self.outer[final : final + 1] == "\\":
            step = max(1, self.places[min(span.end, last)] - final)
        return Span(start, max(start, final + step))

    def edits(self, edits: list[Edit]) -> list[Edit] | None:
        """Edits of the text as edits of the file; None if one cannot be made there as it is."""
        from ..findings import Edit

        found: list[Edit] = []
        for edit in edits:
            start, end = self.places[edit.start], self.places[edit.end]
            replacement = edit.replacement
            if self.style == "|":
                replacement = self._indented(replacement)
            elif "\n" in replacement or self.style not in ("", "'", '"'):
                return None
            if self.style == "'" and "'" in replacement:
                replacement = replacement.replace("'", "''")
            if self.style == '"' and any(char in '"\\' for char in replacement):
                replacement = replacement.replace("\\", "\\\\").replace('"', '\\"')
            if self.style == "" and (": " in replacement or " #" in replacement):
                return None
            if self._lined(start, end) != self.text[edit.start : edit.end]:
                return None
            found.append(Edit(start, end, replacement))
        return found

    def _lined(self, start: int, end: int) -> str:
        """What the file has between two places, without the indentation of a block."""
        text = self.outer[start:end]
        if self.style != "|" or "\n" not in text:
            return text
        width = self._width()
        lines = text.replace("\r\n", "\n").split("\n")
        return "\n".join(
            [lines[0], *(line[width:] if not line[:width].strip() else line for line in lines[1:])]
        )

    def _indented(self, replacement: str) -> str:
        if "\n" not in replacement:
            return replacement
        blank = " " * self._width()
        lines = replacement.split("\n")
        return "\n".join(
            [lines[0], *(blank + line if line else line for line in lines[1:-1]), blank + lines[-1]]
        )

    def _width(self) -> int:
        """How far the lines of a block are indented."""
        if not self.places:
            return 0
        first = self.places[0]
        return first - (self.outer.rfind("\n", 0, first) + 1)


def woven(outer: str, node: Node | None) -> Woven | None:
    """The text that a node stands for once the stack is made, as far as it can be told; None if it cannot.

    `outer` is the text of the document that the node is from. The node is one as written, not worked out.
    """
    if node is None:
        return None
    called = function_of(node)
    if called is None:
        return Woven(node.value, places(outer, node), outer, node.style) if isinstance(node, Scalar) else None
    name, argument = called
    if name == "Fn::Sub":
        text = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        return _substituted(outer, text) if isinstance(text, Scalar) else None
    if name == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        return _joined(outer, *argument.items)
    return None


def _substituted(outer: str, node: Scalar) -> Woven:
    """`${Name}` becomes a variable of that length, `${!Name}` becomes `${Name}`."""
    text, found = node.value, places(outer, node)
    if "${" not in text:
        return Woven(text, found, outer, node.style)
    parts: list[str] = []
    kept: list[int] = []
    at = 0
    while True:
        start = text.find("${", at)
        end = text.find("}", start)
        if start < 0 or end < 0:
            break
        if text.startswith("!", start + 2):
            parts.append(text[at : start + 2] + text[start + 3 : end + 1])
            kept += found[at : start + 2] + found[start + 3 : end + 1]
        else:
            parts.append(text[at : start + 2] + BLANK * (end - start - 2) + "}")
            kept += found[at : end + 1]
        at = end + 1
    parts.append(text[at:])
    kept += found[at:]
    return Woven("".join(parts), kept, outer, node.style)


def _joined(outer: str, delimiter: Node, items: Node) -> Woven | None:
    if not isinstance(delimiter, Scalar) or not isinstance(items, Sequence):
        return None
    parts: list[str] = []
    kept: list[int] = []
    whole = True
    for number, item in enumerate(items.items):
        if number and delimiter.value:
            parts.append(delimiter.value)
            kept += [item.start] * len(delimiter.value)
        inner = woven(outer, item)
        if inner is None:
            # A reference: one value, that nobody knows. A list would not be allowed here.
            stand_in = "${" + BLANK * 4 + "}"
            inner = Woven(stand_in, [item.start] * (len(stand_in) + 1), outer)
        parts.append(inner.text)
        kept += inner.places[:-1]
        whole = whole and inner.is_whole
    return Woven("".join(parts), [*kept, items.end], outer, None, whole)


def json_tree(outer: str, node: Scalar) -> Node | None:
    """The tree of a JSON text in a scalar, its nodes where the file has them; None if it is no JSON.

    Scalars of the tree may be escaped once more in the file: point at them, but make no edits in them.
    """
    from ..syntax.json import parse
    from ..syntax.yaml import SyntaxProblem

    try:
        root, _ = parse(node.value)
    except SyntaxProblem:
        return None
    found = places(outer, node)
    _move(root, found)
    return root


def json_problem(outer: str, node: Scalar) -> tuple[Span, str] | None:
    """Where and why a scalar's text is no JSON; None if it is."""
    from ..syntax.json import parse
    from ..syntax.yaml import SyntaxProblem

    try:
        parse(node.value)
    except SyntaxProblem as problem:
        found = places(outer, node)
        at = min(problem.start, len(found) - 1)
        return Span(found[at], found[min(at + 1, len(found) - 1)]), problem.message
    return None


def _move(root: Node, found: list[int]) -> None:
    last = len(found) - 1
    stack = [root]
    while stack:
        node = stack.pop()
        start, end = min(node.start, last), min(node.end, last)
        node.start = found[start]
        node.end = max(node.start, found[end - 1] + 1 if end > start else found[end])
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                stack += (key, value)
        elif isinstance(node, Sequence):
            stack += node.items
