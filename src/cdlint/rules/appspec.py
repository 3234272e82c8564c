"""appspec files of CodeDeploy: EC2 and on-premises, ECS, Lambda."""

from __future__ import annotations
