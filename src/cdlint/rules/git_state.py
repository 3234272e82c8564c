"""CD390–CD399: what CodeBuild's checkout does not have: a branch, history, `.git`."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec, scalar_of
from ..wording import closest, listed
from . import rule
from .comparisons import Comparison, case_patterns, comparisons
from .git_calls import (
    BRANCH,
    asks_branch,
    git_call,
    has_branch,
    instead,
    only_shown,
    subcommand_span,
    use_of_answer,
)  # fmt: skip
from .tracing import earlier, guarded, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Simple, Word

_EVENTS = (
    "PUSH", "PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED", "PULL_REQUEST_MERGED",
    "PULL_REQUEST_CLOSED", "RELEASED", "PRERELEASED", "WORKFLOW_JOB_QUEUED",
)  # fmt: skip


@rule("CD390", "branch-asked-of-git", Severity.WARNING)
def branch_asked_of_git(spec: Buildspec) -> Iterator[Finding]:
    """The branch is asked of git, which does not know it.

    CodeBuild checks out a commit, not a branch: `git rev-parse --abbrev-ref HEAD` answers `HEAD`, `git branch
    --show-current` nothing. In a pipeline there is no `.git` at all, and the log says `fatal: not a git
    repository (or any parent up to mount point /codebuild)`. A comparison with the name of a branch is false
    in every build, and the build stays green.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - BRANCH=$(git rev-parse --abbrev-ref HEAD)
              - ./deploy.sh "$BRANCH"
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ "$(git branch --show-current)" = main ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - BRANCH=${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}
              - if [ "$CODEBUILD_WEBHOOK_HEAD_REF" = refs/heads/main ]; then make deploy; fi
    """
    for command, simple in spec.calls("git"):
        if not asks_branch(simple) or has_branch(spec, command, simple):
            continue
        substitution = next((one for one in simple.ancestors() if one.kind == "substitution"), None)
        literal, excused = use_of_answer(spec, command, simple, substitution)
        if excused:
            continue
        sub, _ = git_call(simple)
        answer = {"rev-parse": "`HEAD`", "branch": "nothing", "symbolic-ref": "with an error"}[sub]
        severity = None
        if substitution is None or only_shown(substitution):
            severity = Severity.INFO
        yield Finding(
            command.span_of(simple),
            f"CodeBuild checks out a commit, not a branch: git answers {answer}"
            + (f", and that is never `{literal}`." if literal else ", or finds no repository in a pipeline."),
            help=f"In builds that a webhook starts, use `{BRANCH}`; in a pipeline, hand the branch over as a "
            "variable: `#{SourceVariables.BranchName}`.",
            fix=instead(command, substitution),
            severity=severity,
        )


#: What a variable holds instead of the bare name of a branch: the beginnings, and what to put in front.
_REFS = {
    "CODEBUILD_WEBHOOK_HEAD_REF": (("refs/",), "refs/heads/"),
    "CODEBUILD_WEBHOOK_BASE_REF": (("refs/",), "refs/heads/"),
    "CODEBUILD_WEBHOOK_TRIGGER": (("branch/", "tag/", "pr/"), "branch/"),
}


@rule("CD391", "branch-test-never-true", Severity.ERROR)
def branch_test_never_true(spec: Buildspec) -> Iterator[Finding]:
    """A variable of CodeBuild is compared with the bare name of a branch.

    `CODEBUILD_WEBHOOK_HEAD_REF` and `…_BASE_REF` hold `refs/heads/main`, `CODEBUILD_WEBHOOK_TRIGGER` holds
    `branch/main`, `tag/v1` or `pr/7`, and `CODEBUILD_RESOLVED_SOURCE_VERSION` the id of a commit.
    `CODEBUILD_SOURCE_VERSION` holds a branch only where somebody started the build with one. Source: AWS,
    build-env-ref-env-vars.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ "$CODEBUILD_WEBHOOK_HEAD_REF" = "main" ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - if [ "$CODEBUILD_WEBHOOK_HEAD_REF" = "refs/heads/main" ]; then make deploy; fi
              - case "$CODEBUILD_WEBHOOK_TRIGGER" in branch/main) make deploy ;; esac
    """
    text = spec.document.text
    if "CODEBUILD_WEBHOOK_" not in text and "SOURCE_VERSION" not in text:
        return
    for command, script in spec.scripts():
        if "CODEBUILD_" not in script.text:
            continue
        for found in comparisons(script):
            yield from _bare_branch(spec, command, found)
        for name, pattern in case_patterns(script):
            if name in _REFS:
                yield from _bare_branch(spec, command, Comparison(None, "=", pattern, name))


def _bare_branch(spec: Buildspec, command: Command, found: Comparison) -> Iterator[Finding]:
    name, value = found.name, found.value
    if not value or found.op not in ("=", "==", "!=", "=~") or values(spec, name):
        return
    if name in _REFS:
        beginnings, front = _REFS[name]
        if found.op == "=~":
            # Only what is tied to the beginning can be told.
            if (
                value[:1] != "^"
                or not value[1:2].isalnum()
                or "|" in value
                or "refs"[: len(value) - 1] in value[1:5]
            ):
                return
            if value[1:].startswith(tuple(one[0] for one in beginnings)):
                return
        elif value.startswith(beginnings) or not _is_bare(value):
            return
        at = found.right.start + found.right.raw.find(value) + (value[:1] == "^")
        edit = command.edit(at, at, front)
        outcome = "is always true" if found.op == "!=" else "is never true"
        yield Finding(
            command.span_of(found.right),
            f"`{name}` holds `{front}{value.lstrip('^')}`, not the bare name: this {outcome}.",
            help=f"Compare with `{front}{value.lstrip('^')}`.",
            fix=Fix(f"Put `{front}` in front", [edit])
            if edit is not None and value in found.right.raw
            else None,
        )
    elif name in ("CODEBUILD_SOURCE_VERSION", "CODEBUILD_RESOLVED_SOURCE_VERSION") and value in _USUAL:
        resolved = "RESOLVED" in name
        if found.op == "=~":
            return
        yield Finding(
            command.span_of(found.right),
            f"`{name}` holds the id of a commit" + ("." if resolved else " when a push starts the build, `pr/…` for a "
            "pull request, and an ARN in a pipeline."),
            help="Compare `CODEBUILD_WEBHOOK_HEAD_REF` with `refs/heads/" + value + "`.",
            severity=None if resolved else Severity.WARNING,
        )  # fmt: skip


_USUAL = frozenset("main master develop dev staging production prod trunk release".split())


def _is_bare(value: str) -> bool:
    """May it be the name of a branch?"""
    return value not in ("HEAD", "null", "None") and not value[0].isdigit() and " " not in value


@rule("CD392", "webhook-event-unknown", Severity.WARNING)
def webhook_event_unknown(spec: Buildspec) -> Iterator[Finding]:
    """`CODEBUILD_WEBHOOK_EVENT` is compared with an event that CodeBuild does not have.

    The events are `PUSH`, `PULL_REQUEST_CREATED`, `…_UPDATED`, `…_REOPENED`, `…_MERGED`, `…_CLOSED`, `RELEASED`,
    `PRERELEASED` and `WORKFLOW_JOB_QUEUED`, in capital letters. Source: AWS, CodeBuild API, WebhookFilter.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ "$CODEBUILD_WEBHOOK_EVENT" = "push" ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - if [ "$CODEBUILD_WEBHOOK_EVENT" = "PUSH" ]; then make deploy; fi
    """
    name = "CODEBUILD_WEBHOOK_EVENT"
    if name not in spec.document.text:
        return
    for command, script in spec.scripts():
        found = [(one.right, one.value) for one in comparisons(script) if one.name == name and one.op != "=~"]
        found += [(word, word.literal) for key, word in case_patterns(script) if key == name]
        for word, value in found:
            if not value or value in _EVENTS or word.is_glob:
                continue
            meant = closest(value, _EVENTS)
            at = word.start + max(word.raw.find(value), 0)
            edit = command.edit(at, at + len(value), meant) if meant and value in word.raw else None
            same = meant is not None and meant == value.upper().replace("-", "_")
            yield Finding(
                command.span_of(word),
                f"CodeBuild has no event `{value}`: it has {listed(f'`{one}`' for one in _EVENTS)}.",
                help=f"Write `{meant}`." if meant else "Compare with one of these.",
                fix=Fix(f"Write `{meant}`", [edit], safe=same) if edit is not None else None,
            )


_GOOD = frozenset("true yes success succeeded succeeding ok passed succeed".split())
_BAD = frozenset("false no failed failure failing fail".split())


@rule("CD393", "build-succeeding-misread", Severity.ERROR)
def build_succeeding_misread(spec: Buildspec) -> Iterator[Finding]:
    """`CODEBUILD_BUILD_SUCCEEDING` is compared with a word; it is `1` or `0`.

    It is `1` as long as the build succeeds, else `0`, and always set. Source: AWS, build-env-ref-env-vars.

    Bad:
        version: 0.2
        phases:
          post_build:
            commands:
      >       - if [ "$CODEBUILD_BUILD_SUCCEEDING" = "true" ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          post_build:
            commands:
              - if [ "$CODEBUILD_BUILD_SUCCEEDING" = "1" ]; then make deploy; fi
    """
    name = "CODEBUILD_BUILD_SUCCEEDING"
    if name not in spec.document.text:
        return
    compared = False
    found: list[tuple[Command, Word, str]] = []
    for command, script in spec.scripts():
        if name not in script.text:
            continue
        for one in comparisons(script):
            if one.name == name and one.value is not None and one.op != "=~":
                compared = True
                if one.value not in ("1", "0", "") and not one.right.is_glob:
                    found.append((command, one.right, one.value))
    for command, word, value in found:
        digit = "1" if value.lower() in _GOOD else "0" if value.lower() in _BAD else ""
        at = word.start + max(word.raw.find(value), 0)
        edit = command.edit(at, at + len(value), digit) if digit and value in word.raw else None
        yield Finding(
            command.span_of(word),
            f"`{name}` is `1` or `0`, never `{value}`.",
            help=f"Compare with `{digit or '1'}`.",
            fix=Fix(f"Write `{digit}`", [edit]) if edit is not None else None,
        )
    if not compared:
        yield from _emptiness(spec, name)


def _emptiness(spec: Buildspec, name: str) -> Iterator[Finding]:
    """`[ -z "$CODEBUILD_BUILD_SUCCEEDING" ]`: it is always set."""
    for command, simple in spec.calls("[", "[[", "test"):
        words = [word for word in simple.args if word.raw not in ("]", "]]", "!")]
        if len(words) == 2 and words[0].raw in ("-z", "-n") and words[1].variable == name:
            yield Finding(
                command.span_of(words[0]),
                f"`{name}` is `1` or `0` and always set: `{words[0].raw}` says nothing about the build.",
                help=f'Compare it: `[ "${name}" = 1 ]`.',
                severity=Severity.WARNING,
            )


@rule("CD394", "history-not-cloned", Severity.INFO)
def history_not_cloned(spec: Buildspec) -> Iterator[Finding]:
    """A command needs history, tags or other branches, and the clone may have none.

    The console's default clone depth is 1: no tags, no earlier commits, no other branch. `git describe` and
    comparisons with `origin/main` then fail. In a pipeline there is no repository at all. Source: AWS API,
    `gitCloneDepth`; observed.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - git diff --name-only origin/main...HEAD
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - git fetch --unshallow --tags
              - git diff --name-only origin/main...HEAD
    """
    if _fetches(spec):
        return
    for command, simple in spec.calls("git", "semantic-release", "npx"):
        needs = _needs_history(simple)
        if needs and not has_branch(spec, command, simple) and not _handles_failure(simple):
            yield Finding(
                command.span_of(simple.first or simple)
                if simple.name != "git"
                else subcommand_span(command, simple),
                f"This needs {needs}, and with the console's default clone depth, 1, there are none.",
                help="Set the clone depth of the project to Full, or `git fetch --unshallow --tags` first.",
            )
            return


def _fetches(spec: Buildspec) -> bool:
    return any(git_call(simple)[0] in ("fetch", "pull", "clone", "init") for _, simple in spec.calls("git"))


def _handles_failure(simple: Simple) -> bool:
    """Is it reckoned with that the command fails?"""
    return guarded(simple) or any(
        one.fd == "2" and one.target is not None and one.target.plain == "/dev/null"
        for one in simple.redirects
    )


def _needs_history(simple: Simple) -> str:
    if simple.name == "semantic-release":
        return "tags and history"
    if simple.name == "npx":
        return "tags and history" if any(word.raw == "semantic-release" for word in simple.args) else ""
    sub, words = git_call(simple)
    plain = [word.plain for word in words]
    if sub == "describe" and "--always" not in plain and "--all" not in plain:
        return "tags"
    if sub == "merge-base":
        return "the history of two branches"
    if sub in ("diff", "log", "rev-list", "shortlog"):
        if any(".." in word or word.startswith(("origin/", "HEAD~", "HEAD^")) for word in plain):
            return "earlier commits or another branch"
    return ""


@rule("CD395", "git-without-repository", Severity.INFO)
def git_without_repository(spec: Buildspec) -> Iterator[Finding]:
    """git is asked about the source, which is no repository in a pipeline.

    CodePipeline hands the source over as an archive without `.git`, and without submodules: the log says
    `fatal: not a git repository (or any parent up to mount point /codebuild) Stopping at filesystem
    boundary`. Builds that a webhook or a person starts have a repository.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - TAG=$(git rev-parse --short HEAD)
              - docker build -t app:$TAG .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - TAG=$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c 1-7)
              - docker build -t app:$TAG .
    """
    if "CODEBUILD_WEBHOOK_" in spec.document.text or ".git " in spec.document.text:
        return
    for command, simple in spec.calls("git"):
        sub, words = git_call(simple)
        if sub not in (
            "rev-parse",
            "log",
            "show",
            "status",
            "submodule",
            "diff",
            "ls-files",
            "rev-list",
            "tag",
        ):
            continue
        if any(word.raw in ("--is-inside-work-tree", "--git-dir", "--show-toplevel") for word in words):
            return
        if asks_branch(simple) or _needs_history(simple) or _handles_failure(simple):
            continue
        if has_branch(spec, command, simple):
            return
        yield Finding(
            subcommand_span(command, simple),
            "In a pipeline the source has no `.git`, and submodules are missing: git fails there.",
            help="Use `CODEBUILD_RESOLVED_SOURCE_VERSION` for the commit, or let the source action hand over a "
            "full clone (`CODEBUILD_CLONE_REF`).",
        )
        return


def needs_repository(spec: Buildspec) -> Iterator[tuple[Command, Simple]]:
    """The calls of git that end with an error where there is no repository."""
    if any(git_call(simple)[0] in ("clone", "init") for _, simple in spec.calls("git")):
        return
    for command, simple in spec.calls("git"):
        sub, words = git_call(simple)
        if any(word.raw in ("--is-inside-work-tree", "--no-index") for word in words):
            return
        if sub in _ASKING and not _handles_failure(simple):
            yield command, simple


#: What git does only in a repository.
_ASKING = frozenset(
    (
        "branch",
        "describe",
        "diff",
        "log",
        "ls-files",
        "rev-list",
        "rev-parse",
        "show",
        "status",
        "submodule",
        "tag",
    )
)


@rule("CD396", "commit-without-identity", Severity.WARNING)
def commit_without_identity(spec: Buildspec) -> Iterator[Finding]:
    """`git commit` is run, and nobody said who commits.

    In a container git finds no name and no address, says `Please tell me who you are`, and the command fails.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - git add CHANGELOG.md
      >       - git commit -m "Changelog"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - git config user.name "Build"
              - git config user.email build@example.com
              - git add CHANGELOG.md
              - git commit -m "Changelog"
    """
    text = spec.document.text
    marks = (
        "user.email",
        "GIT_AUTHOR_",
        "GIT_COMMITTER_",
        ".gitconfig",
        "EMAIL:",
        "EMAIL=",
        "user.useConfigOnly",
    )
    if any(mark in text for mark in marks):
        return
    for command, simple in spec.calls("git"):
        sub, words = git_call(simple)
        if sub != "commit" or any(word.raw in ("--dry-run", "-h", "--help") for word in words):
            continue
        if _config_elsewhere(spec, command, simple):
            return
        yield Finding(
            subcommand_span(command, simple),
            "git does not know who commits: in a build container it has no name and no address, and refuses.",
            help='Set them first: `git config user.name "…"` and `git config user.email …`.',
        )
        return


def _config_elsewhere(spec: Buildspec, command: Command, simple: Simple) -> bool:
    """Does a script of the repository run before, which may set the identity?"""
    return any(
        one.name.endswith(".sh") or one.name in (".", "source", "make", "bash", "sh")
        for _, one in earlier(spec, command, simple)
    )


@rule("CD397", "push-without-credentials", Severity.INFO)
def push_without_credentials(spec: Buildspec) -> Iterator[Finding]:
    """`git push` is run, and git has no credentials.

    CodeBuild gives its own to git only with `git-credential-helper: yes`. Source: AWS, build-spec-ref.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - git push origin HEAD:main
    Good:
        version: 0.2
        env:
          git-credential-helper: yes
        phases:
          build:
            commands:
              - git push origin HEAD:main
    """
    helper = scalar_of(spec.get("env", "git-credential-helper"))
    if helper is not None and helper.truth:
        return
    text = spec.document.text
    marks = (
        "credential",
        "@github.com",
        "insteadOf",
        "ssh-add",
        ".ssh/",
        "GIT_SSH",
        "GIT_ASKPASS",
        ".netrc",
        "codecommit",
    )
    if any(mark in text for mark in marks) or "set-url" in text:
        return
    for command, simple in spec.calls("git"):
        sub, words = git_call(simple)
        if sub != "push" or any(word.literal is None and "/" in word.raw for word in words):
            continue
        yield Finding(
            subcommand_span(command, simple),
            "git has no credentials in a build, unless it is given them.",
            help="Set `env.git-credential-helper: yes`.",
        )
        return


@rule("CD398", "script-mode-lost", Severity.INFO)
def script_mode_lost(spec: Buildspec) -> Iterator[Finding]:
    """A script is run by its path, and an archive may have lost its mode.

    Where a pipeline hands the source over as an archive, files may not be executable: the log says
    `Permission denied`, and the command ends with status 126. Source: AWS, CodePipeline troubleshooting.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - ./build.sh
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - chmod +x build.sh && ./build.sh
              - bash test.sh
    """
    if "./" not in spec.document.text:
        return
    for path in spec.programs():
        if not path.startswith("./") or not (path.endswith(".sh") or path in ("./gradlew", "./mvnw")):
            continue
        command, simple = spec.calls(path)[0]
        first = simple.first
        if first is None or first.raw != path or _made_executable(spec, command, simple, path):
            continue
        around = simple.parent.kind if simple.parent is not None else ""
        edit = None
        if around not in ("pipeline", "not"):
            edit = command.edit(simple.start, simple.start, f"chmod +x {path} && ")
        yield Finding(
            command.span_of(first),
            f"Where a pipeline hands the source over as an archive, `{path}` may have lost its mode.",
            help=f"Write `chmod +x {path}` first, or run it by its shell.",
            fix=Fix("Make it executable first", [edit]) if edit is not None else None,
        )


def _made_executable(spec: Buildspec, command: Command, simple: Simple, path: str) -> bool:
    """Was the mode set before, or the file made by the build?"""
    name = path.rpartition("/")[2]
    for _, one in earlier(spec, command, simple):
        if one.name in ("chmod", "find", "install", "git"):
            if any(
                word.literal is None
                or word.is_glob
                or word.plain.rpartition("/")[2] == name
                or word.raw == "-R"
                for word in one.args
            ):
                return True
        elif any(
            word.plain.rpartition("/")[2] == name
            for word in one.args
            if one.name in ("curl", "wget", "cp", "mv")
        ):
            return True
    return False


@rule("CD399", "initiator-compared-whole", Severity.INFO)
def initiator_compared_whole(spec: Buildspec) -> Iterator[Finding]:
    """`CODEBUILD_INITIATOR` is compared with a bare word.

    Of a pipeline it is `codepipeline/` and its name, of a webhook `GitHub-Hookshot/` and a number, and of a person
    the name of the user or the role. Source: AWS, build-env-ref-env-vars.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - if [ "$CODEBUILD_INITIATOR" = "codepipeline" ]; then make deploy; fi
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - case "$CODEBUILD_INITIATOR" in codepipeline/*) make deploy ;; esac
    """
    name = "CODEBUILD_INITIATOR"
    if name not in spec.document.text:
        return
    for command, script in spec.scripts():
        found = [(one.right, one.value) for one in comparisons(script) if one.name == name and one.op != "=~"]
        found += [(word, word.literal) for key, word in case_patterns(script) if key == name]
        for word, value in found:
            if value and value.lower() in (
                "codepipeline",
                "github-hookshot",
                "codebuild",
                "github",
                "webhook",
            ):
                yield Finding(
                    command.span_of(word),
                    f"`{name}` is `codepipeline/NAME` in a pipeline and `GitHub-Hookshot/…` after a webhook, never "
                    f"`{value}` alone.",
                    help=f'`case "${name}" in codepipeline/*) … ;; esac`',
                )
