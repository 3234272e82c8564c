"""A clean `.git` for the package, built fresh: nothing in it comes from the clone's own settings.

It holds the objects of one commit (`shallow`) or of its history (`full`), a branch, the tags that point into it, an
index and a minimal configuration. Sources of the formats: git's documentation (gitformat-pack, gitformat-index,
gitrepository-layout).

For a shallow one nothing is compressed twice: a pack stores each object as a zlib stream, which is the raw deflate
that the zip has already, between two bytes in front and a checksum behind. So the pack is read from the zip itself
while that is written. A full one is made by `git pack-objects`, in a repository of its own that only borrows the
objects, and with nothing reused: so its bytes do not hang on how the clone was packed.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib

from .entry import FILE
from .errors import PackageError
from .git import CHUNK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .compress import Compressor
    from .files import Tree
    from .git import Git
    from .zip_format import Placed, Zip

_TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_CONFIG = "[core]\n\trepositoryformatversion = {}\n\tfilemode = true\n\tbare = false\n"
#: The ref of a commit that no branch is known for: git wants a folder `refs`.
_NAMELESS = "refs/packaged/head"
_MOST_NESTED_TAG = 10


class GitFile:
    """A file of `.git` that is given by its bytes."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = ".git/" + path
        self.mode = FILE
        self.data = data

    @property
    def size(self) -> int:
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, len(self.data), CHUNK):
            yield self.data[at : at + CHUNK]


class Wish:
    """What `.git` is to be: `depth` `shallow` or `full`, `branch` None for a detached HEAD, and its only remote."""

    def __init__(self, depth: str, commit: str, branch: str | None, remote: str | None) -> None:
        self.depth = depth
        self.commit = commit
        self.branch = branch
        self.remote = remote


def refuse_remote(url: str) -> None:
    """Let no remote in that holds a name or a password, or that could mean something else in the configuration.

    Raises:
        PackageError: With the reason; the address itself is not repeated.
    """
    if not url or not url.isprintable() or any(char in url for char in '"\\ '):
        raise PackageError("--git-remote: the address holds blanks, quotes or control characters")
    if url.startswith("-") or "::" in url:
        raise PackageError("--git-remote: write an https or ssh address")
    scheme, found, rest = url.partition("://")
    if found:
        authority = rest.partition("/")[0].partition("?")[0].partition("#")[0]
        user = authority.rpartition("@")[0]
        if user and (scheme not in ("ssh", "git+ssh") or user != "git"):
            raise PackageError("--git-remote: the address holds a user or a password; write it without")
    elif "@" in url.partition("/")[0] and not url.startswith("git@"):
        raise PackageError("--git-remote: the address holds a user; write it without")


