"""CD320–CD329: constructs of bash under a plain `sh`."""

from __future__ import annotations
