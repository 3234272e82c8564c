"""Terraform's language (HCL) to a located tree, by tree-sitter's grammar (extra `terraform`).

Blocks become mappings as in Terraform's JSON form: `resource "aws_codepipeline" "main" {…}` is
`{resource: {aws_codepipeline: {main: {…}}}}`, its labels being keys with their places. A block that stands several
times is there several times in `Mapping.pairs`. Literals become scalars, expressions `Unknown`, with what can be
seen of them. What the grammar does not understand is passed over: Terraform itself tells of it.
"""

from __future__ import annotations

from ..source import Span
from .document import Document, Repair
from .grammars import parser
from .tree import GAP, Composed, Mapping, Node, Scalar, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..source import Source

#: Longer files are not read, in characters: a tree of HCL takes 250 times its text.
MAX_SIZE = 1_000_000
#: Deeper nesting than this is not followed.
_MAX_DEPTH = 60
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
#: Terraform's functions that turn a value into a text.
_ENCODERS = ("jsonencode", "yamlencode")
_parser: Any = None


def is_available() -> bool:
    """Is the grammar installed?"""
    return _load() is not None


def read_hcl(source: Source, repairs: Iterable[Repair] = ()) -> Document:
    """The document of a Terraform file; without the grammar one that holds nothing. Never raises."""
    document = Document(source)
    document.repairs += repairs
    grammar = _load()
    if len(source.text) > MAX_SIZE:
        detail = {"limit": f"larger than {MAX_SIZE // 1_000_000} MB"}
        document.repairs.append(Repair("document-limit", Span(0, 0), detail=detail))
    if grammar is None or any(repair.kind == "document-limit" for repair in document.repairs):
        return document
    data = source.text.encode("utf-8", "surrogatepass")
    root = grammar.parse(data).root_node
    document.damaged = root.has_error
    document.root = _Reader(source.text, data).root(root)
    return document


def _load() -> Any:
    global _parser
    if _parser is None:
        try:
            _parser = parser("hcl")
        except ImportError:
            return None
    return _parser


