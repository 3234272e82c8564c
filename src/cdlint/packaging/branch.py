"""On which branch are we, and is it one of those that are to be packed? In doubt: no, with the reason.

A CI system's variables count only where its own mark is there. Sources: CodeBuild's list of environment variables in
build environments, GitHub's default environment variables; git for everything else.
"""

from __future__ import annotations

from ..globs import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .git import Git

_HEADS = "refs/heads/"
_TAGS = "refs/tags/"
_REMOTES = "refs/remotes/"


class Decision:
    """`branch` is None where there is none or more than one; `reason` is one sentence for the user."""

    def __init__(self, branch: str | None, is_wanted: bool, reason: str) -> None:
        self.branch = branch
        self.is_wanted = is_wanted
        self.reason = reason

    def __repr__(self) -> str:
        return f"Decision({self.branch!r}, {self.is_wanted}, {self.reason!r})"


class _Told:
    """A branch, or why there is none."""

    def __init__(self, branch: str | None, reason: str) -> None:
        self.branch = branch
        self.reason = reason


def decide(
    environment: Mapping[str, str], git: Git | None, wanted: Sequence[str], ref: str | None = None
) -> Decision:
    """Whether this run is to pack. `wanted` are branches or patterns; `ref` what is packed instead of HEAD.

    Raises:
        PackageError: git fails.
    """
    told = None
    ref = None if ref == "HEAD" else ref
    if environment.get("CODEBUILD_BUILD_ID"):
        told = _codebuild(environment, git, ref)
    elif environment.get("GITHUB_ACTIONS") == "true":
        told = _github(environment, ref)
    told = told or _git(git, ref)
    branch, reason = told.branch, told.reason
    if branch is None:
        return Decision(None, False, reason)
    if any(matches(pattern, branch) and _is_whole(pattern, branch) for pattern in wanted):
        return Decision(branch, True, f"the branch is {branch}, as {reason}")
    names = " or ".join(wanted)
    return Decision(branch, False, f"the branch is {branch} and not {names}, as {reason}")


def _is_whole(pattern: str, branch: str) -> bool:
    """Patterns of files match folders, too, and at any depth; the name of a branch is meant as a whole."""
    parts = pattern.strip("/").split("/")
    return "**" in parts or len(parts) == len(branch.split("/"))


# --- CodeBuild -------------------------------------------------------------------------------------------


def _codebuild(environment: Mapping[str, str], git: Git | None, ref: str | None) -> _Told | None:
    """Source: CodeBuild, environment variables in build environments."""
    event = environment.get("CODEBUILD_WEBHOOK_EVENT", "")
    trigger = environment.get("CODEBUILD_WEBHOOK_TRIGGER", "")
    version = environment.get("CODEBUILD_SOURCE_VERSION", "")
    head = environment.get("CODEBUILD_WEBHOOK_HEAD_REF", "")
    if event.startswith("PULL_REQUEST"):
        return _Told(None, f"this is the build of a pull request (CODEBUILD_WEBHOOK_EVENT is {event})")
    if trigger.startswith("pr/"):
        return _Told(None, f"this is the build of a pull request (CODEBUILD_WEBHOOK_TRIGGER is {trigger})")
    if version.startswith(("pr/", "refs/pull/")):
        return _Told(None, f"this is the build of a pull request (CODEBUILD_SOURCE_VERSION is {version})")
    if ref is not None:
        return None
    if trigger.startswith("tag/") or head.startswith(_TAGS):
        return _Told(None, "this is the build of a tag, which is on no branch by itself")
    if head.startswith(_HEADS):
        branch = head.removeprefix(_HEADS)
        if trigger.startswith("branch/") and trigger.removeprefix("branch/") != branch:
            return _Told(
                None, f"CODEBUILD_WEBHOOK_HEAD_REF says {head}, but CODEBUILD_WEBHOOK_TRIGGER says {trigger}"
            )
        return _Told(branch, "CODEBUILD_WEBHOOK_HEAD_REF says")
    if trigger.startswith("branch/"):
        return _Told(trigger.removeprefix("branch/"), "CODEBUILD_WEBHOOK_TRIGGER says")
    if environment.get("CODEBUILD_INITIATOR", "").startswith("codepipeline/"):
        if git is None:
            return _Told(
                None, "this is the action of a pipeline, whose source has no branch (--any-branch packs it)"
            )
        return None
    return _source_version(version, git)


