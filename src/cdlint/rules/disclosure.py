"""CD410–CD419: secrets that commands print or pass on."""

from __future__ import annotations
