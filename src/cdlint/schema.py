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
from .syntax.tree import _NULLS, Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .findings import Fix, SeverityName
    from .patterns import Matcher
    from .source import Span

    Path = tuple[str | int, ...]

#: Keywords that a walk looks at.
ASSERTIONS = frozenset(
    (
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "dependentRequired",
        "else",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "if",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "properties",
        "propertyNames",
        "required",
        "then",
        "type",
        "uniqueItems",
    )
)
#: Keywords that say something to readers and editors only.
ANNOTATIONS = frozenset(
    (
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "default",
        "deprecated",
        "description",
        "examples",
        "format",
        "title",
        "x-cdlint",
    )
)
#: All that a schema in `schemas/` may use.
KEYWORDS = ASSERTIONS | ANNOTATIONS

_KINDS = {"object": "mapping", "array": "sequence"}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COMBINED = frozenset(("allOf", "anyOf", "oneOf", "not", "if"))
#: So many faults of a node under an anchor are told again where it is met again.
_REPEATED = 20


class Violation:
    """One departure from a schema.

    `rule` is the name of the rule that reports it, `keyword` the keyword that it breaks (`null` where
    something is empty that must not be). `span` is the narrowest wrong place: the unknown key, the
    wrong value, for something missing the key of its parent. `name` is the unknown or missing key;
    `suggestion` what was probably meant; `path` leads from the root to `node`.
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
        return Finding(
            self.span, self.message, help=self.help, fix=self.fix, severity=self.severity
        )

    def __repr__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"Violation({self.rule}, {where}: {self.message!r})"


class Fault:
    """What the walk notes down: which check a node fails, by which keyword."""

    __slots__ = ("check", "key", "keyword", "name", "node", "parent", "path")

    def __init__(
        self,
        check: Check,
        keyword: str,
        node: Node,
        key: Node | None,
        parent: Node | None,
        path: Path,
        name: str = "",
    ) -> None:
        self.check = check
        self.keyword = keyword
        self.node = node
        self.key = key
        self.parent = parent
        self.path = path
        self.name = name


class Check:
    """A subschema, prepared for walking. Subschemas of properties stay dicts until needed."""

    __slots__ = (
        "additional",
        "all_of",
        "any_of",
        "bounds",
        "choices",
        "combined",
        "dependent",
        "easy",
        "else_",
        "home",
        "if_",
        "items",
        "kinds",
        "names",
        "no",
        "one_of",
        "pattern",
        "patterns",
        "plain",
        "properties",
        "raw",
        "ready",
        "required",
        "rules",
        "then",
    )

    def __init__(self, home: _Home, raw: dict[str, Any]) -> None:
        get = raw.get
        self.home = home
        self.raw = raw
        self.rules: dict[str, Any] = get("x-cdlint") or {}
        wanted = get("type")
        self.kinds: frozenset[str] | None = None
        if wanted is not None:
            kinds = {_KINDS.get(kind, kind) for kind in ([wanted] if isinstance(wanted, str) else wanted)}
            if "number" in kinds:
                kinds.add("integer")
            self.kinds = frozenset(kinds)
        self.properties: dict[str, Any] = dict(get("properties") or ())
        self.patterns: list[tuple[Matcher, Any]] | None = None
        if "patternProperties" in raw:
            self.patterns = [(home.matcher(p), sub) for p, sub in raw["patternProperties"].items()]
        self.additional: Any = get("additionalProperties")
        self.names: Any = get("propertyNames")
        self.required: list[str] = get("required") or []
        self.dependent: dict[str, list[str]] | None = get("dependentRequired")
        self.items: Any = get("items")
        choices = raw["enum"] if "enum" in raw else [raw["const"]] if "const" in raw else None
        self.choices = None if choices is None else frozenset(map(_mark, choices))
        self.pattern = get("pattern")
        #: Is there a bound on a size or a number?
        self.bounds = any(key in raw for key in (*_BOUNDS, "minLength", "maxLength")) or any(
            key in raw for key in ("minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems")
        )
        self.combined = "$ref" in raw or not _COMBINED.isdisjoint(raw)
        #: Are the joined schemas below prepared?
        self.ready = False
        self.all_of: list[Check] = []
        self.any_of: list[Check] | None = None
        self.one_of: list[Check] | None = None
        self.no: Check | None = None
        self.if_: Check | None = None
        self.then: Check | None = None
        self.else_: Check | None = None
        #: Nothing but the type of a scalar matters.
        self.plain = not (self.combined or self.bounds or self.pattern or self.choices is not None)
        #: Any scalar will do that is not null.
        self.easy = self.plain and (
            self.kinds is None or self.kinds >= {"string", "number", "boolean"}
        )

    def combine(self) -> None:
        """Prepare what is joined to this schema. Not done on construction: schemas may be circular."""
        raw, of = self.raw, self.home.check
        self.ready = True
        self.all_of = [of(sub) for sub in raw.get("allOf", ())]
        if "$ref" in raw:
            self.all_of.insert(0, of(self.home.target(raw["$ref"])))
        if "anyOf" in raw:
            self.any_of = [of(sub) for sub in raw["anyOf"]]
        if "oneOf" in raw:
            self.one_of = [of(sub) for sub in raw["oneOf"]]
        if "not" in raw:
            self.no = of(raw["not"])
        if "if" in raw:
            self.if_ = of(raw["if"])
            self.then = of(raw["then"]) if "then" in raw else None
            self.else_ = of(raw["else"]) if "else" in raw else None


class _Home:
    """A whole schema: resolves references, and prepares every subschema once."""

    __slots__ = ("_checks", "_matchers", "schema")

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self._checks: dict[int, Check] = {}
        self._matchers: dict[str, Matcher] = {}

    def check(self, raw: Any) -> Check:
        found = self._checks.get(id(raw))
        if found is None:
            if raw is True or raw is False:
                found = Check(self, {} if raw else {"not": {}})
                self._checks[id(raw)] = found
                if raw is False:
                    found.combine()
                return found
            found = self._referred(raw) if "$ref" in raw else None
            if found is None:
                found = Check(self, raw)
            self._checks[id(raw)] = found
            if found.combined and not found.ready:
                found.combine()
        return found

    def _referred(self, raw: dict[str, Any]) -> Check | None:
        """For a reference with nothing but annotations beside it: its target, with our own words."""
        if not ASSERTIONS.isdisjoint(key for key in raw if key != "$ref"):
            return None
        target = self.target(raw["$ref"])
        own = raw.get("x-cdlint")
        if not own:
            return self.check(target)
        return Check(self, {**target, "x-cdlint": {**target.get("x-cdlint", {}), **own}})

    def target(self, reference: str) -> Any:
        node: Any = self.schema
        for part in reference.lstrip("#").split("/"):
            if part:
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def matcher(self, pattern: str) -> Matcher:
        found = self._matchers.get(pattern)
        if found is None:
            from .patterns import matcher

            found = self._matchers[pattern] = matcher(pattern)
        return found


_HOMES: dict[int, _Home] = {}
_SCHEMAS: dict[str, dict[str, Any]] = {}


def validate(root: Node, schema: dict[str, Any]) -> list[Violation]:
    """Every departure of a tree from a schema, each once, in the order of the walk. Never raises."""
    home = _HOMES.get(id(schema))
    if home is None:
        home = _HOMES[id(schema)] = _Home(schema)
    walker = Walker()
    walker.walk(root, home.check(schema), (), None, None)
    if not walker.found:
        return []
    from .violations import violations

    return violations(walker.found, home.schema)


def load_schema(name: str) -> dict[str, Any]:
    """The schema `schemas/NAME.schema.json`, read once. Raises `OSError` if there is none."""
    found = _SCHEMAS.get(name)
    if found is None:
        found = _SCHEMAS[name] = _parse(schema_text(name))
    return found


def schema_text(name: str) -> str:
    """The text of a schema: from the installed package, else from the checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    file = name + ".schema.json"
    installed = os.path.join(here, "schemas", file)
    try:
        stream = open(installed, encoding="utf-8")
    except FileNotFoundError:
        stream = open(os.path.join(here, "..", "..", "schemas", file), encoding="utf-8")
    with stream:
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
    value, _ = make_scanner(_JSON)(text.lstrip(), 0)
    return value  # type: ignore[no-any-return]


