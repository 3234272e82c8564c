"""CD369, CD370: `docker login`."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec
from ..syntax.shell.nodes import Simple, Word
from . import rule
from .containers import Action, containers_of, excused, other_builders
from .ecr_passwords import VALUED, logins_of, region_of
from .image_shapes import differs, is_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD369", "docker-password-argument", Severity.WARNING)
def docker_password_argument(spec: Buildspec) -> Iterator[Finding]:
    """`docker login` gets its password as an argument.

    Arguments can be read in the list of processes, and are in the log where the shell prints its commands. Docker
    says so too: `WARNING! Using --password via the CLI is insecure. Use --password-stdin.`

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - docker login -u AWS -p $(aws ecr get-login-password) $REGISTRY
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - aws ecr get-login-password | docker login -u AWS --password-stdin $REGISTRY
    """
    for action in containers_of(spec).named("login"):
        for name, word, value in action.options:
            if name in ("-p", "--password") and value is not None and value.raw not in ("", "-"):
                yield Finding(
                    action.command.span_of(word)
                    if word.end != value.end
                    else action.command.span(*_flag(word, name)),
                    f"The password is an argument here (`{name}`): it shows in the list of processes, and docker warns "
                    "of it.",
                    help="Pipe it in: `… | docker login -u … --password-stdin <registry>`.",
                    fix=_from_stdin(action, word, value),
                )
                break


def _flag(word: Word, name: str) -> tuple[int, int]:
    return word.start, word.start + len(name)


def _from_stdin(action: Action, word: Word, value: Word) -> Fix | None:
    """Pipe the password into the command."""
    simple, command = action.simple, action.command
    around = simple.parent
    if around is not None and around.kind == "pipeline" and around.parts[:1] != [simple]:
        return None
    if simple.assigns or any("<" in one.op for one in simple.redirects) or simple.words[:1] != [simple.first]:
        return None
    source, safe = "", False
    for inner in action.command.script.commands:
        parent = inner.parent
        if parent is not None and parent.kind == "substitution" and value.start <= parent.start < value.end:
            whole = value.raw.strip('"')
            if inner.name == "aws" and parent.end - parent.start == len(whole):
                source = command.text[inner.start : inner.end]
                safe = any(one.plain == "get-login-password" for one in inner.args)
            break
    if not source and value.variable:
        source = f"printf '%s' \"${{{value.variable}}}\""
    if not source:
        return None
    edits = [
        command.edit(simple.start, simple.start, source + " | "),
        command.edit(word.start, max(word.end, value.end), "--password-stdin"),
    ]
    if not all(edits):
        return None
    return Fix("Pipe the password in", [edit for edit in edits if edit is not None], safe=safe)


@rule("CD370", "registry-without-login", Severity.WARNING)
def registry_without_login(spec: Buildspec) -> Iterator[Finding]:
    """An image is pushed to a registry in ECR for which docker has no login.

    A login is good for one host, and so for one account and one region: pushes to another one are refused with
    `no basic auth credentials`. If the file logs in nowhere, a script or the ECR credential helper may, so that this
    is a warning at most; if it logs in elsewhere, it is an error. The password, too, is good for one region only.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - R=111122223333.dkr.ecr.us-east-1.amazonaws.com
              - aws ecr get-login-password --region us-east-1 | docker login -u AWS --password-stdin $R
              - docker build -t 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1 .
      >       - docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - R=111122223333.dkr.ecr.us-east-1.amazonaws.com
              - aws ecr get-login-password --region us-east-1 | docker login -u AWS --password-stdin $R
              - docker build -t $R/app:1 .
              - docker push $R/app:1
    """
    containers = containers_of(spec)
    logins = containers.named("login")
    yield from _regions(spec, logins)
    text = spec.document.text
    if "credHelpers" in text or "credsStore" in text or "credential-helper" in text or "ecr-login" in text:
        return
    elsewhere = logins_of(spec, "get-login") or spec.calls(
        "podman", "crane", "skopeo", "oras", "helm", "buildah"
    )
    if elsewhere:
        return
    hosts = [containers.shape(one, word) for one in logins for word in one.operands[:1]]
    known = [(_host(shape), sure) for shape, sure in hosts]
    told: set[str] = set()
    for action in containers.named("push"):
        if action.open or action.is_template or len(action.operands) != 1 or excused(action.simple):
            continue
        word = action.operands[0]
        shape, sure = containers.shape(action, word)
        host = _host(shape)
        if ".dkr.ecr." not in host or host in told or "/" not in shape:
            continue
        if any(not differs(host, one) for one, _ in known):
            continue
        told.add(host)
        yield _refused(spec, action, word, sure and all(one for _, one in known), bool(logins))


def _host(shape: str) -> str:
    return shape.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _refused(spec: Buildspec, action: Action, word: Word, sure: bool, elsewhere: bool) -> Finding:
    nothing_else = other_builders(spec, containers_of(spec))
    size = word.raw.find("/")
    span = action.command.span(word.start, word.start + size) if size > 0 else action.command.span_of(word)
    if elsewhere:
        return Finding(
            span,
            "Docker is logged in to another registry, and a login is good for one host only: this push is refused.",
            help="Log in to this one: `aws ecr get-login-password --region … | docker login --username AWS "
            "--password-stdin …`, or push to the other.",
            severity=Severity.ERROR if sure and nothing_else else Severity.WARNING,
        )
    return Finding(
        span,
        "Nothing in this file logs docker in to ECR: unless a script or the credential helper does, this push is "
        "refused.",
        help="Before it, write `aws ecr get-login-password --region … | docker login --username AWS "
        "--password-stdin …`.",
        severity=Severity.WARNING if nothing_else and "login" not in spec.document.text else Severity.INFO,
    )


def _regions(spec: Buildspec, logins: list[Action]) -> Iterator[Finding]:
    """The password is from one region, the registry in another."""
    containers = containers_of(spec)
    for action in logins:
        around = action.simple.parent
        first = around.parts[0] if around is not None and around.kind == "pipeline" else None
        if not isinstance(first, Simple) or first.name != "aws" or not action.operands or action.open:
            continue
        region = (
            first.option("--region", *VALUED[1:])
            if first.args[:1] and first.args[0].plain != "ecr-public"
            else None
        )
        if region is None or not any(word.raw == "get-login-password" for word in first.args):
            continue
        wanted = region_of(_host(containers.shape(action, action.operands[0])[0]))
        given, sure = containers.at(region, action.number)
        if wanted and sure and given and not any(map(is_unknown, wanted + given)) and wanted != given:
            yield Finding(
                action.command.span_of(region),
                f"The password is for `{given}`, and the registry is in `{wanted}`, where it is not good.",
                help=f"Write `--region {wanted}`.",
            )
