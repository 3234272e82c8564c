"""CD615–CD619: names, paths and ARNs in the configuration."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.values import visible
from ..syntax.tree import GAP, Scalar
from ..wording import listed
from . import rule
from .configuration import is_capitals, is_open, renamed, replacement, settled
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


@rule("CD615", "artifact-path-malformed", Severity.ERROR)
def artifact_path_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """A path does not say in which artifact the file is.

    `TemplatePath` and `TemplateConfiguration` are written `Artifact::path`: the name of an input artifact, two colons,
    and the path in that artifact from its top folder.

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
                    RoleArn: arn:aws:iam::111122223333:role/stack
      >             TemplatePath: template.yml
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
    for action in pipeline.actions():
        for name, (_, node) in action.configuration.items():
            kind = action.type
            if kind is None or not kind.keys.get(name, {}).get("path"):
                continue
            text = visible(node)
            if isinstance(node, Scalar) and text and not is_open(text) and not is_capitals(text):
                yield from _path(action, name, node)
            elif text.count("::") == 1 and not is_open(text.replace(GAP, "")) and text.endswith("::"):
                yield Finding(
                    node.span,
                    f"`{name}` names no file behind the `::`.",
                    help="Write the path of the file behind it.",
                )


def _path(action: Action, name: str, node: Scalar) -> Iterator[Finding]:
    value, document = node.value, action.pipeline.document
    artifact, colons, path = value.partition("::")
    help = f"Write `{_first_input(action)}::` and the path of the file in that artifact."
    if not colons:
        single, colon, rest = value.partition(":")
        names = [one.name for one in action.inputs]
        fix = None
        told = f"`{name}` does not say in which artifact the file is: it is written `Artifact::path`."
        if colon and single in names and rest and rest[0] != "/":
            fix = replacement(document, node, len(single), len(single) + 1, "::", "write two colons")
            told = f"`{name}` has one colon behind the artifact, but two belong there."
        elif "://" in value:
            told = f"`{name}` takes a file of an input artifact, written `Artifact::path`, and no address."
        elif len(names) == 1 and names[0] and not colon and action.knows_inputs and "/" not in value[:1]:
            fix = replacement(document, node, 0, 0, f"{names[0]}::", f"write `{names[0]}::` before it")
        yield Finding(node.span, told, help=help, fix=fix)
    elif not artifact.strip() or not path.strip():
        missing = "artifact before" if not artifact.strip() else "file behind"
        yield Finding(node.span, f"`{name}` names no {missing} the `::`.", help=help)
    elif path[0] == "/" or path.startswith("./"):
        end = len(artifact) + 2 + len(path) - len(path.lstrip("./" if path[0] == "." else "/"))
        yield Finding(
            part(document, node, len(artifact) + 2, end),
            f"The path in `{name}` begins with `{path[: end - len(artifact) - 2]}`, but paths in an artifact begin with"
            " the name of a file or folder.",
            help="Leave it away.",
            fix=replacement(document, node, len(artifact) + 2, end, "", "leave it away"),
            severity=Severity.WARNING,
        )


def _first_input(action: Action) -> str:
    return next((one.name for one in action.inputs if one.name), "Artifact")


