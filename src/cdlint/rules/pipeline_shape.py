"""What the schema of a pipeline finds: keys, types, patterns, lengths."""

from __future__ import annotations
