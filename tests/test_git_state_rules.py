"""CD390–CD399: what CodeBuild's checkout does not have."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits
from cdlint.source import Source

CODES = tuple(f"CD39{number}" for number in range(10))
INSTEAD = "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"


def spec(*commands: str, head: str = "") -> str:
    items = ""
    for command in commands:
        body = "\n".join("          " + line for line in command.split("\n"))
        items += f"      - |-\n{body}\n"
    return f"version: 0.2\n{head}phases:\n  build:\n    commands:\n{items}"


def found(text: str) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec", pedantic=True)
    return [one for one in result.findings if one.code in CODES]


def told(*commands: str, head: str = "") -> list[tuple[str, str, str]]:
    text = spec(*commands, head=head)
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


def codes(*commands: str) -> list[str]:
    return [one[0] for one in told(*commands)]


@pytest.mark.parametrize(
    ("commands", "severity", "place"),
    [
        (("B=$(git rev-parse --abbrev-ref HEAD)",), "warning", "git rev-parse --abbrev-ref HEAD"),
        (("B=`git branch --show-current`",), "warning", "git branch --show-current"),
        (("export B=$(git symbolic-ref --short HEAD)",), "warning", "git symbolic-ref --short HEAD"),
        (("B=$(git symbolic-ref HEAD | cut -d/ -f3)",), "warning", "git symbolic-ref HEAD"),
        (("B=$(git branch | grep '*' | cut -c3-)",), "warning", "git branch"),
        (("B=$(git rev-parse HEAD --abbrev-ref)",), "warning", "git rev-parse HEAD --abbrev-ref"),
        (("B=$(git rev-parse \u2014abbrev-ref HEAD)",), "warning", "git rev-parse \u2014abbrev-ref HEAD"),
        (("docker build -t app:$(git rev-parse --abbrev-ref HEAD) .",), "warning", "git rev-parse --abbrev-ref HEAD"),
        (("if [ $(git rev-parse \u2014 abbrev-ref HEAD) == x ]; then a; fi",), "warning",
         "git rev-parse \u2014 abbrev-ref HEAD"),
        (("if [ $(git rev-parse \u2013abbrev-ref HEAD) = x ]; then a; fi",), "warning",
         "git rev-parse \u2013abbrev-ref HEAD"),
        (('[ "$(git branch --show-current)" = "main" ] && make',), "warning", "git branch --show-current"),
        (("B=$(git branch --show-current)", 'if [[ $B == "main" ]]; then make; fi'), "warning",
         "git branch --show-current"),
        (("git rev-parse --abbrev-ref HEAD",), "info", "git rev-parse --abbrev-ref HEAD"),
        (("echo on $(git rev-parse --abbrev-ref HEAD)",), "info", "git rev-parse --abbrev-ref HEAD"),
    ],
)  # fmt: skip
def test_branch_asked(commands: tuple[str, ...], severity: str, place: str) -> None:
    assert ("CD390", severity, place) in told(*commands)


@pytest.mark.parametrize(
    "commands",
    [
        ("git checkout main", "B=$(git rev-parse --abbrev-ref HEAD)"),
        ("git switch -c release", "B=$(git branch --show-current)"),
        ("git clone https://example.com/a && cd a", "B=$(git branch --show-current)"),
        ("B=${BRANCH:-$(git rev-parse --abbrev-ref HEAD)}",),
        ('B="${BRANCH:-$(git rev-parse --abbrev-ref HEAD)}"',),
        ("B=$(git symbolic-ref -q --short HEAD || echo none)",),
        ("B=$(git symbolic-ref HEAD --short)", 'if [ "$B" = "" ]; then B=$(git branch -a --contains HEAD); fi'),
        ("B=$(git branch --show-current)", 'if [ -z "$B" ]; then B=main; fi'),
        ("B=$(git rev-parse --abbrev-ref HEAD)", 'if [ "$B" = "HEAD" ]; then B=$OTHER; fi'),
        ("B=$(git rev-parse --abbrev-ref HEAD)", "B=${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"),
        ("B=$(git rev-parse --abbrev-ref HEAD)", "echo ${B:-main}"),
        ("C=$(git rev-parse HEAD)",),
        ("C=$(git rev-parse --short HEAD)",),
        ("C=$(git rev-parse --abbrev-ref origin/HEAD)",),
        ("git symbolic-ref HEAD refs/heads/main",),
        ("git branch",),
        ("git branch -a --contains HEAD",),
        ("git branch -D old",),
        ("git push origin HEAD:main",),
        ("echo 'git branch --show-current'",),
        ("git -C other branch --show-current",),
    ],
)  # fmt: skip
def test_branch_not_asked(commands: tuple[str, ...]) -> None:
    assert "CD390" not in codes(*commands)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("B=$(git branch --show-current)", f"B={INSTEAD}"),
        ('B="$(git branch --show-current)"', f'B="{INSTEAD}"'),
        (
            "if [ $(git rev-parse --abbrev-ref HEAD) = main ]; then a; fi",
            f'if [ "{INSTEAD}" = main ]; then a; fi',
        ),
        ("if [ `git branch --show-current` = main ]; then a; fi", f'if [ "{INSTEAD}" = main ]; then a; fi'),
        ("x -t app:$(git branch | grep '*' | cut -c3-)", f"x -t app:{INSTEAD}"),
    ],
)
def test_branch_fix(before: str, after: str) -> None:
    text = spec(before)
    (one,) = [one for one in found(text) if one.code == "CD390"]
    assert one.fix is not None and not one.fix.safe
    fixed = apply_edits(text, one.fix.edits)
    assert fixed in (spec(after), spec(after.replace(f"B={INSTEAD}", f'B="{INSTEAD}"')))


@pytest.mark.parametrize(
    ("command", "severity", "place"),
    [
        ('if [ "$CODEBUILD_WEBHOOK_HEAD_REF" = "main" ]; then a; fi', "error", '"main"'),
        ("[[ $CODEBUILD_WEBHOOK_HEAD_REF == main ]] && a", "error", "main"),
        ("test main = ${CODEBUILD_WEBHOOK_BASE_REF}", "error", "main"),
        ('[ "$CODEBUILD_WEBHOOK_HEAD_REF" != "main" ] || a', "error", '"main"'),
        ('[ "$CODEBUILD_WEBHOOK_TRIGGER" = "main" ] && a', "error", '"main"'),
        ("[[ $CODEBUILD_WEBHOOK_HEAD_REF =~ ^main$ ]] && a", "error", "^main$"),
        ('case "$CODEBUILD_WEBHOOK_HEAD_REF" in\n  main) a ;;\nesac', "error", "main"),
        ("case $CODEBUILD_WEBHOOK_TRIGGER in x|develop) a;; *) b;; esac", "error", "develop"),
        ('[ "$CODEBUILD_RESOLVED_SOURCE_VERSION" = main ] && a', "error", "main"),
        ('[ "$CODEBUILD_SOURCE_VERSION" = main ] && a', "warning", "main"),
    ],
)
def test_bare_branch(command: str, severity: str, place: str) -> None:
    assert ("CD391", severity, place) in told(command)


@pytest.mark.parametrize(
    "command",
    [
        '[ "$CODEBUILD_WEBHOOK_HEAD_REF" = "refs/heads/main" ] && a',
        '[ "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}" = "main" ] && a',
        '[ "${CODEBUILD_WEBHOOK_HEAD_REF##*/}" = "main" ] && a',
        "[[ $CODEBUILD_WEBHOOK_HEAD_REF == *main ]] && a",
        "[[ $CODEBUILD_WEBHOOK_HEAD_REF == *'/main' ]] && a",
        "[[ $CODEBUILD_WEBHOOK_HEAD_REF =~ main ]] && a",
        "[[ $CODEBUILD_WEBHOOK_HEAD_REF =~ ^refs/heads/main$ ]] && a",
        '[ "$CODEBUILD_WEBHOOK_HEAD_REF" = "" ] && a',
        '[ "$CODEBUILD_WEBHOOK_HEAD_REF" = "$BRANCH" ] && a',
        '[ "$CODEBUILD_WEBHOOK_HEAD_REF" = "refs/heads/$BRANCH" ] && a',
        '[ "$CODEBUILD_WEBHOOK_TRIGGER" = "branch/main" ] && a',
        '[ "$CODEBUILD_WEBHOOK_TRIGGER" = "tag/v1" ] && a',
        "case $CODEBUILD_WEBHOOK_HEAD_REF in refs/heads/main) a;; *) b;; esac",
        "case $CODEBUILD_WEBHOOK_HEAD_REF in */main) a;; esac",
        'case "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}" in main) a;; esac',
        "case $CODEBUILD_SOURCE_VERSION in pr/*) a;; esac",
        '[ "$CODEBUILD_SOURCE_VERSION" = "refs/heads/main" ] && a',
        '[ "$BRANCH" = main ] && a',
        'echo "$CODEBUILD_WEBHOOK_HEAD_REF = main"',
        "CODEBUILD_WEBHOOK_HEAD_REF=main\n[ $CODEBUILD_WEBHOOK_HEAD_REF = main ] && a",
    ],
)
def test_full_reference(command: str) -> None:
    assert "CD391" not in codes(command)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('test "$CODEBUILD_WEBHOOK_HEAD_REF" = "main"', 'test "$CODEBUILD_WEBHOOK_HEAD_REF" = "refs/heads/main"'),
        ("[ $CODEBUILD_WEBHOOK_TRIGGER = main ] && a", "[ $CODEBUILD_WEBHOOK_TRIGGER = branch/main ] && a"),
        ("[[ $CODEBUILD_WEBHOOK_HEAD_REF =~ ^main ]]", "[[ $CODEBUILD_WEBHOOK_HEAD_REF =~ ^refs/heads/main ]]"),
        (
            "case $CODEBUILD_WEBHOOK_HEAD_REF in 'main') a;; esac",
            "case $CODEBUILD_WEBHOOK_HEAD_REF in 'refs/heads/main') a;; esac",
        ),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = "true" ] && a', '[ "$CODEBUILD_BUILD_SUCCEEDING" = "1" ] && a'),
        ("[ $CODEBUILD_BUILD_SUCCEEDING == FAILED ] && a", "[ $CODEBUILD_BUILD_SUCCEEDING == 0 ] && a"),
        ('[ "$CODEBUILD_WEBHOOK_EVENT" = "push" ] && a', '[ "$CODEBUILD_WEBHOOK_EVENT" = "PUSH" ] && a'),
    ],
)  # fmt: skip
def test_safe_fix(before: str, after: str) -> None:
    text = spec(before)
    (one,) = found(text)
    assert one.fix is not None and one.fix.safe
    assert apply_edits(text, one.fix.edits) == spec(after)
    assert found(spec(after)) == []


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ('[ "$CODEBUILD_WEBHOOK_EVENT" = "PULL_REQUEST_SYNCHRONIZE" ] && a', [("CD392", "warning")]),
        ("case $CODEBUILD_WEBHOOK_EVENT in PULL_REQUEST_MERGE) a;; PUSH) b;; esac", [("CD392", "warning")]),
        ('[ "$CODEBUILD_WEBHOOK_EVENT" = "PULL_REQUEST_MERGED" ] && a', []),
        ("[[ $CODEBUILD_WEBHOOK_EVENT == PULL_REQUEST* ]] && a", []),
        ("case $CODEBUILD_WEBHOOK_EVENT in PULL_REQUEST_*) a;; esac", []),
        ("[ $CODEBUILD_BUILD_SUCCEEDING -eq 1 ] && a", []),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = "0" ] && exit 1', []),
        ('[ "${CODEBUILD_BUILD_SUCCEEDING}" != "1" ] && exit 1', []),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = "$OK" ] && a', []),
        ('[ "$CODEBUILD_BUILD_SUCCEEDING" = SUCCEEDED ] && a', [("CD393", "error")]),
        ('[ -z "$CODEBUILD_BUILD_SUCCEEDING" ] && exit 1', [("CD393", "warning")]),
        ('[ -n "$CODEBUILD_BUILD_SUCCEEDING" ] && [ $CODEBUILD_BUILD_SUCCEEDING = 1 ] && a', []),
        ('[ "$CODEBUILD_INITIATOR" = codepipeline ] && a', [("CD399", "info")]),
        ("case $CODEBUILD_INITIATOR in codepipeline/*) a;; esac", []),
        ("git describe --tags", [("CD394", "info")]),
        ("git describe --tags --always", []),
        ("git fetch --unshallow && git describe --tags", []),
        ("git describe --tags 2>/dev/null || echo v0", []),
        ("git diff --name-only origin/main", [("CD394", "info")]),
        ("git diff --exit-code", [("CD395", "info")]),
        ("git log -1 --pretty=%B", [("CD395", "info")]),
        ("if [ -d .git ]; then git log -1; fi", []),
        ("git submodule update --init", [("CD395", "info")]),
        ("git init && git remote add o u && git log -1", []),
        ("npx semantic-release", [("CD394", "info")]),
        ("git commit -m x", [("CD396", "warning")]),
        ("git config --global user.email a@b && git commit -m x", []),
        ("git -c user.email=a@b -c user.name=c commit -m x", []),
        ("export GIT_AUTHOR_EMAIL=a@b\ngit commit -m x", []),
        ("make identity", []),
        ("./setup-git.sh; git commit -m x", [("CD398", "info")]),
        ("git push origin main", [("CD397", "info")]),
        ("git push https://$TOKEN@github.com/a/b main", []),
        ("git push $REMOTE/x main", []),
        ("./build.sh", [("CD398", "info")]),
        ("chmod +x build.sh && ./build.sh", []),
        ("chmod -R +x .\n./gradlew build", []),
        ("./gradlew build", [("CD398", "info")]),
        ("bash build.sh", []),
        ("curl -o get.sh https://e.com/get.sh\n./get.sh", []),
        ("./build/app", []),
    ],
)
def test_rest(command: str, result: list[tuple[str, str]]) -> None:
    assert [(one[0], one[1]) for one in told(command)] == result


def test_credentials_of_codebuild() -> None:
    assert told("git push origin main", head="env:\n  git-credential-helper: yes\n") == []


def test_place_in_a_quoted_test() -> None:
    text = (
        "version: 0.2\nphases:\n  build:\n    commands:\n"
        '      - "if [ \\"$CODEBUILD_WEBHOOK_HEAD_REF\\" = main ]; then make; fi"\n'
    )
    (one,) = found(text)
    place = Source("x", text).position(one.span.start)
    assert (one.code, place.line, place.column) == ("CD391", 5, 49)
    assert one.fix is not None
    assert '= refs/heads/main ]; then make; fi"' in apply_edits(text, one.fix.edits)
