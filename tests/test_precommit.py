"""The hooks, run by the real pre-commit in scratch repositories."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdlint import discovery
from cdlint.kinds import kind_by_name
from support import ROOT, clean_environment, git

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"
MENDED = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
OTHER = "receivers:\n  - this is: no buildspec\n"
PIPELINE = (ROOT / "examples" / "article" / "pipeline.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hooks() -> dict[str, dict[str, Any]]:
    listed = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return {hook["id"]: hook for hook in listed}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """pre-commit with a cache of its own, in which the hooks are installed once."""
    cache = tmp_path_factory.mktemp("pre-commit")
    return clean_environment(PRE_COMMIT_HOME=str(cache), PRE_COMMIT_COLOR="never")


class Project:
    """A scratch repository that uses hooks of a checkout."""

    def __init__(self, folder: Path, checkout: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.checkout = checkout
        self.environment = environment
        folder.mkdir()
        git(folder, "init", "--quiet")
        self.use("cdlint")

    def use(self, *ids: str) -> None:
        lines = "".join(f"      - id: {name}\n" for name in ids)
        self.write({".pre-commit-config.yaml": f"repos:\n{self.entry()}{lines}"})

    def entry(self) -> str:
        return f"  - repo: {self.checkout.as_uri()}\n    rev: v0.0.1\n    hooks:\n"

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        git(self.folder, "add", "--all")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", *(arguments or ("run", "--all-files"))],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path, checkout: Path, environment: dict[str, str]) -> Project:
    return Project(tmp_path / "project", checkout, environment)


@pytest.mark.network
def test_clean_files_pass(project: Project) -> None:
    project.write({"buildspec.yml": CLEAN, "ci/buildspec-test.yaml": CLEAN, "alerts.yml": OTHER})
    done = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^cdlint\.+Passed$", done.stdout, re.M), done.stdout


@pytest.mark.network
def test_a_fault_fails_the_commit(project: Project) -> None:
    project.write({"buildspec.yml": CLEAN, "ci/buildspec.yml": BROKEN})
    done = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^cdlint\.+Failed$", done.stdout, re.M), done.stdout
    assert "exit code: 1" in done.stdout
    assert "ci/buildspec.yml:3:" in done.stdout or "ci/buildspec.yml:4:" in done.stdout, done.stdout
    assert not re.search(r"(^|[^/])buildspec\.yml:", done.stdout), done.stdout
    assert "\x1b[" not in done.stdout


@pytest.mark.network
def test_the_fixing_hook_mends_and_then_passes(project: Project) -> None:
    project.use("cdlint-fix")
    project.write({"buildspec.yml": BROKEN, "other.yml": OTHER})
    first = project.run()
    assert first.returncode == 1, first.stdout + first.stderr
    assert "files were modified by this hook" in first.stdout
    assert project.read("buildspec.yml") == MENDED
    assert project.read("other.yml") == OTHER
    git(project.folder, "add", "--all")
    second = project.run()
    assert second.returncode == 0, second.stdout + second.stderr


@pytest.mark.network
def test_the_hook_of_the_project_sees_files_of_any_name_and_how_they_fit(project: Project) -> None:
    project.use("cdlint-project")
    project.write({"ci/release.yml": BROKEN, "alerts.yml": OTHER})
    done = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ci/release.yml:3:" in done.stdout, done.stdout
    example = ROOT / "examples" / "article"
    names = (
        "pipeline.json",
        "projects.yml",
        "deploy.buildspec.yml",
        "integrate.buildspec.yml",
        "taskdef.json",
    )
    project.write({"ci/release.yml": CLEAN, **{name: (example / name).read_text("utf-8") for name in names}})
    assert project.run().returncode == 0
    git(project.folder, "commit", "--quiet", "--no-verify", "--message", "All fits")
    spec = project.read("deploy.buildspec.yml")
    # Only the buildspec is changed; the fault shows in the pipeline that reads its variable.
    project.write({"deploy.buildspec.yml": spec.replace("- VERSION", "- OTHER")})
    done = project.run("run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "pipeline.json:" in done.stdout, done.stdout


@pytest.mark.network
def test_odd_file_names(project: Project) -> None:
    names = (
        "my project/buildspec.yml",
        "größe/buildspec-ä 日本.yml",
        "it's/buildspec.json",
        "-buildspec.yml",
        "--help.buildspec.yml",
        "a$(touch x)`b`;c/buildspec.yml",
    )
    json = '{"version": 0.2, "phases": {"built": {"commands": ["make"]}}}\n'
    project.write({name: json if name.endswith("json") else BROKEN for name in names})
    done = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    for name in names:
        assert f"{name}:" in done.stdout, done.stdout
    assert not (project.folder / "x").exists()


@pytest.mark.network
def test_many_files_are_one_run(project: Project) -> None:
    files = {f"services/service-{number}/{'deep/' * 12}buildspec.yml": CLEAN for number in range(600)}
    project.write({**files, "services/service-7/buildspec.yml": BROKEN})
    done = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("CD107") == 1
    assert done.stdout.count("Found ") == 1, done.stdout


@pytest.mark.network
def test_during_a_merge_with_conflicts(project: Project) -> None:
    project.write({"buildspec.yml": CLEAN})
    git(project.folder, "commit", "--quiet", "--no-verify", "--message", "one")
    git(project.folder, "branch", "other")
    project.write({"buildspec.yml": CLEAN.replace("make", "make a")})
    git(project.folder, "commit", "--quiet", "--no-verify", "--message", "two")
    git(project.folder, "checkout", "--quiet", "other")
    project.write({"buildspec.yml": CLEAN.replace("make", "make b")})
    git(project.folder, "commit", "--quiet", "--no-verify", "--message", "three")
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "merge", "main"], cwd=project.folder, check=False
    )
    project.write({"buildspec.yml": BROKEN})
    done = project.run("run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "CD107" in done.stdout


@pytest.mark.network
def test_beside_other_hooks_and_settings(project: Project) -> None:
    """An existing configuration, in which cdlint has options of its own and a configuration file."""
    config = (
        "default_language_version:\n  python: python3\nrepos:\n"
        "  - repo: local\n    hooks:\n      - {id: other, name: other, entry: 'true', language: system}\n"
        f"{project.entry()}      - id: cdlint\n        args: [--pedantic, --format=concise]\n"
        "        files: ^release\\.yml$\n"
    )
    project.write({".pre-commit-config.yaml": config, "release.yml": BROKEN, "buildspec.yml": BROKEN})
    done = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^release\.yml:3:3: error CD107", done.stdout, re.M), done.stdout
    assert "buildspec.yml:" not in done.stdout
    project.write({"cdlint.toml": 'exclude = ["release.yml"]\n'})
    assert project.run().returncode == 0


@pytest.mark.network
def test_no_network_is_needed_once_it_is_installed(project: Project) -> None:
    project.write({"buildspec.yml": CLEAN})
    assert project.run("install-hooks").returncode == 0
    nowhere = dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTPS_PROXY", "PIP_INDEX_URL"), "http://127.0.0.1:9"
    )
    moved = project.checkout.with_name("cdlint-away")
    project.checkout.rename(moved)
    try:
        done = project.run(**nowhere)
    finally:
        moved.rename(project.checkout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.network
def test_on_committing(project: Project) -> None:
    project.write({"buildspec.yml": BROKEN})
    assert project.run("install").returncode == 0
    commit = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "x"]
    done = subprocess.run(
        commit, cwd=project.folder, env=project.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "CD107" in done.stdout + done.stderr
    project.write({"buildspec.yml": CLEAN})
    assert subprocess.run(commit, cwd=project.folder, env=project.environment, check=False).returncode == 0


@pytest.mark.network
def test_nothing_to_do_without_delivery_files(project: Project) -> None:
    project.write({"alerts.yml": OTHER, "docs/buildspec.md": "# No\n"})
    done = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(no files to check)Skipped" in done.stdout


# --- names ----------------------------------------------------------------------------------------

NAMES = """
    buildspec.yml buildspec.yaml buildspec.json BuildSpec.YML build-spec.yml build_spec.yaml
    buildspec-prod.yml prod-buildspec.yml prod.buildspec.yml buildspec_test.json ci/buildspec.yml
    buildspec/main.yml buildspec.md buildspec buildspec.yml.j2 builds/spec.yml build/spec.yml
    specbuild.yml mybuildspecfile.yaml buildspec.yml/notes.txt build.spec.yml
