"""Helpers for the tests of what dash makes of bash's constructs: buildspecs around a script, and real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

UBUNTU = "aws/codebuild/standard:7.0"
AMAZON = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
RULES = {f"CD{number}" for number in range(320, 335)}


def buildspec(script: str, head: str = "") -> str:
    """A buildspec with a script as a block."""
    lines = "".join(f"          {line}\n" if line else "\n" for line in script.split("\n"))
    return f"version: 0.2\n{head}phases:\n  build:\n    commands:\n      - |\n{lines}"


def findings(text: str, image: str | None = None) -> list[Finding]:
    """What the rules about shells say."""
    result = check_text(text, "buildspec.yml", kind="buildspec", image=image)
    return [one for one in result.findings if one.code in RULES]


def told(script: str, image: str | None = None, head: str = "") -> list[tuple[str, str, str]]:
    """The code, the severity and the place of each finding of a script."""
    text = buildspec(script, head)
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in findings(text, image)]


def fixed(script: str, image: str | None = UBUNTU) -> str:
    """The script after its safe fixes."""
    text = buildspec(script)
    for _ in range(5):
        fixes = [one.fix for one in findings(text, image) if one.fix is not None and one.fix.safe]
        if not fixes:
            break
        text = apply_edits(text, fixes[0].edits)
    start = len(buildspec("").rstrip("\n")) + 1
    return "\n".join(line[10:] for line in text[start:].rstrip("\n").split("\n"))


def run(shell: str, script: str, folder: Path) -> tuple[int, str, str]:
    """Run a script in a real shell; its status, what it printed, and its error messages."""
    program = shutil.which(shell)
    if program is None or os.name == "nt":
        pytest.skip(f"needs {shell}")
    done = subprocess.run(
        [program, "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
