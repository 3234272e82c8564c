"""CD715–CD719, CD768–CD771: task definitions of ECS."""

from __future__ import annotations

import os

from ..findings import Edit, Finding, Fix, Severity
from ..model.values import entries, known, members
from ..source import Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar
from . import rule
from .deploy_findings import is_blank, is_placeholder, quoted, removal, rename, reported, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What DescribeTaskDefinition answers and RegisterTaskDefinition does not take.
_READ_ONLY = frozenset(
    (
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
        "deleteRequestedAt",
    )
)


def definition(document: Document) -> Mapping | None:
    """The task definition, also inside the wrapper of DescribeTaskDefinition."""
    root = document.root
    inner = root.get("taskDefinition") if isinstance(root, Mapping) else None
    if isinstance(inner, Mapping):
        return inner
    return root if isinstance(root, Mapping) else None


def _is_wrapped(document: Document) -> bool:
    return definition(document) is not document.root


def containers(document: Document) -> list[Mapping]:
    task = definition(document)
    found = members(task.get("containerDefinitions")) if task is not None else []
    return [item for item in found if isinstance(item, Mapping)]


@rule("CD715", "wrapped-task-definition", Severity.ERROR)
def wrapped_task_definition(document: Document) -> Iterator[Finding]:
    """The task definition stands below `taskDefinition`, as `describe-task-definition` prints it.

    The output of that command is an answer, no input: RegisterTaskDefinition, and with it the deploy action,
    wants what stands below the key.

    Bad:
        {
      >   "taskDefinition": {
            "family": "web",
            "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
          }
        }
    Good:
        {
          "family": "web",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    """
    root = document.root
    if not isinstance(root, Mapping) or not _is_wrapped(document):
        return
    key, inner = root.key("taskDefinition"), root.get("taskDefinition")
    if key is None or inner is None:
        return
    fix = None
    others = [name for name, _, _ in root.items() if name not in ("taskDefinition", "tags")]
    if not others and root.flow and "tags" not in root:
        fix = Fix("Unwrap it", [Edit(root.start, inner.start, ""), Edit(inner.end, root.end, "")])
    yield Finding(
        key.span,
        "This is the output of `describe-task-definition`: the task definition must stand at the top level, not below "
        "`taskDefinition`.",
        help="Take the key and its braces away; `aws ecs describe-task-definition --query taskDefinition` "
        "prints it so.",
        fix=fix,
    )


@rule("CD716", "read-only-task-definition-key", Severity.WARNING)
def read_only_task_definition_key(document: Document) -> Iterator[Finding]:
    """A key that only ECS sets: part of a description, not of a definition.

    Who copies the output of `describe-task-definition` or the JSON of the console gets them along.
    RegisterTaskDefinition does not know them; the SDKs refuse the whole file for one of them.

    Bad:
        {
          "family": "web",
      >   "revision": 7,
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    Good:
        {
          "family": "web",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    """
    task = definition(document)
    for key, _ in entries(task):
        if task is not None and key.value in _READ_ONLY:
            yield Finding(
                key.span,
                f"`{key.value}` is set by ECS alone: RegisterTaskDefinition does not take it.",
                help="Delete it.",
                fix=removal(document, task, key),
            )


@rule("CD717", "task-definition-shape", Severity.ERROR)
def task_definition_shape(document: Document) -> Iterator[Finding]:
    """No containers, or a container without name or image.

    ECS registers no task definition of this kind. Keys are written in camelCase here, not as in CloudFormation.

    Bad:
        {
          "family": "web",
      >   "containerDefinitions": []
        }
    Good:
        {
          "family": "web",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    """
    if is_blank(document):
        yield Finding(
            Span(0, 0),
            "The file is empty: there is no task definition to register.",
            help="Write the task definition, with `family` and `containerDefinitions`.",
        )
    if document.root is None or _is_wrapped(document):
        return
    pascal = list(_pascal(document))
    yield from pascal
    renamed = {found.message.split("`")[3] for found in pascal}
    for violation in reported(document, "task-definition-shape"):
        if violation.keyword != "required" or violation.name not in renamed:
            yield violation.finding()


def _pascal(document: Document) -> Iterator[Finding]:
    """Keys written as CloudFormation writes them."""
    root = document.root
    nodes: list[tuple[Node | None, tuple[str, ...]]] = [(root, ("family", "containerDefinitions"))]
    lists = [value for key, value in entries(root) if key.value.lower() == "containerdefinitions"]
    nodes += [(item, ("name", "image")) for value in lists for item in members(value)]
    for node, names in nodes:
        for key, _ in entries(node):
            right = next((name for name in names if name.lower() == key.value.lower()), key.value)
            if right != key.value and isinstance(node, Mapping) and right not in node:
                yield Finding(
                    key.span,
                    f"`{key.value}` is how CloudFormation writes it: here the key is `{right}`, and "
                    "ECS does not find it.",
                    help="Write all keys of a task definition in camelCase.",
                    fix=rename(key, right),
                )


