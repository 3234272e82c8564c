"""`cdlint init`: what it offers, and that it changes nothing else."""

from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cdlint import __version__
from cdlint.cli import main
from cdlint.setting_up.changes import Refused
from cdlint.setting_up.pieces import WORKFLOW
from cdlint.setting_up.pre_commit import with_hook
from support import ROOT, clean_environment, git, run_command

REPO = "https://github.com/OWNER/cdlint"
ENTRY = {"repo": REPO, "rev": "v9.9.9", "hooks": [{"id": "cdlint"}]}


def added(text: str | None) -> str | None:
    return with_hook(text, REPO, "v9.9.9", "cdlint")


USUAL = """\
# Our hooks
default_language_version:
  python: python3.12   # as in CI
repos:
  - repo: https://github.com/pre-commit/pre-commit-hooks
    rev: 'v5.0.0'
    hooks:
      - id: end-of-file-fixer
        # - id: not-this-one
      - id: "check-yaml"
        args: [--allow-multiple-documents,   --unsafe]

  # local ones
  - repo: local
    hooks:
    - id: x
      name: x
      entry: |
        sh -c '
          true
        '
      language: system
      # a comment that belongs to x

# The end
ci:
  skip: [x]
"""


def test_every_byte_that_was_there_stays() -> None:
    after = added(USUAL)
    assert after is not None
    lines = [
        "  - repo: https://github.com/OWNER/cdlint\n",
        "    rev: v9.9.9\n",
        "    hooks:\n",
        "      - id: cdlint\n",
    ]
    assert after.replace("".join(lines), "") == USUAL
    assert after.index("cdlint") > after.index("belongs to x")
    assert after.index("cdlint") < after.index("# The end")


