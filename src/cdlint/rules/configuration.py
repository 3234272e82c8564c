"""What the rules about the configuration of actions have in common: values to be filled in, JSON in a value, edits."""

from __future__ import annotations

from ..findings import Edit, Fix
from ..model.values import known, visible
from ..model.woven import Woven, woven
from ..source import Span
from ..syntax.json import parse
from ..syntax.tree import GAP, Mapping, Node, Scalar, Sequence, Unknown
from ..syntax.yaml import SyntaxProblem
from ..wording import closest
from .paths import inner, rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.actions import ActionType
    from ..model.pipeline import Action, Pipeline
    from ..syntax.document import Document

#: What stands where something else will stand later: of templates, of shells, of CodePipeline itself.
_MARKS = (GAP, "${", "$(", "{{", "#{", "<%", "{%", "[[", "@@", "__", "...", "…")
#: Words of texts that tell the reader what to put there.
_TOLD = (
    *(
        "YOUR",
        "REPLACEME",
        "REPLACE_ME",
        "REPLACE-ME",
        "REPLACE ME",
        "REPLACE_WITH",
        "REPLACE-WITH",
        "REPLACE WITH",
    ),
    *("CHANGEME", "CHANGE_ME", "PLACEHOLDER", "XXXX", "TODO", "INSERT"),
)


def is_open(text: str) -> bool:
    """Is part of a text filled in later: by a pipeline variable, a template, the reader?"""
    if any(mark in text for mark in _MARKS) or any(word in text.upper() for word in _TOLD):
        return True
    if text[:1] in ("$", "[", "@") or (text.count("%") > 1 and "% " not in text):
        return True
    opened = text.find("<")
    return opened >= 0 and text.find(">", opened) > 0


def is_capitals(text: str) -> bool:
    """`BUCKET_NAME`: in the place of a name, as likely as not one to be filled in."""
    return "_" in text and text.isupper()


def settled(action: Action, key: str) -> Scalar | None:
    """The value of a configuration key, where it is known and nothing will be filled in."""
    node = action.get(key)
    if isinstance(node, Scalar) and known(node) is not None and not is_open(node.value):
        return node
    return None


def flag(action: Action, key: str) -> bool | None:
    """A yes-or-no setting; None if it is absent or cannot be known."""
    node = action.get(key)
    if not isinstance(node, Scalar) or known(node) is None:
        return None
    # A plain `no` is a boolean for CloudFormation's YAML, a quoted one is not.
    return node.truth if not node.style else {"true": True, "false": False}.get(node.value.lower())


def has(action: Action, key: str) -> bool:
    """Is there a value, known or not, and not an empty one?"""
    node = action.get(key)
    return node is not None and not (isinstance(node, Scalar) and (node.is_null or not node.value.strip()))


def configured(pipeline: Pipeline, *providers: str) -> Iterator[Action]:
    """The actions of AWS of some providers (of all known types if none is named) whose keys can all be seen."""
    for action in pipeline.actions():
        if action.is_configured and action.type is not None and action.type.published:
            if not providers or action.provider in providers:
                yield action


def replacement(document: Document, node: Scalar, start: int, end: int, text: str, why: str) -> Fix | None:
    """A safe fix that puts a text in the place of `value[start:end]`."""
    edits = rewritten(document, node, start, end, text)
    return Fix(why, edits) if edits else None


def renamed(document: Document, node: Scalar, text: str, why: str, *, safe: bool = True) -> Fix | None:
    """A fix that makes another word of a key or of a value that is one word."""
    at = inner(document, node)
    if at is None or not node.value:
        return None
    return Fix(why, [Edit(at, at + len(node.value), text)], safe=safe)


class Text:
    """JSON in a configuration value: its `root`, or the `problem` and its place; neither if it cannot be told."""

    __slots__ = ("problem", "root", "span")

    def __init__(self, root: Node | None = None, problem: str = "", span: Span | None = None) -> None:
        self.root = root
        self.problem = problem
        self.span = span


def json_of(document: Document, node: Node | None) -> Text:
    """The JSON in a value. Its nodes stand where the file has them; parts that nobody knows make a text with a gap."""
    if isinstance(node, Unknown) and node.inner is not None:
        return Text(node.inner)
    if not isinstance(node, (Scalar, Unknown)):
        return Text()
    text = woven(document.text, getattr(node, "written", None) or node)
    shown = _gaps(text.text) if text is not None else visible(node)
    if shown.strip(GAP + " \t\r\n") == "" or is_capitals(shown.strip()):
        return Text()
    try:
        root, _ = parse(shown)
    except SyntaxProblem as problem:
        if _is_filled_in(shown, problem.start):
            return Text()
        at = Span(problem.start, min(problem.start + 1, len(shown)))
        return Text(problem=problem.message, span=text.span(at) if text is not None else node.span)
    _move(root, text, node)
    return Text(root)


def _is_filled_in(text: str, at: int) -> bool:
    """May what is no JSON here be JSON once a template, a shell or CodePipeline has filled in the text?"""
    if any(mark in text for mark in ("{{", "{%", "<%")) or text[at : at + 1] in (
        GAP,
        "$",
        "#",
        "<",
        "%",
        "@",
    ):
        return True
    # Behind a gap that is no part of a string.
    return GAP in text[:at] and GAP in text[:at].rpartition('"')[2]


def _gaps(text: str) -> str:
    """`${____}`, the stand-in for a part that is not known, as a gap of that length."""
    at = text.find("${_")
    while at >= 0:
        end = text.find("}", at)
        if end < 0 or text[at + 2 : end].strip("_"):
            end = at
        else:
            text = text[:at] + GAP * (end + 1 - at) + text[end + 1 :]
        at = text.find("${_", end + 1)
    return text


def _move(root: Node, text: Woven | None, node: Node) -> None:
    stack = [root]
    while stack:
        at = stack.pop()
        span = text.span(Span(at.start, at.end)) if text is not None else node.span
        at.start, at.end = span.start, span.end
        if isinstance(at, Mapping):
            for key, value in at.pairs:
                stack += (key, value)
        elif isinstance(at, Sequence):
            stack += at.items


def inputs_of(action: Action) -> list[str] | None:
    """The names of all input artifacts; None if there may be others."""
    if not action.knows_inputs or any(artifact.name is None for artifact in action.inputs):
        return None
    return [artifact.name for artifact in action.inputs if artifact.name is not None]


def capital(text: str) -> str:
    """A text for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def meaning(kind: ActionType | None, name: str) -> str | None:
    """The key that an unknown one is meant to be."""
    if kind is None or name in kind.keys:
        return None
    return kind.mistaken.get(name) or closest(name, kind.keys)
