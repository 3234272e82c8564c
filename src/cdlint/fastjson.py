"""JSON files of our own, read by CPython's C scanner: importing `json` would import `re`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Context:
    """What the scanner wants to know about its caller."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None


def load(path: str) -> Any:
    """The value in a JSON file. Raises `OSError` or `ValueError`."""
    with open(path, encoding="utf-8") as stream:
        return loads(stream.read())


def loads(text: str) -> Any:
    """The value of a JSON text that we wrote ourselves. Raises `ValueError` if it is none."""
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text)
    scan: Any = make_scanner
    text = text.strip()
    try:
        value, end = scan(_Context)(text, 0)
    except StopIteration:
        raise ValueError("not a JSON text") from None
    if end != len(text):
        raise ValueError(f"text behind the end of the JSON value, at {end}")
    return value
