"""The formats for machines: what other programs rely on, escaping, and any text at all."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cdlint import __version__
from cdlint.findings import Edit, FileResult, Finding, Fix, apply_edits
from cdlint.report import FORMATS, ReportOptions, write
from cdlint.report.junit import MESSAGE_LIMIT, NAME_LIMIT
from cdlint.report.sarif import uri
from cdlint.source import Source
from report_support import REPORT_SCHEMA, at, finding, report, result
from support import ROOT

SARIF_SCHEMA = json.loads((ROOT / "tests/data/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
SARIF = jsonschema.Draft4Validator(SARIF_SCHEMA)
REPORT = jsonschema.Draft202012Validator(REPORT_SCHEMA)

SPEC = "version: 0.2\nphases:\n  built:\n    commands: [make,\n      test]\n"
FOUND = (
    at(
        SPEC,
        "built",
        "`built` is no phase.",
        help="Write `build`.",
        fix=Fix("Rename it", [Edit(23, 28, "build")]),
    ),
    at(SPEC, "make,\n      test", "Zwei — 日本.", severity="warning", code="CD001", name="x"),
    finding(0, 0, "Three.", severity="info", code="CD999", name="unknown-to-all"),
)


@pytest.fixture(autouse=True)
def outside_of_any_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="yaml"):
        write("yaml", [], StringIO())


def test_the_version_is_our_own_unless_given() -> None:
    assert ReportOptions().version == __version__


@pytest.mark.parametrize("form", FORMATS)
def test_reports_are_the_same_in_every_run_and_have_no_trailing_blanks(form: str) -> None:
    files = result(SPEC, *FOUND), result("", path="clean.yml")
    told = report(form, *files)
    assert told == report(form, *files)
    assert told.endswith("\n")
    assert not [line for line in told.split("\n") if line != line.rstrip()]
    assert "Zwei — 日本." in told


# --- json and jsonl -----------------------------------------------------------------------------


def test_json_is_the_contract() -> None:
    told = json.loads(report("json", result(SPEC, *FOUND), result("", path="clean.yml")))
    REPORT.validate(told)
    assert list(told) == ["version", "findings", "summary"]
    assert told["version"] == "1.2.3"
    assert told["summary"] == {"files": 2, "errors": 1, "warnings": 1, "infos": 1, "fixable": 1}
    assert told["findings"][0] == {
        "code": "CD106",
        "name": "unknown-phase",
        "severity": "error",
        "message": "`built` is no phase.",
        "path": "buildspec.yml",
        "line": 3,
        "column": 3,
        "end_line": 3,
        "end_column": 8,
        "fix": {
            "safe": True,
            "description": "Rename it",
            "edits": [{"start": 23, "end": 28, "replacement": "build"}],
        },
        "help": "Write `build`.",
    }
    assert [one["fix"] for one in told["findings"][1:]] == [None, None]


def test_jsonl_is_the_findings_one_a_line() -> None:
    files = result(SPEC, *FOUND), result("a", finding(0, 1), path="b.yml")
    lines = report("jsonl", *files).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(report("json", *files))["findings"]
    assert report("jsonl", result("")) == ""


def test_json_without_findings() -> None:
    for files in ((), (result(""),)):
        told = json.loads(report("json", *files))
        REPORT.validate(told)
        assert told["findings"] == []
        assert told["summary"]["files"] == len(files)


def test_columns_count_characters_and_no_byte_order_mark() -> None:
    text = "\ufeffa🚀e\u0301\t: x\r\ny"
    told = json.loads(report("json", result(text, at(text, "x"), at(text, "y"))))["findings"]
    assert [(one["line"], one["column"]) for one in told] == [(1, 8), (2, 1)]


def test_json_keeps_what_is_no_unicode() -> None:
    told = report("json", result("a", finding(0, 1, "half \ud83d — pair"), path="caf\udce9.yml"))
    (found,) = json.loads(told.encode("utf-8"))["findings"]
    assert (found["message"], found["path"]) == ("half \ud83d — pair", "caf\udce9.yml")


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"code": "X1"},
        {"name": "Not Kebab"},
        {"severity": "note"},
        {"line": 0},
        {"fix": {"safe": True, "description": "x"}},
        {"fix": {"safe": 1, "description": "x", "edits": []}},
        {"help": None},
    ],
)
def test_the_schema_of_the_report_is_strict(change: dict[str, Any]) -> None:
    told = json.loads(report("json", result(SPEC, *FOUND)))
    told["findings"][0].update(change)
    assert not REPORT.is_valid(told)


def test_the_schema_of_the_report_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(REPORT_SCHEMA)
    assert SARIF_SCHEMA["$schema"] == SARIF.META_SCHEMA["id"]


# --- GitHub -------------------------------------------------------------------------------------


def commands(told: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands, read as a runner reads them."""
    found = []
    for line in told.splitlines():
        match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
        assert match, line
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        for code, char in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%25", "%")):
            properties = {key: value.replace(code, char) for key, value in properties.items()}
        found.append((match[1], properties, match[3].replace("%0A", "\n").replace("%25", "%")))
    return found


