"""CD820–CD824: a CloudFormation action, and the template that it deploys."""

from __future__ import annotations

import posixpath

from ..findings import Finding, Severity
from ..model.values import entries, known
from ..syntax.tree import Mapping, Scalar
from ..wording import closest, listed
from . import rule
from .configuration import is_open, json_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action
    from ..model.repository import Member, Repository

    Told = Iterator[tuple[Member, Finding, Member]]

#: Resources whose making needs `CAPABILITY_IAM`. Source: AWS, CreateStack.
_IAM = frozenset(
    (
        "AWS::IAM::AccessKey",
        "AWS::IAM::Group",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::UserToGroupAddition",
    )
)
_NAMES = ("RoleName", "UserName", "GroupName", "InstanceProfileName", "ManagedPolicyName")


def template_of(repository: Repository, member: Member, action: Action) -> tuple[str, Mapping] | None:
    """`(path, root)` of the template that an action deploys, if the repository has it; packaged ones are followed."""
    name, colons, path = (action.text("TemplatePath") or "").partition("::")
    if not colons or not path:
        return None
    found = _packaged(repository, member, action, name, path) or repository.nearest(member, path)
    if found is None:
        return None
    one = repository.member_at(found)
    root = one.document.root if one is not None else repository.read(found)
    return (found, root) if isinstance(root, Mapping) and "Resources" in root else None


def _packaged(repository: Repository, member: Member, action: Action, name: str, path: str) -> str | None:
    """The template that a build has packaged into the one that is deployed."""
    producers = [
        producer
        for artifact in action.inputs
        if artifact.name == name
        for producer in action.pipeline.producers(artifact)
    ]
    build = repository.build_of(member, producers[0]) if len(producers) == 1 else None
    if build is None:
        return None
    for _, call in build.spec.calls("aws", "sam"):
        if "package" not in [word.literal for word in call.args[:3]]:
            continue
        written, read = (
            call.option("--output-template-file"),
            call.option("--template-file", "-t", "--template"),
        )
        if written is None or read is None or not written.literal or not read.literal:
            continue
        if posixpath.basename(written.literal) == posixpath.basename(path):
            return repository.nearest(build.member, read.literal) or repository.nearest(member, read.literal)
    return None


@rule("CD820", "parameter-not-in-template", Severity.ERROR)
def parameter_not_in_template(repository: Repository) -> Told:
    """A deploy action or its configuration gives a parameter that the template does not declare.

    CloudFormation refuses the change set: `Parameters: [Name] do not exist in the template`.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Deploy
              actions:
                - name: Stack
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  inputArtifacts: [{name: Code}]
                  configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: web
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Code::stack.yml
                    TemplateConfiguration: Code::production.json
        === stack.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Parameters:
          Stage: {Type: String}
        Resources:
          Topic: {Type: AWS::SNS::Topic}
        === production.json
        {
          "Parameters": {
      >     "Stag": "production"
          }
        }
    Good:
        === stack.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Parameters:
          Stage: {Type: String}
        Resources:
          Topic: {Type: AWS::SNS::Topic}
        === production.json
        {"Parameters": {"Stage": "production"}}
    """
    for member, action in repository.actions("CloudFormation"):
        found = template_of(repository, member, action)
        if found is None:
            continue
        declared = found[1].get("Parameters")
        names = [key.value for key, _ in entries(declared)]
        if (declared is not None and not isinstance(declared, Mapping)) or "Transform" in names:
            continue
        overrides = json_of(action.pipeline.document, action.get("ParameterOverrides")).root
        for key, _ in entries(overrides):
            if key.value not in names and not is_open(key.value):
                yield member, _undeclared(found[0], key, names), member
        _, colons, path = (action.text("TemplateConfiguration") or "").partition("::")
        given = repository.member_at(repository.nearest(member, path)) if colons and path else None
        if given is not None and isinstance(given.document.root, Mapping):
            for key, _ in entries(given.document.root.get("Parameters")):
                if key.value not in names:
                    yield given, _undeclared(found[0], key, names), member


