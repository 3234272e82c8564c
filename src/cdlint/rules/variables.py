"""CD355–CD364: variables of the shell."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec, texts
from ..model.scope import is_given, scope_of
from ..syntax.shell import is_name
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import Edit
    from ..model.buildspec import Command
    from ..model.scope import Scope, Setting
    from ..syntax.shell import Expansion, Simple, Word

#: Variables that CodeBuild always sets to one word, and those of the shell that are numbers.
_ONE_WORD = frozenset(
    "? # $ ! CODEBUILD_BUILD_SUCCEEDING CODEBUILD_BUILD_NUMBER CODEBUILD_BUILD_ID CODEBUILD_BUILD_ARN "
    "CODEBUILD_START_TIME AWS_REGION AWS_DEFAULT_REGION RANDOM SECONDS UID EUID".split()
)


@rule("CD355", "unquoted-in-test", Severity.WARNING)
def unquoted_in_test(spec: Buildspec) -> Iterator[Finding]:
    """A variable or a command's output stands in `[ … ]` without quotes.

    If it is empty, the word is missing: `[ $BRANCH = main ]` becomes `[ = main ]`, which is an error. If it has
    blanks, it becomes several words. `[` then answers 2, `if` takes the other branch, and the build goes on.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ $STAGE = prod ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - if [ "$STAGE" = prod ]; then make deploy; fi
              - if [ $? -ne 0 ]; then exit 1; fi
              - test $CODEBUILD_BUILD_SUCCEEDING -eq 1
    """
    for command, simple in spec.calls("[", "test"):
        for word in simple.args:
            if "$" in word.raw or "`" in word.raw:
                yield from _unquoted_in_test(spec, command, simple, word)


def _unquoted_in_test(spec: Buildspec, command: Command, simple: Simple, word: Word) -> Iterator[Finding]:
    bare = _bare_expansions(command, word)
    if not bare:
        return
    scope = scope_of(spec)
    if all(_one_word(scope, command, found) if found is not None else _counts(word.raw) for found in bare):
        return
    whole = word.raw.startswith(("$", "`")) and (len(bare) == 1 and (word.variable != "" or bare[0] is None))
    what = f"`{word.raw}`" if len(word.raw) < 40 else "This"
    emptied = simple.name + " " + " ".join(part.raw for part in simple.args if part is not word)
    yield Finding(
        command.span_of(word),
        f"{what} is not in quotes: if it is empty, the shell runs `{emptied}`, which is an error or another "
        "question, takes the other branch, and the build goes on."
        if whole
        else f"{what} is not in quotes: a blank in the value makes it several words, and `[` answers with an error.",
        help=f'Write `"{word.raw}"`.'
        if len(word.raw) < 60 and '"' not in word.raw
        else "Put it in double quotes.",
        fix=_quoted(command, word, bare),
        # With other letters around it the word is never missing; it can still become several.
        severity=None if whole else Severity.INFO,
    )


def _bare_expansions(command: Command, word: Word) -> list[Expansion | None]:
    """The unquoted expansions of a word; None stands for the output of a command."""
    from ..syntax.shell.nodes import quoting

    raw = word.raw
    if raw[0] == '"' == raw[-1] and raw.count('"') == 2 and "`" not in raw and "$(" not in raw:
        return []
    marks = quoting(word.raw)
    found: list[Expansion | None] = [
        one
        for one in command.script.expansions
        if word.start <= one.start < word.end
        and not one.quoted
        and marks[one.start - word.start] in "bB"
        and not _nested(command, word, one.start)
    ]
    at = 0
    while at < len(word.raw):
        if marks[at] == "B" and word.raw.startswith(("$(", "`"), at) and not word.raw.startswith("$((", at):
            found.append(None)
            while at < len(word.raw) and marks[at] == "B":
                at += 1
        at += 1
    return found


def _nested(command: Command, word: Word, at: int) -> bool:
    """Is a place of a word inside of a `$( … )`?"""
    return any(
        word.start <= one.start and one.end <= word.end and one.start < at < one.end
        for one in command.script.substitutions
    )


def _one_word(scope: Scope, command: Command, expansion: Expansion) -> bool:
    """Does the variable certainly hold exactly one word there?"""
    if expansion.name in _ONE_WORD or expansion.op == "length":
        return True
    if any(_is_number(one) for one in scope.settings.get(expansion.name, ())):
        return True
    if expansion.op in (":-", "-", ":="):
        return bool(expansion.argument) and expansion.argument.replace("-", "a").replace(".", "a").isalnum()
    number = next((n for n, (one, _) in enumerate(scope.items) if one is command), 0)
    value = scope.value(expansion.name, number, expansion.start)
    return value is not None and bool(value) and not (set(value) & set(" \t\n*?["))


def _is_number(setting: Setting) -> bool:
    """`STATUS=$?`, `N=$((A + 1))`, `N=$(… | wc -l)`."""
    made = setting.assignment
    if made is None or made.value is None or made.op != "=":
        return False
    raw = made.value.raw
    return raw in ("$?", '"$?"') or raw.startswith(("$((", '"$((')) or _counts(raw)


def _counts(raw: str) -> bool:
    """The output of `wc -l` or `grep -c`, which is a number whatever happens."""
    from ..syntax.shell import parse

    body = raw.strip('"')
    if not body.startswith("$(") or not body.endswith(")"):
        return False
    commands = parse(body[2:-1]).commands
    if not commands:
        return False
    last = commands[-1]
    return last.name == "wc" or (last.name == "grep" and last.has("-c", "--count"))


def _quoted(command: Command, word: Word, bare: list[Expansion | None]) -> Fix | None:
    raw = word.raw
    if "`" in raw and ('"' in raw or "\\" in raw):
        return None
    edits: list[Edit | None]
    if '"' not in raw or raw.startswith("$("):
        if "'" in raw and not raw.startswith(("$(", "`")):
            return None
        edits = [command.edit(word.start, word.start, '"'), command.edit(word.end, word.end, '"')]
    else:
        if None in bare:
            return None
        edits = []
        for one in bare:
            assert one is not None
            edits += [command.edit(one.start, one.start, '"'), command.edit(one.end, one.end, '"')]
    if any(edit is None for edit in edits):
        return None
    return Fix("Put it in double quotes", [edit for edit in edits if edit is not None])


_DEFAULTS = (":-", ":=", ":+", ":?", "-", "=", "+", "?")


@rule("CD356", "unset-variable", Severity.WARNING)
def unset_variable(spec: Buildspec) -> Iterator[Finding]:
    """A variable is used that nothing in the file sets.

    The shell puts nothing in its place, without a word: `docker push $REPO:$TAG` becomes `docker push :`. The
    project or the pipeline may set it, which the file does not show; then say so with `${NAME:?}`, which stops
    with a message if it is not there. A name that is nearly one of the file's own, or that is only set later, is
    a warning; any other is advice.

    Bad:
        version: 0.2
        env:
          variables:
            IMAGE_NAME: app
        phases:
          build:
            commands:
      >       - docker build -t "$IMAGE_NMAE" .
    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - docker pull "app:$IMAGE_TAG"
          build:
            commands:
              - IMAGE_TAG=1
    Good:
        version: 0.2
        env:
          variables:
            IMAGE_NAME: app
        phases:
          build:
            commands:
              - docker build -t "$IMAGE_NAME:${TAG:-latest}" .
              - echo "$CODEBUILD_BUILD_NUMBER" "${STAGE:?}"
    """
    if "$" not in spec.document.text:
        return
    scope = scope_of(spec)
    told: set[str] = set()
    guarded: set[str] | None = None
    for number, command, expansion in scope.expansions():
        name = expansion.name
        if name in told or is_given(name) or expansion.op in _DEFAULTS:
            continue
        if scope.before(name, number, expansion.start) or scope.is_open(number, expansion.start):
            continue
        if expansion.op == "indirect" or "{{" in command.text:
            continue
        if guarded is None:
            guarded = _guarded(scope)
        if name in guarded:
            continue
        told.add(name)
        yield _unset(scope, command, number, expansion)


def _guarded(scope: Scope) -> set[str]:
    """Names that the file reckons may not be set: it asks for them, or gives them a default somewhere."""
    return {
        one.name
        for _, script in scope.items
        for one in script.expansions
        if one.op in _DEFAULTS or (one.command is not None and one.command.name in ("[", "[[", "test"))
    }


def _unset(scope: Scope, command: Command, number: int, expansion: Expansion) -> Finding:
    name = expansion.name
    span = command.span_of(expansion)
    if name.startswith("CODEBUILD_") or name in ("AWS_ACCOUNT_ID", "GIT_COMMIT", "GIT_BRANCH", "BRANCH_NAME"):
        return _not_provided(command, expansion)
    later = scope.settings.get(name)
    if (
        later
        and any((one.item, one.start) > (number, expansion.end) for one in later)
        and not _in_loop(expansion)
    ):
        return Finding(
            span,
            f"`{name}` is empty here: the file only sets it later.",
            help=f"Set `{name}` in a command before this one.",
        )
    lost = scope.lost.get(name)
    if lost and any((one.item, one.start) < (number, expansion.start) for one in lost):
        return Finding(
            span,
            f"`{name}` is empty here: it is set in a subshell or a pipeline, and lost when that ends.",
            help=f"Set `{name}` outside of the parentheses or the pipeline.",
        )
    meant = _meant(name, scope)
    if meant is not None:
        edit = command.edit(expansion.start, expansion.end, f"${{{meant}}}") if not expansion.op else None
        return Finding(
            span,
            f"Nothing sets `{name}`, so the shell puts nothing in its place. Did you mean `{meant}`?",
            help=f"Write `${meant}`, or set `{name}` before it is used.",
            fix=Fix(f"Write ${{{meant}}}", [edit], safe=False) if edit is not None else None,
        )
    return Finding(
        span,
        f"Nothing in this file sets `{name}`: unless the project or the pipeline does, the shell puts nothing in "
        "its place.",
        help=f"Set it under `env`, or write `${{{name}:?}}` to stop with a message when it is missing.",
        severity=Severity.INFO,
    )


def _not_provided(command: Command, expansion: Expansion) -> Finding:
    from ..aws import table
    from ..aws.variables import instead_of
    from ..wording import closest

    name = expansion.name
    span = command.span_of(expansion)
    remedy = instead_of(name)
    if name.startswith("CODEBUILD_"):
        meant = closest(name, table("variables")["provided"])
        if meant is not None and remedy is None:
            edit = command.edit(expansion.start, expansion.end, f"${{{meant}}}") if not expansion.op else None
            return Finding(
                span,
                f"CodeBuild sets no variable `{name}`, so it is empty. Did you mean `{meant}`?",
                help=f"Write `${meant}`.",
                fix=Fix(f"Write ${{{meant}}}", [edit], safe=False) if edit is not None else None,
            )
        if remedy is None:
            return Finding(
                span,
                f"`{name}` is none of the variables that AWS documents, and names that begin with `CODEBUILD_` are "
                "its own: it is probably empty.",
                help="Use a documented variable, or one of your own with another name.",
                severity=Severity.INFO,
            )
        return Finding(span, f"CodeBuild sets no variable `{name}`, so it is empty.", help=remedy)
    return Finding(
        span,
        f"CodeBuild does not set `{name}`: unless the project or the pipeline does, it is empty.",
        help=remedy or f"Set `{name}` under `env`.",
        severity=Severity.INFO,
    )


def _in_loop(expansion: Expansion) -> bool:
    command = expansion.command
    return command is not None and command.inside("loop", "function")


def _meant(name: str, scope: Scope) -> str | None:
    """A name of the file's own that is nearly this one.

    Not `SERVICE_A` for `SERVICE_B`, `NAME1` for `NAME2`, `TYPES` for `TYPE` or `NAME` for `NAME_ID`.
    """
    from ..wording import closest

    if len(name) < 5 or name.islower():
        return None
    own = [one for one in scope.settings if len(one) >= 5 and is_name(one)]
    for one in own:
        if one.replace("_", "").lower() == name.replace("_", "").lower():
            return one if one.isupper() == name.isupper() else None
    meant = closest(name, own)
    if meant is None or abs(len(meant) - len(name)) > 1 or name.isupper() != meant.isupper():
        return None
    if meant.startswith(name) or name.startswith(meant) or meant.endswith(name) or name.endswith(meant):
        return None
    if name.count("_") != meant.count("_"):
        return meant
    changed = [(x, y) for x, y in zip(name.split("_"), meant.split("_"), strict=True) if x != y]
    if len(changed) != 1:
        return None
    part, other = changed[0]
    shorter = min(len(part), len(other))
    return meant if shorter >= 4 and not any(char.isdigit() for char in part + other) else None


@rule("CD357", "blanks-around-equals", Severity.ERROR)
def blanks_around_equals(spec: Buildspec) -> Iterator[Finding]:
    """There are blanks beside the `=` of an assignment.

    The shell takes the name for a command, and `=` for its first argument. The build ends with
    `VERSION: not found` (exit status 127), or goes on if the command stands in the middle of a block.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - VERSION = 1.2
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - export VERSION = 1.2
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - VERSION=1.2
              - export VERSION=1.2
    """
    if "=" not in spec.document.text:
        return
    for command, script in spec.scripts():
        text = script.text
        if " =" not in text and "= " not in text:
            continue
        for simple in script.commands:
            finding = _spaced(command, simple)
            if finding is not None:
                yield finding


def _spaced(command: Command, simple: Simple) -> Finding | None:
    words = simple.words
    at = 1 if words and words[0].raw in ("export", "readonly", "local") else 0
    if len(words) < at + 2:
        return None
    name, equals = words[at], words[at + 1]
    if not is_name(name.raw) or equals.raw[:1] != "=" or equals.raw.startswith(("==", "=~")):
        return None
    if not at and name.raw in ("test", "expr", "let"):
        return None
    start, end = name.end, equals.start + 1
    if equals.raw == "=" and len(words) > at + 2:
        end = words[at + 2].start
    edit = command.edit(start, end, "=")
    alone = len(words) == at + (3 if equals.raw == "=" else 2)
    return Finding(
        command.span(name.end, end) if end > name.end else command.span_of(equals),
        f"Blanks beside the `=` make `{name.raw}` a command and `=` its argument: nothing is assigned"
        + (", and `export` refuses `=` as a name." if at else ", and the shell does not find the command."),
        help=f"Write `{name.raw}=…` without blanks.",
        fix=Fix("Remove the blanks", [edit], safe=alone) if edit is not None else None,
    )


@rule("CD358", "dollar-in-assignment", Severity.ERROR)
def dollar_in_assignment(spec: Buildspec) -> Iterator[Finding]:
    """The name on the left of an assignment has a `$`.

    The shell puts the variable's value there and looks for a command of that name: `=1.2: not found`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - $VERSION=1.2
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - VERSION=1.2
    """
    if "$" not in spec.document.text:
        return
    for command, simple in spec.calls(""):
        first = simple.words[0] if simple.words else None
        if first is None or first.raw[:1] != "$" or "=" not in first.raw:
            continue
        name = first.raw[1:].partition("=")[0]
        bare = name[1:-1] if name[:1] == "{" and name[-1:] == "}" else name
        if not is_name(bare):
            continue
        edit = command.edit(first.start, first.start + 1 + len(name), bare)
        yield Finding(
            command.span(first.start, first.start + 1 + len(name)),
            f"`${name}=` is no assignment: the shell puts in the value of `{bare}` and looks for a command of "
            "that name.",
            help=f"Write `{bare}=…`.",
            fix=Fix("Remove the `$`", [edit], safe=len(simple.words) == 1) if edit is not None else None,
        )


@rule("CD359", "not-exported", Severity.INFO)
def not_exported(spec: Buildspec) -> Iterator[Finding]:
    """A variable of `exported-variables` is set without `export`.

    AWS documents exported variables as variables of the environment. One of the shell alone is carried from item to
    item, but has been seen to come out empty, so that an action that reads `#{Build.IMAGE_TAG}` gets nothing.

    Bad:
        version: 0.2
        env:
          exported-variables: [IMAGE_TAG]
        phases:
          build:
            commands:
      >       - IMAGE_TAG=1.0
    Good:
        version: 0.2
        env:
          exported-variables: [IMAGE_TAG]
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    """
    names = texts(spec.get("env", "exported-variables"))
    if not names:
        return
    scope = scope_of(spec)
    exported = {
        word.raw.partition("=")[0]
        for _, simple in spec.calls("export", "declare", "typeset")
        for word in simple.args
    }
    if any(simple.has("-a") for _, simple in spec.calls("set")):
        return
    for name in names:
        settings = scope.settings.get(name.value, [])
        if name.value in exported or not settings or any(one.item < 0 for one in settings):
            continue
        last = settings[-1]
        if last.assignment is None or last.command is None:
            continue
        made, command = last.assignment, last.command
        edit = command.edit(made.start, made.start, "export ")
        yield Finding(
            command.span(made.start, made.start + len(made.name)),
            f"`{made.name}` is listed in `exported-variables`, but only set in the shell: it can come out empty.",
            help=f"Write `export {made.name}=…`.",
            fix=Fix("Export it", [edit]) if edit is not None and not made.array else None,
        )


@rule("CD360", "exported-but-never-set", Severity.WARNING)
def exported_but_never_set(spec: Buildspec) -> Iterator[Finding]:
    """`exported-variables` lists a variable that nothing in the file sets.

    It comes out empty, and an action that reads it through `#{Namespace.NAME}` gets nothing or fails.

    Bad:
        version: 0.2
        env:
          exported-variables:
      >     - IMAGE_TAG
        phases:
          build:
            commands:
              - export IMAGETAG=1.0
    Good:
        version: 0.2
        env:
          exported-variables:
            - IMAGE_TAG
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    """
    names = texts(spec.get("env", "exported-variables"))
    if not names or not spec.is_posix or not spec.commands():
        return
    scope = scope_of(spec)
    if scope.open is not None:
        return
    for name in names:
        if not is_name(name.value) or is_given(name.value) or name.value in scope.settings:
            continue
        from ..wording import closest

        nested = name.value in scope.lost
        meant = closest(name.value, scope.settings) if not nested else None
        why = (
            "is only set in a subshell or a pipeline, and lost when that ends"
            if nested
            else "is set by nothing here"
        )
        yield Finding(
            name.span,
            f"`{name.value}` {why}, so there is no value to export."
            + (f" Did you mean `{meant}`?" if meant else ""),
            help=f"Set it in a command: `export {name.value}=…`.",
            severity=Severity.WARNING if meant or nested else Severity.INFO,
        )


@rule("CD361", "unquoted-variable", Severity.INFO)
def unquoted_variable(spec: Buildspec) -> Iterator[Finding]:
    """A variable stands outside of quotes.

    The shell splits its value at blanks and expands `*` in it, so a path or a name with a blank becomes two
    arguments, and an empty value none. Where a list of words is wanted, say so in a comment.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp app.zip s3://$BUCKET/app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp app.zip "s3://$BUCKET/app.zip"
              - make $MAKE_FLAGS
    """
    if "$" not in spec.document.text:
        return
    for command, script in spec.scripts():
        last = None
        for one in script.expansions:
            word = one.word
            if one.quoted or word is None or one.role not in ("word", "target"):
                continue
            if word is last or one.name in _ONE_WORD or _is_list(one) or _nested(command, word, one.start):
                continue
            if one.command is None or one.command.name in ("[", "[[", "test", "((", "case", "echo", "for"):
                continue
            last = word
            yield _unquoted(spec, command, word)


def _is_list(one: Expansion) -> bool:
    """A variable that is meant to be several words, by its name; `$@` and `$*`; or the command itself."""
    name = one.name.upper()
    if not is_name(one.name) or name.endswith(
        ("ARGS", "OPTS", "OPTIONS", "FLAGS", "PARAMS", "LIST", "FILES", "S")
    ):
        return True
    return one.command is not None and one.command.first is one.word


def _unquoted(spec: Buildspec, command: Command, word: Word) -> Finding:
    bare = _bare_expansions(command, word)
    whole = bool(word.variable)
    scope = scope_of(spec)
    single = all(one is not None and _one_word(scope, command, one) for one in bare)
    fix = _quoted(command, word, bare) if bare else None
    if fix is not None:
        fix.safe = single or not whole
    return Finding(
        command.span_of(word),
        f"`{word.raw}` is outside of quotes: blanks in the value split it into several arguments."
        if len(word.raw) < 80
        else "A variable in this word is outside of quotes: blanks in its value split the word.",
        help="Put it in double quotes.",
        fix=fix,
    )


@rule("CD362", "removal-of-unset", Severity.WARNING)
def removal_of_unset(spec: Buildspec) -> Iterator[Finding]:
    """`rm -r` of a path that is `/` when a variable is empty.

    `rm -rf $OUT_DIR/*` becomes `rm -rf /*` if nothing sets `OUT_DIR`: the rest of the build runs in a wiped
    container, and fails for reasons that nobody understands.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - rm -rf $OUT_DIR/*
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - rm -rf "${OUT_DIR:?}"/*
              - rm -rf "$CODEBUILD_SRC_DIR/out"
    """
    for command, simple in spec.calls("rm"):
        for word in simple.operands():
            plain = word.plain
            name, _, rest = plain[2:].partition("}")
            if not plain.startswith("${") or not is_name(name) or rest not in ("/", "/*", "/.", "/**"):
                continue
            scope = scope_of(spec)
            number = next((n for n, (one, _) in enumerate(scope.items) if one is command), 0)
            if is_given(name) or scope.before(name, number, word.start) or scope.is_open(number, word.start):
                continue
            yield Finding(
                command.span_of(word),
                f"Nothing in this file sets `{name}`: if it is empty, this removes `{rest}` of the whole container.",
                help=f"Write `${{{name}:?}}{rest}`: the shell then stops when it is empty.",
            )
