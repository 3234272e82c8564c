"""The rules about several files: CD8xx, and how a run takes files together."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cdlint.cli import main
from cdlint.joins import check_files
from cdlint.model.outputs import ships
from cdlint.rules import load
from cdlint.rules.documentation import documentation
from cdlint.rules.joined_deploys import names_in

ROOT = Path(__file__).resolve().parent.parent
PIPELINE = (ROOT / "examples" / "article" / "pipeline.json").read_text(encoding="utf-8")
SPEC = (ROOT / "examples" / "article" / "deploy.buildspec.yml").read_text(encoding="utf-8")
PROJECTS = (ROOT / "examples" / "article" / "projects.yml").read_text(encoding="utf-8")
TASK = (ROOT / "examples" / "article" / "taskdef.json").read_text(encoding="utf-8")


class Run:
    """How a run of the command ended."""

    def __init__(self, status: int, out: str) -> None:
        self.status = status
        self.found = json.loads(out)["findings"]


@pytest.fixture
def cdlint(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> Run:
        capsys.readouterr()
        status = main(list(words))
        return Run(status, capsys.readouterr().out)

    return run


def codes(texts: dict[str, str], first: str = "CD8") -> list[tuple[str, int, str]]:
    return sorted(
        (path, result.source.position(finding.span.start).line, finding.code)
        for path, result in check_files(texts).items()
        for finding in result.findings
        if finding.code.startswith(first)
    )


def test_the_example_is_clean() -> None:
    folder = ROOT / "examples" / "article"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    results = check_files(texts)
    grave = [found for result in results.values() for found in result.findings if found.severity != "info"]
    assert not grave


def test_faults_in_several_files_are_found_in_one_run(tmp_path: Path, cdlint, monkeypatch) -> None:
    shutil.copytree(ROOT / "fixtures" / "projects" / "article-faults", tmp_path / "delivery")
    monkeypatch.chdir(tmp_path / "delivery")
    done = cdlint("check", ".", "--format", "json")
    found = {(one["path"], one["line"]) for one in done.found}
    assert done.status == 1
    seeded = {
        ("pipeline.json", 33),  # an input artifact that nothing makes
        ("pipeline.json", 57),  # a variable that is not exported
        ("pipeline.json", 72),  # a file name that the build does not ship
        ("deploy.buildspec.yml", 7),  # a container that the task definition lacks
        ("deploy.buildspec.yml", 16),  # a command that AWS removed
        ("integrate.buildspec.yml", 18),  # zip's arguments swapped
        ("integrate.buildspec.yml", 19),  # an upload that starts no pipeline
        ("projects.yml", 41),  # a buildspec that is not there
    }
    assert seeded <= found, seeded - found


def test_a_file_name_is_wrong_where_the_others_agree() -> None:
    texts = {
        "pipeline.json": PIPELINE.replace(
            '"FileName": "imagedefinitions.json"', '"FileName": "images.json"', 1
        ),
        "deploy.buildspec.yml": SPEC,
        "projects.yml": PROJECTS,
    }
    (found,) = codes(texts)
    assert found[0] == "deploy.buildspec.yml" or found[0] == "pipeline.json"
    assert found[2] == "CD800"


def test_a_shipped_name_that_nobody_reads() -> None:
    texts = {
        "pipeline.json": PIPELINE,
        "deploy.buildspec.yml": SPEC.replace("- imagedefinitions.json", "- imagedefinition.json"),
        "projects.yml": PROJECTS,
    }
    assert codes(texts) == [("deploy.buildspec.yml", 35, "CD800")]


def test_no_artifacts_at_all() -> None:
    texts = {
        "pipeline.json": PIPELINE,
        "deploy.buildspec.yml": SPEC[: SPEC.index("artifacts:")],
        "projects.yml": PROJECTS,
    }
    assert {code for _, _, code in codes(texts)} == {"CD800"}


@pytest.mark.parametrize(
    "artifacts",
    [
        "  files: '**/*'",
        "  files: ['*.json']",
        "  files: imagedefinitions.json",
        "  base-directory: out\n  files: ['*']",
        "  files: ['$FILES']",
        "  files: ['out/imagedefinitions.json']\n  discard-paths: yes",
        "  files: ['./imagedefinitions.json']",
    ],
)
def test_what_ships_the_file(artifacts: str) -> None:
    texts = {
        "pipeline.json": PIPELINE,
        "deploy.buildspec.yml": SPEC[: SPEC.index("artifacts:")] + "artifacts:\n" + artifacts + "\n",
        "projects.yml": PROJECTS,
    }
    assert codes(texts) == []


def test_another_repository_may_hold_what_is_missing() -> None:
    assert codes({"pipeline.json": PIPELINE}) == []
    assert codes({"projects.yml": PROJECTS}) == []
    assert codes({"deploy.buildspec.yml": SPEC}) == []


def test_containers_are_compared_only_where_they_are_known() -> None:
    spec = SPEC.replace("ECS_TASK_CONTAINER: web", "ECS_TASK_CONTAINER: app")
    assert codes({"deploy.buildspec.yml": spec, "taskdef.json": TASK}) == [
        ("deploy.buildspec.yml", 7, "CD813")
    ]
    assert codes({"deploy.buildspec.yml": spec}) == []
    other = TASK.replace('"name": "web"', '"name": "app"')
    assert codes({"deploy.buildspec.yml": spec, "taskdef.json": TASK, "b/taskdef.json": other}) == []
    unknown = TASK.replace('"name": "web"', '"name": "${NAME}"')
    assert codes({"deploy.buildspec.yml": spec, "taskdef.json": unknown}) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('printf \'[{"name":"web","imageUri":"x"}]\'', ["web"]),
        ('echo "[{\\"name\\":\\"web\\",\\"imageUri\\":\\"$X\\"}]"', ["web"]),
        ("jq -n '[{name: \"web\", imageUri: $uri}]'", ["web"]),
        ('echo [{"name" : "a"}, {"name":"b"}]', ["a", "b"]),
        ("cat names.txt", []),
        ("aws ecs describe --name web", []),
    ],
)
def test_names_in_a_command(text: str, names: list[str]) -> None:
    assert [text[start:end] for start, end in names_in(text)] == names


def test_neighbours_of_a_file_that_is_named(tmp_path: Path, cdlint, monkeypatch) -> None:
    """As pre-commit does: one file is passed, and the pipeline next to it is read."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "pipeline.json").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "projects.yml").write_text(PROJECTS, encoding="utf-8")
    spec = SPEC.replace("- imagedefinitions.json", "- imagedefinition.json")
    (tmp_path / "deploy.buildspec.yml").write_text(spec, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = cdlint("check", "deploy.buildspec.yml", "--format", "json", "--select", "CD8")
    assert [(one["path"], one["code"]) for one in done.found] == [("deploy.buildspec.yml", "CD800")]
    done = cdlint("check", "infra/pipeline.json", "--format", "json", "--select", "CD8")
    assert [(one["path"], one["code"]) for one in done.found] == [("deploy.buildspec.yml", "CD800")]
    (tmp_path / "infra" / "pipeline.json").unlink()
    (tmp_path / "projects.yml").unlink()
    assert cdlint("check", "deploy.buildspec.yml", "--format", "json", "--select", "CD8").found == []


def test_a_suppression_of_a_join_is_heeded_and_not_called_unused(tmp_path: Path, cdlint, monkeypatch) -> None:
    spec = SPEC.replace("- imagedefinitions.json", "- imagedefinition.json  # cdlint: ignore[CD800]")
    for name, text in (
        ("pipeline.json", PIPELINE),
        ("deploy.buildspec.yml", spec),
        ("projects.yml", PROJECTS),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = cdlint("check", ".", "--format", "json", "--pedantic").found
    assert not [one for one in found if one["code"] in ("CD800", "CD090")]


def test_what_an_artifact_ships() -> None:
    from cdlint.engine import buildspec_of

    def answer(files: str, path: str) -> bool | None:
        spec = buildspec_of(f"version: 0.2\nphases: {{}}\nartifacts:\n  files: {files}\n", "buildspec.yml")
        assert spec.artifact is not None
        return ships(spec.artifact, path)

    assert answer("['**/*']", "a/b.json") is True
    assert answer("['*']", "b.json") is True
    assert answer("['*']", "a/b.json") is False
    assert answer("['a/**/*']", "a/c/b.json") is True
    assert answer("['*.yml']", "b.json") is False
    assert answer("['$X', '*.yml']", "b.json") is None


def test_a_buildspec_is_checked_in_the_light_of_its_project() -> None:
    texts = {
        "deploy.buildspec.yml": SPEC,
        "projects.yml": PROJECTS.replace("        PrivilegedMode: true\n", ""),
    }
    assert codes(texts, "CD650") == [("projects.yml", 35, "CD650")]
    versions = "phases:\n  install:\n    runtime-versions:\n      python: 3.7\n"
    spec = SPEC.replace("phases:\n", versions, 1)
    (found,) = (
        finding
        for finding in check_files({"deploy.buildspec.yml": spec, "projects.yml": PROJECTS})[
            "deploy.buildspec.yml"
        ].findings
        if finding.code.startswith("CD22")
    )
    assert "aws/codebuild/standard:7.0" in found.message


def test_variables_of_the_project_are_known_in_its_buildspec() -> None:
    spec = SPEC.replace("echo Testing", "echo").replace("- echo Build docker image", '- echo "$STAGE_NAME"')
    given = PROJECTS.replace(
        "        PrivilegedMode: true\n",
        "        PrivilegedMode: true\n"
        "        EnvironmentVariables:\n          - Name: STAGE_NAME\n            Value: test\n",
    )
    assert codes({"deploy.buildspec.yml": spec}, "CD356")
    assert not codes({"deploy.buildspec.yml": spec, "projects.yml": given}, "CD356")


def test_no_message_has_a_name_that_was_not_filled_in() -> None:
    """The words of every finding in the examples of the rules about several files."""
    for rule in load("repository").values():
        for example in documentation(rule).examples if rule.code.startswith("CD8") else ():
            results = check_files({path: text for path, (text, _) in example.files.items()})
            for result in results.values():
                for finding in result.findings:
                    assert not re.search(r"\{[a-z_.]+\}", finding.message + finding.help), finding


def test_a_task_definition_in_the_folder_that_is_shipped() -> None:
    pipeline = """
pipeline:
  name: web
  roleArn: arn:aws:iam::111122223333:role/pipeline
  artifactStore: {type: S3, location: store}
  stages:
    - name: Source
      actions:
        - name: Fetch
          actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
          outputArtifacts: [{name: Code}]
          configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
    - name: Deploy
      actions:
        - name: Service
          actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeployToECS, version: "1"}
          inputArtifacts: [{name: Code}]
          configuration:
            ApplicationName: a
            DeploymentGroupName: g
            TaskDefinitionTemplateArtifact: Code
            AppSpecTemplateArtifact: Code
            Image1ArtifactName: Code
            Image1ContainerName: IMAGE1_NAME
"""
    task = '{"family": "web", "containerDefinitions": [{"name": "app", "image": "<IMAGE_NAME>"}]}'
    assert codes({"pipeline.yml": pipeline, "deploy/taskdef.json": task}, "CD815")
    assert not codes(
        {"pipeline.yml": pipeline, "deploy/taskdef.json": task.replace("IMAGE_", "IMAGE1_")}, "CD815"
    )


SOURCE_TO_FLEET = """\
name: web
roleArn: arn:aws:iam::111122223333:role/pipeline
artifactStore: {type: S3, location: store}
stages:
  - name: Source
    actions:
      - name: Fetch
        actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
        outputArtifacts: [{name: Code}]
        configuration: {S3Bucket: shop, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
  - name: Build
    actions:
      - name: Test
        actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
        inputArtifacts: [{name: Code}]
        configuration: {ProjectName: tests}
  - name: Deploy
    actions:
      - name: Fleet
        actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: "1"}
        inputArtifacts: [{name: Code}]
        configuration: {ApplicationName: web, DeploymentGroupName: web}
"""
APPSPEC = """\
version: 0.0
os: {}
files:
  - source: /
    destination: {}
hooks:
  AfterInstall:
    - location: {}
"""
TESTS = "version: 0.2\nphases:\n  build:\n    commands: [make test]\n"


def test_a_deployment_of_the_source_has_nothing_to_do_with_the_only_buildspec() -> None:
    appspec = APPSPEC.format("linux", "/srv/web", "run.sh")
    assert (
        codes({"p.yml": SOURCE_TO_FLEET, "buildspec.yml": TESTS, "appspec.yml": appspec, "run.sh": ""}) == []
    )


def test_paths_of_windows() -> None:
    appspec = APPSPEC.format("windows", "c:\\web", "\\scripts\\Before-Install.bat")
    assert codes({"appspec.yml": appspec, "scripts/before-install.bat": ""}) == []
    assert codes({"appspec.yml": appspec, "scripts/after.bat": ""}) == [("appspec.yml", 8, "CD814")]


def test_two_projects_with_names_that_nobody_knows_do_not_share_a_buildspec() -> None:
    template = """\
Parameters:
  One: {Type: String}
  Two: {Type: String}
Resources:
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/pipeline
      ArtifactStore: {Type: S3, Location: store}
      Stages:
        - Name: Source
          Actions:
            - Name: Fetch
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}
              OutputArtifacts: [{Name: Code}]
              Configuration: {S3Bucket: shop, S3ObjectKey: k.zip, PollForSourceChanges: 'false'}
        - Name: Build
          Actions:
            - Name: Test
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1'}
              InputArtifacts: [{Name: Code}]
              Configuration: {ProjectName: !Ref One}
            - Name: Package
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1'}
              InputArtifacts: [{Name: Code}]
              OutputArtifacts: [{Name: Built}]
              Configuration: {ProjectName: !Ref Two}
        - Name: Deploy
          Actions:
            - Name: Fleet
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: CodeDeploy, Version: '1'}
              InputArtifacts: [{Name: Built}]
              Configuration: {ApplicationName: web, DeploymentGroupName: web}
"""
    assert codes({"pipeline.yml": template, "buildspec.yml": TESTS}) == []


INLINE = """\
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: image
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: {Type: CODEPIPELINE}
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
      Source:
        Type: CODEPIPELINE
        BuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - ./image.sh > imagedefinitions.json
          artifacts:
            files:
              - imagedefinition.json
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/pipeline
      ArtifactStore: {Type: S3, Location: store}
      Stages:
        - Name: Source
          Actions:
            - Name: Fetch
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}
              OutputArtifacts: [{Name: Code}]
              Configuration: {S3Bucket: shop, S3ObjectKey: k.zip, PollForSourceChanges: 'false'}
        - Name: Build
          Actions:
            - Name: Image
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1'}
              InputArtifacts: [{Name: Code}]
              OutputArtifacts: [{Name: Images}]
              Configuration: {ProjectName: !Ref Build}
        - Name: Deploy
          Actions:
            - Name: Service
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: ECS, Version: '1'}
              InputArtifacts: [{Name: Images}]
              Configuration: {ClusterName: c, ServiceName: s}
"""


def test_an_inline_buildspec_is_followed() -> None:
    assert ("template.yml", 22, "CD800") in codes({"template.yml": INLINE})
    assert codes({"template.yml": INLINE.replace("- imagedefinition.json", "- imagedefinitions.json")}) == []


def test_an_inline_buildspec_that_is_joined_is_mended_in_its_template() -> None:
    (result,) = check_files({"template.yml": INLINE}).values()
    (found,) = [one for one in result.findings if one.code == "CD800"]
    assert found.fix is not None
    (edit,) = found.fix.edits
    assert INLINE[edit.start : edit.end] == "imagedefinition.json"
    assert edit.replacement == "imagedefinitions.json"


def test_the_action_is_told_where_its_own_name_is_the_wrong_one() -> None:
    text = INLINE.replace("- imagedefinition.json", "- images.json").replace(
        "> imagedefinitions.json", "> images.json"
    )
    named = text.replace("ServiceName: s}", "ServiceName: s, FileName: definitions.json}")
    line = named[: named.index("definitions.json}")].count("\n") + 1
    assert codes({"template.yml": named}) == [("template.yml", line, "CD800")]
    assert codes({"template.yml": named.replace("definitions.json}", "images.json}")}) == []
