"""JSON texts for reports."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def dumps(value: Any, indent: int | None = None) -> str:
    """A value as JSON, non-ASCII characters kept.

    Half a surrogate pair, which a file's name or a YAML escape can hold, would be no UTF-8:
    where there is one, everything that is not ASCII is escaped.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(value, indent=indent)
    return text
