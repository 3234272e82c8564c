"""Checking on several cores gives what checking on one gives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cdlint.cli import main, workers
from cdlint.engine import check_text
from cdlint.findings import FileResult

SPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - date “+%F”\n      - echo {n} — done: no\n"

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for n in range(120):
        place = tmp_path / f"service{n:03}"
        place.mkdir()
        (place / "buildspec.yml").write_text(SPEC.replace("{n}", str(n)), encoding="utf-8")
    (tmp_path / "service003" / "buildspec.yml").write_bytes(b"\xff\xfe\x00broken")
    (tmp_path / "service007" / "buildspec.yml").write_text(
        "version: 0.2\nphases: {build: {commands: [make]}}\n"
    )
    (tmp_path / "cdlint.toml").write_text('ignore = ["CD020"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@needs_fork
@pytest.mark.parametrize("report", ["json", "full", "sarif"])
def test_several_processes_say_what_one_says(
    folder: Path, capsys: pytest.CaptureFixture[str], report: str
) -> None:
    said = []
    for jobs in ("1", "2", "3"):
        status = main(["check", "--jobs", jobs, "--format", report, "--pedantic", "."])
        out, err = capsys.readouterr()
        said.append((status, out, err))
    assert said[0] == said[1] == said[2]
    assert said[0][0] == 1 and "CD021" in said[0][1] and "CD020" not in said[0][1]


def checked(target: str) -> workers.Checked:
    if target == "unreadable":
        return None, [(target, "cannot be read")]
    return check_text(SPEC, target, kind="buildspec"), []


def marks(result: FileResult | None) -> object:
    return result and [
        (found.code, found.span.start, found.span.end, repr(found.fix)) for found in result.findings
    ]


@needs_fork
def test_results_keep_their_order_and_their_problems() -> None:
    targets = [f"spec{n}.yml" for n in range(100)]
    targets[51] = "unreadable"
    alone = workers.check_all(targets, checked, 1, lambda _: None)
    together = workers.check_all(targets, checked, 3, lambda _: None)
    assert [result and result.path for result, _ in together] == [
        None if target == "unreadable" else target for target in targets
    ]
    assert [marks(result) for result, _ in together] == [marks(result) for result, _ in alone]
    assert together[51] == (None, [("unreadable", "cannot be read")])


@needs_fork
def test_what_a_dead_process_left_is_checked_here() -> None:
    parent = os.getpid()

    def check(target: str) -> workers.Checked:
        if os.getpid() != parent and target == "spec41.yml":
            os._exit(9)
        return checked(target)

    targets = [f"spec{n}.yml" for n in range(100)]
    found = workers.check_all(targets, check, 2, lambda _: None)
    assert [result.path for result, _ in found if result] == targets


def test_where_nothing_can_be_forked_one_process_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork", raising=False)
    targets = [f"spec{n}.yml" for n in range(60)]
    assert len(workers.check_all(targets, checked, 4, lambda _: None)) == 60


def test_few_files_are_not_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_Worker", None)
    assert len(workers.check_all(["a.yml"] * 30, checked, 8, lambda _: None)) == 30


@pytest.mark.parametrize("given", ["0", "-1", "x", "1.5"])
def test_a_wrong_number_of_jobs_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"--jobs={given}", "."]) == 2
    assert "--jobs" in capsys.readouterr().err
