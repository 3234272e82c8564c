"""CD610, CD611, CD614: values of configuration keys: allowed words, numbers, capabilities."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.pipeline import Action, Pipeline
from ..syntax.tree import Scalar
from ..wording import closest, listed, plain
from . import rule
from .configuration import renamed, replacement, settled
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_BOOLEAN = ["true", "false"]


def _valued(pipeline: Pipeline) -> Iterator[tuple[Action, str, dict[str, Any], Scalar]]:
    """Each configuration value that is known, with what AWS says of its key."""
    for action in pipeline.actions():
        kind = action.type
        for name in action.configuration if kind is not None else ():
            spec = kind.keys.get(name) if kind is not None else None
            node = settled(action, name) if spec else None
            # `ACTION_MODE`: the key itself in capitals stands for a value to be filled in.
            if spec and node is not None and node.value and plain(node.value) != plain(name):
                yield action, name, spec, node


@rule("CD610", "configuration-value-not-allowed", Severity.ERROR)
def configuration_value_not_allowed(pipeline: Pipeline) -> Iterator[Finding]:
    """A configuration key has a value that the action does not know.

    Some keys take a few words only, written exactly so.

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
      >             ActionMode: CREATE_OR_UPDATE
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
                    ActionMode: CREATE_UPDATE
                    StackName: app
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
    """
    for action, name, spec, node in _valued(pipeline):
        value = node.value
        if "enum" in spec and value not in spec["enum"] and not _is_boolean(node, spec["enum"]):
            yield _not_allowed(action, name, spec["enum"], node)
        elif name == "DeployStrategy":
            problem = _strategy_problem(value)
            if problem:
                yield Finding(
                    node.span,
                    f"`{value}` is no way to deploy a function: {problem}.",
                    help="Write `AllAtOnce`, `Canary10Percent5Minutes` or `Linear10PercentEvery1Minute`, with numbers "
                    "of your own.",
                )


def _is_boolean(node: Scalar, words: list[str]) -> bool:
    """A plain `False`, `no` or `1`: the schema speaks of it where it has to be a text, and elsewhere it is made one."""
    return words == _BOOLEAN and not node.style and node.truth is not None


def _not_allowed(action: Action, name: str, words: list[str], node: Scalar) -> Finding:
    value, document = node.value, action.pipeline.document
    if words == _BOOLEAN:
        meant = {True: "true", False: "false"}.get(node.truth) if node.truth is not None else None
        meant = meant or {"1": "true", "0": "false"}.get(value)
        case = meant is not None and value.lower() == meant
        return Finding(
            node.span,
            f"`{name}` takes `true` or `false`, in small letters, not `{value}`.",
            help=f"Write `{meant or 'true'}`." if meant else "Write `true` or `false`.",
            fix=renamed(document, node, meant, f"write `{meant}`", safe=case) if meant else None,
            severity=Severity.WARNING if case else None,
        )
    meant = closest(value, words)
    listing = listed((f"`{word}`" for word in words), limit=20)
    old = name in ("TestType", "CannedACL") and meant is None
    return Finding(
        node.span,
        f"`{name}` cannot be `{value}`: the action takes {listing}.",
        help=f"Write `{meant}`." if meant else "",
        fix=renamed(document, node, meant, f"write `{meant}`") if meant else None,
        severity=Severity.WARNING if old else None,
    )


def _strategy_problem(value: str) -> str:
    """What is wrong with the strategy of a deployment to Lambda; "" for nothing. Source: AWS, action reference."""
    if value == "AllAtOnce":
        return ""
    for word, between, ends in (
        ("Canary", "Percent", ("Minutes", "Minute")),
        ("Linear", "PercentEvery", ("Minutes", "Minute")),
    ):
        if not value.startswith(word):
            continue
        share, found, rest = value[len(word) :].partition(between)
        end = next((end for end in ends if rest.endswith(end)), "")
        minutes = rest[: -len(end)] if end else ""
        if not (found and share.isdigit() and minutes.isdigit()):
            return f"`{word}` wants `{word}<number>{between}<number>Minutes`"
        if not 0 < int(share) < 100:
            return "the share has to lie between 1 and 99 percent"
        steps = 1 if word == "Canary" else -(-100 // int(share)) - 1
        return "it takes longer than two days" if steps * int(minutes) > 2880 else ""
    return "it begins neither with `Canary` nor with `Linear`"


@rule("CD611", "configuration-number-out-of-range", Severity.ERROR)
def configuration_number_out_of_range(pipeline: Pipeline) -> Iterator[Finding]:
    """A number in the configuration is too large, too small, or no number.

    `DeploymentTimeout` of the action `ECS`, for one, is in minutes, and at most 60.

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
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  configuration:
                    ClusterName: shop
                    ServiceName: web
      >             DeploymentTimeout: "900"
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
                  actionTypeId: {category: Deploy, owner: AWS, provider: ECS, version: "1"}
                  configuration:
                    ClusterName: shop
                    ServiceName: web
                    DeploymentTimeout: "15"
                  inputArtifacts: [{name: Source}]
    """
    for _, name, spec, node in _valued(pipeline):
        if "range" not in spec:
            continue
        least, most = spec["range"]
        value = node.value.strip()
        unit = " minutes" if name == "DeploymentTimeout" else ""
        span = f"from {least} to {most}{unit}" if most < 1_000_000 else f"of at least {least}"
        if value.isascii() and value.lstrip("-").isdigit() and len(value) < 19:
            if least <= int(value) <= most:
                continue
            told = f"`{name}` is {value}, but the action takes a number {span}."
        else:
            told = f"`{name}` is `{value}`, but it has to be a whole number {span}."
        yield Finding(node.span, told, help=f"Write a number {span}, as a text of digits only.")


@rule("CD614", "capabilities-malformed", Severity.ERROR)
def capabilities_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """`Capabilities` has a name that is none, or blanks.

    It is one text: `CAPABILITY_IAM`, `CAPABILITY_NAMED_IAM` and `CAPABILITY_AUTO_EXPAND`, with commas and without
    blanks between them.

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
      >             Capabilities: CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND
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
                    Capabilities: CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Source::template.yml
                  inputArtifacts: [{name: Source}]
    """
    for _, name, spec, node in _valued(pipeline):
        if "items" in spec:
            yield from _items(pipeline, name, spec["items"], node)


def _items(pipeline: Pipeline, name: str, words: list[str], node: Scalar) -> Iterator[Finding]:
    value, document = node.value, pipeline.document
    at, blank = 0, False
    whole = ",".join(value.replace(",", " ").replace(";", " ").strip("[]").split())
    clean: Fix | None = None
    if all(word in words for word in whole.split(",")) and "\n" not in value:
        clean = replacement(document, node, 0, len(value), whole, "write the list without blanks")
    for item in value.rstrip("\n").split(","):
        text = item.strip()
        if text == "CAPABILITY_AUTO_EXPAND" and text == item:
            # Stack sets did not know it when their list was written down.
            at += len(item) + 1
            continue
        start = at + item.find(text)
        if text not in words:
            near = closest(text, words)
            if any(char in text for char in " ;|[") and clean is not None:
                told = f"`{name}` is a list with commas and nothing else between the names."
            else:
                told = f"There is no capability `{text}`." if text else f"`{name}` has a comma too many."
            fix = clean
            if fix is None and near and text:
                fix = replacement(document, node, start, start + len(text), near, f"write `{near}`")
            yield Finding(
                part(document, node, start, start + max(len(text), 1)),
                told,
                help=f"Write `{near}`."
                if near
                else f"The names are {listed((f'`{w}`' for w in words), 'and')}.",
                fix=fix,
            )
            return
        if text != item and not blank:
            blank = True
            first = at if item[:1] == " " else at + len(item.rstrip())
            yield Finding(
                part(document, node, first, first + 1),
                f"`{name}` has a blank in it, but is a list with commas and without blanks.",
                help=f"Write `{whole}`.",
                fix=clean,
            )
        at += len(item) + 1
