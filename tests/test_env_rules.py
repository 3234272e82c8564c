"""CD201–CD212: variables, exported variables, secrets, the shell and what a failure does."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

RULES = {f"CD{number}" for number in range(201, 213)}
END = "phases:\n  build:\n    commands:\n      - make\n"


def env(body: str, end: str = END) -> str:
    lines = "".join(f"  {line}\n" if line else "\n" for line in body.split("\n"))
    return f"version: 0.2\nenv:\n{lines}{end}"


def variables(*entries: str, end: str = END) -> str:
    return env("variables:\n" + "\n".join(f"  {entry}" for entry in entries), end)


def found(text: str, path: str = "buildspec.yml") -> list[Finding]:
    result = check_text(text, path, kind="buildspec")
    return [one for one in result.findings if one.code in RULES]


def told(text: str) -> list[tuple[str, str, str]]:
    """Code, severity and place (as text) of every finding of these rules."""
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


def fixed(text: str, code: str, *, safe: bool = True) -> str:
    (finding,) = [one for one in found(text) if one.code == code]
    assert finding.fix is not None and finding.fix.safe is safe
    return apply_edits(text, finding.fix.edits)


# --- values


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("URI: 1.dkr.ecr.eu-west-1.amazonaws.com/$REPO", "$REPO"),
        ("URI: 1.dkr.ecr.eu-west-1.amazonaws.com/${REPO}:x", "${REPO}"),
        ("NOW: $(date +%s)", "$(date +%s)"),
        ('REV: "`git rev-parse HEAD`"', "`git rev-parse HEAD`"),
        ("WORK: '$CODEBUILD_SRC_DIR/app'", "$CODEBUILD_SRC_DIR"),
        ('TAG: "v${CODEBUILD_BUILD_NUMBER}"', "${CODEBUILD_BUILD_NUMBER}"),
        ("HOST: ${REPO:-app}.example.org", "${REPO:-app}"),
        ("DIR: pre$REPO", "$REPO"),
        ("A: $$B and $REPO", "$REPO"),
        ("KEY_OF_DB: $lower", "$lower"),
        ("MAVEN_OPTS: -Dmaven.repo.local=$CODEBUILD_SRC_DIR/.m2", "$CODEBUILD_SRC_DIR"),
    ],
)
def test_references_in_values_stay_as_they_are(entry: str, place: str) -> None:
    text = variables("REPO: app", "lower: x", entry)
    assert told(text) == [("CD201", "warning", place)]


@pytest.mark.parametrize(
    "entry",
    [
        "PASSWORD: pa$$word",
        "PASSWORD: Pa$WORD7",
        "DB_SECRET: x$AB!c",
        "BRANCHES: ^(main|dev)$",
        "REF_REGEX: ^refs/heads/(a|b)$(c)",
        "PRICE: $5",
        "PRICE: 5$",
        "PRICE: costs $ 5",
        r"ESCAPED: \$REPO",
        "TEMPLATE: '{{resolve:ssm:$REPO}}'",
        "MAVEN: ${project.version}",
        "CFN: ${AWS::Region}",
        "TF: ${aws_region}",
        "OPEN: ${REPO",
        "OPEN: $(date",
        "MARKDOWN: use `make` here",
        "QUOTED: '`code`'",
        "GIT_SSH_COMMAND: ssh -i $HOME/.ssh/key",
        "PS4: +$LINENO",
        "WORD: abc$DEF",
        "NUMBER: $1",
        "PLAIN: text",
    ],
)
def test_other_dollars_are_left_alone(entry: str) -> None:
    assert told(variables("REPO: app", entry)) == []


def test_a_reference_to_itself_is_only_advice() -> None:
    text = variables("REPO: ${REPO}", "TAG: ${TAG:-latest}")
    assert told(text) == [("CD201", "info", "${REPO}"), ("CD201", "warning", "${TAG:-latest}")]
    assert found(text)[0].help.startswith("Delete the line")


def test_what_is_expanded_later_is_meant() -> None:
    run = "phases:\n  build:\n    commands:\n      - {}\n"
    for command in ('eval "$STEPS"', 'bash -c "$STEPS"', "echo $STEPS | envsubst > steps.sh"):
        assert told(variables("STEPS: cd $CODEBUILD_SRC_DIR", end=run.format(command))) == []
    # `eval` of something else changes nothing.
    other = run.format("eval $X")
    assert told(variables("STEPS: cd $CODEBUILD_SRC_DIR", end=other)) == [
        ("CD201", "warning", "$CODEBUILD_SRC_DIR")
    ]


def test_files_that_are_templates_are_left_alone() -> None:
    text = variables("URI: ${REPO}/x")
    assert [one.code for one in found(text)] == ["CD201"]
    assert found(text, "buildspec.yml.tpl") == []
    terraform = variables("URI: ${REPO}/x", end=END.replace("make", "echo $${HOME}"))
    assert told(terraform) == []


def test_the_help_is_a_command_that_works() -> None:
    (finding,) = found(variables("REPO: app", "URI: x/$REPO"))
    assert 'export URI="x/$REPO"' in finding.help
    (finding,) = found(variables("REPO: app", "URI: 'say \"$REPO\"'"))
    assert 'export URI="' not in finding.help


def test_values_in_blocks_flow_and_json() -> None:
    block = variables("REPO: app", "URI: |", "  one", "  x/$REPO", "  two")
    ((code, _, place),) = told(block)
    assert code == "CD201" and "$REPO" in place
    flow = env("variables: {REPO: app, URI: x/$REPO}")
    assert told(flow) == [("CD201", "warning", "$REPO")]
    json = '{"version": 0.2, "env": {"variables": {"A": "b", "C": "$A"}}, "phases": {"build": {}}}'
    assert told(json) == [("CD201", "warning", "$A")]


def test_variables_of_version_0_1() -> None:
    text = "version: 0.1\nenvironment_variables:\n  plaintext:\n    A: b\n    C-D: x$A\n" + END
    assert told(text) == [("CD204", "warning", "C-D"), ("CD201", "warning", "$A")]


def test_references_in_names_of_parameters_are_advice() -> None:
    text = env("variables:\n  STAGE: x\nparameter-store:\n  A: /app/$STAGE/a\n  B: /app/${b}/c")
    assert told(text) == [("CD201", "info", "$STAGE")]


# --- names


def test_reserved_names() -> None:
    text = env(
        "variables:\n  CODEBUILD_STAGE: a\n  CODEBUILD_CONFIG_X: a\n  MY_CODEBUILD_X: a\n"
        "parameter-store:\n  CODEBUILD_BUILD_ID: a\nsecrets-manager:\n  CODEBUILD_S: 'a:b'"
    )
    assert told(text) == [
        ("CD202", "warning", "CODEBUILD_STAGE"),
        ("CD202", "warning", "CODEBUILD_BUILD_ID"),
        ("CD202", "warning", "CODEBUILD_S"),
    ]
    assert "CodeBuild sets `CODEBUILD_BUILD_ID` itself" in found(text)[1].message


def test_names_of_variables_of_batch_builds() -> None:
    text = """version: 0.2
