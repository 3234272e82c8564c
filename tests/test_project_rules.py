"""Build projects: edges of the rules, and settings that are not known."""

from __future__ import annotations

import json

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

BASE = """\
Parameters:
  Any: {Type: String}
Conditions:
  Big: !Equals [!Ref Any, big]
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: {Type: CODEPIPELINE}
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
      Source:
        Type: CODEPIPELINE
"""
DOCKER = """\
        BuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - docker build -t app:1 .
"""


def found(text: str, code: str = "CD6") -> list[Finding]:
    result = check_text(text, "template.yml", pedantic=True)
    return [one for one in result.findings if one.code.startswith(code)]


def codes(text: str) -> list[str]:
    return [one.code for one in found(text) if one.severity != "info"]


def changed(old: str, new: str, text: str = BASE) -> str:
    assert old in text
    return text.replace(old, new, 1)


def with_variable(entry: str) -> str:
    image = "        Image: aws/codebuild/standard:7.0\n"
    return changed(image, f"{image}        EnvironmentVariables:\n          - {entry}\n")


def test_base_is_clean() -> None:
    assert codes(BASE) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Type: LINUX_CONTAINER", "Type: !Ref Any"),
        ("Type: LINUX_CONTAINER", 'Type: !Sub "${Any}"'),
        (
            "ComputeType: BUILD_GENERAL1_SMALL",
            "ComputeType: !If [Big, BUILD_GENERAL1_LARGE, BUILD_GENERAL1_SMALL]",
        ),
        ("Image: aws/codebuild/standard:7.0", "Image: !FindInMap [A, B, C]"),
        (
            "Artifacts: {Type: CODEPIPELINE}",
            "Artifacts: !If [Big, {Type: CODEPIPELINE}, !Ref AWS::NoValue]\n      Fn::Transform: {Name: X}",
        ),
        ("Artifacts: {Type: CODEPIPELINE}", "Artifacts: {Type: !Ref Any}"),
        ("Artifacts: {Type: CODEPIPELINE}", "Artifacts: {Fn::Transform: {Name: AWS::Include}}"),
        ("Type: LINUX_CONTAINER", "Type: linuxContainer"),
        ("Image: aws/codebuild/standard:7.0", "Image: aws/codebuild/standard:9.0"),
        ("      Source:", "      TimeoutInMinutes: !Ref Any\n      Source:"),
        ("      Source:", "      TimeoutInMinutes: '480'\n      Source:"),
        ("      Source:", "      BadgeEnabled: false\n      Cache: {Type: NO_CACHE}\n      Source:"),
        ("Type: CODEPIPELINE\n", "Type: CODEPIPELINE\n        Location: !Ref AWS::NoValue\n"),
        ("Type: CODEPIPELINE\n", "Type: CODEPIPELINE\n        Location: ''\n        GitCloneDepth: 0\n"),
    ],
)
def test_silent(old: str, new: str) -> None:
    assert codes(changed(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Type: LINUX_CONTAINER", "Type: LINUX_CONTAINR", "CD656"),
        ("BUILD_GENERAL1_SMALL", "BUILD_GENERAL_SMALL", "CD656"),
        ("Type: LINUX_CONTAINER", "Type: ARM_CONTAINER", "CD658"),
        ("standard:7.0", "amazonlinux-x86_64-lambda-standard:python3.12", "CD658"),
        ("standard:7.0", "windows-base:2022-1.0", "CD658"),
        ("standard:7.0", "standard:4.0", "CD659"),
        ("standard:7.0", "docker:18.09.0", "CD659"),
        ("Artifacts: {Type: CODEPIPELINE}", "Artifacts: {Type: S3, Location: b}", "CD652"),
        ("Type: CODEPIPELINE\n", "Type: GITHUB\n", "CD652"),
        ("      ServiceRole: arn:aws:iam::111122223333:role/build\n", "", "CD655"),
        ("        Type: LINUX_CONTAINER\n", "", "CD655"),
        ("ComputeType:", "computeType:", "CD655"),
        ("      Source:", "      QueuedTimeoutInMinutes: 600\n      Source:", "CD660"),
        ("      Source:", "      TimeoutInMinutes: 1\n      Source:", "CD660"),
        ("      Source:", "      Cache: {Type: LOCL}\n      Source:", "CD656"),
        ("Type: CODEPIPELINE\n", "Type: CODEPIPELINE\n        BuildSpec: s3://b/spec.yml\n", "CD671"),
        (
            "ComputeType: BUILD_GENERAL1_SMALL",
            "ComputeType: !If [Big, BUILD_LAMBDA_1GB, BUILD_GENERAL1_SMALL]",
            "CD657",
        ),
    ],
)
def test_told(old: str, new: str, code: str) -> None:
    assert codes(changed(old, new)) == [code]


