"""CD817–CD818: what an AppSpec says, held against the action that reads it."""

from __future__ import annotations

import posixpath

from ..findings import Edit, Finding, Fix, Severity
from ..model.deploy_files import resources
from ..model.values import known, members
from ..source import Span
from ..syntax.tree import Mapping, Scalar
from . import rule
from .deploy_findings import is_placeholder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.repository import Member, Repository

    Told = Iterator[tuple[Member, Finding, Member]]

_MARK = "<TASK_DEFINITION>"


@rule("CD817", "task-definition-fixed", Severity.ERROR)
def task_definition_fixed(repository: Repository) -> Told:
    """The AppSpec of a blue/green ECS action names a task definition of its own.

    The action `CodeDeployToECS` registers the task definition of its input artifact and puts the ARN of the new
    revision in place of `<TASK_DEFINITION>`. With an ARN there, the old task definition is deployed again.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Deploy
              actions:
                - name: Service
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeployToECS, version: "1"}
                  inputArtifacts: [{name: Code}]
                  configuration:
                    ApplicationName: a
                    DeploymentGroupName: g
                    TaskDefinitionTemplateArtifact: Code
                    AppSpecTemplateArtifact: Code
        === appspec.yaml
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
      >         TaskDefinition: arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7
                LoadBalancerInfo:
                  ContainerName: app
                  ContainerPort: 80
        === taskdef.yaml
        family: web
        containerDefinitions: [{name: app, image: "nginx:1", portMappings: [{containerPort: 80}]}]
    Good:
        === appspec.yaml
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: app
                  ContainerPort: 80
    """
    for member, action in repository.actions("CodeDeployToECS"):
        node = action.get("AppSpecTemplatePath")
        path = known(node) if node is not None else "appspec.yaml"
        found = repository.find(member, path, "appspec") if path else None
        for _, resource in resources(found.document.root) if found is not None else ():
            properties = resource.get("Properties") if isinstance(resource, Mapping) else None
            value = properties.get("TaskDefinition") if isinstance(properties, Mapping) else None
            if found is None or not isinstance(value, Scalar) or value.is_null or is_placeholder(value.value):
                continue
            inner = Span(value.start + 1, value.end - 1) if value.style in ("'", '"') else value.span
            exact = found.document.text[inner.start : inner.end] == value.value
            yield (
                found,
                Finding(
                    value.span,
                    f"The action {action.label} of `{member.path}` puts its new task definition where the AppSpec has "
                    f"`{_MARK}`; with this one the old revision is deployed again.",
                    help=f"Write `{_MARK}`.",
                    fix=Fix(f"Write `{_MARK}`", [Edit(inner.start, inner.end, _MARK)], safe=False)
                    if exact
                    else None,
                ),
                member,
            )


@rule("CD818", "appspec-source-missing", Severity.ERROR)
def appspec_source_missing(repository: Repository) -> Told:
    """The AppSpec copies a file or folder that the deployed source does not have.

    Told where the deployment takes the source as it is. The agent ends with `No such file or directory`.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Deploy
              actions:
                - name: Fleet
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: "1"}
                  inputArtifacts: [{name: Code}]
                  configuration: {ApplicationName: web, DeploymentGroupName: web}
        === appspec.yml
        version: 0.0
        os: linux
        files:
      >   - source: /dist
            destination: /srv/web
        file_exists_behavior: OVERWRITE
        === src/index.html
        <p>Shop</p>
    Good:
        === appspec.yml
        version: 0.0
        os: linux
        files:
          - source: /src
            destination: /srv/web
        file_exists_behavior: OVERWRITE
    """
    for member, action in repository.actions("CodeDeploy"):
        producers = action.pipeline.producers(action.inputs[0]) if len(action.inputs) == 1 else []
        if len(producers) != 1 or producers[0].category != "Source":
            continue
        found = repository.find(member, "appspec.yml", "appspec")
        root = found.document.root if found is not None else None
        if found is None or not isinstance(root, Mapping):
            continue
        is_windows = (known(root.get("os")) or "").lower() == "windows"
        for item in members(root.get("files")):
            source = item.get("source") if isinstance(item, Mapping) else None
            if not isinstance(source, Scalar) or not source.value or is_placeholder(source.value):
                continue
            path = source.value.replace("\\", "/") if is_windows else source.value
            path = posixpath.normpath(path.lstrip("/") or ".")
            if path == "." or path.startswith("..") or any(char in path for char in "*?${"):
                continue
            if not _is_there(repository, found, path):
                yield (
                    found,
                    Finding(
                        source.span,
                        f"The source that {action.label} of `{member.path}` deploys has no `{path}`: the deployment "
                        "ends with `No such file or directory`.",
                        help="Name what is in the repository, or deploy the artifact of the build that makes it.",
                        # The source may be another repository than the one with the pipeline.
                        severity=Severity.ERROR if posixpath.dirname(found.path) == "" else Severity.WARNING,
                    ),
                    member,
                )


def _is_there(repository: Repository, member: Member, path: str) -> bool:
    where = posixpath.join(member.folder, path) if member.folder else path
    return repository.files.has(where) or repository.files.has_folder(where)
