"""`exit` that ends less than its author thinks."""

from __future__ import annotations

from .lost import fails, guards, is_harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Script, Simple, Statement

_OWN_SHELL = ("subshell", "substitution", "function", "pipeline", "loop")


def ends_early(script: Script, simple: Simple) -> bool | None:
    """Is an `exit 0` there to end the build? None if it is not; False if it may be there to end the script alone."""
    if simple.inside(*_OWN_SHELL):
        return None
    branching = [one for one in simple.ancestors() if one.kind in ("if", "case", "and_or")]
    if not branching:
        alone = all(one is simple or is_harmless(one) for one in script.body)
        return True if alone and (simple.args or len(script.body) == 1 or _is_said(script, simple)) else None
    if branching[0].kind == "and_or" and "||" in branching[0].ops and not _is_test(branching[0].parts[0]):
        return None  # `command || exit 0`: its own rule
    if not simple.args and not _is_said(script, simple):
        return None  # the status of the command before
    if _has_other_end(branching[-1]) or _leaves_a_mark(simple):
        return None
    follows = _follows(script, simple)
    if any(_has_other_end(one) or fails(one) for one in follows):
        return None
    return all(is_harmless(one) for one in follows) and _other_branches_idle(branching, simple)


def _is_test(statement: Statement) -> bool:
    return statement.kind == "command" and statement.name in ("[", "[[", "test")  # type: ignore[attr-defined]


def _is_said(script: Script, simple: Simple) -> bool:
    """Does `echo` stand before it, so that `exit` alone is `exit 0`?"""
    before = [one for one in script.commands if one.end <= simple.start]
    return not before or before[-1].name in ("echo", "printf", "[", "test", "[[")


def _has_other_end(statement: Statement) -> bool:
    """Is there an `exit 1` in it as well? Then `exit 0` tells a status."""
    stack = [statement]
    while stack:
        one = stack.pop()
        if fails(one):
            return True
        stack += [*one.parts, *(inner for body in one.bodies for inner in body)]
    return False


def _leaves_a_mark(simple: Simple) -> bool:
    """A variable is set, or a file made, beside it: the items behind can ask for that."""
    around = simple.parent
    for body in around.bodies if around is not None else ():
        if any(one is simple for one in body):
            for one in body:
                if one.kind == "command" and (
                    one.assigns or one.name in ("export", "touch") or one.redirects  # type: ignore[attr-defined]
                ):
                    return True
    return False


def _follows(script: Script, statement: Statement) -> list[Statement]:
    """The statements that would run behind it, up to the end of the script."""
    found: list[Statement] = []
    inner: Statement = statement
    chain: list[Statement | None] = [*statement.ancestors(), None]
    for around in chain:
        lists = [script.body] if around is None else [*around.bodies, *around.conditions]
        for body in lists:
            for n, one in enumerate(body):
                if one is inner:
                    found += body[n + 1 :]
        if around is not None:
            inner = around
    return found


def _other_branches_idle(branching: list[Statement], simple: Simple) -> bool:
    """No other branch does anything, so that without `exit 0` the script would end there all the same."""
    for one in branching:
        for body in one.bodies:
            if not any(inner.start <= simple.start < inner.end for inner in body):
                if not all(is_harmless(inner) for inner in body):
                    return False
    return True


def exits_parentheses(script: Script, simple: Simple) -> Statement | None:
    """The parentheses that alone are ended by an `exit 1`, where its author means the script."""
    if not fails(simple) or simple.name != "exit" or script.broken:
        return None
    last: Statement = simple
    around = simple.parent
    if (
        around is not None
        and around.kind == "and_or"
        and around.parts[-1] is simple
        and "||" not in around.ops
    ):
        last, around = around, around.parent  # `echo failed && exit 1`
    if around is None or around.kind != "subshell" or around.bodies[0][-1] is not last:
        return None
    outer = around.parent
    if outer is None or outer.kind != "and_or" or outer.parts[-1] is not around or outer.ops[-1] != "||":
        return None
    if outer.inside("subshell", "substitution", "function", "not") or any(
        outer is one for up in outer.ancestors() for test in up.conditions for one in test
    ):
        return None
    behind = _follows(script, outer)
    if (
        not behind
        or guards(script)
        or any(one.name == "?" and outer.end <= one.start < behind[0].end for one in script.expansions)
    ):
        return None
    return around
