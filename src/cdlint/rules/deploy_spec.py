"""The deploy specification of the EC2 deploy action."""

from __future__ import annotations
