"""CD367, CD376–CD379: how docker is called, and where it runs."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs, scalar_of
from ..syntax.tree import Mapping, Sequence
from . import rule
from .containers import OPERANDS, Action, containers_of, excused, is_loose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.images import Image
    from ..model.buildspec import Command
    from ..syntax.shell import Simple, Word

_WANTED = {
    "build": "the folder to build from, the build context",
    "tag": "the image there is, and the name it is to get",
    "push": "the name of the image",
    "pull": "the name of the image",
}
_SPELLED = {
    "build": "docker build -t app .",
    "tag": "docker tag app:1 registry/app:1",
    "push": "docker push registry/app:1",
    "pull": "docker pull registry/app:1",
}
#: Verbs that need the daemon.
DAEMON = frozenset("build run create push pull bake load tag compose exec ps images import commit".split())


def _image(spec: Buildspec) -> Image | None:
    if not spec.image:
        return None
    from ..aws.images import image

    return image(spec.image)


@rule("CD367", "docker-operands-wrong", Severity.ERROR)
def docker_operands_wrong(spec: Buildspec) -> Iterator[Finding]:
    """`docker build`, `tag`, `push` or `pull` has an operand too few or too many.

    `docker build` needs a build context, mostly `.`, even with `-f`: without one it says `"docker build" requires
    exactly 1 argument.` A blank in a name, `app :latest`, makes two operands of it, and `docker tag` needs the old
    and the new name.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build -t app
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - docker build -t app:1 .
      >       - docker tag app:1 public.ecr.aws/me/app :1
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker build -t app:1 .
              - docker build -t other - < Dockerfile
              - docker tag app:1 public.ecr.aws/me/app:1
    """
    for action in containers_of(spec).named(*_WANTED):
        wanted, given = OPERANDS[action.name], action.operands
        if action.open or action.is_template or action.has("--help", "-h") or action.verb is None:
            continue
        if any(one.body is not None and _behind_hyphen(action, one.start) for one in action.simple.redirects):
            continue  # the context comes from a heredoc
        if len(given) < wanted:
            yield from _too_few(spec, action, wanted)
        elif len(given) > wanted and not action.unknown:
            yield from _too_many(action, wanted)


def _behind_hyphen(action: Action, at: int) -> bool:
    return action.command.text[:at].rstrip().endswith("-")


def _too_few(spec: Buildspec, action: Action, wanted: int) -> Iterator[Finding]:
    command, simple, verb = action.command, action.simple, action.verb
    assert verb is not None
    first = simple.first or verb
    end = max([verb.end, *(word.end for word in simple.args)])
    missing = (
        "no build context"
        if action.name == "build"
        else f"only {len(action.operands)} of its {wanted} names"
        if action.operands
        else "no image"
    )
    fix = None
    if action.name == "build":
        edit = command.edit(end, end, " .")
        fix = Fix("Add the build context `.`", [edit], safe=False) if edit is not None else None
    shown = command.span(first.start, verb.end)
    if any(
        value is not None and value.end > end - 1 and value.raw in (".", "./")
        for _, _, value in action.options
    ):
        last = simple.args[-1]
        shown, fix = command.span_of(last), None
        missing += f", for `{last.raw}` is the value of the option before it"
    soft = any(value is not None and _may_split(spec, action, value) for _, _, value in action.options)
    yield Finding(
        shown,
        f"`docker {action.name}` has {missing}: it stops at once, without doing anything.",
        help=f"It takes {_WANTED[action.name]}: `{_SPELLED[action.name]}`.",
        fix=fix,
        severity=Severity.WARNING if soft else None,
    )


def _may_split(spec: Buildspec, action: Action, value: Word) -> bool:
    """May an option's value, once its variable is filled in, be several words?"""
    if not is_loose(value):
        return False
    shape, _ = containers_of(spec).shape(action, value)
    return " " in shape or not shape.isascii()


def _too_many(action: Action, wanted: int) -> Iterator[Finding]:
    command, given = action.command, action.operands
    for before, word in zip(given, given[1:], strict=False):
        if word.raw[:1] == ":" and len(given) == wanted + 1:
            edit = command.edit(before.end, word.start, "")
            yield Finding(
                command.span(before.end, word.start),
                f"The blank makes two operands of the name and its tag, and `docker {action.name}` takes {wanted}.",
                help=f"Write `{before.raw}{word.raw}`.",
                fix=Fix("Remove the blank", [edit]) if edit is not None else None,
            )
            return
    tagged = _tagged(action)
    if tagged is not None:
        word = tagged
        edit = command.edit(word.start - 1, word.start, "")
        yield Finding(
            command.span(word.start - 1, word.start),
            "The blank makes two operands of the name and its tag, and `docker build` takes one, the context.",
            help="Write the tag right behind the name.",
            fix=Fix("Remove the blank", [edit]) if edit is not None else None,
        )
        return
    extra = given[wanted]
    yield Finding(
        command.span(extra.start, given[-1].end) if extra.end <= given[-1].end else command.span_of(extra),
        f"`docker {action.name}` takes {'one operand' if wanted == 1 else 'two operands'}, and this is one too "
        "many: it stops at once, without doing anything.",
        help=f"It takes {_WANTED[action.name]}: `{_SPELLED[action.name]}`."
        + (" Each name needs a `-t` of its own." if action.name == "build" else ""),
    )


