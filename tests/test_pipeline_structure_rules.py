"""Edges of the rules on stages, actions and artifacts: what is unknown, conditional, or right though unusual."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

ROOM = tuple(f"CD5{number}" for number in range(10, 30))

SOURCE = "{Category: Source, Owner: AWS, Provider: S3, Version: 1}"
BUILD = "{Category: Build, Owner: AWS, Provider: CodeBuild, Version: 1}"
DEPLOY = "{Category: Deploy, Owner: AWS, Provider: S3, Version: 1}"
APPROVAL = "{Category: Approval, Owner: AWS, Provider: Manual, Version: 1}"


def template(stages: str, head: str = "") -> str:
    lines = "".join(f"        {line}\n" for line in stages.strip("\n").split("\n"))
    return (
        f"{head}Resources:\n  P:\n    Type: AWS::CodePipeline::Pipeline\n    Properties:\n"
        "      RoleArn: arn:aws:iam::123456789012:role/p\n"
        "      ArtifactStore: {Type: S3, Location: bucket}\n"
        f"      Stages:\n{lines}"
    )


START = f"""\
- Name: Source
  Actions:
    - Name: Code
      ActionTypeId: {SOURCE}
      Configuration: {{S3Bucket: sources, S3ObjectKey: k, PollForSourceChanges: false}}
      OutputArtifacts: [{{Name: Code}}]