def test_misspelt_key_is_mended() -> None:
    text = changed("ComputeType:", "computeType:")
    (finding,) = found(text, "CD655")
    assert finding.fix is not None
    assert [edit.replacement for edit in finding.fix.edits] == ["ComputeType"]


def test_condition_that_leaves_a_key_out() -> None:
    text = changed(
        "Image: aws/codebuild/standard:7.0", "Image: !If [Big, aws/codebuild/standard:7.0, !Ref AWS::NoValue]"
    )
    assert codes(text) == ["CD655"]


def test_no_source() -> None:
    text = changed("Artifacts: {Type: CODEPIPELINE}", "Artifacts: {Type: NO_ARTIFACTS}")
    text = text.replace("        Type: CODEPIPELINE\n", "        Type: NO_SOURCE\n")
    assert codes(text) == ["CD654"]
    assert codes(text + "        BuildSpec: buildspec.yml\n") == ["CD654"]
    assert codes(text + "        BuildSpec: !Ref Any\n") == []
    assert codes(text + "        BuildSpec: arn:aws:s3:::b/buildspec.yml\n") == []
    assert codes(text + DOCKER.replace("docker build -t app:1 .", "make")) == []


@pytest.mark.parametrize(
    "setting",
    ["PrivilegedMode: true", "PrivilegedMode: !Ref Any", "DockerServer: {ComputeType: BUILD_GENERAL1_SMALL}"],
)
def test_docker_with_a_daemon(setting: str) -> None:
    text = changed("        Image:", f"        {setting}\n        Image:") + DOCKER
    assert "CD650" not in codes(text)


def test_docker_without_a_daemon() -> None:
    assert codes(BASE + DOCKER) == ["CD650"]
    (finding,) = found(BASE + DOCKER, "CD650")
    assert BASE[finding.span.start : finding.span.end] == "Environment"
    in_vpc = changed(
        "      Source:", "      VpcConfig: {VpcId: vpc-1, Subnets: [s], SecurityGroupIds: [g]}\n      Source:"
    )
    (finding,) = found(in_vpc + DOCKER, "CD650")
    assert finding.severity == "error"


@pytest.mark.parametrize(
    "command",
    [
        "docker login -u a --password-stdin example.com < token",
        "docker ps || true",
        "/kaniko/executor --context .",
        "buildah bud -t app .",
        "echo docker build .",
    ],
)
def test_commands_without_a_daemon(command: str) -> None:
    assert "CD650" not in codes(BASE + DOCKER.replace("docker build -t app:1 .", command))


