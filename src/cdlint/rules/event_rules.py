"""CD575, CD576: event rules that start a pipeline when something is put into a bucket."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.template import Template
from ..model.values import known, members
from ..source import Span
from ..syntax.tree import Mapping, Sequence, Unknown
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: How an upload ends, by its size and the tool that makes it.
_UPLOADS = ("PutObject", "CompleteMultipartUpload")


def _patterns(template: Template) -> Iterator[tuple[Mapping, Span]]:
    """`(pattern, its key)` of each rule of EventBridge that starts a pipeline."""
    for resource in template.of_type("AWS::Events::Rule"):
        for choice in template.choices(resource.properties):
            node = template.resolve(resource.properties, choice)
            pattern = node.get("EventPattern") if isinstance(node, Mapping) else None
            if not isinstance(node, Mapping) or not isinstance(pattern, Mapping):
                continue
            if any(_is_pipeline(template, target) for target in members(node.get("Targets"))):
                key = node.key("EventPattern")
                yield pattern, key.span if key is not None else resource.key.span


def _is_pipeline(template: Template, target: object) -> bool:
    arn = target.get("Arn") if isinstance(target, Mapping) else None
    if arn is None:
        return False
    text = template.document.text[arn.start : arn.end]
    if isinstance(arn, Unknown) and arn.written is not None:
        text = template.document.text[arn.written.start : arn.written.end]
    return ":codepipeline:" in text or ("arn:" in text and "codepipeline" in text)


def _names(pattern: Mapping, key: str) -> list[str]:
    return [name for item in members(pattern.get(key)) if (name := known(item)) is not None]


def _detail(pattern: Mapping, *path: str) -> object:
    """What a pattern asks of an event's detail; False if that cannot be known."""
    node: object = pattern.get("detail")
    for name in path:
        if node is None:
            return None
        if not isinstance(node, Mapping) or "$or" in node:
            return False
        node = node.get(name)
    return node


@rule("CD575", "event-rule-without-key", Severity.WARNING)
def event_rule_without_key(template: Template) -> Iterator[Finding]:
    """A rule starts the pipeline on every upload into the bucket, not only on that of its source.

    Without a filter for the object's key each file that is put into the bucket starts an execution, which then takes
    the old source once more. AWS's own examples leave it out. Source: AWS, S3 source actions and EventBridge.

    Bad (kind: template):
        Resources:
          Start:
            Type: AWS::Events::Rule
            Properties:
              EventPattern:
                source: [aws.s3]
                detail-type: [Object Created]
      >         detail:
                  bucket: {name: [shop-source]}
              Targets:
                - Id: pipeline
                  Arn: !Sub arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:shop
                  RoleArn: arn:aws:iam::111122223333:role/events
    Good (kind: template):
        Resources:
          Start:
            Type: AWS::Events::Rule
            Properties:
              EventPattern:
                source: [aws.s3]
                detail-type: [Object Created]
                detail:
                  bucket: {name: [shop-source]}
                  object: {key: [site.zip]}
              Targets:
                - Id: pipeline
                  Arn: !Sub arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:shop
                  RoleArn: arn:aws:iam::111122223333:role/events
    """
    for pattern, span in _patterns(template):
        if "aws.s3" not in _names(pattern, "source"):
            continue
        kinds = _names(pattern, "detail-type")
        if "AWS API Call via CloudTrail" in kinds:
            asked, where = _detail(pattern, "requestParameters", "key"), "detail.requestParameters.key"
            # An ARN among the resources may name the object.
            if asked is None and _detail(pattern, "resources") is not None:
                continue
        elif "Object Created" in kinds or not kinds:
            asked, where = _detail(pattern, "object", "key"), "detail.object.key"
        else:
            continue
        if asked is None:
            key = pattern.key("detail")
            yield Finding(
                key.span if key is not None else span,
                "Every upload into the bucket starts the pipeline, whatever the file is called.",
                help=f"Ask for the key of the source in `{where}`.",
            )


@rule("CD576", "multipart-upload-missed", Severity.WARNING)
def multipart_upload_missed(template: Template) -> Iterator[Finding]:
    """A rule for calls that CloudTrail logs does not hear of uploads in parts.

    The AWS CLI and the SDKs put files of more than 8 MB in parts, which ends in `CompleteMultipartUpload` and not in
    `PutObject`. A rule without it never starts the pipeline for a big source. Source: AWS, S3 source actions.

    Bad (kind: template):
        Resources:
          Start:
            Type: AWS::Events::Rule
            Properties:
              EventPattern:
                source: [aws.s3]
                detail-type: [AWS API Call via CloudTrail]
                detail:
                  eventSource: [s3.amazonaws.com]
      >           eventName: [PutObject, CopyObject]
                  requestParameters: {bucketName: [shop-source], key: [site.zip]}
              Targets:
                - Id: pipeline
                  Arn: !Sub arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:shop
                  RoleArn: arn:aws:iam::111122223333:role/events
    Good (kind: template):
        Resources:
          Start:
            Type: AWS::Events::Rule
            Properties:
              EventPattern:
                source: [aws.s3]
                detail-type: [AWS API Call via CloudTrail]
                detail:
                  eventSource: [s3.amazonaws.com]
                  eventName: [PutObject, CopyObject, CompleteMultipartUpload]
                  requestParameters: {bucketName: [shop-source], key: [site.zip]}
              Targets:
                - Id: pipeline
                  Arn: !Sub arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:shop
                  RoleArn: arn:aws:iam::111122223333:role/events
    """
    for pattern, _ in _patterns(template):
        names = _detail(pattern, "eventName")
        detail = pattern.get("detail")
        if not isinstance(names, Sequence) or not isinstance(detail, Mapping):
            continue
        given = [known(item) for item in names.items]
        key = detail.key("eventName")
        if _UPLOADS[0] in given and _UPLOADS[1] not in given and None not in given and key is not None:
            yield Finding(
                key.span,
                "Files of more than 8 MB are put in parts, and that ends in `CompleteMultipartUpload`: this rule "
                "does not hear of them.",
                help="Add `CompleteMultipartUpload`.",
            )
