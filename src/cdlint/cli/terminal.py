"""Standard output and standard error: their colours, their encoding, and what may go wrong."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

#: Fewer files than this are done before anybody wonders.
PROGRESS_FROM = 50


def complain(message: str) -> None:
    """One line on stderr, whatever a file's name may hold."""
    _to_stderr(f"cdlint: {plain(message)}\n")


def plain(text: str) -> str:
    """A text without control characters, so that it stays one line and cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _to_stderr(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass  # nobody listens


def standard_output(machine: bool = False) -> TextIO:
    """Standard output, made to take any character; UTF-8 if a machine reads it."""
    out = sys.stdout
    if out is None:
        return open(os.devnull, "w", encoding="utf-8")
    reconfigure = getattr(out, "reconfigure", None)
    if reconfigure is not None:
        if machine and not out.isatty():
            reconfigure(encoding="utf-8", errors="replace")
        else:
            reconfigure(errors="replace")
    return out


def wants_color(when: str | None, out: TextIO | None) -> bool:
    """`--color`, else the environment, else whether this is a terminal."""
    if when in ("always", "never"):
        return when == "always"
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    if out is None or environment.get("TERM") == "dumb" or environment.get("CODEBUILD_BUILD_ID"):
        return False
    return out.isatty()


def width_of(out: TextIO) -> int | None:
    """A terminal's width in columns; None for anything else."""
    try:
        return os.get_terminal_size(out.fileno()).columns or None
    except (OSError, ValueError):
        return None


class Progress:
    """A counter on stderr, for people who wait."""

    def __init__(self, total: int, quiet: bool) -> None:
        self.total = total
        self.shown = False
        self.on = total > PROGRESS_FROM and not quiet and _is_terminal(sys.stderr)

    def at(self, number: int) -> None:
        if self.on and number % 10 == 0:
            self.shown = True
            _to_stderr(f"\r{number} of {self.total} files")

    def clear(self) -> None:
        if self.shown:
            self.shown = False
            _to_stderr("\r\x1b[K")


class ByteProgress:
    """A percentage on stderr, for people who wait for bytes."""

    def __init__(self, what: str, quiet: bool) -> None:
        self.what = what
        self.shown = -1
        self.on = not quiet and _is_terminal(sys.stderr)

    def at(self, done: int, total: int) -> None:
        share = 100 * done // max(total, 1)
        if self.on and share != self.shown:
            self.shown = share
            bar = "#" * (share * 30 // 100)
            _to_stderr(f"\r{self.what} [{bar:<30}] {share:3} %")

    def clear(self) -> None:
        if self.shown >= 0:
            self.shown = -1
            _to_stderr("\r\x1b[K")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def write_file(path: str, text: str) -> None:
    """Write a report so that a reader sees the old file or the whole new one."""
    data = text.encode("utf-8", "replace")
    real = os.path.realpath(path)
    if os.path.lexists(real) and not os.path.isfile(real):
        with open(real, "wb") as device:  # a pipe, or /dev/null: not to be replaced
            device.write(data)
        return
    folder, name = os.path.split(real)
    temporary = os.path.join(folder, f".{name[:100]}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        if os.path.exists(real):
            os.chmod(temporary, os.stat(real).st_mode & 0o7777)
        os.replace(temporary, real)
    except OSError as error:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise OSError(error.errno, error.strerror, path) from None
