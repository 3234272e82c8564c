"""Deflate, by libdeflate (extra `fast`) or by zlib, with bytes that depend on nothing but the content and the level.

libdeflate takes a text whole and is twice as fast; both let other threads run meanwhile. What the two make differs,
and may differ between their versions, so the name goes along with the package.
"""

from __future__ import annotations

import zlib

from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Bytes = bytes | bytearray | memoryview

#: Content of this size, in bytes, is looked at in some places before all of it is compressed.
_PROBED = 256 * 1024
_PROBE = 16 * 1024


class Compressor:
    """`name` says what made the bytes: library, version and level. `level` 0 stores."""

    def __init__(
        self,
        name: str,
        level: int,
        whole: Callable[[bytes], Bytes],
        crc32: Callable[[Bytes, int], int],
        adler32: Callable[[Bytes, int], int],
    ) -> None:
        self.name = name
        self.level = level
        self._whole = whole
        self.crc32 = crc32
        self.adler32 = adler32

    def deflate(self, data: bytes) -> Bytes | None:
        """Raw deflate of a whole content; None if it would not get smaller."""
        if not data or (len(data) >= _PROBED and not self.helps(data)) or self.level == 0:
            return None
        made = self._whole(data)
        return made if len(made) < len(data) else None

    def helps(self, data: bytes) -> bool:
        """Is it worth while to compress a content of which this is the whole, or a large first part?"""
        return self.level > 0 and not _looks_random(data)

    def part(self, data: bytes, before: bytes, last: bool) -> bytes:
        """One part of a content that is too large to be held: the parts joined are one raw deflate stream.

        `before` is what precedes the part, of which 32 KiB are looked at. Always by zlib: libdeflate takes no parts.
        """
        window = before[-32768:]
        level = self.level
        made = (
            zlib.compressobj(level, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, window)
            if window
            else zlib.compressobj(level, zlib.DEFLATED, -15, 9)
        )
        return made.compress(data) + made.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


def _looks_random(data: bytes) -> bool:
    """Do samples from its beginning, middle and end say that it cannot be compressed?"""
    places = (0, (len(data) - _PROBE) // 2, len(data) - _PROBE)
    return all(len(zlib.compress(data[at : at + _PROBE], 1)) > 0.98 * _PROBE for at in places)


def choose(name: str, level: int) -> Compressor:
    """`auto`, `libdeflate`, `zlib` or `store`.

    Raises:
        PackageError: libdeflate was asked for, and its binding is not installed.
    """
    if name == "store":
        return Compressor("store", 0, lambda data: data, zlib.crc32, zlib.adler32)
    if name in ("auto", "libdeflate"):
        made = _libdeflate(level)
        if made is not None:
            return made
        if name == "libdeflate":
            raise PackageError("libdeflate is not there; install it with: pip install 'cdlint[fast]'")

    def whole(data: bytes) -> bytes:
        maker = zlib.compressobj(level, zlib.DEFLATED, -15, 9)
        return maker.compress(data) + maker.flush()

    return Compressor(
        f"zlib {zlib.ZLIB_RUNTIME_VERSION} level {level}", level, whole, zlib.crc32, zlib.adler32
    )


def _libdeflate(level: int) -> Compressor | None:
    try:
        import deflate
    except ImportError:
        return None
    compress = deflate.deflate_compress
    return Compressor(
        f"libdeflate ({deflate.__name__} {deflate.__version__}) level {level}",
        level,
        lambda data: compress(data, level),
        deflate.crc32,
        deflate.adler32,
    )
