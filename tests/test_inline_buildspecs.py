"""Buildspecs in templates and pipelines: found at their places, mended there, and told with their own names."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult, Finding, apply_edits
from cdlint.fixing import fix_text

HEAD = """\
Parameters:
  Stage: {Type: String}
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
        EnvironmentVariables:
          - {Name: KNOWN, Value: x}
      Source:
        Type: CODEPIPELINE
"""
SPEC = """\
version: 0.2
phases:
  build:
    commands:
      - make
      - zip -r . app.zip
"""


def template(spec: str = SPEC, head: str = "|", width: int = 10) -> str:
    return HEAD + f"        BuildSpec: {head}\n" + indent(spec, " " * width)


def check(text: str, path: str = "template.yml") -> FileResult:
    return check_text(text, path, pedantic=True)


def only(result: FileResult, code: str) -> Finding:
    (found,) = [one for one in result.findings if one.code == code]
    return found


def marked(result: FileResult, code: str) -> str:
    """The text of the file that the one finding of a rule stands on."""
    span = only(result, code).span
    return result.source.text[span.start : span.end]


def codes(result: FileResult) -> list[str]:
    return [one.code for one in result.findings if one.severity != "info"]


@pytest.mark.parametrize(
    "text",
    [
        template(),
        template(head="|-"),
        template(head="|2", width=10),
        template(head="!Sub |"),
        template(head="\n          Fn::Sub: |", width=12),
        template(head="!Sub\n          - |", width=12) + "          - {X: y}\n",
        template().replace("\n", "\r\n"),
        HEAD + "        BuildSpec: " + json.dumps(SPEC) + "\n",
        HEAD + "        BuildSpec: !Join\n          - ''\n          - - " + json.dumps(SPEC) + "\n",
        HEAD
        + '        BuildSpec: !Join\n          - "\\n"\n          - '
        + "\n            ".join(["", *(f"- {json.dumps(line)}" for line in SPEC.splitlines())])
        + "\n",
        HEAD
        + "        BuildSpec: !If\n          - Fast\n          - build.yml\n          - |\n"
        + indent(SPEC, " " * 12),
    ],
)
def test_finding_at_its_place(text: str) -> None:
    result = check(text)
    assert marked(result, "CD302") == ". app.zip", result.findings
    at = only(result, "CD302").span.start
    assert text[at - len("zip -r ") : at] == "zip -r "


def test_in_json() -> None:
    whole = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role"},
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Build": {
                "Type": "AWS::CodeBuild::Project",
                "Properties": {
                    "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Artifacts": {"Type": "CODEPIPELINE"},
                    "Environment": {
                        "Type": "LINUX_CONTAINER",
                        "ComputeType": "BUILD_GENERAL1_SMALL",
                        "Image": "aws/codebuild/standard:7.0",
                    },
                    "Source": {
                        "Type": "CODEPIPELINE",
                        "BuildSpec": {
                            "Fn::Join": [
                                "",
                                [
                                    '{\n  "version": "0.2",\n  "phases": {"build": {"commands": [\n    "aws s3 cp . s3://',
                                    {"Ref": "Bucket"},
                                    '/ --recursive",\n    "echo \\"done\\"",\n    "zip -r . app.zip"\n  ]}}\n}',
                                ],
                            ]
                        },
                    },
                },
            },
        }
    }
    text = json.dumps(whole, indent=1)
    result = check(text, "stack.template.json")
    assert marked(result, "CD302") == ". app.zip"
    assert codes(result) == ["CD302"]


def test_fix_changes_nothing_else() -> None:
    spec = SPEC.replace("- make", "\u2014 make").replace(
        "zip -r . app.zip", 'if [[ "$KNOWN" == x ]]; then make; fi'
    )
    text = template(spec) + "# the end\n"
    fixed = fix_text(text, "template.yml")
    wanted = spec.replace("\u2014 make", "- make").replace('[[ "$KNOWN" == x ]]', '[ "$KNOWN" = x ]')
    assert fixed.text == template(wanted) + "# the end\n"
    crlf = fix_text(text.replace("\n", "\r\n"), "template.yml")
    assert crlf.text == fixed.text.replace("\n", "\r\n")


def test_fix_in_escaped_text() -> None:
    spec = 'version: 0.2\nphases:\n  build:\n    commands:\n      - if [ "$KNOWN" == "a" ]; then make; fi\n'
    text = HEAD + "        BuildSpec: " + json.dumps(spec) + "\n"
    fixed = fix_text(text, "template.yml")
    assert fixed.text == text.replace("==", "=")


def test_fix_under_sub_keeps_what_is_escaped() -> None:
    spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - test ${!KNOWN} == ${Stage}\n"
    text = template(spec, "!Sub |")
    fixed = fix_text(text, "template.yml", unsafe=True)
    assert "${!KNOWN}" in fixed.text and "${Stage}" in fixed.text and "==" not in fixed.text


def test_fix_of_several_lines_is_indented() -> None:
    spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n    comands: [x]\n"
    for text in (template(spec), template(SPEC.replace("- make", "- make\n      -echo"))):
        fixed = fix_text(text, "template.yml", unsafe=True)
        outer = fixed.text[: len(HEAD)]
        assert outer == HEAD
        assert all(
            line.startswith("          ") or not line for line in fixed.text[len(HEAD) :].splitlines()[1:]
        )


def test_broken_yaml_is_told_at_its_place() -> None:
    result = check(template(SPEC.replace("commands:", "commands")))
    found = [one for one in result.findings if one.severity == "error" and one.code < "CD040"]
    assert [result.source.position(one.span.start).line for one in found] == [21]


def test_repaired_outer_text() -> None:
    text = template().replace(
        "      Artifacts: {Type: CODEPIPELINE}", "      Artifacts: {Type: CODEPIPELINE", 1
    )
    result = check(text)
    assert marked(result, "CD302") == ". app.zip"


def test_no_finding_twice() -> None:
    text = template(SPEC + "      - echo \x01\n")
    found = [one.code for one in check(text).findings]
    assert found.count("CD031") <= 1


@pytest.mark.parametrize("comment", ["# cdlint: ignore[CD302]", "# cdlint: ignore-file[CD302]"])
def test_suppression_inside(comment: str) -> None:
    result = check(template(SPEC.replace("app.zip", f"app.zip {comment}")))
    assert [one.code for one in result.findings if one.code in ("CD302", "CD090")] == []


def test_suppression_outside() -> None:
    result = check("# cdlint: ignore-file[CD302]\n" + template())
    assert [one.code for one in result.findings if one.code in ("CD302", "CD090")] == []


def test_suppression_in_json() -> None:
    spec = SPEC.replace("app.zip", "app.zip # cdlint: ignore[CD302]")
    whole = {
        "Resources": {
            "Build": {
                "Type": "AWS::CodeBuild::Project",
                "Properties": {"Source": {"Type": "CODEPIPELINE", "BuildSpec": spec}},
            }
        }
    }
    found = [one.code for one in check(json.dumps(whole), "a.json").findings]
    assert "CD302" not in found and "CD090" not in found


def test_names_of_the_template_in_messages() -> None:
    spec = SPEC.replace("app.zip", "${Stage}.zip")
    found = only(check(template(spec, "!Sub |")), "CD302")
    assert "${Stage}.zip" in found.message + found.help and "${_" not in found.message + found.help


@pytest.mark.parametrize(
    "line",
    [
        "if [ ${Stage} = prod ]; then make; fi",
        "echo '${Stage}' > stage.txt",
        "docker build -t ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:${Stage} .",
        "aws s3 sync dist s3://${Stage}",
        "rm -rf ${Stage}/*",
        "eval ${Stage}",
        "cd ${Stage}",
        "${Stage}",
        "pip install app==${Stage}",
        "for one in ${Stage}; do echo $one; done",
    ],
)
def test_what_a_template_puts_in_is_no_variable(line: str) -> None:
    spec = f"version: 0.2\nphases:\n  build:\n    commands:\n      - {line}\n"
    text = template(spec, "!Sub |").replace("Image:", "PrivilegedMode: true\n        Image:")
    shown = [one for one in check(text).findings if one.code not in ("CD372", "CD373", "CD386", "CD651")]
    assert [str(one) for one in shown] == []


@pytest.mark.parametrize(
    "part",
    [
        "env:\n  shell: ${Stage}",
        "env:\n  variables:\n    A: ${Stage}\n    B: ${Stage}-b",
        "env:\n  parameter-store:\n    A: ${Stage}",
        "artifacts:\n  files: ${Stage}\n  discard-paths: ${Stage}",
        "artifacts: ${Stage}",
        "cache:\n  paths: ${Stage}",
        "reports:\n  unit:\n    files: x.xml\n    file-format: ${Stage}",
        "${Stage}",
    ],
)
def test_settings_that_a_template_fills_in(part: str) -> None:
    spec = f"version: 0.2\n{part}\nphases:\n  build:\n    commands:\n      - make\n"
    assert [str(one) for one in check(template(spec, "!Sub |")).findings if one.severity != "info"] == []


RUNTIMES = """\
version: 0.2
phases:
  install:
    runtime-versions:
      {}
  build:
    on-failure: ABORT
    commands: [make]
