"""What may be written at a place of an open text.

The text is mostly unfinished there. So a mark is put at the place, once as a key, once as a value, and the text is
read as the rules read it, mended where it has to be; where the mark then stands in the tree, there the suggestions
are for.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..engine import read_text
from ..syntax.document import Document
from .offers import Offers, inner_of
from .schemas import Offer
from .trees import Spot, marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .workspace import Workspace

#: It begins with a capital, since CloudFormation's keys do.
MARK = "Xcdlintmark"
#: Longer texts are not read for the sake of a suggestion, in characters.
_LIMIT = 1_000_000
#: Texts of this size are mended as a whole, in characters.
_MENDED = 5_000

_WORD = re.compile(r"[\w.@/+:#{}*-]*$")
_SHELL = re.compile(r"\$(\{?)(\w*)$")
_REFERENCE = re.compile(r"#\{([\w.@-]*)$")
#: A text that is JSON, not YAML in braces.
_JSON = re.compile(r'[\ufeff\s]*[{\[]\s*(?:["{\[\]}]|$)')
_NOTHING: re.Match[str] = re.match("", "")  # type: ignore[assignment]
_BULLETS = re.compile(r"[ \t]*(?:-[ \t]+)*$")
_KEY_BEHIND = re.compile(r"[\w.-]*[\"']?[ \t]*:(?:[ \t\r\n]|$)")


class Suggestion(NamedTuple):
    """One thing to write in place of the characters from `start` to `end`. `kind` is `Offer.kind`."""

    label: str
    kind: str
    about: str
    detail: str
    insert: str
    start: int
    end: int


class _Variant(NamedTuple):
    """A text with the mark in it. `before` and `behind` surround what is put in at the place."""

    text: str
    before: str = ""
    behind: str = ""


def suggestions(workspace: Workspace, uri: str, offset: int) -> list[Suggestion]:
    """What may stand at an offset of an open text; empty where nothing is known."""
    opened, kind = workspace.texts.get(uri), workspace.kind_of(uri)
    if opened is None or len(opened.text) > _LIMIT:
        return []
    if kind is None:
        kind = _kind_by_name(opened.source.path)
        if kind is None:
            return []
    offers = Offers(workspace, uri, kind)
    text, path = opened.text, opened.source.path
    line = text[max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1 : offset]
    reference, variable = _REFERENCE.search(line), _SHELL.search(line)
    typed = (reference or variable or _NOTHING).group(0)
    if typed:
        start = offset - len(typed)
        read = _first(_marked(text, offset), path, kind)
        if read is None:
            return []
        made = offers.references(read[0]) if reference else offers.shell_variables(read[0], typed)
        # What closes it may be there already.
        end = offset + 1 if text[offset : offset + 1] == "}" and "{" in typed else offset
        return [_made(offer, _Variant(""), start, end, offer.label) for offer in made]
    return _plain(offers, text, path, kind, line, offset)


def _plain(offers: Offers, text: str, path: str, kind: str, line: str, offset: int) -> list[Suggestion]:
    word = _word(line)
    start = offset - len(word)
    style = "hcl" if path.endswith(".tf") else "json" if _JSON.match(text) else "yaml"
    for variant in _variants(text, line[: len(line) - len(word)], start, offset, style):
        found = _read(variant, path, kind)
        if found is None:
            continue
        document, spot = found
        made = offers.at(document, spot)
        if not made:
            continue
        has_colon = _KEY_BEHIND.match(text, offset) is not None
        return [
            _made(offer, variant, start, offset, _spelt(offer, style, variant, has_colon)) for offer in made
        ]
    return []


def _spelt(offer: Offer, style: str, variant: _Variant, has_colon: bool) -> str:
    """An offer as the text wants it at this place."""
    if offer.kind != "key" or has_colon:
        return offer.label
    if style == "yaml":
        quoted = variant.text[variant.text.find(MARK) - 1 : variant.text.find(MARK)] in ('"', "'")
        if quoted:
            return offer.label
        return offer.label + (":" if offer.holds in ("mapping", "sequence") else ": ")
    if style == "hcl":
        return offer.label + (" = " if offer.holds == "scalar" else "")
    return offer.label


def _made(offer: Offer, variant: _Variant, start: int, end: int, insert: str) -> Suggestion:
    behind = variant.behind
    if behind and offer.kind == "key":
        behind = '": '
    return Suggestion(
        offer.label, offer.kind, offer.about, offer.detail, variant.before + insert + behind, start, end
    )


def _word(line: str) -> str:
    """What has been typed of the word at the end of a line, within its quotes."""
    found = _WORD.search(line)
    word = found.group(0) if found else ""
    word = word.lstrip("{")
    if word.endswith(":") and not word.endswith("::"):
        return ""
    if "#{" in word:
        return word
    return word.rpartition("{")[2] if "{" in word and "$" not in word else word


def _variants(text: str, head: str, start: int, end: int, style: str) -> Iterator[_Variant]:
    """The text with the mark in the place of the word from `start` to `end`, in the ways that it may be meant."""
    before, behind = text[:start], text[end:]
    plain = before + MARK + behind
    rest = behind.partition("\n")[0].rstrip("\r")
    if style == "json":
        yield from _json_variants(before, behind, rest, _in_quotes(head))
        return
    if style == "hcl":
        if _in_quotes(head):
            yield _Variant(plain)
            return
        if head.rstrip().endswith(("=", "[", ",")):
            yield _Variant(before + f'"{MARK}"' + behind, '"', '"')
        else:
            yield _Variant(before + f"{MARK} = 0" + behind)
        return
    if _BULLETS.fullmatch(head) and not rest.strip().rstrip(","):
        yield _Variant(before + MARK + ":" + behind)
        yield _Variant(plain)
    elif head.endswith(":"):
        yield _Variant(before + " " + MARK + behind, " ")
    else:
        yield _Variant(plain)
        if "{" in head:
            yield _Variant(before + MARK + ": 0" + behind)


def _json_variants(before: str, behind: str, rest: str, is_quoted: bool) -> Iterator[_Variant]:
    """As `_variants`. Of a text that is not finished, only what stands before the place is read, with its ends put in:
    mending JSON takes long."""
    if is_quoted:
        whole = [_Variant(before + MARK + behind)]
        if '"' in rest:
            whole.append(_Variant(before + MARK + '": 0' + behind.partition('"')[2]))
        whole.append(_Variant(before + MARK + '"' + behind, behind='"'))
        cut = [before + MARK + '"', before + MARK + '": 0']
        closing = "" if '"' in rest else '"'
    else:
        puts = ('"{}"', '"{}": 0', '"{}",', '"{}": 0,', ', "{}"', ', "{}": 0')
        whole = [_Variant(before + put.format(MARK) + behind, '"', '"') for put in puts]
        cut = [before.rstrip() + put.format(MARK) for put in ('"{}"', '"{}": 0', ', "{}"', ', "{}": 0')]
        closing = '"'
    for variant in whole:
        if _is_whole(variant.text):
            yield variant
    for text in cut:
        text += _closers(text)
        if _is_whole(text):
            yield _Variant(text, "" if is_quoted else '"', closing)


def _readable(text: str) -> str:
    """The text, or where mending all of it would take long, what stands before the end of the mark's line."""
    if _is_yaml(text):
        return text
    stop = text.find("\n", text.find(MARK))
    cut = text if stop < 0 else text[: stop + 1]
    return cut if len(text) > _MENDED or _is_yaml(cut) else text


