"""`--shellcheck`: its findings at their places in the buildspec."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from cdlint import shellcheck
from cdlint.cli import main


def there() -> bool:
    try:
        shellcheck.program()
    except shellcheck.NotFound:
        return False
    return True


needs_shellcheck = pytest.mark.skipif(not there(), reason="shellcheck is not installed")

SPEC = """\
version: 0.2
phases:
  build:
    commands:
      - ls *.txt | grep foo
      - 'echo ''é'' "$(ls)" `date`'
      - |
        set -e
        A=`date`
        echo "$A"
      - "echo \\"a\\" `date`"
      - >-
        echo one
        two `date`
"""


def findings(
    text: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any, *options: str
) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))
    main(["check", "--no-config", "--shellcheck", "--pedantic", "--format", "json", *options, "-"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return found


@needs_shellcheck
def test_findings_stand_at_their_places(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = findings(SPEC, capsys, monkeypatch)
    lines = SPEC.split("\n")
    backticks = []
    for one in found:
        if one["code"] == "SC2006":
            line = lines[one["line"] - 1]
            backticks.append((one["line"], line[one["column"] - 1 : one["end_column"] - 1]))
            assert one["name"] == "shellcheck" and one["severity"] == "info" and one["fix"] is None
    assert backticks == [(6, "`date`"), (9, "`date`"), (11, "`date`"), (14, "`date`")]
    assert any(one["code"] == "SC2010" and one["line"] == 5 for one in found)


@needs_shellcheck
def test_what_cdlint_says_is_not_said_twice(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - 'if [ $A == b ]; then make; fi'\n"
    codes = [one["code"] for one in findings(text, capsys, monkeypatch)]
    assert "CD355" in codes
    assert not {"SC2086", "SC3014", "SC2154"} & set(codes)


@needs_shellcheck
def test_dialect_follows_the_shell_of_the_build(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    text = "version: 0.2\nenv:\n  shell: bash\nphases:\n  build:\n    commands:\n      - 'pushd a'\n"
    assert not [one for one in findings(text, capsys, monkeypatch) if one["code"].startswith("SC30")]


@needs_shellcheck
def test_suppression_and_selection_know_its_codes(
    capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    text = SPEC.replace("grep foo", "grep foo # cdlint: ignore[SC2010, SC2035]")
    codes = {one["code"] for one in findings(text, capsys, monkeypatch)}
    assert "SC2006" in codes and not {"SC2010", "CD090", "CD091"} & codes
    assert not [
        one for one in findings(SPEC, capsys, monkeypatch, "--ignore", "SC2006") if one["code"] == "SC2006"
    ]
    assert {one["code"] for one in findings(SPEC, capsys, monkeypatch, "--select", "SC2010")} == {"SC2010"}
    assert {one["name"] for one in findings(SPEC, capsys, monkeypatch, "--select", "shellcheck")} == {
        "shellcheck"
    }


@needs_shellcheck
def test_mended_files_are_checked_as_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "buildspec.yml").write_text(SPEC.replace("grep foo", "grep “foo”"), encoding="utf-8")
    main(["check", "--no-config", "--shellcheck", "--fix", "--format", "concise"])
    out = capsys.readouterr().out
    assert "SC2010" in out and "SC1110" not in out and "CD021" not in out
    assert 'grep "foo"' in (tmp_path / "buildspec.yml").read_text(encoding="utf-8")


@needs_shellcheck
def test_many_commands_go_through_few_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    from cdlint.engine import buildspec_of

    started = []
    popen = shellcheck._start

    def counted(*arguments: Any) -> Any:
        started.append(arguments)
        return popen(*arguments)

    monkeypatch.setattr(shellcheck, "_start", counted)
    batch = shellcheck.Batch()
    items = "".join(f"      - 'echo `date` {n}'\n" for n in range(300))
    batch.add(0, buildspec_of("version: 0.2\nphases:\n  build:\n    commands:\n" + items, "buildspec.yml"))
    batch.run(2)
    assert len(started) == 2
    assert len({finding.span.start for finding in batch.findings(0)}) == 300


def test_without_shellcheck_the_run_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    (tmp_path / "buildspec.yml").write_text("version: 0.2\nphases: {build: {commands: [make]}}\n")
    assert main(["check", "--shellcheck", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "cdlint[shellcheck]" in err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in")
@pytest.mark.parametrize("answer", ["echo oops >&2; exit 3", "echo '{'", "exit 0"])
def test_a_shellcheck_that_fails_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    broken = tmp_path / "shellcheck"
    broken.write_text(f"#!/bin/sh\n{answer}\n")
    broken.chmod(0o755)
    monkeypatch.setattr(shellcheck, "program", lambda: str(broken))
    (tmp_path / "buildspec.yml").write_text("version: 0.2\nphases: {build: {commands: [make]}}\n")
    assert main(["check", "--shellcheck", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "shellcheck failed" in err


def test_its_codes_are_explained_by_its_wiki(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "sc2086"]) == 0
    assert "shellcheck.net/wiki/SC2086" in capsys.readouterr().out
