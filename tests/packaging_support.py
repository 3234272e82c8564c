"""Repositories to pack, and what is in the zips."""

from __future__ import annotations

import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from cdlint import cli
from support import git

FILES = {
    "README.md": "# Shop\n",
    "buildspec.yml": "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n",
    "src/main.py": "print('shop')\n" * 200,
    "src/größe.txt": "äöü\n",
    "empty": "",
}


def commit(folder: Path, message: str) -> str:
    """Commit everything; the name of the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def make_repository(folder: Path, branch: str = "main", object_format: str = "sha1") -> Path:
    """A repository with some files, a program, a link, and two commits."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", f"--initial-branch={branch}", f"--object-format={object_format}")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (folder / "run.sh").write_text("#!/bin/sh\nexit 0\n", newline="\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("src/main.py")
    commit(folder, "First")
    (folder / "src/second.py").write_text("pass\n", newline="\n")
    commit(folder, "Second – with a dash")
    return folder


def package(folder: Path, *arguments: str) -> int:
    """`cdlint package` for a folder."""
    return cli.main(["package", str(folder), *arguments])


def packed(folder: Path, out: Path, *arguments: str) -> dict[str, bytes]:
    """Pack a folder into a file; the contents by their paths."""
    assert package(folder, "--output", str(out), *arguments) == 0
    return contents(out)


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as made:
        assert made.testzip() is None
        return {name: made.read(name) for name in made.namelist()}


def unpacked(path: Path, folder: Path) -> Path:
    """The zip, unpacked with its modes and links as Info-ZIP does it."""
    folder.mkdir()
    with zipfile.ZipFile(path) as made:
        for info in made.infolist():
            place = folder / info.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            mode = info.external_attr >> 16
            if stat.S_ISLNK(mode):
                place.symlink_to(made.read(info).decode())
            else:
                place.write_bytes(made.read(info))
                place.chmod(mode & 0o777)
    return folder


def fails(folder: Path, *arguments: str) -> None:
    assert package(folder, *arguments) == 2


def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the CI system around the tests says about itself."""
    for name in list(os.environ):
        if name.startswith(("CODEBUILD_", "GITHUB_", "GIT_", "AWS_")):
            monkeypatch.delenv(name)


def git_fails(folder: Path, *arguments: str) -> bool:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    return done.returncode != 0
