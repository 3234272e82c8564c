"""The files that deploy actions read: their schemas, their keys, and which platform an AppSpec is for."""

from __future__ import annotations

from ..syntax.tree import Mapping, Node, Scalar, Sequence
from .values import entries, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The schema of each kind of deploy file.
SCHEMAS = {
    "image-definitions": "imagedefinitions",
    "image-detail": "imagedetail",
    "task-definition": "taskdef",
    "appspec": "appspec",
    "deploy-spec": "deployspec",
    "template-configuration": "template-configuration",
}

#: The events of a deployment to instances to which scripts can be attached.
SERVER_EVENTS = (
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
ECS_EVENTS = (
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
LAMBDA_EVENTS = ("BeforeAllowTraffic", "AfterAllowTraffic")
#: What CodeDeploy does itself between the events.
RESERVED = (
    "Start",
    "DownloadBundle",
    "Install",
    "BlockTraffic",
    "AllowTraffic",
    "TestTraffic",
    "AllowTestTraffic",
    "End",
)
#: The parts of an AppSpec for instances.
SECTIONS = ("version", "os", "files", "file_exists_behavior", "permissions", "hooks")

#: Sets of keys that stand side by side, for mending what cannot be read.
FAMILIES = tuple(
    frozenset(keys)
    for keys in (
        SECTIONS,
        ("version", "Resources", "Hooks"),
        ("version", "files", "scripts"),
        ("source", "destination"),
        ("location", "timeout", "runas"),
        ("object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type"),
        SERVER_EVENTS,
        ("BeforeDeploy", "AfterDeploy"),
        ("Type", "Properties"),
        ("TaskDefinition", "LoadBalancerInfo", "PlatformVersion", "NetworkConfiguration"),
        ("ContainerName", "ContainerPort"),
        ("Name", "Alias", "CurrentVersion", "TargetVersion"),
    )
)


def section(root: Node | None, name: str) -> tuple[Scalar | None, Node | None]:
    """`(key, value)` of a part of an AppSpec, whatever the case of its first letters."""
    found = [(key, value) for key, value in entries(root) if key.value.lower() == name.lower()]
    for key, value in found:
        if key.value == name:
            return key, value
    return found[0] if found else (None, None)


def platform_of(root: Node | None) -> str:
    """`server` (EC2 or on-premises), `ecs`, `lambda`, or "" if the AppSpec does not tell."""
    if not isinstance(root, Mapping):
        return ""
    if "files" in root or ("Resources" not in root and ("os" in root or "permissions" in root)):
        return "server"
    for _, resource in resources(root):
        if _is_function(resource):
            return "lambda"
        if isinstance(resource, Mapping):
            return "ecs"
    _, hooks = section(root, "hooks")
    if isinstance(hooks, Mapping) and "Resources" not in root:
        return "server"
    return ""


def _is_function(resource: Node) -> bool:
    if not isinstance(resource, Mapping):
        return False
    if (known(resource.get("Type")) or "").lower().find("lambda") >= 0:
        return True
    inner = {key.value.lower() for key, _ in entries(resource.get("Properties"))}
    return not inner.isdisjoint(("alias", "currentversion", "targetversion"))


def resources(root: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """`(name, resource)` of an AppSpec, written as a list or, by mistake, as a mapping."""
    _, node = section(root, "Resources")
    if isinstance(node, Mapping):
        yield from entries(node)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from entries(item)


def scripts(hooks: Node | None) -> Iterator[tuple[Scalar, Mapping]]:
    """`(event, script)` of all scripts of an AppSpec for instances, or of a deploy specification."""
    for event, value in entries(hooks):
        for item in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(item, Mapping):
                yield event, item
