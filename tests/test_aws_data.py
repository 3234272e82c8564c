"""What we know of AWS: the tables of images, runtimes and variables, and their readers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cdlint import fastjson
from cdlint.aws import images, table, variables
from support import ROOT, clean_environment

DATA = ROOT / "src" / "cdlint" / "aws" / "data"
STATES = {images.MAINTAINED, images.AVAILABLE, images.DEPRECATED, images.RETIRED}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_data_says_where_and_when_it_is_from(path: Path) -> None:
    data = fastjson.load(str(path))
    assert data == json.loads(path.read_text(encoding="utf-8"))
    assert data["about"] and data["source"]
    assert data["as_of"][:2] == "20"


@pytest.mark.parametrize("text", ["", "{", "[1,]", "{} x", "nope"])
def test_fastjson_refuses_what_is_not_json(text: str) -> None:
    with pytest.raises(ValueError):
        fastjson.loads(text)


def test_fastjson_without_the_c_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)
    assert fastjson.loads(' {"a": [1, 2.5, null, true, "\\u00e9"]} ') == {"a": [1, 2.5, None, True, "é"]}


def test_tables_fit_together() -> None:
    data, runtimes = table("images"), table("runtimes")
    names = {images.PREFIX + name for name in data["images"]}
    for name in data["images"]:
        image = images.image(images.PREFIX + name)
        assert image is not None and image.name == images.PREFIX + name
        assert image.status in STATES
        assert image.shell in ("dash", "bash") and image.package_tool
        assert image.runtimes and all(image.runtimes.values())
        assert image.custom_versions <= set(runtimes["custom_versions"])
        assert image.custom_versions <= set(image.runtimes)
        if image.status == images.MAINTAINED:
            assert not image.successor
        else:
            assert image.successor in names
            successor = images.image(image.successor)
            assert successor is not None and successor.status == images.MAINTAINED
        for versions in image.runtimes.values():
            assert len(set(versions)) == len(versions)
    assert set(runtimes["other_names"].values()) <= images.runtimes()
    assert not set(runtimes["other_names"]) & images.runtimes()
    assert set(runtimes["end_of_life"]) <= images.runtimes()


def test_maintained_images() -> None:
    names = [image.name for image in images.maintained()]
    assert names == [
        "aws/codebuild/standard:7.0",
        "aws/codebuild/standard:8.0",
        "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "aws/codebuild/amazonlinux-aarch64-standard:4.0",
        "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        "aws/codebuild/amazonlinux-x86_64-standard:6.0",
    ]


@pytest.mark.parametrize(
    ("name", "canonical", "status"),
    [
        ("aws/codebuild/standard:7.0", "standard:7.0", "maintained"),
        ("standard:7.0", "standard:7.0", "maintained"),
        (" AWS/CodeBuild/Standard:7.0 ", "standard:7.0", "maintained"),
        ("aws/codebuild/standard:7.0-24.10.29", "standard:7.0", "maintained"),
        ("aws/codebuild/standard:6.0", "standard:6.0", "available-not-maintained"),
        ("aws/codebuild/standard:4.0", "standard:4.0", "deprecated"),
        ("aws/codebuild/standard:2.0", "standard:2.0", "retired"),
        ("aws/codebuild/standard:1.0", "standard:1.0", "retired"),
        (
            "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
            "amazonlinux-x86_64-standard:5.0",
            "maintained",
        ),
        (
            "aws/codebuild/amazonlinux-x86_64-standard:3.0",
            "amazonlinux2-x86_64-standard:3.0",
            "deprecated",
        ),
        (
            "aws/codebuild/amazonlinux2-x86_64-standard:corretto8",
            "amazonlinux-x86_64-standard:corretto8",
            "available-not-maintained",
        ),
        ("aws/codebuild/python:3.6.5", "python:3.6.5", "retired"),
        ("aws/codebuild/windows-base:1.0", "windows-base:1.0", "retired"),
    ],
)
def test_an_image_is_found_by_its_names(name: str, canonical: str, status: str) -> None:
    image = images.image(name)
    assert image is not None
    assert (image.name, image.status) == (images.PREFIX + canonical, status)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ":",
        "aws/codebuild/",
        "aws/codebuild/standard",
        "aws/codebuild/standard:",
        "aws/codebuild/standard:99.0",
        "aws/codebuild/unheard-of:1.0",
        "python:3.12",
        "docker:24",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/builder:7.0",
        "public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0",
    ],
)
def test_other_images_are_not_ours(name: str) -> None:
    assert images.image(name) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "lambda"),
        ("aws/codebuild/amazonlinux-aarch64-lambda-standard:nodejs22", "lambda"),
        ("aws/codebuild/windows-base:2022-1.0", "windows"),
        ("aws/codebuild/macos-arm-base:14", "macos"),
    ],
)
def test_images_without_a_table(name: str, kind: str) -> None:
    image = images.image(name)
    assert image is not None
    assert (image.kind, image.status, image.runtimes) == (kind, "maintained", {})
    assert images.curated(name)


def test_what_an_image_offers() -> None:
    image = images.image("aws/codebuild/standard:7.0")
    assert image is not None
    assert (image.shell, image.package_tool, image.aws_cli) == ("dash", "apt-get", 2)
    assert image.has("nodejs", "22") and not image.has("nodejs", "12")
    assert image.selects("python", "3.x") and image.selects("nodejs", "18.x")
    assert image.selects("java", "corretto17.x") and image.selects("golang", "latest")
    assert not image.selects("nodejs", "16.x") and not image.selects("rust", "latest")
    assert not image.selects("python", "3")
    assert image.installs("nodejs", "12.22.12") and not image.installs("ruby", "3.0")
    assert not image.installs("android", "29")
    old = images.image("aws/codebuild/standard:3.0")
    assert old is not None and old.needs_runtime and not old.installs("nodejs", "14")
    assert old.requires["android"]["29"] == "openjdk8"
    amazon = images.image("aws/codebuild/amazonlinux-x86_64-standard:4.0")
    assert amazon is not None
    assert (amazon.shell, amazon.package_tool, amazon.aws_cli) == ("bash", "yum", 1)


@pytest.mark.parametrize(
    ("runtime", "good", "bad"),
    [
        ("dotnet", ["8.0.404"], ["8.0", "8", "8.0.x", ""]),
        ("golang", ["1.22", "1.22.3"], ["1", "go1.22", "1.22.3.4"]),
        ("java", ["corretto21"], ["21", "corretto", "corretto21.0", "openjdk11"]),
        ("nodejs", ["22", "22.4", "22.4.1"], ["v22", "22.", "22.4.1.0", "٢٢"]),
        ("php", ["8.3.1"], ["8.3"]),
        ("python", ["3", "3.12", "3.12.4"], ["3.12.4rc1", "python3.12", "-3"]),
        ("ruby", ["3.3.6"], ["3.3", "2.5"]),
        ("perl", [], ["5.36.0"]),
    ],
)
def test_custom_versions(runtime: str, good: list[str], bad: list[str]) -> None:
    assert [one for one in good if not images.is_custom(runtime, one)] == []
    assert [one for one in bad if images.is_custom(runtime, one)] == []


@pytest.mark.parametrize(
    ("runtime", "version", "ended"),
    [
        ("nodejs", "12", "2022-04-30"),
        ("nodejs", "12.22.12", "2022-04-30"),
        ("nodejs", "22", None),
        ("python", "3.1", "2012-04-09"),
        ("python", "3.10", None),
        ("python", "2.7.18", "2020-01-01"),
        ("php", "7.4", "2022-11-28"),
        ("java", "corretto8", None),
        ("java", "corretto17", None),
        ("golang", "1.24", "2026-02"),
        ("golang", "1.26", None),
        ("perl", "5", None),
        ("nodejs", "", None),
    ],
)
def test_end_of_life_is_reckoned_by_the_data(runtime: str, version: str, ended: str | None) -> None:
    assert images.end_of_life(runtime, version) == ended


@pytest.mark.parametrize(
    ("name", "meant"), [("node", "nodejs"), ("Go", "golang"), ("jdk", "java"), ("bazel", None)]
)
def test_other_names_of_runtimes(name: str, meant: str | None) -> None:
    assert images.runtime_meant(name) == meant


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("AWS_REGION", "always"),
        ("CODEBUILD_SRC_DIR", "always"),
        ("CODEBUILD_SRC_DIR_AppSource", "source"),
        ("CODEBUILD_SOURCE_VERSION_two", "source"),
        ("CODEBUILD_WEBHOOK_HEAD_REF", "webhook"),
        ("AWS_ACCOUNT_ID", None),
        ("CODEBUILD_BRANCH", None),
    ],
)
def test_variables_that_codebuild_sets(name: str, when: str | None) -> None:
    assert variables.provided(name) == when


def test_reserved_and_mistaken_names() -> None:
    assert variables.reserved("CODEBUILD_STAGE") and variables.reserved("CODEBUILD_BUILD_ID")
    assert not variables.reserved("CODEBUILD_CONFIG_GITHUB_ACTIONS_ORG_REGISTRATION_NAME")
    assert not variables.reserved("MY_CODEBUILD")
    assert "CODEBUILD_RESOLVED_SOURCE_VERSION" in (variables.instead_of("GIT_COMMIT") or "")
    assert variables.instead_of("HOME") is None
    data = table("variables")
    assert not set(data["provided"]) & set(data["not_provided"])


def test_nothing_is_read_that_is_not_needed(tmp_path: Path) -> None:
    """A buildspec that asks for no runtime costs no table of images."""
    code = (
        "import sys; from cdlint.engine import check_text; "
        "check_text('version: 0.2\\nenv:\\n  variables:\\n    A: b\\nphases:\\n  build:\\n"
        "    commands: [make]\\n', kind='buildspec'); sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "cdlint.rules.structure" in loaded
    assert not {name for name in loaded if name.startswith("cdlint.aws")}
