"""CD546, CD547: the rules of conditions."""

from __future__ import annotations

from ..aws.actions import action_type, rule_type, rule_types
from ..findings import Edit, Finding, Fix, Severity
from ..model.references import GATES, gate_rules, is_stand_in
from ..model.values import entries, known
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Unknown
from ..wording import closest, listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.actions import RuleType
    from ..model.pipeline import Pipeline


#: Rules that are configured as an action is.
_OF_ACTIONS = {"CodeBuild": ("Build", "AWS", "CodeBuild"), "Commands": ("Compute", "AWS", "Commands")}


def _rules(pipeline: Pipeline) -> Iterator[Mapping]:
    for stage in pipeline.stages:
        for gate in GATES:
            yield from gate_rules(stage, gate)


def _provider_of(one: Mapping) -> Node | None:
    kind = one.get("ruleTypeId")
    return kind.get("provider") if isinstance(kind, Mapping) else None


@rule("CD546", "unknown-rule-provider", Severity.ERROR)
def unknown_rule_provider(pipeline: Pipeline) -> Iterator[Finding]:
    """A condition has a rule of a provider that CodePipeline does not have.

    The rules of conditions are `CloudWatchAlarm`, `CodeBuild`, `Commands`, `DeploymentWindow`, `LambdaInvoke` and
    `VariableCheck`. Source: AWS, rule structure reference.

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
            beforeEntry:
              conditions:
                - result: FAIL
                  rules:
                    - name: Hours
      >               ruleTypeId: {category: Rule, owner: AWS, provider: DeploymentWindows, version: '1'}
                      configuration: {Cron: '0 * 9-17 ? * MON-FRI *'}
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
            beforeEntry:
              conditions:
                - result: FAIL
                  rules:
                    - name: Hours
                      ruleTypeId: {category: Rule, owner: AWS, provider: DeploymentWindow, version: '1'}
                      configuration: {Cron: '0 * 9-17 ? * MON-FRI *'}
    """
    for one in _rules(pipeline):
        node = _provider_of(one)
        name = known(node)
        if node is None or not name or is_stand_in(name) or rule_type(name) is not None:
            continue
        providers = [kind.provider for kind in rule_types()]
        near = closest(name, providers)
        fix = None
        at = pipeline.document.text.find(name, node.start, node.end)
        if near is not None and at >= 0:
            fix = Fix(f"Write `{near}`", [Edit(at, at + len(name), near)])
        yield Finding(
            node.span,
            f"CodePipeline has no rules of `{name}`.",
            help=f"Did you mean `{near}`?" if near else f"There are {listed(providers, 'and')}.",
            fix=fix,
        )


@rule("CD547", "rule-configuration", Severity.ERROR)
def rule_configuration(pipeline: Pipeline) -> Iterator[Finding]:
    """The configuration of a condition's rule lacks a key, or has one that it does not take.

    Each provider of rules has its own keys: `VariableCheck` needs `Variable`, `Value` and `Operator`, a `Commands`
    rule needs `commands` beside its name. A key that is not known is a warning. Source: AWS, rule structure reference.

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
            beforeEntry:
              conditions:
                - result: SKIP
                  rules:
                    - name: OnMain
                      ruleTypeId: {category: Rule, owner: AWS, provider: VariableCheck, version: '1'}
                      configuration:
                        Variable: '#{codepipeline.PipelineExecutionId}'
                        Value: main
      >                 Operator: EQUALS
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
            beforeEntry:
              conditions:
                - result: SKIP
                  rules:
                    - name: OnMain
                      ruleTypeId: {category: Rule, owner: AWS, provider: VariableCheck, version: '1'}
                      configuration:
                        Variable: '#{codepipeline.PipelineExecutionId}'
                        Value: main
                        Operator: EQ
    """
    for one in _rules(pipeline):
        kind = rule_type(known(_provider_of(one)) or "")
        if kind is None:
            continue
        config = one.get("configuration")
        if isinstance(config, Unknown):
            continue
        given = {key.value: (key, value) for key, value in entries(config)}
        missing = [name for name in kind.required if name not in given]
        also = _OF_ACTIONS.get(kind.provider)
        action = action_type(*also) if also else None
        unknown = [
            name for name in given if name not in kind.keys and (action is None or name not in action.keys)
        ]
        yield from _unknown_keys(pipeline, kind, given, unknown, missing)
        meant = {_near(name, missing) for name in unknown}
        for name in missing:
            if name not in meant:
                yield Finding(
                    _span_of(one),
                    f"A rule of `{kind.provider}` needs `{name}` in its `{pipeline.spell('configuration')}`.",
                    help=f"Add `{name}`.",
                )
        if (
            kind.provider == "Commands"
            and "commands" not in one
            and not any(name.strip("?").lower() == "commands" for name, _, _ in one.items())
        ):
            yield Finding(
                _span_of(one),
                f"A rule of `Commands` needs `{pipeline.spell('commands')}` beside its name.",
                help=f"Add `{pipeline.spell('commands')}`, a list of commands.",
            )
        for name, (_, value) in given.items():
            yield from _unfit_value(kind, name, value)


def _span_of(one: Mapping) -> Span:
    """The place to point at when something is missing in a rule."""
    found = one.key("configuration") or one.get("name") or one.key("ruleTypeId")
    return found.span if found is not None else one.span


def _unknown_keys(
    pipeline: Pipeline,
    kind: RuleType,
    given: dict[str, tuple[Scalar, Node]],
    unknown: list[str],
    missing: list[str],
) -> Iterator[Finding]:
    for name in unknown:
        key = given[name][0]
        near = _near(name, missing) or _near(name, [one for one in kind.keys if one not in given])
        fix = None
        at = pipeline.document.text.find(name, key.start, key.end)
        if near is not None and at >= 0:
            fix = Fix(f"Write `{near}`", [Edit(at, at + len(name), near)], safe=False)
        yield Finding(
            key.span,
            f"A rule of `{kind.provider}` has no key `{name}`"
            + (f", and needs `{near}`." if near in missing else "."),
            help=f"Did you mean `{near}`?"
            if near
            else f"It takes {listed([f'`{one}`' for one in kind.keys], 'and')}."
            if kind.keys
            else f"A rule of `{kind.provider}` takes no configuration.",
            fix=fix,
            severity=None if near in missing and near is not None else Severity.WARNING,
        )


def _near(name: str, names: list[str]) -> str | None:
    """The key that is meant: `Variable` by `VariableName`."""
    near = closest(name, names)
    if near is not None:
        return near
    longer = [one for one in names if len(one) > 3 and (name.startswith(one) or one.startswith(name))]
    return longer[0] if len(longer) == 1 else None


def _unfit_value(kind: RuleType, name: str, value: Node) -> Iterator[Finding]:
    facts = kind.keys.get(name, {})
    text = known(value)
    if text is None or "#{" in text or is_stand_in(text):
        return
    allowed = facts.get("enum")
    if allowed and text not in allowed and not (allowed == ["true", "false"] and text.lower() in allowed):
        near = closest(text, allowed)
        yield Finding(
            value.span,
            f"`{name}` cannot be `{text}`, only {listed([f'`{one}`' for one in allowed])}.",
            help=f"Write `{near}`." if near else f"Write {listed([f'`{one}`' for one in allowed])}.",
        )
    items = facts.get("items")
    for part in text.split(",") if items else ():
        if items and part.strip() not in items:
            states = listed([f"`{one}`" for one in items], "and")
            yield Finding(
                value.span,
                f"`{name}` is a list of {states}; `{part.strip()}` is none of them.",
                help="Write them with commas between them.",
            )
