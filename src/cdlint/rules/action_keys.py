"""Configuration keys of actions: missing, unknown, misspelt."""

from __future__ import annotations
