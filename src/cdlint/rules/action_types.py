"""Category, owner, provider and version of actions."""

from __future__ import annotations
