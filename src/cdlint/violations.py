"""Words, places and fixes for what a walk over a schema has found.

Only documents with a fault come here. A schema's `x-cdlint` annotation names the rule for a
keyword and may give its own sentences; what it leaves open is filled from the tables below.
"""

from __future__ import annotations

from .findings import Edit, Fix, Severity
from .schema import Fault, Violation, Walker
from .source import Span
from .syntax.tree import Mapping, Node, Scalar, Sequence
from .wording import closest, listed, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: The user's name of a key that a schema knows.
    Spell = Callable[[str], str]

#: The rule that reports a keyword, unless the schema names another.
RULES = {
    "additionalProperties": "unknown-key",
    "anyOf": "invalid-value",
    "const": "invalid-value",
    "dependentRequired": "missing-key",
    "enum": "invalid-value",
    "exclusiveMaximum": "invalid-value",
    "exclusiveMinimum": "invalid-value",
    "maxItems": "invalid-value",
    "maxLength": "invalid-value",
    "maxProperties": "invalid-value",
    "maximum": "invalid-value",
    "minItems": "empty-section",
    "minLength": "invalid-value",
    "minProperties": "empty-section",
    "minimum": "invalid-value",
    "not": "invalid-value",
    "null": "empty-section",
    "oneOf": "invalid-value",
    "pattern": "invalid-value",
    "required": "missing-key",
    "type": "wrong-type",
    "uniqueItems": "invalid-value",
}

#: The general sentences: what is wrong. `violations` puts the schema's own before these.
_MESSAGES = {
    "additionalProperties": "`{name}` is not a key of {noun}.",
    "anyOf": "{The value} does not fit here.",
    "const": "{The value} must be {names}, not {shown}.",
    "dependentRequired": "`{key}` needs `{name}` beside it.",
    "enum": "`{value}` is not a value of `{key}`.",
    "exclusiveMaximum": "{The value} is {value}, but must be less than {limit}.",
    "exclusiveMinimum": "{The value} is {value}, but must be more than {limit}.",
    "maxItems": "`{key}` has {count} entries, but at most {limit} are allowed.",
    "maxLength": "{The value} is {count} characters long, but at most {limit} are allowed.",
    "maxProperties": "`{key}` has {count} keys, but at most {limit} are allowed.",
    "maximum": "{The value} is {value}, but at most {limit} is allowed.",
    "minItems": "`{key}` is an empty list.",
    "minLength": "{The value} is too short: it needs at least {limit} characters.",
    "minProperties": "`{key}` is empty.",
    "minimum": "{The value} is {value}, but must be at least {limit}.",
    "not": "`{key}` cannot stand here.",
    "null": "{The value} is empty.",
    "oneOf": "{The value} mixes what excludes each other.",
    "pattern": "`{value}` does not have the form that `{key}` needs.",
    "required": "{The value} has no `{name}`.",
    "type": "{The value} must be {expected}, but it is {shown}.",
    "uniqueItems": "{value} stands in the list `{key}` twice.",
}
_HELPS = {
    "additionalProperties": "Delete it, or use one of {names}.",
    "const": "Write {names}.",
    "dependentRequired": "Add `{name}`.",
    "enum": "Write {names}.",
    "minItems": "Add an item, or delete the key.",
    "minProperties": "Put something below it, or delete the key.",
    "not": "Delete it.",
    "null": "Give it a value, or delete the line.",
    "required": "Add `{name}`.",
    "type": "Write {expected} here.",
    "uniqueItems": "Delete one of them.",
}
_SHOWN = {"mapping": "a mapping", "sequence": "a list", "null": "empty"}
_EXPECTED = {
    "mapping": "a mapping (`key: value` lines)",
    "sequence": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
}
#: Keywords that speak of the key, not of what stands behind it.
_AT_KEY = frozenset(("additionalProperties", "dependentRequired"))
_MANY = 1000