@rule("CD616", "repository-malformed", Severity.ERROR)
def repository_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """A repository or branch is not written as the source action wants it.

    `FullRepositoryId` of a connection is `owner/name`, nothing more: no address, no `.git`. `Owner` and `Repo` of the
    old GitHub action are single names, as is a repository of CodeCommit or ECR. A branch stands without
    `refs/heads/`. Where the connection finds nothing, AWS answers `No Branch [main] found for FullRepositoryName [..]`.

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
      >             FullRepositoryId: https://github.com/shop/app.git
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
        if kind is None or (kind.category != "Source" and kind.provider != "ECRBuildAndPublish"):
            continue
        yield from _repository(action)
        for name in ("BranchName", "Branch"):
            node = settled(action, name) if name in kind.keys else None
            for prefix in ("refs/heads/", "origin/"):
                if node is not None and node.value.startswith(prefix) and len(node.value) > len(prefix):
                    yield Finding(
                        part(pipeline.document, node, 0, len(prefix)),
                        f"`{name}` takes the name of the branch alone: no branch is called `{node.value}`.",
                        help=f"Write `{node.value[len(prefix) :]}`.",
                        fix=replacement(
                            pipeline.document, node, 0, len(prefix), "", f"leave `{prefix}` away"
                        ),
                        severity=None if prefix == "refs/heads/" else Severity.WARNING,
                    )


def _repository(action: Action) -> Iterator[Finding]:
    provider, document = action.provider, action.pipeline.document
    name = {
        "CodeStarSourceConnection": "FullRepositoryId",
        "GitHub": "Repo",
        "CodeCommit": "RepositoryName",
        "ECR": "RepositoryName",
        "ECRBuildAndPublish": "ECRRepositoryName",
    }.get(provider or "")
    node = settled(action, name) if name else None
    if node is not None and name is not None and node.value.strip() and not is_capitals(node.value):
        value = node.value
        right = _meant(provider or "", value)
        if right is not None and right != value:
            yield Finding(
                node.span,
                _WHY.get(provider or "", f"`{name}` takes the name of the repository alone."),
                help=f"Write `{right}`." if right else "Write it as `owner/name`.",
                fix=renamed(document, node, right, f"write `{right}`") if right else None,
            )
    owner = settled(action, "Owner") if provider == "GitHub" else None
    if owner is not None and "/" in owner.value:
        yield Finding(
            owner.span,
            "`Owner` takes the name of the user or the organisation alone.",
            help=f"Write `{owner.value.rstrip('/').rpartition('/')[2]}`.",
        )


_WHY = {
    "CodeStarSourceConnection": "`FullRepositoryId` is `owner/name`: with anything else the connection finds no "
    "repository.",
    "GitHub": "`Repo` takes the name of the repository alone; its owner stands in `Owner`.",
    "ECR": "`RepositoryName` takes the name of the repository alone, without registry and tag.",
}


def _meant(provider: str, value: str) -> str | None:
    """How the repository has to be written; "" where that cannot be told, None where it is no repository's name."""
    text = value.strip().rstrip("/").removesuffix(".git")
    if value.startswith("arn:"):
        if provider not in ("CodeCommit", "ECR", "ECRBuildAndPublish"):
            return None
        return text.rpartition(":")[2].removeprefix("repository/")
    if "://" in text or text.startswith("git@"):
        path = text.partition("://")[2].partition("/")[2] if "://" in text else text.partition(":")[2]
        if provider == "CodeCommit":
            return path.rpartition("/")[2]
        if provider == "GitHub":
            return path.rpartition("/")[2]
        return path if "/" in path or provider != "CodeStarSourceConnection" else ""
    if provider == "CodeStarSourceConnection":
        host, _, path = text.partition("/")
        if path.count("/") and host.removeprefix("www.") in ("github.com", "gitlab.com", "bitbucket.org"):
            return path
        return text if "/" in text.strip("/") else ""
    if provider == "GitHub":
        return text.rpartition("/")[2]
    if provider in ("ECR", "ECRBuildAndPublish") and ".dkr.ecr." in text:
        return text.partition("/")[2].partition(":")[0].partition("@")[0]
    if provider == "ECR" and ":" in text:
        return text.partition(":")[0]
    return value if provider != "CodeCommit" else text


