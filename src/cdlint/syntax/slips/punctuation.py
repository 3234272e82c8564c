"""Hyphens and colons that are missing, glued, typographic, or one too many."""

from __future__ import annotations

from ...findings import Edit
from ...source import Span
from ..lines import BULLETS, ODD_BLANKS, Line, Lines
from .candidate import Candidate, Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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
