"""From a text to its findings: reading, recognising, mending, checking, suppressing, ordering."""

from __future__ import annotations

import os

from .findings import FileResult, Finding, Fix, Severity, masked
from .source import Source, Span
from .syntax.document import Document
from .syntax.reading import Guide, decode, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .config import Config
    from .inline import Run
    from .model.buildspec import Buildspec
    from .model.codebuild_project import Project
    from .model.delivery import Delivery
    from .model.repository import Subject
    from .rules import Rule
    from .syntax.document import Repair


#: The rules whose findings stand on a credential itself.
_SECRETS = frozenset(("CD401", "CD402", "CD404", "CD405", "CD635", "CD636", "CD638", "CD661"))
#: The deploy files that are written in YAML.
_DEPLOY_YAML = ("appspec", "deploy-spec")


def check_text(
    text: str,
    path: str = "buildspec.yml",
    *,
    kind: str | None = None,
    config: Config | None = None,
    image: str | None = None,
    pedantic: bool = True,
) -> FileResult:
    """Check a text. Without `pedantic` findings of level info are left out.

    A text that is none of ours gives a result without findings whose `kind` is None.
    """
    document = _read(Source(path, text), [], kind)
    return _check(document, kind, config, image, pedantic) or FileResult(document.source, None, [])


def check_bytes(
    data: bytes,
    path: str,
    *,
    kind: str | None = None,
    config: Config | None = None,
    image: str | None = None,
    pedantic: bool = True,
) -> FileResult | None:
    """Check the content of a file; None if it is none of ours."""
    text, repairs = decode(data)
    document = _read(Source(path, text), repairs, kind)
    return _check(document, kind, config, image, pedantic)


def buildspec_of(text: str, path: str, config: Config | None = None) -> Buildspec:
    """A text that is known to be a buildspec, as the rules read it."""
    document = read(Source(path, text), guide=_guide)
    return _buildspec(document, config.image if config else None, config.shell if config else None)


def read_text(text: str, path: str, kind: str) -> Document:
    """The document of a text of a known kind, mended where it cannot be read as it stands. Never raises."""
    return _read(Source(path, text), [], kind)


def join(result: FileResult, spec: Buildspec, more: list[Finding], config: Config) -> None:
    """Take another tool's findings, in the offsets of `spec`'s document, among those of a file.

    They are suppressed, selected and levelled as our own are; those that say what ours say are left out.
    """
    add_findings(result, spec.document, more, config)
    result.findings = _once(result.findings)


def subject_of(text: str, path: str, config: Config | None = None) -> Subject | None:
    """What rules that read several files want of a text; None if it is none of ours."""
    document = _read(Source(path, text), [], None)
    from .kinds import kind_of

    kind = kind_of(path, text, document.root, True)
    if kind is None:
        return None
    if kind != "buildspec":
        return kind, document, None, None
    image, shell = (config.image, config.shell) if config is not None else (None, None)
    return kind, document, _buildspec(document, image, shell), None


def recheck(
    result: FileResult, project: Project, config: Config | None, pedantic: bool = True
) -> FileResult | None:
    """A buildspec's result anew, now that the project that runs it is known: its image, its variables."""
    document = _read(Source(result.path, result.source.text), [], "buildspec")
    image = config.image if config is not None and config.image else project.image
    return _check(document, "buildspec", config, image, pedantic, project)


def add_findings(
    result: FileResult, document: Document, more: list[Finding], config: Config | None, pedantic: bool = True
) -> None:
    """Take findings, in the offsets of `document`, among those of a file, suppressed and levelled as all are."""
    found = settle(document, more)
    if "cdlint:" in result.source.text and not document.json:
        from .suppression import apply

        found, _ = apply(result.source, found)
    result.findings = result.findings + _choose(found, result.path, config, pedantic)
    result.findings.sort(key=lambda finding: (finding.span.start, finding.span.end, finding.code))


def _read(source: Source, repairs: list[Repair], kind: str | None) -> Document:
    """The document of a text; what is known of buildspecs helps only with those."""
    path = source.path
    if kind == "terraform" or (kind is None and path.endswith(".tf")):
        from .syntax.hcl import read_hcl

        return read_hcl(source, repairs)
    if kind is None:
        from .kinds import is_delivery

        foreign = is_delivery(path, source.text)
    else:
        foreign = kind != "buildspec"
    guide: Callable[[], Guide] | None = _guide
    if foreign:
        name = os.path.basename(path).lower()
        yaml = kind in _DEPLOY_YAML or (kind is None and "appspec" in name)
        guide = _deploy_guide if yaml and not name.endswith(".json") else None
    return read(source, repairs, guide)


