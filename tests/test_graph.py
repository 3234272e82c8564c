"""Pictures of pipelines: where things go, what is written, and what the command does."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cdlint.cli import main
from cdlint.graph import lettering, page, svg
from cdlint.graph.parts import Band, Box, End, Flow, Graph, Mark, Row

SIMPLE = """\
pipeline:
  name: shop
  roleArn: arn:aws:iam::111122223333:role/shop
  artifactStore: {type: S3, location: shop-artifacts}
  stages:
    - name: Source
      actions:
        - name: Upload
          actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
          configuration: {S3Bucket: uploads, S3ObjectKey: app.zip, PollForSourceChanges: "false"}
          outputArtifacts: [{name: Code}]
    - name: Build
      actions:
        - name: Image
          namespace: Image
          actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
          configuration: {ProjectName: shop}
          inputArtifacts: [{name: Code}]
          outputArtifacts: [{name: Definitions}]
    - name: Production
      actions:
        - name: Deploy
          runOrder: 2
          actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
          configuration: {ClusterName: shop, ServiceName: web}
          inputArtifacts: [{name: Definitions}]
        - name: Approve
          runOrder: 1
          actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
          configuration: {CustomData: "Deploy #{Image.TAG}?"}
"""

SIMPLE_MERMAID = """\
flowchart TB
  %% shop (pipeline.yml)
  subgraph s1["1 · Source"]
    a1[("Upload<br/><small>S3</small>")]:::source
  end
  subgraph s2["2 · Build"]
    a2["Image<br/><small>CodeBuild</small>"]:::build
  end
  subgraph s3["3 · Production"]
    a3{{"Approve<br/><small>manual approval</small>"}}:::approval
    a4["Deploy<br/><small>ECS</small>"]:::deploy
  end
  a1 -- "Code" --> a2
  a2 -- "Definitions" --> a4
  a2 -.-> a3
  a3 -.-> a4
  classDef source stroke:#1d5fd1,stroke-width:2px
  classDef build stroke:#7a3fd1,stroke-width:2px
  classDef approval stroke:#a85a00,stroke-width:2px
  classDef deploy stroke:#1a7f3c,stroke-width:2px
"""

TEMPLATE = """\
Parameters:
  AppName: {Type: String}
  Stage: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Release:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: !Sub "${AppName}-release"
      RoleArn: arn:aws:iam::111122223333:role/release
      ArtifactStore: {Type: S3, Location: release-artifacts}
      Stages:
        - Name: !Ref AppName
          Actions:
            - Name: Code
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeStarSourceConnection, Version: "1"}
              Configuration:
                ConnectionArn: !GetAtt Connection.ConnectionArn
                FullRepositoryId: shop/web
                BranchName: main
              OutputArtifacts: [{Name: !Sub "${AppName}-source"}]
        - Name: Build
          Actions:
            - Name: !Join ["-", [Build, !Ref AppName]]
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: shop}
              InputArtifacts: [{Name: !Sub "${AppName}-source"}]
            - !If
              - IsProd
              - Name: Scan
                ActionTypeId: {Category: Test, Owner: AWS, Provider: CodeBuild, Version: "1"}
                Configuration: {ProjectName: scan}
                InputArtifacts: [{Name: !Sub "${AppName}-source"}]
              - !Ref AWS::NoValue
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDLINT_DEBUG", raising=False)
    # One rule will do: what the others say of these pipelines is no matter of pictures.
    put("cdlint.toml", 'select = ["CD521"]\n')
    return tmp_path


