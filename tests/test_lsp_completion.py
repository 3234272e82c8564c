"""What is proposed at a place: a `|` in each text is the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdlint.engine import check_text
from cdlint.lsp.completion import Suggestion, suggestions
from cdlint.lsp.workspace import Workspace


def proposed(text: str, name: str = "buildspec.yml", folder: Path | None = None) -> list[Suggestion]:
    at = text.index("|")
    workspace = Workspace()
    uri = (folder or Path("/nowhere").absolute()).joinpath(name).as_uri()
    workspace.open(uri, text[:at].replace("¦", "|") + text[at + 1 :].replace("¦", "|"), 1)
    return suggestions(workspace, uri, len(text[:at]))


def labels(text: str, name: str = "buildspec.yml", folder: Path | None = None) -> list[str]:
    return [one.label for one in proposed(text, name, folder)]


def taken(text: str, label: str, name: str = "buildspec.yml") -> str:
    """The text after a proposal was taken."""
    one = next(one for one in proposed(text, name) if one.label == label)
    plain = text.replace("|", "", 1)
    return plain[: one.start] + one.insert + plain[one.end :]


# --- buildspecs -----------------------------------------------------------------------------------

PHASES = ["install", "pre_build", "build", "post_build"]


def test_an_empty_buildspec() -> None:
    assert {"version", "env", "phases", "artifacts", "cache", "reports"} <= set(labels("|"))


@pytest.mark.parametrize(
    "text",
    [
        "version: 0.2\nphases:\n  |",
        "version: 0.2\nphases:\n  |\n",
        "version: 0.2\r\nphases:\r\n  |\r\n",
        "version: 0.2\nphases: {|}\n",
        "version: 0.2\nphases: {pre|}\n",
        "\ufeffversion: 0.2\nphases:\n  pre|\n",
    ],
)
def test_phases(text: str) -> None:
    assert labels(text) == PHASES


def test_what_is_there_is_not_proposed_again() -> None:
    assert labels("version: 0.2\nphases:\n  pre|\n  build:\n    commands:\n      - make\n") == [
        "install",
        "pre_build",
        "post_build",
    ]


def test_beside_faults() -> None:
    text = "version: 0.2\nphases:\n  build:\n  commands:\n    – make “all”\n  post|\n"
    assert "post_build" in labels(text)


def test_keys_of_a_phase_below_other_keys() -> None:
    assert labels("version: 0.2\nphases:\n  build:\n    commands:\n      - make\n    |\n") == [
        "finally",
        "on-failure",
        "run-as",
    ]


def test_values_of_a_setting() -> None:
    assert labels("version: 0.2\nphases:\n  build:\n    on-failure: |\n    commands: [make]\n")[:2] == [
        "ABORT",
        "CONTINUE",
    ]


def test_a_value_right_behind_the_colon_gets_a_blank() -> None:
    assert taken("version: 0.2\nphases:\n  build:\n    on-failure:|\n", "ABORT").endswith(
        "on-failure: ABORT\n"
    )


def test_runtimes_and_their_versions() -> None:
    start = "version: 0.2\nphases:\n  install:\n    runtime-versions:\n      "
    assert {"nodejs", "python", "java", "golang"} <= set(labels(start + "|"))
    versions = labels(start + "nodejs: |")
    assert versions[-1] == "latest"
    assert versions[:-1] == sorted(versions[:-1], key=int, reverse=True)
    assert labels(start + "python: 3.|")[0].startswith("3.")


def test_versions_are_those_of_the_image(tmp_path: Path) -> None:
    (tmp_path / "cdlint.toml").write_text('image = "aws/codebuild/standard:6.0"\n', encoding="utf-8")
    text = "version: 0.2\nphases:\n  install:\n    runtime-versions:\n      golang: |"
    assert labels(text, folder=tmp_path) == ["1.18", "latest"]


def test_variables_in_commands() -> None:
    start = "version: 0.2\nenv:\n  variables:\n    STAGE: x\nphases:\n  build:\n    commands:\n      - "
    found = labels(start + "echo $CODEB|\n")
    assert found[0] == "$STAGE"
    assert "$CODEBUILD_RESOLVED_SOURCE_VERSION" in found
    assert "${CODEBUILD_SRC_DIR}" in labels(start + '"echo ${|}"\n')
    assert taken(start + "echo ${COD|} x\n", "${CODEBUILD_BUILD_ID}").endswith(
        "echo ${CODEBUILD_BUILD_ID} x\n"
    )
    block = "version: 0.2\nphases:\n  build:\n    commands:\n      - ¦\n        cd $CODE|\n        make\n"
    assert "$CODEBUILD_SRC_DIR" in labels(block)


def test_exported_variables_are_those_that_are_set() -> None:
    text = "version: 0.2\nenv:\n  variables:\n    TAG: x\n  exported-variables:\n    - |\nphases: {}\n"
    assert labels(text) == ["TAG"]


def test_a_key_that_has_its_colon_gets_no_other() -> None:
    assert taken("version: 0.2\nph|:\n  build: {}\n", "phases") == "version: 0.2\nphases:\n  build: {}\n"


def test_nothing_for_other_files() -> None:
    assert labels("receivers:\n  - |\n", "alerts.yml") == []


@pytest.mark.parametrize(
    "text",
    [
        "version: 0.2\nphases:\n  build:\n    commands: [make]\n    |\n",
        "version: 0.2\nphases:\n  install:\n    runtime-versions:\n      python: |\n    commands: [make]\n",
        "version: 0.2\nenv:\n  |\nphases:\n  build:\n    commands: [make]\n",
        "version: 0.2\nreports:\n  a:\n    files: [x]\n    file-format: |\nphases:\n  build:\n    commands: [make]\n",
        "version: 0.2\nbatch:\n  |\nphases:\n  build:\n    commands: [make]\n",
    ],
)
def test_what_is_proposed_is_right(text: str) -> None:
    """Taking a value makes no error; taking a key none that says that the key is unknown."""
    for one in proposed(text):
        plain = text.replace("|", "", 1)
        made = plain[: one.start] + one.insert + plain[one.end :]
        found = check_text(made, "buildspec.yml").findings
        if one.kind == "value":
            assert not [finding for finding in found if finding.severity == "error"], made
        else:
            assert not [finding for finding in found if finding.code in ("CD101", "CD102")], made


# --- pipelines ------------------------------------------------------------------------------------

API = """{"pipeline": {"name": "x", "roleArn": "arn:aws:iam::111122223333:role/x", %(top)s
 "artifactStore": {"type": "S3", "location": "b"},
 "variables": [{"name": "Stage"}],
 "stages": [
  {"name": "S", "actions": [{"name": "Src", "namespace": "Sv",
   "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
   "outputArtifacts": [{"name": "SourceOut"}], "configuration": {"S3Bucket": "b"%(source)s}}]},
  {"name": "B", "actions": [{"name": "Bld", "namespace": "Bv",
   "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "%(provider)s", "version": "1"},
   "inputArtifacts": [{"name": "%(input)s"}], "outputArtifacts": [{"name": "BuildOut"}],
   "configuration": {"ProjectName": "p"%(build)s}}]},
  {"name": "D", "actions": [{"name": "Dep",
   "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "CloudFormation", "version": "1"},
   "inputArtifacts": [{"name": "BuildOut"}],
   "configuration": {"ActionMode": "%(mode)s", "StackName": "%(stack)s", "TemplatePath": "%(path)s"}}]}]}}