def _deploy_guide() -> Guide:
    from .model.deploy_files import FAMILIES
    from .schema import load_schema, validate

    schema = load_schema("appspec")
    return Guide(FAMILIES, lambda root: len(validate(root, schema)))


def _guide() -> Guide:
    from .model.buildspec import FAMILIES
    from .schema import load_schema, validate

    schema = load_schema("buildspec")
    return Guide(FAMILIES, lambda root: len(validate(root, schema)))


def _check(
    document: Document,
    kind: str | None,
    config: Config | None,
    image: str | None,
    pedantic: bool,
    project: Project | None = None,
) -> FileResult | None:
    source = document.source
    if kind is None:
        from .kinds import kind_of

        kind = kind_of(source.path, source.text, document.root, True)
        if kind is None:
            return None
    if config is not None:
        image = image or config.image
    shell = config.shell if config is not None else None
    findings, parts = _run_rules(document, kind, image, shell, pedantic, project)
    findings = settle(document, findings)
    secrets = _hide_secrets(source.text, findings)
    if "cdlint:" in source.text and not document.json:
        from .suppression import apply

        findings, notes = apply(source, findings)
        findings += notes
    findings = _choose(findings, source.path, config, pedantic)
    findings.sort(key=lambda found: (found.span.start, found.span.end, found.code))
    result = FileResult(source, kind, findings)
    result.secrets = secrets
    result.subject = (kind, document, *parts)
    return result


def _run_rules(
    document: Document,
    kind: str,
    image: str | None,
    shell: str | None,
    advice: bool,
    project: Project | None = None,
) -> tuple[list[Finding], tuple[Buildspec | None, Delivery | None]]:
    """All findings, in the offsets of the private copy (or final ones), and what was made of the document."""
    spec: Buildspec | None = None
    delivery: Delivery | None = None
    found: list[Finding] = []
    subjects: dict[str, list[object]] = {"Document": [document]}
    try:
        if kind == "buildspec":
            spec = _buildspec(document, image, shell)
            spec.project = project
            subjects["Buildspec"] = [spec]
        elif kind in ("pipeline", "template", "terraform"):

            def run(text: str, project: Project | None) -> list[Finding]:
                own = project.image if project is not None else image
                return _run_inline(document, text, project, own, shell, advice)

            delivery = _add_delivery(document, kind, subjects, found, run)
        elif document.root is not None:
            from .model.deploy_files import SCHEMAS
            from .schema import load_schema, validate

            document.violations = validate(document.root, load_schema(SCHEMAS[kind]))
    except Exception as error:
        found.append(internal(f"The reading of the {kind}", error))
    _run_modules(document, kind, subjects, image, advice, found)
    return found, (spec, delivery)


def _run_modules(
    document: Document,
    kind: str,
    subjects: dict[str, list[object]],
    image: str | None,
    advice: bool,
    found: list[Finding],
) -> None:
    from .rules import MODULES, is_idle, of_module

    for module in (*MODULES["document"], *MODULES[kind]):
        if is_idle(module, document, image):
            continue
        start = len(found)
        for rule in of_module(module, advice):
            for subject in subjects.get(rule.reads, ()):
                run_rule(rule, subject, found)
        if kind != "buildspec" and module in MODULES["document"] and len(found) > start:
            from .readers import addressed

            for finding in found[start:]:
                addressed(finding, kind)


def run_rule(rule: Rule, subject: object, found: list[Finding]) -> None:
    try:
        for finding in rule.check(subject):
            finding.code = finding.code or rule.code
            finding.name = finding.name or rule.name
            finding.severity = finding.severity or rule.severity
            found.append(finding)
    except Exception as error:
        # A rule that fails says so instead of ending the run.
        found.append(internal(f"The rule {rule.code} ({rule.name})", error))


def _add_delivery(
    document: Document, kind: str, subjects: dict[str, list[object]], found: list[Finding], run: Run
) -> Delivery:
    """The pipelines and projects of a document, and what its inline buildspecs have for findings."""
    from .model.delivery import delivery_of

    delivery = delivery_of(document, kind)
    pipelines = [variant for variants in delivery.pipelines for variant in variants]
    if pipelines:
        from .pipeline_shape import shape

        for pipeline in pipelines:
            shape(pipeline)
    subjects["Pipeline"] = [*pipelines]
    subjects["Project"] = [variant for variants in delivery.projects for variant in variants]
    if delivery.template is not None:
        subjects["Template"] = [delivery.template]
    if delivery.projects or "BuildspecOverride" in document.text:
        from .inline import inline_findings

        found += inline_findings(delivery, document.text, run)
    return delivery