def test_docker_on_lambda_is_told_once() -> None:
    text = changed("LINUX_CONTAINER", "LINUX_LAMBDA_CONTAINER").replace("GENERAL1_SMALL", "LAMBDA_1GB")
    text = text.replace("standard:7.0", "amazonlinux-x86_64-lambda-standard:python3.12") + DOCKER
    result = check_text(text, "template.yml", pedantic=True)
    assert [one.code for one in result.findings if one.severity == "error"] == ["CD378"]
    own = text.replace("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "example/lambda:1")
    result = check_text(own, "template.yml", pedantic=True)
    assert [one.code for one in result.findings if one.severity == "error"] == ["CD650"]


@pytest.mark.parametrize(
    ("entry", "code", "severity"),
    [
        ("{Name: DB_PASSWORD, Value: kV7!mq20zeR}", "CD661", "warning"),
        ("{Name: X, Value: ghp_Tz4mQ8vKc1WbX7nRp2LdY6sHf9JgUa3EoMiN}", "CD661", "error"),
        (
            "{Name: X, Value: ghp_Tz4mQ8vKc1WbX7nRp2LdY6sHf9JgUa3EoMiN, Type: SECRETS_MANAGER}",
            "CD661",
            "error",
        ),
        ("{Name: AWS_SECRET_ACCESS_KEY, Value: wJ4rXUtnFEMI/K7MDENG/bPxRfiCYzq9vBnT2LkQ}", "CD661", "error"),
        ("{Name: CODEBUILD_STAGE, Value: a}", "CD662", "warning"),
        ("{Name: A, Type: PARAMETER_STORE, Value: a/b}", "CD663", "warning"),
        ("{Name: A, Type: SECRETS_MANAGER, Value: 'a:b:c:d:e'}", "CD663", "error"),
        ("{Name: A, Type: SECRET_MANAGER, Value: 'a:b'}", "CD656", "error"),
    ],
)
def test_variables(entry: str, code: str, severity: str) -> None:
    text = with_variable(entry)
    assert [(one.code, one.severity) for one in found(text) if one.severity != "info"] == [(code, severity)]


@pytest.mark.parametrize(
    "entry",
    [
        "{Name: DB_PASSWORD, Value: !Ref Any}",
        "{Name: DB_PASSWORD, Value: '{{resolve:secretsmanager:db:SecretString:password}}'}",
        "{Name: DB_PASSWORD, Value: /prod/db, Type: PARAMETER_STORE}",
        "{Name: DB_PASSWORD, Value: prod/db, Type: !Ref Any}",
        "{Name: TOKEN_URL, Value: 'https://example.com/token'}",
        "{Name: DB_PASSWORD_SECRET, Value: prod-db}",
        "{Name: CODEBUILD_CONFIG_AUTO_DISCOVER, Value: 'true'}",
        "{Name: A, Type: PARAMETER_STORE, Value: !Sub '/${Any}/a'}",
        "!If [Big, {Name: A, Value: a}, !Ref AWS::NoValue]",
        "{Name: PASSWORD, Value: ''}",
    ],
)
def test_variables_without_fault(entry: str) -> None:
    assert codes(with_variable(entry)) == []


def test_no_message_shows_a_secret() -> None:
    secret = "kV7!mq20zeR"
    result = check_text(with_variable("{Name: DB_PASSWORD, Value: " + secret + "}"), "template.yml")
    assert all(secret not in one.message + one.help for one in result.findings)
    assert result.secrets


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("echo ${CODEBUILD_BUILD_ID}", 1),
        ("echo ${Any} ${AWS::Region} ${Build.Arn} ${!HOME} ${Build}", 0),
        ("echo ${TAG:-latest} ${NAME%%-*}", 2),
        ("echo $HOME", 0),
        ("awk '{print ${ }'", 0),
    ],
)
def test_shell_variables_in_sub(line: str, told: int) -> None:
    text = BASE + DOCKER.replace("BuildSpec: |", "BuildSpec: !Sub |").replace("docker build -t app:1 .", line)
    assert len(found(text, "CD668")) == told
    for finding in found(text, "CD668"):
        assert finding.fix is not None and finding.fix.edits[0].replacement == "!"
    assert found(text.replace("!Sub |", "|"), "CD668") == []


def test_names_that_a_macro_may_add() -> None:
    spec = DOCKER.replace("BuildSpec: |", "BuildSpec: !Sub |")
    text = "Transform: AWS::Serverless-2016-10-31\n" + BASE + spec
    assert found(text.replace("app:1", "${FunctionRole}"), "CD668") == []
    assert len(found(text.replace("app:1", "${IMAGE_TAG}"), "CD668")) == 1


