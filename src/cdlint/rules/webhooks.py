"""CD570–CD574: webhooks of pipelines and of build projects, as a template declares them."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.codebuild_project import Project
from ..model.template import Resource, Template
from ..model.values import identity, known, members, ref_of
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..wording import closest, listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = ("GITHUB_HMAC", "IP", "UNAUTHENTICATED")
#: Filters of build projects whose pattern should be met by the whole value.
_WHOLE = ("ACTOR_ACCOUNT_ID", "HEAD_REF", "BASE_REF")


def _webhooks(template: Template) -> Iterator[tuple[Resource, Mapping]]:
    """The webhooks of pipelines, once for each outcome of the conditions."""
    for resource in template.of_type("AWS::CodePipeline::Webhook"):
        for choice in template.choices(resource.properties):
            node = template.resolve(resource.properties, choice)
            if isinstance(node, Mapping):
                yield resource, node


@rule("CD570", "webhook-target", Severity.ERROR)
def webhook_target(template: Template) -> Iterator[Finding]:
    """A webhook names an action that its pipeline does not have, or one that takes no webhook.

    `TargetAction` is the name of the source action. Webhooks of CodePipeline are for GitHub sources of version 1
    (owner `ThirdParty`); connections have triggers instead. Source: AWS, template reference of Webhook.

    Bad (kind: template):
        Resources:
          Hook:
            Type: AWS::CodePipeline::Webhook
            Properties:
              Authentication: GITHUB_HMAC
              AuthenticationConfiguration: {SecretToken: '{{resolve:secretsmanager:hook}}'}
              Filters: [{JsonPath: $.ref, MatchEquals: 'refs/heads/{Branch}'}]
              TargetPipeline: !Ref Pipeline
      >       TargetAction: Checkout
              TargetPipelineVersion: !GetAtt Pipeline.Version
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: arn:aws:iam::111122223333:role/pipeline
              ArtifactStore: {Type: S3, Location: shop-artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Source
                      ActionTypeId: {Category: Source, Owner: ThirdParty, Provider: GitHub, Version: '1'}
                      Configuration:
                        Owner: shop
                        Repo: site
                        Branch: main
                        OAuthToken: '{{resolve:secretsmanager:github}}'
                        PollForSourceChanges: false
                      OutputArtifacts: [{Name: src}]
                - Name: Ship
                  Actions:
                    - Name: Approve
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}
    Good (kind: template):
        Resources:
          Hook:
            Type: AWS::CodePipeline::Webhook
            Properties:
              Authentication: GITHUB_HMAC
              AuthenticationConfiguration: {SecretToken: '{{resolve:secretsmanager:hook}}'}
              Filters: [{JsonPath: $.ref, MatchEquals: 'refs/heads/{Branch}'}]
              TargetPipeline: !Ref Pipeline
              TargetAction: Source
              TargetPipelineVersion: !GetAtt Pipeline.Version
          Pipeline:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              RoleArn: arn:aws:iam::111122223333:role/pipeline
              ArtifactStore: {Type: S3, Location: shop-artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Source
                      ActionTypeId: {Category: Source, Owner: ThirdParty, Provider: GitHub, Version: '1'}
                      Configuration:
                        Owner: shop
                        Repo: site
                        Branch: main
                        OAuthToken: '{{resolve:secretsmanager:github}}'
                        PollForSourceChanges: false
                      OutputArtifacts: [{Name: src}]
                - Name: Ship
                  Actions:
                    - Name: Approve
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}
    """
    for _, node in _webhooks(template):
        target, action = node.get("TargetPipeline"), node.get("TargetAction")
        name = known(action)
        pipeline = _pipeline_of(template, target)
        if pipeline is None or name is None or action is None:
            continue
        actions = _actions_of(template, pipeline)
        if actions is None:
            continue
        kinds = [kind for found, kind in actions if found == name]
        if not kinds:
            sources = [found for found, (category, _) in actions if category == "Source"]
            near = closest(name, sources) or (sources[0] if len(set(sources)) == 1 else None)
            yield Finding(
                action.span,
                f"The pipeline `{pipeline.id}` has no action `{name}`; the webhook cannot be made.",
                help=f"Write `{near}`." if near else "Write the name of the source action.",
            )
        elif all(provider not in ("GitHub", None) and category is not None for category, provider in kinds):
            category, provider = kinds[0]
            yield Finding(
                action.span,
                f"`{name}` is a `{provider}` action; webhooks of CodePipeline start GitHub sources of version 1 only."
                if category == "Source"
                else f"`{name}` is no source action, and a webhook starts a source action.",
                help="Use `Triggers` for a connection, an event rule for CodeCommit, S3 and ECR."
                if category == "Source"
                else "Write the name of the source action.",
                severity=Severity.WARNING if category == "Source" else None,
            )


def _pipeline_of(template: Template, target: Node | None) -> Resource | None:
    """The pipeline of the same template that a webhook starts."""
    pipelines = template.of_type("AWS::CodePipeline::Pipeline")
    ref, name = ref_of(target), known(target)
    for pipeline in pipelines:
        if ref is not None and pipeline.id == ref:
            return pipeline
        own = pipeline.properties.get("Name") if isinstance(pipeline.properties, Mapping) else None
        if name is not None and isinstance(own, Scalar) and own.tag is None and own.value == name:
            return pipeline
    return None


def _actions_of(
    template: Template, pipeline: Resource
) -> list[tuple[str, tuple[str | None, str | None]]] | None:
    """`(name, (category, provider))` of a pipeline's actions under all conditions; None if not all are known."""
    found: list[tuple[str, tuple[str | None, str | None]]] = []
    for choice in template.choices(pipeline.properties):
        node = template.resolve(pipeline.properties, choice)
        stages = node.get("Stages") if isinstance(node, Mapping) else None
        if not isinstance(stages, Sequence):
            return None
        for stage in stages.items:
            actions = stage.get("Actions") if isinstance(stage, Mapping) else None
            if not isinstance(actions, Sequence):
                return None
            for action in actions.items:
                name = known(action.get("Name")) if isinstance(action, Mapping) else None
                if not isinstance(action, Mapping) or name is None:
                    return None
                kind = action.get("ActionTypeId")
                category = kind.get("Category") if isinstance(kind, Mapping) else None
                provider = kind.get("Provider") if isinstance(kind, Mapping) else None
                found.append((name, (known(category), known(provider))))
    return found


