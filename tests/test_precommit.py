"""The hook, run by the real pre-commit in a scratch repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cdlint import discovery
from support import ROOT, clean_environment, git

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"
OTHER = "receivers:\n  - this is: no buildspec\n"


@pytest.fixture(scope="module")
def hook() -> dict[str, object]:
    (only,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return only


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """pre-commit with a cache of its own, in which the hook is installed once."""
    cache = tmp_path_factory.mktemp("pre-commit")
    return clean_environment(PRE_COMMIT_HOME=str(cache), PRE_COMMIT_COLOR="never")


@pytest.fixture
def project(tmp_path: Path, checkout: Path) -> Path:
    """A repository that uses the hook."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {checkout.as_uri()}\n    rev: v0.0.1\n    hooks:\n      - id: cdlint\n",
        encoding="utf-8",
    )
    return folder


def run_hook(
    project: Path, environment: dict[str, str], files: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Put files into the repository and let pre-commit look at all of it."""
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    git(project, "add", "--all")
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.network
def test_clean_files_pass(project: Path, environment: dict[str, str]) -> None:
    files = {"buildspec.yml": CLEAN, "ci/buildspec-test.yaml": CLEAN, "alerts.yml": OTHER}
    done = run_hook(project, environment, files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^cdlint\.+Passed$", done.stdout, re.M), done.stdout


@pytest.mark.network
def test_a_fault_fails_the_commit(project: Path, environment: dict[str, str]) -> None:
    files = {"buildspec.yml": CLEAN, "ci/buildspec.yml": BROKEN}
    done = run_hook(project, environment, files)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^cdlint\.+Failed$", done.stdout, re.M), done.stdout
    assert "exit code: 1" in done.stdout
    assert "ci/buildspec.yml:3:" in done.stdout or "ci/buildspec.yml:4:" in done.stdout, done.stdout
    assert not re.search(r"(^|[^/])buildspec\.yml:", done.stdout), done.stdout


@pytest.mark.network
def test_odd_file_names(project: Path, environment: dict[str, str]) -> None:
    names = ("my project/buildspec.yml", "größe/buildspec-ä 日本.yml", "it's/buildspec.json")
    texts = (BROKEN, BROKEN, '{"version": 0.2, "phases": {"built": {"commands": ["make"]}}}\n')
    done = run_hook(project, environment, dict(zip(names, texts, strict=True)))
    assert done.returncode == 1, done.stdout + done.stderr
    for name in names:
        assert f"{name}:" in done.stdout, done.stdout


@pytest.mark.network
def test_nothing_to_do_without_buildspecs(project: Path, environment: dict[str, str]) -> None:
    done = run_hook(project, environment, {"alerts.yml": OTHER, "docs/buildspec.md": "# No\n"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(no files to check)Skipped" in done.stdout


NAMES = """
    buildspec.yml buildspec.yaml buildspec.json BuildSpec.YML build-spec.yml build_spec.yaml
    buildspec-prod.yml prod-buildspec.yml prod.buildspec.yml buildspec_test.json ci/buildspec.yml
    buildspec/main.yml buildspec.md buildspec buildspec.yml.j2 builds/spec.yml build/spec.yml
    specbuild.yml pipeline.yml mybuildspecfile.yaml buildspec.yml/notes.txt build.spec.yml
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_the_pattern_is_that_of_discovery(hook: dict[str, object], name: str) -> None:
    pattern = str(hook["files"])
    assert bool(re.search(pattern, name)) is discovery.looks_named(name)


def test_the_hook_runs_the_command_line(hook: dict[str, object]) -> None:
    assert hook["id"] == "cdlint"
    assert hook["entry"] == "cdlint check"
    assert hook["language"] == "python"
