"""CD220–CD227: runtimes and images."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult, Finding, apply_edits

RULES = {f"CD{number}" for number in range(220, 229)}
STANDARD = "aws/codebuild/standard:7.0"


def spec(*entries: str) -> str:
    lines = "".join(f"      {entry}\n" for entry in entries)
    return (
        "version: 0.2\nphases:\n  install:\n    runtime-versions:\n"
        f"{lines}    commands:\n      - make deps\n  build:\n    commands:\n      - make\n"
    )


def check(text: str, image: str | None = None) -> FileResult:
    return check_text(text, image=image, kind="buildspec")


def found(text: str, image: str | None = None) -> list[Finding]:
    return [one for one in check(text, image).findings if one.code in RULES]


def told(text: str, image: str | None = None) -> list[tuple[str, str, str]]:
    """Code, severity and place (as text) of every finding of these rules."""
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text, image)]


def fixed(text: str, code: str, image: str | None = None) -> str:
    """The text with the fix of its only finding of a code."""
    (finding,) = [one for one in found(text, image) if one.code == code]
    assert finding.fix is not None
    return apply_edits(text, finding.fix.edits)


@pytest.mark.parametrize(
    "entry",
    [
        "nodejs: 22",
        "nodejs: '22'",
        "python: 3.10",
        "python: 3.12",
        "java: corretto21",
        "golang: 1.25",
        "ruby: 3.4",
        "php: 8.3",
        "php: 8.1  # only on the image for Arm",
        "dotnet: 8.0",
        "rust: 1.93",
        "docker: 23",
        "nodejs: $NODE_VERSION",
        'nodejs: "${NODE_VERSION}"',
        "node: $NODE_VERSION",
        "nodejs: {{ node }}x",
        "{{ runtime }}: 12",
        "nodejs:",
        "nodejs: []",
        "nodejs: !Ref Version",
        "nodejs: ''",
    ],
)
def test_what_a_current_image_may_have_is_right(entry: str) -> None:
    assert [one for one in told(spec(entry)) if one[1] != "info"] == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("node: 22", ("CD220", "warning", "node")),
        ("NodeJS: 22", ("CD220", "warning", "NodeJS")),
        ("go: 1.25", ("CD220", "warning", "go")),
        ("jdk: 17", ("CD220", "warning", "jdk")),
        ("pyhton: 3.12", ("CD220", "warning", "pyhton")),
        ("android: 29", ("CD220", "warning", "android")),
        ("docker: 18", ("CD220", "warning", "docker")),
        ("bazel: 7", ("CD220", "warning", "bazel")),
        ("nodejs: 12", ("CD221", "warning", "12")),
        ("python: 3.8", ("CD221", "warning", "3.8")),
        ("python: 3.1", ("CD221", "warning", "3.1")),
        ("ruby: 2.5", ("CD221", "warning", "2.5")),
        ("python: python3.12", ("CD221", "warning", "python3.12")),
        ("nodejs: 16.x", ("CD221", "warning", "16.x")),
        ("nodejs: lts", ("CD221", "warning", "lts")),
        ("nodejs: 22.11.0", ("CD221", "info", "22.11.0")),
        ("golang: 1.19.3", ("CD221", "warning", "1.19.3")),
        ("java: corretto16", ("CD221", "info", "corretto16")),
        ("python: 3.9", ("CD222", "info", "3.9")),
        ("nodejs: 18", ("CD222", "info", "18")),
        ("nodejs: latest", ("CD223", "info", "latest")),
        ("python: 3.x", ("CD223", "info", "3.x")),
        ("dotnet: 8.0.x", ("CD223", "info", "8.0.x")),
        ("java: 17", ("CD226", "warning", "17")),
        ("java: 1.8", ("CD226", "warning", "1.8")),
        ("java: openjdk11", ("CD226", "warning", "openjdk11")),
        ("java: jdk-21", ("CD226", "warning", "jdk-21")),
    ],
)
def test_without_an_image_nothing_is_an_error(entry: str, expected: tuple[str, str, str]) -> None:
    assert told(spec(entry)) == [expected]


@pytest.mark.parametrize(
    ("image", "entry", "expected"),
    [
        (STANDARD, "nodejs: 12", ("CD221", "warning", "12")),
        (STANDARD, "ruby: 3.0", ("CD221", "error", "3.0")),
        (STANDARD, "ruby: 3.0.7", ("CD221", "warning", "3.0.7")),
        (STANDARD, "php: 8.1", ("CD221", "error", "8.1")),
        (STANDARD, "dotnet: 8", ("CD221", "error", "8")),
        (STANDARD, "rust: 1.93", ("CD220", "error", "rust")),
        (STANDARD, "docker: 20", ("CD220", "error", "docker")),
        (STANDARD, "android: 29", ("CD220", "error", "android")),
        (STANDARD, "java: openjdk8", ("CD226", "error", "openjdk8")),
        ("aws/codebuild/standard:8.0", "nodejs: 20", ("CD221", "info", "20")),
        ("aws/codebuild/standard:8.0", "nodejs: 18", ("CD221", "warning", "18")),
        ("aws/codebuild/standard:6.0", "nodejs: 16", ("CD222", "info", "16")),
        ("aws/codebuild/standard:4.0", "nodejs: 14", ("CD221", "error", "14")),
        ("aws/codebuild/standard:3.0", "java: corretto11", ("CD226", "error", "corretto11")),
        ("aws/codebuild/amazonlinux-x86_64-standard:corretto8", "nodejs: 22", None),
    ],
)
def test_a_known_image_is_judged_by_its_own_table(
    image: str, entry: str, expected: tuple[str, str, str] | None
) -> None:
    told_here = [one for one in told(spec(entry), image) if one[0] != "CD224"]
    if expected is None:
        assert told_here == [("CD220", "error", "nodejs")]
    else:
        assert told_here == [expected]


@pytest.mark.parametrize(
    ("image", "entry"),
    [
        ("aws/codebuild/standard:3.0", "java: openjdk11"),
        ("aws/codebuild/standard:4.0", "docker: 19"),
        ("aws/codebuild/standard:4.0", "docker: 20"),
        ("aws/codebuild/amazonlinux-aarch64-standard:3.0", "docker: 23"),
        ("aws/codebuild/amazonlinux2-x86_64-standard:5.0", "nodejs: 20"),
        # Custom images, Lambda and Windows do not look at the section.
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/builder:1", "node: 12"),
        ("node:20", "java: 17"),
        ("aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs22", "nodejs: 12"),
        ("aws/codebuild/windows-base:2022-1.0", "dotnet: 3.1"),
    ],
)
def test_what_an_image_takes_is_right(image: str, entry: str) -> None:
    assert [one for one in told(spec(entry), image) if one[1] != "info"] == []


def test_an_image_that_is_too_new_for_us_is_no_reason_for_errors() -> None:
    future = "aws/codebuild/standard:99.0"
    assert told(spec("nodejs: 22"), future) == []
    assert told(spec("java: 17"), future) == [("CD226", "warning", "17")]


def test_messages_say_what_there_is() -> None:
    (finding,) = found(spec("ruby: 2.5"), STANDARD)
    assert "`aws/codebuild/standard:7.0` has no ruby 2.5" in finding.message
    assert "4.0, 3.4, 3.3, 3.2 and 3.1" in finding.message
    (finding,) = found(spec("nodejs: 12"))
    assert "2022-04-30" in finding.message and finding.help == "Move to 24, 22 or 20."
    (finding,) = found(spec("python: 3.1"))
    assert "`3.10`" in finding.help
    (finding,) = found(spec("ruby: 3.5"), STANDARD)
    assert "major.minor.patch" in finding.help


@pytest.mark.parametrize(
    ("code", "entry", "better"),
    [
        ("CD220", "node: 22", "nodejs: 22"),
        ("CD220", '"go": 1.25', '"golang": 1.25'),
        ("CD220", "nodeJS: 22", "nodejs: 22"),
        ("CD221", "python: python3.12", "python: 3.12"),
        ("CD221", "nodejs: v22", "nodejs: 22"),
        ("CD221", 'nodejs: ">=22"', 'nodejs: "22"'),
        ("CD221", "nodejs: node22", "nodejs: 22"),
        ("CD221", "golang: go1.25", "golang: 1.25"),
        ("CD221", "dotnet: 8", "dotnet: 8.0"),
        ("CD226", "java: 17", "java: corretto17"),
        ("CD226", "java: '11'", "java: 'corretto11'"),
        ("CD226", "java: 1.8", "java: corretto8"),
        ("CD226", "java: openjdk-21", "java: corretto21"),
    ],
)
@pytest.mark.parametrize("image", [None, STANDARD])
def test_safe_fixes(code: str, entry: str, better: str, image: str | None) -> None:
    text = spec(entry)
    mended = fixed(text, code, image)
    assert mended == spec(better)
    (finding,) = [one for one in found(text, image) if one.code == code]
    assert finding.fix is not None and finding.fix.safe
    assert [one for one in found(mended, image) if one.severity != "info"] == []


@pytest.mark.parametrize("entry", ["nodejs: 12", "ruby: 2.5", "java: 16", "nodejs: lts", "php: 8"])
def test_no_version_is_guessed(entry: str) -> None:
    assert [one.fix for one in found(spec(entry), STANDARD)] == [None]


def test_openjdk_may_be_right_where_the_image_is_unknown() -> None:
    for image, safe in ((None, False), (STANDARD, True)):
        (finding,) = found(spec("java: openjdk11"), image)
        assert finding.fix is not None and finding.fix.safe is safe


def test_a_runtime_is_not_renamed_to_one_that_is_there() -> None:
    finding = found(spec("node: 22", "nodejs: 22"))[0]
    assert finding.code == "CD220" and finding.fix is None
    assert [one.fix for one in found(spec("node: 22", "node: 20"))] == [None] * len(
        found(spec("node: 22", "node: 20"))
    )


def test_docker_is_deleted_with_its_line() -> None:
    text = spec("docker: 20  # for compose", "nodejs: 22")
    assert fixed(text, "CD220", STANDARD) == spec("nodejs: 22")
    assert fixed(text.replace("\n", "\r\n"), "CD220", STANDARD) == spec("nodejs: 22").replace("\n", "\r\n")
    alone = fixed(spec("docker: 20"), "CD220", STANDARD)
    assert "runtime-versions" not in alone and "make deps" in alone
    assert [one.severity for one in check(alone, STANDARD).findings if one.severity != "info"] == []


def test_docker_is_not_deleted_where_that_is_no_plain_matter() -> None:
    flow = "version: 0.2\nphases:\n  install:\n    runtime-versions: {docker: 20, nodejs: 22}\n"
    (finding,) = found(flow, STANDARD)
    assert finding.code == "CD220" and finding.fix is None
    only = "version: 0.2\nphases:\n  install:\n    runtime-versions:\n      docker: 20\n"
    (finding,) = found(only, STANDARD)
    assert finding.fix is None
    shared = only.replace("docker", "docker: &v 20\n      nodejs: 22\n      #")
    assert all(one.fix is None for one in found(shared, STANDARD) if one.code == "CD220")


BATCH = """version: 0.2
batch:
  build-list:
    - identifier: one
      env:
        image: {}
    - identifier: two
      env:
        image: {}
