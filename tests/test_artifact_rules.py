"""CD229–CD239: artifacts. The examples in the rules' own documentation are run elsewhere."""

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


def artifacts(*lines: str) -> str:
    return "artifacts:\n" + "".join(f"  {line}\n" for line in lines)


# --- CD229 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "marked", "left"),
    [
        ("dist/*", "/*", "dist"),
        ("'dist/**'", "/**", "'dist'"),
        ("$OUT/*", "/*", "$OUT"),
        ("dist/**/*", "/**/*", "dist"),
        ("./dist/*/", "/*/", "./dist"),
    ],
)
def test_pattern_at_the_end_of_the_base_directory(base: str, marked: str, left: str) -> None:
    result = check(artifacts("files: '**/*'", f"base-directory: {base}"))
    assert told(result, "CD229") == [("warning", marked)]
    assert f"base-directory: {left}\n" in mended(result, "CD229", safe=False)


@pytest.mark.parametrize(
    "base",
    ["my-build*", "dist", "$OUT", "$CODEBUILD_SRC_DIR/public/", "build/*/web", "'*-out'", "."],
)
def test_documented_base_directories(base: str) -> None:
    result = check(artifacts("files: '**/*'", f"base-directory: {base}"))
    assert told(result, "CD229") == []


def test_base_directory_that_is_only_a_pattern_has_no_fix() -> None:
    result = check(artifacts("files: '**/*'", "base-directory: '**/*'"))
    (found,) = [one for one in result.findings if one.code == "CD229"]
    assert found.fix is None and found.severity == "warning"


# --- CD230 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ('params/*.yml"', "params/*.yml"),
        ("$DIR/params/*.yml'", "$DIR/params/*.yml"),
        ("'\"dist/**/*'", "'dist/**/*'"),
    ],
)
def test_stray_quote(entry: str, left: str) -> None:
    result = check(artifacts("files:", f"  - {entry}"))
    assert [severity for severity, _ in told(result, "CD230")] == ["warning"]
    assert f"    - {left}\n" in mended(result, "CD230")


@pytest.mark.parametrize("entry", ['"params/*.yml"', "Bob's notes.txt", "'\"a b\"'", '$(echo "x")/a', '"\'"'])
def test_quotes_that_are_not_stray(entry: str) -> None:
    assert told(check(artifacts("files:", f"  - {entry}")), "CD230") == []


def test_stray_quotes_in_reports_and_cache() -> None:
    text = "reports:\n  unit:\n    files: [out/*.xml']\ncache:\n  paths: [/root/.m2/**/*\"]\n"
    assert [mark for _, mark in told(check(text), "CD230")] == ["'", '"']


# --- CD231 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "entry", "marked", "left"),
    [
        ("build", "build/app.jar", "build/", "app.jar"),
        ("./build/", "build/app.jar", "build/", "app.jar"),
        ("build", "./build/app.jar", "./build/", "app.jar"),
        ("frontend/dist", "frontend/dist/index.html", "frontend/dist/", "index.html"),
        ("build", "build/**/*", "build/", "'**/*'"),
        ("build", "'build/**/*'", "build/", "'**/*'"),
        ("build", '"build/*.war"', "build/", '"*.war"'),
        ("build", "build", "build", "'**/*'"),
        ("build", "build/", "build/", "'**/*'"),
        ("build", "build//a.jar", "build//", "a.jar"),
        ("build", "build/$NAME.jar", "build/", "$NAME.jar"),
    ],
)
def test_doubled_base_directory(base: str, entry: str, marked: str, left: str) -> None:
    result = check(artifacts("files:", f"  - {entry}", f"base-directory: {base}"))
    assert told(result, "CD231") == [("warning", marked)]
    text = mended(result, "CD231")
    assert f"    - {left}\n" in text
    after = check_text(text, kind="buildspec")
    assert told(after, "CD231") == [] and told(after, "CD233") == []


@pytest.mark.parametrize(
    ("base", "entry"),
    [
        ("build", "app.jar"),
        ("build", "builds/app.jar"),
        ("build", "src/build/app.jar"),
        ("build", "Build/app.jar"),
        ("build*", "build/app.jar"),
        ("$OUT", "$OUT/app.jar"),
        (".", "./app.jar"),
        ("/tmp/out", "/tmp/out/app.jar"),
        ("", "build/app.jar"),
    ],
)
def test_base_directory_that_is_not_doubled(base: str, entry: str) -> None:
    result = check(artifacts("files:", f"  - {entry}", f"base-directory: {base}"))
    assert told(result, "CD231") == []


