"""Which files are ours, and of which kind: by name where that is cheap, by content in the end.

In a git work tree the files are those that git tracks or would track; elsewhere the folders are
walked. In both, folders named in `SKIPPED` are left out, and files there count only when given
by name. A candidate is a YAML file (any name: many buildspecs are called `release.yml`) or a JSON
file with "buildspec" in its name.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .syntax.tree import Node

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
        for path in links:
            target = os.path.realpath(path)
            if target not in seen and os.path.isfile(target):
                seen.add(target)
                yield path


def _is_candidate(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(_YAML) or (lower.endswith(".json") and looks_named(lower))


def _walk(folder: str, problem: Callable[[str, str], None] | None) -> Iterator[str]:
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
                    elif _is_candidate(entry.name):
                        yield name
        except OSError as error:
            if problem is not None:
                problem(here, error.strerror or str(error))


def _git_files(folder: str) -> list[str] | None:
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
        if _is_candidate(name) and SKIPPED.isdisjoint(name.split("/")):
            names.append(name)
    return names


def promising(data: bytes) -> bool:
    """Can a file whose name says nothing be a buildspec? Cheap, and true for few others."""
    return ((b"\nphases:" in data or data.startswith(b"phases:")) and b"commands" in data) or (
        b"build-" in data and (b"\nbatch:" in data or data.startswith(b"batch:"))
    )


# --- kinds ------------------------------------------------------------------------------------

#: The keys of a buildspec that no other file puts together.
_TELLING = frozenset(
    (
        "artifacts",
        "batch",
        "cache",
        "env",
        "environment_variables",
        "phases",
        "proxy",
        "reports",
        "run-as",
    )
)
_PHASES = frozenset(("install", "pre_build", "build", "post_build"))
_IN_PHASE = ("commands", "finally", "runtime-versions", "on-failure", "run-as")
_BATCHES = ("build-list", "build-matrix", "build-graph", "build-fanout")
#: Keys of other products whose files are named like ours and have no `phases` at the top:
#: Oracle DevOps, Amplify hosting, AWS deep learning containers, OBS plugins, buildtest, workflows
#: of GitHub, Kubernetes.
_FOREIGN = frozenset(
    (
        "apiVersion",
        "applications",
        "backend",
        "buildVersion",
        "buildspec_pointer",
        "buildspecs",
        "component",
        "configVersion",
        "containers",
        "frontend",
        "images",
        "jobs",
        "platformConfig",
        "repository_info",
        "uuids",
    )
)
#: The default name: CodeBuild reads this file whatever is in it.
_DEFAULT = ("buildspec.yml", "buildspec.yaml", "<stdin>")


def kind_of(path: str, text: str, root: Node | None, explicit: bool = True) -> str | None:
    """`"buildspec"`, or None for a file that is none of ours.

    `root` is the tree as far as it could be read; where it says nothing, the lines of the text
    decide. A file called `buildspec.yml` is ours whatever is in it, since CodeBuild will read it,
    unless it is clearly another product's; so is any YAML file with "buildspec" in its name that
    the user named (`explicit`) and of which nothing can be read.
    """
    name = os.path.basename(path).lower()
    keys = _keys(root)
    if "phases" not in keys and "batch" not in keys and (root is None or "phases" in text):
        for key, value in _keys_of_lines(text).items():
            keys.setdefault(key, value)
    if name in _DEFAULT:
        return None if _is_foreign(keys) else "buildspec"
    if looks_named(name):
        broken = explicit and root is None and not keys and not name.endswith(".json")
        return "buildspec" if broken or _is_probably_ours(keys, name) else None
    return "buildspec" if _is_certainly_ours(keys) else None


def _keys(root: Node | None) -> dict[str, Node | str]:
    """The top-level keys and their values."""
    from .syntax.tree import Mapping

    if not isinstance(root, Mapping):
        return {}
    return {name: value for name, _, value in root.items()}


def _keys_of_lines(text: str) -> dict[str, Node | str]:
    """`word: rest` at the start of lines, for texts that are no YAML."""
    found: dict[str, Node | str] = {}
    for line in text[:100_000].splitlines():
        word, colon, rest = line.partition(":")
        word = word.rstrip().strip("\"'\ufeff")
        if colon and 2 < len(word) < 30 and word[0].isalpha() and " " not in word:
            found.setdefault(word, rest.partition(" #")[0].strip())
    return found


def _text(value: Node | str | None) -> str:
    return value if isinstance(value, str) else getattr(value, "value", "")


def _versioned(keys: dict[str, Node | str]) -> bool:
    """Is there a version that only a buildspec has?"""
    return _text(keys.get("version")).strip("\"'") in ("0.1", "0.2", "0.20", "0.10")


def _has(value: Node | str | None, wanted: Iterable[str]) -> bool:
    """Is it a mapping with one of these keys?"""
    from .syntax.tree import Mapping

    return isinstance(value, Mapping) and any(name in value for name in wanted)


def _is_foreign(keys: dict[str, Node | str]) -> bool:
    """Is it clearly another product's file?"""
    if "phases" in keys or _has(keys.get("batch"), _BATCHES):
        return False
    return not _FOREIGN.isdisjoint(keys) or _has(keys.get("test"), ("phases",))


def _is_probably_ours(keys: dict[str, Node | str], name: str) -> bool:
    """For a file with "buildspec" in its name: does the content speak for it?"""
    if _is_foreign(keys) or "AWSTemplateFormatVersion" in keys:
        return False
    if _versioned(keys) or not (_TELLING | _PHASES).isdisjoint(keys):
        return True
    if name.endswith(".json"):
        return False
    from .wording import closest

    return any(closest(key, _TELLING) for key in list(keys)[:50])


def _is_certainly_ours(keys: dict[str, Node | str]) -> bool:
    """For a file of any name: the phases or the batch of a buildspec, in its own words."""
    from .syntax.tree import Mapping

    phases = keys.get("phases")
    if isinstance(phases, Mapping):
        inside = [value for name, _, value in phases.items() if name in _PHASES]
        if inside and (_versioned(keys) or any(_has(value, _IN_PHASE) for value in inside)):
            return True
    if not _versioned(keys) or _is_foreign(keys):
        return False
    if _has(keys.get("batch"), _BATCHES):
        return True
    from .wording import closest

    return any(closest(key, ("phases",)) for key in list(keys)[:50])
