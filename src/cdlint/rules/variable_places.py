"""CD534, CD535, CD537: references to variables where they cannot be resolved, or in the syntax of something else."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.references import (
    CODEPIPELINE,
    VARIABLES,
    Namespaces,
    Place,
    places_of,
    references,
    span_of,
    texts_in,
)
from ..model.values import known
from ..syntax.tree import Mapping, Scalar
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action, Pipeline


@rule("CD534", "variable-not-set-yet", Severity.ERROR)
def variable_not_set_yet(pipeline: Pipeline) -> Iterator[Finding]:
    """A reference names a variable of an action that does not surely run before.

    The action that sets the variable has to be in an earlier stage, or in the same stage with a lower `runOrder`;
    actions with the same `runOrder` (1 where none is written) run side by side. The order of the file says nothing.
    Source: AWS, working with variables.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Build
                namespace: Built
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: '1'}
                configuration: {ProjectName: shop}
                inputArtifacts: [{name: src}]
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
      >           CustomData: 'Ship #{Built.TAG}?'
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Build
                namespace: Built
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: '1'}
                configuration: {ProjectName: shop}
                inputArtifacts: [{name: src}]
              - name: Approve
                runOrder: 2
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
                  CustomData: 'Ship #{Built.TAG}?'
    """
    names = None
    for reference in references(pipeline):
        if reference.fault or reference.namespace in (CODEPIPELINE, VARIABLES):
            continue
        names = names or Namespaces(pipeline)
        producers = names.actions.get(reference.namespace, [])
        place = reference.place
        if place is None or not producers or any(place.follows(one) is not False for one in producers):
            continue
        producer = producers[0]
        why, help_text = _too_early(place, producer, pipeline)
        yield Finding(
            reference.span,
            f"{producer.label} sets `{reference.namespace}`, and {why}.",
            help=help_text,
        )


def _too_early(place: Place, producer: Action, pipeline: Pipeline) -> tuple[str, str]:
    order = pipeline.spell("runOrder")
    if place.action is producer:
        return "an action cannot use its own variables", "Use the variable in an action that runs later."
    if place.action is None:
        return (
            f"`{pipeline.spell(place.gate)}` is checked before it has run",
            "Use a variable of an earlier stage.",
        )
    if producer.stage is not place.stage:
        return (
            f"runs in a later stage (`{producer.stage.label.strip('`')}`): the variable is not set yet",
            f"Move {producer.label} into a stage before {place.stage.label}.",
        )
    if producer.run_order == place.action.run_order:
        return (
            f"runs at the same time (both have {order} {producer.run_order}): the variable may not be set yet",
            f"Give {place.action.label} a higher `{order}`.",
        )
    return (
        f"runs later ({order} {producer.run_order}): the variable is not set yet",
        f"Give {place.action.label} a higher `{order}` than {producer.label} has.",
    )


@rule("CD535", "pipeline-variable-in-source", Severity.ERROR)
def pipeline_variable_in_source(pipeline: Pipeline) -> Iterator[Finding]:
    """A source action uses a variable of the pipeline.

    `#{variables.…}` can be used in every action but those of category Source. Seen as an answer: `Variables at the
    pipeline level cannot be used in source actions.` Source: AWS, working with variables.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
          - {name: Key, defaultValue: src.zip}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration:
                  S3Bucket: shop
      >           S3ObjectKey: '#{variables.Key}'
                  PollForSourceChanges: 'false'
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
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
                configuration:
                  S3Bucket: shop
                  S3ObjectKey: src.zip
                  PollForSourceChanges: 'false'
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    """
    for reference in references(pipeline):
        action = reference.place.action if reference.place is not None else None
        if reference.fault or reference.namespace != VARIABLES or action is None:
            continue
        if action.category == "Source":
            yield Finding(
                reference.span,
                "Variables of the pipeline cannot be used in source actions; CodePipeline refuses this.",
                help="Write the value itself. Another revision can be chosen when the pipeline is started "
                "(`sourceRevisions`).",
            )


@rule("CD537", "variable-in-other-syntax", Severity.WARNING)
def variable_in_other_syntax(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable of the pipeline is written `${namespace.key}` or `$namespace.key`.

    CodePipeline replaces only `#{namespace.key}`. With a dollar it stays as it is, and a shell that gets it fails
    with `bad substitution`. In `Fn::Sub` CloudFormation takes `${Name.Key}` for an attribute of a resource.

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
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
      >           CustomData: 'Run ${codepipeline.PipelineExecutionId}'
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
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
                  CustomData: 'Run #{codepipeline.PipelineExecutionId}'
    """
    text = pipeline.document.text
    names: list[str] | None = None
    for place in places_of(pipeline):
        for node, value in texts_in(place.node):
            # `Fn::Sub` takes what is written in it away: look at the file, too.
            seen = value if isinstance(node, Scalar) else text[node.start : node.end]
            if "$" not in seen and "{{" not in seen:
                continue
            if names is None:
                names = _names_to_look_for(pipeline)
            for written, name, key in _foreign(seen, names):
                meant = f"#{{{name}.{key}}}"
                span = span_of(text, node, written)
                same = text[span.start : span.end] == written
                yield Finding(
                    span,
                    f"`{written}` is not replaced: CodePipeline knows variables as `#{{namespace.key}}` only.",
                    help=f"Write `{meant}`.",
                    fix=Fix(f"Write `{meant}`", [Edit(span.start, span.end, meant)], safe=False)
                    if same
                    else None,
                )


def _names_to_look_for(pipeline: Pipeline) -> list[str]:
    """The namespaces, without those that the template has something else for."""
    root = pipeline.document.root
    # Terraform's own beginnings of `${var.name}`.
    others = {"var", "local", "data", "module", "each", "count", "path", "self"}
    for section in ("Resources", "Parameters"):
        found = root.get(section) if isinstance(root, Mapping) else None
        if isinstance(found, Mapping):
            others.update(name for name, _, _ in found.items())
    names = [name for name in Namespaces(pipeline).actions if name not in others]
    names.append(CODEPIPELINE)
    if any(known(variable.get("name")) for variable in pipeline.variables):
        names.append(VARIABLES)
    return names


_OPEN = (("${", "}"), ("{{", "}}"), ("$", ""))
_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


def _foreign(text: str, names: list[str]) -> Iterator[tuple[str, str, str]]:
    """`(as written, namespace, key)` of each name that stands in the syntax of something else."""
    for name in names:
        for start, stop in _OPEN:
            head = start + name + "."
            at = text.find(head)
            while at >= 0:
                end = at + len(head)
                while end < len(text) and text[end] in _KEY:
                    end += 1
                key = text[at + len(head) : end]
                closed = text.startswith(stop, end)
                if key and closed and not (name == CODEPIPELINE and key != "PipelineExecutionId"):
                    yield text[at : end + len(stop)], name, key
                at = text.find(head, end)
