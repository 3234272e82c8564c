"""The two parsers of the command line: the quick one never disagrees with argparse."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cdlint.cli import fallback
from cdlint.cli.commands import COMMANDS, FORMATS
from cdlint.cli.options import UsageError, parse

CHECK = COMMANDS["check"]

_flags = [option.flag for command in COMMANDS.values() for option in command.options]
_choices = [
    choice for command in COMMANDS.values() for option in command.options for choice in option.choices
]
_values = st.sampled_from(
    [
        *_choices,
        "buildspec.yml",
        "-",
        "a b",
        "",
        "CD101,CD2",
        "ä",
        "=",
        "a=b",
        "-1",
        "--",
        "\0",
        "-x",
    ]
)
_words = st.one_of(
    st.sampled_from(_flags),
    st.sampled_from(_flags).map(lambda flag: flag[:-2]),
    _values,
    st.builds("{}={}".format, st.sampled_from(_flags), _values),
    st.text(max_size=4),
)


@settings(max_examples=3000)
@given(st.sampled_from(sorted(COMMANDS)), st.lists(_words, max_size=6))
@example("check", ["a", "--quiet", "b", "--select", "CD1", "--select=CD2", "--", "--quiet"])
@example("explain", ["--", "-x"])
@example("check", ["\0", "--", "--exclude"])
@example("check", ["\0" + "0", "--", "a"])
@example("schema", ["--", "--"])
@example("check", ["--format=json", "--format", "full"])
def test_the_quick_parser_agrees_with_argparse(name: str, words: list[str]) -> None:
    quick = parse(COMMANDS[name], words)
    if quick is not None:
        assert vars(quick) == vars(fallback.parse(COMMANDS[name], words))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["buildspec.yml"],
        ["-", "--stdin-filename", "a.yml"],
        ["--format", "json", "--output=-", "a", "--quiet", "b"],
        ["--select", "CD1", "--select", "CD2", "--exit-zero"],
        ["--", "-strange-.yml", "--quiet"],
    ],
)
def test_ordinary_lines_never_need_argparse(words: list[str]) -> None:
    assert parse(CHECK, words) is not None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stat"], "there is no option --stat; did you mean --statistics?"),
        (["--outptu=x"], "there is no option --outptu; did you mean --output?"),
        (["-q"], "there is no option -q"),
        (["--select"], "argument --select: expected one argument"),
        (["--select", "--quiet"], "argument --select: expected one argument"),
        (["--format", "xml"], "argument --format: invalid choice: 'xml'"),
        (["--quiet=yes"], "argument --quiet: ignored explicit argument 'yes'"),
    ],
)
def test_mistakes(words: list[str], message: str) -> None:
    assert parse(CHECK, words) is None
    with pytest.raises(UsageError) as caught:
        fallback.parse(CHECK, words)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_is_never_taken_for_a_value_that_was_forgotten() -> None:
    with pytest.raises(UsageError):
        fallback.parse(CHECK, ["--output", "--", "a.yml"])


@pytest.mark.parametrize(("name", "words"), [("rules", ["x"]), ("schema", ["a", "b"]), ("explain", [])])
def test_too_many_or_too_few(name: str, words: list[str]) -> None:
    assert parse(COMMANDS[name], words) is None
    with pytest.raises(UsageError):
        fallback.parse(COMMANDS[name], words)


def test_every_option_is_explained_and_declared_once() -> None:
    for command in COMMANDS.values():
        flags = [option.flag for option in command.options]
        assert len(set(flags)) == len(flags)
        assert all(option.help for option in command.options)


def test_the_formats_are_those_of_the_reports() -> None:
    from cdlint.report import FORMATS as known

    assert set(FORMATS) == set(known)
