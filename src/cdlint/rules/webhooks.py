"""Webhooks of pipelines, and event rules that start them."""

from __future__ import annotations
