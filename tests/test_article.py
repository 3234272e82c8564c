"""The article's buildspecs: found whole, mended, and the mended script run by a real shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from cdlint.engine import check_text
from cdlint.findings import FileResult
from cdlint.fixing import fix_text

ARTICLE = Path(__file__).resolve().parent.parent / "fixtures" / "article"
INTEGRATE = (ARTICLE / "integrate.buildspec.yml").read_text(encoding="utf-8")
DEPLOY = (ARTICLE / "deploy.buildspec.yml").read_text(encoding="utf-8")

#: line, column, code, level, and whether its fix is safe (None: there is none)
INTEGRATE_ROWS = [
    (3, 3, "CD107", "error", True),
    (5, 5, "CD005", "error", True),
    (6, 5, "CD113", "error", True),
    (8, 12, "CD355", "warning", True),
    (8, 14, "CD390", "warning", False),
    (8, 28, "CD020", "error", True),
    (8, 47, "CD320", "warning", True),
    (8, 50, "CD021", "error", True),
    (9, 21, "CD307", "info", None),
    (9, 33, "CD021", "error", True),
    (12, 9, "CD335", "warning", False),
    (12, 16, "CD302", "error", True),
    (13, 37, "CD312", "warning", None),
]
DEPLOY_ROWS = [
    (9, 3, "CD107", "error", True),
    (11, 22, "CD021", "error", True),
    (14, 23, "CD361", "info", True),
    (17, 7, "CD365", "error", False),
    (18, 19, "CD361", "info", True),
    (24, 9, "CD361", "info", True),
    (25, 9, "CD361", "info", True),
    (25, 40, "CD025", "error", True),
    (29, 10, "CD122", "info", True),
]


def rows(result: FileResult) -> set[tuple[int, int, str, str, bool | None]]:
    found = set()
    for one in result.findings:
        place = result.source.position(one.span.start)
        found.add((place.line, place.column, one.code, one.severity, one.fix.safe if one.fix else None))
    return found


@pytest.mark.parametrize(("text", "wanted"), [(INTEGRATE, INTEGRATE_ROWS), (DEPLOY, DEPLOY_ROWS)])
def test_every_fault_is_found_in_one_run(
    text: str, wanted: list[tuple[int, int, str, str, bool | None]]
) -> None:
    found = rows(check_text(text, pedantic=True))
    assert not set(wanted) - found, sorted(found)


def test_bash_under_sh_is_an_error_where_sh_is_dash() -> None:
    result = check_text(INTEGRATE, image="aws/codebuild/standard:7.0")
    assert (8, 47, "CD320", "error", True) in rows(result)


def test_nothing_is_said_of_what_is_right() -> None:
    result = check_text(DEPLOY, pedantic=True)
    lines = [result.source.position(one.span.start).line for one in result.findings if one.code[:3] == "CD3"]
    assert (
        21 not in lines and 22 not in lines and 23 not in lines
    )  # one command in its block, well formed JSON


MENDED = """\
version: 0.2
phases:
  build:
    commands:
      - echo Testing
      # run my test
      - |
        if [ "$(git rev-parse --abbrev-ref HEAD)" = 'master' ]; then
          MY_ARTIFACT=/tmp/$(date "+%Y%m%d%H%M%S").zip

          echo Push to AWS S3 to trigger AWS CodePipeline
          zip -r "$MY_ARTIFACT" .
          aws s3 cp $MY_ARTIFACT s3://my_bucket/my_key.zip
        fi
"""


def test_safe_fixes_leave_a_file_without_errors() -> None:
    fixed = fix_text(INTEGRATE)
    assert fixed.text == MENDED.rstrip("\n") + INTEGRATE[len(INTEGRATE.rstrip("\n")) :]
    yaml.safe_load(fixed.text)
    assert [one for one in fixed.left.findings if one.severity == "error"] == []
    assert fix_text(fixed.text).text == fixed.text


def test_all_fixes_leave_nothing_that_must_be_found() -> None:
    fixed = fix_text(INTEGRATE, unsafe=True)
    assert [one.code for one in fixed.left.findings if one.severity != "info"] == ["CD312"]
    assert fix_text(fixed.text, unsafe=True).text == fixed.text
    fixed = fix_text(DEPLOY, unsafe=True)
    assert [one.code for one in fixed.left.findings if one.severity == "error"] == []
    assert "get-login-password" in fixed.text and "--password-stdin" in fixed.text


STAND_IN = '#!/bin/sh\necho "$0" "$@" >>"$CALLS"\n'


@pytest.mark.skipif(shutil.which("dash") is None, reason="dash is not installed")
@pytest.mark.parametrize("unsafe", [False, True])
def test_the_mended_script_packs_the_folder(tmp_path: Path, unsafe: bool) -> None:
    script = yaml.safe_load(fix_text(INTEGRATE, unsafe=unsafe).text)["phases"]["build"]["commands"][-1]
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "zip", "aws"):
        (programs / name).write_text(STAND_IN + ("echo master\n" if name == "git" else ""))
        (programs / name).chmod(0o755)
    calls = tmp_path / "calls"
    done = subprocess.run(
        [str(shutil.which("dash")), "-c", script],
        env={
            "PATH": f"{programs}:/usr/bin:/bin",
            "CALLS": str(calls),
            "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/master",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    lines = [line.replace(f"{programs}/", "") for line in calls.read_text().splitlines()]
    zipped = next(line.split() for line in lines if line.startswith("zip "))
    assert zipped[:2] == ["zip", "-r"] and zipped[2].endswith(".zip") and zipped[3:] == ["."]
    assert f"aws s3 cp {zipped[2]} s3://my_bucket/my_key.zip" in lines
