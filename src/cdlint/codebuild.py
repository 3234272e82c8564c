"""Inside of a build: where the source is, and the buildspec that runs where it is no file of the source.

Source: AWS, environment variables in build environments; the place of a buildspec that the project has written out is
told by the log of every such build ("YAML location is …").
"""

from __future__ import annotations

import os

#: Where CodeBuild puts the buildspec of a project or of a start that has it written out.
RUNNING = "/codebuild/readonly/buildspec.yml"


def is_inside() -> bool:
    """Is this a build of CodeBuild's?"""
    return bool(os.environ.get("CODEBUILD_BUILD_ID"))


def source_folder() -> str | None:
    """The folder of the primary source, if this is a build and the current folder lies in it."""
    folder = os.environ.get("CODEBUILD_SRC_DIR") if is_inside() else None
    if not folder or not os.path.isdir(folder):
        return None
    inside = os.path.realpath(folder).rstrip(os.sep) + os.sep
    here = os.path.realpath(os.curdir) + os.sep
    return folder if here.startswith(inside) else None


def running() -> str | None:
    """The buildspec that runs, if it is no file of the source and can be read."""
    return RUNNING if is_inside() and os.access(RUNNING, os.R_OK) else None
