"""Modules that are passed over would have said nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdlint import rules
from cdlint.engine import check_text

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
TEXTS = sorted(path for path in FIXTURES.rglob("*.*") if path.suffix in (".yml", ".yaml", ".json"))


def told(text: str) -> list[tuple[str, int, int]]:
    found = check_text(text, kind="buildspec").findings
    return [(one.code, one.span.start, one.span.end) for one in found]


@pytest.mark.parametrize("group", range(8))
def test_nothing_is_missed(group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [path.read_bytes().decode("utf-8") for path in TEXTS[group::8]]
    as_ever = [told(text) for text in texts]
    monkeypatch.setattr(rules, "is_idle", lambda *_: False)
    for path, text, before in zip(TEXTS[group::8], texts, as_ever, strict=True):
        assert told(text) == before, path


def test_the_tables_name_modules() -> None:
    known = {module for modules in rules.MODULES.values() for module in modules}
    assert {*rules.NEEDS, *rules.SECTIONS, *rules.OF_REPAIRS, *rules.OF_CHARACTERS} <= known