def test_doubled_base_directory_in_excluded_paths_and_secondary_artifacts() -> None:
    result = check(
        artifacts(
            "files: ['**/*']",
            "base-directory: dist",
            "exclude-paths: [dist/**/*.map]",
            "secondary-artifacts:",
            "  web:",
            "    files: [web/index.html]",
            "    base-directory: web",
        )
    )
    assert told(result, "CD231") == [("warning", "dist/"), ("warning", "web/")]
    assert "exclude-paths: ['**/*.map']" in mended(result, "CD231")


def test_python_package_in_a_folder_of_its_name_is_only_a_hint() -> None:
    result = check(artifacts("base-directory: mysite", "files: [manage.py, mysite/**/*, requirements.txt]"))
    assert told(result, "CD231") == [("info", "mysite/")]
    mended(result, "CD231", safe=False)


def test_program_in_a_folder_of_its_name_is_only_a_hint() -> None:
    result = check(artifacts("base-directory: service", "files: [service]"))
    assert told(result, "CD231") == [("info", "service")]


def test_other_entries_make_the_fix_unsafe() -> None:
    result = check(artifacts("base-directory: service", "files: [service/a.jar, appspec.yml]"))
    assert told(result, "CD231") == [("warning", "service/")]
    mended(result, "CD231", safe=False)


def test_fix_in_json() -> None:
    text = (
        '{"version": "0.2", "phases": {"build": {"commands": ["make"]}},\n'
        ' "artifacts": {"files": ["build/**/*"], "base-directory": "build"}}\n'
    )
    result = check_text(text, path="buildspec.json", kind="buildspec")
    assert '"files": ["**/*"]' in mended(result, "CD231")


# --- CD232 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        "['**/*']",
        "'**/*'",
        "[dist/**/*, appspec.yml]",
        "['dist/**']",
        "['dist/**/*.*']",
        "[a/index.html, b/index.html]",
        "[./a/x.json, x.json]",
        "[appspec.yml, target/app.war, scripts/*]",
        "[appspec.yml, scripts/start.sh]",
    ],
)
@pytest.mark.parametrize("setting", ["yes", "true", '"yes"'])
def test_discarded_paths_collide(files: str, setting: str) -> None:
    result = check(artifacts(f"files: {files}", f"discard-paths: {setting}"))
    assert told(result, "CD232") == [("warning", setting)]
    assert told(check_text(mended(result, "CD232", safe=False), kind="buildspec"), "CD232") == []


@pytest.mark.parametrize(
    "files",
    [
        "target/**/*.jar",
        "[target/app.jar]",
        "[target/*]",
        "[a/*.json, b/*.json]",
        "[target/app.jar, target/app.jar]",
        "[./app.jar, app.jar]",
        "[$A/template.yml, $B/template.yml]",
        "[appspec.yml, target/*.jar]",
        "[deploy/appspec.yml, deploy/scripts/stop.sh, deploy/scripts/start.sh]",
        "[appspec.yaml, taskdef.json, imageDetail.json]",
    ],
)
def test_discarded_paths_are_fine(files: str) -> None:
    assert told(check(artifacts(f"files: {files}", "discard-paths: yes")), "CD232") == []


@pytest.mark.parametrize("setting", ["no", "false", "maybe", "$FLAT", "", "[yes]"])
def test_paths_that_are_kept(setting: str) -> None:
    result = check(artifacts("files: ['**/*']", f"discard-paths: {setting}"))
    assert told(result, "CD232") == []


# --- CD233 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("scripts/", "scripts/**/*"),
        ("scripts", "scripts/**/*"),
        ("./dist", "./dist/**/*"),
        ("'my folder/'", "'my folder/**/*'"),
        ("deploy/scripts", "deploy/scripts/**/*"),
        (".ebextensions", ".ebextensions/**/*"),
        ("cdk.out/", "cdk.out/**/*"),
    ],
)
def test_entry_that_is_a_folder(entry: str, left: str) -> None:
    result = check(artifacts("files:", "  - appspec.yml", f"  - {entry}"))
    assert told(result, "CD233") == [("warning", entry)]
    text = mended(result, "CD233")
    assert f"    - {left}\n" in text
    assert told(check_text(text, kind="buildspec"), "CD233") == []


@pytest.mark.parametrize("entry", [".", "./", "/"])
def test_entry_that_is_the_base_directory(entry: str) -> None:
    result = check(artifacts("files:", f"  - {entry}"))
    assert told(result, "CD233") == [("warning", entry)]
    assert "    - '**/*'\n" in mended(result, "CD233", safe=False)


