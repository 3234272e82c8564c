"""CD550, CD551: pipelines of type V1 and V2, and how executions follow one another."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.references import GATES, gate_conditions
from ..model.values import known, members
from ..syntax.tree import Mapping, Node, Scalar
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Pipeline
    from ..source import Span


@rule("CD550", "feature-of-v2", Severity.ERROR)
def feature_of_v2(pipeline: Pipeline) -> Iterator[Finding]:
    """A pipeline of type V1 uses what only V2 has.

    Variables of the pipeline, triggers, the modes `QUEUED` and `PARALLEL`, conditions of stages and some actions are
    V2's. CodePipeline answers `Pipeline variable can only be used with V2 pipelines`, `Triggers on tag can only be
    used with V2 pipelines`, and so on. Where no type is written this is a warning: which one the pipeline gets
    depends on how it is made. Source: AWS, pipeline types.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V1
      > executionMode: QUEUED
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        executionMode: QUEUED
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    """
    if pipeline.type == "V1":
        for span, what, answer in _features(pipeline):
            yield Finding(
                span,
                f"{what} only in pipelines of type V2; CodePipeline answers `{answer}`.",
                help=f"Write `{pipeline.spell('pipelineType')}: V2`.",
                fix=_as_v2(pipeline),
            )
    elif pipeline.type_node is None and not any(
        name.strip("?").lower().replace("_", "") == "pipelinetype" for name, _, _ in pipeline.node.items()
    ):
        for span, what, _ in _features(pipeline):
            yield Finding(
                span,
                f"{what} only in pipelines of type V2, and this one does not say which it is.",
                help=f"Write `{pipeline.spell('pipelineType')}: V2`.",
                severity=Severity.WARNING,
            )
            return


def _as_v2(pipeline: Pipeline) -> Fix | None:
    node = pipeline.type_node
    if node is None:
        return None
    at = pipeline.document.text.find("V1", node.start, node.end)
    # The two types are billed differently.
    return Fix("Make it a V2 pipeline", [Edit(at, at + 2, "V2")], safe=False) if at >= 0 else None


def _features(pipeline: Pipeline) -> Iterator[tuple[Span, str, str]]:
    """Where something of V2 stands, what it is, and what CodePipeline answers."""
    if members(pipeline.node.get("variables")):
        yield (
            pipeline.span_of("variables"),
            "A pipeline has variables",
            "Pipeline variable can only be used with V2 pipelines",
        )
    if members(pipeline.node.get("triggers")):
        yield (
            pipeline.span_of("triggers"),
            "A pipeline has triggers",
            "Triggers on tag can only be used with V2 pipelines",
        )
    if pipeline.mode in ("QUEUED", "PARALLEL"):
        yield (
            pipeline.span_of("executionMode"),
            f"The mode `{pipeline.mode}` is",
            "QUEUED or PARALLEL mode can only be used with V2 pipelines",
        )
    for stage in pipeline.stages:
        for gate in GATES:
            key = stage.node.key(gate)
            if key is not None and _is_set(stage.node.get(gate)):
                yield (
                    key.span,
                    f"A stage has `{pipeline.spell(gate)}`",
                    "Stage level conditions can only be used with V2 pipelines.",
                )
        for action in stage.actions:
            kind = action.type
            if kind is not None and kind.v2 and action.provider_node is not None:
                yield (
                    action.provider_node.span,
                    f"`{kind.provider}` actions are",
                    f"{kind.provider} Action can only be used with V2 pipelines.",
                )


def _is_set(node: Node | None) -> bool:
    return not (isinstance(node, Scalar) and node.is_null) and not (
        isinstance(node, Mapping) and not len(node)
    )


@rule("CD551", "rollback-in-parallel", Severity.ERROR)
def rollback_in_parallel(pipeline: Pipeline) -> Iterator[Finding]:
    """A stage of a pipeline in `PARALLEL` mode is to be rolled back.

    Executions that run side by side have no common state to go back to. CodePipeline answers `Failure conditions
    with rollback result type cannot be added to a PARALLEL pipeline.`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        executionMode: PARALLEL
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
            onFailure:
      >       result: ROLLBACK
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        executionMode: QUEUED
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
            onFailure:
              result: ROLLBACK
    """
    if pipeline.mode != "PARALLEL":
        return
    for stage in pipeline.stages:
        for gate in ("onSuccess", "onFailure"):
            for holder in (stage.gate(gate), *gate_conditions(stage, gate)):
                result = holder.get("result") if holder is not None else None
                if result is not None and known(result) == "ROLLBACK":
                    yield Finding(
                        result.span,
                        "A pipeline in `PARALLEL` mode cannot roll a stage back; CodePipeline refuses this.",
                        help=f"Write another result, or another `{pipeline.spell('executionMode')}`.",
                    )
