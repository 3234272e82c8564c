"""The private copy remembers where every character stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cdlint.findings import Edit, apply_edits
from cdlint.source import Span
from cdlint.syntax.document import Draft


@st.composite
def edits_of(draw: st.DrawFn, size: int) -> list[Edit]:
    cuts = sorted(draw(st.sets(st.integers(0, size), max_size=6)))
    found = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        found.append(Edit(start, end, draw(st.text("XYZ", max_size=3))))
    return found


@given(st.data(), st.text("abc\n", min_size=1, max_size=30))
def test_a_copy_maps_back(data: st.DataObject, text: str) -> None:
    draft = Draft(text)
    for _ in range(data.draw(st.integers(1, 3))):
        draft.apply(data.draw(edits_of(len(draft.text))))
    for at, char in enumerate(draft.text):
        span = draft.span(Span(at, at + 1))
        assert 0 <= span.start <= span.end <= len(text)
        if char not in "XYZ":
            assert text[span.start : span.end] == char
    # An edit of the copy, told in the original's offsets, does there what it does here.
    edits = [edit for edit in data.draw(edits_of(len(draft.text))) if edit.end > edit.start]
    told = draft.edits(edits)
    if told is not None:
        for ours, theirs in zip(edits, told, strict=True):
            assert draft.text[ours.start : ours.end] == text[theirs.start : theirs.end]
        apply_edits(text, told)


def test_an_edit_of_repaired_characters_is_refused() -> None:
    draft = Draft("abc")
    draft.apply([Edit(1, 2, "XY")])
    assert draft.text == "aXYc"
    assert draft.edits([Edit(1, 2, "")]) is None
    assert draft.edits([Edit(0, 4, "")]) is None
    assert draft.edits([Edit(3, 4, "d")]) == [Edit(2, 3, "d")]
    assert draft.span(Span(1, 3)) == Span(1, 1)
