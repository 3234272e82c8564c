"""The rules about the structure of a buildspec, beyond the examples in their documentation."""

from __future__ import annotations

import pytest

from cdlint.findings import Finding, apply_edits
from cdlint.model.buildspec import Buildspec
from cdlint.model.mending import mend
from cdlint.rules import RULES
from cdlint.rules import shapes as shapes
from cdlint.rules import structure as structure
from cdlint.schema import load_schema, validate
from cdlint.source import Source
from cdlint.syntax.document import Document
from cdlint.syntax.reading import read

MODULES = ("cdlint.rules.structure", "cdlint.rules.shapes")
START = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"


def document(text: str) -> Document:
    found = read(Source("buildspec.yml", text))
    mend(found)
    if found.root is not None:
        found.violations = validate(found.root, load_schema("buildspec"))
    return found


def findings(text: str | Document) -> list[tuple[str, Finding]]:
    """`(name of the rule, finding)`, in the order of the text."""
    spec = Buildspec(text if isinstance(text, Document) else document(text))
    told = []
    for rule in RULES.values():
        if rule.check.__module__ in MODULES:
            for finding in rule.check(spec):
                finding.severity = finding.severity or rule.severity
                told.append((rule.name, finding))
    return sorted(told, key=lambda pair: (pair[1].span.start, pair[0]))


def names(text: str | Document) -> list[str]:
    return [name for name, _ in findings(text)]


def test_a_good_buildspec_has_no_finding() -> None:
    assert findings(START) == []


@pytest.mark.parametrize("text", ["", "\n \n", "# nothing\n", "---\n# x\n...\n", "---\n", "\ufeff# x\n"])
def test_nothing_at_all(text: str) -> None:
    ((name, finding),) = findings(text)
    assert name == "empty-buildspec"
    assert "Wrong number of container tags, expected 1" in finding.message


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "[1, 2]", "0.2\n"])
def test_no_mapping(text: str) -> None:
    assert names(text) == ["empty-buildspec"]


def test_a_tagged_document_is_not_judged() -> None:
    assert names("!Sub |\n  version: 0.2\n") == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"name": "x", "source": {"type": "S3"}, "environment": {}}', "a CodeBuild project"),
        ('{"projects": [{"name": "x"}]}', "CodeBuild projects"),
        ("AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", "a CloudFormation template"),
        ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n", "a CloudFormation template"),
        ('{"pipeline": {"roleArn": "x", "stages": []}}', "a pipeline"),
        ("name: x\non: push\njobs:\n  a:\n    runs-on: x\n", "a GitHub workflow"),
        ("version: 1\nfrontend:\n  phases:\n    preBuild:\n      commands: [a]\n", "Amplify"),
        ("version: 0.0\nos: linux\nhooks: {}\n", "AppSpec"),
        ("version: 0.1\ncomponent: build\nsteps: []\n", "another service"),
    ],
)
def test_foreign_documents_have_one_finding(text: str, what: str) -> None:
    ((name, finding),) = findings(text)
    assert name == "foreign-document"
    assert what in finding.message


def test_phases_make_a_buildspec_of_anything() -> None:
    assert "foreign-document" not in names(START + "services: {}\njobs: {}\n")


@pytest.mark.parametrize(
    "text",
    [
        "customBuildSpec: |\n  version: 0.2\n  phases:\n    build:\n      commands: [a]\n",
        "buildspec:\n  version: 0.2\n  phases:\n    build:\n      commands: [a]\n",
        '{"x": "version: 0.2\\nphases:\\n  build: {}\\n"}',
    ],
)
def test_wrapped_buildspecs_have_one_finding(text: str) -> None:
    assert names(text) == ["wrapped-buildspec"]


