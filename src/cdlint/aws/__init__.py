"""What AWS knows, as data files (`data/*.json`) with a thin typed reader each."""

from __future__ import annotations

import os

from ..fastjson import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_READ: dict[str, Any] = {}


def table(name: str) -> Any:
    """The content of `data/NAME.json`, read once and only when asked for."""
    found = _READ.get(name)
    if found is None:
        here = os.path.dirname(os.path.abspath(__file__))
        found = _READ[name] = load(os.path.join(here, "data", name + ".json"))
    return found
