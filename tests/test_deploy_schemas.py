"""The schemas of deploy files: the same verdict as `jsonschema`, on files that are right and on broken ones."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.model.deploy_files import SCHEMAS
from cdlint.schema import load_schema, validate
from cdlint.syntax.json import parse

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"
SCRIPT = {"location": "scripts/a.sh", "timeout": 300, "runas": "root"}
SERVICE = {
    "Type": "AWS::ECS::Service",
    "Properties": {
        "TaskDefinition": "<TASK_DEFINITION>",
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80},
        "PlatformVersion": "LATEST",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {"Subnets": ["a"], "SecurityGroups": ["b"], "AssignPublicIp": "ENABLED"}
        },
        "CapacityProviderStrategy": [{"Base": 1, "CapacityProvider": "FARGATE", "Weight": 2}],
    },
}
RIGHT: list[tuple[str, Any]] = [
    ("imagedefinitions", [{"name": "web", "imageUri": IMAGE}, {"name": "proxy", "imageUri": IMAGE}]),
    ("imagedetail", {"ImageURI": IMAGE, "ImageTags": ["1"], "Version": "1.0", "ImageSizeInBytes": "12"}),
    ("taskdef", {"family": "web", "containerDefinitions": [{"name": "web", "image": "<I>"}], "cpu": "256"}),
    (
        "appspec",
        {
            "version": 0.0,
            "os": "linux",
            "files": [{"source": "/", "destination": "/srv"}],
            "file_exists_behavior": "OVERWRITE",
            "permissions": [{"object": "/srv", "pattern": "**", "mode": 755, "type": ["file", "directory"]}],
            "hooks": {"AfterInstall": [SCRIPT], "ApplicationStop": [SCRIPT, {"location": "b.sh"}]},
        },
    ),
    (
        "appspec",
        {"version": "0.0", "Resources": [{"TargetService": SERVICE}], "Hooks": [{"AfterInstall": "f"}]},
    ),
    (
        "appspec",
        {
            "version": 0.0,
            "resources": [
                {
                    "orders": {
                        "Type": "AWS::Lambda::Function",
                        "Properties": {
                            "Name": "a",
                            "Alias": "live",
                            "CurrentVersion": "1",
                            "TargetVersion": 2,
                        },
                    }
                }
            ],
            "hooks": [{"BeforeAllowTraffic": "f"}],
        },
    ),
    (
        "deployspec",
        {
            "version": 0.1,
            "files": [{"source": "/", "destination": "/srv"}],
            "scripts": {"BeforeDeploy": [SCRIPT], "AfterDeploy": [SCRIPT]},
        },
    ),
    (
        "template-configuration",
        {"Parameters": {"A": "b"}, "Tags": {"c": "d"}, "StackPolicy": {"Statement": [{"Effect": "Allow"}]}},
    ),
]


def verdicts(name: str, value: Any) -> tuple[bool, bool]:
    schema = load_schema(name)
    ours = validate(parse(json.dumps(value))[0], schema)
    theirs = list(jsonschema.Draft202012Validator(schema).iter_errors(value))
    return not ours, not theirs


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_what_is_right_fits(name: str, value: Any) -> None:
    assert verdicts(name, value) == (True, True)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += paths(inner, (*path, index))
    return found


JUNK = st.sampled_from([None, "", "x", 0, 7, 2.5, True, [], {}, ["x"], {"x": "y"}, [{}], "linux", "0.0"])
KEYS = st.sampled_from(
    ["x", "Name", "imageURI", "location", "Hooks", "hooks", "Resources", "os", "files", "Type"]
)


@given(st.sampled_from(RIGHT), st.data())
def test_same_verdict_on_what_is_broken(case: tuple[str, Any], data: st.DataObject) -> None:
    name, value = case[0], copy.deepcopy(case[1])
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths(value)))
        if not path:
            continue
        parent = value
        for part in path[:-1]:
            parent = parent[part]
        change = data.draw(st.sampled_from(["replace", "delete", "rename"]))
        if change == "delete":
            del parent[path[-1]]
        elif change == "rename" and isinstance(parent, dict):
            parent[data.draw(KEYS)] = parent.pop(path[-1])
        else:
            parent[path[-1]] = copy.deepcopy(data.draw(JUNK))
    ours, theirs = verdicts(name, value)
    assert ours == theirs, value


@given(st.sampled_from(sorted(SCHEMAS.values())), JUNK)
def test_same_verdict_on_anything(name: str, value: Any) -> None:
    ours, theirs = verdicts(name, value)
    assert ours == theirs


def described(schema: dict[str, Any], whole: dict[str, Any]) -> int:
    """How many keys a schema describes; fails at one that it does not."""
    count = 0
    for name, value in schema.get("properties", {}).items():
        target = whole["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else {}
        assert {**target, **value}.get("description") or set(value) <= {"type", "anyOf", "const"}, name
        count += 1 + described(value, whole)
    for inner in (schema.get("items"), schema.get("additionalProperties"), schema.get("then")):
        if isinstance(inner, dict):
            count += described(inner, whole)
    return count


@pytest.mark.parametrize("name", sorted(SCHEMAS.values()))
def test_every_key_is_described(name: str) -> None:
    schema = load_schema(name)
    parts = [schema, *schema.get("$defs", {}).values()]
    assert schema["title"] and schema["description"]
    assert sum(described(part, schema) for part in parts) >= 2


@pytest.mark.parametrize("name", sorted(SCHEMAS.values()))
def test_rules_that_the_schema_names_are_there(name: str) -> None:
    from cdlint.rules import load

    known = {rule.name for rule in load().values()} | {"appspec-file-key"}
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "rule" and isinstance(inner, str):
                    found.add(inner)
                elif key == "rules":
                    found.update(inner.values())
                else:
                    collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(load_schema(name))
    assert found and found <= known, found - known