batch:
  build-graph:
    - identifier: a
      env:
        variables: {CODEBUILD_X: a, B-C: d}
    - identifier: b
      env: []
  build-matrix:
    dynamic:
      env:
        variables:
          CODEBUILD_Y: [a, b]
"""
    assert [one[::2] for one in told(text)] == [
        ("CD202", "CODEBUILD_X"),
        ("CD204", "B-C"),
        ("CD202", "CODEBUILD_Y"),
    ]


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("MY-VAR", "MY_VAR"),
        ("1X", "_1X"),
        ('"A B"', "A_B"),
        ("app.stage", "app_stage"),
        ("GRÖSSE", "GR_SSE"),
    ],
)
def test_names_that_no_shell_reads(name: str, better: str) -> None:
    text = variables(f"{name}: x")
    assert told(text) == [("CD204", "warning", name)]
    assert found(text)[0].help == f"Call it `{better}`."


def test_settings_among_the_variables() -> None:
    text = variables("git-credential-helper: 'yes'")
    (finding,) = found(text)
    assert finding.code == "CD204" and "setting of `env` itself" in finding.message


def test_good_names() -> None:
    assert told(variables("A: b", "_: b", "a1: b", "class: b", "{{ name }}: b", "${x}: b")) == []


def test_the_same_variable_from_two_sections() -> None:
    text = env(
        "variables:\n  A: b\n  B: c\nparameter-store:\n  A: /a\n  C: /c\n"
        "secrets-manager:\n  C: 'c:d'\n  A: 'a:b'"
    )
    assert [one[0] for one in told(text)] == ["CD207"] * 3
    assert [one.message.split(",")[0] for one in found(text)] == [
        "`A` is set under `variables` too",
        "`C` is set under `parameter-store` too",
        "`A` is set under `variables` too",
    ]


# --- variables that the build lives on


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("PATH: $PATH:/opt/bin", ("CD203", "error", "$PATH")),
        ('PATH: "/opt/bin:${PATH}"', ("CD203", "error", "${PATH}")),
        ("PATH: $GOPATH/bin:$PATH", ("CD203", "error", "$GOPATH/bin")),
        ("PATH: /usr/bin:/bin:$PATH", ("CD203", "warning", "$PATH")),
        ("PATH: /opt/bin", ("CD203", "warning", "/opt/bin")),
        ("HOME: /tmp", ("CD203", "warning", "/tmp")),
        ("LD_LIBRARY_PATH: /opt/lib:$LD_LIBRARY_PATH", ("CD203", "warning", None)),
        ("LD_LIBRARY_PATH: /opt/lib", ("CD203", "info", "/opt/lib")),
        (
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: /x",
            ("CD203", "warning", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        ),
    ],
)
def test_critical_variables(entry: str, expected: tuple[str, str, str | None]) -> None:
    ((code, severity, place),) = told(variables(entry))
    assert (code, severity) == expected[:2]
    assert expected[2] is None or place == expected[2]


@pytest.mark.parametrize(
    "entry",
    [
        "HOME: /root",
        "HOME: /root/",
        "GOPATH: /go",
        "PATH: '{{ path }}'",
        "path: x",
    ],
)
def test_variables_that_may_be_set(entry: str) -> None:
    assert told(variables(entry)) == []


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"])
def test_variables_that_codebuild_gives_are_advice(name: str) -> None:
    assert told(variables(f"{name}: x")) == [("CD203", "info", name)]
    assert [one[0] for one in told(variables(f"A: b\n    {name}: $A"))] == ["CD201"]


# --- texts that YAML tools read as something else


@pytest.mark.parametrize(
    "value",
    "yes NO On off 012345678901 0777 1.10 3.0 1e3 12e45 1_000 12:30 1:02:03 2024-01-31".split(),
)
def test_plain_words_and_numbers(value: str) -> None:
    text = variables(f"A: {value}")
    assert told(text) == [("CD208", "info", value)]
    mended = fixed(text, "CD208")
    assert mended == variables(f'A: "{value}"')
    assert told(mended) == []


@pytest.mark.parametrize(
    "value",
    "true false 0 10 1.5 3.12 y n none v1.10 1.2.0 '1.10' 2024-1-1 10-20-30 a:b 1: -5 0x1F".split(),
)
def test_plain_words_that_stay_what_they_are(value: str) -> None:
    assert [one for one in told(variables(f"A: {value}")) if one[0] == "CD208"] == []


def test_runtime_versions_are_read_as_well() -> None:
    end = "phases:\n  install:\n    runtime-versions:\n      python: 3.10\n      golang: '1.20'\n"
    assert [one for one in told(variables("A: b", end=end)) if one[0] == "CD208"] == [
        ("CD208", "info", "3.10")
    ]


# --- exported variables


@pytest.mark.parametrize(
    ("item", "severity", "better"),
    [
        ("$TAG", "error", "TAG"),
        ("${TAG}", "error", "TAG"),
        ('"$TAG"', "error", '"TAG"'),
        ("'${TAG}'", "error", "'TAG'"),
    ],
)
def test_exported_names_without_a_dollar(item: str, severity: str, better: str) -> None:
    text = env(f"exported-variables:\n  - A\n  - {item}")
    assert told(text) == [("CD205", severity, item)]
    assert fixed(text, "CD205") == env(f"exported-variables:\n  - A\n  - {better}")


def test_exported_assignments() -> None:
    text = env("exported-variables:\n  - TAG=1.0")
    assert told(text) == [("CD205", "error", "TAG=1.0")]
    assert fixed(text, "CD205", safe=False) == env("exported-variables:\n  - TAG")


@pytest.mark.parametrize("item", ["A,B", "A B", "MY-VAR", "1X", "$(x)", "'*'", "A=", "=A"])
def test_exported_texts_that_are_no_names(item: str) -> None:
    text = env(f"exported-variables:\n  - {item}")
    expected = [] if item == "$(x)" else [("CD205", "error", item)]
    assert told(text) == expected


@pytest.mark.parametrize("item", ["TAG", "_x", "CODEBUILD_BUILD_ID", "{{ name }}", "!Ref X"])
def test_exported_names(item: str) -> None:
    assert told(env(f"exported-variables:\n  - {item}")) == []


def test_the_dollar_stays_where_the_name_is_listed_too() -> None:
    text = env("exported-variables:\n  - TAG\n  - $TAG")
    (finding,) = found(text)
    assert finding.code == "CD205" and finding.fix is None


def test_aws_names_are_not_exported() -> None:
    text = env("exported-variables: [AWS_REGION, MY_AWS_REGION]")
    assert told(text) == [("CD205", "warning", "AWS_REGION")]


SECRETS = "parameter-store:\n  P: /p\nsecrets-manager:\n  S: 's:k'\nexported-variables:"


def test_secrets_are_not_exported() -> None:
    text = env(SECRETS + "\n  - A\n  - P  # why\n  - S")
    assert told(text) == [("CD206", "warning", "P"), ("CD206", "warning", "S")]
    first, second = (one.fix for one in found(text))
    assert first is not None and first.safe and second is not None
    assert apply_edits(text, first.edits) == env(SECRETS + "\n  - A\n  - S")
    assert apply_edits(text, second.edits) == env(SECRETS + "\n  - A\n  - P  # why")


def test_a_list_is_not_emptied() -> None:
    (finding,) = found(env(SECRETS + "\n  - P"))
    assert finding.code == "CD206" and finding.fix is None


def test_items_of_flow_lists() -> None:
    first, second = found(env(SECRETS + " [P, A, S]"))
    text = env(SECRETS + " [P, A, S]")
    assert first.fix is not None and second.fix is not None
    assert apply_edits(text, first.fix.edits) == env(SECRETS + " [A, S]")
    assert apply_edits(text, second.fix.edits) == env(SECRETS + " [P, A]")


def test_exported_twice() -> None:
    text = env("exported-variables:\n  - A\n  - B\n  - A")
    assert told(text) == [("CD212", "info", "A")]
    assert fixed(text, "CD212") == env("exported-variables:\n  - A\n  - B")
    bare = text[: text.index("phases")].rstrip("\n")
    assert fixed(bare, "CD212") == bare[: bare.rindex("\n")]
    windows = text.replace("\n", "\r\n")
    assert fixed(windows, "CD212") == env("exported-variables:\n  - A\n  - B").replace("\n", "\r\n")


# --- references to secrets


ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"
ID = "0aa1e0a7-65d4-4f2b-9d3e-2f6d1c1a9b10"


@pytest.mark.parametrize(
    "value",
    [
        "prod/db:password",
        "prod/db:password:AWSPREVIOUS",
        f"prod/db:password::{ID}",
        "prod/db:password::",
        f"prod/db:::{ID}",
        "prod/db::AWSPREVIOUS",
        "Github/bot:Release Token",
        "rds!db-1234:password",
        f"{ARN}:password",
        f"{ARN}:password:AWSCURRENT",
        f"{ARN}:password::{ID}",
        ARN.replace("aws:", "aws-cn:") + ":password",
        "$SECRET:a:b:c:d:e",
        "{{ secret }}:a:b:c:d",
    ],
)
def test_references_to_secrets(value: str) -> None:
    assert "CD211" not in [one.code for one in found(env(f'secrets-manager:\n  A: "{value}"'))]


@pytest.mark.parametrize(
    ("value", "severity", "place"),
    [
        (f"prod/db:password:AWSCURRENT:{ID}", "error", f"AWSCURRENT:{ID}"),
        (f"{ARN}:password:AWSCURRENT:{ID}", "error", f"AWSCURRENT:{ID}"),
        (f"prod/db:password::{ID}:x", "error", ":x"),
        (f"{ARN}:a:b:c:d", "error", ":d"),
        (":password", "error", ":password"),
        (" ", "error", " "),
        ("arn:aws:secretsmanager:eu-west-1", "error", "arn:aws:secretsmanager:eu-west-1"),
        ("arn:aws:ssm:eu-west-1:111122223333:parameter/a", "error", "ssm"),
        ("arn:aws:s3:::bucket/key", "error", "s3"),
        ("my secret:password", "warning", "my secret"),
        ("prod/db:password::AWSPREVIOUS", "warning", "AWSPREVIOUS"),
        (f"prod/db:password:{ID}", "warning", ID),
        ("prod/db", "info", "prod/db"),
        (ARN, "info", ARN),
    ],
)
def test_malformed_references_to_secrets(value: str, severity: str, place: str) -> None:
    text = env(f'secrets-manager:\n  A: "{value}"')
    ((code, told_severity, told_place),) = told(text)
    assert (code, told_severity) == ("CD211", severity)
    assert told_place.strip('"') == place


@pytest.mark.parametrize(
    "value",
    [
        "DB_HOST",
        "db.host-1_x",
        "/CodeBuild/db/host",
        "/app/host:3",
        "/app/host:live",
        "DB_HOST:3",
        "arn:aws:ssm:eu-west-1:111122223333:parameter/app/host",
        "/aws/reference/secretsmanager/prod/db",
        "/app/$STAGE/host",
        "{{ name }} x",
    ],
)
def test_names_of_parameters(value: str) -> None:
    assert "CD211" not in [one.code for one in found(env(f"parameter-store:\n  A: '{value}'"))]


@pytest.mark.parametrize(
    ("value", "severity", "place"),
    [
        ("CodeBuild/db", "warning", "CodeBuild/db"),
        ("CodeBuild/db:3", "warning", "CodeBuild/db"),
        ("postgres://db.example.org", "warning", ":"),
        ("a secret!", "warning", " "),
        ("abc+def", "warning", "+"),
        ("/app/host:3:4", "error", ":3:4"),
        (":3", "error", ":3"),
        (ARN, "error", "secretsmanager"),
        ("arn:aws:ssm:eu-west-1:111122223333:document/x", "error", None),
    ],
)
def test_malformed_names_of_parameters(value: str, severity: str, place: str | None) -> None:
    ((code, told_severity, told_place),) = told(env(f"parameter-store:\n  A: '{value}'"))
    assert (code, told_severity) == ("CD211", severity)
    assert place is None or told_place.strip("'") == place


# --- shell and failures


@pytest.mark.parametrize("shell", ["bash", "/bin/sh", "powershell.exe", "cmd.exe", "$SHELL"])
def test_shells(shell: str) -> None:
    assert told(env(f"shell: {shell}")) == []


@pytest.mark.parametrize(
    ("shell", "severity", "better"),
    [
        ("zsh", "warning", None),
        ("pwsh", "warning", None),
        ("powershell", "warning", "powershell.exe"),
        ("Bash", "warning", "bash"),
        ("sh", "info", "/bin/sh"),
        ("/bin/bash", "info", "bash"),
    ],
)
def test_other_shells(shell: str, severity: str, better: str | None) -> None:
    text = env(f"shell: {shell}")
    assert told(text) == [("CD209", severity, shell)]
    if better is None:
        assert found(text)[0].fix is None
    else:
        assert fixed(text, "CD209", safe=severity == "info") == env(f"shell: {better}")


@pytest.mark.parametrize(
    ("phase", "action", "expected"),
    [
        ("install", "CONTINUE", True),
        ("pre_build", "CONTINUE", True),
        ("build", "continue", True),
        ("post_build", "CONTINUE", False),
        ("build", "ABORT", False),
        ("build", "RETRY-2", False),
        ("build", "$ACTION", False),
    ],
)
def test_continue_hides_a_failure(phase: str, action: str, expected: bool) -> None:
    text = f"version: 0.2\nphases:\n  {phase}:\n    on-failure: {action}\n    commands: [make]\n"
    assert told(text) == ([("CD210", "warning", action)] if expected else [])


# --- whatever stands there


@pytest.mark.parametrize("section", ["shell", "variables", "exported-variables", "secrets-manager"])
@pytest.mark.parametrize(
    "value", ["", "[]", "{}", "[[a], {b: c}, null]", "{a: [b], c: {d: e}, ? [f] : g}", "x", "*no"]
)
def test_odd_shapes_are_the_schemas_business(section: str, value: str) -> None:
    text = env(f"{section}: {value}")
    result = check_text(text, kind="buildspec")
    assert not [one for one in result.findings if one.code == "CD000"]
    assert not [one for one in found(text) if one.severity == "error"]
