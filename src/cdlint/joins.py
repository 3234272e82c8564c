"""The rules about several files: run over a repository, their findings sorted to the files they stand in."""

from __future__ import annotations

from .engine import add_findings, internal, subject_of
from .findings import FileResult
from .model.repository import Files, Member, Repository
from .rules import MODULES, of_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .config import Config
    from .findings import Finding
    from .rules import Rule


#: What a finding about several files makes superfluous: the same fault, seen with one file only.
_SAYS = {
    "CD800": ("CD801",),
    "CD808": ("CD390", "CD394", "CD395"),
}


def joined(
    repository: Repository,
    results: dict[str, FileResult],
    config_of: Callable[[str], Config | None],
    pedantic: bool,
) -> list[FileResult]:
    """Add what the joins of a repository say to `results` (by the members' paths); the results that are new."""
    found: dict[str, list[Finding]] = {}
    for module in MODULES["repository"]:
        for rule in of_module(module, pedantic):
            for member, finding, other in _run(rule, repository):
                if not (member.is_given or other.is_given):
                    continue
                finding.code = finding.code or rule.code
                finding.name = finding.name or rule.name
                finding.severity = finding.severity or rule.severity
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
            kind, document, spec = made
            found.append(Member(path, kind, document, is_given, spec))
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