def _source_version(version: str, git: Git | None) -> _Told | None:
    """A branch, a tag, a commit, or a version of an S3 object; `refs/heads/x^{commit}` says which commit it was."""
    name = version.partition("^{")[0]
    if name.startswith(_HEADS):
        return _Told(name.removeprefix(_HEADS), "CODEBUILD_SOURCE_VERSION says")
    if name.startswith(_TAGS):
        return _Told(None, "this is the build of a tag, which is on no branch by itself")
    if not name or name.startswith("arn:") or _is_commit(name):
        return None
    if git is not None:
        if any(tag == _TAGS + name for tag, _ in git.tags()):
            return _Told(None, f"CODEBUILD_SOURCE_VERSION is {name}, and there is a tag of that name")
        if not git.is_branch_name(name):
            return None
    return _Told(name, "CODEBUILD_SOURCE_VERSION says")


def _is_commit(name: str) -> bool:
    return len(name) in (40, 64) and all(char in "0123456789abcdef" for char in name)


# --- GitHub ----------------------------------------------------------------------------------------------


def _github(environment: Mapping[str, str], ref: str | None) -> _Told | None:
    """Source: GitHub Actions, variables; events that trigger workflows."""
    event = environment.get("GITHUB_EVENT_NAME", "")
    at = environment.get("GITHUB_REF", "")
    if event.startswith("pull_request") or at.startswith("refs/pull/"):
        return _Told(None, f"this is the build of a pull request (the event is {event or at})")
    if event == "merge_group":
        return _Told(None, "this is the build of a merge queue, which is on no branch yet")
    if ref is not None or event == "workflow_run":
        # There GITHUB_REF is the default branch, whatever ran before and was checked out.
        return None
    if at.startswith(_HEADS):
        return _Told(at.removeprefix(_HEADS), "GITHUB_REF says")
    if at.startswith(_TAGS):
        return _Told(None, "this is the build of a tag, which is on no branch by itself")
    return None


# --- git -------------------------------------------------------------------------------------------------


def _git(git: Git | None, ref: str | None) -> _Told:
    if git is None:
        return _Told(
            None, "there is no git repository that could tell the branch (--any-branch packs it all the same)"
        )
    if ref is not None:
        plain = ref.removeprefix(_HEADS)
        if git.has_ref(_HEADS + plain):
            return _Told(plain, "--ref says")
        for remote in git.remotes():
            name = ref.removeprefix(_REMOTES).removeprefix(f"{remote}/")
            if name != "HEAD" and git.has_ref(f"{_REMOTES}{remote}/{name}"):
                return _Told(name, "--ref says")
    elif (branch := git.head_branch()) is not None:
        return _Told(branch, "git has it checked out")
    commit = git.commit(ref or "HEAD")
    what = f"the commit {commit[:7]}"
    remotes = sorted(git.remotes(), key=len, reverse=True)
    if remotes:
        names = {_without_remote(name, remotes) for name in git.branches_at(commit, _REMOTES)}
        kind = "remote branch"
    else:
        names = {name.removeprefix(_HEADS) for name in git.branches_at(commit, _HEADS)}
        kind = "branch"
    if len(names) == 1:
        return _Told(names.pop(), f"{what} is what that {kind} points at")
    if not names:
        return _Told(None, f"HEAD is detached, and no {kind} points at {what}")
    shown = ", ".join(sorted(names)[:5])
    return _Told(None, f"HEAD is detached, and more than one {kind} points at {what}: {shown}")


def _without_remote(name: str, remotes: Sequence[str]) -> str:
    rest = name.removeprefix(_REMOTES)
    for remote in remotes:
        if rest.startswith(remote + "/"):
            return rest.removeprefix(remote + "/")
    return rest
