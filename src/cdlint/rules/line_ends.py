"""CD025–CD029: backslashes, comments and folding: where a command ends before it should, or does not."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec
from ..source import Span
from ..syntax.lines import quoted
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command

_JOINTS = frozenset(("then", "do", "else", "elif", "fi", "done", "esac"))
_OPENERS = frozenset(("if", "for", "while", "until", "case"))


@rule("CD025", "blanks-after-backslash", Severity.ERROR)
def blanks_after_backslash(spec: Buildspec) -> Iterator[Finding]:
    """Blanks follow the backslash at the end of a line.

    A backslash joins two lines only when it is the very last character. Followed by a blank it escapes that
    blank: the command ends here, with an argument of one blank, and the next line runs as a command.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         aws s3 cp a.zip s3://bucket/a.zip \\\x20\x20
                  --quiet
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                aws s3 cp a.zip s3://bucket/a.zip \\
                  --quiet
    """
    text = spec.document.text
    if "\\ " not in text and "\\\t" not in text:
        return
    for command in spec.commands():
        value = command.text
        if "\\ " in value or "\\\t" in value:
            yield from _blanks(text, command)


def _blanks(text: str, command: Command) -> Iterator[Finding]:
    from ..syntax.scalars import places
    from ..syntax.words import states

    value = command.text
    marks = states(value)
    found: list[int] | None = None
    start = 0
    while start < len(value):
        end = value.find("\n", start)
        if end < 0:
            return  # the last line goes on nowhere
        body = value[start:end].rstrip(" \t")
        slash = start + len(body) - 1
        odd = (len(body) - len(body.rstrip("\\"))) % 2 == 1
        if odd and slash + 1 < end and marks[slash] in "bd" and value[end + 1 :].strip():
            found = found or places(text, command.node)
            last = found[end - 1] + 1
            yield Finding(
                Span(found[slash], last),
                "The backslash is followed by blanks, so it escapes a blank, not the line end: the command ends "
                "here and the next line runs as a command of its own.",
                help="Make the backslash the last character of the line.",
                fix=Fix("Remove the blanks", [Edit(found[slash] + 1, last, "")]),
            )
        start = end + 1


@rule("CD026", "carriage-return", Severity.INFO)
def carriage_return(spec: Buildspec) -> Iterator[Finding]:
    """The file has Windows line ends.

    YAML takes them as line ends, but scripts and other files checked out the same way do not: the shell then
    sees `app\\r` for `app`.

    Bad:
      > version: 0.2\r
        phases:\r
          build:\r
            commands: [make]\r
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
    """
    text = spec.document.source.text
    at = text.find("\r")
    if at < 0:
        return
    lone = text.count("\r") - text.count("\r\n")
    edits = [Edit(n, n + 1, "") for n in _all(text, "\r") if text.startswith("\n", n + 1)]
    if lone:
        edits = [Edit(n, n + 1, "" if text.startswith("\n", n + 1) else "\n") for n in _all(text, "\r")]
    kind = "CR" if lone else "CRLF"
    yield Finding(
        Span(at, at + (1 if lone else 2)),
        f"The file has {kind} line ends ({text.count(chr(13))} lines): YAML accepts them, but shell scripts "
        "with such line ends do not run.",
        help="Save with LF line ends, and set `* text=auto eol=lf` in .gitattributes.",
        fix=Fix("Use LF line ends", edits),
        severity=Severity.WARNING if lone and "\n" in text else None,
        final=True,
    )


def _all(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


@rule("CD027", "hash-truncates-command", Severity.ERROR)
def hash_truncates_command(spec: Buildspec) -> Iterator[Finding]:
    """A blank and `#` cut an unquoted command.

    In YAML ` #` begins a comment, also inside the shell's quotes, which YAML does not see. The shell gets
    half a command, often with a quote left open.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - sed -i 's/ #.*//' app.conf
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - "sed -i 's/ #.*//' app.conf"
              - npm ci # a comment
    """
    text = spec.document.text
    if " #" not in text and "\t#" not in text:
        return
    for command in spec.commands():
        node = command.node
        if node.style or text[node.end : node.end + 1] not in (" ", "\t"):
            continue
        end = _line_end(text, node.end)
        comment = text[node.end : end].lstrip(" \t")
        if not comment.startswith("#"):
            continue
        at = end - len(comment)
        from ..syntax.lines import open_quote

        severity = _cut(command.text, comment, open_quote(command.text))
        if severity is None:
            continue
        fix = None
        if "\n" not in text[node.start : node.end] and "\r" not in text[node.start : node.end]:
            whole = text[node.start : end].rstrip()
            edit = Edit(node.start, node.start + len(whole), quoted(whole))
            fix = Fix("Quote the whole line", [edit], safe=False)
        yield Finding(
            Span(at, at + 1),
            "A blank and `#` begin a comment in YAML, whatever the shell's quotes say: the command ends "
            f"before it, as `{_short(command.text)}`.",
            help="Put the whole command in quotes, or write it as a block: `- |`.",
            fix=fix,
            severity=severity,  # type: ignore[arg-type]
        )


def _cut(script: str, comment: str, quote: str) -> str | None:
    """How certain it is that the comment was part of the command; None for an ordinary comment."""
    if quote and quote in comment:
        return Severity.ERROR
    word = script.split(None, 1)[0] if script else ""
    if word in ("echo", "printf") and comment[1:2].isalnum():
        return Severity.WARNING
    return None


def _short(script: str) -> str:
    return script if len(script) <= 50 else "…" + script[-49:]


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))


@rule("CD028", "folded-script", Severity.ERROR)
def folded_script(spec: Buildspec) -> Iterator[Finding]:
    """A multi-line `if` or loop is folded into one line.

    `>` and plain texts over several lines join their lines with blanks, so `fi` follows the last command as an
    argument, and the shell reports `end of file unexpected (expecting "fi")`. `|` keeps the lines.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - >
                if [ -f a ]; then
                echo yes
                fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                if [ -f a ]; then
                  echo yes
                fi
              - >-
                if [ -f a ]; then
                echo yes;
                fi
    """
    text = spec.document.text
    for command in spec.commands():
        node = command.node
        if node.style not in ("", ">") or node.end - node.start < 12:
            continue
        source = text[node.start : node.end]
        if "\n" not in source and "\r" not in source:
            continue
        joint = _glued(source, command.text, node.style)
        if not joint:
            yield from _commented_out(text, command)
            continue
        span, edits = Span(node.start, node.start + 1), []
        if node.style == ">":
            edits = [Edit(node.start, node.start + 1, "|")]
        else:
            line_end = _line_end(text, node.start)
            span = Span(node.start, line_end)
        yield Finding(
            span,
            "Folding joins these lines with blanks, so the shell gets "
            f"`{joint}` on one line, takes the keyword for an argument, and the script does not end.",
            help="Write the command as a block that keeps its lines: `- |`.",
            fix=Fix("Keep the lines with `|`", edits) if edits else None,
        )


def _commented_out(text: str, command: Command) -> Iterator[Finding]:
    """A line of a folded script begins with `#`: the lines folded behind it are part of the comment."""
    value = command.text
    if command.node.style != ">" or "#" not in value:
        return
    from ..syntax.scalars import places
    from ..syntax.words import states

    marks = states(value)
    found = places(text, command.node)
    for at in _all(value, "#"):
        line_start = text[max(text.rfind("\n", 0, found[at]), 0) : found[at]].strip() == ""
        end = value.find("\n", at)
        swallowed = found[at : end if end >= 0 else len(value)]
        behind = any(text[place : place + 1] in ("\n", "\r") for place in swallowed)
        if marks[at] == "c" and line_start and behind:
            header = command.node.start
            yield Finding(
                Span(found[at], found[at] + 1),
                "Folding joins the following lines to this comment, so the shell runs none of them.",
                help="Write the command as a block that keeps its lines: `- |`.",
                fix=Fix("Keep the lines with `|`", [Edit(header, header + 1, "|")]),
                severity=Severity.WARNING,
            )
            return


def _glued(source: str, value: str, style: str) -> str:
    """The words around a shell keyword that folding has made an argument, or ""."""
    lines = source.splitlines()[1 if style else 0 :]
    first = [line.split(None, 1)[0].rstrip(";") for line in lines if line.strip()]
    if not any(word in _JOINTS for word in first[0 if style else 1 :]):
        return ""
    if not any(word in _OPENERS for word in value.replace(";", " ").split()):
        return ""
    for line in value.split("\n"):
        words = line.split()
        for before, word in zip(words, words[1:], strict=False):
            keyword = word.rstrip(";")
            if keyword in _JOINTS and keyword in first:
                ends = before[-1] in ";&|{(" or before in _JOINTS or before in _OPENERS
                if not ends and keyword in ("fi", "done", "esac", "else", "elif"):
                    return f"{before} {word}"
    return ""


@rule("CD029", "backslash-in-folded-text", Severity.ERROR)
def backslash_in_folded_text(spec: Buildspec) -> Iterator[Finding]:
    """A line ends in a backslash, but folding has taken the line end away.

    `>` and plain texts over several lines join their lines with blanks by themselves. The backslash then
    escapes that blank, and the next argument begins with it: ` --quiet` instead of `--quiet`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build \\
                -t app .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker build
                -t app .
              - |
                docker build \\
                  -t app .
    """
    text = spec.document.text
    if "\\\n" not in text and "\\\r" not in text:
        return
    for command in spec.commands():
        node, value = command.node, command.text
        if node.style not in ("", ">") or "\\ " not in value:
            continue
        yield from _escaped_folds(text, command)


def _escaped_folds(text: str, command: Command) -> Iterator[Finding]:
    from ..syntax.scalars import places
    from ..syntax.words import states

    value = command.text
    marks = states(value)
    found = places(text, command.node)
    folds = []
    for at in _all(value, "\\ "):
        odd = (len(value[: at + 1]) - len(value[: at + 1].rstrip("\\"))) % 2 == 1
        folded = text[found[at + 1] : found[at + 1] + 1] in ("\n", "\r")
        if odd and folded and marks[at] == "b":
            folds.append(at)
    if not folds:
        return
    place = found[folds[0]]
    follows = {value[at + 2 :].lstrip()[:1] for at in folds}
    if command.node.style == ">":
        header = command.node.start
        fix = Fix("Keep the lines with `|`", [Edit(header, header + 1, "|")])
    else:
        fix = Fix("Remove the backslashes", [Edit(found[at], found[at] + 1, "") for at in folds])
    yield Finding(
        Span(place, place + 1),
        "YAML joins these lines with a blank, so the backslash escapes that blank, not a line end: the next "
        "argument begins with a blank, and the program does not know it.",
        help="Remove the backslashes, or write the command as a block that keeps its lines: `- |`.",
        fix=fix,
        # An option or a redirection does not survive the blank; a word may.
        severity=None if follows & set("-<>|&;") else Severity.WARNING,
    )
