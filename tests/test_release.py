"""What is released: the same bytes from the same commit, complete, with one version everywhere."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import cdlint
from support import ROOT, clean_environment, git, run_command

VERSION = cdlint.__version__


def make_dist(
    checkout: Path, out: Path, *more: str, umask: int = 0o022, **environment: str
) -> dict[str, bytes]:
    """The files that a checkout's script makes."""
    before = os.umask(umask)
    try:
        run_command(
            [sys.executable, "scripts/dist.py", "--out", str(out), *more],
            checkout,
            clean_environment(**environment),
        )
    finally:
        os.umask(before)
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def dist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return make_dist(checkout, tmp_path_factory.mktemp("dist") / "one", "--no-sbom")


def test_the_same_commit_gives_the_same_bytes(checkout: Path, dist: dict[str, bytes], tmp_path: Path) -> None:
    clone = tmp_path / "another folder"
    git(tmp_path, "clone", "--quiet", str(checkout), str(clone))
    (clone / "src" / "cdlint" / "not_committed.py").write_text("x = 1\n", encoding="utf-8")
    (clone / "README.md").write_text("changed\n", encoding="utf-8")
    again = make_dist(
        clone, tmp_path / "two", "--no-sbom",
        umask=0o077, TZ="Asia/Tokyo", LC_ALL="C", SOURCE_DATE_EPOCH="1", PYTHONHASHSEED="7",
    )  # fmt: skip
    assert again == dist


def test_all_is_there(dist: dict[str, bytes], tmp_path: Path) -> None:
    wheel, source = f"cdlint-{VERSION}-py3-none-any.whl", f"cdlint-{VERSION}.tar.gz"
    assert set(dist) == {wheel, source, "SHA256SUMS"}
    for line in dist["SHA256SUMS"].decode().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(dist[name]).hexdigest() == digest
    (tmp_path / wheel).write_bytes(dist[wheel])
    (tmp_path / source).write_bytes(dist[source])
    with zipfile.ZipFile(tmp_path / wheel) as archive:
        names = set(archive.namelist())
    for path in (ROOT / "schemas").glob("*.json"):
        assert f"cdlint/schemas/{path.name}" in names
    data = f"cdlint-{VERSION}.data/data/share"
    assert f"{data}/man/man1/cdlint.1" in names
    assert f"{data}/bash-completion/completions/cdlint" in names
    with tarfile.open(tmp_path / source) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    for name in (
        "action.yml",
        ".pre-commit-hooks.yaml",
        "Makefile",
        "scripts/setup",
        "tests/support.py",
        "LICENSE",
    ):
        assert name in inside, name


def test_the_source_makes_the_same_wheel(dist: dict[str, bytes], tmp_path: Path) -> None:
    source = tmp_path / "source.tar.gz"
    source.write_bytes(dist[f"cdlint-{VERSION}.tar.gz"])
    with tarfile.open(source) as archive:
        for member in archive.getmembers():
            assert not member.name.startswith(("/", ".."))
        archive.extractall(tmp_path, **({"filter": "data"} if sys.version_info >= (3, 12) else {}))
    folder = tmp_path / f"cdlint-{VERSION}"
    run_command(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out")], folder
    )
    (made,) = (tmp_path / "out").iterdir()
    original = tmp_path / "original.whl"
    original.write_bytes(dist[f"cdlint-{VERSION}-py3-none-any.whl"])
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(original) as other:
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


@pytest.mark.network
def test_the_bill_of_materials(checkout: Path, tmp_path: Path) -> None:
    one = make_dist(checkout, tmp_path / "one")
    name = f"cdlint-{VERSION}.cdx.json"
    told = json.loads(one[name])
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["metadata"]["component"]["name"] == "cdlint"
    names = {component["name"].lower() for component in told["components"]}
    assert {"pyyaml", "tree-sitter", "tree-sitter-bash", "ruamel.yaml"} <= names
    assert not names & {"pip", "pytest", "boto3"}
    assert str(tmp_path) not in one[name].decode()
    assert name.encode() in one["SHA256SUMS"]
    subject = told["metadata"]["component"]
    assert (subject["version"], subject["purl"]) == (VERSION, f"pkg:pypi/cdlint@{VERSION}")
    wheel = hashlib.sha256(one[f"cdlint-{VERSION}-py3-none-any.whl"]).hexdigest()
    assert subject["hashes"] == [{"alg": "SHA-256", "content": wheel}]
    assert all(component["purl"].startswith("pkg:pypi/") for component in told["components"])
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema").SchemaVersion.V1_6
    assert validation.JsonStrictValidator(schema).validate_str(one[name].decode()) is None
    again = make_dist(checkout, tmp_path / "two", umask=0o077, TZ="Asia/Tokyo")
    assert again == one


