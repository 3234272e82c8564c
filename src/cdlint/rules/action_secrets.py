"""Credentials in the configuration of actions."""

from __future__ import annotations
