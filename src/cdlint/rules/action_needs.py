"""CD626–CD629: configuration keys that need one another, and keys that exclude one another."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.values import known, visible
from ..source import Span
from ..wording import listed
from . import rule
from .configuration import configured, flag, has, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..findings import SeverityName

    #: Place, message, help, level.
    Said = tuple[Span, str, str, SeverityName]


def _at(action: Action, *keys: str) -> Span:
    """The first of some keys that is there, else the configuration."""
    for key in keys:
        found = action.key(key)
        if found is not None:
            return found.span
    return action.configuration_span


@rule("CD626", "configuration-key-needed", Severity.ERROR)
def configuration_key_needed(pipeline: Pipeline) -> Iterator[Finding]:
    """A configuration key is needed because of another one, or because of the artifacts.

    A file that is not unpacked in its bucket needs an `ObjectKey`; an EC2 deployment needs a deploy spec or a target
    folder and a script; a chart of Helm needs the name of a release; a deployment of a function without an input
    artifact needs the version to point the alias at.

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
      >             Extract: "false"
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
                    Extract: "false"
                    ObjectKey: site.zip
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline):
        if pipeline.document.damaged:
            return
        for check in _CHECKS.get((action.category or "", action.provider or ""), ()):
            for span, told, help, severity in check(action):
                yield Finding(span, told, help=help, severity=severity)


def _object_key(action: Action) -> Iterator[Said]:
    if flag(action, "Extract") is False and action.key("ObjectKey") is None:
        yield (
            _at(action, "Extract"),
            "With `Extract` `false` the artifact is stored as one file, which needs a name: `ObjectKey` is missing.",
            "Add `ObjectKey`, for example `site.zip`, or set `Extract` to `true`.",
            Severity.ERROR,
        )


def _batch(action: Action) -> Iterator[Said]:
    enabled = action.get("BatchEnabled")
    if flag(action, "CombineArtifacts") and (enabled is None or flag(action, "BatchEnabled") is False):
        yield (
            _at(action, "CombineArtifacts"),
            "`CombineArtifacts` is for batch builds, and this is none.",
            'Add `BatchEnabled: "true"`, or delete it.',
            Severity.ERROR,
        )


def _state_machine(action: Action) -> Iterator[Said]:
    if action.text("InputType") != "FilePath":
        return
    if action.key("Input") is None:
        yield (
            _at(action, "InputType"),
            "With `InputType` `FilePath` the input is read from a file, but `Input` does not name it.",
            "Add `Input` with the path of the file in the input artifact.",
            Severity.ERROR,
        )
    elif action.knows_inputs and not action.inputs:
        yield (
            _at(action, "InputType"),
            "With `InputType` `FilePath` the input is read from an input artifact, and the action has none.",
            f"Add the artifact to `{action.pipeline.spell('inputArtifacts')}`.",
            Severity.ERROR,
        )


def _instances(action: Action) -> Iterator[Said]:
    if has(action, "DeploySpec"):
        return
    missing = [name for name in ("TargetDirectory", "PostScript") if action.key(name) is None]
    if missing:
        names = listed((f"`{name}`" for name in missing), "and")
        yield (
            _at(action, "TargetDirectory", "PostScript"),
            f"Without a `DeploySpec` the action `EC2` needs `TargetDirectory` and `PostScript`: add {names}.",
            f"Add {names}, or `DeploySpec` with the path of a deploy spec.",
            Severity.ERROR,
        )


def _cluster(action: Action) -> Iterator[Said]:
    release, chart = action.key("HelmReleaseName"), action.key("HelmChartLocation")
    if (release is None) != (chart is None):
        there, missing = (
            ("HelmReleaseName", "HelmChartLocation") if release else ("HelmChartLocation", "HelmReleaseName")
        )
        yield (
            _at(action, there),
            f"`{there}` needs `{missing}`: Helm takes both.",
            f"Add `{missing}`.",
            Severity.ERROR,
        )
    elif release is None and action.key("ManifestFiles") is None:
        if action.key("HelmValuesFiles") is not None:
            missing = "`HelmReleaseName` and `HelmChartLocation`"
            yield (
                _at(action, "HelmValuesFiles"),
                f"The chart is missing: {missing}.",
                f"Add {missing}.",
                Severity.ERROR,
            )
            return
        yield (
            action.configuration_span,
            "The action `EKS` does not say what to deploy: it needs a chart of Helm or manifests.",
            "Add `HelmReleaseName` and `HelmChartLocation`, or `ManifestFiles`.",
            Severity.ERROR,
        )


