"""CD220, CD221, CD226: the runtimes that a buildspec asks for, and whether an image has them."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import PHASE_KEYS, Buildspec, mapping_of, tasks, texts
from ..syntax.tree import Scalar
from ..wording import closest, listed
from . import rule
from .env import text_of
from .paths import known
from .removal import lines_removed, pair_removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.images import Image
    from ..syntax.tree import Node


class Wanted:
    """An entry of `runtime-versions` whose value is known: the runtime and its version."""

    __slots__ = ("key", "name", "value", "version")

    def __init__(self, key: Scalar, value: Scalar) -> None:
        self.key = key
        self.value = value
        self.name = key.value
        self.version = value.value.strip()


class Judged:
    """The images that an entry is judged by.

    `named`: the user says which image the build runs on. `certain`: and no build of a batch runs
    on another one.
    """

    __slots__ = ("certain", "images", "named")

    def __init__(self, images: list[Image], named: bool, certain: bool) -> None:
        self.images = images
        self.named = named
        self.certain = certain

    def versions(self, runtime: str) -> list[str]:
        """The preinstalled versions of a runtime, newest first."""
        found: list[str] = []
        for image in self.images:
            found += [one for one in image.runtimes.get(runtime, ()) if one not in found]
        return sorted(found, key=_order, reverse=True)

    def has(self, runtime: str, version: str) -> bool:
        return any(image.has(runtime, version) or image.selects(runtime, version) for image in self.images)

    def installs(self, runtime: str, version: str) -> bool:
        return any(image.installs(runtime, version) for image in self.images)

    def names(self) -> list[str]:
        return sorted({name for image in self.images for name in image.runtimes})

    def current(self, runtime: str) -> list[str]:
        """Those versions that are still mended upstream; all if none is."""
        from ..aws.images import end_of_life

        versions = self.versions(runtime)
        return [one for one in versions if not end_of_life(runtime, one)] or versions

    def lacks(self, what: str, article: str = "") -> str:
        """The beginning of a sentence about what is not there."""
        if self.certain:
            return f"The image `{self.images[0].name}` has no {what}"
        return f"{'None of the images' if self.named else 'No current image'} has {article}{what}"


def _order(version: str) -> list[int]:
    digits = "".join(char if char.isdigit() else " " for char in version)
    return [int(part) for part in digits.split()]


def wanted(spec: Buildspec) -> list[Wanted]:
    """The entries of `runtime-versions` with a version that can be read here."""
    install = spec.phase("install")
    if install is None or install.node is None or "runtime-versions" not in install.node:
        return []
    found: list[Wanted] = []
    for key, node in install.runtime_versions:
        value = text_of(node)
        if value is None or key.value in PHASE_KEYS or not known(key.value + value.value):
            continue
        # A tag such as `!Ref` was repaired into text, and is reported as what it is.
        if value.value.strip() and not value.value.startswith("!"):
            found.append(Wanted(key, value))
    return found


def judged(spec: Buildspec) -> Judged | None:
    """What to judge runtimes by; None on images that do not let a buildspec choose them.

    Without an image all current ones count, and those that builds of a batch name.
    """
    from ..aws.images import curated, image, maintained

    images: list[Image] = []
    if spec.image and known(spec.image):
        found = image(spec.image)
        if found is not None:
            if not found.runtimes:
                return None
            images.append(found)
        elif not curated(spec.image):
            return None
    named = bool(images)
    if not named:
        images += maintained()
    nodes = batch_images(spec)
    for node in nodes:
        found = image(node.value)
        if found is not None and found.runtimes:
            if found not in images:
                images.append(found)
        elif found is None and known(node.value) and not curated(node.value):
            # A build of the batch runs on an image of the user's own: who knows what is on it.
            return None
    return Judged(images, named, named and not nodes)


def batch_images(spec: Buildspec) -> list[Scalar]:
    """The images that builds of a batch name."""
    if "batch" not in spec.root:
        return []
    found: list[Node | None] = []
    for task in tasks(spec):
        env = mapping_of(task.get("env"))
        if env is not None:
            found.append(env.get("image"))
    found.append(spec.get("batch", "build-matrix", "static", "env", "image"))
    found.append(spec.get("batch", "build-matrix", "dynamic", "env", "image"))
    return [image for node in found for image in texts(node)]


@rule("CD220", "unknown-runtime", Severity.ERROR)
def unknown_runtime(spec: Buildspec) -> Iterator[Finding]:
    """`runtime-versions` names a runtime that the image does not have.

    Node.js is called `nodejs` here and Go `golang`. `docker` and `android` were on images that are
    gone: Docker is on every current image without being asked for, Android on none.

    Bad:
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       node: 22
          build:
            commands: [npm ci]
    Bad (image: aws/codebuild/standard:7.0):
        version: 0.2
        phases:
          install:
            runtime-versions:
              python: 3.12
      >       docker: 20
          build:
            commands: [docker version]
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
    judge = judged(spec) if entries else None
    if judge is None:
        return
    there = judge.names()
    severity = None if judge.certain else Severity.WARNING
    for entry in entries:
        name = entry.name
        if name == "docker" and not _has_docker(judge, entry.version):
            yield Finding(
                entry.key.span,
                f"{judge.lacks('runtime called `docker`')}: Docker is there without it."
                if judge.certain
                else "The current x86 images know no runtime called `docker`, and stop at it: "
                "Docker is there without being asked for.",
                help="Delete the line.",
                fix=_line_deleted(spec, entry, judge.certain),
                severity=severity,
            )
        elif name not in there:
            yield _unknown(judge, entry, there, _keys(spec))


