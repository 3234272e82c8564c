"""The formats for people, `full` and `concise`: layout, alignment, no hold on the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.findings import Edit, Fix
from cdlint.report.excerpt import excerpt
from cdlint.report.visible import visible
from cdlint.source import Source, Span
from report_support import at, finding, report, result

SPEC = "version: 0.2\nphases:\n  built:\n    commands: [make,\n      test]\n"
RENAME = Fix("Rename it `build`", [Edit(23, 28, "build")])
FOUND = (
    at(
        SPEC,
        "built",
        "`built` is no phase: CodeBuild refuses the file.",
        help="Write `build`.",
        fix=RENAME,
    ),
    at(SPEC, "make,\n      test", "Two.", severity="warning", code="CD231", name="two-things"),
    finding(
        len(SPEC),
        len(SPEC),
        "The end.",
        severity="info",
        code="CD299",
        name="the-end",
        help="First line.\nSecond line.",
        fix=Fix("Do more", [Edit(len(SPEC), len(SPEC), "more\n")], safe=False),
    ),
)

FULL = """\
error[CD106] unknown-phase: `built` is no phase: CodeBuild refuses the file.
 --> ci/buildspec.yml:3:3
  |
3 |   built:
  |   ^^^^^
  = help: Write `build`.
  = fix: Rename it `build`

warning[CD231] two-things: Two.
 --> ci/buildspec.yml:4:16
  |
