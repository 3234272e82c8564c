"""Triggers, conditions, types, regions, webhooks and event rules, at their edges."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.rules.deployment_windows import _cron_fault
from cdlint.rules.pipeline_regions import is_region
from cdlint.rules.webhooks import is_anchored

OURS = ("CD54", "CD55", "CD57")
HEAD = """name: shop
roleArn: arn:aws:iam::111122223333:role/pipeline
artifactStore: {type: S3, location: shop-artifacts}
"""
STAGES = """stages:
  - name: Source
    actions:
      - name: Code
        actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
        configuration:
          ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1
          FullRepositoryId: a/b
          BranchName: main
        outputArtifacts: [{name: src}]
  - name: Ship
    actions:
      - name: Ship
        actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
        configuration: {ApplicationName: shop, DeploymentGroupName: web}
        inputArtifacts: [{name: src}]
"""


def codes(text: str, path: str = "pipeline.yml", severity: str = "") -> list[str]:
    return [
        finding.code
        for finding in check_text(text, path=path, pedantic=True).findings
        if finding.code.startswith(OURS) and severity in ("", finding.severity)
    ]


def test_types() -> None:
    queued = "executionMode: QUEUED\n"
    assert codes(HEAD + "pipelineType: V2\n" + queued + STAGES) == []
    assert codes(HEAD + queued + STAGES, severity="warning") == ["CD550"]
    assert codes(HEAD + "pipelineType: V1\n" + queued + STAGES, severity="error") == ["CD550"]
    assert codes(HEAD + "pipelineType: V1\nexecutionMode: SUPERSEDED\nvariables: []\n" + STAGES) == []
    assert "CD550" not in codes(HEAD + "type: V2\nPipelineType: V2\n" + queued + STAGES)


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("onFailure: {result: RETRY}", []),
        ("onFailure: {result: RETRY, retryConfiguration: {retryMode: ALL_ACTIONS}}", []),
        ("onFailure: {retryConfiguration: {retryMode: ALL_ACTIONS}}", ["CD549"]),
        ("onFailure: {result: ROLLBACK}", []),
        ("onFailure: {result: FAIL}", []),
        ("onFailure: {result: SKIP}", ["CD545"]),
        ("beforeEntry: {conditions: [{result: SKIP, rules: [RULE]}]}", []),
        ("beforeEntry: {conditions: [{result: RETRY, rules: [RULE]}]}", ["CD545"]),
        ("onSuccess: {conditions: [{result: FAIL, rules: [RULE]}]}", []),
        ("onSuccess: {conditions: [{result: SKIP, rules: [RULE]}]}", ["CD545"]),
        ("onFailure: {conditions: [{result: ROLLBACK, rules: [RULE]}]}", []),
        ("onFailure: {result: ROLLBACK, conditions: [{result: ROLLBACK, rules: [RULE]}]}", ["CD545"]),
    ],
)
def test_gates(gate: str, expected: list[str]) -> None:
    rule = (
        "{name: Ask, ruleTypeId: {category: Rule, owner: AWS, provider: LambdaInvoke, version: '1'}, "
        "configuration: {FunctionName: ask}}"
    )
    text = HEAD + "pipelineType: V2\n" + STAGES + "    " + gate.replace("RULE", rule) + "\n"
    assert codes(text) == expected
    assert "CD551" not in codes(text)
    parallel = codes(text.replace("pipelineType: V2", "pipelineType: V2\nexecutionMode: PARALLEL"))
    assert ("CD551" in parallel) == ("ROLLBACK" in gate)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("* * 9-17 ? * MON-FRI *", True),
        ("0 0/15 9-17 ? * 2-6", True),
        ("0 30 8,12 1-7 JAN,JUL ? 2026-2030", True),
        ("0 0 12 L * ?", True),
        ("0 0 12 ? * FRI#2", True),
        ("0 0 12 15W * ?", True),
        ("9-17 * * 1-5", False),
        ("* 9-17 * * 1-5", False),
        ("5 * 9-17 ? * MON-FRI", False),
        ("0 60 9 ? * MON", False),
        ("0 0 24 ? * MON", False),
        ("0 0 9 ? * MO", False),
        ("0 0 9 ? ? MON", False),
        ("0 0 9 ? * ?", False),
        ("0 0 9 * * MON", False),
        ("cron(0 9 * * ? *)", False),
    ],
)
def test_deployment_windows(text: str, right: bool) -> None:
    assert (_cron_fault(text) is None) == right


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        ("^1$", True),
        ("^(1|2)$", True),
        ("^1$|^2$", True),
        ("^1|2$", False),
        ("1", False),
        ("^1", False),
        ("(^1$|^2$)", False),
        ("^refs/heads/(a|b)$", True),
    ],
)
def test_anchors(pattern: str, anchored: bool) -> None:
    assert is_anchored(pattern) == anchored


def test_regions_by_their_form() -> None:
    for name in (
        "eu-west-1",
        "ap-southeast-4",
        "us-gov-west-1",
        "ca-west-1",
        "me-central-1",
        "cn-northwest-1",
    ):
        assert is_region(name)
    for name in ("eu-west-1a", "EU-WEST-1", "eu-west", "my-east-1", "us-artifacts-1", "eu-west-1-x"):
        assert not is_region(name)


def test_one_store_and_regions() -> None:
    here = STAGES.replace("- name: Code\n", "- name: Code\n        region: eu-west-1\n")
    there = here.replace(
        "- name: Ship\n        action", "- name: Ship\n        region: us-east-1\n        action"
    )
    assert codes(HEAD + here) == []
    assert codes(HEAD + there) == ["CD555"]
    assert codes(HEAD + there.replace("us-east-1", "eu-west-1")) == []
    # Every action has the region, as the console writes it; nothing tells that it is another one.
    only = STAGES.replace(
        "- name: Ship\n        action", "- name: Ship\n        region: us-east-1\n        action"
    )
    assert codes(HEAD + only, severity="error") == []
    assert codes(HEAD.replace("shop-artifacts", "codepipeline-us-east-1-1234") + only) == []
    assert codes(HEAD.replace("shop-artifacts", "codepipeline-eu-west-1-1234") + only, severity="error") == [
        "CD555"
    ]
    stores = HEAD.replace("artifactStore: {type", "artifactStores:\n  eu-west-1: {type")
    assert codes(stores + there) == ["CD556"]


def test_own_region_of_metadata() -> None:
    text = (
        "metadata: {pipelineArn: 'arn:aws:codepipeline:eu-west-1:111122223333:shop'}\npipeline:\n"
        + "".join(f"  {line}\n" for line in (HEAD + STAGES).splitlines())
    )
    assert "CD555" not in codes(text)
    there = text.replace(
        "- name: Ship\n          action", "- name: Ship\n          region: us-east-1\n          action"
    )
    assert there != text and "CD555" in codes(there)


def test_triggers() -> None:
    head = HEAD + "pipelineType: V2\n"
    trigger = (
        "triggers: [{providerType: CodeStarSourceConnection, gitConfiguration: {sourceActionName: %s}}]\n"
    )
    assert codes(head + trigger % "Code" + STAGES) == []
    assert codes(head + trigger % "code" + STAGES) == ["CD540"]
    assert codes(head + trigger % "Ship" + STAGES) == ["CD540"]
    assert codes(head + trigger % "'${SOURCE}'" + STAGES, severity="error").count("CD540") == 0


PROJECT = """Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: {Type: NO_ARTIFACTS}
      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: aws/codebuild/standard:7.0}
      Source: {Type: GITHUB, Location: https://github.com/a/b.git}
      Triggers:
        Webhook: true
        FilterGroups:
          - - {Type: EVENT, Pattern: PUSH}
            - FILTER
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{Type: ACTOR_ACCOUNT_ID, Pattern: 12345}", ["CD573"]),
        ("{Type: ACTOR_ACCOUNT_ID, Pattern: ^12345$}", []),
        ("{Type: ACTOR_ACCOUNT_ID, Pattern: !Ref Actors}", []),
        ("{Type: ACTOR_ACCOUNT_ID, Pattern: '12345', ExcludeMatchedPattern: true}", []),
        ("{Type: HEAD_REF, Pattern: '^refs/heads/release/.*'}", []),
        ("{Type: HEAD_REF, Pattern: main}", ["CD573"]),
        ("{Type: FILE_PATH, Pattern: src/}", []),
        ("{Type: COMMIT_MESSAGE, Pattern: skip, ExcludeMatchedPattern: true}", []),
    ],
)
def test_filters_of_projects(written: str, expected: list[str]) -> None:
    assert codes(PROJECT.replace("FILTER", written), "template.yml") == expected