STYLES = {
    "none": None,
    "empty": "",
    "only a comment": "# nothing yet\n",
    "no repos": "fail_fast: true\n",
    "repos without a value": "repos:\n",
    "repos with a comment": "repos:  # none yet\nfail_fast: true\n",
    "an empty list": "repos: []\n",
    "an empty list and more": "minimum_pre_commit_version: '3'\nrepos: [ ]  # soon\nci: {}\n",
    "no indentation": "repos:\n- repo: local\n  hooks:\n  - id: a\n",
    "four blanks": "repos:\n    -   repo: https://x/y\n        rev: a\n        hooks:\n        -   id: a\n",
    "no final line end": "repos:\n  - repo: https://x/y\n    rev: a\n    hooks:\n      - id: a",
    "carriage returns": "repos:\r\n  - repo: https://x/y\r\n    rev: a\r\n    hooks:\r\n      - id: a\r\n",
    "a byte order mark": "\ufeffrepos:\n  - repo: https://x/y\n    rev: a\n    hooks: [{id: a}]\n",
    "in brackets": "repos: [{repo: https://x/y, rev: a, hooks: [{id: a}]}]\n",
    "in brackets over lines": "repos: [\n  {repo: https://x/y, rev: a, hooks: [{id: a}]},\n]\nci: {}\n",
    "json": '{"repos": [{"repo": "https://x/y", "rev": "a", "hooks": [{"id": "a"}]}]}\n',
    "a document start": "---\nrepos:\n  - repo: https://x/y\n    rev: a\n    hooks:\n      - id: a\n...\n",
    "anchors": (
        "x: &x {id: a}\nrepos:\n  - repo: https://x/y\n    rev: &r a\n    hooks:\n"
        "      - *x\n      - <<: *x\n        name: *r\n"
    ),
    "keys behind": "repos:\n  - repo: https://x/y\n    rev: a\n    hooks:\n      - id: a\nexclude: >\n  ^a|\n  ^b$\n",
    "blank lines at the end": "repos:\n  - repo: https://x/y\n    rev: a\n    hooks:\n      - id: a\n\n\n",
    "quoted key": '"repos":\n  - repo: https://x/y\n    rev: a\n    hooks:\n      - id: a\n',
    "not English": "repos:\n  - repo: https://x/y\n    rev: ä\n    hooks:\n      - id: 日本  # größe 😀\n",
    "folded value at the end": (
        "repos:\n  - repo: local\n    hooks:\n      - id: a\n        files: >-\n          ^x\n          y$\n"
    ),
    "a hyphen alone": "repos:\n  -\n    repo: https://x/y\n    rev: a\n    hooks:\n      -\n        id: a\n",
    "keys indented": (
        "  fail_fast: true\n  repos:\n    - repo: https://x/y\n      rev: a\n      hooks: [{id: a}]\n  ci: {}\n"
    ),
    "keys indented, no repos": "  fail_fast: true\n",
    "a document end, no repos": "---\nfail_fast: true\n# the end\n...\n",
    "a word for nothing": "repos: null  # none yet\nci: {}\n",
    "a sign for nothing": "repos: ~\nci: {}\n",
    "a comment in empty brackets": "repos: [\n  # nothing yet\n]\n",
    "empty json": '{"repos": [], "ci": {}}\n',
    "json over lines": (
        '{\n  "repos": [\n    {"repo": "https://x/y", "rev": "a", "hooks": [{"id": "a"}]}\n  ]\n}\n'
    ),
    "comments behind entries in brackets": (
        "repos: [\n  {repo: https://x/y, rev: a, hooks: [{id: a}]},  # one\n  # two\n]\n"
    ),
    "a comment and no comma in brackets": (
        "repos: [\n  {repo: https://x/y, rev: a, hooks: [{id: a}]}  # one\n]\n"
    ),
    "a list with an anchor": "repos: &all\n  - repo: https://x/y\n    rev: a\n    hooks: [{id: a}]\nx: 1\n",
    "an empty list with an anchor": "repos: &all []\nx: 1\n",
    "an alias at the end": "x: &x {id: a}\nrepos:\n- repo: local\n  hooks:\n  - *x\n# the end\nci: 1\n",
    "quotes over lines at the end": (
        "repos:\n- repo: local\n  hooks:\n  - id: a\n    name: 'one\n\n      two'  # c\n\n# the end\n"
    ),
    "kept line ends at the end": "repos:\n- repo: local\n  hooks:\n  - id: a\n    name: |+\n      x\n\n\nci: 1\n",
    "a key twice": "ci: 1\nci: 2\nrepos: []\n",
    "old indentation": "repos:\n-   repo: https://x/y\n    rev: a\n    hooks:\n    -   id: a\n",
    "an empty value at the end": "repos:\n  - repo: local\n    hooks:\n      - id: a\n        exclude:\nci: 1\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_the_hook_is_added_in_every_style(style: str) -> None:
    before = STYLES[style]
    after = added(before)
    assert after is not None
    old = yaml.safe_load(before or "") or {}
    new = yaml.safe_load(after)
    assert new == {**old, "repos": [*(old.get("repos") or []), ENTRY]}
    assert added(after) is None
    if (
        before is not None
        and "[" not in before
        and "repos:" in before
        and before != "repos:\n"
        and "# none" not in before
        and "~" not in before
    ):
        assert set(before.splitlines()) <= set(after.splitlines())
    if before and "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")
    assert after.startswith("\ufeff") is (before or "").startswith("\ufeff")


@pytest.mark.parametrize("style", [name for name in STYLES if STYLES[name]])
def test_ruamel_writes_the_rest_as_before(style: str) -> None:
    """In round trip, the new text without the hook comes out as the old one: data, order and comments."""
    after = added(STYLES[style])
    assert after is not None

    def comments(text: str) -> list[str]:
        return sorted(re.findall(r"(?<!\S)#.*", text))

    def round_trip(text: str) -> str:
        reader = YAML(typ="rt")
        reader.preserve_quotes = True
        reader.allow_duplicate_keys = True
        data = reader.load(text.removeprefix("\ufeff")) or {}
        if data.get("repos") and data["repos"][-1] == ENTRY:
            del data["repos"][-1]
        if not data.get("repos"):
            data.pop("repos", None)
        out = io.StringIO()
        reader.dump(data, out)
        # Comments and blank lines hang on the entry before them, so they go with the hook; they are counted apart.
        lines = (line.partition("#")[0] for line in out.getvalue().split("\n"))
        return "".join("".join(line for line in lines if line != "{}").split())

    before = STYLES[style] or ""
    assert round_trip(after) == round_trip(before)
    assert comments(after) == comments(before)


