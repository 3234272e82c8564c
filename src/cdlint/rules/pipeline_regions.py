"""Regions, artifact stores, and roles."""

from __future__ import annotations
