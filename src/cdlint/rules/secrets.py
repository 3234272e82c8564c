"""CD401–CD409: secrets in the file."""

from __future__ import annotations
