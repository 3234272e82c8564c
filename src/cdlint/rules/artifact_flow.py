"""Artifacts: who makes them, who takes them, and in which order."""

from __future__ import annotations
