"""A text inside another: a buildspec in a template, JSON in a configuration value.

The inner text may be one scalar, or be put together from several (`Fn::Sub`, `Fn::Join`), with parts that nobody
knows yet. Every character keeps its place in the file.
"""

from __future__ import annotations

from bisect import bisect_right

from ..source import Span
from ..syntax.scalars import places
from ..syntax.tree import GAP, Mapping, Node, Scalar, Sequence, Unknown
from .template import function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import Edit

#: `${AWS::Region}` becomes `${___________}`: of the same length, a variable to the shell, and no known name.
BLANK = "_"
#: For a reference that has no name in the text.
STAND_IN = "${____}"


class _Piece:
    """Characters of a `Woven` text that one scalar of the file has; `style` is that scalar's.

    What stands in for an unknown part is a piece too, without a scalar (`style` None).
    """

    __slots__ = ("end", "stop", "style", "substituted", "width")

    def __init__(
        self, end: int, stop: int, style: str | None, width: int = 0, substituted: bool = False
    ) -> None:
        self.end = end  # in the text
        self.stop = stop  # where the scalar (or the reference) ends in the file
        self.style = style
        self.width = width  # by how much its lines are indented, in a block
        self.substituted = substituted  # a `${NAME}` of the shell is written `${!NAME}` there


class Woven:
    """`text`, and for each of its characters and its end the offset in the file (`places`).

    `style` is the style of the scalar when the text is one, else None.
    """

    __slots__ = ("_ends", "outer", "pieces", "places", "style", "text")

    def __init__(
        self,
        text: str,
        places: list[int],
        outer: str,
        pieces: list[_Piece],
        style: str | None = None,
    ) -> None:
        self.text = text
        self.places = places
        self.outer = outer
        self.pieces = pieces
        self.style = style
        self._ends = [piece.end for piece in pieces]

    def _piece(self, at: int) -> _Piece | None:
        """The piece that a character belongs to; the end belongs to the last one."""
        if not self.pieces:
            return None
        return self.pieces[min(bisect_right(self._ends, at), len(self.pieces) - 1)]

    def _end(self, at: int) -> int:
        """The offset in the file behind the character `at`."""
        place, piece = self.places[at], self._piece(at)
        if piece is None or piece.style is None:
            following = self.places[at + 1] if at + 1 < len(self.text) else place
            if place < following <= place + 2:
                return following
            line = self.outer.find("\n", place)
            return max(
                place + 1, min(piece.stop if piece is not None else place, line if line >= 0 else place + 1)
            )
        if piece.style == '"' and self.outer[place : place + 1] == "\\":
            following = self.places[at + 1] if at + 1 < piece.end else piece.stop - 1
            return max(place + 1, following)
        return place + 1

    def span(self, span: Span) -> Span:
        """The place in the file of a place in the text."""
        last = len(self.places) - 1
        start = self.places[min(span.start, last)]
        if span.end <= span.start or not last:
            return Span(start, start)
        return Span(start, max(start, self._end(min(span.end, last) - 1)))

    def told(self, message: str, span: Span) -> str:
        """A message about a place of the text, with the names that stand in the file in place of the blanks."""
        if "${" + BLANK not in message:
            return message
        near = self._names(self.text.rfind("\n", 0, span.start) + 1, span.end) + self._names(
            0, len(self.text)
        )
        parts = message.split("${" + BLANK)
        for number, part in enumerate(parts[1:], 1):
            blanks, brace, rest = part.partition("}")
            if brace and not blanks.strip(BLANK):
                size = len(blanks) + len(BLANK)
                name = next((one for one in near if len(one) == size), "…")
                parts[number] = "${" + name + "}" + rest
            else:
                parts[number] = "${" + BLANK + part
        return "".join(parts)

    def _names(self, start: int, end: int) -> list[str]:
        """What stands in the file where the text has blanks, from `start` on."""
        found: list[str] = []
        at = self.text.find("${" + BLANK, start, end)
        while at >= 0:
            close = self.text.find("}", at)
            if close > at and not self.text[at + 2 : close].strip(BLANK):
                name = self.outer[self.places[at + 2] : self.places[close]]
                found.append(name if len(name) == close - at - 2 else "…")
            at = self.text.find("${" + BLANK, at + 3, end)
        return found

    def edits(self, edits: list[Edit]) -> list[Edit] | None:
        """Edits of the text as edits of the file; None if one cannot be made there as it is."""
        found: list[Edit] = []
        for edit in edits:
            made = self._edit(edit)
            if made is None:
                return None
            found.append(made)
        return found

    def _edit(self, edit: Edit) -> Edit | None:
        start, end, replacement = edit.start, edit.end, edit.replacement
        piece = self._piece(start)
        if piece is None or piece.style is None or (end > start and self._piece(end - 1) is not piece):
            return None
        if end == len(self.text) and self.text.endswith("\n") and piece.style in ("|", ">"):
            # The last line end of a block belongs to the block: the edit is made in front of it.
            if start == end and replacement.endswith("\n"):
                replacement = "\n" + replacement[:-1]
            elif start < end and replacement.endswith("\n"):
                replacement = replacement[:-1]
            elif not replacement and 1 < start < end and self.text[start - 1] == "\n":
                start -= 1  # whole lines go, and with them the line end before them
            else:
                return None
            start, end = min(start, end - 1), end - 1
        place = self.places[start]
        stop = self._end(end - 1) if end > start else place
        if end > start and self.places[end] > place and self._piece(end) is piece:
            stop = self.places[end]  # behind the indentation of the next line, where a whole line goes
        if end > start and stop <= place:
            return None
        if piece.substituted and "${" in replacement:
            if "${" + BLANK in replacement:
                return None  # what stands there in the file is not known here
            replacement = replacement.replace("${", "${!")
        written = self._written(piece, place, stop, replacement)
        if written is None:
            return None
        from ..findings import Edit

        return Edit(place, stop, written)

    def _written(self, piece: _Piece, place: int, stop: int, replacement: str) -> str | None:
        """A replacement as the quotes or the block around it demand; None if it cannot stand there."""
        style = piece.style
        if style == "|":
            first, *rest = replacement.split("\n")
            blank, last = " " * piece.width, len(rest) - 1
            return "\n".join(
                [first, *(blank + line if line or n == last else line for n, line in enumerate(rest))]
            )
        if "\n" in self.outer[place:stop]:
            return None
        if style == '"':
            return (
                replacement.replace("\\", "\\\\")
                .replace('"', '\\"')
                .replace("\n", "\\n")
                .replace("\t", "\\t")
            )
        if "\n" in replacement or "\t" in replacement:
            return None
        if style == "'":
            return replacement.replace("'", "''")
        if style == ">":
            # A blank at the beginning of a line would stop the folding.
            return (
                None
                if replacement[:1] == " " and not self.outer[:place].rpartition("\n")[2].strip()
                else replacement
            )
        return None if ": " in replacement or " #" in replacement or replacement[-1:] == ":" else replacement


