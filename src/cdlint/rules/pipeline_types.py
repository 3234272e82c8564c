"""V1 and V2, execution modes."""

from __future__ import annotations