"""


def test_versions_that_a_template_fills_in() -> None:
    for entry in ("python: ${Stage}", "nodejs: 2${Stage}", "${Stage}: 3"):
        spec = RUNTIMES.replace("{}", entry).replace("ABORT", "${Stage}")
        assert codes(check(template(spec, "!Sub |"))) == []


def test_runtimes_of_the_image_of_the_project() -> None:
    assert "CD226" in codes(check(template(RUNTIMES.replace("{}", "java: openjdk8"))))


def test_variables_of_the_project_are_known() -> None:
    spec = SPEC.replace("zip -r . app.zip", 'echo "$KNOWN" "$OTHER"')
    found = [one for one in check(template(spec)).findings if one.code == "CD356"]
    assert [one.message.split("`")[1] for one in found] == ["OTHER"]


def test_unknown_variables_of_the_project() -> None:
    spec = SPEC.replace("zip -r . app.zip", 'echo "$OTHER"')
    text = template(spec).replace("- {Name: KNOWN, Value: x}", "!Ref Variables")
    assert [
        one
        for one in check(
            text.replace("EnvironmentVariables:\n          !", "EnvironmentVariables: !")
        ).findings
        if one.code == "CD356"
    ] == []


def test_windows_project_has_no_posix_shell() -> None:
    text = template().replace("LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER").replace("_SMALL", "_MEDIUM")
    assert "CD302" not in codes(check(text.replace("aws/codebuild/standard:7.0", "example/windows:1")))


def test_path_is_not_read_as_a_buildspec() -> None:
    assert codes(check(HEAD + "        BuildSpec: ci/buildspec.yml\n")) == []


def test_override_in_a_pipeline() -> None:
    pipeline = {
        "pipeline": {
            "name": "app",
            "roleArn": "arn:aws:iam::111122223333:role/pipeline",
            "artifactStore": {"type": "S3", "location": "artifacts-of-app"},
            "stages": [
                {
                    "name": "Source",
                    "actions": [
                        {
                            "name": "Get",
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
                            "outputArtifacts": [{"name": "Code"}],
                        }
                    ],
                },
                {
                    "name": "Build",
                    "actions": [
                        {
                            "name": "Make",
                            "actionTypeId": {
                                "category": "Build",
                                "owner": "AWS",
                                "provider": "CodeBuild",
                                "version": "1",
                            },
                            "configuration": {"ProjectName": "p", "BuildspecOverride": SPEC},
                            "inputArtifacts": [{"name": "Code"}],
                        }
                    ],
                },
            ],
        }
    }
    text = json.dumps(pipeline, indent=2)
    result = check_text(text, "pipeline.json", pedantic=True)
    assert marked(result, "CD302") == ". app.zip"


def test_pieces_under_conditions() -> None:
    lines = ["version: 0.2", "phases:", "  build:", "    commands:", "      - make"]
    pieces = "".join(f"            - {json.dumps(line)}\n" for line in lines)
    text = HEAD.replace("Resources:", "Conditions:\n  Fast: !Equals [!Ref Stage, fast]\nResources:")
    text += '        BuildSpec: !Join\n          - "\\n"\n          -\n' + pieces
    text += "            - !If [Fast, !Ref AWS::NoValue, '      - zip -r . app.zip']\n"
    text += '            - !Sub "      - echo ${Stage}"\n'
    assert marked(check(text), "CD302") == ". app.zip"
    assert codes(check(text)) == ["CD302"]


def test_override_in_a_template() -> None:
    text = """\
