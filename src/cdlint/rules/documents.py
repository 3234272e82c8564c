"""CD002–CD032: what is wrong with a file as a whole: encoding, conflicts, duplicates, aliases, limits."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..syntax.document import Document
from . import rule
from .repaired import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD002", "not-utf-8", Severity.ERROR)
def not_utf_8(document: Document) -> Iterator[Finding]:
    """The file is not encoded in UTF-8.

    YAML files are UTF-8. Other encodings, such as the UTF-16 that PowerShell's `>` writes, or Windows-1252,
    turn into other characters or make the file unreadable.
    """
    for repair in document.repairs:
        if repair.kind == "not-utf-8":
            byte = repair.detail.get("byte")
            encoding = repair.detail.get("encoding", "")
            what = f"The byte {byte} is no UTF-8" if byte else f"The file is encoded in {encoding}"
            yield Finding(
                repair.span,
                f"{what}: CodeBuild reads buildspecs as UTF-8 and will refuse or misread it.",
                help="Save the file as UTF-8 without a byte order mark.",
                severity=None if byte else Severity.WARNING,
                final=True,
            )


@rule("CD003", "not-text", Severity.ERROR)
def not_text(document: Document) -> Iterator[Finding]:
    """The file holds NUL characters: it is no text file.

    NULs come from binary files, from UTF-16 read as UTF-8, or from a damaged disk or merge.
    """
    yield from repaired(
        document,
        "not-text",
        "The file holds a NUL character: it is not a text file, and no YAML parser reads on here.",
        "Restore the file from version control, or save it as UTF-8 text.",
    )


@rule("CD015", "duplicate-key", Severity.ERROR)
def duplicate_key(document: Document) -> Iterator[Finding]:
    """The same key stands twice in one mapping.

    YAML forbids it. Parsers that accept it keep only the last, so the first block's commands, files or
    variables vanish without a word.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm ci]
      >   build:
            commands: [npm test]
    Good:
        version: 0.2
        phases:
          build:
            commands: [npm ci, npm test]
    """
    for first, again in document.duplicates:
        line = document.source.position(document.draft.span(first.span).start).line
        yield Finding(
            again.span,
            f"The key `{again.value}` stands here a second time (first in line {line}): either the file is "
            "refused, or only the last one counts and the first is lost.",
            help="Merge the two into one.",
        )


@rule("CD016", "merge-conflict", Severity.ERROR)
def merge_conflict(document: Document) -> Iterator[Finding]:
    """Markers of an unfinished merge.

    Git left both versions in the file for somebody to choose from. The file is no YAML until that is done.

    Bad:
        version: 0.2
      > <<<<<<< HEAD
        phases:
          build:
            commands: [npm ci]
        =======
        phases:
          build:
            commands: [npm install]
        >>>>>>> feature
    Good:
        version: 0.2
        phases:
          build:
            commands: [npm ci]
    """
    yield from repaired(
        document,
        "merge-conflict",
        "A merge was not finished: Git's conflict markers are in the file, and CodeBuild cannot read it.",
        "Keep one of the two versions and delete the lines with `<<<<<<<`, `=======` and `>>>>>>>`.",
    )


@rule("CD017", "several-documents", Severity.WARNING)
def several_documents(document: Document) -> Iterator[Finding]:
    """A second YAML document begins after `---`.

    A buildspec is one document. cdlint reads the first; do not rely on what CodeBuild does with the others.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm ci]
      > ---
        artifacts:
          files: [dist]
    Good:
        ---
        version: 0.2
        phases:
          build:
            commands: [npm ci]
    """
    from ..source import Span

    for start in document.documents[:1]:
        yield Finding(
            Span(start, start + 3),
            "A second YAML document begins here: a buildspec is one document, and what stands below is not "
            "part of it.",
            help="Remove the `---`, or move the rest into a file of its own.",
        )


@rule("CD030", "undefined-alias", Severity.ERROR)
def undefined_alias(document: Document) -> Iterator[Finding]:
    """An alias (`*name`) without an anchor (`&name`) above it.

    The anchor must stand earlier in the same file, and an alias cannot stand inside its own anchor.

    Bad:
        version: 0.2
        phases:
          build:
      >     commands: *steps
    Good:
        version: 0.2
        phases:
          pre_build:
            commands: &steps
              - npm ci
          build:
            commands: *steps
    """
    for alias in document.undefined:
        yield Finding(
            alias.span,
            f"The alias `*{alias.anchor}` refers to an anchor that is not defined above: CodeBuild cannot "
            "read the file.",
            help=f"Define `&{alias.anchor}` further up, or quote the value if the `*` is part of it.",
        )


@rule("CD031", "control-character", Severity.ERROR)
def control_character(document: Document) -> Iterator[Finding]:
    """A control character that YAML does not allow.

    They come from terminals, old editors and copied output (escape codes, backspaces), and cannot be seen.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - echo \x1bdone
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - echo done
    """
    yield from repaired(
        document,
        "control-character",
        "The control character {char} is not allowed in YAML: CodeBuild cannot read the file "
        "({count} in this file).",
        "Remove it; in double quotes it can be written as an escape.",
    )


@rule("CD032", "document-limit", Severity.ERROR)
def document_limit(document: Document) -> Iterator[Finding]:
    """The file asks for more than cdlint is ready to give: it was not checked.

    Files above 5 MB, nesting deeper than 100 levels, and aliases that multiply into millions of nodes are no
    delivery files. They are refused, so that a check always ends in time.
    """
    yield from repaired(
        document,
        "document-limit",
        "The file was not checked: {limit}.",
        "Make the file smaller or flatter, or exclude it.",
    )
