"""References to variables of pipelines, at their edges."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult, apply_edits
from cdlint.model.references import scan

OURS = ("CD53", "CD544", "CD552", "CD553", "CD554", "CD577")
HEAD = """name: shop
roleArn: arn:aws:iam::111122223333:role/pipeline
artifactStore: {type: S3, location: shop-artifacts}
pipelineType: V2
"""
SOURCE = """stages:
  - name: Source
    actions:
      - name: Source
        namespace: Src
        actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: '1'}
        configuration: {RepositoryName: shop, BranchName: main, PollForSourceChanges: 'false'}
        outputArtifacts: [{name: src}]
"""


def approving(text: str, head: str = "", source: str = SOURCE) -> str:
    return (
        HEAD
        + head
        + source
        + f"""  - name: Ship
    actions:
      - name: Approve
        actionTypeId: {{category: Approval, owner: AWS, provider: Manual, version: '1'}}
        configuration: {{CustomData: {text}}}
"""
    )


def check(text: str, path: str = "pipeline.yml") -> FileResult:
    return check_text(text, path=path, pedantic=True)


def codes(text: str, path: str = "pipeline.yml") -> list[str]:
    return [finding.code for finding in check(text, path).findings if finding.code.startswith(OURS)]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("#{a.b}", [""]),
        ("#{a-1.b_2} and #{c@d.e}", ["", ""]),
        ("#{ a.b }", ["blanks"]),
        ("#{a . b}", ["blanks"]),
        ("#{a b.c}", ["parts"]),
        ("#{a}", ["no-namespace"]),
        ("#{a.b.c}", ["parts"]),
        ("#{a.}", ["parts"]),
        ("#{}", ["foreign"]),
        ("#{a.b", ["unclosed"]),
        ('"#{a.b", "c": {}', ["unclosed"]),
        ("#{a.b('x')}", ["foreign"]),
        ("#{ENV.fetch 'x'}", ["foreign"]),
        ("#{\ue000.b}", ["hidden"]),
        ("# {a.b} $#{", ["foreign"]),
        ("no reference", []),
    ],
)
def test_references_are_read(text: str, faults: list[str]) -> None:
    assert [reference.fault for reference in scan(text)] == faults


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'#{Src.CommitId}'", []),
        ("'#{Src.CommitId} #{codepipeline.PipelineExecutionId}'", []),
        ("'#{ Src.CommitId }'", ["CD530"]),
        ("'#{CommitId}'", ["CD552", "CD530"]),
        ("'#{src.CommitId}'", ["CD531"]),
        ("'#{Src.VersionId}'", ["CD533"]),
        ("'#{Src.CommitId} #{codepipeline.Id}'", ["CD533"]),
        ("'#{variables.Stage} #{Src.CommitId}'", ["CD532"]),
        ("'${Src.CommitId}'", ["CD537"]),
        ("'$Src.CommitId #{Src.CommitId}'", ["CD537"]),
        ("'$Src #{Src.CommitId} ${SrcX.y} $Srcs.x'", []),
        ("'#{x.each(1)} #{Src.CommitId}'", []),
    ],
)
def test_references_of_an_approval(text: str, expected: list[str]) -> None:
    found = codes(approving(text))
    assert [code for code in found if code != "CD552"] == [code for code in expected if code != "CD552"]


def test_a_reference_behind_a_blank_without_quotes_is_a_comment() -> None:
    text = approving("'x'").replace(
        "configuration: {CustomData: 'x'}", "configuration:\n          CustomData: Id #{Src.CommitId}"
    )
    assert "CD530" in codes(text)
    quoted = text.replace("Id #{Src.CommitId}", "'Id #{Src.CommitId}'")
    assert "CD530" not in codes(quoted)
    assert "CD530" not in codes(text.replace("Id #{Src.CommitId}", "Id#{Src.CommitId}"))
    assert "CD530" not in codes(text.replace("Id #{Src.CommitId}", "'Id' # of #{Src.CommitId}"))


def test_blanks_are_taken_out() -> None:
    text = approving("'Ship #{ Src.CommitId }?'")
    (finding,) = [found for found in check(text).findings if found.code == "CD530"]
    assert finding.fix is not None and finding.fix.safe
    assert apply_edits(text, finding.fix.edits) == approving("'Ship #{Src.CommitId}?'")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_only_producer_gets_the_namespace(form: str) -> None:
    if form == "yaml":
        text, path = approving("'#{Git.CommitId}'").replace("        namespace: Src\n", ""), "pipeline.yml"
    else:
        text, path = (
            (
                '{"name": "shop", "roleArn": "arn:aws:iam::111122223333:role/pipeline",\n'
                '"artifactStore": {"type": "S3", "location": "shop-artifacts"}, "stages": [\n'
                '{"name": "Source", "actions": [{\n'
                '  "name": "Source",\n'
                '  "actionTypeId":\n'
                '    {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},\n'
                '  "configuration": {"RepositoryName": "shop", "BranchName": "main"},\n'
                '  "outputArtifacts": [{"name": "src"}]}]},\n'
                '{"name": "Ship", "actions": [{"name": "Approve",\n'
                '  "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},\n'
                '  "configuration": {"CustomData": "#{Git.CommitId}"}}]}]}\n'
            ),
            "pipeline.json",
        )
    (finding,) = [found for found in check(text, path).findings if found.severity == "error"]
    assert finding.code == "CD531" and finding.fix is not None
    mended = apply_edits(text, finding.fix.edits)
    assert not [found for found in check(mended, path).findings if found.severity == "error"], mended


def test_the_second_of_two_equal_references_is_pointed_at() -> None:
    text = approving("'#{Src.CommitId} #{Nope.a} #{Nope.a}'")
    spans = [finding.span for finding in check(text).findings if finding.code == "CD531"]
    assert len(spans) == 2 and all(text[span.start : span.end] == "#{Nope.a}" for span in spans)


def test_keys_of_connections() -> None:
    source = SOURCE.replace("CodeCommit", "CodeStarSourceConnection").replace(
        "{RepositoryName: shop, BranchName: main, PollForSourceChanges: 'false'}",
        "{ConnectionArn: 'arn:aws:codestar-connections:eu-west-1:111122223333:connection/1', "
        "FullRepositoryId: a/b, BranchName: main}",
    )
    (finding,) = [
        found
        for found in check(approving("'#{Src.CommitterDate}'", source=source)).findings
        if found.code == "CD533"
    ]
    assert "AuthorDate" in finding.help
    trigger = (
        "triggers: [{providerType: CodeStarSourceConnection, "
        "gitConfiguration: {sourceActionName: Source, %s}}]\n"
    )
    pull = trigger % "pullRequest: [{events: [OPEN]}]"
    both = trigger % "pullRequest: [{events: [OPEN]}], push: [{branches: {includes: [main]}}]"
    tags = trigger % "push: [{tags: {includes: ['v*']}}]"
    for head, key, expected in (
        ("", "PullRequestId", True),
        (pull, "PullRequestId", False),
        (both, "PullRequestId", False),
        (pull, "BranchName", True),
        (both, "BranchName", False),
        (tags, "TagName", False),
        (pull, "TagName", True),
        ("", "CommitId", False),
    ):
        found = codes(approving(f"'#{{Src.{key}}}'", head, source))
        assert ("CD533" in found) == expected, (head, key)


def test_what_cannot_be_seen_silences() -> None:
    template = """Resources:
  P:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !Ref Role
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      Variables: !Ref Variables
      PipelineType: !Ref Type
      Stages:
        - Name: Source
          Actions:
            - Name: Source
              Namespace: !Ref Namespace
              ActionTypeId: {Category: Source, Owner: AWS, Provider: ECR, Version: "1"}
              Configuration: {RepositoryName: base}
              OutputArtifacts: [{Name: src}]
        - Name: Ship
          Actions:
            - Name: Approve
              ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
              Configuration:
                CustomData: "#{Nope.x} #{variables.y}"
