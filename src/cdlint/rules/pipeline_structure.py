"""Stages and actions: how many, of which category, under which names."""

from __future__ import annotations