@rule("CD571", "webhook-filter", Severity.WARNING)
def webhook_filter(template: Template) -> Iterator[Finding]:
    """The filter of a webhook compares a branch with something that it never is.

    In what GitHub sends, `ref` is `refs/heads/main`, and `MatchEquals` is compared with it as it stands, not as a
    regular expression. A filter for `main` is never met: the pipeline does not start, and nothing tells why.
    `refs/heads/{Branch}` takes the branch of the source action. Source: AWS, template reference of Webhook.

    Bad (kind: template):
        Resources:
          Hook:
            Type: AWS::CodePipeline::Webhook
            Properties:
              Authentication: GITHUB_HMAC
              AuthenticationConfiguration: {SecretToken: '{{resolve:secretsmanager:hook}}'}
              Filters:
                - JsonPath: $.ref
      >           MatchEquals: main
              TargetPipeline: shop
              TargetAction: Source
              TargetPipelineVersion: 1
    Good (kind: template):
        Resources:
          Hook:
            Type: AWS::CodePipeline::Webhook
            Properties:
              Authentication: GITHUB_HMAC
              AuthenticationConfiguration: {SecretToken: '{{resolve:secretsmanager:hook}}'}
              Filters:
                - JsonPath: $.ref
                  MatchEquals: refs/heads/main
              TargetPipeline: shop
              TargetAction: Source
              TargetPipelineVersion: 1
    """
    for _, node in _webhooks(template):
        for one in members(node.get("Filters")):
            path = known(one.get("JsonPath")) if isinstance(one, Mapping) else None
            value = one.get("MatchEquals") if isinstance(one, Mapping) else None
            text = known(value) or _default_of(template, value)
            if path not in ("$.ref", "$['ref']") or value is None or text is None:
                continue
            if text.startswith(("refs/heads/", "refs/tags/")) and not text.endswith("$"):
                continue
            bare = text.strip("^$").removeprefix("refs/heads/").rpartition("/")[2]
            yield Finding(
                value.span,
                f"`ref` is the whole name, such as `refs/heads/main`, compared as it stands: `{text}` never matches.",
                help=f"Write `refs/heads/{bare}`, or `refs/heads/{{Branch}}` for the branch of the source action.",
            )


