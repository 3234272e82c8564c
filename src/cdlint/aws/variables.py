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


#: When a variable is there, in words, by what `provided` says.
WHEN = {
    "always": "in every build",
    "source": "in builds that have a source",
    "webhook": "in builds started by a webhook",
    "batch": "in batch builds",
    "public": "in builds that everybody may see",
    "runner": "in runners of workflows",
    "shard": "inside `codebuild-tests-run`",
}


def all_provided() -> dict[str, str]:
    """Every variable that CodeBuild sets, with a key of `WHEN`."""
    found: dict[str, str] = table("variables")["provided"]
    return found


def meaning(name: str) -> str:
    """What a variable holds, in a sentence or two; "" if that is not known."""
    found = table("variable_texts")["texts"].get(name)
    if found is not None:
        return str(found)
    families: dict[str, str] = table("variables")["families"]
    return next((f"Holds {text}." for family, text in families.items() if name.startswith(family)), "")
