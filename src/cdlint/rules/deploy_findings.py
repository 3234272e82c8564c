"""What the rules on deploy files share: findings of the schema, placeholders, edits of keys."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix
from ..source import BOM, Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema import Violation

#: Keywords that complain of something absent: lines that had to be left out prove nothing.
_ABSENCES = frozenset(("anyOf", "minItems", "minProperties", "null", "required"))
_SIGNS = ("$", "{{", "<%", "@@", "!!", "%%", "__")


def reported(document: Document, rule: str) -> Iterator[Violation]:
    """The violations that a rule reports, without those that prove nothing."""
    if not document.violations or _is_garbled(document):
        return
    for violation in document.violations:
        if violation.rule != rule:
            continue
        if document.damaged and violation.keyword in _ABSENCES and violation.suggestion is None:
            continue
        node = violation.node
        if violation.keyword == "additionalProperties":
            if is_placeholder(violation.name):
                continue
        elif isinstance(node, Scalar) and not node.is_null and is_placeholder(node.value):
            continue
        _worded(violation, document)
        yield violation


def _is_garbled(document: Document) -> bool:
    """JSON that only YAML could read, and not as it was meant; `not-strict-json` says so."""
    if document.json or not document.source.path.lower().endswith(".json"):
        return False
    root = document.root
    if isinstance(root, Scalar) and root.style != '"' and root.type == "string":
        return True
    return any(one.keyword == "additionalProperties" and ":" in one.name for one in document.violations)


def _worded(violation: Violation, document: Document) -> None:
    """Fit the general sentences to short values and to JSON."""
    if violation.keyword == "minLength" and violation.help == "":
        violation.message = violation.message.partition(" is too short")[0] + " is empty."
        violation.help = "Give it a value."
    if document.json:
        for old, new in (("a mapping (`key: value` lines)", "an object"), ("a mapping", "an object")):
            violation.message = violation.message.replace(old, new)
            violation.help = violation.help.replace(old, new)


def told(document: Document, rule: str) -> Iterator[Finding]:
    for violation in reported(document, rule):
        yield violation.finding()


def is_placeholder(text: str) -> bool:
    """Is it, in all or in part, put in by another tool before AWS reads the file?"""
    if any(sign in text for sign in _SIGNS):
        return True
    return "<" in text and ">" in text[text.index("<") :]


def is_blank(document: Document) -> bool:
    """A file without any content, or with comments only."""
    if document.root is not None or document.repairs:
        return False
    lines = document.source.text.strip(BOM).splitlines()
    return all(not line.strip() or line.lstrip().startswith("#") for line in lines)


def start_of(document: Document) -> Span:
    """The first line's text, for what is wrong with a file as a whole."""
    text = document.text
    start = document.base
    while start < len(text) and text[start] in " \t\r\n":
        start += 1
    end = start
    while end < len(text) and text[end] not in "\r\n" and end - start < 60:
        end += 1
    return Span(start, end)


def opening(document: Document, node: Node) -> Span:
    """A node as a whole: its bracket, or its first key."""
    if isinstance(node, (Mapping, Sequence)) and node.flow:
        return Span(node.start, node.start + 1)
    if isinstance(node, Mapping) and node.pairs:
        return node.pairs[0][0].span
    if isinstance(node, Scalar):
        return node.span
    return Span(node.start, min(node.start + 1, len(document.text)))


def rename(key: Scalar, name: str, safe: bool = True) -> Fix:
    """Another name for a key, within its quotes."""
    return Fix(f"Rename `{key.value}` to `{name}`", [retyped(key, name)], safe=safe)


def retyped(node: Scalar, text: str) -> Edit:
    """Another text for a scalar, within its quotes."""
    inner = 1 if node.style in ("'", '"') else 0
    return Edit(node.start + inner, node.end - inner, text)


def quoted(node: Scalar) -> Fix | None:
    """Put double quotes around a plain value."""
    if node.style or '"' in node.value or "\\" in node.value:
        return None
    return Fix("Quote it", [Edit(node.start, node.start, '"'), Edit(node.end, node.end, '"')])


def removal(document: Document, mapping: Mapping, key: Scalar) -> Fix | None:
    """Delete a key with its value from a mapping of JSON, with the comma and the line that go with it."""
    numbers = [n for n, (one, _) in enumerate(mapping.pairs) if one is key]
    if not numbers or not mapping.flow:
        return None
    number, text = numbers[0], document.text
    value = mapping.pairs[number][1]
    if number + 1 < len(mapping.pairs):
        edit = Edit(key.start, mapping.pairs[number + 1][0].start, "")
    elif number:
        edit = Edit(mapping.pairs[number - 1][1].end, value.end, "")
    else:
        edit = Edit(key.start, value.end, "")
    if "#" in text[edit.start : edit.end].replace(text[value.start : value.end], ""):
        return None
    return Fix(f"Delete `{key.value}`", [edit])
