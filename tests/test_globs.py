"""Path patterns."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("vendor", "vendor/buildspec.yml", True),
        ("vendor", "a/vendor/buildspec.yml", True),
        ("vendor/", "a/vendor/buildspec.yml", True),
        ("vendor", "vendored/buildspec.yml", False),
        ("/vendor", "a/vendor/buildspec.yml", False),
        ("./vendor", "a/vendor/x.yml", True),
        ("./ci/vendor", "ci/vendor/x.yml", True),
        ("*.gen.yml", "a/b/c.gen.yml", True),
        ("ci/*.yml", "ci/a.yml", True),
        ("ci/*.yml", "ci/b/a.yml", False),
        ("ci/*.yml", "x/ci/a.yml", False),
        ("ci/**/*.yml", "ci/a.yml", True),
        ("ci/**/*.yml", "ci/a/b/c.yml", True),
        ("**/fixtures/**", "a/b/fixtures/x.yml", True),
        ("**/fixtures", "fixtures/deep/x.yml", True),
        ("ci", "ci", True),
        ("ci/a.yml/b", "ci/a.yml", False),
        ("buildspec-?.yml", "buildspec-1.yml", True),
        ("buildspec-[0-9].yml", "buildspec-7.yml", True),
        ("buildspec-[!0-9].yml", "buildspec-7.yml", False),
        ("a[", "a[", True),
        ("[]]", "]", True),
        ("", "a", False),
        ("/", "a", False),
        ("*", "a/b", True),
    ],
)
def test_matches(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


_ALPHABET = "ab.-*?[]!"


@settings(max_examples=500)
@given(st.text("ab.-*?", min_size=1, max_size=12), st.text("ab.-", min_size=1, max_size=12))
def test_one_part_agrees_with_fnmatch(pattern: str, name: str) -> None:
    if pattern.startswith("./") or name in (".", ".."):
        return
    assert matches(pattern, name) == fnmatch.fnmatchcase(name, pattern)


@given(st.text(_ALPHABET + "/", max_size=20), st.text("ab./", max_size=20))
def test_any_pattern_is_answered(pattern: str, path: str) -> None:
    assert matches(pattern, path) in (True, False)


def test_many_stars_are_cheap() -> None:
    """Backtracking over these would outlast the universe."""
    assert not matches("*a" * 60 + "b", "a" * 200)
    assert not matches("/".join(["**", "a"] * 40) + "/b", "/".join("a" * 200))
