"""Variables and namespaces: `#{namespace.key}`."""

from __future__ import annotations
