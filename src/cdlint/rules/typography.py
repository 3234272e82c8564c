"""CD02x: what blog engines, word processors and web pages do to code."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs
from ..source import Span
from ..syntax.tree import Scalar
from . import rule
from .reading import PROSE, Reading, readings, scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.words import Word

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
SINGLES = "\u2018\u2019\u201a\u201b\u2032\u00b4\uff07"
DOUBLES = "\u201c\u201d\u201e\u201f\u2033\uff02\u00ab\u00bb"
CURLY = SINGLES + DOUBLES
_ENTITIES = {
    "&gt;": ">", "&lt;": "<", "&amp;": "&", "&quot;": '"', "&#34;": '"', "&#39;": "'", "&apos;": "'",
    "&#x27;": "'", "&nbsp;": " ", "&#160;": " ", "&#38;": "&", "&#60;": "<", "&#62;": ">",
    "&#x3e;": ">", "&#x3c;": "<", "&#x26;": "&", "&#x22;": '"', "&#xa0;": " ",
}  # fmt: skip


@rule("CD020", "typographic-dash", Severity.ERROR)
def typographic_dash(spec: Buildspec) -> Iterator[Finding]:
    """An en dash, em dash or minus sign stands where an option's hyphens belong.

    Blog engines and word processors turn `--` into one dash, often with a blank behind it. The program takes
    it for a file, a revision or a word, not for an option.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - git rev-parse \u2014 short HEAD
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - git rev-parse --short HEAD
              - echo Done \u2014 the rest is prose
    """
    for reading in readings(spec, DASHES):
        words = reading.words
        for number, word in enumerate(words):
            if word.text[0] not in DASHES or not word.command or word.command in PROSE:
                continue
            if reading.marks[word.start] != "b":
                continue
            found = _dash(reading, word, words[number + 1] if number + 1 < len(words) else None)
            if found is not None:
                yield found
    if not spec.document.text.isascii():
        for key, value in pairs(spec.get("env", "variables")):
            if isinstance(value, Scalar) and value.value[:1] in tuple(DASHES):
                yield from _dash_in_value(spec.document.text, key, value)


def _dash_in_value(text: str, key: Scalar, value: Scalar) -> Iterator[Finding]:
    """Options in a variable: `MAVEN_OPTS: –Xmx1g`."""
    from ..syntax.scalars import places

    rest = value.value.lstrip(DASHES)
    if not (rest[:1].isascii() and rest[:1].isalpha()):
        return
    at = places(text, value)[0]
    yield Finding(
        Span(at, at + 1),
        f"`{value.value[0]}` is not a hyphen: what reads `{key.value}` finds an ordinary word there, no option.",
        help="Write `-` or `--`.",
        severity=Severity.WARNING,
    )


def _dash(reading: Reading, word: Word, following: Word | None) -> Finding | None:
    rest = word.text.lstrip(DASHES + "-")
    size = len(word.text) - len(rest)
    end = word.start + size
    option, safe = "--", True
    if rest:
        if not (rest[0].isascii() and rest[0].isalpha()):
            return None
        name = rest.partition("=")[0]
        if (
            len(name) == 1
            or name[0].isupper()
            or (word.text[0] in "\u2013\u2212\u2010\u2011\uff0d" and size == 1 and len(name) < 3)
        ):
            option, safe = "-", False
        if size == 2 and all(char in "\u2010\u2011\u2212\uff0d" for char in word.text[:2]):
            option, safe = "--", True
    else:
        near = following is not None and following.command == word.command
        if not near or following is None:
            return None
        if not following.text.partition("=")[0].replace("-", "a").isalnum():
            return None
        if "\n" in reading.value[end : following.start] or following.text[0].isdigit():
            return None
        end = following.start
        rest = following.text
    fix = Fix(f"Write `{option}`", [reading.edit(word.start, end, option)], safe=safe)
    return Finding(
        reading.span(word.start, word.start + size),
        f"`{word.text[:size]}` is not a hyphen: `{word.command}` takes it for an ordinary word, not for the "
        f"option `{option}{rest}`.",
        help=f"Write `{option}{rest}`.",
        fix=fix,
    )


@rule("CD021", "curly-quotes", Severity.ERROR)
def curly_quotes(spec: Buildspec) -> Iterator[Finding]:
    """Curly quotes stand where straight ones belong.

    To the shell and to YAML they are ordinary letters: a comparison is made with the marks included, words
    are split at the blanks between them, and a quoted value holds the quotes.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - VERSION=$(date \u201c+%Y%m%d\u201d)
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - VERSION=$(date "+%Y%m%d")
              - echo "It\u2019s \u201cdone\u201d"
    """
    for reading in readings(spec, CURLY):
        yield from _curly_pieces(reading)
        yield from _wrongly_closed(reading)
    if not spec.document.text.isascii():
        for role, scalar in scalars(spec):
            yield from _curly_scalar(role, scalar)


def _curly_pieces(reading: Reading) -> Iterator[Finding]:
    value, marks = reading.value, reading.marks
    at = 0
    while at < len(value):
        char = value[at]
        before = value[at - 1] if at else " "
        opens = char in CURLY and marks[at] == "b" and not before.isalnum() and before not in CURLY
        if not opens:
            at += 1
            continue
        straight = "'" if char in SINGLES else '"'
        family = SINGLES if char in SINGLES else DOUBLES
        close = next((n for n in range(at + 1, len(value)) if value[n] in family or value[n] == "\n"), -1)
        if close >= 0 and value[close] == "\n":
            close = -1
        end = close + 1 if close >= 0 else at + 1
        prose = reading.is_prose(at) and not _is_format(reading, at, value[at:end])
        edits = [reading.edit(at, at + 1, straight)]
        if close >= 0:
            edits.append(reading.edit(close, close + 1, straight))
        breaks = straight in value[at + 1 : close] if close >= 0 else True
        fix = None if breaks or marks[close] != "b" else Fix("Write straight quotes", edits)
        piece = value[at:end] if end - at <= 40 else value[at : at + 39] + "\u2026"
        yield Finding(
            reading.span(at, at + 1),
            f"`{char}` is an ordinary letter to the shell, not a quote: `{piece}` is taken with its marks, "
            "and split at blanks.",
            help=f"Write straight quotes: {straight}…{straight}.",
            fix=fix,
            severity=Severity.INFO if prose else None,
        )
        at = max(end, at + 1)


def _is_format(reading: Reading, at: int, piece: str) -> bool:
    """The format of `printf`, which is code and no prose."""
    word = reading.word_at(at)
    return word is not None and word.command == "printf" and "%" in piece


def _wrongly_closed(reading: Reading) -> Iterator[Finding]:
    """A straight quote that a curly one was meant to close."""
    value = reading.value
    if not reading.marks or reading.marks[-1] not in "sd":
        return
    family = SINGLES if reading.marks[-1] == "s" else DOUBLES
    straight = "'" if reading.marks[-1] == "s" else '"'
    if value.count(straight) % 2 == 0:
        return
    inside = [n for n, char in enumerate(value) if char in family and reading.marks[n] == reading.marks[-1]]
    if not inside:
        return
    at = inside[0]
    fix = Fix("Write a straight quote", [reading.edit(at, at + 1, straight)]) if len(inside) == 1 else None
    yield Finding(
        reading.span(at, at + 1),
        f"`{value[at]}` does not close the quote {straight} that was opened: the shell reads on to the end and "
        "finds no closing quote.",
        help=f"Write a straight quote: {straight}.",
        fix=fix,
    )


def _curly_scalar(role: str, scalar: Scalar) -> Iterator[Finding]:
    value = scalar.value
    if scalar.style or len(value) < 2 or value.isascii() or value[0] not in CURLY:
        return
    if value[-1] not in CURLY or any(char in CURLY for char in value[1:-1]):
        return
    inner = value[1:-1]
    fix = None
    if not any(char in '"\\\n' for char in inner) and scalar.end - scalar.start == len(value):
        edits = [Edit(scalar.start, scalar.start + 1, '"'), Edit(scalar.end - 1, scalar.end, '"')]
        fix = Fix("Write straight quotes", edits)
    yield Finding(
        Span(scalar.start, scalar.start + 1),
        f"`{value[0]}` is an ordinary letter to YAML, not a quote: the {role} is `{value}`, marks included.",
        help='Write straight quotes: "…".',
        fix=fix,
    )


@rule("CD022", "html-entity", Severity.ERROR)
def html_entity(spec: Buildspec) -> Iterator[Finding]:
    """An HTML entity is left in a command.

    Copied from a page's source, `&gt;` stands for `>`. The shell reads `&` as "run in the background" and
    `gt` as a command (`gt: not found`); the redirection never happens.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - printf '[]' &gt; imagedefinitions.json
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - printf '[]' > imagedefinitions.json
              - sed 's/&amp;/and/' index.html
    """
    text = spec.document.text
    if "&" not in text or ";" not in text:
        return
    for command in spec.commands():
        value = command.text
        if "&" not in value or not any(part in value for part in ("&#", *_ENTITIES)):
            continue
        reading = Reading(text, command)
        at = value.find("&")
        while at >= 0:
            stop = value.find(";", at, at + 8)
            entity = value[at : stop + 1] if stop >= 0 else ""
            plain = _ENTITIES.get(entity.lower())
            word = reading.word_at(at)
            in_address = word is not None and "://" in word.text and entity == "&amp;"
            if plain and reading.marks[at] == "d" and in_address:
                yield Finding(
                    reading.span(at, at + len(entity)),
                    "`&amp;` is HTML for `&`: the address is asked with a parameter of another name.",
                    help="Write `&`.",
                    fix=Fix("Write `&`", [reading.edit(at, at + len(entity), "&")], safe=False),
                    severity=Severity.WARNING,
                )
            if plain and reading.marks[at] == "b" and (at == 0 or value[at - 1] != "\\"):
                yield Finding(
                    reading.span(at, at + len(entity)),
                    f"`{entity}` is HTML for `{plain}`: the shell runs what stands before it in the background "
                    f"and then a command `{entity[1:-1]}`, which does not exist.",
                    help=f"Write `{plain}`.",
                    fix=Fix(f"Write `{plain}`", _entity_edits(reading, at, entity, plain)),
                )
            at = value.find("&", at + 1)


def _entity_edits(reading: Reading, at: int, entity: str, plain: str) -> list[Edit]:
    """Quotes are put in all at once: one alone would leave the others inside it."""
    if plain not in ("'", '"'):
        return [reading.edit(at, at + len(entity), plain)]
    edits, value = [], reading.value
    at = value.find(entity)
    while at >= 0:
        if reading.marks[at] == "b":
            edits.append(reading.edit(at, at + len(entity), plain))
        at = value.find(entity, at + 1)
    return edits


@rule("CD037", "typographic-ellipsis", Severity.WARNING)
def typographic_ellipsis(spec: Buildspec) -> Iterator[Finding]:
    """One character (U+2026) stands where three dots belong.

    Word processors and blog engines turn `...` into it. `go test ./...` then looks for a folder of that name.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - go test ./\u2026
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - go test ./...
              - echo Building\u2026
    """
    for reading in readings(spec, "\u2026"):
        for at, char in enumerate(reading.value):
            if char != "\u2026" or reading.marks[at] != "b" or reading.is_prose(at):
                continue
            yield Finding(
                reading.span(at, at + 1),
                "`\u2026` is one character, not three dots: the program does not take it for a pattern or a range.",
                help="Write `...`.",
                fix=Fix("Write three dots", [reading.edit(at, at + 1, "...")]),
            )