def violations(faults: list[Fault], schema: dict[str, Any], spell: Spell = str) -> list[Violation]:
    """Faults in words, each once at a place. What stands below a misspelt key is walked, too.

    `spell` gives the keys in the words the names that the user's form of the document has for them.
    """
    found: list[tuple[Violation, Fault]] = []
    seen: set[tuple[object, ...]] = set()
    queue = faults
    while queue:
        following: list[Fault] = []
        for fault in queue:
            mark = (fault.keyword, fault.node.start, fault.node.end, fault.name, id(fault.key))
            if (mark, id(fault.check)) in seen or len(found) >= _MANY:
                continue
            seen.add((mark, id(fault.check)))
            violation = _Teller(fault, schema, spell).violation(following)
            place = (violation.rule, violation.span.start, violation.span.end, violation.name)
            if place not in seen:
                seen.add(place)
                found.append((violation, fault))
        queue = following
    return _joined(found)


def _joined(found: list[tuple[Violation, Fault]]) -> list[Violation]:
    """A missing key and the misspelt one that was meant to be it are one fault, not two."""
    misspelt = {
        (id(one.parent), one.suggestion): one
        for one, _ in found
        if one.keyword == "additionalProperties" and one.suggestion is not None
    }
    if not misspelt:
        return [one for one, _ in found]
    kept: list[Violation] = []
    for one, fault in found:
        if one.keyword == "required" and (id(one.node), one.name) in misspelt:
            wrong = misspelt[id(one.node), one.name]
            first = wrong.message.partition(":")[0].rstrip(".")
            wrong.message = f"{first}. {one.message}"
            wrong.rule, wrong.severity = one.rule, one.severity
        elif one.keyword not in ("anyOf", "oneOf") or not any(
            (id(one.node), name) in misspelt
            for branch in fault.check.any_of or fault.check.one_of or ()
            for name in branch.required
        ):
            kept.append(one)
    return kept


