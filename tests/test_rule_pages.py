"""docs/rules/ is what the rules' documentation gives today."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import rule_pages  # noqa: E402


def test_every_page_is_up_to_date() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in rule_pages.FOLDER.glob("*.md")}
    made = rule_pages.pages()
    assert sorted(there) == sorted(made), "run `make rules`"
    stale = [name for name, text in made.items() if there[name] != text]
    assert not stale, "run `make rules`"


def test_pages_say_where_and_how_it_is_mended() -> None:
    page = rule_pages.pages()["CD025.md"]
    assert page.startswith(
        "# CD025 blanks-after-backslash\n\nLevel: **error** · `cdlint check --fix` mends it\n"
    )
    assert "## Bad, line 6" in page
    assert "cdlint: ignore[CD025]" in page
