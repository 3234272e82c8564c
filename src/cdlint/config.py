"""What a project asks of cdlint: `cdlint.toml`, or `[tool.cdlint]` in `pyproject.toml`.

The nearest file upwards from the checked file counts, alone; in one folder `cdlint.toml` comes
first. Options of the command line lie over it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .findings import SeverityName

SEVERITIES = ("error", "warning", "info")
LEVELS = (*SEVERITIES, "off")
NAMES = ("cdlint.toml", "pyproject.toml")
_EXACT = 99


class ConfigError(Exception):
    """A configuration that cannot be followed; the message is one line and names the file."""


class Layer:
    """The rules chosen in one place. `select` is None where nothing was said."""

    __slots__ = ("ignore", "select")

    def __init__(self, select: tuple[str, ...] | None = None, ignore: tuple[str, ...] = ()) -> None:
        self.select = select
        self.ignore = ignore

    def verdict(self, code: str, name: str) -> bool | None:
        """Wanted, unwanted, or nothing said. The more specific entry counts; `ignore` in a tie."""
        ignored = _closeness(self.ignore, code, name) if self.ignore else 0
        if self.select is None:
            return False if ignored else None
        selected = _closeness(self.select, code, name)
        return selected > ignored


def _closeness(words: tuple[str, ...], code: str, name: str) -> int:
    best = 0
    for word in words:
        if word in (code, name):
            return _EXACT
        if len(word) > best and word.startswith(("CD", "SC")) and code.startswith(word):
            best = len(word)
    return best


class Config:
    """The settings for some files. `folder` is where the paths in it start.

    `parent` is the next configuration upwards: only its `exclude` still counts, for a folder that
    is left out stays out whatever lies in it.
    """

    __slots__ = (
        "exclude",
        "fail_on",
        "folder",
        "image",
        "layers",
        "package",
        "parent",
        "pedantic",
        "per_file_ignores",
        "severity",
        "shell",
    )

    def __init__(self, folder: str = "") -> None:
        self.folder = folder or os.getcwd()
        #: What was chosen, the last word first.
        self.layers: tuple[Layer, ...] = ()
        self.per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self.severity: dict[str, str] = {}
        self.exclude: tuple[str, ...] = ()
        self.image: str | None = None
        self.shell: str | None = None
        self.pedantic = False
        self.fail_on: SeverityName = "warning"
        self.parent: Config | None = None
        #: The settings of `cdlint package`, with the types of packaging/settings.py.
        self.package: dict[str, object] = {}

    def wants(self, code: str, name: str, path: str) -> bool:
        """Are findings of this rule wanted for this file?"""
        if self.severity and self._level(code, name) == "off":
            return False
        for layer in self.layers:
            verdict = layer.verdict(code, name)
            if verdict is False:
                return False
            if verdict:
                break
        if self.per_file_ignores:
            from .globs import matches

            local = relative(path, self.folder)
            for pattern, words in self.per_file_ignores:
                if _closeness(words, code, name) and matches(pattern, local):
                    return False
        return True

    def severity_of(self, code: str, name: str, default: SeverityName) -> SeverityName:
        """The level that the project gives a rule, else the rule's own."""
        if not self.severity:
            return default
        level = self._level(code, name)
        return default if level in (None, "off") else level  # type: ignore[return-value]

    def _level(self, code: str, name: str) -> str | None:
        return self.severity.get(code) or self.severity.get(name)

    @property
    def advice(self) -> bool:
        """May advice be shown at all?"""
        if self.pedantic or self.fail_on == "info" or self.severity:
            return True
        return any(layer.select is not None for layer in self.layers)

    def shows(self, code: str, name: str, severity: str) -> bool:
        """Advice is shown with `pedantic`, where it counts, or when its rule is asked for."""
        if severity != "info" or self.pedantic or self.fail_on == "info":
            return True
        return any(code in (layer.select or ()) or name in (layer.select or ()) for layer in self.layers)

    def excludes(self, path: str) -> bool:
        """Is a file left out, here or further up?"""
        config: Config | None = self
        while config is not None:
            if config.exclude:
                from .globs import matches

                local = relative(path, config.folder)
                if any(matches(pattern, local) for pattern in config.exclude):
                    return True
            config = config.parent
        return False


def relative(path: str, folder: str) -> str:
    """A path as seen from a folder, with `/`."""
    try:
        local = os.path.relpath(path, folder)
    except ValueError:  # another drive
        local = os.path.abspath(path)
    return local.replace(os.sep, "/")


class Configs:
    """Finds each file's configuration; folders are looked at once.

    `file` is the only configuration if given (its paths start at the current folder); `isolated`
    reads none. `adjust` lays the options of the command line over a configuration.
    """

    def __init__(
        self,
        file: str | None = None,
        *,
        isolated: bool = False,
        adjust: Callable[[Config], None] | None = None,
    ) -> None:
        self._adjust = adjust
        self._by_folder: dict[str, Config | None] = {}
        self._plain: Config | None = None
        self._only: Config | None = None
        if file is not None:
            config = read_config(file)
            if config is None:
                raise ConfigError(f"{file}: has no [tool.cdlint] table")
            config.folder = os.getcwd()
            self._only = self._adjusted(config)
        elif isolated:
            self._only = self._adjusted(Config())

    def of(self, path: str) -> Config:
        """The configuration for a file."""
        if self._only is not None:
            return self._only
        found = self._in(os.path.dirname(os.path.abspath(path)))
        if found is not None:
            return found
        if self._plain is None:
            self._plain = self._adjusted(Config())
        return self._plain

    def follow(self, path: str, folder: str) -> None:
        """Let a file that lies elsewhere have the configuration of a folder."""
        self._by_folder[os.path.dirname(os.path.abspath(path))] = self._in(os.path.abspath(folder))

    def _in(self, folder: str) -> Config | None:
        known = self._by_folder
        climbed: list[str] = []
        while folder not in known:
            climbed.append(folder)
            above = os.path.dirname(folder)
            if above == folder:
                break
            folder = above
        found = known.get(folder)
        for below in reversed(climbed):
            own = self._read(below)
            if own is not None:
                own.parent = found
                found = self._adjusted(own)
            known[below] = found
        return found

    @staticmethod
    def _read(folder: str) -> Config | None:
        for name in NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                config = read_config(path)
                if config is not None:
                    return config
        return None

    def _adjusted(self, config: Config) -> Config:
        if self._adjust is not None:
            self._adjust(config)
        return config


def read_config(path: str) -> Config | None:
    """The configuration in a file; None if it is a `pyproject.toml` that says nothing to cdlint."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    # Most projects' pyproject.toml does not speak of cdlint; a TOML parser costs 10 ms.
    if os.path.basename(path) == "pyproject.toml" and b"tool.cdlint" not in data:
        return None
    from .config_file import parse

    return parse(path, data)
