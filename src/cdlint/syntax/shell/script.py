"""A command's script: parsed once for each text, however often it occurs."""

from __future__ import annotations

from .nodes import Assignment, Expansion, Feature, Simple, Statement, Word, is_name, name_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Longer scripts are not read: nobody writes them, and the time for one is bounded.
MAX_SIZE = 50_000
#: So are scripts with more brackets than this open at once.
MAX_DEPTH = 150
#: How many different scripts are kept.
_KEPT = 4096

#: What makes more of a line than a plain command with its words.
_SPECIAL = frozenset("`;&|<>()\\#[]~!*?{}")
_SPECIAL_BUT_BRACES = _SPECIAL - frozenset("{}")
_SPECIAL_IN_QUOTES = frozenset("`\\{}")
#: Words that do not begin a plain command.
_RESERVED = frozenset(
    "if then elif else fi for while until do done case esac select function time in coproc [ [[ ! { } unset".split()
)
DECLARERS = frozenset(("export", "readonly", "local", "declare", "typeset"))


class Script:
    """What the shell makes of a text.

    `body` holds its statements, `commands` all simple commands in order, those in substitutions too.
    `expansions` and `assignments` are all of them in order, `features` the constructs of bash.
    `comments` are the places of comments. `errors` are places that the grammar cannot read, `missing` the words
    that it misses (`fi`, `done` …) with their place. `unread`: the text was too large or too deep; then
    there is nothing else.
    """

    __slots__ = (
        "assignments", "body", "commands", "comments", "errors", "expansions", "features",
        "functions", "missing", "notes", "substitutions", "text", "unread",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        self.text = text
        self.body: list[Statement] = []
        self.commands: list[Simple] = []
        self.expansions: list[Expansion] = []
        self.assignments: list[Assignment] = []
        self.features: list[Feature] = []
        self.comments: list[tuple[int, int]] = []
        self.errors: list[tuple[int, int]] = []
        self.missing: list[tuple[str, int]] = []
        self.functions: list[str] = []
        self.substitutions: list[Statement] = []
        self.unread = False
        #: What rules have found out about the script; the same script in another place need not be asked again.
        self.notes: dict[str, Any] = {}

    @property
    def broken(self) -> bool:
        """The grammar does not understand all of it, so what it says must be taken with care."""
        return bool(self.errors or self.missing or self.unread)

    def __repr__(self) -> str:
        return f"Script({self.text!r})"


_known: dict[str, Script] = {}
_parser: Any = None


def parse(text: str) -> Script:
    """The script; never raises. The same text gives the same object, which must not be changed."""
    found = _known.get(text)
    if found is None:
        if len(_known) >= _KEPT:
            _known.clear()
        found = _plain(text) or parse_tree(text)
        if "${_" in text:
            # `${____}` stands for what a template puts there (model/woven.py): the shell sees a text, no variable.
            found.expansions = [one for one in found.expansions if one.op or one.name.strip("_")]
        _known[text] = found
    return found


def parse_tree(text: str) -> Script:
    """Read a script with tree-sitter."""
    global _parser
    script = Script(text)
    if len(text) > MAX_SIZE or _too_deep(text):
        script.unread = True
        return script
    if _parser is None:
        from ..grammars import parser

        _parser = parser("bash")
    from .convert import fill

    # One byte for each character: all others are letters to the grammar, as they are to the shell.
    source = text if text.isascii() else "".join(char if char < "\x80" else "x" for char in text)
    source, variables = _without_variables(source)
    try:
        fill(script, _parser.parse(source.encode("ascii")).root_node, variables)
    except RecursionError:
        script = Script(text)
        script.unread = True
    for simple in script.commands:
        simple.resolve()
    return script


def _without_variables(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with letters for each `$NAME`, and where those were.

    The grammar splits `$A.dkr.$B.com` into two words (tree-sitter-bash 0.25); with letters in place of the
    variables it reads the words right. Names are found again by place.
    """
    at = text.find("$")
    if at < 0:
        return text, []
    parts: list[str] = []
    found: list[tuple[int, int]] = []
    done = 0
    while at >= 0:
        name = name_at(text, at + 1)
        end = at + 1 + len(name)
        if name and text[end : end + 1] not in ("=", "+") and not _is_escaped(text, at):
            parts += (text[done:at], "v" * (end - at))
            found.append((at, end))
            done = end
        at = text.find("$", end)
    return "".join(parts) + text[done:], found


def _is_escaped(text: str, at: int) -> bool:
    slashes = 0
    while at - slashes and text[at - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _too_deep(text: str) -> bool:
    """More than `MAX_DEPTH` brackets are open at once (quotes left out of account)."""
    if text.count("(") + text.count("{") + text.count("[") <= MAX_DEPTH and "if" not in text:
        return False
    depth = deepest = 0
    for char in text:
        if char in "({[":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")}]":
            depth = max(depth - 1, 0)
    return deepest > MAX_DEPTH or text.count("if ") > 2000


def _plain(text: str) -> Script | None:
    """A script of one plain command on one line, without the grammar; None if it is more than that."""
    if not text.isascii():
        return None
    body = text.rstrip("\n")
    if not body.isprintable() or "+=" in body:
        return None
    raws = _split(body)
    if not raws or raws[0] in _RESERVED:
        return None
    script = Script(text)
    start = len(body) - len(body.lstrip(" "))
    simple = Simple(text, start, len(body.rstrip(" ")), None)
    count = 0
    while count < len(raws) and "=" in raws[count] and _assigns(raws[count]):
        count += 1
    simple._raws = raws[count:]
    if count or raws[0] in DECLARERS:
        _assignments(script, simple, raws, count)
    if "$" in body:
        _expansions(script, simple, raws)
    simple.resolve()
    script.body = [simple]
    script.commands = [simple]
    return script


def _split(body: str) -> list[str] | None:
    """The words, or None where there is more than words."""
    quote = '"' if '"' in body else "'"
    pieces = body.split(quote)
    if len(pieces) % 2 == 0:
        return None
    special = _SPECIAL
    if "${" in body:
        if not _plain_braces(body):
            return None
        special = _SPECIAL_BUT_BRACES
    elif "$" in body and ("$(" in body or "$[" in body or "$'" in body or '$"' in body):
        return None
    if len(pieces) == 1:
        return body.split() if special.isdisjoint(body) else None
    outside = "".join(pieces[::2])
    inside = "".join(pieces[1::2])
    if not special.isdisjoint(outside) or "'" in (outside if quote == '"' else ""):
        return None
    if quote == '"' and ("`" in inside or "\\" in inside or "$(" in inside or "$[" in inside):
        return None
    if quote == "'" and "{" in outside and special is _SPECIAL:
        return None
    words: list[str] = []
    current = ""
    for n, piece in enumerate(pieces):
        if n % 2:
            current += quote + piece + quote
            continue
        parts = piece.split(" ")
        current += parts[0]
        for part in parts[1:]:
            if current:
                words.append(current)
            current = part
    if current:
        words.append(current)
    return words


def _plain_braces(body: str) -> bool:
    """Braces are only there as `${NAME}`."""
    opened = body.count("${")
    if body.count("{") != opened or body.count("}") != opened or "$(" in body or "$[" in body:
        return False
    if "$'" in body or '$"' in body:
        return False
    return all(is_name(part.partition("}")[0]) for part in body.split("${")[1:])


def _assigns(raw: str) -> bool:
    name = raw.partition("=")[0]
    return is_name(name[:-1] if name[-1:] == "+" else name)


def _assignments(script: Script, simple: Simple, raws: list[str], count: int) -> None:
    """The assignments before a plain command, and those that it makes itself (`export A=1`)."""
    at = simple.start
    text = script.text
    declares = count < len(raws) and raws[count] in DECLARERS
    for n, raw in enumerate(raws):
        at = text.index(raw, at)
        if n < count or (declares and n > count and "=" in raw and _assigns(raw)):
            made = assignment(raw, at)
            made.local = n < count < len(raws)
            if declares and n > count:
                made.exported = exports(raws[count], raws[count + 1 : n])
                made.local = raws[count] == "local"
            else:
                simple.assigns.append(made)
            script.assignments.append(made)
        at += len(raw)
    simple.declares = declares
    if count:
        simple._text = text
        if count < len(raws):
            simple._words = None
            words = []
            at = simple.start
            for n, raw in enumerate(raws):
                at = text.index(raw, at)
                if n >= count:
                    words.append(Word(raw, at))
                at += len(raw)
            simple._words = words


def assignment(raw: str, start: int) -> Assignment:
    name, _, value = raw.partition("=")
    op = "="
    if name.endswith("+"):
        name, op = name[:-1], "+="
    word = Word(value, start + len(raw) - len(value)) if value else None
    return Assignment(name, op, word, start, start + len(raw))


def exports(declarer: str, options: list[str]) -> bool:
    """Does a declaration put variables into the environment?"""
    if declarer == "export":
        return "-n" not in options
    return declarer in ("declare", "typeset") and any(
        option[:1] == "-" and "x" in option for option in options
    )


def _name_at(simple: Simple) -> int:
    """Where the first word stands; assignments are in front of it."""
    words = simple.words
    return words[0].start if words else simple.end


def _expansions(script: Script, simple: Simple, raws: list[str]) -> None:
    """The variables of a plain command: `$NAME`, `${NAME}` and `$1`, `$?` …"""
    text = script.text
    at = simple.start
    for raw in raws:
        at = text.index(raw, at)
        if "$" in raw:
            _expansions_in(script, simple, raw, at)
        at += len(raw)


def _expansions_in(script: Script, simple: Simple, raw: str, start: int) -> None:
    double = single = False
    word = Word(raw, start)
    size = len(raw)
    done = 0
    value_at = 0
    if "=" in raw and _assigns(raw) and (simple.declares or start < _name_at(simple)):
        value_at = raw.index("=") + 1
        word = Word(raw[value_at:], start + value_at)
    for n, char in enumerate(raw):
        if char == '"' and not single:
            double = not double
        elif char == "'" and not double:
            single = not single
        elif char == "$" and not single and done <= n < size - 1:
            braced = raw[n + 1] == "{"
            name = name_at(raw, n + 1 + braced) or (raw[n + 1] if raw[n + 1] in "?@*#!$-" else "")
            if not name:
                continue
            found = Expansion(name, start + n, start + n + 1 + len(name) + 2 * braced)
            done = found.end - start
            found.quoted = double
            found.word = word
            found.command = simple
            if value_at:
                found.role = "value"
            script.expansions.append(found)
