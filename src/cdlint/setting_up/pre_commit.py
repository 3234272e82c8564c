"""Adding a hook to `.pre-commit-config.yaml`.

ruamel.yaml tells where the lists stand and how they are indented; the lines are then put into the text itself, so that
every other byte stays. What comes out is read again: it must be what was there, and the hook, and nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from .changes import BOM, Refused

PATH = ".pre-commit-config.yaml"
HOOKS = ("cdlint", "cdlint-fix", "cdlint-project")


class _Style:
    """How the file is written: line ends, the column of the hyphens of `repos`, and how `hooks` are indented."""

    def __init__(self, newline: str, hyphen: int = 2, gap: int = 2, hooks: int = 2) -> None:
        self.newline = newline
        self.hyphen = hyphen
        self.gap = gap
        self.hooks = hooks

    def block(self, repo: str, rev: str, hook: str) -> str:
        """The entry as lines of a block."""
        start, inner = " " * self.hyphen, " " * (self.hyphen + self.gap)
        lines = [
            f"{start}-{' ' * (self.gap - 1)}repo: {repo}",
            f"{inner}rev: {rev}",
            f"{inner}hooks:",
            f"{inner}{' ' * self.hooks}- id: {hook}",
        ]
        return "".join(line + self.newline for line in lines)


def with_hook(text: str | None, repo: str, rev: str, hook: str) -> str | None:
    """The configuration with the hook; None if cdlint is there already.

    Raises:
        Refused: It is no configuration of pre-commit's, or it cannot be changed without touching other things.
    """
    if text is None:
        return "repos:\n" + _Style("\n").block(repo, rev, hook)
    before = _data(text)
    if before is not None and not isinstance(before, dict):
        raise Refused(f"{PATH}: is no mapping, so pre-commit cannot read it")
    repos = (before or {}).get("repos")
    if repos is not None and not isinstance(repos, list):
        raise Refused(f"{PATH}: `repos` is no list, so pre-commit cannot read it")
    if any(_is_ours(one) for one in repos or ()):
        return None
    after = _inserted(text, repo, rev, hook)
    entry = {"repo": repo, "rev": rev, "hooks": [{"id": hook}]}
    wanted = {**(before or {}), "repos": [*(repos or ()), entry]}
    if _plain(_data(after)) != _plain(wanted):
        raise Refused(f"{PATH}: is written in a way that cdlint init does not change; add the hook by hand")
    return after


def _is_ours(repo: object) -> bool:
    if not isinstance(repo, dict):
        return False
    address = str(repo.get("repo", "")).rstrip("/").removesuffix(".git")
    if address.rpartition("/")[2] == "cdlint":
        return True
    hooks = repo.get("hooks")
    return any(
        isinstance(one, dict) and one.get("id") in HOOKS for one in (hooks if isinstance(hooks, list) else ())
    )


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    return yaml


def _data(text: str) -> Any:
    import yaml

    from ..syntax.yaml import LimitProblem, SyntaxProblem, compose

    try:
        compose(text, len(text) - len(text.removeprefix(BOM)))
    except LimitProblem:
        # The parsers below would end the whole process at a hundred thousand brackets.
        raise Refused(f"{PATH}: is nested too deeply") from None
    except SyntaxProblem:
        pass  # they say it with the line
    try:
        # pre-commit reads with PyYAML, which is stricter in some places.
        yaml.load(text, yaml.CSafeLoader)
        return _yaml().load(text.removeprefix(BOM))
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        raise Refused(f"{PATH}: is no YAML{where}; mend it first") from None


def _plain(data: Any) -> Any:
    """Data without what ruamel.yaml remembers of its looks."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(item) for item in data]
    return data


def _inserted(text: str, repo: str, rev: str, hook: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    style = _Style(newline)
    head = BOM if text.startswith(BOM) else ""
    body = text[len(head) :]
    root = _yaml().compose(body)
    found = _repos(root)
    if found is None:
        if root is not None and root.flow_style:
            raise Refused(f"{PATH}: has its keys in braces; add the hook by hand")
        return head + _ended(body, newline) + f"repos:{newline}" + style.block(repo, rev, hook)
    key, node = found
    if getattr(node, "flow_style", False) and node.value:
        return head + _in_flow(body, node, f"{{repo: {repo}, rev: {rev}, hooks: [{{id: {hook}}}]}}")
    if not isinstance(node.value, list) or not node.value:
        return head + _in_place_of(body, key, node, style, style.block(repo, rev, hook))
    region = body[key.end_mark.index : _stop(body, root, key)]
    _learn(region, style)
    at = key.end_mark.index + _last(region, style.hyphen)
    start = _ended(body[:at], newline)
    return head + start + style.block(repo, rev, hook) + body[at:]


def _repos(root: Any) -> tuple[Any, Any] | None:
    for key, value in root.value if root is not None else ():
        if key.value == "repos":
            return key, value
    return None


def _in_flow(body: str, node: Any, entry: str) -> str:
    """One more member of a list in brackets."""
    at = node.end_mark.index - 1
    before = body[:at].rstrip(" ")
    blank = body[len(before) : at]
    comma = "" if before.rstrip().endswith(",") else ","
    return before + comma + " " + entry + blank + body[at:]


def _in_place_of(body: str, key: Any, node: Any, style: _Style, block: str) -> str:
    """The first member, where there was `[]`, or nothing, behind `repos:`."""
    colon = body.index(":", key.end_mark.index) + 1
    stop = max(colon, node.end_mark.index) if node.value == [] else colon
    line = body.find("\n", stop)
    line = len(body) if line < 0 else line + 1
    comment = body[stop:line].strip()
    if comment and not comment.startswith("#"):
        raise Refused(f"{PATH}: is written in a way that cdlint init does not change; add the hook by hand")
    return body[:colon] + (f"  {comment}" if comment else "") + style.newline + block + body[line:]


def _stop(body: str, root: Any, key: Any) -> int:
    """Where the value of a key ends at the latest: at the next key, or at the end of the document."""
    starts = [other.start_mark.index for other, _ in root.value]
    following = min((at for at in starts if at > key.start_mark.index), default=len(body))
    end = re.compile(r"^(\.\.\.|---)", re.M).search(body, key.end_mark.index, following)
    return end.start() if end is not None else following


def _learn(region: str, style: _Style) -> None:
    """Take the indentation of the entries that are there."""
    first = re.search(r"^( *)-( +)\S", region, re.M)
    if first is not None:
        style.hyphen, style.gap = len(first[1]), 1 + len(first[2])
    inner = re.search(r"^( *(?:- +)?)hooks:[^\n]*\n(?:[ \r]*(?:#[^\n]*)?\n)*( *)- ", region, re.M)
    if inner is not None:
        style.hooks = max(0, len(inner[2]) - len(inner[1]))


def _last(region: str, hyphen: int) -> int:
    """Where the last entry ends; comments that are indented deeper than its hyphen belong to it."""
    at = end = 0
    for line in region.splitlines(keepends=True):
        at += len(line)
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if bare.strip() and (indent > hyphen or (indent == hyphen and not bare.startswith("#"))):
            end = at
    return end


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline
