"""What a shell script is made of. All places are offsets into the script's own text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Commands that run the command given to them, and their options that take a value.
WRAPPERS = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "--user", "--group"),
    "time": ("-f", "-o"),
    "command": (),
    "builtin": (),
    "exec": ("-a",),
    "nohup": (),
    "nice": ("-n",),
    "ionice": ("-c", "-n"),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "timeout": ("-s", "-k", "--signal", "--kill-after"),
    "stdbuf": ("-i", "-o", "-e"),
    "unbuffer": (),
    "caffeinate": (),
}

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_GLOB = frozenset("*?[")
#: What makes a word more than its characters.
_QUOTING = frozenset("'\"\\`$")


def is_name(text: str) -> bool:
    """May it be the name of a shell variable?"""
    return bool(text) and not text[0].isdigit() and _NAME.issuperset(text)


def name_at(text: str, at: int) -> str:
    """The variable's name that begins there, or ""."""
    end = at
    while end < len(text) and text[end] in _NAME:
        end += 1
    return text[at:end] if not text[at : at + 1].isdigit() else text[at : at + 1]


class Word:
    """A word as it is written: `raw`, quotes included, at `start`..`end`."""

    __slots__ = ("_literal", "_plain", "end", "raw", "start")

    def __init__(self, raw: str, start: int) -> None:
        self.raw = raw
        self.start = start
        self.end = start + len(raw)
        self._literal: str | None = None
        self._plain: str | None = None

    @property
    def literal(self) -> str | None:
        """What the program gets, or None where a variable or a command's output is part of it.

        Patterns like `*.zip` are literals here: see `is_glob`.
        """
        plain = self.plain
        return plain if self._literal == "" else None

    @property
    def plain(self) -> str:
        """The word without its quotes. Variables are written `${NAME}`, however they were written."""
        if self._plain is None:
            self._plain, fixed = _unquoted(self.raw)
            if fixed and "${_" in self._plain:
                fixed = not _has_stand_in(self._plain)
            self._literal = "" if fixed else None
        return self._plain

    @property
    def is_glob(self) -> bool:
        """An unquoted `*`, `?` or `[`."""
        return not _GLOB.isdisjoint(self.raw) and any(
            char in _GLOB and state == "b" for char, state in zip(self.raw, quoting(self.raw), strict=True)
        )

    @property
    def is_option(self) -> bool:
        return self.raw[:1] == "-" and self.raw not in ("-", "--")

    @property
    def variable(self) -> str:
        """The name, where the word is nothing but one variable (`$X`, `"${X}"`), or ""."""
        plain = self.plain
        if plain.startswith("${") and plain.endswith("}") and is_name(plain[2:-1]):
            return plain[2:-1]
        return ""

    def __repr__(self) -> str:
        return f"Word({self.raw!r}, {self.start})"


def quoting(raw: str) -> str:
    """A letter for each character of a word: `b`are, `s`ingle quotes, `d`ouble quotes (quotes too)."""
    marks: list[str] = []
    state = "b"
    at, size = 0, len(raw)
    while at < size:
        char = raw[at]
        if state == "s":
            marks.append("s")
            state = "b" if char == "'" else "s"
        elif char == "\\" and at + 1 < size:
            marks.append("ss")
            at += 1
        elif raw.startswith(("$(", "${", "`"), at):
            end = closing(raw, at)
            marks.append(("D" if state == "d" else "B") * (end - at))
            at = end - 1
        elif char == '"':
            marks.append("d")
            state = "d" if state == "b" else "b"
        elif char == "'" and state == "b":
            marks.append("s")
            state = "s"
        else:
            marks.append(state)
        at += 1
    return "".join(marks)[:size]


