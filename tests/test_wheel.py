"""The wheel and the source distribution: what is in them, and that an installed cdlint works."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import cdlint
from support import ROOT, clean_environment, git, make_venv, run_command

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"


@pytest.fixture(scope="module")
def programs(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has nothing but the wheel and what it needs."""
    return make_venv(tmp_path_factory.mktemp("installed") / "venv", str(distributions[0]))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def cdlint_in(folder: Path, programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(programs / "cdlint"), *arguments],
        cwd=folder,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def files_of_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def files_in(*folders: str) -> set[str]:
    """The files of some folders of this checkout, as git has them."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_the_schemas(distributions: tuple[Path, Path]) -> None:
    package = {name.removeprefix("src/") for name in files_in("src/cdlint")}
    schemas = {f"cdlint/{name}" for name in files_in("schemas")}
    assert "cdlint/py.typed" in package
    assert "cdlint/schemas/buildspec.schema.json" in schemas
    shared = {name for name in files_of_wheel(distributions[0]) if ".data/data/share/" in name}
    assert files_of_wheel(distributions[0]) - shared == package | schemas
    assert {name.rpartition("/")[2] for name in shared} == {"cdlint", "_cdlint", "cdlint.fish", "cdlint.1"}


def test_the_wheel_holds_the_licence(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[0]) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/LICENSE"))
        assert b"Apache License" in archive.read(name)


def test_the_source_holds_tests_fixtures_and_schemas(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = files_in("tests", "fixtures", "schemas", "src", "docs", "bench", "scripts")
    wanted |= {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", "action.yml"}
    assert wanted <= names, wanted - names


def test_a_wheel_from_the_source_is_the_same(distributions: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, source = distributions
    with tarfile.open(source) as archive:
        # Python 3.12 and later ask for a filter; the oldest Pythons do not know any.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        archive.extractall(tmp_path)
    (unpacked,) = tmp_path.iterdir()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    run_command(build, unpacked)
    (again,) = tmp_path.glob("*.whl")
    assert files_of_wheel(again) == files_of_wheel(wheel)


@pytest.mark.network
def test_version(programs: Path, empty: Path) -> None:
    done = cdlint_in(empty, programs, "--version")
    assert (done.returncode, done.stdout.split()) == (0, ["cdlint", cdlint.__version__])


@pytest.mark.network
def test_schema(programs: Path, empty: Path) -> None:
    done = cdlint_in(empty, programs, "schema", "buildspec")
    assert done.returncode == 0, done.stderr
    file = ROOT / "schemas" / "buildspec.schema.json"
    assert json.loads(done.stdout) == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.network
def test_check(programs: Path, empty: Path) -> None:
    (empty / "clean.yml").write_text(CLEAN, encoding="utf-8")
    (empty / "broken.yml").write_text(BROKEN, encoding="utf-8")
    clean = cdlint_in(empty, programs, "check", "clean.yml")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    broken = cdlint_in(empty, programs, "check", "broken.yml", "--format", "json")
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert json.loads(broken.stdout)["summary"]["errors"] > 0
    missing = cdlint_in(empty, programs, "check", "missing.yml")
    assert missing.returncode == 2
    assert len(missing.stderr.splitlines()) == 1


@pytest.mark.network
def test_nothing_but_the_parsers_is_needed(programs: Path, empty: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    listed = run_command([*pip, "--python", str(programs / "python"), "list", "--format", "json"], empty)
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    expected = {"cdlint", "pyyaml", "ruamel.yaml", "tree-sitter", "tree-sitter-bash"} | (
        {"tomli"} if sys.version_info < (3, 11) else set()
    )
    assert names - {"pip", "setuptools"} == expected


@pytest.mark.network
def test_the_source_can_be_installed(distributions: tuple[Path, Path], empty: Path, tmp_path: Path) -> None:
    programs = make_venv(tmp_path / "from source", str(distributions[1]))
    done = cdlint_in(empty, programs, "--version")
    assert (done.returncode, done.stdout.split()) == (0, ["cdlint", cdlint.__version__])
    assert cdlint_in(empty, programs, "schema", "buildspec").returncode == 0
    assert (programs.parent / "share" / "man" / "man1" / "cdlint.1").is_file()


@pytest.mark.network
def test_init_works_with_nothing_more(programs: Path, empty: Path) -> None:
    git(empty, "init", "--quiet")
    (empty / ".pre-commit-config.yaml").write_text("repos: []  # none yet\n", encoding="utf-8")
    done = cdlint_in(empty, programs, "init", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "- id: cdlint" in (empty / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert cdlint_in(empty, programs, "completion", "bash").returncode == 0