def put(name: str, text: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8", newline="\n")
    return name


class Done:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


Run = Callable[..., Done]


@pytest.fixture
def graph(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Done:
        status = main(["graph", *arguments])
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return run


# --- texts ------------------------------------------------------------------------------------


def test_long_names_keep_their_beginning_and_end() -> None:
    name = "DeployTheWholeFrontendOfTheShopToProduction"
    short = lettering.shorten(name, 120, 11)
    assert short.startswith("Deploy") and short.endswith("tion") and "…" in short
    assert lettering.wrap("DeployToProduction now", 110, 13.5, 3, bold=True) == [
        "DeployTo",
        "Production",
        "now",
    ]


def test_a_shown_name_is_an_expression_where_the_value_is_not_known(graph: Run) -> None:
    done = graph(put("t.yml", TEMPLATE))
    assert done.status == 0
    assert '"1 · #36;#123;AppName#125;"' in done.out
    assert '"Build-#36;#123;AppName#125;<br/>' in done.out
    assert '-- "#36;#123;AppName#125;-source" -->' in done.out


# --- Mermaid ----------------------------------------------------------------------------------


def test_mermaid_of_a_simple_pipeline(graph: Run) -> None:
    done = graph(put("pipeline.yml", SIMPLE))
    assert (done.status, done.err) == (0, "")
    assert done.out == SIMPLE_MERMAID


def test_mermaid_tells_findings_and_variables(graph: Run) -> None:
    text = SIMPLE.replace("inputArtifacts: [{name: Definitions}]", "inputArtifacts: [{name: Definition}]")
    done = graph(put("pipeline.yml", text), "--variables")
    assert 'a4["Deploy ✖ 1<br/>' in done.out
    assert "class a4 error" in done.out
    assert "%% pipeline.yml:26 error CD521" in done.out
    assert 'a2 -. "Image: TAG" .-> a3' in done.out
    assert 'a2 --o x1(["Definitions"])' in done.out
    assert 'x2(["Definition ?"])' in done.out


def test_mermaid_escapes_what_it_would_read(graph: Run) -> None:
    hostile = r'1. "x" [y] |{z}| #quot; <b> `c` _d_ end %%'
    done = graph(put("pipeline.yml", SIMPLE.replace("name: Upload", f"name: '{hostile}'")))
    label = next(line for line in done.out.splitlines() if line.startswith("    a1"))
    told = label.partition('"')[2].partition('"')[0]
    assert not set(told.replace("<br/><small>S3</small>", "")) & set('"[]|{}<>`%\\')
    assert "#34;x#34;" in told and "1#46; " in told and "#95;d#95;" in told


def test_several_pipelines_have_a_frame_each(graph: Run) -> None:
    put("one/pipeline.yml", SIMPLE)
    put("two/pipeline.yml", SIMPLE.replace("name: shop\n", "name: store\n", 1))
    put("two/buildspec.yml", "version: 0.2\nphases: {build: {commands: [make]}}\n")
    done = graph(".")
    assert 'subgraph p1["shop"]' in done.out and 'subgraph p2["store"]' in done.out
    assert "p2a1 -- " in done.out
    only = graph(".", "--pipeline", "store")
    assert only.out.replace("store (two/", "shop (") == SIMPLE_MERMAID


# --- SVG and HTML -----------------------------------------------------------------------------

HOSTILE = "<script>alert('x')</script>\" ]]> &amp; \\u0000 \\ufffe \\u0007 \\u202e 日本語 🚀"


def test_svg_is_well_formed_whatever_the_names(graph: Run) -> None:
    text = SIMPLE
    for name in ("shop", "Source", "Upload", "Code", "Definitions"):
        text = re.sub(rf"name: {name}\b", lambda _: f"name: {quoted(HOSTILE)}", text)
    for format in ("svg", "html"):
        done = graph(put("pipeline.yml", text), "--format", format)
        assert done.status == 0
        assert "<script" not in done.out
        if format == "svg":
            ElementTree.fromstring(done.out)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def test_svg_has_every_action_and_its_findings(graph: Run) -> None:
    text = SIMPLE.replace("inputArtifacts: [{name: Definitions}]", "inputArtifacts: [{name: Definition}]")
    done = graph(put("pipeline.yml", text), "--format", "svg")
    root = ElementTree.fromstring(done.out)
    space = "{http://www.w3.org/2000/svg}"
    boxes = [item for item in root.iter(f"{space}g") if item.get("class", "").startswith("box ")]
    names = ["".join(item.find(f"{space}text[@class='name']").itertext()) for item in boxes]  # type: ignore[union-attr]
    assert names == ["Upload", "Image", "Approve", "Deploy"]
    assert [item.get("class") for item in boxes][3] == "box deploy error"
    tip = boxes[3].findtext(f"{space}title") or ""
    assert "line 26" in tip and "CD521" in tip


class Page(HTMLParser):
    """The addresses that a page asks for, and its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "action", "srcset", "data", "poster"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def test_page_needs_nothing_and_its_links_lead_somewhere(graph: Run) -> None:
    text = SIMPLE.replace("inputArtifacts: [{name: Definitions}]", "inputArtifacts: [{name: Definition}]")
    text = text.replace("runOrder: 2\n", "runOrder: 1\n")
    put("a/pipeline.yml", text)
    put("b/pipeline.yml", text)
    done = graph(".", "--format", "html")
    parsed = Page(done.out)
    assert parsed.addresses
    assert all(address.startswith("#") for address in parsed.addresses)
    assert {address[1:] for address in parsed.addresses} <= set(parsed.ids)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert not {"script", "link", "img", "iframe", "object"} & set(parsed.tags)
    assert "url(" not in done.out and "@import" not in done.out
    assert "prefers-color-scheme:dark" in done.out
    assert "line 26" in done.out


BUILDSPEC = "version: 0.2\nphases: {build: {commands: [make]}}\nartifacts: {files: [definitions.json]}\n"
PROJECT = """\
Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: {Type: CODEPIPELINE}
      Source: {Type: CODEPIPELINE}
      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "aws/codebuild/standard:7.0"}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/shop
      ArtifactStore: {Type: S3, Location: shop-artifacts}
      Stages:
        - Name: Source
          Actions:
            - Name: Code
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
              Configuration: {S3Bucket: uploads, S3ObjectKey: app.zip, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Code}]
        - Name: Build
          Actions:
            - Name: Image
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: !Ref Project}
              InputArtifacts: [{Name: Code}]
              OutputArtifacts: [{Name: Built}]
        - Name: Deploy
          Actions:
            - Name: Ecs
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: ECS, Version: "1"}
              Configuration: {ClusterName: shop, ServiceName: web}
              InputArtifacts: [{Name: Built}]
