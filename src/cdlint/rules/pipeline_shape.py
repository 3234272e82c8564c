"""CD500–CD502, CD506, CD507: the keys of a pipeline and the kinds of values behind them."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.pipeline import API, TERRAFORM, Action, Pipeline
from ..model.values import members
from ..pipeline_shape import stores_are_regions
from ..syntax.tree import Mapping, Node, Scalar, Unknown
from ..wording import closest
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def told(pipeline: Pipeline, name: str) -> Iterator[Finding]:
    """What the schema has for a rule."""
    for violation in pipeline.violations:
        if violation.rule == name:
            yield violation.finding()


def misplaced(action: Action, key: str) -> bool:
    """Does a key of an action stand in its type, its configuration, or its stage?"""
    places = (action.type_node, action.configuration_node, action.stage.node)
    return any(
        name.lstrip("?").lower() == key.lower()
        for place in places
        if isinstance(place, Mapping)
        for name, _, _ in place.items()
    )


@rule("CD500", "unknown-pipeline-key", Severity.ERROR)
def unknown_pipeline_key(pipeline: Pipeline) -> Iterator[Finding]:
    """A pipeline has a key that CodePipeline does not know.

    The API's keys begin with a small letter (`roleArn`), those of CloudFormation with a capital
    (`RoleArn`); what is right in the one is unknown to the other. The AWS CLI and the SDKs refuse an
    unknown key before anything is sent (`Unknown parameter in input`), CloudFormation refuses the
    template. Source: AWS, CodePipeline API reference and template reference.

    Bad:
        name: web
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
      >         RunOrder: 1
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                configuration: {BucketName: web, Extract: "true"}
                inputArtifacts: [{name: Code}]
    """
    yield from told(pipeline, "unknown-pipeline-key")
    yield from _stores(pipeline)


def _stores(pipeline: Pipeline) -> Iterator[Finding]:
    """The entries of `ArtifactStores` in a template: `Region` and `ArtifactStore`, and nothing else."""
    stores = pipeline.node.get("artifactStores")
    for item in members(stores.inner) if isinstance(stores, Unknown) else ():
        if not isinstance(item, Mapping):
            continue
        absent = [name for name in ("region", "artifactStore") if name not in item]
        strays = [(name, key) for name, key, _ in item.items() if name not in ("region", "artifactStore")]
        for name, key in strays:
            meant = closest(name, absent)
            shown = name[1:] if name[:1] == "?" else pipeline.spell(name)
            finding = Finding(
                key.span,
                f"`{shown}` is not a key of an entry of `ArtifactStores`: CloudFormation refuses the template.",
                help="An entry has `Region`, and below `ArtifactStore` its `Type` and `Location`.",
            )
            if meant is not None and isinstance(key, Scalar):
                right = pipeline.spell(meant)
                inner = 1 if key.style in ("'", '"') else 0
                edits = [Edit(key.start + inner, key.end - inner, right)]
                finding.help, finding.fix = f"Write `{right}`.", Fix(f"Rename `{shown}` to `{right}`", edits)
            yield finding
        if absent and not strays:
            yield Finding(
                item.pairs[0][0].span if item.pairs else item.span,
                f"An entry of `ArtifactStores` needs `{pipeline.spell(absent[0])}`, and this one has none: "
                "CodePipeline refuses the pipeline.",
                help=f"Add `{pipeline.spell(absent[0])}`.",
            )


@rule("CD501", "missing-pipeline-key", Severity.ERROR)
def missing_pipeline_key(pipeline: Pipeline) -> Iterator[Finding]:
    """A pipeline, a stage or an action lacks a key that CodePipeline requires.

    A pipeline has a role and stages (and outside of CloudFormation a name), a stage a name and
    actions, an action a name and the four parts of its type. The AWS CLI and the SDKs refuse the file
    before anything is sent, CloudFormation fails the stack. Source: AWS, CodePipeline API reference.

    Bad:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        stages:
          - name: Source
            actions:
              - name: Source
      >         actionTypeId: {category: Source, owner: AWS, provider: S3}
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                configuration: {BucketName: web, Extract: "true"}
                inputArtifacts: [{name: Code}]
    """
    for violation in pipeline.violations:
        if violation.rule == "missing-pipeline-key":
            finding = violation.finding()
            if violation.node is pipeline.node and violation.keyword == "required":
                finding.span = pipeline.span
            yield finding


@rule("CD502", "pipeline-value-type", Severity.ERROR)
def pipeline_value_type(pipeline: Pipeline) -> Iterator[Finding]:
    """A value is of another kind than CodePipeline takes: a number for a text, a mapping for a list.

    In the API's form every value of a configuration and the version of an action type are texts
    (`"false"`, `"1"`), and `runOrder` is a number. The AWS CLI and the SDKs look at this before they
    send anything (`Invalid type for parameter`). CloudFormation turns numbers and booleans into texts,
    but takes no list and no mapping inside `Configuration`: `Value of property Configuration must be an
    object with String (or simple type) properties`.

    Bad:
        name: web
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration:
                  S3Bucket: sources
                  S3ObjectKey: web.zip
      >           PollForSourceChanges: false
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                configuration: {BucketName: web, Extract: "true"}
                inputArtifacts: [{name: Code}]
    """
    yield from told(pipeline, "pipeline-value-type")
    if stores_are_regions(pipeline):
        yield Finding(
            pipeline.span_of("artifactStores"),
            "`ArtifactStores` is a mapping of regions, which is how the API has it. CloudFormation wants a list.",
            help="Write a list of entries with `Region` and `ArtifactStore`.",
        )


@rule("CD506", "pipeline-metadata-left", Severity.WARNING)
def pipeline_metadata_left(pipeline: Pipeline) -> Iterator[Finding]:
    """The file still has the `metadata` that `get-pipeline` adds.

    `get-pipeline` writes `metadata` beside `pipeline`, but `create-pipeline` and `update-pipeline` do not
    take it back: `Unknown parameter in input: "metadata", must be one of: pipeline, tags`. A copy that
    is only kept may have it. Source: AWS, Edit a pipeline.

    Bad:
      > metadata:
          pipelineArn: arn:aws:codepipeline:eu-west-1:123456789012:web
        pipeline:
          name: web
          stages: []
    Good:
        pipeline:
          name: web
          roleArn: arn:aws:iam::123456789012:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Source
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Code}]
            - name: Deploy
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                  configuration: {BucketName: web, Extract: "true"}
                  inputArtifacts: [{name: Code}]
    """
    root = pipeline.document.root
    if pipeline.form != API or not isinstance(root, Mapping) or root is pipeline.node:
        return
    key = root.key("metadata")
    if key is not None and not isinstance(root.get("metadata"), Scalar):
        yield Finding(
            key.span,
            "`metadata` is part of what `get-pipeline` answers: `create-pipeline` and `update-pipeline` refuse "
            "a file that has it.",
            help="Take it out before the file is sent.",
            fix=_removed(root, key),
        )


def _removed(root: Mapping, key: Node) -> Fix | None:
    """A mapping in braces without one of its keys."""
    place = next((number for number, pair in enumerate(root.pairs) if pair[0] is key), None)
    if place is None or not root.flow or len(root.pairs) < 2:
        return None
    value = root.pairs[place][1]
    if place + 1 < len(root.pairs):
        edit = Edit(key.start, root.pairs[place + 1][0].start, "")
    else:
        edit = Edit(root.pairs[place - 1][1].end, value.end, "")
    return Fix("Delete `metadata`", [edit])


@rule("CD507", "artifact-store-choice", Severity.ERROR)
def artifact_store_choice(pipeline: Pipeline) -> Iterator[Finding]:
    """A pipeline has both `artifactStore` and `artifactStores`, or neither.

    A pipeline whose actions all run in its own region has one `artifactStore`; one with actions in
    other regions has `artifactStores`, a bucket for each region. CodePipeline refuses both at once, and
    none at all. Source: AWS, API reference of PipelineDeclaration.

    Bad:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
      > artifactStores:
          eu-west-1: {type: S3, location: artifacts}
        stages: []
    Good:
        name: web
        roleArn: arn:aws:iam::123456789012:role/pipeline
        artifactStore: {type: S3, location: artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                configuration: {S3Bucket: sources, S3ObjectKey: web.zip, PollForSourceChanges: "false"}
                outputArtifacts: [{name: Code}]
          - name: Deploy
            actions:
              - name: Deploy
                actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                configuration: {BucketName: web, Extract: "true"}
                inputArtifacts: [{name: Code}]
    """
    if pipeline.form == TERRAFORM:
        return
    one, several = pipeline.spell("artifactStore"), pipeline.spell("artifactStores")
    for finding in told(pipeline, "artifact-store-choice"):
        if "artifactStores" in pipeline.node:
            finding.span = pipeline.span_of("artifactStores")
            finding.message = f"The pipeline has both `{one}` and `{several}`: CodePipeline refuses it."
            finding.help = f"Keep `{several}` if actions run in several regions, else `{one}`."
        else:
            finding.span = pipeline.span
            finding.message = f"The pipeline has no `{one}`: CodePipeline refuses it."
            finding.help = (
                f"Add `{one}` with the bucket for its artifacts (or `{several}`, one for each region)."
            )
        yield finding
