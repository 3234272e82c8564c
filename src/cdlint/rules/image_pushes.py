"""CD368, CD371: which images are pushed, and under which names they are deployed."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec
from ..source import Span
from . import rule
from .containers import Containers, containers_of, excused, made_names, other_builders, pieces, place
from .image_shapes import differs, is_unknown, parted, tag_of, tagged, untagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Simple, Word


@rule("CD368", "pushed-image-not-built", Severity.ERROR)
def pushed_image_not_built(spec: Buildspec) -> Iterator[Finding]:
    """An image is pushed under a name that no image has got.

    `docker push` looks for an image of exactly that name and tag: `An image does not exist locally with the tag: …`.
    Either the image is built under that name, or `docker tag` gives it to it. What scripts and other tools build
    is not seen, so where they are called this is a warning, or nothing is said.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - docker build -t app .
      >       - docker push "$REPOSITORY_URI:latest"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker build -t app .
              - docker tag app:latest "$REPOSITORY_URI:latest"
              - docker push "$REPOSITORY_URI:latest"
    """
    containers = containers_of(spec)
    pushes = containers.named("push")
    if not pushes or not containers.named("build"):
        return
    likely = other_builders(spec, containers)
    made = _made(containers)
    if likely is None or made is None:
        return
    for action in pushes:
        if action.open or action.is_template or len(action.operands) != 1 or excused(action.simple):
            continue
        word = action.operands[0]
        if "@" in word.raw or action.command.script.functions:
            continue
        shape = tagged(containers.shape(action, word)[0])
        every = action.has("-a", "--all-tags")
        if every:
            verdicts = [_differs(containers, untagged(shape), untagged(one)) for one in made]
        else:
            verdicts = [
                _differs(containers, mine, theirs)
                for one in made
                for mine, theirs in ((shape, one), (shape + ":latest", one), (shape, one + ":latest"))
                if _may_end(mine, shape) and _may_end(theirs, one)
            ]
        if verdicts and None not in verdicts:
            sure = likely and "likely" not in verdicts
            yield Finding(
                action.command.span_of(word),
                f"No image gets the name `{_shown(word)}` before this: there is nothing to push.",
                help=_how_to_tag(containers, made, word),
                severity=None if sure else Severity.WARNING,
            )


def _may_end(name: str, shape: str) -> bool:
    """May `:latest` be added to a shape? Only where what is unknown at its end may have no tag."""
    last = shape.rpartition("/")[2]
    return name == shape or not (":" in last or "@" in last)


def _shown(word: Word) -> str:
    return word.plain.replace("{", "").replace("}", "") if word.literal is None else word.plain


def _how_to_tag(containers: Containers, made: list[str], word: Word) -> str:
    name = containers.text(made[0]).replace("`", "")
    return (
        f"Give it the name first: `docker tag {name} {word.raw}`, or build it under that name."
        if name
        else ""
    )


def _made(containers: Containers) -> list[str] | None:
    """The shapes of all names that images get; None if they cannot all be known."""
    found: list[str] = []
    for action in containers.actions:
        words = made_names(action)
        if action.name in ("build", "tag", "pull", "commit", "import"):
            if action.open or any(not pieces(word.plain) for word in words):
                return None
            if action.name in ("commit", "import") and not words:
                return None
            if action.name == "pull" and action.has("-a", "--all-tags"):
                return None
        else:
            continue
        found += [tagged(containers.shape(action, word)[0]) for word in words]
    return found


def _differs(containers: Containers, one: str, other: str) -> str | None:
    """`certain` or `likely` if two shapes stand for different names; None if they may be the same."""
    start, left, right = parted(one, other)
    if left == right == "":
        return None
    if differs(one, other) or ("/" not in other and not any(map(is_unknown, other))):
        return "certain"  # a name without a registry cannot be the one that is meant
    for mine, theirs in ((left, right), (right, left)):
        if theirs == "latest" and len(mine) == 1 and start and one[start - 1] == ":":
            return _never_latest(containers, mine)
    return None


def _never_latest(containers: Containers, char: str) -> str | None:
    """Can what is behind a character not be `latest`?"""
    name = containers.variable(char)
    if name in ("CODEBUILD_RESOLVED_SOURCE_VERSION", "CODEBUILD_BUILD_NUMBER", "CODEBUILD_START_TIME"):
        return "certain"
    settings = containers.settings(char)
    if not settings or any(one.assignment is None or one.assignment.value is None for one in settings):
        return None
    values = [one.assignment.value.plain for one in settings if one.assignment and one.assignment.value]
    own = (
        "CODEBUILD_RESOLVED_SOURCE_VERSION",
        "CODEBUILD_BUILD_NUMBER",
        "CODEBUILD_BUILD_ID",
        "git rev-parse",
    )
    known = all("latest" not in text and any(mark in text for mark in (*own, "$(date")) for text in values)
    return "likely" if known else None


@rule("CD371", "image-tag-latest-only", Severity.WARNING)
def image_tag_latest_only(spec: Buildspec) -> Iterator[Finding]:
    """What is deployed is named by the tag `latest`, which moves.

    The task definition or the deployment then says the same for every build: there is nothing to roll back to, of
    two builds at a time the later push wins, and Kubernetes sees no change and starts nothing. If `latest` is only
    pushed, and nothing deployed here, this is advice.

    Bad:
        version: 0.2
        phases:
          post_build:
            commands:
      >       - printf '[{"name":"web","imageUri":"%s"}]' "$REPOSITORY_URI:latest" > imagedefinitions.json
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - TAG=$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c 1-8)
          post_build:
            commands:
              - printf '[{"name":"web","imageUri":"%s"}]' "$REPOSITORY_URI:$TAG" > imagedefinitions.json
    """
    told = False
    text = spec.document.text
    if "mage" in text and ("efinition" in text or "Detail" in text or "set image" in text):
        for number, (command, script) in enumerate(spec.scripts()):
            if "mage" not in script.text:
                continue
            for simple in script.commands:
                for span, what in _deployed(spec, number, command, simple):
                    told = True
                    yield Finding(
                        span,
                        f"{what}, so every build deploys under the same name: no way back to the one before, and "
                        "two builds at a time overwrite each other.",
                        help="Tag the image with the commit, `$CODEBUILD_RESOLVED_SOURCE_VERSION`, push that, and "
                        "deploy that name.",
                    )
    if not told:
        yield from _only_latest(spec)


def _only_latest(spec: Buildspec) -> Iterator[Finding]:
    containers = containers_of(spec)
    pushes = [one for one in containers.named("push") if len(one.operands) == 1]
    if not pushes or any(one.has("-a", "--all-tags") or one.open for one in pushes):
        return
    for one in pushes:
        shape, sure = containers.shape(one, one.operands[0])
        if not sure or tag_of(tagged(shape)) != "latest":
            return
    first = pushes[0]
    yield Finding(
        first.command.span_of(first.operands[0]),
        "Only `latest` is pushed, so a build replaces the image of the one before, and there is nothing to go back "
        "to. A repository with immutable tags refuses the second push.",
        help="Push a second name with the commit as the tag.",
        severity=Severity.INFO,
    )


def _deployed(spec: Buildspec, number: int, command: Command, simple: Simple) -> Iterator[tuple[Span, str]]:
    """The places that say `latest` in what a command writes for a deployment."""
    if simple.name == "kubectl":
        operands = simple.operands("-n", "--namespace", "--context", "--kubeconfig", "-f")
        if [word.plain for word in operands[:2]] == ["set", "image"]:
            for word in operands[2:]:
                name, equals, image = word.plain.partition("=")
                if equals and name and image.endswith(":latest"):
                    yield command.span(*place(word, "latest")), "The image is named by the tag `latest`"
        return
    if simple.name not in ("printf", "echo", "cat") or not _writes(simple):
        return
    containers = containers_of(spec)
    for redirect in simple.redirects:
        if redirect.body is not None and ":latest" in redirect.body:
            at = redirect.body_start + redirect.body.index(":latest") + 1
            yield command.span(at, at + 6), "The image is named by the tag `latest`"
    for word in simple.args:
        if ":latest" in word.plain and _ends_name(word.plain):
            yield command.span(*place(word, "latest")), "The image is named by the tag `latest`"
            return
        if word.variable:
            shape = containers.at(word, number)[0]
            if shape.endswith(":latest"):
                yield command.span_of(word), f"`{word.variable}` ends in the tag `latest`"
                return
            last = shape.rpartition("/")[2]
            if "/" in shape and ":" not in last and last and not any(map(is_unknown, last)):
                yield command.span_of(word), f"`{word.variable}` has no tag, which means `latest`"
                return


def _ends_name(text: str) -> bool:
    behind = text[text.index(":latest") + 7 :][:1]
    return not behind or not (behind.isalnum() or behind in "-_.$")


def _writes(simple: Simple) -> bool:
    """Does it write a file that names images for a deployment?"""
    targets = [one.target.plain for one in simple.redirects if one.target is not None and ">" in one.op]
    around = simple.parent
    if around is not None and around.kind == "pipeline":
        for part in around.parts:
            if getattr(part, "name", "") == "tee":
                targets += [word.plain for word in getattr(part, "args", ())]
    names = [target.rpartition("/")[2].lower() for target in targets]
    return any(name.startswith(("imagedefinition", "imagedetail")) for name in names)
