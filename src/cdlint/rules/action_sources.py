"""Source actions: polling, deprecated providers, what they hand on."""

from __future__ import annotations
