"""The rules about several files: run over a repository, their findings sorted to the files they stand in."""

from __future__ import annotations

from .engine import add_findings, internal, read_inline, recheck, run_rule, settle, subject_of
from .findings import FileResult
from .inline import inline_spec, moved
from .model.repository import Files, InlineMember, Member, Repository
from .rules import MODULES, PROJECT, of_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .config import Config
    from .findings import Finding
    from .model.codebuild_project import Project
    from .rules import Rule


#: What a finding about several files makes superfluous: the same fault, seen with one file only.
_SAYS = {
    "CD800": ("CD801",),
    "CD817": ("CD741",),
    "CD808": ("CD390", "CD394", "CD395"),
}


def follow_projects(
    repository: Repository,
    results: dict[str, FileResult],
    config_of: Callable[[str], Config | None],
    pedantic: bool,
) -> None:
    """Check buildspecs anew in the light of the projects that run them, and the projects in theirs."""
    runs: dict[str, list[tuple[Member, Project]]] = {}
    for owner, project in repository.projects():
        member = repository.spec_of(owner, project)
        if member is not None and member.spec is not None and not isinstance(member, InlineMember):
            project.spec = member.spec
            runs.setdefault(member.path, []).append((owner, project))
    for path, found in runs.items():
        result = results.get(path)
        # A buildspec of several projects must do for each of them: then nothing more is known of it.
        if result is not None and len({(owner.path, project.label) for owner, project in found}) == 1:
            again = recheck(result, found[0][1], config_of(result.path), pedantic)
            if again is not None:
                result.findings = again.findings
        for owner, project in found:
            own = results.get(owner.path)
            if own is not None:
                _check_project(own, owner, project, config_of(own.path), pedantic)


def _check_project(
    result: FileResult, owner: Member, project: Project, config: Config | None, pedantic: bool
) -> None:
    """Add what the rules about projects say only now that the buildspec is known."""
    said = {(found.code, found.span.start) for found in result.findings}
    more: list[Finding] = []
    for module in PROJECT:
        for rule in of_module(module, pedantic):
            if rule.reads == "Project":
                run_rule(rule, project, more)
    draft = owner.document.draft
    more = [found for found in more if (found.code, draft.span(found.span).start) not in said]
    add_findings(result, owner.document, more, config, pedantic)


def joined(
    repository: Repository,
    results: dict[str, FileResult],
    config_of: Callable[[str], Config | None],
    pedantic: bool,
) -> list[FileResult]:
    """Add what the joins of a repository say to `results` (by the members' paths); the results that are new."""
    repository.read_inline = inline_member
    follow_projects(repository, results, config_of, pedantic)
    found: dict[str, list[Finding]] = {}
    for module in MODULES["repository"]:
        for rule in of_module(module, pedantic):
            for member, finding, other in _run(rule, repository):
                if not (member.is_given or other.is_given):
                    continue
                finding.code = finding.code or rule.code
                finding.name = finding.name or rule.name
                finding.severity = finding.severity or rule.severity
                if isinstance(member, InlineMember):
                    (finding,) = settle(member.document, [finding])
                    finding, member = moved(finding, member.text), member.owner
                found.setdefault(member.path, []).append(finding)
    members = {member.path: member for member in repository.members}
    new: list[FileResult] = []
    for path, findings in found.items():
        member = members[path]
        result = results.get(path)
        if result is None:
            result = FileResult(member.document.source, member.kind, [])
            new.append(result)
        add_findings(result, member.document, findings, config_of(result.path), pedantic)
        result.findings = [found for found in result.findings if not _is_said(found, result.findings)]
    return [result for result in new if result.findings]


def inline_member(owner: Member, project: Project) -> InlineMember | None:
    """The buildspec that a project of a file has written out."""
    text = inline_spec(owner.document.text, project)
    if text is None:
        return None
    before = project.spec
    spec = read_inline(text.text, project)
    if before is not None:
        project.spec = before
    return InlineMember(owner, text, spec)


def _run(rule: Rule, repository: Repository) -> list[tuple[Member, Finding, Member]]:
    try:
        return list(rule.check(repository))
    except Exception as error:
        finding = internal(f"The rule {rule.code} ({rule.name})", error)
        one = next(member for member in repository.members if member.is_given)
        return [(one, finding, one)]


def _is_said(finding: Finding, findings: list[Finding]) -> bool:
    """Does another finding at this place say the same, and more surely?"""
    return any(
        finding.code in _SAYS.get(other.code, ())
        and other.span.start <= finding.span.end
        and finding.span.start <= other.span.end
        for other in findings
    )


def members_of(texts: Iterable[tuple[str, str, str, bool]], config: Config | None = None) -> list[Member]:
    """Members made of `(path in the repository, path to show, text, given)`; texts of no kind of ours are left out."""
    found: list[Member] = []
    for path, shown, text, is_given in texts:
        made = subject_of(text, shown, config)
        if made is not None:
            found.append(Member(path, made, is_given))
    return found


def check_files(texts: dict[str, str], pedantic: bool = True) -> dict[str, FileResult]:
    """Check some texts as the files of one repository, by their paths; for tests and documentation."""
    from .engine import check_text

    results = {path: check_text(text, path, pedantic=pedantic) for path, text in texts.items()}
    members = members_of((path, path, text, True) for path, text in texts.items())
    repository = Repository(members, Files(texts))
    for result in joined(repository, results, lambda _: None, pedantic):
        results[result.path] = result
    return results
