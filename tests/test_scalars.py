"""Each character of a value stands in the file where `places` says."""

from __future__ import annotations

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.syntax.scalars import places, span_in
from cdlint.syntax.tree import Mapping, Scalar
from cdlint.syntax.yaml import SyntaxProblem, compose

TEXT = st.text(alphabet="ab \t\n'\"\\:#-é漢😀\u00a0", max_size=40)


def scalar_of(text: str) -> Scalar:
    root = compose(text).root
    assert isinstance(root, Mapping)
    value = root.get("k")
    assert isinstance(value, Scalar)
    return value


def check(text: str) -> None:
    scalar = scalar_of(text)
    found = places(text, scalar)
    assert len(found) == len(scalar.value) + 1
    assert found == sorted(found)
    for char, at in zip(scalar.value, found, strict=False):
        if text[at] == char or (char in " \n" and text[at] in "\r\n") or text[at] == "\\":
            continue
        raise AssertionError((text, char, at))
    if scalar.value:
        assert len(set(found)) > 1 or len(scalar.value) == 1, "the value was not traced"


@settings(max_examples=400)
@given(TEXT, st.sampled_from(["'", '"', "|", ">", None]), st.sampled_from([10, 80]), st.booleans())
def test_dumped_scalars(value: str, style: str | None, width: int, unicode: bool) -> None:
    text = pyyaml.dump({"k": value}, default_style=style, width=width, allow_unicode=unicode)
    if text.startswith(('"k"', "'k'")):
        text = "k" + text[3:]
    if text.startswith(("|", ">", "?")):
        return
    check(text)


@settings(max_examples=400)
@given(
    st.sampled_from(["|", ">", "|-", ">-", "|+", ">+", "| # c", ">2", "|2-"]),
    st.lists(st.tuples(st.integers(0, 3), st.text(alphabet="ab #:é\t", max_size=6)), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_block_scalars(header: str, lines: list[tuple[int, str]], end: str) -> None:
    text = f"k: {header}{end}" + "".join(
        ("  " + " " * more + line if line.strip() else " " * more) + end for more, line in lines
    )
    text += f"z: 1{end}"
    try:
        scalar = scalar_of(text)
    except SyntaxProblem:
        return
    if scalar.value.strip():
        check(text)


@pytest.mark.parametrize(
    ("text", "part", "place"),
    [
        ("k: abc def\n", "def", "def"),
        ("k: 'it''s def'\n", "def", "def"),
        ("k: 'it''s def'\n", "'", "''"),
        ('k: "a\\tb def"\n', "def", "def"),
        ('k: "a\\u00e9x"\n', "é", "\\u00e9"),
        ("k: |\n  abc\n   def\n", "def", "def"),
        ("k: >\n  abc\n  def\n", "def", "def"),
        ("k: abc\n  def\n", "def", "def"),
        ('k: "abc \\\n  def"\n', "def", "def"),
    ],
)
def test_spans(text: str, part: str, place: str) -> None:
    scalar = scalar_of(text)
    at = scalar.value.index(part)
    span = span_in(text, scalar, at, at + len(part))
    if place == "''":
        assert text[span.start : span.start + 2] == place
    else:
        assert text[span.start : span.end] == place