def _keys(spec: Buildspec) -> list[str]:
    """Everything that stands below `runtime-versions`, as often as it does."""
    node = mapping_of(spec.get("phases", "install", "runtime-versions"))
    return [key.value for key, _ in node.pairs if isinstance(key, Scalar)] if node else []


def _unknown(judge: Judged, entry: Wanted, there: list[str], others: list[str]) -> Finding:
    from ..aws.images import runtime_meant, runtimes

    name = entry.name
    meant = runtime_meant(name)
    if meant is None and name not in runtimes():
        meant = closest(name, there)
    fix = None
    once = meant not in others and others.count(name) == 1
    if meant in there and once and entry.key.style not in ("|", ">"):
        style = entry.key.style
        edit = Edit(entry.key.start, entry.key.end, style + meant + style)
        fix = Fix(f"Write {meant}", [edit])
    else:
        meant = None
    return Finding(
        entry.key.span,
        judge.lacks(f"runtime called `{name}`", "a ") + ".",
        help=f"Write `{meant}`." if meant else f"Choose one of {listed(there)}.",
        fix=fix,
        severity=None if judge.certain else Severity.WARNING,
    )


def _has_docker(judge: Judged, version: str) -> bool:
    return judge.has("docker", version) or (judge.certain and "docker" in judge.names())


def _line_deleted(spec: Buildspec, entry: Wanted, safe: bool) -> Fix | None:
    """Delete the entry; if it is the only one, `runtime-versions` with it."""
    install = spec.phase("install")
    node = mapping_of(install.get("runtime-versions")) if install is not None else None
    if install is None or install.node is None or node is None or node.anchor is not None:
        return None
    edits = pair_removed(spec.document, node, entry.key, entry.value)
    section = install.node.key("runtime-versions")
    if edits is None and section is not None and not node.flow and len(node.pairs) == 1:
        between = spec.document.text[section.end : entry.key.start].strip()
        if len(install.node.pairs) > 1 and between == ":":
            edits = lines_removed(spec.document.text, section.start, entry.value.end)
    return Fix("Delete the line", edits, safe=safe) if edits else None