def _tagged(action: Action) -> Word | None:
    """`:latest` behind the value of `-t`."""
    for value in action.values("-t", "--tag"):
        for word in action.operands:
            if word.start == value.end + 1 and word.raw[:1] == ":":
                return word
    return None


@rule("CD376", "docker-compose-v1", Severity.INFO)
def docker_compose_v1(spec: Buildspec) -> Iterator[Finding]:
    """`docker-compose` is the name of the first version of Compose.

    That program has been retired. On the current images the name is a link to the plugin of docker, called with
    `docker compose`; a custom image may not have the link. The old images with `docker-compose` alone have no
    plugin. Source: AWS's Dockerfiles of the images.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker-compose up -d
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker compose up -d
    """
    image = _image(spec)
    calls = spec.calls("docker-compose")
    if not calls or (image is not None and (image.kind != "linux" or image.status != "maintained")):
        return
    text = spec.document.text
    if (
        image is not None
        and image.name.endswith(("-standard:4.0", "-standard:2.0"))
        and "lambda" not in image.name
    ):
        return
    if "compose/releases" in text or "install docker-compose" in text or "bin/docker-compose" in text:
        return
    for command, simple in calls:
        first = simple.first
        if first is None or first.raw != "docker-compose":
            continue
        edit = command.edit(first.start, first.end, "docker compose")
        yield Finding(
            command.span_of(first),
            "`docker-compose` is the name of Compose 1, which has been retired; current images keep it as a link "
            "to the plugin.",
            help="Write `docker compose`. Names of containers then have hyphens: `app-web-1`.",
            fix=Fix("Write `docker compose`", [edit], safe=False) if edit is not None else None,
        )


@rule("CD377", "docker-terminal-missing", Severity.WARNING)
def docker_terminal_missing(spec: Buildspec) -> Iterator[Finding]:
    """`docker run -it` or `docker exec -it` asks for a terminal.

    A build has none. With `-i` and `-t` docker says `the input device is not a TTY` and starts nothing; `-i`
    alone, or neither, is enough.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker run -it --rm app:1 npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker run -i --rm app:1 npm test
              - docker run -t --rm app:1 npm test
              - docker run -dit app:1
    """
    for action in containers_of(spec).named("run", "exec"):
        terminal = [one for one in action.options if one[0] in ("-t", "--tty") and _on(one[2])]
        stdin = any(name in ("-i", "--interactive") and _on(value) for name, _, value in action.options)
        stdin = stdin or any(value.plain == "stdin" for value in action.values("-a", "--attach"))
        if not terminal or not stdin or action.has("-d", "--detach"):
            continue
        if any(word.raw in ("script", "unbuffer") for word in action.simple.words[:2]):
            continue
        name, word, _ = terminal[0]
        start, end = word.start, word.end
        yield Finding(
            action.command.span(start, end),
            f"`{name}` asks for a terminal, and a build has none: docker says `the input device is not a TTY` and "
            "starts nothing.",
            help=f"Leave the `{name}` out.",
            fix=_without_terminal(action, [option[1] for option in terminal]),
        )


def _on(value: Word | None) -> bool:
    return value is None or value.literal not in ("false", "0")


def _without_terminal(action: Action, words: list[Word]) -> Fix | None:
    edits: list[Edit] = []
    seen: set[int] = set()
    for word in words:
        if word.start in seen:
            continue
        seen.add(word.start)
        left = "" if word.raw.startswith("--") else word.raw.replace("t", "")
        if left in ("", "-"):
            args = action.simple.words
            before = max(one.end for one in args if one.end < word.start)
            edit = action.command.edit(before, word.end, "")
        else:
            edit = action.command.edit(word.start, word.end, left)
        if edit is None:
            return None
        edits.append(edit)
    return Fix("Do not ask for a terminal", edits)


