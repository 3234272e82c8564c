"""Build projects: what a template says of them."""

from __future__ import annotations
