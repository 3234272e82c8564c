"""The schema of pipelines: the same verdict as `jsonschema` in the API's form, milder in the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits
from cdlint.model.pipeline import TERRAFORM, Pipeline
from cdlint.pipeline_shape import is_placeholder, violations_of
from cdlint.rules import load
from cdlint.schema import load_schema, validate
from cdlint.source import Source
from cdlint.subschema import Home
from cdlint.syntax.json import parse
from cdlint.syntax.reading import read
from cdlint.syntax.tree import Mapping, Scalar
from cdlint.syntax.yaml import compose
from test_schema import changed, places, render_block, same_verdict, subschemas

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = load_schema("pipeline")
SHAPE = ("CD500", "CD501", "CD502", "CD503", "CD504", "CD505", "CD507", "CD508", "CD509")
API_FILES = [
    path
    for path in sorted((ROOT / "fixtures" / "delivery").glob("[sa]*/*/good.*"))
    if path.parent.parent.name in ("structure", "artifacts") and "AWS::CodePipeline" not in path.read_text()
]

ROLE = "arn:aws:iam::123456789012:role/pipeline"


def action(**more: Any) -> dict[str, Any]:
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "'1'"}
    return {"name": "a", "actionTypeId": kind, **more}


PIPELINE: dict[str, Any] = {
    "name": "p",
    "roleArn": ROLE,
    "artifactStore": {"type": "S3", "location": "bucket", "encryptionKey": {"id": "k", "type": "KMS"}},
    "pipelineType": "V2",
    "executionMode": "QUEUED",
    "version": "3",
    "variables": [{"name": "A", "defaultValue": "x", "description": "y"}],
    "triggers": [
        {
            "providerType": "CodeStarSourceConnection",
            "gitConfiguration": {
                "sourceActionName": "a",
                "push": [{"branches": {"includes": ["main"]}, "filePaths": {"excludes": ["x"]}}],
                "pullRequest": [{"events": ["OPEN"], "branches": {"includes": ["main"]}}],
            },
        }
    ],
    "stages": [
        {"name": "s", "actions": [action(runOrder="2", configuration={"A": "x"}, region="eu-west-1")]},
        {
            "name": "t",
            "actions": [
                action(
                    commands=["make"],
                    inputArtifacts=[{"name": "in"}],
                    outputArtifacts=[{"name": "out", "files": ["x"]}],
                    outputVariables=["V"],
                    environmentVariables=[{"name": "E", "value": "v", "type": "PLAINTEXT"}],
                    namespace="n",
                    roleArn=ROLE,
                    timeoutInMinutes="30",
                )
            ],
            "onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
            "beforeEntry": {
                "conditions": [
                    {
                        "result": "FAIL",
                        "rules": [
                            {
                                "name": "r",
                                "ruleTypeId": {"category": "Rule", "provider": "CloudWatchAlarm"},
                                "configuration": {"AlarmName": "x"},
                                "inputArtifacts": [{"name": "in"}],
                            }
                        ],
                    }
                ]
            },
        },
    ],
}
WHOLE = {"pipeline": PIPELINE, "metadata": {"pipelineArn": "x", "created": "1.5"}}
VALUES = st.sampled_from(
    """x|''|1|0|1000|true|null|"a b"|a.b|a@b|build|Build|AWS|S3|V3|'1'|[]|{}|[x]|{name: x}
    |arn:aws:iam::1:role/x""".split("|")
).map(str.strip)
KEYS = st.sampled_from(
    "name Name roleArn stages actions artifactStores category configuration metadata x commands".split()
)


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """A right file with one to three things replaced, removed or added."""
    tree: Any = draw(st.sampled_from([WHOLE, PIPELINE]))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(tree)[1:]))
        here = tree
        for step in path:
            here = here[step]
        if isinstance(here, dict) and draw(st.booleans()):
            tree = changed(tree, path, {**here, draw(KEYS): draw(VALUES)})
        else:
            tree = changed(tree, path, draw(VALUES))
    return tree


@pytest.mark.parametrize("tree", [WHOLE, PIPELINE])
def test_a_full_pipeline_is_valid(tree: Any) -> None:
    root = compose(render_block(tree)).root
    assert root is not None
    assert validate(root, SCHEMA) == []
    same_verdict(root, SCHEMA)


@given(mutants())
def test_same_verdict_as_jsonschema(tree: Any) -> None:
    root = compose(render_block(tree)).root
    assert root is not None
    same_verdict(root, SCHEMA)


@given(mutants())
def test_every_violation_has_a_rule_and_words(tree: Any) -> None:
    text = render_block(tree)
    root = compose(text).root
    assert root is not None
    names = {rule.name for rule in load("pipeline").values()}
    for violation in validate(root, SCHEMA):
        assert violation.rule in names, violation
        assert violation.message.endswith(".")
        assert "{" not in violation.message.replace("{}", "").replace("{name: x}", ""), violation
        assert 0 <= violation.span.start <= violation.span.end <= len(text)


@pytest.mark.parametrize("path", API_FILES, ids=lambda path: path.parent.name)
def test_repaired_files_are_valid(path: Path) -> None:
    text = path.read_text()
    tree = compose(text) if path.suffix != ".json" else None
    root = tree.root if tree is not None else parse(text)[0]
    assert root is not None
    assert validate(root, SCHEMA) == []


def test_every_key_is_described() -> None:
    home = Home(SCHEMA)
    count = 0
    for sub in subschemas(SCHEMA):
        for name, value in sub.get("properties", {}).items():
            target = home.target(value["$ref"]) if "$ref" in value else {}
            assert {**target, **value}.get("description"), name
            count += 1
    assert count > 80


def test_examples_and_defaults_are_valid() -> None:
    count = 0
    for sub in subschemas(SCHEMA):
        whole = {**sub, "$defs": SCHEMA["$defs"]}
        for value in [*sub.get("examples", []), *([sub["default"]] if "default" in sub else [])]:
            jsonschema.validate(value, whole)
            count += 1
    assert count > 10


# --- the other forms ------------------------------------------------------------------------------

TEMPLATE = """\
Resources:
  Delivery:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::123456789012:role/pipeline
      ArtifactStore: {Type: S3, Location: artifacts}
      Stages:
        - Name: Source
          Actions:
            - Name: Code
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: 1}
              Configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Code}]
              RunOrder: '1'
        - Name: Deploy
          Actions:
            - Name: Site
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: S3, Version: 1}
              Configuration: {BucketName: web, Extract: true, CacheControl: max-age=60}
              InputArtifacts: [{Name: Code}]
