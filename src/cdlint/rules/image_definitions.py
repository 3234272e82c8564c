"""CD700–CD704, CD706–CD709: imagedefinitions.json, which the ECS deploy action reads."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.values import entries, known, members
from ..source import BOM, Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Scalar, Sequence
from . import rule
from .deploy_findings import is_placeholder, opening, rename, reported, start_of, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The largest file that the deploy action reads, in bytes.
_LIMIT = 100_000
#: Keys of imageDetail.json that imagedefinitions.json does not have.
_DETAIL = frozenset(("ImageURI", "ImageTags", "ImageDigest", "RepositoryName", "RegistryId", "ImagePushedAt"))


def is_detail(root: object) -> bool:
    """Is it what belongs into imageDetail.json?"""
    return isinstance(root, Mapping) and "ImageURI" in root and not ("name" in root or "imageUri" in root)


@rule("CD700", "image-definitions-not-a-list", Severity.ERROR)
def image_definitions_not_a_list(document: Document) -> Iterator[Finding]:
    """The file holds one object instead of a list of objects.

    The ECS deploy action of CodePipeline wants a JSON array, also for a single container. It refuses anything
    else as invalid JSON format.

    Bad:
      > {"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    Good:
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    root = document.root
    if is_detail(root):
        return
    for violation in reported(document, "image-definitions-not-a-list"):
        found = violation.finding()
        if isinstance(root, Mapping):
            found.span = opening(document, root)
            inner = [value for _, value in entries(root) if isinstance(value, Sequence)]
            if len(root) == 1 and inner:
                key = root.pairs[0][0]
                found.span = key.span
                found.message = (
                    "The list of images stands below a key: the ECS deploy action wants the list itself."
                )
                found.help = "Take the braces and the key away, so that the file begins with `[`."
                edits = [Edit(root.start, inner[0].start, ""), Edit(inner[0].end, root.end, "")]
                found.fix = Fix("Leave the list alone", edits) if root.flow else None
            elif root.flow and "name" in root:
                edits = [Edit(root.start, root.start, "["), Edit(root.end, root.end, "]")]
                found.fix = Fix("Make it a list", edits)
        yield found


@rule("CD701", "image-definitions-key", Severity.ERROR)
def image_definitions_key(document: Document) -> Iterator[Finding]:
    """An entry lacks `name` or `imageUri`, or has it under another name.

    The keys are `name` and `imageUri`, in just these letters. `ImageURI` is the key of imageDetail.json,
    `image` that of a task definition.

    Bad:
      > [{"name": "web", "imageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    Good:
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    yield from told(document, "image-definitions-key")
    root = document.root
    if not isinstance(root, Mapping) or is_detail(root):
        return
    wanted = {
        "imageuri": "imageUri",
        "image": "imageUri",
        "uri": "imageUri",
        "container": "name",
        "name": "name",
    }
    for key, value in entries(root):
        right = wanted.get(key.value.lower())
        if right and right != key.value and right not in root and isinstance(value, Scalar):
            yield Finding(
                key.span,
                f"`{key.value}` is not a key of an image definition.",
                help=f"Write `{right}`.",
                fix=rename(key, right),
            )


@rule("CD702", "image-definitions-extra-key", Severity.WARNING)
def image_definitions_extra_key(document: Document) -> Iterator[Finding]:
    """An entry has a key that the format does not know.

    An image definition is a `name` and an `imageUri`. What else a container needs stands in the task definition.

    Bad:
        [{"name": "web",
          "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2",
      >   "containerPort": 80}]
    Good:
        [{"name": "web",
          "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    yield from told(document, "image-definitions-extra-key")


@rule("CD703", "image-detail-in-image-definitions", Severity.ERROR)
def image_detail_in_image_definitions(document: Document) -> Iterator[Finding]:
    """The file holds what belongs into imageDetail.json.

    There are two files of similar names. `imagedefinitions.json` (a list of `name` and `imageUri`) is read by the
    ECS deploy action; `imageDetail.json` (one object with `ImageURI`) by the blue/green action `CodeDeployToECS`.

    Bad:
      > {"ImageURI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}
    Good:
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    root = document.root
    if isinstance(root, Mapping) and is_detail(root):
        key = root.key("ImageURI")
        if key is not None:
            yield Finding(
                key.span,
                "`ImageURI` belongs into imageDetail.json, for blue/green deployments: the ECS deploy action finds no "
                "list of images here.",
                help='Write `[{"name": "CONTAINER", "imageUri": "IMAGE"}]`, or name the file imageDetail.json if '
                "`CodeDeployToECS` reads it.",
            )


@rule("CD704", "empty-image-definitions", Severity.WARNING)
def empty_image_definitions(document: Document) -> Iterator[Finding]:
    """The file names no image at all.

    The build usually writes this file. If the empty one of the repository is shipped, the deployment has nothing
    to deploy.

    Bad:
      > []
    Good:
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    found = list(told(document, "empty-image-definitions"))
    if document.root is None and not document.source.text.strip(BOM + " \t\r\n"):
        found = [
            Finding(
                Span(0, 0),
                "The file is empty: the ECS deploy action finds no list of images in it.",
                help='Write `[{"name": "CONTAINER", "imageUri": "IMAGE"}]`.',
                severity=Severity.ERROR,
            )
        ]
    yield from found


@rule("CD706", "image-definitions-too-large", Severity.ERROR)
def image_definitions_too_large(document: Document) -> Iterator[Finding]:
    """The file is larger than 100 KB.

    That is the most the ECS deploy action reads. A list of images is never that long: the build has probably
    appended to the file, or written something else into it.
    """
    size = len(document.source.text.encode("utf-8", "replace"))
    if size > _LIMIT:
        yield Finding(
            start_of(document),
            f"The file has {size // 1000} KB, but the ECS deploy action reads at most 100 KB.",
            help="Keep one entry for each container.",
        )


@rule("CD707", "container-defined-twice", Severity.WARNING)
def container_defined_twice(document: Document) -> Iterator[Finding]:
    """Two entries name the same container.

    A container has one image. Which of the two it gets is not said anywhere.

    Bad:
        [
          {"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"},
      >   {"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/proxy:1.0.0"}
        ]
    Good:
        [
          {"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"},
          {"name": "proxy", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/proxy:1.0.0"}
        ]
    """
    seen: set[str] = set()
    for item in members(document.root):
        name = item.get("name") if isinstance(item, Mapping) else None
        text = known(name)
        if name is None or not text or is_placeholder(text):
            continue
        if text in seen:
            yield Finding(
                name.span,
                f"The container `{text}` is named a second time: only one of the two images can be deployed.",
                help="Delete one of the entries, or name the other container.",
            )
        seen.add(text)


@rule("CD708", "image-definitions-value", Severity.ERROR)
def image_definitions_value(document: Document) -> Iterator[Finding]:
    """A container name or an image that cannot be one.

    An image is `registry/repository:tag` or `registry/repository@digest`: no `https://`, no blanks or line
    breaks (which `$(cat file)` and `echo` leave behind), no capital letters in the repository's name.

    Bad:
      > [{"name": "web", "imageUri": "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    Good:
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    yield from told(document, "image-definitions-value")
    for item in members(document.root):
        if not isinstance(item, Mapping):
            continue
        for key in ("imageUri", "name"):
            node = item.get(key)
            if isinstance(node, Scalar) and node.style and node.value and not is_placeholder(node.value):
                if "\n" in document.text[node.start : node.end]:
                    continue  # not-strict-json
                fault = image_fault(node.value) if key == "imageUri" else _blank_fault(node.value, "name")
                if fault is not None:
                    yield Finding(node.span, fault[0], help=fault[1])


def _blank_fault(text: str, what: str) -> tuple[str, str] | None:
    blank = next((char for char in text if char.isspace()), None)
    if blank is None:
        return None
    shown = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}.get(blank, "a blank")
    return f"There is {shown} in this {what}, which no {what} has.", "Take it out."


def image_fault(text: str) -> tuple[str, str] | None:
    fault = _blank_fault(text, "image")
    if fault is not None:
        return fault
    if "://" in text:
        return (
            "An image is named without a protocol: with `://` in it no container engine can pull it.",
            f"Write `{text.partition('://')[2]}`.",
        )
    head, slash, rest = text.partition("/")
    path = rest if slash and ("." in head or ":" in head or head == "localhost") else text
    repository = path.partition("@")[0].partition(":")[0]
    if repository != repository.lower() and repository.upper() != repository and slash:
        return (
            "The name of a repository has no capital letters: no container engine can pull this image.",
            f"Write `{repository.lower()}`.",
        )
    return None


@rule("CD709", "image-without-fixed-tag", Severity.INFO)
def image_without_fixed_tag(document: Document) -> Iterator[Finding]:
    """The image has no tag, or the tag `latest`.

    Both mean whatever was pushed last: a rollback starts the same new image, and two tasks of one service can
    run different programs. A tag of the commit or the build says what is deployed.

    Bad:
      > [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:latest"}]
    Good:
        [{"name": "web", "imageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2"}]
    """
    for item in members(document.root):
        node = item.get("imageUri") if isinstance(item, Mapping) else None
        text = known(node)
        if node is None or not text or is_placeholder(text) or "@" in text or "/" not in text:
            continue
        _, colon, tag = text.rpartition("/")[2].partition(":")
        if not colon or tag == "latest":
            what = "has the tag `latest`" if colon else "has no tag, which means `latest`"
            yield Finding(
                node.span,
                f"The image {what}: a rollback cannot bring the former image back.",
                help="Use a tag that names one build, such as the commit's hash.",
            )
