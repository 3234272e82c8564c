"""Conditions of stages, their rules, retries and rollbacks."""

from __future__ import annotations
