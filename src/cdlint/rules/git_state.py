"""CD390–CD399: what CodeBuild's checkout does not have: a branch, history, `.git`."""

from __future__ import annotations