"""
TEXTS = {
    "top": '"pipelineType": "V2",',
    "source": ', "S3ObjectKey": "k"',
    "provider": "CodeBuild",
    "input": "SourceOut",
    "build": "",
    "mode": "CREATE_UPDATE",
    "stack": "s",
    "path": "BuildOut::t.yml",
}


def in_api(**texts: str) -> list[str]:
    return labels(API % {**TEXTS, **texts}, "pipeline.json")


def test_pipeline_in_json() -> None:
    assert in_api(top='"pipelineType": "|",') == ["V1", "V2"]
    assert in_api(top='"|",')[0] in ("version", "executionMode", "pipelineType", "artifactStores", "triggers")
    assert in_api(source=', "|"') == ["S3ObjectKey", "PollForSourceChanges", "AllowOverrideForS3ObjectKey"]
    assert in_api(source=", |")[0] == "S3ObjectKey"
    assert in_api(provider="Code|") == ["CodeBuild", "ECRBuildAndPublish"]
    assert in_api(input="|") == ["SourceOut"]
    assert in_api(build=', "PrimarySource": "|"') == ["SourceOut"]
    assert in_api(mode="|")[0] == "CREATE_UPDATE"
    assert in_api(path="|") == ["BuildOut::"]


def test_variables_of_a_pipeline() -> None:
    found = in_api(stack="app-#{|}")
    assert "#{codepipeline.PipelineExecutionId}" in found
    assert "#{variables.Stage}" in found
    assert "#{Sv.VersionId}" in found
    assert not [label for label in in_api(build=', "EnvironmentVariables": "#{|}"') if "Bv" in label]


def test_a_key_in_json_gets_its_quotes() -> None:
    (first, *_) = proposed(API % {**TEXTS, "source": ", |"}, "pipeline.json")
    assert first.insert == '"S3ObjectKey": '


def test_an_empty_pipeline_file() -> None:
    assert {"name", "roleArn", "stages"} <= set(labels('{"pipeline": {"|"}}', "pipeline.json"))


def test_exported_variables_of_a_build_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(
        "version: 0.2\nenv:\n  exported-variables: [TAG]\nphases:\n  build:\n    commands:\n      - TAG=1\n",
        encoding="utf-8",
    )
    (tmp_path / "project.yml").write_text(
        "Resources:\n  P:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Name: p\n"
        "      Source: {Type: CODEPIPELINE}\n",
        encoding="utf-8",
    )
    text = API % {**TEXTS, "stack": "#{|}"}
    assert "#{Bv.TAG}" in labels(text, "pipeline.json", tmp_path)
    assert labels(
        API.replace('"ProjectName": "p"', '"ProjectName": "|"') % TEXTS, "pipeline.json", tmp_path
    ) == ["p"]


TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  P:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt R.Arn
      {top}
      Stages:
        - Name: S
          Actions:
            - Name: Src
              ActionTypeId: {{Category: Source, Owner: AWS, Provider: S3, Version: "1"}}
              OutputArtifacts: [{{Name: SrcOut}}]
              Configuration:
                S3Bucket: b
                {source}
        - Name: B
          Actions:
            - Name: Bld
              {action}
              ActionTypeId:
                Category: Build
                Owner: AWS
                {kind}
              InputArtifacts:
                - Name: {input}
              Configuration:
                ProjectName: !Ref X
  X:
    Type: AWS::CodeBuild::Project
    Properties:
      Source:
        Type: CODEPIPELINE
        BuildSpec: ¦
          version: 0.2
          phases:
            build:
              {phase}
              commands:
                - echo {command}
"""


