"""CD345–CD354: statements over several items, what is carried from item to item."""

from __future__ import annotations
