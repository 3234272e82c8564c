"""Buildspecs that stand in a template: checked as a file of their own, told at their place in the template."""

from __future__ import annotations

from .findings import Fix
from .model.codebuild_project import Project, inline_text
from .model.woven import woven
from .syntax.tree import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .findings import Finding

    #: Runs the rules over a text; `(text, path, project)` to findings in offsets of that text.
    Run = Callable[[str, str, Project], list[Finding]]


def inline_findings(projects: list[list[Project]], path: str, run: Run) -> list[Finding]:
    """The findings of all inline buildspecs, in final places of the template's text."""
    found: list[Finding] = []
    for variants in projects:
        for project in variants:
            found += _of_project(project, path, run)
    return found


def _of_project(project: Project, path: str, run: Run) -> list[Finding]:
    node = project.buildspec
    if node is None or not inline_text(node) or project.document.draft.touched:
        return []
    written = node.written if isinstance(node, Unknown) else node
    text = woven(project.document.text, written)
    if text is None or not text.is_whole:
        return []
    findings = run(text.text, path, project)
    for finding in findings:
        finding.span = text.span(finding.span)
        if finding.fix is not None:
            edits = text.edits(finding.fix.edits)
            finding.fix = Fix(finding.fix.description, edits, safe=finding.fix.safe) if edits else None
        finding.final = True
    return findings
