"""JSON text → located tree, without recursion, with the place of every key and value.

Strings are read by CPython's own C scanner, so the `json` package (and `re` below it) stays unimported.
"""

from __future__ import annotations

from .tree import Mapping, Node, Scalar, Sequence
from .yaml import MAX_DEPTH, MAX_NODES, LimitProblem, SyntaxProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Scan = Callable[[str, int, bool], tuple[str, int]]

#: What is said where a value is followed by something that cannot follow it.
MISSING_COMMA = "a comma or closing bracket is missing"
_BLANK = " \t\r\n"
_LITERAL_END = frozenset(' \t\r\n,:[]{}"')
_LITERALS = frozenset(("true", "false", "null"))


def _string_scanner() -> Scan:
    try:
        import _json as fast
    except ImportError:
        import json.decoder as fast  # type: ignore[no-redef]
    scan: Scan = fast.scanstring
    return scan


def parse(text: str, base: int = 0) -> tuple[Node, list[tuple[Scalar, Scalar]]]:
    """`(root, duplicate keys)` of the JSON in `text[base:]`.

    Strings become scalars of style `"`, numbers and literals plain ones. Raises `SyntaxProblem` where the
    text is not JSON, `LimitProblem` where it is too deep or too large.
    """
    return _Parser(text, base).run()


class _Parser:
    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.at = base
        self.scan = _string_scanner()
        self.duplicates: list[tuple[Scalar, Scalar]] = []

    def run(self) -> tuple[Node, list[tuple[Scalar, Scalar]]]:
        root: Node | None = None
        stack: list[Mapping | Sequence] = []
        keys: list[Scalar] = []
        seen: list[dict[str, Scalar]] = []
        nodes = 0
        while True:
            nodes += 1
            if nodes > MAX_NODES:
                raise LimitProblem("too many nodes", self.at)
            # Here a value (or the end of an empty collection) is due.
            char = self.skip()
            node: Node
            if char == "{" or char == "[":
                if len(stack) >= MAX_DEPTH:
                    raise LimitProblem("nesting too deep", self.at)
                node = (Mapping if char == "{" else Sequence)(self.at, self.at + 1, None, True)
                self.at += 1
                self.attach(node, stack, keys)
                root = node if root is None else root
                stack.append(node)
                seen.append({})
                if self.skip() != ("}" if char == "{" else "]"):
                    if char == "{":
                        keys.append(self.key(seen[-1]))
                    continue
            else:
                node = self.scalar(char)
                self.attach(node, stack, keys)
                root = node if root is None else root
            # A value is complete: close what closes, and stop at the next place for a value.
            while stack:
                top = stack[-1]
                char = self.skip()
                if char == ",":
                    self.at += 1
                    if isinstance(top, Mapping):
                        keys.append(self.key(seen[-1]))
                    break
                if char != ("}" if isinstance(top, Mapping) else "]"):
                    raise SyntaxProblem(MISSING_COMMA, self.at, top.start)
                self.at += 1
                top.end = self.at
                stack.pop()
                seen.pop()
            if not stack:
                if self.skip():
                    raise SyntaxProblem("text after the end of the JSON document", self.at)
                assert root is not None
                return root, self.duplicates

    def skip(self) -> str:
        """The next character that is not blank (`""` at the end); `at` stands on it."""
        text, at = self.text, self.at
        while at < len(text) and text[at] in _BLANK:
            at += 1
        self.at = at
        return text[at] if at < len(text) else ""

    def key(self, seen: dict[str, Scalar]) -> Scalar:
        if self.skip() != '"':
            raise SyntaxProblem("a key in double quotes is missing", self.at)
        key = self.string()
        if self.skip() != ":":
            raise SyntaxProblem("a colon is missing", self.at)
        self.at += 1
        if key.value in seen:
            self.duplicates.append((seen[key.value], key))
        else:
            seen[key.value] = key
        return key

    def string(self) -> Scalar:
        start = self.at
        try:
            value, self.at = self.scan(self.text, start + 1, True)
        except (ValueError, SystemError):
            # The C scanner fails with SystemError where the module `json` was never imported.
            raise SyntaxProblem("a string is not closed or has a wrong escape", start) from None
        return Scalar(start, self.at, value, '"')

    def scalar(self, char: str) -> Scalar:
        if char == '"':
            return self.string()
        text, start = self.text, self.at
        end = start
        while end < len(text) and text[end] not in _LITERAL_END:
            end += 1
        word = text[start:end]
        node = Scalar(start, end, word)
        if word not in _LITERALS and node.type not in ("integer", "number"):
            raise SyntaxProblem("a value is missing", start)
        self.at = end
        return node

    @staticmethod
    def attach(node: Node, stack: list[Mapping | Sequence], keys: list[Scalar]) -> None:
        if not stack:
            return
        top = stack[-1]
        if isinstance(top, Mapping):
            top.pairs.append((keys.pop(), node))
        else:
            top.items.append(node)
