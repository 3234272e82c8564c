"""Between cdlint's own terms and the types of the protocol."""

from __future__ import annotations

from lsprotocol import types

from ..report.rule_texts import page_of
from ..source import Span
from .completion import Suggestion
from .definition import Target
from .hover import Hover
from .mending import Mending
from .symbols import Symbol
from .texts import Change, Place, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..findings import Finding

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_COMPLETIONS = {
    "artifact": types.CompletionItemKind.Reference,
    "key": types.CompletionItemKind.Property,
    "reference": types.CompletionItemKind.Variable,
    "value": types.CompletionItemKind.Value,
    "variable": types.CompletionItemKind.Variable,
}
_SYMBOLS = {
    "action": types.SymbolKind.Function,
    "pipeline": types.SymbolKind.Class,
    "project": types.SymbolKind.Class,
    "section": types.SymbolKind.Namespace,
    "stage": types.SymbolKind.Module,
    "value": types.SymbolKind.Property,
    "variable": types.SymbolKind.Variable,
}
#: The kind of an action that makes all safe fixes, as editors ask for it on saving.
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.cdlint"


def changes(given: Sequence[types.TextDocumentContentChangeEvent]) -> list[Change]:
    """The changes of a notification; one without a range is the whole text."""
    found = []
    for one in given:
        if isinstance(one, types.TextDocumentContentChangePartial):
            start, end = one.range.start, one.range.end
            found.append(Change(one.text, Place(start.line, start.character), Place(end.line, end.character)))
        else:
            found.append(Change(one.text))
    return found


def offset_of(text: Text, position: types.Position) -> int:
    return text.offset(Place(position.line, position.character))


def range_of(text: Text, start: int, end: int) -> types.Range:
    return types.Range(_position(text, start), _position(text, end))


def _position(text: Text, offset: int) -> types.Position:
    place = text.place(offset)
    return types.Position(place.line, place.character)


def diagnostic(text: Text, finding: Finding) -> types.Diagnostic:
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    page = page_of(finding.code)
    return types.Diagnostic(
        range=range_of(text, finding.span.start, finding.span.end),
        message=message,
        severity=_SEVERITIES.get(finding.severity, types.DiagnosticSeverity.Error),
        code=finding.code,
        code_description=types.CodeDescription(page) if page else None,
        source="cdlint",
        data={"name": finding.name},
    )


def completion(text: Text, found: list[Suggestion]) -> types.CompletionList:
    items = [
        types.CompletionItem(
            label=one.label,
            kind=_COMPLETIONS.get(one.kind),
            detail=one.detail or None,
            documentation=types.MarkupContent(types.MarkupKind.Markdown, one.about) if one.about else None,
            sort_text=f"{number:04}",
            filter_text=one.label,
            text_edit=types.TextEdit(range_of(text, one.start, one.end), one.insert),
        )
        for number, one in enumerate(found)
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def hover(text: Text, found: Hover, is_plain: bool) -> types.Hover:
    kind = types.MarkupKind.PlainText if is_plain else types.MarkupKind.Markdown
    return types.Hover(types.MarkupContent(kind, found.about), range_of(text, found.start, found.end))


def location(target: Target, encoding: str) -> types.Location:
    text = Text(target.uri, target.source.text, None, encoding)
    return types.Location(target.uri, range_of(text, target.span.start, target.span.end))


def action(text: Text, mending: Mending, is_versioned: bool) -> types.CodeAction:
    edits = [types.TextEdit(range_of(text, edit.start, edit.end), edit.replacement) for edit in mending.edits]
    if is_versioned:
        document = types.OptionalVersionedTextDocumentIdentifier(text.uri, text.version)
        edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
    else:
        edit = types.WorkspaceEdit(changes={text.uri: edits})
    return types.CodeAction(
        title=mending.title,
        kind=FIX_ALL if mending.kind == "all" else types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(text, finding) for finding in mending.findings],
        is_preferred=mending.is_preferred or None,
        edit=edit,
    )


def symbol(text: Text, one: Symbol) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=one.name,
        detail=one.detail or None,
        kind=_SYMBOLS.get(one.kind, types.SymbolKind.Property),
        range=range_of(text, one.span.start, one.span.end),
        selection_range=range_of(text, one.name_span.start, one.name_span.end),
        children=[symbol(text, inner) for inner in one.children] or None,
    )


__all__ = [
    "FIX_ALL",
    "Span",
    "action",
    "changes",
    "completion",
    "diagnostic",
    "hover",
    "location",
    "offset_of",
]
