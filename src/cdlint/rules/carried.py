"""What is carried from item to item: the working directory and variables, not functions, aliases and arrays."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec, Command
    from ..syntax.shell import Script, Simple, Word


def entered_twice(spec: Buildspec) -> Iterator[tuple[Command, Simple, str]]:
    """`(item, cd, folder)` where `cd` goes to a folder from which the shell has not come back."""
    inside = ""  # the relative folder that the last certain `cd` went to
    for command, simple in spec.calls("cd", "pushd", "popd", ".", "source", "eval"):
        if simple.inside("subshell", "substitution", "function"):
            continue
        folder = _relative(simple) if simple.name == "cd" else None
        if folder is None or command.script.broken or not _is_certain(simple):
            inside = ""
        elif folder == inside:
            yield command, simple, folder
            inside = ""
        else:
            inside = folder if not inside else ""


def _is_certain(simple: Simple) -> bool:
    """Is it run whatever happens?"""
    if simple.inside("if", "loop", "case", "pipeline", "not"):
        return False
    return not simple.inside("and_or") or _leads(simple)


def _leads(simple: Simple) -> bool:
    """`cd x && …`: it is run in any case, and comes before what may fail."""
    around = simple.parent
    return (
        around is not None
        and around.kind == "and_or"
        and around.parts[0] is simple
        and "||" not in around.ops
        and not around.inside("and_or", "if", "loop", "case", "pipeline", "not")
    )


def _relative(simple: Simple) -> str | None:
    """The folder, where it is a plain one below that in which the shell is."""
    if len(simple.args) != 1:
        return None
    literal = simple.args[0].literal
    if not literal or literal[0] in "/~-" or simple.args[0].is_glob:
        return None
    parts = [part for part in literal.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return None
    return "/".join(parts)


def set_in_child(spec: Buildspec, command: Command, simple: Simple) -> Iterator[tuple[Word, str]]:
    """`(script, name)` for each variable that `bash -c '…'` sets, that nothing else sets, and that is used later."""
    from ..model.scope import is_given, scope_of
    from ..syntax.shell import parse

    args = simple.args
    if len(args) != 2 or args[0].raw not in ("-c", "-ec", "-lc") or simple.inside("substitution"):
        return
    text = args[1].literal if args[1].raw[:1] == "'" else None
    if not text or "=" not in text:
        return
    scope = scope_of(spec)
    number = next((n for n, (one, _) in enumerate(scope.items) if one is command), 0)
    if scope.open is not None:
        return
    for name in dict.fromkeys(made.name for made in parse(text).assignments if not made.local):
        if is_given(name) or name in scope.settings:
            continue
        for later, _, expansion in scope.expansions():
            if later > number and expansion.name == name and not expansion.op:
                yield args[1], name
                break


def lost_definitions(spec: Buildspec) -> Iterator[tuple[Command, int, int, str, str]]:
    """`(item, start, end, name, kind)` for the first use of each thing that another item defines."""
    defined: dict[str, tuple[str, Command]] = {}
    told: set[str] = set()
    text = spec.document.text
    if (
        "(" not in text
        and "function" not in text
        and "alias" not in text
        and "-a " not in text
        and "-A " not in text
    ):
        return
    for command, script in spec.scripts():
        if script.broken:
            continue
        own = _definitions(script)
        if defined:
            for name, start, end in _uses(script, defined):
                if name not in own and name not in told:
                    told.add(name)
                    yield command, start, end, name, defined[name][0]
        if _opens(script):
            return  # anything may be defined from here on
        for name, kind in own.items():
            defined.setdefault(name, (kind, command))
        for made in script.assignments:
            if made.name not in own and defined.get(made.name, ("", command))[0] == "array":
                del defined[made.name]


def _opens(script: Script) -> bool:
    """Does it run another script in this shell?"""
    known = script.notes.get("opens")
    if known is None:
        known = script.notes["opens"] = any(one.name in (".", "source", "eval") for one in script.commands)
    return bool(known)


def _definitions(script: Script) -> dict[str, str]:
    known: dict[str, str] | None = script.notes.get("defines")
    if known is None:
        known = script.notes["defines"] = _find_definitions(script)
    return known


def _find_definitions(script: Script) -> dict[str, str]:
    found = dict.fromkeys(script.functions, "function")
    for made in script.assignments:
        if made.array and not made.nested:
            found[made.name] = "array"
    if "alias " in script.text:
        for simple in script.commands:
            if simple.name == "alias":
                found.update((word.raw.partition("=")[0], "alias") for word in simple.args if "=" in word.raw)
    return found


def _uses(script: Script, defined: dict[str, tuple[str, Command]]) -> Iterator[tuple[str, int, int]]:
    for simple in script.commands:
        if simple.name in defined and defined[simple.name][0] != "array" and simple.first is not None:
            yield simple.name, simple.first.start, simple.first.end
    for expansion in script.expansions:
        if expansion.name in defined and defined[expansion.name][0] == "array":
            yield expansion.name, expansion.start, expansion.end
