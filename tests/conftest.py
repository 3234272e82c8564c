"""What several test modules share: this checkout as a fresh repository, and what it builds."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from support import ROOT, git, run_command

# Examples are never timed. In continuous integration they are the same in every run.
settings.register_profile("cdlint", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("cdlint")


def _own_files() -> list[str]:
    """The files of this checkout, committed or not, without what is ignored."""
    if not (ROOT / ".git").exists():
        ignored = shutil.ignore_patterns(".venv", ".bench", "__pycache__", ".*_cache", ".hypothesis")
        names = []
        for folder, folders, files in os.walk(ROOT):
            left_out = ignored(folder, [*folders, *files])
            folders[:] = [name for name in folders if name not in left_out]
            names += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files]
        return names
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as it is now, as a git repository: all committed, tagged `v0.0.1`."""
    folder = tmp_path_factory.mktemp("checkout") / "cdlint"
    for name in _own_files():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "As it is")
    git(folder, "tag", "v0.0.1")
    return folder


@pytest.fixture(scope="session")
def distributions(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run_command([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], checkout)
    (wheel,) = folder.glob("*.whl")
    (source,) = folder.glob("*.tar.gz")
    return wheel, source
