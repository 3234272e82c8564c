"""CD635–CD639: credentials in the configuration of actions."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.template import Template
from ..model.values import entries, known, members
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from . import rule
from .configuration import is_open, json_of
from .paths import inner, part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_STORE = "Revoke it: who can read the file has it. Then keep the new one in Secrets Manager"


def _texts(action: Action) -> Iterator[Scalar]:
    """Every text of an action that is known, those in JSON each by itself."""
    kind, document = action.type, action.pipeline.document
    for name, (_, node) in action.configuration.items():
        spec = kind.keys.get(name, {}) if kind is not None else {}
        inside = json_of(document, node).root if "json" in spec or _is_list(node) else None
        if inside is not None:
            yield from _scalars(inside)
        elif isinstance(node, Scalar):
            yield node
        elif isinstance(node, (Mapping, Sequence)):
            yield from _scalars(node)
    for command in action.commands:
        if isinstance(command, Scalar):
            yield command
    for variable in action.environment_variables:
        yield from _scalars(variable)


def _is_list(node: Node) -> bool:
    return isinstance(node, (Scalar, Unknown)) and getattr(node, "value", "")[:1] in ("[", "{")


def _scalars(root: Node) -> Iterator[Scalar]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            stack += [value for _, value in entries(node)]
        elif isinstance(node, Sequence):
            stack += node.items


def _place(action: Action, node: Scalar, start: int, end: int) -> Span:
    """The place of a part of a text; in JSON, whose texts are cut out of another, the quotes are looked for."""
    document = action.pipeline.document
    if inner(document, node) is not None:
        return part(document, node, start, end)
    secret = node.value[start:end]
    at = document.text.find(secret, node.start, node.end)
    return Span(at, at + len(secret)) if at >= 0 else node.span


@rule("CD635", "credential-in-configuration", Severity.ERROR)
def credential_in_configuration(pipeline: Pipeline) -> Iterator[Finding]:
    """A token or key stands in the configuration of an action.

    Access keys of AWS, tokens of GitHub, npm, Slack and others are known by their shape. Here everybody can read them
    who can read the file, or may call `GetPipeline`.

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
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
                    EnvironmentVariables: >-
                      [{"name": "STAGE", "value": "test"},
      >                {"name": "GITHUB_TOKEN", "value": "ghp_Tz4mQ8vKc1WbX7nRp2LdY6sHf9JgUa3EoMiN"}]
                  inputArtifacts: [{name: Source}]
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
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
                    EnvironmentVariables: >-
                      [{"name": "STAGE", "value": "test"},
                       {"name": "GITHUB_TOKEN", "value": "ci/github:token", "type": "SECRETS_MANAGER"}]
                  inputArtifacts: [{name: Source}]
    """
    from .tokens import tokens

    for action in pipeline.actions():
        for node in _texts(action):
            for token in tokens(node.value):
                shown = f" (`{token.prefix}…`)" if token.prefix else ""
                sure = token.severity == "error"
                yield Finding(
                    _place(action, node, token.start, token.end),
                    f"This {'is' if sure else 'looks like'} {token.kind}{shown}, in plain text for everybody who can "
                    "read the file or the pipeline.",
                    help=f"{_STORE}, and refer to it there.",
                    severity=None if sure else Severity.WARNING,
                )


def _is_told(text: str) -> bool:
    """Does CD635 speak of it?"""
    from .tokens import tokens

    return bool(tokens(text))


@rule("CD636", "plaintext-action-secret", Severity.WARNING)
def plaintext_action_secret(pipeline: Pipeline) -> Iterator[Finding]:
    """A secret of an action stands in the file in plain text.

    `OAuthToken` of the old GitHub action and `ClientSecret` and `RefreshToken` of `AlexaSkillsKit` are secrets:
    CodePipeline itself never shows them again. In a template write a dynamic reference to Secrets Manager, or a
    parameter with `NoEcho`.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: ThirdParty, provider: GitHub, version: "1"}
                  configuration:
                    Owner: shop
                    Repo: app
                    Branch: main
                    PollForSourceChanges: "false"
      >             OAuthToken: 9f3c1d7ab2e84056c1d7ab2e840569f3c1d7ab2e
                  outputArtifacts: [{name: Source}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
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
                    - Name: Checkout
                      ActionTypeId: {Category: Source, Owner: ThirdParty, Provider: GitHub, Version: "1"}
                      Configuration:
                        Owner: shop
                        Repo: app
                        Branch: main
                        PollForSourceChanges: false
                        OAuthToken: "{{resolve:secretsmanager:ci/github:SecretString:token}}"
                      OutputArtifacts: [{Name: Source}]
                - Name: Approve
                  Actions:
                    - Name: Ask
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
    """
    from .tokens import is_plausible

    for action in pipeline.actions():
        kind = action.type
        for name in kind.secrets if kind is not None else ():
            node = action.get(name)
            if not isinstance(node, Scalar) or known(node) is None or is_open(node.value):
                continue
            text = node.value.strip()
            if is_plausible(text) and not _is_told(text):
                sure = len(text) == 40 and not text.strip("0123456789abcdef")
                yield Finding(
                    _place(action, node, 0, len(node.value)),
                    f"`{name}` is a secret, and stands here in plain text for everybody who can read the file.",
                    help=f"{_STORE}, and write a reference to it: "
                    "`{{resolve:secretsmanager:NAME:SecretString:KEY}}` in a template.",
                    severity=Severity.ERROR if sure else None,
                )


@rule("CD637", "masked-secret", Severity.WARNING)
def masked_secret(pipeline: Pipeline) -> Iterator[Finding]:
    """A secret is given as `****`, as CodePipeline shows it.

    `get-pipeline` writes `****` in the place of secrets. When the pipeline is updated with that, CodePipeline keeps the
    secret it has; for a new pipeline, and for an action or stage that was renamed, it answers `'****' may be used in
    secret properties only when updating an existing action`.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: ThirdParty, provider: GitHub, version: "1"}
                  configuration:
                    Owner: shop
                    Repo: app
                    Branch: main
                    PollForSourceChanges: "false"
      >             OAuthToken: "****"
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
    for action in pipeline.actions():
        kind = action.type
        for name in kind.secrets if kind is not None else ():
            text = action.text(name)
            node = action.get(name)
            if text and node is not None and not text.strip("*"):
                yield Finding(
                    node.span,
                    "`****` is how CodePipeline shows a secret. For a new pipeline, or a renamed action, it is "
                    "refused: `'****' may be used in secret properties only when updating an existing action`.",
                    help="Put the secret in when the pipeline is made, or use a connection, which needs none.",
                    severity=None if pipeline.form == "api" else Severity.ERROR,
                )


@rule("CD638", "plaintext-secret-variable", Severity.WARNING)
def plaintext_secret_variable(pipeline: Pipeline) -> Iterator[Finding]:
    """A variable named like a secret has its value in plain text.

    The variables that an action gives to a build are part of the pipeline: everybody who may call `GetPipeline` or
    look at the build sees them. With the type `SECRETS_MANAGER` or `PARAMETER_STORE` the value is the name of the
    secret, which CodeBuild reads when it starts.

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
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
      >             EnvironmentVariables: '[{"name": "DB_PASSWORD", "value": "kV7!mq20zeR"}]'
                  inputArtifacts: [{name: Source}]
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
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
                    EnvironmentVariables: '[{"name": "DB_PASSWORD", "value": "db:key", "type": "SECRETS_MANAGER"}]'
                  inputArtifacts: [{name: Source}]
    """
    from .tokens import is_plausible, is_published, names_secret

    for action in pipeline.actions():
        for item in _variables(action):
            kind = known(item.get("type")) if "type" in item else "PLAINTEXT"
            name, value = known(item.get("name")), item.get("value")
            if name is None or not isinstance(value, Scalar) or kind != "PLAINTEXT":
                continue
            text = value.value
            if not names_secret(name) or is_published(name) or not is_plausible(text) or is_open(text):
                continue
            if text.upper() != name.upper() and not _is_told(text):
                yield Finding(
                    _place(action, value, 0, len(text)),
                    f"By its name `{name}` is a secret, and its value stands here in plain text.",
                    help=f"{_STORE}, and write its name here with the type `SECRETS_MANAGER`.",
                )


def _variables(action: Action) -> list[Mapping]:
    """The variables that an action gives to its commands, in whichever of the two places."""
    node = action.get("EnvironmentVariables")
    root = json_of(action.pipeline.document, node).root if node is not None else None
    found = [*members(root), *action.environment_variables]
    return [item for item in found if isinstance(item, Mapping)]


@rule("CD639", "secret-parameter-shown", Severity.WARNING)
def secret_parameter_shown(template: Template) -> Iterator[Finding]:
    """A parameter of the template that holds a token is shown by CloudFormation.

    Without `NoEcho: true` everybody who may look at the stack reads the value of the parameter, in the console and
    through the API. A dynamic reference to Secrets Manager is better still.

    Bad (kind: template):
        Parameters:
      >   GitHubToken:
            Type: String
        Resources:
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: !GetAtt Role.Arn
              ArtifactStore: {Type: S3, Location: !Ref Artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Checkout
                      ActionTypeId: {Category: Source, Owner: ThirdParty, Provider: GitHub, Version: "1"}
                      Configuration:
                        Owner: shop
                        Repo: app
                        Branch: main
                        PollForSourceChanges: false
                        OAuthToken: !Ref GitHubToken
                      OutputArtifacts: [{Name: Source}]
                - Name: Approve
                  Actions:
                    - Name: Ask
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
    Good (kind: template):
        Parameters:
          GitHubToken:
            Type: String
            NoEcho: true
        Resources:
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: !GetAtt Role.Arn
              ArtifactStore: {Type: S3, Location: !Ref Artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Checkout
                      ActionTypeId: {Category: Source, Owner: ThirdParty, Provider: GitHub, Version: "1"}
                      Configuration:
                        Owner: shop
                        Repo: app
                        Branch: main
                        PollForSourceChanges: false
                        OAuthToken: !Ref GitHubToken
                      OutputArtifacts: [{Name: Source}]
                - Name: Approve
                  Actions:
                    - Name: Ask
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
    """
    from ..model.forms.cloudformation import pipelines

    if not any(word in template.document.text for word in ("OAuthToken", "ClientSecret", "RefreshToken")):
        return
    names: dict[str, str] = {}
    for variants in pipelines(template.document, template):
        for action in [action for variant in variants for action in variant.actions()]:
            kind = action.type
            for name in kind.secrets if kind is not None else ():
                node = action.get(name)
                said = node.identity if isinstance(node, Unknown) else ""
                if said.startswith("Ref:"):
                    names[said[4:]] = name
    for name, key in names.items():
        parameter, node = template.parameters.get(name), template.parameters.key(name)
        if not isinstance(parameter, Mapping) or node is None:
            continue
        kind_of = known(parameter.get("Type")) or ""
        hidden = parameter.get("NoEcho")
        if kind_of == "String" and (hidden is None or (isinstance(hidden, Scalar) and hidden.truth is False)):
            yield Finding(
                node.span,
                f"Everybody who may look at the stack can read this parameter, which is the `{key}` of an "
                "action.",
                help="Add `NoEcho: true`, or use a reference to Secrets Manager instead of a parameter.",
            )
