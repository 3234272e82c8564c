"""Edges of the rules on deploy files (CD700–CD771)."""

from __future__ import annotations

import pytest

from cdlint.engine import check_bytes, check_text
from cdlint.findings import apply_edits

SERVER = """version: 0.0
os: linux
files:
  - source: /
    destination: /srv/app
file_exists_behavior: OVERWRITE
hooks:
  AfterInstall:
    - location: scripts/a.sh
      timeout: 300
      runas: root
"""
ECS = """version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 80
"""
IMAGES = '[{"name": "web", "imageUri": "x.dkr.ecr.eu-west-1.amazonaws.com/y:1"}]'


def codes(path: str, text: str) -> list[str]:
    return [f"{found.code} {found.severity}" for found in check_text(text, path).findings]


def fixed(path: str, text: str) -> str:
    for found in check_text(text, path).findings:
        if found.fix is not None:
            text = apply_edits(text, found.fix.edits)
            break
    return text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("appspec.yml", []),
        ("deploy/appspec.yml", []),
        ("appspec.yaml", ["CD720 warning"]),
        ("AppSpec.yml", ["CD720 warning"]),
        ("app-spec.yml", ["CD720 warning"]),
        ("appspec-prod.yml", []),
        ("appspec.yml.tpl", []),
        ("appspecs.yml", ["CD720 warning"]),
    ],
)
def test_name_of_an_appspec_for_instances(path: str, expected: list[str]) -> None:
    assert codes(path, SERVER) == expected


def test_an_appspec_for_ecs_may_be_called_as_the_action_says() -> None:
    assert codes("appspec.yaml", ECS) == codes("bluegreen.yml", ECS) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("imageDetail.json", []),
        ("imagedetail.json", ["CD713 error"]),
        ("image-detail.json", ["CD713 warning"]),
        ("detail.json", []),
    ],
)
def test_name_of_the_image_detail(path: str, expected: list[str]) -> None:
    assert codes(path, '{"ImageURI": "x/y:1"}') == expected


def test_bytes_of_image_definitions() -> None:
    def told(data: bytes) -> list[tuple[str, str]]:
        result = check_bytes(data, "imagedefinitions.json")
        assert result is not None
        return [(found.code, found.severity) for found in result.findings]

    assert told(IMAGES.encode()) == []
    assert told(b"\xef\xbb\xbf" + IMAGES.encode()) == [("CD705", "warning")]
    assert told(IMAGES.encode("utf-16")) == [("CD002", "error")]
    assert told(IMAGES.replace("web", "w\xe4b").encode("latin-1")) == [("CD002", "error")]
    big = IMAGES[:-1] + ", {}" * 1 + " " * 100_000 + "]"
    assert ("CD706", "error") in told(big.encode())
    assert ("CD706", "error") not in told((IMAGES[:-1] + " " * 99_000 + "]").encode())
    assert told(b"") == told(b" \n") == [("CD704", "error")]


def test_general_findings_name_the_service_that_reads_the_file() -> None:
    (found,) = check_text(SERVER.replace("      timeout", "\ttimeout"), "appspec.yml").findings
    assert "CodeDeploy" in found.message and "CodeBuild" not in found.message
    (found,) = check_text(IMAGES.replace('", "i', '" "i'), "imagedefinitions.json").findings
    assert "CodePipeline" in found.message and "YAML_FILE_ERROR" not in found.message


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "web", "imageUri": ${IMAGE}}]',
        '[{"name": "web", "imageUri": <IMAGE>}]',
        '[{% if web %}{"name": "web", "imageUri": "x/y:1"}{% endif %}]',
        '[{"name": "web", "imageUri": {{ image }} }]',
    ],
)
def test_templates_of_json_are_no_broken_json(text: str) -> None:
    assert "CD766 error" not in codes("imagedefinitions.json", text)


def test_json_that_only_yaml_reads_is_told_once() -> None:
    assert codes("imagedefinitions.json", "[{name:web,imageUri:x/y:1}]") == ["CD766 error"]
    assert codes("imagedefinitions.json", "// images\n" + IMAGES) == ["CD766 error"]
    assert codes("imagedefinitions.json", IMAGES[:-1] + ",]") == ["CD766 error"]
    text = '{"family": "a", "containerDefinitions": [{"name": "a", "image": "b"},],}'
    assert codes("taskdef.json", text) == ["CD766 error", "CD766 error"]


def test_what_stands_beside_a_comment_is_judged_too() -> None:
    text = '# images\n[{"name": "w", /* ours */ "imageURI": "https://x/y:1"}]'
    assert codes("imagedefinitions.json", text) == ["CD766 error", "CD766 error", "CD701 error"]
    again = fixed("imagedefinitions.json", '[{"name": "a//b#c", "imageUri": "x/y:1",},\n]')
    assert fixed("imagedefinitions.json", again) == '[{"name": "a//b#c", "imageUri": "x/y:1"}\n]'


