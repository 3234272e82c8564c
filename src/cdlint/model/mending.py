"""Text that is YAML but not the buildspec it was meant to be: mended in the private copy.

Some slips parse: `- echo "a: b"` is a mapping, `— npm ci` a plain text, `- [ -f x ]` a list. Like syntax
errors they are repaired and reported, and the rest of the file is read as it was meant. What only hangs
at the wrong place in the tree is moved there by `reshaping`.
"""

from __future__ import annotations

from ..findings import Edit, Fix
from ..source import Span
from ..syntax.document import Document, Repair
from ..syntax.lines import BULLETS, ODD_BLANKS, ZERO_WIDTH, Line, Lines, colon_in, quoted, value_end
from ..syntax.reading import recompose
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from .buildspec import FAMILIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Keys whose value is a list of texts.
LISTS = frozenset(
    (
        "commands",
        "finally",
        "files",
        "paths",
        "exclude-paths",
        "exported-variables",
        "fallback-keys",
    )
)
#: Keys whose list items are shell commands.
COMMANDS = frozenset(("commands", "finally"))
_ODD = tuple(ODD_BLANKS + ZERO_WIDTH)
_BULLETS = tuple(BULLETS)
_KNOWN = frozenset().union(*FAMILIES)
#: Longer texts (in characters) are no files that somebody wrote.
MAX_LENGTH = 300_000
_ROUNDS = 20


class _Mend:
    """One slip: the rule that reports it, its place, and the edits of the private copy."""

    __slots__ = ("description", "detail", "edits", "kind", "safe", "span")

    def __init__(
        self,
        kind: str,
        span: Span,
        edits: list[Edit],
        description: str,
        detail: dict[str, str] | None = None,
        safe: bool = True,
    ) -> None:
        self.safe = safe
        self.kind = kind
        self.span = span
        self.edits = edits
        self.description = description
        self.detail = detail or {}


def mend(document: Document) -> None:
    """Repair the private copy and the tree of a buildspec. Never raises."""
    if document.root is None or document.json or len(document.text) > MAX_LENGTH:
        return
    _ordinary_blanks(document)
    for _ in range(_ROUNDS):
        mends = _apart(_slips(document))
        if not mends:
            break
        draft = document.draft
        repairs = []
        for slip in mends:
            edits = draft.edits(slip.edits)
            fix = Fix(slip.description, edits, safe=slip.safe) if edits else None
            repairs.append(Repair(slip.kind, draft.span(slip.span), fix, slip.detail))
        if not recompose(document, [edit for slip in mends for edit in slip.edits]):
            break
        document.repairs += repairs
    from .reshaping import reshape

    reshape(document)


def _ordinary_blanks(document: Document) -> None:
    """Keys that begin with a no-break space: the indentation is not what it looks like."""
    if document.text.isascii() or not _odd_key(document.root):
        return
    from ..syntax.slips.blanks import odd_blanks_edit

    candidate = odd_blanks_edit(Lines(document.text), 0)
    if candidate is None:
        return
    draft = document.draft
    edits = draft.edits(candidate.edits)
    fix = Fix(candidate.description, edits) if edits else None
    repair = Repair(candidate.kind, draft.span(candidate.span), fix, candidate.detail)
    if recompose(document, candidate.edits):
        document.repairs.append(repair)


def _odd_key(root: Node | None) -> bool:
    seen: set[int] = set()
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(key, Scalar) and not key.style and key.value[:1] in _ODD:
                    return True
                stack.append(value)
        elif isinstance(node, Sequence):
            stack += node.items
    return False


def _apart(slips: Iterator[_Mend]) -> list[_Mend]:
    """Those whose edits do not overlap an earlier one's; the others come in the next round."""
    chosen: list[_Mend] = []
    taken: list[tuple[int, int]] = []
    for slip in slips:
        places = [(edit.start, max(edit.end, edit.start + 1)) for edit in slip.edits]
        if all(end <= a or start >= b for start, end in places for a, b in taken):
            taken += places
            chosen.append(slip)
    return chosen


def _slips(document: Document) -> Iterator[_Mend]:
    """Every slip of this round, walking each node once."""
    assert document.root is not None
    text = document.draft.text
    lines = Lines(text)
    seen: set[int] = set()
    stack: list[tuple[str, Node, int]] = [("", document.root, 0)]
    while stack:
        key, node, from_key = stack.pop()
        if id(node) in seen or node.start < from_key:
            continue  # seen, or an alias of what stands further up
        seen.add(id(node))
        if isinstance(node, Mapping):
            for name, value in node.pairs:
                if not isinstance(name, Scalar):
                    continue
                stack.append((name.value, value, name.end))
                if value.tag is not None and not value.tag.startswith("!!") and not node.flow:
                    yield from _tagged_value(lines, name, value)
        elif isinstance(node, Sequence):
            if key in COMMANDS and not node.flow:
                for item in node.items:
                    if not _plainly_fine(text, item):
                        yield from _item(lines, item)
            elif not node.flow:
                for item in node.items:
                    if isinstance(item, Scalar):
                        yield from _bulleted_lines(lines, item)
            for item in node.items:
                if not isinstance(item, Scalar):
                    stack.append(("", item, item.start))
        elif isinstance(node, Scalar) and not node.style:
            yield from _plain(lines, key, node, from_key)


