"""Regular expressions of our schemas, matched without importing `re` where they are simple.

`import re` costs more than checking a whole buildspec. Most patterns in the schemas are a class
of characters (`^[A-Za-z0-9_]{1,127}$`), a fixed beginning (`^x-`) or a fixed part (`\\$`), or
several of these joined by `|`. Anything else is left to `re`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Matcher = Callable[[str], bool]

#: Characters that mean something in a regular expression.
_SPECIAL = frozenset("\\^$.|?*+()[]{}")


def matcher(pattern: str) -> Matcher:
    """A function that says whether a text matches, somewhere, as `re.search` does.

    `$` is the very end of the text, as JSON Schema has it.
    """
    simple = [_simple(part) for part in _alternatives(pattern)]
    found = [match for match in simple if match is not None]
    if len(found) == len(simple):
        if len(found) == 1:
            return found[0]
        return lambda text: any(match(text) for match in found)
    import re

    search = re.compile(_strict_end(pattern)).search
    return lambda text: search(text) is not None


def _alternatives(pattern: str) -> list[str]:
    """The parts between the `|` that stand outside all brackets."""
    parts: list[str] = []
    start = at = depth = 0
    inside = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if inside:
            inside = char != "]"
        elif char == "[":
            inside = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(pattern[start:at])
            start = at + 1
        at += 1
    parts.append(pattern[start:])
    return parts


def _simple(part: str) -> Matcher | None:
    """A matcher for one alternative, or None if it needs `re`."""
    if part.startswith("^[") and part.endswith("$"):
        return _one_class(part[2:-1])
    if part.startswith("^"):
        beginning = _literal(part[1:])
        if beginning is not None:
            return lambda text: text.startswith(beginning)
        return _steps(part[1:])
    middle = _literal(part)
    if middle is None:
        return None
    return lambda text: middle in text


def _literal(part: str) -> str | None:
    """The text that a pattern without any operator stands for."""
    chars: list[str] = []
    at = 0
    while at < len(part):
        char = part[at]
        if char == "\\":
            at += 1
            if at >= len(part) or part[at].isalnum():
                return None
            char = part[at]
        elif char in _SPECIAL:
            return None
        chars.append(char)
        at += 1
    return "".join(chars)


def _steps(part: str) -> Matcher | None:
    """`arn:aws[a-z-]*:iam::[0-9]{12}:role/`: fixed texts and classes in turn, each class up to what cannot be in it."""
    steps: list[tuple[str, set[str], float, float]] = []
    first, *rest = part.split("[")
    beginning = _literal(first)
    for piece in rest:
        inner, closed, after = piece.partition("]")
        count = ""
        if after[:1] in ("*", "+"):
            count, after = after[0], after[1:]
        elif after[:1] == "{":
            count, _, after = after.partition("}")
            count += "}"
        allowed, bounds, literal = _class(inner), _bounds(count), _literal(after)
        if not closed or allowed is None or bounds is None or not literal or literal[0] in allowed:
            return None
        steps.append((literal, allowed, *bounds))
    if beginning is None or not steps:
        return None

    def match(text: str) -> bool:
        if not text.startswith(beginning):
            return False
        at = len(beginning)
        for literal, allowed, least, most in steps:
            start = at
            while at < len(text) and text[at] in allowed:
                at += 1
            if not least <= at - start <= most or not text.startswith(literal, at):
                return False
            at += len(literal)
        return True

    return match


def _class(inner: str) -> set[str] | None:
    """The characters of `A-Za-z0-9_`; None for what is not that simple."""
    if not inner or inner.startswith("^") or "\\" in inner or "[" in inner:
        return None
    allowed: set[str] = set()
    at = 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            allowed.update(map(chr, range(ord(inner[at]), ord(inner[at + 2]) + 1)))
            at += 3
        else:
            allowed.add(inner[at])
            at += 1
    return allowed


def _one_class(part: str) -> Matcher | None:
    """`A-Za-z0-9_]{1,127}`: only characters of one class, and how many of them."""
    inner, closed, count = part.partition("]")
    allowed, bounds = _class(inner), _bounds(count)
    if not closed or bounds is None or allowed is None:
        return None
    least, most = bounds

    def match(text: str) -> bool:
        return least <= len(text) <= most and allowed.issuperset(text)

    return match


def _bounds(count: str) -> tuple[int, float] | None:
    """How often the class may come: `{1,127}`, `+`, `*`, or nothing for once."""
    if count == "":
        return 1, 1
    if count == "+":
        return 1, float("inf")
    if count == "*":
        return 0, float("inf")
    low, comma, high = count[1:-1].partition(",")
    if count[0] != "{" or count[-1] != "}" or not (low.isascii() and low.isdigit()):
        return None
    if not comma:
        return int(low), int(low)
    if not high:
        return int(low), float("inf")
    return (int(low), int(high)) if high.isascii() and high.isdigit() else None


def _strict_end(pattern: str) -> str:
    """`$` as `\\Z`: Python's own also matches before a line end at the end of the text."""
    out: list[str] = []
    at = 0
    inside = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            out.append(pattern[at : at + 2])
            at += 2
            continue
        if inside:
            inside = char != "]"
        elif char == "[":
            inside = True
        out.append("\\Z" if char == "$" and not inside else char)
        at += 1
    return "".join(out)