Resources:
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/pipeline
      ArtifactStore: {Type: S3, Location: artifacts-of-app}
      Stages:
        - Name: Source
          Actions:
            - Name: Get
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
              Configuration: {S3Bucket: b, S3ObjectKey: k, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Code}]
        - Name: Build
          Actions:
            - Name: Make
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              InputArtifacts: [{Name: Code}]
              Configuration:
                ProjectName: app
                BuildspecOverride: !Sub |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - zip -r . ${AWS::StackName}.zip
"""
    assert marked(check(text), "CD302") == ". ${AWS::StackName}.zip"
    assert only(check(text.replace("!Sub |", "|").replace("AWS::StackName", "NAME")), "CD302")


CASES = sorted((Path(__file__).resolve().parent.parent / "fixtures" / "cases").glob("*/*/bad.yml"))[::15]
IMAGE = "aws/codebuild/standard:7.0"
#: Rules that know more of a buildspec when its project is known.
OF_PROJECTS = ("CD224", "CD378", "CD650", "CD651")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_same_findings_and_fixes_as_in_a_file(path: Path) -> None:
    spec = path.read_bytes().decode("utf-8")
    if any(char < " " and char != "\n" for char in spec) or spec[:1] in " \n\ufeff" or spec[-1:] != "\n":
        pytest.skip("a block cannot hold it as it is")

    def inside(text: str) -> str:
        lines = text.split("\n")[:-1]
        return (
            HEAD
            + "        BuildSpec: |\n"
            + "".join((" " * 10 + line if line else "") + "\n" for line in lines)
        )

    def places(result: FileResult, lines: int, columns: int) -> set[tuple[str, int, int]]:
        starts = [(one.code, result.source.position(one.span.start)) for one in result.findings]
        return {
            (code, at.line - lines, at.column - columns) for code, at in starts if code not in OF_PROJECTS
        }

    alone = check_text(spec, "buildspec.yml", kind="buildspec", image=IMAGE)
    within = check_text(inside(spec), "template.yml", kind="template")
    assert places(within, HEAD.count("\n") + 1, 10) == places(alone, 0, 0)
    mended = fix_text(spec, "buildspec.yml", kind="buildspec", image=IMAGE, unsafe=True).text
    in_template = fix_text(inside(spec), "template.yml", kind="template", unsafe=True).text
    assert [line.rstrip() for line in in_template.split("\n")] == [
        line.rstrip() for line in inside(mended).split("\n")
    ]


def test_safe_fixes_keep_the_template_readable() -> None:
    result = check(template(SPEC.replace("- make", "- if [ $KNOWN == x ]; then make; fi")))
    for finding in result.findings:
        if finding.fix is not None and finding.fix.safe:
            after = check(apply_edits(result.source.text, finding.fix.edits))
            assert len(after.findings) < len(result.findings)
