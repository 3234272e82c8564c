"""CD605–CD609: configuration keys of actions: missing, unknown, misspelt, at the wrong level."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import TERRAFORM, Action, Pipeline
from ..model.values import known, members
from ..syntax.tree import Mapping, Scalar
from ..wording import closest, listed
from . import rule
from .configuration import configured, is_open, renamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.actions import ActionType

#: Keys of an action that are written into its configuration by mistake, in small letters.
_OF_ACTION = {
    name.lower(): name
    for name in (
        "commands",
        "environmentVariables",
        "inputArtifacts",
        "namespace",
        "outputArtifacts",
        "outputVariables",
        "region",
        "roleArn",
        "runOrder",
        "timeoutInMinutes",
    )
}
#: Action types of which AWS's list of keys is old, or still grows: there an unknown key may be a new one.
_GROWING = frozenset(
    "Commands ECRBuildAndPublish EC2 EKS InspectorScan DeviceFarm CloudFormationStackSet"
    " CloudFormationStackInstances CodePipeline".split()
)


def _misspelt(action: Action, kind: ActionType) -> dict[str, str]:
    """Unknown configuration keys by the key that is meant, each key meant once and not there itself."""
    free = [name for name in kind.keys if name not in action.configuration]
    found: dict[str, str] = {}
    for name in action.configuration:
        if name in kind.keys or is_open(name) or name.startswith("Fn::"):
            continue
        meant = kind.mistaken.get(name)
        if meant is None:
            folded = [(word, right) for word, right in kind.mistaken.items() if word.lower() == name.lower()]
            meant = closest(name, kind.keys) or (folded[0][1] if folded else None)
        if meant in free and not _is_of_action(kind, name):
            found[name] = meant
            free.remove(meant)
    return found


def _is_of_action(kind: ActionType, name: str) -> bool:
    """Is it a key of the action itself that stands in the configuration?"""
    own = _OF_ACTION.get(name.lower())
    if own == "environmentVariables":
        return kind.provider in ("Commands", "EKS")
    return own is not None and closest(name, kind.keys) != name


@rule("CD605", "configuration-key-missing", Severity.ERROR)
def configuration_key_missing(pipeline: Pipeline) -> Iterator[Finding]:
    """A key that the action needs is missing from its configuration.

    Each provider has keys of its own that must be there. AWS answers `Action configuration for action '…' is missing
    required configuration '…'`.

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
                - name: Publish
                  actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
      >           configuration:
                    BucketName: www.example.net
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
                - name: Publish
                  actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
                  configuration:
                    BucketName: www.example.net
                    Extract: "true"
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline):
        kind = action.type
        if kind is None:
            continue
        meant = _misspelt(action, kind).values() if action.configuration else ()
        missing = [
            name
            for name in kind.required
            if name not in action.configuration and name not in meant and _is_needed(action, name)
        ]
        if not missing or pipeline.document.damaged:
            continue
        names = listed((f"`{name}`" for name in missing), "and")
        yield Finding(
            action.configuration_span,
            f"{_named(kind)} needs {names}: CodePipeline refuses the pipeline, because {action.label} `is missing "
            f"required configuration '{missing[0]}'`.",
            help=f"Add {names} to `{pipeline.spell('configuration')}`.",
        )


def _is_needed(action: Action, name: str) -> bool:
    """Is a key that the catalogue requires needed here?

    Appium's version is listed for every test, but only tests of Appium use it. Terraform takes the token of GitHub
    from the variable `GITHUB_TOKEN` where there is none.
    """
    if name == "OAuthToken" and action.pipeline.form == TERRAFORM:
        return False
    return name != "AppiumVersion" or (action.text("TestType") or "").startswith("APPIUM")


def _named(kind: ActionType) -> str:
    """The action type, with its category where another has the same provider: `S3`, `ECR`, `Lambda` …"""
    if kind.provider in ("S3", "Lambda"):
        return f"The action `{kind.provider}` ({kind.category})"
    return f"The action `{kind.provider}`"


