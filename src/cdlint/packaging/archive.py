"""A zip, written in one pass: the content is compressed by several threads, and comes out in order.

`zipfile` of the standard library takes no content that is compressed already, so `zip_format.py` writes the format.
The bytes depend on the entries and the compressor alone, not on the number of threads.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import deque
from contextlib import contextmanager
from itertools import chain

from .errors import PackageError
from .zip_format import MAX_FILES, Zip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from typing import BinaryIO

    from .compress import Bytes, Compressor
    from .entry import Entry, Stored

#: Content up to this size, in bytes, is compressed whole; larger content in parts of the size after it.
WHOLE = 24 * 1024**2
PART = 1024**2
#: Small files are given to the threads together, up to this many bytes and files.
_BATCH = 512 * 1024
_BATCH_FILES = 128
#: How many bytes of content are held at a time.
_HELD = 48 * 1024**2


class Written:
    """What was written.

    `size`: of the zip, in bytes; `digest`: its SHA-256, in hexadecimal; `content_digest`: SHA-256 over the paths,
    modes and git's names of the contents, whatever compressed them; `count`: of the entries; `content_size`: of their
    contents.
    """

    def __init__(
        self, size: int, digest: str, content_digest: str, count: int, content_size: int, compressor: str
    ) -> None:
        self.size = size
        self.digest = digest
        self.content_digest = content_digest
        self.count = count
        self.content_size = content_size
        self.compressor = compressor


class _Packed:
    """One content as a thread gives it back; `digest` is the entry's key for it."""

    __slots__ = ("adler", "crc", "data", "digest", "is_deflated", "size")

    def __init__(
        self, data: Bytes, is_deflated: bool, crc: int, adler: int, size: int, digest: bytes
    ) -> None:
        self.data = data
        self.is_deflated = is_deflated
        self.crc = crc
        self.adler = adler
        self.size = size
        self.digest = digest


