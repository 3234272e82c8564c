"""Offsets and positions, for every kind of line end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.findings import Edit, apply_edits
from cdlint.source import Position, Source, line_starts

TEXTS = st.text(alphabet=st.sampled_from("ab \t\r\n\u2028é漢\ufeff"), max_size=40)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", [0]),
        ("a", [0]),
        ("a\n", [0, 2]),
        ("a\r\nb\rc\n\nd", [0, 3, 5, 7, 8]),
        ("\r\r\n\n", [0, 1, 3, 4]),
    ],
)
def test_line_starts(text: str, starts: list[int]) -> None:
    assert line_starts(text) == starts


@given(TEXTS)
def test_lines_are_those_of_yaml(text: str) -> None:
    """`\\n`, `\\r\\n` and `\\r` end a line; nothing else does."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(line_starts(text)) == unified.count("\n") + 1


@given(TEXTS, st.integers(0, 50))
def test_position_and_offset_are_inverse(text: str, offset: int) -> None:
    source = Source("x", text)
    offset = min(offset, len(text))
    if text.startswith("\ufeff") and offset == 0:
        return  # a byte order mark has no column of its own
    position = source.position(offset)
    assert source.offset(position.line, position.column) == offset


def test_byte_order_mark_has_no_column() -> None:
    source = Source("x", "\ufeffab")
    assert source.position(1) == Position(1, 1)
    assert source.position(2) == Position(1, 2)
    assert source.line_text(1) == "ab"


def test_edits_must_not_overlap() -> None:
    assert apply_edits("abc", [Edit(1, 2, "X"), Edit(0, 0, "<")]) == "<aXc"
    with pytest.raises(ValueError, match="overlapping"):
        apply_edits("abc", [Edit(0, 2, ""), Edit(1, 3, "")])
    with pytest.raises(ValueError, match="misplaced"):
        apply_edits("abc", [Edit(2, 9, "")])
