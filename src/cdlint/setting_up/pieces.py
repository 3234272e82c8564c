"""What `cdlint init` offers: a hook, a workflow, a configuration; each if it fits and is not there yet."""

from __future__ import annotations

import contextlib
import os

from .. import __version__
from ..config import Config, ConfigError, read_config
from ..discovery import repository_root, targets
from .changes import Change, Refused, read
from .pre_commit import PATH as HOOKS_PATH
from .pre_commit import with_hook
from .pyproject import with_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = "https://github.com/OWNER/cdlint"
WORKFLOW_PATH = ".github/workflows/cdlint.yml"
CONFIG_PATH = "cdlint.toml"
PYPROJECT_PATH = "pyproject.toml"

WORKFLOW = """\
name: Delivery

on:
  push:
    branches: [{branch}]
  pull_request:

permissions:
  contents: read

jobs:
  cdlint:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@34e114876b0b11c390a56381ad16ebd13914f8d5 # v4.3.1
        with:
          persist-credentials: false
      - uses: OWNER/cdlint@v{version}
"""

CONFIG = """\
# What cdlint asks of this repository; `cdlint schema cdlint` prints all keys.

{image}
# Files that are none of this project's own:
# exclude = [{exclude}]

# Rules that are not wanted, by code or name; `cdlint explain CODE` says what each is about:
# ignore = ["CD231"]

# From which level on a check fails: "error", "warning" or "info".
fail-on = "warning"
"""
_IMAGE = """\
# The image of the builds: it says which runtime versions there are.
{line}
"""
#: Folders that usually hold what others wrote.
_FOREIGN = (
    "third_party",
    "third-party",
    "external",
    "vendor",
    "vendored",
    "submodules",
    "examples",
    "testdata",
)


class Plan:
    """What is to be done in a repository: `changes`, what is there already (`there`), what cannot be (`refused`)."""

    def __init__(self, folder: str) -> None:
        self.root = repository_root(folder) or os.path.abspath(folder)
        self.is_git = os.path.exists(os.path.join(self.root, ".git"))
        self.changes: list[Change] = []
        self.there: list[str] = []
        self.refused: list[str] = []


def plan(folder: str, wanted: tuple[str, ...] = ()) -> Plan:
    """Look at a repository and work out what fits; with `wanted` just these pieces, whether they fit or not.

    Raises:
        Refused: There is no such folder, or it is a repository without files.
    """
    if not os.path.isdir(folder):
        raise Refused(f"{folder}: is no folder")
    if all(os.path.exists(os.path.join(folder, name)) for name in ("HEAD", "objects", "refs")):
        raise Refused(f"{folder}: is a bare repository, which has no files")
    found = Plan(folder)
    known = _Known(found.root)
    pieces = {"pre-commit": _hook, "github": _workflow, "config": _config, "pyproject": _pyproject}
    for name, piece in pieces.items():
        if name not in (wanted or ("pre-commit", "github", "config")):
            continue
        try:
            piece(found, known, bool(wanted))
        except Refused as refused:
            found.refused.append(str(refused))
    return found


class _Known:
    """What the delivery files of a repository tell."""

    def __init__(self, root: str) -> None:
        self.kinds: list[str] = []
        self.images: set[str] = set()
        for kind, images in _delivery(root):
            self.kinds.append(kind)
            self.images.update(images)

    @property
    def belongs_together(self) -> bool:
        return len(self.kinds) > 1 and any(
            kind in ("pipeline", "template", "terraform") for kind in self.kinds
        )


def _delivery(root: str) -> Iterator[tuple[str, list[str]]]:
    """`(kind, images of build projects)` of the delivery files of a folder."""
    from ..engine import subject_of
    from ..kinds import promising
    from ..model.delivery import delivery_of
    from ..neighbours import read_bytes
    from ..syntax.reading import decode

    for target in targets([root])[:5_000]:
        data = read_bytes(target.path)
        name = os.path.basename(target.path)
        if data is None or not (promising(data, name) or "buildspec" in name.lower()):
            continue
        try:
            subject = subject_of(decode(data)[0], target.path)
        except ImportError:  # Terraform without its extra
            continue
        if subject is None:
            continue
        kind, document, _, _ = subject
        delivery = delivery_of(document, kind)
        yield kind, [project.image for projects in delivery.projects for project in projects if project.image]


# --- the pieces -----------------------------------------------------------------------------------


def _offer(found: Plan, path: str, what: str, make: Callable[[str | None], str | None]) -> None:
    before = read(found.root, path)
    after = make(before)
    if after is None:
        found.there.append(path)
    else:
        found.changes.append(Change(found.root, path, what, before, after))