phases:
  install:
    runtime-versions:
      {}
  build:
    commands: [make]
"""


def test_images_of_a_batch_count_as_well() -> None:
    old = "aws/codebuild/standard:4.0"
    text = BATCH.format(old, STANDARD, "nodejs: 12")
    assert told(text) == [("CD224", "warning", old), ("CD222", "info", "12")]
    # With an image for the project, builds of the batch still have their own.
    assert told(text, STANDARD) == [("CD224", "warning", old), ("CD222", "info", "12")]
    text = BATCH.format(STANDARD, STANDARD, "java: 17")
    assert told(text, STANDARD) == [("CD226", "warning", "17")]
    assert found(text, STANDARD)[0].message.startswith("None of the images has `17`")


def test_an_image_of_ones_own_in_a_batch_silences() -> None:
    own = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/builder:1"
    assert told(BATCH.format(own, STANDARD, "node: 12")) == []
    assert told(BATCH.format("$IMAGE", STANDARD, "node: 12")) == [("CD220", "warning", "node")]


def test_deprecated_images_in_all_kinds_of_batches() -> None:
    text = """version: 0.2
batch:
  build-matrix:
    static:
      env:
        image: aws/codebuild/standard:5.0
    dynamic:
      env:
        image:
          - aws/codebuild/standard:2.0
          - aws/codebuild/standard:8.0
          - aws/codebuild/amazonlinux2-x86_64-standard:3.0
          - python:3.6
          - aws/codebuild/python:3.6.5
          - {not: text}