def _run_inline(
    outer: Document, text: str, project: Project | None, image: str | None, shell: str | None, advice: bool
) -> list[Finding]:
    """The findings of a buildspec that stands in another document, in offsets of its own text."""
    spec = read_inline(text, project, image, shell)
    document = spec.document
    found: list[Finding] = []
    _run_modules(document, "buildspec", {"Document": [document], "Buildspec": [spec]}, image, advice, found)
    found = settle(document, found)
    if outer.json and "cdlint:" in text:
        # Comments that the outer text cannot have; everywhere else its lines are looked at as a whole.
        from .suppression import apply

        found, notes = apply(document.source, found)
        found += notes
    return found


def read_inline(
    text: str, project: Project | None, image: str | None = None, shell: str | None = None
) -> Buildspec:
    """A buildspec that stands in another document."""
    spec = _buildspec(read(Source("buildspec.yml", text), guide=_guide), image, shell)
    spec.project = project
    if project is not None:
        project.spec = spec
    return spec


def _buildspec(document: Document, image: str | None, shell: str | None) -> Buildspec:
    from .model.buildspec import Buildspec
    from .model.mending import mend
    from .schema import load_schema, validate

    mend(document)
    if document.root is not None:
        document.violations = validate(document.root, load_schema("buildspec"))
        if document.violations:
            from .model.reshaping import read_as_meant

            read_as_meant(document)
    return Buildspec(document, image, shell)


def internal(what: str, error: Exception) -> Finding:
    """A fault of our own, told as a finding so that the rest of the run goes on."""
    if "CDLINT_DEBUG" in os.environ:
        raise error
    return Finding(
        Span(0, 0),
        f"{what} failed on this file: {type(error).__name__}. This is a fault of cdlint.",
        help="Please report it, with the file if you may share it.",
        severity=Severity.WARNING,
        code="CD000",
        name="internal-error",
    )


def settle(document: Document, findings: Iterable[Finding]) -> list[Finding]:
    """Findings with places and edits of the user's file, each code once at a place."""
    draft = document.draft
    seen: set[tuple[str, int, int]] = set()
    settled: list[Finding] = []
    for finding in findings:
        if not finding.final:
            finding.span = draft.span(finding.span)
            if finding.fix is not None:
                edits = draft.edits(finding.fix.edits)
                finding.fix = Fix(finding.fix.description, edits, safe=finding.fix.safe) if edits else None
            finding.final = True
        mark = (finding.code, finding.span.start, finding.span.end)
        if mark not in seen:
            seen.add(mark)
            settled.append(finding)
    return settled


def _once(findings: list[Finding]) -> list[Finding]:
    """Without what shellcheck says where a rule of ours says the same."""
    from .shellcheck import same

    kept = []
    for finding in findings:
        ours = same(finding.code) if finding.code.startswith("SC") else ()
        if not any(
            other.code.startswith(ours)
            and other.span.start <= finding.span.end
            and finding.span.start <= other.span.end
            for other in findings
            if ours
        ):
            kept.append(finding)
    return kept


def _hide_secrets(text: str, findings: list[Finding]) -> list[tuple[int, int]]:
    """Where the text has credentials; no finding tells them afterwards.

    This stands before suppression: what is no finding for the user may still be no text for a log.
    """
    places = sorted({(found.span.start, found.span.end) for found in findings if found.code in _SECRETS})
    for start, end in places:
        secret = text[start:end]
        if len(secret) < 6:
            continue
        for found in findings:
            if secret in found.message or secret in found.help:
                found.message = found.message.replace(secret, masked(secret))
                found.help = found.help.replace(secret, masked(secret))
            if found.fix is not None and secret in found.fix.description:
                found.fix.description = found.fix.description.replace(secret, masked(secret))
    return places


def _choose(findings: list[Finding], path: str, config: Config | None, pedantic: bool) -> list[Finding]:
    """The findings that the configuration asks for, at the level it gives them."""
    chosen: list[Finding] = []
    for finding in findings:
        if config is not None:
            if not config.wants(finding.code, finding.name, path):
                continue
            finding.severity = config.severity_of(finding.code, finding.name, finding.severity)
        if finding.severity != Severity.INFO or pedantic:
            chosen.append(finding)
    return chosen
