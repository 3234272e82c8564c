"""CD728–CD736: the hooks of an AppSpec."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.deploy_files import (
    ECS_EVENTS,
    LAMBDA_EVENTS,
    RESERVED,
    SERVER_EVENTS,
    platform_of,
    scripts,
    section,
)
from ..model.values import entries, known, members
from ..source import Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..wording import listed
from . import rule
from .deploy_findings import is_placeholder, reported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names of traffic events from the time of the Classic Load Balancers, which the agent still knows.
_FORMER = frozenset(("BeforeELBRemove", "AfterELBRemove", "BeforeELBAdd", "AfterELBAdd"))
_LIMIT = 3600


@rule("CD728", "appspec-unknown-hook", Severity.ERROR)
def appspec_unknown_hook(document: Document) -> Iterator[Finding]:
    """A hook of a name that no deployment has.

    Names of events are compared letter by letter. An event that does not exist never comes: its scripts are not run,
    and the deployment is green.

    Bad:
        version: 0.0
        os: linux
        hooks:
      >   afterInstall:
            - location: scripts/restart.sh
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
    """
    for violation in reported(document, "appspec-unknown-hook"):
        name = violation.name
        if name in RESERVED or name in _FORMER or name in SERVER_EVENTS or name in ECS_EVENTS:
            continue  # CD729, CD730
        yield violation.finding()


@rule("CD729", "hook-cannot-be-scripted", Severity.ERROR)
def hook_cannot_be_scripted(document: Document) -> Iterator[Finding]:
    """A hook on a step that CodeDeploy does itself.

    `Start`, `DownloadBundle`, `Install`, `BlockTraffic`, `AllowTraffic` and `End` are shown in the console among the
    events, but nothing can be attached to them. Before and after them there are events that take scripts.

    Bad:
        version: 0.0
        os: linux
        hooks:
      >   Install:
            - location: scripts/install.sh
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/install.sh
    """
    for violation in reported(document, "appspec-unknown-hook"):
        name = violation.name
        if name not in RESERVED:
            continue
        found = violation.finding()
        near = {"Start": "BeforeInstall", "DownloadBundle": "BeforeInstall", "End": "ValidateService"}
        meant = near.get(name, f"Before{name}` or `After{name}")
        if platform_of(document.root) != "server" and name in (
            "Start",
            "DownloadBundle",
            "End",
            "TestTraffic",
        ):
            meant = "AfterAllowTraffic" if name == "End" else "AfterAllowTestTraffic"
        elif name == "AllowTestTraffic":
            meant = "AfterAllowTestTraffic"
        found.message = (
            f"`{name}` is a step that CodeDeploy does itself: nothing can be attached to it, and this "
            "never runs."
        )
        found.help = f"Use `{meant}`."
        found.fix = None
        yield found


@rule("CD730", "hook-of-other-platform", Severity.ERROR)
def hook_of_other_platform(document: Document) -> Iterator[Finding]:
    """A hook that deployments to this platform do not have.

    Instances, ECS and Lambda have different events: `ApplicationStart` and `ValidateService` come only on instances,
    `AfterAllowTestTraffic` only on ECS, and Lambda has `BeforeAllowTraffic` and `AfterAllowTraffic` alone.

    Bad:
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: web
                  ContainerPort: 80
        Hooks:
      >   - ApplicationStart: my-function
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
        Hooks:
          - AfterAllowTraffic: my-function
    """
    platform = platform_of(document.root)
    if not platform:
        return
    own = {"server": SERVER_EVENTS, "ecs": ECS_EVENTS, "lambda": LAMBDA_EVENTS}[platform]
    what = {"server": "deployments to instances", "ecs": "ECS deployments", "lambda": "Lambda deployments"}[
        platform
    ]
    _, hooks = section(document.root, "hooks")
    for node in [hooks, *members(hooks)]:
        for key, _ in entries(node):
            name = key.value
            if name not in own and (name in SERVER_EVENTS or name in ECS_EVENTS):
                yield Finding(
                    key.span,
                    f"There is no event `{name}` in {what}: this never runs.",
                    help=f"Use {listed(f'`{one}`' for one in own)}.",
                )


@rule("CD731", "appspec-hooks-shape", Severity.ERROR)
def appspec_hooks_shape(document: Document) -> Iterator[Finding]:
    """The hooks do not have the form that the platform wants.

    For instances `hooks` maps each event to a list of scripts. For ECS and Lambda `Hooks` is a list with one event and
    one Lambda function in each entry.

    Bad:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
      >     location: scripts/restart.sh
            timeout: 60
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
              timeout: 60
    """
    for violation in reported(document, "appspec-hooks-shape"):
        found, node = violation.finding(), violation.node
        if isinstance(node, Mapping) and node.pairs and not node.flow:
            found.span = node.pairs[0][0].span
            if len(violation.path) == 2 and "location" in node:
                found.fix = _as_item(document, node)
        elif isinstance(node, Sequence) and not node.flow:
            found.span = Span(node.start, node.start + 1)
        yield found


def _as_item(document: Document, node: Mapping) -> Fix | None:
    """Make a block mapping the only entry of a list."""
    edits = []
    for number, (key, value) in enumerate(node.pairs):
        if not isinstance(value, Scalar) or "\n" in document.text[key.start : value.end]:
            return None
        edits.append(Edit(key.start, key.start, "  " if number else "- "))
    return Fix("Make it an entry of a list", edits)


@rule("CD732", "appspec-empty-hook", Severity.ERROR)
def appspec_empty_hook(document: Document) -> Iterator[Finding]:
    """An event has no scripts below it.

    The agent goes through the scripts of each event it finds, and stops where there are none with
    ``undefined method `each' for nil:NilClass``.

    Bad:
        version: 0.0
        os: linux
        hooks:
      >   BeforeInstall:
          AfterInstall:
            - location: scripts/restart.sh
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
    """
    for violation in reported(document, "appspec-empty-hook"):
        found = violation.finding()
        if violation.key is not None and violation.keyword == "null" and not document.json:
            found.fix = _without_line(document, violation.key, violation.parent)
        yield found


def _without_line(document: Document, key: Node, parent: Node | None) -> Fix | None:
    """Delete the line of a key that has no value; not of the only key of its mapping."""
    text = document.text
    start = text.rfind("\n", 0, key.start) + 1
    end = text.find("\n", key.end)
    if end < 0 or text[start : key.start].strip() or "#" in text[key.end : end]:
        return None
    if not isinstance(parent, Mapping) or len(parent.pairs) < 2 or text[key.end : end].strip() != ":":
        return None
    return Fix("Delete the line", [Edit(start, end + 1, "")])


@rule("CD733", "appspec-hook-script", Severity.ERROR)
def appspec_hook_script(document: Document) -> Iterator[Finding]:
    """A script has no `location`, or keys that CodeDeploy does not know.

    A script is `location`, and if wanted `timeout` and `runas`. A text alone, or a command, is refused.

    Bad:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
      >     - scripts/restart.sh
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
    """
    for violation in reported(document, "appspec-hook-script"):
        found, node = violation.finding(), violation.node
        if violation.keyword == "additionalProperties" and found.fix is not None and found.fix.safe:
            found.severity = Severity.ERROR
        if (
            violation.keyword == "type"
            and isinstance(node, Scalar)
            and not node.is_null
            and "\n" not in node.value
        ):
            if isinstance(violation.path[-1], int):
                found.fix = Fix("Write `location:`", [Edit(node.start, node.start, "location: ")])
        yield found


@rule("CD734", "hook-timeout", Severity.ERROR)
def hook_timeout(document: Document) -> Iterator[Finding]:
    """A timeout that is no number of seconds between 1 and 3600.

    `timeout` counts seconds, without a unit: of `5m` the agent takes the 5. All scripts of one event together have at
    most an hour.

    Bad:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
      >       timeout: 7200
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
              timeout: 3600
    """
    if platform_of(document.root) != "server":
        return
    sums: dict[int, int] = {}
    for event, script in scripts(section(document.root, "hooks")[1]):
        node = script.get("timeout")
        if not isinstance(node, Scalar) or node.is_null or is_placeholder(node.value):
            continue
        fault = timeout_fault(node.value)
        if fault is not None:
            yield Finding(node.span, fault[0], help=fault[1])
            continue
        before = sums.get(event.start, 0)
        sums[event.start] = before + int(float(node.value))
        if before <= _LIMIT < sums[event.start]:
            yield Finding(
                node.span,
                f"The scripts of `{event.value}` have {sums[event.start]} seconds together, but an event has at most "
                "3600: then the deployment fails.",
                help="Shorten the timeouts, or move a script to another event.",
                severity=Severity.WARNING,
            )


def timeout_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a timeout, and what to write."""
    digits = text.strip()
    number = digits.partition(".")[0]
    if not (number.isascii() and number.isdigit() and digits.replace(".", "", 1).isdigit()):
        count = next((n for n, char in enumerate(digits) if char not in "0123456789"), len(digits))
        seconds = _seconds(digits[:count], digits[count:].strip()) if count else 300
        return f"`{text}` is no number of seconds.", f"Write the seconds alone, such as `timeout: {seconds}`."
    if len(number) > 9:
        number = "9" * 9  # Python refuses to read thousands of digits
    if int(number) < 1:
        return (
            "The timeout must be at least one second: CodeDeploy refuses the AppSpec.",
            "Write `timeout: 300`.",
        )
    if int(number) > _LIMIT:
        return (
            f"{text.strip()[:12]} seconds are more than the hour that CodeDeploy gives the scripts of an event.",
            "Write at most `timeout: 3600`.",
        )
    return None


def _seconds(number: str, unit: str) -> int:
    factor = {"m": 60, "h": 3600}.get(unit[:1], 1)
    return min(int(number[:6]) * factor, _LIMIT)


@rule("CD735", "runas-on-windows", Severity.WARNING)
def runas_on_windows(document: Document) -> Iterator[Finding]:
    """A script of a Windows deployment has `runas`.

    Only on Linux can a script run as another user; on Windows it runs as the agent does, and `runas` must be left out.

    Bad:
        version: 0.0
        os: windows
        hooks:
          AfterInstall:
            - location: restart.ps1
      >       runas: Administrator
    Good:
        version: 0.0
        os: windows
        hooks:
          AfterInstall:
            - location: restart.ps1
    """
    if known(section(document.root, "os")[1]) != "windows":
        return
    for _, script in scripts(section(document.root, "hooks")[1]):
        key = script.key("runas")
        if key is not None:
            yield Finding(key.span, "There is no `runas` on Windows.", help="Delete the line.")


#: Where files of the instance lie, not of the revision.
_ROOTS = ("/home/", "/root/", "/tmp/", "/var/", "/opt/", "/usr/", "/etc/", "/srv/", "~")


@rule("CD736", "hook-location-path", Severity.WARNING)
def hook_location_path(document: Document) -> Iterator[Finding]:
    """The location of a script is no path inside the revision.

    Scripts are looked for below the root of the revision, not where `files` copies them to; else the deployment fails
    with `Script does not exist at specified location`. Arguments cannot be given.

    Bad:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
      >     - location: /home/ec2-user/app/scripts/restart.sh
    Good:
        version: 0.0
        os: linux
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
    """
    for _, script in scripts(section(document.root, "hooks")[1]):
        node = script.get("location")
        text = known(node)
        if node is None or text is None or is_placeholder(text):
            continue
        yield from _location(node, text)


def _location(node: Node, text: str) -> Iterator[Finding]:
    if text.startswith(_ROOTS) or text[1:3] in (":\\", ":/") or "://" in text:
        yield Finding(
            node.span,
            f"`{text}` is looked for inside the revision, not on the instance.",
            help="Write the path of the script from the root of the revision.",
        )
    elif text.startswith("/") and isinstance(node, Scalar):
        inner = 1 if node.style in ("'", '"') else 0
        slashes = len(text) - len(text.lstrip("/"))
        start = node.start + inner
        fix = Fix("Leave the slash out", [Edit(start, start + slashes, "")]) if len(text) > slashes else None
        yield Finding(
            node.span,
            "The location is a path from the root of the revision: the slash at its beginning misleads.",
            help=f"Write `{text.lstrip('/')}`.",
            fix=fix,
            severity=Severity.INFO,
        )
    elif ".." in text.split("/"):
        yield Finding(node.span, "The path leads out of the revision.", help="Write the path from its root.")
    else:
        first, blank, _ = text.strip().partition(" ")
        if blank and (
            first in ("bash", "sh", "sudo", "python", "python3", "node") or "." in first.rpartition("/")[2]
        ):
            yield Finding(
                node.span,
                "The location is the path of a script, no command: CodeDeploy looks for a file of this whole name.",
                help="Name the script alone, and put its arguments into it.",
            )
