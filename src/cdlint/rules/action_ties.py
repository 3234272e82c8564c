"""Configuration keys that depend on one another, or on the artifacts."""

from __future__ import annotations
