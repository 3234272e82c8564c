"""The configuration as a table of `pyproject.toml`: put behind what is there, and read again."""

from __future__ import annotations

import sys

from .changes import BOM, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATH = "pyproject.toml"


def with_table(text: str, settings: str) -> str:
    """The file with `[tool.cdlint]` at its end.

    Raises:
        Refused: It is no TOML, or `tool` is written in a way that lets no table be put behind it.
    """
    before = _data(text)
    newline = "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"
    start = text if not text or text.endswith("\n") else text + newline
    block = ("\n" if text else "") + "[tool.cdlint]\n" + settings
    after = start + block.replace("\n", newline)
    try:
        found = _data(after)
        found["tool"].pop("cdlint")
    except (Refused, KeyError, AttributeError, TypeError):
        raise Refused(f"{PATH}: has no place for [tool.cdlint]; `--only config` writes cdlint.toml") from None
    if found["tool"] == {} and "tool" not in before:
        del found["tool"]
    if found != before:
        raise Refused(f"{PATH}: has no place for [tool.cdlint]; `--only config` writes cdlint.toml")
    return after


def _data(text: str) -> dict[str, Any]:
    name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    toml: Any = __import__(name)
    try:
        data: dict[str, Any] = toml.loads(text.removeprefix(BOM))
    except (toml.TOMLDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "nested too deep"
        raise Refused(f"{PATH}: is no TOML: {reason}") from None
    return data
