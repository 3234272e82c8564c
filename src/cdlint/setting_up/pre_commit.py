"""Adding a hook to `.pre-commit-config.yaml`.

ruamel.yaml tells where the list stands and how it is written; the lines are then put into the text itself, because
ruamel.yaml does not write every file back as it was (docs/dependencies.md). What comes out is read again: by
ruamel.yaml it must look as before (values, quotes, anchors, order, comments), and pre-commit's own reader must find
what was there and the hook, and nothing else.
"""

from __future__ import annotations

import re

from .changes import BOM, Refused
from .yaml_events import Node, events_of, is_kept, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PATH = ".pre-commit-config.yaml"
HOOKS = ("cdlint", "cdlint-fix", "cdlint-project")
_BY_HAND = f"{PATH}: is written in a way that cdlint init does not change; add the hook by hand"
#: Deeper indentation than this is not taken over.
_MOST = 20


class Entry:
    """What is to be added."""

    def __init__(self, repo: str, rev: str, hook: str) -> None:
        self.repo = repo
        self.rev = rev
        self.hook = hook

    @property
    def data(self) -> dict[str, object]:
        return {"repo": self.repo, "rev": self.rev, "hooks": [{"id": self.hook}]}

    def flow(self, json: bool) -> str:
        """The entry in braces."""
        if json:
            return f'{{"repo": "{self.repo}", "rev": "{self.rev}", "hooks": [{{"id": "{self.hook}"}}]}}'
        return f"{{repo: {self.repo}, rev: {self.rev}, hooks: [{{id: {self.hook}}}]}}"


class _Style:
    """How a list is indented: the column of its hyphens, how far behind them the text is, and the same for `hooks`."""

    def __init__(self, hyphen: int = 2) -> None:
        self.hyphen = hyphen
        self.gap = 2
        self.hooks = 2
        self.hooks_gap = 2

    def learn(self, repos: Node, key: Node, hyphen: int) -> None:
        """Take it from the first entry that shows it."""
        self.hyphen = hyphen
        self.hooks = min(self.hyphen - key.column, _MOST)
        for item in repos.children():
            if item.kind != "Mapping" or item.is_flow:
                continue
            self.gap = _gap(hyphen, item, self.gap)
            for name, value in item.pairs():
                if name.value == "hooks" and value.kind == "Sequence" and not value.is_flow:
                    self.hooks = max(0, min(value.column - name.column, _MOST))
                    for hook in value.children():
                        self.hooks_gap = _gap(value.column, hook, self.hooks_gap)
                    return

    def block(self, entry: Entry, newline: str) -> str:
        """The entry as lines of a block."""
        start, inner = " " * self.hyphen, " " * (self.hyphen + self.gap)
        lines = [
            f"{start}-{' ' * (self.gap - 1)}repo: {entry.repo}",
            f"{inner}rev: {entry.rev}",
            f"{inner}hooks:",
            f"{inner}{' ' * self.hooks}-{' ' * (self.hooks_gap - 1)}id: {entry.hook}",
        ]
        return "".join(line + newline for line in lines)


def _gap(hyphen: int, item: Node, known: int) -> int:
    """How far an item's text is behind its hyphen."""
    gap = item.column - hyphen
    return gap if 2 <= gap <= _MOST and item.kind == "Mapping" else known


def with_hook(text: str | None, repo: str, rev: str, hook: str) -> str | None:
    """The configuration with the hook; None if cdlint is there already.

    Raises:
        Refused: It is no configuration of pre-commit's, or it cannot be changed without touching other things.
    """
    entry = Entry(repo, rev, hook)
    if text is None:
        return "repos:\n" + _Style().block(entry, "\n")
    before = _data(text)
    if before is not None and not isinstance(before, dict):
        raise Refused(f"{PATH}: is no mapping, so pre-commit cannot read it")
    repos = (before or {}).get("repos")
    if repos is not None and not isinstance(repos, list):
        raise Refused(f"{PATH}: `repos` is no list, so pre-commit cannot read it")
    if any(_is_ours(one) for one in repos or ()):
        return None
    wanted = {**(before or {}), "repos": [*(repos or ()), entry.data]}
    head = BOM if text.startswith(BOM) else ""
    body = text[len(head) :]
    try:
        events = events_of(body)
        for after, replaced in _proposals(body, events, entry):
            if _is_right(after, wanted) and is_kept(events, events_of(after), replaced):
                return head + after
    except Refused:
        raise
    except Exception:
        # ruamel.yaml can stumble over what PyYAML reads; whatever it is, nothing is changed then.
        raise Refused(_BY_HAND) from None
    raise Refused(_BY_HAND)


def _is_right(after: str, wanted: dict[str, Any]) -> bool:
    try:
        return bool(_data(after) == wanted)
    except Refused:
        return False


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


