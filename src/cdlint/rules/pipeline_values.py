"""CD503–CD505, CD508, CD509: names, lengths, words, roles and numbers of a pipeline."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.pipeline import Pipeline
from ..model.values import known
from ..syntax.tree import GAP, Mapping, Scalar, Unknown
from . import rule
from .pipeline_shape import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema import Violation

#: So many characters a value of an action's configuration may have.
_MOST = 1000
#: What the resource part of an ARN of IAM begins with when it is no role.
_NO_ROLES = ("user", "group", "policy", "instance-profile", "assumed-role", "server-certificate")


@rule("CD503", "invalid-pipeline-name", Severity.ERROR)
def invalid_pipeline_name(pipeline: Pipeline) -> Iterator[Finding]:
    """A name has a character that CodePipeline does not allow there.

    Pipelines, stages and actions: letters, digits and `. @ - _`. Artifacts: letters, digits, `-` and `_`,
    so no dot and no `@`. Namespaces and variables: letters, digits and `@ - _`. Blanks are never allowed.
    The service answers `failed to satisfy constraint: Member must satisfy regular expression pattern`.
    The AWS CLI and the SDKs do not look at this before they send the file.

    Bad:
        name: web
        stages:
      >   - name: Build & Test
            actions: []
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
          - name: Build-and-Test
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    for violation in pipeline.violations:
        if violation.rule == "invalid-pipeline-name":
            finding = violation.finding()
            finding.fix = _renamed(violation)
            yield finding


def _renamed(violation: Violation) -> Fix | None:
    """A stage or an action under a name with `-` for what is not allowed. Other names stand in several places."""
    node, path = violation.node, violation.path
    if not isinstance(node, Scalar) or path[-1:] != ("name",) or len(path) < 3:
        return None
    if path[-3] not in ("stages", "actions") or node.style not in ("", "'", '"') or not node.value.isascii():
        return None
    parts = "".join(char if char.isalnum() or char in ".@_-" else " " for char in node.value).split()
    if not parts:
        return None
    inner = 1 if node.style else 0
    edit = Edit(node.start + inner, node.end - inner, "-".join(parts))
    return Fix(f"Rename it to `{'-'.join(parts)}`", [edit], safe=False)


@rule("CD504", "pipeline-text-length", Severity.ERROR)
def pipeline_text_length(pipeline: Pipeline) -> Iterator[Finding]:
    """A text is longer than CodePipeline takes, or empty.

    A value of a configuration has 1 to 1000 characters, a key at most 50, a name at most 100, a command
    1000. The number counts what is written: `#{…}` is replaced later. `EnvironmentVariables` meets the
    limit first; move variables into the CodeBuild project or the buildspec. The service answers
    `Member must have length less than or equal to 1000`. Source: AWS, Quotas in CodePipeline.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration:
                  ProjectName: web
      >           BuildspecOverride: ""
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
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    for violation in pipeline.violations:
        if violation.rule == "pipeline-text-length" and not _is_unknown_key(pipeline, violation):
            yield violation.finding()
    for action in pipeline.actions():
        for variable in action.environment_variables:
            text = variable.get("value") if isinstance(variable, Mapping) else None
            if text is not None and _MOST < len(known(text) or "") <= 2 * _MOST:
                yield Finding(
                    text.span,
                    f"The value has {len(known(text) or '')} characters. The user guide allows {_MOST}, the API "
                    f"{2 * _MOST}.",
                    help="Keep below the smaller number.",
                    severity=Severity.WARNING,
                )
        for name, (key, value) in action.configuration.items():
            count = len(value.text.replace(GAP, "")) if isinstance(value, Unknown) else 0
            if count > _MOST:
                yield Finding(
                    key.span,
                    f"`{name}` has {count} characters even before its parts are filled in, but CodePipeline takes "
                    f"at most {_MOST} in a value of the configuration.",
                    help="Move the content into a file of an artifact, or into the project or stack.",
                )


def _is_unknown_key(pipeline: Pipeline, violation: Violation) -> bool:
    """Is it about a key of a configuration that is wrong by itself, since the keys of the action are known?"""
    if violation.path[-2:-1] != ("configuration",) or violation.keyword != "maxLength":
        return False
    return any(
        action.configuration_node is violation.parent
        and action.type is not None
        and action.type.published
        and violation.path[-1] not in action.type.keys
        for action in pipeline.actions()
    )


@rule("CD505", "unknown-pipeline-value", Severity.ERROR)
def unknown_pipeline_value(pipeline: Pipeline) -> Iterator[Finding]:
    """A word is none of those that CodePipeline knows there.

    Upper and lower case count: the category is `Build`, not `build`, the owner `AWS`, the mode `QUEUED`.
    The AWS CLI and the SDKs send any word; the service answers `Member must satisfy enum value set`.
    Source: AWS, CodePipeline API reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
      >         actionTypeId: {category: build, owner: AWS, provider: CodeBuild, version: "1"}
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
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    yield from told(pipeline, "unknown-pipeline-value")


