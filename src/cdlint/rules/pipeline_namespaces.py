"""CD536, CD538, CD539, CD544, CD552, CD577: namespaces of actions and the variables that a pipeline declares."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.references import (
    CODEPIPELINE,
    HIDDEN,
    VARIABLES,
    Namespaces,
    may_hide_references,
    references,
)
from ..model.values import known
from ..syntax.tree import Mapping, Scalar, Unknown
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action, Pipeline


@rule("CD536", "namespace-not-free", Severity.ERROR)
def namespace_not_free(pipeline: Pipeline) -> Iterator[Finding]:
    """A namespace is taken already: by another action, by CodePipeline itself, or by an artifact.

    Each namespace belongs to one action of the pipeline. `codepipeline` and `variables` are CodePipeline's own, and
    a namespace must not have the name of an artifact. Source: AWS, action requirements and variables reference.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
      >         namespace: variables
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
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: SourceVariables
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    """
    owners: dict[str, Action] = {}
    artifacts = {
        artifact.name
        for action in pipeline.actions()
        for artifact in action.outputs
        if artifact.name is not None
    }
    for action in pipeline.actions():
        name, node = action.namespace, action.namespace_node
        if not name or node is None:
            continue
        if name in (CODEPIPELINE, VARIABLES):
            what = "variables of the pipeline" if name == VARIABLES else "CodePipeline's own variables"
            message = f"The namespace `{name}` is kept for the {what}."
        elif name in owners:
            message = f"{owners[name].label} has the namespace `{name}` already; each belongs to one action."
        elif name in artifacts:
            message = (
                f"An artifact is called `{name}`, and a namespace must not have the name of an artifact."
            )
        else:
            owners[name] = action
            continue
        yield Finding(node.span, message, help="Give this action a namespace of its own.")


@rule("CD538", "duplicate-pipeline-variable", Severity.ERROR)
def duplicate_pipeline_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """Two variables of the pipeline have the same name.

    CodePipeline answers `Variable names must be unique. The following variable name is already in use: …`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
          - {name: Stage, defaultValue: test}
      >   - {name: Stage, defaultValue: live}
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
                configuration: {CustomData: '#{variables.Stage}'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
          - {name: Stage, defaultValue: test}
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
                configuration: {CustomData: '#{variables.Stage}'}
    """
    seen: set[str] = set()
    for variable in pipeline.variables:
        node = variable.get("name")
        name = known(node)
        if name is None or node is None:
            continue
        if name in seen:
            yield Finding(
                node.span,
                f"The pipeline has a variable `{name}` already; CodePipeline refuses a second one.",
                help="Remove one of them, or give it another name.",
            )
        seen.add(name)


@rule("CD539", "variable-without-default", Severity.WARNING)
def variable_without_default(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable of a pipeline that starts by itself has no default value.

    Such a variable has to be given whenever the pipeline is started. A trigger, an event or polling gives none, so
    that these starts fail. Source: AWS, pipeline-level variables.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
      >   - name: Stage
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: '#{variables.Stage}'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
          - name: Stage
            defaultValue: test
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: '#{variables.Stage}'}
    """
    start = _starter(pipeline)
    if not start:
        return
    for variable in pipeline.variables:
        node = variable.get("name")
        value = variable.get("defaultValue")
        absent = value is None or (isinstance(value, Scalar) and value.is_null)
        if (
            node is None
            or not absent
            or any("efault" in name and name != "defaultValue" for name, _, _ in variable.items())
        ):
            continue
        called = f"`{known(node)}`" if known(node) else "This variable"
        yield Finding(
            node.span,
            f"{called} has no `{pipeline.spell('defaultValue')}`, and {start} starts the pipeline without giving it "
            "a value: these executions fail.",
            help=f"Add `{pipeline.spell('defaultValue')}`.",
        )


def _starter(pipeline: Pipeline) -> str:
    """What starts the pipeline without a person; "" if that cannot be seen."""
    if pipeline.triggers:
        return "a trigger"
    for action in pipeline.actions():
        if action.category != "Source" or not action.is_configured:
            continue
        if action.is_a("CodeStarSourceConnection"):
            value = action.get("DetectChanges")
            if value is None or (known(value) or "").lower() == "true":
                return "each change that its connection detects"
        elif action.provider in ("S3", "CodeCommit", "GitHub"):
            value = action.get("PollForSourceChanges")
            if value is None or (known(value) or "").lower() == "true":
                return f"polling by {action.label}"
    return _event_rule(pipeline)


def _event_rule(pipeline: Pipeline) -> str:
    """The rule of EventBridge in the same template that starts the pipeline."""
    root = pipeline.document.root
    resources = root.get("Resources") if isinstance(root, Mapping) else None
    for name, _, resource in resources.items() if isinstance(resources, Mapping) else ():
        if isinstance(resource, Mapping) and known(resource.get("Type")) == "AWS::Events::Rule":
            text = pipeline.document.text[resource.start : resource.end]
            if ":codepipeline:" in text and pipeline.label and pipeline.label in text:
                return f"the rule `{name}`"
    return ""


@rule("CD544", "unused-pipeline-variable", Severity.WARNING)
def unused_pipeline_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable of the pipeline is used nowhere.

    A variable has an effect only where `#{variables.name}` stands for it. Whoever starts the pipeline with another
    value will find that nothing changes.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
      >   - {name: Stage, defaultValue: test}
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
        variables:
          - {name: Stage, defaultValue: test}
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
                configuration: {CustomData: 'To #{variables.Stage}?'}
    """
    if not pipeline.variables or may_hide_references(pipeline):
        return
    used = _used(pipeline, VARIABLES)
    text = pipeline.document.text
    for variable in pipeline.variables:
        node = variable.get("name")
        name = known(node)
        if name is None or node is None or used is None or name in used or "." + name in text:
            continue
        yield Finding(
            node.span,
            f"Nothing in the pipeline uses `{name}`: it has no effect.",
            help=f"Write `#{{variables.{name}}}` where the value belongs, or remove the variable.",
        )


def _used(pipeline: Pipeline, namespace: str) -> set[str] | None:
    """The keys of a namespace that are used, also by references that are not well formed; None if it cannot be told."""
    found: set[str] = set()
    declared = {known(variable.get("name")) for variable in pipeline.variables}
    for reference in references(pipeline):
        if reference.fault == HIDDEN:
            return None
        if reference.namespace == namespace or not reference.namespace:
            found.add(reference.key)
        if reference.namespace.lower() == namespace and reference.key not in declared:
            # Surely a misspelling of one of them: told by another rule.
            return None
    return found


@rule("CD552", "unused-namespace", Severity.INFO)
def unused_namespace(pipeline: Pipeline) -> Iterator[Finding]:
    """A namespace of an action is used nowhere.

    The variables of an action have an effect only where `#{namespace.key}` stands for them.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
      >         namespace: Src
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
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: 'Version #{Src.VersionId}'}
    """
    names = Namespaces(pipeline)
    if not names.actions or may_hide_references(pipeline):
        return
    known_names = {*names.actions, CODEPIPELINE, VARIABLES}
    if any(found.fault or found.namespace not in known_names for found in references(pipeline)):
        # Something is misspelt or cannot be seen, and may be meant to be this one.
        return
    text = pipeline.document.text
    for name, actions in names.actions.items():
        node = actions[0].namespace_node
        if (
            node is None
            or name in (CODEPIPELINE, VARIABLES)
            or any(f"{mark}{name}." in text for mark in ("#{", "${", "{{", "$", "#{ "))
        ):
            continue
        yield Finding(
            node.span,
            f"Nothing in the pipeline uses a variable of the namespace `{name}`.",
            help=f"Write `#{{{name}.key}}` where a value belongs, or remove the namespace.",
        )


@rule("CD577", "output-file-with-namespace", Severity.WARNING)
def output_file_with_namespace(pipeline: Pipeline) -> Iterator[Finding]:
    """A CloudFormation action writes its outputs to a file and sets them as variables.

    With `OutputFileName` the outputs of the stack go to that file, and users report that the variables of the
    namespace stay empty then: `one or more variables could not be resolved`.

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
          - name: Ship
            actions:
              - name: Stack
                namespace: Stack
                actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: '1'}
                configuration:
                  ActionMode: CREATE_UPDATE
                  StackName: shop
                  RoleArn: arn:aws:iam::111122223333:role/stacks
                  TemplatePath: src::template.yml
      >           OutputFileName: outputs.json
                inputArtifacts: [{name: src}]
                outputArtifacts: [{name: stack}]
              - name: Approve
                runOrder: 2
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: '#{Stack.Url}'}
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
          - name: Ship
            actions:
              - name: Stack
                namespace: Stack
                actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: '1'}
                configuration:
                  ActionMode: CREATE_UPDATE
                  StackName: shop
                  RoleArn: arn:aws:iam::111122223333:role/stacks
                  TemplatePath: src::template.yml
                inputArtifacts: [{name: src}]
              - name: Approve
                runOrder: 2
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: '#{Stack.Url}'}
    """
    for action in pipeline.actions():
        key = action.key("OutputFileName")
        node = action.namespace_node
        if not action.is_a("CloudFormation") or key is None or node is None or isinstance(node, Unknown):
            continue
        used = any(found.namespace == action.namespace for found in references(pipeline))
        yield Finding(
            key.span,
            f"With `OutputFileName` the variables of `{action.namespace}` are reported to stay empty.",
            help="Remove `OutputFileName`, or read the outputs from the file only.",
            severity=None if used else Severity.INFO,
        )
