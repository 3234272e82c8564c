"""CD355–CD362: variables of the shell, near misses above all."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding
from cdlint.fixing import fix_text

CODES = tuple(f"CD{n}" for n in range(355, 363))


def spec(*items: str, env: str = "", post: tuple[str, ...] = ()) -> str:
    text = "version: 0.2\n" + env + "phases:\n  build:\n    commands:\n"
    text += "".join(f"      - {item}\n" for item in items)
    if post:
        text += "  post_build:\n    commands:\n" + "".join(f"      - {item}\n" for item in post)
    return text


def findings(text: str, level: str = "warning") -> list[Finding]:
    levels = ("error", "warning") if level == "warning" else ("error", "warning", "info")
    return [one for one in check_text(text).findings if one.code in CODES and one.severity in levels]


def told(text: str, level: str = "warning") -> list[tuple[str, str]]:
    return [(one.code, text[one.span.start : one.span.end]) for one in findings(text, level)]


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ('if [ $A = b ]; then make; fi', "$A"),
        ('test -z $A && make', "$A"),
        ('"[ -n `git tag` ] && make"', "`git tag`"),
        ('if [ $(git rev-parse HEAD) = "$B" ]; then make; fi', "$(git rev-parse HEAD)"),
        ("|\n        if [ ! $A ]; then\n          make\n        fi", "$A"),
        ('"if [ \\"$B\\" = x -o ${A} = y ]; then make; fi"', "${A}"),
    ],
)  # fmt: skip
def test_unquoted_in_tests(item: str, place: str) -> None:
    assert told(spec(item)) == [("CD355", place)]


@pytest.mark.parametrize(
    "item",
    [
        'if [ "$A" = b ]; then make; fi',
        "if [ $? -ne 0 ]; then exit 1; fi",
        "if [ $# -gt 0 ]; then exit 1; fi",
        "test $CODEBUILD_BUILD_SUCCEEDING -eq 1",
        "'[[ $A = b ]] && make'",
        "N=$((1 + 2)); test $N -gt 2",
        "make; RC=$?; if [ $RC -ne 0 ]; then exit $RC; fi",
        "N=$(ls | wc -l); if [ $N -gt 3 ]; then make; fi",
        "if [ $(ls | wc -l) -gt 3 ]; then make; fi",
        "A=one; if [ $A = one ]; then make; fi",
        "if [ ${A:-none} = one ]; then make; fi",
        "if [ -f $CODEBUILD_SRC_DIR/x ]; then make; fi",
        "echo '[ $A = b ]'",
    ],
)
def test_what_may_stand_in_a_test(item: str) -> None:
    assert told(spec(item)) == []


@pytest.mark.parametrize(
    ("item", "mended"),
    [
        ("if [ $A = b ]; then make; fi", 'if [ "$A" = b ]; then make; fi'),
        ("'if [ $(cat ''v'') = b ]; then make; fi'", "'if [ \"$(cat ''v'')\" = b ]; then make; fi'"),
        ('"if [ $A = b ]; then make; fi"', '"if [ \\"$A\\" = b ]; then make; fi"'),
        ('if [ $A"b" = b ]; then make; fi', 'if [ "$A""b" = b ]; then make; fi'),
    ],
)
def test_quotes_are_put_in(item: str, mended: str) -> None:
    assert fix_text(spec(item), pedantic=True).text == spec(mended)


def test_no_quotes_around_what_they_would_break() -> None:
    item = "'[ `echo \"a\"` = b ] && make'"
    (finding,) = findings(spec(item))
    assert finding.code == "CD355" and finding.fix is None


ENV = "env:\n  variables:\n    IMAGE_NAME: app\n    STAGE: prod\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (spec('docker build -t "$IMAGE_NMAE" .', env=ENV), "$IMAGE_NMAE"),
        (spec('docker push "$IMAGENAME"', env=ENV), "$IMAGENAME"),
        (spec('docker pull "app:$TAG_NAME"', "TAG_NAME=1"), "$TAG_NAME"),
        (spec("(VERSION_ID=1)", 'echo "$VERSION_ID"'), "$VERSION_ID"),
        (spec('echo "${CODEBUILD_SOURCE_VERSON}"'), "${CODEBUILD_SOURCE_VERSON}"),
        (spec('echo "$CODEBUILD_BRANCH"'), "$CODEBUILD_BRANCH"),
    ],
)  # fmt: skip
def test_unset_variables(text: str, place: str) -> None:
    assert ("CD356", place) in told(text)


@pytest.mark.parametrize(
    "text",
    [
        spec('docker build -t "$IMAGE_NAME:$STAGE" .', env=ENV),
        spec("VERSION=1", 'echo "$VERSION"'),
        spec("export VERSION=1", post=('echo "$VERSION"',)),
        spec("read -r LINE", 'echo "$LINE"'),
        spec('for SERVICE in a b; do echo "$SERVICE"; done'),
        spec('echo "${IMAGE_NMAE:-none}"', env=ENV),
        spec('echo "${IMAGE_NMAE:?}"', env=ENV),
        spec('if [ -n "$IMAGE_NMAE" ]; then echo "$IMAGE_NMAE"; fi', env=ENV),
        spec(". ./env.sh", 'echo "$IMAGE_NMAE"', env=ENV),
        spec('eval "$(ssh-agent)"', 'echo "$IMAGE_NMAE"', env=ENV),
        spec('echo "$CODEBUILD_SRC_DIR_App $CODEBUILD_SRC_DIR $AWS_REGION $HOME $PATH $CODEBUILD_CONFIG_X"'),
        spec('echo "$SERVICE_A"', env="env:\n  variables:\n    SERVICE_B: x\n"),
        spec('echo "$IMAGE_NAME2"', env=ENV),
        spec('echo "$NAME"', env="env:\n  variables:\n    NAME_ID: x\n"),
        spec('echo "$ACCOUNT_ID"', env="env:\n  secrets-manager:\n    ACCOUNT_ID: a:b\n"),
        spec("echo '$IMAGE_NMAE'", env=ENV),
        spec("echo \\$IMAGE_NMAE", env=ENV),
        spec("f() { local NAME_X=1; echo $NAME_X; }; f"),
        spec('printf -v STAMP "%s" x', 'echo "$STAMP"', env="env:\n  shell: bash\n"),
        spec('while getopts a: OPTION; do echo "$OPTION"; done'),
        spec('echo "$1 $@ $? $$"'),
        "version: 0.2\nphases:\n  post_build: {commands: ['echo $VERSION']}\n  build: {commands: [VERSION=1]}\n",
        spec("Write-Host $env:IMAGE_NMAE", env=ENV),
    ],
)  # fmt: skip
def test_variables_that_are_set_or_may_be(text: str) -> None:
    assert told(text) == []


def test_other_unset_variables_are_advice() -> None:
    text = spec('docker push "$REGISTRY/app" "$AWS_ACCOUNT_ID"')
    assert told(text) == []
    assert told(text, "info") == [("CD356", "$REGISTRY"), ("CD356", "$AWS_ACCOUNT_ID")]


def test_a_variable_is_named_once() -> None:
    text = spec('echo "$REGISTRY"', 'echo "$REGISTRY"')
    assert [code for code, _ in told(text, "info")] == ["CD356"]


@pytest.mark.parametrize(
    ("item", "mended"),
    [
        ("VERSION = 1", "VERSION=1"),
        ("VERSION =1", "VERSION=1"),
        ("export VERSION = 1", "export VERSION=1"),
        ('|\n        VERSION = "$(cat v)"\n        make', '|\n        VERSION="$(cat v)"\n        make'),
    ],
)
def test_blanks_around_equals(item: str, mended: str) -> None:
    assert [one.code for one in findings(spec(item)) if one.severity == "error"] == ["CD357"]
    assert fix_text(spec(item)).text == spec(mended)


@pytest.mark.parametrize(
    "item",
    ["test a = b", "expr 1 = 1", "[ a = b ]", "make X = 1", "A=1 make", "echo x = 1", "git config x = 1"],
)
def test_an_equals_sign_that_belongs_there(item: str) -> None:
    assert told(spec(f"'{item}'")) == []


def test_dollar_in_an_assignment() -> None:
    text = spec("$VERSION=1", "${A}=2", 'echo "$X=1"', '"$CMD" a=1')
    assert told(text)[:2] == [("CD358", "$VERSION"), ("CD358", "${A}")]
    assert len([1 for code, _ in told(text) if code == "CD358"]) == 2


def test_exported_variables() -> None:
    env = "env:\n  exported-variables:\n    - TAG\n    - DIGEST\n    - LATER\n"
    text = spec("TAG=1", "export DIGEST=2", "(LATER=3)", env=env)
    assert told(text) == [("CD360", "LATER")]
    assert told(text, "info") == [("CD360", "LATER"), ("CD359", "TAG")]
    assert "export TAG=1" in fix_text(text, pedantic=True).text


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("rm -rf $OUT/*", True),
        ('rm -rf "${OUT}/"', True),
        ('rm -rf "${OUT:?}/"*', False),
        ("rm -rf $CODEBUILD_SRC_DIR/*", False),
        ("rm -rf $OUT/build", False),
        ("OUT=x; rm -rf $OUT/*", False),
    ],
)
def test_removal_of_nothing(item: str, found: bool) -> None:
    assert ("CD362" in [code for code, _ in told(spec(item))]) is found
