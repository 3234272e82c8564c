"""What is offered to the SchemaStore: file names, and files that a schema must take or refuse."""

from __future__ import annotations

import fnmatch
import json
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from cdlint import discovery
from support import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = ROOT / "editors" / "schemastore"
CATALOG = json.loads((FOLDER / "catalog.json").read_text(encoding="utf-8"))
SCHEMAS = {entry["url"].rpartition("/")[2].removesuffix(".schema.json"): entry for entry in CATALOG}


def data_of(path: Path) -> object:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return tomllib.loads(text)
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def files(kind: str) -> list[Path]:
    return sorted(path for path in (FOLDER / kind).rglob("*") if path.is_file())


@pytest.mark.parametrize("path", files("test"), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_is_right_is_taken(path: Path) -> None:
    assert [error.message for error in validator(path.parent.name).iter_errors(data_of(path))] == []


@pytest.mark.parametrize("path", files("negative_test"), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_is_wrong_is_refused(path: Path) -> None:
    assert not validator(path.parent.name).is_valid(data_of(path))


def test_every_schema_of_the_catalogue_has_both_kinds_of_tests() -> None:
    for kind in ("test", "negative_test"):
        assert {path.parent.name for path in files(kind)} == set(SCHEMAS)
    for entry in CATALOG:
        assert set(entry) == {"name", "description", "fileMatch", "url"}
        assert entry["url"].startswith("https://")
        assert len(entry["fileMatch"]) == len(set(entry["fileMatch"]))


def schema_for(name: str) -> list[str]:
    """The schemas whose patterns match a file's name; a pattern without a slash matches in any folder."""
    return [
        schema
        for schema, entry in SCHEMAS.items()
        if any(fnmatch.fnmatchcase(name.rpartition("/")[2], pattern) for pattern in entry["fileMatch"])
    ]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("buildspec.yml", "buildspec"),
        ("ci/buildspec-prod.yaml", "buildspec"),
        ("prod.buildspec.yml", "buildspec"),
        ("build_spec.yml", "buildspec"),
        ("buildspec.json", "buildspec"),
        ("deploy/appspec.yaml", "appspec"),
        ("codepipeline.json", "pipeline"),
        ("imagedefinitions.json", "imagedefinitions"),
        ("imageDetail.json", "imagedetail"),
        ("deployspec.yml", "deployspec"),
        ("cdlint.toml", "cdlint"),
    ],
)
def test_names_that_match(name: str, schema: str) -> None:
    assert schema_for(name) == [schema]


@pytest.mark.parametrize(
    "name",
    "pipeline.json build.yml package.json spec.yml taskdef.json buildspec.md rebuildspecs.yml template.yml".split(),
)
def test_names_that_say_too_little(name: str) -> None:
    assert schema_for(name) == []


def test_the_patterns_of_buildspecs_are_names_that_cdlint_takes_for_buildspecs() -> None:
    for pattern in SCHEMAS["buildspec"]["fileMatch"]:
        assert discovery.looks_named(pattern.replace("*", "x")), pattern


def test_the_articles_faults_are_refused_by_the_schema() -> None:
    text = "version: 0.2\nphases:\n  build:\n  commands:\n    - echo Testing\n"
    assert not validator("buildspec").is_valid(yaml.safe_load(text))
