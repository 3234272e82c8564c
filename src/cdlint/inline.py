"""Buildspecs that stand in a template or a pipeline: checked as files of their own, told at their place in it."""

from __future__ import annotations

from .findings import Fix
from .model.codebuild_project import inline_text, runs_together
from .model.woven import BLANK, woven, woven_tree
from .syntax.tree import Composed, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .findings import Finding
    from .model.codebuild_project import Project
    from .model.delivery import Delivery
    from .model.woven import Woven
    from .syntax.tree import Node

    #: Runs the rules over a text; `(text, its project)` to findings in offsets of that text.
    Run = Callable[[str, Project | None], list[Finding]]


def inline_findings(delivery: Delivery, outer: str, run: Run) -> list[Finding]:
    """The findings of all inline buildspecs, in offsets of the text that they stand in (`outer`)."""
    found: list[Finding] = []
    done: dict[object, Project | None] = {}
    for node, project in _nodes(delivery):
        text = _text_of(outer, node, project)
        if text is None:
            continue
        mark = (text.text, text.places[0], _setting(project))
        if mark in done:
            # The same buildspec under another outcome of the template's conditions.
            before = done[mark]
            if project is not None and before is not None:
                project.spec = before.spec
            continue
        done[mark] = project
        findings = run(text.text, project)
        if not _is_cut(text.text, findings):
            found += [moved(finding, text) for finding in findings]
    return found


def inline_spec(outer: str, project: Project) -> Woven | None:
    """The buildspec that a project has written out, if all of its lines are known."""
    text = _text_of(outer, project.buildspec, project)
    return text if text is not None and not _has_unknown_lines(text.text) else None


def _text_of(outer: str, node: Node | None, project: Project | None) -> Woven | None:
    if node is None or not inline_text(node):
        return None
    text = _woven(outer, node, project.choice if project is not None else None)
    return text if text is not None and not runs_together(text.text) else None


def _nodes(delivery: Delivery) -> Iterator[tuple[Node, Project | None]]:
    """Every buildspec that is given by its text, a path or an ARN, and the project that has it."""
    for projects in delivery.projects:
        for project in projects:
            if project.buildspec is not None:
                yield project.buildspec, project
    for pipelines in delivery.pipelines:
        for pipeline in pipelines:
            for action in pipeline.actions():
                node = action.get("BuildspecOverride") if action.is_a("CodeBuild") else None
                if node is not None:
                    yield node, None


def _woven(outer: str, node: Node, choice: dict[str, bool] | None) -> Woven | None:
    if isinstance(node, Unknown) and node.inner is not None:
        return woven_tree(outer, node.inner)
    written = node.written if isinstance(node, (Unknown, Composed)) else None
    return woven(outer, written or node, choice)


def _setting(project: Project | None) -> object:
    """What the rules ask of a project."""
    if project is None:
        return None
    variables = project.variables
    names = None if variables is None else tuple(getattr(name, "value", "") for name, _ in variables)
    return project.image, project.environment_type, project.privileged, names


def _is_cut(text: str, findings: list[Finding]) -> bool:
    """Is it no YAML because a reference stands for whole lines of it, which nobody knows?"""
    if not any(finding.severity == "error" and _is_of_syntax(finding.code) for finding in findings):
        return False
    if text.lstrip().startswith("{") and "${" + BLANK in text:
        return True  # JSON, in which a reference may stand for anything
    return _has_unknown_lines(text)


def _has_unknown_lines(text: str) -> bool:
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("${" + BLANK) and bare.endswith("}") and not bare[2:-1].strip(BLANK):
            return True
    return False


def _is_of_syntax(code: str) -> bool:
    """Does the rule tell that the text is no YAML? (CD020 to CD029 are about the characters of words.)"""
    return code < "CD020" or "CD030" <= code < "CD040"


def moved(finding: Finding, text: Woven) -> Finding:
    """A finding about the inner text, in offsets of the outer one."""
    place = finding.span
    finding.span = text.span(place)
    finding.message, finding.help = text.told(finding.message, place), text.told(finding.help, place)
    if finding.fix is not None:
        edits = text.edits(finding.fix.edits)
        description = text.told(finding.fix.description, place)
        finding.fix = Fix(description, edits, safe=finding.fix.safe) if edits else None
    finding.final = False
    return finding