class GitFolder:
    """Makes the entries of `.git`, at the end of the zip."""

    def __init__(self, git: Git, wish: Wish, tree: Tree) -> None:
        self.git = git
        self.wish = wish
        self.tree = tree
        self.folder: str | None = None
        if wish.branch is not None and not git.is_branch_name(wish.branch):
            wish.branch = None
        if wish.depth == "full" and git.is_shallow:
            raise PackageError(
                "--git full needs the whole history, and this clone is shallow; fetch it with `git fetch --unshallow` "
                "(in CodeBuild: git clone depth 0; in GitHub Actions: fetch-depth: 0)"
            )

    def entries(self, packs: Iterable[GitFile | Spooled | Pack]) -> Iterator[GitFile | Spooled | Pack]:
        """Every file, given those of the packs; each is written before the next is asked for."""
        wish = self.wish
        sha256 = self.git.object_format == "sha256"
        config = _CONFIG.format(1 if sha256 else 0)
        if sha256:
            config += "[extensions]\n\tobjectformat = sha256\n"
        if wish.remote is not None:
            config += (
                f'[remote "origin"]\n\turl = {wish.remote}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
            )
        branch = f"refs/heads/{wish.branch}" if wish.branch is not None else None
        yield GitFile("HEAD", f"ref: {branch}\n".encode() if branch else f"{wish.commit}\n".encode())
        yield GitFile("config", config.encode())
        yield GitFile("index", self._index())
        yield from packs
        refs = self._packed_refs()
        if refs:
            yield GitFile("packed-refs", refs)
        yield GitFile(branch or _NAMELESS, f"{wish.commit}\n".encode())
        if wish.depth == "shallow" and self._has_parents():
            yield GitFile("shallow", f"{wish.commit}\n".encode())

    def _has_parents(self) -> bool:
        _, data = self.git.object(self.wish.commit)
        return b"\nparent " in data.partition(b"\n\n")[0]

    # --- tags ------------------------------------------------------------------------------------

    def tags(self) -> list[tuple[str, list[str], str]]:
        """`(name, objects of the tag, commit)` of the tags that point into what is packed."""
        inside = {self.wish.commit} if self.wish.depth == "shallow" else self.git.history(self.wish.commit)
        found = []
        for name, oid in self.git.tags():
            objects: list[str] = []
            at: str | None = oid
            while at is not None and at not in inside and len(objects) < _MOST_NESTED_TAG:
                kind, data = self.git.object(at)
                if kind != "tag":
                    at = None
                else:
                    objects.append(at)
                    at = data.partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")
            if at in inside and at is not None:
                found.append((name, objects, at))
        return sorted(found)

    def _packed_refs(self) -> bytes:
        lines = []
        for name, objects, commit in self.tags():
            lines.append(f"{objects[0] if objects else commit} {name}\n")
            if objects:
                lines.append(f"^{commit}\n")
        if not lines:
            return b""
        return os.fsencode("# pack-refs with: peeled fully-peeled sorted \n" + "".join(lines))

    # --- the index -------------------------------------------------------------------------------

    def _index(self) -> bytes:
        """Version 2; 3 if files are left out, which git is then told not to miss.

        The facts of the files are zeros: git compares the contents once, and notes them.
        """
        packed = {blob.path for blob in self.tree.blobs}
        lines = self.tree.lines
        missing = [line.path for line in lines if line.size >= 0 and line.path not in packed]
        absent = set(missing)
        parts = [struct.pack(">4sLL", b"DIRC", 3 if absent else 2, len(lines))]
        for line in lines:
            name = line.path.encode()
            flags = min(len(name), 0xFFF)
            extended = b""
            if line.path in absent:
                flags |= 0x4000
                extended = b"\x40\x00"  # skip-worktree
            entry = (
                struct.pack(">10L", 0, 0, 0, 0, 0, 0, line.mode, 0, 0, 0)
                + bytes.fromhex(line.oid)
                + struct.pack(">H", flags)
                + extended
                + name
            )
            parts.append(entry + b"\0" * (8 - len(entry) % 8))
        data = b"".join(parts)
        return data + hashlib.new(self.git.object_format, data).digest()

    # --- shallow ---------------------------------------------------------------------------------

    def shallow_pack(self, made: Zip, compressor: Compressor) -> Iterator[GitFile | Pack]:
        """The pack of one commit and its index. `made` begins with the blobs of the tree, in their order."""
        pack = Pack(self.git.object_format, self.wish.commit)
        contents = {blob.oid: placed for blob, placed in zip(self.tree.blobs, made.placed, strict=False)}
        for oid, placed in contents.items():
            pack.add_placed(oid, made, placed)
        others = [*self.tree.trees, self.wish.commit]
        for _, objects, _ in self.tags():
            others += objects
        for oid in dict.fromkeys(others):
            kind, data = self.git.object(oid)
            pack.add(oid, kind, data, compressor)
        yield pack
        yield pack.index()

    # --- full ------------------------------------------------------------------------------------

    def full_pack(self, folder: str) -> list[Spooled]:
        """The pack of the whole history and its index, made in a folder that the caller removes."""
        tags = [oid for _, objects, _ in self.tags() for oid in objects]
        stem = self.git.pack(folder, self.wish.commit, tags)
        name = f"objects/pack/pack-{self.wish.commit}"
        return [Spooled(f"{name}.idx", stem + ".idx"), Spooled(f"{name}.pack", stem + ".pack")]


class Spooled:
    """A file of `.git` that lies in a temporary folder."""

    def __init__(self, path: str, place: str) -> None:
        self.path = ".git/" + path
        self.mode = FILE
        self.place = place
        self.size = os.stat(place).st_size

    def chunks(self) -> Iterator[bytes]:
        with open(self.place, "rb") as file:
            while data := file.read(CHUNK):
                yield data


