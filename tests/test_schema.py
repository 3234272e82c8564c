"""The walk over JSON Schemas: the same verdict as `jsonschema`, but with places and plain words."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import Draft202012Validator, extend

from cdlint import subschema
from cdlint.findings import apply_edits
from cdlint.patterns import matcher
from cdlint.schema import KEYWORDS, Violation, Walker, load_schema, schema_text, validate
from cdlint.source import Source
from cdlint.syntax.json import parse
from cdlint.syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from cdlint.syntax.yaml import compose
from cdlint.violations import RULES

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = load_schema("buildspec")
SCHEMA_FILES = sorted((ROOT / "schemas").glob("*.schema.json"))

# --- the oracle -------------------------------------------------------------------------------


class Word(str):
    """A plain `yes`, `no`, `on` …: a text to YAML 1.2, a boolean to YAML 1.1."""


TYPES = Draft202012Validator.TYPE_CHECKER.redefine(
    "boolean", lambda _, value: isinstance(value, (bool, Word))
)
Oracle = extend(Draft202012Validator, type_checker=TYPES)


def plain(node: Node) -> Any:
    """A tree as plain objects, typed as the walker types it."""
    if isinstance(node, Mapping):
        return {name: plain(value) for name, _, value in node.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    kind, value = node.type, node.value
    if kind == "null":
        return None
    if kind == "boolean":
        return value.lower() == "true"
    if kind == "integer":
        return int(value, 0) if value.startswith(("0x", "0o")) else int(value)
    if kind == "number":
        return float(value.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return Word(value) if node.is_yaml11_word else value


def same_verdict(root: Node, schema: dict[str, Any]) -> None:
    violations = validate(root, schema)
    errors = list(Oracle(schema).iter_errors(plain(root)))
    assert bool(violations) == bool(errors), (violations, errors)


# --- texts --------------------------------------------------------------------------------------

#: Scalars as they are written in YAML.
TOKENS = st.sampled_from(
    """npm|'quoted'|"x y"|""|0.2|"0.2"|0.20|0.1|'0.1'|1|5|5.0|-3|0x1F|1e3|.5|yes|no|"yes"|On|true
    |False|"true"|null|~|$VAR|"${A}-x"|ABORT|abort|RETRY|RETRY-2|RETRY-|"a-b"|a_b|JUNITXML|JunitXml
    |HTML|restore|save|LINUX_CONTAINER|BUILD_GENERAL1_SMALL|BUILD_LAMBDA_3GB|"{{ x }}\"""".split("|")
).map(str.strip)
WORDS = """version run-as env shell variables parameter-store secrets-manager exported-variables
    git-credential-helper proxy upload-artifacts logs batch fast-fail build-list build-graph
    build-matrix build-fanout identifier buildspec depend-on debug-session ignore-failure
    compute-type fleet image privileged-mode type static dynamic parallelism phases install
    pre_build build post_build commands finally on-failure runtime-versions nodejs reports files
    file-format base-directory discard-paths artifacts name exclude-paths enable-symlinks s3-prefix
    secondary-artifacts cache paths key fallback-keys action environment_variables plaintext
    x-common unit a-b A""".split()
Tree = Any  # a token, a list of trees, or a dict of trees