def _undeclared(path: str, key: Scalar, names: list[str]) -> Finding:
    near = closest(key.value, names)
    return Finding(
        key.span,
        f"`{path}` has no parameter `{key.value}`: CloudFormation refuses the deployment.",
        help=f"Write `{near}`."
        if near
        else (f"Its parameters are {listed([f'`{one}`' for one in names], 'and')}." if names else ""),
    )


@rule("CD821", "capability-missing", Severity.ERROR)
def capability_missing(repository: Repository) -> Told:
    """The action does not allow what its template needs.

    A template with IAM resources is refused without `CAPABILITY_IAM`, with IAM resources of a name of their own without
    `CAPABILITY_NAMED_IAM`, and one with a transform deployed by CREATE_UPDATE without `CAPABILITY_AUTO_EXPAND`. Source:
    AWS, CreateStack.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
            - name: Deploy
              actions:
                - name: Stack
                  actionTypeId: {category: Deploy, owner: AWS, provider: CloudFormation, version: "1"}
                  inputArtifacts: [{name: Code}]
      >           configuration:
                    ActionMode: CREATE_UPDATE
                    StackName: web
                    RoleArn: arn:aws:iam::111122223333:role/stack
                    TemplatePath: Code::stack.yml
        === stack.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          Role: {Type: AWS::IAM::Role}
    Good:
        === stack.yml
        AWSTemplateFormatVersion: "2010-09-09"
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    """
    needed: dict[str, Needed] = {}
    for member, action in repository.actions("CloudFormation"):
        mode = action.text("ActionMode")
        if (
            mode not in ("CREATE_UPDATE", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE")
            or not action.is_configured
        ):
            continue
        value = action.get("Capabilities")
        given = known(value) if value is not None else ""
        found = template_of(repository, member, action)
        if given is None or found is None:
            continue
        if found[0] not in needed:
            needed[found[0]] = Needed(found[1])
        missing = needed[found[0]].missing({word.strip() for word in given.split(",")}, mode)
        if missing is not None:
            need, why = missing
            yield (
                member,
                Finding(
                    value.span if value is not None else action.configuration_span,
                    f"`{found[0]}` {why}: CloudFormation refuses it without `{need}`.",
                    help=f"Add `{need}` to `Capabilities`" + (", behind a comma." if given else "."),
                ),
                member,
            )


class Needed:
    """What a template wants to be allowed: its first IAM resource, the first with a name of its own, a transform."""

    __slots__ = ("iam", "named", "transform")

    def __init__(self, root: Mapping) -> None:
        self.iam = self.named = ""
        self.transform = "Transform" in root
        for key, value in entries(root.get("Resources")):
            kind = value.get("Type") if isinstance(value, Mapping) else None
            if isinstance(kind, Scalar) and (kind.value in _IAM or kind.value == "AWS::IAM::ManagedPolicy"):
                properties = value.get("Properties") if isinstance(value, Mapping) else None
                self.iam = self.iam or key.value
                if isinstance(properties, Mapping) and any(name in properties for name in _NAMES):
                    self.named = self.named or key.value

    def missing(self, given: set[str], mode: str) -> tuple[str, str] | None:
        """`(capability, why)` that is not given."""
        if self.named and "CAPABILITY_NAMED_IAM" not in given:
            return "CAPABILITY_NAMED_IAM", f"gives an IAM resource a name of its own (`{self.named}`)"
        if self.iam and not given & {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}:
            return "CAPABILITY_IAM", f"makes an IAM resource (`{self.iam}`)"
        if self.transform and mode != "CHANGE_SET_REPLACE" and "CAPABILITY_AUTO_EXPAND" not in given:
            return "CAPABILITY_AUTO_EXPAND", "has a transform"
        return None