"""


def build(name: str, more: str = "") -> str:
    return f"- {{Name: {name}, ActionTypeId: {BUILD}, Configuration: {{ProjectName: p}}{more}}}"


def stage(name: str, *actions: str) -> str:
    return f"- Name: {name}\n  Actions:\n" + "".join(f"    {action}\n" for action in actions)


def findings(text: str, path: str = "template.yml") -> list[Finding]:
    return [one for one in check_text(text, path=path).findings if one.code in ROOM]


def codes(text: str, path: str = "template.yml") -> list[str]:
    return [one.code for one in findings(text, path) if one.severity != "info"]


IN = ", InputArtifacts: [{Name: %s}]"
OUT = ", OutputArtifacts: [{Name: %s}]"
CONDITION = "Conditions: {Prod: !Equals [!Ref Stage, prod]}\n"


def test_a_producer_listed_later_with_a_lower_run_order_is_right() -> None:
    text = template(
        START
        + stage(
            "Build",
            build("Test", IN % "Out" + ", RunOrder: 2"),
            build("Build", IN % "Code" + OUT % "Out" + ", RunOrder: 1"),
        )
    )
    assert codes(text) == []


def test_a_gap_between_run_orders_is_right() -> None:
    text = template(
        START
        + stage(
            "Build",
            build("Build", IN % "Code" + OUT % "Out" + ", RunOrder: 10"),
            build("Test", IN % "Out" + ", RunOrder: '200'"),
        )
    )
    assert codes(text) == []


@pytest.mark.parametrize(
    ("order", "code"), [("", ["CD523"]), (", RunOrder: 1", ["CD523"]), (", RunOrder: 2", [])]
)
def test_a_consumer_beside_its_producer(order: str, code: list[str]) -> None:
    text = template(
        START + stage("Build", build("Build", IN % "Code" + OUT % "Out"), build("Test", IN % "Out" + order))
    )
    assert codes(text) == code


def test_an_unknown_run_order_proves_nothing() -> None:
    text = template(
        START
        + stage(
            "Build",
            build("Build", IN % "Code" + OUT % "Out" + ", RunOrder: !Ref First"),
            build("Test", IN % "Out"),
        )
    )
    assert codes(text) == []


def test_the_run_order_is_mended() -> None:
    text = template(
        START
        + stage(
            "Build",
            build("Build", IN % "Code" + OUT % "Out" + ", RunOrder: 3"),
            build("Test", IN % "Out" + ", RunOrder: 2"),
        )
    )
    (finding,) = findings(text)
    assert text[finding.span.start : finding.span.end] == "2"
    assert finding.fix is not None and finding.fix.safe
    assert findings(apply_edits(text, finding.fix.edits)) == []


def test_moving_an_action_that_others_follow_is_not_safe() -> None:
    text = template(
        START
        + stage(
            "Build",
            build("Build", IN % "Code" + OUT % "Out" + ", RunOrder: 3"),
            build("Test", IN % "Out" + ", RunOrder: 2"),
            build("Last", IN % "Code" + ", RunOrder: 4"),
        )
    )
    (finding,) = findings(text)
    assert finding.fix is not None and not finding.fix.safe


def test_unknown_output_names_prove_nothing() -> None:
    text = template(
        START
        + stage("Build", build("Build", IN % "Code" + OUT % "!Ref Name"))
        + stage("Deploy", build("Test", IN % "Out"))
    )
    assert codes(text) == []


def test_the_same_reference_is_the_same_artifact() -> None:
    text = template(
        START
        + stage("Build", build("Build", IN % "Code" + OUT % "!Ref Name"))
        + stage("Deploy", build("Test", IN % "!Ref Name"))
    )
    assert codes(text) == []
    text = template(
        START
        + stage("Build", build("Build", IN % "Code" + OUT % "!Ref Name"))
        + stage("Deploy", build("Test", IN % "Code" + OUT % "!Ref Name"))
    )
    assert codes(text) == ["CD520"]


def test_included_stages_prove_nothing() -> None:
    text = template(
        START
        + "- Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/stages.yml}}\n"
        + stage("Deploy", build("Test", IN % "Out"))
    )
    assert codes(text) == []
    assert (
        codes(template("- Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/x.yml}}")) == []
    )
    assert codes(template(START + "- !Ref More")) == []


def test_stages_behind_a_condition() -> None:
    text = template(
        START
        + stage("Build", build("Build", IN % "Code" + OUT % "Out"))
        + "- !If\n  - Prod\n  - Name: Deploy\n    Actions:\n      "
        + build("Test", IN % "Out")
        + "\n  - !Ref AWS::NoValue\n",
        CONDITION,
    )
    assert codes(text) == []


def test_a_producer_that_a_condition_takes_away_is_missed() -> None:
    text = template(
        START
        + "- Name: Build\n  Actions:\n    - !If [Prod, "
        + build("Build", IN % "Code" + OUT % "Out")[2:]
        + ", !Ref AWS::NoValue]\n    "
        + build("Lint", IN % "Code")
        + "\n"
        + stage("Deploy", build("Test", IN % "Out")),
        CONDITION,
    )
    assert codes(text) == ["CD521"]


def test_only_a_stage_behind_a_condition_leaves_one() -> None:
    text = template(
        START
        + "- !If\n  - Prod\n  - Name: Build\n    Actions:\n      "
        + build("Build", IN % "Code")
        + "\n  - !Ref AWS::NoValue\n",
        CONDITION,
    )
    assert codes(text) == ["CD510"]


def test_equal_names_in_two_branches_are_no_fault() -> None:
    text = template(
        START
        + "- !If\n  - Prod\n  - Name: Build\n    Actions:\n      "
        + build("Build", IN % "Code" + OUT % "Out")
        + "\n  - Name: Build\n    Actions:\n      "
        + build("Build", IN % "Code" + OUT % "Out")
        + "\n",
        CONDITION,
    )
    assert codes(text) == []


def test_action_names_may_come_again_in_another_stage() -> None:
    text = template(START + stage("A", build("Run", IN % "Code")) + stage("B", build("Run", IN % "Code")))
    assert codes(text) == []


def test_names_differ_by_upper_and_lower_case() -> None:
    text = template(START + stage("Deploy", build("a", IN % "Code"), build("A", IN % "Code")))
    assert codes(text) == []


def test_unknown_categories_are_not_judged() -> None:
    text = template(
        START.replace("Category: Source", "Category: !Ref C") + stage("B", build("b", IN % "Code"))
    )
    assert codes(text) == []
    text = template(
        START + stage("B", build("b", IN % "Code").replace("Category: Build", "Category: !Ref C"))
    )
    assert codes(text) == []


def test_swapped_stages_are_one_fault() -> None:
    text = template(stage("Build", build("Build", IN % "Code")) + START)
    (finding,) = findings(text)
    assert (finding.code, text[finding.span.start : finding.span.end]) == ("CD511", "Build")


def test_a_misspelt_key_is_not_a_missing_artifact() -> None:
    text = template(START.replace("OutputArtifacts", "OutputArtifact") + stage("B", build("b", IN % "Code")))
    assert codes(text) == []
    text = template(START + stage("B", build("b", IN % "Code").replace("InputArtifacts", "InputArtefacts")))
    assert codes(text) == []
    text = template(START.replace("{Name: Code}", "{name: Code}") + stage("B", build("b", IN % "Code")))
    assert codes(text) == []


@pytest.mark.parametrize("name", ["code", "Coda", "Source_Code"])
def test_a_near_name_is_proposed(name: str) -> None:
    text = template(START + stage("B", build("b", IN % name)))
    (finding,) = [one for one in findings(text) if one.code == "CD521"]
    assert text[finding.span.start : finding.span.end] == name
    if name != "Source_Code":
        assert finding.fix is not None and finding.fix.safe
        assert codes(apply_edits(text, finding.fix.edits)) == []


def test_a_name_near_to_two_is_not_mended() -> None:
    text = template(
        START
        + stage("A", build("a", IN % "Code" + OUT % "App1"), build("b", IN % "Code" + OUT % "App2"))
        + stage("B", build("b", IN % "App3"))
    )
    (finding,) = [one for one in findings(text) if one.code == "CD521"]
    assert finding.fix is None or not finding.fix.safe


def test_rules_of_conditions_use_artifacts() -> None:
    rule = "{Name: r, RuleTypeId: {Category: Rule, Provider: Commands}, Commands: [x], InputArtifacts: [{Name: %s}]}"
    gate = "  OnSuccess: {Conditions: [{Result: FAIL, Rules: [" + rule + "]}]}\n"
    text = template(START + stage("B", build("b", IN % "Code" + OUT % "Out")) + gate % "Out")
    assert findings(text) == []
    text = template(START + stage("B", build("b", IN % "Code" + OUT % "Out")) + gate % "Oat")
    assert [one.code for one in findings(text)] == ["CD521"]


def test_a_source_that_only_starts_the_pipeline() -> None:
    image = "{Category: Source, Owner: AWS, Provider: ECR, Version: 1}"
    extra = (
        f"    - {{Name: Image, ActionTypeId: {image}, Configuration: {{RepositoryName: r}}, "
        "OutputArtifacts: [{Name: Image}]}\n"
    )
    assert findings(template(START + extra + stage("B", build("b", IN % "Code")))) == []


def test_counts_of_custom_actions() -> None:
    kind = "{Category: Build, Owner: Custom, Provider: Jenkins, Version: 1}"
    action = f"- {{Name: j, ActionTypeId: {kind}, Configuration: {{ProjectName: p}}%s}}"
    assert codes(template(START + stage("B", action % ""))) == []
    six = ", OutputArtifacts: [" + ", ".join(f"{{Name: a{number}}}" for number in range(6)) + "]"
    assert codes(template(START + stage("B", action % six))) == ["CD528"]


@pytest.mark.parametrize(
    ("mode", "code"), [("ECRImageScan", []), ("SourceCodeScan", ["CD527"]), ("!Ref Mode", [])]
)
def test_inputs_of_a_scan(mode: str, code: list[str]) -> None:
    kind = "{Category: Invoke, Owner: AWS, Provider: InspectorScan, Version: 1}"
    action = (
        f"- {{Name: s, ActionTypeId: {kind}, OutputArtifacts: [{{Name: Scan}}], "
        f"Configuration: {{InspectorRunMode: {mode}, ECRRepositoryName: r}}}}"
    )
    assert codes(template(START + stage("B", build("b", IN % "Code")) + stage("S", action))) == code


def test_a_lambda_deployment_needs_no_artifact() -> None:
    kind = "{Category: Deploy, Owner: AWS, Provider: Lambda, Version: 1}"
    action = (
        f"- {{Name: l, ActionTypeId: {kind}, Configuration: {{FunctionName: f, PublishedTargetVersion: 3}}}}"
    )
    assert codes(template(START + stage("B", build("b", IN % "Code")) + stage("L", action))) == []


def test_unknown_lists_of_artifacts_are_not_counted() -> None:
    text = template(START + stage("B", build("b", ", InputArtifacts: !Ref Inputs")))
    assert codes(text) == []
    text = template(START + stage("B", build("b", ", InputArtifacts: [!Ref One]")))
    assert codes(text) == []


def test_an_approval_with_empty_lists_is_right() -> None:
    approval = f"- {{Name: a, ActionTypeId: {APPROVAL}, InputArtifacts: [], TimeoutInMinutes: 30}}"
    assert codes(template(START + stage("A", approval))) == []
    with_input = approval.replace("[]", "[{Name: Code}]")
    assert codes(template(START + stage("A", with_input))) == ["CD518"]


def test_the_names_of_one_output_may_have_hyphens() -> None:
    text = template(START + stage("B", build("b", IN % "Code" + OUT % "build-output")))
    assert codes(text) == []


def test_many_actions() -> None:
    actions = [build(f"b{number}", IN % "Code") for number in range(51)]
    (finding,) = [one for one in findings(template(START + stage("B", *actions))) if one.code == "CD517"]
    assert finding.severity == "warning"
    actions = [build(f"b{number}", IN % "Code") for number in range(101)]
    (finding,) = [one for one in findings(template(START + stage("B", *actions))) if one.code == "CD517"]
    assert finding.severity == "error"


def test_many_stages() -> None:
    stages = "".join(stage(f"s{number}", build("b", IN % "Code")) for number in range(50))
    assert codes(template(START + stages)) == ["CD510"]


def test_anchors_of_the_apis_form() -> None:
    text = """\
