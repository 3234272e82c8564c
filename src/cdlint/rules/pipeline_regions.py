"""CD555–CD559: actions, buckets and topics in other regions."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.references import is_stand_in
from ..model.values import entries, known
from ..syntax.tree import Mapping, Scalar
from ..wording import listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action, Pipeline

#: The first parts of regions, to tell one from a part of another name.
_AREAS = frozenset("af ap ca cn eu il me mx sa us".split())
_PLACES = frozenset("north south east west central northeast northwest southeast southwest".split())


def is_region(text: str) -> bool:
    """Has a text the form of a region: `eu-west-1`, `us-gov-east-1`?"""
    parts = text.split("-")
    if len(parts) == 4 and parts[1] in ("gov", "iso", "isob", "isof", "isoe"):
        parts = [parts[0], *parts[2:]]
    return len(parts) == 3 and parts[0] in _AREAS and parts[1] in _PLACES and parts[2].isdigit()


def own_region(pipeline: Pipeline) -> str | None:
    """The pipeline's own region: what the file tells, else that of its source actions, which can be in no other."""
    if pipeline.region:
        return pipeline.region
    found = {known(action.region_node) for action in pipeline.actions() if action.category == "Source"}
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _regions(pipeline: Pipeline) -> list[tuple[Action, str]]:
    """The actions whose region is written, with it."""
    return [
        (action, region)
        for action in pipeline.actions()
        if (region := known(action.region_node)) is not None and is_region(region)
    ]


@rule("CD555", "one-store-for-several-regions", Severity.ERROR)
def one_store_for_several_regions(pipeline: Pipeline) -> Iterator[Finding]:
    """An action runs in another region, and the pipeline has one artifact store.

    CodePipeline answers `Your pipeline contains actions in more than one region. Use 'pipeline.artifactStores' instead
    of 'pipeline.artifactStore' to declare an artifact store, such as an artifact bucket, for each region where you
    have an action.`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                region: eu-west-1
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
      >         region: us-east-1
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStores:
          eu-west-1: {type: S3, location: shop-artifacts}
          us-east-1: {type: S3, location: shop-artifacts-us}
        stages:
          - name: Source
            actions:
              - name: Source
                region: eu-west-1
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                region: us-east-1
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    """
    if "artifactStores" in pipeline.node or "artifactStore" not in pipeline.node:
        return
    found = [pair for pair in _regions(pipeline) if pair[0].category not in ("Source", "Approval")]
    own = own_region(pipeline) or _region_of_store(pipeline)
    severity = None
    if own is not None:
        found = [(action, region) for action, region in found if region != own]
    else:
        first = found[0][1] if found else ""
        others = [(action, region) for action, region in found if region != first]
        if not others and found:
            # One region, on some actions only: hardly the pipeline's own.
            rest = [
                action
                for action in pipeline.actions()
                if action.region_node is None and action.category not in ("Approval", None)
            ]
            others = found if rest and len(found) <= len(rest) else []
            severity = Severity.WARNING
        found = others
    for action, region in found:
        assert action.region_node is not None
        yield Finding(
            action.region_node.span,
            f"{action.label} runs in `{region}`, and the pipeline has one artifact store: CodePipeline wants one "
            "in each region with actions."
            if severity is None
            else f"If `{region}` is not the pipeline's own region, one artifact store is not enough.",
            help=f"Replace `{pipeline.spell('artifactStore')}` by `{pipeline.spell('artifactStores')}`, with a bucket "
            "for each region and for the pipeline's own.",
            severity=severity,
        )