@rule("CD617", "name-expected", Severity.ERROR)
def name_expected(pipeline: Pipeline) -> Iterator[Finding]:
    """The configuration wants a name and gets an ARN, an address or a path.

    A bucket is named by its name alone, without `s3://`, `arn:aws:s3:::` or a folder behind it; a build project, a
    function and a pipeline by theirs.

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
                  configuration:
      >             BucketName: s3://www.example.net
                    Extract: "true"
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
    for action in pipeline.actions():
        kind = action.type
        for name in ("BucketName", "S3Bucket"):
            if kind is not None and name in kind.keys:
                yield from _bucket(action, name)
        for name, severity in _NAMED.get(kind.provider if kind is not None else "", {}).items():
            node = settled(action, name)
            if node is not None and node.value.startswith("arn:"):
                short = node.value.rpartition(":")[2].rpartition("/")[2]
                yield Finding(
                    node.span,
                    f"`{name}` takes a name, not an ARN.",
                    help=f"Write `{short}`." if short else "",
                    severity=severity,
                )


_NAMED = {
    "CodeBuild": {"ProjectName": Severity.ERROR},
    "CodePipeline": {"PipelineName": Severity.ERROR},
    "Lambda": {"FunctionName": Severity.WARNING},
    "CodeDeploy": {"ApplicationName": Severity.ERROR, "DeploymentGroupName": Severity.ERROR},
    "CodeDeployToECS": {"ApplicationName": Severity.ERROR, "DeploymentGroupName": Severity.ERROR},
}


def _bucket(action: Action, name: str) -> Iterator[Finding]:
    node, document = action.get(name), action.pipeline.document
    text = visible(node)
    if node is None:
        return
    for prefix in ("arn:aws:s3:::", "arn:aws-cn:s3:::", "arn:aws-us-gov:s3:::", "s3://"):
        if text.startswith(prefix):
            bucket, _, path = text[len(prefix) :].partition("/")
            fix = None
            if isinstance(node, Scalar) and not path and bucket:
                fix = replacement(document, node, 0, len(prefix), "", f"leave `{prefix}` away")
            yield Finding(
                part(document, node, 0, len(prefix)) if isinstance(node, Scalar) else node.span,
                f"`{name}` takes the name of the bucket alone, without `{prefix}`.",
                help="Leave it away." + (" The path belongs into the key of the object." if path else ""),
                fix=fix,
            )
            return
    if "/" in text and isinstance(node, Scalar) and not is_open(text) and "://" not in text:
        yield Finding(
            part(document, node, text.index("/"), len(text)),
            f"`{name}` takes the name of the bucket alone: names of buckets have no `/`.",
            help="The path belongs into the key of the object.",
        )
    elif "://" in text and isinstance(node, Scalar) and not is_open(text):
        yield Finding(node.span, f"`{name}` takes the name of the bucket, not an address.")


@rule("CD618", "arn-malformed", Severity.ERROR)
def arn_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """The configuration wants the ARN of one service and gets something else.

    A connection is named by its ARN (`…:connection/…`, not by the ARN of its host, nor by its name), a topic for
    approvals by its ARN, the role of a stack too.

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
      >             NotificationArn: team@example.net
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
                    NotificationArn: arn:aws:sns:eu-west-1:111122223333:approvals
    """
    for action in pipeline.actions():
        kind = action.type
        for name in action.configuration if kind is not None else ():
            spec = kind.keys.get(name, {}) if kind is not None else {}
            node = settled(action, name) if "arn" in spec else None
            if node is None or not node.value.strip() or is_capitals(node.value):
                continue
            problem = _arn_problem(node.value, spec["arn"], spec.get("resource", []))
            if problem:
                service = spec["arn"][-1]
                resource = (spec.get("resource") or ["…"])[0]
                account = "" if service == "iam" else "<region>"
                yield Finding(
                    node.span,
                    f"`{name}` {problem}.",
                    help=f"Write `arn:aws:{service}:{account}:<account>:{resource}`"
                    + (" and its name." if resource != "…" else "."),
                )


def _arn_problem(value: str, services: list[str], resources: list[str]) -> str:
    parts = value.split(":", 5)
    if parts[0] != "arn":
        return "has to be an ARN"
    if len(parts) < 6:
        return "is an ARN with parts missing"
    if parts[2] not in services:
        return f"has to be an ARN of {listed(f'`{service}`' for service in services)}, and this is one of `{parts[2]}`"
    if resources and not parts[5].startswith(tuple(resources)):
        kind = parts[5].replace("/", ":").partition(":")[0]
        wanted = listed(f"`{resource}…`" for resource in resources)
        return f"names a `{kind}`, but wants {wanted}"
    return ""


@rule("CD619", "image-tag-malformed", Severity.ERROR)
def image_tag_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """The tag of an image has characters that no tag has.

    A tag has letters, digits, `_`, `.` and `-`, and at most 128 of them. `ImageTags` of the action
    `ECRBuildAndPublish` is a list of tags with commas between them; `ImageTag` of a source is one tag, not a digest.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Image
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  configuration:
                    RepositoryName: app
      >             ImageTag: app:latest
                  outputArtifacts: [{name: Image}]
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
                - name: Image
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  configuration:
                    RepositoryName: app
                    ImageTag: latest
                  outputArtifacts: [{name: Image}]
            - name: Approve
              actions:
                - name: Ask
                  actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
    """
    for action in pipeline.actions():
        kind = action.type
        for name in ("ImageTag", "ImageTags"):
            node = settled(action, name) if kind is not None and name in kind.keys else None
            if node is None or not node.value.strip():
                continue
            at = 0
            for tag in node.value.split(",") if name == "ImageTags" else [node.value]:
                if not tag or tag[0] in ".-" or len(tag) > 128 or not _TAG.issuperset(tag):
                    blank = bool(tag.strip()) and _TAG.issuperset(tag.strip())
                    yield Finding(
                        part(pipeline.document, node, at, at + max(len(tag), 1)),
                        f"`{name}` is a list with commas and without blanks."
                        if blank
                        else f"`{tag}` is no tag of an image.",
                        help="Write letters, digits, `_`, `.` and `-` only"
                        + (", and commas between the tags." if name == "ImageTags" else "."),
                        severity=Severity.WARNING if blank else None,
                    )
                at += len(tag) + 1
