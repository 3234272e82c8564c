"""Several files on several cores.

Forking costs nothing to start, and what comes back are plain tuples (`marshal`, which needs no import of weight).
Where processes cannot be forked (Windows), or one of them dies, the files are checked here, one after the other.
"""

from __future__ import annotations

import os
import sys

from ..findings import Edit, FileResult, Finding, Fix
from ..source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    #: What checking one target gives: its result (None: none of ours), and problems as `(path, reason)`.
    Checked = tuple[FileResult | None, list[tuple[str, str]]]

#: Fewer files than this for each core do not pay for a process (measured: docs/dependencies.md).
_LEAST = 24


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_all(
    targets: Sequence[Any], check: Callable[[Any], Checked], jobs: int, progress: Callable[[int], None]
) -> list[Checked]:
    """`check` of every target, in their order, spread over at most `jobs` processes."""
    jobs = min(jobs, len(targets) // _LEAST)
    if jobs < 2 or not hasattr(os, "fork"):
        done = []
        for number, target in enumerate(targets):
            progress(number)
            done.append(check(target))
        return done
    results: list[Checked | None] = [None] * len(targets)
    workers = [_Worker(targets[part::jobs], check) for part in range(1, jobs)]
    for number, target in enumerate(targets[::jobs]):
        progress(number * jobs)
        results[number * jobs] = check(target)
    for part, worker in enumerate(workers, 1):
        answers = worker.answers()
        if answers is None:
            answers = [check(target) for target in targets[part::jobs]]
        results[part::jobs] = answers
    return [one for one in results if one is not None]


class _Worker:
    """A forked process that checks some targets and writes the outcome into a pipe."""

    def __init__(self, targets: Sequence[Any], check: Callable[[Any], Checked]) -> None:
        self.count = len(targets)
        self.pid = -1
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            self.reader, writer = os.pipe()
        except OSError:
            return
        try:
            self.pid = os.fork()
        except OSError:
            os.close(self.reader)
            os.close(writer)
            return
        if self.pid == 0:
            # In the child nothing may return to the caller, whatever happens.
            status = 1
            try:
                os.close(self.reader)
                import marshal

                _write(writer, marshal.dumps([_packed(check(target)) for target in targets]))
                status = 0
            finally:
                os._exit(status)
        os.close(writer)

    def answers(self) -> list[Checked] | None:
        """What the process found, or None if it failed."""
        if self.pid < 0:
            return None
        parts = []
        with open(self.reader, "rb") as pipe:
            parts.append(pipe.read())
        _, status = os.waitpid(self.pid, 0)
        if status:
            return None
        import marshal

        packed = marshal.loads(b"".join(parts))
        return [_unpacked(one) for one in packed] if len(packed) == self.count else None


def _write(writer: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(writer, view) :]


def _packed(checked: Checked) -> tuple[Any, ...]:
    result, problems = checked
    if result is None:
        return None, problems
    findings = [
        (
            found.span.start, found.span.end, found.message, found.help, found.severity, found.code, found.name,
            found.fix
            and (
                found.fix.description,
                found.fix.safe,
                [(edit.start, edit.end, edit.replacement) for edit in found.fix.edits],
            ),
        )
        for found in result.findings
    ]  # fmt: skip
    # Reports show the text around findings only.
    content = (
        result.source.path,
        result.source.text if findings else "",
        result.kind,
        findings,
        result.secrets,
    )
    return content, problems


def _unpacked(packed: tuple[Any, ...]) -> Checked:
    content, problems = packed
    if content is None:
        return None, problems
    path, text, kind, findings, secrets = content
    made = []
    for start, end, message, help, severity, code, name, fix in findings:
        edits = fix and Fix(fix[0], [Edit(*edit) for edit in fix[2]], safe=fix[1])
        made.append(
            Finding(
                Span(start, end),
                message,
                help=help,
                fix=edits,
                severity=severity,
                code=code,
                name=name,
                final=True,
            )
        )
    result = FileResult(Source(path, text), kind, made)
    result.secrets = secrets
    return result, problems