"""


def test_page_tells_what_is_wrong_with_the_files_around(graph: Run, here: Path) -> None:
    (here / ".git").mkdir()
    put("cdlint.toml", 'select = ["CD8"]\n')
    put("buildspec.yml", BUILDSPEC)
    for path in (put("pipeline.yml", PROJECT), "."):
        done = graph(path, "--format", "html")
        assert "Elsewhere in the files" in done.out
        assert "buildspec.yml, line 3" in done.out


def test_page_has_code_between_pairs_of_backticks_only() -> None:
    marks = [Mark("warning", "CD1", "x", text, "", "p.yml", 3, 5) for text in ("`a<b` is wrong", "don`t")]
    text = page.write([Graph("x", "p.yml", [Band("S", [], marks=marks)], [])])
    assert "<p><code>a&lt;b</code> is wrong</p>" in text
    assert "<p>don`t</p>" in text
    assert "stage S" in text


# --- the command ------------------------------------------------------------------------------


def test_the_name_of_the_file_says_the_format(graph: Run) -> None:
    path = put("pipeline.yml", SIMPLE)
    for name, start in (
        ("a.svg", "<svg "),
        ("a.HTML", "<!DOCTYPE html>"),
        ("a.mmd", "flowchart TB\n"),
        ("a.md", "```mermaid\nflowchart TB\n"),
        ("a.txt", "flowchart TB\n"),
    ):
        done = graph(path, "--output", name)
        assert (done.status, done.out, done.err) == (0, "", "")
        assert Path(name).read_text(encoding="utf-8").startswith(start)
    assert graph(path, "--format", "svg", "--output", "a.md").status == 0


def test_variants_of_a_template(graph: Run) -> None:
    path = put("t.yml", TEMPLATE)
    first, second = graph(path), graph(path, "--variant", "2")
    assert "Scan" in first.out and "Scan" not in second.out
    assert "%% Variant 1 of 2: IsProd met" in first.out
    assert "%% Variant 2 of 2: IsProd not met" in second.out
    assert graph(path, "--variant", "9").status == 2
    for wrong in ("0", "x", "-1", "1.5", "²"):
        done = graph(path, f"--variant={wrong}")
        assert done.status == 2 and done.err.count("\n") == 1


def test_a_pipeline_is_chosen_by_name_or_label(graph: Run) -> None:
    path = put("t.yml", TEMPLATE)
    assert graph(path, "--pipeline", "Release").status == 0
    done = graph(path, "--pipeline", "Relaese")
    assert done.status == 2
    assert done.err == "cdlint: there is no pipeline 'Relaese'; did you mean Release?\n"


def test_nothing_to_draw(graph: Run) -> None:
    path = put("buildspec.yml", "version: 0.2\nphases: {build: {commands: [make]}}\n")
    for where in (path, "."):
        done = graph(where)
        assert (done.status, done.out) == (1, "")
        assert done.err == "cdlint: nothing to draw: found no pipeline\n"
    missing = graph("missing.yml")
    assert missing.status == 2
    assert missing.err == "cdlint: missing.yml: No such file or directory\n"


def test_why_there_is_nothing_to_draw(graph: Run) -> None:
    put("cdlint.toml", "")
    done = graph(put("buildspec.yml", "version: 0.2\nphases: {built: {commands: [make]}}\n"))
    assert done.status == 1
    assert done.err.startswith("cdlint: nothing to draw: found no pipeline (line 2: ")


def test_broken_and_odd_files_end_without_a_traceback(graph: Run) -> None:
    for text in (
        "",
        "{",
        "pipeline:\n  stages: 3\n",
        "pipeline: {stages: [1, {actions: [x]}, {}]}\nactionTypeId: 1\n",
    ):
        done = graph(put("pipeline.yml", text))
        assert done.status in (0, 1)
        assert "fault" not in done.err


def test_standard_input(graph: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(SIMPLE.encode()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stdin)
    done = graph("-", "--stdin-filename", "pipeline.yml")
    assert done.out == SIMPLE_MERMAID


def test_configuration_silences_findings(graph: Run) -> None:
    text = SIMPLE.replace("inputArtifacts: [{name: Definitions}]", "inputArtifacts: [{name: Definition}]")
    path = put("pipeline.yml", text)
    put("cdlint.toml", 'ignore = ["CD521"]\n')
    assert "✖" not in graph(path).out
    assert "✖" in graph(path, "--no-config").out


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None or os.environ.get("CI") is not None, reason="needs a browser")
def test_labels_fit_in_a_real_browser(graph: Run, here: Path) -> None:
    """The estimate of widths holds for the fonts that this machine has."""
    names = [
        "WWWWWWWWWWWWWWWWWWWWWWWWWW",
        "MakeTheWholeFrontendAndBackend",
        "iiiiiiiiiiiiiiiiiiii lllllllll",
        "日本語の名前",
    ]
    boxes = [Box(at, name, name, "Build") for at, name in enumerate(names)]
    flows = [Flow(name, boxes[0], [End(boxes[1])]) for name in names]
    drawn = Graph(
        "x", "p.yml", [Band("WWWWWWWW MMMMMMMM", [Row("1", boxes[:1]), Row("2", boxes[1:])])], flows
    )
    script = (
        "<script>const out=[];for(const g of document.querySelectorAll('.box,.pill')){"
        "const r=(g.querySelector('.body')||g.querySelector('rect')).getBoundingClientRect();"
        "for(const t of g.querySelectorAll('text')){const b=t.getBoundingClientRect();"
        "if(b.left<r.left+4||b.right>r.right-4)out.push(t.textContent)}}"
        "document.body.setAttribute('data-over',JSON.stringify(out))</script>"
    )
    Path("x.html").write_text(f"<body>{svg.write([drawn])}{script}</body>", encoding="utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command += [f"--user-data-dir={here / 'profile'}", "--dump-dom", (here / "x.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    found = re.search(r'data-over="([^"]*)"', done.stdout)
    if found is None:
        pytest.skip("the browser does not start here")
    assert found[1] == "[]"
