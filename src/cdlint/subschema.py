"""Subschemas of a JSON Schema, prepared for walking when a document first needs them."""

from __future__ import annotations

from .patterns import matcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patterns import Matcher

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
_KINDS = {"object": "mapping", "array": "sequence"}
_BOUNDS = frozenset(
    (
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "uniqueItems",
    )
)
_COMBINED = frozenset(("$ref", "allOf", "anyOf", "if", "not", "oneOf"))
_SCALARS = frozenset(("boolean", "number", "string"))


class Check:
    """A prepared subschema. Those of its properties stay dicts until they are needed.

    `kinds` are the kinds of node that `type` allows, `choices` the marks of the values that
    `enum` or `const` allows (None: any). `rules` is the annotation `x-cdlint`.
    """

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

    def __init__(self, home: Home, raw: dict[str, Any]) -> None:
        get = raw.get
        self.home = home
        self.raw = raw
        self.rules: dict[str, Any] = get("x-cdlint") or {}
        self.kinds = _kinds(get("type"))
        self.properties: dict[str, Any] = dict(get("properties") or ())
        self.patterns: list[tuple[Matcher, Any]] | None = None
        if "patternProperties" in raw:
            self.patterns = [(home.matcher(p), sub) for p, sub in raw["patternProperties"].items()]
        self.additional: Any = get("additionalProperties", True)
        self.names: Any = get("propertyNames")
        self.required: list[str] = get("required") or []
        self.dependent: dict[str, list[str]] | None = get("dependentRequired")
        self.items: Any = get("items")
        self.choices = _choices(raw)
        self.pattern: str | None = get("pattern")
        #: Is there a bound on a size or a number?
        self.bounds = not _BOUNDS.isdisjoint(raw)
        #: Is there anything joined to this schema?
        self.combined = not _COMBINED.isdisjoint(raw)
        #: Nothing but the type of a scalar matters.
        self.plain = not (self.combined or self.bounds or self.pattern or self.choices is not None)
        #: Any scalar will do that is not null.
        self.easy = self.plain and (self.kinds is None or self.kinds >= _SCALARS)
        self.ready = not self.combined
        self.all_of: list[Check] = []
        self.any_of: list[Check] | None = None
        self.one_of: list[Check] | None = None
        self.no: Check | None = None
        self.if_: Check | None = None
        self.then: Check | None = None
        self.else_: Check | None = None

    def prepare(self) -> None:
        """Prepare what is joined to this schema; not on construction, schemas may be circular."""
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

    def of_property(self, name: str) -> Check:
        """The check for the value of one of `properties`."""
        sub = self.properties[name]
        if sub.__class__ is not Check:
            sub = self.properties[name] = self.home.check(sub)
        return sub

    def of_other(self) -> Check:
        """The check for the values of all other keys; only where `additional` is a schema."""
        if self.additional.__class__ is not Check:
            self.additional = self.home.check(self.additional)
        return self.additional

    def matches(self, text: str) -> bool:
        """Does a text match `pattern`?"""
        return self.pattern is None or self.home.matcher(self.pattern)(text)

    def expected(self) -> set[str]:
        """The kinds of node that are taken here, the branches of `anyOf` and `oneOf` included."""
        kinds = set(self.kinds or ())
        for branch in self.any_of or self.one_of or ():
            kinds |= branch.kinds or set()
        return kinds


class Home:
    """A whole schema: resolves references, and prepares every subschema once."""

    __slots__ = ("_checks", "_matchers", "schema")

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self._checks: dict[int, Check] = {}
        self._matchers: dict[str, Matcher] = {}

    def check(self, raw: Any) -> Check:
        """The check for a subschema, which may be `true` or `false`."""
        found = self._checks.get(id(raw))
        if found is None:
            if raw is True or raw is False:
                found = Check(self, {} if raw else {"not": {}})
            else:
                found = (self._referred(raw) if "$ref" in raw else None) or Check(self, raw)
            self._checks[id(raw)] = found
            if not found.ready:
                found.prepare()
        return found

    def _referred(self, raw: dict[str, Any]) -> Check | None:
        """For a reference with nothing but annotations beside it: its target, in our words."""
        if not ASSERTIONS.isdisjoint(key for key in raw if key != "$ref"):
            return None
        target = self.target(raw["$ref"])
        own = raw.get("x-cdlint")
        if not own:
            return self.check(target)
        return Check(self, {**target, "x-cdlint": {**target.get("x-cdlint", {}), **own}})

    def target(self, reference: str) -> Any:
        """What a reference such as `#/$defs/phase` points to."""
        node: Any = self.schema
        for part in reference.lstrip("#").split("/"):
            if part:
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def matcher(self, pattern: str) -> Matcher:
        found = self._matchers.get(pattern)
        if found is None:
            found = self._matchers[pattern] = matcher(pattern)
        return found


def _kinds(wanted: str | list[str] | None) -> frozenset[str] | None:
    if wanted is None:
        return None
    names = [wanted] if isinstance(wanted, str) else wanted
    kinds = {_KINDS.get(name, name) for name in names}
    if "number" in kinds:
        kinds.add("integer")
    return frozenset(kinds)


def _choices(raw: dict[str, Any]) -> frozenset[object] | None:
    """The marks of the values that `enum` and `const` leave, None for any."""
    choices: frozenset[object] | None = None
    if "enum" in raw:
        choices = frozenset(map(_mark, raw["enum"]))
    if "const" in raw:
        const = frozenset((_mark(raw["const"]),))
        choices = const if choices is None else choices & const
    return choices


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
        return ("number", number_of(value))
    if kind == "boolean":
        return ("boolean", value[0] in "tT")
    return (kind, None if kind == "null" else value)


def number_of(value: str) -> float:
    """A plain scalar's number; one too large to hold is infinite."""
    try:
        if value[:2] in ("0x", "0o"):
            return float(int(value, 0))
        low = value.lower()
        return float(low.replace(".", "") if low[-1] in "fn" else low)
    except (ValueError, OverflowError):
        return float("inf")
