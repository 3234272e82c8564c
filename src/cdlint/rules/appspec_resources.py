"""CD739–CD743: the resources of an AppSpec for ECS or Lambda."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.deploy_files import platform_of, resources
from ..model.values import entries, known, members
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar
from ..wording import closest
from . import rule
from .deploy_findings import is_placeholder, rename, reported, retyped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACEHOLDER = "<TASK_DEFINITION>"


def _services(document: Document) -> Iterator[tuple[Scalar, Mapping]]:
    if platform_of(document.root) == "ecs":
        for key, resource in resources(document.root):
            if isinstance(resource, Mapping):
                yield key, resource


def _properties(document: Document) -> Iterator[Mapping]:
    for _, resource in _services(document):
        inner = resource.get("Properties")
        if isinstance(inner, Mapping):
            yield inner


def _flat(document: Document) -> Mapping | None:
    """An entry of `Resources` whose content stands at the level of its name."""
    root = document.root
    for item in members(root.get("Resources") if isinstance(root, Mapping) else None):
        if isinstance(item, Mapping) and len(item.pairs) > 1 and ("Type" in item or "Properties" in item):
            found = entries(item)
            if len(found) > 1 and isinstance(found[0][1], Scalar) and found[0][1].is_null:
                return item
    return None


def _indented(document: Document, item: Mapping) -> Fix | None:
    """Two blanks before each line below the first key."""
    text, edits = document.text, []
    if item.flow or "\t" in text[item.start : item.end]:
        return None
    at = text.find("\n", item.start, item.end)
    while at >= 0:
        if text[at + 1 : item.end].partition("\n")[0].strip():
            edits.append(Edit(at + 1, at + 1, "  "))
        at = text.find("\n", at + 1, item.end)
    return Fix("Indent it", edits)


def _unless_beside(document: Document, rule: str) -> Iterator[Finding]:
    """The findings of a rule, without those on a key that is there, but one level too high."""
    if _flat(document) is not None:
        return
    for violation in reported(document, rule):
        beside = isinstance(violation.parent, Mapping) and violation.name in violation.parent
        if violation.keyword != "required" or not beside:
            yield violation.finding()


@rule("CD739", "appspec-resources", Severity.ERROR)
def appspec_resources(document: Document) -> Iterator[Finding]:
    """`Resources` is no list with one entry.

    Unlike the resources of a CloudFormation template those of an AppSpec are a list, of the one service or function
    that is deployed.

    Bad:
        version: 0.0
        Resources:
      >   TargetService:
            Type: AWS::ECS::Service
            Properties:
              TaskDefinition: <TASK_DEFINITION>
              LoadBalancerInfo:
                ContainerName: web
                ContainerPort: 80
    Good:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
    """
    for violation in reported(document, "appspec-resources"):
        found, node = violation.finding(), violation.node
        if isinstance(node, Mapping) and node.pairs and not node.flow and violation.keyword == "type":
            found.span = node.pairs[0][0].span
            if len(node.pairs) == 1:
                found.fix = _as_item(document, node)
        yield found


def _as_item(document: Document, node: Mapping) -> Fix | None:
    """Put a hyphen before the key and indent what stands below it."""
    text = document.text
    if "\t" in text[node.start : node.end]:
        return None
    edits = [Edit(node.start, node.start, "- ")]
    at = text.find("\n", node.start, node.end)
    while at >= 0:
        line = text[at + 1 : node.end].partition("\n")[0]
        if line.strip():
            edits.append(Edit(at + 1, at + 1, "  "))
        at = text.find("\n", at + 1, node.end)
    return Fix("Make it the entry of a list", edits)


@rule("CD740", "appspec-target-service", Severity.ERROR)
def appspec_target_service(document: Document) -> Iterator[Finding]:
    """The target service of an ECS deployment is not written as CodeDeploy wants it.

    The entry is called `TargetService`, its `Type` is `AWS::ECS::Service` with two colons each, and its `Properties`
    have `TaskDefinition` and `LoadBalancerInfo`.

    Bad:
        version: 0.0
        Resources:
          - TargetService:
      >       Type: AWS:ECS:Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
    Good:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
    """
    flat = _flat(document)
    if flat is not None:
        (first, _), (second, _) = entries(flat)[:2]
        yield Finding(
            second.span,
            f"`{second.value}` stands beside `{first.value}`, not below it: the entry has no properties.",
            help="Indent the lines by two blanks more.",
            fix=_indented(document, flat),
        )
        return
    yield from told(document, "appspec-target-service")
    found = list(_services(document))
    if any(key.value == "TargetService" for key, _ in found):
        return
    for key, _ in found[:1]:
        if not is_placeholder(key.value):
            yield Finding(
                key.span,
                f"The entry of an ECS deployment is called `TargetService`, not `{key.value}`: "
                "CodeDeploy does not find it.",
                help="Write `TargetService`.",
                fix=rename(key, "TargetService"),
                # Only the misspelt name is sure: that CodeDeploy takes no other one is not written down.
                severity=None if closest(key.value, ("TargetService",)) else Severity.WARNING,
            )


@rule("CD741", "appspec-task-definition", Severity.ERROR)
def appspec_task_definition(document: Document) -> Iterator[Finding]:
    """The task definition of an ECS deployment is missing, or is not the placeholder of the pipeline.

    The action `CodeDeployToECS` registers a new revision of the task definition and puts its ARN where the AppSpec has
    `<TASK_DEFINITION>`. With anything else that revision is made in vain, and the one named here is deployed again.
    Who starts CodeDeploy without a pipeline writes an ARN and may turn the rule off.

    Bad:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
      >         TaskDefinition: <TASK_DEF>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
    Good:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
    """
    yield from _unless_beside(document, "appspec-task-definition")
    for properties in _properties(document):
        node = properties.get("TaskDefinition")
        text = known(node)
        if not isinstance(node, Scalar) or not text or text == _PLACEHOLDER:
            continue
        bare = text.strip("<>{}$ ").replace("-", "_").replace(" ", "_").upper()
        fix = Fix(f"Write `{_PLACEHOLDER}`", [retyped(node, _PLACEHOLDER)])
        if text.startswith("arn:"):
            yield Finding(
                node.span,
                "In a pipeline the new task definition is put where the AppSpec has "
                "`<TASK_DEFINITION>`; with an ARN the "
                "revision named here is deployed.",
                help="Write `TaskDefinition: <TASK_DEFINITION>` if a pipeline deploys this.",
                severity=Severity.INFO,
            )
        elif text.startswith("<") and text.endswith(">") and text != "<>":
            yield Finding(
                node.span,
                f"The placeholder is `<TASK_DEFINITION>`: the pipeline leaves `{text}` as it is.",
                help="Write `<TASK_DEFINITION>`.",
                fix=fix,
                severity=Severity.WARNING,
            )
        elif bare in ("TASK_DEFINITION", "TASKDEFINITION") and not is_placeholder(text):
            yield Finding(
                node.span,
                "The angle brackets belong to the placeholder: the pipeline leaves this text as it is.",
                help="Write `<TASK_DEFINITION>`.",
                fix=fix,
                severity=Severity.WARNING,
            )


@rule("CD742", "appspec-load-balancer", Severity.ERROR)
def appspec_load_balancer(document: Document) -> Iterator[Finding]:
    """`LoadBalancerInfo` does not name a container and its port.

    CodeDeploy sends the traffic to `ContainerName` at `ContainerPort`, which the task definition must have.

    Bad:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
      >         LoadBalancerInfo:
                  ContainerName: web
    Good:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
    """
    yield from _unless_beside(document, "appspec-load-balancer")
    for properties in _properties(document):
        info = properties.get("LoadBalancerInfo")
        node = info.get("ContainerPort") if isinstance(info, Mapping) else None
        if isinstance(node, Scalar) and not node.is_null and not is_placeholder(node.value):
            yield from _port(node)


def _port(node: Scalar) -> Iterator[Finding]:
    text = node.value
    if not (text.isascii() and text.isdigit()):
        capitals = text.upper() == text and "_" in text
        yield Finding(
            node.span,
            f"`{text}` is no port.",
            help="Write the number of the container's port.",
            severity=Severity.INFO if capitals else None,
        )
    elif len(text) > 5 or not 1 <= int(text) <= 65535:
        yield Finding(
            node.span, f"{text} is no port: ports go from 1 to 65535.", help="Write the container's port."
        )
    elif node.style:
        yield Finding(
            node.span,
            "The port is a number, but stands in quotes here.",
            help=f"Write {text}, without quotes.",
            fix=Fix("Remove the quotes", [Edit(node.start, node.end, text)]) if node.style in "'\"" else None,
            severity=Severity.INFO,
        )


@rule("CD743", "appspec-lambda", Severity.ERROR)
def appspec_lambda(document: Document) -> Iterator[Finding]:
    """The function of a Lambda deployment lacks a property, or stays at its version.

    CodeDeploy shifts the traffic of an alias from one published version to another: it needs `Name`, `Alias`,
    `CurrentVersion` and `TargetVersion`, two different numbers. `$LATEST` is no published version.

    Bad:
        version: 0.0
        Resources:
          - orders:
              Type: AWS::Lambda::Function
              Properties:
                Name: orders
                Alias: live
                CurrentVersion: 3
      >         TargetVersion: 3
    Good:
        version: 0.0
        Resources:
          - orders:
              Type: AWS::Lambda::Function
              Properties:
                Name: orders
                Alias: live
                CurrentVersion: 3
                TargetVersion: 4
    """
    yield from _unless_beside(document, "appspec-lambda")
    if platform_of(document.root) != "lambda":
        return
    for _, resource in resources(document.root):
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        if isinstance(properties, Mapping):
            yield from _versions(properties)


def _versions(properties: Mapping) -> Iterator[Finding]:
    nodes: list[Node] = []
    for name in ("CurrentVersion", "TargetVersion"):
        node = properties.get(name)
        text = known(node)
        if node is None or not text:
            continue
        if text.strip().upper() in ("$LATEST", "LATEST"):
            yield Finding(
                node.span,
                f"`{text}` is no published version: CodeDeploy shifts traffic between numbered versions only.",
                help="Publish a version and write its number.",
            )
        elif not is_placeholder(text):
            nodes.append(node)
    if len(nodes) == 2 and known(nodes[0]) == known(nodes[1]) and (known(nodes[0]) or "").isdigit():
        yield Finding(
            nodes[1].span,
            "The target version is the current version: there is no traffic to shift.",
            help="Write the number of the new version.",
        )
