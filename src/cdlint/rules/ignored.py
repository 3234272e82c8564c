"""Failures that are thrown away: behind `||`, in front of `|`, inside of `export A=$( … )`."""

from __future__ import annotations

from .lost import is_tolerant, may_fail, sets
from .verbs import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Script, Simple, Statement

_QUIET = frozenset(("true", ":", "echo", "printf"))

#: Operations of `aws` that fail where there is nothing to do, so that passing over that is usual.
_IDEMPOTENT = frozenset(
    "create-stack update-stack create-change-set execute-change-set create-stack-set update-stack-set "
    "create-stack-instances update-stack-instances".split()
)

#: What commands do that hardly ever fail; the output of others may be missing.
_SURE = frozenset(
    "echo printf date pwd cat cut sed awk tr head tail sort uniq wc basename dirname uname whoami hostname nproc git "
    "grep egrep ls which command expr realpath readlink jq find seq sha256sum md5sum base64 id uuidgen tput".split()
)


def ignored(script: Script) -> list[tuple[Simple, str, str, tuple[int, int]]]:
    """`(command, kind, what throws its status away, where that stands)` for each `command || true`."""
    known: list[tuple[Simple, str, str, tuple[int, int]]] | None = script.notes.get("ignored")
    if known is None:
        known = script.notes["ignored"] = list(_ignored(script))
    return known


def _ignored(script: Script) -> Iterator[tuple[Simple, str, str, tuple[int, int]]]:
    if script.broken:
        return
    seen: set[int] = set()
    for simple in script.commands:
        around: Statement | None = simple.parent
        part: Statement = simple
        if around is not None and around.kind == "pipeline" and around.parts[-1] is simple:
            part, around = around, around.parent
        if around is None or around.kind != "and_or" or id(around) in seen or "||" not in around.ops:
            continue
        if around.inside("substitution") or _is_condition(around):
            continue
        at = next((n for n, one in enumerate(around.parts) if one is part), None)
        if at is None or "||" not in around.ops[at:]:
            continue
        kind = kind_of(simple)
        last = at + around.ops[at:].index("||") + 1
        behind = around.parts[last:]
        if not kind or not all(_is_quiet(one) for one in behind):
            continue
        seen.add(id(around))
        text = script.text
        operator = text.rfind("||", around.parts[last - 1].end, behind[0].start)
        if operator < 0:
            continue
        yield simple, kind, text[operator : around.parts[-1].end], (operator, around.parts[-1].end)


def _is_quiet(statement: Statement) -> bool:
    """It says something at most, and succeeds."""
    if statement.kind == "command":
        simple: Simple = statement  # type: ignore[assignment]
        if simple.name in ("exit", "return"):
            return [word.raw for word in simple.args] == ["0"]
        return simple.name in _QUIET
    if statement.kind in ("group", "subshell") and statement.bodies:
        body = statement.bodies[0]
        return bool(body) and all(_is_quiet(one) for one in body)
    return statement.kind == "and_or" and all(_is_quiet(one) for one in statement.parts)


def _is_condition(statement: Statement) -> bool:
    """Is it what an `if` or a `while` asks?"""
    inner: Statement = statement
    for around in statement.ancestors():
        if any(inner is one for test in around.conditions for one in test) or around.kind == "not":
            return True
        inner = around
    return False


def is_idempotent(simple: Simple) -> bool:
    """`docker pull` to warm a cache; `aws cloudformation update-stack`, which fails where nothing changes."""
    words = [word.raw for word in simple.args]
    if simple.name in ("docker", "podman"):
        return words[:1] == ["pull"] or words[:2] == ["image", "pull"] or words[:1] == ["exec"]
    if simple.name == "kubectl":
        return words[:1] == ["rollout"]  # a message says that it takes longer
    if simple.name == "aws":
        return not _IDEMPOTENT.isdisjoint(words) or "wait" in words
    return False


def is_explained(document: str, command: Command, start: int, end: int) -> bool:
    """Is there a comment on the line of the command, or one right above that says that it may fail?"""
    script = command.script
    text = script.text
    line_end = text.find("\n", end)
    line_end = line_end if line_end >= 0 else len(text)
    if any(end <= at <= line_end for at, _ in script.comments) or may_fail(script, start):
        return True
    if text.count("\n", 0, start) and text[:start].strip():
        return False  # not the first line: what stands around the item is not about it
    if "\n" not in text.strip():
        behind = document[command.places[-1] :].partition("\n")[0].strip("'\" \t\r")
        if behind.startswith("#"):
            return True
    at = document.rfind("\n", 0, command.node.start)
    above = document[:at].rpartition("\n")[2].strip() if at >= 0 else ""
    return above.startswith("#") and is_tolerant(above)


def lost_in_pipes(script: Script) -> Iterator[tuple[Simple, str, Simple]]:
    """`(command, kind, last command of the pipeline)` for each command that matters in front of a `|`."""
    pipefail = [simple.start for simple in script.commands if sets(simple, "", "pipefail")]
    if any(one.name == "PIPESTATUS" for one in script.expansions):
        return
    seen: set[int] = set()
    for simple in script.commands:
        around = simple.parent
        if around is None or around.kind != "pipeline" or id(around) in seen or around.parts[-1] is simple:
            continue
        if any(start < simple.start for start in pipefail) or around.inside("substitution", "function"):
            continue
        kind = kind_of(simple)
        last = around.parts[-1]
        if not kind or last.kind != "command" or _is_condition(around) or _is_answered(around):
            continue
        program: Simple = last  # type: ignore[assignment]
        if _checks_input(program) or (kind in ("download", "install") and program.name not in ("sh", "bash")):
            continue
        seen.add(id(around))
        yield simple, kind, program


def _is_answered(pipeline: Statement) -> bool:
    """`… | grep FAILED && exit 1`: the author looks at the output."""
    around = pipeline.parent
    if around is None:
        return False
    return around.kind == "not" or (around.kind == "and_or" and around.parts[-1] is not pipeline)


def _checks_input(last: Simple) -> bool:
    """Programs that fail without proper input."""
    if last.name in ("kubectl", "docker", "helm", "aws", "jq", "psql", "mysql", "xargs"):
        return last.name != "aws"
    return last.name in ("grep", "egrep") and last.has("-q", "--quiet")


def fallible_in(script: Script, start: int, end: int) -> Simple | None:
    """The command that gives a substitution in this range its status, if it may well fail."""
    for found in script.substitutions:
        if not start <= found.start < end or not found.bodies or not found.bodies[0]:
            continue
        last = found.bodies[0][-1]
        if last.kind == "pipeline" and last.parts:
            last = last.parts[-1]
        if last.kind == "command":
            simple: Simple = last  # type: ignore[assignment]
            if simple.name and simple.name not in _SURE and simple.words:
                return simple
    return None