def test_github() -> None:
    assert report("github", result(SPEC, *FOUND)) == (
        "::error file=buildspec.yml,line=3,col=3,endLine=3,endColumn=8,"
        "title=CD106 unknown-phase::`built` is no phase.%0AWrite `build`.\n"
        "::warning file=buildspec.yml,line=4,endLine=5,title=CD001 x::Zwei — 日本.\n"
        "::notice file=buildspec.yml,line=1,col=1,endLine=1,endColumn=1,"
        "title=CD999 unknown-to-all::Three.\n"
    )


@pytest.mark.parametrize(
    "text", ["50%, a:b, %0A", "a::b", "::error::x", "a,b=c", "two\nlines", "a::set-env name=x::y"]
)
def test_github_escapes(text: str) -> None:
    told = report("github", result("a", finding(0, 1, text), path=f"x/{text}.yml"))
    ((command, properties, message),) = commands(told)
    assert (command, message) == ("error", text)
    assert properties["file"] == f"x/{text}.yml"
    assert properties["title"] == "CD106 unknown-phase"


def test_github_lets_no_line_end_through() -> None:
    told = report("github", result("a", finding(0, 1, "a\r\nb\rc\x85d\u2028e\x1b[31m")))
    assert told.count("\n") == 1
    assert commands(told)[0][2] == "a\nb\nc<U+0085>d<U+2028>e␛[31m"


