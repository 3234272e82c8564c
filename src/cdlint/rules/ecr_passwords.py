"""CD365, CD366: `aws ecr get-login` and what came after it."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec
from ..syntax.shell.nodes import Simple, Statement, Word
from . import rule
from .containers import Action, containers_of, excused
from .image_shapes import is_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..model.buildspec import Command

#: Options of the AWS CLI that take a value.
VALUED = (
    "--region", "--profile", "--output", "--endpoint-url", "--ca-bundle", "--cli-read-timeout", "--query", "--color",
    "--cli-connect-timeout", "--registry-ids",
)  # fmt: skip
_SHELLS = ("sh", "bash", "dash")


class Login:
    """`aws ecr get-login` or `get-login-password`: the word that says so, and what its output is used for.

    `runs`: its output is run as a command, by `whole` (a substitution alone, `eval`, a pipe into a shell).
    """

    __slots__ = ("command", "simple", "whole", "word")

    def __init__(self, command: Command, simple: Simple, word: Word) -> None:
        self.command = command
        self.simple = simple
        self.word = word
        self.whole = _runner(simple)


def logins_of(spec: Buildspec, verb: str) -> list[Login]:
    found = []
    if verb in spec.document.text:
        for command, simple in spec.calls("aws"):
            operands = simple.operands(*VALUED)
            if len(operands) > 1 and operands[0].plain in ("ecr", "ecr-public") and operands[1].plain == verb:
                found.append(Login(command, simple, operands[1]))
    return found


def _runner(simple: Simple) -> Statement | None:
    """What runs the output of a command, or None."""
    part: Statement = simple
    around = simple.parent
    if around is not None and around.kind == "pipeline":
        last = around.parts[-1] if around.parts else None
        if (
            isinstance(last, Simple)
            and last.name in _SHELLS
            and not last.operands()
            and len(around.parts) == 2
        ):
            return around
        if around.parts[-1:] != [simple] and around.parts[:1] != [simple]:
            return None
        part, around = around, around.parent
    if around is None or around.kind != "substitution" or not isinstance(around.parent, Simple):
        return None
    outer = around.parent
    words = outer.words[1:] if outer.name == "eval" else outer.words
    if outer.assigns or len(words) != 1 or len(words[0].raw) > around.end - around.start + 2:
        return None
    return outer if around.bodies == [[part]] else None


@rule("CD365", "ecr-get-login-removed", Severity.ERROR)
def ecr_get_login_removed(spec: Buildspec) -> Iterator[Finding]:
    """`aws ecr get-login` does not exist any more.

    Version 2 of the AWS CLI, which all maintained images carry, has `get-login-password` in its place, which prints
    the password only: the old command ends with `Invalid choice`, nobody is logged in, and the push fails. The two
    images with Amazon Linux 2 still have version 1: there, and with images of your own, this is a warning. Source:
    AWS CLI user guide, "Breaking changes"; AWS's Dockerfiles of the images.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - $(aws ecr get-login --no-include-email --region eu-west-1)
          build:
            commands:
              - docker build -t 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1 .
              - docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - REGISTRY=111122223333.dkr.ecr.eu-west-1.amazonaws.com
              - aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin $REGISTRY
          build:
            commands:
              - docker build -t $REGISTRY/app:1 .
              - docker push $REGISTRY/app:1
    """
    for login in logins_of(spec, "get-login"):
        severity = _gone(spec, login)
        if severity == "":
            continue
        command = login.command
        yield Finding(
            command.span_of(login.whole if isinstance(login.whole, Simple) else login.word),
            "Version 2 of the AWS CLI, which the current images have, knows no `ecr get-login`: the command fails, "
            "and docker is not logged in."
            if severity == Severity.ERROR
            else "`ecr get-login` exists in version 1 of the AWS CLI only: with the next image the command fails.",
            help="Write `aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login --username AWS "
            "--password-stdin <account>.dkr.ecr.<region>.amazonaws.com`.",
            fix=_piped(spec, login, safe=False),
            severity=severity,  # type: ignore[arg-type]
        )


def _gone(spec: Buildspec, login: Login) -> SeverityName | str:
    """How bad it is; "" where the file itself looks which version is there."""
    text = spec.document.text
    if "aws-cli/" in text or "aws --version |" in text or "get-login-password" in login.command.text:
        return ""
    for _, simple in spec.calls("pip", "pip3", "python", "python3"):
        if any(word.plain.startswith("awscli") for word in simple.args):
            return Severity.WARNING
    outer = login.whole or login.simple
    if isinstance(outer, Simple) and excused(outer):
        return Severity.WARNING
    if not spec.image:
        return Severity.ERROR
    from ..aws.images import image

    known = image(spec.image)
    return Severity.ERROR if known is not None and known.aws_cli == 2 else Severity.WARNING


def _piped(spec: Buildspec, login: Login, *, safe: bool) -> Fix | None:
    """Write the login as a pipe into `docker login`, where the registry can be told from the file."""
    whole, command = login.whole, login.command
    if whole is None or not (isinstance(whole, Simple) or whole.kind == "pipeline") or whole.redirects:
        return None
    given = login.simple.option("--region")
    ids = [word.raw for word in login.simple.args if word.raw.startswith("--registry-ids")]
    owner = login.simple.option("--registry-ids")
    if ids:
        region = given.raw if given is not None else "$AWS_DEFAULT_REGION"
        registry = (
            f"{owner.raw}.dkr.ecr.{region}.amazonaws.com"
            if owner and len(login.simple.operands()) < 6
            else ""
        )
    else:
        registry = _registry(spec, login)
        region = given.raw if given is not None else region_of(registry) or "$AWS_DEFAULT_REGION"
    if not registry:
        return None
    profile = login.simple.option("--profile")
    options = f" --profile {profile.raw}" if profile is not None else ""
    shown = f'"{registry}"' if "%" in registry else registry
    edit = command.edit(
        whole.start,
        whole.end,
        f"aws ecr get-login-password --region {region}{options} | docker login --username AWS --password-stdin {shown}",
    )
    return Fix("Pipe the password into `docker login`", [edit], safe=safe) if edit is not None else None


def region_of(registry: str) -> str:
    _, _, behind = registry.partition(".dkr.ecr.")
    return behind.partition(".amazonaws.")[0]


def _registry(spec: Buildspec, login: Login) -> str:
    """The registry that the file pushes to, as the shell writes it; "" if it is not clear."""
    containers = containers_of(spec)
    number = next((n for n, (command, _) in enumerate(spec.scripts()) if command is login.command), -1)
    for verbs in (("push",), ("tag", "build", "pull")):
        found: set[str] = set()
        for action in containers.named(*verbs):
            words = action.values("-t", "--tag") if action.name == "build" else action.operands[-1:]
            for word in words:
                one = _registry_of(spec, action, word, (number, login.simple.start))
                if one == "?":
                    return ""
                found.add(one)
        found.discard("")
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def _registry_of(spec: Buildspec, action: Action, word: Word, place: tuple[int, int]) -> str:
    """The registry in a name, "" if it has none, "?" if it cannot be told."""
    containers = containers_of(spec)
    host, slash, _ = containers.shape(action, word)[0].partition("/")
    scope = containers.scope
    names = {containers.variable(char) for char in host if is_unknown(char)}
    if slash and ".dkr.ecr." in host:
        return (
            "?"
            if "" in names or any(_set_later(scope, name, place) for name in names)
            else containers.text(host)
        )
    first = containers.written(word)[:1]
    name = containers.variable(first) if first and is_unknown(first) else ""
    if not name:
        return "" if not first or not is_unknown(first) else "?"
    behind = containers.written(word)[1:2]
    if behind not in ("", ":", "/") or _set_later(scope, name, place):
        return "?"
    return f"${{{name}%%/*}}"


def _set_later(scope: object, name: str, place: tuple[int, int]) -> bool:
    settings = getattr(scope, "settings", {}).get(name, ())
    return bool(settings) and all((one.item, one.start) > place for one in settings)


@rule("CD366", "ecr-password-misused", Severity.ERROR)
def ecr_password_misused(spec: Buildspec) -> Iterator[Finding]:
    """`aws ecr get-login-password` is used like the old `get-login`.

    It prints a password and has no options of its own (`Unknown options: --no-include-email`). In `$(…)` alone the
    shell takes what is printed for a command: it does not find it, and the password is in the log. Piped into
    `docker login` inside of `$(…)`, it tries to run `Login Succeeded`.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - aws ecr get-login-password --no-include-email | docker login -u AWS --password-stdin $REGISTRY
    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - $(aws ecr get-login-password --region eu-west-1)
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - aws ecr get-login-password | docker login -u AWS --password-stdin $REGISTRY
              - PASSWORD=$(aws ecr get-login-password)
    """
    for login in logins_of(spec, "get-login-password"):
        yield from _old_flags(login)
        whole = login.whole
        if not isinstance(whole, Simple):
            continue
        piped = login.simple.parent is not None and login.simple.parent.kind == "pipeline"
        if piped and _silent(login.simple.parent):
            continue
        body = login.command.script.body
        last = not excused(whole) and (not body or body[-1] is whole or whole.parent is body[-1])
        yield Finding(
            login.command.span_of(whole),
            "The shell runs what is printed here, `Login Succeeded`, as a command, and does not find it."
            if piped
            else "The shell takes the password for a command: it does not find it, docker is not logged in, and the "
            "password is in the log.",
            help="Write the pipe without `$(…)` around it."
            if piped
            else "Pipe it: `aws ecr get-login-password | docker login --username AWS --password-stdin <registry>`.",
            fix=_bare(login, whole) if piped else _piped(spec, login, safe=False),
            severity=None if last or not piped else Severity.WARNING,
        )


def _old_flags(login: Login) -> Iterator[Finding]:
    if login.word.plain != "get-login-password":
        return
    words = login.simple.words
    for name, word, value in login.simple.options(*VALUED):
        if name not in ("--no-include-email", "--include-email", "--registry-ids"):
            continue
        before = max(one.end for one in words if one.end < word.start)
        end = value.end if value is not None and value.start >= word.end else word.end
        edit = login.command.edit(before, end, "")
        yield Finding(
            login.command.span_of(word),
            f"`get-login-password` has no option `{name}`: it ends with an error and prints no password.",
            help="Leave it out. What is printed is good for every registry of the region that the role may use.",
            fix=Fix(f"Remove `{name}`", [edit]) if edit is not None else None,
        )


def _silent(pipeline: Statement | None) -> bool:
    """Does the last command of a pipeline print nothing?"""
    last = pipeline.parts[-1] if pipeline is not None and pipeline.parts else None
    if not isinstance(last, Simple) or last.name != "docker":
        return True
    return any(">" in one.op and one.fd in ("", "1") for one in last.redirects)


def _bare(login: Login, whole: Simple) -> Fix | None:
    """Remove the substitution around a pipeline."""
    inner = login.simple.parent
    if inner is None or whole.name == "eval":
        return None
    text = login.command.text[inner.start : inner.end]
    edit = login.command.edit(whole.start, whole.end, text)
    return Fix("Remove the `$(…)`", [edit]) if edit is not None else None