"""
    assert codes(template, "template.yml") == []
    known = template.replace("!Ref Namespace", "Base").replace(
        "!Ref Variables", "[{Name: z, DefaultValue: a}]"
    )
    assert {"CD531", "CD532"} <= set(codes(known, "template.yml"))
    hidden = known.replace(
        "        - Name: Ship\n", "        - Fn::Transform: {Name: AWS::Include}\n        - Name: Ship\n"
    )
    assert "CD531" not in codes(hidden, "template.yml")


def test_each_branch_of_a_condition_is_followed() -> None:
    template = """Conditions:
  Live: !Equals [!Ref Stage, live]
Parameters:
  Stage: {Type: String}
Resources:
  P:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !Ref Role
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      Stages:
        - Name: Source
          Actions:
            - Name: Source
              Namespace: !If [Live, Base, !Ref AWS::NoValue]
              ActionTypeId: {Category: Source, Owner: AWS, Provider: ECR, Version: "1"}
              Configuration: {RepositoryName: base}
              OutputArtifacts: [{Name: src}]
        - Name: Ship
          Actions:
            - Name: Approve
              ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
              Configuration:
                CustomData: !If [Live, "#{Base.ImageURI}", nothing]
"""
    assert codes(template, "template.yml") == []
    assert codes(template.replace("nothing]", '"#{Base.ImageTag}"]'), "template.yml") == ["CD531"]


def test_run_order_decides_and_not_the_order_of_the_file() -> None:
    build = """  - name: Build
    actions:
      - name: Tell
        runOrder: {0}
        actionTypeId: {{category: Approval, owner: AWS, provider: Manual, version: '1'}}
        configuration: {{CustomData: '#{{Built.TAG}}'}}
      - name: Build
        namespace: Built
        runOrder: {1}
        actionTypeId: {{category: Build, owner: AWS, provider: CodeBuild, version: '1'}}
        configuration: {{ProjectName: shop}}
        inputArtifacts: [{{name: src}}]