@pytest.mark.parametrize(
    "text",
    [
        "repos:\n  - repo: https://github.com/acme/cdlint\n    rev: v0.0.1\n    hooks:\n      - id: cdlint\n",
        "repos:\n  - repo: git@github.com:OWNER/cdlint.git\n    rev: x\n    hooks: [{id: cdlint-fix}]\n",
        "repos:\n  - repo: local\n    hooks:\n      - {id: cdlint, name: c, entry: cdlint check, language: system}\n",
    ],
)
def test_a_hook_that_is_there_is_left_alone(text: str) -> None:
    assert added(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "repos: [\n",
        "- a list\n",
        "just text\n",
        "null\n",
        "~",
        "repos: none\n",
        "repos: {a: b}\n",
        "{fail_fast: true}\n",
        "a: *nothing\n",
        "\tx: 1\n",
        "a: 1\n---\nb: 2\n",
        "x: &x []\nrepos: *x\n",
        "repos: []\nrepos: []\n",
        "a: &a [*a]\n",
        "&1 [*1]",
        "repos:\n" + "  - [" * 3000,
        "repos: " + "[" * 100_000,
        "repos: " + "[" * 100_000 + "]" * 100_000,
        "x: !!python/object:os.system [a]\nrepos: !x\n",
    ],
)
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^\.pre-commit-config\.yaml: "):
        added(text)


@given(st.text(st.sampled_from("repos:-[]{}#&*|>'\"\n \t\r,a1"), max_size=40))
def test_any_text_is_changed_rightly_or_refused(text: str) -> None:
    try:
        after = added(text)
    except Refused:
        return
    if after is not None:
        assert yaml.safe_load(after)["repos"][-1] == ENTRY
        assert added(after) is None


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    monkeypatch.chdir(folder)
    return folder


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts[:1]
    }


def test_it_shows_first_and_writes_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 1
    told = capsys.readouterr()
    assert "+++ b/.pre-commit-config.yaml\n" in told.out
    assert "+      - id: cdlint\n" in told.out
    assert "--yes writes what is shown above" in told.err
    assert files(repository) == {}
    assert main(["init", "--diff"]) == 1
    assert files(repository) == {}


def test_it_writes_once(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".github").mkdir()
    assert main(["init", "--yes"]) == 0
    written = files(repository)
    assert set(written) == {".github/workflows/cdlint.yml", ".pre-commit-config.yaml", "cdlint.toml"}
    assert written[".github/workflows/cdlint.yml"] == WORKFLOW.format(branch="main", version=__version__)
    capsys.readouterr()
    assert main(["init", "--yes"]) == 0
    assert files(repository) == written
    assert capsys.readouterr().out.endswith("Nothing to do.\n")
    assert main(["check"]) == 0  # the configuration can be read


def test_what_fits_depends_on_the_repository(repository: Path) -> None:
    for name in (
        "pipeline.json",
        "projects.yml",
        "deploy.buildspec.yml",
        "integrate.buildspec.yml",
        "taskdef.json",
    ):
        text = (ROOT / "examples" / "article" / name).read_text(encoding="utf-8")
        (repository / name).write_text(text, encoding="utf-8")
    git(repository, "remote", "add", "origin", "git@github.com:acme/web.git")
    assert main(["init", "--yes"]) == 0
    written = files(repository)
    assert "- id: cdlint-project\n" in written[".pre-commit-config.yaml"]
    assert 'image = "aws/codebuild/standard:7.0"\n' in written["cdlint.toml"]
    assert ".github/workflows/cdlint.yml" in written
    assert main(["check"]) == 0


def test_only_some_of_it(repository: Path) -> None:
    assert main(["init", "--yes", "--only", "config"]) == 0
    assert set(files(repository)) == {"cdlint.toml"}
    assert main(["init", "--yes", "--only", "github", "--only=pre-commit"]) == 0
    assert len(files(repository)) == 3


