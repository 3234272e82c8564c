"""Which files are ours, and of which kind: by name where that is cheap, by content in the end.

In a git work tree the files are those that git tracks or would track; elsewhere the folders are
walked. In both, folders named in `SKIPPED` are left out, and files there count only when given
by name. A candidate is a YAML, JSON or Terraform file of any name: many buildspecs are called
`release.yml`. What it is, `kinds.py` tells by its content.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Never entered: version control, and what tools download or generate.
SKIPPED = frozenset(
    (
        ".aws-sam",
        ".git",
        ".hg",
        ".nox",
        ".serverless",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        "__pycache__",
        "cdk.out",
        "node_modules",
        "site-packages",
    )
)
_YAML = (".yml", ".yaml")
#: More files than this of one repository are not looked at when files are joined.
MAX_FILES = 200_000
_CANDIDATES = (".yml", ".yaml", ".json", ".tf", ".template")
#: Large, everywhere, and never ours.
_NEVER = frozenset(("composer.lock", "package-lock.json", "package.json", "pnpm-lock.yaml", "tsconfig.json"))


class Target:
    """A file to read: one that was `given` by name, or one that was found in a folder."""

    __slots__ = ("given", "path")

    def __init__(self, path: str, given: bool) -> None:
        self.path = path
        self.given = given

    def __repr__(self) -> str:
        return f"Target({self.path!r}, given={self.given})"


def looks_named(path: str) -> bool:
    """Does the name of a file say that it is a buildspec?"""
    stem, extension = os.path.splitext(os.path.basename(path).lower())
    if extension not in _YAML and extension != ".json":
        return False
    return "buildspec" in stem.replace("-", "").replace("_", "").replace(".", "")


def targets(
    paths: Iterable[str],
    *,
    excluded: Callable[[str], bool] | None = None,
    problem: Callable[[str, str], None] | None = None,
) -> list[Target]:
    """The files to look at, each once: those given, and the candidates in the folders given.

    `excluded` says what the configuration leaves out (given by name or not, since pre-commit
    names every file). `problem(path, reason)` is told what cannot be read.
    """
    found: dict[str, Target] = {}
    for given in paths:
        try:
            mode = os.stat(given).st_mode
        except (OSError, ValueError) as error:
            if problem is not None:
                problem(given, getattr(error, "strerror", None) or str(error))
            continue
        if stat.S_ISDIR(mode):
            members: Iterable[Target] = (Target(path, False) for path in sorted(_files(given, problem)))
        else:
            members = (Target(given, True),)
        for target in members:
            key = os.path.normpath(target.path)
            if key not in found and not (excluded is not None and excluded(target.path)):
                found[key] = target
    return list(found.values())


def repository_root(folder: str) -> str | None:
    """The nearest folder upwards that has a `.git`, or None."""
    at = os.path.abspath(folder)
    while not os.path.exists(os.path.join(at, ".git")):
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above
    return at


def _files(folder: str, problem: Callable[[str, str], None] | None) -> Iterator[str]:
    """The candidates in a folder; of two names for one file only one."""
    listed = _git_files(folder) if repository_root(folder) else None
    names = listed if listed is not None else _walk(folder, problem)
    links: list[str] = []
    files: list[str] = []
    for name in names:
        path = os.path.join(folder, name).removeprefix("./")
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            continue  # tracked, but deleted in the work tree
        if stat.S_ISLNK(mode):
            links.append(path)
        elif stat.S_ISREG(mode):
            files.append(path)
    yield from files
    if links:
        seen = {os.path.realpath(path) for path in files}
        # A link of a stranger's repository may lead to anything on this machine, and findings quote what they read.
        inside = os.path.realpath(repository_root(folder) or folder).rstrip(os.sep) + os.sep
        for path in links:
            target = os.path.realpath(path)
            if target not in seen and target.startswith(inside) and os.path.isfile(target):
                seen.add(target)
                yield path


def is_candidate(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(_CANDIDATES) and lower.rpartition("/")[2] not in _NEVER


def all_files(folder: str) -> list[str]:
    """Every file of a folder, relative to it and with `/` (`MAX_FILES` at most): what git knows of."""
    listed = _git_files(folder, _any) if repository_root(folder) else None
    names = listed if listed is not None else _walk(folder, None, _any)
    found = []
    for name in names:
        found.append(name.replace(os.sep, "/"))
        if len(found) >= MAX_FILES:
            break
    return found


def _any(_name: str) -> bool:
    return True


def _walk(
    folder: str,
    problem: Callable[[str, str], None] | None,
    wanted: Callable[[str], bool] = is_candidate,
) -> Iterator[str]:
    """The candidates below a folder, relative to it. Links to folders are not followed."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        here = os.path.join(folder, inside) if inside else folder
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    name = f"{inside}/{entry.name}" if inside else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in SKIPPED:
                            waiting.append(name)
                    elif wanted(entry.name):
                        yield name
        except OSError as error:
            if problem is not None:
                problem(here, error.strerror or str(error))


def _git_files(folder: str, wanted: Callable[[str], bool] = is_candidate) -> list[str] | None:
    """What git tracks or would track in a folder, relative to it; None if git cannot say.

    Git says nothing about a folder that is ignored itself; who names such a folder means it.
    """
    import subprocess

    # A hook runs with the variables of the repository that it serves; ours may be another one.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(("GIT_CONFIG", "GIT_CEILING", "GIT_EXEC"))
    }
    # fsmonitor would run a program that the repository's own configuration names.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z"]
    command += ["--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if not done.stdout:
        return None
    names = []
    for raw in done.stdout.split(b"\0"):
        if not raw:
            continue
        name = os.fsdecode(raw)
        if wanted(name) and SKIPPED.isdisjoint(name.split("/")):
            names.append(name)
    return names
