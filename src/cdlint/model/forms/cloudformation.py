"""Pipelines and build projects of a CloudFormation or SAM template, put into the API's shape.

Source: AWS CloudFormation template reference. Keys are those of the API with a capital; `ArtifactStores` is a list
here and a map there; numbers and booleans in `Configuration` are taken as texts; it may be a JSON text as a whole.
"""

from __future__ import annotations

from ...syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from ...wording import closest
from ..codebuild_project import Project
from ..pipeline import CLOUDFORMATION, Pipeline
from ..template import Template
from ..woven import json_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...syntax.document import Document

#: Values whose keys are the user's own, not CloudFormation's.
_FREE = frozenset(("Configuration",))


def pipelines(document: Document, template: Template | None = None) -> list[list[Pipeline]]:
    """For each pipeline of a template its variants, one for each outcome of the conditions that it asks for."""
    template = template or Template(document)
    found = []
    for resource in template.of_type("AWS::CodePipeline::Pipeline"):
        variants = []
        for choice in template.choices(resource.properties):
            resolved = template.resolve(resource.properties, choice)
            node = lowered(resolved, document.text)
            if isinstance(node, Mapping):
                list_stores(node)
                pipeline = Pipeline(document, CLOUDFORMATION, node, resource.key, resource.id)
                pipeline.template = template
                variants.append(pipeline)
        if variants:
            found.append(variants)
    return found


def lowered(node: Node | None, text: str) -> Node | None:
    """A resolved tree with the keys of the API. A key that is not written as CloudFormation has it is left as it is."""
    if isinstance(node, Sequence):
        made = Sequence(node.start, node.end, None, node.flow)
        made.items = [item for item in (lowered(item, text) for item in node.items) if item is not None]
        return made
    if not isinstance(node, Mapping):
        return node
    result = Mapping(node.start, node.end, None, node.flow)
    for name, key, value in node.items():
        if not isinstance(key, Scalar):
            continue
        if name in _FREE or (name[:1] in "cC" and len(name) > 10 and closest(name, _FREE)):
            value = _configuration(value, text)
        else:
            value = lowered(value, text) or value
        result.pairs.append((_renamed(key), value))
    return result


def _renamed(key: Scalar) -> Scalar:
    name = key.value
    if name[:1].isupper():
        return Scalar(key.start, key.end, name[:1].lower() + name[1:], key.style)
    # `stages` is no key of CloudFormation's: it must not be taken for one of the API's.
    return Scalar(key.start, key.end, "?" + name, key.style)


def _configuration(node: Node, text: str) -> Node:
    if isinstance(node, Scalar) and node.value.lstrip().startswith("{"):
        parsed = json_tree(text, node)
        return parsed if isinstance(parsed, Mapping) else Unknown(node.start, node.end)
    return node


def list_stores(node: Mapping) -> None:
    """`ArtifactStores: [{Region, ArtifactStore}]` as the API's map of regions.

    A list with entries of another kind becomes an `Unknown` whose `inner` it is.
    """
    for number, (key, value) in enumerate(node.pairs):
        if not (isinstance(key, Scalar) and key.value == "artifactStores" and isinstance(value, Sequence)):
            continue
        stores = Mapping(value.start, value.end)
        unknown = Unknown(value.start, value.end)
        for item in value.items:
            region = item.get("region") if isinstance(item, Mapping) else None
            store = item.get("artifactStore") if isinstance(item, Mapping) else None
            if isinstance(item, Mapping) and (len(item) != 2 or region is None or store is None):
                unknown.inner = value
                store = None
            if not isinstance(region, Scalar) or store is None:
                node.pairs[number] = (key, unknown)
                node._index = None
                return
            stores.pairs.append((region, store))
        node.pairs[number] = (key, stores)
        node._index = None


def projects(document: Document, template: Template | None = None) -> list[list[Project]]:
    """For each build project of a template its variants."""
    template = template or Template(document)
    found = []
    for resource in template.of_type("AWS::CodeBuild::Project"):
        variants = []
        for choice in template.choices(resource.properties):
            node = lowered(template.resolve(resource.properties, choice), document.text)
            if isinstance(node, Mapping):
                project = Project(document, CLOUDFORMATION, node, resource.key, resource.id)
                project.choice = choice
                variants.append(project)
        if variants:
            found.append(variants)
    return found