@pytest.mark.parametrize(
    "entry",
    [
        "scripts/**/*",
        "scripts/**",
        "scripts/start.sh",
        "scripts/start",
        "app.jar",
        "target/*.jar",
        "Dockerfile",
        "LICENSE",
        "gradlew",
        "bootstrap",
        ".gitignore",
        "$DIR/",
        "${APP_NAME}",
        "{{ folder }}/",
        ".\\bin\\Debug\\*",
        "imagedefinitions.json",
        "**/*",
    ],
)
def test_entry_that_is_no_folder(entry: str) -> None:
    assert told(check(artifacts("files:", f"  - '{entry}'")), "CD233") == []


@pytest.mark.parametrize(
    ("entry", "marked"), [("scripts/*", "*"), ("./a/b/*", "*"), ("'*'", "*"), ("app", "app")]
)
def test_hints_about_folders(entry: str, marked: str) -> None:
    assert told(check(artifacts("files:", f"  - {entry}")), "CD233") == [("info", marked)]


def test_one_level_is_meant_where_paths_are_discarded() -> None:
    assert told(check(artifacts("files: [target/*]", "discard-paths: yes")), "CD233") == []


@pytest.mark.parametrize(
    "command",
    [
        "go build -o app .",
        "echo 1 > app",
        "make | tee app",
        "touch app && chmod +x app",
        "esbuild --out=app x.js",
    ],
)
def test_command_that_writes_a_file(command: str) -> None:
    head = HEAD.replace("- make", f"- {command}")
    assert told(check(artifacts("files: [app]"), head), "CD233") == []


def test_command_that_writes_a_file_called_like_a_folder() -> None:
    head = HEAD.replace("- make", "- go build -o build main.go")
    assert told(check(artifacts("files: [build]"), head), "CD233") == []


def test_folder_given_to_a_tool_is_still_a_folder() -> None:
    head = HEAD.replace("- make", "- dotnet publish -o out")
    assert told(check(artifacts("files: [out]"), head), "CD233") == [("warning", "out")]


@pytest.mark.parametrize("command", ["mkdir bundle", "mkdir -p bundle", "mkdir -p ./bundle/sub"])
def test_command_that_makes_a_folder(command: str) -> None:
    head = HEAD.replace("- make", f"- {command}")
    result = check(artifacts("files: [bundle]"), head)
    assert told(result, "CD233") == [("warning", "bundle")]
    mended(result, "CD233", safe=False)


def test_command_that_makes_another_folder() -> None:
    head = HEAD.replace("- make", "- mkdir bundles")
    assert told(check(artifacts("files: [bundle]"), head), "CD233") == [("info", "bundle")]


def test_excluded_folder_is_a_hint() -> None:
    result = check(artifacts("files: ['**/*']", "exclude-paths: [node_modules, '**/.*']"))
    assert told(result, "CD233") == [("info", "node_modules")]


# --- CD234, CD235, CD237 -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app-$(date +%F).zip", True),
        ("$CODEBUILD_RESOLVED_SOURCE_VERSION", True),
        ("app-`date +%F`", True),
        ("app.zip", False),
        ("", False),
        ("[app]", False),
    ],
)
def test_computed_name(name: str, expected: bool) -> None:
    result = check(artifacts("files: [a.jar]", f"name: {name}"))
    assert told(result, "CD234") == ([("info", name)] if expected else [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("files: [/tmp/plan.json]", ["/tmp/plan.json"]),
        ("files: [../other/a.jar]", ["../other/a.jar"]),
        ("files: [a.jar, $CODEBUILD_SRC_DIR/b.jar, ./c.jar, ..hidden/x]", []),
    ],
)
def test_path_outside_of_the_source(line: str, expected: list[str]) -> None:
    assert told(check(artifacts(line)), "CD235") == [("info", mark) for mark in expected]


