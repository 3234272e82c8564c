"""The set of seeded faults in pipelines, templates and deploy files; laid out as in `test_cases.py`.

`fixtures/delivery/<area>/<slug>/` holds one fault (`bad`), its repaired twin (`good`) and `case.toml`, whose `path`
gives the file a name where the kind follows from it; `fixtures/clean-delivery/` unusual files that are right.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult, Severity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CASES = sorted((FIXTURES / "delivery").glob("*/*/case.toml"))
CLEAN = sorted(path for path in (FIXTURES / "clean-delivery").glob("**/*") if path.is_file())


def name_of(path: Path) -> str:
    folder = path.parent if path.name == "case.toml" else path
    return folder.relative_to(FIXTURES).as_posix()


def check(case: Path, stem: str) -> tuple[FileResult, dict[str, Any]]:
    settings = tomllib.loads(case.read_text(encoding="utf-8"))
    (path,) = case.parent.glob(f"{stem}.*")
    name = settings.get("path") or path.name.replace(stem, "delivery")
    return check_text(path.read_bytes().decode("utf-8"), path=name, pedantic=True), settings


def told(result: FileResult) -> str:
    lines = [
        f"{result.source.position(found.span.start)} {found.severity} {found.code} {found.message}"
        for found in result.findings
    ]
    return "\n".join(lines) or "no finding"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_fault_is_found_at_its_line(case: Path) -> None:
    result, settings = check(case, "bad")
    lines = settings.get("lines") or [settings["line"]]
    level = Severity.rank(settings["level"])
    hits = [
        found
        for found in result.findings
        if result.source.position(found.span.start).line in lines and Severity.rank(found.severity) <= level
    ]
    assert hits, f"{settings['about']}\n{told(result)}"
    if "columns" in settings:
        first, last = settings["columns"]
        places = [
            (result.source.position(found.span.start).column, result.source.position(found.span.end).column)
            for found in hits
        ]
        assert any(first <= start and end <= last for start, end in places), told(result)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_no_error_is_told_elsewhere(case: Path) -> None:
    result, settings = check(case, "bad")
    lines = settings.get("lines") or [settings["line"]]
    elsewhere = [
        found
        for found in result.findings
        if found.severity == Severity.ERROR and result.source.position(found.span.start).line not in lines
    ]
    assert not elsewhere, f"{settings['about']}\n{told(result)}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_repaired_twin_is_clean(case: Path) -> None:
    result, settings = check(case, "good")
    assert result.kind is not None
    grave = [found for found in result.findings if found.severity == Severity.ERROR]
    assert not grave, told(result)
    lines = settings.get("lines") or [settings["line"]]
    same = [
        found
        for found in result.findings
        if found.severity == settings["level"] and result.source.position(found.span.start).line in lines
    ]
    assert not same or settings["level"] == Severity.INFO, told(result)


@pytest.mark.parametrize("path", CLEAN, ids=name_of)
def test_clean_file_is_left_alone(path: Path) -> None:
    result = check_text(path.read_bytes().decode("utf-8"), path=path.name, pedantic=True)
    assert result.kind is not None
    assert not [found for found in result.findings if found.severity != Severity.INFO], told(result)
