"""CD365, CD366, CD369, CD370: logging in to registries."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

RULES = {"CD365", "CD366", "CD369", "CD370"}
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
OTHER = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
PASSWORD = "aws ecr get-login-password --region eu-west-1"
PIPED = "docker login --username AWS --password-stdin"
LOGIN = f"{PASSWORD} | {PIPED} {ECR}"
SHORT = f"{PASSWORD} | docker login -u AWS --password-stdin {ECR}"


def spec(*items: str, head: str = "") -> str:
    lines = "".join(f"      - |\n        {item}\n" for item in items)
    return f"version: 0.2\n{head}phases:\n  build:\n    commands:\n{lines}"


def found(text: str, image: str | None = None, *, pedantic: bool = False) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec", image=image, pedantic=pedantic)
    return [one for one in result.findings if one.code in RULES]


def told(*items: str, image: str | None = None, pedantic: bool = False) -> list[tuple[str, str, str]]:
    text = spec(*items)
    return [
        (one.code, one.severity, text[one.span.start : one.span.end])
        for one in found(text, image, pedantic=pedantic)
    ]


def fixed(text: str, code: str, *, safe: bool) -> str:
    """The text with a rule's fix made; "" if there is none."""
    for one in found(text, pedantic=True):
        if one.code == code and one.fix is not None:
            assert one.fix.safe is safe
            return apply_edits(text, one.fix.edits)
    return ""


# --- aws ecr get-login


@pytest.mark.parametrize(
    "command",
    [
        "$(aws ecr get-login --no-include-email)",
        "$(aws ecr get-login --no-include-email --region eu-west-1)",
        "$(aws --region eu-west-1 ecr get-login)",
        "`aws ecr get-login --no-include-email`",
        "eval $(aws ecr get-login --no-include-email)",
        'eval "$(aws ecr get-login --no-include-email)"',
        "aws ecr get-login --no-include-email | sh",
        "LOGIN=$(aws ecr get-login --no-include-email)",
        "sudo $(aws ecr get-login --no-include-email)",
        "aws ecr get-login > login.sh",
    ],
)
def test_get_login(command: str) -> None:
    """What runs the output is shown whole; otherwise it is the subcommand."""
    run = command.startswith(("$", "`", "eval"))
    assert told(command) == [("CD365", "error", command if run else "get-login")]


@pytest.mark.parametrize(
    ("image", "severity"),
    [
        ("aws/codebuild/standard:7.0", "error"),
        ("aws/codebuild/amazonlinux-x86_64-standard:5.0", "error"),
        ("aws/codebuild/amazonlinux-x86_64-standard:4.0", "warning"),
        ("aws/codebuild/amazonlinux-aarch64-standard:2.0", "warning"),
        ("me/image:1", "warning"),
    ],
)
def test_get_login_by_image(image: str, severity: str) -> None:
    command = "$(aws ecr get-login --no-include-email)"
    assert told(command, image=image) == [("CD365", severity, command)]


@pytest.mark.parametrize(
    ("commands", "severity"),
    [
        (["pip install awscli==1.18.0", "$(aws ecr get-login)"], "warning"),
        (["$(aws ecr get-login) || true"], "warning"),
        (["if aws --version | grep -q aws-cli/1; then $(aws ecr get-login); else ./login.sh; fi"], ""),
        (["echo use aws ecr get-login"], ""),
        (["# $(aws ecr get-login)"], ""),
        (["aws ecr get-authorization-token"], ""),
        (["aws s3 cp get-login s3://b/"], ""),
        ([LOGIN], ""),
    ],
)
def test_get_login_that_is_less_grave(commands: list[str], severity: str) -> None:
    assert [one[1] for one in told(*commands) if one[0] == "CD365"] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("commands", "after"),
    [
        (["$(aws ecr get-login --region eu-west-1)", f"docker push {ECR}/app:1"], LOGIN),
        (
            ["`aws ecr get-login`", "docker push $ID.dkr.ecr.$AWS_REGION.amazonaws.com/app:1"],
            "--region ${AWS_REGION} | " + PIPED + " ${ID}.dkr.ecr.${AWS_REGION}.amazonaws.com",
        ),
        (
            ["eval $(aws ecr get-login)", "docker push $REPO_URI:$TAG"],
            f'aws ecr get-login-password --region $AWS_DEFAULT_REGION | {PIPED} "${{REPO_URI%%/*}}"',
        ),
        (
            [f"R={ECR}", "$(aws ecr get-login)", "docker build -t $R/app:1 ."],
            LOGIN,
        ),
        (
            ["$(aws ecr get-login --registry-ids 444455556666 --region eu-west-1)", "docker push $REPO:1"],
            LOGIN.replace("111122223333", "444455556666"),
        ),
        (["aws ecr get-login | bash", f"docker push {ECR}/app:1"], LOGIN),
        (["$(aws ecr get-login)"], ""),
        (["$(aws ecr get-login)", "docker push app:1"], ""),
        (["$(aws ecr get-login)", f"docker push {ECR}/app:1", f"docker push {OTHER}/app:1"], ""),
        (
            ["$(aws ecr get-login)", "ID=1", "docker push $ID.dkr.ecr.$AWS_REGION.amazonaws.com/a:1"],
            LOGIN and "1.dkr",
        ),
        (["$(aws ecr get-login)", "U=$(cat uri)", "docker push $U:1"], ""),
        (["X=$(aws ecr get-login)", f"docker push {ECR}/app:1"], ""),
    ],
)
def test_get_login_is_mended(commands: list[str], after: str) -> None:
    text = fixed(spec(*commands), "CD365", safe=False)
    assert after in text
    assert bool(after) is bool(text)


