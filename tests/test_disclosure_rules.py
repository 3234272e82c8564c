"""CD410–CD417: secrets that are printed, traced, fetched into the log, written into artifacts or published."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

RULES = {f"CD{number}" for number in range(410, 420)}
STORES = (
    "env:\n  parameter-store:\n    STAGE: /app/stage\n    API_TOKEN: /app/token\n"
    "  secrets-manager:\n    DB_PASSWORD: prod/db:password\n    DB_HOST: prod/db:host\n    SETTINGS: prod/settings\n"
)


def found(text: str) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec")
    return [one for one in result.findings if one.code in RULES]


def told(text: str) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


def commands(*items: str, env: str = STORES, end: str = "") -> str:
    lines = "".join(f"      - {item}\n" for item in items)
    return f"version: 0.2\n{env}phases:\n  build:\n    commands:\n{lines}      - make\n{end}"


def block(*lines: str, env: str = STORES, end: str = "") -> str:
    return commands("|\n" + "".join(f"        {line}\n" for line in lines).rstrip("\n"), env=env, end=end)


# --- echo


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("echo $DB_PASSWORD", "$DB_PASSWORD"),
        ('echo "pw is ${DB_PASSWORD}"', "${DB_PASSWORD}"),
        ('printf "%s\\n" "$API_TOKEN"', "$API_TOKEN"),
        ("echo $SETTINGS | jq .", "$SETTINGS"),
        ("echo $DB_PASSWORD | base64", "$DB_PASSWORD"),
        ("echo $DB_PASSWORD | rev", "$DB_PASSWORD"),
        ("echo $DB_PASSWORD | sed 's/./& /g'", "$DB_PASSWORD"),
        ("echo $DB_PASSWORD >&2", "$DB_PASSWORD"),
        ("echo $DB_PASSWORD | tee pw.txt", "$DB_PASSWORD"),
        ("if true; then echo $DB_PASSWORD; fi", "$DB_PASSWORD"),
        ("true && echo $DB_PASSWORD || true", "$DB_PASSWORD"),
        ("echo $GITHUB_TOKEN", "$GITHUB_TOKEN"),
        ("echo ${NPM_TOKEN:-none}", "${NPM_TOKEN:-none}"),
        ("printenv DB_PASSWORD", "DB_PASSWORD"),
        ("echo $DB_PASSWORD > /dev/stderr", "$DB_PASSWORD"),
    ],
)
def test_secrets_in_the_log(line: str, place: str) -> None:
    assert told(block(line)) == [("CD410", "warning", place)]
    assert told(block("set -e", line, "make")) == [("CD410", "warning", place)]


def test_a_heredoc_is_printed_too() -> None:
    text = block("cat <<EOF", "password: $DB_PASSWORD", "EOF")
    assert told(text) == [("CD410", "warning", "$DB_PASSWORD")]
    assert told(block("cat <<'EOF'", "password: $DB_PASSWORD", "EOF")) == []
    assert told(block("cat > app.conf <<EOF", "password: $DB_PASSWORD", "EOF")) == []
    assert told(block("cat <<EOF | kubectl apply -f -", "password: $DB_PASSWORD", "EOF")) == []


@pytest.mark.parametrize(
    "line",
    [
        "echo $DB_PASSWORD | docker login -u app --password-stdin registry.example.net",
        "echo '$DB_PASSWORD'",
        'echo "\\$DB_PASSWORD"',
        "echo DB_PASSWORD",
        "echo ${#DB_PASSWORD}",
        "echo ${DB_PASSWORD:+set}",
        "echo ${DB_PASSWORD:0:4}",
        "echo $DB_PASSWORD > /dev/null",
        "echo $DB_PASSWORD > pw.txt",
        "echo $DB_PASSWORD | sha256sum",
        "echo $DB_PASSWORD | wc -c",
        "echo $DB_PASSWORD | cut -c1-4",
        "echo $DB_PASSWORD | grep -q .",
        "echo $DB_PASSWORD | base64 > pw.txt",
        "echo $DB_PASSWORD | base64 | docker secret create pw -",
        "echo $DB_PASSWORD | sed 's/./*/g'",
        "X=$(echo $DB_PASSWORD | base64)",
        "{ echo $DB_PASSWORD; } > pw.txt",
        "(echo a; echo $DB_PASSWORD) | ./configure",
        "echo $STAGE",
        'echo "Host $DB_HOST"',
        "echo $SECRET_NAME $TOKEN_URL $API_KEY_ID $DB_PASSWORD_ARN",
        "echo $TOKENS $NEXT_TOKEN",
        'if [ -z "$DB_PASSWORD" ]; then echo missing; fi',
        "./login --password $DB_PASSWORD",
        "printenv STAGE",
        "cat $API_TOKEN_FILE",
    ],
)
def test_what_does_not_print_a_secret(line: str) -> None:
    assert told(block(line)) == []


def test_another_form_is_named_as_such() -> None:
    (one,) = found(block("echo $DB_PASSWORD | base64"))
    assert "another form" in one.message
    (one,) = found(block("echo $GITHUB_TOKEN"))
    assert "By its name" in one.message


# --- set -x


@pytest.mark.parametrize(
    ("lines", "severity", "place"),
    [
        (("set -x", "./migrate.sh $DB_PASSWORD"), "warning", "-x"),
        (("set -ex", './migrate.sh "$API_TOKEN"'), "warning", "-ex"),
        (("set -euxo pipefail", './migrate.sh "$API_TOKEN"'), "warning", "-euxo"),
        (("set -o xtrace", "./migrate.sh $DB_PASSWORD"), "warning", "xtrace"),
        (("set -x", 'if [ -z "$DB_PASSWORD" ]; then exit 1; fi'), "warning", "-x"),
        (("set -x", "TOKEN=$(aws ssm get-parameter --name t)", "make"), "warning", "-x"),
        (("set -x", "./build.sh $STAGE"), "info", "-x"),
        (("set -x", "./build.sh", "set +x", "./migrate.sh $DB_PASSWORD"), "info", "-x"),
        (("set -x",), "warning", "-x"),
        (("bash -x ./migrate.sh",), "warning", "-x"),
        (("bash -ex ./migrate.sh",), "warning", "-ex"),
    ],
)
def test_tracing(lines: tuple[str, ...], severity: str, place: str) -> None:
    assert told(block(*lines)) == [("CD411", severity, place)]


@pytest.mark.parametrize(
    "lines",
    [
        ("set +x", "./migrate.sh $DB_PASSWORD"),
        ("set -e", "./migrate.sh $DB_PASSWORD"),
        ("set -o pipefail", "./migrate.sh $DB_PASSWORD"),
        ("set -- -x", "./migrate.sh $DB_PASSWORD"),
        ("bash ./migrate.sh -x $DB_PASSWORD",),
        ("bash -c 'exit 0' $DB_PASSWORD",),
        ("tar -x -f $DB_PASSWORD",),
    ],
)
def test_what_does_not_trace(lines: tuple[str, ...]) -> None:
    assert told(block(*lines)) == []


def test_tracing_without_secrets_is_advice() -> None:
    assert told(commands("set -x", env="")) == [("CD411", "info", "-x")]


# --- printenv


@pytest.mark.parametrize(
    "line", ["env", "printenv", "export -p", "declare -x", "set", "export", "env | sort", "env | cat"]
)
def test_the_whole_environment(line: str) -> None:
    place = line.partition(" |")[0]
    assert told(commands(line)) == [("CD412", "warning", place)]
    assert told(commands(line, env="")) == [("CD412", "info", place)]


@pytest.mark.parametrize(
    "line",
    [
        "env | grep CODEBUILD",
        "printenv CODEBUILD_BUILD_ID",
        "env A=1 make",
        "env -i make",
        "env > env.txt",
        "printenv | grep -v TOKEN",
        "X=$(env)",
        "export A=1",
        "set -e",
        "declare -A map",
        "env | wc -l",
        "printenv > /dev/null",
        "npm run env",
        "terraform env list",
    ],
)
def test_parts_of_the_environment_are_left_alone(line: str) -> None:
    assert told(commands(line, env="")) == []


def test_deleting_the_command_keeps_the_rest() -> None:
    text = commands("printenv # to see", "npm ci")
    (one,) = found(text)
    assert one.fix is not None and one.fix.safe
    assert apply_edits(text, one.fix.edits) == commands("npm ci")


def test_a_list_is_never_left_empty() -> None:
    only = "version: 0.2\nphases:\n  build:\n    commands:\n      - env\n      - printenv\n"
    assert [one.fix for one in found(only)] == [None, None]
    flow = "version: 0.2\nphases:\n  build:\n    commands: [printenv, make]\n"
    (one,) = found(flow)
    assert one.fix is not None
    assert apply_edits(flow, one.fix.edits) == "version: 0.2\nphases:\n  build:\n    commands: [make]\n"
    single = "version: 0.2\nphases:\n  build:\n    commands:\n      - printenv\n"
    assert [one.fix for one in found(single)] == [None]
    (one,) = found(block("printenv", "make"))
    assert one.fix is None


# --- files and fetches


@pytest.mark.parametrize(
    ("line", "severity", "place"),
    [
        ("cat ~/.aws/credentials", "warning", "~/.aws/credentials"),
        ("cat .env", "info", ".env"),
        ("cat app/.env.production", "info", "app/.env.production"),
        ("head -n 5 $HOME/.netrc", "warning", "$HOME/.netrc"),
        ("cat ~/.ssh/id_rsa", "warning", "~/.ssh/id_rsa"),
        ("cat ~/.docker/config.json", "warning", "~/.docker/config.json"),
    ],
)
def test_files_with_secrets(line: str, severity: str, place: str) -> None:
    assert told(commands(line, env="")) == [("CD413", severity, place)]


@pytest.mark.parametrize(
    "line",
    [
        "cat .env.example",
        "cat .env > other",
        "cat .env | grep -v SECRET > out",
        "cat ~/.aws/config",
        "cat config.json",
        "cat id_rsa.pub",
        "export $(cat .env | xargs)",
        "cat .environment",
        "test -s .env",
    ],
)
def test_other_files_are_left_alone(line: str) -> None:
    assert told(commands(line, env="")) == []


def test_env_file_beside_secrets_is_a_warning() -> None:
    assert told(commands("cat .env")) == [("CD413", "warning", ".env")]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("aws secretsmanager get-secret-value --secret-id prod/db", "secretsmanager get-secret-value"),
        (
            "aws secretsmanager get-secret-value --secret-id a --query SecretString",
            "secretsmanager get-secret-value",
        ),
        ("aws --region eu-west-1 sts assume-role --role-arn $R --role-session-name b", "sts assume-role"),
        ("aws ecr get-login-password", "ecr get-login-password"),
        ("aws ssm get-parameter --name /a --with-decryption", "ssm get-parameter"),
        ("aws secretsmanager get-secret-value --secret-id a | jq .", "secretsmanager get-secret-value"),
    ],
)
def test_fetched_into_the_log(line: str, place: str) -> None:
    assert told(commands(line, env="")) == [("CD415", "warning", place)]


@pytest.mark.parametrize(
    "line",
    [
        "X=$(aws secretsmanager get-secret-value --secret-id prod/db)",
        "aws secretsmanager get-secret-value --secret-id prod/db > secret.json",
        "aws secretsmanager get-secret-value --secret-id prod/db >/dev/null 2>&1",
        "aws ecr get-login-password | docker login --username AWS --password-stdin $REG",
        "aws ssm get-parameter --name /a/version --query Parameter.Value --output text",
        "aws secretsmanager get-secret-value --secret-id a --query VersionId --output text",
        "aws secretsmanager describe-secret --secret-id a",
        "aws secretsmanager get-random-password",
        "aws sts get-caller-identity",
        "aws secretsmanager get-secret-value --secret-id a --query SecretString | jq -r .x > x",
        "aws secretsmanager get-secret-value --secret-id a | ./load.sh",
        "vault login -method=aws",
    ],
)
def test_fetched_into_something(line: str) -> None:
    assert told(commands(line, env="")) == []


# --- artifacts


def artifacts(*entries: str, more: str = "") -> str:
    return "artifacts:\n  files:\n" + "".join(f"    - {entry}\n" for entry in entries) + more


def test_secrets_in_shipped_files() -> None:
    line = 'echo "DB_PASSWORD=$DB_PASSWORD" >> app.conf'
    assert told(commands(line, end=artifacts("app.conf"))) == [("CD414", "warning", "$DB_PASSWORD")]
    assert told(commands(line, end=artifacts("./app.conf"))) == [("CD414", "warning", "$DB_PASSWORD")]
    assert ("CD414", "info", "$DB_PASSWORD") in told(commands(line, end=artifacts("'**/*'")))
    based = artifacts("app.conf", more="  base-directory: dist\n")
    assert told(commands(line, end=based)) == []
    assert told(commands(line.replace("app.conf", "dist/app.conf"), end=based)) == [
        ("CD414", "warning", "$DB_PASSWORD")
    ]
    heredoc = block("cat > app.conf <<EOF", "password=$DB_PASSWORD", "EOF", end=artifacts("app.conf"))
    assert told(heredoc) == [("CD414", "warning", "$DB_PASSWORD")]


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ('echo "STAGE=$STAGE" >> app.conf', artifacts("app.conf")),
        ('echo "X=$DB_PASSWORD" >> other.conf', artifacts("app.conf")),
        ('echo "X=$DB_PASSWORD" >> ~/app.conf', artifacts("app.conf")),
        ('echo "X=$DB_PASSWORD" >> /tmp/app.conf', artifacts("app.conf")),
        ('echo "X=$DB_PASSWORD" >> "$F"', artifacts("app.conf")),
        ('echo "X=$DB_PASSWORD" >> app.conf', ""),
        ('echo "X=$DB_PASSWORD" >> app.conf', artifacts("dist/**/*")),
        ("echo 'X=$DB_PASSWORD' >> app.conf", artifacts("app.conf")),
    ],
)
def test_other_files_may_hold_them(line: str, end: str) -> None:
    assert told(commands(line, end=end)) == []


@pytest.mark.parametrize(
    "entry",
    [".env", "app/.env", ".git/**/*", "'**/.git/**'", "id_rsa", ".aws/credentials", "keys/deploy.pem"],
)
def test_private_files_in_artifacts(entry: str) -> None:
    assert told(commands("npm ci", end=artifacts("app.js", entry))) == [("CD417", "warning", entry)]


@pytest.mark.parametrize(
    "entry",
    [
        ".env.example",
        ".gitignore",
        ".github/**/*",
        ".ebextensions/**/*",
        "rds-combined-ca-bundle.pem",
        "certs/ca.pem",
        "public.pem",
        "id_rsa.pub",
        "dist/**/*",
        ".awsconfig",
        "environment.env.js",
    ],
)
def test_other_entries_are_left_alone(entry: str) -> None:
    assert told(commands("npm ci", end=artifacts("app.js", entry))) == []


def test_the_whole_source_is_advice() -> None:
    assert told(commands("npm ci", end=artifacts("'**/*'"))) == [("CD417", "info", "'**/*'")]
    assert told(commands("npm ci", end=artifacts("'**/*'", more="  base-directory: dist\n"))) == []
    assert told(commands("npm ci", end=artifacts("'**/*'", more="  exclude-paths:\n    - .git/**/*\n"))) == []
    made = commands("cp .env.production .env", end=artifacts("app.js", ".env"))
    assert told(made) == [("CD417", "info", ".env")]


# --- ACL


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("aws s3 sync dist s3://site --acl public-read", "--acl public-read"),
        ("aws s3 cp a.html s3://site/ --acl=public-read", "--acl=public-read"),
        ("aws s3api put-object --bucket b --key k --acl public-read-write", "--acl public-read-write"),
        ('aws s3 sync dist s3://site --acl "public-read" --delete', '--acl "public-read"'),
    ],
)
def test_public_acl(line: str, place: str) -> None:
    assert told(commands(f"'{line}'", env="")) == [("CD416", "warning", place)]


@pytest.mark.parametrize(
    "line",
    [
        "aws s3 sync dist s3://site --acl private",
        "aws s3 sync dist s3://site --acl bucket-owner-full-control",
        "aws s3 sync dist s3://site --acl $ACL",
        "aws s3 sync dist s3://public-read",
        "aws rds describe --acl public-read",
        "aws s3 sync dist s3://site --acl public-read # a public site",
    ],
)
def test_other_acls_are_left_alone(line: str) -> None:
    assert told(commands(line, env="")) == []


def test_leaving_the_acl_out() -> None:
    text = commands("aws s3 sync dist s3://site --acl public-read --delete", env="")
    (one,) = found(text)
    assert one.fix is not None and not one.fix.safe
    assert apply_edits(text, one.fix.edits) == commands("aws s3 sync dist s3://site --delete", env="")
