"""Reads a script for `fragments`: quotes, brackets, compound statements, heredocs."""

from __future__ import annotations

from .fragments import DANGLING, LEADING, OPEN, QUOTE, STRAY, Fault, Heredoc

_DEEPEST = 100
_BLANK = frozenset(" \t")
_META = frozenset(" \t\n;&|()<>")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_OPERATORS = (";;&", ";;", ";&", "&&", "||", "|&", ";", "&", "|")
_REDIRECTS = ("<<<", "<<-", "<<", "<&", "<>", "<", "&>>", "&>", ">>", ">&", ">|", ">")
#: What each keyword must find open, and what it leaves open ("" for nothing).
_STEPS = {
    "then": (("if", "elif"), "then"),
    "elif": (("then",), "elif"),
    "else": (("then",), "else"),
    "fi": (("then", "else"), ""),
    "do": (("while", "until"), "do"),
    "done": (("do",), ""),
    "esac": (("in",), ""),
    "}": (("{",), ""),
}
_OPENERS = frozenset(("if", "while", "until", "for", "select", "case", "{"))


class Unsure(Exception):
    """Something that this reader does not know."""


class _Frame:
    """A list of commands, or a quoted text: what it was opened by, and what is open in it."""

    __slots__ = (
        "at", "begun", "case", "closed", "command", "depth", "kind", "loop", "naming", "operator", "pattern",
        "redirect", "stack", "test", "word",
    )  # fmt: skip

    def __init__(self, kind: str, at: int) -> None:
        self.kind = kind
        self.at = at
        self.stack: list[tuple[str, int]] = []
        self.word = -1
        self.command = True  # the next word is a command
        self.begun = False  # there is a command in the list
        self.closed = False  # a compound statement has just ended
        self.redirect = ("", 0)
        self.operator = ("", 0)
        self.pattern = False
        self.case = 0
        self.loop = 0
        self.naming = False
        self.test = False
        self.depth = 0


