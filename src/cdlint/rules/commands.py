"""CD380–CD389: commands that were removed, have aged, or wait for a person."""

from __future__ import annotations
