"""Paths as the service that runs the check wants them: from the top of its checkout."""

from __future__ import annotations

import os
from posixpath import normpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def from_top(variable: str) -> Callable[[str], str]:
    """What turns a path into one from the folder that an environment variable names.

    Without the variable, or outside of its folder, a path stays as it is, but for a `./`.
    """
    top = os.environ.get(variable)
    if not top:
        return _tidy
    here, tops = os.getcwd(), {top, os.path.realpath(top)}

    def inside(path: str) -> str:
        for folder in sorted(tops):
            try:
                found = os.path.relpath(os.path.join(here, path), folder).replace(os.sep, "/")
            except ValueError:  # on another drive
                continue
            if found != ".." and not found.startswith("../"):
                return found
        return _tidy(path)

    return inside


def _tidy(path: str) -> str:
    return normpath(path) if path else path
