"""CD209–CD211: the shell, what a failed phase does, and where secrets come from."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs
from . import rule
from .env import text_of
from .paths import known, part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Scalar

SHELLS = ("bash", "/bin/sh", "powershell.exe", "cmd.exe")
#: Other names of those: what they should be, and whether the build is likely to work all the same.
_SHELL_NAMES = {
    "sh": ("/bin/sh", True),
    "/bin/bash": ("bash", True),
    "/usr/bin/bash": ("bash", True),
    "bin/bash": ("bash", False),
    "bin/sh": ("/bin/sh", False),
    "powershell": ("powershell.exe", False),
    "cmd": ("cmd.exe", False),
}


@rule("CD209", "unknown-shell", Severity.WARNING)
def unknown_shell(spec: Buildspec) -> Iterator[Finding]:
    """`env.shell` is none of the shells that CodeBuild offers.

    On Linux they are `bash` and `/bin/sh` (the default), on Windows `powershell.exe` (the default)
    and `cmd.exe`.

    Bad:
        version: 0.2
        env:
      >   shell: zsh
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        env:
          shell: bash
        phases:
          build:
            commands:
              - make
    """
    node = text_of(spec.get("env", "shell"))
    if node is None or node.value in SHELLS or not known(node.value):
        return
    lower = node.value.strip().lower()
    meant, works = _SHELL_NAMES.get(lower, (lower if lower in SHELLS else "", False))
    fix = None
    if meant and node.style not in ("|", ">"):
        fix = Fix(f"Write {meant}", [Edit(node.start, node.end, meant)], safe=works)
    yield Finding(
        node.span,
        f"`{node.value}` is not how AWS names this shell; it need not go on working."
        if works
        else f"`{node.value}` is none of the shells that CodeBuild offers.",
        help=f"Write `{meant}`."
        if meant
        else "Write `bash` or `/bin/sh`; on Windows `powershell.exe` or `cmd.exe`.",
        fix=fix,
        severity=Severity.INFO if works else None,
    )


@rule("CD210", "on-failure-continue", Severity.WARNING)
def on_failure_continue(spec: Buildspec) -> Iterator[Finding]:
    """`on-failure: CONTINUE` lets a failed build go on, and end green.

    The phase is shown as failed, the next ones run, and the build succeeds: a pipeline then deploys
    what did not pass its tests. In `post_build` there is nothing left to go on to.

    Bad:
        version: 0.2
        phases:
          build:
      >     on-failure: CONTINUE
            commands:
              - make test
          post_build:
            commands:
              - ./deploy.sh
    Good:
        version: 0.2
        phases:
          build:
            on-failure: ABORT
            commands:
              - make test
          post_build:
            commands:
              - ./deploy.sh
    """
    for phase in spec.phases:
        action = phase.on_failure
        if action is None or phase.name == "post_build" or action.value.upper() != "CONTINUE":
            continue
        yield Finding(
            action.span,
            f"When `{phase.name}` fails, the build goes on with the next phase and ends as succeeded.",
            help="Write `ABORT`, or put `|| true` behind the one command that may fail.",
        )


@rule("CD211", "malformed-secret-reference", Severity.ERROR)
def malformed_secret_reference(spec: Buildspec) -> Iterator[Finding]:
    """A reference to Secrets Manager or Parameter Store is not written as AWS reads it.

    A secret is `secret-id:json-key:version-stage:version-id`; all but the first part may be left
    out, and stage and id exclude each other. A parameter is its name, with a slash in front when it
    has slashes at all, and perhaps `:version` or `:label`. The build ends in DOWNLOAD_SOURCE with
    `Decrypted Variables Error Message: parameter does not exist` or a `Secrets Manager Error`.

    Bad:
        version: 0.2
        env:
          secrets-manager:
      >     DB_PASSWORD: prod/db:password:AWSCURRENT:0aa1e0a7-65d4-4f2b-9d3e-2f6d1c1a9b10
        phases:
          build:
            commands:
              - ./migrate.sh
    Bad:
        version: 0.2
        env:
          parameter-store:
      >     DB_USER: CodeBuild/db-user
        phases:
          build:
            commands:
              - ./migrate.sh
    Good:
        version: 0.2
        env:
          parameter-store:
            DB_USER: /CodeBuild/db-user
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
              - ./migrate.sh
    """
    for section, judge in (("secrets-manager", secret_fault), ("parameter-store", parameter_fault)):
        for _, node in pairs(spec.get("env", section)):
            value = text_of(node)
            if value is not None and known(value.value):
                fault = judge(value.value)
                if fault is not None:
                    yield _finding(spec, value, fault)


class Fault:
    """What is wrong with a reference, and where in it."""

    __slots__ = ("end", "help", "message", "severity", "start")

    def __init__(self, start: int, end: int, message: str, help: str, severity: str = "") -> None:
        self.start = start
        self.end = end
        self.message = message
        self.help = help
        self.severity = severity


def _finding(spec: Buildspec, value: Scalar, fault: Fault) -> Finding:
    finding = Finding(part(spec.document, value, fault.start, fault.end), fault.message, help=fault.help)
    if fault.severity:
        finding.severity = Severity.WARNING if fault.severity == "warning" else Severity.INFO
    return finding


_FORM = "Write `secret-id:json-key`, behind it perhaps `:version-stage` or `::version-id`."


def secret_fault(text: str) -> Fault | None:
    whole = len(text)
    if text.startswith("arn:"):
        parts = text.split(":", 7)
        if len(parts) < 7 or parts[2] != "secretsmanager" or parts[5] != "secret" or not parts[6]:
            return _foreign_arn(text, parts, "secretsmanager", "a secret", "parameter-store")
        start = len(":".join(parts[:7]))
    else:
        start = text.find(":") if ":" in text else whole
        if not text[:start].strip():
            return Fault(0, whole, "This reference names no secret.", _FORM)
        if " " in text[:start].strip():
            return Fault(0, start, "No secret can have a name with blanks in it.", _FORM, "warning")
    rest = text[start + 1 :].split(":") if start < whole else []
    if len(rest) > 3:
        at = start + 1 + len(":".join(rest[:3]))
        return Fault(
            at,
            whole,
            "There are too many colons: behind the secret come at most three parts.",
            _FORM,
        )
    key, stage, version = [*rest, "", "", ""][:3]
    at = start + 1 + len(key) + 1
    if stage and version:
        return Fault(
            at,
            whole,
            "Version stage and version id exclude each other: Secrets Manager takes one of them.",
            "Leave one of the two parts empty.",
        )
    if not key and not stage and not version:
        return Fault(
            0,
            whole,
            "Without a key the variable holds the whole text of the secret: as a rule JSON.",
            "If the secret is JSON, name the key: `secret-id:json-key`.",
            "info",
        )
    return _version(at, stage, version)


def _version(at: int, stage: str, version: str) -> Fault | None:
    """A stage in the place of the id, or the other way round."""
    if version and len(version) < 32:
        return Fault(
            at + len(stage) + 1,
            at + len(stage) + 1 + len(version),
            f"`{version}` stands where the id of a version belongs, which has at least 32 characters.",
            "A version stage, such as `AWSPREVIOUS`, is the third part, with one colon less.",
            "warning",
        )
    if len(stage) == 36 and stage.count("-") == 4:
        return Fault(
            at,
            at + len(stage),
            "This looks like the id of a version, but it stands where the version stage belongs.",
            "Put one more colon before it.",
            "warning",
        )
    return None


def _foreign_arn(text: str, parts: list[str], service: str, noun: str, other: str) -> Fault | None:
    """An ARN that is cut short or belongs to another service."""
    home = parts[2] if len(parts) > 2 else ""
    remedy = f"Write the whole ARN of {noun}, or its name."
    if home and home != service:
        if home in ("ssm", "secretsmanager"):
            remedy = f"Move the variable to `{other}`."
        start = len(":".join(parts[:2])) + 1
        return Fault(start, start + len(home), f"This is not the ARN of {noun}, but one of `{home}`.", remedy)
    return Fault(0, len(text), f"This is not the whole ARN of {noun}.", remedy)


def parameter_fault(text: str) -> Fault | None:
    whole = len(text)
    if text.startswith("arn:"):
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[2] != "ssm" or not parts[5].startswith("parameter/"):
            return _foreign_arn(text, parts, "ssm", "a parameter", "secrets-manager")
        return None
    name, colon, selector = text.partition(":")
    start = len(name)
    if not name.strip():
        return Fault(0, whole, "This names no parameter.", "Write the name of a parameter.")
    if ":" in selector:
        return Fault(
            start,
            whole,
            "A parameter's name has no colons; behind it comes at most one version or label.",
            "Write `name`, `name:version` or `name:label`; for a secret use `secrets-manager`.",
        )
    odd = next((char for char in name if not (char.isascii() and (char.isalnum() or char in "_.-/"))), "")
    if odd or (colon and "/" in selector):
        shown = "a blank" if odd.isspace() else f"`{odd or ':'}`"
        at = name.find(odd) if odd else start
        return Fault(
            at,
            at + 1,
            f"No parameter can have a name with {shown} in it. CodeBuild looks up the value by "
            "this name; it is not the value itself.",
            "Write the name of the parameter.",
            "warning",
        )
    if "/" in name and not name.startswith("/"):
        return Fault(
            0,
            start,
            f"A parameter whose name has slashes begins with one: `{name}` does not exist.",
            f"Write `/{text}`.",
            "warning",
        )
    return None
