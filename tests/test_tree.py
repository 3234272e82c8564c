"""Composing YAML and JSON into the located tree."""

from __future__ import annotations

import json as stdlib_json
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from cdlint.syntax import json, yaml
from cdlint.syntax.tree import Mapping, Node, Scalar, Sequence

PLAIN = st.recursive(
    st.one_of(
        st.text(alphabet="ab: #'\"\n-é漢😀\\[]{}&*!|>%@`,?", max_size=12),
        st.integers(-1000, 1000),
        st.booleans(),
        st.none(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(alphabet="abc-_ é", min_size=1, max_size=6), inner, max_size=4),
    ),
    max_leaves=20,
)


def as_plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {name: as_plain(value) for name, _, value in node.items()}
    if isinstance(node, Sequence):
        return [as_plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    kind = node.type
    if kind == "null":
        return None
    if kind == "boolean":
        return node.value.lower() == "true"
    if kind == "integer":
        return int(node.value, 0) if not node.value.lstrip("+-").startswith("0") else int(node.value)
    return node.value


def check_places(node: Node, text: str, inside: tuple[int, int]) -> None:
    assert inside[0] <= node.start <= node.end <= inside[1] <= len(text)
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            check_places(key, text, (node.start, node.end))
            check_places(value, text, (node.start, node.end))
            assert key.end <= value.start or value.start == value.end
    elif isinstance(node, Sequence):
        for item in node.items:
            check_places(item, text, (node.start, node.end))


@given(PLAIN, st.booleans(), st.booleans())
def test_yaml_says_what_was_dumped(value: Any, flow: bool, unicode: bool) -> None:
    text = pyyaml.safe_dump(value, default_flow_style=flow, allow_unicode=unicode)
    root = yaml.compose(text).root
    assert root is not None
    check_places(root, text, (0, len(text)))
    assert as_plain(root) == value


@given(PLAIN, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_says_what_was_dumped(value: Any, indent: Any, ascii: bool) -> None:
    text = stdlib_json.dumps(value, indent=indent, ensure_ascii=ascii)
    root, duplicates = json.parse(text)
    assert not duplicates
    check_places(root, text, (0, len(text)))
    assert as_plain(root) == value


@given(st.text(alphabet='{}[],:"\\ \t\ntruefalsn01-.e', max_size=30))
def test_json_is_read_as_strictly_as_the_standard_library_does(text: str) -> None:
    try:
        expected = stdlib_json.loads(text)
        valid = True
    except ValueError:
        valid = False
    try:
        root, _ = json.parse(text)
    except yaml.SyntaxProblem as problem:
        assert 0 <= problem.start <= len(text)
        # `1.` and `+1` are numbers to YAML; the walker is not asked to be a JSON validator of numbers.
        assert not valid
    else:
        if valid and not any(char.isdigit() for char in text):
            assert as_plain(root) == expected


def test_duplicates_are_seen_and_the_last_counts() -> None:
    composed = yaml.compose("a: 1\nb: 2\na: 3\n")
    (first, again), *rest = composed.duplicates
    assert (first.start, again.start, rest) == (0, 10, [])
    assert as_plain(composed.root) == {"a": 3, "b": 2}  # type: ignore[arg-type]


def test_anchors_aliases_and_merge_keys() -> None:
    text = "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: [*x]\nw: {<<: [*x, {c: 4}]}\n"
    assert as_plain(yaml.compose(text).root) == {  # type: ignore[arg-type]
        "x": {"a": 1, "b": 2},
        "y": {"b": 3, "a": 1},
        "z": [{"a": 1, "b": 2}],
        "w": {"a": 1, "b": 2, "c": 4},
    }


@pytest.mark.parametrize("text", ["a: *b\n", "a: &a [*a]\n", "&a {b: *a}\n"])
def test_aliases_without_an_anchor_above_are_reported(text: str) -> None:
    (alias,) = yaml.compose(text).undefined
    assert text[alias.start : alias.end] == f"*{alias.anchor}"


def test_tags_and_anchors_are_not_part_of_the_value() -> None:
    text = "a: !Sub &x value\nb: !!str 12\nc: ! x\n"
    root = yaml.compose(text).root
    assert isinstance(root, Mapping)
    a, b, c = root.get("a"), root.get("b"), root.get("c")
    assert isinstance(a, Scalar) and isinstance(b, Scalar) and isinstance(c, Scalar)
    assert (text[a.start : a.end], a.tag, a.anchor) == ("value", "!Sub", "x")
    assert (b.value, b.tag, b.type) == ("12", "!!str", "string")
    assert c.tag is None


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("", "null"), ("~", "null"), ("null", "null"), ("true", "boolean"), ("False", "boolean"),
        ("yes", "string"), ("NO", "string"), ("0.2", "number"), ("3.10", "number"), ("12", "integer"),
        ("-1", "integer"), ("0x1F", "integer"), ("0o17", "integer"), ("1e3", "number"), (".5", "number"),
        (".inf", "number"), ("1.2.3", "string"), ("2024-01-01", "string"), ("1_000", "string"),
        ("-", "string"), ("12:30", "string"), ("'1'", "string"), ("٣", "string"),
    ],
)  # fmt: skip
def test_types_are_those_of_yaml_1_2(text: str, type: str) -> None:
    root = yaml.compose(f"[{text}]" if text != "-" else '["-"]').root
    assert isinstance(root, Sequence)
    if text:
        assert root.items[0].type == type  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["[" * 5000, "- " * 5000, "{a: " * 5000, "a:\n" + "".join(
    " " * n + "a:\n" for n in range(1, 300))])  # fmt: skip
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(yaml.LimitProblem):
        yaml.compose(text)
    assert isinstance(yaml.first_error(text), yaml.LimitProblem)


def test_alias_bombs_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 12):
        lines.append(f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]")
    with pytest.raises(yaml.LimitProblem, match="aliases"):
        yaml.compose("\n".join(lines))


def test_further_documents_are_noted() -> None:
    assert yaml.compose("---\na: 1\n---\nb: 2\n").documents == [9]
    assert yaml.compose("---\na: 1\n...\n").documents == []


def test_pure_python_parser_gives_the_same_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    from cdlint.syntax import libyaml

    text = "a: &x [1, {b: !Sub c}]\nb: |\n  hi\n\nc: *x\nd: >-\n  é\n  漢\ne: 'x'\n"
    fast = repr(yaml.compose(text).root)
    monkeypatch.setattr(yaml, "Parser", libyaml._pure_parser)
    monkeypatch.setattr(yaml, "events", pyyaml.events)
    assert repr(yaml.compose(text).root) == fast
    assert yaml.first_error("a: [") is not None
