"""`cdlint check` inside of a build of CodeBuild's, and the examples of docs/codebuild.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cdlint import codebuild
from cdlint.cli import main
from cdlint.engine import check_text
from support import ROOT, clean_environment

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"
PAGE = (ROOT / "docs" / "codebuild.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source of a build, as a pipeline hands it over: without `.git`."""
    folder = tmp_path / "output" / "src1" / "src"
    folder.mkdir(parents=True)
    monkeypatch.setenv("CODEBUILD_BUILD_ID", "web:0123")
    monkeypatch.setenv("CODEBUILD_SRC_DIR", str(folder))
    monkeypatch.setattr(codebuild, "RUNNING", str(tmp_path / "readonly" / "buildspec.yml"))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["check", "--format=concise", *arguments])
    told = capsys.readouterr()
    return status, told.out + told.err


def test_the_buildspec_has_any_name(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(source, "ci/release.yml", BROKEN)
    status, told = check(capsys)
    assert status == 1
    assert told.startswith("ci/release.yml:3:3: error CD107")


def test_the_whole_source_is_checked_from_any_folder_of_it(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(source, "buildspec.yml", BROKEN)
    (source / "app" / "src").mkdir(parents=True)
    monkeypatch.chdir(source / "app" / "src")
    status, told = check(capsys)
    assert status == 1
    assert told.startswith(
        os.path.join("..", "..", "buildspec.yml").replace(os.sep, "/") + ":3:3: error CD107"
    )


def test_elsewhere_the_current_folder_counts(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(source, "buildspec.yml", BROKEN)
    write(tmp_path, "other/buildspec.yml", CLEAN)
    monkeypatch.chdir(tmp_path / "other")
    status, told = check(capsys)
    assert status == 0, told


def test_a_buildspec_that_the_project_has_written_out(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = write(Path(codebuild.RUNNING).parent, "buildspec.yml", BROKEN)
    write(source, "app.txt", "hello")
    status, told = check(capsys)
    assert status == 1
    assert f"{running.as_posix()}:3:3: error CD107" in told
    write(source, "cdlint.toml", 'ignore = ["CD107"]\n')
    status, told = check(capsys)
    assert status == 0, told


def test_only_what_is_named_is_checked(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(Path(codebuild.RUNNING).parent, "buildspec.yml", BROKEN)
    write(source, "ci/release.yml", CLEAN)
    assert check(capsys, "ci/release.yml")[0] == 0


def test_outside_of_a_build_nothing_of_this_counts(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEBUILD_BUILD_ID")
    write(Path(codebuild.RUNNING).parent, "buildspec.yml", BROKEN)
    write(source, "app/buildspec.yml", CLEAN)
    write(source, "buildspec.yml", BROKEN)
    monkeypatch.chdir(source / "app")
    assert check(capsys)[0] == 0


def test_no_colour_codes_even_where_a_terminal_is_played(source: Path) -> None:
    pty = pytest.importorskip("pty")
    write(source, "buildspec.yml", BROKEN)
    outcomes = []
    for build in ("web:0123", ""):
        leader, follower = pty.openpty()
        environment = clean_environment(
            PYTHONPATH=str(ROOT / "src"),
            CODEBUILD_BUILD_ID=build,
            CODEBUILD_SRC_DIR=str(source),
            TERM="xterm",
        )
        subprocess.run(
            [sys.executable, "-m", "cdlint", "check"],
            cwd=source, env=environment, stdout=follower, stderr=follower, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        os.close(follower)
        outcomes.append(b"\x1b[" in os.read(leader, 100_000))
        os.close(leader)
    assert outcomes == [False, True]


def test_the_report_group(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(source, "buildspec.yml", BROKEN)
    (source / "reports").mkdir()
    status, told = check(capsys, "--report", "junit=reports/cdlint.xml")
    assert status == 1
    assert "CD107" in told
    root = ElementTree.parse(source / "reports" / "cdlint.xml").getroot()
    assert [failure.get("type") for failure in root.iter("failure")]


# --- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_are_clean(text: str) -> None:
    result = check_text(text, "buildspec.yml", pedantic=False)
    assert result.kind == "buildspec"
    assert [finding.message for finding in result.findings] == []


def _block(word: str) -> str:
    """The commands of the block of an example that has a word in it."""
    (text,) = (one for one in EXAMPLES if word in one)
    script = text.partition("- |\n")[2].partition("\n  build:")[0]
    return "\n".join(line.removeprefix("        ") for line in script.splitlines())


@pytest.mark.parametrize(("word", "fault"), [("The delivery is fine", 1), ("make all", 1)])
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_blocks_keep_the_exit_code(word: str, fault: int, shell: str, source: Path) -> None:
    programs = source / "programs"
    programs.mkdir()
    for name, text in (
        ("cdlint", f'#!/bin/sh\nexec "{sys.executable}" -m cdlint "$@"\n'),
        ("make", "#!/bin/sh\nexit 0\n"),
    ):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    for spec, expected in ((CLEAN, 0), (BROKEN, fault)):
        write(source, "buildspec.yml", spec)
        environment = clean_environment(PYTHONPATH=str(ROOT / "src"))
        environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
        done = subprocess.run([shell, "-c", _block(word)], cwd=source, env=environment, check=False)
        assert done.returncode == expected
