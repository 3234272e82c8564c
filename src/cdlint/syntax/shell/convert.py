"""From tree-sitter's tree to statements, words and expansions.

The kinds of `Feature` (constructs that POSIX does not have): `array`, `array-element`, `append`, `brace-range`,
`brace-list`, `process-substitution`, `here-string`, `ansi-string`, `translated-string`, `redirect-all` (`&>`, `&>>`,
`>& file`), `pipe-all` (`|&`), `double-bracket`, `arithmetic-command`, `old-arithmetic` (`$[ ]`), `c-style-for`,
`select`, `function-keyword`, `substring`, `case-change`, `replacement`, `indirection`, `transformation`, `fall-through`
(`;&`), `increment` and `power` (in arithmetic).
"""

from __future__ import annotations

from .nodes import Assignment, Expansion, Feature, Redirect, Simple, Statement, Word, is_name, name_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .script import Script

_WORDS = frozenset(
    (
        "word", "number", "string", "raw_string", "ansi_c_string", "translated_string", "concatenation",
        "simple_expansion", "expansion", "command_substitution", "process_substitution", "arithmetic_expansion",
        "brace_expression", "regex", "extglob_pattern", "test_operator", "variable_name", "special_variable_name",
        "array", "subscript",
    )
)  # fmt: skip
_FIXED = frozenset(("word", "number", "raw_string", "test_operator", "variable_name", "string_content"))
_REDIRECTS = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect"))
_SEPARATORS = frozenset((";", "&", "\n", ";;", ";&", ";;&"))
_CASE_CHANGES = ("^^", "^", ",,", ",")


def fill(script: Script, root: Any, variables: list[tuple[int, int]]) -> None:
    """Read the tree of `script.text` into the script.

    `variables`: the places of `$NAME`, which are letters to the tree.
    """
    _Reader(script, variables).program(root)
    script.expansions.sort(key=lambda found: found.start)