def test_get_login_of_the_article() -> None:
    text = (
        "version: 0.2\nenv:\n  variables:\n    ECR_REPOSITORY_URI: my_ecr_repository\nphases:\n  build:\n"
        "    commands:\n      - $(aws ecr get-login --no-include-email)\n"
        "      - docker push $ECR_REPOSITORY_URI:$VERSION\n"
    )
    (one,) = [one for one in found(text) if one.code == "CD365"]
    assert text[: one.span.start].count("\n") == 7
    assert text[one.span.start : one.span.end] == "$(aws ecr get-login --no-include-email)"
    assert '--password-stdin "${ECR_REPOSITORY_URI%%/*}"\n' in fixed(text, "CD365", safe=False)


# --- aws ecr get-login-password


@pytest.mark.parametrize(
    ("command", "severity", "place", "after"),
    [
        (LOGIN.replace(" |", " --no-include-email |"), "error", "--no-include-email", LOGIN),
        (LOGIN.replace(" --region", " --no-include-email --region"), "error", "--no-include-email", LOGIN),
        (LOGIN.replace(" |", " --registry-ids 444455556666 |"), "error", "--registry-ids", LOGIN),
        (f"$({LOGIN})", "error", f"$({LOGIN})", LOGIN),
        (f"$({LOGIN}) && echo done", "error", f"$({LOGIN})", LOGIN + " && echo done"),
        (f"cd app && $({LOGIN})", "error", f"$({LOGIN})", f"cd app && {LOGIN}"),
        (f"`{LOGIN}`", "error", f"`{LOGIN}`", LOGIN),
    ],
)
def test_password(command: str, severity: str, place: str, after: str) -> None:
    assert told(command) == [("CD366", severity, place)]
    assert fixed(spec(command), "CD366", safe=True) == spec(after)


def test_password_run_as_a_command() -> None:
    commands = [f"$({PASSWORD})", f"docker push {ECR}/app:1"]
    assert told(*commands)[0] == ("CD366", "error", f"$({PASSWORD})")
    assert LOGIN in fixed(spec(*commands), "CD366", safe=False)
    block = f"$({LOGIN})\n        docker push {ECR}/app:1"
    assert told(block) == [("CD366", "warning", f"$({LOGIN})")]


@pytest.mark.parametrize(
    "command",
    [
        LOGIN,
        f"PASSWORD=$({PASSWORD})",
        f"docker login -u AWS --password-stdin {ECR} <<< $({PASSWORD})",
        f"echo $({PASSWORD}) | docker login -u AWS --password-stdin {ECR}",
        f"$({LOGIN} > /dev/null)",
        f"crane auth login {ECR} -u AWS -p $({PASSWORD})",
        "aws ecr get-login-password --profile build --region eu-west-1 > password",
        f"({LOGIN})",
        f"if ! {LOGIN}; then exit 1; fi",
    ],
)
def test_password_used_well(command: str) -> None:
    assert told(command) == []


# --- passwords as arguments


