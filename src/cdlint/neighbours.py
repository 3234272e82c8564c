"""The repository around the files of a run: what is there, and the delivery files near those that were named.

Looking costs a few system calls in the folders above the named files, never a walk over the whole repository; only
where a finding hangs on it is every name looked at.
"""

from __future__ import annotations

import os

from .discovery import is_candidate, repository_root
from .kinds import promising

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Folders in which the delivery of the folder above is often kept.
_USUAL = (
    ".aws",
    "aws",
    "build",
    "cd",
    "cfn",
    "ci",
    "cicd",
    "cloudformation",
    "codebuild",
    "codepipeline",
    "config",
    "deploy",
    "deployment",
    "ecs",
    "iac",
    "infra",
    "infrastructure",
    "pipeline",
    "pipelines",
    "template",
    "templates",
    "terraform",
    "tf",
)
#: Bounds for one run: files of which the content is looked at, and the size of each, in bytes.
MAX_NEIGHBOURS = 300
MAX_SIZE = 1_000_000


def root_of(path: str) -> str:
    """The repository that a file belongs to; without one, the file's own folder."""
    folder = os.path.dirname(os.path.abspath(path))
    return repository_root(folder) or folder


def has_neighbours(path: str) -> bool:
    """Are there other delivery files near this one?"""
    own = os.path.abspath(path)
    return any(os.path.abspath(other) != own for other in neighbours([path], root_of(path)))


def neighbours(paths: Iterable[str], root: str) -> list[str]:
    """The delivery files in the folders of some files, in those above up to `root`, and in usual ones below."""
    folders: dict[str, None] = {}
    top = os.path.abspath(root)
    for path in paths:
        folder = os.path.dirname(os.path.abspath(path))
        while folder not in folders:
            folders[folder] = None
            if folder == top or not folder.startswith(top):
                break
            folder = os.path.dirname(folder)
    found: list[str] = []
    for folder in folders:
        for place in (folder, *(os.path.join(folder, name) for name in _USUAL)):
            found += _candidates(place)
            if len(found) > MAX_NEIGHBOURS:
                return found[:MAX_NEIGHBOURS]
    return list(dict.fromkeys(found))


def _candidates(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            paths = sorted(
                entry.path
                for entry in entries
                if is_candidate(entry.name) and entry.is_file(follow_symlinks=False)
            )
    except OSError:
        return []
    return [path for path in paths if promising(read_bytes(path) or b"", os.path.basename(path))]


def read_bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read(MAX_SIZE + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= MAX_SIZE else None
