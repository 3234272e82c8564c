"""The text under which a name is shown: itself, or the expression that will give it (`${AppName}-source`)."""

from __future__ import annotations

from ..model.pipeline import CLOUDFORMATION
from ..model.template import function_of
from ..syntax.tree import GAP, Mapping, Node, Scalar, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.pipeline import Pipeline

_LONGEST = 300
_MAX_DEPTH = 10


def shown(node: Node | None, pipeline: Pipeline) -> str:
    """A name for people to read, on one line; "" if there is none."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return ""
    text = ""
    if isinstance(node, Scalar) and GAP not in node.value:
        text = node.value
    elif isinstance(node, Unknown) and pipeline.form == CLOUDFORMATION:
        text = _expression(node.written or node, 0)
    return plain(text or _slice(node, pipeline))


def plain(text: str) -> str:
    """On one line, without characters that XML or a terminal refuses, and no longer than anyone reads."""
    words = " ".join(text[: 2 * _LONGEST].split())
    kept = "".join(char if char.isprintable() and char != GAP else "\ufffd" for char in words)
    return kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1] + "…"


def _slice(node: Node, pipeline: Pipeline) -> str:
    """What stands in the file, without its quotes."""
    document = pipeline.document
    span = document.draft.span(node.span)
    text = document.source.text[span.start : span.end].strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text and isinstance(node, Unknown) and "${" not in text and "{{" not in text:
        return f"${{{text}}}"
    return text


def _expression(node: Node, depth: int) -> str:
    """A value of a template as `Fn::Sub` would write it."""
    called = function_of(node)
    if called is None or depth > _MAX_DEPTH:
        return node.value if isinstance(node, Scalar) and GAP not in node.value else ""
    name, argument = called
    items = argument.items if isinstance(argument, Sequence) else []
    if name == "Fn::Sub":
        text = items[0] if items else argument
        return text.value if isinstance(text, Scalar) else ""
    if name == "Ref" and isinstance(argument, Scalar):
        return f"${{{argument.value}}}"
    if name == "Fn::GetAtt":
        parts = [item.value for item in items if isinstance(item, Scalar)]
        return "${" + (".".join(parts) or getattr(argument, "value", "")) + "}"
    if name == "Fn::Join" and len(items) == 2 and isinstance(items[1], Sequence):
        glue = items[0].value if isinstance(items[0], Scalar) else ""
        return glue.join(_expression(item, depth + 1) or "${…}" for item in items[1].items)
    return "${" + f"{name.removeprefix('Fn::').removeprefix('!')} {_words(argument, depth)}".strip() + "}"


def _words(node: Node, depth: int) -> str:
    """The plain words of an argument."""
    if isinstance(node, Scalar):
        return node.value
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(node, Sequence):
        return " ".join(_words(item, depth + 1) for item in node.items[:4])
    if isinstance(node, Mapping):
        return " ".join(_words(value, depth + 1) for _, value in node.pairs[:4])
    return ""