@rule("CD508", "invalid-role-arn", Severity.ERROR)
def invalid_role_arn(pipeline: Pipeline) -> Iterator[Finding]:
    """`roleArn` is not the ARN of an IAM role.

    It has the form `arn:aws:iam::ACCOUNT:role/NAME`, with the twelve digits of the account. The name of a
    role alone, a user or a policy is refused. In CloudFormation `Ref` of a role gives its name; the ARN is
    `GetAtt` of `Arn`. Source: AWS, API reference of PipelineDeclaration.

    Bad:
        name: web
      > roleArn: arn:aws:iam::123456789012:user/pipeline
        stages: []
    Bad (kind: template):
        Resources:
          Role:
            Type: AWS::IAM::Role
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
      >       RoleArn: !Ref Role
              Stages: []
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
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    for violation in pipeline.violations:
        if violation.rule == "invalid-role-arn":
            finding = violation.finding()
            finding.message = _no_role(known(violation.node) or "") or finding.message
            yield finding
    for node in (pipeline.node.get("roleArn"), *(one.node.get("roleArn") for one in pipeline.actions())):
        if isinstance(node, Unknown):
            yield from _unknown_role(pipeline, node)


def _unknown_role(pipeline: Pipeline, node: Unknown) -> Iterator[Finding]:
    """A role of which only a part is known, or that the template refers to by name."""
    message = _no_role(node.text)
    if message:
        yield Finding(node.span, message, help="Write the ARN of the role that CodePipeline is to use.")
    elif node.ref is not None and node.identity == f"Ref:{node.ref}":
        root = pipeline.document.root
        resources = root.get("Resources") if isinstance(root, Mapping) else None
        resource = resources.get(node.ref) if isinstance(resources, Mapping) else None
        kind = known(resource.get("Type")) if isinstance(resource, Mapping) else None
        if kind == "AWS::IAM::Role":
            yield Finding(
                node.span,
                f"`Ref` of the role `{node.ref}` gives its name, but CodePipeline needs its ARN: the stack fails.",
                help=f"Write `!GetAtt {node.ref}.Arn`.",
            )


def _no_role(text: str) -> str:
    """What an ARN names that is no role."""
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return ""
    kind = parts[5].partition("/")[0]
    if parts[2] == "iam" and kind in _NO_ROLES:
        return f"This is the ARN of `{kind}/…`, not of a role: CodePipeline refuses the pipeline."
    if parts[2] in ("s3", "sts", "kms", "codebuild", "codepipeline", "lambda"):
        return f"This is an ARN of `{parts[2]}`, not of an IAM role: CodePipeline refuses the pipeline."
    return ""


@rule("CD509", "pipeline-limit", Severity.ERROR)
def pipeline_limit(pipeline: Pipeline) -> Iterator[Finding]:
    """A number or the length of a list is outside of what CodePipeline takes.

    `runOrder` is 1 to 999, the timeout of an approval 5 to 86400 minutes; a pipeline has at most 50
    variables and 50 triggers, a trigger at most 3 filters of each kind, a filter 8 patterns.
    Source: AWS, Quotas in CodePipeline and API reference.

    Bad:
        name: web
        stages:
          - name: Build
            actions:
              - name: Build
      >         runOrder: 0
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
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
          - name: Build
            actions:
              - name: Build
                runOrder: 1
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                configuration: {ProjectName: web}
                inputArtifacts: [{name: Code}]
    """
    yield from told(pipeline, "pipeline-limit")
    for action in pipeline.actions():
        node = action.run_order_node
        if isinstance(node, Scalar) and node.style and action.run_order is not None:
            # CloudFormation and Terraform take the text of a number.
            if not 1 <= action.run_order <= 999:
                yield Finding(
                    node.span,
                    f"`{pipeline.spell('runOrder')}` is {action.run_order}, but it has to lie between 1 and 999.",
                    help="Write a number from 1 to 999.",
                )
