"""CD675–CD676: names in a template that its pipelines and build projects rely on."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.template import Template, function_of
from ..model.values import known
from ..source import Span
from ..syntax.scalars import span_in
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..wording import closest
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES = (
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::CustomActionType",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodePipeline::Webhook",
)
#: A buildspec in `Fn::Sub` has variables of the shell (CD668).
_OTHERS = frozenset(("BuildSpec", "Buildspec", "BuildspecOverride"))


@rule("CD675", "undeclared-reference", Severity.ERROR)
def undeclared_reference(template: Template) -> Iterator[Finding]:
    """A pipeline or project refers to a parameter, resource or condition that the template lacks.

    CloudFormation refuses the template: `Unresolved resource dependencies [Name] in the Resources block of the
    template`. Templates with transforms are left alone: those may add what is missing.

    Bad:
        Parameters:
          ProjectName: {Type: String}
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
      >       Name: !Ref ProjektName
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: NO_ARTIFACTS}
              Source: {Type: GITHUB, Location: 'https://github.com/acme/web.git'}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Parameters:
          ProjectName: {Type: String}
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              Name: !Ref ProjectName
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: NO_ARTIFACTS}
              Source: {Type: GITHUB, Location: 'https://github.com/acme/web.git'}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    if not _is_whole(template):
        return
    text = template.document.text
    resources = template.root.get("Resources")
    names = {name for name, _, _ in resources.items()} if isinstance(resources, Mapping) else set()
    declared = names | {name for name, _, _ in template.parameters.items()}
    conditions = {name for name, _, _ in template.conditions.items()}
    for resource in template.of_type(*_TYPES):
        for kind, name, span in _names(text, resource.properties):
            known_names = conditions if kind == "condition" else names if kind == "resource" else declared
            if name in known_names or name.startswith("AWS::") or not name.isalnum():
                continue
            near = closest(name, known_names)
            what = {"condition": "condition", "resource": "resource"}.get(kind, "parameter or resource")
            exact = text[span.start : span.end] == name
            yield Finding(
                span,
                f"The template has no {what} `{name}`: CloudFormation refuses it.",
                help=f"Write `{near}`, or declare `{name}`."
                if near
                else f"Declare `{name}`, or write another name.",
                fix=Fix(f"Write `{near}`", [Edit(span.start, span.end, near)], safe=False)
                if near and exact
                else None,
                # The file may be a part of a template that is put together elsewhere; a slip of one letter is none.
                severity=None if near is not None and _is_slip(name, near) else Severity.WARNING,
            )


def _is_slip(name: str, meant: str) -> bool:
    """Do two names differ in one letter, or in capitals only?"""
    if len(name) < 5 or any(char.isdigit() for char in name + meant):
        return False
    if name.lower() == meant.lower():
        return True
    head = 0
    while head < min(len(name), len(meant)) and name[head] == meant[head]:
        head += 1
    return any(name[head + gone :] == meant[head + more :] for gone, more in ((1, 1), (0, 1), (1, 0)))


def _is_whole(template: Template) -> bool:
    """Is everything that the template has written in it?"""
    root = template.root
    resources = root.get("Resources")
    if root is not template.document.root or not isinstance(resources, Mapping) or template.document.damaged:
        return False
    parts = (root, resources, root.get("Parameters"), root.get("Conditions"))
    return "Transform" not in root and not any(
        name.startswith(("Fn::", "{")) or "<<" in name
        for part in parts
        if isinstance(part, Mapping)
        for name, _, _ in part.items()
    )


def _names(text: str, node: Node | None) -> Iterator[tuple[str, str, Span]]:
    """`(kind, name, place)` of what is referred to below a node; `kind` is `any`, `resource` or `condition`."""
    stack = [node] if node is not None else []
    seen: set[int] = set()
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        called = function_of(at)
        if called is not None:
            yield from _called(text, *called)
        if isinstance(at, Mapping):
            stack += [value for name, _, value in at.items() if name not in _OTHERS]
        elif isinstance(at, Sequence):
            stack += at.items


