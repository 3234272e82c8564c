"""Fixes over every seeded fault: they end, they are stable, and they never make a file worse."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.engine import check_text
from cdlint.findings import FileResult
from cdlint.fixing import fix_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = sorted(path.parent for path in (FIXTURES / "cases").glob("*/*/case.toml"))


def errors(result: FileResult) -> int:
    return sum(finding.severity == "error" for finding in result.findings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_fixes_improve_and_are_stable(case: Path, unsafe: bool) -> None:
    (bad,) = case.glob("bad.*")
    with bad.open(newline="", encoding="utf-8") as file:
        text = file.read()
    image = tomllib.loads((case / "case.toml").read_text(encoding="utf-8")).get("image")
    path = f"buildspec{bad.suffix}"
    before = check_text(text, path, image=image)
    fixed = fix_text(text, path, image=image, unsafe=unsafe)
    assert errors(fixed.left) <= errors(before)
    assert fix_text(fixed.text, path, image=image, unsafe=unsafe).text == fixed.text
    if not fixed.applied:
        assert fixed.text == text


def test_the_article_is_mended() -> None:
    for name in ("integrate", "deploy"):
        text = (FIXTURES / "article" / f"{name}.buildspec.yml").read_text(encoding="utf-8")
        fixed = fix_text(text, unsafe=True)
        assert errors(fixed.left) == 0
        assert "commands:\n      - " in fixed.text
    assert "git rev-parse --abbrev-ref HEAD" in fix_text(
        (FIXTURES / "article" / "integrate.buildspec.yml").read_text(encoding="utf-8")
    ).text  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 60),
    st.text(alphabet="a-:' \"[]{}#|>&*!\u2014\u2022\t\n\u00a0\\", max_size=8),
    st.integers(0, 9),
)
def test_fixing_damaged_files_ends(at: int, put: str, cut: int) -> None:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n      - b c\n"
    fixed = fix_text(text[:at] + put + text[at + cut :], kind="buildspec")
    assert fix_text(fixed.text, kind="buildspec").text == fixed.text


def test_two_fixes_that_undo_each_other_end() -> None:
    text = (
        "version: 0.2\nenv:\n  exported-variables: [A]\nphases:\n  build:\n    commands:\n"
        '      - A="r$CODEBUILD_BUILD_NUMB  ACCOUNT=$(aws sts get-caller-identity --output text)\n'
        '      - echo "$A"\n'
    )
    fixed = fix_text(text, unsafe=True)
    assert fixed.text.count("export") <= 2
    assert fix_text(fixed.text, unsafe=True).text == fixed.text


def test_thousands_of_fixes_of_one_kind_are_made_together() -> None:
    item = "      - if true; then\n      - echo a\n      - fi\n"
    text = "version: 0.2\nphases:\n  build:\n    commands:\n" + item * 150
    fixed = fix_text(text, unsafe=True)
    assert not [finding for finding in fixed.left.findings if finding.fix is not None]
