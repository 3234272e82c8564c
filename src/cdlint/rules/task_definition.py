"""taskdef.json: the task definition of an ECS deployment."""

from __future__ import annotations
