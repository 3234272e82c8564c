"""CD643, CD644, CD647: further values of actions: variables of commands, links, ACLs."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Pipeline
from ..model.values import known
from ..syntax.tree import Mapping
from . import rule
from .configuration import is_capitals, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The longest value of a variable by the user guide.
_LONGEST = 1000


@rule("CD643", "action-variable-not-taken", Severity.ERROR)
def action_variable_not_taken(pipeline: Pipeline) -> Iterator[Finding]:
    """An environment variable of an action is of a type, or of a length, that the action does not take.

    Secrets (`SECRETS_MANAGER`) are for the action `Commands` only; `EKS` takes plain texts. Values have at most 1000
    characters by the user guide, although the API lets 2000 pass.

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
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: EKS, version: "1"}
                  configuration: {ClusterName: shop, ManifestFiles: k8s/web.yaml}
                  environmentVariables:
      >             - {name: API_KEY, value: prod/api, type: SECRETS_MANAGER}
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
                - name: Deploy
                  actionTypeId: {category: Deploy, owner: AWS, provider: EKS, version: "1"}
                  configuration: {ClusterName: shop, ManifestFiles: k8s/web.yaml}
                  environmentVariables:
                    - {name: STAGE, value: prod}
                  inputArtifacts: [{name: Source}]
    """
    for action in pipeline.actions():
        for variable in action.environment_variables:
            if action.provider not in ("Commands", "EKS") or not isinstance(variable, Mapping):
                continue
            kind, value = variable.get("type"), variable.get("value")
            if action.provider == "EKS" and kind is not None and known(kind) == "SECRETS_MANAGER":
                yield Finding(
                    kind.span,
                    "The action `EKS` takes no secrets in its variables, only plain texts.",
                    help="Let the cluster read the secret itself, or the manifests name a secret of Kubernetes.",
                )
            text = known(value)
            if value is not None and text is not None and _LONGEST < len(text) <= 2 * _LONGEST:
                yield Finding(
                    value.span,
                    f"The value is {len(text)} characters long; the user guide allows {_LONGEST}.",
                    help="Put the text into a file of the artifact.",
                    severity=Severity.WARNING,
                )


@rule("CD644", "link-malformed", Severity.WARNING)
def link_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """The link of an approval is no address.

    The console shows `ExternalEntityLink` to whoever approves, as a link to what is to be looked at. It needs an
    address with `https://`.

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
      >             ExternalEntityLink: test.example.net/shop
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
                    ExternalEntityLink: https://test.example.net/shop
    """
    for action in pipeline.actions():
        node = settled(action, "ExternalEntityLink") if action.is_a("Manual", "Approval") else None
        if node is None or not node.value.strip() or is_capitals(node.value):
            continue
        if not node.value.startswith(("https://", "http://")):
            yield Finding(
                node.span,
                "This is no address, so the console has no link to show to whoever approves.",
                help="Write an address that begins with `https://`.",
            )


@rule("CD647", "objects-public", Severity.WARNING)
def objects_public(pipeline: Pipeline) -> Iterator[Finding]:
    """A deployment to S3 makes its objects public.

    With `CannedACL` `public-read` everybody may read the objects, whoever finds their address; with `public-read-write`
    everybody may change them. Buckets without ACLs, the default since 2023, refuse both.

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
                    BucketName: www.example.net
                    Extract: "true"
      >             CannedACL: public-read
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
        node = settled(action, "CannedACL") if action.is_a("S3", "Deploy") else None
        if node is not None and node.value in ("public-read", "public-read-write"):
            verb = "change" if node.value.endswith("write") else "read"
            yield Finding(
                node.span,
                f"Everybody may {verb} these objects; buckets without ACLs (the default since 2023) refuse them.",
                help="Leave `CannedACL` away; for a web site let CloudFront read the bucket (origin access control).",
            )
