"""A text as cdlint reads it: the user's own, a private copy that was repaired, and its tree."""

from __future__ import annotations

from ..findings import Edit, Fix
from ..source import BOM, Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..schema import Violation
    from .tree import Node, Scalar


#: Marks the places of characters that a repair wrote anew, but that the user's text has too.
_TRACED = 1 << 40


class Draft:
    """A private copy of a text in which every character remembers where it stood.

    Until the first edit the copy is the text itself and costs nothing.
    """

    __slots__ = ("_origin", "original", "text")

    def __init__(self, text: str) -> None:
        self.original = text
        self.text = text
        # For each character (and the end) of `text`: its offset in `original`; characters that an
        # edit put in have `~offset` of the place where they were put; those that it only wrote again have
        # `~offset - _TRACED` of the place they had (they have a place, but edits may not touch them).
        self._origin: list[int] | None = None

    @property
    def touched(self) -> bool:
        return self._origin is not None

    def copy(self) -> Draft:
        other = Draft(self.original)
        other.text = self.text
        other._origin = self._origin
        return other

    def apply(self, edits: Iterable[Edit]) -> None:
        """Make edits, given in offsets of `text`; they must not overlap."""
        origin = self._origin
        if origin is None:
            origin = list(range(len(self.text) + 1))
        text_parts: list[str] = []
        places: list[int] = []
        at = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < at:
                raise ValueError(f"overlapping edit {edit!r}")
            text_parts.append(self.text[at : edit.start])
            places += origin[at : edit.start]
            text_parts.append(edit.replacement)
            places += self._traced(edit, origin)
            at = edit.end
        text_parts.append(self.text[at:])
        places += origin[at:]
        self.text = "".join(text_parts)
        self._origin = places

    def _traced(self, edit: Edit, origin: list[int]) -> list[int]:
        """Where the characters of a replacement stood; a repair mostly puts some in and keeps all others."""
        inserted = ~self._plain(origin[edit.start])
        size = edit.end - edit.start
        if size < 3 or len(edit.replacement) < 3:
            return [inserted] * len(edit.replacement)
        places: list[int] = []
        at = edit.start
        for char in edit.replacement:
            if at < edit.end and self.text[at] == char:
                places.append(~self._plain(origin[at]) - _TRACED)
                inserted = ~(self._plain(origin[at]) + 1)
                at += 1
            else:
                places.append(inserted)
        if at < edit.end:
            # Something was left out or exchanged as well: only the beginning is certain.
            return [~self._plain(origin[edit.start])] * len(edit.replacement)
        return places

    @staticmethod
    def _plain(place: int) -> int:
        if place < -_TRACED:
            return ~(place + _TRACED)
        return ~place if place < 0 else place

    def span(self, span: Span) -> Span:
        """The place in the original of a place in `text`."""
        origin = self._origin
        if origin is None:
            return span
        last = len(origin) - 1
        start = self._plain(origin[min(span.start, last)])
        if span.end <= span.start:
            return Span(start, start)
        final = origin[min(span.end, last + 1) - 1]
        inserted = -_TRACED <= final < 0
        return Span(start, max(start, self._plain(final) + (0 if inserted else 1)))

    def edits(self, edits: Iterable[Edit]) -> list[Edit] | None:
        """Edits of `text` as edits of the original; None if one touches repaired characters.

        Line ends that an edit puts in become those of the original.
        """
        result: list[Edit] = []
        for edit in edits:
            place = self._place(edit)
            if place is None:
                return None
            replacement = edit.replacement
            if "\n" in replacement and "\r\n" in self.original:
                replacement = replacement.replace("\r\n", "\n").replace("\n", "\r\n")
            result.append(Edit(place[0], place[1], replacement))
        return result

    def _place(self, edit: Edit) -> tuple[int, int] | None:
        origin = self._origin
        if origin is None:
            return edit.start, edit.end
        if edit.start == edit.end:
            place = origin[edit.start]
            return None if place < 0 else (place, place)
        first, final = origin[edit.start], origin[edit.end - 1]
        if first < 0 or final < 0 or final - first != edit.end - 1 - edit.start:
            return None
        if self.original[first : final + 1] != self.text[edit.start : edit.end]:
            return None
        return first, final + 1


class Repair:
    """Something that had to be mended before (or after) the text could be read as meant.

    `kind` is the name of the rule that reports it; `span` and the fix's edits are in offsets of the
    user's file. `detail` holds the words the message needs (a character, a key, the parser's text).
    """

    __slots__ = ("detail", "fix", "kind", "span")

    def __init__(
        self, kind: str, span: Span, fix: Fix | None = None, detail: dict[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.span = span
        self.fix = fix
        self.detail = detail or {}

    def __repr__(self) -> str:
        return f"Repair({self.kind!r}, {self.span!r}, {self.detail!r})"


class Document:
    """Everything known about one text before any meaning is read into it.

    `text` is the private copy that `root` was composed from (None if nothing could be read);
    `damaged` is True when lines had to be left out, so that absences prove nothing.
    """

    __slots__ = (
        "damaged",
        "documents",
        "draft",
        "duplicates",
        "json",
        "repairs",
        "root",
        "source",
        "undefined",
        "violations",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.draft = Draft(source.text)
        self.root: Node | None = None
        self.repairs: list[Repair] = []
        self.duplicates: list[tuple[Scalar, Scalar]] = []
        self.undefined: list[Scalar] = []
        self.documents: list[int] = []
        self.damaged = False
        self.json = False
        #: Filled by the engine once the kind of the document is known.
        self.violations: list[Violation] = []

    @property
    def text(self) -> str:
        return self.draft.text

    @property
    def base(self) -> int:
        """Where the text proper starts: behind a byte order mark."""
        return 1 if self.draft.text.startswith(BOM) else 0