def _hook(found: Plan, known: _Known, is_wanted: bool) -> None:
    if not found.is_git:
        if is_wanted:
            raise Refused(f"{HOOKS_PATH}: pre-commit needs a git repository, and {found.root} is none")
        return
    misnamed = HOOKS_PATH.replace(".yaml", ".yml")
    if os.path.lexists(os.path.join(found.root, misnamed)) and read(found.root, HOOKS_PATH) is None:
        raise Refused(f"{misnamed}: pre-commit reads {HOOKS_PATH} only; rename the file, then run this again")
    hook = "cdlint-project" if known.belongs_together else "cdlint"
    _offer(
        found,
        HOOKS_PATH,
        f"the hook {hook} for pre-commit",
        lambda text: with_hook(text, REPOSITORY, f"v{__version__}", hook),
    )


def _workflow(found: Plan, known: _Known, is_wanted: bool) -> None:
    del known
    if not is_wanted and not os.path.isdir(os.path.join(found.root, ".github")) and not _is_on_github(found):
        return
    for path, text in _workflows(found):
        if _uses_cdlint(text):
            found.there.append(path)
            return

    def make(before: str | None) -> str | None:
        if before is not None:
            raise Refused(f"{WORKFLOW_PATH}: is there, but does not use cdlint; it was left alone")
        return WORKFLOW.format(branch=_branch(found), version=__version__)

    _offer(found, WORKFLOW_PATH, "a check of every pull request", make)


def _config(found: Plan, known: _Known, is_wanted: bool) -> None:
    del is_wanted
    there = _has_config(found.root)
    if there:
        found.there.append(there)
        return
    text = _settings(found, known)
    _offer(found, CONFIG_PATH, "the configuration", lambda before: text if before is None else None)


def _pyproject(found: Plan, known: _Known, is_wanted: bool) -> None:
    del is_wanted
    there = _has_config(found.root)
    if there:
        found.there.append(there)
        return
    if read(found.root, PYPROJECT_PATH) is None:
        raise Refused(f"{PYPROJECT_PATH}: is not there; `--only config` writes {CONFIG_PATH}")
    text = _settings(found, known)
    _offer(found, PYPROJECT_PATH, "the table [tool.cdlint]", lambda before: with_table(before or "", text))


def _settings(found: Plan, known: _Known) -> str:
    """The configuration, with what the repository tells; what is a guess is a comment."""
    line = '# image = "aws/codebuild/standard:7.0"'
    if len(known.images) == 1:
        line = f'image = "{_quoted(next(iter(known.images)))}"'
    foreign = [name for name in _FOREIGN if os.path.isdir(os.path.join(found.root, name))]
    exclude = ", ".join(f'"{name}"' for name in foreign or ("vendor", "third_party/**"))
    return CONFIG.format(image=_IMAGE.format(line=line), exclude=exclude)


def _has_config(root: str) -> str | None:
    """The file that has the configuration, as far as can be told; one that cannot be read is not written either."""
    for name in (CONFIG_PATH, PYPROJECT_PATH):
        path = os.path.join(root, name)
        if os.path.lexists(path):
            found: Config | None = None
            try:
                found = read_config(path)
            except ConfigError:
                return name
            if found is not None:
                return name
    return None


def _workflows(found: Plan) -> Iterator[tuple[str, str]]:
    """The paths and texts of the workflows that can be read."""
    folder = os.path.join(found.root, ".github", "workflows")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if name.endswith((".yml", ".yaml")):
            path = f".github/workflows/{name}"
            text = ""
            with contextlib.suppress(Refused):  # a link, or no text: none of our business
                text = read(found.root, path) or ""
            yield path, text


def _uses_cdlint(text: str) -> bool:
    """Does a workflow run cdlint, by its action or by its command?"""
    import re

    bare = re.sub(r"(?m)^\s*#.*", "", text)
    return re.search(r"""uses:\s*["']?[^\s"'/]+/cdlint@|\bcdlint (check|package)\b""", bare) is not None


def _is_on_github(found: Plan) -> bool:
    return "github.com" in (_git_file(found, "config") or "")


def _branch(found: Plan) -> str:
    """The branch that is checked when it is pushed to: the one that the remote calls its own, else `main`."""
    head = (
        _git_file(found, os.path.join("refs", "remotes", "origin", "HEAD")) or _git_file(found, "HEAD") or ""
    )
    name = head.strip().removeprefix("ref: ").removeprefix("refs/remotes/origin/").removeprefix("refs/heads/")
    return name if name in ("main", "master", "trunk", "develop") else "main"


def _git_file(found: Plan, name: str) -> str | None:
    """A file of git's own folder; that of a work tree or a submodule is elsewhere, and shares some."""
    folder = os.path.join(found.root, ".git")
    if os.path.isfile(folder):
        told = _text(folder) or ""
        folder = os.path.join(found.root, told.removeprefix("gitdir:").strip())
        if name != "HEAD":
            folder = os.path.join(folder, (_text(os.path.join(folder, "commondir")) or "").strip())
    return _text(os.path.join(folder, name))


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(100_000)
    except (OSError, ValueError):
        return None


def _quoted(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and char not in '"\\')
