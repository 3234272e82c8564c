"""What dash makes of bash's statements and of its arithmetic."""

from __future__ import annotations

from ..syntax.shell.nodes import Expansion, closing, is_name, name_at
from .dialects import edited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from ..findings import Fix
    from ..model.buildspec import Command
    from ..syntax.shell import Feature, Script, Simple

    #: From, to, the end of the message, the help, the fix.
    Told = tuple[int, int, str, str, Fix | None]

KINDS = (
    "function-keyword", "arithmetic-command", "c-style-for", "select", "fall-through", "old-arithmetic",
    "increment", "power",
)  # fmt: skip
_STOPS = "stops here with a syntax error, and the item fails."


def told(command: Command, script: Script, feature: Feature) -> Told | None:
    """What to say of a statement or operator; None where another finding says it."""
    start, end, kind = feature.start, feature.end, feature.kind
    if kind == "function-keyword":
        return start, end, *_function(command, script, feature)
    if kind == "arithmetic-command":
        return start, start + 2, *_arithmetic(feature)
    if kind == "c-style-for":
        at = script.text.index("((", start)
        return at, at + 2, _STOPS, "Write `for i in 1 2 3` or a `while` loop", None
    if kind == "select":
        return (
            start,
            end,
            "does not know `select`, and a build cannot ask: the item fails.",
            "Write the choice",
            None,
        )
    if kind == "fall-through":
        return start, end, _STOPS, "Write the commands of both branches into each", None
    if kind == "old-arithmetic":
        fix = edited("Write `$((…))`", command, [(start, start + 2, "$(("), (end - 1, end, "))")])
        return start, start + 2, "takes `$[…]` for text, and reckons nothing.", "Write `$((…))`", fix
    if any(
        one.start <= start < one.end and one.kind in ("arithmetic-command", "c-style-for")
        for one in script.features
    ):
        return None
    if kind == "power":
        return (
            start,
            end,
            "has no `**`: it stops with `expecting primary`, and the item fails.",
            "Multiply",
            None,
        )
    text = feature.text
    name = text.strip("+- ")
    sign = "+" if "++" in text else "-"
    what = (
        f"reads `{text}` as `{name}` with two signs, so that `{name}` stays as it is."
        if text[:1] in "+-"
        else f"has no `{text}`: it stops with `expecting primary`, and the item fails."
    )
    return start, end, what, f"Write `{name}=$(({name} {sign} 1))`", None


def _function(command: Command, script: Script, feature: Feature) -> tuple[str, str, Fix | None]:
    text, at = script.text, feature.end
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    end = at
    while end < len(text) and text[end] not in " \t\n(){};":
        end += 1
    name = text[at:end]
    bare = not text[end:].lstrip(" \t").startswith("(")
    changes = [(feature.start, at, "")]
    if bare:
        changes.append((end, end, "()"))
    fix = edited("Write `f()`", command, changes) if is_name(name) else None
    what = "has no keyword `function`: it stops with a syntax error, and the item fails."
    return what, f"Write `{name}() {{ …; }}`", fix


def _arithmetic(feature: Feature) -> tuple[str, str, None]:
    inside = feature.text[2:-2].strip()
    writes = ">" in inside and ">=" not in inside
    name = inside.strip("+- ")
    what = "reads `((` as two subshells and runs a command by the name of what stands there"
    what += ", whose output goes into a file." if writes else ": it is not found, and counts as false."
    if is_name(name) and ("++" in inside or "--" in inside):
        return what, f"Write `{name}=$(({name} {'+' if '++' in inside else '-'} 1))`", None
    if any(op in inside for op in ("<", ">", "==", "!=")):
        return what, 'Write `[ "$A" -gt 3 ]` and the like', None
    return what, 'Write `A=$((…))` or `[ "$A" -gt 3 ]`', None


def in_arithmetic(script: Script, names: Container[str]) -> Iterator[Expansion]:
    """Variables without `$` in `$((…))`."""
    text = script.text
    if "$((" not in text:
        return
    places: list[tuple[str, int, Simple | None]] = []
    for simple in script.commands:
        places += [(word.raw, word.start, simple) for word in simple.words if "$((" in word.raw]
        places += [
            (one.value.raw, one.value.start, simple) for one in simple.assigns if one.value is not None
        ]
    for raw, start, owner in places:
        at = raw.find("$((")
        while at >= 0:
            end = closing(raw, at)
            yield from _names(raw, at + 3, end, start, owner, names)
            at = raw.find("$((", end)


def _names(
    raw: str, at: int, end: int, start: int, simple: Simple | None, names: Container[str]
) -> Iterator[Expansion]:
    while at < end:
        name = name_at(raw, at)
        if name in names and raw[at - 1] not in "${":
            found = Expansion(name, start + at, start + at + len(name))
            found.command = simple
            found.role = "arithmetic"
            yield found
        at += len(name) or 1


def is_only_shown(simple: Simple | None) -> bool:
    """Does a command only print for those who read the log?"""
    if simple is None or simple.name not in ("echo", "printf"):
        return False
    from .outflow import stdout_of

    return stdout_of(simple).kind in ("log", "nowhere") or simple.inside("function")
