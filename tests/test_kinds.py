"""Which kind a file is: by its name where that says it, by its content in the end."""

from __future__ import annotations

import os

import pytest

from cdlint.kinds import is_delivery, kind_of, promising
from cdlint.source import Source
from cdlint.syntax.reading import read


def kind(path: str, text: str) -> str | None:
    return kind_of(path, text, read(Source(path, text)).root)


IMAGES = '[{"name": "web", "imageUri": "x/y:1"}]'
TASK = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "x/y:1"}]}'
SERVER = "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv\n"
ECS = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n"
DEPLOY = "version: 0.1\nfiles:\n  - source: /\n    destination: /srv\nscripts:\n  AfterDeploy:\n    - location: a.sh\n"
BUILD = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"

OURS = [
    ("imagedefinitions.json", IMAGES, "image-definitions"),
    ("deploy/images.json", IMAGES, "image-definitions"),
    ("imagedefinitions.json", "{}", "image-definitions"),
    ("imagedefinitions.json", "", "image-definitions"),
    ("imagedefinitions.json", '{"ImageURI": "x/y:1"}', "image-definitions"),
    ("image_definitions.json", '[{"image": "x/y:1"}]', "image-definitions"),
    ("imageDetail.json", '{"ImageURI": "x/y:1"}', "image-detail"),
    ("imageDetail.json", IMAGES, "image-detail"),
    ("imagedetail.json", '{"imageUri": "x/y:1"}', "image-detail"),
    ("out.json", '{"ImageURI": "x/y:1", "ImageTags": ["1"], "Version": "1.0"}', "image-detail"),
    ("taskdef.json", TASK, "task-definition"),
    ("web.json", TASK, "task-definition"),
    ("taskdef.json", '{"taskDefinition": ' + TASK + "}", "task-definition"),
    ("taskdef.json", '{"Family": "web", "ContainerDefinitions": []}', "task-definition"),
    ("appspec.yml", SERVER, "appspec"),
    ("codedeploy/AppSpec_prod.yaml", SERVER, "appspec"),
    ("my-appspec.yml", ECS, "appspec"),
    ("deployment.yml", SERVER, "appspec"),
    ("bluegreen.yaml", ECS, "appspec"),
    ("appspec.json", '{"version": 0.0, "Resources": []}', "appspec"),
    ("appspec.yml", "Version: 0.0\nOS: linux\n", "appspec"),
    ("appspec.yml", "version: 0.0\n  os: {linux\n", "appspec"),
    ("deployspec.yml", DEPLOY, "deploy-spec"),
    ("ec2.yaml", DEPLOY, "deploy-spec"),
    ("deploy-spec.yml", DEPLOY.replace("AfterDeploy", "AfterInstall"), "deploy-spec"),
    ("prod.json", '{"Parameters": {"Type": "t3.micro"}, "Tags": {"a": "b"}}', "template-configuration"),
    ("prod.json", '{"Parameters": {"Type": "t3.micro"}}', "template-configuration"),
    ("prod.json", '{"Parameters": {"Size": 2}, "StackPolicy": {"Statement": []}}', "template-configuration"),
    ("prod.json", '{"parameters": {"Size": "2"}, "Tags": {"a": "b"}}', "template-configuration"),
    (
        "config.json",
        '{"Parameters": [{"ParameterKey": "a", "ParameterValue": "b"}]}',
        "template-configuration",
    ),
    (
        "template-configuration.json",
        '[{"ParameterKey": "a", "ParameterValue": "b"}]',
        "template-configuration",
    ),
    ("template-configuration.json", '{"Parameters": {}, "Capabilities": []}', "template-configuration"),
    ("deployspec.yml", BUILD, "buildspec"),
    ("deploy-spec.yaml", BUILD, "buildspec"),
]


@pytest.mark.parametrize(("path", "text", "expected"), OURS)
def test_ours(path: str, text: str, expected: str) -> None:
    assert kind(path, text) == expected
    # Empty files and those named like ours are told by their name alone.
    assert promising(text.encode(), os.path.basename(path)) or expected == "buildspec"


FOREIGN = [
    # Kubernetes, compose, GitHub, GitLab, OpenAPI, DigitalOcean, Helm
    ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  containers: []\n"),
    ("docker-compose.yml", "version: '3'\nservices:\n  web:\n    image: nginx\n"),
    ("docker-compose.yml", "version: '0.0'\nservices: {}\nhooks: {}\n"),
    (".pre-commit-config.yaml", "repos:\n  - repo: x\n    hooks:\n      - id: y\n"),
    ("appspec.yaml", "openapi: 3.0.0\ninfo: {}\n"),
    ("appspec.yaml", "name: web\nservices:\n  - name: api\nversion: 1\n"),
    (".do/app.yaml", "name: web\nservices: []\n"),
    ("values.yaml", "image:\n  repository: x\nhooks: {}\nversion: 0.0\n"),
    # Parameters of others
    ("ssm.json", '{"Parameters": {"commands": ["ls"], "workingDirectory": ["/"]}}'),
    ("ssm.json", '{"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["ls"]}}'),
    ("stack.json", '{"StackName": "web", "Parameters": {"A": "b"}, "Tags": {"a": "b"}}'),
    ("template.json", '{"Parameters": {"A": {"Type": "String"}}, "Resources": {}}'),
    ("azure.json", '{"$schema": "x", "parameters": {"a": {"value": 1}}}'),
    ("parameters.json", '[{"ParameterKey": "A", "ParameterValue": "b"}]'),
    ("secrets.json", '{"Parameters": {"sql-password": "x"}}'),
    ("state.json", '{"Type": "Task", "Parameters": {"FunctionName": "x"}}'),
    ("params.yaml", "Parameters:\n  A: b\nTags:\n  C: d\n"),
    ("openapi.json", '{"Parameters": {}}'),
    # containers of others
    ("containers.json", '[{"name": "web", "image": "nginx", "cpu": 10, "memory": 20, "essential": true}]'),
    ("event.json", '{"detail": {}, "containerDefinitions": []}'),
    ("images.json", '[{"name": "a", "url": "b"}]'),
    ("tasks.json", '{"version": "2.0.0", "tasks": []}'),
    ("taskdef.json", '{"type": "object"}'),
    ("deployspec.yml", "name: x\nsteps: []\n"),
    ("hooks.yml", "version: 0.0\nhooks:\n  post: [x]\nname: y\n"),
    ("resources.yml", "Resources:\n  - a\n  - b\n"),
]


@pytest.mark.parametrize(("path", "text"), FOREIGN)
def test_foreign(path: str, text: str) -> None:
    assert kind(path, text) is None


def test_only_buildspecs_are_mended_with_what_is_known_of_buildspecs() -> None:
    assert is_delivery("appspec.yml", SERVER)
    assert is_delivery("images.json", IMAGES)
    assert not is_delivery("deployspec.yml", BUILD)
    assert not is_delivery("buildspec.yml", SERVER)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("package.json", b'{"name": "x"}'),
        ("values.yaml", b"a: 1\n"),
        ("playbook.yml", b"- hooks: x\n  location: y\n"),
        ("main.tf", b'resource "aws_s3_bucket" "x" {}'),
    ],
)
def test_most_files_are_not_even_read(name: str, data: bytes) -> None:
    assert not promising(data, name)
