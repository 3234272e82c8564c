"""CD420–CD429: code and input from elsewhere."""

from __future__ import annotations
