"""CD311–CD319: `aws s3` in commands."""

from __future__ import annotations