def test_a_buildspec_in_json_is_read_as_yaml() -> None:
    text = '{"version": 0.2, "phases": {"build": {"commands": ["make"],}}}'
    assert codes("buildspec.json", text) == []


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx:1.27", []),
        ("NGINX:1", []),
        ("localhost:5000/web:1", []),
        ("registry.example.com:443/a/b:V1", []),
        ("x.dkr.ecr.eu-west-1.amazonaws.com/Web:1", ["CD708 error"]),
        ("x.dkr.ecr.eu-west-1.amazonaws.com/IMAGE:TAG", []),
        ("oci://x/y:1", ["CD708 error"]),
        ("x/y:1 ", ["CD708 error"]),
        ("x/y", ["CD709 info"]),
        ("x/y:latest", ["CD709 info"]),
        ("$REPO:$TAG", ["CD765 info"]),
        ("<IMAGE1_NAME>", ["CD765 warning"]),
        ("{{ image }}", ["CD765 info"]),
    ],
)
def test_images(image: str, expected: list[str]) -> None:
    found = codes("imagedefinitions.json", '[{"name": "web", "imageUri": "' + image + '"}]')
    assert [code for code in found if not code.startswith("CD765") or expected[:1] == [code]] == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("version: 0.0", "version: 0", []),
        ("version: 0.0", "version: 0.00", []),
        ("version: 0.0", "version: '0.0'", ["CD721 warning"]),
        ("version: 0.0", "version: ${V}", []),
        ("version: 0.0", "version: [0.0]", ["CD721 error"]),
        ("os: linux", "os: '{{ os }}'", []),
        ("os: linux", "os:", ["CD722 error"]),
        ("timeout: 300", "timeout: '300'", []),
        ("timeout: 300", "timeout:", []),
        ("timeout: 300", "timeout: 300.5", []),
        ("timeout: 300", "timeout: -1", ["CD734 error"]),
        ("timeout: 300", "timeout: ٣", ["CD734 error"]),
        ("timeout: 300", "timeout: " + "9" * 5000, ["CD734 error"]),
        ("location: scripts/a.sh", "location: start server", []),
        ("location: scripts/a.sh", "location: bash a.sh", ["CD736 warning"]),
        ("location: scripts/a.sh", "location: ../a.sh", ["CD736 warning"]),
        ("location: scripts/a.sh", "location: /opt/a.sh", ["CD736 warning"]),
        ("location: scripts/a.sh", "location: /a.sh", ["CD736 info"]),
        ("location: scripts/a.sh", "location: /", ["CD736 info"]),
        ("source: /", "source: ./", []),
        ("source: /", "source: /etc/nginx", []),
        ("source: /", "source: a/../../b", ["CD737 warning"]),
        ("source: /", "source: $ROOT/a", []),
        ("source: /", "source:", ["CD723 error"]),
        ("destination: /srv/app", "destination: $HOME/app", ["CD738 warning"]),
        ("destination: /srv/app", "destination: ${TARGET}", []),
        ("AfterInstall", "BeforeELBAdd", []),
        ("AfterInstall", "x-scripts", ["CD728 error"]),
        ("AfterInstall", "{{ event }}", []),
        ("hooks:", "permissions:\n  - object: /srv\n    mode: ''\nhooks:", ["CD726 error"]),
        ("hooks:", "permissions:\n  - object: /srv\n    mode: 0\nhooks:", []),
        ("hooks:", "permissions:\nhooks:", []),
        ("os: linux", "os: windows\npermissions: []", ["CD735 warning"]),
    ],
)
def test_appspec_for_instances(old: str, new: str, expected: list[str]) -> None:
    assert old in SERVER
    assert codes("appspec.yml", SERVER.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<TASK_DEFINITION>", "my-task:3", []),
        ("<TASK_DEFINITION>", "arn:aws:ecs:eu-west-1:111122223333:task-definition/a:1", ["CD741 info"]),
        ("<TASK_DEFINITION>", "<>", []),
        ("<TASK_DEFINITION>", "", ["CD741 error"]),
        ("ContainerPort: 80", "ContainerPort: <PORT>", []),
        ("ContainerPort: 80", "ContainerPort: CONTAINER_PORT", ["CD742 info"]),
        ("ContainerPort: 80", "ContainerPort: 0", ["CD742 error"]),
        ("version: 0.0", "version: '0.0'", []),
        ("version: 0.0", "version: 0.0\nos: linux", ["CD727 warning"]),
        ("TargetService", "{{ service }}", []),
        ("Resources", "resources", ["CD744 info"]),
    ],
)
def test_appspec_for_ecs(old: str, new: str, expected: list[str]) -> None:
    assert codes("appspec.yaml", ECS.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SERVER, False),
        (SERVER.replace("file_exists_behavior: OVERWRITE\n", ""), True),
        (
            SERVER.replace("file_exists_behavior: OVERWRITE\n", "").replace("AfterInstall", "BeforeInstall"),
            False,
        ),
        (SERVER.replace("file_exists_behavior", "file-exists-behaviour"), False),
        ("version: 0.0\nos: linux\nfiles: []\n", False),
    ],
)
def test_existing_files(text: str, told: bool) -> None:
    assert ("CD772 info" in codes("appspec.yml", text)) is told