@pytest.mark.parametrize(
    ("command", "place", "after", "safe"),
    [
        (f"docker login -u AWS -p $({PASSWORD}) {ECR}", "-p", SHORT, True),
        (f'docker login -u AWS -p "$({PASSWORD})" {ECR}', "-p", SHORT, True),
        (
            f"docker login --username AWS --password=$({PASSWORD}) {ECR}",
            "--password",
            f"{PASSWORD} | docker login --username AWS --password-stdin {ECR}",
            True,
        ),
        (
            "docker login -u me -p $PASS",
            "-p",
            "printf '%s' \"${PASS}\" | docker login -u me --password-stdin",
            False,
        ),
        ("docker login -u me -p secret-word", "-p", "", False),
        (f"sleep 1; docker login -u AWS -p $({PASSWORD}) {ECR}", "-p", f"sleep 1; {PASSWORD} | docker login", True),
        ("docker login -u me -p$PASS", "-p", "--password-stdin", False),
    ],
)  # fmt: skip
def test_password_argument(command: str, place: str, after: str, safe: bool) -> None:
    assert told(command) == [("CD369", "warning", place)]
    assert after in fixed(spec(command), "CD369", safe=safe)


@pytest.mark.parametrize(
    "command",
    [
        "echo $PASS | docker login -u me --password-stdin",
        "docker run -p 80:80 r.io/app:1",
        "docker login r.io",
        "docker --config /tmp/d login -u me --password-stdin < pass",
        "echo docker login -u me -p pass",
        "npm login -p pass",
    ],
)
def test_no_password_argument(command: str) -> None:
    assert told(command) == []


# --- logins and pushes


@pytest.mark.parametrize(
    ("commands", "severity"),
    [
        ([LOGIN, f"docker push {OTHER}/app:1"], "error"),
        ([f"R={OTHER}", LOGIN, "docker push $R/app:1"], "error"),
        ([LOGIN.replace("1111", "4444"), f"docker push {ECR}/app:1"], "error"),
        ([LOGIN, "./other.sh", f"docker push {OTHER}/app:1"], "warning"),
        (["echo $P | docker login -u me --password-stdin", f"docker push {ECR}/app:1"], "error"),
        (
            [
                "aws ecr-public get-login-password | docker login -u AWS --password-stdin public.ecr.aws",
                "docker push $ID.dkr.ecr.eu-west-1.amazonaws.com/app:1",
            ],
            "error",
        ),
        ([f"docker build -t {ECR}/app:1 .", f"docker push {ECR}/app:1"], "warning"),
        (
            [
                "docker build -t $ID.dkr.ecr.$R.amazonaws.com/a .",
                "docker push $ID.dkr.ecr.$R.amazonaws.com/a",
            ],
            "warning",
        ),
        ([f"docker build -t {ECR}/app:1 .", "make prepare", f"docker push {ECR}/app:1"], "info"),
        ([f"docker build -t {ECR}/app:1 .", "npm ci", f"docker push {ECR}/app:1"], "info"),
    ],
)
def test_push_without_login(commands: list[str], severity: str) -> None:
    assert [one[:2] for one in told(*commands, pedantic=True) if one[0] == "CD370"] == [("CD370", severity)]


@pytest.mark.parametrize(
    "commands",
    [
        [LOGIN, f"docker push {ECR}/app:1"],
        [LOGIN + "/app", f"docker push {ECR}/app:1"],
        [LOGIN, LOGIN.replace("eu-west-1", "us-east-1"), f"docker push {OTHER}/app:1"],
        [f"echo $P | docker login -u AWS --password-stdin https://{ECR}", f"docker push {ECR}/app:1"],
        ["echo $P | docker login -u AWS --password-stdin $REGISTRY", f"docker push {ECR}/app:1"],
        [
            "echo $P | docker login -u AWS --password-stdin $ID.dkr.ecr.$R.amazonaws.com",
            f"docker push {ECR}/app:1",
        ],
        ["docker push $REPO:1"],
        ["docker push me/app:1"],
        [f"docker push {ECR}/app:1 || true"],
        [f"docker pull {ECR}/app:1"],
        ['echo \'{"credsStore":"ecr-login"}\' > ~/.docker/config.json', f"docker push {ECR}/app:1"],
        ["podman login r.io", f"docker push {ECR}/app:1"],
    ],
)
def test_push_with_login(commands: list[str]) -> None:
    assert [one for one in told(*commands, pedantic=True) if one[0] == "CD370"] == []


def test_password_of_another_region() -> None:
    bad = LOGIN.replace("--region eu-west-1", "--region us-east-1")
    assert told(bad) == [("CD370", "warning", "us-east-1")]
    for good in (
        LOGIN,
        LOGIN.replace("--region eu-west-1", "--region $AWS_REGION"),
        LOGIN.replace(" --region eu-west-1", ""),
        "aws ecr-public get-login-password --region us-east-1 | docker login -u AWS --password-stdin public.ecr.aws",
    ):
        assert told(good) == []