def closing(raw: str, at: int) -> int:
    """The offset behind the `$(…)`, `${…}` or `` `…` `` that begins at `at`."""
    if raw[at] == "`":
        end = at + 1
        while end < len(raw) and raw[end] != "`":
            end += 2 if raw[end] == "\\" else 1
        return min(end + 1, len(raw))
    opener, closer = raw[at + 1], ")" if raw[at + 1] == "(" else "}"
    depth, end = 0, at + 1
    while end < len(raw):
        char = raw[end]
        if char == "\\":
            end += 1
        elif char == "'" and opener == "(":
            stop = raw.find("'", end + 1)
            end = stop if stop >= 0 else len(raw)
        elif char == opener:
            depth += 1
        elif char == closer:
            depth -= 1
            if not depth:
                return end + 1
        end += 1
    return len(raw)


def _has_stand_in(text: str) -> bool:
    """Is there a `${____}`, which stands for a part that a template puts in, between single quotes too?"""
    at = text.find("${_")
    while at >= 0:
        if not text[at + 2 : text.find("}", at)].strip("_") and "}" in text[at:]:
            return True
        at = text.find("${_", at + 3)
    return False


def _unquoted(raw: str) -> tuple[str, bool]:
    """The word without quotes, and whether it is fixed."""
    if _QUOTING.isdisjoint(raw):
        return raw, True
    out: list[str] = []
    fixed = True
    double = False
    at, size = 0, len(raw)
    while at < size:
        char = raw[at]
        if char == "'" and not double:
            end = raw.find("'", at + 1)
            end = end if end >= 0 else size
            out.append(raw[at + 1 : end])
            at = end + 1
        elif char == '"':
            double = not double
            at += 1
        elif char == "\\" and at + 1 < size:
            following = raw[at + 1]
            if double and following not in '$`"\\\n':
                out.append("\\")
            if following != "\n":
                out.append(following)
            at += 2
        elif char == "`" or raw.startswith(("$(", "${"), at):
            end = closing(raw, at)
            out.append(raw[at:end])
            fixed = False
            at = end
        elif char == "$" and at + 1 < size and (raw[at + 1] in _NAME or raw[at + 1] in "?@*#!$-'\""):
            fixed = False
            if raw[at + 1] in "'\"":
                at += 1
                continue
            name = name_at(raw, at + 1) or raw[at + 1]
            out.append("${" + name + "}")
            at += 1 + len(name)
        else:
            out.append(char)
            at += 1
    return "".join(out), fixed


class Redirect:
    """`op` is `>`, `>>`, `<`, `2>` without its number, `&>`, `<<`, `<<-`, `<<<` …; `fd` the number or "".

    `body` is the text of a heredoc (None for other redirections) and `body_start` where it stands.
    """

    __slots__ = ("body", "body_start", "end", "fd", "op", "start", "target")

    def __init__(self, op: str, fd: str, target: Word | None, start: int, end: int) -> None:
        self.op = op
        self.fd = fd
        self.target = target
        self.start = start
        self.end = end
        self.body: str | None = None
        self.body_start = end


class Assignment:
    """`NAME=value`. `op` is `=` or `+=`, `end` is behind the value.

    `exported`: by `export` or `declare -x`. `local`: only for one command (`A=1 make`) or in a function.
    `loop`: it is the variable of a `for`, and has no value of its own.
    `nested`: made in a subshell, a substitution or a member of a pipeline, so that it is lost there.
    """

    __slots__ = ("array", "end", "exported", "local", "loop", "name", "nested", "op", "start", "value")

    def __init__(self, name: str, op: str, value: Word | None, start: int, end: int) -> None:
        self.name = name
        self.op = op
        self.value = value
        self.start = start
        self.end = end
        self.exported = False
        self.local = False
        self.loop = False
        self.nested = False
        self.array = False


class Expansion:
    """`$NAME` or `${NAME…}` at `start`..`end`.

    `op` is what follows the name: `:-`, `#`, `/`, `:` (a part of it), `^^` …; "" for nothing. A length
    (`${#NAME}`) has the op `length`, an indirection (`${!NAME}`) `indirect`. `index` is the text in brackets.
    `role` is `word`, `value` (of an assignment), `target` (of a redirection), `heredoc`, `test` (in `[[`),
    `arithmetic`, `case` or `for`. `command` is the simple command that it stands in, if any.
    """

    __slots__ = ("argument", "command", "end", "index", "name", "op", "quoted", "role", "start", "word")

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.op = ""
        self.argument = ""
        self.index = ""
        self.quoted = False
        self.role = "word"
        self.word: Word | None = None
        self.command: Simple | None = None