def _default_of(template: Template, node: Node | None) -> str | None:
    """What a parameter is if nobody says otherwise."""
    name = (identity(node) or "").removeprefix("Ref:")
    parameter = template.parameters.get(name)
    return known(parameter.get("Default")) if isinstance(parameter, Mapping) else None


@rule("CD572", "webhook-authentication", Severity.ERROR)
def webhook_authentication(template: Template) -> Iterator[Finding]:
    """A webhook is not protected, or its secret is written in the template.

    `GITHUB_HMAC` needs a `SecretToken`, `IP` an `AllowedIPRange`; with `UNAUTHENTICATED` anyone who knows the address
    starts the pipeline (a warning). A token in a template can be read by all who see the template or the stack
    (a warning). Source: AWS, template reference of Webhook.

    Bad (kind: template):
        Resources:
          Hook:
            Type: AWS::CodePipeline::Webhook
            Properties:
      >       Authentication: GITHUB_HMAC
              AuthenticationConfiguration: {}
              Filters: [{JsonPath: $.ref, MatchEquals: refs/heads/main}]
              TargetPipeline: shop
              TargetAction: Source
              TargetPipelineVersion: 1
    Good (kind: template):
        Resources:
          Hook:
            Type: AWS::CodePipeline::Webhook
            Properties:
              Authentication: GITHUB_HMAC
              AuthenticationConfiguration: {SecretToken: '{{resolve:secretsmanager:hook}}'}
              Filters: [{JsonPath: $.ref, MatchEquals: refs/heads/main}]
              TargetPipeline: shop
              TargetAction: Source
              TargetPipelineVersion: 1
    """
    for _, node in _webhooks(template):
        kind = node.get("Authentication")
        settings = node.get("AuthenticationConfiguration")
        text = known(kind)
        if kind is not None and text is not None:
            yield from _unfit_kind(kind, text, settings)
        token = settings.get("SecretToken") if isinstance(settings, Mapping) else None
        value = known(token)
        if token is not None and value and not _is_stand_in(value):
            yield Finding(
                token.span,
                "The secret stands in the template, and whoever reads it can start the pipeline.",
                help="Write `{{resolve:secretsmanager:name}}`, or take it from a parameter with `NoEcho`.",
                severity=Severity.WARNING,
            )


def _unfit_kind(kind: Node, text: str, settings: Node | None) -> Iterator[Finding]:
    if text not in _KINDS:
        near = closest(text, _KINDS)
        yield Finding(
            kind.span,
            f"`Authentication` cannot be `{text}`, only {listed([f'`{one}`' for one in _KINDS])}.",
            help=f"Write `{near}`." if near else "Write `GITHUB_HMAC`.",
        )
    elif text == "UNAUTHENTICATED":
        yield Finding(
            kind.span,
            "Whoever knows the address of this webhook can start the pipeline.",
            help="Write `GITHUB_HMAC` with a `SecretToken`.",
            severity=Severity.WARNING,
        )
    elif settings is None or isinstance(settings, Mapping):
        needed = "SecretToken" if text == "GITHUB_HMAC" else "AllowedIPRange"
        if settings is None or needed not in settings:
            yield Finding(
                kind.span,
                f"`{text}` needs `{needed}` in `AuthenticationConfiguration`.",
                help=f"Add `{needed}`.",
            )


def _is_stand_in(text: str) -> bool:
    return any(mark in text for mark in ("{{", "${", "<", "CHANGE", "YOUR", "xxx", "XXX", "****"))


def _filters(project: Project) -> Iterator[list[Mapping]]:
    """The filter groups of a build project's webhook."""
    for group in members(project.get("triggers", "filterGroups")):
        if isinstance(group, Sequence):
            yield [one for one in group.items if isinstance(one, Mapping)]