class _Reader:
    def __init__(self, text: str, data: bytes) -> None:
        self.text = text
        self.places: list[int] | None = None
        if len(data) != len(text):
            # The grammar counts bytes; each byte of a character has the place of the character.
            self.places = [
                at for at, char in enumerate(text) for _ in range(len(char.encode("utf-8", "surrogatepass")))
            ]
            self.places.append(len(text))
        self.locals: dict[str, Node] = {}

    def start(self, node: Any) -> int:
        at: int = node.start_byte
        return at if self.places is None else self.places[at]

    def end(self, node: Any) -> int:
        at: int = node.end_byte
        return at if self.places is None else self.places[at]

    def raw(self, node: Any) -> str:
        return self.text[self.start(node) : self.end(node)]

    # --- blocks ----------------------------------------------------------------------------------

    def root(self, node: Any) -> Mapping:
        made = Mapping(0, len(self.text))
        bodies = [child for child in node.children if child.type == "body"]
        # Local values first: they may stand behind what uses them.
        for body in bodies:
            for block in body.children:
                if block.type == "block" and self._labels(block)[0].value == "locals":
                    self._locals(block)
        for body in bodies:
            self._fill(made, body, 0)
        return made

    def _locals(self, block: Any) -> None:
        for body in block.children:
            for child in body.children if body.type == "body" else ():
                key, value = self._attribute(child, 0) if child.type == "attribute" else (None, None)
                if key is not None and isinstance(value, Scalar):
                    self.locals[key.value] = value

    def _labels(self, block: Any) -> list[Scalar]:
        """The type of a block and its labels, as keys."""
        found = []
        for child in block.children:
            if child.type == "identifier":
                found.append(Scalar(self.start(child), self.end(child), self.raw(child)))
            elif child.type == "string_lit":
                found.append(self._string(child))
        return found or [Scalar(self.start(block), self.start(block), "")]

    def _fill(self, made: Mapping, body: Any, depth: int) -> None:
        for child in body.children:
            if child.type == "attribute":
                key, value = self._attribute(child, depth)
                if key is not None and value is not None:
                    made.pairs.append((key, value))
            elif child.type == "block" and depth < _MAX_DEPTH:
                self._block(made, child, depth)

    def _block(self, made: Mapping, block: Any, depth: int) -> None:
        first, *labels = self._labels(block)
        inner = Mapping(self.start(block), self.end(block))
        if first.value == "dynamic" and labels:
            # As many blocks as Terraform will make of it, none of them known.
            made.pairs.append(
                (Scalar(first.start, first.end, labels[0].value), Unknown(inner.start, inner.end))
            )
            return
        for body in block.children:
            if body.type == "body":
                self._fill(inner, body, depth + 1)
        value = inner
        for label in reversed(labels):
            outer = Mapping(inner.start, inner.end)
            outer.pairs.append((label, value))
            value = outer
        made.pairs.append((first, value))

    def _attribute(self, node: Any, depth: int) -> tuple[Scalar | None, Node | None]:
        key = value = None
        for child in node.children:
            if child.type == "identifier" and key is None:
                key = Scalar(self.start(child), self.end(child), self.raw(child))
            elif child.type == "expression":
                value = self.value(child, depth + 1)
        return key, value

    # --- values ----------------------------------------------------------------------------------

    def value(self, node: Any, depth: int) -> Node:
        """What an expression says, as far as it can be told."""
        while node.type in ("expression", "literal_value", "collection_value", "template_expr"):
            parts = [child for child in node.children if child.type not in ("(", ")", "comment")]
            if len(parts) != 1:
                return self._expression(node, parts)
            node = parts[0]
        start, end = self.start(node), self.end(node)
        if depth > _MAX_DEPTH:
            return Unknown(start, end)
        if node.type == "string_lit":
            return self._string(node)
        if node.type in ("numeric_lit", "bool_lit", "null_lit"):
            return Scalar(start, end, self.raw(node))
        if node.type == "tuple":
            made = Sequence(start, end, flow=True)
            made.items = [
                self.value(child, depth + 1) for child in node.children if child.type == "expression"
            ]
            return made
        if node.type == "object":
            return self._object(node, depth)
        if node.type == "quoted_template":
            return self._template(node, depth)
        if node.type == "heredoc_template":
            return self._heredoc(node, depth)
        if node.type == "function_call":
            return self._call(node, depth)
        return self._unknown(node)

    def _expression(self, node: Any, parts: list[Any]) -> Node:
        """`var.x`, `local.x`, `aws_codebuild_project.build.name`, and anything that has to be computed."""
        raw = self.raw(node)
        names = raw.split(".")
        if names[0] == "local" and len(names) == 2 and names[1] in self.locals:
            known = self.locals[names[1]]
            if isinstance(known, Scalar):
                return Scalar(self.start(node), self.end(node), known.value, '"')
        made = self._unknown(node)
        if len(names) > 2 and parts and parts[0].type == "variable_expr" and "_" in names[0]:
            made.ref = f"{names[0]}.{names[1].partition('[')[0]}"
        return made

    def _unknown(self, node: Any) -> Unknown:
        raw = "".join(self.raw(node).split())
        return Unknown(self.start(node), self.end(node), f"hcl:{raw}" if len(raw) < 500 else "", text=GAP)

    def _object(self, node: Any, depth: int) -> Mapping | Unknown:
        made = Mapping(self.start(node), self.end(node), flow=True)
        for child in node.children:
            if child.type == "object_elem":
                pair = [self_child for self_child in child.children if self_child.type == "expression"]
                if len(pair) != 2:
                    continue
                key = self._key(pair[0], depth)
                if key is None:
                    return self._unknown(node)  # a key that has to be computed may be any
                made.pairs.append((key, self.value(pair[1], depth + 1)))
            elif child.type.startswith("for"):
                return self._unknown(node)
        return made

    def _key(self, node: Any, depth: int) -> Scalar | None:
        raw = self.raw(node)
        if raw.replace("_", "a").replace("-", "a").isalnum():
            return Scalar(self.start(node), self.end(node), raw)
        value = self.value(node, depth + 1)
        return value if isinstance(value, Scalar) else None

    def _call(self, node: Any, depth: int) -> Node:
        made = self._unknown(node)
        name = self.raw(node.children[0])
        arguments = [
            child
            for part in node.children
            if part.type == "function_arguments"
            for child in part.children
            if child.type == "expression"
        ]
        if name in _ENCODERS and len(arguments) == 1:
            made.inner = self.value(arguments[0], depth + 1)
            made.text = ""
        elif name in ("file", "templatefile") and arguments:
            path = self.value(arguments[0], depth + 1)
            text = path.value if isinstance(path, Scalar) else getattr(path, "text", "")
            made.identity = f"{name}:{text.removeprefix(GAP).lstrip('/')}"
            made.text = ""
        return made

    # --- texts -----------------------------------------------------------------------------------

    def _string(self, node: Any) -> Scalar:
        raw = self.raw(node)
        inner = raw[1:-1] if len(raw) > 1 else ""
        return Scalar(self.start(node), self.end(node), _unescaped(inner), '"')

    def _template(self, node: Any, depth: int) -> Node:
        """A quoted text with `${…}` in it."""
        pieces: list[Node] = []
        at = self.start(node) + 1
        for child in node.children:
            if child.type == "template_interpolation":
                # What lies between: the grammar's own literals lack the blanks in front of them.
                self._literal(pieces, at, self.start(child))
                pieces.append(self._interpolated(child, depth))
                at = self.end(child)
            elif child.type == "template_directive":
                return self._unknown(node)
        self._literal(pieces, at, self.end(node) - 1)
        return self._joined(node, pieces)

    def _literal(self, pieces: list[Node], start: int, end: int) -> None:
        if start < end:
            raw = self.text[start:end]
            value = _unescaped(raw)
            pieces.append(Scalar(start, end, value, "" if value == raw else '"'))

    def _interpolated(self, node: Any, depth: int) -> Node:
        inner = next((child for child in node.children if child.type == "expression"), None)
        value = self.value(inner, depth + 1) if inner is not None else None
        if isinstance(value, Scalar) and not value.is_null:
            return Scalar(self.start(node), self.end(node), value.value, '"')
        made = Unknown(self.start(node), self.end(node), text=GAP)
        if isinstance(value, Unknown):
            made.identity, made.ref = value.identity, value.ref
        return made

    def _heredoc(self, node: Any, depth: int) -> Node:
        """`<<EOF` and `<<-EOF`: one piece for each line, and for each `${…}` in it."""
        text = self.text
        begin = text.find("\n", self.start(node)) + 1
        stop = text.rfind("\n", begin, self.end(node)) + 1
        if begin == 0 or stop < begin:
            return self._unknown(node)
        holes: list[tuple[int, int, Node]] = []
        for child in node.children:
            if child.type == "template_interpolation":
                holes.append((self.start(child), self.end(child), self._interpolated(child, depth)))
            elif child.type == "template_directive":
                return self._unknown(node)
        lines: list[tuple[int, int]] = []
        at = begin
        while at < stop:
            behind = text.find("\n", at) + 1
            lines.append((at, behind))
            at = behind
        indent = 0
        if text.startswith("<<-", self.start(node)):
            widths = [len(text[a:b]) - len(text[a:b].lstrip(" \t")) for a, b in lines if text[a:b].strip()]
            indent = min(widths, default=0)
        pieces: list[Node] = []
        following = 0
        for first, last in lines:
            at = first + min(indent, max(0, last - 1 - first))
            while following < len(holes) and holes[following][1] <= first:
                following += 1
            if following < len(holes) and holes[following][0] < first:
                at = max(at, holes[following][1])  # behind an expression of several lines
            here = following
            while following < len(holes) and holes[following][0] < last:
                following += 1
            if at < last:
                self._line(pieces, at, last, holes[here:following])
            following = max(here, following - 1)
        return self._joined(node, pieces)

    def _line(self, pieces: list[Node], at: int, end: int, holes: list[tuple[int, int, Node]]) -> None:
        """One line, cut at its interpolations and at `$${`, of which one `$` stays."""
        for start, behind, value in holes:
            if at <= start < end:
                self._plain(pieces, at, start)
                pieces.append(value)
                at = behind
        self._plain(pieces, at, end)

    def _plain(self, pieces: list[Node], at: int, end: int) -> None:
        text = self.text
        while at < end:
            cut = min(
                (found for found in (text.find("$${", at, end), text.find("%%{", at, end)) if found >= 0),
                default=end,
            )
            if cut == end:
                pieces.append(Scalar(at, end, text[at:end].replace("\r\n", "\n")))
                return
            pieces.append(Scalar(at, cut + 1, text[at : cut + 1]))
            at = cut + 2

    def _joined(self, node: Any, pieces: list[Node]) -> Node:
        """The pieces as `Fn::Join` has them, so that texts inside texts are read in one way (model/woven.py)."""
        start, end = self.start(node), self.end(node)
        items = Sequence(start, end)
        items.items = pieces
        argument = Sequence(start, end)
        argument.items = [Scalar(start, start, "", '"'), items]
        written = Mapping(start, end)
        written.pairs.append((Scalar(start, start, "Fn::Join"), argument))
        if all(isinstance(piece, Scalar) for piece in pieces):
            return Composed("".join(piece.value for piece in pieces if isinstance(piece, Scalar)), written)
        seen = "".join(piece.value if isinstance(piece, Scalar) else GAP for piece in pieces)
        raw = self.raw(node)
        made = Unknown(start, end, f"hcl:{raw}" if len(raw) < 500 else "", text=seen)
        if len(pieces) == 1 and isinstance(pieces[0], Unknown):
            made.identity, made.ref = pieces[0].identity, pieces[0].ref
        made.written = written
        return made


def _unescaped(text: str) -> str:
    """A quoted text without its escapes. Source: Terraform, strings and templates."""
    if "\\" not in text and "$${" not in text and "%%{" not in text:
        return text
    parts: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        following = text[at + 1 : at + 2]
        if char == "\\" and following in _ESCAPES:
            parts.append(_ESCAPES[following])
            at += 2
        elif char == "\\" and following in ("u", "U"):
            size = 4 if following == "u" else 8
            digits = text[at + 2 : at + 2 + size]
            code = int(digits, 16) if _is_hex(digits) and len(digits) == size else -1
            parts.append(chr(code) if 0 <= code < 0x110000 else digits)
            at += 2 + size
        elif text.startswith(("$${", "%%{"), at):
            parts.append(char)
            at += 2
        else:
            parts.append(char)
            at += 1
    return "".join(parts)


def _is_hex(digits: str) -> bool:
    return bool(digits) and all(char in "0123456789abcdefABCDEF" for char in digits)
