"""Which files an action reads from its input artifacts, and which artifact of a buildspec fills one."""

from __future__ import annotations

import posixpath

from ..model.values import entries, known, members
from ..syntax.tree import Mapping, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Artifact as Shipped
    from ..model.pipeline import Action, Artifact
    from ..model.repository import Build, Member, Repository
    from ..syntax.tree import Node


class Need:
    """A file that an action reads: its `path` in the artifact, and the node that names it (None: the default)."""

    __slots__ = ("artifact", "key", "node", "path")

    def __init__(self, artifact: Artifact, path: str, node: Node | None, key: str) -> None:
        self.artifact = artifact
        self.path = path
        self.node = node
        self.key = key


#: Actions that read a file of their one input artifact: `(provider, key, default)`.
_OF_INPUT = {
    "ECS": ("FileName", "imagedefinitions.json"),
    "CodeDeploy": ("", "appspec.yml"),
    "AppConfig": ("InputArtifactConfigurationPath", ""),
    "EC2": ("DeploySpec", ""),
}
#: Actions that read files written as `Artifact::path`.
_QUALIFIED = {
    "CloudFormation": ("TemplatePath", "TemplateConfiguration"),
    "CloudFormationStackSet": ("TemplatePath",),
}


def needs(action: Action) -> Iterator[Need]:
    """The files that an action reads from its input artifacts. Source: AWS, action structure reference."""
    provider = action.provider or ""
    if provider in _OF_INPUT and len(action.inputs) == 1 and action.is_configured:
        key, default = _OF_INPUT[provider]
        node = action.get(key) if key else None
        path = known(node) if node is not None else default
        if path and (provider != "EC2" or path.endswith((".yml", ".yaml"))):
            yield Need(action.inputs[0], path, node, key)
    for key in _QUALIFIED.get(provider, ()):
        node = action.get(key)
        name, colons, path = (known(node) or "").partition("::")
        artifact = _input(action, name)
        if colons and path and artifact is not None:
            yield Need(artifact, path, node, key)
    if provider == "CodeDeployToECS":
        yield from _blue_green(action)


def _blue_green(action: Action) -> Iterator[Need]:
    for kind, default in (("TaskDefinition", "taskdef.json"), ("AppSpec", "appspec.yaml")):
        artifact = _input(action, action.text(f"{kind}TemplateArtifact") or "")
        node = action.get(f"{kind}TemplatePath")
        path = known(node) if node is not None else default
        if artifact is not None and path:
            yield Need(artifact, path, node, f"{kind}TemplatePath")
    for number in range(1, 5):
        artifact = _input(action, action.text(f"Image{number}ArtifactName") or "")
        if artifact is not None:
            yield Need(artifact, "imageDetail.json", None, "")


def _input(action: Action, name: str) -> Artifact | None:
    return next((one for one in action.inputs if one.name == name and name), None)


def needs_of_appspec(repository: Repository, member: Member, action: Action) -> Iterator[tuple[Member, Need]]:
    """`(AppSpec, file)` for each script and file that the AppSpec of a CodeDeploy action names."""
    if action.provider != "CodeDeploy" or len(action.inputs) != 1:
        return
    found = repository.find(member, "appspec.yml", "appspec")
    root = found.document.root if found is not None else None
    if found is None or not isinstance(root, Mapping):
        return
    nodes = [
        item.get("location") if isinstance(item, Mapping) else None
        for _, value in entries(root.get("hooks"))
        for item in members(value)
    ]
    nodes += [
        item.get("source") if isinstance(item, Mapping) else None for item in members(root.get("files"))
    ]
    for node in nodes:
        path = posixpath.normpath(node.value.lstrip("/")) if isinstance(node, Scalar) and node.value else ""
        if path not in ("", ".") and not any(char in path for char in "*?$<{\\"):
            yield found, Need(action.inputs[0], path, node, "")


def shipped_as(build: Build, artifact: Artifact) -> tuple[bool, Shipped | None]:
    """`(known, artifact of the buildspec)` that fills an output artifact of a CodeBuild action.

    One output is filled by `artifacts` itself, several by the secondary artifacts of their names. Source: AWS,
    CodeBuild action reference.
    """
    action, spec = build.action, build.spec
    if (
        not action.knows_outputs
        or action.text("BatchEnabled") not in (None, "false")
        or spec.document.damaged
    ):
        return False, None
    if action.get("BatchEnabled") is not None and action.text("BatchEnabled") is None:
        return False, None
    if len(action.outputs) == 1:
        return True, spec.artifact
    for one in spec.artifacts():
        if one.name is not None and one.name == artifact.name:
            return True, one
    return False, None