def _is_yaml(text: str) -> bool:
    from ..syntax.yaml import SyntaxProblem, compose

    try:
        compose(text, len(text) - len(text.removeprefix("\ufeff")))
    except SyntaxProblem:
        return False
    return True


def _marked(text: str, offset: int) -> Iterator[_Variant]:
    """The text with the mark within a value."""
    if _JSON.match(text):
        yield from _json_variants(text[:offset], text[offset:], text[offset:].partition("\n")[0], True)
    else:
        yield _Variant(text[:offset] + MARK + text[offset:])


def _first(variants: Iterator[_Variant], path: str, kind: str) -> tuple[Document, Spot] | None:
    return next(filter(None, (_read(variant, path, kind) for variant in variants)), None)


def _is_whole(text: str) -> bool:
    from ..syntax.json import parse
    from ..syntax.yaml import SyntaxProblem

    try:
        parse(text, len(text) - len(text.removeprefix("\ufeff")))
    except SyntaxProblem:
        return False
    return True


def _closers(text: str) -> str:
    """The brackets and braces that are still open at the end of a text, closed."""
    ends: list[str] = []
    quoted = False
    at = 0
    while at < len(text):
        char = text[at]
        if quoted:
            at += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "{[":
            ends.append("}" if char == "{" else "]")
        elif char in "}]" and ends:
            ends.pop()
        at += 1
    return "".join(reversed(ends))


def _read(variant: _Variant, path: str, kind: str) -> tuple[Document, Spot] | None:
    """The document of a variant, and where the mark stands in it; that may be a buildspec inside of a template."""
    document = read_text(_readable(variant.text) if kind != "terraform" else variant.text, path, kind)
    spot = marked(document.root, lambda value: MARK in value)
    if spot is None:
        return None
    inner = inner_of(document, kind, MARK)
    return inner if inner is not None else (document, spot)


def _in_quotes(head: str) -> bool:
    return head.replace('\\"', "").count('"') % 2 == 1


def _kind_by_name(path: str) -> str | None:
    """The kind that only a name tells, for texts that are still almost empty."""
    from ..kinds import kind_by_name, kind_of

    name = path.replace("\\", "/").rpartition("/")[2].lower()
    found = kind_by_name(name) or kind_of(path, "", None, True)
    if found is None and name.endswith(".json") and "pipeline" in name:
        return "pipeline"
    return found
