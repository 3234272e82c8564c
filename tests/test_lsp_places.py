"""What an editor shows of a place, where a name leads, and the outline: a `|` in each text is the cursor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cdlint.lsp.definition import Definitions
from cdlint.lsp.hover import hover
from cdlint.lsp.symbols import Symbol, symbols
from cdlint.lsp.workspace import Workspace
from support import ROOT
from test_lsp_completion import API, TEMPLATE, TERRAFORM, TEXTS

SPEC = """version: 0.2
env:
  variables:
    STAGE: test
phases:
  install:
    runtime-versions:
      nodejs: 22
    on-failure: ABORT
    commands:
      - echo $CODEBUILD_SRC_DIR $GIT_BRANCH $STAGE
"""


def opened(text: str, name: str = "buildspec.yml", folder: Path | None = None) -> tuple[Workspace, str, int]:
    at = text.index("|")
    workspace = Workspace()
    uri = (folder or Path("/nowhere").absolute()).joinpath(name).as_uri()
    workspace.open(uri, text[:at].replace("¦", "|") + text[at + 1 :].replace("¦", "|"), 1)
    workspace.check(uri)
    return workspace, uri, at


def shown(text: str, name: str = "buildspec.yml") -> str:
    found = hover(*opened(text, name))
    return found.about if found is not None else ""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ver|sion", "The version of the format"),
        ("pha|ses", "What CodeBuild runs"),
        ("runtime-|versions", "Language versions"),
        ("node|js", "Versions on the images that AWS maintains: 24, 22"),
        ("2|2", "On `aws/codebuild/standard:7.0`"),
        ("AB|ORT", "What happens when the phase fails"),
        ("$CODEBUILD_|SRC_DIR", "The folder of the source"),
        ("$GIT_|BRANCH", "CodeBuild does not set it. `CODEBUILD_WEBHOOK_HEAD_REF`"),
    ],
)
def test_keys_and_values_of_a_buildspec(word: str, expected: str) -> None:
    assert expected in shown(SPEC.replace(word.replace("|", ""), word, 1))


def test_a_finding_comes_with_the_page_of_its_rule() -> None:
    about = shown("version: 0.2\nphases:\n  build:\n    commands:\n      - zip -r . $|OUT\n")
    assert "**CD302 zip-arguments-swapped** (error)" in about
    assert "Bad:\n\n```yaml" in about
    assert "Good:" in about


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("pipeline|Type", "**`pipelineType`**"),
        ("Code|Build", "Build action of AWS. Needs `ProjectName`."),
        ("S3Object|Key", "**`S3ObjectKey`** of S3 (required)"),
        ("CREATE_|UPDATE", "**`ActionMode`** of CloudFormation"),
        ("#{Sv.|VersionId}", "The variable `VersionId` of the action `Src`."),
        ("#{codepipeline.|PipelineExecutionId}", "Set by CodePipeline"),
        ("#{Nobody.|X}", "No action of this pipeline has the namespace `Nobody`."),
    ],
)
def test_places_of_a_pipeline(word: str, expected: str) -> None:
    stack = word.replace("|", "") if word.startswith("#") else "s"
    text = API % {**TEXTS, "stack": stack}
    assert expected in shown(text.replace(word.replace("|", ""), word, 1), "pipeline.json")


def test_artifacts_know_who_makes_and_who_uses_them() -> None:
    assert "Used by `Bld`." in shown(API.replace('"SourceOut"', '"Source|Out"', 1) % TEXTS, "pipeline.json")
    text = API % {**TEXTS, "input": "Source|Out"}
    assert "Made by `Src`." in shown(text, "pipeline.json")


def test_the_other_forms() -> None:
    template = TEMPLATE.format(
        top="", source="S3ObjectKey: k", action="RunOrder: 1", kind="Provider: CodeBuild", input="SrcOut",
        phase="on-|failure: ABORT", command="x",
    )  # fmt: skip
    assert "What happens when the phase fails" in shown(template, "pipeline.yml")
    assert "Within the stage" not in shown(template, "pipeline.yml")
    at = template.replace("|", "").replace("RunOrder", "Run|Order")
    assert "**`RunOrder`**" in shown(at, "pipeline.yml")
    terraform = (
        TERRAFORM.replace("TOP", 'pipeline_|type = "V2"').replace("PROVIDER", "S3").replace("SOURCE", "")
    )
    assert "**`pipeline_type`**" in shown(terraform.replace("INPUT", "src"), "main.tf")


def test_nothing_to_say() -> None:
    assert shown("a: b\nc: |d\n", "other.yml") == ""
    assert shown(SPEC + "|") == ""


# --- definitions ----------------------------------------------------------------------------------


@pytest.fixture
def article(tmp_path: Path) -> Path:
    folder = tmp_path / "article"
    shutil.copytree(ROOT / "examples" / "article", folder)
    (folder / ".git").mkdir()
    return folder


def leads(folder: Path, name: str, word: str) -> list[tuple[str, str]]:
    """`(file, text)` of where a word leads; `|` in it is the cursor."""
    plain = word.replace("|", "")
    text = (folder / name).read_text(encoding="utf-8")
    assert plain in text
    workspace, uri, at = opened(text.replace("|", "¦").replace(plain, word, 1), name, folder)
    found = Definitions(workspace, uri).at(at)
    return [
        (one.uri.rpartition("/")[2], one.source.text[one.span.start : one.span.end].strip('"'))
        for one in found
    ]


def test_across_the_files_of_a_repository(article: Path) -> None:
    assert leads(article, "projects.yml", "BuildSpec: deploy.|buildspec.yml") == [
        ("deploy.buildspec.yml", "")
    ]
    assert leads(article, "pipeline.json", '"ProjectName": "acme-|web-deploy"') == [
        ("projects.yml", "Deploy")
    ]
    assert leads(article, "pipeline.json", "#{Image.VER|SION}") == [
        ("deploy.buildspec.yml", "VERSION"),
        ("pipeline.json", "Image"),
    ]
    assert leads(article, "pipeline.json", "#{Source.|VersionId}") == [("pipeline.json", "Source")]
    assert leads(article, "pipeline.json", '"inputArtifacts": [{"name": "Source|Code"}]') == [
        ("pipeline.json", "SourceCode")
    ]
    assert leads(article, "pipeline.json", '"FileName": "image|definitions.json"') == [
        ("deploy.buildspec.yml", "imagedefinitions.json")
    ]


def test_definitions_lead_to_names_as_they_are_in_open_texts(article: Path) -> None:
    workspace = Workspace()
    text = (article / "projects.yml").read_text(encoding="utf-8")
    other = (article / "projects.yml").as_uri()
    workspace.open(other, "# a line that is not saved\n" + text, 7)
    pipeline = (article / "pipeline.json").read_text(encoding="utf-8")
    uri = (article / "pipeline.json").as_uri()
    workspace.open(uri, pipeline, 1)
    (target,) = Definitions(workspace, uri).at(pipeline.index("acme-web-deploy"))
    assert target.uri == other
    assert target.source.text[target.span.start : target.span.end] == "Deploy"
    assert target.source.text.startswith("# a line")


def test_inside_of_a_template(tmp_path: Path) -> None:
    (tmp_path / "t.yml").write_text(
        "Parameters:\n  Name:\n    Type: String\nResources:\n  Role:\n    Type: AWS::IAM::Role\n"
        "  P:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Name: !Sub '${Name}-x'\n"
        "      ServiceRole: !GetAtt Role.Arn\n      Source:\n        Type: CODEPIPELINE\n        BuildSpec: ¦\n"
        "          version: 0.2\n          env:\n            variables:\n              STAGE: x\n"
        "          phases:\n            build:\n              commands:\n                - echo $STAGE\n".replace(
            "¦", "|"
        ),
        encoding="utf-8",
    )
    assert leads(tmp_path, "t.yml", "!GetAtt Ro|le.Arn") == [("t.yml", "Role")]
    assert leads(tmp_path, "t.yml", "${Na|me}-x") == [("t.yml", "Name")]
    assert leads(tmp_path, "t.yml", "echo $STA|GE") == [("t.yml", "STAGE")]


def test_variables_and_files_of_a_buildspec(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "test.sh").write_text("true\n", encoding="utf-8")
    (tmp_path / "buildspec.yml").write_text(
        "version: 0.2\nenv:\n  exported-variables:\n    - TAG\nphases:\n  build:\n    commands:\n"
        "      - TAG=1\n      - ./scripts/test.sh $TAG\n",
        encoding="utf-8",
    )
    assert leads(tmp_path, "buildspec.yml", "$TA|G") == [("buildspec.yml", "TAG")]
    assert leads(tmp_path, "buildspec.yml", "- TA|G\n") == [("buildspec.yml", "TAG")]
    assert leads(tmp_path, "buildspec.yml", "./scripts/te|st.sh") == [("test.sh", "")]
    assert leads(tmp_path, "buildspec.yml", "comm|ands") == []


def test_no_definition_leaves_the_repository(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    inside = tmp_path / "repository"
    inside.mkdir()
    (inside / ".git").mkdir()
    (inside / "buildspec.yml").write_text(
        "version: 0.2\nphases:\n  build:\n    commands:\n      - cat ../secret.txt /etc/passwd\n",
        encoding="utf-8",
    )
    assert leads(inside, "buildspec.yml", "../sec|ret.txt") == []
    assert leads(inside, "buildspec.yml", "/etc/pas|swd") == []


# --- outline --------------------------------------------------------------------------------------


def names(found: list[Symbol]) -> list[object]:
    return [(one.name, names(one.children)) if one.children else one.name for one in found]


def outline(text: str, name: str) -> list[Symbol]:
    workspace, uri, _ = opened(text + "|", name)
    return symbols(workspace, uri)


def test_outlines() -> None:
    (whole,) = outline(API % TEXTS, "pipeline.json")
    assert names([whole]) == [("x", [("S", ["Src"]), ("B", ["Bld"]), ("D", ["Dep"])])]
    assert [one.name for one in outline(SPEC, "buildspec.yml")] == ["version", "env", "phases"]
    template = TEMPLATE.replace("¦", "|").format(
        top="", source="", action="", kind="Provider: CodeBuild", input="a", phase="", command="x"
    )
    found = outline(template.replace("|", "¦"), "pipeline.yml")
    assert names(found) == [("P", [("S", ["Src"]), ("B", ["Bld"])]), "X"]


def test_spans_lie_in_one_another() -> None:
    def hold(found: list[Symbol]) -> None:
        for one in found:
            assert one.span.start <= one.name_span.start <= one.name_span.end <= one.span.end
            hold(one.children)

    for text, name in ((API % TEXTS, "pipeline.json"), (SPEC, "buildspec.yml")):
        hold(outline(text, name))


def test_an_outline_tells_no_secret() -> None:
    secret = "AKIAQYLPMN5HHHFPZAM2"
    found = outline(f"version: 0.2\nenv:\n  variables:\n    KEY: {secret}\nphases: {{}}\n", "buildspec.yml")

    def details(some: list[Symbol]) -> list[str]:
        return [one.detail for one in some] + [text for one in some for text in details(one.children)]

    assert secret not in " ".join(details(found))
