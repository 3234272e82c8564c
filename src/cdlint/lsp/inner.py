"""A buildspec inside of a template: which one stands at an offset, and its own offsets for those of the file."""

from __future__ import annotations

from typing import NamedTuple

from ..engine import read_text
from ..inline import inline_spec
from ..model.delivery import Delivery, delivery_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.codebuild_project import Project
    from ..model.woven import Woven
    from ..syntax.document import Document

#: The name of a buildspec that stands in another document.
NAME = "buildspec.yml (inside)"


class Inner(NamedTuple):
    """`document` is read from `text.text`; `offset` is the place in it that was asked for."""

    project: Project
    document: Document
    text: Woven
    offset: int


def is_inner(document: Document) -> bool:
    return document.source.path == NAME


def inner_texts(document: Document, delivery: Delivery) -> Iterator[tuple[Project, Woven]]:
    """The buildspecs that the projects of a document have written out."""
    for projects in delivery.projects:
        for project in projects:
            woven = inline_spec(document.text, project)
            if woven is not None:
                yield project, woven


def inner_at(document: Document, kind: str | None, offset: int) -> Inner | None:
    """The buildspec that stands at an offset of the user's text."""
    if kind not in ("template", "terraform"):
        return None
    for project, woven in inner_texts(document, delivery_of(document, kind)):
        places = woven.places
        if not places or document.draft.touched or not places[0] <= offset <= places[-1]:
            continue
        # The last character that does not stand behind the offset: places go up but in joined texts.
        at = max((number for number, place in enumerate(places) if place <= offset), default=0)
        return Inner(project, read_text(woven.text, NAME, "buildspec"), woven, at)
    return None
