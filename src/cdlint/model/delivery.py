"""The pipelines and build projects that a document declares, in whatever form."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.document import Document
    from .codebuild_project import Project
    from .pipeline import Pipeline
    from .template import Template


class Delivery:
    """What one document declares: for each pipeline and each project its variants (at least one).

    `template` is there for CloudFormation only.
    """

    __slots__ = ("pipelines", "projects", "template")

    def __init__(
        self,
        pipelines: list[list[Pipeline]],
        projects: list[list[Project]],
        template: Template | None = None,
    ) -> None:
        self.pipelines = pipelines
        self.projects = projects
        self.template = template


def delivery_of(document: Document, kind: str) -> Delivery:
    """Read a document of kind `pipeline`, `template` or `terraform`; an empty one for other kinds."""
    if kind == "pipeline":
        from .forms.api import pipelines

        return Delivery(pipelines(document), [])
    if kind == "template":
        from .forms import cloudformation
        from .template import Template

        template = Template(document)
        return Delivery(
            cloudformation.pipelines(document, template),
            cloudformation.projects(document, template),
            template,
        )
    if kind == "terraform":
        from .forms import terraform

        return Delivery(terraform.pipelines(document), terraform.projects(document))
    return Delivery([], [])
