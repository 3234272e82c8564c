"""Values of configuration keys: what they may be."""

from __future__ import annotations
