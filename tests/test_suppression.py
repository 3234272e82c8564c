"""Comments that silence findings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.findings import Finding, apply_edits
from cdlint.source import Source, Span
from cdlint.suppression import MAX_DIRECTIVES, apply

# The names used here are those of the rules about comments: they exist whatever else does.
RULE = ("CD091", "unknown-suppression")


def at(text: str, needle: str, code: str = "CD977", name: str = "other-rule") -> Finding:
    start = text.index(needle)
    return Finding(Span(start, start + len(needle)), "m", code=code, name=name, severity="error")


def left(text: str, *findings: Finding, path: str = "buildspec.yml") -> list[str]:
    """The texts of the findings that are not silenced."""
    kept, _ = apply(Source(path, text), findings)
    return [text[finding.span.start : finding.span.end] for finding in kept]


def notes(text: str, *findings: Finding) -> list[tuple[str, str]]:
    """`(code, the text it points at)` of the findings about comments."""
    _, found = apply(Source("buildspec.yml", text), findings)
    for note in found:
        assert note.final
        assert note.message.endswith(".")
        assert note.help
    return [(note.code, text[note.span.start : note.span.end]) for note in found]


def mended(text: str, *findings: Finding) -> str:
    _, found = apply(Source("buildspec.yml", text), findings)
    edits = [edit for note in found if note.fix for edit in note.fix.edits]
    return apply_edits(text, edits)


@pytest.mark.parametrize(
    "comment",
    [
        "# cdlint: ignore[CD977]",
        "# cdlint: ignore[cd977]",
        "#cdlint:ignore[CD977]",
        "## cdlint: ignore [ CD977 ]",
        "# cdlint: ignore[other-rule]",
        "# cdlint: ignore[Other-Rule]",
        "# cdlint: ignore[CD778, CD977] because the image brings it",
        "# cdlint: ignore",
        "# cdlint: ignore because I say so",
        "# cdlint: ignore-file[CD977]",
        "# cdlint: ignore-file",
        "# cdlint: IGNORE[CD977]",
    ],
)
def test_at_the_end_of_the_line(comment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = f"a: 1\nb: bad  {comment}\nc: 3\n"
    assert left(text, at(text, "bad")) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# cdlint: ignore[CD778]",
        "x# cdlint: ignore",
        "# see cdlint: ignore",
        "// cdlint: ignore",
        "# cdlint: ignorance",
        "# cdlint ignore",
    ],
)
def test_what_does_not_silence(comment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = f"b: bad  {comment}\n"
    assert left(text, at(text, "bad")) == ["bad"]


def _declare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two rules exist for the time of a test."""
    from cdlint import rules

    def check(_document: object) -> list[Finding]:
        return []

    for code, name in (("CD977", "other-rule"), ("CD778", "third-rule")):
        known = rules.Rule(code, name, "error", check)
        monkeypatch.setitem(rules.RULES, code, known)


def test_only_findings_that_start_on_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = "a: one\nb: two  # cdlint: ignore\nc: three\n"
    long = Finding(Span(0, 20), "m", code="CD977", name="other-rule", severity="error")
    assert left(text, at(text, "one"), at(text, "two"), at(text, "three")) == ["one", "three"]
    assert left(text, long) == [text[0:20]]


def test_a_line_of_its_own_covers_itself_and_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = "a: one\n  # cdlint: ignore[CD977] odd\nb: two\nc: three\n"
    findings = [at(text, word) for word in ("one", "odd", "two", "three")]
    assert left(text, *findings) == ["one", "three"]


def test_stacked_comments_all_cover_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = "# cdlint: ignore[CD977]\n# why\n\n# cdlint: ignore[CD778]\na: bad\nb: bad2\n"
    findings = [at(text, "bad\n"), at(text, "bad\n", "CD778", "third-rule"), at(text, "bad2")]
    assert left(text, *findings) == ["bad2"]
    assert notes(text, *findings) == []


def test_inside_a_block_of_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = "- |\n  # cdlint: ignore[CD977]\n  one\n  two # cdlint: ignore\n  three\n"
    assert left(text, *(at(text, word) for word in ("one", "two", "three"))) == ["three"]


