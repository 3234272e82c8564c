"""Every rule's documentation is run: Bad gives the code at the marked line, Good gives nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult, apply_edits
from cdlint.joins import check_files
from cdlint.rules import MODULES, Rule, load
from cdlint.rules.documentation import Example, documentation

RULES = load()
EXAMPLES = [
    (rule, number, example)
    for rule in RULES.values()
    for number, example in enumerate(documentation(rule).examples)
]
#: Rules without an example in YAML text, each tested elsewhere.
WITHOUT_EXAMPLES = {"CD002", "CD003", "CD032", "CD090", "CD091", "CD706"}


def check(example: Example) -> FileResult:
    return check_text(
        example.text,
        path=example.path,
        image=example.options.get("image"),
        kind=example.kind,
        pedantic=True,
    )


def joined_lines(example: Example, code: str) -> tuple[list[int], list[str]]:
    """Where a rule about several files stands in the example, and all errors."""
    files = example.files
    results = check_files({path: text for path, (text, _) in files.items()})
    found = [(path, result, finding) for path, result in results.items() for finding in result.findings]
    lines = [
        files[path][1] + result.source.position(finding.span.start).line
        for path, result, finding in found
        if finding.code == code
    ]
    return lines, [str(finding) for _, _, finding in found if finding.severity == "error"]


def lines_of(result: FileResult, code: str) -> list[int]:
    return [
        result.source.position(finding.span.start).line for finding in result.findings if finding.code == code
    ]


@pytest.mark.parametrize(
    ("rule", "example"),
    [(rule, example) for rule, _, example in EXAMPLES],
    ids=[f"{rule.code}-{'good' if example.good else 'bad'}-{n}" for rule, n, example in EXAMPLES],
)
def test_example(rule: Rule, example: Example) -> None:
    if example.kind == "repository":
        lines, errors = joined_lines(example, rule.code)
        assert (lines, errors) == ([], []) if example.good else example.line in lines
        return
    result = check(example)
    if example.good:
        assert lines_of(result, rule.code) == []
        assert [str(found) for found in result.findings if found.severity == "error"] == []
        return
    assert example.line, "a Bad example marks the line of its finding"
    assert example.line in lines_of(result, rule.code), result.findings
    for finding in result.findings:
        if finding.code == rule.code and finding.fix is not None and finding.fix.safe:
            mended = apply_edits(example.text, finding.fix.edits)
            after = check_text(mended, example.path, image=example.options.get("image"), kind=example.kind)
            assert lines_of(after, rule.code).count(example.line) < max(
                1, lines_of(result, rule.code).count(example.line)
            )


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_rule_is_documented(rule: Rule) -> None:
    doc = documentation(rule)
    assert doc.summary and doc.summary.endswith(".") and len(doc.summary) <= 100
    assert doc.body
    if rule.code not in WITHOUT_EXAMPLES:
        assert any(not example.good for example in doc.examples), "no Bad example"
        assert any(example.good for example in doc.examples), "no Good example"


def test_codes_and_names_are_unique_and_well_formed() -> None:
    names = [rule.name for rule in RULES.values()]
    assert len(set(names)) == len(names)
    for rule in RULES.values():
        assert rule.code.startswith("CD") and rule.code[2:].isdigit() and len(rule.code) == 5
        assert rule.name == rule.name.lower() and " " not in rule.name


def test_every_rule_module_is_loaded() -> None:
    folder = Path(__file__).parents[1] / "src" / "cdlint" / "rules"
    helpers = {"__init__", "documentation", "repaired"}
    listed = {module for modules in MODULES.values() for module in modules}
    empty = {path.stem for path in folder.glob("*.py") if len(path.read_text()) < 250}
    declaring = {path.stem for path in folder.glob("*.py") if "@rule(" in path.read_text()}
    assert declaring - helpers == listed - empty