class Walker:
    """One walk over a tree; `found` collects the faults."""

    __slots__ = ("_memo", "_shared", "found")

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self._memo: dict[tuple[int, int], list[Fault]] = {}
        #: True once a merge key was met: from there on any node can be met twice.
        self._shared = False

    def walk(
        self, node: Node, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> None:
        """Note down how a node departs from a schema. `key` is the nearest key above it."""
        kind = node.__class__
        if kind is Scalar:
            if node.tag is not None and node.tag != "!!str":
                return
            if check.easy and (node.style or node.value not in _NULLS):  # type: ignore[attr-defined]
                return
            self._scalar(node, check, path, key, parent)  # type: ignore[arg-type]
            return
        if kind is not Mapping and kind is not Sequence:
            return
        if node.tag is not None and not node.tag.startswith("!!"):
            return
        if node.anchor is None and not self._shared:
            self._collection(node, check, path, key, parent)
            return
        # A node under an anchor is walked once for each check: alias bombs stay linear.
        mark = (id(node), id(check))
        known = self._memo.get(mark)
        if known is not None:
            self.found += known
            return
        start = len(self.found)
        self._memo[mark] = []
        self._collection(node, check, path, key, parent)
        self._memo[mark] = self.found[start : start + _REPEATED]

    def valid(self, node: Node, check: Check) -> bool:
        """Does a node fit a schema?"""
        return not self._faults(node, check, (), None, None)

    def _faults(
        self, node: Node, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> list[Fault]:
        kept, self.found = self.found, []
        self.walk(node, check, path, key, parent)
        faults, self.found = self.found, kept
        return faults

    def _scalar(
        self, node: Scalar, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> None:
        value, kind = node.value, node.type
        if kind == "null" and not value and node.end > node.start:
            return  # an alias without an anchor
        kinds = check.kinds
        if kinds is not None and kind not in kinds:
            word = kind == "string" and "boolean" in kinds and node.is_yaml11_word
            if not word:
                self.found.append(Fault(check, "type", node, key, parent, path))
                return
        if check.plain:
            return
        if check.choices is not None and mark_of(kind, value) not in check.choices:
            keyword = "enum" if "enum" in check.raw else "const"
            self.found.append(Fault(check, keyword, node, key, parent, path))
        elif kind == "string":
            if check.pattern is not None and not check.home.matcher(check.pattern)(value):
                self.found.append(Fault(check, "pattern", node, key, parent, path))
            if check.bounds:
                self._length(len(value), check, "Length", node, key, parent, path)
        elif check.bounds and kind in ("integer", "number"):
            self._bounds(_number(value), check, node, key, parent, path)
        if check.combined:
            self._combined(node, check, path, key, parent)

    def _collection(
        self, node: Node, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> None:
        if check.kinds is not None and node.kind not in check.kinds:
            self.found.append(Fault(check, "type", node, key, parent, path))
            return
        if check.choices is not None:
            self.found.append(Fault(check, "enum", node, key, parent, path))
        if node.__class__ is Mapping:
            self._mapping(node, check, path, key, parent)  # type: ignore[arg-type]
        else:
            self._sequence(node, check, path, key, parent)  # type: ignore[arg-type]
        if check.combined:
            self._combined(node, check, path, key, parent)

    def _mapping(
        self, node: Mapping, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> None:
        if node.merged:
            self._shared = True
        index = node._lookup()
        properties, patterns, additional = check.properties, check.patterns, check.additional
        for name, (name_node, value) in index.items():
            sub = properties.get(name)
            if patterns is not None:
                for matches, other in patterns:
                    if matches(name):
                        self.walk(value, check.home.check(other), (*path, name), name_node, node)
                        sub = True if sub is None else sub
            if sub is None:
                if additional is None or additional is True:
                    continue
                if additional is False:
                    self.found.append(
                        Fault(check, "additionalProperties", value, name_node, node, (*path, name), name)
                    )
                    continue
                sub = additional = check.additional = _prepared(check, additional)
            elif sub.__class__ is not Check:
                sub = properties[name] = _prepared(check, sub)
            self.walk(value, sub, (*path, name), name_node, node)
        for name in check.required:
            if name not in index:
                self.found.append(Fault(check, "required", node, key, parent, path, name))
        if check.bounds:
            self._length(len(index), check, "Properties", node, key, parent, path)
        if check.names is not None:
            names = check.names = _prepared(check, check.names)
            for name, (name_node, _) in index.items():
                quoted = Scalar(name_node.start, name_node.end, name, '"')
                self.walk(quoted, names, (*path, name), name_node, node)
        if check.dependent is not None:
            for name, others in check.dependent.items():
                if name in index:
                    for other in others:
                        if other not in index:
                            name_node = index[name][0]
                            self.found.append(
                                Fault(check, "dependentRequired", node, name_node, parent, path, other)
                            )

    def _sequence(
        self, node: Sequence, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> None:
        items = check.items
        if items is not None:
            if items.__class__ is not Check:
                items = check.items = _prepared(check, items)
            index = 0
            for item in node.items:
                self.walk(item, items, (*path, index), key, node)
                index += 1
        if check.bounds:
            self._length(len(node.items), check, "Items", node, key, parent, path)
            if check.raw.get("uniqueItems"):
                self._unique(node, check, path, key)

    def _unique(self, node: Sequence, check: Check, path: Path, key: Node | None) -> None:
        """Equal scalars; collections are not compared."""
        seen: set[object] = set()
        for index, item in enumerate(node.items):
            if isinstance(item, Scalar):
                mark = mark_of(item.type, item.value)
                if mark in seen:
                    self.found.append(Fault(check, "uniqueItems", item, key, node, (*path, index)))
                seen.add(mark)

    def _length(
        self,
        size: int,
        check: Check,
        of: str,
        node: Node,
        key: Node | None,
        parent: Node | None,
        path: Path,
    ) -> None:
        raw = check.raw
        if size < raw.get("min" + of, 0):
            self.found.append(Fault(check, "min" + of, node, key, parent, path))
        if size > raw.get("max" + of, size):
            self.found.append(Fault(check, "max" + of, node, key, parent, path))

    def _bounds(
        self,
        value: float,
        check: Check,
        node: Node,
        key: Node | None,
        parent: Node | None,
        path: Path,
    ) -> None:
        raw = check.raw
        for keyword, broken in (
            ("minimum", value < raw.get("minimum", value)),
            ("maximum", value > raw.get("maximum", value)),
            ("exclusiveMinimum", value <= raw.get("exclusiveMinimum", value - 1)),
            ("exclusiveMaximum", value >= raw.get("exclusiveMaximum", value + 1)),
        ):
            if broken and keyword in raw:
                self.found.append(Fault(check, keyword, node, key, parent, path))

    def _combined(
        self, node: Node, check: Check, path: Path, key: Node | None, parent: Node | None
    ) -> None:
        for other in check.all_of:
            self.walk(node, other, path, key, parent)
        if check.any_of is not None:
            self._any_of(node, check, check.any_of, path, key, parent)
        if check.one_of is not None:
            fitting = sum(self.valid(node, branch) for branch in check.one_of)
            if fitting > 1:
                self.found.append(Fault(check, "oneOf", node, key, parent, path))
            elif not fitting:
                self._any_of(node, check, check.one_of, path, key, parent)
        if check.no is not None and self.valid(node, check.no):
            self.found.append(Fault(check, "not", node, key, parent, path))
        if check.if_ is not None:
            then = check.then if self.valid(node, check.if_) else check.else_
            if then is not None:
                self.walk(node, then, path, key, parent)

    def _any_of(
        self,
        node: Node,
        check: Check,
        branches: list[Check],
        path: Path,
        key: Node | None,
        parent: Node | None,
    ) -> None:
        """None of the branches fits: tell of the one that was meant, judging by the type."""
        best: list[Fault] | None = None
        for branch in branches:
            faults = self._faults(node, branch, path, key, parent)
            if not faults:
                return
            if any(fault.keyword == "type" and fault.node is node for fault in faults):
                continue
            if best is None or len(faults) < len(best):
                best = faults
        keyword = "anyOf" if branches is check.any_of else "oneOf"
        if best is None:
            self.found.append(Fault(check, "type", node, key, parent, path))
        elif keyword in check.rules:
            self.found.append(Fault(check, keyword, node, key, parent, path))
        else:
            self.found += best


def _prepared(check: Check, raw: Any) -> Check:
    return raw if raw.__class__ is Check else check.home.check(raw)


def _mark(value: object) -> tuple[str, object]:
    """What makes two values the same: `0.2` and `0.20` are, `1` and `true` are not."""
    if value is None:
        return ("null", None)
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, (int, float)):
        return ("number", float(value))
    return ("string", value)


def mark_of(kind: str, value: str) -> tuple[str, object]:
    """The same for a scalar of a tree."""
    if kind == "integer" or kind == "number":
        return ("number", _number(value))
    if kind == "boolean":
        return ("boolean", value[0] in "tT")
    return (kind, None if kind == "null" else value)


def _number(value: str) -> float:
    """A plain scalar's number; one too large to hold is infinite."""
    try:
        if value[:2] in ("0x", "0o"):
            return float(int(value, 0))
        low = value.lower()
        return float(low.replace(".", "") if low[-1] in "fn" else low)
    except (ValueError, OverflowError):
        return float("inf")
