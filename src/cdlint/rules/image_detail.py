"""CD710–CD714: imageDetail.json, which the blue/green ECS deploy action reads."""

from __future__ import annotations

import os

from ..findings import Edit, Finding, Fix, Severity
from ..model.values import entries, known
from ..source import Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from . import rule
from .deploy_findings import is_blank, is_placeholder, opening, rename, reported, start_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIASES = frozenset(("imageuri", "image", "uri", "imageurl", "image_uri", "image-uri", "repositoryuri"))


def _is_definition(node: Node | None) -> bool:
    """An entry of imagedefinitions.json."""
    return (
        isinstance(node, Mapping)
        and "name" in node
        and any(key.value.lower() in _ALIASES for key, _ in entries(node))
    )


def _is_definitions(root: Node | None) -> bool:
    return _is_definition(root) or (
        isinstance(root, Sequence) and bool(root.items) and _is_definition(root.items[0])
    )


@rule("CD710", "image-detail-key", Severity.ERROR)
def image_detail_key(document: Document) -> Iterator[Finding]:
    """`ImageURI` is missing, or written in other letters.

    The key is `ImageURI`. With `imageUri`, which is the key of imagedefinitions.json, the action finds no image
    and stops with `Exception while trying to read the image artifact file from the artifact`.

    Bad:
      > {"imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    Good:
        {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    """
    root = document.root
    if _is_definitions(root):
        return
    for violation in reported(document, "image-detail-key"):
        found = violation.finding()
        for key, value in entries(root):
            if key.value.lower() in _ALIASES and isinstance(value, Scalar):
                found.span = key.span
                found.message = (
                    f"`{key.value}` is not the key that the blue/green deploy action reads: it finds no "
                    "image."
                )
                found.help = "Write `ImageURI`, in just these letters."
                found.fix = rename(key, "ImageURI")
        yield found


@rule("CD711", "image-detail-not-an-object", Severity.ERROR)
def image_detail_not_an_object(document: Document) -> Iterator[Finding]:
    """imageDetail.json is not one JSON object.

    The blue/green deploy action reads `{"ImageURI": "…"}`, for one image. For several images there are several
    input artifacts, each with its own imageDetail.json.

    Bad:
      > ["111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"]
    Good:
        {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    """
    root = document.root
    if _is_definitions(root):
        return
    if is_blank(document):
        yield Finding(
            Span(0, 0),
            "The file is empty: the blue/green deploy action finds no image in it.",
            help='Write `{"ImageURI": "IMAGE"}`.',
        )
    for violation in reported(document, "image-detail-not-an-object"):
        found = violation.finding()
        if root is not None:
            found.span = opening(document, root)
        first = root.items[0] if isinstance(root, Sequence) and len(root.items) == 1 else None
        if isinstance(root, Sequence) and isinstance(first, Mapping) and root.flow:
            edits = [Edit(root.start, first.start, ""), Edit(first.end, root.end, "")]
            found.fix = Fix("Take the brackets away", edits)
        yield found


@rule("CD712", "image-definitions-in-image-detail", Severity.ERROR)
def image_definitions_in_image_detail(document: Document) -> Iterator[Finding]:
    """The file holds what belongs into imagedefinitions.json.

    `CodeDeployToECS` reads one object with `ImageURI` and stops at anything else with `Exception while trying to
    read the image artifact file from the artifact`. The list of `name` and `imageUri` is for the ECS deploy action.

    Bad:
      > [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    Good:
        {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    """
    root = document.root
    if root is None or not _is_definitions(root):
        return
    entry = root.items[0] if isinstance(root, Sequence) else root
    images = [value for key, value in entries(entry) if key.value.lower() in _ALIASES]
    written = document.text[images[0].start : images[0].end]
    alone = isinstance(root, Mapping) or (isinstance(root, Sequence) and len(root.items) == 1)
    fix = None
    if alone and isinstance(images[0], Scalar) and images[0].style == '"':
        fix = Fix("Write `ImageURI`", [Edit(root.start, root.end, '{"ImageURI": ' + written + "}")])
    yield Finding(
        opening(document, root),
        "This is the content of imagedefinitions.json: the blue/green deploy action stops with `Exception while trying "
        "to read the image artifact file from the artifact`.",
        help='Write `{"ImageURI": "IMAGE"}`, or name the file imagedefinitions.json if the ECS deploy action reads it.',
        fix=fix,
    )


@rule("CD713", "image-detail-file-name", Severity.WARNING)
def image_detail_file_name(document: Document) -> Iterator[Finding]:
    """The file is named almost, but not quite, imageDetail.json.

    The name is fixed, with a capital D, and no setting of the action changes it.

    Bad (path: imagedetail.json):
      > {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    Good (path: imageDetail.json):
        {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    """
    name = os.path.basename(document.source.path)
    stem = name.lower().replace("-", "").replace("_", "").replace("details", "detail")
    if name != "imageDetail.json" and stem in ("imagedetail.json", "imagedetail"):
        yield Finding(
            start_of(document),
            "The blue/green deploy action looks for imageDetail.json, in just these letters, and "
            f"does not find `{name}`.",
            help="Rename the file to imageDetail.json.",
            severity=Severity.ERROR if name.lower() == "imagedetail.json" else None,
        )


@rule("CD714", "image-detail-value", Severity.ERROR)
def image_detail_value(document: Document) -> Iterator[Finding]:
    """The value of `ImageURI` cannot be an image.

    It is `registry/repository:tag` or `registry/repository@digest`, without a protocol, blanks or line breaks.

    Bad:
      > {"ImageURI": "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    Good:
        {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    """
    from .image_definitions import image_fault

    for violation in reported(document, "image-detail-value"):
        found = violation.finding()
        if violation.path != ("ImageURI",):
            found.severity = Severity.WARNING
        yield found
    root = document.root
    node = root.get("ImageURI") if isinstance(root, Mapping) else None
    text = known(node)
    if node is not None and text and not is_placeholder(text):
        fault = image_fault(text)
        if fault is not None:
            yield Finding(node.span, fault[0], help=fault[1])
