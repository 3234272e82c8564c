"""What the JSON Schemas of `schemas/` say of a place: its keys, its values, and what they mean."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ..model.deploy_files import SCHEMAS
from ..schema import load_schema

Path = tuple[str | int, ...]
Schema = dict[str, Any]


class Offer(NamedTuple):
    """One thing that may be written at a place.

    `kind`: `key`, `value`, `variable`, `artifact` or `reference`. `about` is Markdown, `detail` a word or two.
    `holds` says of a key what stands behind it: `mapping`, `sequence` or `scalar`, "" if any.
    """

    label: str
    kind: str
    about: str = ""
    detail: str = ""
    holds: str = ""


def schema_of(kind: str) -> Schema | None:
    """The schema of a kind of document; None for those that are read in another shape."""
    if kind in ("buildspec", "pipeline"):
        return load_schema(kind)
    name = SCHEMAS.get(kind)
    return load_schema(name) if name is not None else None


def at(schema: Schema, path: Path) -> list[Schema]:
    """Every subschema that may speak of a place, the nearest first."""
    found = _spread(schema, schema)
    for step in path:
        found = [one for known in found for inner in _below(known, step) for one in _spread(inner, schema)]
    return found


def keys(found: list[Schema]) -> list[Offer]:
    entries: dict[str, Offer] = {}
    for one in found:
        root = one.get("$root", one)
        for name, inner in one.get("properties", {}).items():
            if inner is not False and name not in entries and not _is_old(inner):
                below = _spread(inner, root)
                entries[name] = Offer(name, "key", meaning(below), "", _holds(below))
    return list(entries.values())


def values(found: list[Schema]) -> list[Offer]:
    """The values that may stand at a place: all of them, or examples."""
    entries: dict[str, Offer] = {}
    for one in found:
        given = [*one.get("enum", ()), *([one["const"]] if "const" in one else ()), *_examples(one)]
        if one.get("type") == "boolean":
            given += [True, False]
        if "default" in one:
            given.append(one["default"])
        for value in given:
            if isinstance(value, (str, int, float)):
                text = str(value).lower() if isinstance(value, bool) else str(value)
                about = "The default." if value == one.get("default") else ""
                if text and (text not in entries or about):
                    entries[text] = Offer(text, "value", about)
    if "yes" in entries and "no" in entries:
        return [entries[word] for word in ("yes", "no", "true", "false") if word in entries]
    return list(entries.values())


def meaning(found: list[Schema]) -> str:
    """What a place means, in Markdown; "" if no schema says it."""
    for one in found:
        if "description" in one:
            return str(one["description"])
    return next((str(one["title"]) for one in found if "title" in one), "")


def facts(found: list[Schema]) -> list[str]:
    """The bounds and the choice of a value, in words."""
    said: list[str] = []
    about = meaning(found)
    for one in found:
        choice = list(dict.fromkeys(str(value) for value in one.get("enum", ())))
        if choice and not all(f"`{value}`" in about for value in choice):
            said.append("One of " + ", ".join(f"`{value}`" for value in choice[:12]) + ".")
        if "default" in one:
            said.append(f"Default: `{_plain(one['default'])}`.")
        low, high = one.get("minimum"), one.get("maximum")
        if low is not None and high is not None:
            said.append(f"From {low} to {high}.")
    return list(dict.fromkeys(said))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _examples(schema: Schema) -> list[object]:
    return [one for one in schema.get("examples", ()) if not isinstance(one, (list, dict))]


def _is_old(schema: object) -> bool:
    return isinstance(schema, dict) and schema.get("deprecated") is True


def _spread(schema: object, root: Schema) -> list[Schema]:
    """A subschema and those that it is put together from. Each knows the root, for its references."""
    found: list[Schema] = []
    waiting: list[object] = [schema]
    seen: set[int] = set()
    while waiting and len(found) < 100:
        one = waiting.pop(0)
        if not isinstance(one, dict) or id(one) in seen:
            continue
        seen.add(id(one))
        found.append({**one, "$root": root})
        if "$ref" in one:
            waiting.append(_target(one["$ref"], root))
        for word in ("allOf", "anyOf", "oneOf"):
            waiting += one.get(word, ())
        for word in ("then", "else"):
            if word in one:
                waiting.append(one[word])
    return found


def _target(reference: str, root: Schema) -> object:
    node: object = root
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _below(schema: Schema, step: str | int) -> list[object]:
    if isinstance(step, int):
        return [schema["items"]] if "items" in schema else []
    found: list[object] = []
    known = schema.get("properties", {})
    if step in known:
        found.append(known[step])
    found += [
        inner for pattern, inner in schema.get("patternProperties", {}).items() if re.search(pattern, step)
    ]
    if not found and isinstance(schema.get("additionalProperties"), dict):
        found.append(schema["additionalProperties"])
    return found


def _holds(found: list[Schema]) -> str:
    kinds: set[str] = set()
    for one in found:
        given = one.get("type")
        kinds.update(given if isinstance(given, list) else [given] if given else [])
        if "properties" in one:
            kinds.add("object")
        if "enum" in one:
            kinds.add("string")
    if kinds == {"object"}:
        return "mapping"
    if kinds == {"array"}:
        return "sequence"
    return "scalar" if kinds and not kinds & {"object", "array"} else ""
