"""CD643–CD645: further values of actions: variables of commands, links, texts that are put together."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Pipeline
from ..model.values import known
from ..syntax.tree import GAP, Mapping, Unknown
from . import rule
from .configuration import is_capitals, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The longest value of a configuration key. Source: AWS, quotas.
_LONGEST = 1000


@rule("CD643", "action-variable-not-taken", Severity.ERROR)
def action_variable_not_taken(pipeline: Pipeline) -> Iterator[Finding]:
    """An environment variable of an action is of a type, or of a length, that the action does not take.

    Secrets (`SECRETS_MANAGER`) are for the action `Commands` only; `EKS` takes plain texts. Values have at most 1000
    characters by the user guide, although the API lets 2000 pass.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          pipelineType: V2
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: EKS, version: "1"}
                  configuration: {ClusterName: shop, ManifestFiles: k8s/web.yaml}
                  environmentVariables:
      >             - {name: API_KEY, value: prod/api, type: SECRETS_MANAGER}
                  inputArtifacts: [{name: Source}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          pipelineType: V2
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: EKS, version: "1"}
                  configuration: {ClusterName: shop, ManifestFiles: k8s/web.yaml}
                  environmentVariables:
                    - {name: STAGE, value: prod}
                  inputArtifacts: [{name: Source}]
    """
    for action in pipeline.actions():
        for variable in action.environment_variables:
            if action.provider not in ("Commands", "EKS") or not isinstance(variable, Mapping):
                continue
            kind, value = variable.get("type"), variable.get("value")
            if action.provider == "EKS" and kind is not None and known(kind) == "SECRETS_MANAGER":
                yield Finding(
                    kind.span,
                    "The action `EKS` takes no secrets in its variables, only plain texts.",
                    help="Let the cluster read the secret itself, or the manifests name a secret of Kubernetes.",
                )
            text = known(value)
            if value is not None and text is not None and _LONGEST < len(text) <= 2 * _LONGEST:
                yield Finding(
                    value.span,
                    f"The value is {len(text)} characters long; the user guide allows {_LONGEST}.",
                    help="Put the text into a file of the artifact.",
                    severity=Severity.WARNING,
                )


@rule("CD644", "link-malformed", Severity.WARNING)
def link_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """The link of an approval is no address.

    The console shows `ExternalEntityLink` to whoever approves, as a link to what is to be looked at. It needs an
    address with `https://`.

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
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
                  configuration:
      >             ExternalEntityLink: test.example.net/shop
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
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
                  configuration:
                    ExternalEntityLink: https://test.example.net/shop
    """
    for action in pipeline.actions():
        node = settled(action, "ExternalEntityLink") if action.is_a("Manual", "Approval") else None
        if node is None or not node.value.strip() or is_capitals(node.value):
            continue
        if not node.value.startswith(("https://", "http://")):
            yield Finding(
                node.span,
                "This is no address, so the console has no link to show to whoever approves.",
                help="Write an address that begins with `https://`.",
            )


@rule("CD645", "joined-text-too-long", Severity.ERROR)
def joined_text_too_long(pipeline: Pipeline) -> Iterator[Finding]:
    """A value of the configuration is too long, even without the parts that are filled in.

    A value has at most 1000 characters: `Map value must satisfy constraint: [Member must have length less than or equal
    to 1000, …]`. What `Fn::Sub` and `Fn::Join` fill in comes on top.

    Bad (kind: template):
        Resources:
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: !GetAtt Role.Arn
              ArtifactStore: {Type: S3, Location: !Ref Artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Image
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: ECR, Version: "1"}
                      Configuration: {RepositoryName: app}
                      OutputArtifacts: [{Name: Image}]
                - Name: Build
                  Actions:
                    - Name: Build
                      ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
                      InputArtifacts: [{Name: Image}]
                      Configuration:
                        ProjectName: app
      >                 EnvironmentVariables: !Sub >-
                          [
                           {"name": "SERVICE_01_ADDRESS", "value": "https://service-01.${Domain}/internal"},
                           {"name": "SERVICE_02_ADDRESS", "value": "https://service-02.${Domain}/internal"},
                           {"name": "SERVICE_03_ADDRESS", "value": "https://service-03.${Domain}/internal"},
                           {"name": "SERVICE_04_ADDRESS", "value": "https://service-04.${Domain}/internal"},
                           {"name": "SERVICE_05_ADDRESS", "value": "https://service-05.${Domain}/internal"},
                           {"name": "SERVICE_06_ADDRESS", "value": "https://service-06.${Domain}/internal"},
                           {"name": "SERVICE_07_ADDRESS", "value": "https://service-07.${Domain}/internal"},
                           {"name": "SERVICE_08_ADDRESS", "value": "https://service-08.${Domain}/internal"},
                           {"name": "SERVICE_09_ADDRESS", "value": "https://service-09.${Domain}/internal"},
                           {"name": "SERVICE_10_ADDRESS", "value": "https://service-10.${Domain}/internal"},
                           {"name": "SERVICE_11_ADDRESS", "value": "https://service-11.${Domain}/internal"},
                           {"name": "SERVICE_12_ADDRESS", "value": "https://service-12.${Domain}/internal"},
                           {"name": "SERVICE_13_ADDRESS", "value": "https://service-13.${Domain}/internal"},
                           {"name": "SERVICE_14_ADDRESS", "value": "https://service-14.${Domain}/internal"}
                          ]
    Good (kind: template):
        Resources:
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: !GetAtt Role.Arn
              ArtifactStore: {Type: S3, Location: !Ref Artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Image
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: ECR, Version: "1"}
                      Configuration: {RepositoryName: app}
                      OutputArtifacts: [{Name: Image}]
                - Name: Build
                  Actions:
                    - Name: Build
                      ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
                      Configuration:
                        ProjectName: app
                        EnvironmentVariables: !Sub '[{"name": "REGION", "value": "${AWS::Region}"}]'
                      InputArtifacts: [{Name: Image}]
    """
    for action in pipeline.actions():
        for name, (_, node) in action.configuration.items():
            if not isinstance(node, Unknown) or node.inner is not None or "{{" in node.text:
                continue
            length = len(node.text) - node.text.count(GAP)
            if length > _LONGEST:
                yield Finding(
                    node.span,
                    f"`{name}` is at least {length} characters long, but CodePipeline takes at most {_LONGEST} in a "
                    "value of the configuration.",
                    help="Move the content into a file of an artifact, or into the project or stack.",
                )
