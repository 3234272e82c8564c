"""Changes of files: what stands there, what is to stand there, and the writing of it."""

from __future__ import annotations

import difflib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Larger files are not changed, in bytes.
_MAX_SIZE = 1_000_000
BOM = "\ufeff"


class Refused(Exception):
    """A change that cannot be made; the message is one line and names the file."""


class Change:
    """One file that is to be written. `before` is None where there is none yet; paths start at the repository."""

    __slots__ = ("after", "before", "folder", "path", "what")

    def __init__(self, folder: str, path: str, what: str, before: str | None, after: str) -> None:
        self.folder = folder
        self.path = path
        self.what = what
        self.before = before
        self.after = after

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff, without line ends."""
        name = "/dev/null" if self.before is None else f"a/{self.path}"
        for line in difflib.unified_diff(
            _lines(self.before or ""), _lines(self.after), name, f"b/{self.path}"
        ):
            yield line.rstrip("\r\n")
            if line[:1] in "+-" and not line.endswith("\n"):
                yield "\\ No newline at end of file"

    def write(self) -> None:
        """Put the file in its place, in one step.

        Raises:
            Refused: It is not as it was when the change was shown, or cannot be written.
        """
        if read(self.folder, self.path) != self.before:
            raise Refused(f"{self.path}: has changed meanwhile; nothing was written")
        place = os.path.join(self.folder, self.path)
        if self.before is not None and not os.stat(place).st_mode & 0o222:
            # Another file can be put in its place all the same, but somebody has said that it is to stay.
            raise Refused(f"{self.path}: is read-only; it was left alone")
        temporary = f"{place}.{os.getpid()}.tmp"
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(temporary, "xb") as file:
                file.write(self.after.encode("utf-8", "surrogateescape"))
            if self.before is not None:
                os.chmod(temporary, os.stat(place).st_mode & 0o7777)
            os.replace(temporary, place)
        except OSError as error:
            if os.path.lexists(temporary):
                os.unlink(temporary)
            raise Refused(f"{self.path}: cannot be written: {error.strerror}") from None


def _lines(text: str) -> list[str]:
    """The lines with their ends; `splitlines` would end some in the middle of a line of YAML or TOML."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def read(folder: str, path: str) -> str | None:
    """The text of a file of the repository with its own line ends; None if there is none.

    Raises:
        Refused: It is a link or leads out of the repository, is no file, too large, or no UTF-8.
    """
    place = os.path.join(folder, path)
    inside = os.path.realpath(folder).rstrip(os.sep) + os.sep
    if not os.path.realpath(os.path.dirname(place)).startswith(inside) and os.path.dirname(path):
        raise Refused(f"{path}: leads out of the repository")
    if os.path.islink(place):
        raise Refused(f"{path}: is a link; change the file that it leads to")
    if not os.path.lexists(place):
        return None
    if not os.path.isfile(place):
        raise Refused(f"{path}: is no file")
    try:
        with open(place, "rb") as file:
            data = file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > _MAX_SIZE:
        raise Refused(f"{path}: is larger than {_MAX_SIZE // 1_000_000} MB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{path}: is not UTF-8") from None
