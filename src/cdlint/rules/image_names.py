"""CD372–CD375: the names of images that docker is given."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec, scalar_of
from ..source import Span
from ..syntax.tree import Mapping, Sequence
from . import rule
from .containers import Action, Containers, containers_of, made_names, pieces, place
from .image_shapes import host_of, is_unknown, tag_of, tagged, untagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..model.scope import Setting
    from ..syntax.shell import Expansion, Script, Word
    from ..syntax.tree import Node, Scalar

    #: The part of the name, the message, the help, and a severity other than the rule's.
    Fault = tuple[str, str, str, SeverityName | None]


def _pulled(spec: Buildspec) -> Iterator[tuple[Action, Word, str]]:
    """`(action, word, name)` for the images from elsewhere that are known by name."""
    containers = containers_of(spec)
    actions = containers.named("run", "pull", "create")
    if not actions:
        return
    local = {
        tagged(containers.shape(action, word)[0])
        for action in containers.named("build", "tag", "commit", "import")
        for word in made_names(action)
    }
    for action in actions:
        if action.open or action.unknown or action.is_template or not action.operands:
            continue
        word = action.operands[0]
        shape = containers.shape(action, word)[0]
        if shape and tagged(shape) not in local and not any(map(is_unknown, shape)):
            yield action, word, shape


@rule("CD372", "image-not-pinned", Severity.INFO)
def image_not_pinned(spec: Buildspec) -> Iterator[Finding]:
    """An image has no tag, or the tag `latest`.

    What runs may then be another program tomorrow, also one with a fault or with somebody else's code. A tag with
    a version narrows it down, a digest (`@sha256:…`) fixes it.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker run --rm public.ecr.aws/me/scanner scan .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker run --rm public.ecr.aws/me/scanner:1.4.2 scan .
    """
    told: set[str] = set()
    for action, word, name in _pulled(spec):
        if name not in told and "@" not in name and tag_of(tagged(name)) == "latest":
            told.add(name)
            yield _not_pinned(action.command.span_of(word), name)
    for scalar in _batch_images(spec.get("batch")):
        name = scalar.value.strip()
        if not name or "$" in name or "{" in name or "@" in name or name.startswith("aws/codebuild/"):
            continue
        if tag_of(tagged(name)) == "latest":
            yield _not_pinned(Span(scalar.start, scalar.end), name)


def _not_pinned(span: Span, name: str) -> Finding:
    return Finding(
        span,
        f"`{name}` is whatever the image is on that day."
        if name.endswith(":latest")
        else f"Without a tag `{name}` is `{name}:latest`, whatever that is on the day.",
        help="Name a version, `:1.4.2`, or a digest, `@sha256:…`.",
    )


def _batch_images(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _batch_images(item)
    elif isinstance(node, Mapping):
        for _, key, value in node.items():
            if getattr(key, "value", "") == "image":
                found = [scalar_of(value)]
                if isinstance(value, Sequence):
                    found = [scalar_of(item) for item in value.items]
                yield from (one for one in found if one is not None)
            elif getattr(key, "value", "") != "variables":
                yield from _batch_images(value)


@rule("CD373", "docker-hub-anonymous", Severity.INFO)
def docker_hub_anonymous(spec: Buildspec) -> Iterator[Finding]:
    """An image comes from Docker Hub, and nobody has logged in there.

    Docker Hub counts pulls without a login by address, and build hosts share theirs: `toomanyrequests: You have
    reached your pull rate limit.` The official images are also in Amazon's public registry.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker run --rm node:20 npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker run --rm public.ecr.aws/docker/library/node:20 npm test
    """
    if not spec.calls("docker"):
        return
    containers = containers_of(spec)
    for login in containers.named("login"):
        shapes = [containers.shape(login, word)[0] for word in login.operands]
        if login.open or not shapes or "docker." in shapes[0] or "amazonaws" not in shapes[0]:
            return
    for action, word, name in _pulled(spec):
        first = name.partition("/")[0]
        if host_of(name) or name.startswith("aws/codebuild/") or first != first.lower():
            continue
        official = "/" not in name or name.startswith("library/")
        fix = None
        if official and word.literal is not None and word.raw == word.plain:
            bare = name.removeprefix("library/")
            edit = action.command.edit(word.start, word.end, "public.ecr.aws/docker/library/" + bare)
            alone = action.name == "run" and spec.document.text.count(untagged(bare)) == 1
            fix = (
                Fix("Take it from Amazon's public registry", [edit], safe=alone) if edit is not None else None
            )
        yield Finding(
            action.command.span_of(word),
            "This comes from Docker Hub without a login: pulls are counted by address there, which builds share, and "
            "then refused with `toomanyrequests`.",
            help=f"Take `public.ecr.aws/docker/library/{name.removeprefix('library/')}`."
            if official
            else "Log in to Docker Hub with `docker login`, or keep a copy in ECR (pull through cache).",
            fix=fix,
        )


@rule("CD375", "source-version-as-commit", Severity.WARNING)
def source_version_as_commit(spec: Buildspec) -> Iterator[Finding]:
    """`CODEBUILD_SOURCE_VERSION` is taken for a commit.

    It is one only in builds that a push started. In a pipeline it is the ARN of the source artifact in S3 (its
    first letters are `arn:aws`, and a tag with a colon is an `invalid reference format`), for a pull request
    `pr/12`, otherwise whatever the build was started with. `CODEBUILD_RESOLVED_SOURCE_VERSION` is the commit.
    A file that looks at these forms, for instance at `pr/`, gets this as advice.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - TAG=$(echo $CODEBUILD_SOURCE_VERSION | cut -c 1-7)
              - docker build -t "app:$TAG" .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - TAG=$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c 1-7)
              - docker build -t "app:$TAG" .
              - PULL_REQUEST=$(echo $CODEBUILD_SOURCE_VERSION | cut -d / -f 2)
    """
    if "CODEBUILD_SOURCE_VERSION" not in spec.document.text:
        return
    uses = [
        (command, script, one)
        for command, script in spec.scripts()
        for one in script.expansions
        if one.name == "CODEBUILD_SOURCE_VERSION"
    ]
    knows = "pr/" in spec.document.text or any(_asks(one) for _, _, one in uses)
    for command, script, one in uses:
        if one.op in (":-", ":=", "-", "=", ":+", "+", ":?", "?") or "RESOLVED" in script.text:
            continue
        idiom = _shortened(one)
        if not idiom and not _is_tag(spec, script, one):
            continue
        at = script.text.find("CODEBUILD_SOURCE_VERSION", one.start)
        edit = command.edit(at, at + len("CODEBUILD_SOURCE_VERSION"), "CODEBUILD_RESOLVED_SOURCE_VERSION")
        yield Finding(
            command.span(at, at + len("CODEBUILD_SOURCE_VERSION")),
            "This is the commit only in builds that a push started: in a pipeline it is an ARN (`arn:aws:s3:::…`), "
            "for a pull request `pr/12`.",
            help="Use `CODEBUILD_RESOLVED_SOURCE_VERSION`, which is the commit.",
            fix=Fix("Use the resolved source version", [edit], safe=idiom) if edit is not None else None,
            severity=Severity.INFO if knows else None,
        )


def _asks(one: Expansion) -> bool:
    """Does the file look at what the variable holds?"""
    if one.role in ("case", "test") or (one.command is not None and one.command.name in ("[", "[[", "test")):
        return True
    return one.op in ("#", "##", "/", "//", "%", "%%")


def _shortened(one: Expansion) -> bool:
    """Is it cut to the first letters, as is done with commits?"""
    if one.op == ":":
        return one.argument.startswith(("0:", " 0:"))
    simple = one.command
    around = simple.parent if simple is not None else None
    if simple is None or simple.name not in ("echo", "printf") or around is None or around.kind != "pipeline":
        return False
    if len(around.parts) != 2 or around.parts[0] is not simple:
        return False
    cutter = around.parts[1]
    words = "".join(word.raw for word in getattr(cutter, "args", ()))
    if getattr(cutter, "name", "") == "cut":
        return words.startswith(("-c1-", "-c-", "-b1-", "-b-", "--characters=1-"))
    return getattr(cutter, "name", "") == "head" and words.startswith(("-c", "--bytes"))


def _is_tag(spec: Buildspec, script: Script, one: Expansion) -> bool:
    """Does it become the tag of an image, there or by way of one variable?"""
    if one.op:
        return False
    containers = containers_of(spec)
    for action, word in containers.names():
        shape = containers.shape(action, word)[0]
        tag = tag_of(shape) or ""
        if not any(containers.variable(char) == "CODEBUILD_SOURCE_VERSION" for char in tag):
            continue
        if action.command.script is script and word.start <= one.start < word.end:
            return True
        if one.role == "value":
            made = [x for x in script.assignments if x.value is not None and x.start <= one.start < x.end]
            if made and made[0].value is not None and made[0].value.variable:
                return any(not fixed and text == f"${{{made[0].name}}}" for fixed, text in pieces(word.plain))
    return False


_ALLOWED = "It has small letters and digits, with `.`, `_`, `__` or hyphens between them."
#: In the name of a registry.
_NO_PATH = frozenset(".:")
#: In a text that is not the name of an image, but a template for one.
_NO_NAME = frozenset(" <>{}%*#?[],=")
#: What docker does not take in a tag, and who gives it.
_SPOILT: dict[str, tuple[str, str]] = {
    "CODEBUILD_BUILD_ID": ("is `project:uuid`, and a tag has no colon", "Use `${CODEBUILD_BUILD_ID##*:}`."),
    "CODEBUILD_BUILD_ARN": ("is an ARN, and a tag has no colon", "Use `${CODEBUILD_BUILD_ARN##*:}`."),
    "CODEBUILD_WEBHOOK_HEAD_REF": (
        "is `refs/heads/…`, and a tag has no slash",
        "Cut it and replace what is left of slashes: `| sed 's#refs/heads/##; s#/#-#g'`.",
    ),
    "CODEBUILD_WEBHOOK_BASE_REF": (
        "is `refs/heads/…`, and a tag has no slash",
        "Cut it and replace what is left of slashes: `| sed 's#refs/heads/##; s#/#-#g'`.",
    ),
    "CODEBUILD_WEBHOOK_TRIGGER": (
        "is `branch/…`, `tag/…` or `pr/…`, and a tag has no slash",
        "Replace the slashes: `| tr / -`.",
    ),
}


@rule("CD374", "image-name-invalid", Severity.ERROR)
def image_name_invalid(spec: Buildspec) -> Iterator[Finding]:
    """Docker refuses the name of an image.

    A repository is written in small letters (`repository name must be lowercase`), without `https://`, and a tag
    has letters, digits, `_`, `.` and `-` only. `CODEBUILD_BUILD_ID` is `project:uuid`: with its colon the name is
    an `invalid reference format`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build -t MyApp:1 .
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build -t "app:$CODEBUILD_BUILD_ID" .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker build -t my-app:1 .
              - docker build -t "app:${CODEBUILD_BUILD_ID##*:}" .
    """
    containers = containers_of(spec)
    for action, word in containers.names():
        if action.is_template or word.raw.startswith("__"):
            continue
        shape = containers.written(word)
        if shape not in _faults:
            if len(_faults) > 4000:
                _faults.clear()
            _faults[shape] = _fault(shape)
        found = _faults[shape] or _spoilt(containers, action, word)
        if found is None:
            continue
        part, message, help, severity = found
        start, end = place(word, part) if part else (word.start, word.end)
        fix = None
        if part in ("https://", "http://") or part == ":":
            edit = action.command.edit(start, end, "")
            fix = Fix(f"Remove `{part}`", [edit], safe=part != ":") if edit is not None else None
        yield Finding(action.command.span(start, end), message, help=help, fix=fix, severity=severity)


_faults: dict[str, Fault | None] = {}


def _fault(shape: str) -> Fault | None:
    """`(part, message, help, severity)` of what is wrong with a name as it is written."""
    for scheme in ("https://", "http://"):
        if shape.lower().startswith(scheme):
            return (
                scheme,
                f"The name of an image does not begin with `{scheme}`: docker refuses it.",
                "Leave it out.",
                None,
            )
    name = shape.partition("@")[0]
    if not name or name != shape or not _NO_NAME.isdisjoint(name):
        return None
    segments = name.split("/")
    last, colon, tag = segments[-1].partition(":")
    if colon and not tag:
        return (
            ":",
            "The name ends in a colon, and docker refuses a name with an empty tag.",
            "Add a tag.",
            None,
        )
    if ":" in tag:
        part = tag[tag.index(":") :] if not any(map(is_unknown, tag)) else ""
        return part, "The name has two tags: docker refuses it.", "Leave one of them out.", None
    bad = next((char for char in tag if not (char.isalnum() or char in "_.-" or is_unknown(char))), "")
    if bad or tag.startswith(("-", ".")):
        return (
            bad or tag[:1],
            f"`{bad or tag[:1]}` cannot {'stand in' if bad else 'begin'} a tag: docker refuses the name.",
            "A tag has letters, digits, `_`, `.` and `-`, and does not begin with `.` or `-`.",
            None,
        )
    path = [*segments[:-1], last]
    if len(path) > 1 and (
        path[0] != path[0].lower() or not _NO_PATH.isdisjoint(path[0]) or not path[0].isascii()
    ):
        del path[0]  # a registry, or unknown
    for segment in path:
        capital = next((part for part in _fixed(segment) if part != part.lower()), "")
        if capital:
            return (
                capital,
                f"`{capital}` has capital letters: docker refuses the name with `repository name must be lowercase`.",
                f"Write `{capital.lower()}`, here and wherever the image is used.",
                None,
            )
        if segment.isascii() and not _is_path(segment):
            return (
                segment,
                f"`{segment}` cannot be part of an image's name: docker refuses it.",
                _ALLOWED,
                None,
            )
    return None


def _fixed(segment: str) -> list[str]:
    """The known parts of a shape."""
    return "".join(" " if is_unknown(char) else char for char in segment).split()


def _is_empty(setting: Setting) -> bool:
    """Is it set to nothing: `TAG=`? (A loop sets its variable without `=`.)"""
    made, command = setting.assignment, setting.command
    if made is None or command is None or made.value is not None:
        return setting.text == ""
    return command.text[made.start : made.end] == made.name + "="


def _is_path(segment: str) -> bool:
    """Small letters and digits, with single `.` or `_`, `__` or hyphens between them."""
    run = ""
    for char in segment + "/":
        if char in "._-":
            run += char
            continue
        if run and run not in (".", "_", "__") and run.strip("-"):
            return False
        if char == "/":
            return not run and bool(segment) and segment[0] not in "._-"
        if not (char.isdigit() or "a" <= char <= "z"):
            return False
        run = ""
    return True


def _spoilt(containers: Containers, action: Action, word: Word) -> Fault | None:
    """What is wrong with the value of a variable in a name."""
    shape, sure = containers.shape(action, word)
    last = shape.rpartition("/")[2].partition("@")[0]
    tag = last.partition(":")[2]
    for char in tag:
        name = containers.variable(char)
        if name in _SPOILT:
            why, help = _SPOILT[name]
            direct = next((raw for raw in (f"${{{name}}}", f"${name}") if raw in word.raw), "")
            return direct, f"`{name}` {why}: docker refuses the name.", help, None
    if ":" in tag and "@" not in shape:
        severity = None if sure else Severity.WARNING
        return (
            "",
            f"With what its variables hold the name has two tags, `{containers.text(last)}`: docker refuses it.",
            "Leave one of them out.",
            severity,
        )
    for char in tag if len(tag) == 1 else "":
        settings = containers.settings(char)
        if settings and containers.variable(char) and all(map(_is_empty, settings)):
            own = containers.scope.open is None and all(one.assignment is not None for one in settings)
            return (
                "",
                f"`{containers.variable(char)}` is empty, so the name ends in a colon, and docker refuses it.",
                "Give it a value, or write `${NAME:?}` to stop with a message when it is missing.",
                Severity.WARNING if own else Severity.INFO,
            )
    return None
