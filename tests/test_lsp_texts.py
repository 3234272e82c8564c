"""Open texts: places in the units of the editor, changes, addresses; and what can be done about findings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.engine import check_text
from cdlint.findings import apply_edits
from cdlint.lsp.mending import mend_all, mendings
from cdlint.lsp.texts import UTF8, UTF16, UTF32, Change, Place, Text, path_of, uri_of
from cdlint.lsp.workspace import Workspace

ENCODINGS = {UTF8: "utf-8", UTF16: "utf-16-le", UTF32: "utf-32-le"}
SIZES = {UTF8: 1, UTF16: 2, UTF32: 4}
#: Line ends of all kinds, what only Python takes for one, and characters of one to four bytes.
ALPHABET = st.sampled_from("ab\n\r\x0b\x0c\x85\u2028é€😀\ufeff")


@given(st.text(ALPHABET, max_size=30), st.sampled_from(sorted(ENCODINGS)), st.integers(0, 30))
def test_places_and_offsets_are_each_others_inverse(text: str, encoding: str, at: int) -> None:
    offset = min(at, len(text))
    if text[offset - 1 : offset + 1] == "\r\n":
        return  # no place between the two
    one = Text("file:///x", text, 1, encoding)
    place = one.place(offset)
    assert one.offset(place) == offset
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2]
    assert place == Place(before.count("\n"), len(line.encode(ENCODINGS[encoding])) // SIZES[encoding])


@given(st.text(ALPHABET, max_size=20), st.text(ALPHABET, max_size=5), st.integers(0, 20), st.integers(0, 20))
def test_a_change_is_made_where_the_editor_says(text: str, new: str, first: int, second: int) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    if text[start - 1 : start + 1] == "\r\n" or text[end - 1 : end + 1] == "\r\n":
        return
    one = Text("file:///x", text, 1)
    one.change([Change(new, one.place(start), one.place(end))], 2)
    assert one.text == text[:start] + new + text[end:]
    assert one.version == 2


def test_places_outside_of_the_text() -> None:
    one = Text("file:///x", "ab\ncd", 1)
    assert one.offset(Place(0, 99)) == 2
    assert one.offset(Place(9, 0)) == 5
    assert one.offset(Place(-1, 3)) == 0
    one.change([Change("X", Place(9, 9), Place(9, 9)), Change("Y", Place(0, 1), Place(0, 0))], 3)
    assert one.text == "Yb\ncdX"


@pytest.mark.parametrize(
    "name", ["buildspec.yml", "my project/größe 日本.yml", "a%20b.yml", "#?.yml", "-x.yml"]
)
def test_paths_and_addresses(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert path_of(path.as_uri()) == str(path)
    assert uri_of(str(path)) == path.as_uri()


def test_addresses_of_nothing_on_the_disk() -> None:
    assert path_of("untitled:Untitled-1") == ""
    assert Text("untitled:Untitled-1", "", 1).source.path == "Untitled-1"
    assert path_of("vscode-notebook-cell:/x") == ""


# --- what can be done -----------------------------------------------------------------------------

ARTICLE = "version: 0.2\nphases:\n  build:\n    commands:\n      - zip -r . out.zip\n      - date “+%F”\n"


def opened(text: str, name: str = "buildspec.yml") -> tuple[Workspace, str]:
    workspace, uri = Workspace(), Path("/nowhere").absolute().joinpath(name).as_uri()
    workspace.open(uri, text, 1)
    workspace.check(uri)
    return workspace, uri


def test_the_fix_of_a_finding() -> None:
    at = ARTICLE.index(". out.zip")
    found = mendings(*opened(ARTICLE), at, at)
    fix = next(one for one in found if one.kind == "fix")
    assert fix.is_preferred
    assert fix.title == "Name the archive first"
    assert "zip -r out.zip .\n" in apply_edits(ARTICLE, fix.edits)


def test_an_unsafe_fix_says_so() -> None:
    text = ARTICLE.partition("zip")[0] + "|\n        make\n        false | cat\n        make x\n"
    found = [one for one in mendings(*opened(text), 0, len(text)) if one.kind == "fix"]
    assert [one for one in found if "may change the meaning" in one.title and not one.is_preferred]


def test_a_finding_is_silenced_by_a_comment_that_works() -> None:
    at = ARTICLE.index(". out.zip")
    silence = next(one for one in mendings(*opened(ARTICLE), at, at) if one.kind == "silence")
    after = check_text(apply_edits(ARTICLE, silence.edits), "buildspec.yml").findings
    assert "CD302" not in [finding.code for finding in after]
    assert "CD021" in [finding.code for finding in after]


def test_no_comment_where_there_can_be_none() -> None:
    text = '{"version": 0.2, "phases": {"built": {"commands": ["make"]}}}'
    assert not [
        one for one in mendings(*opened(text, "buildspec.json"), 0, len(text)) if one.kind == "silence"
    ]


def test_all_safe_fixes_at_once() -> None:
    whole = mend_all(*opened(ARTICLE))
    assert whole is not None
    after = apply_edits(ARTICLE, whole.edits)
    assert after == ARTICLE.replace(". out.zip", "out.zip .").replace("“+%F”", '"+%F"')
    assert mend_all(*opened(after)) is None


def test_nothing_to_mend() -> None:
    assert mendings(*opened("a: b\n", "other.yml"), 0, 4) == []
    assert mend_all(*opened("a: b\n", "other.yml")) is None


def test_advice_that_is_not_asked_for_is_not_kept_for_a_moment() -> None:
    text = "version: 0.2\nphases:\n  install:\n    runtime-versions:\n      python: 3.12\n    commands:\n      - make\n"
    workspace, uri = Workspace(), Path("/nowhere").absolute().joinpath("buildspec.yml").as_uri()
    workspace.open(uri, text, 1)
    reading = workspace.reading(uri)
    assert reading is not None
    assert [finding for finding in reading.findings if finding.severity == "info"] == []
