"""CD023–CD024: characters that cannot be seen, and letters that only look like others."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import FAMILIES, Buildspec
from ..source import Span
from ..syntax.lines import ODD_BLANKS, ZERO_WIDTH
from ..syntax.tree import Scalar
from . import rule
from .reading import PROSE, Reading, readings, scalars
from .repaired import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


#: Characters that turn the direction of the text around, so that it reads otherwise than it runs.
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


INVISIBLE = ODD_BLANKS + ZERO_WIDTH + BIDI


_NAMES = {
    0xA0: "no-break space", 0xAD: "soft hyphen", 0x1680: "Ogham space mark", 0x200B: "zero-width space",
    0x200C: "zero-width non-joiner", 0x200D: "zero-width joiner", 0x200E: "left-to-right mark",
    0x200F: "right-to-left mark", 0x202F: "narrow no-break space", 0x205F: "mathematical space",
    0x2060: "word joiner", 0x3000: "ideographic space", 0xFEFF: "byte order mark",
}  # fmt: skip


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
    for reading in readings(spec, INVISIBLE):
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
    for role, scalar in scalars(spec):
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
    for role, scalar in scalars(spec):
        if role == "key":
            yield from _alike_key(spec.document.text, scalar)
    for reading in readings(spec, "".join(_ALIKE) + "".join(_WIDE)):
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


def _alike_words(reading: Reading) -> Iterator[Finding]:
    for word in reading.words:
        if word.command in PROSE or reading.marks[word.start] != "b":
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
