"""The steps of action.yml, run by bash with the variables that a runner sets; and the example workflows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

import seaweed
from cdlint.engine import check_text
from cdlint.report import write as write_report
from s3_support import REGION, client_for, s3_server
from support import ROOT, clean_environment, git, run_command

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
        self.summary = ""
        self.exit_code = 0
        self.outputs: dict[str, str] = {}
        self.ran: list[str] = []
        self.environment: dict[str, str] = {}

    def run(self, **inputs: str) -> Runner:
        """Run all steps; inputs are given with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= self.action["inputs"].keys()
        values = {f"inputs.{name}": spec["default"] for name, spec in self.action["inputs"].items()}
        values |= {f"inputs.{name}": value for name, value in given.items()}
        for step in self.action["runs"]["steps"]:
            if not self._is_due(step.get("if", ""), values):
                continue
            self.ran.append(step["id"])
            self.exit_code = self._step(step, values)
            if self.exit_code:
                break
        for name, spec in self.action["outputs"].items():
            self.outputs[name] = self._filled(spec["value"], values)
        return self

    @staticmethod
    def _is_due(condition: str, values: dict[str, str]) -> bool:
        if not condition:
            return True
        found = re.fullmatch(r"([a-z.-]+) == '([a-z]*)'", condition)
        assert found is not None, condition
        return values[found[1]] == found[2]

    def _step(self, step: dict, values: dict[str, str]) -> int:
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8", newline="\n")
        output, summary = self.temp / "output", self.temp / "summary"
        for file in (output, summary):
            file.write_text("", encoding="utf-8")
        environment = clean_environment(
            CI="true",
            GITHUB_ACTIONS="true",
            GITHUB_ACTION_PATH=str(self.checkout),
            GITHUB_OUTPUT=str(output),
            GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_WORKSPACE=str(self.workspace),
            GITHUB_SERVER_URL="https://github.com",
            GITHUB_REPOSITORY="acme/web",
            GITHUB_SHA="0123456789abcdef0123456789abcdef01234567",
            RUNNER_TEMP=str(self.temp),
            **self.environment,
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
        self.summary += summary.read_text(encoding="utf-8")
        for line in output.read_text(encoding="utf-8").splitlines():
            name, equals, value = line.partition("=")
            assert equals and "<<" not in name, line
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
    used |= {step["if"].partition(" ")[0] for step in steps if "if" in step}
    assert {name for name in used if name.startswith("inputs.")} == {
        f"inputs.{name}" for name in action["inputs"]
    }
    for spec in action["outputs"].values():
        step, _, name = EXPRESSION.fullmatch(spec["value"])[1].removeprefix("steps.").partition(".outputs.")
        (script,) = (one["run"] for one in steps if one["id"] == step)
        assert re.search(rf"\b{name.replace('-', '[-_]')}\b", script), name


def test_nothing_of_others_is_used_but_by_its_commit(action: dict) -> None:
    assert not [step for step in action["runs"]["steps"] if "uses" in step]
    for path in (
        *(ROOT / "examples" / "workflows").glob("*.yml"),
        *(ROOT / ".github/workflows").glob("*.yml"),
    ):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                uses = step.get("uses", "./")
                assert uses.startswith(("./", "OWNER/cdlint@v")) or re.search(r"@[0-9a-f]{40}$", uses), uses


@pytest.mark.parametrize("schema", ["github-actions", "github-workflows"])
def test_the_files_are_what_github_takes(schema: str) -> None:
    files = [ROOT / "action.yml"] if schema == "github-actions" else []
    if not files:
        files = [
            *(ROOT / "examples" / "workflows").glob("*.yml"),
            *(ROOT / ".github/workflows").glob("*.yml"),
        ]
    assert files
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    run_command([*command, *map(str, files)], ROOT)


def test_the_examples_give_inputs_and_read_outputs_that_there_are(action: dict) -> None:
    for path in (ROOT / "examples" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        workflow = yaml.safe_load(text)
        assert set(workflow["permissions"]) >= {"contents"}
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "OWNER/cdlint" in step.get("uses", ""):
                    assert set(step.get("with", {})) <= set(action["inputs"])
        assert set(re.findall(r"steps\.cdlint\.outputs\.([a-z-]+)", text)) <= set(action["outputs"])


@pytest.mark.network
def test_clean(runner: Runner) -> None:
    write(runner.workspace, {"buildspec.yml": CLEAN})
    runner.run()
    assert runner.exit_code == 0, runner.log + runner.errors
    assert "::error" not in runner.log
    assert {name: value for name, value in runner.outputs.items() if value} == {
        "errors": "0",
        "warnings": "0",
        "infos": "0",
        "fixable": "0",
        "files": "1",
        "exit-code": "0",
    }
    assert runner.ran == ["install", "check"]
    assert "No problems found in 1 file." in runner.summary
    assert "mermaid" not in runner.summary
    assert "add-matcher" not in runner.log


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
    assert "| 🔴 error | [CD107](" in runner.summary
    assert (
        "](https://github.com/acme/web/blob/0123456789abcdef0123456789abcdef01234567/ci/buildspec.yml#L3)"
        in runner.summary
    )


@pytest.mark.network
def test_inputs(runner: Runner) -> None:
    name = "a b/$(touch pwned) ;'\"`.yml"
    write(runner.workspace, {name: BROKEN, "other/buildspec.yml": BROKEN})
    runner.run(paths=f"\n{name}\n", format="concise", sarif_file="out.sarif", args="--pedantic")
    assert runner.exit_code == 1, runner.log + runner.errors
    assert f"{name}:" in runner.log
    assert "other/buildspec.yml" not in runner.log
    assert not list(runner.workspace.rglob("pwned"))
    assert "::add-matcher::" in runner.log
    assert "::remove-matcher owner=cdlint-concise::" in runner.log
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


@pytest.mark.network
def test_the_summary_has_a_picture_of_the_pipelines(runner: Runner) -> None:
    for name in (
        "pipeline.json",
        "projects.yml",
        "deploy.buildspec.yml",
        "integrate.buildspec.yml",
        "taskdef.json",
    ):
        shutil.copy(ROOT / "examples" / "article" / name, runner.workspace)
    runner.run()
    assert runner.exit_code == 0, runner.log + runner.errors
    assert "```mermaid\n" in runner.summary
    assert "Approve" in runner.summary
    quiet = Runner(runner.action, runner.checkout, runner.temp, runner.workspace).run(summary="false")
    assert quiet.summary == ""


@pytest.mark.network
def test_a_pull_request_cannot_put_markup_into_the_summary(runner: Runner) -> None:
    evil = "<img src=x onerror=alert(1)>[a](https://evil.example)|`"
    spec = f"version: 0.2\nphases:\n  {evil!r}:\n    commands:\n      - make\n"
    write(runner.workspace, {"ci/<b>buildspec.yml": spec})
    runner.run()
    assert runner.exit_code == 1, runner.log + runner.errors
    assert "<img" not in runner.summary
    assert "<b>" not in runner.summary
    assert "](https://evil" not in runner.summary


@pytest.mark.parametrize("form", ["full", "concise"])
def test_the_problem_matcher_reads_what_the_format_prints(form: str) -> None:
    matcher = json.loads((ROOT / ".github" / f"cdlint-{form}.json").read_text(encoding="utf-8"))
    (one,) = matcher["problemMatcher"]
    assert one["owner"] == f"cdlint-{form}"
    result = check_text(BROKEN, "ci/buildspec.yml")
    out = StringIO()
    write_report(form, [result], out)
    found = list(_matches(one["pattern"], out.getvalue().splitlines()))
    assert found == [
        {"file": "ci/buildspec.yml", "line": "3", "column": "3", "severity": "error", "code": "CD107"}
    ]


def _matches(patterns: list[dict[str, Any]], lines: list[str]) -> Iterator[dict[str, str]]:
    """What a matcher of GitHub's makes of a log: its patterns have to match lines that follow one another."""
    for number in range(len(lines) - len(patterns) + 1):
        found: dict[str, str] = {}
        for pattern, line in zip(patterns, lines[number:], strict=False):
            match = re.search(pattern["regexp"], line)
            if match is None:
                break
            for name in ("file", "line", "column", "severity", "code"):
                if name in pattern:
                    found[name] = match[pattern[name]]
        else:
            yield found


# --- package --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        client = client_for("s3", address)
        client.create_bucket(Bucket="web-source")
        client.put_bucket_versioning(Bucket="web-source", VersioningConfiguration={"Status": "Enabled"})
        yield address


@pytest.fixture
def packager(runner: Runner, address: str) -> Runner:
    """A runner on the branch `main` of a repository, signed in at the S3 server."""
    write(runner.workspace, {"buildspec.yml": CLEAN, "app.txt": "hello\n"})
    git(runner.workspace, "init", "--quiet", "--initial-branch=main")
    git(runner.workspace, "add", "--all")
    git(runner.workspace, "commit", "--quiet", "--message", "All of it")
    runner.environment = {
        "AWS_ACCESS_KEY_ID": seaweed.KEY,
        "AWS_SECRET_ACCESS_KEY": seaweed.SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": address,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_EVENT_NAME": "push",
    }
    return runner


@pytest.mark.network
def test_package_uploads_the_branch(packager: Runner, address: str) -> None:
    packager.run(package="true", to="s3://web-source/web.zip", package_args="--git none")
    assert packager.exit_code == 0, packager.log + packager.errors
    assert packager.ran == ["install", "check", "package"]
    assert packager.outputs["uri"] == "s3://web-source/web.zip"
    assert packager.outputs["uploaded"] == "true"
    s3 = client_for("s3", address)
    there = s3.head_object(Bucket="web-source", Key="web.zip")
    assert packager.outputs["version-id"] == there["VersionId"]
    assert there["VersionId"] in packager.summary
    assert "s3&#58;//web-source/web.zip" in packager.summary
    assert seaweed.SECRET not in packager.log + packager.errors + packager.summary
    again = Runner(packager.action, packager.checkout, packager.temp, packager.workspace)
    again.environment = packager.environment
    again.run(package="true", to="s3://web-source/web.zip", package_args="--git none")
    assert again.outputs["uploaded"] == "false"
    assert again.outputs["version-id"] == there["VersionId"]


@pytest.mark.network
def test_package_does_nothing_on_other_branches(packager: Runner) -> None:
    packager.environment |= {"GITHUB_REF": "refs/heads/topic", "GITHUB_REF_NAME": "topic"}
    packager.run(package="true", to="s3://web-source/other.zip")
    assert packager.exit_code == 0, packager.log + packager.errors
    assert packager.outputs["uri"] == packager.outputs["version-id"] == ""
    assert "nothing packed" in packager.errors
    packager.run(
        package="true", to="s3://web-source/topic.zip", branch="main\ntopic\n", package_args="--git none"
    )
    assert packager.exit_code == 0, packager.log + packager.errors
    assert packager.outputs["uploaded"] == "true"


@pytest.mark.network
def test_nothing_is_packed_where_something_is_wrong(packager: Runner) -> None:
    write(packager.workspace, {"buildspec.yml": BROKEN})
    packager.run(package="true", to="s3://web-source/broken.zip")
    assert packager.exit_code == 1
    assert packager.ran == ["install", "check"]


@pytest.mark.network
def test_a_bucket_that_is_not_there_is_told(packager: Runner) -> None:
    packager.run(package="true", to="s3://no-such-bucket-here/x.zip")
    assert packager.exit_code == 2, packager.log + packager.errors
    assert "no-such-bucket-here" in packager.errors
    assert "Traceback" not in packager.errors
    assert packager.outputs["version-id"] == ""