FIXED = [
    # the version is added above the first key, behind comments and marks
    (
        "# x\n---\nphases:\n  build:\n    commands: [make]\n",
        "# x\n---\nversion: 0.2\nphases:\n  build:\n    commands: [make]\n",
    ),
    (
        "phases:\r\n  build:\r\n    commands: [make]\r\n",
        "version: 0.2\r\nphases:\r\n  build:\r\n    commands: [make]\r\n",
    ),
    ('{"phases": {"build": {}}}', '{"version": 0.2, "phases": {"build": {}}}'),
    ("version:\n" + START[13:], "version: 0.2\n" + START[13:]),
    # empty sections
    (START + "artifacts:\n", START),
    (START + "  install:\n  post_build: {commands: x}\n", START + "  post_build: {commands: x}\n"),
    (START.replace("\n", "\r\n") + "cache:\r\n", START.replace("\n", "\r\n")),
    # single texts become lists
    (START.replace("[make]", "make"), START.replace(" [make]", "\n      - make")),
    (START.replace("[make]", "|\n      make"), START.replace(" [make]", "\n    - |\n      make")),
    (
        "version: 0.2\nphases: {build: {commands: 'x'}}\n",
        "version: 0.2\nphases: {build: {commands: ['x']}}\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FIXED)
def test_safe_fixes(text: str, expected: str) -> None:
    fixes = [one.fix for _, one in findings(text) if one.fix is not None]
    assert fixes
    mended = apply_edits(text, fixes[0].edits)
    assert mended == expected
    assert fixes[0].safe
    assert len(findings(expected)) < len(findings(text))


@pytest.mark.parametrize(
    "text",
    [
        START + "  install:\n    # commands:\n    #   - npm ci\n",  # the comment would lose its key
        START + "artifacts:\n  files:\n",  # needed, not superfluous
        "version: 0.2\nphases:\n  build:\n",  # nothing would be left
        START + "env: {variables: , shell: bash}\n",
        START + "env:\n  variables:\n    EMPTY:\n    A: b\n",  # would unset the variable
    ],
)
def test_empty_sections_that_stay(text: str) -> None:
    told = [one for name, one in findings(text) if name == "empty-section"]
    assert told and all(one.fix is None for one in told)


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("- # run my test", "- # run my test"),
        ("-", "-"),
        ("-   ", "-"),
        ("- ~", "- ~"),
        ("- null # x", "- null # x"),
    ],
)
def test_an_empty_item_is_shown_with_its_hyphen(item: str, shown: str) -> None:
    text = START.replace(" [make]", f"\n      {item}\n      - make")
    ((name, finding),) = findings(text)
    assert name == "command-not-a-string" and finding.severity == "error"
    assert text[finding.span.start : finding.span.end] == shown
    assert finding.fix is not None
    # A comment is kept without its hyphen, which loses nothing; an empty line is deleted on demand.
    _, sign, comment = item.partition("#")
    assert finding.fix.safe is bool(sign)
    kept = f"\n      #{comment}" if sign else ""
    assert apply_edits(text, finding.fix.edits) == START.replace(" [make]", f"{kept}\n      - make")


def test_numbers_and_booleans_as_commands_are_a_warning() -> None:
    told = findings(START.replace("[make]", "[5, true, yes, 1.5]"))
    assert [(name, one.severity) for name, one in told] == [("command-not-a-string", "warning")] * 3


@pytest.mark.parametrize("value", ["$FILES", "'{{ files }}'", "${X}"])
def test_values_known_later_are_not_judged(value: str) -> None:
    text = START + f"artifacts:\n  files: [a]\n  discard-paths: {value}\ncache: {value}\n"
    assert names(text) == []


def test_keys_known_later_are_not_judged() -> None:
    assert names(START + "$SECTION: {a: b}\n'{{ x }}': 1\n") == []


def test_a_helper_under_an_anchor_is_advice() -> None:
    told = findings("common: &c\n  - make\n" + START.replace("[make]", "*c"))
    assert [(name, one.severity) for name, one in told] == [("unknown-key", "info")]


def test_absences_prove_nothing_where_lines_were_left_out() -> None:
    damaged = document("phases:\n  build:\nartifacts:\n  name: x\nPhases: {}\ncach: {paths: [x]}\n")
    assert {"missing-version", "empty-section", "missing-artifact-files"} <= set(names(damaged))
    damaged.damaged = True
    assert set(names(damaged)) == {"unknown-key"}


def test_only_secondary_artifacts_are_a_warning() -> None:
    text = START + "artifacts:\n  secondary-artifacts:\n    one:\n      files: [x]\n"
    ((name, finding),) = findings(text)
    assert (name, finding.severity) == ("missing-artifact-files", "warning")


@pytest.mark.parametrize("version", ["0.1", "'0.1'", "0.10"])
def test_version_0_1(version: str) -> None:
    text = f"version: {version}\n" + START[13:]
    ((name, finding),) = findings(text)
    assert name == "version-0-1"
    assert finding.fix is not None and not finding.fix.safe
    old = text + "environment_variables:\n  plaintext:\n    A: b\nartifacts:\n  type: zip\n  files: [x]\n"
    ((name, finding),) = findings(old)
    assert (name, finding.fix) == ("version-0-1", None)


def test_a_batch_needs_no_phases() -> None:
    assert names("version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n") == []
