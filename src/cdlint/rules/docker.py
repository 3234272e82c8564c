"""CD365–CD379: docker and the registries."""

from __future__ import annotations