@rule("CD221", "unknown-runtime-version", Severity.ERROR)
def unknown_runtime_version(spec: Buildspec) -> Iterator[Finding]:
    """The image does not have this version of a runtime.

    Every image carries a few versions of each language. Others are installed while the build
    starts, if they are written in full (`ruby` 3.3.6, not 3.3): that takes time in every build, and
    old versions no longer get fixes. Where neither helps, the build ends with `Unknown runtime
    version named '2.5' of ruby. This build image has the following versions: …`. Name your image
    with `--image` or in the configuration to have its own table used.

    Bad (image: aws/codebuild/standard:7.0):
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       ruby: 2.5
          build:
            commands: [bundle install]
    Bad:
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       nodejs: 12
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
    judge = judged(spec) if entries else None
    if judge is None:
        return
    for entry in entries:
        if entry.name == "docker" or judge.has(entry.name, entry.version):
            continue
        versions = judge.versions(entry.name)
        if not versions:
            continue
        if judge.installs(entry.name, entry.version):
            yield _installed(judge, entry, versions)
        elif entry.name != "java" or not _java_meant(entry.version):
            yield _impossible(judge, entry, versions)


def _installed(judge: Judged, entry: Wanted, versions: list[str]) -> Finding:
    """A version that is not on the image, but can be installed."""
    from ..aws.images import end_of_life

    name, version = entry.name, entry.version
    ended = end_of_life(name, version)
    lacking = judge.lacks(f"{name} {version}")
    current = listed(judge.current(name))
    if not ended:
        return Finding(
            entry.value.span,
            f"{lacking}: CodeBuild installs it in every build, which takes time. Preinstalled are "
            f"{listed(versions, 'and')}.",
            help="Keep it if the build needs just this version.",
            severity=Severity.INFO,
        )
    # What was 3.10 before some tool read it as a number.
    mangled = version + "0" if version + "0" in versions else ""
    return Finding(
        entry.value.span,
        f"{lacking}: CodeBuild has to install it in every build, and it has had no fixes since {ended}.",
        help=f"Write `{mangled}` if that is what was meant, else one of {current}."
        if mangled
        else f"Move to {current}.",
        severity=Severity.WARNING,
    )


def _impossible(judge: Judged, entry: Wanted, versions: list[str]) -> Finding:
    """A version that is neither there nor can be installed."""
    from ..aws.images import custom_form, end_of_life, is_moving

    name, version = entry.name, entry.version
    meant = _version_meant(name, version, versions)
    fix = None
    if meant and entry.value.style not in ("|", ">"):
        style = entry.value.style
        edit = Edit(entry.value.start, entry.value.end, style + meant + style)
        fix = Fix(f"Write {meant}", [edit])
    form, moving = custom_form(name), is_moving(version)
    message = judge.lacks(f"{name} {version}")
    if not moving and form:
        message += ", and written like this it is not installed either"
    if meant:
        remedy = f"Write `{meant}`."
    else:
        remedy = f"Choose one of {listed(judge.current(name))}"
        in_full = form and _numeric(version) and not end_of_life(name, version)
        remedy += f", or write it in full ({form})." if in_full else "."
    return Finding(
        entry.value.span,
        f"{message}. Preinstalled are {listed(versions, 'and')}.",
        help=remedy,
        fix=fix,
        severity=None if judge.certain and not moving else Severity.WARNING,
    )


def _numeric(version: str) -> bool:
    return all(part.isdigit() for part in version.split("."))


def _version_meant(name: str, version: str, versions: list[str]) -> str:
    """`3.12` for `python3.12`, `22` for `v22`, `8.0` for `8`."""
    bare = version.lower().strip("^~>=v ").removesuffix("+")
    for prefix in (name, name.removesuffix("js"), name.removesuffix("lang"), "net", "sdk"):
        bare = bare.removeprefix(prefix).lstrip("-_ v:@=")
    for guess in (bare, bare + ".0", ".".join(bare.split(".")[:2]), bare.partition(".")[0]):
        if guess in versions:
            # A part of the number may be left out only where it says nothing (`8.0.x`, `22.0`).
            rest = bare[len(guess) :] if bare.startswith(guess) else ""
            if not rest.strip(".0x*"):
                return guess
    return ""


@rule("CD226", "java-name", Severity.ERROR)
def java_name(spec: Buildspec) -> Iterator[Finding]:
    """Java is called by its number or as OpenJDK, but the images have Amazon Corretto.

    The versions of `java` are `corretto8`, `corretto11` and so on. Only the images `standard:2.0`
    and `standard:3.0`, which AWS no longer keeps up, knew `openjdk8` and `openjdk11`.

    Bad:
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       java: 17
          build:
            commands: [mvn -B verify]
    Bad (image: aws/codebuild/standard:7.0):
        version: 0.2
        phases:
          install:
            runtime-versions:
      >       java: openjdk11
          build:
            commands: [mvn -B verify]
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              java: corretto17
          build:
            commands: [mvn -B verify]
    """
    entries = [entry for entry in wanted(spec) if entry.name == "java"]
    judge = judged(spec) if entries else None
    if judge is None:
        return
    for entry in entries:
        version, versions = entry.version, judge.versions("java")
        major = _java_meant(version)
        if not versions or judge.has("java", version) or judge.installs("java", version):
            continue
        meant = next((one for one in versions if one.lstrip("abcdefghijklmnopqrstuvwxyz") == major), "")
        if not major:
            continue
        old = version in ("openjdk8", "openjdk11")
        fix = None
        if meant and entry.value.style not in ("|", ">"):
            style = entry.value.style
            edit = Edit(entry.value.start, entry.value.end, style + meant + style)
            fix = Fix(f"Write {meant}", [edit], safe=judge.certain or not old)
        yield Finding(
            entry.value.span,
            judge.lacks(f"`{version}`")
            + (": only standard:2.0 and standard:3.0 had it." if old else " of java.")
            + f" Its versions are called {listed(versions, 'and')}.",
            help=f"Write `{meant}`." if meant else f"Choose one of {listed(versions)}.",
            fix=fix,
            severity=None if judge.certain else Severity.WARNING,
        )


def _java_meant(version: str) -> str:
    """The major version in `17`, `1.8`, `openjdk11`, `jdk-21` or `17.0.9`; empty without one."""
    digits = "".join(char if char.isdigit() else "." for char in version.removesuffix(".x"))
    parts = [part for part in digits.split(".") if part]
    if not parts:
        return ""
    return parts[1] if parts[0] == "1" and len(parts) > 1 else parts[0]
