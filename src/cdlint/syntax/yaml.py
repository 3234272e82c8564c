"""YAML text → located tree, from libyaml's events, without recursion and within limits."""

from __future__ import annotations

from .libyaml import Parser, YAMLError, events
from .tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Deeper nesting than this is no delivery file (CloudFormation's own templates stay below 40).
MAX_DEPTH = 100
#: Nodes in one text, and nodes after all aliases are written out (an alias bomb has millions).
MAX_NODES = 400_000
MAX_EXPANDED = 2_000_000


class SyntaxProblem(Exception):
    """The text is not YAML at this place.

    `start` is the offset where the parser stopped; `context` the offset where the construct
    began that it was reading (or None); `message` is the parser's own words.
    """

    def __init__(self, message: str, start: int, context: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.context = context


class LimitProblem(SyntaxProblem):
    """The text asks for more than we are ready to give: too deep, too many nodes or aliases."""


class Composed:
    """A tree and what composing it brought to light.

    `duplicates`: `(first key, repeated key)`; `undefined`: aliases (as null scalars spanning the
    `*name`) that no anchor answers; `documents`: offsets where second and further documents
    start (only the first is read).
    """

    __slots__ = ("documents", "duplicates", "root", "undefined")

    def __init__(self) -> None:
        self.root: Node | None = None
        self.duplicates: list[tuple[Scalar, Scalar]] = []
        self.undefined: list[Scalar] = []
        self.documents: list[int] = []


def first_error(text: str, base: int = 0) -> SyntaxProblem | None:
    """The first syntax error of a text, or None; cheaper than `compose` for trying a repair."""
    end_class = events.StreamEndEvent
    depth = count = 0
    try:
        parser = Parser(text[base:] if base else text)
        get = parser.get_event
        while True:
            event = get()
            kind = event.__class__
            if kind is end_class:
                return None
            if kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
                depth += 1
                if depth > MAX_DEPTH:
                    return LimitProblem("nesting too deep", event.start_mark.index + base)
            elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
                depth -= 1
            count += 1
            if count > 2 * MAX_NODES:
                return LimitProblem("too many nodes", event.start_mark.index + base)
    except YAMLError as error:
        return _problem(error, base)


def compose(text: str, base: int = 0) -> Composed:
    """The tree of the first document in `text[base:]`; all offsets count from the text's start.

    Raises `SyntaxProblem` (or `LimitProblem`) at the first place that cannot be read.
    """
    try:
        return _Composer(text, base).run()
    except YAMLError as error:
        raise _problem(error, base) from None


class _Composer:
    """Builds the tree with an explicit stack of open collections."""

    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base
        self.parser = Parser(text[base:] if base else text)
        self.result = Composed()
        self.anchors: dict[str, tuple[Node, int]] = {}

    def run(self) -> Composed:
        get = self.parser.get_event
        scalar_event, alias_event = events.ScalarEvent, events.AliasEvent
        mapping_start, sequence_start = events.MappingStartEvent, events.SequenceStartEvent
        mapping_end, sequence_end = events.MappingEndEvent, events.SequenceEndEvent
        # The open collections: [node, pending key, keys seen, expanded size so far].
        stack: list[list[Any]] = []
        top: list[Any] | None = None
        nodes = 0
        while True:
            event = get()
            kind = event.__class__
            if kind is scalar_event:
                node: Any = self._scalar(event)
                size = 1
            elif kind is mapping_start or kind is sequence_start:
                if len(stack) >= MAX_DEPTH:
                    raise LimitProblem("nesting too deep", event.start_mark.index + self.base)
                top = [self._open(event, kind is mapping_start), None, {}, 1]
                stack.append(top)
                continue
            elif kind is mapping_end or kind is sequence_end:
                node, _, _, size = stack.pop()
                self._close(node, event, size)
                top = stack[-1] if stack else None
            elif kind is alias_event:
                node, size = self._alias(event, stack)
            elif kind is events.DocumentEndEvent:
                self._other_documents()
                return self.result
            elif kind is events.StreamEndEvent:
                return self.result
            else:
                continue
            nodes += 1
            if nodes > MAX_NODES:
                raise LimitProblem("too many nodes", node.start)
            if top is None:
                self.result.root = node
                continue
            top[3] += size
            if top[3] > MAX_EXPANDED:
                raise LimitProblem("aliases expand to too many nodes", event.start_mark.index + self.base)
            parent = top[0]
            if parent.__class__ is Sequence:
                parent.items.append(node)
            elif top[1] is not None:
                parent.pairs.append((top[1], node))
                top[1] = None
            else:
                top[1] = node
                if node.__class__ is Scalar:
                    seen = top[2]
                    first = seen.setdefault(node.value, node)
                    if first is not node and node.value != "<<":
                        self.result.duplicates.append((first, node))

    def _scalar(self, event: Any) -> Scalar:
        base = self.base
        start = event.start_mark.index + base
        node = Scalar(start, event.end_mark.index + base, event.value)
        style = event.style
        if style and style != " ":
            node.style = style
            if style in "|>":
                # The parser's end is the start of the next token, blank lines included.
                node.end = start + len(self.text[start : node.end].rstrip(" \t\r\n"))
        if event.tag is not None or event.anchor is not None:
            self._skip_properties(node, event)
            if event.anchor is not None:
                self.anchors[event.anchor] = (node, 1)
        return node

    def _open(self, event: Any, mapping: bool) -> Node:
        start, end = event.start_mark.index + self.base, event.end_mark.index + self.base
        node = (Mapping if mapping else Sequence)(start, end, None, bool(event.flow_style))
        if event.anchor is not None or event.tag is not None:
            self._skip_properties(node, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 0)
        return node

    def _close(self, node: Any, event: Any, size: int) -> None:
        """A block collection ends with its last child; a flow collection with its bracket."""
        if node.flow:
            node.end = event.end_mark.index + self.base
        elif node.__class__ is Mapping:
            if node.pairs:
                key, value = node.pairs[-1]
                node.end = max(key.end, value.end, node.start)
        elif node.items:
            node.end = max(node.items[-1].end, node.start)
        if node.anchor is not None:
            self.anchors[node.anchor] = (node, size)
        if node.__class__ is Mapping:
            self._merge(node)

    def _alias(self, event: Any, stack: list[list[Any]]) -> tuple[Node, int]:
        known = self.anchors.get(event.anchor)
        start = event.start_mark.index + self.base
        end = event.end_mark.index + self.base
        if known is None or any(frame[0] is known[0] for frame in stack):
            missing = Scalar(start, end, "", "")
            missing.anchor = event.anchor
            self.result.undefined.append(missing)
            return missing, 1
        return known

    @staticmethod
    def _merge(node: Mapping) -> None:
        """Take `<<: *base` and `<<: [*a, *b]` out of the pairs, into `merged`."""
        for key, value in node.pairs:
            if not isinstance(key, Scalar) or key.value != "<<" or key.style:
                continue
            if isinstance(value, Mapping):
                node.merged.append(value)
            elif isinstance(value, Sequence):
                node.merged.extend(item for item in value.items if isinstance(item, Mapping))
            else:
                continue
            node.pairs = [pair for pair in node.pairs if pair[0] is not key]

    def _other_documents(self) -> None:
        get = self.parser.get_event
        while True:
            event = get()
            kind = event.__class__
            if kind is events.StreamEndEvent:
                return
            if kind is events.DocumentStartEvent:
                self.result.documents.append(event.start_mark.index + self.base)
                if len(self.result.documents) >= 5:
                    return

    def _skip_properties(self, node: Node, event: Any) -> None:
        """Let a node start at its value, not at its `&anchor` or `!tag`."""
        node.anchor = event.anchor
        node.tag = _short_tag(event.tag) if event.tag is not None else None
        text, at, end = self.text, node.start, max(node.end, event.end_mark.index + self.base)
        while at < end and text[at] in "&!":
            while at < end and text[at] not in " \t\r\n":
                at += 1
            while at < end and text[at] in " \t\r\n":
                at += 1
        node.start = at
        node.end = max(node.end, at)


def _short_tag(tag: str) -> str | None:
    """`!!str` for `tag:yaml.org,2002:str`; None for the non-specific tag `!`."""
    if tag.startswith("tag:yaml.org,2002:"):
        return "!!" + tag[18:]
    return None if tag == "!" else tag


def _problem(error: Any, base: int) -> SyntaxProblem:
    mark: Any = getattr(error, "problem_mark", None)
    context: Any = getattr(error, "context_mark", None)
    if mark is None and context is None:
        position = getattr(error, "position", 0)
        reason = str(getattr(error, "reason", "") or "") or "unreadable character"
        return SyntaxProblem(reason, position + base)
    problem = (getattr(error, "problem", None) or "").strip()
    start = (context.index if mark is None and context is not None else mark.index) + base
    return SyntaxProblem(
        problem or (getattr(error, "context", None) or "not valid YAML").strip(),
        start,
        context.index + base if context is not None else None,
    )