def _function(action: Action) -> Iterator[Said]:
    if action.knows_inputs and not action.inputs and action.key("PublishedTargetVersion") is None:
        yield (
            action.configuration_span,
            "Without an input artifact there is no code to deploy, so the action needs `PublishedTargetVersion`.",
            f"Add `PublishedTargetVersion`, or an artifact to `{action.pipeline.spell('inputArtifacts')}`.",
            Severity.ERROR,
        )
    if action.key("FunctionAlias") is None:
        for name in ("DeployStrategy", "PublishedTargetVersion"):
            if action.key(name) is not None and action.text(name) != "AllAtOnce":
                yield (
                    _at(action, name),
                    f"`{name}` needs `FunctionAlias`: it is the alias that is moved to the new version.",
                    "Add `FunctionAlias`.",
                    Severity.ERROR,
                )
                return
    alarms = settled(action, "Alarms")
    if alarms is not None and alarms.value.count(",") >= 10:
        yield alarms.span, "The action takes at most 10 alarms.", "Name the 10 that matter.", Severity.ERROR


def _product(action: Action) -> Iterator[Said]:
    if action.key("ConfigurationFilePath") is not None:
        return
    missing = [
        name for name in ("TemplateFilePath", "ProductVersionName", "ProductType") if action.key(name) is None
    ]
    if missing:
        names = listed((f"`{name}`" for name in missing), "and")
        yield (
            action.configuration_span,
            f"Without `ConfigurationFilePath` the action `ServiceCatalog` needs {names}.",
            f"Add {names}, or `ConfigurationFilePath`.",
            Severity.ERROR,
        )


def _stack_set(action: Action) -> Iterator[Said]:
    targets, regions = action.key("DeploymentTargets"), action.key("Regions")
    if (targets is None) != (regions is None):
        there, missing = ("DeploymentTargets", "Regions") if targets else ("Regions", "DeploymentTargets")
        yield (
            _at(action, there),
            f"`{there}` needs `{missing}`: only the two together say where stacks are made.",
            f"Add `{missing}`.",
            Severity.ERROR,
        )


def _scan(action: Action) -> Iterator[Said]:
    mode = action.text("InspectorRunMode")
    if mode == "ECRImageScan" and action.key("ECRRepositoryName") is None:
        yield (
            _at(action, "InspectorRunMode"),
            "`ECRImageScan` scans an image of a repository, but `ECRRepositoryName` does not name it.",
            "Add `ECRRepositoryName`.",
            Severity.WARNING,
        )
    elif mode == "SourceCodeScan" and action.knows_inputs and not action.inputs:
        yield (
            _at(action, "InspectorRunMode"),
            "`SourceCodeScan` scans an input artifact, and the action has none.",
            f"Add the artifact to `{action.pipeline.spell('inputArtifacts')}`.",
            Severity.ERROR,
        )


def _windows(action: Action) -> Iterator[Said]:
    compute = action.text("ComputeType")
    if action.text("EnvironmentType") == "WINDOWS_SERVER_2022_CONTAINER" and (
        compute == "BUILD_GENERAL1_SMALL" or action.key("ComputeType") is None
    ):
        yield (
            _at(action, "ComputeType", "EnvironmentType"),
            "Windows does not run on `BUILD_GENERAL1_SMALL`"
            + (", which is taken where there is no `ComputeType`" if compute is None else "")
            + ": the action fails when it runs.",
            "Write `ComputeType` `BUILD_GENERAL1_MEDIUM`.",
            Severity.ERROR,
        )


_CHECKS: dict[tuple[str, str], tuple[Callable[[Action], Iterator[Said]], ...]] = {
    ("Deploy", "S3"): (_object_key,),
    ("Build", "CodeBuild"): (_batch,),
    ("Test", "CodeBuild"): (_batch,),
    ("Invoke", "StepFunctions"): (_state_machine,),
    ("Deploy", "EC2"): (_instances,),
    ("Deploy", "EKS"): (_cluster,),
    ("Deploy", "Lambda"): (_function,),
    ("Deploy", "ServiceCatalog"): (_product,),
    ("Deploy", "CloudFormationStackSet"): (_stack_set,),
    ("Invoke", "InspectorScan"): (_scan,),
    ("Compute", "Commands"): (_windows,),
}

#: Keys of which one makes the others wrong. Source: AWS, action references.
_EITHER = {
    "EC2": ("DeploySpec", ("TargetDirectory", "PostScript", "PreScript")),
    "EKS": ("ManifestFiles", ("HelmReleaseName", "HelmChartLocation", "HelmValuesFiles")),
    "ServiceCatalog": (
        "ConfigurationFilePath",
        ("TemplateFilePath", "ProductVersionName", "ProductType", "ProductVersionDescription"),
    ),
}