def test_a_comment_at_the_end_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    for text in ("a: bad\n# cdlint: ignore", "a: bad\n# cdlint: ignore\n\n"):
        assert left(text, at(text, "bad")) == ["bad"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = f"\ufeff# cdlint: ignore[CD977]{end}a: bad{end}b: good{end}"
    assert left(text, at(text, "bad"), at(text, "good")) == ["good"]


def test_json_has_no_comments() -> None:
    text = '{"commands": ["bad # cdlint: ignore"]}'
    finding = at(text, "bad")
    assert apply(Source("buildspec.json", text), [finding]) == ([finding], [])


def test_without_comments_nothing_changes() -> None:
    text = "a: bad\n"
    finding = at(text, "bad")
    assert apply(Source("x.yml", text), [finding]) == ([finding], [])


# --- unused -------------------------------------------------------------------------------------


def test_a_comment_that_silences_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = "a: 1  # cdlint: ignore[CD977]\nb: bad\n"
    assert notes(text, at(text, "bad")) == [("CD090", "# cdlint: ignore[CD977]")]
    assert mended(text) == "a: 1\nb: bad\n"
    text = "a: 1\n  # cdlint: ignore  since 2020\nb: 2\n"
    assert notes(text) == [("CD090", "# cdlint: ignore")]
    assert mended(text) == "a: 1\nb: 2\n"
    text = "\ufeff# cdlint: ignore-file\r\nb: 2\r\n"
    assert notes(text) == [("CD090", "# cdlint: ignore-file")]
    assert mended(text) == "\ufeffb: 2\r\n"


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("CD977, CD778", "CD977"),
        ("CD778,CD977", "CD977"),
        ("CD778 , CD977", "CD977"),
        ("CD977 ,CD778 ", "CD977 "),
        ("CD778, CD977, CD778", "CD977"),
    ],
)
def test_a_word_that_silences_nothing(words: str, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = f"a: bad # cdlint: ignore[{words}]\n"
    found = notes(text, at(text, "bad"))
    assert found == [("CD090", "CD778")] * words.count("CD778")
    assert mended(text, at(text, "bad")) == f"a: bad # cdlint: ignore[{after}]\n"


def test_rules_that_were_not_run_are_not_called_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    source = Source("x.yml", "a: 1 # cdlint: ignore[CD977]\nb: 2 # cdlint: ignore[third-rule]\n")
    _, found = apply(source, [], lambda code, name: code != "CD977")
    assert [source.text[note.span.start : note.span.end] for note in found] == [
        "# cdlint: ignore[third-rule]"
    ]


# --- what cannot be followed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "place", "after"),
    [
        ("# cdlint: ignore[unknown-supression]", "unknown-supression", "unknown-suppression"),
        ("# cdlint: ignore[CD966]", "CD966", None),
        ("# cdlint: ignore[]", "[]", None),
        ("# cdlint: ignore[CD977", "[CD977", None),
        ("# cdlint: disable=CD977", "disable", "ignore"),
        ("# cdlint: skip-file", "skip-file", "ignore-file"),
        ("# cdlint: ignore-flie[CD977]", "ignore-flie", "ignore-file"),
    ],
)
def test_a_comment_that_cannot_be_followed(
    comment: str, place: str, after: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _declare(monkeypatch)
    text = f"a: bad  {comment}\n"
    finding = at(text, "bad")
    assert left(text, finding) == ["bad"]
    assert notes(text, finding) == [("CD091", place)]
    expected = text if after is None else text.replace(place, after)
    assert mended(text, finding) == expected


def test_the_known_words_still_count(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    text = "a: bad  # cdlint: ignore[CD966, CD977]\n"
    assert left(text, at(text, "bad")) == []
    assert notes(text, at(text, "bad")) == [("CD091", "CD966")]


def test_prose_is_no_directive() -> None:
    text = "# cdlint: see the handbook\n# cdlint:\n# cdlint: this is fine\n# cdlint: [a]\n"
    assert notes(text) == []


def test_the_rules_about_comments_can_be_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch)
    assert notes("# cdlint: ignore-file[CD091]\na: 1 # cdlint: ignore[CD966]\n") == []
    assert notes("# cdlint: ignore-file[unused-suppression]\na: 1 # cdlint: ignore[CD977]\n") == []
    assert notes("a: 1 # cdlint: ignore[CD966, unknown-suppression]\n") == []


def test_a_pile_of_comments_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for each comment's next line anew would take billions of steps."""
    _declare(monkeypatch)
    text = "# cdlint: ignore[CD977]\n" * 100_000 + "a: bad\nb: bad2 # cdlint: ignore\n"
    kept, found = apply(Source("x.yml", text), [at(text, "bad\n"), at(text, "bad2")])
    assert [text[finding.span.start : finding.span.end] for finding in kept] == ["bad2"], (
        f"of {MAX_DIRECTIVES} comments the rest is not read"
    )
    assert found == []


_pieces = st.sampled_from(
    [
        "# cdlint: ",
        "cdlint:",
        "ignore",
        "-file",
        "[",
        "]",
        ",",
        "CD977",
        "CD091",
        " ",
        "\n",
        "#",
        "a",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(_pieces, max_size=14).map("".join), st.integers(0, 60))
def test_any_text_is_answered_and_every_edit_fits(text: str, place: int) -> None:
    place = min(place, len(text))
    finding = Finding(Span(place, place), "m", code="CD977", name="other-rule", severity="error")
    kept, found = apply(Source("x.yml", text), [finding])
    assert kept in ([], [finding])
    for note in found:
        assert (note.code, note.name) in (RULE, ("CD090", "unused-suppression"))
        assert 0 <= note.span.start < note.span.end <= len(text)
        if note.fix is not None:
            apply_edits(text, note.fix.edits)
