"""CD355–CD364: variables of the shell."""

from __future__ import annotations