@rule("CD606", "unknown-configuration-key", Severity.ERROR)
def unknown_configuration_key(pipeline: Pipeline) -> Iterator[Finding]:
    """The action has no configuration key of this name.

    The keys differ from provider to provider: the branch is `BranchName` for CodeCommit and connections, but `Branch`
    for the old action of GitHub; the bucket is `S3Bucket` of a source and `BucketName` of a deployment. Case matters.
    CodePipeline refuses keys that the action does not have.

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
      >             Branch: main
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
        if kind is None or not kind.published:
            continue
        misspelt = _misspelt(action, kind)
        for name, (key, _) in action.configuration.items():
            if name in kind.keys or is_open(name) or name.startswith("Fn::"):
                continue
            yield _unknown(action, kind, key, misspelt.get(name))


def _unknown(action: Action, kind: ActionType, key: Scalar, meant: str | None) -> Finding:
    name, pipeline = key.value, action.pipeline
    told = f"{_named(kind)} has no configuration key `{name}`: CodePipeline refuses it."
    if meant is not None:
        return Finding(
            key.span,
            told,
            help=f"Write `{meant}`.",
            fix=renamed(pipeline.document, key, meant, f"rename it to `{meant}`"),
        )
    if _is_of_action(kind, name):
        own = pipeline.spell(_OF_ACTION[name.lower()])
        return Finding(
            key.span,
            told,
            help=f"`{own}` is a key of the action itself: write it beside "
            f"`{pipeline.spell('configuration')}`, not below.",
        )
    instead = kind.mistaken.get(name) or closest(name, kind.keys)
    if instead is not None and instead in action.configuration:
        return Finding(key.span, told, help=f"Delete it: `{instead}` is there already.")
    if kind.provider == "ECR" and name == "PollForSourceChanges":
        return Finding(
            key.span, told, help="Delete it: ECR is never polled; a rule of EventBridge starts the pipeline."
        )
    keys = listed((f"`{word}`" for word in kind.keys), "and", 20)
    return Finding(
        key.span,
        told,
        help=f"Its keys are {keys}.",
        severity=Severity.WARNING if kind.provider in _GROWING else None,
    )


@rule("CD607", "commands-missing", Severity.ERROR)
def commands_missing(pipeline: Pipeline) -> Iterator[Finding]:
    """A `Commands` action has no commands.

    The action runs what its `commands` list says, which stands at the action itself, not in its configuration.

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
      >         - name: Test
                  actionTypeId: {category: Compute, owner: AWS, provider: Commands, version: "1"}
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
                - name: Test
                  actionTypeId: {category: Compute, owner: AWS, provider: Commands, version: "1"}
                  commands:
                    - npm ci
                    - npm test
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline, "Commands"):
        if "commands" in action.node or pipeline.document.damaged:
            continue
        inside = any(name.lower() == "commands" for name in action.configuration)
        if not inside and not any(name[:1] == "?" for name, _, _ in action.node.items()):
            yield Finding(
                action.span,
                "The action `Commands` has no commands to run: CodePipeline refuses it.",
                help=f"Add `{pipeline.spell('commands')}` to the action, a list of at least one command.",
            )


@rule("CD608", "key-of-other-action", Severity.ERROR)
def key_of_other_action(pipeline: Pipeline) -> Iterator[Finding]:
    """The action has a key that only other actions have.

    `commands`, `outputVariables` and `files` of an output artifact belong to the action `Commands`,
    `environmentVariables` to `Commands` and `EKS`. A build gets its variables from `EnvironmentVariables` in its
    configuration, and its commands from the buildspec.

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
                  configuration: {ProjectName: app}
      >           environmentVariables:
                    - {name: STAGE, value: test}
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
                    EnvironmentVariables: '[{"name": "STAGE", "value": "test"}]'
                  inputArtifacts: [{name: Source}]
    """
    for action in pipeline.actions():
        kind = action.type
        if kind is None or not kind.published:
            continue
        provider = kind.provider
        if provider != "Commands":
            for name in ("commands", "outputVariables"):
                yield from _misplaced(action, name, "`Commands`", _REMEDIES.get((provider, name), ""))
            yield from _files(action)
        if provider not in ("Commands", "EKS"):
            help = _REMEDIES.get((provider, "environmentVariables"), "")
            yield from _misplaced(action, "environmentVariables", "`Commands` and `EKS`", help)


_REMEDIES = {
    (
        "CodeBuild",
        "commands",
    ): "Write them into the buildspec of the project, or make it the action `Commands`.",
    ("CodeBuild", "outputVariables"): "Name them under `env.exported-variables` of the buildspec.",
    (
        "CodeBuild",
        "environmentVariables",
    ): "Write `EnvironmentVariables` into the configuration, as a JSON text.",
}


def _misplaced(action: Action, name: str, whose: str, help: str) -> Iterator[Finding]:
    key = action.node.key(name)
    if key is None or known(action.node.get(name)) == "":
        return
    spelt = action.pipeline.spell(name)
    yield Finding(
        key.span,
        f"`{spelt}` is for {whose} only: for {action.label} it has no effect, or CodePipeline refuses it.",
        help=help or f"Delete `{spelt}` here.",
    )


def _files(action: Action) -> Iterator[Finding]:
    for item in members(action.node.get("outputArtifacts")):
        key = item.key("files") if isinstance(item, Mapping) else None
        if key is not None:
            yield Finding(
                key.span,
                f"`{action.pipeline.spell('files')}` of an output artifact is for the action `Commands` only.",
                help="Name the files under `artifacts.files` of the buildspec."
                if action.provider == "CodeBuild"
                else "Delete it.",
                severity=Severity.WARNING,
            )


@rule("CD609", "multi-line-command", Severity.ERROR)
def multi_line_command(pipeline: Pipeline) -> Iterator[Finding]:
    """A command of a `Commands` action has several lines.

    Each entry of `commands` is one command on one line. CodePipeline does not take commands of several lines.

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
                - name: Test
                  actionTypeId: {category: Compute, owner: AWS, provider: Commands, version: "1"}
                  commands:
      >             - |
                      npm ci
                      npm test
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
                - name: Test
                  actionTypeId: {category: Compute, owner: AWS, provider: Commands, version: "1"}
                  commands:
                    - npm ci
                    - npm test
                  inputArtifacts: [{name: Source}]
    """
    for action in pipeline.actions():
        if not action.is_a("Commands", "Compute"):
            continue
        for command in action.commands:
            text = known(command)
            if text is None:
                continue
            if "\n" in text.strip():
                yield Finding(
                    command.span,
                    "This command has several lines, and the action `Commands` takes commands of one line only.",
                    help="Make each line an entry of its own, join them with `&&`, or put them into a script.",
                )
            elif (
                text.strip().endswith((".yml", ".yaml"))
                and len(text.split()) == 1
                and len(action.commands) == 1
            ):
                yield Finding(
                    command.span,
                    f"The name of a file is run as a command here: the shell says `{text.strip()}: command not found`.",
                    help="Write the commands themselves. A buildspec is read by the action `CodeBuild` only.",
                )