class _Reader:
    def __init__(self, script: Script, variables: list[tuple[int, int]]) -> None:
        self.script = script
        self.text = script.text
        self.command: Simple | None = None
        #: The `$NAME`s that no node has taken yet, by their place.
        self.variables = dict(variables)

    def program(self, root: Any) -> None:
        self.script.body = self.statements(root.children, None)
        if root.has_error:
            self.errors(root)

    def errors(self, root: Any) -> None:
        stack = [root]
        while stack:
            node = stack.pop()
            if node.is_missing:
                self.script.missing.append((node.type, node.start_byte))
            elif node.type == "ERROR":
                self.script.errors.append((node.start_byte, node.end_byte))
            elif node.has_error:
                stack += node.children
        self.script.errors.sort()

    # statements

    def statements(self, nodes: list[Any], parent: Statement | None) -> list[Statement]:
        """The statements among some nodes; what is none of them is passed over."""
        found: list[Statement] = []
        for node in nodes:
            kind = node.type
            if kind in _SEPARATORS or (not node.is_named and not kind.strip("\n")):
                if found and not found[-1].after:
                    found[-1].after = kind.strip() or "\n"
                continue
            if found and not found[-1].after and "\n" in self.text[found[-1].end : node.start_byte]:
                found[-1].after = "\n"
            statement = self.statement(node, parent)
            if statement is not None:
                found.append(statement)
        return found

    def statement(self, node: Any, parent: Statement | None) -> Statement | None:
        method = _STATEMENTS.get(node.type)
        if method is not None:
            return method(self, node, parent)
        if node.type == "comment":
            self.script.comments.append((node.start_byte, node.end_byte))
        elif node.type == "ERROR":
            for child in node.children:
                inner = self.statement(child, parent)
                if inner is None and child.type in _WORDS:
                    self.look_into(child, "word", False, None)
        return None

    def simple(self, node: Any, parent: Statement | None) -> Simple:
        made = Simple(self.text, node.start_byte, node.end_byte, parent)
        self.script.commands.append(made)
        return made

    def _command(self, node: Any, parent: Statement | None) -> Statement:
        made = self.simple(node, parent)
        outer, self.command = self.command, made
        words: list[Word] = []
        for child in node.children:
            kind = child.type
            if kind == "command_name":
                for inner in child.children:
                    words.append(self.word(inner))
            elif kind == "variable_assignment":
                made.assigns.append(self.assignment(child))
            elif kind in _REDIRECTS:
                self.redirect(child, made)
            elif kind in _WORDS:
                words.append(self.word(child))
            elif kind == "ERROR":
                self.statement(child, made)
            elif not child.is_named:
                if kind == "$":
                    if self.text[child.end_byte : child.end_byte + 1] == '"':
                        self.feature("translated-string", child.start_byte, child.end_byte + 1)
                elif child.start_byte < child.end_byte:
                    words.append(Word(self.text[child.start_byte : child.end_byte], child.start_byte))
            elif kind == "subshell":
                self.statement(child, made)
        words = self.joined_words(words)
        if words and made.assigns and made.assigns[-1].end == words[0].start:
            rest = words.pop(0)
            last = made.assigns[-1]
            start = last.value.start if last.value is not None else last.end
            last.value, last.end = Word(self.text[start : rest.end], start), rest.end
        for one in made.assigns:
            one.local = bool(words)
        made._words = words
        if words:
            made.start = made.assigns[0].start if made.assigns else words[0].start
        self.command = outer
        return made

    def joined_words(self, words: list[Word]) -> list[Word]:
        """Words without a blank between them are one: the grammar splits them at backticks."""
        if all(a.end < b.start for a, b in zip(words, words[1:], strict=False)):
            return words
        joined: list[Word] = []
        for word in words:
            if joined and joined[-1].end == word.start:
                start = joined.pop().start
                word = Word(self.text[start : word.end], start)
            joined.append(word)
        for expansion in self.script.expansions:
            for word in joined:
                if word.start <= expansion.start < word.end and expansion.command is self.command:
                    expansion.word = word
        return joined

    def _assignments(self, node: Any, parent: Statement | None) -> Statement:
        made = self.simple(node, parent)
        outer, self.command = self.command, made
        made._words = []
        for child in node.children if node.type == "variable_assignments" else (node,):
            if child.type == "variable_assignment":
                made.assigns.append(self.assignment(child))
        self.command = outer
        return made

    def _declaration(self, node: Any, parent: Statement | None) -> Statement:
        from .script import exports

        made = self.simple(node, parent)
        outer, self.command = self.command, made
        made.declares = True
        words: list[Word] = []
        for child in node.children:
            if child.type == "variable_assignment":
                words.append(Word(self.text[child.start_byte : child.end_byte], child.start_byte))
                one = self.assignment(child)
                one.exported = exports(words[0].raw, [word.raw for word in words[1:-1]])
                one.local = words[0].raw == "local"
            elif child.type in _REDIRECTS:
                self.redirect(child, made)
            elif child.type == "ERROR":
                self.statement(child, made)
            elif child.start_byte < child.end_byte:
                words.append(self.word(child))
        made._words = self.joined_words(words)
        self.command = outer
        return made

    def _test(self, node: Any, parent: Statement | None) -> Statement:
        made = self.simple(node, parent)
        outer, self.command = self.command, made
        children = node.children
        opener = children[0].type if children else "["
        made._words = [Word(opener, node.start_byte)]
        if opener in ("[[", "(("):
            self.feature(
                "double-bracket" if opener == "[[" else "arithmetic-command", node.start_byte, node.end_byte
            )
        role = {"[[": "test", "((": "arithmetic"}.get(opener, "word")
        self.flatten(children[1:-1] if len(children) > 1 else [], made._words, role)
        if children and not children[-1].is_missing:
            made._words.append(Word(children[-1].type, children[-1].start_byte))
        self.command = outer
        return made

    def flatten(self, nodes: list[Any], words: list[Word], role: str) -> None:
        """The words of a test in their order, operators among them."""
        for node in nodes:
            if node.type in _WORDS:
                words.append(self.word(node, role))
            elif node.type == "ERROR" and not node.children:
                words.append(Word(self.text[node.start_byte : node.end_byte], node.start_byte))
            elif node.children:
                self.flatten(node.children, words, role)
            elif node.start_byte < node.end_byte:
                words.append(Word(self.text[node.start_byte : node.end_byte], node.start_byte))

    def _redirected(self, node: Any, parent: Statement | None) -> Statement | None:
        statement: Statement | None = None
        bare: Simple | None = None
        for child in node.children:
            if child.type in _REDIRECTS:
                target = statement
                while target is not None and target.kind in ("pipeline", "and_or", "not") and target.parts:
                    target = target.parts[-1]
                if target is None:
                    if bare is None:
                        bare = self.simple(node, parent)
                        bare._words = []
                    target = bare
                if isinstance(target, Simple) and target is not bare:
                    self.forgotten(target, child.start_byte)
                behind = self.redirect(child, target, parent)
                if behind is not None:
                    statement = behind(statement or bare)
                elif target is not bare:
                    target.end = max(target.end, child.end_byte)
            else:
                found = self.statement(child, parent)
                statement = statement or found
        if statement is not None:
            statement.end = max(statement.end, node.end_byte)
        return statement or bare

    def forgotten(self, command: Simple, end: int) -> None:
        """A lone `-` before a heredoc is in no node of the tree."""
        gap = self.text[command.end : end]
        if gap.strip() == "-" and command._words is not None:
            at = command.end + gap.index("-")
            command._words.append(Word("-", at))
            command.end = at + 1

    def _pipeline(self, node: Any, parent: Statement | None) -> Statement:
        return self.joined("pipeline", node, parent)

    def _list(self, node: Any, parent: Statement | None) -> Statement:
        return self.joined("and_or", node, parent)

    def joined(self, kind: str, node: Any, parent: Statement | None) -> Statement:
        made = Statement(kind, node.start_byte, node.end_byte, parent)
        for child in node.children:
            if child.is_named:
                part = self.statement(child, made)
                if part is None:
                    continue
                if part.kind == kind and not part.redirects:
                    for inner in part.parts:
                        inner.parent = made
                    made.parts += part.parts
                    made.ops[len(made.ops) :] = part.ops
                else:
                    made.parts.append(part)
            elif child.type in ("|", "|&", "&&", "||"):
                made.ops.append(child.type)
                if child.type == "|&":
                    self.feature("pipe-all", child.start_byte, child.end_byte)
        return _negated(made) if made.parts and made.parts[0].kind == "not" and kind == "pipeline" else made

    def _not(self, node: Any, parent: Statement | None) -> Statement:
        made = Statement("not", node.start_byte, node.end_byte, parent)
        made.parts = self.statements(node.children[1:], made)
        return made

    def _if(self, node: Any, parent: Statement | None) -> Statement:
        made = Statement("if", node.start_byte, node.end_byte, parent)
        made.keyword = "if"
        self.branches(node, made)
        return made

    def branches(self, node: Any, made: Statement) -> None:
        collected: list[Any] = []
        for child in node.children:
            kind = child.type
            if kind in ("if", "elif", "else", "fi") and not child.is_named:
                if kind == "fi":
                    break
                continue
            if kind == "then" and not child.is_named:
                made.conditions.append(self.statements(collected, made))
                collected = []
            elif kind in ("elif_clause", "else_clause"):
                self.close(collected, made)
                collected = []
                self.branches(child, made)
            else:
                collected.append(child)
        self.close(collected, made)

    def close(self, collected: list[Any], made: Statement) -> None:
        if any(node.is_named for node in collected):
            made.bodies.append(self.statements(collected, made))

    def _loop(self, node: Any, parent: Statement | None) -> Statement:
        made = Statement("loop", node.start_byte, node.end_byte, parent)
        children = node.children
        made.keyword = children[0].type if children else ""
        before: list[Any] = []
        for child in children[1:]:
            if child.type in ("do_group", "compound_statement"):
                if made.keyword in ("while", "until"):
                    made.conditions.append(self.statements(before, made))
                made.bodies.append(self.statements(child.children, made))
            else:
                before.append(child)
        if made.keyword in ("for", "select"):
            self.for_words(before, node, made)
        return made

    def for_words(self, nodes: list[Any], node: Any, made: Statement) -> None:
        if made.keyword == "select":
            self.feature("select", node.start_byte, node.start_byte + 6)
        for n, child in enumerate(nodes):
            if n == 0 and child.type == "variable_name":
                one = Assignment(
                    self.text[child.start_byte : child.end_byte], "=", None, child.start_byte, child.end_byte
                )
                one.loop = True
                self.assigned(one, made)
            elif child.type in _WORDS:
                self.word(child, "for")

    def _c_for(self, node: Any, parent: Statement | None) -> Statement:
        made = Statement("loop", node.start_byte, node.end_byte, parent)
        made.keyword = "for"
        self.feature("c-style-for", node.start_byte, node.end_byte)
        for child in node.children:
            if child.type == "do_group":
                made.bodies.append(self.statements(child.children, made))
            elif child.type == "variable_assignment":
                self.assignment(child)
            elif child.is_named:
                self.look_into(child, "arithmetic", False, None)
        return made

    def _case(self, node: Any, parent: Statement | None) -> Statement:
        made = Statement("case", node.start_byte, node.end_byte, parent)
        made.keyword = "case"
        for child in node.children:
            if child.type == "case_item":
                body: list[Any] = []
                head = True
                for inner in child.children:
                    if inner.type == ")" and head:
                        head = False
                    elif head and inner.is_named:
                        self.word(inner, "case")
                    elif not head:
                        body.append(inner)
                        if inner.type in (";&", ";;&"):
                            self.feature("fall-through", inner.start_byte, inner.end_byte)
                made.bodies.append(self.statements(body, made))
            elif child.type in _WORDS:
                self.word(child, "case")
        return made

    def _group(self, node: Any, parent: Statement | None) -> Statement:
        children = node.children
        if children and children[0].type == "((":
            return self._test(node, parent)
        made = Statement(
            "subshell" if node.type == "subshell" else "group", node.start_byte, node.end_byte, parent
        )
        made.bodies.append(self.statements([c for c in children if c.type not in "(){}"], made))
        return made

    def _function(self, node: Any, parent: Statement | None) -> Statement:
        made = Statement("function", node.start_byte, node.end_byte, parent)
        children = node.children
        if children and children[0].type == "function":
            self.feature("function-keyword", children[0].start_byte, children[0].end_byte)
        named = [child for child in children if child.is_named]
        if named:
            self.script.functions.append(self.text[named[0].start_byte : named[0].end_byte])
            made.bodies.append(self.statements(named[1:], made))
        return made

    # words

    def word(self, node: Any, role: str = "word") -> Word:
        start, end = node.start_byte, node.end_byte
        made = Word(self.text[start:end], start)
        if node.type not in _FIXED:
            self.look_into(node, role, False, made)
        elif self.variables:
            self.take(start, end, role, False, made, node.type != "raw_string")
        return made

    def take(
        self, start: int, end: int, role: str, quoted: bool, word: Word | None, counts: bool = True
    ) -> None:
        """Claim the `$NAME`s in a range that nothing inside it has claimed."""
        variables = self.variables
        at = self.text.find("$", start, end)
        while at >= 0:
            stop = variables.pop(at, None)
            if stop is not None and counts:
                made = Expansion(self.text[at + 1 : stop], at, stop)
                made.quoted, made.role, made.word, made.command = quoted, role, word, self.command
                self.script.expansions.append(made)
            at = self.text.find("$", at + 1, end)

    def feature(self, kind: str, start: int, end: int) -> None:
        self.script.features.append(Feature(kind, start, end, self.text[start:end]))

    def look_into(self, node: Any, role: str, quoted: bool, word: Word | None) -> None:
        """The expansions, substitutions and features inside a word."""
        kind = node.type
        if kind in ("raw_string", "ansi_c_string"):
            self.take(node.start_byte, node.end_byte, role, True, word, counts=False)
            self.note(node, kind)
            return
        if kind in _FIXED:
            return
        if kind in ("simple_expansion", "expansion"):
            self.expansion(node, role, quoted, word)
        elif kind in ("command_substitution", "process_substitution"):
            self.substitution(node, kind)
            return
        else:
            self.note(node, kind)
            role = "arithmetic" if kind == "arithmetic_expansion" else role
            quoted = quoted or kind == "string" or role == "arithmetic"
            for child in node.children:
                if child.type not in _FIXED or child.type == "raw_string":
                    self.look_into(child, role, quoted, word)
        if self.variables:
            self.take(node.start_byte, node.end_byte, role, quoted, word)

    def note(self, node: Any, kind: str) -> None:
        """Features that are words, or parts of them."""
        start, end = node.start_byte, node.end_byte
        if kind == "ansi_c_string":
            self.feature("ansi-string", start, end)
        elif kind == "translated_string":
            self.feature("translated-string", start, end)
        elif kind == "brace_expression":
            self.feature("brace-range", start, end)
        elif kind == "array":
            self.feature("array", start, end)
        elif kind == "arithmetic_expansion" and self.text.startswith("$[", start):
            self.feature("old-arithmetic", start, end)
        elif kind == "postfix_expression" or (
            kind == "unary_expression" and self.text[start : start + 2] in ("++", "--")
        ):
            self.feature("increment", start, end)
        elif kind == "**":
            self.feature("power", start, end)
        elif kind == "concatenation":
            at = start
            for child in node.children:
                if child.type == "word" and self.text[child.start_byte : child.end_byte] == "{":
                    at = child.start_byte
                elif child.type == "word" and self.text[child.start_byte : child.end_byte] == "}":
                    inner = self.text[at : child.end_byte]
                    if "," in inner and inner[:1] == "{":
                        self.feature("brace-list", at, child.end_byte)

    def substitution(self, node: Any, kind: str) -> None:
        made = Statement("substitution", node.start_byte, node.end_byte, self.command)
        made.keyword = self.text[
            node.start_byte : node.start_byte + (1 if self.text[node.start_byte] == "`" else 2)
        ]
        if kind == "process_substitution":
            self.feature("process-substitution", node.start_byte, node.end_byte)
        outer = self.command
        made.bodies.append(self.statements([c for c in node.children if c.type not in _BRACKETS], made))
        self.command = outer
        self.script.substitutions.append(made)

    def expansion(self, node: Any, role: str, quoted: bool, word: Word | None) -> None:
        start, end = node.start_byte, node.end_byte
        start = self.text.index("$", start)  # in a string the node begins with the blank before it
        raw = self.text[start:end]
        made = Expansion("", start, end)
        made.quoted, made.role, made.word, made.command = quoted, role, word, self.command
        if not raw.startswith("${"):
            made.name = raw[1:]
        else:
            self.braced(made, raw[2:-1])
            for child in node.children:
                if child.is_named and child.type not in _FIXED and child.type != "subscript":
                    self.look_into(child, role, quoted, word)
        self.script.expansions.append(made)

    def braced(self, made: Expansion, inner: str) -> None:
        """What stands between the braces."""
        start, end = made.start, made.end
        if inner[:1] in ("#", "!") and len(inner) > 1 and inner[1] not in "}:-+?=#%/":
            made.op = "length" if inner[0] == "#" else "indirect"
            inner = inner[1:]
        name = name_at(inner, 0) or inner[:1]
        made.name = name
        rest = inner[len(name) :]
        if rest[:1] == "[":
            made.index, _, rest = rest[1:].partition("]")
            self.feature("array-element", start, end)
        if made.op == "indirect":
            self.feature("indirection", start, end)
        if made.op:
            return
        for op in (
            ":-",
            ":=",
            ":+",
            ":?",
            "##",
            "%%",
            "//",
            *_CASE_CHANGES,
            "#",
            "%",
            "/",
            "-",
            "=",
            "+",
            "?",
            ":",
            "@",
        ):
            if rest.startswith(op):
                made.op, made.argument = op, rest[len(op) :]
                break
        if made.op == ":":
            self.feature("substring", start, end)
        elif made.op in _CASE_CHANGES:
            self.feature("case-change", start, end)
        elif made.op in ("/", "//"):
            self.feature("replacement", start, end)
        elif made.op == "@":
            self.feature("transformation", start, end)

    def assignment(self, node: Any) -> Assignment:
        start, end = node.start_byte, node.end_byte
        raw = self.text[start:end]
        name, _, _ = raw.partition("=")
        op = "="
        if name.endswith("+"):
            name, op = name[:-1], "+="
            self.feature("append", start, start + len(name) + 2)
        name, bracket, _ = name.partition("[")
        made = Assignment(name if is_name(name) else "", op, None, start, end)
        made.array = bool(bracket)
        if bracket:
            self.feature("array", start, end)
        value_at = start + raw.find("=") + 1
        value_nodes = [
            child for child in node.children if child.start_byte >= value_at and child.start_byte < end
        ]
        made.value = Word(self.text[value_at:end], value_at) if value_at < end else None
        for child in value_nodes:
            made.array = made.array or child.type == "array"
            self.look_into(child, "value", False, made.value)
        self.take(value_at, end, "value", False, made.value)
        self.assigned(made, self.command)
        return made

    def assigned(self, made: Assignment, owner: Statement | None) -> None:
        around = owner
        while around is not None:
            parent = around.parent
            if around.kind in ("subshell", "substitution") or (
                parent is not None and parent.kind == "pipeline"
            ):
                made.nested = True
                break
            around = parent
        self.script.assignments.append(made)

    # redirections

    def redirect(self, node: Any, owner: Statement, parent: Statement | None = None) -> Any:
        """Read a redirection. A heredoc may have the rest of a pipeline inside: then what joins that on."""
        kind = node.type
        start, end = node.start_byte, node.end_byte
        if kind == "heredoc_redirect":
            return self.heredoc(node, owner, parent)
        op, fd, target = "", "", None
        for child in node.children:
            if child.type == "file_descriptor":
                fd = self.text[child.start_byte : child.end_byte]
            elif not child.is_named and not op:
                op = child.type
            elif child.is_named:
                if target is None:
                    target = self.redirect_target(child, kind)
                elif isinstance(owner, Simple) and owner._words is not None:
                    # `> file word`: the grammar takes the word for a second target.
                    owner._words.append(self.word(child))
        if kind == "herestring_redirect":
            op = "<<<"
            self.feature("here-string", start, end)
        to_file = target is not None and not (target.raw.isdigit() or target.raw == "-")
        if op in ("&>", "&>>") or (op == ">&" and not fd and to_file):
            self.feature("redirect-all", start, end)
        owner.redirects.append(Redirect(op, fd, target, start, end))
        return None

    def redirect_target(self, child: Any, kind: str) -> Word:
        return self.word(child, "word" if kind == "herestring_redirect" else "target")

    def heredoc(self, node: Any, owner: Statement, parent: Statement | None) -> Any:
        made = Redirect("<<", "", None, node.start_byte, node.end_byte)
        behind: list[tuple[str, Any]] = []
        op = ""
        for child in node.children:
            kind = child.type
            if kind in ("<<", "<<-"):
                made.op = kind
            elif kind == "heredoc_start":
                made.target = Word(self.text[child.start_byte : child.end_byte], child.start_byte)
                made.end = child.end_byte
            elif kind == "heredoc_body":
                made.body = self.text[child.start_byte : child.end_byte]
                made.body_start = child.start_byte
                outer, self.command = self.command, owner if isinstance(owner, Simple) else None
                for inner in child.children:
                    self.look_into(inner, "heredoc", True, None)
                expands = made.target is None or not set("'\"\\") & set(made.target.raw)
                self.take(child.start_byte, child.end_byte, "heredoc", True, None, counts=expands)
                self.command = outer
            elif kind in _REDIRECTS:
                self.redirect(child, owner)
            elif kind in ("|", "|&", "&&", "||"):
                op = kind
            elif kind == "pipeline":
                behind.append(("|", child))
            elif kind in _WORDS and isinstance(owner, Simple) and owner._words is not None:
                owner._words.append(self.word(child))
            elif child.is_named and kind not in ("heredoc_end",) and op:
                behind.append((op, child))
        owner.redirects.append(made)
        if not behind:
            return None
        return lambda first: self.join_on(first, behind, parent)

    def join_on(self, first: Statement, behind: list[tuple[str, Any]], parent: Statement | None) -> Statement:
        for op, node in behind:
            kind = "pipeline" if op in ("|", "|&") else "and_or"
            joint = Statement(kind, first.start, node.end_byte, parent)
            first.parent = joint
            joint.parts.append(first)
            joint.ops.append(op)
            inner = [c for c in node.children if c.is_named] if node.type == "pipeline" else [node]
            for child in inner:
                part = self.statement(child, joint)
                if part is not None and part.kind == "and_or" and kind == "pipeline" and part.parts:
                    # `| tee x && echo y` binds the other way round.
                    joint.parts.append(part.parts[0])
                    part.parts[0].parent = joint
                    part.parts[0] = joint
                    part.parent, joint.parent = parent, part
                    joint = part
                elif part is not None:
                    joint.parts.append(part)
            first = joint
        return first