def test_an_existing_configuration_counts(repository: Path) -> None:
    (repository / "pyproject.toml").write_text("[tool.cdlint]\npedantic = true\n", encoding="utf-8")
    assert main(["init", "--yes"]) == 0
    assert "cdlint.toml" not in files(repository)


def test_a_workflow_of_that_name_is_not_overwritten(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository / ".github" / "workflows" / "cdlint.yml"
    path.parent.mkdir(parents=True)
    path.write_text("name: mine\n", encoding="utf-8")
    assert main(["init", "--yes"]) == 2
    assert path.read_text(encoding="utf-8") == "name: mine\n"
    assert "was left alone" in capsys.readouterr().err
    assert ".pre-commit-config.yaml" in files(repository)


def test_a_broken_file_is_told_and_left(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".pre-commit-config.yaml").write_text("repos: [\n", encoding="utf-8")
    assert main(["init", "--yes", "--only", "pre-commit"]) == 2
    assert capsys.readouterr().err == "cdlint: .pre-commit-config.yaml: is no YAML (line 2); mend it first\n"
    assert files(repository) == {".pre-commit-config.yaml": "repos: [\n"}


def test_a_read_only_file_is_left_alone(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository / ".pre-commit-config.yaml"
    path.write_text("repos: []\n", encoding="utf-8")
    path.chmod(0o444)
    assert main(["init", "--yes", "--only", "pre-commit"]) == 2
    assert "is read-only" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "repos: []\n"


def test_the_other_ending_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".pre-commit-config.yml").write_text("repos: []\n", encoding="utf-8")
    assert main(["init", "--yes", "--only", "pre-commit"]) == 2
    assert "pre-commit reads .pre-commit-config.yaml only" in capsys.readouterr().err
    assert set(files(repository)) == {".pre-commit-config.yml"}


@pytest.mark.parametrize(
    "uses", ["uses: acme/cdlint@v1", 'uses: "acme/cdlint@v1"', "run: cdlint check --format github"]
)
def test_another_workflow_with_cdlint_counts(repository: Path, uses: str) -> None:
    folder = repository / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "other.yml").write_bytes(b"\xff\xfe")
    (folder / "ci.yml").write_text(f"jobs:\n  x:\n    steps:\n      - {uses}\n", encoding="utf-8")
    assert main(["init", "--yes", "--only", "github"]) == 0
    assert "cdlint.yml" not in [path.name for path in folder.iterdir()]
    (folder / "ci.yml").write_text(f"jobs:\n  x:\n    steps:\n      # - {uses}\n", encoding="utf-8")
    assert main(["init", "--yes", "--only", "github"]) == 0
    assert "cdlint.yml" in [path.name for path in folder.iterdir()]


def test_a_work_tree_knows_the_remote_of_its_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "x")
    git(repository, "remote", "add", "origin", "https://github.com/acme/web.git")
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    monkeypatch.chdir(tmp_path / "tree")
    assert main(["init", "--yes"]) == 0
    assert ".github/workflows/cdlint.yml" in files(tmp_path / "tree")


def test_foreign_folders_are_proposed(repository: Path) -> None:
    (repository / "third_party").mkdir()
    assert main(["init", "--yes", "--only", "config"]) == 0
    assert '# exclude = ["third_party"]\n' in files(repository)["cdlint.toml"]


# --- pyproject.toml -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[project]\nname = 'x'\n",
        "[project]\r\nname = 'x'\r\n\r\n[tool.ruff]\r\nline-length = 100\r\n",
        "\ufeff# größe\n[tool]\nx = 1",
        "[[tool.list]]\na = 1\n",
        "tool.ruff.line-length = 1\n",
    ],
)
def test_the_configuration_can_go_into_pyproject(repository: Path, before: str) -> None:
    path = repository / "pyproject.toml"
    path.write_bytes(before.encode())
    assert main(["init", "--yes", "--only", "pyproject"]) == 0
    after = path.read_bytes().decode()
    assert after.startswith(before)
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")
    assert after.count("[tool.cdlint]") == 1
    assert set(files(repository)) == {"pyproject.toml"}
    assert main(["check"]) == 0
    assert main(["init", "--yes", "--only", "pyproject", "--only", "config"]) == 0
    assert path.read_bytes().decode() == after
    assert set(files(repository)) == {"pyproject.toml"}


