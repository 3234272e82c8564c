"""What stops `cdlint package`."""

from __future__ import annotations


class PackageError(Exception):
    """The package cannot be made or sent. The message is one clear line for the user: what is wrong, and what to do.

    It never holds a secret; the command line prints it after `cdlint: ` and ends with 2.
    """
