"""Which files go into the package: those of a commit, or those of a folder as they are."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat

from ..globs import matches
from .entry import FILE, LINK, PROGRAM
from .errors import PackageError
from .git import CHUNK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .entry import Entry, Hash
    from .git import Git

#: Larger files than this, in bytes, are read from git only, in pieces.
_ON_DISK = 64 * CHUNK
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
#: No link is longer.
_LONGEST_LINK = 4096
_LFS = b"version https://git-lfs.github.com/spec/"


def naming(size: int, object_format: str = "sha1") -> Hash:
    """The hash with which git names a content of some bytes."""
    head = b"blob %d\0" % size
    return hashlib.sha1(head, usedforsecurity=False) if object_format == "sha1" else hashlib.sha256(head)


class Listing:
    """`entries`, by their paths' bytes; `notes`, sentences about what the user may not expect.

    `commit` is the commit whose files these are, or that the work tree stands on; None without git.
    """

    def __init__(self, entries: Sequence[Entry], notes: list[str], commit: str | None) -> None:
        self.entries = entries
        self.notes = notes
        self.commit = commit


class Tree:
    """What a commit holds: `lines` in git's order, `trees` by their names, and the `blobs` that are wanted."""

    def __init__(self, lines: list[TreeLine], trees: list[str], blobs: list[Blob]) -> None:
        self.lines = lines
        self.trees = trees
        self.blobs = blobs


# --- of a commit ---------------------------------------------------------------------------------------


class Blob:
    """A file or link of a commit.

    Its content is read from the work tree, which is faster, if that has it unchanged: what is read there counts only
    if it has the name that git gives to the content. Otherwise git is asked.
    """

    __slots__ = ("_git", "_place", "mode", "oid", "path", "size")

    def __init__(self, path: str, mode: int, size: int, oid: str, git: Git, place: str | None) -> None:
        self.path = path
        self.mode = mode
        self.size = size
        self.oid = oid
        self._git = git
        self._place = place

    def content(self) -> bytes:
        data = self._from_disk()
        if data is None:
            kind, data = self._git.object(self.oid)
            if kind != "blob":
                raise PackageError(f"{self.path}: the repository is damaged, its content is a {kind}")
        return data

    def chunks(self) -> Iterator[bytes]:
        if self.size <= _ON_DISK:
            data = self.content()
            for at in range(0, len(data), CHUNK):
                yield data[at : at + CHUNK]
            return
        with self._git.large(self.oid) as stream:
            yield from stream.read()

    def _from_disk(self) -> bytes | None:
        """The content of the file in the work tree; None if it is another, or no file."""
        if self._place is None or self.mode == LINK or self.size > _ON_DISK:
            return None
        try:
            handle = os.open(self._place, _READ)
        except (OSError, ValueError):
            return None
        try:
            # One byte more would tell that it has grown.
            data = os.read(handle, self.size + 1)
            while len(data) < self.size and (more := os.read(handle, self.size + 1 - len(data))):
                data += more
        except OSError:
            return None
        finally:
            os.close(handle)
        if len(data) != self.size:
            return None
        name = self.naming()
        name.update(data)
        return data if name.digest() == self.known else None

    @property
    def known(self) -> bytes | None:
        return bytes.fromhex(self.oid)

    def naming(self) -> Hash:
        return naming(self.size, self._git.object_format)


class TreeLine:
    """One line of a tree: `mode`, `oid`, `path`; `size` in bytes, -1 for a submodule."""

    __slots__ = ("mode", "oid", "path", "size")

    def __init__(self, mode: int, oid: str, size: int, path: str) -> None:
        self.mode = mode
        self.oid = oid
        self.size = size
        self.path = path


def tree_of(git: Git, commit: str) -> tuple[list[TreeLine], list[str]]:
    """Every file, link and submodule of a commit in the order of the paths' bytes; and the trees that hold them."""
    found = []
    trees = [git.run("rev-parse", commit + "^{tree}").decode().strip()]
    for line in git.run("ls-tree", "-r", "-t", "-z", "--long", "--full-tree", commit).split(b"\0"):
        if not line:
            continue
        facts, _, raw = line.partition(b"\t")
        mode, kind, oid, size = facts.split()
        if kind == b"tree":
            trees.append(oid.decode())
            continue
        try:
            path = raw.decode()
        except UnicodeDecodeError:
            raise PackageError(f"{ascii(raw)[1:]}: the name of the file is not in UTF-8; rename it") from None
        if not size.isdigit() and size != b"-":
            raise git.missing(f"the content of {path} and maybe others")
        found.append(TreeLine(int(mode, 8), oid.decode(), -1 if size == b"-" else int(size), path))
    return found, list(dict.fromkeys(trees))