@pytest.mark.parametrize(
    ("form", "variable"),
    [("github", "GITHUB_WORKSPACE"), ("sarif", "GITHUB_WORKSPACE"), ("gitlab", "CI_PROJECT_DIR")],
)
def test_services_get_paths_from_the_top_of_the_checkout(
    form: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(path: str) -> str:
        told = report(form, result("a", finding(0, 1), path=path))
        if form == "github":
            return commands(told)[0][1]["file"]
        found = json.loads(told)
        if form == "gitlab":
            return found[0]["location"]["path"]
        location = found["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        return location["artifactLocation"]["uri"]

    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    assert place("./b.yml") == "b.yml"
    monkeypatch.setenv(variable, str(tmp_path))
    assert place("b.yml") == "app/b.yml"
    assert place("./ci/b.yml") == "app/ci/b.yml"
    assert place("../b.yml") == "b.yml"
    assert place(f"{tmp_path}/x/b.yml") == "x/b.yml"
    assert place("../../b.yml") == "../../b.yml"
    assert place("/other/b.yml").endswith("/other/b.yml")


# --- SARIF --------------------------------------------------------------------------------------


def run_of(*files: FileResult) -> dict[str, Any]:
    told = json.loads(report("sarif", *files))
    SARIF.validate(told)
    (run,) = told["runs"]
    return run


def test_sarif() -> None:
    run = run_of(result("", path="clean.yml"), result(SPEC, *FOUND))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("cdlint", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["CD001", "CD106", "CD999"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["clean.yml", "buildspec.yml"]
    first, second, third = run["results"]
    assert [one["level"] for one in run["results"]] == ["error", "warning", "note"]
    for one in run["results"]:
        assert driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
    assert first["message"]["text"] == "`built` is no phase. Write `build`."
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "buildspec.yml", "index": 1}
    assert physical["region"] == {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 8}
    assert first["fixes"][0]["description"] == {"text": "Rename it"}
    assert first["fixes"][0]["properties"] == {"safe": True}
    assert "fixes" not in second and "fixes" not in third


def test_sarif_says_what_a_rule_is_about() -> None:
    known, unknown = run_of(result(SPEC, FOUND[0], FOUND[2]))["tool"]["driver"]["rules"]
    assert known["shortDescription"]["text"] and "\n" not in known["fullDescription"]["text"]
    assert "**Bad" in known["help"]["markdown"] and "```yaml\n" in known["help"]["markdown"]
    assert "Bad" in known["help"]["text"] and "```" not in known["help"]["text"]
    assert known["defaultConfiguration"] == {"level": "error"}
    assert known["properties"]["tags"] == ["codebuild", "structure"]
    assert unknown["id"] == "CD999" and unknown["defaultConfiguration"] == {"level": "note"}
    assert "help" not in unknown


def test_sarif_names_a_file_once() -> None:
    run = run_of(result("a", finding(0, 1)), result("b"), result("b", finding(0, 1)))
    assert len(run["artifacts"]) == 1


def test_sarif_without_findings() -> None:
    for files in ((), (result(""),)):
        run = run_of(*files)
        assert run["results"] == [] and run["tool"]["driver"]["rules"] == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ci/buildspec.yml", "ci/buildspec.yml"),
        ("a b/ü#1?.yml", "a%20b/%C3%BC%231%3F.yml"),
        ("100%:x.yml", "100%25%3Ax.yml"),
        ("../b.yml", "../b.yml"),
        ("<stdin>", "%3Cstdin%3E"),
        ("/tmp/a b.yml", "file:///tmp/a%20b.yml"),
        ("C:/tmp/a b.yml", "file:///C:/tmp/a%20b.yml"),
        ("caf\udce9.yml", "caf%E9.yml"),
        ("half\ud83d.yml", "half%ED%A0%BD.yml"),
        ("", ""),
    ],
)
def test_paths_as_uris(path: str, expected: str) -> None:
    assert uri(path) == expected


def replaced(text: str, fix: dict[str, Any]) -> str:
    """A text after a fix of a SARIF log, done by line and column."""
    source = Source("x", text)
    (change,) = fix["artifactChanges"]
    edits = []
    for replacement in change["replacements"]:
        region = replacement["deletedRegion"]
        start = source.offset(region["startLine"], region["startColumn"])
        end = source.offset(region["endLine"], region["endColumn"])
        edits.append(Edit(start, end, replacement.get("insertedContent", {}).get("text", "")))
    return apply_edits(text, edits)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_sarif_fixes_do_what_the_edits_do(end: str, mark: str) -> None:
    text = f"{mark}a: 日本{end}b: 🚀 x{end}c: d"
    where = [text.index(part) for part in ("a", "日", "b:", "x", "d")]
    edits = [
        Edit(where[0], where[0], "new: 1" + end),
        Edit(where[1], where[1] + 1, ""),
        Edit(where[2] - len(end), where[2] + 2, "B:"),
        Edit(where[3], where[3] + 1, "y"),
        Edit(len(text), len(text), end),
    ]
    run = run_of(result(text, finding(0, 1, fix=Fix("Do it", edits))))
    assert replaced(text, run["results"][0]["fixes"][0]) == apply_edits(text, edits)


def prints(text: str, *found: Finding, path: str = "buildspec.yml") -> list[str]:
    results = run_of(result(text, *found, path=path))["results"]
    return [one["partialFingerprints"]["cdlint/v1"] for one in results]


def test_fingerprints_stay_when_lines_come_before() -> None:
    later = "# new\n\n" + SPEC.replace("  built", "      built")
    assert prints(SPEC, at(SPEC, "built")) == prints(later, at(later, "built"))


def test_fingerprints_tell_findings_apart() -> None:
    text = "a\na\nb b\n"
    found = [finding(0, 1), finding(2, 3), finding(4, 5), finding(6, 7)]
    found += [finding(4, 5, code="CD107", name="y")]
    assert len(set(prints(text, *found))) == 5
    # The first one mended, the second takes its place: no new alert.
    assert prints("x\na\n", finding(2, 3)) == prints(text, finding(0, 1))


def test_fingerprints_look_at_the_whole_of_a_usual_line_only() -> None:
    line = "x" * 400
    assert prints(line + "a", finding(0, 1)) != prints(line + "b", finding(0, 1))
    assert prints("x" * 2_000_000, finding(0, 1)) == prints("x" * 3_000_000, finding(0, 1))


# --- JUnit --------------------------------------------------------------------------------------


def junit(*files: FileResult) -> ElementTree.Element:
    return ElementTree.fromstring(report("junit", *files).encode("utf-8"))


def test_junit() -> None:
    root = junit(result(SPEC, *FOUND), result("", path="clean.yml"))
    assert root.tag == "testsuites"
    assert root.attrib == {
        "name": "cdlint",
        "tests": "4",
        "failures": "2",
        "errors": "0",
        "skipped": "0",
        "time": "0.000",
    }
    faulty, clean = root
    assert (faulty.attrib["name"], faulty.attrib["tests"], faulty.attrib["failures"]) == (
        "buildspec.yml",
        "3",
        "2",
    )
    assert [case.attrib["name"] for case in faulty] == [
        "CD106 unknown-phase at 3:3",
        "CD001 x at 4:16",
        "CD999 unknown-to-all at 1:1",
    ]
    failure = faulty[0][0]
    assert failure.attrib == {"message": "`built` is no phase.", "type": "error"}
    assert failure.text is not None
    assert failure.text.splitlines() == [
        "buildspec.yml:3:3: error CD106 unknown-phase: `built` is no phase.",
        "  |",
        "3 |   built:",
        "  |   ^^^^^",
        "  = help: Write `build`.",
        "  = fix: Rename it",
    ]
    assert faulty[1][0].attrib["type"] == "warning"
    assert [child.tag for child in faulty[2]] == ["system-out"]
    assert (clean.attrib["tests"], clean.attrib["failures"]) == ("1", "0")
    assert len(clean[0]) == 0 and clean[0].attrib["classname"] == "clean.yml"


def test_junit_counts_add_up() -> None:
    files = [result("a", *[finding(0, 1)] * count, path=f"{count}.yml") for count in range(4)]
    root = junit(*files, result("a", finding(0, 1, severity="info"), path="i.yml"))
    assert root.attrib["tests"] == str(len(list(root.iter("testcase"))))
    assert root.attrib["failures"] == str(len(list(root.iter("failure")))) == "6"
    for suite in root:
        assert suite.attrib["tests"] == str(len(suite.findall("testcase")))
        assert suite.attrib["failures"] == str(len(list(suite.iter("failure"))))
    assert all(element.attrib["time"] == "0.000" for element in root.iter("testcase"))


def test_junit_without_files() -> None:
    root = junit()
    assert (len(root), root.attrib["tests"], root.attrib["failures"]) == (0, "0", "0")


def test_junit_escapes() -> None:
    evil = "<&>\"'\n\ttab ]]> \x00\x1b\x85\u2028\ufffe\uffff\ud800 日本"
    root = junit(result("a", finding(0, 1, evil), path="<&\"'>.yml"))
    assert root[0].attrib["name"] == "<&\"'>.yml"
    failure = root[0][0][0]
    assert failure.attrib["message"] == "<&>\"'\n\ttab ]]> \x85\u2028 日本"
    assert failure.text is not None and "<&>\"'␊␉tab ]]> ␀␛" in failure.text


def test_junit_keeps_to_the_limits_of_codebuild() -> None:
    long = "<日>" * 5_000
    root = junit(result("a", finding(0, 1, long, name="n" * 3_000), path="p" * 3_000))
    case = root[0][0]
    assert len(case.attrib["name"]) == len(case.attrib["classname"]) == NAME_LIMIT == 1_000
    assert len(case[0].attrib["message"]) == MESSAGE_LIMIT == 5_000
    assert case[0].text is not None and len(case[0].text) == MESSAGE_LIMIT


# --- GitLab -------------------------------------------------------------------------------------


def test_gitlab() -> None:
    told = json.loads(report("gitlab", result(SPEC, *FOUND)))
    first = told[0]
    assert first.pop("fingerprint").isalnum()
    assert first == {
        "description": "`built` is no phase. Write `build`.",
        "check_name": "CD106 unknown-phase",
        "severity": "major",
        "location": {"path": "buildspec.yml", "lines": {"begin": 3, "end": 3}},
    }
    assert [one["severity"] for one in told[1:]] == ["minor", "info"]
    assert told[1]["location"]["lines"] == {"begin": 4, "end": 5}
    assert json.loads(report("gitlab")) == []


def test_gitlab_fingerprints_are_unique_in_a_report() -> None:
    files = [result("a\na", finding(0, 1), finding(0, 1), finding(2, 3), path=path) for path in "xyz"]
    told = json.loads(report("gitlab", *files))
    assert len({one["fingerprint"] for one in told}) == len(told) == 9


# --- any text -----------------------------------------------------------------------------------

EDITS = st.tuples(st.integers(0, 60), st.integers(0, 60), st.text(max_size=5))
TEXTS = st.text(st.characters(), max_size=60) | st.text("a:\t\r\n\ufeff日\u0301\x1b\u2028 ", max_size=60)


@st.composite
def results(draw: st.DrawFn) -> FileResult:
    text = draw(TEXTS)
    found = []
    for _ in range(draw(st.integers(0, 3))):
        start, end = draw(st.integers(0, 70)), draw(st.integers(0, 70))
        edits = [
            Edit(min(first, len(text)), min(max(first, last), len(text)), put)
            for first, last, put in draw(st.lists(EDITS, max_size=2))
        ]
        fix = draw(st.none() | st.builds(Fix, TEXTS, st.just(edits), safe=st.booleans()))
        severity = draw(st.sampled_from(["error", "warning", "info"]))
        found.append(finding(start, end, draw(TEXTS), help=draw(TEXTS), fix=fix, severity=severity))
    return result(text, *found, path=draw(TEXTS))


@given(st.lists(results(), max_size=2))
def test_any_text_in_any_format(files: list[FileResult]) -> None:
    count = sum(len(one.findings) for one in files)
    for form in FORMATS:
        told = report(form, *files)
        data = told.encode("utf-8", "strict")
        if form in ("full", "concise"):
            assert all(char == "\n" or char.isprintable() for char in told)
        elif form == "json":
            REPORT.validate(json.loads(data))
        elif form == "jsonl":
            assert len([json.loads(line) for line in data.split(b"\n") if line]) == count
        elif form == "github":
            assert len(commands(told)) == count
        elif form == "sarif":
            SARIF.validate(json.loads(data))
        elif form == "gitlab":
            assert len(json.loads(data)) == count
        elif form == "markdown":
            assert len(table(told)) == count
        else:
            assert len(list(ElementTree.fromstring(data).iter("failure"))) <= count


# --- markdown -----------------------------------------------------------------------------------


def table(told: str) -> list[list[str]]:
    """The cells of the table of a report as a reader of Markdown sees them: `(HTML of each cell)` by rows."""
    html = MarkdownIt("gfm-like", {"html": True}).render(told)
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.S)
    return [re.findall(r"<td>(.*?)</td>", row, re.S) for row in rows[1:]]