def _called(text: str, name: str, argument: Node) -> Iterator[tuple[str, str, Span]]:
    first = argument.items[0] if isinstance(argument, Sequence) and argument.items else None
    if name == "Ref" and isinstance(argument, Scalar):
        yield "any", argument.value, _inside(text, argument, 0, len(argument.value))
    elif name == "Fn::GetAtt":
        target = argument if isinstance(argument, Scalar) else first
        if isinstance(target, Scalar):
            one = target.value.partition(".")[0]
            yield "resource", one, _inside(text, target, 0, len(one))
    elif name == "Fn::If" and isinstance(first, Scalar):
        yield "condition", first.value, _inside(text, first, 0, len(first.value))
    elif name == "Fn::Sub":
        pattern = argument if isinstance(argument, Scalar) else first
        own = argument.items[1] if isinstance(argument, Sequence) and len(argument.items) > 1 else None
        if isinstance(pattern, Scalar) and (own is None or isinstance(own, Mapping)):
            yield from _substituted(text, pattern, own)


def _substituted(text: str, pattern: Scalar, own: Mapping | None) -> Iterator[tuple[str, str, Span]]:
    value = pattern.value
    at = value.find("${")
    while at >= 0:
        end = value.find("}", at)
        if end < 0:
            return
        inner = value[at + 2 : end]
        name, dot, _ = inner.partition(".")
        if name.strip() == name and name[:1] != "!" and (own is None or inner not in own):
            yield "resource" if dot else "any", name, _inside(text, pattern, at + 2, at + 2 + len(name))
        at = value.find("${", end)


def _inside(text: str, node: Scalar, start: int, end: int) -> Span:
    return span_in(text, node, start, end)


@rule("CD676", "pipeline-name-twice", Severity.ERROR)
def pipeline_name_twice(template: Template) -> Iterator[Finding]:
    """Two pipelines of a template have the same name.

    The names of pipelines are unique in an account and region: the second one cannot be made.

    Bad:
        Resources:
          Test:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              Name: shop
              RoleArn: arn:aws:iam::111122223333:role/pipeline
              ArtifactStore: {Type: S3, Location: artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Code
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}
                      Configuration: {S3Bucket: shop, S3ObjectKey: code.zip, PollForSourceChanges: 'false'}
                      OutputArtifacts: [{Name: Code}]
                - Name: Ship
                  Actions:
                    - Name: Approve
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}
          Production:
            Type: AWS::CodePipeline::Pipeline
            Properties:
      >       Name: shop
              RoleArn: arn:aws:iam::111122223333:role/pipeline
              ArtifactStore: {Type: S3, Location: artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Code
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}
                      Configuration: {S3Bucket: shop, S3ObjectKey: code.zip, PollForSourceChanges: 'false'}
                      OutputArtifacts: [{Name: Code}]
                - Name: Ship
                  Actions:
                    - Name: Approve
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}
    Good:
        Resources:
          Test:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              Name: shop-test
              RoleArn: arn:aws:iam::111122223333:role/pipeline
              ArtifactStore: {Type: S3, Location: artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Code
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}
                      Configuration: {S3Bucket: shop, S3ObjectKey: code.zip, PollForSourceChanges: 'false'}
                      OutputArtifacts: [{Name: Code}]
                - Name: Ship
                  Actions:
                    - Name: Approve
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}
          Production:
            Type: AWS::CodePipeline::Pipeline
            Properties:
              Name: shop
              RoleArn: arn:aws:iam::111122223333:role/pipeline
              ArtifactStore: {Type: S3, Location: artifacts}
              Stages:
                - Name: Source
                  Actions:
                    - Name: Code
                      ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}
                      Configuration: {S3Bucket: shop, S3ObjectKey: code.zip, PollForSourceChanges: 'false'}
                      OutputArtifacts: [{Name: Code}]
                - Name: Ship
                  Actions:
                    - Name: Approve
                      ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}
    """
    seen: dict[str, str] = {}
    for resource in template.of_type("AWS::CodePipeline::Pipeline"):
        node = resource.properties.get("Name") if isinstance(resource.properties, Mapping) else None
        name = known(node)
        # Of two that stand under conditions only one may be made.
        if name is None or not isinstance(node, Scalar) or "Condition" in resource.node:
            continue
        if name in seen:
            yield Finding(
                node.span,
                f"`{seen[name]}` has the name `{name}` already: CodePipeline refuses a second pipeline of that name.",
                help="Give it another name, or none.",
            )
        seen.setdefault(name, resource.id)
