"""The structures of a zip, written in one pass.

Nothing in them depends on the day or the machine: times are 1980-01-01, the origin is Unix, there are no extra fields
but those of zip64. Sources: PKWARE's APPNOTE 6.3.10 (§4.3, §4.4, §4.5.3), CodePipeline's quotas for S3 sources.
"""

from __future__ import annotations

import hashlib
import struct

from .entry import LINK
from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from .compress import Bytes
    from .entry import Hash

#: What CodePipeline takes from an S3 source. Source: its quotas.
MAX_SIZE = 7 * 1024**3
MAX_FILES = 100_000
#: How much is written or read at a time, in bytes.
_BUFFER = 1024**2
#: From here on the fields of 32 and 16 bits do not suffice (tests lower it).
ZIP64 = 0xFFFFFFFF
ZIP64_COUNT = 0xFFFF
_STORED, _DEFLATED = 0, 8
_DATE = 0x21  # 1980-01-01
_UTF8 = 0x800
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")


class Placed:
    """Where an entry's content is in the zip, and in which form."""

    __slots__ = ("adler", "at", "crc", "is_deflated", "mode", "offset", "packed", "path", "size")

    def __init__(self, path: str, mode: int, offset: int, at: int, size: int) -> None:
        self.path = path
        self.mode = mode
        #: Of its header, and of its content.
        self.offset = offset
        self.at = at
        self.size = size
        self.packed = 0
        self.crc = 0
        #: Adler-32 of the content, which git's packs ask for.
        self.adler = 1
        self.is_deflated = False


class Zip:
    """The file as it grows. `placed` are the entries so far."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.placed: list[Placed] = []
        self.at = 0
        self._held: list[Bytes] = []
        self._held_size = 0
        self._read = b""
        self._read_from = 0
        #: SHA-256 of what was written, as long as nothing was written twice.
        self._summary: Hash | None = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of the whole, in hexadecimal; "" if the file has to be read for it."""
        return self._summary.hexdigest() if self._summary is not None else ""

    def whole(self, path: str, mode: int, size: int, crc: int, data: Bytes, is_deflated: bool) -> Placed:
        """An entry whose content is there, as it is to be written. `size` is that of the content itself."""
        placed = self._begin(path, mode, size)
        placed.packed, placed.crc, placed.is_deflated = len(data), crc, is_deflated
        self._put(self._header(placed))
        placed.at = self.at
        self._put(data)
        return placed

    def stream(
        self, path: str, mode: int, size: int, parts: Iterable[tuple[bytes, int]], is_deflated: bool
    ) -> Placed:
        """An entry whose content comes in parts: `(as it is to be written, checksum of the content so far)`."""
        placed = self._begin(path, mode, size)
        placed.is_deflated = is_deflated
        self._flush()
        self._put(self._header(placed))
        placed.at = self.at
        for data, placed.crc in parts:
            self._put(data)
        placed.packed = self.at - placed.at
        self._flush()
        # Only now are its size and its checksum known.
        self._summary = None
        self.file.seek(placed.offset)
        _write_all(self.file, self._header(placed))
        self.file.seek(self.at)
        return placed

    def content(self, placed: Placed) -> Iterator[bytes]:
        """What stands in the zip for an entry that was written, deflated as it may be."""
        at, end = placed.at, placed.at + placed.packed
        while at < end:
            if not self._read_from <= at < self._read_from + len(self._read):
                self._read_from, self._read = at, self._again(at)
            inside = at - self._read_from
            data = self._read[inside : inside + end - at]
            yield data
            at += len(data)

    def _again(self, at: int) -> bytes:
        """A piece of what was written; entries are asked for one after another."""
        self._flush()
        here = self.file.tell()
        self.file.seek(at)
        data = self.file.read(_BUFFER)
        self.file.seek(here)
        if not data:
            raise PackageError("the zip was cut while it was written")
        return data

    def close(self) -> int:
        """Write the directory at the end; the size of the zip, in bytes."""
        start = self.at
        for placed in self.placed:
            self._put(self._directory(placed))
        size, count = self.at - start, len(self.placed)
        if start >= ZIP64 or size >= ZIP64 or count >= ZIP64_COUNT:
            end = self.at
            self._put(_END64.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start))
            self._put(_LOCATOR.pack(b"PK\6\7", 0, end, 1))
        self._put(
            _END.pack(
                b"PK\5\6",
                0,
                0,
                min(count, 0xFFFF) if count < ZIP64_COUNT else 0xFFFF,
                min(count, 0xFFFF) if count < ZIP64_COUNT else 0xFFFF,
                size if size < ZIP64 else 0xFFFFFFFF,
                start if start < ZIP64 else 0xFFFFFFFF,
                0,
            )
        )
        self._flush()
        return self.at

    def _begin(self, path: str, mode: int, size: int) -> Placed:
        placed = Placed(path, mode, self.at, self.at, size)
        self.placed.append(placed)
        if len(self.placed) > MAX_FILES:
            raise PackageError(
                f"there are more than {MAX_FILES:,} files, those of .git counted in, and CodePipeline takes no more "
                "from S3; leave some out with --exclude"
            )
        return placed

    def _put(self, data: Bytes) -> None:
        self._held.append(data)
        self._held_size += len(data)
        self.at += len(data)
        if self.at > MAX_SIZE:
            raise PackageError(
                f"the zip is larger than {MAX_SIZE / 1024**3:g} GB, which is all that CodePipeline takes from S3; "
                "leave files out with --exclude, or the history with --git none"
            )
        if self._held_size > _BUFFER:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            data = b"".join(self._held)
            if self._summary is not None:
                self._summary.update(data)
            _write_all(self.file, data)
            self._held, self._held_size = [], 0

    def _header(self, placed: Placed) -> bytes:
        name, flags = _name(placed.path)
        # The room for zip64 has to be there before the size is known: by the content's, which is.
        wide = placed.size >= ZIP64 - ZIP64 // 16 or placed.packed >= ZIP64
        extra = struct.pack("<2H2Q", 1, 16, placed.size, placed.packed) if wide else b""
        return (
            _LOCAL.pack(
                b"PK\3\4",
                45 if wide else 20,
                flags,
                _DEFLATED if placed.is_deflated else _STORED,
                0,
                _DATE,
                placed.crc,
                0xFFFFFFFF if wide else placed.packed,
                0xFFFFFFFF if wide else placed.size,
                len(name),
                len(extra),
            )
            + name
            + extra
        )

    def _directory(self, placed: Placed) -> bytes:
        name, flags = _name(placed.path)
        wide = [value for value in (placed.size, placed.packed, placed.offset) if value >= ZIP64]
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        mode = placed.mode | 0o777 if placed.mode == LINK else placed.mode
        return (
            _CENTRAL.pack(
                b"PK\1\2",
                (3 << 8) | (45 if wide else 20),
                45 if wide else 20,
                flags,
                _DEFLATED if placed.is_deflated else _STORED,
                0,
                _DATE,
                placed.crc,
                placed.packed if placed.packed < ZIP64 else 0xFFFFFFFF,
                placed.size if placed.size < ZIP64 else 0xFFFFFFFF,
                len(name),
                len(extra),
                0,
                0,
                0,
                mode << 16,
                placed.offset if placed.offset < ZIP64 else 0xFFFFFFFF,
            )
            + name
            + extra
        )


def _name(path: str) -> tuple[bytes, int]:
    return (path.encode("ascii"), 0) if path.isascii() else (path.encode("utf-8"), _UTF8)


def _write_all(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
