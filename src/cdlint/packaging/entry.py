"""One entry of the zip that is to be written."""

from __future__ import annotations

from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    #: Of hashlib.
    Hash = Any

FILE = 0o100644
PROGRAM = 0o100755
LINK = 0o120000


class Stored(Protocol):
    """A file or symbolic link, as it is to stand in the zip.

    `path` is relative to the root of the zip, with `/`, never empty, never with `..`, never absolute.
    `mode` is `FILE`, `PROGRAM` or `LINK`. `size` is the number of bytes that `chunks` gives; for a link
    that is the length of its target. `archive.write` refuses an entry whose bytes are not
    `size` many (a file that changed while it was read).
    """

    @property
    def path(self) -> str: ...

    @property
    def mode(self) -> int: ...

    @property
    def size(self) -> int: ...

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces of at most 1 MiB or so. May be called from any thread.

        Raises:
            PackageError: The file cannot be read, or is no longer what it was when it was listed.
        """
        ...


class Entry(Stored, Protocol):
    """One that is compressed, and counts for the digest of the content."""

    @property
    def known(self) -> bytes | None:
        """Git's name for the content (a hash of it), where it is known without reading."""
        ...

    def naming(self) -> Hash:
        """The hash that makes that name, ready to be given the content."""
        ...

    def content(self) -> bytes:
        """All of the bytes; only asked for where they are few enough. May be called from any thread.

        Raises:
            PackageError: As `chunks`.
        """
        ...