""".split()
DELIVERY = """
    pipeline.json pipeline.yml ci/pipeline-prod.yaml codepipeline.json my-pipeline.yml pipelines.yml
    infra/code-pipeline.yml appspec.yml appspec.yaml app/appspec.json appspec_prod.yml taskdef.json
    task-definition.json web-taskdef.json taskdef-prod.json imagedefinitions.json image-definitions.json
    imageDetail.json ImageDetail.json deployspec.yml deploy-spec.yaml template.yml sam-template.yaml
    template.json template-configuration.json network.template app.template.json stack.cfn.yml
    cloudformation/app.yml infra/cfn/nested/app.json codebuild.yml codedeploy.yml main.tf modules/ci/build.tf
""".split()
OTHERS = """
    package.json package-lock.json tsconfig.json docker-compose.yml values.yaml .gitlab-ci.yml mkdocs.yml
    azure-pipelines.yml bitbucket-pipelines.yml .github/workflows/ci.yml Chart.yaml kustomization.yaml
    pipeline.py pipeline.md src/pipeline.ts appspec.md taskdef.py terraform.tfvars main.tf.json.bak
    openapi.yaml .pre-commit-config.yaml cdlint.toml data/records.json templates/page.html
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_the_pattern_has_the_names_of_buildspecs(hooks: dict[str, dict[str, Any]], name: str) -> None:
    assert bool(re.search(hooks["cdlint"]["files"], name)) is discovery.looks_named(name)


@pytest.mark.parametrize("name", DELIVERY)
def test_names_of_delivery_files(hooks: dict[str, dict[str, Any]], name: str) -> None:
    for hook in hooks.values():
        assert re.search(hook["files"], name)


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_other_files(hooks: dict[str, dict[str, Any]], name: str) -> None:
    assert not re.search(hooks["cdlint"]["files"], name)
    assert not re.search(hooks["cdlint-fix"]["files"], name)


def test_every_name_that_tells_a_kind_is_in_the_pattern(hooks: dict[str, dict[str, Any]]) -> None:
    for name in (*DELIVERY, *OTHERS, "image_definition.json", "task_definitions.json", "deploy_specs.yml"):
        if kind_by_name(name.rpartition("/")[2].lower()) is not None:
            assert re.search(hooks["cdlint"]["files"], name), name


def test_the_hooks_run_the_command_line(hooks: dict[str, dict[str, Any]]) -> None:
    assert list(hooks) == ["cdlint", "cdlint-fix", "cdlint-project"]
    assert hooks["cdlint"]["entry"] == "cdlint check"
    assert hooks["cdlint-fix"]["entry"] == "cdlint check --fix"
    assert hooks["cdlint-project"]["pass_filenames"] is False
    for hook in hooks.values():
        assert hook["language"] == "python"
        assert hook["require_serial"] is True
