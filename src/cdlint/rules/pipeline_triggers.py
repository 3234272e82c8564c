"""CD540, CD541, CD543: what starts a pipeline."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.references import is_stand_in
from ..model.values import known, members
from ..syntax.tree import Mapping, Node, Scalar
from ..wording import closest, listed, plain
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Pipeline

CONNECTION = "CodeStarSourceConnection"
_CRITERIA = ("tags", "branches", "filePaths")


@rule("CD540", "trigger-without-connection", Severity.ERROR)
def trigger_without_connection(pipeline: Pipeline) -> Iterator[Finding]:
    """A trigger names an action that is no source action with a connection.

    `sourceActionName` is the name of the action, and only `CodeStarSourceConnection` sources have triggers.
    CodePipeline answers `Triggers for connections must reference a CodeStarSourceConnection action.`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        triggers:
          - providerType: CodeStarSourceConnection
            gitConfiguration:
      >       sourceActionName: Checkout
              push: [{branches: {includes: [main]}}]
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        triggers:
          - providerType: CodeStarSourceConnection
            gitConfiguration:
              sourceActionName: Source
              push: [{branches: {includes: [main]}}]
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    """
    for trigger in pipeline.triggers:
        git = trigger.get("gitConfiguration")
        node = git.get("sourceActionName") if isinstance(git, Mapping) else None
        name = known(node)
        if name is None or not isinstance(node, Scalar):
            continue
        actions = [action for action in pipeline.actions() if action.name == name]
        suitable = [
            action.name
            for action in pipeline.actions()
            if action.name is not None and action.is_a(CONNECTION, "Source")
        ]
        if not actions:
            names = [action.name for action in pipeline.actions()]
            if not pipeline.is_whole or any(one is None or is_stand_in(one) for one in (name, *names)):
                continue
            message = f"The pipeline has no action `{name}`, and CodePipeline refuses the trigger."
        elif all(action.type is not None and action.provider != CONNECTION for action in actions):
            message = f"`{name}` is a `{actions[0].provider}` action, and only `{CONNECTION}` sources have triggers."
        else:
            continue
        near = closest(name, suitable) or (suitable[0] if len(suitable) == 1 else "")
        yield Finding(
            node.span,
            message,
            help=f"Write `{near}`."
            if near
            else f"Name a source action with a connection: {listed(suitable)}."
            if suitable
            else "Let an event rule start the pipeline, or take the source over a connection.",
            fix=_named(pipeline, node, near, safe=plain(near) == plain(name)) if near else None,
        )


def _named(pipeline: Pipeline, node: Scalar, name: str, *, safe: bool) -> Fix | None:
    start = node.start + (1 if node.style in ("'", '"') else 0)
    if pipeline.document.text[start : start + len(node.value)] != node.value:
        return None
    return Fix(f"Write `{name}`", [Edit(start, start + len(node.value), name)], safe=safe)


@rule("CD541", "trigger-filter-never-met", Severity.WARNING)
def trigger_filter_never_met(pipeline: Pipeline) -> Iterator[Finding]:
    """A filter of a trigger can never be met.

    Within one filter everything has to hold, and what is excluded wins over what is included. A push is one of a tag
    or one to a branch: one filter with `tags` and `branches` asks for both at once. Source: AWS, filter triggers.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        triggers:
          - providerType: CodeStarSourceConnection
            gitConfiguration:
              sourceActionName: Source
              push:
      >         - tags: {includes: ['v*']}
                  branches: {includes: [main]}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        triggers:
          - providerType: CodeStarSourceConnection
            gitConfiguration:
              sourceActionName: Source
              push:
                - tags: {includes: ['v*']}
                - branches: {includes: [main]}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    """
    for one in _filters(pipeline):
        tags, branches = one.key("tags"), one.key("branches")
        if tags is not None and branches is not None:
            yield Finding(
                tags.span,
                f"One filter with `{pipeline.spell('tags')}` and `{pipeline.spell('branches')}` asks for both at once, "
                "and a push is never both.",
                help="Make two filters of it: one of them is enough to start the pipeline.",
            )
        for name in _CRITERIA:
            criteria = one.get(name)
            if not isinstance(criteria, Mapping):
                continue
            excluded = {known(item) for item in members(criteria.get("excludes"))}
            everything = "**" in excluded or (name == "tags" and "*" in excluded)
            for item in members(criteria.get("includes")):
                if known(item) is not None and (known(item) in excluded or everything):
                    yield Finding(
                        item.span,
                        f"`{known(item)}` is excluded as well, and that wins: this pattern lets nothing through.",
                        help=f"Take it out of `{pipeline.spell('excludes')}` or out of `{pipeline.spell('includes')}`.",
                    )


def _filters(pipeline: Pipeline) -> Iterator[Mapping]:
    for trigger in pipeline.triggers:
        git = trigger.get("gitConfiguration")
        for event in ("push", "pullRequest"):
            for one in members(git.get(event)) if isinstance(git, Mapping) else ():
                if isinstance(one, Mapping):
                    yield one


@rule("CD543", "trigger-pattern-not-glob", Severity.WARNING)
def trigger_pattern_not_glob(pipeline: Pipeline) -> Iterator[Finding]:
    """A pattern of a trigger is written for something else and matches nothing.

    Triggers compare the bare names of branches and tags and the paths of files, from the root of the repository and
    without a slash before them, with globs. `refs/heads/main` and `^main$` are what webhooks take.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        triggers:
          - providerType: CodeStarSourceConnection
            gitConfiguration:
              sourceActionName: Source
              push:
      >         - branches: {includes: [refs/heads/main]}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        triggers:
          - providerType: CodeStarSourceConnection
            gitConfiguration:
              sourceActionName: Source
              push:
                - branches: {includes: [main]}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: CodeStarSourceConnection, version: '1'}
                configuration:
                  ConnectionArn: arn:aws:codestar-connections:eu-west-1:111122223333:connection/1a2b3c4d
                  FullRepositoryId: shop/site
                  BranchName: main
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
    """
    for one in _filters(pipeline):
        for name in _CRITERIA:
            criteria = one.get(name)
            if not isinstance(criteria, Mapping):
                continue
            for item in (*members(criteria.get("includes")), *members(criteria.get("excludes"))):
                found = _not_a_glob(name, item)
                if found is not None:
                    message, meant = found
                    yield Finding(item.span, message, help=f"Write `{meant}`." if meant else "Write a glob.")


def _not_a_glob(name: str, item: Node) -> tuple[str, str] | None:
    value = known(item)
    if not value:
        return None
    for prefix in ("refs/heads/", "refs/tags/"):
        if name != "filePaths" and value.startswith(prefix):
            return f"`{prefix}` is not part of the name that the trigger compares.", value[len(prefix) :]
    if value.startswith("^") or (value.endswith("$") and name != "filePaths"):
        return f"`{value}` is a regular expression, and triggers take globs.", value.strip("^$")
    if name != "filePaths" and (value.startswith(".*") or "/.*" in value):
        # No name of a branch or a tag has a point there.
        meant = value.replace(".*", "*")
        return f"`{value}` is a regular expression, and triggers take globs: the point is a point.", meant
    if name == "filePaths" and value.startswith(("/", "./")):
        return (
            f"Paths begin at the root of the repository without a slash: `{value}` matches nothing.",
            value.lstrip("./"),
        )
    return None
