"""The open texts, what was read of each, and how they meet with one another and with the files on the disk."""

from __future__ import annotations

import os

from ..config import Config, ConfigError, Configs
from ..disk import DiskFiles
from ..engine import check_text, subject_of
from ..findings import FileResult
from ..joins import inline_member, joined
from ..model.repository import Member, Repository
from ..neighbours import neighbours, root_of
from .texts import UTF16, Change, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model.repository import Subject

#: So many read files are kept for the next check.
_KEPT = 300


class Settings:
    """What the editor sets: it lies over the configuration files, as options of the command line do.

    Each of `given` may hold settings, directly or below `cdlint`; later ones count, for what they speak of.
    """

    def __init__(self, *given: object) -> None:
        every: dict[str, object] = {}
        for data in given:
            inner = data.get("cdlint") if isinstance(data, dict) else None
            every.update(inner if isinstance(inner, dict) else data if isinstance(data, dict) else {})
        self.pedantic = every.get("pedantic") is True
        self.config = _text(every.get("config"))
        self.image = _text(every.get("image"))
        self.shell = _text(every.get("shell"))

    def adjust(self, config: Config) -> None:
        config.image = self.image or config.image
        config.shell = self.shell or config.shell
        config.pedantic = self.pedantic or config.pedantic


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


class Reading:
    """What was made of one version of a text. `result` has what it says alone, `findings` also what the joins say."""

    def __init__(self, text: Text, result: FileResult, config: Config) -> None:
        self.text = text.text
        self.version = text.version
        self.result = result
        self.config = config
        self.findings = result.findings

    @property
    def kind(self) -> str | None:
        return self.result.kind


