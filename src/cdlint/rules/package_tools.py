"""apt-get, yum, conda and the like: when they ask, and on which images they are."""

from __future__ import annotations

from .tracing import fed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..aws.images import Image
    from ..model.buildspec import Buildspec
    from ..syntax.shell import Simple, Word

#: Package tools that ask before they install, their subcommands that ask, and what answers beforehand.
PACKAGE_TOOLS = {
    "apt-get": ("install upgrade dist-upgrade full-upgrade remove purge autoremove build-dep", "-y"),
    "apt": ("install upgrade dist-upgrade full-upgrade remove purge autoremove build-dep", "-y"),
    "yum": (
        "install update upgrade remove erase reinstall localinstall groupinstall downgrade autoremove swap", "-y",
    ),
    "dnf": ("install update upgrade remove erase reinstall groupinstall downgrade autoremove swap", "-y"),
    "conda": ("install update create remove upgrade", "-y"),
    "mamba": ("install update create remove upgrade", "-y"),
    "pip": ("uninstall", "-y"),
    "pip3": ("uninstall", "-y"),
}  # fmt: skip
TOOL_VALUED = (
    "-o", "-c", "-t", "-n", "--name", "-p", "--prefix", "--enablerepo", "--disablerepo", "--releasever", "-d", "-x",
    "--target-release", "--option", "--channel", "-f", "--file",
)  # fmt: skip
_YES = ("-y", "--yes", "--assume-yes", "--assumeyes", "--trivial-only", "--force-yes", "--download-only")
#: Packages that any Debian or Ubuntu has.
_ON_EVERY_IMAGE = frozenset(
    "apt dpkg bash dash tar gzip sed grep coreutils util-linux ca-certificates".split()
)
_NOT_DONE = (
    "-s",
    "--simulate",
    "--dry-run",
    "--just-print",
    "--print-uris",
    "--assume-no",
    "--assumeno",
    "-h",
)


def nothing_more(simple: Simple, packages: list[Word]) -> bool:
    """Are the packages such that nothing else comes with them? Then apt-get does not ask."""
    return simple.has("--reinstall") or all(word.plain in _ON_EVERY_IMAGE for word in packages)


def answered(spec: Buildspec, simple: Simple) -> bool:
    """Is there an answer, on the command line, in a configuration or from a pipe?"""
    for word in simple.args:
        text = word.plain
        if text.partition("=")[0] in _YES or text in _NOT_DONE or "ssume-" in text or "assumeyes" in text:
            return True
        if text.startswith("-") and not text.startswith("--") and ("y" in text or text.count("q") > 1):
            return True
        if word.variable and not word.raw.startswith('"') and word is simple.args[0]:
            return True
        if word.literal is None and word.raw[:2] in ("$A", "$Y", "$O", "${") and "OPT" in word.raw.upper():
            return True
    if [word.raw for word in simple.args].count("-q") > 1:
        return True
    if fed(simple):
        return True
    text = spec.document.text
    return any(mark in text for mark in ("APT::Get::Assume", "assumeyes", "CONDA_ALWAYS_YES", "always_yes"))


def family(tool: str) -> str:
    return "apt" if tool.startswith(("apt-", "apt", "add-apt")) else "yum" if tool in ("yum", "dnf") else tool


def absent(simple: Simple, image: Image) -> str:
    """Why the tool does not work on the image, or ""."""
    tool = simple.name
    if image.kind == "lambda":
        return f"`{tool}` cannot install anything on Lambda compute"
    if tool == "amazon-linux-extras":
        return "" if image.base == "al2" else "`amazon-linux-extras` exists on Amazon Linux 2 only"
    if family(tool) == family(image.package_tool):
        return ""
    if tool == "microdnf":
        return ""
    return f"The image has `{image.package_tool}`, and no `{tool}`"
