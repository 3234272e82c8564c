"""CD765, CD767: what is left in the values of deploy files: placeholders, characters of word processors."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.values import walk
from ..source import Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CURLY = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_BLANKS = {
    "\u00a0": "no-break space",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u2060": "word joiner",
    "\ufeff": "byte order mark",
    "\u202f": "narrow no-break space",
    "\u00ad": "soft hyphen",
}
#: Keys whose values are names, paths or images, in which none of these characters is meant.
_NAMES = frozenset(
    "source destination location runas object owner group os version name imageUri ImageURI image family "
    "TaskDefinition ContainerName Type Alias CurrentVersion TargetVersion file_exists_behavior".split()
)


@rule("CD765", "placeholder-left", Severity.INFO)
def placeholder_left(document: Document) -> Iterator[Finding]:
    """A placeholder stands where AWS expects a value.

    `<IMAGE1_NAME>` is filled in by the blue/green action, and only in taskdef.json. Other placeholders must be filled
    in by the build; if the file of the repository is shipped as it is, the deployment fails.

    Bad (kind: image-definitions):
      > [{"name": "web", "imageUri": "<IMAGE1_NAME>"}]
    Good (kind: image-definitions):
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    for key, value in _values(document):
        text = value.value
        if key not in ("name", "imageUri", "ImageURI") or not text:
            continue
        angle = text.startswith("<") and text.endswith(">")
        if angle or "$" in text or "{{" in text or _is_capital_placeholder(text):
            yield Finding(
                value.span,
                f"`{_short(text)}` is a placeholder: the deploy action takes the text as it stands here.",
                help="Let the build write the value, or put it in here.",
                severity=Severity.WARNING if angle else None,
            )


def _is_capital_placeholder(text: str) -> bool:
    return text.startswith(("YOUR_", "YOUR-", "REPLACE", "CHANGE_ME", "CHANGEME", "TODO")) or text in (
        "IMAGE_URI",
        "IMAGE_URL",
        "REPOSITORY_URI",
        "image_URI",
        "image-uri",
        "container_name",
        "CONTAINER_NAME",
    )


def _short(text: str) -> str:
    return text if len(text) <= 50 else text[:49] + "\u2026"


@rule("CD767", "typographic-value", Severity.ERROR)
def typographic_value(document: Document) -> Iterator[Finding]:
    """A name or path has curly quotes, a long dash or an invisible character in it.

    They come with text copied from web pages and word processors. To AWS they are letters of the name, and there is no
    such file, user or image.

    Bad (kind: appspec):
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
      >     - location: \u201cscripts/restart.sh\u201d
    Good (kind: appspec):
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: "scripts/restart.sh"
    """
    if document.text.isascii():
        return
    for key, value in _values(document):
        text = value.value
        if key not in _NAMES or text.isascii():
            continue
        if text[0] in _CURLY and text[-1] in _CURLY and len(text) > 1:
            yield _curly(value)
            continue
        at = next((n for n, char in enumerate(text) if char in _BLANKS or char in _DASHES), None)
        if at is not None:
            yield _odd(document, value, at)


def _curly(value: Scalar) -> Finding:
    text, fix = value.value, None
    if not value.style and value.end - value.start == len(text) and '"' not in text:
        edits = [Edit(value.start, value.start + 1, '"'), Edit(value.end - 1, value.end, '"')]
        fix = Fix("Write straight quotes", edits)
    return Finding(
        Span(value.start, value.end),
        f"`{text[0]}` and `{text[-1]}` are no quotes but letters: the value is `{_short(text)}`, marks included.",
        help='Write straight quotes: "\u2026".',
        fix=fix,
    )


def _odd(document: Document, value: Scalar, at: int) -> Finding:
    from ..syntax.scalars import places

    char = value.value[at]
    start = places(document.text, value)[at]
    span = Span(start, start + 1)
    if char in _BLANKS:
        return Finding(
            span,
            f"An invisible character ({_BLANKS[char]}, U+{ord(char):04X}) stands in this value: AWS "
            "takes it for part of it.",
            help="Delete it, or write an ordinary blank if one belongs there.",
        )
    return Finding(
        span,
        f"`{char}` is not a hyphen: files, users and images are hardly ever named with it.",
        help="Write `-`.",
        fix=Fix("Write `-`", [Edit(span.start, span.end, "-")], safe=False),
        severity=Severity.WARNING,
    )


def _values(document: Document) -> Iterator[tuple[str, Scalar]]:
    """`(key, value)` of all texts below a key."""
    root: Node | None = document.root
    for node in walk(root):
        if isinstance(node, Mapping):
            for name, _, value in node.items():
                if isinstance(value, Scalar):
                    yield name, value
