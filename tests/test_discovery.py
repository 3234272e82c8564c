"""Which files are looked at, and which of them are ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.discovery import looks_named, repository_root, targets
from cdlint.kinds import kind_of, promising
from cdlint.source import Source
from cdlint.syntax.reading import read

SPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"


def kind(text: str, path: str = "buildspec.yml") -> str | None:
    return kind_of(path, text, read(Source(path, text)).root)


def put(folder: Path, *names: str, text: str = SPEC) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(*paths: Path | str) -> list[str]:
    return [target.path.replace(os.sep, "/") for target in targets(str(path) for path in paths)]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "buildspec.yml",
        "buildspec.yaml",
        "Buildspec.YML",
        "buildspec.json",
        "buildspec-prod.yml",
        "ci/buildspec_test.yaml",
        "prod.buildspec.yml",
        "buildspec.prod.yml",
        "build_spec.yaml",
        "build-spec.yml",
        "docker_build_buildspec.yml",
        "buildSpecDefault.yml",
    ],
)
def test_names_that_say_buildspec(name: str) -> None:
    assert looks_named(name)


@pytest.mark.parametrize("name", ["ci.yml", "buildspec.md", "buildspec.yml.j2", "buildspec", ".yml"])
def test_names_that_do_not(name: str) -> None:
    assert not looks_named(name)


# --- a walk -------------------------------------------------------------------------------------


def test_a_walk_finds_candidates_and_skips_what_tools_made(here: Path) -> None:
    put(here, "buildspec.yml", "ci/release.yaml", ".codebuild/x.yml", "a/buildspec.json")
    put(here, "package.json", "a/readme.md", "node_modules/m/buildspec.yml", ".git/x.yml")
    put(here, "a/.venv/buildspec.yml", "a/cdk.out/buildspec.yml", "a/b/.terraform/buildspec.yml")
    assert found(".") == [
        ".codebuild/x.yml",
        "a/buildspec.json",
        "buildspec.yml",
        "ci/release.yaml",
    ]


def test_paths_are_as_given(here: Path) -> None:
    put(here, "a/buildspec.yml")
    assert found("a") == ["a/buildspec.yml"]
    assert found("a/") == ["a/buildspec.yml"]
    assert found("./a") == ["a/buildspec.yml"]
    assert found(here / "a") == [f"{here.as_posix()}/a/buildspec.yml"]
    assert found("./a/buildspec.yml") == ["./a/buildspec.yml"]


def test_each_file_once(here: Path) -> None:
    put(here, "a/buildspec.yml")
    assert found("a/buildspec.yml", ".", "a", "a/../a/buildspec.yml") == ["a/buildspec.yml"]


def test_a_file_of_any_name_may_be_given(here: Path) -> None:
    put(here, "release.txt", "node_modules/buildspec.yml")
    given = targets(["release.txt", "node_modules/buildspec.yml"])
    assert [(target.path, target.given) for target in given] == [
        ("release.txt", True),
        ("node_modules/buildspec.yml", True),
    ]
    assert found("node_modules") == ["node_modules/buildspec.yml"], "who names a folder means it"


def test_a_folder_named_like_a_file(here: Path) -> None:
    put(here, "buildspec.yml/inner.yml")
    assert found(".") == ["buildspec.yml/inner.yml"]
    assert found("buildspec.yml") == ["buildspec.yml/inner.yml"]


def test_links_make_no_loops_and_no_doubles(here: Path) -> None:
    put(here, "a/buildspec.yml")
    (here / "a" / "loop").symlink_to(here)
    (here / "a" / "self.yml").symlink_to("self.yml")
    (here / "again.yml").symlink_to("a/buildspec.yml")
    (here / "dangling.yml").symlink_to("nowhere.yml")
    assert found(".") == ["a/buildspec.yml"]


def test_a_link_out_of_the_repository_is_not_followed(here: Path) -> None:
    put(here, "shared/spec.txt", "repo/inside.txt")
    (here / "repo" / "buildspec.yml").symlink_to("../shared/spec.txt")
    (here / "repo" / "other.yml").symlink_to("inside.txt")
    assert found("repo") == ["repo/other.yml"]
    # Who names it means it.
    assert found("repo/buildspec.yml") == ["repo/buildspec.yml"]


def test_what_cannot_be_found_is_told(here: Path) -> None:
    told: list[tuple[str, str]] = []
    put(here, "buildspec.yml")
    result = targets(
        ["none.yml", "buildspec.yml", "a\0b"], problem=lambda path, why: told.append((path, why))
    )
    assert [target.path for target in result] == ["buildspec.yml"]
    assert told[0] == ("none.yml", "No such file or directory")
    assert told[1][0] == "a\0b"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_told(here: Path) -> None:
    told: list[str] = []
    put(here, "open/buildspec.yml", "shut/buildspec.yml")
    (here / "shut").chmod(0)
    try:
        result = targets(["."], problem=lambda path, why: told.append(f"{path}: {why}"))
    finally:
        (here / "shut").chmod(0o755)
    assert [target.path for target in result] == ["open/buildspec.yml"]
    assert told == ["./shut: Permission denied"]


def test_excluded_files_are_left_out_even_when_given(here: Path) -> None:
    put(here, "a.yml", "b.yml")
    asked: list[str] = []

    def excluded(path: str) -> bool:
        asked.append(path)
        return path == "a.yml"

    assert [target.path for target in targets(["."], excluded=excluded)] == ["b.yml"]
    assert targets(["a.yml"], excluded=excluded) == []
    assert asked == ["a.yml", "b.yml", "a.yml"]


# --- git ----------------------------------------------------------------------------------------


def test_git_decides_where_there_is_git(here: Path) -> None:
    put(here, "tracked.yml", "untracked.yml", "ignored.yml", "deleted.yml", "sub/buildspec.yml")
    put(here, ".gitignore", text="ignored.yml\nbuild/\n")
    put(here, "build/buildspec.yml", "node_modules/x/buildspec.yml")
    git(here, "init")
    git(here, "add", "tracked.yml", "deleted.yml", "node_modules")
    (here / "deleted.yml").unlink()
    assert found(".") == ["sub/buildspec.yml", "tracked.yml", "untracked.yml"]
    assert found("sub") == ["sub/buildspec.yml"]
    assert found("build") == ["build/buildspec.yml"], "who names an ignored folder means it"


def test_a_repository_without_candidates_is_not_walked(here: Path) -> None:
    put(here, "main.py", "ignored/buildspec.yml")
    put(here, ".gitignore", text="ignored/\n")
    git(here, "init")
    assert found(".") == []


def test_odd_names_in_git(here: Path) -> None:
    put(here, "zwei\nZeilen.yml", "ümlaut.yml", "-dash.yml")
    git(here, "init")
    assert found(".") == ["-dash.yml", "zwei\nZeilen.yml", "ümlaut.yml"]


def test_conflicts_are_listed_once(here: Path) -> None:
    put(here, "a.yml")
    git(here, "init", "-b", "one")
    git(here, "add", ".")
    git(here, "commit", "-m", "0")
    git(here, "checkout", "-b", "two")
    put(here, "a.yml", text="two")
    git(here, "commit", "-am", "2")
    git(here, "checkout", "one")
    put(here, "a.yml", text="one")
    git(here, "commit", "-am", "1")
    with pytest.raises(subprocess.CalledProcessError):
        git(here, "merge", "two")
    assert found(".") == ["a.yml"]


def test_the_variables_of_a_hook_do_not_mislead(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(here, "one/buildspec.yml", "two/other.yml")
    git(here / "one", "init")
    git(here / "two", "init")
    monkeypatch.setenv("GIT_DIR", str(here / "two" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(here / "two"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(here / "two" / ".git" / "index"))
    monkeypatch.setenv("GIT_PREFIX", "two/")
    assert found("one") == ["one/buildspec.yml"]


def test_without_a_working_git_the_folder_is_walked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(here, "buildspec.yml", ".git/config", text="not a git configuration")
    assert found(".") == ["buildspec.yml"]
    monkeypatch.setenv("PATH", str(here))
    assert found(".") == ["buildspec.yml"]


def test_no_program_of_the_repository_is_run(here: Path) -> None:
    put(here, "buildspec.yml")
    git(here, "init")
    script = here / "watch.sh"
    script.write_text(f"#!/bin/sh\ntouch {here}/was-run\n", encoding="utf-8")
    script.chmod(0o755)
    git(here, "config", "core.fsmonitor", str(script))
    assert found(".") == ["buildspec.yml"]
    assert not (here / "was-run").exists()


def test_the_root_of_the_repository(here: Path) -> None:
    (here / "repo" / ".git").mkdir(parents=True)
    (here / "repo" / "a" / "b").mkdir(parents=True)
    assert repository_root(str(here / "repo" / "a" / "b")) == str(here / "repo")


# --- kinds --------------------------------------------------------------------------------------

OURS_BY_NAME = [
    "",
    "# only a comment\n",
    "null\n",
    "- a\n- list\n",
    "just text\n",
    "hello: world\n",
    "phases:\n  build:\n    commands: [make]\n",
    "Phases:\n  build: {}\n",
    "version: 0.2\n",
    "version: 0.2\nphase:\n  build:\n    commands: [make]\n",
    "build:\n  commands:\n    - make\n",
    "env:\n  variables:\n    A: b\n",
    "version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n",
    "version: 0.2\nphases:\n  build:\n    commands:\n      - echo 'a\n\t\tb: [\n",
    "artifact:\n  files: ['**/*']\n",
    "\x00\x00",
    # What beginners save under this name: CodeBuild reads it, and fails.
    '{"name": "Utility", "source": {"type": "S3"}}',
    "AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n",
    "version: 0.0\nos: linux\nfiles: []\nhooks: {}\n",
    "services:\n  web:\n    image: x\n",
    "customBuildSpec: |\n  version: 0.2\n  phases: {}\n",
]


@pytest.mark.parametrize("text", OURS_BY_NAME)
def test_a_buildspec_yml_is_ours_however_broken(text: str) -> None:
    assert kind(text) == "buildspec"
    assert kind(text, "a/b/BuildSpec.yaml") == "buildspec"
    assert kind(text, "<stdin>") == ("appspec" if "os: linux" in text else "buildspec")


FOREIGN = {
    "oracle": "version: 0.1\ncomponent: build\nsteps:\n  - type: Command\n    command: make\n",
    "oracle with env": "version: 0.1\ncomponent: build\nenv:\n  variables:\n    a: b\nsteps: []\n",
    "amplify": "version: 1\nfrontend:\n  phases:\n    build:\n      commands: [make]\n",
    "amplify test": "version: 1\ntest:\n  phases:\n    build:\n      commands: [make]\n",
    "amplify monorepo": "version: 1\napplications:\n  - frontend:\n      phases: {}\n",
    "containers": "version: 0.0\nenvironment_variables: {}\ncontainers:\n  F:\n    phases: {}\n",
    "images": "account_id: &A x\nregion: y\nversion: 2.3\ncontext: {}\nimages:\n  B: {}\n",
    "pointer": "buildspec_pointer: buildspec-2-3-sm.yml\n",
    "workflow": "name: x\non:\n  push:\n    branches: [main]\nenv:\n  A: b\njobs:\n  a: {}\n",
    "buildtest": 'version: "1.0"\nbuildspecs:\n  hello:\n    type: script\n',
    "kubernetes": "apiVersion: v1\nkind: ConfigMap\ndata:\n  buildspec.yml: ''\n",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_other_products_files(text: str) -> None:
    for path in ("buildspec.yml", "buildspec-x.yml", "build_spec.yaml", "ci.yml"):
        assert kind(text, path) is None, path


def test_a_foreign_file_that_does_not_parse() -> None:
    text = "version: 0.1\ncomponent: build\nsteps:\n  - {{ bad\n\t- x: [\n"
    assert kind_of("buildspec.yml", text, None) is None
    assert kind_of("buildspec.yml", "version: 0.2\nphases: [\n", None) == "buildspec"
    assert kind_of("release.yml", "version: 0.2\nphases:\n  a: [\n", None) == "buildspec"
    assert kind_of("release.yml", "version: 3\nphases:\n  a: [\n", None) is None


PLUGIN = """{
  "$schema": "https://example.org/schema", "configVersion": 4,
  "platformConfig": {"macos": {"bundleId": "x"}}, "name": "x", "version": "1.0.0",
  "dependencies": {"obs-studio": {"version": "30.1.2"}}
}"""
PLAIN_PLUGIN = '{"name": "x", "version": "1.0.0", "author": "y", "website": "z", "email": "w"}'


def test_json_files() -> None:
    spec = '{"version": 0.2, "phases": {"build": {"commands": ["make"]}}}'
    assert kind(spec, "buildspec.json") == "buildspec"
    assert kind(spec, "any.json") == "buildspec"
    for text in (PLUGIN, PLAIN_PLUGIN, "{}", "[]", ""):
        assert kind(text, "buildspec.json") is None, text


@pytest.mark.parametrize(
    "text",
    [
        "- a: 1\n- b: 2\n",
        "some words\n",
        "a: 1\n",
        "version: 3\n",
        "AWSTemplateFormatVersion: 2010-09-09\nParameters: {}\nResources: {}\n",
    ],
)
def test_a_name_that_only_contains_buildspec_is_not_enough(text: str) -> None:
    assert kind(text, "list-of-buildspecs.yml") is None


def test_what_is_named_so_and_empty_is_reported() -> None:
    assert kind("", "buildspec-prod.yml") == "buildspec"
    assert kind_of("buildspec-prod.yml", "", None, explicit=False) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SPEC, "buildspec"),
        ("phases:\n  build:\n    commands: [make]\n", "buildspec"),
        ("version: 0.2\nphases:\n  build:\n    comands: [make]\n", "buildspec"),
        ("version: 0.2\nphase:\n  build:\n    commands: [make]\n", "buildspec"),
        ("version: 0.2\nbatch:\n  build-graph: []\n", "buildspec"),
        ("version: 0.2\n", None),
        ("version: 0.2\nenv: {}\n", None),
        ("version: 0.0\nos: linux\nfiles: []\nhooks: {}\n", "appspec"),
        ("phases:\n  setup:\n    cmds: [x]\n", None),
        ("phases:\n  build:\n    cmds: [x]\n", None),
        ("name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n", None),
        ("", None),
        ("text", None),
    ],
)
def test_files_whose_name_says_nothing(text: str, expected: str | None) -> None:
    assert kind(text, "release.yml") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SPEC.encode(), True),
        (b"phases:\r\n  build:\r\n    commands: []\r\n", True),
        (b"batch:\n  build-list: []\n", True),
        (b"Resources:\n  Properties:\n    BuildSpec: |\n      phases:\n        commands", False),
        (b"jobs:\n  build: {}\n", False),
        (b"", False),
    ],
)
def test_promising(data: bytes, expected: bool) -> None:
    assert promising(data) is expected


_names = st.sampled_from(
    ["version", "phases", "env", "batch", "test", "frontend", "jobs", "x", "build", "<<", ""]
)
_values = st.recursive(
    st.sampled_from(["", "0.2", "null", "[]", "{}", "a"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(_names, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f'"{k}": {v or "~"}' for k, v in table.items()) + "}"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(_values, st.text(max_size=60)),
    st.sampled_from(["buildspec.yml", "buildspec.json", "my-buildspec.yaml", "x.yml", ""]),
    st.booleans(),
)
def test_any_text_has_an_answer(text: str, path: str, explicit: bool) -> None:
    root = read(Source(path, text)).root
    assert kind_of(path, text, root, explicit) in (None, "buildspec")
    assert kind_of(path, text, None, explicit) in (None, "buildspec")
