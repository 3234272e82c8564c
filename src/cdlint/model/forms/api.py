"""Pipelines as `aws codepipeline get-pipeline`, `create-pipeline` and `update-pipeline` have them.

Source of the wrappers: AWS CLI reference and the service's model. A bare declaration is taken too.
"""

from __future__ import annotations

from ...syntax.tree import Mapping, Node
from ..pipeline import API, Pipeline
from ..values import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...syntax.document import Document


def pipelines(document: Document) -> list[list[Pipeline]]:
    """The pipeline of a document, as the one variant of one pipeline; empty if there is none."""
    root = document.root
    if not isinstance(root, Mapping):
        return []
    inner = root.get("pipeline")
    node = inner if isinstance(inner, Mapping) else root
    key: Node | None = (
        root.key("pipeline") if isinstance(inner, Mapping) else node.key("name") or node.key("stages")
    )
    if "stages" not in node:
        return []
    return [[Pipeline(document, API, node, key or node, region=_region(root))]]


def _region(root: Mapping) -> str | None:
    """The region that the ARN in `metadata` tells: `arn:aws:codepipeline:REGION:ACCOUNT:NAME`."""
    metadata = root.get("metadata")
    arn = known(metadata.get("pipelineArn")) if isinstance(metadata, Mapping) else None
    parts = arn.split(":") if arn else []
    return parts[3] if len(parts) > 4 and parts[3] else None
