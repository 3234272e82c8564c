"""Rules on the configuration of actions: edges that the examples and the seeded cases do not show."""

from __future__ import annotations

import io
import json

import pytest

from cdlint.aws.actions import action_types
from cdlint.engine import check_text
from cdlint.findings import FileResult, apply_edits
from cdlint.report import ReportOptions, write

SOURCE = {
    "name": "Checkout",
    "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
    "configuration": {"RepositoryName": "app", "BranchName": "main", "PollForSourceChanges": "false"},
    "outputArtifacts": [{"name": "Source"}],
}
TEMPLATE = """\
Conditions:
  Two: !Equals [!Ref AWS::Region, eu-west-1]
Resources:
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: artifacts}
      Stages:
        - Name: Source
          Actions:
            - Name: Checkout
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
              Configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Source}]
        - Name: Work
          Actions:
            - Name: Work
              InputArtifacts: [{Name: Source}]
              ActionTypeId: {Category: %s, Owner: AWS, Provider: %s, Version: 1}
              Configuration: %s
"""


def codes(result: FileResult) -> list[str]:
    """The codes of this room, in the order of the file; advice left out.

    CD675 is about what the parts of templates that are used here do not declare.
    """
    return [
        found.code
        for found in result.findings
        if found.code[:3] == "CD6" and found.severity != "info" and found.code != "CD675"
    ]


def api(kind: str, configuration: dict[str, object] | None, **more: object) -> FileResult:
    category, owner, provider = kind.split("/")
    action: dict[str, object] = {
        "name": "Work",
        "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"},
        "inputArtifacts": [{"name": "Source"}],
        **more,
    }
    if configuration is not None:
        action["configuration"] = configuration
    pipeline = {
        "name": "app",
        "pipelineType": "V2",
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [{"name": "Source", "actions": [SOURCE]}, {"name": "Work", "actions": [action]}],
    }
    return check_text(json.dumps({"pipeline": pipeline}), "pipeline.json")


def template(kind: str, configuration: str) -> FileResult:
    category, _, provider = kind.partition("/")
    return check_text(TEMPLATE % (category, provider, configuration), "template.yml")


def test_the_table_fits_together() -> None:
    for kind in action_types():
        assert set(kind.required) <= set(kind.keys), kind
        assert set(kind.mistaken.values()) <= set(kind.keys), kind
        assert set(kind.mistaken).isdisjoint(kind.keys), kind
        assert set(kind.secrets) <= set(kind.keys), kind


@pytest.mark.parametrize(
    ("kind", "wrong", "remedy"),
    [
        ("Source/AWS/CodeStarConnections", "CodeStarConnections", "CodeStarSourceConnection"),
        ("Deploy/AWS/AlexaSkillsKit", "AWS", "ThirdParty"),
        ("Deploy/ThirdParty/ECS", "ThirdParty", "AWS"),
        ("Deploy/AWS/CodeBuild", "Deploy", "Build"),
        ("Source/AWS/Lambda", "Source", "Invoke"),
        ("Build/AWS/Codebuild", "Codebuild", "CodeBuild"),
        ("Deploy/AWS/Terraform", "Terraform", "CloudFormation"),
    ],
)
def test_what_is_wrong_with_an_action_type(kind: str, wrong: str, remedy: str) -> None:
    result = api(kind, {})
    (found,) = [one for one in result.findings if one.code == "CD600"]
    assert result.source.text[found.span.start : found.span.end].strip('"') == wrong
    assert remedy in found.help


@pytest.mark.parametrize("kind", ["Test/ThirdParty/BlazeMeter", "Build/Custom/Jenkins", "Deploy/AWS/$KIND"])
def test_action_types_of_others_are_left_alone(kind: str) -> None:
    assert codes(api(kind, {"Anything": "goes"})) == []


def test_one_fault_is_told_once() -> None:
    # Misspelt, so not missing as well.
    assert codes(api("Deploy/AWS/ECS", {"Cluster": "a", "servicename": "b"})) == ["CD606", "CD606"]
    assert codes(api("Build/AWS/CodeBuild", {"Project": "a"})) == ["CD606"]
    # Two keys that mean the same: one is the key, the other goes.
    assert codes(api("Build/AWS/CodeBuild", {"ProjectName": "a", "Project": "b"})) == ["CD606"]
    # Values that are no texts are told by the schema.
    assert codes(api("Build/AWS/CodeBuild", {"ProjectName": "a", "EnvironmentVariables": []})) == []


