"""imageDetail.json, which the blue/green ECS deploy action reads."""

from __future__ import annotations
