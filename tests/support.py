"""Helpers for tests that start programs: clean environments, git, virtual environments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what would tie a child process to this checkout or to its user."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "GITHUB_", "PYTHON", "PRE_COMMIT", "VIRTUAL_ENV"))
        and name not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")
    }
    return {**kept, **more}


def run_command(
    command: list[str], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment or clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{command} exited {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def git(folder: Path, *arguments: str) -> str:
    """Run git as a user with a name, whatever this machine's configuration says."""
    settings = (
        "user.name=Tester",
        "user.email=tester@example.invalid",
        "commit.gpgsign=false",
        "tag.gpgsign=false",
        "init.defaultBranch=main",
        "core.hooksPath=/dev/null",
    )
    options = [word for setting in settings for word in ("-c", setting)]
    return run_command(["git", *options, *arguments], folder).stdout


def make_venv(folder: Path, *packages: str) -> Path:
    """A fresh virtual environment with some packages; the path of its folder of programs."""
    # Without pip it is made in no time, and pip of this environment serves it.
    run_command([sys.executable, "-m", "venv", "--without-pip", str(folder)], folder.parent)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    pip += ["--python", str(programs / "python"), "install", "--quiet"]
    run_command([*pip, *packages], folder.parent)
    return programs
