"""CD335–CD344: exit statuses that are lost."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import PHASES, Buildspec
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..model.buildspec import Command
    from ..source import Span
    from ..syntax.shell import Script, Simple, Statement
    from .lost import Lost


@rule("CD335", "status-lost-in-block", Severity.WARNING)
def status_lost_in_block(spec: Buildspec) -> Iterator[Finding]:
    """A command in the middle of a block may fail without the build failing.

    A block is one script, and runs without `set -e`: after a failed command the shell goes on with the next line,
    and CodeBuild looks at the status of the last command alone. A failed test, an archive that was not written, or
    one turn of a loop that failed leave the build green.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         npm test
                npm run build
                echo done
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
                for app in api web; do
      >           docker build -t "$app" "$app"
                done
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                set -e
                npm test
                npm run build
                echo done
              - |
                make build || exit 1
                npm test &&
                npm run build
    """
    for command, found in _scripts_that_lose(spec):
        lost = [one for one in found if one.how != "semicolon"]
        if not lost:
            continue
        one = _gravest(lost)
        loop = one.how == "loop"
        name = _name(one)
        yield Finding(
            _place(command, one.simple),
            f"A failure of {name} is lost in all turns of the loop but the last: the item fails only if its last "
            "command does."
            if loop
            else "If there is no such folder, `rm` empties the one that the shell is in."
            if one.kind == "cd"
            else f"If {name} fails, the shell goes on with the next line, and the item still succeeds unless its last "
            "command fails too.",
            help="Begin the block with `set -e`: it then ends at the first command that fails."
            if "\n" in command.text.strip()
            else f"Write `{name.strip('`')} … || exit 1`.",
            fix=_set_e(spec, command),
            severity=_weight(command, one),
        )


@rule("CD336", "status-lost-at-semicolon", Severity.WARNING)
def status_lost_at_semicolon(spec: Buildspec) -> Iterator[Finding]:
    """A command is followed by `;`, and its failure by the next command.

    Of `npm test; cd ..` only the status of `cd ..` counts, so that the item succeeds whatever the tests say. `&&`
    runs the next command only after success. After `cd app; rm -rf *` the wrong folder is emptied if there is no
    `app`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - cd app; npm test; cd ..
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - cd app && npm test && cd ..
              - cd app; npm test
    """
    for command, found in _scripts_that_lose(spec):
        lost = [one for one in found if one.how == "semicolon"]
        if not lost or (len(lost) < len(found) and _rank(found) <= _rank(lost)):
            continue
        one = _gravest(lost)
        if _gives_up(one.following):
            continue  # `; true`: that of the rule below
        yield Finding(
            _place(command, one.simple),
            "If there is no such folder, `rm` empties the one that the shell is in."
            if one.kind == "cd"
            else f"`;` goes on whether or not {_name(one)} fails, and only the status of the last command counts.",
            help="Write `&&` in place of `;`.",
            fix=_and(command, one),
            severity=_weight(command, one),
        )


def _scripts_that_lose(spec: Buildspec) -> Iterator[tuple[Command, list[Lost]]]:
    """The commands in which a status is lost."""
    for command, script in spec.scripts():
        text = script.text
        if ";" in text or "\n" in text:
            from .lost import lost

            found = lost(script)
            if found:
                yield command, found


def _rank(found: list[Lost]) -> int:
    from .verbs import WEAK

    return min(one.kind in WEAK for one in found)


def _gravest(found: list[Lost]) -> Lost:
    """The first command whose failure matters in itself, else the first."""
    from .verbs import WEAK

    return next((one for one in found if one.kind not in WEAK), found[0])


def _weight(command: Command, one: Lost) -> SeverityName | None:
    from .lost import always_succeeds
    from .verbs import WEAK

    if one.kind in WEAK and not always_succeeds(command.script):
        return Severity.INFO  # what comes next needs what is missing, and fails
    if command.section == "finally":
        return Severity.INFO
    return None


def _name(one: Lost) -> str:
    from .verbs import label

    return f"`{label(one.simple)}`"


def _place(command: Command, simple: Simple) -> Span:
    from .verbs import label_end

    return command.span(simple.start, max(label_end(simple), simple.start + 1))


def _set_e(spec: Buildspec, command: Command) -> Fix | None:
    """`set -e` as the first line of a block, where nothing is set yet."""
    if command.node.style != "|" or any(simple.name == "set" for simple in command.script.commands):
        return None
    return _first(spec, command, "set -e")


def _first(spec: Buildspec, command: Command, option: str) -> Fix | None:
    """A command at the beginning of a script: a line of its own in a block, else with `;` behind it."""
    text, value = spec.document.text, command.text
    if command.node.style != "|":
        put = command.edit(0, 0, option + "; ")
        return Fix(f"Begin with `{option}`", [put], safe=False) if put is not None else None
    start = len(value) - len(value.lstrip())
    if value.startswith("#!", start):
        start = value.find("\n", start) + 1
        start += len(value[start:]) - len(value[start:].lstrip(" "))
    place = command.places[start]
    line = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    if text[line:place].strip():
        return None
    edit = command.edit(start, start, option + "\n" + text[line:place])
    return Fix(f"Begin with `{option}`", [edit], safe=False) if edit is not None else None


def _and(command: Command, one: Lost) -> Fix | None:
    if one.following is None:
        return None
    start, end = one.statement.end, one.following.start
    if command.text[start:end].strip() != ";":
        return None
    edit = command.edit(start, end, " && ")
    return Fix("Write `&&`", [edit], safe=False) if edit is not None else None


@rule("CD337", "failure-ignored", Severity.WARNING)
def failure_ignored(spec: Buildspec) -> Iterator[Finding]:
    """The failure of a build, test, scan or deployment is thrown away.

    After `|| true`, `|| echo …`, `|| exit 0` or `; exit 0` the item succeeds, whatever the command before says, so
    that the build is green with failed tests. If that is meant, say so in a comment on the line.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - npm test || echo failed
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - ./gradlew check; exit 0
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - docker pull "$REPO:latest" || true
              - npm audit || true # for information only
          build:
            commands:
              - npm test || exit 1
              - make build || { echo "no build"; exit 1; }
    """
    for command, script in spec.scripts():
        text = script.text
        if "||" in text:
            from .ignored import ignored

            for simple, kind, words, operator in ignored(script):
                yield from _ignored(spec, command, simple, kind, words, operator)
        if ";" in text:
            yield from _given_up(spec, command, script)


def _ignored(
    spec: Buildspec, command: Command, simple: Simple, kind: str, words: str, operator: tuple[int, int]
) -> Iterator[Finding]:
    from .ignored import is_explained, is_idempotent
    from .lost import is_tolerant
    from .verbs import WEAK, label

    if is_idempotent(simple) or is_explained(spec.document.text, command, simple.start, operator[1]):
        return
    knows = kind in WEAK or is_tolerant(words) or command.section == "finally"
    yield Finding(
        command.span(*operator),
        f"The item succeeds even if `{label(simple)}` fails: `{_short(words)}` throws its status away.",
        help="Remove it; or say in a comment on the line why the failure does not matter.",
        severity=Severity.INFO if knows else None,
    )


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 30 else words[:29] + "…"


def _gives_up(following: Statement | None) -> bool:
    """`true`, `:` or `exit 0`, which stands there to lose the status."""
    if following is None or following.kind != "command":
        return False
    words = [word.raw for word in following.words]  # type: ignore[attr-defined]
    return words in (["true"], [":"], ["exit", "0"])


def _given_up(spec: Buildspec, command: Command, script: Script) -> Iterator[Finding]:
    from .ignored import is_explained
    from .lost import lost
    from .verbs import WEAK, label

    for one in lost(script):
        if one.how == "semicolon" and one.following is not None and _gives_up(one.following):
            if not is_explained(spec.document.text, command, one.simple.start, one.following.end):
                words = script.text[one.following.start : one.following.end]
                yield Finding(
                    command.span_of(one.following),
                    f"The item succeeds even if `{label(one.simple)}` fails: `; {words}` throws its status away.",
                    help="Remove it; or say in a comment on the line why the failure does not matter.",
                    severity=Severity.INFO if one.kind in WEAK or command.section == "finally" else None,
                )


@rule("CD338", "status-lost-in-pipe", Severity.WARNING)
def status_lost_in_pipe(spec: Buildspec) -> Iterator[Finding]:
    """A build, test or deployment is piped into another program, so its failure does not count.

    The status of a pipeline is that of its last command: `npm test | tee log` succeeds if `tee` does. In bash
    `set -o pipefail` makes every member count; `sh` on the Ubuntu images (dash) does not know it.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - npm test | tee test.log
    Good:
        version: 0.2
        env:
          shell: bash
        phases:
          build:
            commands:
              - set -o pipefail; npm test | tee test.log
              - npm test > test.log
    """
    for command, script in spec.scripts():
        if "|" not in script.text or script.broken:
            continue
        from .ignored import is_explained, lost_in_pipes

        for simple, kind, last in lost_in_pipes(script):
            if is_explained(spec.document.text, command, simple.start, last.end):
                continue
            from .verbs import label

            to = f"`{last.name}`" if last.name else "the last command"
            known = kind in ("download", "install") or command.section == "finally"
            yield Finding(
                _place(command, simple),
                f"If `{label(simple)}` fails, the pipeline still succeeds: its status is that of {to}.",
                help="Put `set -o pipefail` before it in the same item, with `env: shell: bash`."
                if spec.dialect != "bash"
                else "Put `set -o pipefail` before it in the same item.",
                fix=_first(spec, command, "set -o pipefail") if spec.dialect == "bash" else None,
                severity=Severity.INFO if known else None,
            )


@rule("CD339", "status-lost-in-export", Severity.INFO)
def status_lost_in_export(spec: Buildspec) -> Iterator[Finding]:
    """`export` hides the failure of the command whose output it takes.

    The status of `export A=$(command)` is that of `export`, which succeeds: the variable is empty and the build goes
    on. `A=$(command)` alone has the status of the command.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - export ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - ACCOUNT=$(aws sts get-caller-identity --query Account --output text) && export ACCOUNT
              - export TAG=$(date +%s)
    """
    for command, simple in spec.calls("export", "readonly", "local", "declare", "typeset"):
        if "$(" not in command.text and "`" not in command.text:
            continue
        from .ignored import fallible_in

        for word in simple.args:
            inner = fallible_in(command.script, word.start, word.end)
            name = word.raw.partition("=")[0]
            if inner is None or "=" not in word.raw:
                continue
            edit = None
            if len(simple.args) == 1 and simple.words[0].raw == "export":
                text = command.text[word.start : word.end]
                edit = command.edit(simple.words[0].start, word.end, f"{text} && export {name}")
            yield Finding(
                command.span(simple.words[0].start, word.start + len(name)),
                f"If `{inner.name}` fails, `{simple.words[0].raw}` still succeeds, and the build goes on with an empty "
                f"`{name}`.",
                help=f"Write `{name}=$(…)` first, then `{simple.words[0].raw} {name}`.",
                fix=Fix("Export it afterwards", [edit], safe=False) if edit is not None else None,
            )
            break


@rule("CD340", "exit-ends-item-only", Severity.WARNING)
def exit_ends_item_only(spec: Buildspec) -> Iterator[Finding]:
    """`exit 0` ends this item only, and the items behind it run all the same.

    Each item is a script of its own. `exit 0` ends it with success, and CodeBuild goes on with the next item. A build
    cannot end early with success: put what depends on the test into one block, or ask again in each item.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ "$SKIP" = 1 ]; then exit 0; fi
              - make deploy
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                set -e
                if [ "$SKIP" = 1 ]; then exit 0; fi
                make deploy
    """
    later: _Later | None = None
    for command, simple in spec.calls("exit"):
        if [word.raw for word in simple.args] not in ([], ["0"]) or command.script.broken:
            continue
        from .early import ends_early

        certain = ends_early(command.script, simple)
        later = later or _Later(spec)
        if certain is None or not later.any(command):
            continue
        same = later.same(command)
        yield Finding(
            command.span_of(simple),
            "`exit` ends this item only: CodeBuild takes it for a success and runs the "
            + ("next item." if same else "next phase."),
            help="Put what is to be skipped into the same block, or ask again in each item behind.",
            severity=None if certain and same else Severity.INFO,
        )


class _Later:
    """Where a buildspec does something: the last item of each list that does, and the last phase."""

    def __init__(self, spec: Buildspec) -> None:
        from .lost import is_harmless

        self.items: dict[tuple[str, str], int] = {}
        self.phase = -1
        for command, script in spec.scripts():
            harmless = script.notes.get("harmless")
            if harmless is None:
                harmless = script.notes["harmless"] = all(is_harmless(one) for one in script.body)
            if not harmless:
                self.items[command.phase, command.section] = command.index
                self.phase = max(self.phase, PHASES.index(command.phase))

    def same(self, command: Command) -> bool:
        """Does an item behind this one do something, in the same list?"""
        return self.items.get((command.phase, command.section), -1) > command.index

    def any(self, command: Command) -> bool:
        return self.same(command) or self.phase > PHASES.index(command.phase)


@rule("CD341", "shell-option-not-carried", Severity.INFO)
def shell_option_not_carried(spec: Buildspec) -> Iterator[Finding]:
    """`set -e` or `set -o pipefail` is an item of its own.

    Each item is a script of its own. AWS promises that variables and the working directory are carried on, not the
    options of the shell: the items behind run without.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - set -e
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                set -e
                make build
                make check
    """
    later: _Later | None = None
    for command, simple in spec.calls("set"):
        from .lost import sets

        later = later or _Later(spec)
        body = command.script.body
        if all(one.kind == "command" and one.name == "set" for one in body) and (  # type: ignore[attr-defined]
            sets(simple, "e", "errexit") or sets(simple, "", "pipefail")
        ):
            if simple.args[0].raw[:1] != "+" and later.any(command):
                yield Finding(
                    command.span_of(simple),
                    "An item is a script of its own: AWS does not promise that this holds in the items behind it.",
                    help="Write it at the beginning of each block that needs it.",
                )


@rule("CD342", "set-e-inside-if", Severity.INFO)
def set_e_inside_if(spec: Buildspec) -> Iterator[Finding]:
    """`set -e` stands inside of an `if`.

    It holds only if that branch is taken. Where the test itself fails (`[: : integer expression expected`), no branch
    is taken, and the script goes on without it, or ends with success.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
                if [ "$MAJOR" -ge 9 ]; then
      >           set -e
                  mvn verify
                  mvn deploy
                fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                set -eu
                if [ "$MAJOR" -ge 9 ]; then
                  mvn verify
                  mvn deploy
                fi
    """
    for command, simple in spec.calls("set"):
        from .lost import sets
        from .verbs import kind_of

        branch = next((one for one in simple.ancestors() if one.kind in ("if", "case")), None)
        if branch is None or not sets(simple, "e", "errexit") or simple.args[0].raw[:1] == "+":
            continue
        if simple.inside("subshell", "function", "substitution") or command.script.broken:
            continue
        others = [one for one in spec.calls("set") if one[0] is command and one[1] is not simple]
        if any(sets(one, "e", "errexit") for _, one in others):
            continue
        behind = [one for one in command.script.commands if one.start > branch.end and kind_of(one)]
        yield Finding(
            command.span_of(simple),
            "This holds only if the branch is taken: "
            + (
                "otherwise the commands behind the `if` run without it, and their failures are lost."
                if len(behind) > 1
                else "if the test fails with an error, the branch is passed over and the item succeeds."
            ),
            help="Put `set -e` at the beginning of the block.",
            severity=Severity.WARNING if len(behind) > 1 else None,
        )


@rule("CD343", "post-build-after-failure", Severity.WARNING)
def post_build_after_failure(spec: Buildspec) -> Iterator[Finding]:
    """`post_build` publishes or deploys without asking whether the build succeeded.

    CodeBuild runs `post_build` also when a command of `build` failed; so it runs `finally`. What is pushed or deployed
    then is half-built or untested, or the push fails and its message (`An image does not exist locally with the tag`)
    hides the first error; where `build` only makes the images, that is all, and this is advice. The variable
    CODEBUILD_BUILD_SUCCEEDING is 1 as long as nothing has failed.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm test
              - docker build -t "$REPO:1" .
          post_build:
            commands:
      >       - docker push "$REPO:1"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm test
              - docker build -t "$REPO:1" .
          post_build:
            commands:
              - test "$CODEBUILD_BUILD_SUCCEEDING" = 1
              - docker push "$REPO:1"
    """
    if spec.phase("build") is None:
        return
    from .after_failure import guard_at, may_fail, only_images, published

    if not may_fail(spec):
        return
    for where, found in published(spec):
        command, simple = found
        from .verbs import label

        name = label(simple)
        stops_itself = name == "docker push" and only_images(spec)
        yield Finding(
            _place(command, simple),
            f"CodeBuild runs `{where}` even if `build` failed: "
            + (
                f"there may be no image then, and the error of `{name}` hides the first one."
                if stops_itself
                else f"`{name}` then publishes what is half-built or untested."
            ),
            help='Ask first: `test "$CODEBUILD_BUILD_SUCCEEDING" = 1`; or set `on-failure: ABORT` in `build`.'
            if where == "post_build"
            else 'Ask first: `if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then …; fi`.',
            fix=guard_at(spec) if where == "post_build" else None,
            severity=Severity.INFO if stops_itself else None,
        )


@rule("CD344", "exit-in-parentheses", Severity.WARNING)
def exit_in_parentheses(spec: Buildspec) -> Iterator[Finding]:
    """`exit` in parentheses ends the parentheses, not the script.

    `( … )` is a shell of its own. After `make || (echo failed; exit 1)` the script goes on with the next line, and the
    failure is lost. Braces run in the same shell: `make || { echo failed; exit 1; }`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         make || (echo failed; exit 1)
                aws s3 cp out.zip s3://bucket/out.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                make || { echo failed; exit 1; }
                aws s3 cp out.zip s3://bucket/out.zip
              - make || (echo failed; exit 1)
    """
    for command, simple in spec.calls("exit"):
        from .early import exits_parentheses

        around = exits_parentheses(command.script, simple)
        if around is not None:
            yield Finding(
                command.span_of(simple),
                "`exit` ends only the parentheses: the script goes on with the next command, and the failure is lost.",
                help="Write braces in place of the parentheses: `{ …; exit 1; }`.",
                fix=_braces(command, around),
            )


def _braces(command: Command, around: Statement) -> Fix | None:
    text = command.text
    if text[around.start] != "(" or text[around.end - 1] != ")" or around.redirects:
        return None
    end = around.end - 1
    before = text[around.start + 1 : end].rstrip()
    start_edit = command.edit(
        around.start, around.start + 1, "{" if text[around.start + 1] in " \n" else "{ "
    )
    closing = "}" if before.endswith(";") else "; }"
    end_edit = command.edit(
        around.start + 1 + len(before), around.end, (" " if closing == "}" else "") + closing
    )
    if start_edit is None or end_edit is None:
        return None
    return Fix("Write braces", [start_edit, end_edit], safe=False)