def in_template(**texts: str) -> list[str]:
    parts = {
        "top": "PipelineType: V2",
        "source": "S3ObjectKey: k",
        "action": "RunOrder: 1",
        "kind": "Provider: CodeBuild",
        "input": "SrcOut",
        "phase": "on-failure: ABORT",
        "command": "x",
    }
    return labels(TEMPLATE.format(**{**parts, **texts}), "pipeline.yml")


def test_pipeline_in_a_template() -> None:
    assert {"ArtifactStore", "Triggers", "ExecutionMode"} <= set(in_template(top="|"))
    assert in_template(top="PipelineType: |") == ["V1", "V2"]
    assert in_template(source="|")[0] == "S3ObjectKey"
    assert in_template(source="AllowOverrideForS3ObjectKey: |") == ["true", "false"]
    assert {"RunOrder", "Namespace", "OutputArtifacts"} <= set(in_template(action="Na|"))
    assert in_template(kind="Provider: |") == ["CodeBuild", "ECRBuildAndPublish"]
    assert in_template(input="|") == ["SrcOut"]


def test_a_buildspec_inside_of_a_template() -> None:
    assert in_template(phase="|") == ["finally", "on-failure", "run-as"]
    assert in_template(phase="on-failure: |")[:2] == ["ABORT", "CONTINUE"]
    assert "$CODEBUILD_SRC_DIR" in in_template(command="$COD|")


