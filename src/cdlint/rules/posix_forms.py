"""Constructs of bash written as POSIX has them."""

from __future__ import annotations

from ..syntax.shell.nodes import quoting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Expansion, Simple, Word

    #: Replace the characters from, to, by a text.
    Change = tuple[int, int, str]

_UNARY = frozenset("-b -c -d -e -f -g -h -k -L -n -p -r -s -S -t -u -w -x -z -O -G".split())
_ARITHMETIC = frozenset(("-eq", "-ne", "-lt", "-le", "-gt", "-ge"))
_BINARY = frozenset(("=", "==", "!=", "-nt", "-ot", "-ef")) | _ARITHMETIC
_COMPARISONS = frozenset(("=", "==", "!="))
#: More words than these are not written out.
_MOST = 10


def single_brackets(test: Simple) -> tuple[list[Change], bool] | None:
    """What turns `[[ … ]]` into `[ … ]`, and whether the meaning stays; None where that is not simple."""
    words = test.words
    if len(words) < 3 or words[0].raw != "[[" or words[-1].raw != "]]":
        return None
    parts: list[list[Word]] = [[]]
    joints: list[Word] = []
    for word in words[1:-1]:
        if word.raw in ("&&", "||"):
            joints.append(word)
            parts.append([])
        else:
            parts[-1].append(word)
    if len({joint.raw for joint in joints}) > 1 or (joints and not _may_join(test, joints[0].raw)):
        return None
    changes: list[Change] = [(words[0].start, words[0].end, "["), (words[-1].start, words[-1].end, "]")]
    changes += [(joint.start, joint.end, f"] {joint.raw} [") for joint in joints]
    safe = True
    for part in parts:
        made = _part(part)
        if made is None:
            return None
        changes += made[0]
        safe = safe and made[1]
    return changes, safe


def _may_join(test: Simple, op: str) -> bool:
    """May several tests joined by `op` stand where one stands now?"""
    around = test.parent
    if around is None or around.kind not in ("not", "pipeline", "and_or"):
        return True
    if around.kind != "and_or":
        return False
    return around.parts[0] is test or (op == "&&" and set(around.ops) == {"&&"})


def _part(words: list[Word]) -> tuple[list[Change], bool] | None:
    """One test without `&&` and `||`."""
    if words and words[0].raw == "!":
        words = words[1:]
    if len(words) == 1:
        changed = _operand(words[0])
        if changed is None or words[0].raw[:1] in "-(!":
            return None
        start = words[0].start
        quote = changed[0][2] if changed else ""
        return ([(start, start, "-n " + quote), *changed[1:]], True)
    if len(words) == 2 and words[0].raw in _UNARY:
        changed = _operand(words[1])
        return None if changed is None else (changed, True)
    if len(words) != 3 or words[1].raw not in _BINARY:
        return None
    op, left, right = words[1], _operand(words[0]), _operand(words[2])
    if left is None or right is None or words[0].raw[:1] in "(!":
        return None
    changes = left + right
    if op.raw == "==":
        changes.append((op.start, op.end, "="))
    if op.raw in _ARITHMETIC:
        return (changes, True) if all(_is_number(word) for word in (words[0], words[2])) else (changes, False)
    # An unquoted variable is a pattern at the right of `[[ a == b ]]`.
    return changes, op.raw not in _COMPARISONS or not right


def _operand(word: Word) -> list[Change] | None:
    """Quotes around an operand that the shell would otherwise split; None where that is not simple."""
    if word.raw in ("$?", "$#", "$!", "$$"):
        return []
    if word.is_glob or word.raw in ("(", ")", "<", ">"):
        return None
    if "$" not in word.raw and "`" not in word.raw:
        return []
    marks = set(quoting(word.raw))
    if marks <= {"d", "D", "s"}:
        return []
    if not marks <= {"b", "B"} or "`" in word.raw or "~" in word.raw:
        return None
    return [(word.start, word.start, '"'), (word.end, word.end, '"')]


def _is_number(word: Word) -> bool:
    text = word.plain
    if text.lstrip("-").isdigit():
        return True
    return text in ("${?}", "${#}") or text.startswith("${#")


def spelled_out(raw: str, start: int, end: int) -> str | None:
    """A word in which `start`..`end` is a brace expansion, written out: `a/b a/c` for `a/{b,c}`."""
    before, inside, behind = raw[:start], raw[start + 1 : end - 1], raw[end:]
    for rest in (before, behind):
        if "{" in rest.replace("${", "") or "`" in rest or "$(" in rest:
            return None
    if not set("{}\"'\\`$ \t\n").isdisjoint(inside):
        return None
    parts = inside.split(",") if "," in inside else _ranged(inside)
    if parts is None or not all(parts):
        return None
    if len(parts) > _MOST:
        low, _, high = inside.partition("..")
        counts = not before and not behind and low.isdigit() and high.isdigit() and low[0] != "0"
        return f"$(seq {low} {high})" if counts and int(low) <= int(high) else None
    return " ".join(before + part + behind for part in parts)


def _ranged(inside: str) -> list[str] | None:
    low, dots, high = inside.partition("..")
    if not dots or ".." in high:
        return None
    if low.isdigit() and high.isdigit() and len(low) < 7 and len(high) < 7:
        if (len(low) > 1 and low[0] == "0") or (len(high) > 1 and high[0] == "0"):
            return None
        first, last = int(low), int(high)
        step = 1 if first <= last else -1
        return [str(number) for number in range(first, last + step, step)]
    if len(low) == len(high) == 1 and low.isalpha() and high.isalpha() and low <= high:
        return [chr(code) for code in range(ord(low), ord(high) + 1)]
    return None


def expansion(found: Expansion) -> str | None:
    """A POSIX form of a part of a variable, or of it in capitals, for values of one line."""
    if found.index or not found.name:
        return None
    value = f"$(printf '%s' \"${found.name}\" | "
    if not found.name.replace("_", "").isalnum() or (found.name.isdigit() and len(found.name) > 1):
        return None
    if found.op == ":":
        offset, colon, length = found.argument.strip().partition(":")
        if offset in ("", "0") and colon and length.isdigit() and int(length):
            return f"{value}cut -c1-{int(length)})"
        if offset.isdigit() and not colon:
            return f"{value}cut -c{int(offset) + 1}-)"
        if offset.isdigit() and length.isdigit() and int(length):
            return f"{value}cut -c{int(offset) + 1}-{int(offset) + int(length)})"
        return None
    if found.argument:
        return None
    if found.op == "^^":
        return f"{value}tr '[:lower:]' '[:upper:]')"
    if found.op == ",,":
        return f"{value}tr '[:upper:]' '[:lower:]')"
    return None