@rule("CD627", "configuration-keys-exclude", Severity.WARNING)
def configuration_keys_exclude(pipeline: Pipeline) -> Iterator[Finding]:
    """Two configuration keys are alternatives, and both are there.

    `EC2` is deployed to with a deploy spec or with folder and scripts, `EKS` with manifests or a chart, a product with
    a configuration file or with the keys that would be in it. Stack sets that AWS Organizations deploys by itself have
    no targets.

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
                  configuration:
                    ClusterName: shop
      >             ManifestFiles: k8s/web.yaml
                    HelmReleaseName: web
                    HelmChartLocation: chart
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
                  configuration:
                    ClusterName: shop
                    HelmReleaseName: web
                    HelmChartLocation: chart
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline):
        one, others = _EITHER.get(action.provider or "", ("", ()))
        there = [name for name in others if action.key(name) is not None]
        key = action.key(one)
        if key is not None and there:
            names = listed((f"`{name}`" for name in there), "and")
            yield Finding(
                key.span,
                f"`{one}` and {names} are alternatives: one of them goes to waste, or the action is refused.",
                help=f"Keep either `{one}` or {names}.",
            )
        mode = action.text("OrganizationsAutoDeployment")
        targets = [name for name in ("DeploymentTargets", "Regions") if action.key(name) is not None]
        if mode in ("Enabled", "EnabledWithStackRetention") and targets:
            yield Finding(
                _at(action, "OrganizationsAutoDeployment"),
                f"With `OrganizationsAutoDeployment` `{mode}` there is no "
                f"{listed((f'`{name}`' for name in targets), 'and')}: AWS Organizations says where stacks are made.",
                help="Delete one or the other.",
            )


@rule("CD628", "stack-outputs-lost", Severity.WARNING)
def stack_outputs_lost(pipeline: Pipeline) -> Iterator[Finding]:
    """`OutputFileName` and the output artifact do not go together.

    `OutputFileName` is the file in the output artifact that gets the outputs of the stack. Without an output artifact
    it is written nowhere, and without the name there is nothing in the artifact.

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
                    TemplatePath: Source::template.yml
      >             OutputFileName: outputs.json
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
                    OutputFileName: outputs.json
                  inputArtifacts: [{name: Source}]
                  outputArtifacts: [{name: Outputs}]
    """
    for action in configured(pipeline, "CloudFormation"):
        key = action.key("OutputFileName")
        if not action.knows_outputs:
            continue
        if key is not None and not action.outputs:
            yield Finding(
                key.span,
                "The outputs of the stack are written nowhere: the action has no output artifact for this file.",
                help=f"Add one to `{pipeline.spell('outputArtifacts')}`, or read the outputs as variables: give the "
                f"action a `{pipeline.spell('namespace')}`.",
            )
        elif key is None and action.outputs and known(action.get("ActionMode")):
            wanted = [artifact.identity for artifact in action.outputs]
            used = any(one.identity in wanted for other in pipeline.actions() for one in other.inputs)
            yield Finding(
                action.outputs[0].span,
                "Nothing is put into this artifact: without `OutputFileName` the outputs of the stack are not written.",
                help="Add `OutputFileName`, for example `outputs.json`"
                + ("." if used else ", or delete the artifact: no action takes it."),
                severity=None if used else Severity.INFO,
            )


@rule("CD629", "object-key-of-folder", Severity.WARNING)
def object_key_of_folder(pipeline: Pipeline) -> Iterator[Finding]:
    """`ObjectKey` and `Extract` do not fit together.

    With `Extract` `true` the artifact is unpacked, and `ObjectKey` is the folder that it is unpacked into; with `false`
    it is stored as one file of that name.

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
                    BucketName: functions
                    Extract: "true"
      >             ObjectKey: releases/function.zip
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
                    BucketName: functions
                    Extract: "false"
                    ObjectKey: releases/function.zip
                  inputArtifacts: [{name: Source}]
    """
    for action in configured(pipeline, "S3"):
        node, extract = action.get("ObjectKey"), flag(action, "Extract")
        text = visible(node)
        if action.category != "Deploy" or node is None or extract is None:
            continue
        if extract and text.lower().endswith((".zip", ".jar", ".tar", ".gz", ".tgz", ".war")):
            yield Finding(
                node.span,
                "With `Extract` `true` the artifact is unpacked, into a folder of this name.",
                help='Set `Extract` to `"false"` to store it as one file, or name a folder.',
            )
        elif not extract and text.endswith("/"):
            yield Finding(
                node.span,
                "With `Extract` `false` the artifact is one file, and this is the name of a folder.",
                help="Write the name of the file behind it, for example `site.zip`.",
            )
