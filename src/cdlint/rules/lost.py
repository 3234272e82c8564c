"""Which commands of a script may fail without the script failing.

CodeBuild fails an item when its script ends with a status other than 0, and the script runs without `set -e`: what
counts is the last command alone.
"""

from __future__ import annotations

from .verbs import HARMLESS, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Script, Simple, Statement

#: How a status is lost: the next line runs, the next command behind `;` runs, the next turn of a loop runs.
LINE, SEMICOLON, LOOP = "line", "semicolon", "loop"

#: Commands that succeed, whatever happened before.
_SURE = frozenset("echo printf : true export unset date pwd sleep rm ls set".split())

_LEAVES = frozenset(("break", "continue", "return", "exit"))


class Lost:
    """The status of `simple`, a command of some `kind`, is lost.

    `statement` is the one of a list that it belongs to, `following` the next of that list (None at the end of a loop).
    """

    __slots__ = ("following", "how", "kind", "simple", "statement")

    def __init__(
        self, simple: Simple, kind: str, how: str, statement: Statement, following: Statement | None
    ) -> None:
        self.simple = simple
        self.kind = kind
        self.how = how
        self.statement = statement
        self.following = following


_known: dict[str, list[Lost]] = {}


def lost(script: Script) -> list[Lost]:
    """The commands that matter and whose failure nobody sees, in order. Several rules ask for them."""
    found = _known.get(script.text)
    if found is None:
        if len(_known) > 200:
            _known.clear()
        found = _known[script.text] = _lost(script)
    return found


def _lost(script: Script) -> list[Lost]:
    body = script.body
    if script.broken or not body or (len(body) == 1 and body[0].kind in ("command", "not")):
        return []
    first = script.text.lstrip().partition("\n")[0]
    if first.startswith("#!") and " -e" in first:
        return []
    found: list[Lost] = []
    _Walk(script, found).statements(body, True, LINE)
    return [one for one in found if not _is_checked(script, one, found)]


class _Walk:
    def __init__(self, script: Script, found: list[Lost]) -> None:
        self.text = script.text
        self.found = found
        self.guards = guards(script)

    def statements(
        self,
        body: list[Statement],
        counts: bool,
        how: str,
        outer: Statement | None = None,
        behind: Statement | None = None,
    ) -> None:
        """`counts`: the status of the last one is the script's. `how`: else, how it is lost."""
        for n, one in enumerate(body):
            if n + 1 < len(body):
                following = body[n + 1]
                line = "\n" in self.text[one.end : following.start]
                self.visit(one, False, LINE if line else SEMICOLON, one, following)
            else:
                self.visit(one, counts, how, outer or one, behind)

    def visit(
        self, one: Statement, counts: bool, how: str, listed: Statement, following: Statement | None
    ) -> None:
        kind = one.kind
        if one.after == "&" or kind in ("not", "function"):
            return
        if kind == "command":
            if not counts:
                self.command(one, how, listed, following)  # type: ignore[arg-type]
        elif kind == "and_or":
            for n, part in enumerate(one.parts):
                rest = one.parts[n + 1 :]
                if "||" not in one.ops[n:] and not any(_leaves(other) for other in rest):
                    self.visit(part, counts, how, listed, following)
        elif kind == "pipeline":
            if one.parts:
                self.visit(one.parts[-1], counts, how, listed, following)
        elif kind == "loop":
            if one.keyword in ("for", "select") or _reads(one):
                for body in one.bodies:
                    self.statements(body, False, LOOP, listed, following if not counts else None)
        else:
            for body in one.bodies:
                self.statements(body, counts, how, listed, following)

    def command(self, simple: Simple, how: str, listed: Statement, following: Statement | None) -> None:
        kind = kind_of(simple)
        if not kind and simple.name == "cd" and _removes_here(following):
            kind = "cd"
        if kind and not _is_guarded(simple, self.guards):
            self.found.append(Lost(simple, kind, how, listed, following))


def _leaves(statement: Statement) -> bool:
    """`break` behind `&&`: the command was asked whether it succeeded."""
    return statement.kind == "command" and statement.name in _LEAVES  # type: ignore[attr-defined]


def _reads(loop: Statement) -> bool:
    """`while read LINE`; other loops of `while` wait for something."""
    return any(
        one.kind == "command" and one.name == "read"  # type: ignore[attr-defined]
        for test in loop.conditions
        for one in test
    )


def _removes_here(following: Statement | None) -> bool:
    """`rm -rf *` and the like, which must not run in another folder."""
    if following is None or following.kind != "command" or following.name != "rm":  # type: ignore[attr-defined]
        return False
    simple: Simple = following  # type: ignore[assignment]
    if not simple.has("-r", "-R", "--recursive"):
        return False
    return any(word.raw in ("*", "./*", ".", "./") for word in simple.operands())


