"""The only place that starts git: what a repository holds, read without running anything that it names.

Arguments are lists, variables of the environment that speak of another repository are dropped, and the settings that
start programs (hooks, monitors, filters) are switched off. Replaced and missing objects are neither followed nor
fetched: the same commit is the same everywhere.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading

from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

#: How much is read of a blob at a time, in bytes.
CHUNK = 1024**2
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.preloadIndex=true",
    "protocol.allow=never",
)


class Git:
    """A repository. `root` is the top of its work tree, as an absolute path; `name` the name of that folder."""

    def __init__(self, folder: str) -> None:
        """Find the repository around a folder.

        Raises:
            PackageError: There is no git, no repository, or one that git does not trust.
        """
        self.root = os.path.abspath(folder)
        found = self._text("rev-parse", "--show-toplevel", "--absolute-git-dir", "--show-object-format")
        lines = found.splitlines()
        if len(lines) != 3:
            raise PackageError(f"{folder}: is not in the work tree of a git repository")
        self.root, self.directory, self.object_format = lines
        self._objects: _Objects | None = None

    # --- asking -----------------------------------------------------------------------------------

    def run(self, *arguments: str, settings: Sequence[str] = ()) -> bytes:
        """What a git command prints.

        Raises:
            PackageError: It failed; the message is one line.
        """
        done = self._done(arguments, settings)
        if done.returncode:
            raise self._error(arguments, done.stderr)
        return done.stdout

    def commit(self, ref: str) -> str:
        """The whole name of the commit that a branch, tag or shortened name means."""
        done = self._done(("rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"))
        name = done.stdout.decode().strip()
        if done.returncode == 0 and name:
            return name
        if ref == "HEAD":
            raise PackageError(f"{self.root}: the repository has no commits yet")
        raise PackageError(f"there is no commit, branch or tag `{ref}` in this repository")

    def subject(self, commit: str) -> str:
        """The first line of a commit's message."""
        return (
            self.run("log", "-1", "--no-show-signature", "--format=%s", commit, "--")
            .decode("utf-8", "replace")
            .strip()
        )

    def head_branch(self) -> str | None:
        """The branch that is checked out; None if HEAD is detached."""
        done = self._done(("symbolic-ref", "--quiet", "--short", "HEAD"))
        return os.fsdecode(done.stdout).strip() or None if done.returncode == 0 else None

    def branches_at(self, commit: str, prefix: str) -> list[str]:
        """The branches below `refs/heads/` or `refs/remotes/` that point at a commit, by their whole names."""
        out = self.run("for-each-ref", "--format=%(refname)%00%(symref)", f"--points-at={commit}", prefix)
        found = []
        for line in out.split(b"\n"):
            name, _, symbolic = line.partition(b"\0")
            if name and not symbolic:
                found.append(os.fsdecode(name))
        return found

    def remotes(self) -> list[str]:
        return self._text("remote").split()

    def has_ref(self, name: str) -> bool:
        return self._done(("show-ref", "--verify", "--quiet", name)).returncode == 0

    def tags(self) -> list[tuple[str, str]]:
        """`(whole name, object)` of every tag; the object is that of the tag itself if it is an annotated one."""
        found = []
        for line in self._text("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags").splitlines():
            oid, _, name = line.partition(" ")
            found.append((name, oid))
        return found

    def history(self, commit: str) -> set[str]:
        """A commit and all that came before it."""
        return set(self._text("rev-list", commit, "--").split())

    def is_branch_name(self, name: str) -> bool:
        return self._done(("check-ref-format", f"refs/heads/{name}")).returncode == 0

    def begin_changes(self) -> subprocess.Popen[bytes]:
        """Begin to look how the work tree differs from the index and HEAD; `changes` waits for it."""
        # Filters are programs, which a comparison would run.
        done = self._done(("config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"))
        filters = [f"{name}=" for name in os.fsdecode(done.stdout).split("\0") if name]
        return self.start(
            "status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=dirty", settings=filters
        )

    @staticmethod
    def changes(begun: subprocess.Popen[bytes]) -> int:
        """How many files of the work tree are not as the index and HEAD have them."""
        out, _ = begun.communicate()
        return sum(1 for line in out.split(b"\0") if line)

    @property
    def version(self) -> str:
        return self._text("version").split()[2]

    @property
    def is_shallow(self) -> bool:
        return self._text("rev-parse", "--is-shallow-repository").strip() == "true"

    # --- objects ----------------------------------------------------------------------------------

    def object(self, oid: str) -> tuple[str, bytes]:
        """`(type, content)` of an object. From any thread.

        Raises:
            PackageError: It is not there, as in a shallow or partial clone.
        """
        if self._objects is None:
            self._objects = _Objects(self)
        return self._objects.read(oid)

    def large(self, oid: str) -> Stream:
        """A blob that is too large to be held."""
        return Stream(self, oid)

    def close(self) -> None:
        if self._objects is not None:
            self._objects.close()
            self._objects = None

    def pack(self, folder: str, commit: str, tags: Sequence[str]) -> str:
        """Pack a history and some tags into `folder`, an empty one, without anything else of this repository.

        Returns the path of the pack without its ending.
        """
        listed = os.path.join(folder, "objects")
        with open(listed, "wb") as file:
            process = self.start("rev-list", "--objects", commit, "--", stdout=file)
            _, told = process.communicate()
            if process.returncode:
                raise self._error(("rev-list",), told)
            file.seek(0, os.SEEK_END)
            file.write("".join(f"{oid}\n" for oid in tags).encode())
        objects = os.fsdecode(self.run("rev-parse", "--git-path", "objects")).rstrip("\n")
        objects = os.path.join(self.root, objects)
        own = os.path.join(folder, "own.git")
        for inner in ("objects", "refs"):
            os.makedirs(os.path.join(own, inner))
        is_sha256 = self.object_format == "sha256"
        extension = "[extensions]\n\tobjectformat = sha256\n" if is_sha256 else ""
        for name, text in (
            ("HEAD", "ref: refs/heads/none\n"),
            ("config", f"[core]\n\trepositoryformatversion = {int(is_sha256)}\n\tbare = true\n{extension}"),
        ):
            with open(os.path.join(own, name), "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        environment = self.environment() | {
            "GIT_DIR": own,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(objects),
        }
        command = [
            "git",
            "-c",
            "pack.threads=1",
            "-c",
            "core.compression=6",
            "-c",
            "core.bigFileThreshold=64m",
        ]
        command += ["pack-objects", "--quiet", "--threads=1", "--window=10", "--depth=50", "--compression=6"]
        command += [
            "--no-reuse-delta",
            "--no-reuse-object",
            "--delta-base-offset",
            os.path.join(folder, "made"),
        ]
        try:
            with open(listed, "rb") as names:
                done = subprocess.run(
                    command, stdin=names, cwd=folder, env=environment, capture_output=True, check=False
                )
        except OSError as error:
            raise _not_started(error) from None
        if done.returncode:
            raise self._error(command[command.index("pack-objects") :], done.stderr)
        return os.path.join(folder, "made-" + done.stdout.decode().strip())

    # --- starting ---------------------------------------------------------------------------------

    def command(self, arguments: Sequence[str], settings: Sequence[str] = ()) -> list[str]:
        command = ["git"]
        for setting in (*_SETTINGS, *settings):
            command += ["-c", setting]
        return [*command, *arguments]

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name.startswith(("GIT_CONFIG", "GIT_CEILING", "GIT_EXEC"))
        }
        kept |= {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "LC_ALL": "C",
        }
        return kept

    def start(
        self,
        *arguments: str,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        settings: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self.command(arguments, settings),
                cwd=self.root,
                env=self.environment(),
                stdin=stdin,
                stdout=stdout,
                # What nobody reads at the same time must not fill a pipe.
                stderr=subprocess.DEVNULL if stdout == subprocess.PIPE else subprocess.PIPE,
                bufsize=CHUNK,
            )
        except OSError as error:
            raise _not_started(error) from None

    def _done(
        self, arguments: Sequence[str], settings: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                self.command(arguments, settings),
                cwd=self.root,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise _not_started(error) from None

    def _text(self, *arguments: str) -> str:
        return os.fsdecode(self.run(*arguments))

    def _error(self, arguments: Sequence[str], told: bytes) -> PackageError:
        text = told.decode("utf-8", "replace")
        if "dubious ownership" in text:
            return PackageError(
                f"git does not trust {self.root}, which belongs to another user; if you do: "
                f"git config --global --add safe.directory '{self.root}'"
            )
        if "not a git repository" in text or "must be run in a work tree" in text:
            return PackageError(
                f"{self.root}: is not in a git repository; --working-tree packs the files as they are"
            )
        if any(word in text for word in ("missing", "bad object", "unable to read", "not find")):
            return self.missing("objects of it")
        first = next((line for line in text.splitlines() if line.strip()), "it says nothing more")
        return PackageError(f"git {arguments[0]} failed: {first.removeprefix('fatal: ').strip()[:300]}")

    def missing(self, what: str) -> PackageError:
        return PackageError(
            f"{what} are not in this clone, which is shallow, partial or damaged; fetch them with "
            "`git fetch --unshallow` or `git fetch --refetch`, or clone with the whole depth"
        )


def _not_started(error: OSError) -> PackageError:
    if isinstance(error, FileNotFoundError):
        return PackageError("git is not installed (or the folder is gone)")
    return PackageError(f"git cannot be started: {error.strerror}")


class _Objects:
    """One process that is asked for one object after another."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._lock = threading.Lock()
        self._process = git.start("cat-file", "--batch", stdin=subprocess.PIPE)

    def read(self, oid: str) -> tuple[str, bytes]:
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        with self._lock:
            try:
                process.stdin.write(oid.encode() + b"\n")
                process.stdin.flush()
            except OSError:
                raise self.git.missing(f"the object {oid[:12]} and maybe others") from None
            kind, size = _header(self.git, process.stdout, oid)
            data = process.stdout.read(size)
            process.stdout.read(1)
        if len(data) != size:
            raise self.git.missing(f"the object {oid[:12]} and maybe others")
        return kind, data

    def close(self) -> None:
        _end(self._process)


class Stream:
    """One large object, in pieces; a process of its own."""

    def __init__(self, git: Git, oid: str) -> None:
        self.git = git
        self.oid = oid
        self._process = git.start("cat-file", "blob", oid)

    def read(self) -> Iterator[bytes]:
        """Raises PackageError if it is not there."""
        assert self._process.stdout is not None
        while data := self._process.stdout.read(CHUNK):
            yield data
        if self._process.wait():
            raise self.git.missing(f"the object {self.oid[:12]} and maybe others")

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        _end(self._process)


def _header(git: Git, out: IO[bytes], oid: str) -> tuple[str, int]:
    words = out.readline().split()
    if len(words) != 3:
        raise git.missing(f"the object {oid[:12]} and maybe others")
    return words[1].decode(), int(words[2])


def _quoted(path: str) -> str:
    """A path for a list of paths with `:` between them. Source: git's documentation of the variable."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
