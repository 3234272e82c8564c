"""CD301–CD309: zip and tar, and what they are given."""

from __future__ import annotations
