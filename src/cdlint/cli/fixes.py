"""`--fix`, `--unsafe-fixes` and `--diff`: what is done with the fixes of a run."""

from __future__ import annotations

import os

from ..fixing import fix_text
from .terminal import complain, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from ..config import Config
    from ..findings import FileResult
    from .options import Options


class Fixer:
    """Mends files, or shows how. `printed`: a mended text goes to standard output (from standard input)."""

    def __init__(self, options: Options, problem: Callable[[str, str], None]) -> None:
        self.unsafe = options.unsafe_fixes
        self.diff = options.diff
        self.quiet = options.quiet
        self.standard_input = options.stdin_filename or "<stdin>"
        self.problem = problem
        self.printed = False
        self.fixed = self.files = 0
        self.parts: list[str] = []

    def mend(self, data: bytes, result: FileResult, config: Config) -> FileResult:
        """The result after fixing. The file is replaced whole or not at all, its mode kept."""
        path = result.path
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return result  # nobody can say which characters are meant
        pedantic = config.pedantic or config.fail_on == "info"
        fixed = fix_text(text, path, kind=result.kind, config=config, unsafe=self.unsafe, pedantic=pedantic)
        from_input = path == self.standard_input
        if fixed.text == text:
            if from_input and not self.diff:
                self._print(text)
            return result
        if self.diff:
            self.parts += _difference(path, text, fixed.text)
            return result
        if from_input:
            self._print(fixed.text)
        elif not self._write(path, data, fixed.text):
            return result
        self.fixed += len(fixed.applied)
        self.files += 1
        return fixed.left

    def _print(self, text: str) -> None:
        self.printed = True
        self.parts.append(text)

    def _write(self, path: str, data: bytes, text: str) -> bool:
        if os.path.islink(path):
            self.problem(path, "is a symbolic link, which is not fixed")
            return False
        try:
            with open(path, "rb") as file:
                if file.read() != data:
                    self.problem(path, "changed while it was checked, so it was not fixed")
                    return False
            write_file(path, text)
        except OSError as error:
            self.problem(path, error.strerror or str(error))
            return False
        return True

    def close(self, out: TextIO) -> bool:
        """Write differences or the mended text; True if something was, or would be, changed."""
        for part in self.parts:
            out.write(part)
        if self.fixed and not self.quiet:
            complain(f"fixed {_plural(self.fixed, 'finding')} in {_plural(self.files, 'file')}")
        return bool(self.fixed or (self.diff and self.parts))


def _difference(path: str, before: str, after: str) -> list[str]:
    from difflib import unified_diff

    lines = list(unified_diff(before.splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}", n=2))
    return [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines]


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
