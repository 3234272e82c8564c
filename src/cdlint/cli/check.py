"""`cdlint check`: find the files, check each, write the report, say how it went."""

from __future__ import annotations

import os
import stat
import sys

from ..config import Config, Configs, Layer
from ..discovery import Target, looks_named, repository_root, targets
from ..engine import check_bytes
from ..kinds import promising
from ..syntax.reading import MAX_SIZE
from .options import Options, UsageError
from .terminal import Progress, complain, standard_output, wants_color, width_of, write_file
from .workers import check_all, cores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from ..findings import FileResult, Finding
    from .fixes import Fixer
    from .workers import Checked

_STDIN = "<stdin>"
_RANKS = {"error": 0, "warning": 1, "info": 2}
#: Of so many files what was read of them is kept until all have been checked.
_FEW = 50
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
        self.checked: list[tuple[FileResult, Config]] = []
        self.results: list[FileResult] = []
        self.failed = False
        self.worst = False
        self.further = _reports(options.report)
        self.fixer: Fixer | None = None
        if options.fix or options.unsafe_fixes or options.diff:
            from .fixes import Fixer

            self.fixer = Fixer(options, self.problem)

    def problem(self, path: str, reason: str) -> None:
        self.failed = True
        complain(f"{path}: {reason}")

    def check(self) -> None:
        paths: list[str] = self.options.paths or _everything(self.configs)
        found = targets(
            (path for path in paths if path != "-"), excluded=self._excluder(), problem=self.problem
        )
        if not self.options.paths:
            for target in found:
                if target.path not in paths:
                    target.path = os.path.relpath(target.path)
        if "-" in paths:
            self._check_stdin()
        if any(target.path.endswith(".tf") for target in found):
            found = self._without_terraform(found)
        progress = Progress(len(found), self.options.quiet)
        for result, problems in check_all(found, self._check_target, self._jobs(), progress.at):
            for path, reason in problems:
                self.problem(path, reason)
            if result is not None:
                if len(found) > _FEW:
                    result.subject = None
                self.checked.append((result, self.configs.of(result.path)))
        progress.clear()
        if self.checked and self._may_join():
            from .joining import add_joins

            add_joins(self.checked, found, paths, self.configs)
        if self.options.shellcheck:
            self._add_shellcheck()
        for result, config in self.checked:
            self._count(result, config)
        if not self.results and not self.failed and not self.options.quiet:
            complain("nothing to check: found no buildspec, pipeline or deploy file")

    def _without_terraform(self, found: list[Target]) -> list[Target]:
        """Where Terraform cannot be read, say it once if there is something of ours in those files."""
        from ..syntax.hcl import is_available

        if is_available():
            return found
        ours = [
            target.path
            for target in found
            if target.path.endswith(".tf") and self._read(target, lambda _path, _reason: None) is not None
        ]
        if ours and not self.options.quiet:
            more = f" and {len(ours) - 1} more" if len(ours) > 1 else ""
            complain(f"{ours[0]}{more} not read: for Terraform, pip install 'cdlint[terraform]'")
        return [target for target in found if not target.path.endswith(".tf")]

    def _may_join(self) -> bool:
        """Can the files have something to say about one another, or about files around them? (Cheap.)

        Many buildspecs and nothing else are no delivery of one repository; one that is named alone is looked at with
        its neighbours, if it has any.
        """
        if len(self.checked) > _FEW:
            return any(result.kind != "buildspec" for result, _ in self.checked)
        if len(self.checked) > 1 or self.checked[0][0].kind != "buildspec":
            return True
        result = self.checked[0][0]
        from ..neighbours import has_neighbours

        return result.path != _STDIN and ("build-list" in result.source.text or has_neighbours(result.path))

    def _jobs(self) -> int:
        """How many processes may check files; fixes are written by one, and shellcheck wants the texts."""
        if self.fixer is not None or self.options.shellcheck:
            return 1
        wanted = self.options.jobs
        if wanted is None:
            return cores()
        if not wanted.isdecimal() or not int(wanted):
            raise UsageError(f"--jobs: `{wanted}` is no number of processes")
        return int(wanted)

    def _check_target(self, target: Target) -> Checked:
        """The findings to show of one file, and what stood in the way of reading it."""
        problems: list[tuple[str, str]] = []
        data = self._read(target, lambda path, reason: problems.append((path, reason)))
        if data is None:
            return None, problems
        kind = self.options.kind if target.given else None
        return self._take(
            data, target.path.replace(os.sep, "/"), kind, self.configs.of(target.path)
        ), problems

    def _add_shellcheck(self) -> None:
        """Run shellcheck over the commands of all results, mended as they may be, and add what it says."""
        from ..engine import buildspec_of, join
        from ..shellcheck import Batch, Failed, NotFound

        batch = Batch()
        specs = []
        for number, (result, config) in enumerate(self.checked):
            specs.append(buildspec_of(result.source.text, result.path, config))
            batch.add(number, specs[-1])
        try:
            batch.run(cores())
        except (Failed, NotFound) as error:
            raise UsageError(str(error)) from None
        for number, ((result, config), spec) in enumerate(zip(self.checked, specs, strict=True)):
            join(result, spec, batch.findings(number), config)
            result.findings = _shown(result, config)

    def _excluder(self) -> Callable[[str], bool]:
        here = Config()
        here.exclude = tuple(self.options.exclude or ())

        def excluded(path: str) -> bool:
            if here.exclude and here.excludes(path):
                return True
            return self.configs.of(path).excludes(path)

        return excluded

    def _read(self, target: Target, problem: Callable[[str, str], None]) -> bytes | None:
        """A file's content, as far as it is of use; None if it is none of ours or unreadable."""
        path = target.path
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                problem(path, "is not a regular file (`-` reads standard input)")
                return None
            with open(path, "rb", buffering=0) as file:
                data = _read_all(file)
        except OSError as error:
            problem(path, error.strerror or str(error))
            return None
        if looks_named(path):
            return data
        if target.given:
            if len(data) > MAX_SIZE and self.options.kind is None:
                problem(path, f"is larger than {MAX_SIZE // 1_000_000} MB")
                return None
            return data
        return data if promising(data, os.path.basename(path)) else None

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
        result = self._take(data, name.replace(os.sep, "/"), self.options.kind, self.configs.of(name))
        if result is not None:
            self.checked.append((result, self.configs.of(name)))

    def _take(self, data: bytes, path: str, kind: str | None, config: Config) -> FileResult | None:
        result = check_bytes(data, path, kind=kind, config=config, pedantic=config.advice)
        if result is None:
            return None
        if self.fixer is not None and result.findings:
            result = self.fixer.mend(data, result, config)
        result.findings = _shown(result, config)
        return result

    def _count(self, result: FileResult, config: Config) -> None:
        """Take a result into the report."""
        self.results.append(result)
        if result.findings and not self.worst:
            limit = _RANKS[config.fail_on]
            self.worst = any(_RANKS[found.severity] <= limit for found in result.findings)

    def report(self) -> None:
        options = self.options
        if self.fixer is not None and self.fixer.close(standard_output(machine=True)):
            self.worst = self.worst or options.diff
            if options.diff:
                return
        for form, path in self.further:
            self._write_file(form, path)
        name = options.format or "full"
        people = name in _FOR_PEOPLE
        to_file = options.output not in (None, "-")
        if people and not self.results and not to_file:
            return
        if to_file:
            self._write_file(name, options.output)
            return
        out = standard_output(machine=not people)
        if self.fixer is not None and self.fixer.printed and sys.stderr is not None:
            out = sys.stderr  # the mended text has gone to standard output
        self._write(name, out, people and wants_color(options.color, out))

    def _write_file(self, name: str, path: str) -> None:
        from io import StringIO

        memory = StringIO()
        self._write(name, memory, wants_color(self.options.color or "never", None))
        write_file(path, memory.getvalue())

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


def _everything(configs: Configs) -> list[str]:
    """What is checked where nothing is named: the repository, in a build its source and the buildspec that runs."""
    from ..codebuild import running, source_folder

    whole = source_folder() or repository_root(os.curdir) or os.curdir
    own = running()
    if own is None:
        return [whole]
    configs.follow(own, whole)
    return [whole, own]


def _reports(given: list[str] | None) -> list[tuple[str, str]]:
    """`(format, file)` of the further reports."""
    from .commands import FORMATS

    found = []
    for one in given or ():
        form, _, path = one.partition("=")
        if form not in FORMATS or path in ("", "-"):
            raise UsageError(f"--report: `{one}` is no FORMAT=FILE; formats: {', '.join(FORMATS)}")
        found.append((form, path))
    return found


def _shown(result: FileResult, config: Config) -> list[Finding]:
    return [found for found in result.findings if config.shows(found.code, found.name, found.severity)]


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
