"""CD345–CD354: statements over several items, what is carried from item to item."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from .fragments import Heredoc
    from .split import Broken

_CLOSING = {
    "if": "fi",
    "then": "fi",
    "elif": "fi",
    "else": "fi",
    "for": "done",
    "select": "done",
    "while": "done",
    "until": "done",
    "do": "done",
    "case": "esac",
    "in": "esac",
    "{": "}",
    "(": ")",
    "$(": ")",
    "${": "}",
    "$((": "))",
    "((": "))",
    "`": "`",
}


@rule("CD345", "statement-split-over-items", Severity.ERROR)
def statement_split_over_items(spec: Buildspec) -> Iterator[Finding]:
    """An `if`, a loop or another statement is split over several items.

    Each item is a script of its own, so `- if …; then` ends before its `fi`, and the shell does not run it:
    `Syntax error: end of file unexpected`. A block keeps the lines together.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ "$STAGE" = prod ]; then
              - make release
              - fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                if [ "$STAGE" = prod ]; then
                  make release
                fi
    """
    from .split import joined

    for one in _broken(spec):
        fault = one.fault
        if not one.is_split or fault.kind == "quote":
            continue
        last = one.pieces[-1]
        word = _keyword(one)
        yield Finding(
            one.command.span(fault.at, fault.at + len(word)),
            f"`{word}` and its `{_CLOSING[fault.word]}` (in item {last.index + 1}) stand in different items: each is a "
            "script of its own, and the shell refuses both."
            if fault.kind == "open"
            else f"The command goes on behind `{word}` in the next item; each item is a script of its own, and the "
            "shell refuses this one.",
            help="Write the items as one block: `- |`, with a line for each.",
            fix=joined(spec, one.pieces),
        )


def _broken(spec: Buildspec) -> list[Broken]:
    return spec.once(_find_broken)


def _find_broken(spec: Buildspec) -> list[Broken]:
    from .fragments import CLOSERS

    if not spec.calls(*CLOSERS) and not any(script.broken for _, script in spec.scripts()):
        return []
    from .split import broken

    return broken(spec)


def _keyword(one: Broken) -> str:
    """The word as it stands at the place of the fault: `if`, where its `then` is what is open."""
    at = one.fault.at
    text = one.command.text
    if one.fault.word in ("then", "elif", "else", "do", "in"):
        end = at
        while end < len(text) and text[end].isalpha():
            end += 1
        return text[at:end]
    return one.fault.word


@rule("CD346", "heredoc-not-ended", Severity.ERROR)
def heredoc_not_ended(spec: Buildspec) -> Iterator[Finding]:
    """The line that ends a heredoc is not found.

    The end word must stand alone on its line, without blanks before or behind it, and in the same item. Otherwise
    the heredoc swallows the rest of the script, and none of it runs. Only `<<-` allows for tabs before it, and
    YAML's own indentation does not count.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - cat <<EOF > app.env
              - STAGE=prod
              - EOF
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
                if [ "$STAGE" = prod ]; then
                  cat <<EOF > app.env
                  STAGE=prod
      >           EOF
                fi
                make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                cat <<EOF > app.env
                STAGE=prod
                EOF
    """
    if "<<" not in spec.document.text or not spec.is_posix:
        return
    from .fragments import reading

    for phase in spec.phases:
        for commands in (phase.commands, phase.finally_):
            for n, command in enumerate(commands):
                if "<<" not in command.text or command.script.unread:
                    continue
                for heredoc in reading(command.text).heredocs:
                    if not heredoc.ended:
                        yield from _not_ended(command, heredoc, commands[n + 1 :])


def _not_ended(command: Command, heredoc: Heredoc, later: list[Command]) -> Iterator[Finding]:
    word = heredoc.word
    if heredoc.near is not None:
        start, end = heredoc.near
        line = command.text[start:end]
        first = start + len(line) - len(line.lstrip())
        edits = [command.edit(start, first, "") if first > start else None]
        if end > first + len(word):
            edits.append(command.edit(first + len(word), end, ""))
        where = "before" if first > start else "behind"
        yield Finding(
            command.span(first, first + len(word)),
            f"Blanks stand {where} `{word}`, so it does not end the heredoc: the rest of the script becomes part of "
            "its text and does not run.",
            help=f"Write `{word}` at the beginning of the block's lines, with nothing behind it.",
            fix=Fix("Remove the blanks", [edit for edit in edits if edit is not None], safe=False)
            if any(edits) and command.node.style == "|"
            else None,
        )
        return
    if any(other.text.strip() == word for other in later):
        yield Finding(
            command.span(heredoc.start, heredoc.end),
            f"The heredoc that ends at `{word}` is split over several items: each is a script of its own, so this one "
            "writes nothing, and the next are taken for commands.",
            help="Write all of it in one block: `- |`.",
        )


@rule("CD347", "unterminated-quote", Severity.ERROR)
def unterminated_quote(spec: Buildspec) -> Iterator[Finding]:
    """A quote of the shell is opened and not closed.

    The shell does not run the script: `Syntax error: Unterminated quoted string`. An apostrophe (`it's`) is a quote
    too, unless it stands in double quotes.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - echo "Building the app
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - echo It's done
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - echo "Building the app"
              - echo "It's done"
    """
    for one in _broken(spec):
        if one.fault.kind != "quote" or _is_commented(spec, one.command):
            continue
        quote = "double quote" if one.fault.word == '"' else "single quote (apostrophe)"
        yield Finding(
            one.command.span(one.fault.at, one.fault.at + 1),
            f"This {quote} is not closed in its item"
            + (", but in a later one; each item is a script of its own" if one.is_split else "")
            + ": the shell refuses the script.",
            help="Write the items as one block: `- |`."
            if one.is_split
            else 'Close it; an apostrophe in a text needs double quotes around the text: `"it\'s"`.',
        )


def _is_commented(spec: Buildspec, command: Command) -> bool:
    """YAML has cut the command at a ` #`: another rule says so."""
    return spec.document.text[command.node.end :].partition("\n")[0].lstrip().startswith("#")


@rule("CD348", "shell-syntax-error", Severity.ERROR)
def shell_syntax_error(spec: Buildspec) -> Iterator[Finding]:
    """The script is incomplete, or has a word where the shell allows none.

    A `fi`, `done`, `esac` or bracket is missing or too many, or a command is missing before or after `&&` or `|`. No
    shell runs such a script; the item fails with a syntax error.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - for app in api web; do make "$app" done
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - TAG=$(git describe --tags))
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - for app in api web; do make "$app"; done
              - TAG=$(git describe --tags)
    """
    for one in _broken(spec):
        fault, command = one.fault, one.command
        if one.is_split or fault.kind == "quote" or _is_commented(spec, command) or _is_folded(spec, command):
            continue
        word = _keyword(one) if fault.kind == "open" else fault.word
        if fault.kind == "open":
            closing = _CLOSING.get(fault.word, "end")
            message = f"`{word}` has no `{closing}` in this item"
            help = f"Add `{closing}`"
            if closing in ("fi", "done", "esac", "}"):
                message += ": the keyword counts only at the beginning of a command"
                help += f", on a line of its own or behind `;`: `…; {closing}`"
        elif fault.kind == "dangling" and word == ">" and "<" in command.text[: fault.at]:
            at = command.text.rfind("<", 0, fault.at)
            message = f"`{command.text[at : fault.at + 1]}` is a placeholder, and `<` and `>` redirect"
            help = "Write the value in its place"
        elif fault.kind == "dangling":
            message, help = f"Nothing follows `{word}`", "Complete the command, or remove the operator"
        elif fault.kind == "leading":
            message, help = f"Nothing stands before `{word}`", "Put the command before it into the same item"
        else:
            message, help = f"`{word}` does not belong here", "Remove it, or add what it belongs to"
            if fault.missing:
                message = f"There is no `{fault.missing}` before this `{word}`: it counts only where a command begins"
                help = f"Write `;` or a new line before `{fault.missing}`"
            elif word == "(":
                message, help = "A bracket within the arguments must be quoted", "Put the argument in quotes"
        yield Finding(
            command.span(fault.at, fault.at + len(word)),
            f"{message}; no shell runs such a script, so the item fails.",
            help=help + ".",
        )


def _is_folded(spec: Buildspec, command: Command) -> bool:
    """YAML has joined its lines: another rule says so."""
    node = command.node
    return node.style in ("", ">") and "\n" in spec.document.text[node.start : node.end]


@rule("CD349", "directory-entered-twice", Severity.WARNING)
def directory_entered_twice(spec: Buildspec) -> Iterator[Finding]:
    """`cd` goes to a relative folder where the shell already is.

    In version 0.2 the working directory is carried from item to item and from phase to phase. After `cd app` in one
    item, `cd app` in another looks for `app/app`.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
              - cd app
              - npm ci
          build:
            commands:
      >       - cd app
              - npm run build
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - cd app
              - npm ci
          build:
            commands:
              - cd "$CODEBUILD_SRC_DIR/app"
              - npm run build
    """
    if spec.document.text.count("cd ") < 2 or (spec.version is not None and spec.version.value == "0.1"):
        return
    from .carried import entered_twice

    for command, simple, folder in entered_twice(spec):
        word = simple.args[0]
        edit = command.edit(word.start, word.end, f'"$CODEBUILD_SRC_DIR/{folder}"')
        yield Finding(
            command.span_of(simple.args[0]),
            f"An item before has already gone to `{folder}`, and the working directory is carried on: this looks for "
            f"`{folder}` inside of it.",
            help=f'Remove it, or write `cd "$CODEBUILD_SRC_DIR/{folder}"`.',
            fix=Fix("Start from the source folder", [edit], safe=False) if edit is not None else None,
        )


@rule("CD350", "exported-in-child", Severity.WARNING)
def exported_in_child(spec: Buildspec) -> Iterator[Finding]:
    """A variable is set in a shell of its own, and used in another item.

    What `bash -c '…'` sets ends with that shell. Nothing else sets the variable, so it is empty where it is used.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - bash -c 'export IMAGE_TAG=1.0'
          build:
            commands:
              - docker build -t "app:$IMAGE_TAG" .
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - export IMAGE_TAG=1.0
          build:
            commands:
              - docker build -t "app:$IMAGE_TAG" .
    """
    for command, simple in spec.calls("bash", "sh"):
        from .carried import set_in_child

        for word, name in set_in_child(spec, command, simple):
            yield Finding(
                command.span_of(word),
                f"`{name}` is set in a shell of its own, which ends here: where `{name}` is used later, it is empty.",
                help=f"Set it in the item itself: `export {name}=…`.",
            )


@rule("CD351", "definition-not-carried", Severity.WARNING)
def definition_not_carried(spec: Buildspec) -> Iterator[Finding]:
    """A function, an alias or an array of one item is used in another.

    Each item is run by a shell of its own. Variables and the working directory are carried on; functions, aliases
    and arrays are not: the shell does not find the function, and the array is empty.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
              - |
                deploy() {
                  aws cloudformation deploy --stack-name "$1" --template-file "$1.yml"
                }
          build:
            commands:
      >       - deploy network
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                set -e
                deploy() {
                  aws cloudformation deploy --stack-name "$1" --template-file "$1.yml"
                }
                deploy network
                deploy app
    """
    from .carried import lost_definitions

    for command, start, end, name, kind in lost_definitions(spec):
        yield Finding(
            command.span(start, end),
            f"The {kind} `{name}` is defined in another item; each item has a shell of its own, and {kind}s are not "
            "carried on.",
            help="Put the definition and its use into one block, or into a file that each item reads: `. ./lib.sh`."
            if kind != "array"
            else "Put both into one block, or use a plain variable with blanks between the values.",
        )


@rule("CD352", "background-process", Severity.INFO)
def background_process(spec: Buildspec) -> Iterator[Finding]:
    """A program is started in the background, and its item ends.

    The agent may wait for it, or end it with the shell, and nothing waits until it is ready. AWS documents
    `nohup` for programs that go on over several items.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - npm start &
              - npm run e2e
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - nohup npm start > server.log 2>&1 &
              - |
                npm start &
                npx wait-on http://localhost:3000 && npm run e2e
    """
    if "&" not in spec.document.text:
        return
    for command, script in spec.scripts():
        if "&" not in script.text or script.broken:
            continue
        last = script.body[-1] if script.body else None
        if last is None or last.after != "&" or last.kind not in ("command", "and_or", "pipeline"):
            continue
        if any(simple.name in ("nohup", "disown", "setsid", "wait") for simple in script.commands):
            continue
        if any(word.raw in ("nohup", "setsid") for simple in script.commands for word in simple.words[:2]):
            continue
        at = script.text.find("&", last.end)
        yield Finding(
            command.span(at, at + 1) if at >= 0 else command.span_of(last),
            "The item ends while this runs in the background: the agent may wait for it, or end it, and nothing waits "
            "until it is ready.",
            help="Write `nohup … > log 2>&1 &`, or start it in the block that needs it, and wait there.",
        )
