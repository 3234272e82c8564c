"""The environment variables that CodeBuild sets in a build."""

from __future__ import annotations

from . import table

#: The beginning of names that belong to the service.
RESERVED = "CODEBUILD_"


def provided(name: str) -> str | None:
    """When CodeBuild sets a variable, or None if it does not.

    `always`; `source` (there is a source), `webhook`, `batch`, `public`, `runner` (builds of that
    kind); `shard` (inside `codebuild-tests-run`).
    """
    data = table("variables")
    found: str | None = data["provided"].get(name)
    if found is None and any(name.startswith(family) for family in data["families"]):
        found = "source"
    return found


def reserved(name: str) -> bool:
    """Does a name belong to the service, so that a buildspec should not set it?"""
    if not name.startswith(RESERVED):
        return False
    return not any(name.startswith(family) for family in table("variables")["set_by_users"])


def instead_of(name: str) -> str | None:
    """For names that people expect CodeBuild to set, but it does not: what to use instead."""
    found: str | None = table("variables")["not_provided"].get(name)
    return found