"""


def found(text: str, path: str = "template.yml") -> list[tuple[str, str]]:
    """`(code, text it points at)` of what the schema has to say."""
    result = check_text(text, path=path)
    return [(one.code, text[one.span.start : one.span.end]) for one in result.findings if one.code in SHAPE]


def shape(text: str, path: str = "template.yml") -> list[Finding]:
    return [one for one in check_text(text, path=path).findings if one.code in SHAPE]


def test_cloudformation_takes_numbers_and_booleans_for_texts() -> None:
    assert found(TEMPLATE) == []


def test_keys_of_cloudformation_only() -> None:
    text = TEMPLATE.replace(
        "      Stages:",
        "      Tags: [{Key: a, Value: b}]\n      RestartExecutionOnUpdate: true\n"
        "      DisableInboundStageTransitions: [{StageName: Deploy, Reason: Audit}]\n      Stages:",
    )
    assert found(text) == []
    assert ("CD500", "Why") in found(text.replace("Reason: Audit", "Reason: Audit, Why: x"))


def test_messages_have_the_names_of_the_form() -> None:
    (finding,) = shape(TEMPLATE.replace("      RoleArn: arn:aws:iam::123456789012:role/pipeline\n", ""))
    assert "`RoleArn`" in finding.message and "`RoleArn`" in finding.help
    (finding,) = shape(TEMPLATE.replace("OutputArtifacts", "outputArtifacts"))
    assert finding.message.startswith("`outputArtifacts` is not a key of an action: CloudFormation")
    assert finding.help == "Write `OutputArtifacts`."
    assert finding.fix is not None and finding.fix.safe
    mended = apply_edits(TEMPLATE.replace("OutputArtifacts", "outputArtifacts"), finding.fix.edits)
    assert mended == TEMPLATE


def test_keys_of_a_configuration_are_the_users_own() -> None:
    (finding,) = shape(TEMPLATE.replace("CacheControl: max-age=60", "name: [x]"))
    assert finding.message.startswith("`name` holds a list")


def test_the_form_of_terraform() -> None:
    text = SMALL.replace('"p"', '"p q"').replace('"k"', "1").replace('"stages"', '"other": 1, "stages"')
    document = read(Source("pipeline.json", text), [], None)
    assert isinstance(document.root, Mapping)
    pipeline = Pipeline(document, TERRAFORM, document.root, document.root)
    assert [one.rule for one in violations_of(pipeline)] == ["invalid-pipeline-name"]
    pipeline.node.pairs.append((Scalar(0, 0, "pipelineType"), Scalar(0, 0, "v2")))
    pipeline.node._index = None
    assert "`pipeline_type`" in violations_of(pipeline)[-1].message


def test_many_keys_with_wrong_capitals_are_one_fault() -> None:
    action = TEMPLATE[TEMPLATE.index("            - Name: Site") :]
    wrong = action
    for key in "Name ActionTypeId Category Owner Provider Version Configuration InputArtifacts".split():
        wrong = wrong.replace("{" + key + ":", "{" + key[0].lower() + key[1:] + ":")
        wrong = wrong.replace(" " + key + ":", " " + key[0].lower() + key[1:] + ":")
    text = TEMPLATE.replace(action, wrong)
    (finding,) = shape(text)
    assert finding.code == "CD500"
    assert "8 more begin with a small letter" in finding.message
    assert finding.fix is not None
    assert apply_edits(text, finding.fix.edits) == TEMPLATE


def test_unknown_values_are_not_judged() -> None:
    text = TEMPLATE.replace("arn:aws:iam::123456789012:role/pipeline", "!ImportValue role")
    text = text.replace("{Type: S3, Location: artifacts}", "!If [A, {Type: S3, Location: !Ref B}, !Ref C]")
    text = text.replace("Category: Source", "Category: !Ref Category").replace("'1'", "!Ref Order")
    assert found(text) == []


def test_both_branches_of_a_condition_are_looked_at() -> None:
    text = "Conditions: {A: !Equals [!Ref X, y]}\n" + TEMPLATE.replace(
        "Location: artifacts", "Location: !If [A, artifacts, 'bucket/path']"
    )
    assert found(text) == [("CD503", "'bucket/path'")]


def test_a_store_that_a_condition_takes_away_is_missing() -> None:
    text = "Conditions: {A: !Equals [!Ref X, y]}\n" + TEMPLATE.replace(
        "{Type: S3, Location: artifacts}", "!If [A, {Type: S3, Location: artifacts}, !Ref AWS::NoValue]"
    )
    assert found(text) == [("CD507", "Delivery")]
    text = text.replace(
        "      Stages:",
        "      ArtifactStores:\n        - !If [A, !Ref AWS::NoValue, {Region: eu-west-1, ArtifactStore: "
        "{Type: S3, Location: b-b}}]\n      Stages:",
    )
    assert ("CD507", "Delivery") not in found(text)


def test_a_configuration_as_one_json_text() -> None:
    text = TEMPLATE.replace(
        "{BucketName: web, Extract: true, CacheControl: max-age=60}",
        """'{"BucketName": "web", "Extract": "true"}'""",
    )
    assert found(text) == []


def test_the_role_by_ref() -> None:
    text = TEMPLATE.replace("arn:aws:iam::123456789012:role/pipeline", "!Ref Role")
    assert found(text) == []
    assert found(text + "  Role: {Type: AWS::IAM::Role}\n") == [("CD508", "Role")]
    assert found(text + "  Role: {Type: Custom::Role}\n") == []


@pytest.mark.parametrize(
    "value",
    [
        "{{ role }}",
        "${ROLE}",
        "$ROLE",
        "<role-arn>",
        "[RoleArn]",
        "%ROLE%",
        "arn:aws:iam::ACCOUNT_ID:role/x",
        "arn:aws:iam::<ACCOUNT>:role/x",
        "YOUR_ROLE_ARN",
    ],
)
def test_placeholders_are_not_judged(value: str) -> None:
    assert is_placeholder(value)
    text = json.dumps({**json.loads(SMALL), "roleArn": value})
    assert found(text, "pipeline.json") == []


@pytest.mark.parametrize("value", ["My Role", "role", "arn:aws:iam::1:role/x", "MYROLE", "a.b"])
def test_what_is_no_placeholder(value: str) -> None:
    assert not is_placeholder(value)


SMALL = json.dumps(
    {
        "name": "p",
        "roleArn": ROLE,
        "artifactStore": {"type": "S3", "location": "bucket"},
        "stages": [
            {
                "name": "Source",
                "actions": [
                    {
                        "name": "a",
                        "actionTypeId": {
                            "category": "Source",
                            "owner": "AWS",
                            "provider": "S3",
                            "version": "1",
                        },
                        "configuration": {
                            "S3Bucket": "b",
                            "S3ObjectKey": "k",
                            "PollForSourceChanges": "false",
                        },
                        "outputArtifacts": [{"name": "A"}],
                    }
                ],
            },
            {
                "name": "Approve",
                "actions": [
                    {
                        "name": "a",
                        "actionTypeId": {
                            "category": "Approval",
                            "owner": "AWS",
                            "provider": "Manual",
                            "version": "1",
                        },
                    }
                ],
            },
        ],
    }
)


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ('"S3ObjectKey": "k"', '"S3ObjectKey": 1', "CD502", "1"),
        ('"PollForSourceChanges": "false"', '"PollForSourceChanges": false', "CD502", "false"),
        ('"version": "1"', '"version": 1', "CD502", "1"),
        ('"stages"', '"Stages"', "CD501", '"Stages"'),
        ('"name": "p"', '"name": null', "CD502", '"name"'),
        ('"name": "p"', '"name": "p", "executionMode": "SERIAL"', "CD505", '"SERIAL"'),
        ('"name": "p"', '"name": "p", "tags": []', "CD500", '"tags"'),
        ('"location": "bucket"', '"location": "ab"', "CD504", '"ab"'),
        (
            '"name": "p"',
            '"name": "p", "variables": [' + '{"name": "v"},' * 50 + '{"name": "w"}]',
            "CD509",
            None,
        ),
    ],
)
def test_the_strict_form(old: str, new: str, code: str, at: str | None) -> None:
    text = SMALL.replace(old, new, 1)
    assert text != SMALL
    codes = found(text, "pipeline.json")
    assert len(codes) == 1 and codes[0][0] == code
    assert at is None or codes[0][1] == at


def test_metadata_is_taken_out() -> None:
    text = '{"pipeline": ' + SMALL + ', "metadata": {"created": 1.5}}'
    (finding,) = [one for one in check_text(text, path="pipeline.json").findings if one.code == "CD506"]
    assert finding.severity == "warning" and finding.fix is not None
    assert apply_edits(text, finding.fix.edits) == '{"pipeline": ' + SMALL + "}"
    text = '{"metadata": {"created": 1.5}, "pipeline": ' + SMALL + "}"
    (finding,) = [one for one in check_text(text, path="pipeline.json").findings if one.code == "CD506"]
    assert finding.fix is not None
    assert apply_edits(text, finding.fix.edits) == '{"pipeline": ' + SMALL + "}"


def test_a_file_with_the_capitals_of_templates_is_a_pipeline() -> None:
    text = SMALL
    for key in ("name", "roleArn", "artifactStore", "stages", "actions", "actionTypeId", "type", "location"):
        text = text.replace(f'"{key}":', f'"{key[0].upper() + key[1:]}":')
    text = '{"pipeline": ' + text + "}"
    result = check_text(text, path="pipeline.json")
    assert result.kind == "pipeline"
    (finding,) = [one for one in result.findings if one.code in SHAPE]
    assert finding.fix is not None
    assert apply_edits(text, finding.fix.edits) == '{"pipeline": ' + SMALL + "}"