def guards(script: Script) -> list[Simple]:
    """The commands that make a script end at a failure: `set -e`, `trap … ERR`; also `set +e`, which is a decision."""
    if "set" not in script.text and "trap" not in script.text:
        return []
    return [simple for simple in script.commands if sets(simple, "e", "errexit") or _traps(simple)]


def sets(simple: Simple, letter: str, name: str) -> bool:
    """`set -e`, `set -o errexit`, `set -euo pipefail`; `set +e` too."""
    if simple.name != "set":
        return False
    raws = [word.raw for word in simple.args]
    for n, raw in enumerate(raws):
        if raw == name and n and raws[n - 1][:1] in ("-", "+"):
            return True
        if letter and raw[:1] in ("-", "+") and raw[1:2] != "-" and letter in raw[1:]:
            return True
    return False


def _traps(simple: Simple) -> bool:
    return simple.name == "trap" and any(word.raw in ("ERR", "err") for word in simple.args)


def _is_guarded(simple: Simple, setters: list[Simple]) -> bool:
    for guard in setters:
        if guard.start > simple.start:
            continue
        own = next((one for one in guard.ancestors() if one.kind in ("subshell", "substitution")), None)
        if own is None or any(one is own for one in simple.ancestors()):
            return True
    return False


def _is_checked(script: Script, one: Lost, found: list[Lost]) -> bool:
    """The script looks at the status, or at the result, behind the command; or a comment says that it may fail."""
    text = script.text
    start = one.simple.end
    line = text.find("\n", one.simple.start)
    behind = one.following.start if one.following is not None else len(text)
    while 0 <= line <= behind:
        if text[line - 1] in " \t" and text[max(line - 80, 0) : line].rstrip(" \t").endswith("\\"):
            return True  # a continued line that another rule reports
        line = text.find("\n", line + 1)
    stop = min(
        (other.simple.start for other in found if other.simple.start > start), default=len(script.text)
    )
    for expansion in script.expansions:
        if expansion.name in ("?", "PIPESTATUS") and start <= expansion.start < stop:
            return True
    following = one.following
    if following is not None and start <= following.start < stop and _ends_in_exit(following):
        return True
    return may_fail(script, one.simple.start)


def _ends_in_exit(statement: Statement) -> bool:
    """`if [ ! -f out ]; then exit 1; fi`, `[ -f out ] || exit 1`."""
    if statement.kind not in ("if", "and_or"):
        return False
    stack = [*statement.parts, *(one for body in statement.bodies for one in body)]
    while stack:
        one = stack.pop()
        if one.kind == "command":
            if fails(one):
                return True
        else:
            stack += [*one.parts, *(inner for body in one.bodies for inner in body)]
    return False


def fails(statement: Statement) -> bool:
    """`exit 1`, `return 1`, `false`."""
    if statement.kind != "command":
        return False
    simple: Simple = statement  # type: ignore[assignment]
    if simple.name == "false":
        return True
    return simple.name in ("exit", "return") and bool(simple.args) and simple.args[0].raw != "0"


#: What a comment or a message says where a failure is meant to be passed over.
_TOLERANT = (
    "ignor", "optional", "best effort", "best-effort", "non-block", "nonblock", "non block", "not block",
    "non-fatal", "not fatal", "may fail", "can fail", "might fail", "allowed", "advis", "tolera", "even if",
    "don't fail", "do not fail", "not fail", "never fail", "skip", "continu", "warn", "expected", "already",
    "no changes", "no update", "nothing to", "if any", "don't care", "informational", "report only", "report-only",
    "keep going", "go on", "regardless",
)  # fmt: skip


def is_tolerant(text: str) -> bool:
    text = text.lower()
    return any(word in text for word in _TOLERANT)


def may_fail(script: Script, at: int) -> bool:
    """A comment of the script, on the line of `at` or right above, says that a failure is no matter."""
    text = script.text
    line = text.rfind("\n", 0, at) + 1
    for start, end in script.comments:
        if start > at:
            return "\n" not in text[at:start] and is_tolerant(text[start:end])
        if 0 <= line - end < 200 and not text[end:line].strip() and text.count("\n", end, line) <= 1:
            if is_tolerant(text[start:end]):
                return True
    return False


def is_harmless(statement: Statement) -> bool:
    """Does it do nothing, and fail at nothing, that counts?"""
    if statement.kind == "command":
        simple: Simple = statement  # type: ignore[assignment]
        return not simple.words or simple.name in HARMLESS
    if statement.kind == "function":
        return True
    inner = [*statement.parts, *(one for body in statement.bodies for one in body)]
    return bool(inner) and all(is_harmless(one) for one in inner)


def always_succeeds(script: Script) -> bool:
    """The last command is one that does not fail."""
    last = script.body[-1]
    while last.kind in ("group", "subshell", "if", "loop") and last.bodies and last.bodies[-1]:
        last = last.bodies[-1][-1]
    if last.kind != "command":
        return False
    simple: Simple = last  # type: ignore[assignment]
    return simple.name in _SURE or (not simple.words and "$(" not in script.text[simple.start : simple.end])