@rule("CD718", "duplicate-container-name", Severity.ERROR)
def duplicate_container_name(document: Document) -> Iterator[Finding]:
    """Two containers of a task definition have the same name.

    The image definitions, the AppSpec and the load balancer speak of containers by their names; ECS registers
    no task definition in which a name is not unique.

    Bad:
        {
          "family": "web",
          "containerDefinitions": [
            {"name": "web", "image": "<IMAGE1_NAME>"},
      >     {"name": "web", "image": "public.ecr.aws/nginx/nginx:1.27"}
          ]
        }
    Good:
        {
          "family": "web",
          "containerDefinitions": [
            {"name": "web", "image": "<IMAGE1_NAME>"},
            {"name": "proxy", "image": "public.ecr.aws/nginx/nginx:1.27"}
          ]
        }
    """
    seen: set[str] = set()
    for container in containers(document):
        node = container.get("name")
        name = known(node)
        if node is None or not name or is_placeholder(name):
            continue
        if name in seen:
            yield Finding(
                node.span,
                f"A second container is called `{name}`: ECS does not register the task definition.",
                help="Give each container a name of its own.",
            )
        seen.add(name)


@rule("CD719", "task-definition-family", Severity.WARNING)
def task_definition_family(document: Document) -> Iterator[Finding]:
    """The task definition has no `family`.

    The family is the name under which ECS numbers the revisions; RegisterTaskDefinition needs it. Only who passes
    it on the command line can leave it out of the file.

    Bad:
      > {
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    Good:
        {
          "family": "web",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    """
    if _is_wrapped(document):
        return
    if any(key.value.lower() == "family" for key, _ in entries(document.root)):
        return
    name = os.path.basename(document.source.path)
    for found in told(document, "task-definition-family"):
        if document.root is not None:
            found.span = type(found.span)(document.root.start, document.root.start + 1)
        found.severity = Severity.ERROR if name == "taskdef.json" else Severity.WARNING
        yield found


# --- Fargate ------------------------------------------------------------------------------------

#: The memory in MiB that goes with each size of CPU: the smallest, the largest, and the step.
_SIZES = {
    256: (512, 2048, 512),
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}


def _is_fargate(task: Mapping) -> bool:
    return any(known(item) == "FARGATE" for item in members(task.get("requiresCompatibilities")))


def _amount(node: Node | None, unit: str) -> int | None:
    """CPU units or MiB of `256`, `"0.25 vCPU"`, `"1GB"`; None for what is not understood."""
    text = (known(node) or "").strip().lower()
    number = text.removesuffix(unit).strip()
    try:
        amount = float(number) if number.replace(".", "", 1).isascii() else -1.0
    except ValueError:
        return None
    if amount <= 0 or amount != amount or amount > 1e9:
        return None
    return int(amount * 1024) if text.endswith(unit) else int(amount)


@rule("CD768", "fargate-size", Severity.ERROR)
def fargate_size(document: Document) -> Iterator[Finding]:
    """CPU and memory of a Fargate task are missing, or do not go together.

    Fargate offers fixed sizes: 256 CPU units with 512, 1024 or 2048 MiB, 512 with 1024 to 4096, 1024 with 2048 to 8192,
    and so on. ECS registers no other. The values of the task are texts, those of a container numbers.

    Bad:
        {
          "family": "web",
          "requiresCompatibilities": ["FARGATE"],
          "networkMode": "awsvpc",
          "cpu": "256",
      >   "memory": "4096",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    Good:
        {
          "family": "web",
          "requiresCompatibilities": ["FARGATE"],
          "networkMode": "awsvpc",
          "cpu": "512",
          "memory": "4096",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    """
    task = definition(document)
    if task is None:
        return
    for name in ("cpu", "memory"):
        node = task.get(name)
        if isinstance(node, Scalar) and node.type in ("integer", "number"):
            yield Finding(
                node.span,
                f"`{name}` of a task is a text, here it is a number: the SDKs refuse it.",
                help=f'Write `"{node.value}"`.',
                fix=quoted(node),
                severity=Severity.WARNING,
            )
    if not _is_fargate(task):
        return
    missing = [name for name in ("cpu", "memory") if name not in task]
    if missing:
        key = task.key("requiresCompatibilities")
        if key is not None:
            yield Finding(
                key.span,
                f"A Fargate task needs `{'` and `'.join(missing)}` at the top level: ECS does not register it.",
                help='Add for example `"cpu": "256"` and `"memory": "512"`.',
            )
        return
    cpu, memory = _amount(task.get("cpu"), "vcpu"), _amount(task.get("memory"), "gb")
    found = task.get("memory")
    if cpu not in _SIZES or memory is None or found is None:
        return
    least, most, step = _SIZES[cpu]
    if not least <= memory <= most or memory % step or (cpu == 256 and memory == 1536):
        yield Finding(
            found.span,
            f"Fargate has no task with {cpu} CPU units and {memory} MiB: ECS does not register it.",
            help="With 256 CPU units write 512, 1024 or 2048 MiB."
            if cpu == 256
            else f"With {cpu} CPU units write {least} to {most} MiB, in steps of {step}.",
        )


