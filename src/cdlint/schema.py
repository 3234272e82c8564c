"""The JSON Schemas of `schemas/`, walked over a located tree.

A schema is the single place that says what a format allows; this module finds where a document
departs from it. It understands the keywords in `KEYWORDS` (docs/schema.md describes them, and the
annotation `x-cdlint` by which a schema names the rules and words for its violations).
The clean case is the hot path: nothing here imports `json` or `re`, and subschemas are prepared
when a document first needs them. Words for violations are in `violations.py`.
"""

from __future__ import annotations

import os

from .findings import Finding
from .subschema import ANNOTATIONS, ASSERTIONS, Check, Home, mark_of, number_of
from .syntax.tree import _NULLS, Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .findings import Fix, SeverityName
    from .source import Span
    from .violations import Spell

    Path = tuple[str | int, ...]
    #: Where a node hangs: the path from the root, the nearest key above, the parent.
    Place = tuple[Path, Node | None, Node | None]

#: All that a schema in `schemas/` may use.
KEYWORDS = ASSERTIONS | ANNOTATIONS

#: So many faults of a node under an anchor are told again where it is met again.
_REPEATED = 20


class Fault:
    """What the walk notes down: which check a node fails, and by which keyword.

    `name` is the key in question where a key is unknown or missing.
    """

    __slots__ = ("check", "key", "keyword", "name", "node", "parent", "path")

    def __init__(self, check: Check, keyword: str, node: Node, place: Place, name: str = "") -> None:
        self.check = check
        self.keyword = keyword
        self.node = node
        self.path, self.key, self.parent = place
        self.name = name


class Violation:
    """One departure from a schema.

    `rule` is the name of the rule that reports it, `keyword` the keyword that it breaks (`null`
    where something is empty that must not be). `span` is the narrowest wrong place: the unknown
    key, the wrong value, for something missing the key of its parent. `name` is the unknown or
    missing key, `suggestion` what was probably meant; `path` leads from the root to `node`.
    """

    __slots__ = (
        "fix",
        "help",
        "key",
        "keyword",
        "message",
        "name",
        "node",
        "parent",
        "path",
        "rule",
        "severity",
        "span",
        "suggestion",
    )

    def __init__(self, rule: str, keyword: str, span: Span, fault: Fault) -> None:
        self.rule = rule
        self.keyword = keyword
        self.span = span
        self.node = fault.node
        self.key = fault.key
        self.parent = fault.parent
        self.path = fault.path
        self.name = fault.name
        self.message = ""
        self.help = ""
        self.fix: Fix | None = None
        self.severity: SeverityName | None = None
        self.suggestion: str | None = None

    def finding(self) -> Finding:
        return Finding(self.span, self.message, help=self.help, fix=self.fix, severity=self.severity)

    def __repr__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"Violation({self.rule}, {where}: {self.message!r})"


_HOMES: dict[int, Home] = {}
_SCHEMAS: dict[str, dict[str, Any]] = {}


def validate(root: Node, schema: dict[str, Any], spell: Spell = str) -> list[Violation]:
    """Every departure of a tree from a schema, each once, in the order of the walk.

    `spell` gives the name that the user's form of the document has for a key of the schema.
    """
    home = _HOMES.get(id(schema))
    if home is None:
        home = _HOMES[id(schema)] = Home(schema)
    walker = Walker()
    walker.walk(root, home.check(schema), ((), None, None))
    if not walker.found:
        return []
    from .violations import violations

    return violations(walker.found, schema, spell)


def load_schema(name: str) -> dict[str, Any]:
    """The schema `schemas/NAME.schema.json`, read once. Raises `OSError` if there is none."""
    found = _SCHEMAS.get(name)
    if found is None:
        found = _SCHEMAS[name] = _parse(schema_text(name))
    return found


def schema_text(name: str) -> str:
    """The text of a schema: from the installed package, else from the checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(here, "schemas", name + ".schema.json")
    if not os.path.exists(path):
        path = os.path.join(here, "..", "..", "schemas", name + ".schema.json")
    with open(path, encoding="utf-8") as stream:
        return stream.read()


class _JSON:
    """What CPython's JSON scanner wants to know; importing `json` would import `re`."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None


def _parse(text: str) -> dict[str, Any]:
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text)  # type: ignore[no-any-return]
    scan: Any = make_scanner
    value, _ = scan(_JSON)(text.lstrip(), 0)
    return value  # type: ignore[no-any-return]


