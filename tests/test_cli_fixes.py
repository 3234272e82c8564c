"""`--fix`, `--unsafe-fixes` and `--diff` from the command line."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from cdlint.cli import main

BAD = "version: 0.2\r\nphases:\r\n  build:\r\n  commands:\r\n    - date “+%F”\r\n    -\r\n"
SAFE = 'version: 0.2\r\nphases:\r\n  build:\r\n    commands:\r\n      - date "+%F"\r\n      -\r\n'
ALL = 'version: 0.2\r\nphases:\r\n  build:\r\n    commands:\r\n      - date "+%F"\r\n'


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "buildspec.yml"
    path.write_bytes(b"\xef\xbb\xbf" + BAD.encode())
    return path


def read(path: Path) -> str:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return data[3:].decode()


def test_fix_makes_the_safe_fixes_and_reports_the_rest(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.chmod(spec, 0o640)
    assert main(["check", "--fix", "--format", "concise", "buildspec.yml"]) == 1
    assert read(spec) == SAFE
    assert spec.stat().st_mode & 0o777 == 0o640
    out, err = capsys.readouterr()
    assert "CD113" in out and "CD107" not in out
    assert err == "cdlint: fixed 2 findings in 1 file\n"
    assert main(["check", "--fix", "buildspec.yml"]) == 1
    assert read(spec) == SAFE
    assert [path.name for path in spec.parent.iterdir()] == ["buildspec.yml"]


def test_unsafe_fixes_make_all(spec: Path) -> None:
    assert main(["check", "--unsafe-fixes", "buildspec.yml"]) == 0
    assert read(spec) == ALL


def test_diff_writes_nothing(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--diff", "buildspec.yml"]) == 1
    assert read(spec) == BAD
    out = capsys.readouterr().out
    assert out.startswith("--- a/buildspec.yml\n+++ b/buildspec.yml\n@@")
    assert '+      - date "+%F"' in out


def test_standard_input_is_mended_to_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert main(["check", "--fix", "--kind", "buildspec", "-"]) == 1
    out, err = capfd.readouterr()
    assert out.replace("\r\n", "\n") == SAFE.replace("\r\n", "\n")
    assert "CD113" in err and "CD113" not in out


def test_links_and_other_encodings_are_left_alone(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = spec.parent / "link-buildspec.yml"
    link.symlink_to(spec.name)
    assert main(["check", "--fix", link.name]) == 2
    assert "symbolic link" in capsys.readouterr().err
    assert read(spec) == BAD and link.is_symlink()
    broken = BAD.encode() + b"      - \xff\n"
    spec.write_bytes(broken)
    assert main(["check", "--fix", "buildspec.yml"]) == 1
    assert spec.read_bytes() == broken


def test_ignored_findings_are_not_fixed(spec: Path) -> None:
    assert main(["check", "--fix", "--ignore", "CD021", "buildspec.yml"]) == 1
    assert "date “+%F”" in read(spec)
