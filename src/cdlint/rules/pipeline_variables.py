"""CD530–CD533: references to variables, `#{namespace.key}`, in pipelines."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.pipeline import TERRAFORM
from ..model.references import (
    BLANKS,
    CODEPIPELINE,
    FOREIGN,
    HIDDEN,
    NO_NAMESPACE,
    UNCLOSED,
    VARIABLES,
    Namespaces,
    Reference,
    is_stand_in,
    places_of,
    references,
    scan,
)
from ..model.values import is_whole, known
from ..source import Span
from ..syntax.tree import Scalar
from ..wording import closest, listed, plain
from . import rule
from .variable_keys import unknown_key
from .variable_producers import naming, producer_without_namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Pipeline

#: Values that hold code, in which `#{x}` may be Ruby's.
_CODE = ("commands", "BuildspecOverride")


@rule("CD530", "malformed-variable-reference", Severity.ERROR)
def malformed_variable_reference(pipeline: Pipeline) -> Iterator[Finding]:
    """A reference to a variable is not written as `#{namespace.key}`.

    CodePipeline replaces `#{namespace.key}`: a namespace, one point, a key, no blanks. Something else is refused
    (`Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.)`)
    or stays in the value as it is. In YAML a `#` after a blank begins a comment where there are no quotes. Source:
    AWS, variables reference.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
      >           CustomData: 'Version #{ Src.VersionId }'
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
                  CustomData: 'Version #{Src.VersionId}'
    """
    yield from _comments(pipeline)
    names = None
    for reference in references(pipeline):
        if reference.fault in ("", FOREIGN, HIDDEN):
            continue
        names = names or Namespaces(pipeline)
        if reference.fault == UNCLOSED and not _is_namespace(reference.namespace, names):
            continue
        code = reference.place is not None and reference.place.where in _CODE
        grave = reference.fault in (BLANKS, UNCLOSED) and _is_namespace(reference.namespace, names)
        message, help_text = _malformed(reference, pipeline, names)
        yield Finding(
            reference.span,
            message,
            help=help_text,
            fix=_without_blanks(pipeline, reference) if reference.fault == BLANKS else None,
            severity=Severity.WARNING if code and not grave else None,
        )


def _comments(pipeline: Pipeline) -> Iterator[Finding]:
    """References that YAML takes for comments, as a `#` after a blank begins one in a text without quotes."""
    text = pipeline.document.text
    if pipeline.document.json or pipeline.form == TERRAFORM or " #{" not in text:
        return
    for place in places_of(pipeline):
        node = place.node
        if not isinstance(node, Scalar) or node.style:
            continue
        end = text.find("\n", node.end)
        rest = text[node.end : end if end >= 0 else len(text)]
        start = node.end + len(rest) - len(rest.lstrip(" \t"))
        if start == node.end or not text.startswith("#{", start):
            continue
        found = next(scan(text[start : node.end + len(rest)]))
        if found.fault == "":
            yield Finding(
                Span(start, start + len(found.text)),
                "YAML takes this reference for a comment, because it stands after a blank in a text without quotes: "
                "the value ends before it.",
                help="Put the whole value into quotes.",
            )


def _is_namespace(name: str, names: Namespaces) -> bool:
    return name in names.actions or name in (CODEPIPELINE, VARIABLES)


def _malformed(reference: Reference, pipeline: Pipeline, names: Namespaces) -> tuple[str, str]:
    written = f"`{reference.text}`"
    meant = f"#{{{reference.namespace}.{reference.key}}}"
    if reference.fault == BLANKS:
        return f"Blanks in {written} make it no reference: it is not replaced.", f"Write `{meant}`."
    if reference.fault == UNCLOSED:
        return (
            f"The brace of {written} is not closed, so it is not replaced.",
            f"Write `{meant}`.",
        )
    if reference.fault == NO_NAMESPACE:
        return (
            f"{written} names no namespace; CodePipeline takes only `#{{namespace.key}}`.",
            _namespace_of_key(reference.key, pipeline, names),
        )
    return (
        f"{written} is no reference: CodePipeline takes a namespace and a key with one point between them.",
        "Write `#{namespace.key}`, with letters, digits, `@`, `-` and `_` in both.",
    )


def _namespace_of_key(key: str, pipeline: Pipeline, names: Namespaces) -> str:
    """Where a key without a namespace can be meant to come from."""
    if any(known(variable.get("name")) == key for variable in pipeline.variables):
        return f"Write `#{{variables.{key}}}` for the pipeline's variable."
    if key == "PipelineExecutionId":
        return "Write `#{codepipeline.PipelineExecutionId}`."
    for name, actions in names.actions.items():
        kind = actions[0].type
        if kind is not None and kind.variables is not None and key in kind.variables:
            return f"Write `#{{{name}.{key}}}`."
    return f"Write the namespace of the action that sets it before it: `#{{namespace.{key}}}`."


def _without_blanks(pipeline: Pipeline, reference: Reference) -> Fix | None:
    start, end = reference.span.start, reference.span.end
    if pipeline.document.text[start:end] != reference.text:
        return None
    meant = f"#{{{reference.namespace}.{reference.key}}}"
    return Fix("Take the blanks out", [Edit(start, end, meant)])


@rule("CD531", "unknown-variable-namespace", Severity.ERROR)
def unknown_variable_namespace(pipeline: Pipeline) -> Iterator[Finding]:
    """A reference names a namespace that no action has.

    Variables of an action can be had under its `namespace` only, and unlike the console the API, CloudFormation and
    Terraform give an action none by themselves. CodePipeline refuses the pipeline: `The following pipeline execution
    variables are referencing a namespace that does not exist.`

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
      >           CustomData: 'Version #{SourceVariables.VersionId}'
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: SourceVariables
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
                  CustomData: 'Version #{SourceVariables.VersionId}'
    """
    names = None
    named: set[str] = set()
    for reference in references(pipeline):
        if reference.fault:
            continue
        names = names or Namespaces(pipeline)
        name = reference.namespace
        if _is_namespace(name, names):
            continue
        if not names.is_whole:
            return
        near = closest(name, [*names.actions, CODEPIPELINE, VARIABLES])
        producer = producer_without_namespace(reference, pipeline)
        fix = None
        if near is not None:
            help_text = f"Did you mean `#{{{near}.{reference.key}}}`?"
            fix = _renamed(pipeline, reference, near)
        elif producer is not None:
            help_text = f"Give {producer.label} the {pipeline.spell('namespace')} `{name}`."
            if name not in named:
                fix = naming(producer, name)
        elif names.actions:
            help_text = (
                f"Namespaces of this pipeline: {listed([f'`{known}`' for known in names.actions], 'and')}."
            )
        else:
            help_text = f"Give the action that sets the variable `{pipeline.spell('namespace')}: {name}`."
        named.add(name)
        yield Finding(
            reference.span,
            f"No action has the namespace `{name}`, and CodePipeline refuses a reference to a namespace that "
            "does not exist.",
            help=help_text,
            fix=fix,
        )


def _renamed(pipeline: Pipeline, reference: Reference, near: str) -> Fix | None:
    start, end = reference.span.start, reference.span.end
    if pipeline.document.text[start:end] != reference.text:
        return None
    return Fix(
        f"Write `{near}`",
        [Edit(start + 2, start + 2 + len(reference.namespace), near)],
        safe=plain(near) == plain(reference.namespace),
    )


@rule("CD532", "undeclared-pipeline-variable", Severity.ERROR)
def undeclared_pipeline_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """`#{variables.…}` names a variable that the pipeline does not declare.

    `variables` is the namespace of the variables that the pipeline itself declares. Names are case-sensitive. Seen
    as an answer: `The referenced variables haven't been declared.`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
          - {name: Environment, defaultValue: test}
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
      >           CustomData: 'Deploy to #{variables.environment}?'
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
          - {name: Environment, defaultValue: test}
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
                  CustomData: 'Deploy to #{variables.Environment}?'
    """
    declared = None
    for reference in references(pipeline):
        if reference.fault or reference.namespace != VARIABLES:
            continue
        if declared is None:
            declared = _declared(pipeline)
            if declared is None:
                return
        name = reference.key
        if name in declared:
            continue
        near = closest(name, declared)
        fix = None
        if near is not None and pipeline.document.text[reference.span.start : reference.span.end] == (
            reference.text
        ):
            at = reference.span.end - 1
            fix = Fix(f"Write `{near}`", [Edit(at - len(name), at, near)], safe=plain(near) == plain(name))
        yield Finding(
            reference.span,
            f"The pipeline declares no variable `{name}`, and CodePipeline refuses the reference.",
            help=f"Did you mean `#{{variables.{near}}}`?"
            if near
            else f"Add `{name}` to the pipeline's `{pipeline.spell('variables')}`.",
            fix=fix,
        )


def _declared(pipeline: Pipeline) -> list[str] | None:
    """The names of the pipeline's variables; None if not all are known."""
    node = pipeline.node.get("variables")
    if node is None:
        miscased = any(plain(name.strip("?")) == "variable" for name, _, _ in pipeline.node.items())
        return None if miscased else []
    if not (is_whole(node) or (isinstance(node, Scalar) and node.is_null)):
        return None
    names = []
    for variable in pipeline.variables:
        name = known(variable.get("name"))
        if name is None or is_stand_in(name):
            return None
        names.append(name)
    return names


@rule("CD533", "unknown-output-variable", Severity.ERROR)
def unknown_output_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """A reference names a variable that the action does not set.

    Which variables an action sets is fixed for most action types: a connection sets `FullRepositoryName` and not
    `RepositoryName`, as CodeCommit does. The pipeline can be made, and stops when the action runs: `one or more
    variables could not be resolved`. Where AWS documents no variables for a type at all, this is a warning.
    Source: AWS, variables available for pipeline actions.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
      >           CustomData: 'Version #{Src.CommitId}'
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
                  CustomData: 'Version #{Src.VersionId}'
    """
    names = None
    for reference in references(pipeline):
        if reference.fault or reference.namespace == VARIABLES:
            continue
        names = names or Namespaces(pipeline)
        found = unknown_key(reference, pipeline, names.actions.get(reference.namespace, []))
        if found is None:
            continue
        message, help_text, near, severity = found
        fix = None
        if near and pipeline.document.text[reference.span.start : reference.span.end] == reference.text:
            at = reference.span.end - 1
            edit = Edit(at - len(reference.key), at, near)
            fix = Fix(f"Write `{near}`", [edit], safe=plain(near) == plain(reference.key))
        yield Finding(reference.span, message, help=help_text, fix=fix, severity=severity)
