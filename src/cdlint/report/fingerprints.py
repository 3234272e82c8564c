"""Names for findings that survive edits elsewhere in the file."""

from __future__ import annotations

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import FileResult


def fingerprints(result: FileResult) -> list[str]:
    """A hash for each finding of a file: of path, rule, the text of its line, and its turn among equals."""
    seen: dict[str, int] = {}
    found = []
    for finding in result.findings:
        line = result.source.position(finding.span.start).line
        text = " ".join(result.source.line_text(line).split())
        key = "\0".join((result.path, finding.code, text))
        seen[key] = seen.get(key, 0) + 1
        data = f"{key}\0{seen[key]}".encode("utf-8", "replace")
        found.append(sha256(data).hexdigest()[:32])
    return found