@rule("CD556", "region-without-store", Severity.ERROR)
def region_without_store(pipeline: Pipeline) -> Iterator[Finding]:
    """The artifact stores lack one for a region with actions.

    There has to be one for each of these regions and for that of the pipeline. CodePipeline answers `The following
    region is missing in 'pipeline.artifactStores': …`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStores:
          eu-west-1: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
      >         region: us-east-1
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStores:
          eu-west-1: {type: S3, location: shop-artifacts}
          us-east-1: {type: S3, location: shop-artifacts-us}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                region: us-east-1
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    """
    stores = _stores(pipeline)
    if not stores:
        return
    given = [f"`{region}`" for region in stores]
    for action, region in _regions(pipeline):
        if region not in stores and action.category != "Approval" and action.region_node is not None:
            yield Finding(
                action.region_node.span,
                f"`{pipeline.spell('artifactStores')}` has no store for `{region}`, only for {listed(given, 'and')}.",
                help=f"Add a bucket in `{region}`.",
            )
    own = pipeline.region
    if own and own not in stores:
        yield Finding(
            pipeline.span_of("artifactStores"),
            f"`{pipeline.spell('artifactStores')}` has no store for `{own}`, the region of the pipeline itself.",
            help=f"Add a bucket in `{own}`.",
        )


def _stores(pipeline: Pipeline) -> list[str] | None:
    """The regions with an artifact store; None if they are not all known."""
    node = pipeline.node.get("artifactStores")
    if not isinstance(node, Mapping):
        return None
    names = []
    for key, _ in entries(node):
        if not is_region(key.value):
            return None
        names.append(key.value)
    return names if len(names) == len(node) else None


@rule("CD557", "action-bound-to-own-region", Severity.ERROR)
def action_bound_to_own_region(pipeline: Pipeline) -> Iterator[Finding]:
    """A source, third-party or custom action is to run in another region.

    Only AWS's build, test, deploy and invoke actions run across regions. Source: AWS, cross-region actions.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStores:
          eu-west-1: {type: S3, location: shop-artifacts}
          us-east-1: {type: S3, location: shop-artifacts-us}
        stages:
          - name: Source
            actions:
              - name: Source
                region: eu-west-1
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Build
      >         region: us-east-1
                actionTypeId: {category: Build, owner: Custom, provider: Jenkins, version: '1'}
                configuration: {ProjectName: shop}
                inputArtifacts: [{name: src}]
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStores:
          eu-west-1: {type: S3, location: shop-artifacts}
          us-east-1: {type: S3, location: shop-artifacts-us}
        stages:
          - name: Source
            actions:
              - name: Source
                region: eu-west-1
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Build
            actions:
              - name: Build
                region: eu-west-1
                actionTypeId: {category: Build, owner: Custom, provider: Jenkins, version: '1'}
                configuration: {ProjectName: shop}
                inputArtifacts: [{name: src}]
    """
    own = own_region(pipeline)
    source = ""
    for action, region in _regions(pipeline):
        if action.region_node is None:
            continue
        elsewhere = own is not None and region != own
        if action.category == "Source":
            what = "Source actions"
            elsewhere = elsewhere or (own is None and bool(source) and region != source)
            source = source or region
        elif action.owner in ("ThirdParty", "Custom"):
            what = f"Actions of owner `{action.owner}`"
        else:
            continue
        if elsewhere:
            yield Finding(
                action.region_node.span,
                f"{what} run in the pipeline's own region only, `{own or source}`, not in `{region}`.",
                help=f"Remove `{pipeline.spell('region')}`, or make a pipeline in `{region}`.",
            )


@rule("CD558", "resource-in-other-region", Severity.ERROR)
def resource_in_other_region(pipeline: Pipeline) -> Iterator[Finding]:
    """A topic or an artifact bucket is in another region than what uses it.

    The topic of an approval has to be in the pipeline's region (`… but the ARN is not in the same region as the
    pipeline`), and a bucket for artifacts in that of its store; a bucket elsewhere ends in `InternalError`. For a
    bucket whose name tells of another region this is a warning. Source: AWS, approval action and troubleshooting.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                region: eu-west-1
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
      >           NotificationArn: arn:aws:sns:us-east-1:111122223333:approvals
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                region: eu-west-1
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Approve
                actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: '1'}
                configuration:
                  NotificationArn: arn:aws:sns:eu-west-1:111122223333:approvals
    """
    own = own_region(pipeline)
    for action in pipeline.actions():
        node = action.get("NotificationArn")
        parts = (known(node) or "").split(":")
        if node is None or action.category != "Approval" or len(parts) < 6 or not is_region(parts[3]):
            continue
        if parts[2] == "sns" and own is not None and parts[3] != own:
            yield Finding(
                node.span,
                f"The topic is in `{parts[3]}` and the pipeline in `{own}`; CodePipeline refuses this.",
                help=f"Name a topic in `{own}`.",
            )
    yield from _buckets(pipeline, own)


