"""imagedefinitions.json, which the ECS deploy action reads."""

from __future__ import annotations
