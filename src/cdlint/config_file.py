"""The reader of configuration files: TOML → `Config`, or one line that says what is wrong."""

from __future__ import annotations

import os
import sys

from .config import LEVELS, SEVERITIES, Config, ConfigError, Layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn


def parse(path: str, data: bytes) -> Config | None:
    """The configuration in the content of a file; None if a `pyproject.toml` has none."""
    own = os.path.basename(path) != "pyproject.toml"
    table: Any = _parse_toml(path, data)
    if not own:
        tool = table.get("tool")
        table = tool.get("cdlint") if isinstance(tool, dict) else None
        if table is None:
            return None
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: tool.cdlint must be a table")
    return from_table(table, path, "" if own else "tool.cdlint.")


def _parse_toml(path: str, data: bytes) -> dict[str, Any]:
    name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    try:
        toml: Any = __import__(name)
    except ImportError:
        raise ConfigError(f"{path}: to read TOML on this Python, install {name}") from None
    try:
        table: dict[str, Any] = toml.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8") from None
    except (toml.TOMLDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "nested too deep"
        raise ConfigError(f"{path}: is not valid TOML: {reason}") from None
    return table


def from_table(table: dict[str, Any], path: str, prefix: str = "") -> Config:
    """A configuration from parsed TOML. `prefix` is put before key names in messages."""
    reader = _Reader(path, prefix)
    config = Config(os.path.dirname(os.path.abspath(path)))
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    for key, value in table.items():
        if key == "select":
            select = reader.rules(key, value)
        elif key == "ignore":
            ignore = reader.rules(key, value)
        elif key == "per-file-ignores":
            entries = reader.table(key, value)
            config.per_file_ignores = tuple(
                (glob, reader.rules(f"{key}.{glob}", words)) for glob, words in entries.items()
            )
        elif key == "severity":
            for rule, level in reader.table(key, value).items():
                word = reader.rules(f"{key}.{rule}", [rule], exact=True)[0]
                config.severity[word] = reader.word(f"{key}.{rule}", level, LEVELS)
        elif key == "exclude":
            config.exclude = reader.texts(key, value)
        elif key in ("image", "shell"):
            setattr(config, key, reader.word(key, value))
        elif key == "pedantic":
            if not isinstance(value, bool):
                reader.refuse(key, "must be true or false", value)
            config.pedantic = value
        elif key == "fail-on":
            config.fail_on = reader.word(key, value, SEVERITIES)  # type: ignore[assignment]
        elif key == "package":
            config.package = _package(path, prefix, reader.table(key, value))
        else:
            reader.unknown(key)
    config.layers = (Layer(select, ignore),) if select is not None or ignore else ()
    return config


def _package(path: str, prefix: str, table: dict[str, Any]) -> dict[str, object]:
    """The settings of `cdlint package`."""
    from .packaging.settings import CHOICES, KEYS

    reader = _Reader(path, prefix + "package.", KEYS)
    for key, value in table.items():
        if key not in KEYS:
            reader.unknown(key)
        elif KEYS[key] is list:
            reader.texts(key, value)
        elif KEYS[key] is str:
            reader.word(key, value, CHOICES.get(key, ()))
        elif not isinstance(value, KEYS[key]) or (KEYS[key] is int and isinstance(value, bool)):
            reader.refuse(key, "must be true or false" if KEYS[key] is bool else "must be a number", value)
    return table


KEYS = (
    "select",
    "ignore",
    "per-file-ignores",
    "severity",
    "exclude",
    "image",
    "shell",
    "pedantic",
    "fail-on",
    "package",
)


class _Reader:
    """Takes values of the right type, or says in one line what is wrong with them."""

    def __init__(self, path: str, prefix: str, keys: Iterable[str] = KEYS) -> None:
        self.path = path
        self.prefix = prefix
        self.keys = tuple(keys)

    def refuse(self, key: str, must: str, value: object = None) -> NoReturn:
        given = "" if value is None else f", not {_shown(value)}"
        raise ConfigError(f"{self.path}: {self.prefix}{key} {must}{given}")

    def unknown(self, key: str) -> NoReturn:
        from .wording import closest, listed

        meant = closest(key, self.keys)
        hint = f"did you mean {meant}?" if meant else "known keys: " + listed(self.keys, "and")
        raise ConfigError(f"{self.path}: {self.prefix}{key} is no setting of cdlint; {hint}")

    def table(self, key: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(key, "must be a table", value)
        result: dict[str, Any] = value
        return result

    def texts(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.refuse(key, "must be a list of strings", value)
        for item in value:
            if not isinstance(item, str) or not item:
                self.refuse(key, "must hold only strings that are not empty", item)
        return tuple(value)

    def word(self, key: str, value: Any, choices: tuple[str, ...] = ()) -> str:
        from .wording import listed

        if choices and value not in choices:
            self.refuse(key, "must be " + listed(choices), value)
        if not isinstance(value, str) or not value:
            self.refuse(key, "must be a string that is not empty", value)
        result: str = value
        return result

    def rules(self, key: str, value: Any, exact: bool = False) -> tuple[str, ...]:
        words = self.texts(key, value)
        problem = unknown_rule(words, exact)
        if problem:
            raise ConfigError(f"{self.path}: {self.prefix}{key}: {problem}")
        return normal(words)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def normal(words: Iterable[str]) -> tuple[str, ...]:
    """Codes and beginnings of codes in capitals, names in small letters."""
    return tuple(word.upper() if _is_code(word) else word.lower() for word in words)


def _is_code(word: str) -> bool:
    return word[:2].upper() in ("CD", "SC") and (len(word) == 2 or word[2:].isdigit())


def unknown_rule(words: Sequence[str], exact: bool = False) -> str | None:
    """What is wrong with the first word that means no rule; None if all do.

    Unless `exact`, the beginning of a code (`CD2`) means all rules whose codes begin so.
    """
    from .rules import is_shellcheck, load

    rules = load()
    names = {rule.name for rule in rules.values()}
    for given, word in zip(words, normal(words), strict=True):
        if word in rules or word in names or is_shellcheck(word):
            continue
        if word.startswith("CD"):
            begun = any(code.startswith(word) for code in rules)
            if begun and not exact:
                continue
            hint = "give one whole code" if begun else "`cdlint rules` lists them"
        else:
            from .wording import closest

            meant = closest(given, names)
            hint = f"did you mean {meant}?" if meant else "`cdlint rules` lists them"
        return f"there is no rule {given!r}; {hint}"
    return None