# --- one version ----------------------------------------------------------------------------------

#: Where a reader meets the version; everywhere else it comes from the package.
FILES = ("README.md", "docs", "examples", "editors", "action.yml", ".pre-commit-hooks.yaml", ".github")


def test_the_version_is_the_same_everywhere() -> None:
    pattern = re.compile(r"(?:OWNER/cdlint@v|rev: v|cdlint==|cdlint )(\d+\.\d+\.\d+)")
    if (ROOT / ".git").exists():
        listed = git(ROOT, "ls-files", "-z", *FILES).split("\0")
    else:  # an unpacked source distribution
        below = (path for name in FILES for path in ((ROOT / name).rglob("*"), [ROOT / name]))
        listed = [path.relative_to(ROOT).as_posix() for paths in below for path in paths]
    found: dict[str, list[str]] = {}
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix in (".md", ".yml", ".yaml", ".json", ".1") and path.is_file():
            for version in pattern.findall(path.read_text(encoding="utf-8")):
                found.setdefault(version, []).append(name)
    assert set(found) <= {VERSION}, found
    assert found
    extension = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text(encoding="utf-8"))
    assert extension["version"] == VERSION


def test_the_version_stands_in_one_place_of_the_code() -> None:
    text = f'"{VERSION}"'
    here = [path.name for path in (ROOT / "src").rglob("*.py") if text in path.read_text(encoding="utf-8")]
    assert here == ["__init__.py"]
    assert (
        VERSION
        not in (ROOT / "pyproject.toml")
        .read_text(encoding="utf-8")
        .partition("[project]")[2]
        .partition("dependencies")[0]
    )


# --- the workflow ---------------------------------------------------------------------------------


def test_the_workflow_has_no_more_rights_than_it_needs() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"id-token": "write", "attestations": "write"}
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert jobs["publish"]["needs"] == "build"
    for job in jobs.values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "an expression in a script would be run"


def test_the_workflow_is_valid() -> None:
    run_command(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
         ".github/workflows/release.yml"],
        ROOT,
    )  # fmt: skip


def test_every_action_is_pinned() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    for one in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one


def script_of(job: str, name: str) -> str:
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    (script,) = (step["run"] for step in workflow["jobs"][job]["steps"] if step.get("name") == name)
    assert isinstance(script, str)
    return script


@pytest.mark.parametrize(("tag", "status"), [(f"v{VERSION}", 0), ("v99.0.0", 1), ("v1", 1)])
def test_a_tag_that_is_not_the_version_ends_the_release(tag: str, status: int) -> None:
    done = subprocess.run(
        ["bash", "-e", "-c", script_of("build", "The tag is the version")],
        cwd=ROOT,
        env=clean_environment(TAG=tag),
        capture_output=True,
        check=False,
    )
    assert done.returncode == status


@pytest.mark.parametrize(
    ("changelog", "notes"),
    [
        (
            "# C\n\n## [1.2.3] - 2026-01-31\n\n### Added\n\n- a\n\n## [1.2.2] - 2025-01-31\n\n- b\n",
            "### Added\n\n- a",
        ),
        ("# C\n\n## [Unreleased]\n\n- x\n\n## 1.2.3\n- a\n", "- a"),
        ("# C\n\n## [Unreleased]\n\n- x\n\n## [11.2.3]\n- a\n", None),
        ("# C\n\n## [1.2.3]\n\n## [1.2.2]\n- a\n", None),
        ("# C\n", None),
    ],
)
def test_the_changelog_becomes_the_text_of_the_release(
    tmp_path: Path, changelog: str, notes: str | None
) -> None:
    (tmp_path / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    done = subprocess.run(
        ["bash", "-e", "-c", script_of("build", "The changelog knows it")],
        cwd=tmp_path,
        env=clean_environment(TAG="v1.2.3", RUNNER_TEMP=str(tmp_path)),
        capture_output=True,
        check=False,
    )
    assert done.returncode == (1 if notes is None else 0), done.stdout
    if notes is not None:
        assert (tmp_path / "notes.md").read_text(encoding="utf-8").strip() == notes


def test_a_file_that_was_changed_is_not_published(dist: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    for name, data in dist.items():
        (folder / name).write_bytes(data)
    command = ["bash", "-e", "-c", script_of("publish", "The files are those that were built")]
    for status in (0, 1):
        done = subprocess.run(
            command, cwd=tmp_path, env=clean_environment(), capture_output=True, check=False
        )
        assert done.returncode == status, done.stderr
        (folder / f"cdlint-{VERSION}.tar.gz").write_bytes(b"another")
