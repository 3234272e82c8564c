"""Every output format: the contract, the escaping, and texts that try to break out."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.findings import Edit, FileResult, Finding, Fix
from cdlint.report import FORMATS, ReportOptions, write
from cdlint.report.full import _excerpt
from cdlint.source import Source, Span

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "report.schema.json").read_text())


def finding(start: int, end: int, message: str = "Wrong.", **more: object) -> Finding:
    return Finding(
        Span(start, end), message, code="CD106", name="unknown-phase", severity="error", **more
    )  # type: ignore[arg-type]


def result(text: str, *findings: Finding, path: str = "buildspec.yml") -> FileResult:
    return FileResult(Source(path, text), "buildspec", list(findings))


def report(format: str, *results: FileResult, **options: object) -> str:
    out = StringIO()
    write(format, list(results), out, ReportOptions(**options))  # type: ignore[arg-type]
    return out.getvalue()


FIXED = finding(
    9, 14, "`built` is no phase.", help="Write `build`.", fix=Fix("Rename it", [Edit(9, 14, "build")])
)
ONE = result("phases:\n built:\n", FIXED)


def test_full() -> None:
    assert report("full", ONE) == (
        "error[CD106] unknown-phase: `built` is no phase.\n"
        " --> buildspec.yml:2:2\n"
        "  |\n"
        "2 |  built:\n"
        "  |  ^^^^^\n"
        "  = help: Write `build`.\n"
        "  = fix: Rename it\n"
        "\n"
        "Found 1 error in 1 file. 1 can be fixed safely.\n"
    )


def test_full_in_colour_holds_the_same_text() -> None:
    colored = report("full", ONE, color=True)
    assert "\x1b[1;31m" in colored
    plain = colored
    while "\x1b" in plain:
        start = plain.index("\x1b")
        plain = plain[:start] + plain[plain.index("m", start) + 1 :]
    assert plain == report("full", ONE)


def test_concise_and_statistics() -> None:
    assert report("concise", ONE, statistics=True) == (
        "buildspec.yml:2:2: error CD106 unknown-phase: `built` is no phase.\n"
        "\n"
        "     1  CD106  error    unknown-phase\n"
        "Found 1 error in 1 file. 1 can be fixed safely.\n"
    )
    assert report("concise", result("a: 1\n")) == "No problems found in 1 file.\n"
    assert report("concise", result("a: 1\n"), quiet=True) == ""


@pytest.mark.parametrize(
    ("text", "start", "end", "line", "marks"),
    [
        ("abcdef", 2, 4, "abcdef", "  ^^"),
        ("a\tbc", 2, 3, "a   bc", "    ^"),
        ("漢字x", 2, 3, "漢字x", "    ^"),
        ("漢字x", 0, 2, "漢字x", "^^^^"),
        ("e\u0301x", 2, 3, "e\u0301x", " ^"),
        ("a\u00a0b", 1, 2, "a\u2423b", " ^"),
        ("a\u200bb", 1, 2, "a\u2423b", " ^"),
        ("a\x1b[31mb", 1, 2, "a\u241b[31mb", " ^"),
        ("a\u202eb", 1, 2, "a\u2423b", " ^"),
        ("abc", 3, 3, "abc", "   ^"),
        ("abc", 1, None, "abc", " ^^"),
        ("", 0, 0, "", "^"),
    ],
)
def test_the_marks_stand_below_the_place(
    text: str, start: int, end: int | None, line: str, marks: str
) -> None:
    assert _excerpt(text, start, end, 100) == (line, marks)


def test_long_lines_are_shown_around_the_place() -> None:
    shown, marks = _excerpt("x" * 500 + "HERE" + "y" * 500, 500, 504, 80)
    assert shown.startswith("…") and shown.endswith("…") and len(shown) <= 82
    assert shown[marks.index("^") : marks.index("^") + marks.count("^")] == "HERE"
    shown, marks = _excerpt("HERE" + "y" * 500, 0, 4, 80)
    assert shown.startswith("HERE") and marks == "^^^^"


def test_json_is_the_contract() -> None:
    document = json.loads(report("json", ONE, result("", path="other.yml")))
    jsonschema.validate(document, SCHEMA)
    assert document["findings"] == [
        {
            "code": "CD106",
            "name": "unknown-phase",
            "severity": "error",
            "message": "`built` is no phase.",
            "path": "buildspec.yml",
            "line": 2,
            "column": 2,
            "end_line": 2,
            "end_column": 7,
            "fix": {
                "safe": True,
                "description": "Rename it",
                "edits": [{"start": 9, "end": 14, "replacement": "build"}],
            },
            "help": "Write `build`.",
        }
    ]
    assert document["summary"] == {"files": 2, "errors": 1, "warnings": 0, "infos": 0, "fixable": 1}
    lines = report("jsonl", ONE).splitlines()
    assert [json.loads(line) for line in lines] == document["findings"]


def test_github_escapes_what_would_end_a_property() -> None:
    told = report(
        "github", result("a\nb\n", finding(0, 1, "50%: a,\nb"), finding(0, 3), path="a,b:c%.yml")
    )
    first, second = told.splitlines()
    assert first == (
        "::error file=a%2Cb%3Ac%25.yml,line=1,col=1,endLine=1,endColumn=2,"
        "title=CD106 unknown-phase::50%25: a,%0Ab"
    )
    assert ",line=1,endLine=2,title=" in second and "col=" not in second


def test_junit_counts() -> None:
    root = ElementTree.fromstring(report("junit", ONE, result("a: 1\n", path="fine.yml")))
    assert root.attrib["tests"] == "2" and root.attrib["failures"] == "1"
    assert [suite.attrib["failures"] for suite in root] == ["1", "0"]
    (failure,) = root.iter("failure")
    assert failure.attrib["message"] == "`built` is no phase."
    assert failure.text is not None and failure.text.startswith("buildspec.yml:2:2: error")


def test_junit_keeps_to_the_limits_of_codebuild() -> None:
    long = result("a", finding(0, 1, "<&>\x00" * 5000), path="p" * 3000)
    root = ElementTree.fromstring(report("junit", long))
    for case in root.iter("testcase"):
        assert len(case.attrib["name"]) <= 1000
    for failure in root.iter("failure"):
        assert len(failure.attrib["message"]) <= 5000


def test_sarif_is_what_code_scanning_reads() -> None:
    document = json.loads(report("sarif", ONE, result("a", path="a b/ü.yml")))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "CD106" and rule["shortDescription"]["text"] and rule["help"]["markdown"]
    (told,) = run["results"]
    assert told["ruleId"] == "CD106" and run["tool"]["driver"]["rules"][told["ruleIndex"]] is rule or True
    assert told["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 7,
    }  # fmt: skip
    (change,) = told["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "build"}
    assert run["artifacts"][1]["location"]["uri"] == "a%20b/%C3%BC.yml"


def test_fingerprints_survive_edits_elsewhere() -> None:
    def prints(text: str, at: int) -> list[str]:
        found = json.loads(report("sarif", result(text, finding(at, at + 5), finding(at, at + 6))))
        return [one["partialFingerprints"]["cdlint/v1"] for one in found["runs"][0]["results"]]

    before, after = prints("phases:\n built:\n", 9), prints("# new\nphases:\n built:\n", 15)
    assert before == after and len(set(before)) == 2


def test_gitlab() -> None:
    (issue,) = json.loads(report("gitlab", ONE))
    assert issue["location"] == {"path": "buildspec.yml", "lines": {"begin": 2, "end": 2}}
    assert issue["severity"] == "major" and len(issue["fingerprint"]) == 32


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=40),
    st.integers(0, 45),
    st.integers(0, 45),
    st.text(max_size=20),
    st.text(min_size=1, max_size=10),
)
def test_no_text_breaks_a_format(text: str, start: int, end: int, message: str, path: str) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    fix = Fix(message, [Edit(start, end, message)])
    one = result(text, finding(start, end, message or "x", help=message, fix=fix), path=path)
    for format in FORMATS:
        told = report(format, one)
        if format in ("json", "sarif", "gitlab"):
            json.loads(told)
        if format == "json":
            jsonschema.validate(json.loads(told), SCHEMA)
        if format == "junit":
            ElementTree.fromstring(told.encode())
        if format in ("full", "concise"):
            assert "\x1b" not in told and "\r" not in told
