"""CD320–CD329: constructs of bash under a plain `sh`."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec, pairs
from . import rule
from .bash_words import (
    adds_folder,
    appended,
    array,
    brace_word,
    looked_for_on_path,
    posix_form,
    redirection,
    short,
    with_folder,
)
from .dialects import OR_BASH, calls, dash, edited, features, inside_backticks, is_guarded, use_bash, weight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.shell import Script

#: Variables that bash sets, and what to write instead.
_VARIABLES = {
    "RANDOM": "`$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')`",
    "SRANDOM": "`$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')`",
    "SECONDS": "the difference of two `$(date +%s)`",
    "EPOCHSECONDS": "`$(date +%s)`",
    "UID": "`$(id -u)`",
    "EUID": "`$(id -u)`",
    "OSTYPE": "`$(uname -s)`",
    "MACHTYPE": "`$(uname -m)`",
    "HOSTTYPE": "`$(uname -m)`",
    "PIPESTATUS": "commands that write into a file instead of a pipe",
    "BASH_SOURCE": "`$CODEBUILD_SRC_DIR`, the folder of the source",
    "FUNCNAME": "the name itself",
    "BASHPID": "`$$`",
}


@rule("CD320", "double-equals-in-test", Severity.WARNING)
def double_equals_in_test(spec: Buildspec) -> Iterator[Finding]:
    """`[ a == b ]` in a shell that only knows `=`.

    Without `env.shell` the commands run in `sh`, which is dash on the Ubuntu images (`aws/codebuild/standard`).
    Its `[` has no `==`: it prints `unexpected operator` and its status is 2, so that `if` takes the `else`
    branch whatever is compared, and the build stays green. On Amazon Linux `sh` is bash and takes both.

    Bad:
        version: 0.2
        phases:
          post_build:
            commands:
      >       - if [ "$STAGE" == "prod" ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          post_build:
            commands:
              - if [ "$STAGE" = "prod" ]; then make deploy; fi
    Good:
        version: 0.2
        env:
          shell: bash
        phases:
          post_build:
            commands:
              - if [ "$STAGE" == "prod" ]; then make deploy; fi
    """
    for command, simple in calls(spec, "[", "test"):
        decides = simple.parent is not None and simple.parent.kind == "if"
        for word in simple.args[1:]:
            if word.raw == "==":
                yield Finding(
                    command.span_of(word),
                    f"{dash(spec)} has no `==`: the test prints `unexpected operator` and counts as false"
                    + (", so that `else` is taken and the build goes on." if decides else "."),
                    help="Write `=`.",
                    fix=edited("Write `=`", command, [(word.start, word.end, "=")]),
                    severity=weight(spec),
                )


@rule("CD321", "double-bracket", Severity.WARNING)
def double_bracket(spec: Buildspec) -> Iterator[Finding]:
    """`[[ … ]]` in a shell that does not know it.

    dash, the `sh` of the Ubuntu images, looks for a program named `[[`, prints `[[: not found`, and takes the
    test for false: `if` goes to its `else` branch, `[[ … ]] || exit 1` ends the build. A bracket or a `|` in a
    regular expression is a syntax error besides, at which the whole item stops.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         if [[ -f "$CONFIG" && "$STAGE" == prod ]]; then
                  make deploy
                fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                if [ -f "$CONFIG" ] && [ "$STAGE" = prod ]; then
                  make deploy
                fi
    """
    for command, simple in calls(spec, "[["):
        from .posix_forms import single_brackets

        words = simple.args
        made = single_brackets(simple)
        matches = any(word.raw == "=~" for word in words)
        fatal = any("(" in word.raw and "$(" not in word.raw and word.raw[:1] not in "\"'" for word in words)
        fix = edited("Write `[ … ]`", command, *made) if made is not None else None
        yield Finding(
            command.span(simple.start, simple.start + 2),
            f"{dash(spec)} "
            + (
                "stops at the brackets of this test with `Syntax error`, and the item fails."
                if fatal
                else "has no `[[`: it prints `[[: not found` and takes the test for false whatever it says."
            ),
            help=(
                "Write `case` or `grep -Eq`, " if matches else "Write `[ … ]` with quoted variables and `=`, "
            )
            + f"{OR_BASH}.",
            fix=fix or use_bash(spec),
            severity=weight(spec),
        )


@rule("CD322", "source-command", Severity.WARNING)
def source_command(spec: Buildspec) -> Iterator[Finding]:
    """`source` in a shell that only knows `.`.

    dash, the `sh` of the Ubuntu images, prints `source: not found`: none of the variables and functions of the
    file are there afterwards. `. file` is the same command in every shell; without a slash in the name it looks on
    PATH alone.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - source venv/bin/activate
              - pytest
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - . venv/bin/activate
              - pytest
    """
    for command, simple in calls(spec, "source"):
        if "source" in command.script.functions or not simple.args or simple.args[0].raw.startswith("<("):
            continue
        word, file = simple.words[0], simple.args[0]
        changes = [(word.start, word.end, ".")]
        bare = looked_for_on_path(file)
        if bare:
            changes.append(with_folder(file))
        yield Finding(
            command.span_of(word),
            f"{dash(spec)} has no `source`: it prints `source: not found`, and what "
            f"`{short(file.raw)}` sets is missing afterwards.",
            help=f"Write `. {'./' if bare else ''}{short(file.raw)}`.",
            fix=edited("Write `.`", command, changes, len(simple.args) == 1 and (bare or "/" in file.raw)),
            severity=weight(spec),
        )


@rule("CD323", "array-or-append", Severity.WARNING)
def array_or_append(spec: Buildspec) -> Iterator[Finding]:
    """An array, or `+=`, in a shell that has neither.

    dash, the `sh` of the Ubuntu images, stops at `a=(x y)` with a syntax error and at `${a[0]}` with `Bad
    substitution`, and takes `A+=x` for the name of a program. Where bash runs the commands an array still ends
    with its item: CodeBuild carries only strings over to the next.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         for app in "${APPS[@]}"; do make "$app"; done
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - OPTIONS+=" --verbose"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                for app in api web; do make "$app"; done
              - OPTIONS="$OPTIONS --verbose"
    """
    told: Script | None = None
    for command, script, feature in features(spec, "array", "array-element", "append"):
        fix = None
        if feature.kind == "append":
            if script.text[feature.end : feature.end + 1] == "(" or "[" in feature.text:
                continue
            start, end, what, help, fix = appended(command, script, feature)
        elif told is script:
            continue  # the item has stopped at the first
        else:
            told = script
            start, end, what = array(feature)
            help = f"Write the words into a string or after `set --`, {OR_BASH}."
        yield Finding(
            command.span(start, end),
            f"{dash(spec)} {what}",
            help=help,
            fix=fix or use_bash(spec),
            severity=weight(spec),
        )


@rule("CD324", "bash-redirection", Severity.WARNING)
def bash_redirection(spec: Buildspec) -> Iterator[Finding]:
    """`&>`, `|&`, `<( )` or `<<<` in a shell that does not have them.

    To dash, the `sh` of the Ubuntu images, `make &> log` is `make &` and `> log`: the command runs in the
    background, its status is lost, and what it prints does not get into the file. At `>& file`, `|&`, `<(…)`
    and `<<<` it stops with a syntax error.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
      >       - if ! command -v jq &> /dev/null; then apt-get install -y jq; fi
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - diff <(sort a.txt) b.txt
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - if ! command -v jq > /dev/null 2>&1; then apt-get install -y jq; fi
          build:
            commands:
              - sort a.txt | diff - b.txt
    """
    for command, script, feature in features(
        spec, "redirect-all", "pipe-all", "process-substitution", "here-string"
    ):
        found = redirection(command, script, feature)
        if found is None:
            continue
        mark, what, help, fix = found
        yield Finding(
            command.span(feature.start, feature.start + len(mark)),
            f"{dash(spec)} {what}",
            help=help,
            fix=fix or use_bash(spec),
            severity=weight(spec),
        )


@rule("CD325", "dot-without-slash", Severity.WARNING)
def dot_without_slash(spec: Buildspec) -> Iterator[Finding]:
    """`. file` looks for a name without a slash on PATH, not in the current folder.

    So POSIX has it, and so do dash and bash where they are called `sh`; only bash under its own name looks in
    the current folder too. The shell ends with `not found`, and the item fails.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - . .env
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - . ./.env
              - make
    """
    found = spec.calls(".", "source")
    if not found or "bash" in spec.shell or "zsh" in spec.shell:
        return
    certain = spec.image is not None and spec.dialect != "sh"
    if not certain and weight(spec) is None:
        return
    if any(
        adds_folder(one.value)
        for _, script in spec.scripts()
        for one in script.assignments
        if one.name == "PATH"
    ):
        return
    for command, simple in found:
        if not simple.args or not looked_for_on_path(simple.args[0]) or is_guarded(command.script):
            continue
        if simple.name == "source" and spec.dialect != "bash":
            continue  # that of CD322
        file = simple.args[0]
        yield Finding(
            command.span_of(file),
            f"`{simple.name}` looks for `{file.raw}` on PATH alone where the shell is `sh`: it is not found, and the "
            "item fails.",
            help=f"Write `. ./{file.literal}`.",
            fix=edited("Write `./` before the name", command, [with_folder(file)]),
            severity=Severity.ERROR if certain else None,
        )


@rule("CD326", "bash-expansion", Severity.WARNING)
def bash_expansion(spec: Buildspec) -> Iterator[Finding]:
    """`${X:0:7}`, `${X/a/b}`, `${X^^}` or `${!X}` in a shell that does not have them.

    dash, the `sh` of the Ubuntu images, prints `Bad substitution` and ends with status 2: the item fails, and no
    `||` helps. What POSIX has is `${X:-default}`, `${X%end}`, `${X#beginning}` and their like.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - TAG=${CODEBUILD_RESOLVED_SOURCE_VERSION:0:7}
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - TAG=$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)
              - NAME=${FILE%.zip}
    """
    kinds = ("substring", "replacement", "case-change", "indirection", "transformation")
    for command, script, feature in features(spec, *kinds):
        found = next((one for one in script.expansions if one.start == feature.start), None)
        if found is None or found.index or (found.name == "AWS" and found.argument[:1] == ":"):
            continue  # an array element, which CD323 tells; a parameter of CloudFormation
        from .posix_forms import expansion

        form = expansion(found)
        fix = None
        if form and not inside_backticks(script, found.start):
            fix = edited("Cut it with `cut` or `tr`", command, [(found.start, found.end, form)], False)
        yield Finding(
            command.span_of(found),
            f"{dash(spec)} stops at `{short(feature.text)}` with `Bad substitution`, and the item fails.",
            help=f"Write {posix_form(feature, found, form)}, {OR_BASH}.",
            fix=fix or use_bash(spec),
            severity=weight(spec),
        )


@rule("CD327", "bash-statement", Severity.WARNING)
def bash_statement(spec: Buildspec) -> Iterator[Finding]:
    """`function f`, `(( ))`, `for ((…))`, `select`, `;&`, `$[ ]`, `**` or `++` without bash.

    dash, the `sh` of the Ubuntu images, stops at most of them with a syntax error. `(( x > 0 ))` however is to it
    a command `x` in two subshells whose output goes into a file `0`, and `++x` is `x` with two signs, so that a
    loop never ends.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         function build() {
                  make "$1"
                }
                build api
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if (( COUNT > 3 )); then exit 1; fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                build() {
                  make "$1"
                }
                build api
              - if [ "$COUNT" -gt 3 ]; then exit 1; fi
    """
    from .bash_statements import KINDS, told

    for command, script, feature in features(spec, *KINDS):
        found = told(command, script, feature)
        if found is not None:
            start, end, what, help, fix = found
            yield Finding(
                command.span(start, end),
                f"{dash(spec)} {what}",
                help=f"{help}, {OR_BASH}.",
                fix=fix or use_bash(spec),
                severity=weight(spec),
            )


@rule("CD328", "brace-expansion", Severity.WARNING)
def brace_expansion(spec: Buildspec) -> Iterator[Finding]:
    """`{a,b}`, `{1..3}`, `$'…'` or `$"…"` in a shell that takes them as they stand.

    dash, the `sh` of the Ubuntu images, makes one folder named `{a,b}` of `mkdir {a,b}`, runs `for i in {1..3}`
    once, and keeps the `$` of `$'\\n'`. Nothing is reported.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - mkdir -p dist/{css,js}
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         for shard in {1..3}; do make "test-$shard"; done
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - mkdir -p dist/css dist/js
              - |
                for shard in 1 2 3; do make "test-$shard"; done
              - npx prettier --check src/**/*.{js,ts}
    """
    for command, script, feature in features(spec, "brace-list", "brace-range"):
        word = brace_word(script, feature)
        if word is None:
            continue
        from .posix_forms import spelled_out

        form = spelled_out(word.raw, feature.start - word.start, feature.end - word.start)
        fix = edited("Write the words", command, [(word.start, word.end, form)]) if form else None
        yield Finding(
            command.span(feature.start, feature.end),
            f"{dash(spec)} takes `{short(feature.text)}` as it stands, braces and all.",
            help=f"Write `{form}`." if form else f"Write the words one by one, {OR_BASH}.",
            fix=fix or use_bash(spec),
            severity=weight(spec),
        )
    for command, script, feature in features(spec, "ansi-string", "translated-string"):
        ansi = feature.kind == "ansi-string"
        start = feature.start
        mark = script.text[start : start + 2]
        yield Finding(
            command.span(start, start + 2),
            f"{dash(spec)} does not know `{mark}…{mark[1]}`: the `$` stays in the text"
            + (", and so do the escapes." if ansi else "."),
            help=f"Write `\"$(printf '…')\"`, {OR_BASH}." if ansi else "Write it without the `$`.",
            fix=use_bash(spec) if ansi else edited("Remove the `$`", command, [(start, start + 1, "")]),
            severity=weight(spec),
        )


@rule("CD329", "bash-variable", Severity.WARNING)
def bash_variable(spec: Buildspec) -> Iterator[Finding]:
    """`$RANDOM`, `$SECONDS`, `$UID` and the like in a shell that does not set them.

    Only bash has these variables. In dash, the `sh` of the Ubuntu images, they are empty, so that
    `--user $UID:$GID` names nobody, and names that were to be unique are all the same.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker run --rm --user "$UID" app make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker run --rm --user "$(id -u)" app make
    """
    text = spec.document.text
    if not any(name in text for name in _VARIABLES) or weight(spec) is None:
        return
    given = {one.name for _, script in spec.scripts() for one in script.assignments}
    for section in ("variables", "parameter-store", "secrets-manager"):
        given.update(key.value for key, _ in pairs(spec.get("env", section)))
    from .bash_statements import in_arithmetic, is_only_shown

    for command, script in spec.scripts():
        if is_guarded(script):
            continue
        for one in (*script.expansions, *in_arithmetic(script, _VARIABLES)):
            if one.name not in _VARIABLES or one.name in given or one.op or one.index:
                continue
            instead = _VARIABLES[one.name]
            fix = None
            if instead == "`$(id -u)`" and one.end - one.start > len(one.name):
                fix = edited("Ask `id`", command, [(one.start, one.end, instead.strip("`"))])
            yield Finding(
                command.span_of(one),
                f"{dash(spec)} does not set `{one.name}`: it is empty here.",
                help=f"Write {instead}, {OR_BASH}.",
                fix=fix or use_bash(spec),
                severity=Severity.INFO if is_only_shown(one.command) else weight(spec),
            )