name: p
roleArn: arn:aws:iam::123456789012:role/p
artifactStore: {type: S3, location: bucket}
stages:
  - name: Source
    actions:
      - name: Code
        actionTypeId: &s3 {category: Source, owner: AWS, provider: S3, version: "1"}
        configuration: {S3Bucket: sources, S3ObjectKey: k, PollForSourceChanges: "false"}
        outputArtifacts: &code [{name: Code}]
  - name: Deploy
    actions:
      - &deploy
        name: First
        actionTypeId: {<<: *s3, category: Deploy}
        configuration: {BucketName: one, Extract: "true"}
        inputArtifacts: *code
      - <<: *deploy
        name: Second
        runOrder: 2
"""
    assert codes(text, "pipeline.yml") == []


def test_an_output_that_several_actions_miss_is_told_of_where_it_is_made() -> None:
    text = template(
        START
        + stage("A", build("a", IN % "Code" + OUT % "Binary"))
        + stage("B", build("b", IN % "Binaries"), build("c", IN % "Binaries"))
    )
    (finding,) = findings(text)
    assert (finding.code, text[finding.span.start : finding.span.end]) == ("CD521", "Binary")
    assert finding.fix is not None and finding.fix.safe
    assert findings(apply_edits(text, finding.fix.edits)) == []


def test_placeholders_for_artifacts_prove_nothing() -> None:
    text = template(START + stage("B", build("b", IN % "'{{ artifact }}'")))
    assert codes(text) == []
    text = template(
        START.replace("{Name: Code}", "{Name: '<ARTIFACT>'}") + stage("B", build("b", IN % "Code"))
    )
    assert codes(text) == []


def test_a_parameter_with_two_known_values_has_no_third() -> None:
    head = "Conditions: {One: !Equals [!Ref Many, 'no'], Many: !Equals [!Ref Many, 'yes']}\n"
    text = template(
        START
        + "- !If [One, {Name: A, Actions: ["
        + build("a", IN % "Code")[2:]
        + "]}, !Ref AWS::NoValue]\n- !If [Many, {Name: B, Actions: ["
        + build("b", IN % "Code")[2:]
        + "]}, !Ref AWS::NoValue]\n",
        head,
    )
    assert codes(text) == []


def errors(text: str) -> list[tuple[str, str]]:
    result = check_text(text, path="template.yml")
    return [
        (one.code, text[one.span.start : one.span.end]) for one in result.findings if one.severity == "error"
    ]


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("OutputArtifacts", "outputArtifacts"),
        ("InputArtifacts", "InputArtefacts"),
        ("RunOrder", "runOrder"),
        ("Configuration", "configuration"),
        ("Stages", "Stage"),
        ("Actions", "Action"),
        ("ActionTypeId", "ActionTypeID"),
        ("ArtifactStore", "ArtefactStore"),
    ],
)
def test_a_misspelt_key_is_told_of_once_and_read_as_meant(key: str, wrong: str) -> None:
    text = template(
        START
        + stage(
            "Build",
            build("Test", IN % "Out" + ", RunOrder: 2"),
            build("Build", IN % "Code" + OUT % "Out"),
        )
    )
    assert errors(text) == []
    text = text.replace(key + ":", wrong + ":", 1)
    ((_, at),) = errors(text)
    assert at == wrong


STORES = """\
      ArtifactStores:
        - Region: eu-west-1
          ArtifactStore: {Type: S3, Location: one-one}
        - Region: us-east-1
          ArtifactStore: {Type: S3, Location: two-two}
