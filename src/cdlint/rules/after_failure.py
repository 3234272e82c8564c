"""What runs after a failed `build`: `post_build`, and `finally` of `build`."""

from __future__ import annotations

from ..findings import Fix
from .lost import is_harmless
from .verbs import DEPLOY, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec, Call, Command
    from ..syntax.shell import Simple, Statement

_ASKED = "CODEBUILD_BUILD_SUCCEEDING"

#: Programs whose name alone says nothing of what is in them, and which may ask themselves.
_OPAQUE = frozenset("sh bash make npm yarn pnpm python python3 ansible-playbook gradle ./gradlew".split())

#: Files that are uploaded after a failure on purpose.
_RESULTS = tuple("report log result coverage junit test trivy scan cache artifact status sarif".split())


def may_fail(spec: Buildspec) -> bool:
    """Has `build` commands whose failure counts, and no `on-failure`, which shows that this was considered?"""
    phase = spec.phase("build")
    if phase is None or phase.on_failure is not None:
        return False
    return any(not all(is_harmless(one) for one in command.script.body) for command in phase.commands)


def only_images(spec: Buildspec) -> bool:
    """Does `build` make images, and nothing that may fail behind them?"""
    phase = spec.phase("build")
    for command in phase.commands if phase is not None else ():
        for simple in command.script.commands:
            if kind_of(simple) and simple.name not in ("docker", "podman"):
                return False
            if (
                simple.name in ("docker", "podman")
                and simple.args
                and simple.args[0].raw in ("run", "push", "compose")
            ):
                return False
    return True


def published(spec: Buildspec) -> Iterator[tuple[str, Call]]:
    """For each list that runs after a failure: its name and the first command in it that publishes something."""
    phases = (("post_build", spec.phase("post_build")), ("finally", spec.phase("build")))
    for where, phase in phases:
        if phase is None or not spec.is_posix:
            continue
        commands = phase.commands if where == "post_build" else phase.finally_
        if any(_ASKED in command.text for command in commands):
            continue
        found = _first(spec, commands)
        if found is not None:
            yield where, found


def _first(spec: Buildspec, commands: list[Command]) -> Call | None:
    for command in commands:
        script = command.script
        if any(_asks(spec, one) for one in script.body if one.kind in ("if", "and_or", "command")):
            # A test of a file, or of what the build has set: it stands for the question.
            return None
        for simple in script.commands:
            if _publishes(simple) and not simple.inside("function", "substitution"):
                return command, simple
    return None


def _publishes(simple: Simple) -> bool:
    if simple.name in _OPAQUE and [word.raw for word in simple.args[:1]] != ["publish"]:
        return False
    if "/" in simple.name or simple.name.endswith(".sh") or kind_of(simple) != DEPLOY:
        return False
    words = [word.plain for word in simple.args]
    if "wait" in words or "status" in words[:2] or "--dry-run" in words or "--dryrun" in words:
        return False
    if simple.name == "aws" and "s3" in words[:3]:
        return not any(part in word.lower() for word in words for part in _RESULTS)
    return "put-parameter" not in words


def _asks(spec: Buildspec, statement: Statement) -> bool:
    """Does it look for a file, or for a variable that `build` sets?"""
    stack = [statement]
    while stack:
        one = stack.pop()
        if one.kind == "command":
            simple: Simple = one  # type: ignore[assignment]
            if simple.name in ("[", "[[", "test") and _is_about_build(spec, simple):
                return True
        stack += [*one.parts, *(inner for test in one.conditions for inner in test)]
        stack += [inner for body in one.bodies for inner in body]
    return False


def _is_about_build(spec: Buildspec, simple: Simple) -> bool:
    if any(word.raw in ("-e", "-f", "-d", "-s", "-r") for word in simple.args):
        return True
    raws = " ".join(word.plain for word in simple.args)
    phase = spec.phase("build")
    return phase is not None and any(
        "${" + made.name + "}" in raws for command in phase.commands for made in command.script.assignments
    )


def guard_at(spec: Buildspec) -> Fix | None:
    """The question as the first command of `post_build`, where its list is written in block style."""
    from ..findings import Edit
    from ..syntax.tree import Sequence

    phase = spec.phase("post_build")
    items = phase.get("commands") if phase is not None else None
    text = spec.document.text
    if not isinstance(items, Sequence) or not items.items:
        return None
    first = items.items[0].start
    line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    before = text[line:first]
    if before.strip() != "-":
        return None
    dash = line + before.index("-")
    gap = text[dash + 1 : first]
    added = f'-{gap}test "${_ASKED}" = 1\n{text[line:dash]}'
    return Fix("Ask whether the build succeeds", [Edit(dash, dash, added)], safe=False)
