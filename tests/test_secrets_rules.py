"""CD401–CD406: tokens, keys and passwords in the file. All of them are made up, and put together here."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding

RULES = {f"CD{number}" for number in range(401, 410)}
BODY = "Tz4mQ8vKc1WbX7nRp2LdY6sHf9JgUa3EoMiN"
GITHUB = "ghp_" + BODY
AWS = "AKIA" + "Q3EGRLT5WNB7ZKXM"
AWS_SECRET = "hG4rt9wQzX" + "kV7mq20zeR/" + "bN8pLs3TdY+" + "cF6uJi1a"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoiZGVwbG95ZXIifQ." + BODY
KEY = "MIIEpAIBAAKCAQEA7v9QzK1r8m3Xw5T2bYc6dLf0"


def found(text: str) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec")
    return [one for one in result.findings if one.code in RULES]


def told(text: str) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


def variables(*entries: str) -> str:
    lines = "".join(f"    {entry}\n" for entry in entries)
    return (
        f"version: 0.2\nenv:\n  variables:\n    A: b\n{lines}phases:\n  build:\n    commands:\n      - make\n"
    )


def commands(*items: str) -> str:
    lines = "".join(f"      - {item}\n" for item in items)
    return f"version: 0.2\nphases:\n  build:\n    commands:\n{lines}      - make\n"


# --- tokens


@pytest.mark.parametrize(
    ("token", "severity"),
    [
        (AWS, "error"),
        ("ASIA" + AWS[4:], "error"),
        (GITHUB, "error"),
        ("gho_" + BODY, "error"),
        ("ghs_" + BODY, "error"),
        ("github_pat_" + "11ABCDEFG0" + BODY + "_" + BODY, "error"),
        ("ghp_" + BODY[:20], "warning"),
        ("glpat-" + BODY[:20], "error"),
        ("xoxb-" + "123456789012-" + BODY, "error"),
        ("sk_" + "live_" + BODY[:24], "error"),
        ("npm_" + BODY, "error"),
        ("pypi-" + "AgEIcHlwaS5vcmc" + BODY + BODY, "error"),
        ("dckr_" + "pat_" + BODY[:27], "error"),
        ("AIza" + BODY[:35], "warning"),
        ("SG." + BODY[:22] + "." + BODY + BODY[:7], "error"),
        ("SK" + "0123456789abcdef" * 2, "warning"),
        ("sk-" + "ant-api03-" + BODY, "error"),
        ("sk-" + "proj-" + BODY, "error"),
        ("sk-" + BODY + BODY[:12], "error"),
        (JWT, "warning"),
        ("https://hooks." + "slack.com/services/" + "T0123ABCD/B0123ABCD/" + BODY[:24], "warning"),
    ],
)
def test_tokens_are_known_by_their_shape(token: str, severity: str) -> None:
    for text in (
        variables(f"SETTING: {token}"),
        variables(f'SETTING: "{token}"'),
        commands(f"./deploy.sh {token} now"),
        commands(f'"./deploy.sh \\"{token}\\""'),
        commands(f"|\n        cat > f <<'EOF'\n        key={token}\n        EOF"),
        variables("B: c") + f"# formerly {token}\n",
    ):
        (finding,) = found(text)
        assert (finding.code, finding.severity) == ("CD401", severity)
        assert text[finding.span.start : finding.span.end] in token
        assert finding.span.end == text.index(token) + len(token)


@pytest.mark.parametrize(
    "value",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AKIAXXXXXXXXXXXXXXXX",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_your_token_here",
        "ghp_YourTokenHereYourTokenHereYourToken1",
        "ghp_...",
        "<ghp_token>",
        "sk-definition-of-the-task-in-the-cluster-of-x",
        "sk_" + "test_" + BODY,
        "task-" + BODY,
        "npm_config_registry",
        "npm_package_version_of_the_application_1",
        "AKIA",
        "MAKIA" + AWS[4:],
        AWS + "A",
        "SKIPPED0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + BODY,
        "eyJhbGciOiJIUzI1NiJ9",
        "sha512-" + BODY + "AKIA" + "Q3EGRLT5WNB7ZKXM" + BODY + "==",
        "xoxb-token",
        "https://hooks.slack.com/services/T00/B00/XXXX",
        "glpat-xxxxxxxxxxxxxxxxxxxx",
    ],
)
def test_what_only_resembles_a_token_is_left_alone(value: str) -> None:
    assert told(variables(f"SETTING: {value}")) == []
    assert told(commands(f"./deploy.sh {value}")) == []


def test_private_keys_need_a_body() -> None:
    head = "-----BEGIN " + "RSA PRIVATE KEY-----"
    text = commands(f"|\n        cat > key <<'EOF'\n        {head}\n        {KEY}\n        EOF")
    assert told(text) == [("CD401", "error", head)]
    assert told(variables(f'KEY: "{head}\\n{KEY}\\n"')) == [("CD401", "error", head)]
    for line in (
        f"echo '{head}' > key",
        f"grep -q '{head}' key.pem",
        f"printf '{head}\\n%s\\n' \"$KEY\" > key",
        f"echo '{head} MII...' > key",
        f"echo '-----BEGIN CERTIFICATE----- {KEY}' > cert",
        f"echo '-----BEGIN PUBLIC KEY----- {KEY}' > key.pub",
    ):
        assert told(commands(f"|\n        {line}")) == []


def test_secret_keys_of_aws_are_known_by_the_name_before_them() -> None:
    for text in (
        variables(f"AWS_SECRET_ACCESS_KEY: {AWS_SECRET}"),
        commands(f"export AWS_SECRET_ACCESS_KEY='{AWS_SECRET}'"),
        commands(f"aws configure set aws_secret_access_key {AWS_SECRET}"),
    ):
        assert told(text) == [("CD401", "error", AWS_SECRET)]
    sha = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
    assert told(commands(f"./deploy --aws_secret_access_key_of {sha}")) == []


def test_nothing_that_is_printed_holds_a_secret() -> None:
    texts = [
        variables(f"A_TOKEN: {GITHUB}", f"AWS_ACCESS_KEY_ID: {AWS}", f"AWS_SECRET_ACCESS_KEY: {AWS_SECRET}"),
        variables("DB_PASSWORD: kV7!mq20zeR"),
        commands("git clone https://ci:kV7!mq20zeR@git.example.net/a.git"),
        commands("curl -u 'ci:kV7!mq20zeR' https://git.example.net/a"),
        commands("docker build --build-arg DB_PASSWORD=kV7!mq20zeR ."),
        commands("export DB_PASSWORD='kV7!mq20zeR'"),
    ]
    for text in texts:
        findings = found(text)
        assert findings
        for one in findings:
            said = f"{one.message} {one.help} {one.fix!r}"
            for secret in (BODY, AWS[4:], AWS_SECRET, "kV7!mq20zeR"):
                assert secret[:6] not in said


# --- names


@pytest.mark.parametrize(
    "entry",
    [
        "DB_PASSWORD: kV7!mq20zeR",
        'DB_PASSWORD: "SuperSecret123!"',
        "ADMIN_PASS: hunter2",
        "dbPassword: P@ssw0rd",
        "PGPASSWORD: a8f5f167",
        "API_KEY: 9f86d081884c7d659a2feaa0c55ad015",
        "SONAR_TOKEN: squ_3f9a0c77b1d2",
        "JWT_SECRET: 550e8400-e29b-41d4-a716-446655440000",
        "DJANGO_SECRET_KEY: x7&k2pq9-zz1",
        "PIN_PASSWORD: '48213977'",
        "SIGNING_KEY: Zm9vYmFyYmF6cXV4MTIz",
    ],
)
def test_plain_secrets(entry: str) -> None:
    ((code, severity, place),) = told(variables(entry))
    assert (code, severity) == ("CD402", "warning")
    assert place.strip("\"'") == entry.partition(": ")[2].strip("\"'")


@pytest.mark.parametrize(
    "entry",
    [
        "DB_PASSWORD: ''",
        "USE_TOKEN: 'true'",
        "TOKEN_ENABLED: yes",
        "DB_PASSWORD_ARN: arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-a1b2c3",
        "DB_PASSWORD: arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-a1b2c3",
        "DB_PASSWORD: /app/prod1x2y/password",
        "DB_PASSWORD: prod/db:password",
        "GITHUB_TOKEN: GITHUB_TOKEN",
        "SONAR_TOKEN: SonarQubeToken",
        "DB_SECRET: my-app-db-secret-v2",
        "DB_SECRET: eu1-db-secret-2024",
        "SECRET_NAME: kV7!mq20zeR",
        "AUTH_TOKEN_URL: https://auth.example.net/oauth2/token",
        "AUTH_TOKEN: https://auth.example.net/oauth2/t0k3n1",
        "TOKEN_EXPIRY: '86400000'",
        "PASSWORD_LENGTH: '12345678'",
        "MAX_TOKENS: '40961234'",
        "NEXT_TOKEN: a1b2c3d4e5",
        "SECRET_PATH: a1b2c3d4e5",
        "KEY_NAME: a1b2c3d4e5",
        "PRIVATE_KEY_FILE: id_rsa_9x8y7z6w",
        "PUBLIC_KEY: a1b2c3d4e5",
        "DB_PASSWORD: ${DB_PASSWORD_9x}",
        "DB_PASSWORD: '{{resolve:ssm:/a1b2}}'",
        "DB_PASSWORD: <password1x>",
        "DB_PASSWORD: changeme123",
        "DB_PASSWORD: your-p4ssword-99",
        "DB_PASSWORD: example1234",
        "POSTGRES_PASSWORD: postgres",
        "POSTGRES_PASSWORD: test1234",
        "MYSQL_ROOT_PASSWORD: root",
        "SECRET_KEY: nosecret",
        "SECRET_KEY_BASE: dummy-9x8y7z",
        "TOKEN_CREDENTIALS_FILE: a1b2c3d4",
        "KEYCLOAK: a1b2c3d4e5",
        "PASSENGER: a1b2c3d4e5",
        "TOKENIZER: a1b2c3d4e5",
        "AWS_ACCESS_KEY_ID: test",
        "COMPASS: 1a2b3c4d",
    ],
)
def test_names_paths_and_place_holders_are_left_alone(entry: str) -> None:
    assert told(variables(entry)) == []


def test_variables_of_pages_are_advice() -> None:
    assert told(variables("REACT_APP_MAPS_API_KEY: pk9x8y7z6w5")) == [("CD402", "info", "pk9x8y7z6w5")]


def test_batch_builds_and_commands() -> None:
    text = (
        "version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n      env:\n        variables:\n"
        "          DB_PASSWORD: kV7!mq20zeR\nphases:\n  build:\n    commands:\n      - make\n"
    )
    assert told(text) == [("CD402", "warning", "kV7!mq20zeR")]
    assert told(commands("export DB_PASSWORD='kV7!mq20zeR'")) == [("CD402", "warning", "'kV7!mq20zeR'")]
    assert told(commands("PGPASSWORD=kV7mq20zeR psql -h db")) == [("CD402", "warning", "kV7mq20zeR")]
    for line in (
        "export DB_PASSWORD=$(aws ssm get-parameter --name a1b2c3)",
        'export DB_PASSWORD="$OTHER_9x8y"',
        "export DB_PASSWORD_PARAMETER=a1b2c3d4",
        "POSTGRES_PASSWORD=postgres docker compose up -d",
        "docker run -e POSTGRES_PASSWORD=a1b2c3d4 postgres:16",
    ):
        assert told(commands(line)) == []


# --- keys of AWS


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (
            ("aws configure set aws_access_key_id $KEY", "aws configure set aws_secret_access_key $S"),
            "aws_access_key_id",
        ),
        (("aws configure set aws_secret_access_key $S",), "aws_secret_access_key"),
    ],
)
def test_keys_in_the_place_of_the_role(lines: tuple[str, ...], place: str) -> None:
    assert told(commands(*lines)) == [("CD403", "warning", place)]


@pytest.mark.parametrize(
    "lines",
    [
        ("aws configure set aws_access_key_id $KEY --profile other",),
        ("aws configure set aws_access_key_id $KEY", "aws configure set aws_session_token $T"),
        ("aws configure set aws_access_key_id `jq -r .AccessKeyId creds.json`",),
        ("aws configure set region eu-west-1",),
        ("aws configure set default.s3.max_concurrent_requests 20",),
        ('export AWS_ACCESS_KEY_ID="$(echo "$C" | jq -r .AccessKeyId)"',),
        ("aws configure list",),
    ],
)
def test_temporary_keys_and_profiles_are_left_alone(lines: tuple[str, ...]) -> None:
    assert told(commands(*lines)) == []


def test_example_keys_in_variables_replace_the_role_too() -> None:
    assert told(variables("AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE")) == [
        ("CD403", "warning", "AKIAIOSFODNN7EXAMPLE")
    ]


# --- URLs and options


@pytest.mark.parametrize(
    ("url", "severity", "place"),
    [
        ("https://ci:hG4rt9wQz@git.example.net/a.git", "error", "hG4rt9wQz"),
        ("https://$USER:hG4rt9wQz@git.example.net/a.git", "error", "hG4rt9wQz"),
        ("postgres://app:hG4rt9wQz@$DB_HOST:5432/app", "error", "hG4rt9wQz"),
        ("https://ci:$TOKEN@git.example.net/a.git", "info", "$TOKEN"),
        ("https://x-access-token:${TOKEN}@github.com/o/r", "info", "${TOKEN}"),
        ("https://${TOKEN}:x-oauth-basic@github.com/o/r", "info", "${TOKEN}"),
    ],
)
def test_passwords_in_urls(url: str, severity: str, place: str) -> None:
    assert told(commands(f"git clone {url}")) == [("CD404", severity, place)]
    assert told(commands(f"git clone '{url}'")) == [("CD404", severity, place)]


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/o/r.git",
        "https://host.example.net:8443/a@b",
        "https://host.example.net:8443/a:b@c",
        "https://user@git.example.net/a.git",
        "postgres://postgres:testpass@postgres:5432/testdb",
        "postgres://app:hG4rt9wQz@localhost/app",
        "mysql://root:hG4rt9wQz@127.0.0.1:3306/app",
        "amqp://guest:guest@mq.example.net",
        "https://user:password@git.example.net/a.git",
        "https://user:<password>@git.example.net/a.git",
        "https://USERNAME:xxxxx@git.example.net/a.git",
        "s3://bucket/a:b@c",
        "git+ssh://git@github.com:o/r.git",
        "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "https://$HOST:$PORT/",
        "npm://@scope:a@b",
    ],
)
def test_other_urls_are_left_alone(url: str) -> None:
    assert told(commands(f"fetch '{url}'")) == []


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("curl -u deploy:hG4rt9wQz https://repo.example.net/a", "hG4rt9wQz"),
        ("curl --user 'deploy:hG4rt9wQz' https://repo.example.net/a", "hG4rt9wQz"),
        ("sshpass -p hG4rt9wQz ssh host", "hG4rt9wQz"),
        ("mysql -h db.example.net -phG4rt9wQz app", "hG4rt9wQz"),
        ("mysql --password=hG4rt9wQz app", "hG4rt9wQz"),
        ("twine upload -u ci -p hG4rt9wQz dist/*", "hG4rt9wQz"),
    ],
)
def test_passwords_as_arguments(line: str, place: str) -> None:
    assert told(commands(line)) == [("CD405", "warning", place)]


@pytest.mark.parametrize(
    "line",
    [
        'curl -u "deploy:$PASSWORD" https://repo.example.net/a',
        "curl -u deploy: https://repo.example.net/a",
        "curl -u admin:adm1n99 http://localhost:9000/api",
        "curl -U chrome https://repo.example.net/a1b2c3d4",
        "mysql -h 127.0.0.1 -phG4rt9wQz app",
        "mysql -u root -p app1b2c3",
        "mysql -uroot -proot app",
        "keytool -import -storepass changeit -file a1b2c3d4.cer",
        "sshpass -e ssh host",
        "gpg --passphrase-fd 0 --decrypt a1b2c3d4.gpg",
        "mkdir -p build1x2y3z",
    ],
)
def test_other_arguments_are_left_alone(line: str) -> None:
    assert told(commands(line)) == []


@pytest.mark.parametrize(
    ("argument", "place", "severity"),
    [
        ("--build-arg NPM_TOKEN=$NPM_TOKEN", "NPM_TOKEN", "warning"),
        ("--build-arg NPM_TOKEN", "NPM_TOKEN", "warning"),
        ("--build-arg=NPM_TOKEN=${NPM_TOKEN}", "NPM_TOKEN", "warning"),
        ('--build-arg "DB_PASSWORD=$DB_PASSWORD"', "DB_PASSWORD", "warning"),
        ("--build-arg GITHUB_SECRET=$S", "GITHUB_SECRET", "warning"),
        ("--build-arg CODEARTIFACT_AUTH_TOKEN=$T", "CODEARTIFACT_AUTH_TOKEN", "info"),
        ("--build-arg AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN", "info"),
    ],
)
def test_build_arguments(argument: str, place: str, severity: str) -> None:
    assert told(commands(f"docker build {argument} -t app .")) == [("CD406", severity, place)]


@pytest.mark.parametrize(
    "argument",
    [
        "--build-arg VERSION=$VERSION",
        "--build-arg SECRET_NAME=prod/db",
        "--build-arg TOKEN_URL=$URL",
        "--build-arg NO_TOKEN=1",
        "--build-arg USE_SECRETS=true",
        "--build-arg AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "--secret id=npm,env=NPM_TOKEN",
        "--build-arg PUBLIC_KEY=$K",
        "--build-arg SECRET_KEY_BASE=dummy",
        "--build-arg REQUIRE_TOKEN=true",
    ],
)
def test_other_build_arguments_are_left_alone(argument: str) -> None:
    assert told(commands(f"docker build {argument} -t app .")) == []
