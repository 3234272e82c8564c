"""CD02x: what blog engines, word processors and web pages do to code."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import FAMILIES, Buildspec, pairs
from ..source import Span
from ..syntax.lines import ODD_BLANKS, ZERO_WIDTH
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from . import rule
from .repaired import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.words import Word

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
SINGLES = "\u2018\u2019\u201a\u201b\u2032\u00b4\uff07"
DOUBLES = "\u201c\u201d\u201e\u201f\u2033\uff02\u00ab\u00bb"
CURLY = SINGLES + DOUBLES
#: Characters that turn the direction of the text around, so that it reads otherwise than it runs.
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = ODD_BLANKS + ZERO_WIDTH + BIDI
_ENTITIES = {
    "&gt;": ">", "&lt;": "<", "&amp;": "&", "&quot;": '"', "&#34;": '"', "&#39;": "'", "&apos;": "'",
    "&#x27;": "'", "&nbsp;": " ", "&#160;": " ", "&#38;": "&", "&#60;": "<", "&#62;": ">",
    "&#x3e;": ">", "&#x3c;": "<", "&#x26;": "&", "&#x22;": '"', "&#xa0;": " ",
}  # fmt: skip
_NAMES = {
    0xA0: "no-break space", 0xAD: "soft hyphen", 0x1680: "Ogham space mark", 0x200B: "zero-width space",
    0x200C: "zero-width non-joiner", 0x200D: "zero-width joiner", 0x200E: "left-to-right mark",
    0x200F: "right-to-left mark", 0x202F: "narrow no-break space", 0x205F: "mathematical space",
    0x2060: "word joiner", 0x3000: "ideographic space", 0xFEFF: "byte order mark",
}  # fmt: skip
#: Commands whose arguments are prose.
_PROSE = frozenset(("echo", "printf", "/bin/echo", "say", "write-host", "Write-Host", "logger"))
_WIDE = {
    "\uff1a": ":", "\uff1d": "=", "\uff1b": ";", "\uff5c": "|", "\uff08": "(", "\uff09": ")", "\uff06": "&",
    "\uff1e": ">", "\uff1c": "<", "\uff04": "$", "\uff0f": "/", "\uff0c": ",", "\uff0e": ".",
}  # fmt: skip
#: Cyrillic and Greek letters that look like Latin ones.
_ALIKE = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d"
        "\u041e\u0420\u0421\u0422\u0425\u03bf\u03b1\u039f\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d"
        "\u03a1\u03a4\u03a7\u0405\u0406\u0501\u051b",
        "aeopcyxijsABEKMHOPCTXoaOABEHIKMNPTXSIdq",
        strict=True,
    )
)


def named(char: str) -> str:
    """`U+00A0 (no-break space)`."""
    code = ord(char)
    name = _NAMES.get(code)
    if name is None and char in BIDI:
        name = "a character that changes the direction of the text"
    if name is None and 0x2000 <= code <= 0x200A:
        name = "a typographic space"
    return f"U+{code:04X} ({name})" if name else f"U+{code:04X} `{char}`"


class _Reading:
    """A command with the state of each character and its words."""

    __slots__ = ("command", "marks", "places", "text", "value", "words")

    def __init__(self, text: str, command: Command) -> None:
        from ..syntax.scalars import places
        from ..syntax.words import states, words

        self.text = text
        self.command = command
        self.value = command.text
        self.marks = states(self.value)
        self.words: list[Word] = words(self.value, self.marks)
        self.places = places(text, command.node)

    def span(self, start: int, end: int) -> Span:
        return Span(self.places[start], self.places[end - 1] + 1 if end > start else self.places[start])

    def edit(self, start: int, end: int, replacement: str) -> Edit:
        """Replace characters of the value, written as the scalar's own quotes demand."""
        style = self.command.node.style
        if style == "'":
            replacement = replacement.replace("'", "''")
        elif style == '"':
            replacement = replacement.replace("\\", "\\\\").replace('"', '\\"')
        span = self.span(start, end)
        return Edit(span.start, span.end, replacement)

    def word_at(self, at: int) -> Word | None:
        for word in self.words:
            if word.start <= at < word.end:
                return word
        return None

    def is_prose(self, at: int) -> bool:
        """An argument of `echo` and the like, whose output nothing reads."""
        word = self.word_at(at)
        if word is None or word.command not in _PROSE or word.depth:
            return False
        for n in range(word.end, len(self.value)):
            if self.marks[n] == "b" and self.value[n] in "|>\n;&":
                return self.value[n] in "\n;&" or self.value.startswith("||", n)
        return True