def write(
    entries: Sequence[Entry],
    out: str,
    *,
    compressor: Compressor,
    threads: int | None = None,
    late: Callable[[Zip], Iterable[Stored]] | None = None,
    mark: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """Write a zip to the file `out`, which is replaced in one step at the end, or not at all.

    `late` gives entries that are made of what was written before them; they are stored, not compressed. `mark` goes
    into the content's digest in their place. `progress` is told `(bytes done, bytes in all)` of the content.

    Raises:
        PackageError: Two entries have one path, there are too many, the zip gets too large, an entry is not what it
            was when it was listed, or the disk is full. Nothing is left behind then.
    """
    _refuse(entries)
    total = sum(entry.size for entry in entries)
    summary = hashlib.sha256(mark.encode() + b"\0")
    with _replacing(out) as file:
        made = Zip(file)
        done = 0
        for entry, digest in fill(made, entries, compressor, threads):
            summary.update(f"{entry.path}\0{entry.mode:o}\0".encode() + digest)
            done += entry.size
            if progress is not None:
                progress(done, total)
        for part in late(made) if late is not None else ():
            _stored(part, made)
        size = made.close()
        digest_of_zip = made.digest or _digest(file)
    return Written(size, digest_of_zip, summary.hexdigest(), len(made.placed), total, compressor.name)


def fill(
    made: Zip, entries: Sequence[Entry], compressor: Compressor, threads: int | None = None
) -> Iterator[tuple[Entry, bytes]]:
    """Write entries, in order; each with the key of its content."""
    count = threads or cores()
    for entry, packed in _in_order(entries, compressor, count):
        if packed is None:
            digest = _large(entry, made, compressor, count)
        else:
            placed = made.whole(
                entry.path, entry.mode, packed.size, packed.crc, packed.data, packed.is_deflated
            )
            placed.adler = packed.adler
            digest = packed.digest
        yield entry, digest


def cores() -> int:
    """How many threads may run at a time."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def _refuse(entries: Sequence[Entry]) -> None:
    if len(entries) > MAX_FILES:
        raise PackageError(
            f"there are {len(entries):,} files, and CodePipeline takes {MAX_FILES:,} from S3 at most; "
            "leave some out with --exclude"
        )
    seen: set[str] = set()
    for entry in entries:
        path = entry.path
        if path in seen:
            raise PackageError(f"{path}: two entries have this path")
        seen.add(path)
        try:
            too_long = len(path.encode()) > 0xFFFF
        except UnicodeEncodeError:
            raise PackageError(f"{path!a}: the name of the file is not in UTF-8; rename it") from None
        if too_long:
            raise PackageError(f"{path[:60]}…: the path is too long for a zip")


@contextmanager
def _replacing(out: str) -> Iterator[BinaryIO]:
    """A new file beside `out`, put in its place if all went well, and removed if not."""
    import secrets

    real = os.path.realpath(out)
    if os.path.lexists(real) and not os.path.isfile(real):
        raise PackageError(f"{out}: is not a file that could be replaced")
    # The name is chosen before the file is made: a signal may come right behind that, and finds it to be removed.
    temporary = os.path.join(os.path.dirname(real), f".cdlint-{secrets.token_hex(8)}.tmp")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(temporary, flags, 0o600), "w+b", buffering=0) as file:
            yield file
        os.chmod(temporary, _mode(real))
        os.replace(temporary, real)
    except OSError as error:
        raise PackageError(f"{out}: cannot be written: {error.strerror}") from None
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)


def _mode(path: str) -> int:
    """The permissions of the file that is replaced; those of any new file if there is none."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    summary = hashlib.sha256()
    while data := file.read(1024**2):
        summary.update(data)
    return summary.hexdigest()


# --- compressing, in order ---------------------------------------------------------------------------


def _in_order(
    entries: Sequence[Entry], compressor: Compressor, threads: int
) -> Iterator[tuple[Entry, _Packed | None]]:
    """The entries with their contents, in order; None for one whose content is too large to be held.

    This thread writes, the others read and compress.
    """
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[tuple[list[Entry], Future[list[_Packed]], int]] = deque()
    held = 0
    pool = ThreadPoolExecutor(threads)
    try:
        for batch in _batches(entries):
            if batch[0].size > WHOLE:
                while waiting:
                    held -= waiting[0][2]
                    yield from _taken(waiting.popleft())
                yield batch[0], None
                continue
            size = sum(entry.size for entry in batch)
            waiting.append((batch, pool.submit(_pack, batch, compressor), size))
            held += size
            while waiting and (held > _HELD or len(waiting) > 3 * threads or waiting[0][1].done()):
                held -= waiting[0][2]
                yield from _taken(waiting.popleft())
        while waiting:
            yield from _taken(waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _taken(
    one: tuple[list[Entry], Future[list[_Packed]], int],
) -> Iterator[tuple[Entry, _Packed | None]]:
    entries, future, _ = one
    yield from zip(entries, future.result(), strict=True)


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Runs of small entries; large ones alone."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if entry.size > _BATCH:
            if batch:
                yield batch
                batch, size = [], 0
            yield [entry]
            continue
        batch.append(entry)
        size += entry.size
        if size > _BATCH or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _changed(entry: Stored) -> PackageError:
    return PackageError(
        f"{entry.path}: the file changed while it was read; try again when nothing writes to it"
    )


def _named(entry: Entry, data: bytes) -> bytes:
    if entry.known is not None:
        return entry.known
    name = entry.naming()
    name.update(data)
    made: bytes = name.digest()
    return made


def _pack(entries: list[Entry], compressor: Compressor) -> list[_Packed]:
    found = []
    for entry in entries:
        data = entry.content()
        if len(data) != entry.size:
            raise _changed(entry)
        made = compressor.deflate(data)
        found.append(
            _Packed(
                data if made is None else made,
                made is not None,
                compressor.crc32(data, 0),
                compressor.adler32(data, 1),
                len(data),
                _named(entry, data),
            )
        )
    return found


# --- content that is not held as a whole ----------------------------------------------------------------


def _large(entry: Entry, made: Zip, compressor: Compressor, threads: int) -> bytes:
    """Write an entry whose content is too large to be held, part by part; a key of it."""
    contents = _even(entry)
    first = next(contents, b"")
    contents = chain((first,), contents)
    is_deflated = compressor.helps(first)
    name = entry.naming()
    size, adler = 0, 1

    def parts() -> Iterator[tuple[bytes, int]]:
        nonlocal size, adler
        crc = 0
        for data, written in _in_parts(entry, contents, compressor if is_deflated else None, threads):
            size += len(data)
            if size > entry.size:
                raise _changed(entry)
            name.update(data)
            crc = compressor.crc32(data, crc)
            adler = compressor.adler32(data, adler)
            yield written, crc

    placed = made.stream(entry.path, entry.mode, entry.size, parts(), is_deflated)
    placed.adler = adler
    if size != entry.size:
        raise _changed(entry)
    made_of: bytes = name.digest()
    return made_of


def _stored(entry: Stored, made: Zip) -> None:
    """Write an entry as it comes."""

    def parts() -> Iterator[tuple[bytes, int]]:
        crc = 0
        for data in entry.chunks():
            crc = zlib.crc32(data, crc)
            yield data, crc

    if made.stream(entry.path, entry.mode, entry.size, parts(), is_deflated=False).packed != entry.size:
        raise _changed(entry)


def _in_parts(
    entry: Entry, parts: Iterable[bytes], compressor: Compressor | None, threads: int
) -> Iterator[tuple[bytes, bytes]]:
    """`(content, as it is to be written)`, part by part."""
    from concurrent.futures import ThreadPoolExecutor

    if compressor is None:
        for data in parts:
            yield data, data
        return
    waiting: deque[tuple[bytes, Future[bytes]]] = deque()
    pool: Executor = ThreadPoolExecutor(threads)
    left = entry.size
    before = b""
    try:
        for data in parts:
            left -= len(data)
            waiting.append((data, pool.submit(compressor.part, data, before, left <= 0)))
            before = data
            if len(waiting) > 2 * threads:
                data, future = waiting.popleft()
                yield data, future.result()
        while waiting:
            data, future = waiting.popleft()
            yield data, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _even(entry: Entry) -> Iterator[bytes]:
    """The content in parts of equal size, however it comes: the bytes of the zip hang on them."""
    rest = bytearray()
    for chunk in entry.chunks():
        rest += chunk
        while len(rest) >= PART:
            yield bytes(rest[:PART])
            del rest[:PART]
    if rest:
        yield bytes(rest)
