"""Scripts that are cut in pieces: one statement over several items."""

from __future__ import annotations

from ..findings import Fix
from .fragments import DANGLING, LEADING, OPEN, QUOTE, STRAY, Fault, is_suspect, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.buildspec import Buildspec, Command

_MOST = 60


class Broken:
    """An item that is no complete script. With the items up to and with `last` it would be one (None: with none)."""

    __slots__ = ("command", "fault", "last", "pieces")

    def __init__(self, command: Command, fault: Fault, pieces: list[Command]) -> None:
        self.command = command
        self.fault = fault
        #: The items that together make a script, this one first; only this one, if they do not.
        self.pieces = pieces

    @property
    def is_split(self) -> bool:
        return len(self.pieces) > 1


_found: list[tuple[Buildspec, list[Broken]]] = []


def broken(spec: Buildspec) -> list[Broken]:
    """The items that no shell can read, each split statement once; several rules ask for them."""
    if not _found or _found[0][0] is not spec:
        _found[:] = [(spec, _broken(spec))]
    return _found[0][1]


def _broken(spec: Buildspec) -> list[Broken]:
    found: list[Broken] = []
    if not spec.is_posix:
        return found
    for phase in spec.phases:
        for commands in (phase.commands, phase.finally_):
            if any(is_suspect(command.script) for command in commands):
                found += _in_list(commands)
    return [one for one in found if not _is_torn(spec, one.command)]


def _is_torn(spec: Buildspec, command: Command) -> bool:
    """Has YAML cut the block at a line that is indented too little, or the like? Then its end was mended or lost."""
    if command.node.style not in ("|", ">") or not spec.document.repairs:
        return False
    text = spec.document.text
    end = command.node.end
    while end < len(text) and text[end - 1 : end] != "\n":
        end += 1
    behind = text.find("\n", end)
    from ..source import Span

    place = spec.document.draft.span(Span(command.node.start, behind if behind >= 0 else len(text)))
    return any(place.start <= repair.span.start <= place.end for repair in spec.document.repairs)


def _in_list(commands: list[Command]) -> list[Broken]:
    found: list[Broken] = []
    at = 0
    while at < len(commands):
        command = commands[at]
        fault = reading(command.text).fault if is_suspect(command.script) else None
        if fault is None:
            at += 1
            continue
        pieces = [command]
        if fault.kind in (OPEN, QUOTE, DANGLING):
            pieces = _pieces(commands, at, fault)
        found.append(Broken(command, fault, pieces))
        at += len(pieces)
    return found


def _pieces(commands: list[Command], at: int, fault: Fault) -> list[Command]:
    """The items that complete each other, from `at` on; only that one, if they do not."""
    text = commands[at].text
    for count in range(2, min(len(commands) - at, _MOST) + 1):
        piece = commands[at + count - 1]
        text += "\n" + piece.text
        joined = reading(text)
        if joined.unsure:
            break
        if joined.fault is None:
            if fault.kind == DANGLING or _is_rest(piece, fault):
                return commands[at : at + count]
            break
    return commands[at : at + 1]


def _is_rest(piece: Command, fault: Fault) -> bool:
    """Is the item the end of a statement, and no statement of its own?"""
    own = reading(piece.text).fault
    if own is None:
        return False
    if fault.kind == QUOTE:
        return own.kind == QUOTE and own.word == fault.word
    return own.kind in (STRAY, LEADING)


def joined(spec: Buildspec, pieces: list[Command]) -> Fix | None:
    """The pieces as one block, where each is one plain line of a list in block style."""
    from ..findings import Edit

    text = spec.document.text
    dash = _dash(text, pieces[0].node.start)
    if dash is None:
        return None
    line = max(text.rfind("\n", 0, dash), text.rfind("\r", 0, dash)) + 1
    lines: list[str] = []
    depth = 0
    for n, piece in enumerate(pieces):
        node = piece.node
        source = text[node.start : node.end]
        value = piece.text.strip()
        simple = not node.style and source == piece.text
        quoted = node.style in ("'", '"') and source[1:-1] == piece.text
        if not (simple or quoted) or "\n" in source or "\r" in source or "#" in value[:1]:
            return None
        behind = text[node.end : _line_end(text, node.end)].strip()
        if n + 1 < len(pieces):
            between = text[node.end : pieces[n + 1].node.start]
            if between.strip() != "-" or behind:
                return None
        elif behind:
            return None
        first = value.split(None, 1)[0].rstrip(";")
        if first in ("fi", "done", "esac", "else", "elif", "}", "then", "do"):
            depth = max(depth - 1, 0)
        lines.append("  " * depth + value)
        if value.endswith(("then", "do", "else", "{")) or first == "else":
            depth += 1
    ending = "\r\n" if "\r\n" in text else "\n"
    margin = text[line:dash] + "  "
    if margin.strip(" "):
        margin = " " * (dash - line + 2)
    block = "|" + "".join(ending + margin + one for one in lines)
    edit = Edit(pieces[0].node.start, pieces[-1].node.end, block)
    return Fix("Join the items into one block", [edit], safe=False)


def _dash(text: str, at: int) -> int | None:
    """The hyphen of the list entry that begins at `at`."""
    before = text[max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1 : at].rstrip(" \t")
    if not before.endswith("-") or before.strip() != "-":
        return None
    return text.rfind("-", 0, at)


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))