def woven(outer: str, node: Node | None, choice: dict[str, bool] | None = None) -> Woven | None:
    """The text that a node stands for once the stack is made, as far as it can be told; None if it cannot.

    `outer` is the text of the document that the node is from. The node is one as written, not worked out; `choice`
    says how the conditions of its template come out.
    """
    if node is None:
        return None
    called = function_of(node)
    if called is None:
        return _scalar(outer, node) if isinstance(node, Scalar) else None
    name, argument = called
    if name == "Fn::Sub":
        text = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        return _substituted(_scalar(outer, text)) if isinstance(text, Scalar) else None
    if name == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        return _joined(outer, argument.items[0], argument.items[1], choice)
    if name == "Fn::If":
        return woven(outer, _branch(argument, choice), choice)
    return None


def _branch(argument: Node, choice: dict[str, bool] | None) -> Node | None:
    """The outcome of an `Fn::If`, if it is known how its condition comes out."""
    items = argument.items if isinstance(argument, Sequence) else []
    if len(items) != 3 or choice is None or not isinstance(items[0], Scalar) or items[0].value not in choice:
        return None
    return items[1] if choice[items[0].value] else items[2]


def _is_absent(node: Node, choice: dict[str, bool] | None) -> bool:
    """Is it `AWS::NoValue`, which leaves a member of a list out?"""
    called = function_of(node)
    if called is not None and called[0] == "Fn::If":
        branch = _branch(called[1], choice)
        return branch is not None and _is_absent(branch, choice)
    name = called[1] if called is not None and called[0] == "Ref" else None
    return isinstance(name, Scalar) and name.value == "AWS::NoValue"


