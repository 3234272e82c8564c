"""CD705, CD766: JSON that deploy actions read is strict JSON."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..source import Span
from ..syntax.document import Document
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.document import Repair


#: How placeholders begin.
_FILLED = tuple("$<{%@!_")


@rule("CD705", "byte-order-mark", Severity.WARNING)
def byte_order_mark(document: Document) -> Iterator[Finding]:
    """A JSON file that a deploy action reads begins with a byte order mark.

    Windows editors and PowerShell write it. JSON in UTF-8 has none; strict readers refuse the file or do not
    find the list in it.

    Bad (kind: image-definitions):
      > \ufeff[{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    Good (kind: image-definitions):
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    utf16 = any(repair.kind == "not-utf-8" for repair in document.repairs)
    if document.base and not utf16 and document.source.path.lower().endswith(".json"):
        yield Finding(
            Span(0, 1),
            "The file begins with a byte order mark (U+FEFF), which is no part of JSON: strict readers refuse it.",
            help="Save the file as UTF-8 without a byte order mark.",
            fix=Fix("Remove the byte order mark", [Edit(0, 1, "")]),
        )


@rule("CD766", "not-strict-json", Severity.ERROR)
def not_strict_json(document: Document) -> Iterator[Finding]:
    """Comments, commas at the end, or other things that are no JSON.

    JavaScript, YAML and many editors allow them; the readers of AWS do not. A file of another name than `.json` is not
    looked at.

    Bad (kind: image-definitions):
        [
      >   {"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"},
        ]
    Good (kind: image-definitions):
        [
          {"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
        ]
    """
    for repair in document.repairs:
        if repair.kind == "not-strict-json":
            yield _extra(repair, document.source.text)
    if document.json or document.repairs or not document.source.path.lower().endswith(".json"):
        return
    if document.root is None:
        return
    from ..syntax.json import parse
    from ..syntax.yaml import SyntaxProblem

    text = document.text
    try:
        parse(text, document.base)
    except SyntaxProblem as problem:
        # What a template engine or `sed` will fill in is no JSON yet.
        if text[problem.start : problem.start + 1] not in _FILLED or not text[problem.start :]:
            yield _problem(text, problem.start, problem.message)


def _extra(repair: Repair, text: str) -> Finding:
    if repair.detail["what"] == "comment":
        message, help = "JSON has no comments: the file is refused.", "Take out the comment."
    else:
        after = text[repair.span.end :].lstrip()[:1]
        before = f"before `{after}`" if after in ("]", "}") else "behind the last entry"
        message, help = f"A comma {before} is no JSON: the file is refused.", "Take out the comma."
    return Finding(repair.span, message, help=help, fix=repair.fix, final=True)


def _problem(text: str, at: int, message: str) -> Finding:
    end = min(at + 1, len(text))
    char = text[at:end]
    if char == "'":
        return Finding(
            Span(at, end), "JSON knows only double quotes: the file is refused.", help='Write `"`.'
        )
    if not char:
        return Finding(Span(at, at), f"This is no JSON: {message}.", help="Complete the file.")
    return Finding(
        Span(at, end), f"This is no JSON: {message}. The file is refused.", help="Write strict JSON."
    )
