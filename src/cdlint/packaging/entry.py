"""One entry of the zip that is to be written."""

from __future__ import annotations

from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = 0o100644
PROGRAM = 0o100755
LINK = 0o120000


class Entry(Protocol):
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

    def content(self) -> bytes:
        """All of the bytes; only asked for where they are few enough. May be called from any thread.

        Raises:
            PackageError: As `chunks`.
        """
        ...

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces of at most 1 MiB or so. May be called from any thread.

        Raises:
            PackageError: The file cannot be read, or is no longer what it was when it was listed.
        """
        ...
