"""Terraform's language (HCL) to a located tree."""

from __future__ import annotations

from .document import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source import Source
    from .document import Repair


def read_hcl(source: Source, repairs: Iterable[Repair] = ()) -> Document:
    """The document of a Terraform file."""
    document = Document(source)
    document.repairs += repairs
    return document