def test_markdown_is_a_table_with_the_worst_first(monkeypatch: pytest.MonkeyPatch) -> None:
    told = report("markdown", result(SPEC, *FOUND), result("", path="clean.yml"))
    rows = table(told)
    assert [row[0] for row in rows] == ["🔴 error", "🟠 warning", "🔵 info"]
    assert rows[0][1] == (
        '<a href="https://github.com/OWNER/cdlint/blob/main/docs/rules/CD106.md">CD106</a> unknown-phase'
    )
    assert rows[0][2] == "buildspec.yml:3"
    assert rows[0][3] == "<code>built</code> is no phase. Write <code>build</code>."
    assert "1 error, 1 warning and 1 info" in told
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/web")
    monkeypatch.setenv("GITHUB_SHA", "0123abc")
    (row,) = table(report("markdown", result("a: b\n", finding(0, 1), path="ci/a b.yml")))
    assert row[2] == '<a href="https://github.com/acme/web/blob/0123abc/ci/a%20b.yml#L1">ci/a b.yml:1</a>'


def test_markdown_without_findings() -> None:
    told = report("markdown", result(""))
    assert told == "### cdlint\n\nNo problems found in 1 file.\n"


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](https://evil.example)",
        "![x](https://evil.example/x.png)",
        "https://evil.example www.evil.example",
        "a | b | c",
        "`</code><script>`",
        "` x",
        "**bold** _it_ ~~no~~ @everyone #1 $x$",
        "line one\n\n# Title\n- item",
        "&lt;b&gt;",
    ],
)
def test_no_markup_comes_from_a_file(evil: str) -> None:
    (row,) = table(report("markdown", result("a: b\n", finding(0, 1, evil, help=evil), path=evil + ".yml")))
    assert len(row) == 4
    for cell in (row[2], row[3]):
        assert not re.findall(r"<(?!/?code>)[a-z!/]", cell), cell


def test_a_large_table_is_cut() -> None:
    many = [finding(0, 1, "x" * 500) for _ in range(3000)]
    told = report("markdown", result("a: b\n", *many))
    assert len(told.encode()) < 700_000
    assert re.search(r"[0-9,]+ more findings are in the log", told)


def test_the_article_in_every_format() -> None:
    """What the engine really finds, rules and their documentation included."""
    from cdlint.engine import check_bytes

    files = []
    for path in sorted((ROOT / "fixtures/article").glob("*.yml")):
        found = check_bytes(path.read_bytes(), path.relative_to(ROOT).as_posix())
        assert found is not None and found.findings
        files.append(found)
    assert files
    run = run_of(*files)
    assert all(rule["help"]["markdown"] for rule in run["tool"]["driver"]["rules"])
    for one in files:
        for told, expected in zip(run_of(one)["results"], one.findings, strict=True):
            if expected.fix is not None:
                assert replaced(one.source.text, told["fixes"][0]) == apply_edits(
                    one.source.text, expected.fix.edits
                )
    REPORT.validate(json.loads(report("json", *files)))
    assert len(commands(report("github", *files))) == sum(len(one.findings) for one in files)
