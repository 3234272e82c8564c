"""Terraform: HCL to a located tree, and its resources in the API's shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cdlint import cli
from cdlint.engine import check_text
from cdlint.fixing import fix_text
from cdlint.model.forms import terraform
from cdlint.source import Source
from cdlint.syntax import hcl
from cdlint.syntax.document import Document
from cdlint.syntax.tree import Composed, Mapping, Node, Scalar, Sequence, Unknown

PROJECT = """\
resource "aws_codebuild_project" "build" {{
  name         = "build"
  service_role = aws_iam_role.build.arn
  artifacts {{ type = "CODEPIPELINE" }}
  environment {{
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
  }}
  source {{
    type      = "CODEPIPELINE"
    buildspec = {}
  }}
}}
"""


def read(text: str) -> Document:
    return hcl.read_hcl(Source("main.tf", text))


def value(expression: str, before: str = "") -> Node:
    root = read(f"{before}x = {expression}\n").root
    assert isinstance(root, Mapping)
    return {key.value: node for key, node in root.pairs if isinstance(key, Scalar)}["x"]


def plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.value: plain(inner) for key, inner in node.pairs if isinstance(key, Scalar)}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"plain"', "plain"),
        ('"a \\"quoted\\" \\u00e9 \\n"', 'a "quoted" é \n'),
        ('"$${HOME} %%{if}"', "${HOME} %{if}"),
        ("[1, true, null]", ["1", "true", "null"]),
        ('{ a = 1, "b" = [], c : "d" }', {"a": "1", "b": [], "c": "d"}),
        ("<<EOF\n  one\ntwo\nEOF", "  one\ntwo\n"),
        ("<<-EOF\n    one\n      two\n\n    EOF", "one\n  two\n\n"),
        ("<<EOF\n$${HOME}\nEOF", "${HOME}\n"),
        ('"${"inner"} text"', "inner text"),
        ('("in brackets")', "in brackets"),
    ],
)
def test_a_literal_has_its_value(expression: str, expected: object) -> None:
    assert plain(value(expression)) == expected


@pytest.mark.parametrize(
    "expression",
    [
        '"${var.a}-b"',
        "var.a",
        'f("a")',
        "a ? 1 : 2",
        "[for x in y : x]",
        '{ (var.k) = "v" }',
        '"%{if a}b%{endif}"',
    ],
)
def test_an_expression_is_unknown(expression: str) -> None:
    assert isinstance(value(expression), Unknown)


def test_a_local_value_is_followed() -> None:
    assert plain(value("local.name", 'locals {\n  name = "shop"\n}\n')) == "shop"
    assert plain(value('"${local.name}-x"', 'locals {\n  name = "shop"\n}\n')) == "shop-x"


def test_a_block_is_a_mapping_under_its_labels() -> None:
    root = read('resource "a_b" "c" {\n  d {\n    e = 1\n  }\n  d { e = 2 }\n}\n').root
    assert isinstance(root, Mapping)
    assert [key.value for key, _ in root.pairs if isinstance(key, Scalar)] == ["resource"]
    body: Any = root
    for _ in range(3):
        ((_, body),) = body.pairs
    assert [plain(inner) for _, inner in body.pairs] == [{"e": "1"}, {"e": "2"}]


def test_a_dynamic_block_is_unknown() -> None:
    text = (
        'resource "aws_codepipeline" "p" {\n  dynamic "stage" {\n    for_each = x\n    content {}\n  }\n}\n'
    )
    ((pipeline,),) = terraform.pipelines(read(text))
    assert not pipeline.is_whole


def test_places_stand_in_the_file_behind_letters_of_several_bytes() -> None:
    text = '# größer 漢 😀\nname = "délivery"\nother = { key = "ß" }\n'
    root = read(text).root
    assert isinstance(root, Mapping)
    (_, name), (_, other) = root.pairs
    assert text[name.start : name.end] == '"délivery"'
    assert isinstance(other, Mapping)
    ((key, inner),) = other.pairs
    assert (text[key.start : key.end], text[inner.start : inner.end]) == ("key", '"ß"')


@pytest.mark.parametrize(
    ("buildspec", "mark"),
    [
        (
            "<<EOF\nversion: 0.2\nphases:\n  built:\n    commands:\n      - make ${var.x}\nEOF",
            "built",
        ),
        (
            "<<-EOF\n      version: 0.2\n      phases:\n        built:\n          commands: [make]\n      EOF",
            "built",
        ),
        ('yamlencode({ version = 0.2, phases = { built = { commands = ["make"] } } })', "built"),
        ('jsonencode({ "version" = "0.2", "phases" = { "built" = { "commands" = ["make"] } } })', '"built"'),
        ('"version: 0.2\\nphases:\\n  built:\\n    commands:\\n      - make\\n"', "built"),
    ],
)
def test_a_buildspec_is_checked_where_it_is_written(buildspec: str, mark: str) -> None:
    result = check_text(PROJECT.format(buildspec), "main.tf")
    (found,) = [one for one in result.findings if one.code == "CD106"]
    assert result.source.text[found.span.start : found.span.end] == mark


def test_a_fix_inside_a_heredoc_keeps_the_rest() -> None:
    spec = "<<-EOF\n    version: 0.2\n    phases:\n      built:\n        commands:\n          - make ${var.x}\n  EOF"
    text = PROJECT.format(spec)
    fixed = fix_text(text, "main.tf", unsafe=True).text
    assert fixed == text.replace("built:", "build:")


def test_a_reference_over_several_lines_keeps_the_lines_behind_it() -> None:
    spec = (
        "<<EOF\nversion: 0.2\nphases:\n  build:\n    commands:\n"
        '      - make ${join(",",\n  var.x)} ${var.y}\n      - zip -r . app.zip\nEOF'
    )
    result = check_text(PROJECT.format(spec), "main.tf")
    places = [
        result.source.position(one.span.start).line for one in result.findings if one.severity == "error"
    ]
    assert places == [19]


def test_a_file_without_a_grammar_is_said_once(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hcl, "_load", lambda: None)
    (tmp_path / "main.tf").write_text(PROJECT.format('"buildspec.yml"'))
    (tmp_path / "buildspec.yml").write_text("version: 0.2\nphases:\n  build:\n    commands:\n      - make\n")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check", "."]) == 0
    assert capsys.readouterr().err.count("pip install 'cdlint[terraform]'") == 1


def _nodes(node: Node) -> list[Node]:
    found = [node]
    if isinstance(node, Mapping):
        for key, inner in node.pairs:
            found += [*_nodes(key), *_nodes(inner)]
    elif isinstance(node, Sequence):
        for inner in node.items:
            found += _nodes(inner)
    elif isinstance(node, (Composed, Unknown)) and node.written is not None:
        found += _nodes(node.written)
    return found


PIECES = st.sampled_from(
    [
        *(
            'resource "aws_codepipeline" "p" {\n',
            "stage {\n",
            "}\n",
            "}",
            "{",
            '"',
            "${",
            "$${",
            "%{",
            "<<EOF\n",
        ),
        *(
            "EOF\n",
            "<<-EOF\n",
            "  a = ",
            "[",
            "]",
            "(",
            ")",
            "local.a",
            "var.b",
            "locals {\n",
            "a = 1\n",
            "é😀",
        ),
        *(
            "\\u00",
            "\\",
            "#",
            "/*",
            "//",
            "\n",
            "\r\n",
            " ",
            "for x in y",
            "jsonencode(",
            ",",
            "buildspec",
            "=",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
@example("a = <<EOF")
@example("a = <<EOF\nEOF")
@example('a = "')
def test_any_text_is_read_and_every_place_lies_in_it(text: str) -> None:
    document = read(text)
    assert document.root is not None
    for node in _nodes(document.root):
        assert 0 <= node.start <= node.end <= len(text)
    for found in check_text(text, "main.tf").findings:
        assert 0 <= found.span.start <= found.span.end <= len(text)
