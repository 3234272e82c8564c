"""CD330–CD334: builtins of bash, and shells other than POSIX ones."""

from __future__ import annotations
