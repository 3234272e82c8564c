"""CD553, CD554: references to variables where their text does harm, and where they are not replaced."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.references import CODEPIPELINE, VARIABLES, Namespaces, Reference, references, references_in
from ..syntax.tree import Mapping, Node, Sequence
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..model.pipeline import Pipeline

#: Variables that hold what anyone has written.
_FREE_TEXT = ("CommitMessage", "PullRequestTitle")
_NAMES = ("AuthorDisplayName", "SourceBranchName", "BranchName", "DestinationBranchName", "TagName")
#: Configuration values that are JSON.
_JSON = ("EnvironmentVariables", "ParameterOverrides", "Variables", "UserParameters", "Input")
#: Keys below which references are replaced, or whose values another rule checks character for character.
_ELSEWHERE = frozenset(
    (
        "configuration",
        "commands",
        "environmentVariables",
        "name",
        "namespace",
        "region",
        "location",
        "description",
    )
)

_TOP = ("roleArn", "artifactStore", "artifactStores", "variables", "triggers", "stages")


@rule("CD553", "free-text-in-value", Severity.WARNING)
def free_text_in_value(pipeline: Pipeline) -> Iterator[Finding]:
    """A commit message or a title is put into JSON or into a command.

    CodePipeline puts the text in as it is. A quote or a line end in a commit message breaks the JSON (the action
    fails: `EnvironmentVariables specified in action config does not match expected format`), may add variables to
    it, and in a command may run others.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: '1'}
                configuration: {RepositoryName: shop, BranchName: main, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: '1'}
                configuration:
                  ProjectName: shop
      >           EnvironmentVariables: '[{"name":"MESSAGE","value":"#{Src.CommitMessage}"}]'
                inputArtifacts: [{name: src}]
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                namespace: Src
                actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: '1'}
                configuration: {RepositoryName: shop, BranchName: main, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Build
                actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: '1'}
                configuration:
                  ProjectName: shop
                  EnvironmentVariables: '[{"name":"COMMIT","value":"#{Src.CommitId}"}]'
                inputArtifacts: [{name: src}]
    """
    names = None
    for reference in references(pipeline):
        place = reference.place
        if reference.fault or place is None or reference.key not in (*_FREE_TEXT, *_NAMES):
            continue
        names = names or Namespaces(pipeline)
        producers = names.actions.get(reference.namespace, [])
        if len(producers) != 1 or producers[0].category != "Source":
            continue
        if place.where == "commands":
            harm = "quotes and `$(…)` in it are read by the shell, so that its writer can run commands"
        elif place.where in _JSON and (place.where != "Input" or _is_json(reference)):
            harm = "a quote or a line end in it breaks the JSON, and the action fails"
        else:
            continue
        yield Finding(
            reference.span,
            f"`{reference.key}` is put in as it is: {harm}.",
            help="Hand over `CommitId` and let the build read the text itself.",
            severity=_gravity(reference, place.where),
        )


def _gravity(reference: Reference, where: str) -> SeverityName | None:
    if reference.key in _FREE_TEXT and not (where in ("UserParameters", "Input") and not _is_json(reference)):
        return None
    return Severity.INFO


def _is_json(reference: Reference) -> bool:
    text = getattr(reference.node, "value", None) or getattr(reference.node, "text", "")
    return str(text).lstrip()[:1] in ("{", "[")


@rule("CD554", "reference-not-replaced", Severity.WARNING)
def reference_not_replaced(pipeline: Pipeline) -> Iterator[Finding]:
    """A reference to a variable stands where CodePipeline replaces none.

    References are replaced in the configuration of actions and rules, in `commands` and in the environment variables
    of an action. In a role, a default value, the files of an artifact or the patterns of a trigger they stay text.
    Source: AWS, variables reference.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        variables:
      >   - {name: Run, defaultValue: '#{codepipeline.PipelineExecutionId}'}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: 'Run #{variables.Run}'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration: {CustomData: 'Run #{codepipeline.PipelineExecutionId}'}
    """
    if "#{" not in pipeline.document.text:
        return
    names = Namespaces(pipeline)
    for key, node in (pair for name in _TOP for pair in _others(pipeline.node.get(name), name)):
        for reference in references_in(pipeline.document.text, node):
            name = reference.namespace
            if reference.fault or not (name in names.actions or name in (CODEPIPELINE, VARIABLES)):
                continue
            yield Finding(
                reference.span,
                f"References are not replaced in `{pipeline.spell(key)}`: `{reference.text}` stays as it is.",
                help=f"Use it in the `{pipeline.spell('configuration')}` of an action, or write the value itself.",
            )


def _others(node: Node | None, key: str) -> Iterator[tuple[str, Node]]:
    """Each value outside of what is replaced, with the last key above it."""
    if isinstance(node, Mapping):
        for name, _, value in node.items():
            if name not in _ELSEWHERE:
                yield from _others(value, name)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _others(item, key)
    elif node is not None:
        yield key, node
