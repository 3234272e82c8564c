"""Which variables an action sets, and which it was surely not meant to be asked for."""

from __future__ import annotations

from ..findings import Severity
from ..model.references import CODEPIPELINE, Reference
from ..model.values import entries, is_whole, known, members
from ..syntax.tree import Mapping, Scalar
from ..wording import closest, listed, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import SeverityName
    from ..model.pipeline import Action, Pipeline

    #: What is wrong, what to write, the name to write if there is one, and a severity other than the rule's.
    Told = tuple[str, str, str, SeverityName | None]

EXECUTION = "PipelineExecutionId"
#: Names of CodeCommit and GitHub that connections have under another name, or have not.
_OF_CONNECTIONS = {"RepositoryName": "FullRepositoryName", "CommitterDate": "AuthorDate"}
_PULL_REQUEST = ("DestinationBranchName", "PullRequestId", "PullRequestTitle", "SourceBranchName")


def unknown_key(reference: Reference, pipeline: Pipeline, producers: list[Action]) -> Told | None:
    """What is wrong with the key of a well-formed reference; None if nothing is, or if that cannot be told."""
    key = reference.key
    if reference.namespace == CODEPIPELINE:
        if key == EXECUTION:
            return None
        near = closest(key, [EXECUTION]) or ("" if "xecution" not in key else EXECUTION)
        return (
            f"The namespace `codepipeline` has no `{key}`, only `{EXECUTION}`.",
            f"Write `#{{codepipeline.{EXECUTION}}}`.",
            near,
            None,
        )
    if len(producers) != 1:
        return None
    producer = producers[0]
    if producer.is_a("Commands"):
        return _of_commands(reference, producer)
    if producer.is_a("CloudFormation") and producer.text("ActionMode") == "DELETE_ONLY":
        return (
            f"{producer.label} deletes its stack and sets no variables, so `{key}` cannot be resolved.",
            "Use the outputs of an action that makes or updates the stack.",
            "",
            None,
        )
    kind = producer.type
    if kind is None or kind.variables is None or not kind.published:
        return None
    if not kind.variables:
        return (
            f"AWS documents no variables for `{kind.provider}` actions, so `{key}` will hardly be resolved.",
            "Use a variable of another action.",
            "",
            Severity.WARNING,
        )
    if key not in kind.variables:
        return _not_among(key, kind.provider, sorted(kind.variables), producer)
    return _at_this_start(key, pipeline, producer) if kind.provider == "CodeStarSourceConnection" else None


def _not_among(key: str, provider: str, variables: list[str], producer: Action) -> Told:
    near = closest(key, variables) or ""
    if provider == "CodeStarSourceConnection":
        near = _OF_CONNECTIONS.get(key, near)
    return (
        f"{producer.label} sets no variable `{key}`: it cannot be resolved, and the action that uses it fails.",
        f"Write `{near}`." if near else f"`{provider}` actions set {listed(variables, 'and', 16)}.",
        near,
        None,
    )


def _of_commands(reference: Reference, producer: Action) -> Told | None:
    node = producer.node.get("outputVariables")
    names = [known(item) for item in producer.output_variables]
    if None in names or (node is not None and not names) or reference.key in names:
        return None
    if any(
        name != "outputVariables" and plain(name.strip("?")) == "outputvariable"
        for name, _, _ in producer.node.items()
    ):
        return None
    near = closest(reference.key, [name for name in names if name]) or ""
    spelled = producer.pipeline.spell("outputVariables")
    return (
        f"{producer.label} sets only the variables of its `{spelled}`, and `{reference.key}` is not among them.",
        f"Write `{near}`." if near else f"Add `{reference.key}` to `{spelled}`.",
        near,
        None,
    )


def _at_this_start(key: str, pipeline: Pipeline, producer: Action) -> Told | None:
    """Pull requests and tags set variables that other starts do not."""
    wanted = "pullRequest" if key in _PULL_REQUEST else "tags" if key == "TagName" else ""
    if not wanted and key != "BranchName":
        return None
    events = _events(pipeline, producer)
    if events is None:
        return None
    if wanted and wanted not in events:
        what = "pull request" if wanted == "pullRequest" else "tag"
        return (
            f"Only a {what} sets `{key}`, and no trigger of {producer.label} lets one start the pipeline.",
            f"Use `BranchName`, or add a trigger for {what}s.",
            "",
            # Without any triggers they may be set up elsewhere, as the console does it.
            None if pipeline.triggers else Severity.WARNING,
        )
    if not wanted and events == {"pullRequest"}:
        return (
            f"Pull requests set no `{key}`, and they are all that starts {producer.label}.",
            "Write `SourceBranchName` or `DestinationBranchName`.",
            "",
            Severity.WARNING,
        )
    return None


def _events(pipeline: Pipeline, producer: Action) -> set[str] | None:
    """What starts a source action: `push`, `tags`, `pullRequest`; None if that is not known."""
    triggers = pipeline.node.get("triggers")
    if isinstance(triggers, Scalar) and triggers.is_null:
        triggers = None
    if not is_whole(triggers) or any(
        name != "triggers" and "trigger" in name.lower() for name, _, _ in pipeline.node.items()
    ):
        return None
    found: set[str] = set()
    for trigger in pipeline.triggers:
        git = trigger.get("gitConfiguration")
        name = known(git.get("sourceActionName")) if isinstance(git, Mapping) else None
        if not isinstance(git, Mapping) or name is None:
            return None
        if name != producer.name:
            continue
        for event, _ in entries(git):
            if event.value == "pullRequest":
                found.add("pullRequest")
            elif event.value == "push":
                filters = members(git.get("push"))
                if not filters or not all(isinstance(one, Mapping) for one in filters):
                    return None
                found.update(
                    "tags" if isinstance(one, Mapping) and "tags" in one else "push" for one in filters
                )
            elif event.value != "sourceActionName":
                return None
    return found or {"push"}
