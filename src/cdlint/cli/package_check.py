"""`cdlint package`, before anything is packed: the errors in the delivery files that are to be packed."""

from __future__ import annotations

import os
import posixpath

from ..discovery import SKIPPED, is_candidate, looks_named
from ..engine import check_bytes
from ..joins import joined, members_of
from ..kinds import promising
from ..model.repository import Files, Member, Repository
from ..packaging.entry import LINK
from ..syntax.reading import MAX_SIZE, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..config import Config, Configs
    from ..findings import FileResult
    from ..packaging.entry import Entry


class _Packed(Files):
    """The files of a package, as the joins ask for them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__({})
        self.entries = {entry.path: entry for entry in entries if entry.mode != LINK}
        self._folders: dict[str, list[str]] = {}
        self._names: set[str] = set()
        for path in self.entries:
            folder, name = posixpath.split(path)
            self._names.add(name)
            self._folders.setdefault(folder, []).append(name)
            while folder:
                folder = posixpath.dirname(folder)
                if folder in self._folders:
                    break
                self._folders[folder] = []

    def has(self, path: str) -> bool:
        return path in self.entries

    def has_folder(self, path: str) -> bool:
        return path in self._folders

    def beside(self, folder: str) -> list[str]:
        return sorted(self._folders.get(folder, ()))

    def is_anywhere(self, name: str) -> bool:
        return name in self._names

    def text(self, path: str) -> str | None:
        entry = self.entries.get(path)
        data = read(entry) if entry is not None else None
        return None if data is None else decode(data)[0]


def read(entry: Entry) -> bytes | None:
    """The content of an entry; None if it is too large to be one of our files."""
    return None if entry.size > MAX_SIZE else entry.content()


def errors_in(entries: Sequence[Entry], folder: str, configs: Configs) -> list[FileResult]:
    """The results that have errors, with these only.

    `folder` is where the repository is on the disk: there the settings of its files are looked for.

    Raises:
        PackageError: A file cannot be read.
    """
    results: dict[str, FileResult] = {}
    config: Config | None = None
    for entry in entries:
        if not _may_be_ours(entry):
            continue
        data = read(entry)
        if data is None or not (looks_named(entry.path) or promising(data, posixpath.basename(entry.path))):
            continue
        place = os.path.join(folder, *entry.path.split("/"))
        config = configs.of(place)
        if config.excludes(place):
            continue
        result = check_bytes(data, entry.path, config=config, pedantic=False)
        if result is not None:
            results[entry.path] = result
    if results and config is not None:
        _join(results, _Packed(entries), folder, configs, config)
    found = []
    for result in results.values():
        result.findings = [one for one in result.findings if one.severity == "error"]
        if result.findings:
            found.append(result)
    return found


def _may_be_ours(entry: Entry) -> bool:
    return (
        entry.mode != LINK
        and is_candidate(entry.path)
        and not (".git/" in entry.path or not SKIPPED.isdisjoint(entry.path.split("/")))
    )


def _join(
    results: dict[str, FileResult], files: _Packed, folder: str, configs: Configs, config: Config
) -> None:
    """Add what the files say about one another."""
    members = [Member(path, result.subject) for path, result in results.items() if result.subject is not None]
    members += members_of(
        (
            (path, path, files.text(path) or "", True)
            for path, result in results.items()
            if result.subject is None
        ),
        config,
    )
    if not members:
        return
    for result in joined(
        Repository(members, files), results, lambda path: configs.of(os.path.join(folder, path)), False
    ):
        results[result.path] = result


def told(results: Sequence[FileResult], color: bool) -> str:
    """The errors, a line each, and what to do about them."""
    from io import StringIO

    from ..report import ReportOptions, write

    memory = StringIO()
    write(
        "concise", list(results), memory, ReportOptions(color=color, statistics=False, quiet=True, width=None)
    )
    return memory.getvalue()
