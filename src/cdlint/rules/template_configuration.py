"""Template configuration files of the CloudFormation action."""

from __future__ import annotations