def wanted_tree(git: Git, commit: str, include: Sequence[str], exclude: Sequence[str]) -> Tree:
    """A commit's files as git keeps them: no filter is run, and `export-ignore` is not looked at.

    Raises:
        PackageError: A path or a link leads out of the tree, or objects are missing.
    """
    blobs: list[Blob] = []
    lines, trees = tree_of(git, commit)
    for line in lines:
        if line.size < 0 or not _is_wanted(line.path, include, exclude):
            continue
        _refuse_path(line.path)
        mode = LINK if line.mode == LINK else PROGRAM if line.mode & 0o111 else FILE
        blob = Blob(line.path, mode, line.size, line.oid, git, f"{git.root}{os.sep}{line.path}")
        if mode == LINK:
            _refuse_link(blob.path, _target(git, blob))
        blobs.append(blob)
    return Tree(lines, trees, blobs)


def of_commit(git: Git, commit: str, tree: Tree) -> Listing:
    """The files of a commit, and what the user may not expect of them."""
    packed = {blob.path for blob in tree.blobs}
    submodules = [line.path for line in tree.lines if line.size < 0]
    attributes = [blob for blob in tree.blobs if posixpath.basename(blob.path) == ".gitattributes"]
    notes = _notes(submodules, _pointers(git, tree.blobs, attributes))
    left_out = sum(1 for line in tree.lines if line.size >= 0 and line.path not in packed)
    if left_out:
        notes.append(f"{_files(left_out)} of the commit {'is' if left_out == 1 else 'are'} left out")
    return Listing(tree.blobs, notes, commit)


def of_changes(count: int) -> str:
    """What to say of a work tree that is not the commit."""
    return (
        f"{_files(count)} of the work tree {'differs' if count == 1 else 'differ'} from the commit that is packed "
        "(--working-tree packs the files as they are)"
    )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _target(git: Git, blob: Blob) -> str:
    if blob.size > _LONGEST_LINK:
        raise PackageError(f"{blob.path}: the link's target is longer than {_LONGEST_LINK} bytes")
    return os.fsdecode(git.object(blob.oid)[1])


def _pointers(git: Git, blobs: Sequence[Blob], attributes: Sequence[Blob]) -> list[str]:
    """The files of which git has only what Git LFS left in their place."""
    if not any(b"filter=lfs" in git.object(blob.oid)[1] for blob in attributes if blob.size < CHUNK):
        return []
    # Such a text has three lines: a version, a hash, a size.
    small = [blob for blob in blobs if 100 < blob.size < 400 and blob.mode != LINK]
    return [blob.path for blob in small if git.object(blob.oid)[1].startswith(_LFS)]


def _notes(submodules: list[str], pointers: list[str]) -> list[str]:
    notes = []
    if submodules:
        notes.append(
            f"the submodule{'s' * (len(submodules) > 1)} {_some(submodules)} are not in the commit itself and stay "
            "empty (--working-tree packs their files)"
        )
    if pointers:
        notes.append(
            f"{_some(pointers)}: only Git LFS's pointer is in the commit, not the content (after `git lfs pull`, "
            "--working-tree packs the content)"
        )
    return notes


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


# --- of a folder ---------------------------------------------------------------------------------------