def render(tree: Tree) -> str:
    """YAML in flow style, with every scalar as written."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {render(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(render, tree)) + "]"
    return str(tree)


def render_block(tree: Tree, indent: int = 0) -> str:
    """YAML in block style, as people write it."""
    blanks = " " * indent
    if isinstance(tree, dict) and tree:
        lines = []
        for key, value in tree.items():
            if isinstance(value, (dict, list)) and value:
                lines.append(f"{blanks}{key}:\n{render_block(value, indent + 2)}")
            else:
                lines.append(f"{blanks}{key}: {render(value)}\n")
        return "".join(lines)
    if isinstance(tree, list) and tree:
        return "".join(f"{blanks}- {render(item)}\n" for item in tree)
    return f"{blanks}{render(tree)}\n"


def trees(depth: int = 3) -> st.SearchStrategy[Tree]:
    return st.recursive(
        TOKENS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
        ),
        max_leaves=6 * depth,
    )


def maybe(fields: dict[str, st.SearchStrategy[Tree]]) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries({}, optional=fields)


TEXTS = st.sampled_from(["npm ci", "'a: b'", "$X", "1", "yes", '"x"'])
FLAGS = st.sampled_from(["yes", "no", "true", "False", '"yes"', "'true'", "$FLAG", "on"])
LISTS = st.lists(TEXTS, min_size=1, max_size=3) | st.just("one")
COMMANDS = st.lists(st.sampled_from(["npm ci", "'a: b'", "$X", '"x"']), min_size=1, max_size=3)
MAPS = st.dictionaries(st.sampled_from(["A", "B", "lower", "x-y"]), TEXTS, max_size=3)
PHASE = st.fixed_dictionaries(
    {"commands": COMMANDS | st.just("make")},
    optional={
        "finally": COMMANDS,
        "on-failure": st.sampled_from(["ABORT", "CONTINUE", "RETRY", "RETRY-2", "RETRY-x.*", "$F"]),
        "run-as": TEXTS,
    },
)
ARTIFACT = st.fixed_dictionaries(
    {"files": LISTS},
    optional={
        "name": TEXTS,
        "discard-paths": FLAGS,
        "base-directory": TEXTS,
        "exclude-paths": LISTS,
        "enable-symlinks": FLAGS,
        "s3-prefix": TEXTS,
    },
)
TASK_ENV = maybe(
    {
        "compute-type": st.sampled_from(["BUILD_GENERAL1_SMALL", "$C"]),
        "image": TEXTS,
        "privileged-mode": FLAGS,
        "type": st.sampled_from(["LINUX_CONTAINER", "ARM_EC2", "$T"]),
        "variables": MAPS,
    }
)
TASK = st.fixed_dictionaries(
    {"identifier": st.sampled_from(["linux", "a_1", "7", "$ID"])},
    optional={"buildspec": TEXTS, "ignore-failure": FLAGS, "env": TASK_ENV},
)
#: Buildspecs that CodeBuild takes.
BUILDSPECS = st.fixed_dictionaries(
    {
        "version": st.sampled_from(["0.2", "0.20"]),
        "phases": st.fixed_dictionaries(
            {"build": PHASE},
            optional={
                "install": PHASE | st.just({"runtime-versions": {"nodejs": "22"}}),
                "pre_build": PHASE,
                "post_build": PHASE,
            },
        ),
    },
    optional={
        "run-as": TEXTS,
        "env": st.fixed_dictionaries(
            {"variables": MAPS},
            optional={
                "shell": st.just("bash"),
                "parameter-store": MAPS,
                "secrets-manager": MAPS,
                "exported-variables": st.just(["A", "B"]),
                "git-credential-helper": FLAGS,
            },
        ),
        "proxy": st.just({"logs": "yes", "upload-artifacts": "no"}),
        "batch": st.one_of(
            st.fixed_dictionaries({"build-list": st.lists(TASK, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"build-graph": st.lists(TASK, min_size=1, max_size=2)}),
            st.just({"build-fanout": {"parallelism": "3", "ignore-failure": "no"}}),
            st.just({"build-matrix": {"dynamic": {"env": {"variables": {"A": ["1", "2"]}}}}}),
        ),
        "reports": st.dictionaries(
            st.sampled_from(["unit", "'arn:aws:codebuild:x'", "$R"]),
            st.fixed_dictionaries(
                {"files": LISTS},
                optional={"file-format": st.sampled_from(["JunitXml", "JACOCOXML", "$F"])},
            ),
            min_size=1,
            max_size=2,
        ),
        "artifacts": ARTIFACT
        | st.builds(lambda one, two: {**one, "secondary-artifacts": {"b_1": two}}, ARTIFACT, ARTIFACT),
        "cache": st.fixed_dictionaries({"paths": LISTS}, optional={"key": TEXTS, "action": st.just("save")}),
        "x-common": trees(1),
    },
)


def places(tree: Tree, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += places(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found += places(value, (*path, index))
    return found


def changed(tree: Tree, path: tuple[Any, ...], change: Any) -> Tree:
    """A copy in which the value at a path is another; DELETED takes it away."""
    if not path:
        return change
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    value = changed(copy[path[0]], path[1:], change)
    if value is DELETED:
        del copy[path[0]]
    else:
        copy[path[0]] = value
    return copy


DELETED = object()


@st.composite
def mutants(draw: st.DrawFn) -> Tree:
    """A good buildspec with one or two things replaced, removed or added."""
    tree = draw(BUILDSPECS)
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(places(tree)))
        if not path:
            continue
        here = tree
        for step in path:
            here = here[step]
        kind = draw(st.sampled_from(["replace", "delete", "add"]))
        if kind == "delete":
            tree = changed(tree, path, DELETED)
        elif kind == "add" and isinstance(here, dict):
            tree = changed(tree, path, {**here, draw(st.sampled_from(WORDS)): draw(trees(1))})
        else:
            tree = changed(tree, path, draw(trees(1)))
    return tree


@given(BUILDSPECS)
def test_what_codebuild_takes_is_valid(tree: Tree) -> None:
    root = compose(render_block(tree)).root
    assert root is not None
    assert validate(root, SCHEMA) == []
    same_verdict(root, SCHEMA)


@given(mutants() | trees())
def test_same_verdict_as_jsonschema(tree: Tree) -> None:
    text = render(tree)
    root = compose(text).root
    assert root is not None
    same_verdict(root, SCHEMA)
    if isinstance(tree, dict) and tree:
        block = compose(render_block(tree)).root
        assert block is not None
        assert plain(block) == plain(root)
        assert len(validate(block, SCHEMA)) == len(validate(root, SCHEMA))


@given(mutants())
def test_every_violation_is_told_in_full(tree: Tree) -> None:
    text = render_block(tree)
    root = compose(text).root
    assert root is not None
    for violation in validate(root, SCHEMA):
        assert violation.rule
        assert violation.message[:1].isupper() or violation.message.startswith("`")
        assert violation.message.endswith(".")
        assert not re.search(r"\{[a-z]+\}", violation.message + violation.help), violation
        assert 0 <= violation.span.start <= violation.span.end <= len(text)
        if violation.fix is not None:
            mended = compose(apply_edits(text, violation.fix.edits)).root
            assert mended is not None
            same = [one for one in validate(mended, SCHEMA) if one.rule == violation.rule]
            before = [one for one in validate(root, SCHEMA) if one.rule == violation.rule]
            assert len(same) <= len(before)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 2.0]) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def schemas() -> st.SearchStrategy[Any]:
    """Small schemas over every keyword that the walker knows."""

    def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        names = st.lists(st.sampled_from("abc"), max_size=2, unique=True)
        by_name = st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
        some = st.lists(inner, min_size=1, max_size=3)
        return maybe(
            {
                "type": st.sampled_from(["object", "array", "string", "integer", ["array", "null"]]),
                "properties": by_name,
                "patternProperties": st.dictionaries(st.sampled_from(["^a", "b", "c$"]), inner, max_size=1),
                "additionalProperties": inner,
                "propertyNames": inner,
                "required": names,
                "dependentRequired": st.dictionaries(st.sampled_from("abc"), names, max_size=1),
                "items": inner,
                "minItems": st.integers(0, 2),
                "maxItems": st.integers(0, 2),
                "minProperties": st.integers(0, 2),
                "maxProperties": st.integers(0, 2),
                "uniqueItems": st.booleans(),
                "allOf": some,
                "anyOf": some,
                "oneOf": some,
                "not": inner,
                "if": inner,
                "then": inner,
                "else": inner,
            }
        )

    leaf = st.booleans() | maybe(
        {
            "type": st.sampled_from(
                [
                    "object",
                    "array",
                    "string",
                    "number",
                    "integer",
                    "boolean",
                    "null",
                    ["string", "null"],
                ]
            ),
            "enum": st.lists(
                st.sampled_from(["a", "b", 1, 0.5, True, False, None]), min_size=1, unique_by=repr
            ),
            "const": st.sampled_from(["a", 2, True, None]),
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(["a", "^b", "^[ab]$", "a|c", "^(a|b)$"]),
            "minimum": st.integers(-3, 3),
            "maximum": st.integers(-3, 3),
            "exclusiveMinimum": st.integers(-3, 3),
            "exclusiveMaximum": st.integers(-3, 3),
            "$ref": st.sampled_from(["#/$defs/x", "#/$defs/y"]),
        }
    )
    return st.recursive(leaf, larger, max_leaves=6).map(
        lambda schema: {
            **(schema if isinstance(schema, dict) else {"not": {}}),
            "$defs": {"x": {"type": "string"}, "y": {"anyOf": [{"const": 1}, {"required": ["a"]}]}},
        }
    )


@given(schemas(), JSON)
def test_any_schema_gets_the_same_verdict(schema: dict[str, Any], value: Any) -> None:
    root, _ = parse(json.dumps(value))
    violations = validate(root, schema)
    assert bool(violations) == bool(list(Oracle(schema).iter_errors(value)))
    for violation in violations:
        assert violation.message.endswith("."), violation


PATTERNS = r"""
    ^[A-Za-z0-9_]{1,3}$ ^[a-c]+$ ^[ab-]*$ ^[ab]{2}$ ^[a]{1,}$ ^x- \$|\{\{ ^0\.[12]0*$
    ^(?:a|b)$ a.c ^[^a]$ ^[\d]$ [|] ^a$|b ^a[bc]*x ^[ab]{2}x-[bc]+a ^a[b]*b ^x[ab]{1,2}\|
""".split()


@given(
    st.sampled_from(PATTERNS),
    st.text("abcx-|0.12$5{Z", max_size=4),
)
def test_patterns_match_as_re_does(pattern: str, text: str) -> None:
    assert matcher(pattern)(text) == bool(re.search(pattern, text))


def test_a_pattern_ends_where_the_text_ends() -> None:
    assert not matcher("^[a]+$")("a\n")
    assert not matcher("^(a|b)$")("a\n")


# --- the schemas themselves -----------------------------------------------------------------------


def subschemas(schema: Any) -> list[dict[str, Any]]:
    """Every subschema, the schema itself included."""
    if not isinstance(schema, dict):
        return []
    found = [schema]
    for key in ("$defs", "properties", "patternProperties"):
        for sub in schema.get(key, {}).values():
            found += subschemas(sub)
    for key in ("additionalProperties", "items", "propertyNames", "not", "if", "then", "else"):
        found += subschemas(schema.get(key))
    for key in ("allOf", "anyOf", "oneOf"):
        for sub in schema.get(key, []):
            found += subschemas(sub)
    return found


@pytest.mark.parametrize("path", SCHEMA_FILES, ids=lambda path: path.name)
def test_schemas_keep_to_the_keywords(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for sub in subschemas(schema):
        assert set(sub) <= KEYWORDS, set(sub) - KEYWORDS
        for value in sub.get("enum", []):
            assert value is None or isinstance(value, (str, int, float))


def described(schema: dict[str, Any]) -> int:
    """How many keys a schema describes; fails at one that it does not."""
    count = 0
    inner = [schema.get("additionalProperties"), schema.get("items"), *schema.get("anyOf", [])]
    home = subschema.Home(SCHEMA)
    for name, value in schema.get("properties", {}).items():
        target = home.target(value["$ref"]) if "$ref" in value else {}
        assert {**target, **value}.get("description"), name
        inner.append(value)
        count += 1
    return count + sum(described(one) for one in inner if isinstance(one, dict))


def test_every_key_is_described() -> None:
    assert sum(map(described, [SCHEMA, *SCHEMA["$defs"].values()])) > 80


def test_examples_and_defaults_are_valid() -> None:
    count = 0
    for sub in subschemas(SCHEMA):
        whole = {**sub, "$defs": SCHEMA["$defs"]}
        for value in [*sub.get("examples", []), *([sub["default"]] if "default" in sub else [])]:
            jsonschema.validate(value, whole)
            count += 1
    assert count > 20


def test_annotations_name_keywords_and_rules() -> None:
    options = {"noun", "aliases", "elsewhere", "places", "consequences", "aside"}
    entry = {"rule", "severity", "message", "help", "fix", "at", "open", "case"}
    for sub in subschemas(SCHEMA):
        for keyword, value in sub.get("x-cdlint", {}).items():
            if keyword in options:
                continue
            assert keyword in RULES or keyword.startswith("type:"), keyword
            entries = value.values() if keyword == "required" else [value]
            for one in entries:
                assert set(one) <= entry
                assert re.fullmatch(r"[a-z-]+", one["rule"])


def test_the_documentation_lists_the_keywords() -> None:
    text = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([$\w-]+)`", text.partition("## Keywords")[2].partition("\n## ")[0]))
    assert listed == KEYWORDS


def test_the_scanner_reads_what_json_reads() -> None:
    assert load_schema("buildspec") == json.loads(schema_text("buildspec"))
    with pytest.raises(OSError):
        load_schema("no-such")


def test_a_clean_buildspec_imports_neither_json_nor_re() -> None:
    program = """
import sys
sys.path.insert(0, sys.argv[1])
for name in ("re", "json"):
    assert name not in sys.modules, name
from cdlint.schema import load_schema, validate
from cdlint.syntax.tree import Mapping, Scalar
root = Mapping(0, 0)
batch, fanout = Mapping(0, 0), Mapping(0, 0)
fanout.pairs = [(Scalar(0, 0, "parallelism"), Scalar(0, 0, "2"))]
batch.pairs = [(Scalar(0, 0, "build-fanout"), fanout)]
root.pairs = [(Scalar(0, 0, "version"), Scalar(0, 0, "0.2")), (Scalar(0, 0, "batch"), batch)]
assert validate(root, load_schema("buildspec")) == []
loaded = {"re", "json", "typing", "enum", "cdlint.violations"} & set(sys.modules)
assert not loaded, loaded
"""
    # -S: what `site` imports depends on the environment.
    command = [sys.executable, "-S", "-c", program, str(ROOT / "src")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- what is not there to be judged --------------------------------------------------------------

START = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"


def check(text: str) -> list[Violation]:
    root = compose(text).root
    assert root is not None
    return validate(root, SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        START + "env: !Sub x\n",
        START + "env:\n  variables: !Fn {a: [b]}\n",
        START + "artifacts: !Mine [x]\n",
        "version: !v 7\n" + START[13:],
    ],
)
def test_tagged_values_are_not_judged(text: str) -> None:
    assert check(text) == []


def test_unknown_values_are_not_judged() -> None:
    root = compose(START).root
    assert isinstance(root, Mapping)
    for name in ("env", "artifacts", "cache", "batch", "reports", "proxy", "run-as"):
        root.pairs.append((Scalar(0, 0, name), Unknown(0, 0)))
    root._index = None
    assert validate(root, SCHEMA) == []


def test_merged_keys_count_and_are_judged() -> None:
    text = (
        "version: 0.2\nx-phase: &phase\n  commands: [make]\n  on-failure: STOP\n"
        "phases:\n  build:\n    <<: *phase\n  post_build: *phase\n"
    )
    found = check(text)
    assert [(one.rule, text[one.span.start : one.span.end]) for one in found] == [
        ("invalid-on-failure", "STOP")
    ]


def test_an_alias_without_anchor_is_not_judged() -> None:
    assert check("version: 0.2\nphases:\n  build:\n    commands: *none\n") == []


def test_alias_bombs_stay_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    schema: dict[str, Any] = {
        "$defs": {"node": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
        "$ref": "#/$defs/node",
    }
    rows = ["- &a0 [x, y]"] + [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 6)]
    root = compose("\n".join(rows)).root
    assert root is not None
    walked = 0
    walk = Walker.walk

    def counted(self: Walker, node: Node, check: subschema.Check, place: Any) -> None:
        nonlocal walked
        walked += 1
        walk(self, node, check, place)

    monkeypatch.setattr(Walker, "walk", counted)
    found = validate(root, schema)
    assert {one.rule for one in found} == {"wrong-type"}
    assert walked < 200


# --- sentences --------------------------------------------------------------------------------

SNAPSHOTS = [
    (
        "phases:\n  build:\n    commands: [make]\n",
        """
        1:1 missing-version: The buildspec has no `version`: CodeBuild refuses it. → Write
        `version: 0.2` at the top.
        """,
    ),
    (
        "Version: 0.2\n" + START[13:],
        """
        1:1 missing-version: `Version` is not a key of a buildspec. The buildspec has no
        `version`: CodeBuild refuses it. → Write `version`.
        """,
    ),
    (
        "version: 3\n" + START[13:],
        """
        1:10 unsupported-version: `3` is no version of the buildspec format: there are 0.2 and,
        for old builds, 0.1. → Write `version: 0.2`.
        """,
    ),
    (
        "version: 0.2\nartifacts:\n  files: x\n",
        """
        1:1 missing-phases: The buildspec has no `phases`: CodeBuild has nothing to run. → Add
        `phases:`, below that a phase such as `build:`, and its `commands:`.
        """,
    ),
    (
        START + "artefacts:\n  files: x\n",
        """
        5:1 unknown-key: `artefacts` is not a key of a buildspec: CodeBuild notes it in its log
        and ignores it. → Write `artifacts`.
        """,
    ),
    (
        START + "  prebuild:\n    commands: [x]\n",
        """
        5:3 unknown-phase: `prebuild` is no phase: CodeBuild stops with `Invalid buildspec phase
        name: prebuild. Expecting: build,install,post_build,pre_build`. → Write `pre_build`.
        """,
    ),
    (
        START + "    runtime-versions:\n      nodejs: 22\n",
        """
        5:5 unknown-key: `runtime-versions` is not a key of a phase: CodeBuild notes it in its
        log and ignores it. → Move it to the phase `install`: the runtimes serve all phases.
        """,
    ),
    (
        START + "    env:\n      variables: {A: b}\n",
        """
        5:5 unknown-key: `env` is not a key of a phase: CodeBuild notes it in its log and
        ignores it. → Move it to the top level of the buildspec.
        """,
    ),
    (
        START + "env:\n  compute-type: BUILD_GENERAL1_SMALL\n",
        """
        6:3 unknown-key: `compute-type` is not a key of `env`: CodeBuild notes it in its log and
        ignores it. → It is a setting of the CodeBuild project, or of the `env` of one build
        under `batch`.
        """,
    ),
    (
        START + "artifacts:\n  files: x\n  baseDirectory: out\n",
        """
        7:3 unknown-key: `baseDirectory` is not a key of `artifacts`: CodeBuild notes it in its
        log and ignores it. → Write `base-directory`.
        """,
    ),
    (
        START + "artifacts:\n  files: x\n  type: zip\n",
        """
        7:3 unknown-key: `type` of `artifacts` belongs to version 0.1 of the buildspec:
        CodeBuild notes it in its log and ignores it. → Delete the line; the project says where
        artifacts go.
        """,
    ),
    (
        START + "artifacts:\n  name: x\n",
        """
        5:1 missing-artifact-files: `artifacts` has no `files`: the build fails at the end with
        `no definition for primary artifacts in buildspec`. → Add `files:` with the files of the
        primary artifact.
        """,
    ),
    (
        START + "env:\n  - A=1\n",
        """
        5:1 wrong-type: `env` is a list, but CodeBuild wants keys such as `variables` here. →
        Write `variables:` below `env:`, and each variable as `NAME: value` below that.
        """,
    ),
    (
        START.replace("[make]", "[make, {a: b}]"),
        """
        4:22 command-not-a-string: Item 2 of `commands` is a mapping (`key: value`), not a text.
        CodeBuild stops with `Expected Commands[1] to be of string type: found subkeys instead`.
        → Quote the whole command, or write it as a block below `- |`.
        """,
    ),
    (
        START + "  install:\n",
        """
        5:3 empty-section: The phase `install` is empty: CodeBuild runs nothing in it. → List
        its commands under `commands:`, or delete the line.
        """,
    ),
    (
        START + "  install:\n    run-as: me\n",
        """
        5:3 missing-commands: The phase `install` has no `commands`: CodeBuild runs nothing in
        it. → List its commands under `commands:`, or delete the phase.
        """,
    ),
    (
        START + "    on-failure: IGNORE\n",
        """
        5:17 invalid-on-failure: `IGNORE` is no action for `on-failure`. → Write `ABORT`,
        `CONTINUE`, `RETRY` or `RETRY-` with a count or a pattern.
        """,
    ),
    (
        START + "    on-failure: abort\n",
        """
        5:17 invalid-on-failure: `abort` is usually written `ABORT`. → Write `ABORT`.
        """,
    ),
    (
        START + "artifacts:\n  files: x\n  discard-paths: 1\n",
        """
        7:18 invalid-value: `discard-paths` is either `yes` or `no`, not `1`. → Write `yes` or
        `no`.
        """,
    ),
    (
        START + "reports:\n  unit:\n    files: x\n    file-format: JUNIT\n",
        """
        8:18 invalid-value: `JUNIT` is no report format that CodeBuild knows. → Write one of
        `JUNITXML`, `CUCUMBERJSON`, `NUNITXML`, `NUNIT3XML`, `TESTNGXML`, `VISUALSTUDIOTRX`,
        `CLOVERXML`, `COBERTURAXML`, `JACOCOXML` or `SIMPLECOV`.
        """,
    ),
    (
        START + "reports:\n  unit:\n    file-format: JUNITXML\n",
        """
        6:3 missing-key: The report group `unit` has no `files`: CodeBuild has no results to
        read. → Add `files:` with the result files.
        """,
    ),
    (
        "version: '0.2'\n" + START[13:] + "batch:\n  build-list:\n    - identifier: a\n",
        """
        1:10 quoted-version-in-batch: `version` is quoted, which a batch build does not take: it
        fails with ``cannot unmarshal !!str `0.2` into float64``. → Write `version: 0.2`,
        without quotes.
        """,
    ),
    (
        START + "batch:\n  build-list:\n    - identifier: my-build\n",
        """
        7:19 invalid-value: `my-build` cannot serve as an identifier: only letters, digits and
        underscores are allowed, at most 127 of them. → Rename it; write underscores for
        hyphens, dots and blanks.
        """,
    ),
    (
        START + "batch:\n  build-fanout:\n    parallelism: '4'\n",
        """
        7:18 invalid-value: `parallelism` is a whole number, not `'4'`. → Write a number such as
        `4`, without quotes.
        """,
    ),
]


@pytest.mark.parametrize(("text", "expected"), SNAPSHOTS, ids=[str(n) for n in range(len(SNAPSHOTS))])
def test_sentences(text: str, expected: str) -> None:
    (found,) = check(text)
    place = Source("x", text).position(found.span.start)
    told = f"{place} {found.rule}: {found.message} → {found.help}"
    assert told == " ".join(expected.split())


FIXES = [
    (START + "artefacts: {files: x}\n", START + "artifacts: {files: x}\n", True),
    (START + "'artifact': {files: x}\n", START + "'artifacts': {files: x}\n", True),
    (START + "  Post-Build: {commands: x}\n", START + "  post_build: {commands: x}\n", True),
    (START + "    on-failure: 'abort'\n", START + "    on-failure: 'ABORT'\n", True),
    (
        START.replace("commands", "script"),
        START,
        False,
    ),
    (START.replace("[make]", "[5]"), START.replace("[make]", '["5"]'), True),
    (
        'version: "0.2"\nbatch: {build-list: [{identifier: a}]}\n',
        "version: 0.2\nbatch: {build-list: [{identifier: a}]}\n",
        True,
    ),
    (
        START + "cache: {paths: x, action: Restore}\n",
        START + "cache: {paths: x, action: restore}\n",
        True,
    ),
]


@pytest.mark.parametrize(("text", "expected", "safe"), FIXES)
def test_fixes(text: str, expected: str, safe: bool) -> None:
    fixes = [one.fix for one in check(text) if one.fix is not None]
    assert len(fixes) == 1
    assert apply_edits(text, fixes[0].edits) == expected
    assert fixes[0].safe is safe
    assert check(expected) == []


def test_no_rename_where_the_right_key_stands_already() -> None:
    (found,) = check(START + "    command: [x]\n")
    assert found.fix is None
    assert found.help == "`commands` stands here already: join the two, or delete one."


def test_what_stands_below_a_misspelt_key_is_judged_too() -> None:
    found = check(START + "  prebuild:\n    comands: [x]\n")
    assert [one.name for one in found] == ["prebuild", "comands"]


def test_an_unknown_environment_type_may_be_a_new_one() -> None:
    task = START + "batch:\n  build-list:\n    - identifier: a\n      env: {type: %s}\n"
    (new,), (typo,) = check(task % "QUANTUM_CONTAINER"), check(task % "LINUX_CONTANER")
    assert (new.severity, new.fix) == ("warning", None)
    assert typo.severity is None and typo.suggestion == "LINUX_CONTAINER"
