"""Findings from repairs: what had to be mended before a file could be read as meant."""

from __future__ import annotations

from ..findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..syntax.document import Document


def repaired(
    document: Document,
    kind: str,
    message: str,
    help: str = "",
    *,
    severity: SeverityName | None = None,
) -> Iterator[Finding]:
    """A finding for every repair of a kind; `{word}` in the texts stands for the repair's details."""
    for repair in document.repairs:
        if repair.kind == kind:
            yield Finding(
                repair.span,
                _filled(message, repair.detail),
                help=_filled(help, repair.detail),
                fix=repair.fix,
                severity=severity,
                final=True,
            )


def _filled(text: str, detail: dict[str, str]) -> str:
    for word, value in detail.items():
        text = text.replace("{" + word + "}", value)
    return text
