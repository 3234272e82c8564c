"""The steps of action.yml, run by bash with the variables that a runner sets."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support import ROOT, clean_environment

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")

BASH = shutil.which("bash")


@pytest.fixture(scope="module")
def action() -> dict:
    return yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


class Runner:
    """As much of GitHub's runner as a composite action of scripts needs."""

    def __init__(self, action: dict, checkout: Path, temp: Path, workspace: Path) -> None:
        self.action = action
        self.checkout = checkout
        self.temp = temp
        self.workspace = workspace
        self.log = ""
        self.errors = ""
        self.exit_code = 0
        self.outputs: dict[str, str] = {}

    def run(self, **inputs: str) -> Runner:
        """Run all steps; inputs are given with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= self.action["inputs"].keys()
        values = {f"inputs.{name}": spec["default"] for name, spec in self.action["inputs"].items()}
        values |= {f"inputs.{name}": value for name, value in given.items()}
        for step in self.action["runs"]["steps"]:
            self.exit_code = self._step(step, values)
            if self.exit_code:
                break
        for name, spec in self.action["outputs"].items():
            self.outputs[name] = self._filled(spec["value"], values)
        return self

    def _step(self, step: dict, values: dict[str, str]) -> int:
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8", newline="\n")
        output = self.temp / "output"
        output.write_text("", encoding="utf-8")
        environment = clean_environment(
            CI="true",
            GITHUB_ACTIONS="true",
            GITHUB_ACTION_PATH=str(self.checkout),
            GITHUB_OUTPUT=str(output),
            GITHUB_WORKSPACE=str(self.workspace),
            RUNNER_TEMP=str(self.temp),
            **{name: self._filled(value, values) for name, value in step["env"].items()},
        )
        folder = self._filled(step.get("working-directory", "."), values)
        done = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace / folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self.log += done.stdout
        self.errors += done.stderr
        for line in output.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            values[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode

    @staticmethod
    def _filled(text: str, values: dict[str, str]) -> str:
        return EXPRESSION.sub(lambda found: values.get(found[1], ""), text)


@pytest.fixture(scope="module")
def temp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner's folder for temporary files; cdlint is installed there once."""
    return tmp_path_factory.mktemp("runner")


@pytest.fixture
def runner(action: dict, checkout: Path, temp: Path, tmp_path: Path) -> Runner:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Runner(action, checkout, temp, workspace)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def test_no_expression_reaches_a_script(action: dict) -> None:
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_expression_is_known_and_every_input_used(action: dict) -> None:
    steps = action["runs"]["steps"]
    texts = [text for step in steps for text in step["env"].values()]
    texts += [step.get("working-directory", "") for step in steps]
    used = {name for text in texts for name in EXPRESSION.findall(text)}
    assert {name for name in used if name.startswith("inputs.")} == {
        f"inputs.{name}" for name in action["inputs"]
    }
    outputs = {EXPRESSION.fullmatch(spec["value"])[1] for spec in action["outputs"].values()}
    written = {
        f"steps.{step['id']}.outputs.{name}"
        for step in steps
        for name in re.findall(r"(?:^|[\"'\s])([a-z-]+)=[^\n]*\n?", step["run"])
    }
    assert outputs | {name for name in used if name.startswith("steps.")} <= written


@pytest.mark.network
def test_clean(runner: Runner) -> None:
    write(runner.workspace, {"buildspec.yml": CLEAN})
    runner.run()
    assert runner.exit_code == 0, runner.log + runner.errors
    assert "::error" not in runner.log
    assert runner.outputs == {
        "errors": "0",
        "warnings": "0",
        "exit-code": "0",
        "sarif-file": "",
    }


@pytest.mark.network
def test_findings_become_annotations(runner: Runner) -> None:
    write(runner.workspace, {"ci/buildspec.yml": BROKEN, "buildspec.yml": CLEAN})
    runner.run()
    assert runner.exit_code == 1, runner.log + runner.errors
    annotations = re.findall(r"^::(error|warning) (.*?)::(.+)$", runner.log, re.M)
    assert any(kind == "error" for kind, _, _ in annotations), runner.log
    for _, where, _ in annotations:
        assert "file=ci/buildspec.yml," in where
        assert re.search(r"\bline=\d+", where)
    assert int(runner.outputs["errors"]) >= 1
    assert runner.outputs["exit-code"] == "1"


@pytest.mark.network
def test_inputs(runner: Runner) -> None:
    name = "a b/$(touch pwned) ;'\"`.yml"
    write(runner.workspace, {name: BROKEN, "other/buildspec.yml": BROKEN})
    runner.run(paths=f"\n{name}\n", format="concise", sarif_file="out.sarif", args="--pedantic")
    assert runner.exit_code == 1, runner.log + runner.errors
    assert f"{name}:" in runner.log
    assert "other/buildspec.yml" not in runner.log
    assert not list(runner.workspace.rglob("pwned"))
    assert runner.outputs["sarif-file"] == "out.sarif"
    sarif = yaml.safe_load((runner.workspace / "out.sarif").read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"]


@pytest.mark.network
def test_working_directory_and_configuration(runner: Runner) -> None:
    files = {
        "sub/buildspec.yml": BROKEN,
        "buildspec.yml": BROKEN,
        "sub/strict.toml": "exclude=['x']",
    }
    write(runner.workspace, files)
    runner.run(working_directory="sub", config="strict.toml", paths="buildspec.yml")
    assert runner.exit_code == 1, runner.log + runner.errors
    # Annotations are shown only where the path starts at the root of the repository.
    assert "file=sub/buildspec.yml," in runner.log


@pytest.mark.network
def test_arguments_are_words_not_patterns(runner: Runner) -> None:
    write(runner.workspace, {"buildspec.yml": BROKEN, "--exit-zero": ""})
    runner.run(args="  --statistics   --exclude=*nothing*  ", fail_on="error")
    assert runner.exit_code == 1, runner.log + runner.errors
    assert runner.outputs["exit-code"] == "1"


@pytest.mark.network
def test_wrong_usage_is_told(runner: Runner) -> None:
    write(runner.workspace, {"buildspec.yml": CLEAN})
    runner.run(fail_on="never")
    assert runner.exit_code == 2, runner.log + runner.errors
    assert "never" in runner.errors
    assert "::error title=cdlint::" in runner.log
    assert runner.outputs["exit-code"] == "2"
    assert runner.outputs["errors"] == ""


def test_a_version_cannot_be_an_option_of_pip(runner: Runner) -> None:
    runner.run(version="0.1.0 --index-url=https://example.invalid")
    assert runner.exit_code == 2
    assert "'version' is not a version" in runner.log


def test_an_old_python_is_told(runner: Runner, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("python3", "python"):
        old = programs / name
        old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        old.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{programs}{os.pathsep}{before}"
    try:
        runner.run()
    finally:
        os.environ["PATH"] = before
    assert runner.exit_code == 2
    assert "no Python 3.10" in runner.log
    assert sys.version_info >= (3, 10)
