"""The set of seeded faults: each bad buildspec gives a finding at its line, each good one none.

`fixtures/cases/<area>/<slug>/` holds one fault (`bad`), its repaired twin (`good`) and what is
known of it (`case.toml`); `fixtures/cases/several/` files with many faults behind one YAML syntax
error; `fixtures/clean/` unusual buildspecs that are right.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdlint.engine import check_text
from cdlint.findings import FileResult, Finding, Severity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SEVERAL = sorted((FIXTURES / "cases" / "several").glob("*/case.toml"))
CASES = sorted(set((FIXTURES / "cases").glob("*/*/case.toml")) - set(SEVERAL))
CLEAN = sorted((FIXTURES / "clean").glob("*.*"))


def name_of(path: Path) -> str:
    folder = path.parent if path.name == "case.toml" else path
    return folder.relative_to(FIXTURES).as_posix()


def text_of(folder: Path, stem: str) -> str:
    (path,) = folder.glob(f"{stem}.*")
    return path.read_bytes().decode("utf-8")


def check(text: str, image: str | None = None) -> FileResult:
    return check_text(text, path="buildspec.yml", image=image, pedantic=True)


def line_of(result: FileResult, finding: Finding) -> int:
    return result.source.position(finding.span.start).line


def told(result: FileResult) -> str:
    """All findings, for the message of a test that fails."""
    lines = [
        f"{result.source.position(found.span.start)} {found.severity} {found.code} "
        f"{found.name}: {found.message}"
        for found in result.findings
    ]
    return "\n".join(lines) or "no finding"


def hits(result: FileResult, fault: dict[str, Any]) -> list[Finding]:
    """The findings on the fault's lines that are at least as grave as the fault."""
    lines = fault.get("lines") or [fault["line"]]
    grave = Severity.rank(fault["level"])
    return [
        found
        for found in result.findings
        if line_of(result, found) in lines and Severity.rank(found.severity) <= grave
    ]


def is_within(result: FileResult, found: Finding, columns: list[int]) -> bool:
    start = result.source.position(found.span.start)
    end = result.source.position(found.span.end)
    return columns[0] <= start.column and end.line == start.line and end.column <= columns[1]


def grave_findings(result: FileResult) -> list[Finding]:
    return [found for found in result.findings if found.severity != Severity.INFO]


def parses(text: str) -> bool:
    try:
        list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return False
    return True


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_fault_is_found_at_its_line(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    result = check(text_of(path.parent, "bad"), case.get("image"))
    found = hits(result, case)
    assert found, f"{case['about']}\n{told(result)}"
    if "columns" in case:
        assert any(is_within(result, one, case["columns"]) for one in found), told(result)


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_nothing_grave_is_said_elsewhere(path: Path) -> None:
    """One seeded fault: errors and warnings on other lines would be false or mere consequences."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    result = check(text_of(path.parent, "bad"), case.get("image"))
    lines = case.get("lines") or [case["line"]]
    elsewhere = [found for found in grave_findings(result) if line_of(result, found) not in lines]
    assert not elsewhere, f"{case['about']}\n{told(result)}"


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_repaired_twin_is_clean(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    result = check(text_of(path.parent, "good"), case.get("image"))
    assert result.kind == "buildspec"
    assert not grave_findings(result), told(result)


@pytest.mark.parametrize("path", SEVERAL, ids=name_of)
def test_every_fault_behind_a_syntax_error_is_found(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    result = check(text_of(path.parent, "bad"))
    missed = [fault for fault in case["fault"] if not hits(result, fault)]
    assert not missed, f"missed: {missed}\n{told(result)}"


@pytest.mark.parametrize("path", SEVERAL, ids=name_of)
def test_nothing_but_the_faults_is_found(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    result = check(text_of(path.parent, "bad"))
    lines = [line for fault in case["fault"] for line in fault.get("lines") or [fault["line"]]]
    lines += case.get("also", [])
    elsewhere = [found for found in grave_findings(result) if line_of(result, found) not in lines]
    assert not elsewhere, told(result)


@pytest.mark.parametrize("path", CLEAN, ids=name_of)
def test_clean_buildspec_is_left_alone(path: Path) -> None:
    result = check(path.read_bytes().decode("utf-8"))
    assert result.kind == "buildspec"
    assert not grave_findings(result), told(result)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="the claims are about libyaml")
@pytest.mark.parametrize("path", [*CASES, *SEVERAL], ids=name_of)
def test_case_says_rightly_whether_it_parses(path: Path) -> None:
    """The set itself: a bad file is broken YAML or not, as its case says; a good one never is."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    bad = text_of(path.parent, "bad")
    assert parses(bad) == case["parses"]
    for fault in case.get("fault", [case]):
        for line in fault.get("lines") or [fault["line"]]:
            assert 1 <= line <= len(bad.splitlines())
    if "fault" not in case:
        assert parses(text_of(path.parent, "good"))
