"""CD335–CD344: exit statuses that are lost."""

from __future__ import annotations
