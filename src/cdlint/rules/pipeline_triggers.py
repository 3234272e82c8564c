"""Triggers and their filters."""

from __future__ import annotations
