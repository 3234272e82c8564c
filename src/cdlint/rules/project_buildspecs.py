"""Build projects and the buildspec written in them."""

from __future__ import annotations