def _data(text: str) -> Any:
    """What pre-commit reads."""
    import yaml

    from ..syntax.yaml import LimitProblem, SyntaxProblem, compose

    try:
        compose(text, len(text) - len(text.removeprefix(BOM)))
    except LimitProblem:
        # PyYAML would end the whole process at a hundred thousand brackets.
        raise Refused(f"{PATH}: is nested too deeply, or too large") from None
    except SyntaxProblem:
        pass  # PyYAML says it with the line
    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        raise Refused(f"{PATH}: is no YAML{where}; mend it first") from None


# --- where it goes --------------------------------------------------------------------------------


def _proposals(body: str, events: list[Any], entry: Entry) -> Iterator[tuple[str, int]]:
    """Texts with the entry, the best first, each with the number of events that it replaces."""
    newline = "\r\n" if 2 * body.count("\r\n") > body.count("\n") else "\n"
    root = root_of(events)
    if root is None or root.kind != "Mapping":
        # Comments, or nothing at all.
        yield _ended(body, newline) + f"repos:{newline}" + _Style().block(entry, newline), 1
        return
    found = [(key, value) for key, value in root.pairs() if key.value == "repos"]
    if len(found) > 1:
        return
    if not found:
        if not root.is_flow:
            start = " " * root.column
            block = f"{start}repos:{newline}" + _Style(root.column + 2).block(entry, newline)
            for at in (root.limit, _line_end(body, root.end)):
                yield _ended(body[:at], newline) + block + body[at:], 0
        return
    key, value = found[0]
    json = root.is_flow and body.lstrip()[:1] == "{"
    if value.kind == "Sequence" and any(True for _ in value.children()):
        if value.is_flow:
            yield _in_flow(body, value, entry.flow(json), newline), 0
        else:
            style = _Style()
            style.learn(value, key, _hyphen(body, value))
            block = style.block(entry, newline)
            yield from ((text, 0) for text in _behind(body, value, style.hyphen, block, newline))
        return
    if not root.is_flow and value.is_bare:
        yield from _in_place(body, key, value, _Style(key.column + 2).block(entry, newline), newline)
    if value.kind == "Sequence" and value.is_flow:
        at = value.limit
        yield body[:at] + entry.flow(json) + body[at:], 0


def _hyphen(body: str, repos: Node) -> int:
    """The column of the hyphens of a list; an anchor or a tag of the list stands in front of the first."""
    if repos.is_bare:
        return repos.column
    first = next(repos.children())
    at = body.rfind("-", repos.start, first.start)
    return max(0, at - body.rfind("\n", 0, at) - 1)


def _behind(body: str, repos: Node, hyphen: int, block: str, newline: str) -> Iterator[str]:
    """The entry as the last one of a block."""
    end = repos.end if body[repos.end - 1 : repos.end] == "\n" else _line_end(body, repos.end)
    # Comments that are indented deeper than the hyphen speak of the last entry.
    at = end
    for line in body[end : repos.limit].splitlines(keepends=True):
        end += len(line)
        bare = line.lstrip(" ")
        if bare.strip():
            if not bare.startswith("#") or len(line) - len(bare) <= hyphen:
                break
            at = end
    for place in (at, repos.limit):
        yield _ended(body[:place], newline) + block + body[place:]


def _in_flow(body: str, repos: Node, entry: str, newline: str) -> str:
    """The entry as the last one in brackets; on a line of its own if the last one is."""
    *_, last = repos.children()
    behind = re.match(r"\s*,", body[last.end :])
    comma = last.end + (behind.end() if behind else 0)
    before = body[:comma] if behind else body[:comma] + ","
    begin = body.rfind("\n", 0, last.start) + 1
    if body[begin : last.start].strip(" ") or last.line == repos.line:
        return before + " " + entry + body[comma:]
    # A comment behind the last entry stays there.
    end = len(re.match(r"[ \t]*(#[^\r\n]*)?", body[comma:])[0])  # type: ignore[index]
    indent = " " * (last.start - begin)
    return (
        before
        + body[comma : comma + end]
        + newline
        + indent
        + entry
        + ("," if behind else "")
        + body[comma + end :]
    )


def _in_place(body: str, key: Node, value: Node, block: str, newline: str) -> Iterator[tuple[str, int]]:
    """The entry instead of `[]`, `null`, or nothing, behind `repos:`; a comment on that line stays."""
    colon = body.find(":", key.end) + 1
    empty = value.kind == "Scalar"
    start, end = (value.start, value.end) if empty else (value.start, value.limit + 1)
    if start == end:  # nothing at all, which ruamel.yaml sees at the end of the line
        start = end = colon
    if not colon or start < colon or body[colon:start].strip(" ") or (body[start:end].strip("[] ~nulNUL")):
        return
    stop = _line_end(body, end)
    rest = body[end:stop].strip()
    if not rest or rest.startswith("#"):
        line = body[:colon] + (f"  {rest}" if rest else "")
        yield line + newline + block + body[stop:], 1 if empty else 2


def _line_end(body: str, at: int) -> int:
    """Where the next line begins."""
    found = body.find("\n", at)
    return len(body) if found < 0 else found + 1


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline
