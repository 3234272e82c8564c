"""CD600–CD602: category, owner, provider and version of actions."""

from __future__ import annotations

from ..aws.actions import action_type, action_types
from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..syntax.tree import Node, Scalar
from ..wording import closest, listed
from . import rule
from .configuration import is_open, renamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.actions import ActionType

_CATEGORIES = ("Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute")
_OWNERS = ("AWS", "ThirdParty", "Custom")
_CONNECTION = "CodeStarSourceConnection"
#: What providers are called elsewhere, by what CodePipeline calls them (in small letters, without separators).
_CALLED = {
    **dict.fromkeys(
        "codestar codestarconnection codestarconnections codestarsource codeconnection codeconnections"
        " codestarsourceconnections connection bitbucket bitbucketcloud gitlab gitlabselfmanaged"
        " githubenterprise githubenterpriseserver githubapp githubv2 githubversion2 github2".split(),
        _CONNECTION,
    ),
    **dict.fromkeys("ec2deploy ec2instance amazonec2".split(), "EC2"),
    **dict.fromkeys("eksdeploy amazoneks kubernetes kubectl helm".split(), "EKS"),
    **dict.fromkeys("lambdadeploy lambdainvoke awslambda lambdafunction".split(), "Lambda"),
    **dict.fromkeys("pipelineinvoke invokepipeline codepipelineinvoke".split(), "CodePipeline"),
    **dict.fromkeys("alexa alexaskillkit ask".split(), "AlexaSkillsKit"),
    **dict.fromkeys(
        "codedeployecs codedeploytoecsbluegreen ecsbluegreen codedeployecsbluegreen ecstocodedeploy".split(),
        "CodeDeployToECS",
    ),
    **dict.fromkeys("amazonecs ecsdeploy fargate elasticcontainerservice".split(), "ECS"),
    **dict.fromkeys("amazons3 s3deploy s3source s3bucket".split(), "S3"),
    **dict.fromkeys("amazonecr elasticcontainerregistry ecrsource".split(), "ECR"),
    **dict.fromkeys("cfn cloudformationdeploy cloudformationstack sam changeset".split(), "CloudFormation"),
    **dict.fromkeys("stackset cloudformationstacksets stacksets".split(), "CloudFormationStackSet"),
    **dict.fromkeys("stackinstances stackinstance".split(), "CloudFormationStackInstances"),
    **dict.fromkeys("beanstalk awselasticbeanstalk elasticbeanstalkdeploy eb".split(), "ElasticBeanstalk"),
    **dict.fromkeys("manualapproval approval approve".split(), "Manual"),
    **dict.fromkeys("awscodebuild codebuildproject".split(), "CodeBuild"),
    **dict.fromkeys("awscodecommit codecommitrepository".split(), "CodeCommit"),
    **dict.fromkeys("awscodedeploy codedeployec2 codedeployserver".split(), "CodeDeploy"),
    **dict.fromkeys("command shell".split(), "Commands"),
    **dict.fromkeys("stepfunction awsstepfunctions statemachine sfn".split(), "StepFunctions"),
    **dict.fromkeys("ecrbuild ecrbuildpublish ecrpublish buildandpublish".split(), "ECRBuildAndPublish"),
    **dict.fromkeys("inspector inspectorscan amazoninspector inspector2".split(), "InspectorScan"),
    **dict.fromkeys("awsappconfig appconfigdeploy".split(), "AppConfig"),
    **dict.fromkeys("awsdevicefarm".split(), "DeviceFarm"),
}
_REFUSES = "CodePipeline refuses the pipeline and says that the action type `is not available in region`"


@rule("CD600", "unknown-action-type", Severity.ERROR)
def unknown_action_type(pipeline: Pipeline) -> Iterator[Finding]:
    """CodePipeline has no action type of this category, owner and provider.

    The three go together: `CodeStarSourceConnection` belongs to AWS, `GitHub` to `ThirdParty`, Jenkins to `Custom`,
    and the provider has the name that CodePipeline gives it, which is not always that of the service. AWS answers
    `ActionType (Category: '…', Provider: '…', Owner: '…', Version: '1') in action '…' is not available in region
    'US_EAST_1'`, which sends many to look for a fault of the region. Action types of owner `Custom` are your own.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId:
                    category: Source
                    owner: AWS
      >             provider: CodeStarConnection
                    version: "1"
                  configuration:
                    ConnectionArn: arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b2c3d
                    FullRepositoryId: shop/app
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
                  actionTypeId:
                    category: Source
                    owner: AWS
                    provider: CodeStarSourceConnection
                    version: "1"
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
        category, owner, provider = action.category, action.owner, action.provider
        # Other words for these two, and other characters in the name, depart from the schema already.
        if category not in _CATEGORIES or owner not in _OWNERS or owner == "Custom":
            continue
        if provider is None or is_open(provider) or not provider.replace("-", "").replace("_", "").isalnum():
            continue
        if action.type is None:
            found = _unknown(action, category, owner, provider)
            if found is not None:
                yield found


def _unknown(action: Action, category: str, owner: str, provider: str) -> Finding | None:
    told = f"There is no action type `{category}` / `{owner}` / `{provider}`"
    at = action.provider_node or action.node
    folded = "".join(char for char in provider.lower() if char.isalnum())
    if folded == "jenkins":
        return _finding(
            action,
            action.owner_node,
            f"{told}: Jenkins is a custom action",
            "Write the owner `Custom`, and the provider and version under which you have set it up.",
        )
    if folded == "github" and owner == "AWS":
        return _github(action, told)
    if folded in ("codedeploytolambda", "codedeploylambda"):
        return _finding(
            action,
            at,
            told,
            "Deploy a function with `Deploy` / `AWS` / `Lambda` in a V2 pipeline, or with CloudFormation.",
        )
    meant = _meant(category, owner, provider, folded)
    if meant is None:
        if owner == "ThirdParty":
            return None  # partners come and go, and AWS publishes no full list of them
        names = [
            kind.provider for kind in action_types() if kind.category == category and kind.owner == owner
        ]
        return _finding(
            action,
            at,
            told,
            f"AWS has for `{category}`: {listed(dict.fromkeys(f'`{name}`' for name in names))}.",
        )
    return _corrected(action, told, meant)


def _meant(category: str, owner: str, provider: str, folded: str) -> ActionType | None:
    """The action type that was meant: with the fewest of its three parts changed."""
    kinds = action_types()
    called = _CALLED.get(folded)
    if called is None:
        near = [kind.provider for kind in kinds if kind.category == category]
        same = [kind.provider for kind in kinds if kind.provider.lower() == provider.lower()]
        called = (
            same[0] if same else closest(provider, near) or closest(provider, [k.provider for k in kinds])
        )
    if called is None:
        return None
    found = action_type(category, owner, called) or action_type(category, "AWS", called)
    if found is not None:
        return found
    named = [kind for kind in kinds if kind.provider == called]
    named.sort(key=lambda kind: (kind.owner != owner, kind.category != category))
    return named[0] if named else None


def _corrected(action: Action, told: str, meant: ActionType) -> Finding:
    """The finding at the first part that has to change, with a fix where it is one part only."""
    parts: list[tuple[str, Node | None, str | None, str]] = [
        ("provider", action.provider_node, action.provider, meant.provider),
        ("owner", action.owner_node, action.owner, meant.owner),
        ("category", action.category_node, action.category, meant.category),
    ]
    wrong = [part for part in parts if part[2] != part[3]]
    named = [kind for kind in action_types() if kind.provider == meant.provider and kind.owner == meant.owner]
    if len(wrong) == 1 and wrong[0][0] == "category" and len(named) > 1:
        words = listed(f"`{kind.category}`" for kind in named)
        return _finding(action, wrong[0][1], told, f"`{meant.provider}` has the category {words}.")
    found = _finding(
        action,
        wrong[0][1],
        told,
        "Write " + listed((f"the {name} `{right}`" for name, _, _, right in wrong), "and") + ".",
    )
    node = wrong[0][1]
    if len(wrong) == 1 and isinstance(node, Scalar):
        found.fix = renamed(
            action.pipeline.document, node, wrong[0][3], f"write the {wrong[0][0]} `{wrong[0][3]}`"
        )
    return found


def _github(action: Action, told: str) -> Finding:
    if action.key("ConnectionArn") is not None or action.key("FullRepositoryId") is not None:
        return _finding(
            action,
            action.provider_node,
            f"{told}: the configuration is that of a connection",
            f"Write the provider `{_CONNECTION}`.",
        )
    return _finding(
        action,
        action.owner_node,
        told,
        f"Write the provider `{_CONNECTION}` with a connection to GitHub; the old action has the owner `ThirdParty`.",
    )


def _finding(action: Action, node: Node | None, told: str, help: str) -> Finding:
    return Finding(node.span if node is not None else action.span, f"{told}. {_REFUSES}.", help=help)


@rule("CD601", "action-version-not-one", Severity.ERROR)
def action_version_not_one(pipeline: Pipeline) -> Iterator[Finding]:
    """An action of AWS has another version than `1`.

    All action types of AWS have the version `1`. It is the version of the action type, not that of the tool: "GitHub
    (Version 2)" in the console is the provider `CodeStarSourceConnection` with version `1`.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  configuration: {RepositoryName: app}
                  outputArtifacts: [{name: Image}]
            - name: Approve
              actions:
                - name: Ask
      >           actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "2"}
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  configuration: {RepositoryName: app}
                  outputArtifacts: [{name: Image}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    """
    for action in pipeline.actions():
        node, kind = action.version_node, action.type
        if (
            kind is None
            or not kind.published
            or not isinstance(node, Scalar)
            or action.version is None
            or action.version == "1"
        ):
            continue
        version = action.version
        if is_open(version) or not 0 < len(version) < 10 or not version.replace("-", "").isalnum():
            continue
        document = pipeline.document
        if kind.provider == "GitHub" and version == "2":
            yield Finding(
                node.span,
                "`GitHub` has no version 2: what the console calls so is the provider "
                f"`{_CONNECTION}`. CodePipeline refuses the pipeline.",
                help=f"Write the owner `AWS`, the provider `{_CONNECTION}` and version `1`.",
            )
            continue
        yield Finding(
            node.span,
            f"`{kind.provider}` has no version `{version}`: all action types of AWS have version `1`. CodePipeline "
            "refuses the pipeline.",
            help="Write `1`.",
            fix=renamed(document, node, "1", "write version `1`"),
        )


@rule("CD602", "deprecated-action-type", Severity.WARNING)
def deprecated_action_type(pipeline: Pipeline) -> Iterator[Finding]:
    """The action type is out of date.

    The `GitHub` action of version 1 needs a token of a user, which stands in the pipeline; a connection
    (`CodeStarSourceConnection`) is an app of its own, works for whole organisations and sets off pipelines without
    polling or webhooks. OpsWorks Stacks has ended on 2024-05-26.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
      >           actionTypeId: {category: Source, owner: ThirdParty, provider: GitHub, version: "1"}
                  configuration:
                    Owner: shop
                    Repo: app
                    Branch: main
                    OAuthToken: "****"
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
        if kind is None or not kind.deprecated:
            continue
        node = action.provider_node
        if kind.provider == "GitHub":
            if action.version == "2":
                continue
            message = "This is the old action for GitHub, with a user's token in the pipeline; AWS advises against it."
            help = f"Make a connection, and use `{_CONNECTION}` of owner `AWS` with `ConnectionArn`, "
            help += "`FullRepositoryId` and `BranchName`."
        else:
            message = "OpsWorks Stacks has ended on 2024-05-26, so this action has nothing left to deploy to."
            help = "Deploy with CodeDeploy, `EC2` or `ECS` instead."
        yield Finding(node.span if node is not None else action.span, message, help=help)