@pytest.mark.parametrize("before", ["[tool\n", "tool = 1\n", "tool = {ruff = 1}\n", "[[tool]]\na = 1\n"])
def test_a_pyproject_without_a_place_is_refused(
    repository: Path, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository / "pyproject.toml"
    path.write_text(before, encoding="utf-8")
    assert main(["init", "--yes", "--only", "pyproject"]) == 2
    assert path.read_text(encoding="utf-8") == before
    assert re.fullmatch(r"cdlint: pyproject\.toml: .*\n", capsys.readouterr().err)


def test_a_pyproject_that_is_not_there(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--yes", "--only", "pyproject"]) == 2
    assert "`--only config` writes cdlint.toml" in capsys.readouterr().err
    assert files(repository) == {}


# --- places ---------------------------------------------------------------------------------------


def test_from_a_folder_below_the_repository_is_meant(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "services" / "web").mkdir(parents=True)
    monkeypatch.chdir(repository / "services" / "web")
    assert main(["init", "--yes", "--only", "pre-commit"]) == 0
    assert set(files(repository)) == {".pre-commit-config.yaml"}


def test_without_git_there_is_no_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert set(files(tmp_path)) == {"cdlint.toml"}
    assert main(["init", "--yes", "--only", "pre-commit"]) == 2


def test_folders_that_are_none(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "nowhere")]) == 2
    git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    assert main(["init", str(tmp_path / "bare.git")]) == 2
    assert "bare repository" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_and_ways_out_are_refused(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("repos: []\n", encoding="utf-8")
    (repository / ".pre-commit-config.yaml").symlink_to(outside)
    (tmp_path / "elsewhere").mkdir()
    (repository / ".github").symlink_to(tmp_path / "elsewhere")
    assert main(["init", "--yes"]) == 2
    assert outside.read_text(encoding="utf-8") == "repos: []\n"
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_the_mode_of_a_file_stays(repository: Path) -> None:
    path = repository / ".pre-commit-config.yaml"
    path.write_text("repos: []\n", encoding="utf-8")
    path.chmod(0o640)
    assert main(["init", "--yes", "--only", "pre-commit"]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in repository.iterdir() if one.name.endswith(".tmp")] == []


@pytest.mark.parametrize(("answers", "expected"), [(b"y\nn\n", 1), (b"y\nYES\n", 2), (b"\n\n", 0), (b"", 0)])
def test_it_asks_on_a_terminal(repository: Path, answers: bytes, expected: int) -> None:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "cdlint", "init"],
        cwd=repository,
        env=clean_environment(PYTHONPATH=str(ROOT / "src"), TERM="xterm"),
        stdin=follower, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    os.write(leader, answers or b"\x04\x04")  # the end of input
    told = b""
    try:
        while part := os.read(leader, 10_000):
            told += part
    except OSError:
        pass  # the other side has gone
    status = running.wait(60)
    os.close(leader)
    assert len(files(repository)) == expected, told.decode(errors="replace")
    assert status == (0 if expected == 2 else 1)
    assert b"Write .pre-commit-config.yaml? [y/N]" in told
    assert b"\x1b[32m+" in told


@pytest.mark.network
def test_pre_commit_takes_what_was_written(repository: Path, checkout: Path) -> None:
    (repository / ".pre-commit-config.yaml").write_text(USUAL, encoding="utf-8")
    assert main(["init", "--yes", "--only", "pre-commit"]) == 0
    run_command([sys.executable, "-m", "pre_commit", "validate-config"], repository)


def test_the_workflow_is_that_of_the_page_and_of_the_example() -> None:
    text = WORKFLOW.format(branch="main", version=__version__)
    page = (ROOT / "docs" / "github-action.md").read_text(encoding="utf-8")
    assert f"```yaml\n{text}```" in page
    example = (ROOT / "examples" / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert example.partition("\n")[2] == text
