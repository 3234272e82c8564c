"""`cdlint check`: find the files, check each, write the report, say how it went."""

from __future__ import annotations

import os
import stat
import sys

from ..config import Config, Configs, Layer
from ..discovery import Target, looks_named, promising, repository_root, targets
from ..engine import check_bytes
from ..syntax.reading import MAX_SIZE
from .options import Options, UsageError
from .terminal import Progress, complain, standard_output, wants_color, width_of, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from ..findings import FileResult
    from .fixes import Fixer

_STDIN = "<stdin>"
_RANKS = {"error": 0, "warning": 1, "info": 2}
_FOR_PEOPLE = ("full", "concise")


def run(options: Options) -> int:
    """Check what the options name; the exit status."""
    if options.config is not None and options.no_config:
        raise UsageError("--config and --no-config exclude each other")
    configs = Configs(options.config, isolated=options.no_config, adjust=_adjuster(options))
    run = _Run(options, configs)
    run.check()
    run.report()
    if run.failed:
        return 2
    return 1 if run.worst and not options.exit_zero else 0


class _Run:
    """One run: `results` of the files that are ours, and how it went.

    `failed`: something could not be read; `worst`: a finding reaches its file's `fail-on`.
    """

    def __init__(self, options: Options, configs: Configs) -> None:
        self.options = options
        self.configs = configs
        self.results: list[FileResult] = []
        self.failed = False
        self.worst = False
        self.fixer: Fixer | None = None
        if options.fix or options.unsafe_fixes or options.diff:
            from .fixes import Fixer

            self.fixer = Fixer(options, self.problem)

    def problem(self, path: str, reason: str) -> None:
        self.failed = True
        complain(f"{path}: {reason}")

    def check(self) -> None:
        paths: list[str] = self.options.paths or [repository_root(os.curdir) or os.curdir]
        found = targets(
            (path for path in paths if path != "-"), excluded=self._excluder(), problem=self.problem
        )
        if "-" in paths:
            self._check_stdin()
        if not self.options.paths:
            for target in found:
                target.path = os.path.relpath(target.path)
        progress = Progress(len(found), self.options.quiet)
        for number, target in enumerate(found):
            progress.at(number)
            data = self._read(target)
            if data is not None:
                kind = self.options.kind if target.given else None
                self._take(data, target.path.replace(os.sep, "/"), kind, self.configs.of(target.path))
        progress.clear()
        if not self.results and not self.failed and not self.options.quiet:
            complain("nothing to check: found no buildspec")

    def _excluder(self) -> Callable[[str], bool]:
        here = Config()
        here.exclude = tuple(self.options.exclude or ())

        def excluded(path: str) -> bool:
            if here.exclude and here.excludes(path):
                return True
            return self.configs.of(path).excludes(path)

        return excluded

    def _read(self, target: Target) -> bytes | None:
        """A file's content, as far as it is of use; None if it is none of ours or unreadable."""
        path = target.path
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                self.problem(path, "is not a regular file (`-` reads standard input)")
                return None
            with open(path, "rb", buffering=0) as file:
                data = _read_all(file)
        except OSError as error:
            self.problem(path, error.strerror or str(error))
            return None
        if looks_named(path):
            return data
        if target.given:
            if len(data) > MAX_SIZE and self.options.kind is None:
                self.problem(path, f"is larger than {MAX_SIZE // 1_000_000} MB")
                return None
            return data
        return data if promising(data) else None

    def _check_stdin(self) -> None:
        name = self.options.stdin_filename or _STDIN
        if self.options.stdin_filename and self._excluder()(name):
            return
        if sys.stdin is None:
            self.problem(_STDIN, "is closed")
            return
        try:
            data = _read_all(sys.stdin.buffer)
        except OSError as error:
            self.problem(_STDIN, error.strerror or str(error))
            return
        self._take(data, name.replace(os.sep, "/"), self.options.kind, self.configs.of(name))

    def _take(self, data: bytes, path: str, kind: str | None, config: Config) -> None:
        result = check_bytes(data, path, kind=kind, config=config)
        if result is None:
            return
        if self.fixer is not None and result.findings:
            result = self.fixer.mend(data, result, config)
        limit = _RANKS[config.fail_on]
        shown = []
        for finding in result.findings:
            if config.shows(finding.code, finding.name, finding.severity):
                shown.append(finding)
                if _RANKS[finding.severity] <= limit:
                    self.worst = True
        result.findings = shown
        self.results.append(result)

    def report(self) -> None:
        options = self.options
        if self.fixer is not None and self.fixer.close(standard_output(machine=True)):
            self.worst = self.worst or options.diff
            if options.diff:
                return
        name = options.format or "full"
        people = name in _FOR_PEOPLE
        to_file = options.output not in (None, "-")
        if people and not self.results and not to_file:
            return
        if to_file:
            from io import StringIO

            memory = StringIO()
            self._write(name, memory, wants_color(options.color or "never", None))
            write_file(options.output, memory.getvalue())
            return
        out = standard_output(machine=not people)
        if self.fixer is not None and self.fixer.printed and sys.stderr is not None:
            out = sys.stderr  # the mended text has gone to standard output
        self._write(name, out, people and wants_color(options.color, out))

    def _write(self, name: str, out: TextIO, color: bool) -> None:
        from ..report import ReportOptions, write

        options = self.options
        how = ReportOptions(
            color=color,
            statistics=options.statistics,
            quiet=options.quiet,
            width=width_of(out),
        )
        write(name, self.results, out, how)


def _read_all(file: object) -> bytes:
    """All of a file up to the size from which the engine only says that it is too large."""
    parts = []
    left = MAX_SIZE + 1
    while left > 0:
        part = file.read(left)  # type: ignore[attr-defined]
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _adjuster(options: Options) -> Callable[[Config], None] | None:
    """What lays the options of the command line over a configuration."""
    select = _rules("--select", options.select)
    ignore = _rules("--ignore", options.ignore) or ()
    layer = Layer(select, ignore) if select is not None or ignore else None

    def adjust(config: Config) -> None:
        if layer is not None:
            config.layers = (layer, *config.layers)
        config.image = options.image or config.image
        config.shell = options.shell or config.shell
        config.pedantic = options.pedantic or config.pedantic
        config.fail_on = options.fail_on or config.fail_on

    return adjust


def _rules(flag: str, given: list[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    from ..config_file import normal, unknown_rule

    words = [word.strip() for value in given for word in value.split(",") if word.strip()]
    problem = unknown_rule(words)
    if problem:
        raise UsageError(f"{flag}: {problem}")
    if not words:
        raise UsageError(f"{flag}: names no rule")
    return normal(words)
