"""CD241–CD269: reports, cache and batch. The examples in the rules' documentation run elsewhere."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult, apply_edits

HEAD = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"


def check(section: str, head: str = HEAD) -> FileResult:
    return check_text(head + section, kind="buildspec")


def told(result: FileResult, code: str) -> list[tuple[str, str]]:
    """`(severity, the marked text)` of the findings with a code."""
    return [
        (found.severity, result.source.text[found.span.start : found.span.end])
        for found in result.findings
        if found.code == code
    ]


def mended(result: FileResult, code: str, *, safe: bool = True) -> str:
    """The text after the fixes of a code."""
    edits = []
    for found in result.findings:
        if found.code == code:
            assert found.fix is not None and found.fix.safe is safe
            edits += found.fix.edits
    return apply_edits(result.source.text, edits)


def messages(result: FileResult, code: str) -> list[str]:
    return [found.message for found in result.findings if found.code == code]


# --- cache ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "npm ci",
        "npm ci --prefer-offline",
        "npm --prefix frontend ci",
        "cd web && npm ci && npm test",
        "(cd web; npm ci)",
        "npm clean-install",
        "|\n        set -e\n        npm ci",
    ],
)
def test_cached_node_modules_that_npm_ci_deletes(command: str) -> None:
    head = HEAD.replace("- make", f"- {command}")
    result = check("cache:\n  paths: [node_modules/**/*, web/node_modules/**/*]\n", head)
    assert told(result, "CD241") == [("warning", "node_modules"), ("warning", "node_modules")]


@pytest.mark.parametrize(
    "command",
    [
        "npm install",
        "npm cit",
        "npm run ci",
        "pnpm ci",
        "echo run npm ci first",
        "|\n        # npm ci\n        npm install",
        "if [ ! -d node_modules ]; then npm ci; fi",
    ],
)
def test_cached_node_modules_are_otherwise_a_hint(command: str) -> None:
    head = HEAD.replace("- make", f"- {command}")
    result = check("cache:\n  paths: ['node_modules/**/*', 'web/node_modules/**/*']\n", head)
    assert told(result, "CD241") == [("info", "node_modules")]


def test_other_paths_with_npm_ci() -> None:
    head = HEAD.replace("- make", "- npm ci")
    result = check("cache:\n  paths: [/root/.npm/**/*, my_node_modules/**/*]\n", head)
    assert told(result, "CD241") == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("/home/me/.gradle/caches/**/*", [("warning", "/home/")]),
        ("'/home/codebuild-user/.m2/**/*'", [("warning", "/home/")]),
        ("/root/.m2/**/*", []),
        ("$HOME/.gradle/**/*", []),
        ("home/me/**/*", []),
        ("/var/cache/apt/**/*", []),
        ("/go/pkg/**/*", []),
    ],
)
def test_cache_below_home(entry: str, expected: list[tuple[str, str]]) -> None:
    assert told(check(f"cache:\n  paths:\n    - {entry}\n"), "CD242") == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("frontend/yarn.lock", [("info", "yarn.lock")]),
        (".gradle/a.lock", [("info", "a.lock")]),
        (".gradle/**/*", []),
        ("target/**/*.jar", []),
        (".gradle", []),
        ("$FILE.lock", []),
        ("/root/.cache/go-build/**/*", []),
    ],
)
def test_cached_file(entry: str, expected: list[tuple[str, str]]) -> None:
    assert told(check(f"cache:\n  paths:\n    - {entry}\n"), "CD243") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("fallback-keys: [npm-]", [("warning", "fallback-keys")]),
        ("fallback-keys: npm-", [("warning", "fallback-keys")]),
        ("key: npm-$(codebuild-hash-files a)\n  fallback-keys: [npm-]", []),
        ("fallback-keys: []", []),
        ("fallback-keys:", []),
        ("action: save", []),
    ],
)
def test_fallback_keys(lines: str, expected: list[tuple[str, str]]) -> None:
    result = check(f"cache:\n  paths: [/root/.npm/**/*]\n  {lines}\n")
    assert told(result, "CD244") == expected


@pytest.mark.parametrize(
    ("entry", "severity", "marked", "left"),
    [
        ("/node_modules/**/*", "warning", "/node_modules", "node_modules/**/*"),
        ("'/.m2/**/*'", "warning", "/.m2", "'/root/.m2/**/*'"),
        ("~/.gradle/caches/**", "info", "~", "/root/.gradle/caches/**"),
    ],
)
def test_unlikely_cache_path(entry: str, severity: str, marked: str, left: str) -> None:
    result = check(f"cache:\n  paths:\n    - {entry}\n")
    assert told(result, "CD247") == [(severity, marked)]
    assert f"    - {left}\n" in mended(result, "CD247", safe=False)


@pytest.mark.parametrize("entry", ["node_modules/**/*", "/root/.m2/**/*", "/usr/lib/x", "$A/x", "/"])
def test_likely_cache_path(entry: str) -> None:
    assert told(check(f"cache:\n  paths:\n    - {entry}\n"), "CD247") == []


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("/root/.m2/", "/root/.m2/**/*"),
        ("'.gradle'", "'.gradle/**/*'"),
        ("/$HOME/.gradle/caches/", "/$HOME/.gradle/caches/**/*"),
    ],
)
def test_cached_folder_without_pattern(entry: str, left: str) -> None:
    result = check(f"cache:\n  paths:\n    - {entry}\n")
    assert told(result, "CD248") == [("info", entry)]
    assert f"    - {left}\n" in mended(result, "CD248")


@pytest.mark.parametrize("entry", ["/root/.m2/**/*", "a/*", "$DIR", "yarn.lock", "**", "./"])
def test_cached_folder_with_pattern(entry: str) -> None:
    assert told(check(f"cache:\n  paths:\n    - {entry}\n"), "CD248") == []


# --- reports -------------------------------------------------------------------------------------


def report(*lines: str, key: str = "unit") -> str:
    return f"reports:\n  {key}:\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("entry", "marked", "left"),
    [("reports/**/*.xml", "reports/", "'**/*.xml'"), ("./reports/a.xml", "./reports/", "a.xml")],
)
def test_doubled_base_directory_of_a_report(entry: str, marked: str, left: str) -> None:
    result = check(report("base-directory: reports", "files:", f"  - {entry}"))
    assert told(result, "CD250") == [("warning", marked)]
    text = mended(result, "CD250")
    assert f"      - {left}\n" in text
    assert told(check_text(text, kind="buildspec"), "CD250") == []


def test_report_files_below_the_base_directory() -> None:
    text = report("base-directory: target/surefire-reports", "files: ['**/*', TEST-*.xml]")
    assert told(check(text), "CD250") == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("coverage.xml", "COBERTURAXML"),
        ("out/coverage.cobertura.xml", "COBERTURAXML"),
        ("**/cobertura-coverage.xml", "COBERTURAXML"),
        ("coverage/clover.xml", "CLOVERXML"),
        ("target/site/jacoco/jacoco.xml", "JACOCOXML"),
        ("build/jacocoTestReport.xml", "JACOCOXML"),
        ("coverage/.resultset.json", "SIMPLECOV"),
        ("**/*.trx", "VISUALSTUDIOTRX"),
        ("cucumber-report.json", "CUCUMBERJSON"),
        ("testng-results.xml", "TESTNGXML"),
    ],
)
def test_format_that_is_missing(name: str, wanted: str) -> None:
    result = check(report("files:", f"  - '{name}'"))
    assert told(result, "CD251") == [("warning", name.rpartition("/")[2])]
    text = mended(result, "CD251", safe=False)
    assert f"  unit:\n    file-format: {wanted}\n    files:\n" in text
    assert told(check_text(text, kind="buildspec"), "CD251") == []


@pytest.mark.parametrize(
    ("form", "name", "wanted"),
    [
        ("JUNITXML", "coverage.xml", "COBERTURAXML"),
        ('"JunitXml"', "clover.xml", '"CLOVERXML"'),
        ("COBERTURAXML", "jacoco.xml", "JACOCOXML"),
        ("CLOVERXML", "TEST-a.xml", "JUNITXML"),
        ("CUCUMBERJSON", "junit.xml", "JUNITXML"),
    ],
)
def test_format_that_is_wrong(form: str, name: str, wanted: str) -> None:
    result = check(report(f"files: ['{name}']", f"file-format: {form}"))
    assert told(result, "CD251") == [("warning", form)]
    assert f"    file-format: {wanted}\n" in mended(result, "CD251", safe=False)


@pytest.mark.parametrize("name", ["report.html", "out/lint-report.txt", "lcov.info"])
def test_file_that_is_no_report(name: str) -> None:
    result = check(report(f"files: [{name}]"))
    assert told(result, "CD251") == [("warning", name.rpartition("/")[2])]
    assert all(found.fix is None for found in result.findings if found.code == "CD251")


def test_json_file_under_an_xml_format_names_no_certain_format() -> None:
    result = check(report("files: [a.json]"))
    assert told(result, "CD251") == [("warning", "a.json")]


def test_files_that_disagree_have_no_fix() -> None:
    result = check(report("files: [clover.xml, jacoco.xml]"))
    (found,) = [one for one in result.findings if one.code == "CD251"]
    assert found.fix is None
    result = check(report("files: [clover.xml, 'TEST-*.xml']"))
    (found,) = [one for one in result.findings if one.code == "CD251"]
    assert found.fix is None


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("report.xml", None),
        ("**/*", None),
        ("**/*.xml", None),
        ("TEST-*.xml", "JUNITXML"),
        ("unittests.xml", "JunitXml"),
        ("cov.xml", "COBERTURAXML"),
        ("coverage.xml", "CLOVERXML"),
        ("coverage.xml", "cloverxml"),
        ("results.xml", "VISUALSTUDIOTRX"),
        ("snyk-report.json", "CUCUMBERJSON"),
        ("coverage.json", "SIMPLECOV"),
        ("**/*", "CLOVERXML"),
        ("$NAME.json", None),
        ("coverage.xml", "$FORMAT"),
        ("coverage.xml", "JUNIT"),
        ("coverage.xml", "[JUNITXML]"),
        ("coverage/**/*", None),
    ],
)
def test_format_that_may_be_right(name: str, form: str | None) -> None:
    lines = [f"files: ['{name}']"] + ([f"file-format: {form}"] if form else [])
    assert told(check(report(*lines)), "CD251") == []


def test_format_added_in_flow_style_and_json() -> None:
    result = check("reports:\n  cov: {files: [clover.xml]}\n")
    assert "cov: {file-format: CLOVERXML, files: [clover.xml]}" in mended(result, "CD251", safe=False)
    text = (
        '{"version": "0.2", "phases": {"build": {"commands": ["make"]}},\n'
        ' "reports": {"cov": {"files": ["clover.xml"]}}}\n'
    )
    result = check_text(text, path="buildspec.json", kind="buildspec")
    assert '{"file-format": "CLOVERXML", "files": ["clover.xml"]}' in mended(result, "CD251", safe=False)


ARN = "arn:aws:codebuild:eu-west-1:123456789012:report-group/unit"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("my tests", [("error", " ")]),
        ("'unit:tests'", [("error", ":")]),
        ("unit.tests", [("warning", ".")]),
        ("team/unit", [("warning", "/")]),
        ("a" * 126, [("error", "a" * 126)]),
        (f"'{ARN[:-5]}'", [("error", f"'{ARN[:-5]}'")]),
        ("'arn:aws:s3:::unit'", [("error", "'arn:aws:s3:::unit'")]),
        (f"'{ARN.replace('123456789012', '1234')}'", None),
        (f"'{ARN.replace('eu-west-1', '')}'", None),
        (f"'{ARN}:x'", None),
    ],
)
def test_names_of_report_groups_that_are_refused(key: str, expected: list[tuple[str, str]] | None) -> None:
    result = check(report("files: [a.xml]", key=key))
    assert told(result, "CD252") == (expected or [("error", key)])


@pytest.mark.parametrize(
    "key",
    [
        "unit-tests_2",
        "SurefireReports",
        "$GROUP",
        '"${A}:b c"',
        "'{{ group }}'",
        ARN,
        ARN.replace("arn:aws:", "arn:aws-cn:"),
        "report-group-name-or-arn",
        "<report group name>",
        "a" * 125,
        "a\u2013b",
    ],
)
def test_names_of_report_groups_that_are_fine(key: str) -> None:
    assert told(check(report("files: [a.xml]", key=key)), "CD252") == []


@pytest.mark.parametrize(("count", "expected"), [(5, []), (6, [("warning", "g6")])])
def test_number_of_report_groups(count: int, expected: list[tuple[str, str]]) -> None:
    groups = "".join(f"  g{number}: {{files: [a.xml]}}\n" for number in range(1, count + 1))
    assert told(check("reports:\n" + groups), "CD253") == expected


# --- batch ---------------------------------------------------------------------------------------


def batch(*lines: str) -> str:
    return "batch:\n" + "".join(f"  {line}\n" for line in lines)


def test_two_kinds_of_batch() -> None:
    result = check(
        batch("build-list:", "- identifier: a", "build-matrix:", "  dynamic: {buildspec: [x.yml]}")
    )
    assert told(result, "CD260") == [("error", "build-matrix")]
    assert told(result, "CD261") == []


@pytest.mark.parametrize("line", ["fast-fail: true", "fast-fail: no"])
def test_batch_without_builds(line: str) -> None:
    assert told(check(batch(line)), "CD261") == [("error", "batch")]


@pytest.mark.parametrize(
    "lines",
    [
        ["build-fanout: {parallelism: 2}"],
        ["build-list:", "- identifier: a"],
        ["build_list:", "- identifier: a"],
        ["x: {}"],
    ],
)
def test_batch_with_builds(lines: list[str]) -> None:
    assert told(check(batch("fast-fail: true", *lines)), "CD261") == []
    assert told(check(batch(*lines)), "CD260") == []


@pytest.mark.parametrize("section", ["batch:\n", "batch: {}\n", "batch: []\n", "batch: x\n"])
def test_empty_batch_is_told_by_the_schema_alone(section: str) -> None:
    assert told(check(section), "CD261") == []


def graph(**edges: str) -> str:
    lines = ["build-graph:"]
    for name, wanted in edges.items():
        lines += [f"  - identifier: {name}"] + ([f"    depend-on: {wanted}"] if wanted else [])
    return batch(*lines)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("build-linux", "build_linux"),
        ("'Build_Linux'", "'build_linux'"),
        ("build_linx", "build_linux"),
    ],
)
def test_dependency_with_a_slip(wanted: str, left: str) -> None:
    result = check(graph(build_linux="", test=f"[{wanted}]"))
    assert told(result, "CD262") == [("error", wanted)]
    text = mended(result, "CD262")
    assert f"depend-on: [{left}]" in text
    assert told(check_text(text, kind="buildspec"), "CD262") == []


def test_dependency_that_could_be_two_or_is_a_number_off() -> None:
    result = check(graph(test_1="", deploy="[test_3]"))
    assert told(result, "CD262") == [("error", "test_3")]
    mended(result, "CD262", safe=False)
    result = check(graph(test_a="", test_b="", deploy="[test_c]"))
    mended(result, "CD262", safe=False)


def test_dependency_on_nothing_like_it() -> None:
    result = check(graph(build="", test="[lint]"))
    (found,) = [one for one in result.findings if one.code == "CD262"]
    assert found.fix is None and "lint" in found.message


@pytest.mark.parametrize(
    "section",
    [
        graph(a="", b="[a]", c="[a, b]"),
        graph(a="", b="[$X]"),
        graph(a="", b="a"),
        graph(a="", b="[]"),
        batch("build-graph:", "  - identifier: $NAME", "  - identifier: b", "    depend-on: [a]"),
        batch("build-list:", "  - identifier: b", "    depend-on: [a]"),
    ],
)
def test_dependencies_that_are_fine_or_unknown(section: str) -> None:
    assert told(check(section), "CD262") == []


def test_builds_with_the_same_identifier() -> None:
    text = batch("build-list:", "  - identifier: a", "  - identifier: b", "  - identifier: a")
    result = check(text)
    assert told(result, "CD263") == [("error", "a")]
    assert "line 8" in messages(result, "CD263")[0]
    (found,) = [one for one in result.findings if one.code == "CD263"]
    assert result.source.position(found.span.start).line == 10


@pytest.mark.parametrize("names", [["a", "A", "b"], ["$X", "$X"], ["", ""], ["[a]", "[a]"]])
def test_builds_with_identifiers_of_their_own(names: list[str]) -> None:
    text = batch("build-list:", *(f"  - identifier: {name}" for name in names))
    assert told(check(text), "CD263") == []


@pytest.mark.parametrize(
    ("section", "circle"),
    [
        (graph(a="[a]"), "`a` waits for itself"),
        (graph(a="[b]", b="[a]"), "`a` → `b` → `a`"),
        (graph(x="[a]", a="[b]", b="[c]", c="[a]"), "`a` → `b` → `c` → `a`"),
    ],
)
def test_builds_that_wait_for_each_other(section: str, circle: str) -> None:
    result = check(section)
    assert [severity for severity, _ in told(result, "CD264")] == ["error"]
    assert circle in messages(result, "CD264")[0]


@pytest.mark.parametrize(
    "section",
    [
        graph(a="", b="[a]", c="[a]", d="[b, c]"),
        graph(a="[x]", b="[a]"),
        graph(b="[a]", a=""),
    ],
)
def test_graph_without_circles(section: str) -> None:
    assert told(check(section), "CD264") == []


def test_long_chains_need_no_recursion() -> None:
    count = 3000
    edges = {f"b{number}": f"[b{number + 1}]" for number in range(count)}
    result = check(graph(**edges, **{f"b{count}": "[b0]"}))
    assert told(result, "CD264") == [("error", "b0")]
    assert "…" in messages(result, "CD264")[0]


def environment(*lines: str, task: str = "") -> str:
    more = [f"    {task}"] if task else []
    return batch("build-list:", "  - identifier: a", *more, "    env:", *(f"      {line}" for line in lines))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("compute-type: BUILD_GENERAL1_SMALL", "fleet: f"), [("error", "fleet")]),
        (("fleet: f", "compute-type: BUILD_GENERAL1_SMALL"), [("error", "compute-type")]),
        (("fleet: f",), []),
        (("fleet:", "compute-type: BUILD_GENERAL1_SMALL"), []),
        (("fleet: [f]", "compute-type: BUILD_GENERAL1_SMALL"), []),
    ],
)
def test_fleet_and_compute_type(lines: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert told(check(environment(*lines)), "CD265") == expected


@pytest.mark.parametrize(
    ("kind", "compute", "severity"),
    [
        ("LINUX_CONTAINER", "BUILD_LAMBDA_1GB", "error"),
        ("ARM_LAMBDA_CONTAINER", "BUILD_GENERAL1_SMALL", "error"),
        ("LINUX_GPU_CONTAINER", "BUILD_GENERAL1_MEDIUM", "warning"),
        ("WINDOWS_SERVER_2019_CONTAINER", "BUILD_GENERAL1_SMALL", "warning"),
        ("LINUX_EC2", "BUILD_GENERAL1_2XLARGE", "warning"),
        ("LINUX_CONTAINER", "BUILD_GENERAL1_2XLARGE", None),
        ("ARM_CONTAINER", "BUILD_GENERAL1_MEDIUM", None),
        ("LINUX_LAMBDA_CONTAINER", "BUILD_LAMBDA_10GB", None),
        ("WINDOWS_SERVER_2022_CONTAINER", "BUILD_GENERAL1_LARGE", None),
        ("WINDOWS_CONTAINER", "BUILD_GENERAL1_SMALL", None),
        ("LINUX_CONTAINER", "ATTRIBUTE_BASED_COMPUTE", None),
        ("LINUX_CONTAINER", "$SIZE", None),
        ("$TYPE", "BUILD_LAMBDA_1GB", None),
        ("LINUX_CONTAINER", "BUILD_GENERAL1_TINY", None),
        ("LINUX_BOX", "BUILD_LAMBDA_1GB", None),
    ],
)
def test_size_for_a_type(kind: str, compute: str, severity: str | None) -> None:
    expected = [(severity, compute)] if severity else []
    assert told(check(environment(f"type: {kind}", f"compute-type: {compute}")), "CD266") == expected
    matrix = batch(
        "build-matrix:",
        f"  static: {{env: {{type: {kind}}}}}",
        f"  dynamic: {{env: {{compute-type: [{compute}]}}}}",
    )
    assert told(check(matrix), "CD266") == expected


def test_size_without_a_type() -> None:
    assert told(check(environment("compute-type: BUILD_LAMBDA_1GB")), "CD266") == []


def test_retired_type() -> None:
    result = check(environment("type: WINDOWS_CONTAINER"))
    assert told(result, "CD267") == [("warning", "WINDOWS_CONTAINER")]
    assert told(check(environment("type: WINDOWS_EC2")), "CD267") == []


@pytest.mark.parametrize(
    ("lines", "task", "expected"),
    [
        (("type: ARM_LAMBDA_CONTAINER", "privileged-mode: true"), "", [("warning", "true")]),
        (("compute-type: BUILD_LAMBDA_1GB", "privileged-mode: yes"), "", [("warning", "yes")]),
        (("type: LINUX_LAMBDA_CONTAINER",), "debug-session: true", [("warning", "true")]),
        (("type: LINUX_LAMBDA_CONTAINER", "privileged-mode: false"), "debug-session: no", []),
        (("type: LINUX_CONTAINER", "privileged-mode: true"), "debug-session: true", []),
        (("privileged-mode: true",), "", []),
        (("type: $TYPE", "privileged-mode: true"), "", []),
    ],
)
def test_lambda(lines: tuple[str, ...], task: str, expected: list[tuple[str, str]]) -> None:
    assert told(check(environment(*lines, task=task)), "CD268") == expected


@pytest.mark.parametrize(
    ("version", "expected"), [("0.1", [("warning", "batch")]), ("0.2", []), ("0.10", None)]
)
def test_batch_and_version(version: str, expected: list[tuple[str, str]] | None) -> None:
    head = HEAD.replace("0.2", version)
    result = check(batch("build-list:", "  - identifier: a"), head)
    assert told(result, "CD269") == ([("warning", "batch")] if expected is None else expected)


# --- any shape -----------------------------------------------------------------------------------

SHAPES = ["", "~", "x", "3", "[]", "[[x]]", "[~, {a: b}]", "{}", "{a: {b: c}}", "&a [*a]", "!T x"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "path",
    [
        "reports",
        "reports.unit",
        "reports.unit.files",
        "reports.unit.file-format",
        "reports.unit.base-directory",
        "cache",
        "cache.paths",
        "cache.key",
        "cache.fallback-keys",
        "batch",
        "batch.fast-fail",
        "batch.build-list",
        "batch.build-graph",
        "batch.build-matrix",
        "batch.build-matrix.static",
        "batch.build-matrix.static.env",
        "batch.build-matrix.static.env.type",
        "batch.build-matrix.dynamic.env.compute-type",
    ],
)
def test_any_shape_at_any_place(path: str, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDLINT_DEBUG", "1")
    keys = path.split(".")
    text = "".join("  " * depth + f"{key}:\n" for depth, key in enumerate(keys))
    assert check(text[:-1] + f" {shape}\n").kind == "buildspec"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "key", ["identifier", "depend-on", "env", "debug-session", "env.type", "env.fleet", "env.image"]
)
@pytest.mark.parametrize("kind", ["build-list", "build-graph"])
def test_any_shape_in_a_build(kind: str, key: str, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDLINT_DEBUG", "1")
    first, _, second = key.partition(".")
    lines = [f"  - {first}: {shape}"] if not second else [f"  - {first}:", f"      {second}: {shape}"]
    assert check(batch(f"{kind}:", *lines, "  - identifier: a")).kind == "buildspec"
