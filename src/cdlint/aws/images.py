"""CodeBuild's curated build images, and the runtimes on them."""

from __future__ import annotations

from . import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREFIX = "aws/codebuild/"

MAINTAINED = "maintained"
AVAILABLE = "available-not-maintained"
DEPRECATED = "deprecated"
RETIRED = "retired"


class Image:
    """A curated image.

    `kind` is `linux`, `lambda`, `windows` or `macos`; `runtimes` is empty where `runtime-versions`
    is not offered or nothing is known. `shell` is what `/bin/sh` is: `dash` or `bash`. `aws_cli`
    is the major version of the AWS CLI. `since` is the day of its deprecation. What is unknown is
    empty (`aws_cli`: None).
    """

    __slots__ = (
        "aws_cli",
        "base",
        "custom_versions",
        "kind",
        "name",
        "needs_runtime",
        "package_tool",
        "requires",
        "runtimes",
        "shell",
        "since",
        "status",
        "successor",
    )

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name = PREFIX + name
        self.status: str = data["status"]
        self.kind: str = data.get("kind", "linux")
        self.since: str = data.get("since", "")
        self.successor: str = PREFIX + data["successor"] if "successor" in data else ""
        self.base: str = data.get("base", "")
        self.shell: str = data.get("shell", "")
        self.package_tool: str = data.get("package_tool", "")
        self.aws_cli: int | None = data.get("aws_cli")
        #: True for the old images that refuse a buildspec without `runtime-versions`.
        self.needs_runtime: bool = data.get("needs_runtime", False)
        #: Runtimes of which versions that are not preinstalled are installed during the build.
        self.custom_versions = frozenset(data.get("custom_versions", "").split())
        #: Runtime → its preinstalled versions, newest first.
        self.runtimes: dict[str, list[str]] = {
            runtime: versions.split() for runtime, versions in data.get("runtimes", {}).items()
        }
        #: Runtime → version → the Java that it needs.
        self.requires: dict[str, dict[str, str]] = data.get("requires", {})

    def has(self, runtime: str, version: str) -> bool:
        """Is a version preinstalled?"""
        return version in self.runtimes.get(runtime, ())

    def selects(self, runtime: str, version: str) -> bool:
        """Does `latest` or a form like `3.x` or `corretto17.x` find a preinstalled version?"""
        versions = self.runtimes.get(runtime)
        if not versions:
            return False
        if version.lower() == "latest":
            return True
        if not is_moving(version):
            return False
        series = version[:-2]
        return any(one == series or one.startswith(series + ".") for one in versions)

    def installs(self, runtime: str, version: str) -> bool:
        """Is a version, going by how it is written, installed while the build starts?"""
        return runtime in self.custom_versions and is_custom(runtime, version)

    def __repr__(self) -> str:
        return f"Image({self.name!r}, {self.status})"


def image(name: str) -> Image | None:
    """The curated image of this name, or None.

    Case does not matter, `amazonlinux2-` and `amazonlinux-` are the same, and a date behind the
    version (`standard:7.0-24.10.29`) is left out of account.
    """
    name = name.strip().lower()
    full = name.startswith(PREFIX)
    family, colon, tag = (name[len(PREFIX) :] if full else name).partition(":")
    if not colon or not tag:
        return None
    for known in _spellings(family):
        found = _find(known, tag) or _find(known, _without_date(tag))
        if found is not None:
            return found
    if not full:
        return None
    families = table("images")["families_without_table"]
    for known in _spellings(family):
        if known in families:
            return Image(f"{known}:{tag}", families[known])
    return None


def curated(name: str) -> bool:
    """Is it named like an image of CodeBuild's own, known or not?"""
    return name.strip().lower().startswith(PREFIX)


def maintained() -> list[Image]:
    """The images that AWS keeps up to date and that have a table of runtimes."""
    images = table("images")["images"]
    return [_made(name, data) for name, data in images.items() if data["status"] == MAINTAINED]


def _spellings(family: str) -> list[str]:
    if family.startswith("amazonlinux2-"):
        return [family, "amazonlinux-" + family[len("amazonlinux2-") :]]
    if family.startswith("amazonlinux-"):
        return [family, "amazonlinux2-" + family[len("amazonlinux-") :]]
    return [family]


def _find(family: str, tag: str) -> Image | None:
    data, name = table("images"), f"{family}:{tag}"
    found = data["images"].get(name) or data["tags_without_table"].get(name)
    return _made(name, found) if found else None


_MADE: dict[str, Image] = {}


def _made(name: str, data: dict[str, Any]) -> Image:
    found = _MADE.get(name)
    if found is None:
        found = _MADE[name] = Image(name, data)
    return found


def _without_date(tag: str) -> str:
    version, dash, date = tag.partition("-")
    return version if dash and date[:1].isdigit() else tag


def is_moving(version: str) -> bool:
    """`latest`, or a form like `3.x`: another version as soon as the image changes."""
    return version.lower() == "latest" or version.endswith(".x")


def is_custom(runtime: str, version: str) -> bool:
    """Is a version written as CodeBuild wants it for versions that are not preinstalled?"""
    rule = table("runtimes")["custom_versions"].get(runtime)
    if rule is None or not version.isascii():
        return False
    prefix = rule.get("prefix", "")
    if not version.startswith(prefix):
        return False
    parts = version[len(prefix) :].split(".")
    least, most = rule["parts"]
    return least <= len(parts) <= most and all(part.isdigit() for part in parts)


def custom_form(runtime: str) -> str:
    """In words, how a version that is not preinstalled is written; empty if that cannot be had."""
    rule = table("runtimes")["custom_versions"].get(runtime)
    return rule["form"] if rule else ""


def runtime_meant(name: str) -> str | None:
    """The runtime that people mean by a name that CodeBuild does not know (`node`, `go`, `jdk`)."""
    found: str | None = table("runtimes")["other_names"].get(name.lower())
    return found


def runtimes() -> set[str]:
    """The names of all runtimes that some image has or had."""
    images = table("images")["images"].values()
    return {runtime for data in images for runtime in data["runtimes"]}


def end_of_life(runtime: str, version: str) -> str | None:
    """The day (or month) on which upstream support ended; None if it still lasted.

    Reckoned by the date of the data, not by today's, so that a report never changes by itself.
    """
    data = table("runtimes")
    dates, series = data["end_of_life"].get(runtime, {}), version
    while series:
        date: str | None = dates.get(series)
        if date is not None:
            return date if date <= data["as_of"] else None
        series = series.rpartition(".")[0]
    return None
