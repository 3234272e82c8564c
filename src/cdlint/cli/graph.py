"""`cdlint graph`: pipelines as pictures."""

from __future__ import annotations

import os
import stat
import sys

from ..config import Configs
from ..discovery import Target, looks_named, repository_root, targets
from ..engine import check_bytes
from ..graph.reading import Found, delivery_in, marks_of
from ..kinds import promising
from ..syntax.reading import MAX_SIZE
from .options import Options, UsageError
from .terminal import complain, standard_output, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..config import Config
    from ..findings import FileResult
    from ..graph.parts import Graph, Mark
    from ..model.delivery import Delivery

_STDIN = "<stdin>"
_ENDINGS = {
    ".svg": "svg",
    ".html": "html",
    ".htm": "html",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".md": "mermaid",
}


def run(options: Options) -> int:
    """Draw what the options name; 0 if there was something to draw, 1 if not, 2 if a file cannot be read."""
    if options.config is not None and options.no_config:
        raise UsageError("--config and --no-config exclude each other")
    wanted = _number(options.variant)
    gatherer = _Gatherer(options)
    gatherer.gather()
    chosen = _chosen(gatherer.found, options.pipeline)
    if not chosen:
        if not gatherer.failed:
            complain("nothing to draw: found no pipeline" + gatherer.reason)
        return 2 if gatherer.failed else 1
    graphs = _graphs(chosen, wanted, options)
    format = options.format or _format_of(options.output)
    text = _drawn(format, graphs, gatherer.marks)
    if options.output not in (None, "-"):
        write_file(options.output, _fenced(text) if options.output.lower().endswith(".md") else text)
    else:
        standard_output(machine=True).write(text)
    return 2 if gatherer.failed else 0


def _number(given: str | None) -> int | None:
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given)):
        raise UsageError(f"--variant: `{given}` is no number of a variant; the first is 1")
    return int(given)


def _chosen(found: list[Found], name: str | None) -> list[Found]:
    """The pipelines of a name; all without one."""
    if name is None or not found:
        return found
    chosen = [one for one in found if name in one.names]
    if not chosen:
        from ..wording import closest, listed

        names = sorted({one.name for one in found})
        meant = closest(name, names)
        hint = f"did you mean {meant}?" if meant else "there are " + listed(names, "and")
        raise UsageError(f"there is no pipeline {name!r}; {hint}")
    return chosen


def _graphs(chosen: list[Found], wanted: int | None, options: Options) -> list[Graph]:
    """The graphs; of several pipelines each shows the last variant that it has."""
    most = max(len(found.variants) for found in chosen)
    if wanted is not None and wanted > most:
        have = f"has {most} variant{'s' * (most != 1)}" if len(chosen) == 1 else f"have at most {most}"
        name = chosen[0].name if len(chosen) == 1 else "these pipelines"
        raise UsageError(f"--variant: {name} {have}, so there is no {wanted}")
    return [
        found.graph(min(wanted or 1, len(found.variants)), variables=options.variables) for found in chosen
    ]


def _format_of(output: str | None) -> str:
    """The format that the name of the file asks for."""
    ending = os.path.splitext(output or "")[1].lower()
    return _ENDINGS.get(ending, "mermaid")


def _drawn(format: str, graphs: Sequence[Graph], marks: Sequence[Mark]) -> str:
    if format == "svg":
        from ..graph.svg import write

        return write(graphs)
    if format == "html":
        from ..graph.page import write as write_page

        return write_page(graphs, marks)
    from ..graph.mermaid import is_too_large
    from ..graph.mermaid import write as write_mermaid

    text = write_mermaid(graphs)
    if is_too_large(text):
        complain(
            "this is more than Mermaid draws by default; `--pipeline` draws less, and `--format svg` all of it"
        )
    return text


def _fenced(text: str) -> str:
    """Mermaid for a Markdown file."""
    return f"```mermaid\n{text}```\n"


class _Gatherer:
    """Reads the files: the pipelines `found`, and the `marks` of all files that have one."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.configs = Configs(options.config, isolated=options.no_config)
        self.found: list[Found] = []
        self.marks: list[Mark] = []
        self.deliveries: list[tuple[Delivery, FileResult | None, Config]] = []
        self.failed = False
        # Why a file that was named has no pipeline, as far as that is known.
        self.reason = ""

    def problem(self, path: str, reason: str) -> None:
        self.failed = True
        complain(f"{path}: {reason}")

    def gather(self) -> None:
        path: str | None = self.options.path
        if path == "-":
            self._read_stdin()
        else:
            paths = [path or repository_root(os.curdir) or os.curdir]
            excluded = None if path and os.path.isfile(path) else self._excluded
            for target in targets(paths, excluded=excluded, problem=self.problem):
                if path is None:
                    target.path = os.path.relpath(target.path)
                self._read(target)
        self._join()
        for delivery, result, config in self.deliveries:
            marks = marks_of(_shown(result, config)) if result is not None else []
            self.marks += marks
            self.found += [Found(one, marks, delivery.template) for one in delivery.pipelines if one]

    def _join(self) -> None:
        """Add what the files around the pipelines have to say about them."""
        from .joining import add_joins

        checked = [(result, config) for _, result, config in self.deliveries if result is not None]
        named = [Target(result.path, True) for result, _ in checked if result.path != _STDIN]
        if named and os.path.exists(named[0].path):
            own = len(checked)
            add_joins(checked, named, [], self.configs)
            # What is wrong with a neighbour, such as a buildspec that ships the wrong file.
            for result, config in checked[own:]:
                self.marks += marks_of(_shown(result, config))

    def _excluded(self, path: str) -> bool:
        return self.configs.of(path).excludes(path)

    def _read(self, target: Target) -> None:
        path = target.path
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                self.problem(path, "is not a regular file (`-` reads standard input)")
                return
            with open(path, "rb") as file:
                data = file.read(MAX_SIZE + 1)
        except OSError as error:
            self.problem(path, error.strerror or str(error))
            return
        if not target.given and (looks_named(path) or not promising(data, os.path.basename(path))):
            return
        self._take(data, path.replace(os.sep, "/"), target.given)

    def _read_stdin(self) -> None:
        if sys.stdin is None:
            self.problem(_STDIN, "is closed")
            return
        try:
            data = sys.stdin.buffer.read(MAX_SIZE + 1)
        except OSError as error:
            self.problem(_STDIN, error.strerror or str(error))
            return
        self._take(data, (self.options.stdin_filename or _STDIN).replace(os.sep, "/"), True)

    def _take(self, data: bytes, path: str, given: bool) -> None:
        if len(data) > MAX_SIZE:
            if given:
                self.problem(path, f"is larger than {MAX_SIZE // 1_000_000} MB")
            return
        kind = self.options.kind if given else None
        delivery = delivery_in(data, path, kind)
        if not given and (delivery is None or not delivery.pipelines):
            return
        config = self.configs.of(path)
        result = check_bytes(data, path, kind=kind, config=config, pedantic=config.advice)
        if delivery is not None and delivery.pipelines:
            self.deliveries.append((delivery, result, config))
        elif result is not None:
            errors = [mark for mark in marks_of(_shown(result, config)) if mark.severity == "error"]
            self.reason = f" (line {errors[0].line}: {errors[0].message})" if errors else ""


def _shown(result: FileResult, config: Config) -> FileResult:
    """A result with the findings that the configuration lets be seen."""
    result.findings = [
        found for found in result.findings if config.shows(found.code, found.name, found.severity)
    ]
    return result
