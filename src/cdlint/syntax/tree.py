"""The located tree: what a YAML or JSON text says, and where it says it.

Every node knows its `start` and `end` offset in the text it was read from. A node under an
anchor is one object wherever it is aliased, so walk with care: a tree can be a graph.
"""

from __future__ import annotations

from ..source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Key = tuple["Node", "Node"]

#: Plain words that YAML 1.2's core schema reads as null, true and false.
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
#: The further boolean words of YAML 1.1, which CodeBuild's documentation uses (`discard-paths: yes`).
_YES = frozenset(("yes", "Yes", "YES", "on", "On", "ON", "y", "Y"))
_NO = frozenset(("no", "No", "NO", "off", "Off", "OFF", "n", "N"))


class Node:
    """A place in the tree. `tag` is the explicit tag (`!Ref`, `!!str`) or None."""

    __slots__ = ("anchor", "end", "start", "tag")

    kind = "node"

    def __init__(self, start: int, end: int, tag: str | None = None) -> None:
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Scalar(Node):
    """A single value.

    `value` is its text after YAML has taken quotes, escapes, indentation and folding away;
    `style` is `""` (plain), `"'"`, `'"'`, `"|"` or `">"`. The text is kept as written: `NO` stays
    `NO`, `3.10` stays `3.10`, as CodeBuild keeps it; `type` says what a YAML 1.2 reader sees.
    """

    __slots__ = ("style", "value")

    kind = "scalar"

    def __init__(self, start: int, end: int, value: str, style: str = "", tag: str | None = None) -> None:
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = None
        self.value = value
        self.style = style

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"

    @property
    def is_null(self) -> bool:
        return not self.style and self.tag in (None, "!!null") and self.value in _NULLS

    @property
    def type(self) -> str:
        """`null`, `boolean`, `integer`, `number` or `string`, by the core schema of YAML 1.2."""
        value = self.value
        if self.style or self.tag is not None:
            return "string"
        if value in _NULLS:
            return "null"
        if value in _TRUE or value in _FALSE:
            return "boolean"
        first = value[0]
        if first.isdigit() or first in "+-.":
            return _number_type(value)
        return "string"

    @property
    def truth(self) -> bool | None:
        """What a yes-or-no setting means (yes, no, true, false; any quoting), else None."""
        value = self.value
        if value in _TRUE or value in _YES:
            return True
        if value in _FALSE or value in _NO:
            return False
        return None

    @property
    def is_yaml11_word(self) -> bool:
        """True for a plain `yes`, `NO`, `on` …: a boolean to YAML 1.1, a string to 1.2."""
        return not self.style and (self.value in _YES or self.value in _NO)


class Composed(Scalar):
    """A text put together from several of the file (`Fn::Join`); `written` is the node as it stands there."""

    __slots__ = ("written",)

    def __init__(self, value: str, written: Node) -> None:
        super().__init__(written.start, written.end, value, '"')
        self.written = written


class Mapping(Node):
    """Keys and values in the order of the text.

    `pairs` are those written here (duplicates included); `merged` are the mappings brought in by
    `<<`, in the order of their priority. `flow` is True for `{…}`.
    """

    __slots__ = ("_index", "flow", "merged", "pairs")

    kind = "mapping"

    def __init__(self, start: int, end: int, tag: str | None = None, flow: bool = False) -> None:
        super().__init__(start, end, tag)
        self.flow = flow
        self.pairs: list[tuple[Node, Node]] = []
        self.merged: list[Mapping] = []
        self._index: dict[str, tuple[Node, Node]] | None = None

    def __repr__(self) -> str:
        return f"Mapping({self.pairs!r})"

    def _lookup(self) -> dict[str, tuple[Node, Node]]:
        index = self._index
        if index is None:
            index = {}
            for key, value in self.pairs:
                if isinstance(key, Scalar):
                    index[key.value] = (key, value)
            for other in self.merged:
                for name, pair in other._lookup().items():
                    index.setdefault(name, pair)
            self._index = index
        return index

    def get(self, name: str) -> Node | None:
        """The value of a key, merged keys included; of duplicates the last."""
        index = self._index
        pair = (self._lookup() if index is None else index).get(name)
        return pair[1] if pair else None

    def key(self, name: str) -> Node | None:
        """The node of the key itself, for pointing at it."""
        pair = self._lookup().get(name)
        return pair[0] if pair else None

    def items(self) -> Iterator[tuple[str, Node, Node]]:
        """`(name, key node, value)` of every scalar key, merged keys included, each name once."""
        for name, (key, value) in self._lookup().items():
            yield name, key, value

    def __contains__(self, name: str) -> bool:
        return name in self._lookup()

    def __len__(self) -> int:
        return len(self._lookup())

    def __bool__(self) -> bool:
        """A mapping is there even when it is empty."""
        return True


class Sequence(Node):
    """A list. `flow` is True for `[…]`."""

    __slots__ = ("flow", "items")

    kind = "sequence"

    def __init__(self, start: int, end: int, tag: str | None = None, flow: bool = False) -> None:
        super().__init__(start, end, tag)
        self.flow = flow
        self.items: list[Node] = []

    def __repr__(self) -> str:
        return f"Sequence({self.items!r})"


class Unknown(Node):
    """A value that only a later step knows (an intrinsic, an expression, a template's gap).

    Two values of one `identity` are the same whatever it is; without one nothing is known of that. `text` is what
    can be seen of it, with `GAP` for each part that cannot (`app-${Stage}`: `app-` and a gap); "" if nothing can.
    `ref` names the resource of the same file that it speaks of: a logical ID, or Terraform's `type.name`.
    `inner` is the tree that is known of a value which is made into a text (`jsonencode({…})`), `written` the node as
    it stands in the file.
    """

    __slots__ = ("identity", "inner", "ref", "text", "written")

    kind = "unknown"

    def __init__(
        self, start: int, end: int, identity: str = "", *, text: str = "", ref: str | None = None
    ) -> None:
        super().__init__(start, end)
        self.identity = identity
        self.text = text
        self.ref = ref
        self.inner: Node | None = None
        self.written: Node | None = None

    def __repr__(self) -> str:
        return f"Unknown({self.identity!r}, {self.text!r})"


#: Stands for what is not known: in the private copy of a text for what a template engine will put there, in
#: `Unknown.text` for the rest (a private-use character).
GAP = "\ue000"


def _number_type(value: str) -> str:
    """`integer`, `number` or `string` for a text that starts like a number."""
    body = value[1:] if value[0] in "+-" else value
    if not body.isascii():
        return "string"
    if body.isdigit():
        return "integer"
    if body.startswith("0x") and body == value:
        return "integer" if _all_in(body[2:], "0123456789abcdefABCDEF") else "string"
    if body.startswith("0o") and body == value:
        return "integer" if _all_in(body[2:], "01234567") else "string"
    mantissa, mark, exponent = body.partition("e") if "e" in body else body.partition("E")
    if mark:
        digits = exponent[1:] if exponent[:1] in ("+", "-") else exponent
        if not digits.isdigit():
            return "string"
    whole, _, fraction = mantissa.partition(".")
    if (whole or fraction) and (whole + fraction).isdigit():
        return "number"
    if body in (".inf", ".Inf", ".INF") or value in (".nan", ".NaN", ".NAN"):
        return "number"
    return "string"


def _all_in(text: str, allowed: str) -> bool:
    return bool(text) and all(char in allowed for char in text)