def test_a_key_is_not_renamed_to_one_that_is_there() -> None:
    (found,) = [
        one
        for one in api("Build/AWS/CodeBuild", {"ProjectName": "a", "projectName": "b"}).findings
        if one.code == "CD606"
    ]
    assert found.fix is None
    assert "Delete" in found.help


def test_what_a_template_leaves_open_is_not_missing() -> None:
    assert codes(template("Deploy/S3", "!Ref Settings")) == []
    assert codes(template("Deploy/S3", "{Fn::Transform: {Name: AWS::Include}}")) == []
    assert codes(template("Deploy/S3", "{BucketName: !Ref B, Extract: true}")) == []
    found = template("Deploy/S3", "!If [Two, {BucketName: a, Extract: true}, {BucketName: a}]")
    assert codes(found) == ["CD605"]


def test_booleans_of_templates_are_texts() -> None:
    for value in ("yes", "False", "true", "'true'"):
        assert codes(template("Deploy/S3", f"{{BucketName: a, Extract: {value}, ObjectKey: b}}")) == []
    found = template("Deploy/S3", "{BucketName: a, Extract: 'False', ObjectKey: b}")
    assert codes(found) == ["CD610"]
    assert found.findings[0].severity == "warning"


@pytest.mark.parametrize(
    ("strategy", "wrong"),
    [
        ("AllAtOnce", False),
        ("Canary10Percent2880Minutes", False),
        ("Canary10Percent2881Minutes", True),
        ("Linear25PercentEvery1Minute", False),
        ("Linear10PercentEvery400Minutes", True),
        ("Canary0Percent5Minutes", True),
        ("CodeDeployDefault.LambdaAllAtOnce", True),
        ("#{variables.Strategy}", False),
    ],
)
def test_strategies(strategy: str, wrong: bool) -> None:
    result = api("Deploy/AWS/Lambda", {"FunctionName": "f", "FunctionAlias": "a", "DeployStrategy": strategy})
    assert codes(result) == (["CD610"] if wrong else [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('!Sub \'[{"name": "A", "value": "${X}"}]\'', []),
        ('!Sub \'[{"name": "A", "value": ${X}}]\'', []),
        ('!Sub \'[${Before}{"name": "A", "value": "b"}]\'', []),
        ('!Sub \'[{"name": "A", "value": "${X}"},]\'', ["CD612"]),
        ('!Join [\'\', [\'[{"name": "A", "value": "\', !Ref X, \'"}]\']]', []),
        ('!Join [\'\', [\'[{"Name": "A", "value": "\', !Ref X, \'"}]\']]', ["CD613"]),
        ("!Ref Variables", []),
        ('\'[{"name": "A", "value": "#{Code.X}"}]\'', []),
        ('\'[{"name": "A", "value": "b", "type": "plaintext"}]\'', ["CD613"]),
        ("'[\"A\"]'", ["CD613"]),
        ("'A=b'", ["CD612"]),
    ],
)
def test_json_with_parts_that_nobody_knows(value: str, expected: list[str]) -> None:
    result = template("Build/CodeBuild", f"{{ProjectName: p, EnvironmentVariables: {value}}}")
    assert codes(result) == expected