@rule("CD769", "fargate-network-mode", Severity.ERROR)
def fargate_network_mode(document: Document) -> Iterator[Finding]:
    """A Fargate task has another network mode than `awsvpc`.

    Each Fargate task has a network interface of its own. Without `networkMode` the mode is `bridge`, which Fargate
    does not have.

    Bad:
        {
          "family": "web",
          "requiresCompatibilities": ["FARGATE"],
      >   "networkMode": "bridge",
          "cpu": "256",
          "memory": "512",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    Good:
        {
          "family": "web",
          "requiresCompatibilities": ["FARGATE"],
          "networkMode": "awsvpc",
          "cpu": "256",
          "memory": "512",
          "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]
        }
    """
    task = definition(document)
    if task is None or not _is_fargate(task):
        return
    node = task.get("networkMode")
    mode = known(node)
    if node is None or (isinstance(node, Scalar) and node.is_null):
        node, mode = task.key("requiresCompatibilities"), "bridge"
    if node is None or not mode or mode == "awsvpc" or is_placeholder(mode):
        return
    yield Finding(
        node.span,
        "A Fargate task has the network mode `awsvpc` and no other: ECS does not register this one.",
        help='Write `"networkMode": "awsvpc"`.',
    )


@rule("CD770", "fargate-execution-role", Severity.ERROR)
def fargate_execution_role(document: Document) -> Iterator[Finding]:
    """A Fargate task that pulls from ECR, writes logs or reads secrets has no execution role.

    On Fargate there is no instance whose role could do that. The task needs `executionRoleArn`, with rights to
    pull from ECR, write to CloudWatch Logs and read the secrets.

    Bad:
        {
          "family": "web",
      >   "requiresCompatibilities": ["FARGATE"],
          "networkMode": "awsvpc",
          "cpu": "256",
          "memory": "512",
          "containerDefinitions": [
            {"name": "web", "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
          ]
        }
    Good:
        {
          "family": "web",
          "requiresCompatibilities": ["FARGATE"],
          "networkMode": "awsvpc",
          "cpu": "256",
          "memory": "512",
          "executionRoleArn": "arn:aws:iam::111122223333:role/ecsTaskExecutionRole",
          "containerDefinitions": [
            {"name": "web", "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
          ]
        }
    """
    task = definition(document)
    key = task.key("requiresCompatibilities") if task is not None else None
    if task is None or key is None or not _is_fargate(task) or "executionRoleArn" in task:
        return
    for container in containers(document):
        need = _need(container)
        if need:
            yield Finding(
                key.span,
                f"The container `{known(container.get('name')) or '?'}` {need}, for which a Fargate task needs an "
                "execution role.",
                help='Add `"executionRoleArn"` with a role such as `ecsTaskExecutionRole`.',
            )
            return


def _need(container: Mapping) -> str:
    image = known(container.get("image")) or ""
    if ".dkr.ecr." in image:
        return "is pulled from ECR"
    if members(container.get("secrets")):
        return "reads secrets"
    logs = container.get("logConfiguration")
    if isinstance(logs, Mapping) and known(logs.get("logDriver")) == "awslogs":
        return "writes to CloudWatch Logs"
    return ""


@rule("CD771", "different-host-port", Severity.ERROR)
def different_host_port(document: Document) -> Iterator[Finding]:
    """`hostPort` differs from `containerPort` in a task of the network mode `awsvpc`.

    Such a task has its own network interface, on which there is nothing to map: both ports are the same, or
    `hostPort` is left out. ECS registers nothing else.

    Bad:
        {
          "family": "web",
          "networkMode": "awsvpc",
          "containerDefinitions": [
            {
              "name": "web",
              "image": "<IMAGE1_NAME>",
      >       "portMappings": [{"containerPort": 3000, "hostPort": 80}]
            }
          ]
        }
    Good:
        {
          "family": "web",
          "networkMode": "awsvpc",
          "containerDefinitions": [
            {
              "name": "web",
              "image": "<IMAGE1_NAME>",
              "portMappings": [{"containerPort": 3000, "hostPort": 3000}]
            }
          ]
        }
    """
    task = definition(document)
    if task is None or known(task.get("networkMode")) != "awsvpc":
        return
    for container in containers(document):
        for mapping in members(container.get("portMappings")):
            if not isinstance(mapping, Mapping):
                continue
            host, port = mapping.get("hostPort"), mapping.get("containerPort")
            one, other = known(host), known(port)
            if host is None or one is None or other is None or not (_is_port(one) and _is_port(other)):
                continue
            if int(one) not in (0, int(other)):
                yield Finding(
                    host.span,
                    f"With the network mode `awsvpc` there is no mapping of ports: `hostPort` must be {other}, like "
                    "`containerPort`.",
                    help=f"Write {other}, or leave `hostPort` out.",
                )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