def _negated(pipeline: Statement) -> Statement:
    """`! a | b` negates the whole pipeline; the grammar has the `!` at its first member."""
    outer = pipeline.parts[0]
    if not outer.parts:
        return pipeline
    outer.parent, outer.end = pipeline.parent, pipeline.end
    pipeline.parts[0] = outer.parts[0]
    pipeline.parts[0].parent = pipeline
    pipeline.start = pipeline.parts[0].start
    pipeline.parent = outer
    outer.parts = [pipeline]
    return outer


_BRACKETS = frozenset(("$(", "(", ")", "`", "<(", ">("))
_STATEMENTS = {
    "command": _Reader._command,
    "variable_assignment": _Reader._assignments,
    "variable_assignments": _Reader._assignments,
    "declaration_command": _Reader._declaration,
    "unset_command": _Reader._declaration,
    "test_command": _Reader._test,
    "redirected_statement": _Reader._redirected,
    "pipeline": _Reader._pipeline,
    "list": _Reader._list,
    "negated_command": _Reader._not,
    "if_statement": _Reader._if,
    "while_statement": _Reader._loop,
    "for_statement": _Reader._loop,
    "c_style_for_statement": _Reader._c_for,
    "case_statement": _Reader._case,
    "compound_statement": _Reader._group,
    "subshell": _Reader._group,
    "function_definition": _Reader._function,
}
