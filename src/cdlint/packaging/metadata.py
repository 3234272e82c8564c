"""The metadata of the object: what CodePipeline shows of a revision, and what cdlint compares."""

from __future__ import annotations

import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: The summary that CodePipeline shows. Source: CodePipeline's user guide, Amazon S3 source action.
SUMMARY = "codepipeline-artifact-revision-summary"
CONTENT = "cdlint-content-sha256"
#: All names and values together, in bytes. Source: S3's user guide, object metadata.
_ROOM = 2048
_PLAIN = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
    "\u00df": "ss",
    "\u00e6": "ae",
    "\u00f8": "o",
    "\u0142": "l",
    "\u20ac": "EUR",
}


def folded(text: str) -> str:
    """A text as one line of printable ASCII: letters lose their marks, what has no counterpart becomes `?`."""
    found = []
    for char in text:
        plain = _PLAIN.get(char) or char
        if not plain.isascii():
            plain = "".join(part for part in unicodedata.normalize("NFKD", plain) if part.isascii()) or "?"
        found.append(plain)
    line = "".join(char if char.isprintable() else " " for char in "".join(found))
    return " ".join(line.split())


def metadata(
    *, subject: str, commit: str | None, branch: str | None, digest: str, content: str, compressor: str
) -> dict[str, str]:
    """The object's own metadata, at most 2 KB of it. `digest` is the zip's SHA-256, `content` that of its content."""
    made = {CONTENT: content, "cdlint-sha256": digest, "cdlint-compressor": folded(compressor)[:100]}
    if commit:
        made["cdlint-commit"] = commit
    if branch and (name := folded(branch)[:200]):
        made["cdlint-branch"] = name
    origin = " ".join(
        part for part in (commit[:12] if commit else "", f"({branch})" if branch else "") if part
    )
    words = folded(f"{origin} {subject}") or "packed by cdlint"
    room = _ROOM - sum(len(name) + len(value) for name, value in made.items()) - len(SUMMARY)
    made[SUMMARY] = words if len(words) <= room else words[: room - 3].rstrip() + "..."
    return made


def file_name(key: str, made: Mapping[str, str]) -> str:
    """What a browser calls the object when somebody downloads it: the key's last part, and the commit."""
    name = "".join(
        char if char.isalnum() or char in "-_." else "-" for char in folded(key.rpartition("/")[2])
    )
    stem, dot, ending = name.rpartition(".")
    commit = made.get("cdlint-commit", "")[:12]
    parts = [part for part in (stem if dot else name, commit) if part]
    return f"{'-'.join(parts)[:200]}{dot}{ending[:20]}" if dot else "-".join(parts)[:200]
