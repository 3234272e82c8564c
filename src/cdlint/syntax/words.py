"""A quick look at shell text: what is quoted, what is prose, which command a word belongs to.

It serves the rules on typography, which only look at commands with suspicious characters in them.
"""

from __future__ import annotations

BARE, SINGLE, DOUBLE, COMMENT, HEREDOC = "b", "s", "d", "c", "h"

#: Words after which a command may begin.
_OPENERS = frozenset(("then", "do", "else", "elif", "if", "while", "until", "!", "{", "time", "exec", "sudo"))


class Word:
    """A word of a script: the characters `start`..`end`. `command` is the first word of its simple
    command, `depth` the number of `$( … )` around it."""

    __slots__ = ("command", "depth", "end", "start", "text")

    def __init__(self, text: str, start: int, end: int, command: str, depth: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.command = command
        self.depth = depth


def states(script: str) -> str:
    """A letter for each character: bare, in single or double quotes, in a comment or a heredoc's body.

    `$( … )` and backticks inside double quotes begin afresh, as they do for the shell.
    """
    marks: list[str] = []
    stack = [BARE]
    heredocs: list[str] = []
    at, size = 0, len(script)
    while at < size:
        char, state = script[at], stack[-1]
        step = 1
        if state == SINGLE:
            if char == "'":
                stack.pop()
            marks.append(SINGLE)
        elif char == "\\" and at + 1 < size and state != COMMENT:
            step = 2
            marks.append(state * 2)
        elif state == DOUBLE and char == '"':
            stack.pop()
            marks.append(DOUBLE)
        elif char == "$" and script.startswith("$(", at):
            stack.append(BARE)
            step = 2
            marks.append(state * 2)
        elif char == "`":
            if len(stack) > 1 and stack[-1] == BARE and stack[-2] == "`":
                del stack[-2:]
            else:
                stack += ["`", BARE]
            marks.append(BARE)
        elif state == BARE and char in "'\"":
            stack.append(SINGLE if char == "'" else DOUBLE)
            marks.append(stack[-1])
        elif state == BARE and char == ")" and len(stack) > 1 and stack[-2] != "`":
            stack.pop()
            marks.append(BARE)
        elif state == BARE and char == "(":
            stack.append(BARE)
            marks.append(BARE)
        elif state == BARE and char == "#" and (at == 0 or script[at - 1] in " \t\n;&|("):
            end = script.find("\n", at)
            step = (end if end >= 0 else size) - at
            marks.append(COMMENT * step)
        elif state == BARE and script.startswith("<<", at) and not script.startswith("<<<", at):
            word, step = _heredoc_word(script, at)
            heredocs += [word] if word else []
            marks.append(BARE * step)
        elif state == BARE and char == "\n" and heredocs:
            end = _heredoc_end(script, at + 1, heredocs.pop(0))
            step = end - at
            marks.append(BARE + HEREDOC * (step - 1))
        else:
            marks.append(state)
        at += step
    return "".join(marks)[:size]


def _heredoc_word(script: str, at: int) -> tuple[str, int]:
    """The end word of a heredoc that begins at `<<`, and how many characters to go on."""
    stop = at + 2
    if script.startswith("-", stop):
        stop += 1
    while script.startswith(" ", stop):
        stop += 1
    start = stop
    while stop < len(script) and (script[stop].isalnum() or script[stop] in "_'\"\\"):
        stop += 1
    return script[start:stop].strip("'\"\\"), stop - at


def _heredoc_end(script: str, at: int, word: str) -> int:
    """The offset behind a heredoc's body and its end word."""
    while at < len(script):
        end = script.find("\n", at)
        end = end if end >= 0 else len(script)
        if script[at:end].strip() == word:
            return end
        at = end + 1
    return len(script)


def words(script: str, marks: str) -> list[Word]:
    """The words of a script, quotes included; comments and heredocs have none."""
    found: list[Word] = []
    command = ""
    outer: list[str] = []
    at, size = 0, len(script)
    while at < size:
        char, mark = script[at], marks[at]
        if mark in (COMMENT, HEREDOC):
            at += 1
            continue
        if script.startswith("$(", at) and mark != SINGLE:
            outer.append(command)
            command = ""
            at += 2
            continue
        if char == ")" and mark == BARE and outer:
            command = outer.pop()
            at += 1
            continue
        if mark == BARE and char in ";&|\n(){}`" and not (char == "{" and script[at + 1 : at + 2].strip()):
            command = ""
            at += 1
            continue
        if mark == BARE and char in " \t":
            at += 1
            continue
        start = at
        while at < size and not _ends_word(script, marks, at):
            at += 1
        at = max(at, start + 1)
        text = script[start:at]
        is_assignment = not command and _assignment(text)
        found.append(Word(text, start, at, command, len(outer)))
        if not command and not is_assignment and text not in _OPENERS:
            command = text
    return found


def _ends_word(script: str, marks: str, at: int) -> bool:
    if script.startswith("$(", at) and marks[at] != SINGLE:
        return True
    if marks[at] != BARE or (at and script[at - 1] == "\\" and marks[at - 1] == BARE):
        return False
    return script[at] in " \t\n;&|()`"


def _assignment(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and name.isascii() and not name[0].isdigit()