class _Object:
    """One object of a pack: its head and tail, and between them bytes that are here, or in the zip."""

    __slots__ = ("crc", "head", "made", "offset", "oid", "placed", "tail")

    def __init__(self, oid: str, head: bytes, tail: bytes, made: Zip | None, placed: Placed | None) -> None:
        self.oid = oid
        self.head = head
        self.tail = tail
        self.made = made
        self.placed = placed
        self.crc = 0
        self.offset = 0

    @property
    def size(self) -> int:
        inside = 0
        if self.placed is not None:
            inside = self.placed.packed
            if not self.placed.is_deflated:
                inside += 5 * max(1, -(-inside // 0xFFFF))
        return len(self.head) + inside + len(self.tail)

    def chunks(self) -> Iterator[bytes]:
        yield self.head
        if self.placed is not None and self.made is not None:
            inside = self.made.content(self.placed)
            yield from inside if self.placed.is_deflated else _as_blocks(inside, self.placed.packed)
        yield self.tail


class Pack:
    """A pack without deltas, written as a stream."""

    mode = FILE

    def __init__(self, object_format: str, name: str) -> None:
        self.object_format = object_format
        self.path = f".git/objects/pack/pack-{name}.pack"
        self.objects: list[_Object] = []
        self._trailer = b""

    def add(self, oid: str, kind: str, data: bytes, compressor: Compressor) -> None:
        stream = zlib.compress(data, compressor.level or 1)
        self.objects.append(_Object(oid, _head(kind, len(data)) + stream, b"", None, None))

    def add_placed(self, oid: str, made: Zip, placed: Placed) -> None:
        # 0x789C: deflate, a window of 32 KiB. Source: RFC 1950, §2.2.
        head = _head("blob", placed.size) + b"\x78\x9c"
        self.objects.append(_Object(oid, head, placed.adler.to_bytes(4, "big"), made, placed))

    @property
    def size(self) -> int:
        width = hashlib.new(self.object_format).digest_size
        return 12 + sum(one.size for one in self.objects) + width

    def chunks(self) -> Iterator[bytes]:
        summary = hashlib.new(self.object_format)
        start = struct.pack(">4sLL", b"PACK", 2, len(self.objects))
        summary.update(start)
        yield start
        at = len(start)
        held: list[bytes] = []
        size = 0
        for one in self.objects:
            one.offset, one.crc = at, 0
            for data in one.chunks():
                one.crc = zlib.crc32(data, one.crc)
                at += len(data)
                size += len(data)
                held.append(data)
                if size >= CHUNK:
                    joined = b"".join(held)
                    held, size = [], 0
                    summary.update(joined)
                    yield joined
        joined = b"".join(held)
        summary.update(joined)
        yield joined
        self._trailer = summary.digest()
        yield self._trailer

    def index(self) -> GitFile:
        """The index of the pack, after it has been written."""
        objects = sorted(self.objects, key=lambda one: one.oid)
        counts = [0] * 256
        for one in objects:
            counts[int(one.oid[:2], 16)] += 1
        total, fanout = 0, []
        for count in counts:
            total += count
            fanout.append(total)
        large: list[int] = []
        offsets = []
        for one in objects:
            if one.offset < 0x80000000:
                offsets.append(one.offset)
            else:
                offsets.append(0x80000000 | len(large))
                large.append(one.offset)
        data = b"".join(
            (
                b"\xfftOc" + struct.pack(">L256L", 2, *fanout),
                b"".join(bytes.fromhex(one.oid) for one in objects),
                struct.pack(f">{len(objects)}L", *(one.crc for one in objects)),
                struct.pack(f">{len(objects)}L", *offsets),
                struct.pack(f">{len(large)}Q", *large),
                self._trailer,
            )
        )
        data += hashlib.new(self.object_format, data).digest()
        return GitFile(self.path.removeprefix(".git/").removesuffix(".pack") + ".idx", data)


def _head(kind: str, size: int) -> bytes:
    """Type and size in front of an object. Source: gitformat-pack."""
    byte = (_TYPES[kind] << 4) | (size & 15)
    size >>= 4
    found = bytearray()
    while size:
        found.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    found.append(byte)
    return bytes(found)


def _as_blocks(parts: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Content as deflate that is not compressed: blocks of 65,535 bytes. Source: RFC 1951, §3.2.4."""
    if size == 0:
        yield b"\1\0\0\xff\xff"
        return
    rest = bytearray()
    left = size
    for data in parts:
        rest += data
        while len(rest) >= 0xFFFF or (rest and len(rest) == left):
            block = bytes(rest[:0xFFFF])
            del rest[:0xFFFF]
            left -= len(block)
            yield struct.pack("<BHH", 0 if left else 1, len(block), len(block) ^ 0xFFFF) + block