class OnDisk:
    """A file or link of a folder, as it was when the folder was listed."""

    __slots__ = ("_changed", "_format", "_place", "mode", "path", "size")

    def __init__(
        self, path: str, place: str, facts: os.stat_result, target: str | None, object_format: str
    ) -> None:
        self._format = object_format
        self.path = path
        self._place = place
        self._changed = facts.st_mtime_ns
        if target is not None:
            self.mode = LINK
            self.size = len(os.fsencode(target))
        else:
            self.mode = PROGRAM if facts.st_mode & 0o100 else FILE
            self.size = facts.st_size

    @property
    def known(self) -> bytes | None:
        return None

    def naming(self) -> Hash:
        return naming(self.size, self._format)

    def content(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        if self.mode == LINK:
            try:
                target = os.readlink(self._place)
            except OSError as error:
                raise PackageError(f"{self.path}: {error.strerror}") from None
            _refuse_link(self.path, target)
            yield os.fsencode(target.replace(os.sep, "/"))
            return
        try:
            handle = os.open(self._place, _READ)
        except OSError as error:
            raise PackageError(f"{self.path}: cannot be read: {error.strerror}") from None
        try:
            yield from self._pieces(handle)
        except OSError as error:
            raise PackageError(f"{self.path}: cannot be read: {error.strerror}") from None
        finally:
            os.close(handle)

    def _pieces(self, handle: int) -> Iterator[bytes]:
        left = self.size
        while left:
            data = os.read(handle, min(left, CHUNK))
            if not data:
                break
            left -= len(data)
            yield data
        facts = os.fstat(handle)
        if (
            left
            or facts.st_size != self.size
            or facts.st_mtime_ns != self._changed
            or not stat.S_ISREG(facts.st_mode)
        ):
            raise PackageError(
                f"{self.path}: the file changed while it was read; try again when nothing writes to it"
            )


def of_folder(
    folder: str, git: Git | None, include: Sequence[str], exclude: Sequence[str], without: str = ""
) -> Listing:
    """The files of a folder as they are: with git those that it tracks or would track, else all but `.git`.

    `without` is the path of the zip that is to be written: an older one of that name does not go into it.

    Raises:
        PackageError: A link leads out of the folder, or there is something that is no file.
    """
    root = git.root if git is not None else os.path.abspath(folder)
    names = _known_to_git(git, root) if git is not None else _walk(root)
    found: dict[str, OnDisk] = {}
    own = os.path.relpath(os.path.realpath(without), os.path.realpath(root)) if without else ""
    for name in names:
        if name not in found and name != own.replace(os.sep, "/") and _is_wanted(name, include, exclude):
            entry = _on_disk(root, name, git.object_format if git is not None else "sha1")
            if entry is not None:
                found[name] = entry
    commit = None
    if git is not None:
        try:
            commit = git.commit("HEAD")
        except PackageError:
            commit = None
    ordered = sorted(found.values(), key=lambda entry: os.fsencode(entry.path))
    return Listing(ordered, [], commit)


def _on_disk(root: str, name: str, object_format: str) -> OnDisk | None:
    """A file or link; None for one that git tracks and that is gone."""
    _refuse_path(name)
    place = os.path.join(root, *name.split("/"))
    try:
        facts = os.lstat(place)
        target = os.readlink(place) if stat.S_ISLNK(facts.st_mode) else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PackageError(f"{name}: {error.strerror}") from None
    if target is not None:
        _refuse_link(name, target)
    elif stat.S_ISDIR(facts.st_mode):
        return None
    elif not stat.S_ISREG(facts.st_mode):
        raise PackageError(f"{name}: is neither a file nor a link; leave it out with --exclude")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise PackageError(f"{name!a}: the name of the file is not in UTF-8; rename it") from None
    return OnDisk(name, place, facts, target, object_format)


def _known_to_git(git: Git, root: str, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """What git tracks or would track in a work tree and in its submodules."""
    arguments = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    inside = git if not prefix else type(git)(os.path.join(root, prefix))
    if prefix and os.path.realpath(inside.root) != os.path.realpath(os.path.join(root, prefix)):
        return  # a submodule that is not there: git has found the repository around it
    for raw in inside.run(*arguments).split(b"\0"):
        if not raw:
            continue
        name = os.fsdecode(raw)
        path = posixpath.join(prefix, name) if prefix else name
        place = os.path.join(root, path)
        if os.path.isdir(place) and not os.path.islink(place):
            # A submodule, or a repository that lies in this one.
            if depth < 10 and os.path.lexists(os.path.join(place, ".git")):
                yield from _known_to_git(git, root, path.rstrip("/"), depth + 1)
            continue
        yield path


def _walk(root: str) -> Iterator[str]:
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(os.path.join(root, inside) if inside else root) as entries:
                for entry in entries:
                    name = f"{inside}/{entry.name}" if inside else entry.name
                    if entry.name == ".git":
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(name)
                    else:
                        yield name
        except OSError as error:
            raise PackageError(f"{inside or root}: cannot be read: {error.strerror}") from None


# --- what is wanted, and what is refused -----------------------------------------------------------------


def _is_wanted(path: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    if include and not any(matches(pattern, path) for pattern in include):
        return False
    return not any(matches(pattern, path) for pattern in exclude)


def _refuse_path(path: str) -> None:
    if (
        "/." not in path
        and "//" not in path
        and path[0] not in "./"
        and path[-1] != "/"
        and ".git" not in path.lower()
    ):
        return  # nearly all of them
    parts = path.split("/")
    if path.startswith("/") or "" in parts or ".." in parts or "." in parts:
        raise PackageError(f"{path}: the path leads out of the tree")
    if any(part.lower().rstrip(". ") == ".git" for part in parts):
        raise PackageError(f"{path}: no file of a package may lie in a folder called .git")


def _refuse_link(path: str, target: str) -> None:
    target = target.replace(os.sep, "/")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if ".." in target.lstrip("./").split("/"):
        # The folder before it may be a link itself, and `..` then means what is above that.
        raise PackageError(
            f"{path}: the link's target {target} has `..` behind a folder's name; write it without"
        )
    if not target or target.startswith("/") or joined == ".." or joined.startswith("../") or "\0" in target:
        raise PackageError(
            f"{path}: the link leads out of the tree, to {target or 'nothing'}; leave it out with --exclude"
        )
    if ".git" in joined.lower().split("/"):
        raise PackageError(f"{path}: the link leads into .git; leave it out with --exclude")