class Reader:
    def __init__(self, text: str, heredocs: list[Heredoc]) -> None:
        self.text = text
        self.heredocs = heredocs
        self.pending: list[Heredoc] = []
        self.frames = [_Frame("top", 0)]
        self.at = 0

    def read(self) -> Fault | None:
        text, size = self.text, len(self.text)
        if "\r" in text or "{{" in text or "<%" in text:
            raise Unsure
        while self.at < size:
            frame = self.frames[-1]
            if len(self.frames) > _DEEPEST:
                raise Unsure
            fault = _READERS[frame.kind](self, frame)
            if fault is not None:
                if any(one.kind == "backtick" for one in self.frames) and fault.word != "`":
                    raise Unsure  # the shell reads that only when it comes to it
                return fault
        return self.end()

    def end(self) -> Fault | None:
        frame = self.frames[-1]
        if frame.kind in _LISTS:
            fault = self.finish(frame)
            if fault is not None:
                return fault
        if len(self.frames) > 1:
            if frame.kind == "double":
                return Fault(QUOTE, '"', frame.at)
            outer = next((one for one in reversed(self.frames) if one.kind == "double"), None)
            if outer is not None:
                raise Unsure  # a quote or a bracket: who knows which
            if frame.stack:
                return Fault(OPEN, *frame.stack[-1])
            return Fault(OPEN, _OPENED[frame.kind], frame.at)
        if frame.test:
            raise Unsure
        if frame.redirect[0]:
            return Fault(DANGLING, *frame.redirect)
        if frame.operator[0]:
            return Fault(DANGLING, *frame.operator)
        self.heredocs += self.pending
        return Fault(OPEN, *frame.stack[-1]) if frame.stack else None

    # quoted texts

    def double(self, _: _Frame) -> Fault | None:
        char = self.text[self.at]
        if char == "\\":
            self.at += 2
        elif char == '"':
            self.frames.pop()
            self.at += 1
        elif not self.expansion():
            self.at += 1
        return None

    def brace(self, _: _Frame) -> Fault | None:
        char = self.text[self.at]
        if char == "\\":
            self.at += 2
        elif char == "}":
            self.frames.pop()
            self.at += 1
        elif char == "'" and any(one.kind == "double" for one in self.frames):
            self.at += 1
        elif char in "'\"":
            return self.quote()
        elif not self.expansion():
            self.at += 1
        return None

    def arithmetic(self, frame: _Frame) -> Fault | None:
        char = self.text[self.at]
        if char == "(":
            frame.depth += 1
        elif char == ")":
            if frame.depth:
                frame.depth -= 1
            elif self.text.startswith("))", self.at):
                self.frames.pop()
                self.at += 2
                below = self.frames[-1]
                if frame.kind == "arithmetic-command":
                    below.closed = True
                return None
            else:
                raise Unsure  # `$((a) | b)`
        elif char in "'\"":
            return self.quote()
        elif self.expansion():
            return None
        self.at += 1
        return None

    def array(self, _: _Frame) -> Fault | None:
        char = self.text[self.at]
        if char == ")":
            self.frames.pop()
            self.at += 1
        elif char == "(":
            raise Unsure
        elif char == "\\":
            self.at += 2
        elif char == "#" and self.text[self.at - 1] in " \t\n(":
            self.comment()
        elif char in "'\"":
            return self.quote()
        elif not self.expansion():
            self.at += 1
        return None

    def quote(self) -> Fault | None:
        """A quote begins."""
        if self.text[self.at] == '"':
            self.frames.append(_Frame("double", self.at))
            self.at += 1
            return None
        end = self.text.find("'", self.at + 1)
        if end < 0:
            return Fault(QUOTE, "'", self.at)
        self.at = end + 1
        return None

    def expansion(self) -> bool:
        """`$(…)`, `${…}`, `$((…))`, `$'…'` or a backtick begins (or ends)."""
        text, at = self.text, self.at
        if text[at] == "`":
            for n in range(len(self.frames) - 1, 0, -1):
                if self.frames[n].kind == "backtick":
                    if n != len(self.frames) - 1:
                        raise Unsure
                    return False  # its list ends it
            self.frames.append(_Frame("backtick", at))
            self.at += 1
            return True
        if text[at] != "$":
            return False
        if text.startswith("$$", at):
            self.at += 2
        elif text.startswith("$((", at):
            self.frames.append(_Frame("arithmetic", at))
            self.at += 3
        elif text.startswith("$(", at):
            self.frames.append(_Frame("substitution", at))
            self.at += 2
        elif text.startswith("${", at):
            self.frames.append(_Frame("brace", at))
            self.at += 2
        elif text.startswith("$'", at) and self.frames[-1].kind not in ("double", "brace"):
            end = at + 2
            while end < len(text) and text[end] != "'":
                end += 2 if text[end] == "\\" else 1
            if end >= len(text):
                raise Unsure
            self.at = end + 1
        else:
            return False
        return True

    def comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = end if end >= 0 else len(self.text)

    # lists of commands

    def commands(self, frame: _Frame) -> Fault | None:
        text, at = self.text, self.at
        char = text[at]
        if char == "`" and frame.kind == "backtick":
            return self.leave(frame, "`")
        if char not in _META:
            if char == "#" and frame.word < 0:
                self.comment()
                return None
            if char == "\\" and text.startswith("\\\n", at) and frame.word < 0:
                self.at += 2
                return None
            if frame.word < 0:
                frame.word = at
            if char == "\\":
                self.at += 2
            elif char in "'\"":
                return self.quote()
            elif not self.expansion():
                self.at += 1
            return None
        if char == "(" and frame.word >= 0 and not frame.test:
            return self.glued(frame)
        if char in "<>" and text.startswith(("<(", ">("), at) and not frame.test:
            frame.word = at if frame.word < 0 else frame.word
            self.frames.append(_Frame("substitution", at))
            self.at += 2
            return None
        if char in "<>" and frame.word >= 0 and text[frame.word : at].isdigit():
            frame.word = -1  # the number of a file descriptor
        fault = self.finish(frame)
        if fault is not None:
            return fault
        if char in _BLANK:
            self.at += 1
            return None
        if frame.test:
            self.at += 1
            return None
        return self.sign(frame, char)

    def sign(self, frame: _Frame, char: str) -> Fault | None:
        text, at = self.text, self.at
        if char == "\n":
            self.at += 1
            self.next(frame)
            self.bodies()
            return None
        for operator in _REDIRECTS:
            if text.startswith(operator, at):
                return self.redirection(frame, operator)
        if char == "(":
            return self.opening(frame)
        if char == ")":
            if frame.stack and frame.stack[-1][0] == "in" and frame.pattern:
                frame.pattern = False
                frame.command, frame.begun = True, False
                self.at += 1
                return None
            return self.leave(frame, ")")
        operator = next(one for one in _OPERATORS if text.startswith(one, at))
        self.at += len(operator)
        if operator in (";;", ";&", ";;&"):
            if not frame.stack or frame.stack[-1][0] != "in" or frame.pattern:
                return Fault(STRAY, operator, at)
            self.next(frame)
            frame.pattern = True
            return None
        if frame.pattern:
            if operator != "|":
                raise Unsure
            return None
        if frame.redirect[0]:
            raise Unsure
        if not frame.begun and not frame.closed:
            if frame.kind == "top" and not frame.stack and not text[:at].strip():
                return Fault(LEADING, operator, at)
            if frame.stack and frame.stack[-1][0] in ("for", "select"):
                self.next(frame)
                return None
            raise Unsure
        self.next(frame)
        if operator in ("&&", "||", "|", "|&"):
            frame.operator = (operator, at)
        return None

    def next(self, frame: _Frame) -> None:
        """A new command begins, if that is possible."""
        if frame.operator[0] and not frame.begun:
            return  # `&&` at the end of a line: the command follows
        if frame.redirect[0]:
            raise Unsure
        frame.command, frame.begun, frame.closed = True, False, False
        if frame.naming:
            raise Unsure

    def redirection(self, frame: _Frame, operator: str) -> Fault | None:
        at = self.at
        if frame.redirect[0] or frame.pattern:
            raise Unsure
        self.at += len(operator)
        frame.begun = True
        frame.operator = ("", 0)
        if operator not in ("<<", "<<-"):
            frame.redirect = (operator, at)
            return None
        while self.text[self.at : self.at + 1] in _BLANK and self.at < len(self.text):
            self.at += 1
        start, quote = self.at, ""
        word = ""
        while self.at < len(self.text):
            char = self.text[self.at]
            if quote:
                if char == quote:
                    quote = ""
                else:
                    word += char
            elif char in "'\"":
                quote = char
            elif char in _META or char in "`$":
                break
            elif char != "\\":
                word += char
            self.at += 1
        if quote or self.at == start or not word:
            raise Unsure
        self.pending.append(Heredoc(at, self.at, word, operator == "<<-"))
        return None

    def bodies(self) -> None:
        """The texts of the heredocs that were opened on the line before."""
        text = self.text
        for heredoc in self.pending:
            heredoc.body = line = self.at
            while line < len(text) and not heredoc.ended:
                end = text.find("\n", line)
                end = end if end >= 0 else len(text)
                content = text[line:end]
                if (content.lstrip("\t") if heredoc.tabs else content) == heredoc.word:
                    heredoc.ended = True
                elif content.strip() == heredoc.word and heredoc.near is None:
                    heredoc.near = (line, end)
                line = end + 1
            self.at = min(line, len(text))
            self.heredocs.append(heredoc)
        self.pending = []

    def opening(self, frame: _Frame) -> Fault | None:
        at = self.at
        if frame.pattern:
            self.at += 1
            return None
        if frame.command or (frame.stack and frame.stack[-1][0] in ("for", "select") and not frame.loop):
            if frame.closed:
                raise Unsure
            if self.text.startswith("((", at):
                self.frames.append(_Frame("arithmetic-command", at))
                self.at += 2
                frame.loop = 1
            else:
                self.frames.append(_Frame("subshell", at))
                self.at += 1
            frame.begun, frame.command, frame.operator = True, False, ("", 0)
            return None
        return Fault(STRAY, "(", at)

    def glued(self, frame: _Frame) -> Fault | None:
        """A bracket right behind a word: `f()`, `a=(…)`, `@(…)`."""
        word = self.text[frame.word : self.at]
        if word[-1] == "=":
            self.frames.append(_Frame("array", self.at))
            self.at += 1
            return None
        if word[-1] in "@!?*+" or frame.pattern:
            raise Unsure
        end = self.at + 1
        while self.text[end : end + 1] in (" ", "\t"):
            end += 1
        if frame.command and self.text.startswith(")", end) and _NAME.issuperset(word):
            frame.word = -1
            self.at = end + 1
            frame.command, frame.begun = True, False
            frame.naming = False
            return None
        fault = self.finish(frame)
        return fault or (self.opening(frame) if frame.command else Fault(STRAY, "(", self.at))

    def leave(self, frame: _Frame, sign: str) -> Fault | None:
        """A `)` or a backtick ends a list."""
        fault = self.finish(frame)
        if fault is not None:
            return fault
        if frame.kind == "top" or (sign == ")" and frame.kind == "backtick"):
            return Fault(STRAY, sign, self.at)
        if frame.stack:
            return Fault(OPEN, *frame.stack[-1])
        if frame.operator[0] or frame.redirect[0]:
            raise Unsure
        self.frames.pop()
        self.at += 1
        below = self.frames[-1]
        if frame.kind == "subshell":
            below.closed = True
        return None

    # words

    def finish(self, frame: _Frame) -> Fault | None:
        """A word ends here, if one has begun."""
        if frame.word < 0:
            return None
        at, word = frame.word, self.text[frame.word : self.at]
        frame.word = -1
        if frame.test:
            if word == "]]":
                frame.test, frame.closed = False, True
            return None
        if frame.redirect[0]:
            frame.redirect = ("", 0)
            return None
        top = frame.stack[-1][0] if frame.stack else ""
        if top == "case":
            if frame.case:
                if word != "in":
                    raise Unsure
                frame.stack[-1] = ("in", frame.stack[-1][1])
                frame.pattern = True
            frame.case += 1
            return None
        if frame.pattern:
            if word == "esac":
                frame.stack.pop()
                frame.pattern, frame.closed, frame.begun, frame.command = False, True, True, False
            return None
        if top in ("for", "select") and not (word == "do" and (frame.command or frame.loop == 1)):
            frame.loop += 1
            frame.command, frame.begun = False, True
            return None
        if frame.naming:
            frame.naming = False
            frame.command = True
            return None
        if not frame.command and not frame.closed and top not in ("for", "select"):
            return None
        return self.first(frame, word, at, top)

    def first(self, frame: _Frame, word: str, at: int, top: str) -> Fault | None:
        """The first word of a command: a keyword, perhaps."""
        frame.operator = ("", 0) if word not in _STEPS else frame.operator
        if frame.operator[0]:
            raise Unsure
        if word in _STEPS or (word == "do" and top in ("for", "select")):
            opened, leaves = _STEPS[word]
            if word == "do" and top in ("for", "select"):
                opened = (top,)
            if top not in opened:
                missing = {"if": "then", "elif": "then", "while": "do", "until": "do"}.get(top, "")
                return Fault(STRAY, word, at, missing if word in ("fi", "else", "elif", "done") else "")
            if not frame.begun and not frame.closed and word in ("then", "fi", "done", "else", "elif", "}"):
                if not self.is_filled(frame.stack[-1][1], at):
                    raise Unsure
            start = frame.stack.pop()[1]
            if leaves:
                frame.stack.append((leaves, start))
                frame.command, frame.begun, frame.closed = True, False, False
            else:
                frame.command, frame.begun, frame.closed = False, True, True
            return None
        if frame.closed:
            raise Unsure
        frame.begun = True
        if word in _OPENERS:
            frame.stack.append((word, at))
            frame.case = frame.loop = 0
            frame.command = word not in ("for", "select", "case")
            frame.begun = False
        elif word in ("!", "time"):
            frame.begun = False
        elif word == "function":
            frame.naming = True
            frame.command = False
        elif word == "[[":
            frame.test = True
            frame.command = False
        elif word == "coproc":
            raise Unsure
        else:
            frame.command = False
        return None

    def is_filled(self, start: int, end: int) -> bool:
        """Is there more than keywords and blanks since a statement began?"""
        return len(self.text[start:end].split()) > 1


_LISTS = frozenset(("top", "subshell", "substitution", "backtick"))
_OPENED = {
    "subshell": "(",
    "substitution": "$(",
    "backtick": "`",
    "brace": "${",
    "arithmetic": "$((",
    "arithmetic-command": "((",
    "array": "(",
}
_READERS = {
    "top": Reader.commands,
    "subshell": Reader.commands,
    "substitution": Reader.commands,
    "backtick": Reader.commands,
    "double": Reader.double,
    "brace": Reader.brace,
    "arithmetic": Reader.arithmetic,
    "arithmetic-command": Reader.arithmetic,
    "array": Reader.array,
}