def test_several_events_in_one_entry_pass() -> None:
    text = ECS + "Hooks:\n  - BeforeInstall: a\n    AfterInstall: b\n"
    assert codes("appspec.yaml", text) == []


@pytest.mark.parametrize(
    ("path", "bad", "good"),
    [
        ("imagedefinitions.json", IMAGES[1:-1], IMAGES),
        ("imagedefinitions.json", '{"images": ' + IMAGES + "}", IMAGES),
        ("imagedefinitions.json", IMAGES.replace("imageUri", "ImageURI"), IMAGES),
        ("imagedefinitions.json", IMAGES[:-1] + ",\n]", IMAGES[:-1] + "\n]"),
        ("imageDetail.json", '[{"name": "a", "imageUri": "x/y:1"}]', '{"ImageURI": "x/y:1"}'),
        ("imageDetail.json", '[{"ImageURI": "x/y:1"}]', '{"ImageURI": "x/y:1"}'),
        (
            "taskdef.json",
            '{"family": "a", "revision": 7, "containerDefinitions": []}',
            '{"family": "a", "containerDefinitions": []}',
        ),
        (
            "taskdef.json",
            '{"containerDefinitions": [], "family": "a", "revision": 7}',
            '{"containerDefinitions": [], "family": "a"}',
        ),
        (
            "appspec.yml",
            SERVER.replace("  - source: /\n    dest", "  source: /\n  dest"),
            SERVER.replace("  - source", "  - source"),
        ),
        (
            "appspec.yml",
            SERVER.replace("hooks:\n", "hooks:\n  BeforeInstall:\n"),
            SERVER,
        ),
        (
            "appspec.yml",
            SERVER.replace("    - location", "      location"),
            SERVER.replace("    - location", "      - location")
            .replace("      timeout", "        timeout")
            .replace("      runas", "        runas"),
        ),
        ("appspec.yaml", ECS.replace("  - TargetService", "    TargetService"), None),
    ],
)
def test_fixes(path: str, bad: str, good: str | None) -> None:
    after = fixed(path, bad)
    assert after != bad
    assert good is None or after == good
    assert (
        not [code for code in codes(path, after) if code in codes(path, bad) and code.endswith("error")]
        or good
    )


def test_findings_of_the_schema_prove_nothing_where_lines_are_missing() -> None:
    text = SERVER.replace("os: linux", "\x00os: linux")
    assert "CD722 error" not in codes("appspec.yml", text) or "CD003 error" in codes("appspec.yml", text)


@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        ("256", "512", []),
        ("256", "1536", ["CD768 error"]),
        ("0.5 vCPU", "3 GB", []),
        (".25vcpu", "4GB", ["CD768 error"]),
        ("1024", "8192", []),
        ("1024", "9216", ["CD768 error"]),
        ("16384", "122880", []),
        ("32768", "122880", []),
        ("${CPU}", "1", []),
        ("256", "${MEMORY}", []),
        ("256", "NaN", []),
    ],
)
def test_sizes_of_fargate(cpu: str, memory: str, expected: list[str]) -> None:
    text = (
        '{"family": "a", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "'
        f'{cpu}", "memory": "{memory}", "containerDefinitions": [{{"name": "a", "image": "b"}}]}}'
    )
    assert codes("taskdef.json", text) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("prod.json", '{"Parameters": {"A": "b", "Debug": true}}', ["CD758 warning"]),
        ("prod-config.json", '{"Parameters": {"A": "b", "Debug": true}}', ["CD758 error"]),
        ("prod.json", '{"Parameters": {"A": 1}, "Tags": {}}', ["CD758 error"]),
        ("prod.json", '{"Parameters": [{"ParameterKey": "A", "ParameterValue": "b"}]}', ["CD757 warning"]),
        ("config.json", '{"Parameters": {"A": "b"}, "Tags": null}', ["CD759 error"]),
        ("config.json", '{"Parameters": {"A": {"Fn::GetParam": ["B", "c.json", "D"]}}}', []),
        ("config.json", '{"Parameters": {"A": null}}', ["CD758 error"]),
    ],
)
def test_template_configurations(path: str, text: str, expected: list[str]) -> None:
    assert codes(path, text) == expected
