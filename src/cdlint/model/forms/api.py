"""Pipelines as `aws codepipeline get-pipeline`, `create-pipeline` and `update-pipeline` have them.

Source of the wrappers: AWS CLI reference and the service's model. A bare declaration is taken too.
"""

from __future__ import annotations

from ...syntax.tree import Mapping, Node, Scalar, Sequence
from ...wording import closest
from ..pipeline import API, Pipeline
from ..values import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...syntax.document import Document


def pipelines(document: Document) -> list[list[Pipeline]]:
    """The pipeline of a document, as the one variant of one pipeline; empty if there is none."""
    root = document.root
    node = declaration_of(root)
    if node is None or not isinstance(root, Mapping):
        return []
    key = node.key("name") or node.key("stages")
    if node is not root:
        key = next((key for key, value in root.pairs if value is node), key)
    return [[Pipeline(document, API, node, key or node, region=_region(root))]]


def declaration_of(root: Node | None) -> Mapping | None:
    """The pipeline in a file of the API's form, even if some of its keys are misspelt."""
    if not isinstance(root, Mapping):
        return None
    inner = root.get("pipeline")
    if inner is None and len(root) < 4:
        # The key may be misspelt, even that.
        inner = next((value for name, _, value in root.items() if closest(name, ("pipeline",))), None)
    for node in (inner, root):
        if not isinstance(node, Mapping):
            continue
        stages = node.get("stages")
        if isinstance(stages, Sequence) and stages.items and isinstance(stages.items[0], Scalar):
            continue  # the names of stages, as in another product's file
        if stages is not None or (
            "roleArn" in node and ("artifactStore" in node or "artifactStores" in node)
        ):
            return node
    # With the capitals of CloudFormation; without the wrapper it may be a part of a template.
    return inner if isinstance(inner, Mapping) and "Stages" in inner else None


def _region(root: Mapping) -> str | None:
    """The region that the ARN in `metadata` tells: `arn:aws:codepipeline:REGION:ACCOUNT:NAME`."""
    metadata = root.get("metadata")
    arn = known(metadata.get("pipelineArn")) if isinstance(metadata, Mapping) else None
    parts = arn.split(":") if arn else []
    return parts[3] if len(parts) > 4 and parts[3] else None
