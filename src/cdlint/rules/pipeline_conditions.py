"""CD542, CD545, CD549: what the conditions of stages lead to."""

from __future__ import annotations

from ..aws.actions import rule_type
from ..findings import Finding, Severity
from ..model.references import GATES, gate_conditions
from ..model.values import known, members
from ..syntax.tree import Mapping, Node, Scalar, Unknown
from ..wording import listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Pipeline, Stage

#: What a condition may lead to at each gate.
_RESULTS = {"beforeEntry": ("FAIL", "SKIP"), "onSuccess": ("ROLLBACK", "FAIL"), "onFailure": ("ROLLBACK",)}
_ALL_RESULTS = ("ROLLBACK", "FAIL", "RETRY", "SKIP")
#: The rules that a stage may be skipped for.
_SKIPPING = ("LambdaInvoke", "VariableCheck")


def _provider_of(one: Mapping) -> Node | None:
    kind = one.get("ruleTypeId")
    return kind.get("provider") if isinstance(kind, Mapping) else None


@rule("CD542", "condition-at-first-stage", Severity.WARNING)
def condition_at_first_stage(pipeline: Pipeline) -> Iterator[Finding]:
    """The source stage has an entry condition, or is rolled back.

    Nothing runs before the first stage, and there is no earlier state of a source to go back to. Retries are
    possible there.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
            onFailure:
      >       result: ROLLBACK
          - name: Ship
            actions:
              - name: Ship
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
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
    for stage in pipeline.stages[:1]:
        if stage.index:
            return
        key = stage.node.key("beforeEntry")
        if key is not None and stage.gate("beforeEntry") is not None:
            yield Finding(
                key.span,
                f"The first stage cannot have `{pipeline.spell('beforeEntry')}`: nothing runs before it.",
                help="Put the condition on the second stage.",
            )
        for gate in ("onSuccess", "onFailure"):
            for node in _results(stage, gate):
                if known(node) == "ROLLBACK":
                    yield Finding(
                        node.span,
                        "The source stage cannot be rolled back.",
                        help="Remove it here; later stages can be rolled back.",
                    )


def _results(stage: Stage, gate: str) -> Iterator[Node]:
    """The results at a gate: its own and those of its conditions."""
    for holder in (stage.gate(gate), *gate_conditions(stage, gate)):
        result = holder.get("result") if holder is not None else None
        if result is not None:
            yield result


@rule("CD545", "result-not-for-this-gate", Severity.ERROR)
def result_not_for_this_gate(pipeline: Pipeline) -> Iterator[Finding]:
    """A condition leads to a result that its place does not have.

    `beforeEntry` may fail or skip the stage, `onSuccess` fail it or roll it back, the conditions of `onFailure` roll
    it back; `RETRY` stands at `onFailure` itself. A stage is skipped for rules of `LambdaInvoke` and `VariableCheck`
    only, and `onFailure` has a result or conditions: `The following stage cannot have a failure exit gate configured
    with both top level result and conditions`. Source: AWS, stage conditions.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
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
            onSuccess:
              conditions:
      >         - result: SKIP
                  rules:
                    - name: Alarm
                      ruleTypeId: {category: Rule, owner: AWS, provider: CloudWatchAlarm, version: '1'}
                      configuration: {AlarmName: errors}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
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
            onSuccess:
              conditions:
                - result: ROLLBACK
                  rules:
                    - name: Alarm
                      ruleTypeId: {category: Rule, owner: AWS, provider: CloudWatchAlarm, version: '1'}
                      configuration: {AlarmName: errors}
    """
    for stage in pipeline.stages:
        for gate in GATES:
            for condition in gate_conditions(stage, gate):
                result = condition.get("result")
                if result is not None:
                    yield from _unfit_result(pipeline, gate, result)
                if known(result) == "SKIP" and gate == "beforeEntry":
                    yield from _unfit_rules(condition)
        failure = stage.gate("onFailure")
        if failure is not None:
            yield from _failure(pipeline, failure)


def _unfit_result(pipeline: Pipeline, gate: str, result: Node) -> Iterator[Finding]:
    value = known(result)
    allowed = _RESULTS[gate]
    if value in _ALL_RESULTS and value not in allowed:
        what = "Conditions of " if gate == "onFailure" else ""
        others = listed([f"`{one}`" for one in allowed])
        retry = f"Write `RETRY` directly below `{pipeline.spell(gate)}`, without conditions."
        yield Finding(
            result.span,
            f"{what}`{pipeline.spell(gate)}` cannot lead to `{value}`, only to {others}.",
            help=retry if value == "RETRY" and gate == "onFailure" else f"Write {others}.",
        )


def _unfit_rules(condition: Mapping) -> Iterator[Finding]:
    for one in members(condition.get("rules")):
        node = _provider_of(one) if isinstance(one, Mapping) else None
        name = known(node)
        if node is not None and name is not None and name not in _SKIPPING and rule_type(name) is not None:
            yield Finding(
                node.span,
                f"A stage can be skipped for rules of `LambdaInvoke` and `VariableCheck` only, not of `{name}`.",
                help="Let the condition lead to `FAIL`, or check with `LambdaInvoke`.",
            )


def _failure(pipeline: Pipeline, failure: Mapping) -> Iterator[Finding]:
    result = failure.get("result")
    conditions = failure.key("conditions")
    if result is not None and conditions is not None and not _is_null(result):
        key = failure.key("result")
        yield Finding(
            (key or result).span,
            f"`{pipeline.spell('onFailure')}` has a result and conditions; CodePipeline takes one of them.",
            help="Keep the conditions, which have a result of their own, or only the result.",
        )
    elif known(result) == "SKIP":
        assert result is not None
        yield Finding(
            result.span,
            f"`{pipeline.spell('onFailure')}` cannot skip a stage; it can retry it or roll it back.",
            help="Write `RETRY` or `ROLLBACK`.",
        )


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


@rule("CD549", "retry-settings-without-retry", Severity.ERROR)
def retry_settings_without_retry(pipeline: Pipeline) -> Iterator[Finding]:
    """`retryConfiguration` stands where nothing is retried.

    It belongs to `result: RETRY` at `onFailure`. With another result, or with conditions, there is no automatic
    retry. Source: AWS, stage retry.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
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
      >       retryConfiguration: {retryMode: FAILED_ACTIONS}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
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
              result: RETRY
              retryConfiguration: {retryMode: FAILED_ACTIONS}
    """
    for stage in pipeline.stages:
        failure = stage.gate("onFailure")
        key = failure.key("retryConfiguration") if failure is not None else None
        if failure is None or key is None:
            continue
        result = failure.get("result")
        if isinstance(result, Unknown) or known(result) == "RETRY":
            continue
        if result is not None and known(result) not in _ALL_RESULTS:
            continue
        absent = result is None and "conditions" not in failure
        name = pipeline.spell("retryConfiguration")
        yield Finding(
            key.span,
            f"`{name}` has no effect without `{pipeline.spell('result')}: RETRY`."
            if absent
            else f"`{name}` goes with `{pipeline.spell('result')}: RETRY` only.",
            help=f"Write `{pipeline.spell('result')}: RETRY`, or remove `{name}`.",
            severity=Severity.WARNING if absent else None,
        )