@rule("CD573", "unanchored-webhook-filter", Severity.WARNING)
def unanchored_webhook_filter(project: Project) -> Iterator[Finding]:
    """The pattern of a webhook filter may be met by a part of the value.

    CodeBuild searches the pattern in the value. An account `755743` is found in `1755743` as well, which has opened
    build projects of AWS itself to strangers; `refs/heads/main` is found in `refs/heads/main-old`. Source: AWS,
    webhook events.

    Bad (kind: template):
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source: {Type: GITHUB, Location: https://github.com/shop/site.git}
              Triggers:
                Webhook: true
                FilterGroups:
                  - - {Type: EVENT, Pattern: PULL_REQUEST_CREATED}
      >             - {Type: ACTOR_ACCOUNT_ID, Pattern: 755743|54262}
    Good (kind: template):
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source: {Type: GITHUB, Location: https://github.com/shop/site.git}
              Triggers:
                Webhook: true
                FilterGroups:
                  - - {Type: EVENT, Pattern: PULL_REQUEST_CREATED}
                    - {Type: ACTOR_ACCOUNT_ID, Pattern: ^(755743|54262)$}
    """
    for group in _filters(project):
        for one in group:
            kind, node = known(one.get("type")), one.get("pattern")
            pattern = known(node)
            excluded = one.get("excludeMatchedPattern")
            if kind not in _WHOLE or node is None or not pattern or not isinstance(node, Scalar):
                continue
            if excluded is not None and not (isinstance(excluded, Scalar) and excluded.truth is False):
                continue
            if is_anchored(pattern) or (kind != "ACTOR_ACCOUNT_ID" and _is_open(pattern)):
                continue
            whole = pattern.strip("^$") if "|" not in pattern else pattern
            meant = f"^({whole})$" if "|" in whole else f"^{whole}$"
            yield Finding(
                node.span,
                f"`{pattern}` is searched in the {_VALUE[kind]} and found in longer ones, too.",
                help=f"Write `{meant}`.",
                fix=_anchoring(project, node, meant, safe=kind == "ACTOR_ACCOUNT_ID"),
            )


_VALUE = {"ACTOR_ACCOUNT_ID": "account", "HEAD_REF": "branch", "BASE_REF": "branch"}


def is_anchored(pattern: str) -> bool:
    """Can it only be met by the whole value?"""
    depth, parts, start = 0, [], 0
    for at, char in enumerate(pattern):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            parts.append(pattern[start:at])
            start = at + 1
    parts.append(pattern[start:])
    return all(part.startswith(("^", "\\A")) and part.endswith(("$", "\\z", "\\Z")) for part in parts)


def _is_open(pattern: str) -> bool:
    """Is a name of a branch meant to go on, as in `^refs/heads/release/.*`?"""
    return pattern.endswith(("*", "+", "/", "-")) and "|" not in pattern


def _anchoring(project: Project, node: Scalar, meant: str, *, safe: bool) -> Fix | None:
    start = node.start + (1 if node.style in ("'", '"') else 0)
    end = start + len(node.value)
    if project.document.text[start:end] != node.value or node.style in ("|", ">"):
        return None
    return Fix("Let the whole value meet it", [Edit(start, end, meant)], safe=safe)


@rule("CD574", "pull-requests-of-anyone", Severity.INFO)
def pull_requests_of_anyone(project: Project) -> Iterator[Finding]:
    """A webhook builds the pull requests of whoever makes one.

    A pull request may change what is built and with it reach the role of the build. For a public repository AWS
    advises a filter for `ACTOR_ACCOUNT_ID` in each group, or a policy that asks for a comment first.

    Bad (kind: template):
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source: {Type: GITHUB, Location: https://github.com/shop/site.git}
              Triggers:
                Webhook: true
                FilterGroups:
      >           - - {Type: EVENT, Pattern: 'PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED'}
    Good (kind: template):
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: NO_ARTIFACTS}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source: {Type: GITHUB, Location: https://github.com/shop/site.git}
              Triggers:
                Webhook: true
                FilterGroups:
                  - - {Type: EVENT, Pattern: 'PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED'}
                    - {Type: ACTOR_ACCOUNT_ID, Pattern: ^755743$}
    """
    if project.get("triggers", "pullRequestBuildPolicy") is not None:
        return
    for group in _filters(project):
        if any(known(one.get("type")) in ("ACTOR_ACCOUNT_ID", None) for one in group):
            continue
        for one in group:
            node = one.get("pattern")
            events = (known(node) or "").upper()
            started = any(f"PULL_REQUEST_{what}" in events for what in ("CREATED", "UPDATED", "REOPENED"))
            if known(one.get("type")) == "EVENT" and started and node is not None:
                yield Finding(
                    node.span,
                    "If the repository is public, anyone can start this build with a pull request.",
                    help="Add a filter `ACTOR_ACCOUNT_ID` to the group, or a `PullRequestBuildPolicy`.",
                )