"""


@pytest.mark.parametrize("wrong", ["Regio", "region", "ArtefactStore", "ArtifactStores_"])
def test_entries_of_artifact_stores(wrong: str) -> None:
    text = template(START + stage("Build", build("Build", IN % "Code")))
    text = text.replace("      ArtifactStore: {Type: S3, Location: bucket}\n", STORES)
    assert errors(text) == []
    key = "Region" if wrong.lower().startswith("r") else "ArtifactStore"
    ((code, at),) = errors(
        text.replace(f"  {key}:", f"  {wrong}:").replace(f"- {key}: eu", f"- {wrong}: eu")
    )[:1]
    assert (code, at) == ("CD500", wrong)


def test_lines_at_the_wrong_level_have_no_consequences() -> None:
    text = template(START + stage("Build", build("Build", IN % "Code")))
    lines = text.split("\n")
    lost = [number for number, line in enumerate(lines) if "ActionTypeId: {Category: Source" in line]
    lines[lost[0]] = lines[lost[0]][2:]
    found = errors("\n".join(lines))
    assert [code for code, _ in found if code[:3] == "CD5"] == []
    assert found


def test_a_lost_line_that_makes_keys_twice_has_no_consequences() -> None:
    text = template(START + stage("Build", build("Build", IN % "Code")))
    text = text.replace("        - Name: Build\n          Actions:\n", "          Actions:\n")
    assert {code for code, _ in errors(text)} == {"CD015"}
