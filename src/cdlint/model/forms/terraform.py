"""Pipelines and build projects of a Terraform configuration, put into the API's shape.

Source: the AWS provider's `aws_codepipeline` and `aws_codebuild_project`. Its blocks are the API's lists, its names
the API's with `_`; the type of an action stands beside its name, and artifacts are lists of their names. `dynamic`
blocks and expressions are what only Terraform knows.
"""

from __future__ import annotations

from ...syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from ...wording import closest
from ..codebuild_project import Project
from ..pipeline import TERRAFORM, Pipeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...syntax.document import Document

#: Blocks of which there may be several, and the list of the API that they make.
_LISTS = {
    "action": "actions",
    "condition": "conditions",
    "environment_variable": "environmentVariables",
    "pull_request": "pullRequest",
    "push": "push",
    "rule": "rules",
    "secondary_artifacts": "secondaryArtifacts",
    "secondary_sources": "secondarySources",
    "stage": "stages",
    "trigger": "triggers",
    "variable": "variables",
}
_NAMES = {
    "build_timeout": "timeoutInMinutes",
    "queued_timeout": "queuedTimeoutInMinutes",
    "buildspec": "buildspec",
}
#: Of an action: what the API has in `actionTypeId`.
_TYPE = ("category", "owner", "provider", "version")
_ARTIFACTS = ("input_artifacts", "output_artifacts")
#: Values whose keys are the user's own.
_FREE = frozenset(("configuration", "tags"))
#: What Terraform itself takes of a resource.
_OWN = frozenset(
    ("count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "region", "tags", "tags_all")
)


def pipelines(document: Document) -> list[list[Pipeline]]:
    """Each pipeline, as its one variant."""
    found = []
    for label, body in _resources(document, "aws_codepipeline"):
        node = _lowered(body, is_resource=True)
        _put_stores(node, body)
        found.append([Pipeline(document, TERRAFORM, node, label, label.value)])
    return found


def projects(document: Document) -> list[list[Project]]:
    """Each build project, as its one variant; its label is its address, `aws_codebuild_project.NAME`."""
    found = []
    for label, body in _resources(document, "aws_codebuild_project"):
        node = _lowered(body, is_resource=True)
        project = Project(document, TERRAFORM, node, label, f"aws_codebuild_project.{label.value}")
        project.buildspec_file = _file(project.buildspec)
        found.append([project])
    return found


def _resources(document: Document, kind: str) -> Iterator[tuple[Scalar, Mapping]]:
    """`(name, body)` of the resources of a type."""
    root = document.root
    for key, types in root.pairs if isinstance(root, Mapping) else ():
        if not isinstance(key, Scalar) or key.value != "resource" or not isinstance(types, Mapping):
            continue
        for type_key, names in types.pairs:
            if not isinstance(type_key, Scalar) or type_key.value != kind or not isinstance(names, Mapping):
                continue
            for name, body in names.pairs:
                if isinstance(name, Scalar) and isinstance(body, Mapping):
                    yield name, body


def _lowered(body: Mapping, is_resource: bool = False) -> Mapping:
    """A block in the API's shape."""
    made = Mapping(body.start, body.end)
    lists: dict[str, Sequence] = {}
    types = Mapping(body.start, body.start)
    for key, value in body.pairs:
        if not isinstance(key, Scalar) or (isinstance(value, Scalar) and value.is_null):
            continue
        name = key.value
        if is_resource and (name in _OWN or name == "artifact_store"):
            continue
        if name in _LISTS and not isinstance(value, (Scalar, Sequence)):
            _add(made, lists, key, value)
        elif name in _TYPE and not is_resource and _is_action(body):
            _add_type(made, types, key, value)
        elif name in _ARTIFACTS:
            made.pairs.append((_renamed(key), _artifacts(value)))
        elif name in _FREE:
            made.pairs.append((_renamed(key), value))
        elif "artifact" in name and "category" in body and (meant := closest(name, _ARTIFACTS)):
            # A misspelt one (CD583): what it would say must not be missed besides.
            made.pairs.append((_renamed(Scalar(key.start, key.end, meant)), Unknown(value.start, value.end)))
        else:
            made.pairs.append((_renamed(key), _lowered(value) if isinstance(value, Mapping) else value))
    return made


def _is_action(body: Mapping) -> bool:
    """Is it an action, whose type stands beside its name? (`rule_type_id` of a condition has no name.)"""
    return ("category" in body and ("name" in body or "configuration" in body or "owner" not in body)) or (
        "provider" in body and "name" in body
    )


def _add(made: Mapping, lists: dict[str, Sequence], key: Scalar, value: Node) -> None:
    """One more block of a list; a `dynamic` one is `Unknown`."""
    name = _LISTS[key.value]
    items = lists.get(name)
    if items is None:
        items = lists[name] = Sequence(value.start, value.end)
        made.pairs.append((Scalar(key.start, key.end, name), items))
    items.end = max(items.end, value.end)
    items.items.append(_lowered(value) if isinstance(value, Mapping) else value)


def _add_type(made: Mapping, types: Mapping, key: Scalar, value: Node) -> None:
    if not types.pairs:
        types.start = key.start
        made.pairs.append((Scalar(key.start, key.end, "actionTypeId"), types))
    types.end = value.end
    types.pairs.append((key, value))


def _artifacts(value: Node) -> Node:
    """`["code"]` as `[{name: code}]`."""
    if not isinstance(value, Sequence):
        return Unknown(value.start, value.end)
    made = Sequence(value.start, value.end, flow=True)
    for item in value.items:
        entry = Mapping(item.start, item.end, flow=True)
        entry.pairs.append((Scalar(item.start, item.start, "name"), item))
        made.items.append(entry)
    return made


def _renamed(key: Scalar) -> Scalar:
    name = _NAMES.get(key.value)
    if name is None:
        first, *rest = key.value.split("_")
        name = first + "".join(part[:1].upper() + part[1:] for part in rest)
    return Scalar(key.start, key.end, name)


def _put_stores(node: Mapping, body: Mapping) -> None:
    """`artifact_store` blocks: one is the API's `artifactStore`, several are `artifactStores` by their regions."""
    blocks = [
        (key, value) for key, value in body.pairs if isinstance(key, Scalar) and key.value == "artifact_store"
    ]
    if not blocks:
        return
    key, first = blocks[0]
    if len(blocks) == 1:
        one = _lowered(first) if isinstance(first, Mapping) else first
        if isinstance(one, Mapping) and one.get("region") is None:
            node.pairs.append((Scalar(key.start, key.end, "artifactStore"), one))
            return
    stores = Mapping(first.start, blocks[-1][1].end)
    for _, value in blocks:
        store = _lowered(value) if isinstance(value, Mapping) else None
        region = store.get("region") if store is not None else None
        if store is None or not isinstance(region, Scalar):
            node.pairs.append(
                (Scalar(key.start, key.end, "artifactStores"), Unknown(stores.start, stores.end))
            )
            return
        store.pairs = [pair for pair in store.pairs if pair[1] is not region]
        stores.pairs.append((region, store))
    node.pairs.append((Scalar(key.start, key.end, "artifactStores"), stores))


def _file(node: Node | None) -> str | None:
    """The path, from the configuration's own folder, of a buildspec that `file(…)` reads."""
    if isinstance(node, Unknown) and node.identity.startswith("file:"):
        return node.identity.removeprefix("file:") or None
    return None
