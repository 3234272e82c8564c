"""CD222–CD225, CD227: the state of the images and runtimes that a buildspec asks for."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec, mapping_of
from ..wording import listed
from . import rule
from .paths import known
from .runtimes import batch_images, judged, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.images import Image
    from ..source import Span
    from ..syntax.tree import Node


@rule("CD222", "runtime-end-of-life", Severity.INFO)
def runtime_end_of_life(spec: Buildspec) -> Iterator[Finding]:
    """The version of a runtime is on the image, but no longer mended upstream.

    Security holes in it stay open, and the next image will not have it any more.

    Bad:
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       python: 3.9
          build:
            commands: [pytest]
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              python: 3.13
          build:
            commands: [pytest]
    """
    entries = wanted(spec)
    judge = judged(spec) if entries else None
    if judge is None:
        return
    from ..aws.images import end_of_life

    for entry in entries:
        if not judge.has(entry.name, entry.version):
            continue
        ended = end_of_life(entry.name, entry.version.removesuffix(".x"))
        if ended:
            current = judge.current(entry.name)
            newer = not end_of_life(entry.name, current[0])
            yield Finding(
                entry.value.span,
                f"{entry.name} {entry.version} has had no fixes since {ended}.",
                help=f"Move to {listed(current)}." if newer else "Move to a newer image.",
            )


@rule("CD223", "moving-runtime-version", Severity.INFO)
def moving_runtime_version(spec: Buildspec) -> Iterator[Finding]:
    """`latest` and forms like `3.x` stand for another version as soon as AWS updates the image.

    The same commit is then built with another compiler or interpreter. The local agent does not
    know such forms: it stops with `Unknown runtime version named '3.x'`.

    Bad:
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       nodejs: latest
          build:
            commands: [npm ci]
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              nodejs: 22
          build:
            commands: [npm ci]
    """
    entries = wanted(spec)
    if not any(entry.version.lower() == "latest" or entry.version.endswith(".x") for entry in entries):
        return
    judge = judged(spec)
    if judge is None:
        return
    from ..aws.images import is_moving

    for entry in entries:
        if not is_moving(entry.version) or not judge.has(entry.name, entry.version):
            continue
        versions, series = judge.versions(entry.name), entry.version[:-2]
        if entry.version.lower() != "latest":
            versions = [one for one in versions if one == series or one.startswith(series + ".")]
        if series in versions:
            yield Finding(
                entry.value.span,
                f"`{entry.version}` is the same as `{series}` here, but the local agent does not "
                "know this form.",
                help=f"Write `{series}`.",
            )
        else:
            yield Finding(
                entry.value.span,
                f"`{entry.version}` stands for another version of {entry.name} as soon as AWS "
                "updates the image.",
                help=f"Write the version that you build with: {listed(versions)}.",
            )


@rule("CD224", "deprecated-image", Severity.WARNING)
def deprecated_image(spec: Buildspec) -> Iterator[Finding]:
    """The build image is one that AWS has given up.

    Deprecated images get no more fixes and are not kept ready on the hosts, so every build waits
    until they are loaded. What runtimes a buildspec may ask for depends on the image too. An image
    that is given with `--image` or in the configuration is no fault of the buildspec: level info.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: linux
              env:
      >         image: aws/codebuild/standard:4.0
        phases:
          build:
            commands: [make]
    Bad (image: aws/codebuild/standard:3.0):
        version: 0.2
      > phases:
          build:
            commands: [make]
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: linux
              env:
                image: aws/codebuild/standard:8.0
        phases:
          build:
            commands: [make]
    """
    nodes = batch_images(spec)
    if not spec.image and not nodes:
        return
    from ..aws.images import image

    if spec.image and known(spec.image) and spec.project is None:
        found, place = image(spec.image), spec.key("phases")
        if found is not None and place is not None:
            for finding in state_of(found, place.span):
                finding.severity = Severity.INFO
                yield finding
    for node in nodes:
        found = image(node.value)
        if found is not None:
            yield from state_of(found, node.span)


def state_of(image: Image, place: Span) -> Iterator[Finding]:
    """What is to be said of an image that AWS does not maintain."""
    from ..aws.images import AVAILABLE, DEPRECATED, MAINTAINED

    if image.status == MAINTAINED:
        return
    if image.status == AVAILABLE:
        message = f"`{image.name}` can still be had, but AWS does not keep it up to date any more."
    elif image.status == DEPRECATED:
        message = (
            f"AWS deprecated `{image.name}` on {image.since}: it gets no fixes, and is loaded anew "
            "for every build."
        )
    else:
        message = f"AWS has retired `{image.name}`."
    yield Finding(
        place,
        message,
        help=f"Move to `{image.successor}`." if image.successor else "Move to a current image.",
        severity=Severity.INFO if image.status == AVAILABLE else None,
    )


@rule("CD225", "runtime-conflict", Severity.ERROR)
def runtime_conflict(spec: Buildspec) -> Iterator[Finding]:
    """Two runtimes exclude each other on this image.

    On the old images that have Android, the Android SDK is bound to Java 8; with another version of
    `java` beside it the runtimes cannot be selected.

    Bad (image: aws/codebuild/amazonlinux2-x86_64-standard:3.0):
        version: 0.2
        phases:
          install:
            runtime-versions:
              android: 29
      >       java: corretto11
          build:
            commands: [./gradlew assembleDebug]
    Good (image: aws/codebuild/amazonlinux2-x86_64-standard:3.0):
        version: 0.2
        phases:
          install:
            runtime-versions:
              android: 29
              java: corretto8
          build:
            commands: [./gradlew assembleDebug]
    """
    entries = {entry.name: entry for entry in wanted(spec)} if spec.image else {}
    java = entries.get("java")
    judge = judged(spec) if java is not None and len(entries) > 1 else None
    if judge is None or java is None or not judge.certain or java.version.lower() == "latest":
        return
    for name, needs in judge.images[0].requires.items():
        entry = entries.get(name)
        needed = needs.get(entry.version) if entry is not None else None
        if entry is not None and needed and java.version.removesuffix(".x") != needed:
            yield Finding(
                java.value.span,
                f"On this image {name} {entry.version} needs `{needed}` and nothing else.",
                help=f"Write `{needed}`.",
            )


@rule("CD227", "runtime-missing", Severity.ERROR)
def runtime_missing(spec: Buildspec) -> Iterator[Finding]:
    """The image demands `runtime-versions`, and there is none.

    The first standard images refuse a buildspec that selects no runtime: the build ends with `This
    build image requires selecting at least one runtime version.` Newer images take a default.

    Bad (image: aws/codebuild/standard:3.0):
        version: 0.2
        phases:
      >   install:
            commands: [java -version]
          build:
            commands: [mvn -B verify]
    Good (image: aws/codebuild/standard:7.0):
        version: 0.2
        phases:
          install:
            commands: [java -version]
          build:
            commands: [mvn -B verify]
    """
    if not spec.image or spec.document.damaged:
        return
    phases, place = mapping_of(spec.get("phases")), spec.key("phases")
    if phases is None or place is None or not spec.phases:
        return
    install: Node | None = phases.get("install")
    if install is not None:
        section, key = mapping_of(install), spec.key("phases", "install")
        if section is None or key is None or "runtime-versions" in section:
            return
        place = key
    from ..aws.images import image

    found = image(spec.image)
    if found is None or not found.needs_runtime or batch_images(spec):
        return
    chosen = "`nodejs: 10`"
    if "java" in found.runtimes:
        chosen = f"`java: {found.runtimes['java'][0]}`"
    yield Finding(
        place.span,
        f"`{found.name}` stops with `This build image requires selecting at least one runtime version.`",
        help=f"Add `runtime-versions` with a line such as {chosen} to the phase `install`.",
    )