def _readings(spec: Buildspec, suspicious: str) -> Iterator[_Reading]:
    """The commands that hold one of some characters."""
    text = spec.document.text
    if text.isascii():
        return
    for command in spec.commands():
        value = command.text
        if not value.isascii() and any(char in suspicious for char in value):
            yield _Reading(text, command)


def _scalars(spec: Buildspec) -> Iterator[tuple[str, Scalar]]:
    """`("key" or "value", scalar)` for every scalar that is no command."""
    commands = {id(command.node) for command in spec.commands()}
    seen: set[int] = set()
    stack: list[Node] = [spec.root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(key, Scalar):
                    yield "key", key
                stack.append(value)
        elif isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Scalar) and id(node) not in commands:
            yield "value", node


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
    for reading in _readings(spec, DASHES):
        words = reading.words
        for number, word in enumerate(words):
            if word.text[0] not in DASHES or not word.command or word.command in _PROSE:
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


def _dash(reading: _Reading, word: Word, following: Word | None) -> Finding | None:
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
    for reading in _readings(spec, CURLY):
        yield from _curly_pieces(reading)
        yield from _wrongly_closed(reading)
    if not spec.document.text.isascii():
        for role, scalar in _scalars(spec):
            yield from _curly_scalar(role, scalar)


def _curly_pieces(reading: _Reading) -> Iterator[Finding]:
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


def _is_format(reading: _Reading, at: int, piece: str) -> bool:
    """The format of `printf`, which is code and no prose."""
    word = reading.word_at(at)
    return word is not None and word.command == "printf" and "%" in piece


def _wrongly_closed(reading: _Reading) -> Iterator[Finding]:
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
        reading = _Reading(text, command)
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


def _entity_edits(reading: _Reading, at: int, entity: str, plain: str) -> list[Edit]:
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


@rule("CD023", "invisible-character", Severity.ERROR)
def invisible_character(spec: Buildspec) -> Iterator[Finding]:
    """A character that cannot be seen, or that looks like an ordinary blank.

    No-break spaces and zero-width characters come with text from web pages and word processors. YAML and the
    shell take them for letters: `npm\u00a0ci` is one word, and a command of that name does not exist.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - npm\u00a0ci
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
              - echo "10\u00a0%"
    """
    yield from repaired(
        spec.document,
        "invisible-character",
        "{char} stands where YAML wants an ordinary blank: it takes the character for a letter, so the "
        "indentation is not what it looks like ({count} in this file).",
        "Put ordinary blanks there.",
    )
    for reading in _readings(spec, INVISIBLE):
        for at, char in enumerate(reading.value):
            if char in INVISIBLE and (reading.marks[at] == "b" or char in BIDI):
                yield _invisible(
                    char, reading.span(at, at + 1), reading.edit(at, at + 1, _instead(char)), None
                )
    text = spec.document.text
    if text.isascii():
        return
    if text.startswith("\ufeff"):
        yield Finding(
            Span(0, 1),
            "The file begins with a byte order mark, which some tools take for a letter.",
            help="Save the file as UTF-8 without a byte order mark.",
            fix=Fix("Remove the byte order mark", [Edit(0, 1, "")]),
            severity=Severity.INFO,
        )
    for role, scalar in _scalars(spec):
        yield from _invisible_scalar(text, role, scalar)


def _invisible_scalar(text: str, role: str, scalar: Scalar) -> Iterator[Finding]:
    if scalar.value.isascii():
        return
    from ..syntax.scalars import places

    found: list[int] | None = None
    for at, char in enumerate(scalar.value):
        if char not in INVISIBLE:
            continue
        found = found or places(text, scalar)
        place = Span(found[at], found[at] + 1)
        if text[place.start : place.end] == char:
            edit = Edit(place.start, place.end, _instead(char))
            yield _invisible(char, place, edit, None if role == "key" else Severity.WARNING)


def _instead(char: str) -> str:
    return " " if char in ODD_BLANKS else ""


def _invisible(char: str, span: Span, edit: Edit, severity: object) -> Finding:
    blank = char in ODD_BLANKS
    what = "is a letter to YAML and the shell, not a blank" if blank else "cannot be seen but is a letter"
    if char in BIDI:
        what = "makes the text read otherwise than it runs"
    return Finding(
        span,
        f"{named(char)} {what}: the word it stands in is not the one you see.",
        help="Put an ordinary blank there." if blank else "Remove it.",
        fix=Fix("Put an ordinary blank there" if blank else "Remove it", [edit]),
        severity=severity,  # type: ignore[arg-type]
    )