def test_variables_of_sub_itself() -> None:
    spec = DOCKER.replace("BuildSpec: |", "BuildSpec: !Sub\n        - |").replace("app:1", "${Own}")
    assert found(BASE + spec + "        - {Own: x}\n", "CD668") == []


def test_pseudo_parameter_without_sub() -> None:
    spec = DOCKER.replace("app:1", "${AWS::AccountId}")
    assert [one.code for one in found(BASE + spec, "CD669")] == ["CD669"]
    assert found(BASE + spec.replace("BuildSpec: |", "BuildSpec: !Sub |"), "CD669") == []
    quoted = DOCKER.replace("docker build -t app:1 .", "sed -i 's/REGION/${AWS::Region}/' template.yml")
    assert found(BASE + quoted, "CD669") == []
    block = (
        "|\n                  cat > t.yml <<'EOF'\n                  A: ${AWS::Region}\n                  EOF"
    )
    assert found(BASE + DOCKER.replace("docker build -t app:1 .", block), "CD669") == []


def test_folded_buildspec_is_mended() -> None:
    text = BASE + DOCKER.replace("BuildSpec: |", "BuildSpec: >")
    assert codes(text) == ["CD670"]
    (finding,) = found(text, "CD670")
    assert finding.fix is not None and finding.fix.safe


def test_json_template() -> None:
    project = {
        "Type": "AWS::CodeBuild::Project",
        "Properties": {
            "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]},
            "Artifacts": {"Type": "NO_ARTIFACTS"},
            "Source": {"Type": "CODEPIPELINE"},
            "Environment": {
                "Type": "LINUX_CONTAINER",
                "ComputeType": "BUILD_GENERAL1_SMALL",
                "Image": "aws/codebuild/standard:7.0",
            },
        },
    }
    text = json.dumps({"Resources": {"Build": project}}, indent=2)
    result = check_text(text, "stack.template.json")
    (finding,) = [one for one in result.findings if one.code == "CD652"]
    assert text[finding.span.start : finding.span.end] == '"NO_ARTIFACTS"'


def test_buildspec_as_a_mapping_is_mended() -> None:
    text = BASE + DOCKER.replace("BuildSpec: |", "BuildSpec:").replace("docker build -t app:1 .", "make")
    (finding,) = [one for one in found(text) if one.severity == "error"]
    assert finding.code == "CD673" and finding.fix is not None
    assert codes(apply_edits(text, finding.fix.edits)) == []


def test_buildspec_made_of_a_tree() -> None:
    lines = ["{Fn::ToJsonString: {version: 0.2, phases: {build: {commands: [zip -r . app.zip]}}}}"]
    text = "Transform: AWS::LanguageExtensions\n" + BASE + f"        BuildSpec: {lines[0]}\n"
    result = check_text(text, "template.yml")
    (finding,) = result.findings
    assert finding.code == "CD302" and finding.fix is None
    assert text[finding.span.start : finding.span.end] == ". app.zip"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Source:", "Soruce:", ["CD655"]),
        ("      Source:", "      TimeoutInMinute: 5\n      Source:", ["CD674"]),
        ("      Source:", "      NewSetting: 5\n      Source:", []),
        ("Type: CODEPIPELINE\n", "Type: CODEPIPELINE\n        Buildspec: a.yml\n", ["CD674"]),
    ],
)
def test_misspelt_keys(old: str, new: str, told: list[str]) -> None:
    assert codes(changed(old, new)) == told


def test_variables_as_a_mapping() -> None:
    image = "        Image: aws/codebuild/standard:7.0\n"
    assert codes(changed(image, f"{image}        EnvironmentVariables: {{STAGE: test}}\n")) == ["CD673"]
    assert codes(with_variable("{name: STAGE, Value: test}")) == ["CD674"]