def _plainly_fine(text: str, item: Node) -> bool:
    """An untagged one-line text right behind its hyphen, as nearly all are: nothing to look at twice."""
    if item.__class__ is not Scalar or item.tag is not None or item.anchor is not None:
        return False
    start = item.start
    whole = item.style in ("|", "'", '"') or item.end - start == len(item.value)
    return whole and text[start - 2 : start] == "- " and text[start : start + 1] not in _BULLETS


def below_key(text: str, from_key: int, node: Node) -> bool:
    """The value begins on a line below its key."""
    return "\n" in text[from_key : node.start] or "\r" in text[from_key : node.start]


def _plain(lines: Lines, key: str, node: Scalar, from_key: int) -> Iterator[_Mend]:
    """A plain text where a list or a mapping was meant."""
    text = lines.text
    value = node.value
    first = value[:1]
    if not first:
        return
    wide = value.find("\uff1a")
    if wide >= 0 and below_key(text, from_key, node) and value[:wide] in _KNOWN:
        at = node.start + wide
        glue = "" if text[at + 1 : at + 2].strip() == "" else " "
        edit = Edit(at, at + 1, ":" + glue)
        span, detail = Span(at, at + 1), {"char": "\uff1a"}
        yield _Mend("look-alike-letter", span, [edit], "Write an ordinary colon", detail)
        return
    below = below_key(text, from_key, node)
    if (key in LISTS or node.anchor is not None) and below and (first in BULLETS or first in "-*+"):
        yield from _list_lines(lines, node)
        return
    if key in LISTS and not below and " - " in value:
        yield from _melted_list(lines, node, from_key)
        return
    if key in LISTS and below and "- " in value:
        from ..syntax.slips.punctuation import first_dash_edit

        found = first_dash_edit(lines, lines.at(node.start))
        if found is not None:
            yield _Mend(found.kind, found.span, found.edits, found.description)
            return
    word = value.partition(" ")[0]
    if below and word in _KNOWN and " - " in value and "\n" in text[node.start : node.end]:
        at = node.start + len(word)
        if text[at : at + 1] in ("\n", "\r", " "):
            detail = {"key": word}
            span, edit = Span(node.start, at), Edit(at, at, ":")
            yield _Mend("missing-colon", span, [edit], f"Put a colon after `{word}`", detail)
            return
    name = value.partition("=")[0]
    if below and key in ("variables", "plaintext") and "=" in value and " " not in name:
        at = node.start + len(name)
        if text[at : at + 1] == "=":
            edit = Edit(at, at + 1, ": ")
            span, description = Span(node.start, at), f"Put a colon after `{name}`"
            yield _Mend("missing-colon", span, [edit], description, {"key": name})
            return
    if ":" in value and (below or key not in _KNOWN):
        word = value.partition(":")[0]
        rest = value[len(word) + 1 :]
        mapping = key in ("variables", "plaintext", "parameter-store", "runtime-versions")
        if (word in _KNOWN or (mapping and " " not in word)) and rest and rest[0] not in " \n":
            at = node.start + len(word)
            yield _Mend(
                "missing-blank-after-colon",
                Span(at, at + 1),
                [Edit(at + 1, at + 1, " ")],
                "Put a blank after the colon",
                {"key": word},
            )


def _melted_list(lines: Lines, node: Scalar, from_key: int) -> Iterator[_Mend]:
    """`commands: npm ci` above `- npm test`: the list melts into the first command."""
    rest = _source_lines(lines, node)[1:]
    if rest and all(line.blank or line.is_item for line in rest):
        colon = lines.text.find(":", from_key) + 1
        if 0 < colon <= node.start:
            indent = " " * next(line.indent for line in rest if not line.blank)
            edit = Edit(colon, node.start, f"\n{indent}- ")
            end = min(node.end, lines[lines.at(node.start)].end)
            yield _Mend("missing-dash", Span(node.start, end), [edit], "Make the line a list item")


def _source_lines(lines: Lines, node: Node) -> list[Line]:
    """The lines that a node stands on."""
    return [lines[index] for index in range(lines.at(node.start), lines.at(node.end) + 1)]


def _list_lines(lines: Lines, node: Scalar) -> Iterator[_Mend]:
    """`commands:` above lines that begin with `—`, `•` or `-word`: one plain text to YAML."""
    from ..syntax.slips.punctuation import bullet_edit

    text, own = lines.text, _source_lines(lines, node)
    for line in own:
        if line.indent != own[0].indent:
            continue  # an argument on a line of its own
        edit = bullet_edit(text, line)
        if edit is not None:
            yield _bullet(text, edit)
        elif text.startswith("-", line.body) and not line.is_item and not line.blank:
            at = line.body + 1
            yield _Mend(
                "missing-blank-after-dash",
                Span(line.body, at),
                [Edit(at, at, " ")],
                "Put a blank after the hyphen",
            )


