"""Values that YAML reads otherwise than meant: quotes, brackets, indicators, colons, escapes."""

from __future__ import annotations

from ...findings import Edit
from ...source import Span
from ..lines import Line, closing_quote, colon_in, open_quote, quoted, value_end
from .candidate import _SHELL_WORDS, INDICATORS, Candidate, Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def flow_item(trouble: Trouble) -> Iterator[Candidate]:
    """`[**/*]`: an entry of a list in brackets that begins with an indicator."""
    text, start = trouble.text, trouble.token
    index = trouble.lines.at(min(start, len(text)))
    line = trouble.lines[index]
    if text[start : start + 1] not in tuple("*&!%@`") or "[" not in text[line.start : start]:
        return
    ends = [end for end in (text.find(",", start, line.end), text.find("]", start, line.end)) if end >= 0]
    if ends:
        end = len(text[: min(ends)].rstrip())
        wrap, detail = [Edit(start, end, quoted(text[start:end]))], {"char": text[start]}
        place = Span(start, start + 1)
        yield Candidate("starts-with-indicator", place, wrap, "Quote the entry", index, detail=detail)


def flow_comma(trouble: Trouble) -> Iterator[Candidate]:
    """`['a' 'b']`: a comma is missing between two entries of a list in brackets."""
    text, at = trouble.text, trouble.start
    if "did not find expected ','" not in trouble.message or at >= len(text):
        return
    line = trouble.lines[trouble.lines.at(at)]
    before = len(text[:at].rstrip())
    if before <= 0 or text[before - 1] not in "'\"]}" or text[at] not in "'\"[{":
        return
    index = trouble.lines.at(before - 1)
    if trouble.lines[index].text[line.scalar : line.scalar + 2] in ("[ ", "[["):
        return
    place, edit = Span(before - 1, before), Edit(before, before, ",")
    yield Candidate("missing-comma", place, [edit], "Put a comma there", index)


def flow_quote(trouble: Trouble) -> Iterator[Candidate]:
    """`["a, b]`: a quote inside brackets is not closed."""
    for index in range(trouble.line, max(-1, trouble.line - 60), -1):
        line, text = trouble.lines[index], trouble.text
        stop = value_end(text, line.scalar, line.end) if line.scalar < line.end else line.end
        if line.scalar >= line.end or text[line.scalar] != "[" or text[stop - 1] != "]":
            continue
        quote = open_quote(text[line.scalar : stop])
        if quote:
            start = text.rfind(quote, line.scalar, stop)
            place, edit = Span(start, start + 1), Edit(stop - 1, stop - 1, quote)
            description, detail = "Close the quote", {"char": quote}
            yield Candidate("unclosed-quote", place, [edit], description, index, detail=detail)


def values(trouble: Trouble) -> Iterator[Candidate]:
    """A value that needs quotes: `: ` inside, an indicator in front, text behind a closing quote …"""
    for index in trouble.suspects():
        line = trouble.lines[index]
        starts = [line.item]
        if line.value >= 0:
            # For `- name: value` the whole item may be the text, or what stands behind the key.
            starts = [line.value]
            if line.is_item:
                starts.insert(len(starts) if trouble.knows(line.key) else 0, line.item)
        for start in starts:
            if start < line.end and trouble.text[start] != "#":
                yield from _value(trouble, index, line, start)


def _value(trouble: Trouble, index: int, line: Line, start: int) -> Iterator[Candidate]:
    text = trouble.text
    stop = value_end(text, start, line.end)
    value = text[start:stop]
    if not value or (not line.is_item and start == line.item):
        return
    command = line.is_item and start == line.item
    first = value[0]
    kind, span, detail, safe = "", Span(start, start + 1), {"char": first}, True
    if first in "'\"":
        close = closing_quote(text, start, line.end)
        if close < 0:
            yield from _unclosed_quote(index, start, stop, first)
            return
        if close + 1 < stop:
            kind, span, safe = "text-after-quote", Span(close + 1, stop), command
            yield from _behind_quote(text, index, start, close, stop)
    elif first in INDICATORS:
        kind = "starts-with-indicator"
        safe = command and first not in "|>" and value[:2] not in ("//", "&&") and not value[1:2].isupper()
        if first in "[{":
            yield from _unclosed(trouble, index, start, stop)
            if not (command and value.startswith(("[ ", "[[", "{ "))):
                return  # a list or mapping in brackets, not the shell's
    elif colon_in(value) >= 0:
        colon = start + colon_in(value)
        kind, span = "colon-in-value", Span(colon, colon + 1)
    if trouble.continuation(index):
        yield from _as_block(trouble, index, line, start, kind, span, detail)
    elif kind:
        wrap = [Edit(start, stop, quoted(value))]
        yield Candidate(kind, span, wrap, "Quote the whole value", index, safe=safe, detail=detail)


def _behind_quote(text: str, index: int, start: int, close: int, stop: int) -> Iterator[Candidate]:
    """What follows a closing quote may be a comma too many, or the quote was meant as part of the text."""
    quote, place, detail = text[start], Span(close + 1, stop), {"char": text[start]}
    if not text[close + 1 : stop].strip(" ,;"):
        cut = [Edit(close + 1, stop, "")]
        yield Candidate("text-after-quote", place, cut, "Remove it", index, detail=detail)
    elif text[stop - 1] == quote and text[close + 1] not in " ;|&)":
        inner = text[start + 1 : stop - 1]
        if quote == "'":
            mended = "'" + inner.replace("''", "'").replace("'", "''") + "'"
        else:
            mended = quoted(inner.replace('\\"', '"'))
        edit, description = (
            Edit(start, stop, mended),
            "Write the inner quotes so that they do not end the value",
        )
        yield Candidate("text-after-quote", place, [edit], description, index, detail=detail)