def woven_tree(outer: str, node: Node) -> Woven:
    """A tree that is made into a text (`Fn::ToJsonString`, `jsonencode`), as JSON; there are no edits in it."""
    parts: list[str] = []
    kept: list[int] = []
    _write(outer, node, parts, kept, 0)
    text = "".join(parts)
    return Woven(text, [*kept, node.end], outer, [_Piece(len(text), 0, None)])


def _write(outer: str, node: Node, parts: list[str], kept: list[int], depth: int) -> None:
    def put(text: str, place: int) -> None:
        parts.append(text)
        kept.extend([place] * len(text))

    if depth > 50 or isinstance(node, Unknown):
        text = node.text if isinstance(node, Unknown) else ""
        shown = text.replace(GAP, STAND_IN) or STAND_IN
        put('"' + "".join(_ESCAPED.get(char, char) for char in shown) + '"', node.start)
    elif isinstance(node, Mapping):
        put("{", node.start)
        for number, (_, key, value) in enumerate(node.items()):
            put(", " if number else "", key.start)
            _write(outer, key, parts, kept, depth + 1)
            put(": ", key.start)
            _write(outer, value, parts, kept, depth + 1)
        put("}", max(node.end - 1, node.start))
    elif isinstance(node, Sequence):
        put("[", node.start)
        for number, item in enumerate(node.items):
            put(", " if number else "", item.start)
            _write(outer, item, parts, kept, depth + 1)
        put("]", max(node.end - 1, node.start))
    elif isinstance(node, Scalar):
        if node.type in ("null", "boolean", "integer", "number") and node.value:
            put(node.value, node.start)
            return
        found = places(outer, node)
        put('"', node.start)
        for char, place in zip(node.value, found, strict=False):
            put(_ESCAPED.get(char, char if char >= " " else f"\\u{ord(char):04x}"), place)
        put('"', max(node.start, min(found[-1], node.end - 1)))


_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _scalar(outer: str, node: Scalar) -> Woven:
    found = places(outer, node)
    width = 0
    if node.style == "|" and node.value:
        # The first line that says something tells the indentation; blank lines need not have it.
        first = len(node.value) - len(node.value.lstrip("\n"))
        at = found[min(first, len(found) - 1)]
        width = at - (max(outer.rfind("\n", 0, at), outer.rfind("\r", 0, at)) + 1)
    traced = len(found) < 3 or found[0] < found[-1]
    piece = _Piece(len(node.value), node.end, node.style if traced else None, width)
    return Woven(node.value, found, outer, [piece], node.style)


def _substituted(whole: Woven) -> Woven:
    """`${Name}` becomes a variable of that length, `${!Name}` becomes `${Name}`."""
    text, found = whole.text, whole.places
    if "${" not in text:
        return whole
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
    made = "".join(parts)
    only = whole.pieces[0]
    piece = _Piece(len(made), only.stop, only.style, only.width, True)
    return Woven(made, kept, whole.outer, [piece], whole.style)


def _joined(outer: str, delimiter: Node, items: Node, choice: dict[str, bool] | None) -> Woven | None:
    if not isinstance(delimiter, Scalar) or not isinstance(items, Sequence):
        return None
    parts: list[str] = []
    kept: list[int] = []
    pieces: list[_Piece] = []
    there = [item for item in items.items if not _is_absent(item, choice)]
    for number, item in enumerate(there):
        if number and delimiter.value:
            parts.append(delimiter.value)
            kept += [item.start] * len(delimiter.value)
            pieces.append(_Piece(len(kept), item.start, None))
        inner = woven(outer, item, choice)
        if inner is None:
            # A reference: one value, that nobody knows. A list would not be allowed here.
            parts.append(STAND_IN)
            kept += [item.start] * len(STAND_IN)
            pieces.append(_Piece(len(kept), item.end, None))
            continue
        parts.append(inner.text)
        pieces += [
            _Piece(len(kept) + one.end, one.stop, one.style, one.width, one.substituted)
            for one in inner.pieces
        ]
        kept += inner.places[:-1]
    return Woven("".join(parts), [*kept, items.end], outer, pieces)


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