4 |     commands: [make,
  |                ^^^^^…

info[CD299] the-end: The end.
 --> ci/buildspec.yml:6:1
  |
6 |
  | ^
  = help: First line.
          Second line.
  = fix: Do more (unsafe)

Found 1 error, 1 warning and 1 info in 1 of 2 files. 1 can be fixed safely.
"""


def test_full() -> None:
    files = result(SPEC, *FOUND, path="ci/buildspec.yml"), result("a: 1\n", path="clean.yml")
    assert report("full", *files) == FULL


def test_concise() -> None:
    assert (
        report("concise", result(SPEC, *FOUND))
        == """\
buildspec.yml:3:3: error CD106 unknown-phase: `built` is no phase: CodeBuild refuses the file.
buildspec.yml:4:16: warning CD231 two-things: Two.
buildspec.yml:6:1: info CD299 the-end: The end.
Found 1 error, 1 warning and 1 info in 1 file. 1 can be fixed safely.
"""
    )


@pytest.mark.parametrize("form", ["full", "concise"])
def test_colours_change_nothing_else(form: str) -> None:
    colored = report(form, result(SPEC, *FOUND), color=True)
    assert "\x1b[1;31merror" in colored or "\x1b[31merror" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == report(form, result(SPEC, *FOUND))
    # Every colour ends on the line on which it begins.
    for line in colored.splitlines():
        assert line.count("\x1b[0m") * 2 == line.count("\x1b[")


@pytest.mark.parametrize("form", ["full", "concise"])
def test_without_findings(form: str) -> None:
    one, two = result("a"), result("b", path="b.yml")
    assert report(form, one) == "No problems found in 1 file.\n"
    assert report(form, one, two) == "No problems found in 2 files.\n"
    assert report(form, one, quiet=True) == ""
    assert report(form, one, statistics=True) == "No problems found in 1 file.\n"


def test_quiet_leaves_out_the_summary() -> None:
    assert report("full", result(SPEC, *FOUND), quiet=True).endswith("(unsafe)\n\n")
    assert report("concise", result(SPEC, *FOUND), quiet=True).count("\n") == 3


def test_statistics() -> None:
    many = [finding(0, 1) for _ in range(12)]
    files = result("a", *many), result(SPEC, *FOUND, path="other.yml")
    told = report("concise", *files, statistics=True)
    assert told.endswith(
        "\n\n"
        "    13  CD106  error    unknown-phase\n"
        "     1  CD231  warning  two-things\n"
        "     1  CD299  info     the-end\n"
        "Found 13 errors, 1 warning and 1 info in 2 files. 1 can be fixed safely.\n"
    )
    assert report("full", *files, statistics=True).count("\n\n\n") == 0


# --- the excerpt --------------------------------------------------------------------------------


def shown(text: str, start: int, end: int, limit: int = 60) -> tuple[str, str]:
    return excerpt(Source("x", text), Span(start, end), limit)


@pytest.mark.parametrize(
    ("text", "start", "end", "line", "marks"),
    [
        pytest.param("ab: cd", 4, 6, "ab: cd", "    ^^", id="plain"),
        pytest.param("ab\ncd\nef", 3, 5, "cd", "^^", id="second line"),
        pytest.param("ab\r\ncd\r\nef", 4, 6, "cd", "^^", id="CRLF"),
        pytest.param("ab\rcd\ref", 3, 5, "cd", "^^", id="lone CR"),
        pytest.param("\ufeffab: c", 1, 3, "ab: c", "^^", id="byte order mark"),
        pytest.param("\ufeffab: c", 0, 1, "ab: c", "^", id="the mark itself"),
        pytest.param("\ufeffab\r\ncd", 5, 7, "cd", "^^", id="after a byte order mark"),
        pytest.param("", 0, 0, "", "^", id="empty file"),
        pytest.param("ab\n", 3, 3, "", "^", id="end of file"),
        pytest.param("ab", 2, 2, "ab", "  ^", id="end of file without a line end"),
        pytest.param("ab", 7, 9, "ab", "  ^", id="behind the end"),
        pytest.param("ab cd", 3, 3, "ab cd", "   ^", id="empty span"),
        pytest.param("ab\ncd", 0, 3, "ab", "^^", id="with its line end"),
        pytest.param("ab\r\ncd", 0, 4, "ab", "^^", id="with its CRLF"),
        pytest.param("ab\r\ncd", 3, 4, "ab", "  ^", id="inside of CRLF"),
        pytest.param("ab\ncd", 2, 3, "ab", "  ^", id="the line end alone"),
        pytest.param("ab\ncd", 1, 4, "ab", " ^…", id="two lines"),
        pytest.param("ab\n\n\ncd", 1, 6, "ab", " ^…", id="over empty lines"),
        pytest.param("ab   \n", 2, 5, "ab", "  ^^^", id="trailing blanks"),
        pytest.param("\tab", 1, 3, "    ab", "    ^^", id="tab before"),
        pytest.param("abc\td\te", 6, 7, "abc d   e", "        ^", id="tab stops"),
        pytest.param("a:\t\tb", 2, 4, "a:→ →   b", "  ^^^^^^", id="tabs are the fault"),
        pytest.param("日本: x", 4, 5, "日本: x", "      ^", id="wide before"),
        pytest.param("x: 日本", 3, 5, "x: 日本", "   ^^^^", id="wide marked"),
        pytest.param("ｆ: x", 3, 4, "ｆ: x", "    ^", id="full width"),
        pytest.param("🚀: x", 3, 4, "🚀: x", "    ^", id="emoji"),
        pytest.param("⚠\ufe0f: x", 4, 5, "⚠: x", "   ^", id="variation selector"),
        pytest.param("👩\u200d💻: x", 5, 6, "👩💻: x", "      ^", id="joined emoji"),
        pytest.param("e\u0301: x", 4, 5, "e\u0301: x", "   ^", id="combining before"),
        pytest.param("e\u0301: x", 1, 2, "e\u0301: x", "^", id="combining marked"),
        pytest.param("\u0301x", 0, 1, "\u0301x", "^", id="combining first"),
        pytest.param("é: ü", 3, 4, "é: ü", "   ^", id="Latin"),
        pytest.param("a\xa0b: x", 5, 6, "a b: x", "     ^", id="no-break space"),
        pytest.param("a:\xa0b", 2, 3, "a:<U+00A0>b", "  ^^^^^^^^", id="no-break space marked"),
        pytest.param("\u3000a", 1, 2, "  a", "  ^", id="ideographic space"),
        pytest.param("a\u200bb", 2, 3, "a<U+200B>b", "         ^", id="zero width"),
        pytest.param("a\u200bb", 1, 2, "a<U+200B>b", " ^^^^^^^^", id="zero width marked"),
        pytest.param("a\u202eb", 2, 3, "a<U+202E>b", "         ^", id="turns the direction"),
        pytest.param("a\x1b[31mb", 1, 2, "a␛[31mb", " ^", id="escape"),
        pytest.param("a\x00\x7f\x85b", 4, 5, "a␀␡<U+0085>b", "           ^", id="controls"),
        pytest.param("a\u2028b", 2, 3, "a<U+2028>b", "         ^", id="line separator"),
        pytest.param("a\ud800b", 2, 3, "a<U+D800>b", "         ^", id="half a pair"),
        pytest.param("a\ue000b", 2, 3, "a<U+E000>b", "         ^", id="private use"),
    ],
)
def test_marks_stand_below_the_fault(text: str, start: int, end: int, line: str, marks: str) -> None:
    assert shown(text, start, end) == (line, marks)


def marked(line: str, marks: str) -> str:
    """What stands above the marks, in a line of one column per character."""
    return line[len(marks) - len(marks.lstrip()) : len(marks)]


@pytest.mark.parametrize("filler", ["a b ", "é— "])
def test_long_lines_are_shown_around_the_fault(filler: str) -> None:
    text = filler * 200 + "HERE" + filler * 200
    start = text.index("HERE")
    line, marks = shown(text, start, start + 4)
    assert line.startswith("…") and line.endswith("…")
    assert 50 < len(line) <= 60
    assert marked(line, marks) == "HERE"
    assert 20 < line.index("HERE") < 40


def test_long_lines_are_cut_on_one_side_only() -> None:
    text = "HERE" + "x" * 500
    line, marks = shown(text, 0, 4)
    assert (len(line), line[-1], marks) == (59, "…", "^^^^")
    line, marks = shown("x" * 500 + "HERE", 500, 504)
    assert (len(line), line[0]) == (59, "…")
    assert marked(line, marks) == "HERE"
    line, marks = shown("x" * 500, 500, 500)
    assert line.startswith("…x") and not line.endswith("…")
    assert len(marks) == len(line) + 1


def test_a_line_that_just_fits_is_not_cut() -> None:
    assert shown("x" * 60, 3, 4) == ("x" * 60, "   ^")
    assert shown("é" * 60, 3, 4) == ("é" * 60, "   ^")
    assert "…" in shown("日" * 60, 3, 4)[0]


def test_a_very_long_fault_is_shown_from_its_start() -> None:
    line, marks = shown("ab: " + "x" * 1_000_000 + "\n", 4, 1_000_004)
    assert line == "…" + "x" * 58 + "…"
    assert marks == " " + "^" * 59
    line, marks = shown("x" * 1_000 + "\ny", 0, 1_002)
    assert marks.endswith("^…")


def test_wide_characters_and_tabs_in_long_lines() -> None:
    text = "日本\t" * 100 + "HERE" + "日本\t" * 100
    line, marks = shown(text, 300, 304)
    columns = sum(2 if char in "日本" else 1 for char in line[: line.index("HERE")])
    assert marks == " " * columns + "^^^^"


def test_the_width_counts_the_margin() -> None:
    text = "x" * 300
    told = report("full", result(text, finding(150, 151)), width=80)
    assert max(map(len, told.splitlines()[3:5])) == 80
    narrow = report("full", result(text, finding(150, 151)), width=1)
    assert "^" in narrow and len(narrow.splitlines()[3]) > 20


def test_numbers_of_any_length_keep_the_frame_together() -> None:
    text = "x\n" * 1200
    told = report("full", result(text, finding(2400 - 2, 2400 - 1)))
    assert told.splitlines()[1:5] == [
        "    --> buildspec.yml:1200:1",
        "     |",
        "1200 | x",
        "     | ^",
    ]


# --- hostile texts ------------------------------------------------------------------------------


def test_nothing_steers_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\r\n\x9b2J\u202e"
    fault = finding(0, 3, evil, help=evil, fix=Fix(evil, [Edit(0, 1, "")]))
    for form in ("full", "concise"):
        told = report(form, result(evil, fault, path=f"a{evil}b.yml"))
        assert all(char == "\n" or char.isprintable() for char in told)
        assert "␛]0;owned␇␍␊<U+009B>2J<U+202E>" in told


@given(st.text(), st.integers(0, 50), st.integers(0, 50), st.integers(1, 70))
def test_any_excerpt_is_one_printable_line_with_marks(text: str, start: int, end: int, limit: int) -> None:
    line, marks = shown(text, start, end, limit)
    assert line.isprintable() and marks.isprintable()
    assert line == line.rstrip() and marks == marks.rstrip()
    assert set(marks.lstrip(" ")) <= {"^", "…"} and "^" in marks
    assert len(marks) <= limit + 12  # a sign such as <U+0000> may stick out


@given(st.text())
def test_what_is_visible_stays_itself(text: str) -> None:
    told = visible(text)
    assert told.isprintable()
    assert visible(told) == told
    if text.isprintable():
        assert told == text