class Feature:
    """A construct of bash that POSIX does not have; `kind` names it (see `convert.py`)."""

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, start: int, end: int, text: str) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text


class Statement:
    """A statement that is not a simple command.

    `kind`: `pipeline` and `and_or` (members in `parts`, what stands between them in `ops`), `not` (one part),
    `if`, `loop`, `case`, `group`, `subshell`, `function`, `substitution` (lists of statements in `bodies`,
    those of the tests of `if` and `while` in `conditions`). `keyword` is the word it begins with.
    `after` is what ends it: `;`, `&`, a line end, or "".
    """

    __slots__ = (
        "after", "bodies", "conditions", "end", "keyword", "kind", "ops", "parent", "parts",
        "redirects", "start",
    )  # fmt: skip

    def __init__(self, kind: str, start: int, end: int, parent: Statement | None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.parent = parent
        self.after = ""
        self.keyword = ""
        self.parts: list[Statement] = []
        self.ops: list[str] = []
        self.conditions: list[list[Statement]] = []
        self.bodies: list[list[Statement]] = []
        self.redirects: list[Redirect] = []

    def ancestors(self) -> Iterator[Statement]:
        """The statements around it, the nearest first."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    def inside(self, *kinds: str) -> bool:
        return any(around.kind in kinds for around in self.ancestors())

    def __repr__(self) -> str:
        return f"<{self.kind} {self.start}..{self.end}>"


class Simple(Statement):
    """A simple command: assignments, words, redirections. `[`, `[[` and `((` count as commands."""

    __slots__ = ("_operands", "_options", "_raws", "_text", "_words", "args", "assigns", "declares", "name")

    def __init__(self, text: str, start: int, end: int, parent: Statement | None) -> None:
        self.kind = "command"
        self.start = start
        self.end = end
        self.parent = parent
        self.after = ""
        self.redirects: list[Redirect] = []
        self.assigns: list[Assignment] = []
        self.declares = False
        self._text = text
        self._raws: list[str] | None = None
        self._words: list[Word] | None = None
        #: The program that is run, without its folder and behind `sudo`, `time`, `env` …; "" if unknown.
        self.name = ""
        #: The words behind the program's name.
        self.args: list[Word] = []
        # A script is read once however often it occurs, so answers are worth keeping.
        self._operands: dict[tuple[str, ...], list[Word]] = {}
        self._options: dict[tuple[str, ...], list[tuple[str, Word, Word | None]]] = {}

    # What only other statements have; not stored, for there are many simple commands.
    @property
    def parts(self) -> list[Statement]:  # type: ignore[override]
        return []

    @property
    def conditions(self) -> list[list[Statement]]:  # type: ignore[override]
        return []

    @property
    def bodies(self) -> list[list[Statement]]:  # type: ignore[override]
        return []

    @property
    def words(self) -> list[Word]:
        """All words, the command's name first; assignments in front of it are not among them."""
        if self._words is None:
            self._words = []
            at = self.start
            for raw in self._raws or ():
                at = self._text.index(raw, at)
                self._words.append(Word(raw, at))
                at += len(raw)
        return self._words

    def resolve(self) -> None:
        """Find out the program's name and its arguments; called once the words are known."""
        words = self.words
        at = 0
        while at < len(words):
            literal = words[at].literal
            if literal is None or literal not in WRAPPERS:
                break
            if literal == "command" and at + 1 < len(words) and words[at + 1].raw in ("-v", "-V"):
                break  # asks for a program, and runs none
            at = _behind_wrapper(words, at)
        if at >= len(words):
            at = 0  # nothing is run: `sudo -v`
        self.name = _program(words[at].literal or "") if words else ""
        self.args = words[at + 1 :]

    @property
    def first(self) -> Word | None:
        """The word that names the program (behind wrappers), or None."""
        words, args = self.words, self.args
        at = len(words) - len(args) - 1
        return words[at] if 0 <= at < len(words) else None

    def operands(self, *valued: str) -> list[Word]:
        """The arguments that are no options nor values of the options `valued` (`-t`, `--tag`).

        `--tag=x` needs no mention; behind `--` everything is an operand.
        """
        found = self._operands.get(valued)
        if found is None:
            found = self._operands[valued] = [word for word, option in self._sorted(valued) if option is None]
        return found[:]

    def options(self, *valued: str) -> list[tuple[str, Word, Word | None]]:
        """`(option, its word, its value or None)`; `--tag=x` gives `--tag` and a value of its own.

        Single letters are split (`-rq` is `-r` and `-q`) if they stand behind one hyphen and none of the
        `valued` options is the whole word. A value may be glued to its letter (`-tapp`).
        """
        known = self._options.get(valued)
        if known is None:
            known = self._options[valued] = self._read_options(valued)
        return known[:]

    def _read_options(self, valued: tuple[str, ...]) -> list[tuple[str, Word, Word | None]]:
        found: list[tuple[str, Word, Word | None]] = []
        entries = self._sorted(valued)
        for at, (word, option) in enumerate(entries):
            if option != "":
                continue
            text = word.plain
            name, equals, value = text.partition("=")
            following = entries[at + 1][0] if at + 1 < len(entries) and entries[at + 1][1] else None
            if text.startswith("--") or text in valued or (equals and name in valued):
                inner = Word(value, word.start + word.raw.find("=") + 1) if equals else None
                found.append((name, word, inner if equals else following if name in valued else None))
                continue
            letters = text[1:]
            for n, letter in enumerate(letters):
                flag = "-" + letter
                if flag in valued:
                    rest = letters[n + 1 :]
                    glued = Word(rest, word.end - len(rest)) if rest else following
                    found.append((flag, word, glued))
                    break
                found.append((flag, word, None))
            else:
                if len(letters) > 1:
                    found.append((text, word, following if text in valued else None))
        return found

    def option(self, *names: str) -> Word | None:
        """The value of one of some options that take one; None if it is not given."""
        for name, _, value in self.options(*names):
            if name in names and value is not None:
                return value
        return None

    def has(self, *names: str) -> bool:
        """Is one of some options without a value given?"""
        return any(name in names for name, _, _ in self.options())

    def _sorted(self, valued: tuple[str, ...]) -> list[tuple[Word, str | None]]:
        """Each argument, with None for an operand, "" for an option, its option's name for a value."""
        found: list[tuple[Word, str | None]] = []
        pending = ""
        ended = False
        for word in self.args:
            raw = word.raw
            if pending:
                found.append((word, pending))
                pending = ""
            elif ended or raw[:1] != "-" or raw == "-":
                found.append((word, None))
            elif raw == "--":
                ended = True
            else:
                found.append((word, ""))
                if raw in valued:
                    pending = raw
                elif raw[1:2] != "-" and len(raw) > 2 and "-" + raw[-1] in valued:
                    before = raw[1:-1]
                    if before.isalpha() and not any("-" + letter in valued for letter in before):
                        pending = "-" + raw[-1]
        return found

    def __repr__(self) -> str:
        return f"Simple({self._text[self.start : self.end]!r})"


_DYNAMIC = frozenset("$`\"'\\*?[")


def _program(text: str) -> str:
    """The name of a program, without the folder of an absolute path."""
    return text.rpartition("/")[2] if text.startswith("/") else text


def _behind_wrapper(words: list[Word], at: int) -> int:
    """The index of the word that a wrapper runs."""
    wrapper = words[at].literal or ""
    valued = WRAPPERS[wrapper]
    at += 1
    while at < len(words):
        raw = words[at].raw
        if raw == "--":
            return at + 1
        if raw in valued:
            at += 2
        elif (raw[:1] == "-" and raw != "-") or (
            wrapper in ("env", "sudo") and "=" in raw and is_name(raw.partition("=")[0])
        ):
            at += 1
        else:
            break
    if wrapper == "timeout" and at < len(words):
        at += 1  # the duration
    return at