@rule("CD378", "docker-not-available", Severity.INFO)
def docker_not_available(spec: Buildspec) -> Iterator[Finding]:
    """Docker needs a daemon, which not every build has.

    Lambda compute has no docker at all, so that the command is not found: there this is an error. Elsewhere the
    daemon runs only if the project is privileged, always so in a VPC and with images of your own; without it the
    log says `Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?`
    The buildspec does not show that setting.

    Bad (image: aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs22):
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build -t app .
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build -t app .
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: images
              env:
                privileged-mode: true
        phases:
          build:
            commands:
              - docker build -t app .
    """
    image = _image(spec)
    calls = spec.calls("docker", "docker-compose")
    if not calls:
        return
    if image is not None and image.kind == "lambda":
        yield from _on_lambda(calls)
        return
    project = spec.project
    if project is not None and (project.spec is spec or project.has_daemon is not False):
        return  # of an inline buildspec CD650 tells it, at the project's setting
    if (
        spec.calls("dockerd", "dockerd-entrypoint.sh")
        or "DOCKER_HOST" in spec.document.text
        or privileged(spec)
    ):
        return
    for action in containers_of(spec).actions:
        if action.name not in DAEMON or excused(action.simple):
            continue
        first = action.simple.first
        if first is not None:
            yield Finding(
                action.command.span_of(first),
                "Docker needs its daemon, which runs only where the project has privileged mode switched on "
                "(certainly in a VPC and with images of your own)."
                if project is None
                else f"Docker needs its daemon, and the project{_named(project.label)} is not privileged.",
                help="Set `privilegedMode: true` in the project's environment, or `privileged-mode: true` in a batch.",
                severity=None if project is None else Severity.WARNING,
            )
        return


def _named(label: str) -> str:
    return f" `{label}`" if label else ""


def _on_lambda(calls: list[tuple[Command, Simple]]) -> Iterator[Finding]:
    from .tracing import guarded

    for command, simple in calls:
        first = simple.first
        if first is not None and not guarded(simple):
            yield Finding(
                command.span_of(first),
                "Lambda compute has no docker: the command is not found, and the build fails.",
                help="Build images on EC2 compute, with an image such as `aws/codebuild/standard:7.0`.",
                severity=Severity.ERROR,
            )


def privileged(spec: Buildspec) -> bool:
    """Does a task of a batch switch privileged mode on?"""
    stack = [spec.get("batch")]
    while stack:
        node = stack.pop()
        if isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Mapping):
            for key, value in pairs(node):
                mode = scalar_of(value)
                if key.value == "privileged-mode" and mode is not None and mode.truth:
                    return True
                stack.append(value)
    return False


@rule("CD379", "container-without-credentials", Severity.INFO)
def container_without_credentials(spec: Buildspec) -> Iterator[Finding]:
    """A container runs the AWS CLI without the build's credentials.

    The role's credentials come from an address in `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, which a container does
    not inherit: `Unable to locate credentials`. Source: CodeBuild's troubleshooting page.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker run --rm app:1 aws s3 ls
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker run --rm -e AWS_DEFAULT_REGION -e AWS_CONTAINER_CREDENTIALS_RELATIVE_URI app:1 aws s3 ls
    """
    for action in containers_of(spec).named("run"):
        if action.open or action.unknown or not action.operands:
            continue
        image, rest = action.operands[0], action.operands[1:]
        entry = [value.literal for value in action.values("--entrypoint")]
        own = (image.literal or "").partition(":")[0] in ("amazon/aws-cli", "public.ecr.aws/aws-cli/aws-cli")
        called = rest[:1] and rest[0].literal in ("aws", "/usr/local/bin/aws")
        if not (called or "aws" in entry or (own and not entry)) or _has_credentials(action):
            continue
        word = rest[0] if called else image
        edit = action.command.edit(
            image.start, image.start, "-e AWS_DEFAULT_REGION -e AWS_CONTAINER_CREDENTIALS_RELATIVE_URI "
        )
        yield Finding(
            action.command.span_of(word),
            "The container does not get the credentials of the build, so the AWS CLI in it finds none.",
            help="Pass them on: `-e AWS_DEFAULT_REGION -e AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`.",
            fix=Fix("Pass the credentials on", [edit], safe=False) if edit is not None else None,
        )


def _has_credentials(action: Action) -> bool:
    operands = [word.plain for word in action.operands]
    if "--no-sign-request" in operands or "--version" in operands or "help" in operands:
        return True
    if action.has("--env-file", "--volumes-from"):
        return True
    passed = action.values("-e", "--env", "-v", "--volume", "--mount")
    return any(
        "AWS_CONTAINER" in one.plain or "AWS_ACCESS" in one.plain or ".aws" in one.plain for one in passed
    )