"""
    for first, second, expected in ((2, 1, False), (1, 1, True), (1, 2, True), ("x", 1, False)):
        found = codes(HEAD + SOURCE + build.format(first, second))
        assert ("CD534" in found) == expected, (first, second)


def test_free_text_of_a_commit() -> None:
    build = """  - name: Build
    actions:
      - name: Build
        actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: '1'}
        configuration:
          ProjectName: shop
          EnvironmentVariables: '[{"name":"M","value":"#{Src.KEY}"}]'
        inputArtifacts: [{name: src}]
"""
    for key, severity in (("CommitMessage", "warning"), ("BranchName", "info"), ("CommitId", None)):
        found = check(HEAD + SOURCE + build.replace("KEY", key)).findings
        assert [one.severity for one in found if one.code == "CD553"] == ([severity] if severity else [])
    assert "CD553" not in codes(approving("'#{Src.CommitMessage}'"))


def test_variables_of_the_pipeline() -> None:
    one = "variables: [{name: Stage}]\n"
    assert "CD539" not in codes(approving("'#{variables.Stage}'", one))
    polled = SOURCE.replace(", PollForSourceChanges: 'false'", "")
    assert "CD539" in codes(approving("'#{variables.Stage}'", one, polled))
    assert "CD544" in codes(approving("x", one))
    assert "CD544" not in codes(approving("'#{variables.stage}'", one))
    assert "CD535" in codes(
        approving("x", "variables: [{name: B, defaultValue: main}]\n").replace(
            "BranchName: main", "BranchName: '#{variables.B}'"
        )
    )


def test_names_that_a_template_engine_puts_in() -> None:
    text = approving("'#{Nope.x}'").replace("namespace: Src", "namespace: '${NAMESPACE}'")
    assert "CD531" not in codes(text)


def test_a_rule_of_the_same_template_starts_the_pipeline() -> None:
    template = """Resources:
  P:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !Ref Role
      PipelineType: V2
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      Variables: [{Name: Stage}]
      Stages:
        - Name: Source
          Actions:
            - Name: Source
              ActionTypeId: {Category: Source, Owner: AWS, Provider: ECR, Version: "1"}
              Configuration: {RepositoryName: base}
              OutputArtifacts: [{Name: src}]
        - Name: Ship
          Actions:
            - Name: Approve
              ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
              Configuration: {CustomData: "#{variables.Stage}"}
"""
    assert "CD539" not in codes(template, "template.yml")
    rule = """  Start:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.ecr]}
      Targets:
        - Id: p
          Arn: !Sub arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${P}
          RoleArn: !Ref Role
"""
    assert "CD539" in codes(template + rule, "template.yml")