class Walker:
    """One walk over a tree; `found` collects the faults."""

    __slots__ = ("_memo", "_shared", "found")

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self._memo: dict[tuple[int, int], list[Fault]] = {}
        #: True once a merge key was met: from there on any node can be met twice.
        self._shared = False

    def walk(self, node: Node, check: Check, place: Place) -> None:
        """Note down how a node departs from a schema."""
        kind = node.__class__
        if kind is Scalar:
            if node.tag is not None and node.tag != "!!str":
                return
            if check.easy and (node.style or node.value not in _NULLS):  # type: ignore[attr-defined]
                return
            self._scalar(node, check, place)  # type: ignore[arg-type]
            return
        if kind is not Mapping and kind is not Sequence:
            return
        if node.tag is not None and not node.tag.startswith("!!"):
            return
        if node.anchor is None and not self._shared:
            self._collection(node, check, place)
            return
        # A node under an anchor is walked once for each check: alias bombs stay linear.
        mark = (id(node), id(check))
        known = self._memo.get(mark)
        if known is not None:
            self.found += known
            return
        start = len(self.found)
        self._memo[mark] = []
        self._collection(node, check, place)
        self._memo[mark] = self.found[start : start + _REPEATED]

    def note(self, check: Check, keyword: str, node: Node, place: Place, name: str = "") -> None:
        self.found.append(Fault(check, keyword, node, place, name))

    def _faults(self, node: Node, check: Check, place: Place) -> list[Fault]:
        """The faults of a node, kept apart from those found so far."""
        kept, self.found = self.found, []
        self.walk(node, check, place)
        faults, self.found = self.found, kept
        return faults

    def _scalar(self, node: Scalar, check: Check, place: Place) -> None:
        value, kind = node.value, node.type
        if kind == "null" and not value and node.end > node.start:
            return  # an alias without an anchor
        kinds = check.kinds
        if kinds is not None and kind not in kinds and not _also(node, kind, kinds):
            self.note(check, "type", node, place)
            return
        if check.plain:
            return
        if check.choices is not None and mark_of(kind, value) not in check.choices:
            self.note(check, "enum" if "enum" in check.raw else "const", node, place)
        elif kind == "string":
            if check.pattern is not None and not check.matches(value):
                self.note(check, "pattern", node, place)
            if check.bounds:
                self._size(len(value), check, "Length", node, place)
        elif check.bounds and kind in ("integer", "number"):
            self._number(number_of(value), check, node, place)
        if check.combined:
            self._combined(node, check, place)

    def _collection(self, node: Node, check: Check, place: Place) -> None:
        if check.kinds is not None and node.kind not in check.kinds:
            self.note(check, "type", node, place)
            return
        if check.choices is not None:
            self.note(check, "enum" if "enum" in check.raw else "const", node, place)
        if node.__class__ is Mapping:
            self._mapping(node, check, place)
        else:
            self._sequence(node, check, place)  # type: ignore[arg-type]
        if check.combined:
            self._combined(node, check, place)

    def _mapping(self, node: Mapping, check: Check, place: Place) -> None:
        path = place[0]
        if node.merged:
            self._shared = True
        index = node._lookup()
        properties, additional = check.properties, check.additional
        for name, (key, value) in index.items():
            sub = properties.get(name)
            if check.patterns is not None and self._patterns(check, name, key, value, node, path):
                if sub is None:
                    continue
            if sub is None:
                if additional is True:
                    continue
                if additional is False:
                    here = ((*path, name), key, node)
                    self.note(check, "additionalProperties", value, here, name)
                    continue
                sub = additional = check.of_other()
            elif sub.__class__ is not Check:
                sub = check.of_property(name)
            self.walk(value, sub, ((*path, name), key, node))
        for name in check.required:
            if name not in index:
                self.note(check, "required", node, place, name)
        if check.bounds:
            self._size(len(index), check, "Properties", node, place)
        if check.names is not None or check.dependent is not None:
            self._keys(node, check, place)

    def _patterns(self, check: Check, name: str, key: Node, value: Node, node: Node, path: Path) -> bool:
        """Walk a value for every one of `patternProperties` that its key matches."""
        matched = False
        for matches, raw in check.patterns or ():
            if matches(name):
                self.walk(value, check.home.check(raw), ((*path, name), key, node))
                matched = True
        return matched

    def _keys(self, node: Mapping, check: Check, place: Place) -> None:
        """`propertyNames` and `dependentRequired`."""
        path, _, parent = place
        names = None if check.names is None else check.home.check(check.names)
        for name, key, _ in node.items():
            if names is not None:
                style = key.style if isinstance(key, Scalar) else ""
                text = Scalar(key.start, key.end, name, style, "!!str")
                self.walk(text, names, ((*path, name), key, node))
            for other in (check.dependent or {}).get(name, ()):
                if other not in node:
                    self.note(check, "dependentRequired", node, (path, key, parent), other)

    def _sequence(self, node: Sequence, check: Check, place: Place) -> None:
        items = check.items
        if items is not None:
            if items.__class__ is not Check:
                items = check.items = check.home.check(items)
            path, key, _ = place
            for index, item in enumerate(node.items):
                self.walk(item, items, ((*path, index), key, node))
        if check.bounds:
            self._size(len(node.items), check, "Items", node, place)
            if check.raw.get("uniqueItems"):
                self._unique(node, check, place)

    def _unique(self, node: Sequence, check: Check, place: Place) -> None:
        path, key, _ = place
        seen: set[object] = set()
        for index, item in enumerate(node.items):
            mark = _identity(item)
            if mark in seen:
                self.note(check, "uniqueItems", item, ((*path, index), key, node))
            seen.add(mark)

    def _size(self, size: int, check: Check, of: str, node: Node, place: Place) -> None:
        raw = check.raw
        if size < raw.get("min" + of, 0):
            self.note(check, "min" + of, node, place)
        if size > raw.get("max" + of, size):
            self.note(check, "max" + of, node, place)

    def _number(self, value: float, check: Check, node: Node, place: Place) -> None:
        raw = check.raw
        if "minimum" in raw and value < raw["minimum"]:
            self.note(check, "minimum", node, place)
        if "maximum" in raw and value > raw["maximum"]:
            self.note(check, "maximum", node, place)
        if "exclusiveMinimum" in raw and value <= raw["exclusiveMinimum"]:
            self.note(check, "exclusiveMinimum", node, place)
        if "exclusiveMaximum" in raw and value >= raw["exclusiveMaximum"]:
            self.note(check, "exclusiveMaximum", node, place)

    def _combined(self, node: Node, check: Check, place: Place) -> None:
        for other in check.all_of:
            self.walk(node, other, place)
        if check.any_of is not None:
            self._any_of(node, check, check.any_of, place)
        if check.one_of is not None:
            fitting = sum(not self._faults(node, branch, place) for branch in check.one_of)
            if fitting > 1:
                self.note(check, "oneOf", node, place)
            elif not fitting:
                self._any_of(node, check, check.one_of, place)
        if check.no is not None and not self._faults(node, check.no, place):
            self.note(check, "not", node, place)
        if check.if_ is not None:
            then = check.else_ if self._faults(node, check.if_, place) else check.then
            if then is not None:
                self.walk(node, then, place)

    def _any_of(self, node: Node, check: Check, branches: list[Check], place: Place) -> None:
        """If no branch fits, tell of the one that was meant, judging by the type.

        A branch with the annotation `aside` only lets values pass and is never the one meant.
        """
        best: list[Fault] | None = None
        main = [branch for branch in branches if not branch.rules.get("aside")]
        empty = isinstance(node, Scalar) and node.is_null
        for branch in branches:
            faults = self._faults(node, branch, place)
            if not faults:
                return
            untyped = any(fault.keyword == "type" and fault.node is node for fault in faults)
            if branch not in main or (untyped and (empty or len(main) > 1)):
                continue
            if best is None or len(faults) < len(best):
                best = faults
        keyword = "anyOf" if branches is check.any_of else "oneOf"
        if keyword in check.rules and not (best is None and (empty or "type" in check.rules)):
            self.note(check, keyword, node, place)
        elif best is None:
            self.note(check, "type", node, place)
        else:
            self.found += best


def _also(node: Scalar, kind: str, kinds: frozenset[str]) -> bool:
    """`yes` is a text to YAML 1.2 and a boolean to 1.1; `5.0` is a whole number."""
    if kind == "string":
        return "boolean" in kinds and node.is_yaml11_word
    return kind == "number" and "integer" in kinds and number_of(node.value).is_integer()


def _identity(node: Node) -> object:
    """Equal for nodes that say the same."""
    if isinstance(node, Scalar) and node.tag in (None, "!!str"):
        return mark_of(node.type, node.value)
    if isinstance(node, Sequence):
        return ("sequence", tuple(map(_identity, node.items)))
    if isinstance(node, Mapping):
        return ("mapping", frozenset((name, _identity(one)) for name, _, one in node.items()))
    return ("unknown", id(node))
