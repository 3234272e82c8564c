"""What might have been meant on a line that is not YAML: one generator per known slip.

Each yields candidates; none is believed until the parser, given the repaired copy, gets further.
"""

from __future__ import annotations

from ..findings import Edit
from ..source import BOM, Span
from .lines import BULLETS, ODD_BLANKS, ZERO_WIDTH, Line, Lines, closing_quote, quoted, value_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Generator = Callable[["Trouble"], Iterator["Candidate"]]

#: Characters that begin something other than a plain value in YAML.
INDICATORS = "[]{}*&!%@`|>,?#"
#: Words of the shell that only make sense when line breaks are kept.
_SHELL_WORDS = frozenset(("if", "for", "while", "until", "case", "then", "do", "else", "fi", "done"))


class Candidate:
    """Edits of the private copy that might mend it. `last` is the last line they touch.

    `parts` are the candidates of which this one is made, where several slips only work together.
    """

    __slots__ = ("description", "detail", "edits", "kind", "last", "parts", "safe", "span")

    def __init__(
        self,
        kind: str,
        span: Span,
        edits: list[Edit],
        description: str,
        last: int,
        *,
        safe: bool = True,
        detail: dict[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.span = span
        self.edits = edits
        self.description = description
        self.last = last
        self.safe = safe
        self.detail = detail or {}
        self.parts: list[Candidate] = []

    @classmethod
    def together(cls, parts: list[Candidate]) -> Candidate:
        """All of `parts`, given from the last line to the first, as one."""
        edits = [edit for part in reversed(parts) for edit in part.edits]
        whole = cls(parts[0].kind, parts[0].span, edits, "", parts[0].last)
        whole.parts = parts[::-1]
        return whole


class Trouble:
    """Where the parser stopped: the lines worth looking at, nearest suspicion first.

    `line` is the line it stopped on, `context` the line where the construct began that it was reading,
    `before` the line above that says something (indexes; -1 where there is none).
    """

    __slots__ = ("before", "context", "families", "line", "lines", "message", "start", "text", "token")

    def __init__(
        self,
        text: str,
        lines: Lines,
        message: str,
        start: int,
        context: int | None,
        families: tuple[frozenset[str], ...],
    ) -> None:
        self.text = text
        self.lines = lines
        self.message = message
        self.start = start
        self.token = start if context is None else context
        self.families = families
        self.line = lines.at(min(start, len(text)))
        if lines[self.line].blank:
            above = lines.before(self.line)
            self.line = above if above >= 0 else self.line
        self.context = lines.at(context) if context is not None else -1
        self.before = lines.before(self.line)

    def suspects(self) -> list[int]:
        """The lines to look at, without repeats."""
        order = [self.line, self.before, self.context]
        if "could not find expected ':'" in self.message or "unexpected end" in self.message:
            order = [self.context, self.line, self.before]
        return [at for n, at in enumerate(order) if at >= 0 and at not in order[:n]]

    def knows(self, word: str) -> bool:
        return any(word in family for family in self.families)

    def continuation(self, index: int) -> list[Line]:
        """The further lines of a value that does not end on its first line; empty if there are none."""
        lines = self.lines
        rest = [lines[at] for at in range(index + 1, lines.block_end(index)) if not lines[at].blank]
        if any(line.is_item or line.value >= 0 for line in rest):
            return []
        return rest


def tabs(trouble: Trouble) -> Iterator[Candidate]:
    """Tabs as indentation, in all lines at once: their depth shows only together."""
    lines, text = trouble.lines, trouble.text
    if "\t" not in text:
        return
    marked: list[Line] = []
    widths: set[int] = set()
    dashes = [
        Edit(line.body + 1, line.item, " ")
        for line in (lines[index] for index in range(len(lines)))
        if line.is_item and text.startswith("-\t", line.body)
    ]
    if dashes:
        place, detail = Span(dashes[0].start, dashes[0].end), {"lines": str(len(dashes))}
        description = "Put a blank behind the hyphen"
        yield Candidate("tab-indentation", place, dashes, description, trouble.line, detail=detail)
    for index in range(len(lines)):
        line = lines[index]
        if line.blank:
            continue
        if text[line.start] == "\t" or (index in trouble.suspects() and "\t" in text[line.start : line.body]):
            marked.append(line)
        elif line.indent:
            widths.add(line.indent)
    if not marked:
        return
    first = marked[0]
    tab = text.index("\t", first.start)
    span = Span(tab, tab + len(text[tab : first.body]) - len(text[tab : first.body].lstrip("\t")))
    options = []
    for width in (2, 4, 8):
        indents = [(line, len(text[line.start : line.body].expandtabs(width))) for line in marked]
        options.append((-sum(indent in widths for _, indent in indents), width, indents))
    options.sort(key=lambda option: option[:2])
    options.insert(0, (0, 0, [(line, _neighbours_indent(lines, line)) for line in marked]))
    if len(marked) <= 3:
        index = lines.at(first.start)
        near = range(max(0, index - 3), min(len(lines), index + 6))
        for indent in sorted({lines[at].indent for at in near if not lines[at].blank}):
            options.append((0, 0, [(line, indent) for line in marked]))
    for _, width, indents in options:
        if any(indent < 0 for _, indent in indents):
            continue
        edits = [Edit(line.start, line.body, " " * indent) for line, indent in indents]
        yield Candidate(
            "tab-indentation",
            span,
            edits,
            f"Replace each tab of the indentation by {width} spaces" if width else "Indent with spaces",
            trouble.line,
            detail={"lines": str(len(marked))},
        )


def _neighbours_indent(lines: Lines, line: Line) -> int:
    """The indentation of the line below or above if that is of the same kind and without tabs, else -1."""
    index = lines.at(line.start)
    below = index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    for near in (below, lines.before(index)):
        if 0 <= near < len(lines):
            other = lines[near]
            tabs_free = "\t" not in other.text[other.start : other.body]
            if tabs_free and other.is_item == line.is_item and (other.value < 0) == (line.value < 0):
                return other.indent
    return -1


def odd_blanks(trouble: Trouble) -> Iterator[Candidate]:
    """No-break spaces and characters without a width where YAML wants a blank, in all lines at once."""
    candidate = odd_blanks_edit(trouble.lines, trouble.line)
    if candidate is not None:
        yield candidate


def odd_blanks_edit(lines: Lines, last: int) -> Candidate | None:
    """Ordinary blanks for all odd ones in indentations, behind hyphens and behind the colon of a key."""
    text = lines.text
    if text.isascii():
        return None
    edits: list[Edit] = []
    for index in range(len(lines)):
        line = lines[index]
        at = line.start
        while at < line.end and (text[at] in " \t-" or text[at] in ODD_BLANKS or text[at] in ZERO_WIDTH):
            if text[at] in ODD_BLANKS:
                edits.append(Edit(at, at + 1, " "))
            elif text[at] in ZERO_WIDTH and (at or text[at] != BOM):
                edits.append(Edit(at, at + 1, ""))
            at += 1
        stop = at
        while stop < line.end and (text[stop].isalnum() or text[stop] in "_-"):
            stop += 1
        if stop > at and text.startswith(":", stop) and text[stop + 1 : stop + 2] in tuple(ODD_BLANKS):
            edits.append(Edit(stop + 1, stop + 2, " "))
    if not edits:
        return None
    detail = {"char": f"U+{ord(text[edits[0].start]):04X}", "count": str(len(edits))}
    place = Span(edits[0].start, edits[0].end)
    return Candidate("invisible-character", place, edits, "Put ordinary blanks there", last, detail=detail)


def bullets(trouble: Trouble) -> Iterator[Candidate]:
    """A dash or dot of a text processor as list bullet, here or some lines above."""
    text, lines = trouble.text, trouble.lines
    found: list[Candidate] = []
    for index in range(trouble.line, max(-1, trouble.line - 40), -1):
        edit = bullet_edit(text, lines[index])
        if edit is not None:
            place = Span(edit.start, edit.start + 1)
            detail = {"char": text[place.start]}
            description = "Write a hyphen and a blank"
            found.append(Candidate("typographic-bullet", place, [edit], description, index, detail=detail))
    yield from found
    for size in range(2, len(found) + 1):
        yield Candidate.together(found[:size])


def bullet_edit(text: str, line: Line) -> Edit | None:
    """The edit for a line that begins with a typographic bullet (or `*`/`+` and a blank)."""
    at = line.body
    if at >= line.end:
        return None
    char = text[at]
    after = text[at + 1] if at + 1 < line.end else " "
    if char in BULLETS or (char in "*+" and after in " \t"):
        stop = at + 1
        while stop < line.end and (text[stop] in " \t" or text[stop] in ODD_BLANKS):
            stop += 1
        return Edit(at, stop, "- " if stop < line.end else "-")
    return None


def glued_dash(trouble: Trouble) -> Iterator[Candidate]:
    """`-npm ci` among `- …` items."""
    text = trouble.text
    for index in trouble.suspects():
        line = trouble.lines[index]
        if line.is_item or line.blank or text[line.body] != "-" or text.startswith("---", line.body):
            continue
        at = line.body + 1
        yield Candidate(
            "missing-blank-after-dash",
            Span(line.body, at),
            [Edit(at, at, " ")],
            "Put a blank after the hyphen",
            index,
        )


def colons(trouble: Trouble) -> Iterator[Candidate]:
    """`version 0.2`, `phases`, `version:0.2`, `phases：`: here, or on the lines that run into this one."""
    found: list[Candidate] = []
    for index in range(trouble.line, max(-1, trouble.line - 40), -1):
        line = trouble.lines[index]
        if line.blank or line.comment:
            continue
        candidate = colon_edit(trouble, index, line)
        if candidate is not None:
            found.append(candidate)
        elif index != trouble.line:
            break
    yield from found
    for size in range(2, len(found) + 1):
        yield Candidate.together(found[:size])
    for index in range(trouble.line - 1, max(-1, trouble.line - 60), -1):
        # A key whose list ran on from it as one text; a block header glued to its key.
        line = trouble.lines[index]
        glued = line.content.rstrip().endswith((":|", ":>", ":|-", ":>-"))
        wide = trouble.knows(line.content.partition("\uff1a")[0]) and "\uff1a" in line.content
        if not line.is_item and (glued or wide or trouble.knows(line.content.rstrip())):
            candidate = colon_edit(trouble, index, line)
            if candidate is not None:
                yield candidate


def colon_edit(trouble: Trouble, index: int, line: Line) -> Candidate | None:
    """What a line lacks to be a key: its colon, the blank behind it, or an ordinary colon."""
    text = trouble.text
    wide = text.find("\uff1a", line.item, line.end)
    if wide >= 0:
        glue = " " if wide + 1 < line.end and text[wide + 1] not in " \t" else ""
        edit = Edit(wide, wide + 1, ":" + glue)
        detail = {"char": "\uff1a"}
        place = Span(wide, wide + 1)
        return Candidate("look-alike-letter", place, [edit], "Write an ordinary colon", index, detail=detail)
    stop = line.item
    while stop < line.end and (text[stop].isalnum() or text[stop] in "_-"):
        stop += 1
    word = text[line.item : stop]
    if not word or line.value >= 0:
        return None
    after = text[stop] if stop < line.end else ""
    beside = after == ":" and (text[stop + 1] in "|>" or _has_key_beside(trouble.lines, index))
    beside = beside or (after == "=" and _has_key_beside(trouble.lines, index))
    one = " " not in text[stop + 1 : line.end].strip()
    beside = beside or (after == " " and one and word.isupper() and _has_key_beside(trouble.lines, index))
    beside = beside or (after == " " and _owner(trouble.lines, index) in _NAMES_BELOW)
    if not trouble.knows(word) and not beside:
        return None
    detail = {"key": word}
    if after == ":":
        edit = Edit(stop + 1, stop + 1, " ")
        return Candidate("missing-blank-after-colon", Span(stop, stop + 1), [edit],
                         "Put a blank after the colon", index, detail=detail)  # fmt: skip
    if after not in ("", " ", "\t", ";", "="):
        return None
    edit = Edit(stop, stop, ":")
    if after and after in ";=":
        glued = stop + 1 < line.end and text[stop + 1] not in " \t"
        edit = Edit(stop, stop + 1, ": " if glued else ":")
    description = f"Put a colon after `{word}`"
    return Candidate("missing-colon", Span(line.item, stop), [edit], description, index, detail=detail)


#: Keys below which any name may stand.
_NAMES_BELOW = frozenset(("variables", "parameter-store", "secrets-manager", "runtime-versions"))


def _owner(lines: Lines, index: int) -> str:
    """The key of the mapping that a line belongs to, as far as indentation tells."""
    above = lines.before(index)
    while above >= 0 and lines[above].indent >= lines[index].indent:
        above = lines.before(above)
    return lines[above].key if above >= 0 and lines[above].value == lines[above].end else ""


def _has_key_beside(lines: Lines, index: int) -> bool:
    """The line above is a key at the same indentation, or opens the mapping this line belongs to."""
    above = lines.before(index)
    if above < 0 or lines[index].is_item:
        return False
    line, other = lines[index], lines[above]
    if other.value < 0 or other.is_item:
        return False
    return other.indent == line.indent or (other.indent < line.indent and other.value == other.end)


def missing_dash(trouble: Trouble) -> Iterator[Candidate]:
    """A line among list items that has no hyphen of its own."""
    lines = trouble.lines
    for index in trouble.suspects()[:2]:
        line = lines[index]
        if line.is_item or line.blank or line.value >= 0 or line.content[0] in "-'\"":
            continue
        above = lines.before(index)
        while above >= 0 and not lines[above].is_item and lines[above].indent > line.indent:
            above = lines.before(above)
        if above >= 0 and lines[above].is_item and abs(lines[above].indent - line.indent) <= 2:
            put = " " * lines[above].indent + "- "
            span = Span(line.body, line.end)
            edit = Edit(line.start, line.body, put)
            yield Candidate("missing-dash", span, [edit], "Make the line a list item", index, safe=False)


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


def stray_dash(trouble: Trouble) -> Iterator[Candidate]:
    """`- on-failure: ABORT` beside `commands:`: a hyphen before a key of a mapping."""
    lines = trouble.lines
    for index in trouble.suspects():
        line = lines[index]
        if not line.is_item or not trouble.knows(line.key):
            continue
        place, edit = Span(line.body, line.body + 1), Edit(line.body, line.item, "")
        yield Candidate("stray-dash", place, [edit], "Remove the hyphen", index, detail={"key": line.key})


def list_on_key_line(trouble: Trouble) -> Iterator[Candidate]:
    """`files: - a`: the list begins on the line of its key."""
    if "block sequence entries are not allowed" not in trouble.message:
        return
    line, text = trouble.lines[trouble.line], trouble.text
    if line.value >= 0 and text.startswith("- ", line.value):
        colon = text.rfind(":", line.item, line.value) + 1
        below = trouble.line + 1
        deeper = below < len(trouble.lines) and trouble.lines[below].is_item
        indent = trouble.lines[below].indent if deeper else line.indent + 2
        edit = Edit(colon, line.value, "\n" + " " * indent)
        place, detail = Span(line.value, line.value + 1), {"key": line.key}
        description = "Begin the list on a line of its own"
        yield Candidate("list-on-key-line", place, [edit], description, trouble.line, detail=detail)


def first_dash(trouble: Trouble) -> Iterator[Candidate]:
    """The first line of a list has no hyphen: what follows runs on from it as one text."""
    for index in range(trouble.line, max(-1, trouble.line - 60), -1):
        candidate = first_dash_edit(trouble.lines, index)
        if candidate is not None:
            yield candidate


def first_dash_edit(lines: Lines, index: int) -> Candidate | None:
    """For a text below a key without a value and above list items of the same indentation."""
    line, above, below = lines[index], lines.before(index), index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    if above < 0 or below >= len(lines) or line.is_item or line.blank or line.value >= 0:
        return None
    owner = lines[above]
    if owner.value != owner.end or not lines[below].is_item or lines[below].indent != line.indent:
        return None
    if lines.text[line.body] == "-":
        at = line.body + 1
        place, edit = Span(line.body, at), Edit(at, at, " ")
        description = "Put a blank after the hyphen"
        return Candidate("missing-blank-after-dash", place, [edit], description, index)
    edit, safe = Edit(line.body, line.body, "- "), not line.content.startswith("//")
    place, description = Span(line.body, line.end), "Make the line a list item"
    return Candidate("missing-dash", place, [edit], description, index, safe=safe)


def quoted_lines(trouble: Trouble) -> Iterator[Candidate]:
    """A command whose shell quote goes on over lines that stand left of it."""
    lines, text = trouble.lines, trouble.text
    for index in range(trouble.line - 1, max(-1, trouble.line - 3), -1):
        line = lines[index]
        if not line.is_item or line.item >= line.end or text[line.item] in "'\"|>":
            continue
        quote = open_quote(text[line.item : line.end])
        if not quote:
            continue
        end = index + 1
        while end < len(lines) and end < index + 60 and not open_quote(lines[end].content, quote):
            end += 1
        if end >= len(lines) or end < trouble.line:
            continue
        depth = line.item - line.start
        inner = _indented(lines, index + 1, end + 1, depth, "text-outside-block")
        inner.edits.insert(0, Edit(line.item, line.item, "|\n" + " " * depth))
        yield inner


def open_quote(script: str, quote: str = "") -> str:
    """The shell quote that is open at the end of a text ("" if none); with `quote`, whether it closes."""
    wanted, at = quote, 0
    while at < len(script):
        char = script[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            if char == quote:
                if wanted:
                    return quote
                quote = ""
        elif char in "'\"":
            quote = char
        at += 1
    return "" if wanted else quote


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


def colon_in(value: str) -> int:
    """Where a plain text holds a colon that YAML takes for a key's: before a blank or at the end."""
    at = value.find(":")
    while at >= 0:
        if at + 1 == len(value) or value[at + 1] in " \t":
            return at
        at = value.find(":", at + 1)
    return -1


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


def block_text(trouble: Trouble) -> Iterator[Candidate]:
    """Lines of a block (`|`) that stand too far left, such as the body of a heredoc."""
    text, lines = trouble.text, trouble.lines
    header, depth = _block_above(trouble)
    if header < 0:
        return
    at = header + 1
    while at < len(lines) and (lines[at].blank or lines[at].indent >= depth):
        at += 1
    first = at
    word = _open_heredoc(text[lines[header].end : lines[first - 1].end])
    if word:
        while at < len(lines) and lines[at].content.strip() != word:
            at += 1
        if at < len(lines):
            yield _indented(lines, first, at + 1, depth, "text-outside-block")
        return
    outer = lines[header].indent
    while at < len(lines) and (lines[at].blank or lines[at].indent < depth):
        line = lines[at]
        if not line.blank and line.indent <= outer and (line.is_item or trouble.knows(line.key)):
            break
        at += 1
    while at > first and lines[at - 1].blank:
        at -= 1
    if at > first and first <= trouble.line < at:
        deep = [n for n in range(header + 1, first) if not lines[n].blank]
        left = [lines[n].indent for n in range(first, at) if not lines[n].blank]
        if len(deep) < len(left) and min(left) > outer:
            yield _moved(lines, header + 1, first, min(left))
        else:
            yield _indented(lines, first, at, depth, "wrong-indentation")


def _block_above(trouble: Trouble) -> tuple[int, int]:
    """`(index of the nearest block header above, its text's indentation)`, or (-1, 0)."""
    lines, text = trouble.lines, trouble.text
    for index in range(trouble.line - 1, max(-1, trouble.line - 200), -1):
        line = lines[index]
        head = text[line.scalar : line.end].partition(" #")[0].strip() if line.scalar < line.end else ""
        if head and head[0] in "|>" and all(char in "+-0123456789" for char in head[1:]):
            body = index + 1
            while body < len(lines) and lines[body].blank:
                body += 1
            if body < len(lines) and lines[body].indent > line.indent:
                return index, lines[body].indent
            return -1, 0
    return -1, 0


def _open_heredoc(script: str) -> str:
    """The end word of a heredoc that begins in a script and does not end there, or ""."""
    at = script.rfind("<<")
    if at < 0 or script.startswith("<<<", max(at - 1, 0)):
        return ""
    rest = script[at + 2 :].lstrip("-").lstrip(" ")
    word = ""
    for char in rest:
        if char.isalnum() or char in "_'\"\\":
            word += char
        else:
            break
    word = word.strip("'\"\\")
    if not word or any(line.strip() == word for line in rest.splitlines()[1:]):
        return ""
    return word


def _indented(lines: Lines, first: int, end: int, depth: int, kind: str) -> Candidate:
    least = min((lines[at].indent for at in range(first, end) if not lines[at].blank), default=0)
    shift = " " * (depth - least)
    edits = [Edit(lines[at].start, lines[at].start, shift) for at in range(first, end) if not lines[at].blank]
    line = lines[first]
    return Candidate(kind, Span(line.start, line.end), edits,
                     "Indent the lines to the block they belong to", end - 1)  # fmt: skip


def uneven_items(text: str, lines: Lines, index: int) -> Candidate | None:
    """For a plain item followed by deeper ones: the shorter of the two runs, moved to the other."""
    line = lines[index]
    if not line.is_item or line.item >= line.end or text[line.item] in "'\"|>[{&!#" or line.value == line.end:
        return None
    below = index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    if below >= len(lines) or not lines[below].is_item or lines[below].indent <= line.indent:
        return None
    first = index
    while first > 0 and lines[first - 1].indent == line.indent and lines[first - 1].is_item:
        first -= 1
    end = below
    while end < len(lines) and (lines[end].blank or lines[end].indent >= lines[below].indent):
        end += 1
    if _moves_up(lines, first, index, below, end):
        return _moved(lines, first, index + 1, lines[below].indent)
    return _moved(lines, below, end, line.indent)


def _moves_up(lines: Lines, first: int, index: int, below: int, end: int) -> bool:
    """Whether the upper run (`first`..`index`) stands wrong rather than the lower (`below`..`end`)."""
    upper = index + 1 - first
    lower = sum(lines[at].is_item for at in range(below, end))
    at, indent = end, lines[first].indent
    while at < min(len(lines), end + 100) and (lines[at].blank or lines[at].indent >= indent):
        upper += lines[at].is_item and lines[at].indent == indent
        at += 1
    if upper == lower:
        return lines[below].indent % 2 == 0 and indent % 2 == 1
    return upper < lower


def indentation(trouble: Trouble) -> Iterator[Candidate]:
    """A line, a block, or a run of lines moved to the indentation of its neighbours.

    The line that the parser names is often not the one that stands wrong, so those above are tried too.
    """
    lines = trouble.lines
    for index in range(trouble.line, max(-1, trouble.line - 60), -1):
        line = lines[index]
        if line.blank or line.comment or (line.value < 0 and not line.is_item):
            continue
        uneven = uneven_items(trouble.text, lines, index)
        if uneven is not None:
            yield uneven
        for target in _targets(lines, index, index == trouble.line):
            yield from _moves(lines, index, target)


def _targets(lines: Lines, index: int, all_above: bool) -> list[int]:
    """The indentations that a line might have been meant to have, nearest first.

    Those of its neighbours when they are close; for the line that the parser names, all above it.
    """
    own = lines[index].indent
    found: set[int] = set()
    above, below = lines.before(index), index + 1
    while below < len(lines) and (lines[below].blank or lines[below].comment):
        below += 1
    for near in (above, below):
        if 0 <= near < len(lines):
            found.update(lines[near].indent + step for step in (0, 2, 4, -2))
    found = {target for target in found if target >= 0 and abs(target - own) <= 3}
    if all_above:
        for other in range(index - 1, max(-1, index - 60), -1):
            if not lines[other].blank and not lines[other].comment:
                found.add(lines[other].indent)
    found.discard(own)
    return sorted(found, key=lambda target: (abs(target - own), target))


def _moves(lines: Lines, index: int, target: int) -> Iterator[Candidate]:
    """The line alone, with what hangs below it, and with its neighbours of the same indentation."""
    line = lines[index]
    end = lines.block_end(index)
    if end == index + 1 or abs(target - line.indent) == 1:
        yield _moved(lines, index, index + 1, target)
    if end > index + 1:
        yield _moved(lines, index, end, target)
    further = end
    while further < len(lines) and (lines[further].blank or lines[further].indent >= line.indent):
        further += 1
    if further > end:
        yield _moved(lines, index, further, target)
    first = index
    while first > 0 and (lines[first - 1].blank or lines[first - 1].indent >= line.indent):
        first -= 1
    if first < index:
        yield _moved(lines, first, index + 1, target)


def _moved(lines: Lines, first: int, end: int, target: int) -> Candidate:
    while lines[first].blank and first < end - 1:
        first += 1
    line = lines[first]
    delta = target - line.indent
    edits = []
    for at in range(first, end):
        other = lines[at]
        if not other.blank:
            indent = max(0, other.indent + delta)
            edits.append(Edit(other.start, other.body, " " * indent))
    stop = line.end if line.end - line.body < 60 else line.item
    return Candidate(
        "wrong-indentation",
        Span(line.body, max(stop, line.body + 1)),
        edits,
        f"Indent by {target} instead of {line.indent}",
        end - 1,
        detail={"indent": str(line.indent), "target": str(target)},
    )


#: Slips that one look at the line decides, in the order in which they are tried.
GENERATORS: tuple[Generator, ...] = (
    odd_blanks,
    bullets,
    glued_dash,
    escapes,
    colons,
    block_text,
    quoted_lines,
    flow_item,
    flow_comma,
    flow_quote,
    list_on_key_line,
    stray_dash,
    values,
    open_brackets,
    quotes_above,
    missing_dash,
    first_dash,
)