def test_base_directory_outside_of_the_source() -> None:
    result = check(artifacts("files: ['**/*']", "base-directory: /tmp/backend"))
    assert told(result, "CD235") == [("info", "/tmp/backend")]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("'!**/*.map'", ("warning", "'!**/*.map'")),
        ("'dist/*.{js,css}'", ("info", "{js,css}")),
        ("'dist/!(test)/*'", ("info", "!(test)")),
        ("'dist/@(a|b).js'", ("info", "@(a|b)")),
        ("dist/*.js", None),
        ("'${A}/*.js'", None),
        ("'{name}.js'", None),
        ("'$DIR/{a,b}'", None),
        ("'{{ x, y }}'", None),
    ],
)
def test_patterns_that_are_not_documented(entry: str, expected: tuple[str, str] | None) -> None:
    result = check(artifacts("files:", f"  - {entry}"))
    assert told(result, "CD237") == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("target/app.jar, appspec.yml", ["target/app.jar", "appspec.yml"]),
        ("a.jar,b.jar , '*.war'", None),
        ("'a.jar,**/*.war'", ["'a.jar'", "'**/*.war'"]),
        ("a.jar, **/*.war", ["a.jar", "'**/*.war'"]),
        ("$A, $B/c", ["$A", "$B/c"]),
    ],
)
def test_several_paths_in_one_entry(entry: str, left: list[str] | None) -> None:
    result = check(artifacts("files:", f"  - {entry}", "  - z.jar"))
    assert told(result, "CD236") == [("warning", ",")]
    if left is not None:
        text = mended(result, "CD236")
        assert "  files:\n" + "".join(f"    - {one}\n" for one in [*left, "z.jar"]) in text


@pytest.mark.parametrize(
    "entry",
    [
        "'dist/*.{js,css}'",
        "a,b",
        "report (a.x, b.y).pdf",
        "'$(ls a.x,b.x)'",
        "a.jar,",
        "'{{ x, y.z }}'",
    ],
)
def test_commas_that_are_part_of_a_path(entry: str) -> None:
    assert told(check(artifacts("files:", f"  - {entry}")), "CD236") == []


def test_several_paths_without_a_list_have_no_fix() -> None:
    result = check(artifacts("files: a.jar, b.jar"))
    (found,) = [one for one in result.findings if one.code == "CD236"]
    assert found.fix is None


# --- CD238, CD239 --------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "expected"), [(12, []), (13, [("error", "a13")])])
def test_number_of_secondary_artifacts(count: int, expected: list[tuple[str, str]]) -> None:
    lines = [f"  a{number}: {{files: [x.jar]}}" for number in range(1, count + 1)]
    result = check(artifacts("files: [x.jar]", "secondary-artifacts:", *lines))
    assert told(result, "CD238") == expected


@pytest.mark.parametrize(
    ("files", "excluded", "marked"),
    [
        ("['**/*']", "['**/*']", ["'**/*'"]),
        ("[a.jar]", "['**']", ["'**'"]),
        ("[a.jar, ./b.jar]", "[b.jar, a.jar]", ["b.jar"]),
        ("['**/*']", "'**/.*'", []),
        ("[a.jar, b.jar]", "[a.jar]", []),
        ("[a.jar]", "['*']", []),
        ("[a.jar]", "[]", []),
        ("[]", "['**/*']", []),
    ],
)
def test_all_is_excluded(files: str, excluded: str, marked: list[str]) -> None:
    result = check(artifacts(f"files: {files}", f"exclude-paths: {excluded}"))
    assert told(result, "CD239") == [("warning", mark) for mark in marked]


# --- any shape -----------------------------------------------------------------------------------

SHAPES = ["", "~", "x", "3", "[]", "[[x]]", "[~, {a: b}]", "{}", "{a: {b: c}}", "&a [*a]", "!T x"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "path",
    [
        ["artifacts"],
        ["artifacts", "files"],
        ["artifacts", "name"],
        ["artifacts", "base-directory"],
        ["artifacts", "exclude-paths"],
        ["artifacts", "discard-paths"],
        ["artifacts", "secondary-artifacts"],
        ["artifacts", "secondary-artifacts", "web"],
        ["artifacts", "secondary-artifacts", "web", "files"],
    ],
)
def test_any_shape_at_any_place(path: list[str], shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDLINT_DEBUG", "1")
    text = ""
    for depth, key in enumerate(path):
        if key == "base-directory":
            text += "  " * depth + "files: [x/a, scripts, '**/*']\n"
        text += "  " * depth + key + ":" + (f" {shape}\n" if depth == len(path) - 1 else "\n")
    assert check(text).kind == "buildspec"


def test_aliased_files_are_told_once() -> None:
    text = artifacts(
        "files: &files [scripts/]",
        "secondary-artifacts:",
        "  web: {files: *files}",
    )
    assert told(check(text), "CD233") == [("warning", "scripts/")]


def test_columns_after_a_repair() -> None:
    """The places are those of the user's file, not of the repaired copy."""
    text = HEAD.replace("- make", "— make") + artifacts("base-directory: build", "files: [build/a]")
    result = check_text(text, kind="buildspec")
    assert told(result, "CD231") == [("warning", "build/")]
