"""What a finding is recognised by in the next run, though lines may have come before it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import FileResult, Finding

#: Of a longer line only this many characters count.
_ENOUGH = 500


def fingerprinted(result: FileResult, *context: str) -> Iterator[tuple[Finding, str]]:
    """The findings of a file, each with its fingerprint.

    That is a hash of the code, of the line's content, of how many like it came before in the
    file, and of the `context`, such as the path.
    """
    from hashlib import sha256

    source = result.source
    seen: dict[tuple[str, str], int] = {}
    for finding in result.findings:
        line = source.position(finding.span.start).line
        first = source.line_starts[line - 1]
        content = source.text[first : first + _ENOUGH].split("\n", 1)[0].split("\r", 1)[0]
        like = (finding.code, content.strip())
        count = seen[like] = seen.get(like, 0) + 1
        parts = (*context, *like, str(count))
        data = "\0".join(parts).encode("utf-8", "surrogatepass")
        yield finding, sha256(data).hexdigest()[:32]