def _unclosed_quote(index: int, start: int, stop: int, quote: str) -> Iterator[Candidate]:
    place, detail = Span(start, start + 1), {"char": quote}
    close = [Edit(stop, stop, quote)]
    description = "Close the quote at the end of the line"
    yield Candidate("unclosed-quote", place, close, description, index, detail=detail)


def quotes_above(trouble: Trouble) -> Iterator[Candidate]:
    """A quote that was opened some lines above and swallowed what came between."""
    for index in range(trouble.line - 1, max(-1, trouble.line - 60), -1):
        line = trouble.lines[index]
        yield from _unclosed_key(trouble, index, line)
        start = line.scalar
        if start < line.end and trouble.text[start] in "'\"":
            if closing_quote(trouble.text, start, line.end) < 0:
                stop = value_end(trouble.text, start, line.end)
                yield from _unclosed_quote(index, start, stop, trouble.text[start])


def _unclosed_key(trouble: Trouble, index: int, line: Line) -> Iterator[Candidate]:
    """`"variables:`: a key whose quote is not closed."""
    text = trouble.text
    if line.blank or text[line.item] not in "'\"" or closing_quote(text, line.item, line.end) >= 0:
        return
    colon = text.find(":", line.item, line.end)
    if colon > line.item + 1 and text[colon + 1 : colon + 2].strip() == "":
        place, edit = Span(line.item, line.item + 1), Edit(colon, colon, text[line.item])
        detail = {"char": text[line.item]}
        yield Candidate("unclosed-quote", place, [edit], "Close the quote", index, detail=detail)


def escapes(trouble: Trouble) -> Iterator[Candidate]:
    """`"\\$HOME"`: a backslash in double quotes that YAML has no escape for."""
    if "unknown escape" not in trouble.message:
        return
    text, at = trouble.text, trouble.start
    if not text.startswith("\\", at):
        at = text.rfind("\\", max(0, at - 2), at + 1)
    if at >= 0:
        index = trouble.lines.at(at)
        place, edit = Span(at, at + 2), Edit(at, at, "\\")
        detail = {"char": text[at + 1 : at + 2]}
        # With other backslashes in the line nobody knows which of them YAML was to read.
        alone = trouble.lines[index].content.count("\\") == 1
        description = "Double the backslash"
        yield Candidate("unknown-escape", place, [edit], description, index, safe=alone, detail=detail)


def _unclosed(trouble: Trouble, index: int, start: int, stop: int) -> Iterator[Candidate]:
    """`[a, b` without its bracket; a bracket and a blank in a command is the shell's test."""
    value = trouble.text[start:stop]
    close = "]" if value[0] == "[" else "}"
    if value.startswith(("[ ", "[[", "{ ")) or value.endswith(","):
        return
    if value.count(value[0]) <= value.count(close):
        return
    yield Candidate(
        "unclosed-bracket",
        Span(start, start + 1),
        [Edit(stop, stop, close)],
        f"Close the bracket with `{close}`",
        index,
        detail={"char": value[0], "close": close},
    )


def _as_block(
    trouble: Trouble,
    index: int,
    line: Line,
    start: int,
    kind: str,
    span: Span,
    detail: dict[str, str],
) -> Iterator[Candidate]:
    """A value that goes on over several lines and is no plain YAML: a block would carry it."""
    text = trouble.text
    rest = trouble.continuation(index)
    if text[start] in "|>&!":
        return
    depth = min(other.indent for other in rest)
    words = {word for other in [line, *rest] for word in other.content.replace(";", " ").split()}
    kept = bool(words & _SHELL_WORDS) or any(text[other.end - 1] == "\\" for other in [line, *rest])
    if not kind:
        kind = "colon-in-value"
        for other in rest:
            inner = colon_in(other.content)
            if inner >= 0:
                span = Span(other.body + inner, other.body + inner + 1)
                break
        else:
            return
    edit = Edit(start, start, ("|" if kept else ">-") + "\n" + " " * depth)
    last = trouble.lines.block_end(index) - 1
    yield Candidate(kind, span, [edit], "Write the value as a block", last, safe=kept, detail=detail)


def open_brackets(trouble: Trouble) -> Iterator[Candidate]:
    """A flow list that goes on over lines without ever closing, or closes once too often."""
    text, lines = trouble.text, trouble.lines
    if trouble.context >= 0 and "flow" not in trouble.message and trouble.before >= trouble.context:
        context = lines[trouble.context]
        opening = context.text[context.start : context.end]
        for char, close in (("[", "]"), ("{", "}")):
            if char in opening:
                at = context.start + opening.index(char)
                end = value_end(text, lines[trouble.before].item, lines[trouble.before].end)
                comma = 1 if text[end - 1] == "," else 0
                yield Candidate(
                    "unclosed-bracket",
                    Span(at, at + 1),
                    [Edit(end - comma, end, close)],
                    f"Close the bracket with `{close}`",
                    trouble.before,
                    detail={"char": char, "close": close},
                )
    line = lines[trouble.line]
    last = line.end - 1
    if last >= line.body and text[last] in "]}":
        yield Candidate(
            "unclosed-bracket",
            Span(last, last + 1),
            [Edit(last, last + 1, "")],
            "Remove the bracket",
            trouble.line,
            detail={"char": text[last], "close": ""},
        )
