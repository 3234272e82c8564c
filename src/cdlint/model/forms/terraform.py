"""Pipelines and build projects of a Terraform configuration, put into the API's shape."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...syntax.document import Document
    from ..codebuild_project import Project
    from ..pipeline import Pipeline


def pipelines(_document: Document) -> list[list[Pipeline]]:
    return []


def projects(_document: Document) -> list[list[Project]]:
    return []
