"""CD630–CD633: source actions: what starts them, what they read."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.template import function_of
from ..model.values import known, ref_of, visible
from ..syntax.tree import GAP, Mapping, Node, Scalar
from . import rule
from .configuration import capital, flag, is_open, renamed, replacement
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_POLLING = ("S3", "CodeCommit", "GitHub")
#: Endings of archives that the next action can unpack.
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".gz", ".tar.bz2", ".jar", ".war", ".ear")


@rule("CD630", "source-polled", Severity.WARNING)
def source_polled(pipeline: Pipeline) -> Iterator[Finding]:
    """The source is polled for changes.

    Where `PollForSourceChanges` is absent it is `true` for sources in S3, CodeCommit and (version 1) GitHub, although
    the console writes `false`. Polling is slow, an account may have 300 such pipelines in a region, and beside a rule
    of EventBridge or a webhook every change starts the pipeline twice.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
      >           configuration:
                    RepositoryName: app
                    BranchName: main
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration:
                    RepositoryName: app
                    BranchName: main
                    PollForSourceChanges: "false"
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    """
    for action in pipeline.actions():
        if (
            action.type is None
            or not action.is_configured
            or not action.is_a(action.provider or "", "Source")
        ):
            continue
        if action.provider not in _POLLING or pipeline.document.damaged:
            continue
        twice = " Beside the webhook or rule of this template every change starts the pipeline twice."
        told = twice if pipeline.form == "cloudformation" and _is_started(pipeline) else ""
        help = 'Write `PollForSourceChanges: "false"` and let {} start the pipeline.'.format(
            "a webhook" if action.provider == "GitHub" else "a rule of EventBridge"
        )
        node = action.get("PollForSourceChanges")
        if node is None:
            if not any(
                name.lower() == "pollforsourcechanges" or name == "DetectChanges"
                for name in action.configuration
            ):
                yield Finding(
                    action.configuration_span,
                    f"Without `PollForSourceChanges` this source is polled: the default is `true`.{told}",
                    help=help,
                )
        elif flag(action, "PollForSourceChanges") is True:
            yield Finding(
                node.span,
                f"This source is polled, which is slow and limited to 300 pipelines in a region.{told}",
                help=help,
                fix=renamed(pipeline.document, node, "false", "turn polling off", safe=False)
                if isinstance(node, Scalar)
                else None,
            )


def _is_started(pipeline: Pipeline) -> bool:
    """Has the template something that starts pipelines?"""
    text = pipeline.document.text
    return "AWS::CodePipeline::Webhook" in text or (
        "AWS::Events::Rule" in text
        and ("aws.codecommit" in text or "aws.s3" in text)
        and "codepipeline" in text.lower()
    )


@rule("CD631", "change-detection-off", Severity.INFO)
def change_detection_off(pipeline: Pipeline) -> Iterator[Finding]:
    """Nothing that can be seen here starts the pipeline.

    With `DetectChanges` `false` a connection does not start the pipeline at a push, and there is no trigger that does
    instead. That may be as you want it: then it is started by hand, by a schedule, or by another pipeline.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: "1"}
                  configuration:
                    ConnectionArn: arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b2c3d
                    FullRepositoryId: shop/app
                    BranchName: main
      >             DetectChanges: "false"
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: "1"}
                  configuration:
                    ConnectionArn: arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b2c3d
                    FullRepositoryId: shop/app
                    BranchName: main
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    """
    if "triggers" in pipeline.node or not pipeline.is_whole:
        return
    sources = [action for action in pipeline.actions() if action.category == "Source"]
    if not all(action.is_a("CodeStarSourceConnection") for action in sources):
        return
    if all(flag(action, "DetectChanges") is False for action in sources):
        for action in sources:
            node = action.get("DetectChanges")
            if node is not None:
                yield Finding(
                    node.span,
                    "No push starts the pipeline, and it has no trigger.",
                    help=f"Add `{pipeline.spell('triggers')}`, or leave `DetectChanges` away, for a push to do so.",
                )


@rule("CD632", "object-key-malformed", Severity.ERROR)
def object_key_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """The key of an S3 source names no single archive.

    `S3ObjectKey` is the exact key of one object: no address, no folder, no pattern, and no `/` at the beginning, which
    would be part of the key. The object is a ZIP, or another archive that the next action can unpack.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  configuration:
                    S3Bucket: sources
      >             S3ObjectKey: releases/*.zip
                    PollForSourceChanges: "false"
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  configuration:
                    S3Bucket: sources
                    S3ObjectKey: releases/app.zip
                    PollForSourceChanges: "false"
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    """
    for action in pipeline.actions():
        node = action.get("S3ObjectKey")
        if node is not None and action.is_a("S3", "Source") and visible(node).strip():
            yield from _object_key(action, node)


def _object_key(action: Action, node: Node) -> Iterator[Finding]:
    text, document = visible(node), action.pipeline.document
    scalar = node if isinstance(node, Scalar) else None
    if text.startswith(("s3://", "https://", "http://", "arn:")):
        bucket, _, key = text.partition("://")[2].partition("/")
        yield Finding(
            node.span,
            "`S3ObjectKey` takes the key of the object alone, not an address.",
            help=f"Write `{key}`." if key and GAP not in key and text.startswith("s3") else "",
            fix=replacement(document, scalar, 0, len(text) - len(key), "", "write the key alone")
            if scalar is not None and key and text.startswith("s3://") and bucket
            else None,
        )
    elif text.endswith("/"):
        yield Finding(
            node.span,
            "`S3ObjectKey` names a folder, but the source is one object: an archive with everything in it.",
            help="Write the key of the archive, for example `app.zip`.",
        )
    elif "*" in text:
        at = text.index("*")
        yield Finding(
            part(document, scalar, at, at + 1) if scalar is not None else node.span,
            "`S3ObjectKey` is the exact key of one object: `*` stands for itself, and no such object is found.",
            help="Write one key, and upload each version under it.",
        )
    elif text.startswith("/"):
        yield Finding(
            part(document, scalar, 0, 1) if scalar is not None else node.span,
            "The `/` at the beginning is part of the key, and hardly any key begins with one.",
            help="Leave it away.",
            fix=replacement(document, scalar, 0, len(text) - len(text.lstrip("/")), "", "leave the `/` away")
            if scalar is not None
            else None,
            severity=Severity.WARNING,
        )
    elif scalar is not None and not is_open(text) and not text.lower().endswith(_ARCHIVES):
        dot = text.rpartition("/")[2].rpartition(".")[2]
        if "." in text.rpartition("/")[2] and 1 < len(dot) < 6:
            yield Finding(
                node.span,
                "This object is no archive: builds and deployments that unpack their source fail.",
                help="Put the file into a ZIP, unless the next action takes it as it is.",
                severity=Severity.INFO,
            )


@rule("CD633", "source-bucket-unversioned", Severity.ERROR)
def source_bucket_unversioned(pipeline: Pipeline) -> Iterator[Finding]:
    """The bucket of an S3 source keeps no versions.

    CodePipeline reads a certain version of the object, so the bucket of a source has to have versioning before the
    pipeline is made.

    Bad (kind: template):
        Resources:
      >   Sources:
            Type: AWS::S3::Bucket
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: !GetAtt Role.Arn
              ArtifactStore: {Type: S3, Location: artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Fetch
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
                      Configuration: {S3Bucket: !Ref Sources, S3ObjectKey: app.zip, PollForSourceChanges: false}
                      OutputArtifacts: [{Name: Source}]
                - Name: Approve
                  Actions:
                    - Name: Ask
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
    Good (kind: template):
        Resources:
          Sources:
            Type: AWS::S3::Bucket
            Properties:
              VersioningConfiguration: {Status: Enabled}
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: !GetAtt Role.Arn
              ArtifactStore: {Type: S3, Location: artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Fetch
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
                      Configuration: {S3Bucket: !Ref Sources, S3ObjectKey: app.zip, PollForSourceChanges: false}
                      OutputArtifacts: [{Name: Source}]
                - Name: Approve
                  Actions:
                    - Name: Ask
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
    """
    for action in pipeline.actions():
        name = ref_of(action.get("S3Bucket")) if action.is_a("S3", "Source") else None
        template = pipeline.template
        resource = template.resources.get(name) if template is not None and name else None
        if resource is None or resource.type != "AWS::S3::Bucket":
            continue
        properties = resource.properties
        if properties is not None and (
            not isinstance(properties, Mapping) or function_of(properties) is not None
        ):
            continue
        versioning = properties.get("VersioningConfiguration") if isinstance(properties, Mapping) else None
        status = versioning.get("Status") if isinstance(versioning, Mapping) else None
        if versioning is None and not _has_functions(properties):
            yield Finding(
                resource.key.span,
                f"{capital(action.label)} reads its source from this bucket, which keeps no versions: the action "
                "needs a version of the object.",
                help="Add `VersioningConfiguration: {Status: Enabled}` to its `Properties`.",
            )
        elif status is not None and status.tag is None and known(status) == "Suspended":
            yield Finding(
                status.span,
                f"{capital(action.label)} reads its source from this bucket, and needs a version of the object.",
                help="Write `Enabled`.",
            )


def _has_functions(node: Node | None) -> bool:
    """Is there a transform among the properties, that may bring in others?"""
    return isinstance(node, Mapping) and any(name.startswith("Fn::") for name, _, _ in node.items())