class Workspace:
    """Everything that the server knows. One thread at a time may use it (`server.py` sees to that)."""

    def __init__(
        self, settings: Settings | None = None, problem: Callable[[str], None] | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.encoding = UTF16
        self.folders: list[str] = []
        self.texts: dict[str, Text] = {}
        self._readings: dict[str, Reading] = {}
        self._kinds: dict[str, str] = {}
        self._near: dict[str, tuple[tuple[int, int], Subject | None]] = {}
        self._problem = problem or (lambda _: None)
        self._told = ""

    # --- texts -----------------------------------------------------------------------------------

    def open(self, uri: str, text: str, version: int | None) -> None:
        self.texts[uri] = Text(uri, text, version, self.encoding)
        self._readings.pop(uri, None)

    def change(self, uri: str, changes: list[Change], version: int | None) -> None:
        text = self.texts.get(uri)
        if text is not None:
            text.change(changes, version)

    def close(self, uri: str) -> None:
        self.texts.pop(uri, None)
        self._readings.pop(uri, None)
        self._kinds.pop(uri, None)

    # --- reading ---------------------------------------------------------------------------------

    def config_of(self, path: str) -> Config:
        """The configuration for a path; the editor's settings alone where the files cannot be followed."""
        try:
            config = Configs(self.settings.config, adjust=self.settings.adjust).of(path)
        except ConfigError as error:
            if self._told != str(error):
                self._told = str(error)
                self._problem(str(error))
            return Configs(isolated=True, adjust=self.settings.adjust).of(path)
        self._told = ""
        return config

    def reading(self, uri: str) -> Reading | None:
        """What the text of an address says, read anew if it has changed; None if it is not open."""
        text = self.texts.get(uri)
        if text is None:
            return None
        known = self._readings.get(uri)
        if known is not None and known.text == text.text:
            known.version = text.version
            return known
        config = self.config_of(text.source.path)
        result = check_text(text.text, text.source.path, config=config, pedantic=config.advice)
        if result.kind is not None:
            self._kinds[uri] = result.kind
        if text.path and config.excludes(text.path):
            result.findings = []
        reading = self._readings[uri] = Reading(text, result, config)
        self._settle(reading)
        return reading

    def kind_of(self, uri: str) -> str | None:
        """The kind of a text, also while it is half written and does not show it."""
        reading = self.reading(uri)
        if reading is not None and reading.kind is not None:
            return reading.kind
        return self._kinds.get(uri)

    def check(self, uri: str) -> list[str]:
        """Check a text and those that are open around it; the addresses whose findings may be others now."""
        text, reading = self.texts.get(uri), self.reading(uri)
        if text is None or reading is None:
            return []
        if not text.path:
            return [uri]
        root = self.root_of(text.path)
        around = self._around(root)
        for one in around:
            self._readings.pop(one, None)  # the joins leave their marks in what they read
        self._join(root, around)
        return around

    def _around(self, root: str) -> list[str]:
        """The open texts of a repository."""
        return [uri for uri, text in self.texts.items() if text.path and self.root_of(text.path) == root]

    @staticmethod
    def _settle(reading: Reading) -> None:
        """Choose the findings that the configuration wants to be shown."""
        shows = reading.config.shows
        reading.findings = [
            found for found in reading.result.findings if shows(found.code, found.name, found.severity)
        ]

    # --- files that belong together ----------------------------------------------------------------

    def root_of(self, path: str) -> str:
        """The repository of a path; without one the editor's folder, else the path's own."""
        root = root_of(path)
        if os.path.exists(os.path.join(root, ".git")):
            return root
        inside = [
            one for one in self.folders if os.path.abspath(path).startswith(one.rstrip(os.sep) + os.sep)
        ]
        return max(inside, key=len) if inside else root

    def repository(self, uri: str) -> tuple[Repository, Member] | None:
        """The repository around an open text, and the text as a member of it; None if it is none of ours."""
        text = self.texts.get(uri)
        if text is None or not text.path:
            return None
        root = self.root_of(text.path)
        repository, _ = self._gather(root, self._around(root))
        repository.read_inline = inline_member
        place = _inside(text.path, root)
        return next(((repository, one) for one in repository.members if one.path == place), None)

    def _join(self, root: str, uris: list[str]) -> None:
        repository, results = self._gather(root, uris)
        if repository.members:
            files = {_inside(self.texts[uri].path, root): self._readings[uri] for uri in results}
            by_path = {path: reading.result for path, reading in files.items()}
            configs = {reading.result.path: reading.config for reading in files.values()}
            advice = any(reading.config.advice for reading in files.values())

            def config_of(path: str) -> Config | None:
                return configs.get(path) or self.config_of(path)

            joined(repository, by_path, config_of, advice)
        for uri in results:
            reading = self._readings[uri]
            if reading.config.excludes(self.texts[uri].path):
                reading.result.findings = []
            self._settle(reading)

    def _gather(self, root: str, uris: list[str]) -> tuple[Repository, list[str]]:
        """The repository of some open texts with the delivery files near them, and the texts that could be read."""
        members: list[Member] = []
        read: list[str] = []
        overlay: dict[str, str] = {}
        for uri in uris:
            text, reading = self.texts[uri], self.reading(uri)
            overlay[_inside(text.path, root)] = text.text
            if reading is None:
                continue
            read.append(uri)
            if reading.result.subject is not None:
                members.append(Member(_inside(text.path, root), reading.result.subject))
        files = OpenFiles(root, overlay)
        paths = [self.texts[uri].path for uri in uris]
        for place in neighbours(paths, root):
            inside = _inside(place, root)
            if inside not in overlay and (subject := self._subject(place, inside, files)) is not None:
                members.append(Member(inside, subject, is_given=False))
        return Repository(members, files), read

    def _subject(self, path: str, inside: str, files: OpenFiles) -> Subject | None:
        """What a file on the disk says, kept until the file changes."""
        try:
            stat = os.stat(path)
        except OSError:
            return None
        mark = (stat.st_mtime_ns, stat.st_size)
        known = self._near.get(path)
        if known is None or known[0] != mark:
            text = files.text(inside)
            config = self.config_of(path)
            subject = None
            if text is not None and not config.excludes(path):
                subject = subject_of(text, path, config)
            known = (mark, subject)
            self._near.pop(path, None)
            self._near[path] = known
            if len(self._near) > _KEPT:
                del self._near[next(iter(self._near))]
        return known[1]


class OpenFiles(DiskFiles):
    """The files of a folder as the editor has them: what is open counts as it stands there, saved or not."""

    def __init__(self, root: str, texts: dict[str, str]) -> None:
        super().__init__(root)
        self.texts = texts

    def has(self, path: str) -> bool:
        return path in self.texts or super().has(path)

    def beside(self, folder: str) -> list[str]:
        own = [path.rpartition("/")[2] for path in self.texts if path.rpartition("/")[0] == folder]
        return sorted({*own, *super().beside(folder)})

    def is_anywhere(self, name: str) -> bool:
        return any(path.rpartition("/")[2] == name for path in self.texts) or super().is_anywhere(name)

    def text(self, path: str) -> str | None:
        text = self.texts.get(path)
        return text if text is not None else super().text(path)


def _inside(path: str, root: str) -> str:
    return os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
