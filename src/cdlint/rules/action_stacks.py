"""CD622–CD624: what the modes of a CloudFormation action need, ignore, and presuppose."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Pipeline
from ..model.values import differ
from ..wording import listed
from . import rule
from .configuration import configured, has, meaning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What each mode of a stack needs beside `ActionMode` and `StackName`. Source: AWS, CloudFormation action reference.
_NEEDS = {
    "CREATE_UPDATE": ("RoleArn", "TemplatePath"),
    "REPLACE_ON_FAILURE": ("RoleArn", "TemplatePath"),
    "CHANGE_SET_REPLACE": ("RoleArn", "TemplatePath", "ChangeSetName"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
    "DELETE_ONLY": ("RoleArn",),
}
_IGNORES = {
    "CREATE_UPDATE": ("ChangeSetName",),
    "REPLACE_ON_FAILURE": ("ChangeSetName",),
    "CHANGE_SET_REPLACE": (),
    "CHANGE_SET_EXECUTE": ("TemplatePath", "TemplateConfiguration", "ParameterOverrides"),
    "DELETE_ONLY": ("TemplatePath", "ChangeSetName", "TemplateConfiguration", "ParameterOverrides"),
}


@rule("CD622", "stack-key-missing", Severity.ERROR)
def stack_key_missing(pipeline: Pipeline) -> Iterator[Finding]:
    """An action for a stack lacks a key that its mode needs.

    To create or update a stack takes `TemplatePath` and `RoleArn`, a change set moreover `ChangeSetName`, and to delete
    a stack takes `RoleArn`. CodePipeline accepts the pipeline without them; the action fails when it runs, with
    `Configuration Property RoleArn should not be empty in current ActionMode`. The role of the action itself
    (`roleArn` beside `configuration`) is another one: CloudFormation does not get it.

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
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
      >           configuration:
                    ActionMode: CHANGE_SET_REPLACE
                    StackName: app
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
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
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CHANGE_SET_REPLACE
                    StackName: app
                    ChangeSetName: app-changes
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline, "CloudFormation"):
        mode = action.text("ActionMode")
        if mode not in _NEEDS or pipeline.document.damaged:
            continue
        meant = {meaning(action.type, name) for name in action.configuration}
        missing = [name for name in _NEEDS[mode] if name not in action.configuration and name not in meant]
        if not missing:
            continue
        names = listed((f"`{name}`" for name in missing), "and")
        help = f"Add {names} to `{pipeline.spell('configuration')}`."
        if "RoleArn" in missing and action.node.key("roleArn") is not None:
            own = pipeline.spell("roleArn")
            help += f" The `{own}` beside it is the role of the action, which CloudFormation does not get."
        yield Finding(
            action.configuration_span,
            f"`{mode}` needs {names}: without {'it' if len(missing) == 1 else 'them'} the action fails when it runs.",
            help=help,
        )


@rule("CD623", "stack-key-ignored", Severity.INFO)
def stack_key_ignored(pipeline: Pipeline) -> Iterator[Finding]:
    """An action for a stack has a key that its mode does not use.

    A change set is executed as it was made: a template given again is not looked at. `ChangeSetName` says nothing to
    an action that updates the stack at once.

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
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: app
      >             ChangeSetName: app-changes
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
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
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: app
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline, "CloudFormation"):
        mode = action.text("ActionMode") or ""
        for name in _IGNORES.get(mode, ()):
            key = action.key(name)
            if key is not None:
                yield Finding(key.span, f"`{mode}` does not use `{name}`.", help="Delete it.")


@rule("CD624", "change-set-not-made", Severity.WARNING)
def change_set_not_made(pipeline: Pipeline) -> Iterator[Finding]:
    """A change set is executed that no earlier action makes.

    `CHANGE_SET_EXECUTE` carries out a change set that is there already. As a rule an earlier action of the pipeline
    makes it with `CHANGE_SET_REPLACE`, for the same stack and with the same name.

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
                - name: Prepare
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CHANGE_SET_REPLACE
                    StackName: app
                    ChangeSetName: app-changes
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
                - name: Execute
                  runOrder: 2
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CHANGE_SET_EXECUTE
                    StackName: app
      >             ChangeSetName: changes
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
                - name: Prepare
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CHANGE_SET_REPLACE
                    StackName: app
                    ChangeSetName: app-changes
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
                - name: Execute
                  runOrder: 2
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  configuration:
                    ActionMode: CHANGE_SET_EXECUTE
                    StackName: app
                    ChangeSetName: app-changes
    """
    if not pipeline.is_whole:
        return
    stacks = [action for action in pipeline.actions() if action.provider in ("CloudFormation", None)]
    if not all(action.is_configured and action.provider for action in stacks):
        return
    for action in stacks:
        if action.text("ActionMode") != "CHANGE_SET_EXECUTE" or not has(action, "ChangeSetName"):
            continue
        makers = [
            other
            for other in stacks
            if other.text("ActionMode") in ("CHANGE_SET_REPLACE", None)
            and not differ(other.get("StackName"), action.get("StackName"))
            and not differ(other.get("ChangeSetName"), action.get("ChangeSetName"))
        ]
        early = [other for other in makers if pipeline.runs_before(other, action) is not False]
        if early:
            continue
        if makers:
            told = "is made by an action that does not end before this one starts"
            help = f"Give this action a higher `{pipeline.spell('runOrder')}` or put it into a later stage."
        else:
            told = "is made by no action of this pipeline"
            help = "Write the stack and the name as the action with `CHANGE_SET_REPLACE` has them."
        node = action.get("ChangeSetName")
        yield Finding(node.span if node is not None else action.span, f"This change set {told}.", help=help)
