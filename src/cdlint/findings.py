"""What a rule says about a text: findings, and the edits that would mend it."""

from __future__ import annotations

from .source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final, Literal, TypeAlias

    from .model.repository import Subject

    SeverityName: TypeAlias = Literal["error", "warning", "info"]


class Severity:
    """How bad it is.

    `ERROR`: AWS refuses it, or the build or deployment fails or ships the wrong thing.
    `WARNING`: wrong in most readings, or silently dangerous. `INFO`: advice, with `--pedantic`.
    """

    ERROR: Final[SeverityName] = "error"
    WARNING: Final[SeverityName] = "warning"
    INFO: Final[SeverityName] = "info"
    ALL: Final[tuple[SeverityName, ...]] = ("error", "warning", "info")

    @staticmethod
    def rank(severity: str) -> int:
        """0 for error, 1 for warning, 2 for info."""
        return 0 if severity == "error" else 1 if severity == "warning" else 2


class Edit:
    """Replace the characters `start`..`end` (0-based, end excluded) by `replacement`."""

    __slots__ = ("end", "replacement", "start")

    def __init__(self, start: int, end: int, replacement: str) -> None:
        self.start = start
        self.end = end
        self.replacement = replacement

    def __repr__(self) -> str:
        return f"Edit({self.start}, {self.end}, {self.replacement!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Edit):
            return NotImplemented
        return (self.start, self.end, self.replacement) == (
            other.start,
            other.end,
            other.replacement,
        )

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.replacement))


class Fix:
    """Edits that belong together. A safe fix keeps the meaning, or the file was dead anyway."""

    __slots__ = ("description", "edits", "safe")

    def __init__(self, description: str, edits: Iterable[Edit], *, safe: bool = True) -> None:
        self.description = description
        self.edits = sorted(edits, key=lambda edit: (edit.start, edit.end))
        self.safe = safe

    def __repr__(self) -> str:
        return f"Fix({self.description!r}, {self.edits!r}, safe={self.safe})"


class Finding:
    """One fault at one place.

    Rules give `span` and edits in the offsets of the text that they read; the engine stamps
    `code`, `name` and `severity` (unless the rule chose a severity itself) and turns offsets into
    those of the user's file (`final` says that they are those already). `message` says what is wrong
    and what AWS will do; `help` says what to write instead.
    """

    __slots__ = ("code", "final", "fix", "help", "message", "name", "severity", "span")

    def __init__(
        self,
        span: Span,
        message: str,
        *,
        help: str = "",
        fix: Fix | None = None,
        severity: SeverityName | None = None,
        code: str = "",
        name: str = "",
        final: bool = False,
    ) -> None:
        self.final = final
        self.code = code
        self.name = name
        self.severity: SeverityName = severity or "error"
        if severity is None:
            self.severity = ""  # type: ignore[assignment]  # the engine fills in the rule's own
        self.message = message
        self.span = span
        self.fix = fix
        self.help = help

    def __repr__(self) -> str:
        return f"Finding({self.code} {self.name} {self.severity} {self.span!r} {self.message!r})"


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made.

    Raises `ValueError` if two edits overlap or one lies outside the text.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < at or edit.end < edit.start or edit.end > len(text):
            raise ValueError(f"overlapping or misplaced edit {edit!r}")
        parts.append(text[at : edit.start])
        parts.append(edit.replacement)
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


class FileResult:
    """What a check said about one file.

    `findings` are ordered by place; their spans and edits are offsets into `source.text`.
    `kind` is the kind of document that was recognised (`buildspec`), or None. `secrets` are the places of
    credentials in the text, which no report may show. `subject` is what the rules read, for those about several
    files; None where the text was read elsewhere.
    """

    __slots__ = ("_shown", "findings", "kind", "secrets", "source", "subject")

    def __init__(self, source: Source, kind: str | None, findings: list[Finding]) -> None:
        self.source = source
        self.kind = kind
        self.subject: Subject | None = None
        self.findings = findings
        self.secrets: list[tuple[int, int]] = []
        self._shown: Source | None = None

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def shown(self) -> Source:
        """The text for people to read: as long as the file's, with `*` for credentials."""
        if self._shown is None:
            text = self.source.text
            for start, end in self.secrets:
                text = text[:start] + masked(text[start:end]) + text[end:]
            self._shown = Source(self.source.path, text) if self.secrets else self.source
        return self._shown

    def fix_to_tell(self, finding: Finding) -> Fix | None:
        """The fix of a finding, unless its text would tell a credential."""
        fix = finding.fix
        if fix is None or not self.secrets:
            return fix
        hidden = [self.source.text[start:end] for start, end in self.secrets]
        told = any(secret and secret in edit.replacement for secret in hidden for edit in fix.edits)
        return None if told else fix


def masked(secret: str) -> str:
    """As many characters, of which only a few at the beginning are those of the secret."""
    known = min(4, len(secret) // 5)
    return secret[:known] + "".join(
        "*" if char.isprintable() and char != " " else char for char in secret[known:]
    )


class Summary:
    """Counts over all files of a run; `fixable` counts findings with a safe fix."""

    __slots__ = ("errors", "files", "fixable", "infos", "warnings")

    def __init__(self, results: Iterable[FileResult]) -> None:
        self.files = self.errors = self.warnings = self.infos = self.fixable = 0
        for result in results:
            self.files += 1
            for finding in result.findings:
                if finding.severity == "error":
                    self.errors += 1
                elif finding.severity == "warning":
                    self.warnings += 1
                else:
                    self.infos += 1
                if finding.fix is not None and finding.fix.safe:
                    self.fixable += 1