class _Teller:
    """Puts one fault into words."""

    def __init__(self, fault: Fault, schema: dict[str, Any], spell: Spell) -> None:
        self.fault = fault
        self.check = fault.check
        self.spell = spell
        self.home = schema
        self.whole: dict[str, Any] = schema.get("x-cdlint") or {}
        self.kind = kind_of(fault.node)
        self.keyword = fault.keyword
        if fault.keyword == "type" and self.kind == "null":
            self.keyword = "null"
        self.entry = self._entry()
        self.choices = self._choices()

    def violation(self, following: list[Fault]) -> Violation:
        fault, keyword, entry = self.fault, self.keyword, self.entry
        rules = self.whole.get("rules") or RULES
        rule = entry.get("rule") or self.check.rules.get("rule") or rules.get(keyword) or RULES[keyword]
        told = Violation(rule, keyword, self._span(), fault)
        told.severity = entry.get("severity")
        message = self._spelt(entry.get("message") or self._general())
        help = self._spelt(entry.get("help") or _HELPS.get(keyword, ""))
        told.message, told.help = self._filled(message), self._filled(help)
        if keyword == "additionalProperties":
            self._unknown(told, following)
        elif keyword in ("enum", "const"):
            self._other_value(told)
        elif entry.get("fix"):
            told.fix = self._quotes(entry["fix"])
        return told

    def _entry(self) -> dict[str, Any]:
        """What the schema says about this keyword."""
        rules, keyword = self.check.rules, self.fault.keyword
        found: Any = None
        if keyword == "type":
            found = rules.get("null") if self.kind == "null" else None
            found = found or rules.get("type:" + self.kind)
            if self.kind == "integer":
                found = found or rules.get("type:number")
        found = found or (rules.get(keyword) if self.keyword != "null" else None)
        if keyword == "required" and isinstance(found, dict) and "rule" not in found:
            found = found.get(self.fault.name)
        return found if isinstance(found, dict) else {"rule": found}

    def _choices(self) -> list[str]:
        """The names or values that are allowed here."""
        raw = self.check.raw
        if self.keyword == "additionalProperties":
            return list(raw.get("properties") or ())
        values = raw.get("enum") or ([raw["const"]] if "const" in raw else [])
        return [value for value in values if isinstance(value, str)]

    def _general(self) -> str:
        message = _MESSAGES[self.keyword]
        consequence = (self.whole.get("consequences") or {}).get(self.keyword)
        return f"{message[:-1]}: {consequence}." if consequence else message

    def _span(self) -> Span:
        """The narrowest place: the key for what is missing, empty, unknown or fills many lines."""
        fault, node = self.fault, self.fault.node
        key = fault.key
        if isinstance(fault.path[-1] if fault.path else None, int):
            key = None
        wide = isinstance(node, (Mapping, Sequence)) and not node.flow
        about_key = self.keyword in _AT_KEY or self.entry.get("at") == "key"
        if key is not None and (wide or about_key or self.keyword in ("required", "null")):
            return key.span
        if isinstance(node, Mapping) and node.pairs and not node.flow:
            return node.pairs[0][0].span
        if isinstance(node, Sequence) and node.items and not node.flow:
            first = node.items[0]
            return Span(node.start, first.end if isinstance(first, Scalar) else node.start + 1)
        if fault.keyword == "required" and isinstance(node, Mapping):
            return Span(node.start, min(node.start + 1, node.end))
        return node.span

    def _spelt(self, text: str) -> str:
        """The schema's words, with its keys as the user's form has them."""
        if self.spell is str or "`" not in text:
            return text
        keys = {key for part in self.home.get("$defs", {}).values() for key in part.get("properties", ())}
        words = text.split("`")
        words[1::2] = [self.spell(word) if word in keys else word for word in words[1::2]]
        return "`".join(words)

    def _filled(self, text: str) -> str:
        """The text with its `{words}` replaced."""
        if "{" not in text:
            return text
        for word, value in self._words().items():
            text = text.replace("{" + word + "}", value)
        return text

    def _names(self) -> list[str]:
        """The keys of the path to the fault, those of the schema spelt as the user's form has them."""
        free = self.whole.get("free") or ()
        names: list[str] = []
        above: str | int = ""
        for part in self.fault.path:
            if isinstance(part, str):
                names.append(part if above in free else self.spell(part))
            above = part
        return names

    def _words(self) -> dict[str, str]:
        fault, node = self.fault, self.fault.node
        spell = self.spell
        names = self._names()
        key = names[-1] if names else ""
        index = fault.path[-1] if fault.path and isinstance(fault.path[-1], int) else None
        noun = self.check.rules.get("noun") or (f"`{key}`" if key else "the document")
        if fault.keyword == "additionalProperties" and not self.check.rules.get("noun"):
            noun = f"`{names[-2]}`" if len(names) > 1 else "the document"
        if fault.keyword == "dependentRequired" and isinstance(fault.key, Scalar):
            key = spell(fault.key.value)
        what = f"`{key}`" if key else noun[:1].upper() + noun[1:]
        if index is not None:
            what = f"Item {index + 1} of `{key}`" if key else f"Item {index + 1}"
        value = (brief(node.value) or '""') if isinstance(node, Scalar) else ""
        return {
            "The value": what,
            "count": str(_size(node)),
            "expected": self._expected(),
            "index": str(index),
            "key": key,
            "limit": str(self.check.raw.get(self.keyword, "")),
            "name": brief(spell(fault.name)),
            "names": listed((f"`{self._shown_choice(name)}`" for name in self.choices), limit=12),
            "noun": noun,
            "number": str(index + 1 if index is not None else 1),
            "shown": _SHOWN.get(self.kind) or f"`{_quoted(node, value)}`",
            "value": value,
        }

    def _shown_choice(self, name: str) -> str:
        return self.spell(name) if self.keyword == "additionalProperties" else name

    def _expected(self) -> str:
        kinds = self.check.expected()
        if "string" in kinds and "sequence" not in kinds and "mapping" not in kinds:
            kinds = {"string"}
        return listed(
            words
            for kind, words in _EXPECTED.items()
            if kind in kinds and not (kind == "integer" and "number" in kinds)
        )

    def _unknown(self, told: Violation, following: list[Fault]) -> None:
        """An unknown key: what was meant, or where it belongs."""
        fault, name = self.fault, self.fault.name
        parent, key = fault.parent, fault.key
        if not name:
            told.message, told.help = "Nothing stands before the colon.", "Write a key there."
            return
        where = self._elsewhere(name)
        if where:
            told.help = self._spelt(where)
            return
        absent = [one for one in self.choices if isinstance(parent, Mapping) and one not in parent]
        alias = (self.check.rules.get("aliases") or {}).get(name.lower().replace("_", "-"))
        near = closest(self.spell(name), absent)
        meant = near or (alias if alias in absent else None)
        if meant is None or not self._fits(meant):
            present = closest(name, [one for one in self.choices if one not in absent])
            if present is not None:
                present = self.spell(present)
                told.help = f"`{present}` stands here already: join the two, or delete one."
            return
        told.suggestion = meant
        shown = self.spell(meant)
        told.help = f"Write `{shown}`."
        if brief(name) == meant:
            told.help = f"Write `{shown}` without the odd blank."
        if isinstance(key, Scalar) and isinstance(parent, Mapping):
            told.fix = Fix(
                f"Rename `{brief(self.spell(name))}` to `{shown}`",
                [_replaced(key, shown)],
                safe=near is not None,
            )
            walker = Walker()
            place = ((*fault.path[:-1], meant), key, parent)
            walker.walk(fault.node, self.check.of_property(meant), place)
            following += walker.found

    def _elsewhere(self, name: str) -> str:
        """Where a key of this name is at home, in the schema's words."""
        places = {**(self.whole.get("places") or {}), **(self.check.rules.get("elsewhere") or {})}
        if name in places:
            return str(places[name])
        if any(plain(name) == plain(one) for one in self.choices):
            return ""
        folded = plain(name)
        for other, words in places.items():
            if plain(other) == folded and other not in self.choices:
                return f"Its name is `{other}`. {words}"
        return ""

    def _fits(self, name: str) -> bool:
        """Could the value stand behind the key that was probably meant?"""
        kinds = self.check.of_property(name).expected()
        return not kinds or self.kind in kinds or self.kind in ("null", "unknown")

    def _other_value(self, told: Violation) -> None:
        """A value that is none of those allowed: the one that was probably meant."""
        node = self.fault.node
        if not isinstance(node, Scalar) or node.is_null:
            return
        meant = closest(node.value, self.choices)
        if meant is None:
            if self.entry.get("open"):
                told.severity = Severity.WARNING
            return
        told.suggestion = meant
        told.help = f"Write `{meant}`."
        if node.style not in ("|", ">"):
            told.fix = Fix(f"Write `{meant}`", [_replaced(node, meant)])
        if meant.lower() == node.value.lower() and self.entry.get("case"):
            told.severity = self.entry["case"]
            told.message = f"`{brief(node.value)}` is usually written `{meant}`."

    def _quotes(self, wanted: str) -> Fix | None:
        """Put quotes around a value, or take them away."""
        node = self.fault.node
        if not isinstance(node, Scalar):
            return None
        if wanted == "quote" and not node.style:
            edits = [Edit(node.start, node.start, '"'), Edit(node.end, node.end, '"')]
            return Fix("Quote it", edits)
        if wanted == "unquote" and node.end - node.start == len(node.value) + 2:
            edits = [Edit(node.start, node.start + 1, ""), Edit(node.end - 1, node.end, "")]
            return Fix("Remove the quotes", edits)
        return None


def kind_of(node: Node) -> str:
    """`mapping`, `sequence`, `unknown`, or the type of a scalar."""
    return node.type if isinstance(node, Scalar) else node.kind


def brief(text: str) -> str:
    """A text on one line, cut after 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def _quoted(node: Node, value: str) -> str:
    """A value in its quotes, where these make a text of what looks like something else."""
    if not isinstance(node, Scalar) or node.style not in ("'", '"'):
        return value
    bare = Scalar(node.start, node.end, node.value)
    return value if bare.type == "string" else node.style + value + node.style


def _replaced(node: Scalar, text: str) -> Edit:
    """Another text in a scalar's place, within its quotes."""
    inner = 1 if node.style in ("'", '"') else 0
    return Edit(node.start + inner, node.end - inner, text)


def _size(node: Node) -> int:
    if isinstance(node, Sequence):
        return len(node.items)
    return len(node) if isinstance(node, Mapping) else len(getattr(node, "value", ""))