def _buckets(pipeline: Pipeline, own: str | None) -> Iterator[Finding]:
    stores = [(known(key), value) for key, value in entries(pipeline.node.get("artifactStores"))]
    single = pipeline.node.get("artifactStore")
    if single is not None:
        stores.append((own, single))
    for region, store in stores:
        node = store.get("location") if isinstance(store, Mapping) else None
        other = _region_in(known(node) or "")
        if node is not None and region and is_region(region) and other and other != region:
            yield Finding(
                node.span,
                f"This is the store for `{region}`, and by its name the bucket is in `{other}`.",
                help=f"Name a bucket in `{region}`.",
                severity=Severity.WARNING,
            )


def _region_of_store(pipeline: Pipeline) -> str | None:
    """The region that the name of the only bucket tells: it has to be the pipeline's."""
    store = pipeline.node.get("artifactStore")
    node = store.get("location") if isinstance(store, Mapping) else None
    return _region_in(known(node) or "") or None


def _region_in(name: str) -> str:
    """The only region that a name tells; "" if there is none, or more than one."""
    words = name.lower().split("-")
    found = {
        "-".join(words[at : at + size])
        for size in (3, 4)
        for at in range(len(words))
        if is_region("-".join(words[at : at + size]))
    }
    return found.pop() if len(found) == 1 else ""


@rule("CD559", "not-a-region", Severity.ERROR)
def not_a_region(pipeline: Pipeline) -> Iterator[Finding]:
    """What stands for a region has not the form of one.

    Regions are written `eu-west-1`; `eu-west-1a` is a zone in one, `EU_WEST_1` a constant of an SDK. CodePipeline
    answers `The region … specified in 'pipeline.artifactStores' is not a valid AWS Region.`

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
      >         region: us-east-1a
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
    """
    nodes = [action.region_node for action in pipeline.actions()]
    stores = pipeline.node.get("artifactStores")
    if isinstance(stores, Mapping):
        nodes += [key for key, _ in entries(stores)]
    for node in nodes:
        text = known(node)
        if not text or not isinstance(node, Scalar):
            continue
        if "#{" in text:
            yield Finding(
                node.span,
                f"Variables such as `{text}` are filled in only below `{pipeline.spell('configuration')}`: here it "
                "stays as it is, which is no region.",
                help="Write the region.",
            )
            continue
        yield from _no_region(node, text)
    for action in pipeline.actions():
        if not action.is_a("CloudFormationStackInstances") and not action.is_a("CloudFormationStackSet"):
            continue
        regions = action.get("Regions")
        if isinstance(regions, Scalar):
            for part in (known(regions) or "").split(","):
                if part.strip() and "#{" not in part:
                    yield from _no_region(regions, part.strip())


def _no_region(node: Scalar, text: str) -> Iterator[Finding]:
    if is_region(text) or is_stand_in(text):
        return
    meant = text.lower().replace("_", "-")
    if not is_region(meant):
        # `eu-west-1a`, `eu-west1`
        meant = next(
            (one for one in (meant[:-1], f"{meant.rstrip('0123456789')}-{meant[-1:]}") if is_region(one)), ""
        )
    looks_so = text[:2].lower() in _AREAS and any(place in text.lower() for place in _PLACES)
    if meant or (looks_so and text.replace("-", "").replace("_", "").isalnum()):
        yield Finding(
            node.span,
            f"`{text}` is no region.",
            help=f"Write `{meant}`." if meant else "Write one such as `eu-west-1`.",
        )
