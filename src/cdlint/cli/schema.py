"""`cdlint schema`: the JSON Schemas that cdlint ships."""

from __future__ import annotations

import os

from .options import Options, UsageError
from .terminal import standard_output

_ENDING = ".schema.json"


def folder() -> str:
    """Where the schemas lie: in the package, or at the top of a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, "schemas")
    if os.path.isdir(inside):
        return inside
    return os.path.join(os.path.dirname(os.path.dirname(package)), "schemas")


def names() -> list[str]:
    return sorted(name.removesuffix(_ENDING) for name in os.listdir(folder()) if name.endswith(_ENDING))


def run(options: Options) -> int:
    known = names()
    if options.name is None:
        standard_output().write("".join(f"{name}\n" for name in known))
        return 0
    name = options.name.removesuffix(_ENDING)
    if name not in known:
        from ..wording import closest, listed

        meant = closest(name, known)
        hint = f"did you mean {meant}?" if meant else "there are " + listed(known, "and")
        raise UsageError(f"there is no schema {options.name!r}; {hint}")
    with open(os.path.join(folder(), name + _ENDING), encoding="utf-8") as file:
        standard_output(machine=True).write(file.read())
    return 0