def test_json_in_a_block_is_told_at_its_line() -> None:
    text = TEMPLATE % (
        "Build",
        "CodeBuild",
        """
                ProjectName: p
                EnvironmentVariables: !Sub |
                  [
                    {"name": "A", "value": "${X}"},
                    {"name": "B", "vlaue": "b"}
                  ]""",
    )
    (found,) = [one for one in check_text(text, "template.yml").findings if one.code == "CD613"]
    assert text[found.span.start : found.span.end] == '"vlaue"'


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        ("CAPABILITY_IAM, CAPABILITY_NAMED_IAM", "CAPABILITY_IAM,CAPABILITY_NAMED_IAM"),
        ("CAPABILITY_IAM CAPABILITY_NAMED_IAM", "CAPABILITY_IAM,CAPABILITY_NAMED_IAM"),
        ("CAPABILITY_IAM;CAPABILITY_NAMED_IAM", "CAPABILITY_IAM,CAPABILITY_NAMED_IAM"),
        ("CAPABILITY_IAM,CAPABILITY_NAMEDIAM", "CAPABILITY_IAM,CAPABILITY_NAMED_IAM"),
    ],
)
def test_capabilities_are_mended(value: str, mended: str) -> None:
    base = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "s",
        "RoleArn": "arn:aws:iam::111122223333:role/r",
        "TemplatePath": "Source::t.yml",
    }
    result = api("Deploy/AWS/CloudFormation", {**base, "Capabilities": value})
    assert codes(result) == ["CD614"]
    fix = result.findings[0].fix
    assert fix is not None
    assert fix.safe
    assert f'"{mended}"' in apply_edits(result.source.text, fix.edits)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("group/sub/project", []),
        ("owner/name.js", []),
        ("name", ["CD616"]),
        ("git@github.com:owner/name.git", ["CD616"]),
        ("github.com/owner/name", ["CD616"]),
        ("${OWNER}/name.git", []),
        ("REPOSITORY_ID", []),
    ],
)
def test_repositories(value: str, expected: list[str]) -> None:
    arn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b"
    configuration = {"ConnectionArn": arn, "FullRepositoryId": value, "BranchName": "main"}
    result = api("Source/AWS/CodeStarSourceConnection", configuration, inputArtifacts=[])
    assert codes(result) == expected


def test_artifacts_that_are_not_known_are_not_missing() -> None:
    text = TEMPLATE.replace(
        "[{Name: Source}]\n              ActionTypeId", "[{Name: !Ref In}]\n              ActionTypeId"
    )
    path = "{ActionMode: CREATE_UPDATE, StackName: s, RoleArn: !Ref R, TemplatePath: 'Other::t.yml'}"
    assert codes(check_text(text % ("Deploy", "CloudFormation", path), "template.yml")) == []
    assert codes(template("Deploy/CloudFormation", path)) == ["CD620"]
    known = path.replace("'Other::t.yml'", "!Sub '${In}::t.yml'")
    assert codes(template("Deploy/CloudFormation", known)) == []


def test_modes_of_a_stack_under_a_condition() -> None:
    both = (
        "{ActionMode: !If [Two, CHANGE_SET_REPLACE, CREATE_UPDATE], StackName: s, RoleArn: !Ref R,"
        " TemplatePath: 'Source::t.yml', ChangeSetName: !If [Two, c, !Ref AWS::NoValue]}"
    )
    assert codes(template("Deploy/CloudFormation", both)) == []
    wrong = both.replace(", ChangeSetName: !If [Two, c, !Ref AWS::NoValue]", "")
    assert codes(template("Deploy/CloudFormation", wrong)) == ["CD622"]


def test_no_report_shows_a_secret_of_an_action() -> None:
    token, password = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345", "Tr0ub4dor-and-3x"
    variables = json.dumps([{"name": "TOKEN", "value": token}, {"name": "DB_PASSWORD", "value": password}])
    result = api("Build/AWS/CodeBuild", {"ProjectName": "p", "EnvironmentVariables": variables})
    assert sorted(codes(result)) == ["CD635", "CD638"]
    for form in ("full", "json", "sarif", "github"):
        out = io.StringIO()
        write(form, [result], out, ReportOptions())
        assert token not in out.getvalue()
        assert password not in out.getvalue()


def test_secrets_that_only_show_where_one_belongs() -> None:
    for value in (
        "{{resolve:secretsmanager:a:SecretString:b}}",
        "YOUR_TOKEN",
        "<token>",
        "$TOKEN",
        "secret-token",
    ):
        result = api(
            "Source/ThirdParty/GitHub",
            {"Owner": "o", "Repo": "r", "Branch": "b", "OAuthToken": value, "PollForSourceChanges": "false"},
            inputArtifacts=[],
        )
        assert codes(result) == ["CD602"], value


def test_words_to_be_filled_in_are_left_alone() -> None:
    stack = {"ActionMode": "ACTION_MODE", "StackName": "STACK_NAME", "TemplatePath": "TEMPLATE_PATH"}
    assert codes(api("Deploy/AWS/CloudFormation", {**stack, "ParameterOverrides": "OVERRIDES_JSON"})) == []
    service = {"ClusterName": "c", "ServiceName": "s", "DeploymentTimeout": "DEPLOYMENT_TIMEOUT"}
    assert codes(api("Deploy/AWS/ECS", service)) == []