def _bulleted_lines(lines: Lines, node: Scalar) -> Iterator[_Mend]:
    """A further line of a plain item that begins with a typographic bullet was an item of its own."""
    text = lines.text
    if node.style or text[node.start : node.start + 1] == "-" or "\n" not in text[node.start : node.end]:
        return
    from ..syntax.slips.punctuation import bullet_edit

    own = _source_lines(lines, node)
    if any(line.is_item and line.item < line.end for line in own[1:]):
        from ..syntax.slips.levels import uneven_items

        moved = uneven_items(text, lines, lines.at(node.start))
        if moved is not None:
            yield _Mend(moved.kind, moved.span, moved.edits, moved.description, moved.detail)
        return
    dash = own[0].body
    for line in own[1:]:
        edit = bullet_edit(text, line)
        if edit is not None and text[edit.start] not in "*+" and text[edit.start + 1 : edit.end]:
            indent = " " * (dash - own[0].start)
            yield _Mend(
                "typographic-bullet",
                Span(edit.start, edit.start + 1),
                [Edit(line.start, edit.end, indent + edit.replacement)],
                "Write a hyphen and a blank",
                {"char": text[edit.start]},
            )


def _bullet(text: str, edit: Edit) -> _Mend:
    return _Mend(
        "typographic-bullet",
        Span(edit.start, edit.start + 1),
        [edit],
        "Write a hyphen and a blank",
        {"char": text[edit.start]},
    )


def _item(lines: Lines, item: Node) -> Iterator[_Mend]:
    """An item of `commands` that YAML does not take for a text."""
    text = lines.text
    if isinstance(item, Scalar):
        start = -1
        if item.tag is None and text[item.start - 2 : item.start] != "- ":
            # Perhaps a lone `!`, the tag that says nothing, stands before the text.
            start = _item_start(text, item)
        if start >= 0 and start < item.start and text[start] == "!":
            yield from _indicator(text, start, "!")
        elif item.tag is not None and not item.tag.startswith("!!"):
            yield from _tagged(text, item)
        elif item.anchor is not None and not item.value and text[item.start : item.start + 1] == "*":
            yield from _indicator(text, item.start, "*")
        elif not item.style:
            yield from _bulleted_lines(lines, item)
            first = text[item.start : item.start + 1]
            if first and first in BULLETS and text[item.start + 1 : item.start + 2] in (" ", "\u00a0"):
                edit = Edit(item.start, item.start + 2, "")
                span = Span(item.start, item.start + 1)
                yield _Mend("typographic-bullet", span, [edit], "Remove the bullet", {"char": first})
        return
    line_end = _line_end(text, item.start)
    start = _item_start(text, item)
    if item.end > line_end or start < 0:
        return
    stop = value_end(text, start, line_end)
    source = text[start:stop]
    wrap = [Edit(start, stop, quoted(source))]
    if isinstance(item, Mapping) and not item.flow and len(item.pairs) == 1:
        colon = _pair_colon(text, item)
        if colon < 0:
            colon = start + max(0, colon_in(source))
        yield _Mend("colon-in-value", Span(colon, colon + 1), wrap, "Quote the whole command")
    elif isinstance(item, (Mapping, Sequence)) and source[:1] in ("[", "{", "!"):
        if source.startswith(("[ ", "[[", "{ ", "!")):
            yield from _indicator(text, start, source[0])


def _pair_colon(text: str, item: Mapping) -> int:
    key = item.pairs[0][0]
    at = key.end
    while at < len(text) and text[at] in " \t":
        at += 1
    return at if text[at : at + 1] == ":" else -1


def _tagged(text: str, item: Scalar) -> Iterator[_Mend]:
    """`- !test -f x`: to YAML `!test` is a tag."""
    start = _item_start(text, item)
    if start >= 0 and text[start] == "!":
        yield from _indicator(text, start, "!")


def _tagged_value(lines: Lines, key: Scalar, value: Node) -> Iterator[_Mend]:
    """`PASSWORD: !secret`: a buildspec knows no tags, so the text was meant."""
    line = lines[lines.at(key.start)]
    at = lines.text.find("!", key.end, line.end)
    if isinstance(value, Scalar) and at >= 0 and not lines.text[key.end : at].strip(" \t:"):
        yield from _indicator(lines.text, at, "!")


def _indicator(text: str, start: int, char: str) -> Iterator[_Mend]:
    stop = value_end(text, start, _line_end(text, start))
    wrap = [Edit(start, stop, quoted(text[start:stop]))]
    detail = {"char": char}
    # `!Sub` and the like were meant as tags, for CloudFormation.
    safe = not (char == "!" and text[start + 1 : start + 2].isupper()) and text[start : start + 2] != "&&"
    place, description = Span(start, start + 1), "Quote the whole value"
    yield _Mend("starts-with-indicator", place, wrap, description, detail, safe)


def _item_start(text: str, item: Node) -> int:
    """Where the text of a `- …` item begins, tags and all; -1 if the item is not behind a hyphen."""
    start = max(text.rfind("\n", 0, item.start), text.rfind("\r", 0, item.start)) + 1
    line = Line(text, start, _line_end(text, item.start))
    return line.item if line.is_item else -1


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))