@rule("CD024", "look-alike-letter", Severity.ERROR)
def look_alike_letter(spec: Buildspec) -> Iterator[Finding]:
    """A letter of another script that looks like a Latin one, or a full-width sign.

    A Cyrillic `\u0430` in a key makes it another key, which CodeBuild ignores; a full-width colon or bar is no
    colon or bar.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
      > \u0430rtifacts:
          files: [app.jar]
    Good:
        version: 0.2
        phases:
          build:
            commands: [make, "echo \u0413\u043e\u0442\u043e\u0432\u043e"]
        artifacts:
          files: [app.jar]
    """
    yield from repaired(
        spec.document,
        "look-alike-letter",
        "`{char}` is a full-width colon, an ordinary letter to YAML: there is no key here.",
        "Write an ordinary colon: `:`.",
    )
    if spec.document.text.isascii():
        return
    for role, scalar in _scalars(spec):
        if role == "key":
            yield from _alike_key(spec.document.text, scalar)
    for reading in _readings(spec, "".join(_ALIKE) + "".join(_WIDE)):
        yield from _alike_words(reading)


def _mixed(word: str) -> int:
    """Where a word of Latin letters holds one that only looks Latin, or -1."""
    if not any(char.isascii() and char.isalpha() for char in word):
        return -1
    at = next((n for n, char in enumerate(word) if char in _ALIKE), -1)
    others = [char for char in word if char.isalpha() and not char.isascii() and char not in _ALIKE]
    return -1 if others else at


def _latin(word: str) -> str:
    return "".join(_ALIKE.get(char, char) for char in word)


def _alike_key(text: str, key: Scalar) -> Iterator[Finding]:
    # The text, not the value: the model may have put the right name there.
    word = text[key.start : key.end]
    at = _mixed(word)
    if at < 0:
        return
    meant = _latin(word)
    fix = None
    if any(meant in family for family in FAMILIES):
        fix = Fix(f"Write `{meant}`", [Edit(key.start, key.end, meant)])
    yield Finding(
        Span(key.start + at, key.start + at + 1),
        f"The letter `{word[at]}` (U+{ord(word[at]):04X}) only looks like `{meant[at]}`: the key is not "
        f"`{meant}`, and CodeBuild does not know it.",
        help=f"Type `{meant}` anew.",
        fix=fix,
    )


def _alike_words(reading: _Reading) -> Iterator[Finding]:
    for word in reading.words:
        if word.command in _PROSE or reading.marks[word.start] != "b":
            continue
        at = _mixed(word.text)
        if at >= 0 and all(reading.marks[word.start + n] == "b" for n in range(len(word.text))):
            start = word.start + at
            edits = [
                reading.edit(word.start + n, word.start + n + 1, _ALIKE[char])
                for n, char in enumerate(word.text)
                if char in _ALIKE
            ]
            yield Finding(
                reading.span(start, start + 1),
                f"The letter `{word.text[at]}` (U+{ord(word.text[at]):04X}) only looks like "
                f"`{_ALIKE[word.text[at]]}`: the word is not `{_latin(word.text)}`.",
                help=f"Type `{_latin(word.text)}` anew.",
                fix=Fix("Write Latin letters", edits, safe=False),
                severity=Severity.ERROR if not word.command else Severity.WARNING,
            )
        for n, char in enumerate(word.text):
            start = word.start + n
            if char in _WIDE and reading.marks[start] == "b":
                yield Finding(
                    reading.span(start, start + 1),
                    f"`{char}` is a full-width sign, an ordinary letter to the shell, not `{_WIDE[char]}`.",
                    help=f"Write `{_WIDE[char]}`.",
                    fix=Fix(f"Write `{_WIDE[char]}`", [reading.edit(start, start + 1, _WIDE[char])]),
                )


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
    for reading in _readings(spec, "\u2026"):
        for at, char in enumerate(reading.value):
            if char != "\u2026" or reading.marks[at] != "b" or reading.is_prose(at):
                continue
            yield Finding(
                reading.span(at, at + 1),
                "`\u2026` is one character, not three dots: the program does not take it for a pattern or a range.",
                help="Write `...`.",
                fix=Fix("Write three dots", [reading.edit(at, at + 1, "...")]),
            )
