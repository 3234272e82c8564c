"""What the conditions of a template can come out as together.

`Fn::Equals` with a parameter is worked out for each text that the parameter is compared with, so that `IsProd` and
`IsTest` are never both met; other comparisons may come out either way.
"""

from __future__ import annotations

from itertools import product

from ..syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .template import Choice, Template

#: More outcomes than this are not followed; those left are the first ones.
MAX_OUTCOMES = 32
#: A value that no condition names.
_OTHER = "\0other"
_MAX_DEPTH = 30


def outcomes(template: Template, asked: set[str]) -> list[Choice]:
    """Each way in which the conditions `asked` can come out, once."""
    atoms: dict[str, list[object]] = {}
    for name in sorted(asked):
        _collect(template, name, atoms, 0)
    names = sorted(atoms)
    for possible in atoms.values():
        # A parameter that is compared with `true` and with `false` is hardly ever anything else.
        if len(possible) > 2 and _OTHER in possible and "" not in possible:
            possible.remove(_OTHER)
    found: list[Choice] = []
    for number, values in enumerate(product(*(atoms[name] for name in names))):
        if number >= 4096:
            break
        world = dict(zip(names, values, strict=True))
        choice = {name: _met(template, name, world, 0) for name in sorted(asked)}
        if choice not in found:
            found.append(choice)
            if len(found) >= MAX_OUTCOMES:
                break
    return found or [{}]


def _condition(template: Template, name: str) -> Node | None:
    return template.conditions.get(name)


def _collect(template: Template, name: str, atoms: dict[str, list[object]], depth: int) -> None:
    """The things that a condition depends on, each with the values to try."""
    node = _condition(template, name)
    if node is None or depth > _MAX_DEPTH:
        atoms.setdefault(f"?{name}", [True, False])
        return
    _collect_from(template, node, atoms, depth + 1)


def _collect_from(template: Template, node: Node, atoms: dict[str, list[object]], depth: int) -> None:
    from .template import function_of

    called = function_of(node)
    if called is None or depth > _MAX_DEPTH:
        atoms.setdefault(_free(node), [True, False])
        return
    name, argument = called
    items = argument.items if isinstance(argument, Sequence) else []
    if name == "Condition" and isinstance(argument, Scalar):
        _collect(template, argument.value, atoms, depth + 1)
    elif name in ("Fn::And", "Fn::Or", "Fn::Not"):
        for item in items:
            _collect_from(template, item, atoms, depth + 1)
    elif name == "Fn::Equals" and len(items) == 2:
        compared = _comparison(items)
        if compared is None:
            atoms.setdefault(_free(node), [True, False])
        elif compared[0]:
            values = atoms.setdefault(compared[0], _allowed(template, compared[0]))
            if compared[1] not in values and _OTHER in values:
                values.insert(0, compared[1])
    else:
        atoms.setdefault(_free(node), [True, False])


def _allowed(template: Template, parameter: str) -> list[object]:
    """The values of a parameter, if the template lists them all; else one that stands for any other."""
    declared = template.parameters.get(parameter)
    allowed = declared.get("AllowedValues") if isinstance(declared, Mapping) else None
    if isinstance(allowed, Sequence) and all(isinstance(item, Scalar) for item in allowed.items):
        values: list[object] = [item.value for item in allowed.items if isinstance(item, Scalar)]
        if values:
            return values
    return [_OTHER]


def _comparison(items: list[Node]) -> tuple[str, str] | None:
    """`(parameter, text)` that are compared; `("", "")` for two texts; None for anything else."""
    from .template import function_of

    parameter, text = "", ""
    texts = 0
    for item in items:
        called = function_of(item)
        if called is not None and called[0] == "Ref" and isinstance(called[1], Scalar) and not parameter:
            parameter = called[1].value
        elif called is None and isinstance(item, Scalar):
            text = item.value
            texts += 1
        else:
            return None
    if texts == 2:
        return "", ""
    return (parameter, text) if texts == 1 else None


def _free(node: Node) -> str:
    from .template import canonical

    return "?" + canonical(node)


def _met(template: Template, name: str, world: dict[str, object], depth: int) -> bool:
    node = _condition(template, name)
    if node is None or depth > _MAX_DEPTH:
        return bool(world.get(f"?{name}", True))
    return _holds(template, node, world, depth + 1)


def _holds(template: Template, node: Node, world: dict[str, object], depth: int) -> bool:
    from .template import function_of

    called = function_of(node)
    if called is None or depth > _MAX_DEPTH:
        return bool(world.get(_free(node), True))
    name, argument = called
    items = argument.items if isinstance(argument, Sequence) else []
    if name == "Condition" and isinstance(argument, Scalar):
        return _met(template, argument.value, world, depth + 1)
    if name == "Fn::And":
        return all(_holds(template, item, world, depth + 1) for item in items)
    if name == "Fn::Or":
        return any(_holds(template, item, world, depth + 1) for item in items)
    if name == "Fn::Not" and items:
        return not _holds(template, items[0], world, depth + 1)
    if name == "Fn::Equals" and len(items) == 2:
        compared = _comparison(items)
        if compared is not None and compared[0]:
            return world.get(compared[0]) == compared[1]
        if compared is not None:
            first, second = items
            return isinstance(first, Scalar) and isinstance(second, Scalar) and first.value == second.value
    return bool(world.get(_free(node), True))