phases:
  build:
    commands: [make]
"""
    assert told(text) == [
        ("CD224", "info", "aws/codebuild/standard:5.0"),
        ("CD224", "warning", "aws/codebuild/standard:2.0"),
        ("CD224", "warning", "aws/codebuild/amazonlinux2-x86_64-standard:3.0"),
        ("CD224", "warning", "aws/codebuild/python:3.6.5"),
    ]
    helps = [one.help for one in found(text)]
    assert helps[0] == "Move to `aws/codebuild/standard:8.0`."
    assert helps[2] == "Move to `aws/codebuild/amazonlinux-x86_64-standard:6.0`."


def test_a_deprecated_image_of_the_users_choice_is_only_advice() -> None:
    text = spec("nodejs: 12")
    assert ("CD224", "info", "phases") in told(text, "aws/codebuild/standard:4.0")
    assert ("CD224", "info", "phases") in told(text, "aws/codebuild/standard:2.0")
    assert not [one for one in told(text, STANDARD) if one[0] == "CD224"]


def test_android_wants_its_java() -> None:
    image = "aws/codebuild/standard:4.0"
    right = spec("android: 29", "java: corretto8")
    wrong = spec("android: 29", "java: corretto11")
    assert [one for one in told(right, image) if one[0] == "CD225"] == []
    assert ("CD225", "error", "corretto11") in told(wrong, image)
    assert [one for one in told(spec("android: 29"), image) if one[0] == "CD225"] == []
    assert [one for one in told(wrong) if one[0] == "CD225"] == []
    for java in ("latest", "$JAVA", "corretto8.x"):
        text = spec("android: 29", f"java: {java}")
        assert [one for one in told(text, image) if one[0] == "CD225"] == []


MISSING = "version: 0.2\nphases:\n  {}\n  build:\n    commands: [make]\n"


@pytest.mark.parametrize(
    ("image", "phase", "place"),
    [
        ("aws/codebuild/standard:2.0", "install: {commands: [a]}", "install"),
        ("aws/codebuild/standard:3.0", "pre_build: {commands: [a]}", "phases"),
        ("aws/codebuild/amazonlinux2-x86_64-standard:2.0", "install: {commands: [a]}", "install"),
        ("aws/codebuild/amazonlinux2-x86_64-standard:3.0", "install: {commands: [a]}", None),
        ("aws/codebuild/standard:4.0", "install: {commands: [a]}", None),
        (STANDARD, "install: {commands: [a]}", None),
        (None, "install: {commands: [a]}", None),
        ("aws/codebuild/standard:2.0", "install: {runtime-versions: {java: openjdk8}}", None),
        ("aws/codebuild/standard:2.0", "install: {runtime-versions: $X}", None),
        ("aws/codebuild/standard:2.0", "install:", None),
        ("aws/codebuild/standard:2.0", "install: [a]", None),
    ],
)
def test_old_images_demand_a_runtime(image: str | None, phase: str, place: str | None) -> None:
    missing = [one for one in told(MISSING.format(phase), image) if one[0] == "CD227"]
    assert missing == ([("CD227", "error", place)] if place else [])


def test_runtimes_in_the_wrong_phase_are_judged_too() -> None:
    text = "version: 0.2\nphases:\n  build:\n    runtime-versions:\n      ruby: 2.5\n"
    text += "    commands: [make]\n"
    assert ("CD221", "error", "2.5") in told(text, STANDARD)
    assert not [one for one in told(text, "aws/codebuild/standard:2.0") if one[0] == "CD227"]


def test_json_buildspecs() -> None:
    text = (
        '{"version": 0.2, "phases": {"install": {"runtime-versions": {"node": 22, "java": "17"}},'
        ' "build": {"commands": ["make"]}}}'
    )
    assert told(text) == [("CD220", "warning", '"node"'), ("CD226", "warning", '"17"')]
    assert '"nodejs": 22' in fixed(text, "CD220")
    assert '"java": "corretto17"' in fixed(text, "CD226")


def test_flow_lists_and_anchors() -> None:
    text = """version: 0.2
phases:
  install:
    runtime-versions: &versions
      nodejs: 12
  pre_build:
    commands: [a]
"""
    assert told(text) == [("CD221", "warning", "12")]
    merged = text.replace("&versions\n", "\n      <<: {python: 3.7}\n")
    assert told(merged) == [("CD221", "warning", "3.7"), ("CD221", "warning", "12")]