HOOK = """Resources:
  Hook:
    Type: AWS::CodePipeline::Webhook
    Properties:
      Authentication: %s
      AuthenticationConfiguration: {%s}
      Filters: [{JsonPath: "$.ref", MatchEquals: "%s"}]
      TargetPipeline: !Ref Elsewhere
      TargetAction: Source
      TargetPipelineVersion: 1
"""


@pytest.mark.parametrize(
    ("kind", "settings", "branch", "expected"),
    [
        ("GITHUB_HMAC", "SecretToken: !Ref Token", "refs/heads/{Branch}", []),
        ("GITHUB_HMAC", "SecretToken: '{{resolve:ssm:token}}'", "refs/tags/v1", []),
        ("GITHUB_HMAC", "SecretToken: abcdef123", "refs/heads/main", ["CD572"]),
        ("GITHUB_HMAC", "AllowedIPRange: 10.0.0.0/8", "refs/heads/main", ["CD572"]),
        ("IP", "AllowedIPRange: 10.0.0.0/8", "refs/heads/main", []),
        ("!Ref Kind", "", "refs/heads/main", []),
        ("UNAUTHENTICATED", "", "refs/heads/main", ["CD572"]),
        ("HMAC", "", "refs/heads/main", ["CD572"]),
        ("IP", "AllowedIPRange: 10.0.0.0/8", "heads/main", ["CD571"]),
    ],
)
def test_webhooks(kind: str, settings: str, branch: str, expected: list[str]) -> None:
    assert codes(HOOK % (kind, settings, branch), "template.yml") == expected


def test_references_in_projects_and_buildspecs() -> None:
    text = PROJECT.replace("            - FILTER\n", "").replace(
        "standard:7.0}", "standard:7.0, EnvironmentVariables: [{Name: A, Value: '#{Src.CommitId}'}]}"
    )
    assert codes(text, "template.yml") == ["CD578"]
    spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - 'echo \"%s\"'\n"
    assert codes(spec % "#{SourceVariables.CommitId}", "buildspec.yml") == ["CD579"]
    assert codes(spec % "#{user.name} #{SourceVariables}", "buildspec.yml") == []


def test_a_branch_from_a_parameter() -> None:
    hook = HOOK.replace('"%s"}]', "!Ref Branch}]") % ("IP", "AllowedIPRange: 10.0.0.0/8")
    assert codes(hook, "template.yml") == []
    assert codes("Parameters:\n  Branch: {Type: String, Default: main}\n" + hook, "template.yml") == ["CD571"]
    assert (
        codes("Parameters:\n  Branch: {Type: String, Default: refs/heads/main}\n" + hook, "template.yml")
        == []
    )