TERRAFORM = """resource "aws_codepipeline" "p" {
  name     = "x"
  role_arn = aws_iam_role.x.arn
  TOP
  artifact_store {
    type     = "S3"
    location = "b"
  }
  stage {
    name = "S"
    action {
      name             = "Src"
      category         = "Source"
      owner            = "AWS"
      provider         = "PROVIDER"
      version          = "1"
      output_artifacts = ["src"]
      configuration = {
        S3Bucket = "b"
        SOURCE
      }
    }
  }
  stage {
    name = "B"
    action {
      name            = "Bld"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["INPUT"]
      configuration = {
        ProjectName = "x"
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("TOP", "|", "pipeline_type"),
        ("TOP", 'pipeline_type = "|"', "V2"),
        ("TOP", "pipeline_type = |", "V1"),
        ("PROVIDER", "|", "CodeStarSourceConnection"),
        ("SOURCE", "|", "S3ObjectKey"),
        ("SOURCE", 'PollForSourceChanges = "|"', "false"),
        ("INPUT", "|", "src"),
    ],
)
def test_pipeline_in_terraform(word: str, text: str, expected: str) -> None:
    whole = TERRAFORM.replace(word, text)
    for other, plain in (("TOP", ""), ("PROVIDER", "S3"), ("SOURCE", ""), ("INPUT", "src")):
        whole = whole.replace(other, plain)
    assert expected in labels(whole, "main.tf")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("appspec.yml", "version: 0.0\nos: linux\n|", "hooks"),
        ("appspec.yml", "version: 0.0\nos: linux\nhooks:\n  |", "AfterInstall"),
        ("taskdef.json", '{"containerDefinitions": [{"|"}]}', "image"),
        ("imagedefinitions.json", '[{"|"}]', "imageUri"),
        ("deployspec.yml", "version: 0.1\n|", "scripts"),
    ],
)
def test_deploy_files(name: str, text: str, expected: str) -> None:
    assert expected in labels(text, name)


@pytest.mark.parametrize("name", ["buildspec.yml", "pipeline.json", "main.tf", "appspec.yml", "taskdef.json"])
def test_odd_texts_give_no_error(name: str) -> None:
    for text in (
        "|",
        "{|",
        "[|",
        "}|",
        "\0|",
        "a: &a [*a, |",
        "- - - |",
        '"|',
        "'|",
        "${|",
        "#{|",
        "\t|",
        "x:|",
        "x: |é",
    ):
        proposed(text, name)


UNFINISHED = """{"pipeline": {"name": "x", "stages": [
  {"name": "S", "actions": [{"name": "Src",
   "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
   "outputArtifacts": [{"name": "SourceOut"}]}]},
  {"name": "B", "actions": [{"name": "Bld", %s"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"inputArtifacts": [{"name": "|', "SourceOut"),
        ('"inputArtifacts": [{"name": "|"', "SourceOut"),
        ('"inputArtifacts": [{"|', "name"),
        ('"|', "actionTypeId"),
        ("|", "actionTypeId"),
        ('"actionTypeId": {"category": "Build", "owner": "AWS", "provider": "|', "CodeBuild"),
    ],
)
def test_json_that_is_not_finished(text: str, expected: str) -> None:
    assert expected in labels(UNFINISHED % text, "pipeline.json")
    (one,) = (one for one in proposed(UNFINISHED % text, "pipeline.json") if one.label == expected)
    made = (UNFINISHED % text).replace("|", "", 1)
    made = made[: one.start] + one.insert + made[one.end :]
    assert made.count('"') % 2 == 0


def test_yaml_in_braces_is_no_json() -> None:
    assert labels("{version: 0.2, phases: {|}}\n") == PHASES


PROJECT = """Resources:
  X:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: x
      Environment:
        Type: LINUX_CONTAINER
        %s
      Source:
        Type: CODEPIPELINE
        %s
"""


def test_build_projects_in_a_template(tmp_path: Path) -> None:
    (tmp_path / "ci").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "ci" / "deploy.buildspec.yml").write_text(
        "version: 0.2\nphases: {build: {commands: [make]}}\n", encoding="utf-8"
    )

    def offered(environment: str, source: str) -> list[str]:
        return labels(PROJECT % (environment, source), "template.yml", tmp_path)

    assert "BUILD_GENERAL1_SMALL" in offered("ComputeType: |", "")
    assert "aws/codebuild/standard:7.0" in offered("Image: |", "")
    assert {"Image", "ComputeType", "PrivilegedMode"} <= set(offered("|", ""))
    assert "BuildSpec" in offered("", "|")
    assert offered("", "BuildSpec: |") == ["ci/deploy.buildspec.yml"]


def test_settings_that_are_yes_or_no() -> None:
    assert labels("version: 0.2\nartifacts:\n  files: [x]\n  discard-paths: |\n") == [
        "yes",
        "no",
        "true",
        "false",
    ]
