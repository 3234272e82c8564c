"""CD737, CD738, CD772: what an AppSpec copies, and where to."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.deploy_files import platform_of, section
from ..model.values import known, members
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node
from . import rule
from .deploy_findings import is_placeholder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOTS = ("/home/", "/root/", "/tmp/", "/Users/", "/mnt/", "~")


@rule("CD737", "appspec-source-path", Severity.WARNING)
def appspec_source_path(document: Document) -> Iterator[Finding]:
    """The source of an entry of `files` is no path inside the revision.

    It is looked for below the root of the revision, with or without a slash before it. Addresses, paths of the
    build machine or the instance, `..` and patterns with `*` find nothing there.

    Bad:
        version: 0.0
        os: linux
        files:
      >   - source: s3://my-bucket/app.zip
            destination: /opt/app
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /opt/app
    """
    for item in members(section(document.root, "files")[1]):
        node = item.get("source") if isinstance(item, Mapping) else None
        text = known(node)
        if node is None or not text:
            continue
        if "://" in text:
            yield Finding(
                node.span,
                f"`{text}` is an address: CodeDeploy looks for files of this name in the revision and fails.",
                help="Put the file into the revision and write its path there; `/` is the whole revision.",
                severity=Severity.ERROR,
            )
        elif is_placeholder(text):
            continue
        elif text.startswith(_ROOTS) or text[1:3] in (":\\", ":/"):
            yield Finding(
                node.span,
                f"`{text}` is looked for inside the revision, not on the machine.",
                help="Write the path from the root of the revision.",
            )
        elif ".." in text.replace("\\", "/").split("/"):
            yield Finding(
                node.span, "The path leads out of the revision.", help="Write the path from its root."
            )
        elif "*" in text:
            yield Finding(
                node.span,
                "`source` is a file or a folder, no pattern: CodeDeploy looks for a name with an asterisk.",
                help="Name the folder; all that is in it is copied.",
            )


@rule("CD738", "appspec-destination-path", Severity.WARNING)
def appspec_destination_path(document: Document) -> Iterator[Finding]:
    """The destination of an entry of `files` is no full path.

    The agent runs in a folder of its own and as root: a relative path, `~` and `$HOME` do not lead where they seem
    to. The destination is always a folder, never the new name of a file.

    Bad:
        version: 0.0
        os: linux
        files:
          - source: /
      >     destination: ~/app
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /home/ec2-user/app
    """
    windows = known(section(document.root, "os")[1]) == "windows"
    for item in members(section(document.root, "files")[1]):
        if not isinstance(item, Mapping):
            continue
        node = item.get("destination")
        text = known(node)
        if node is None or not text or (is_placeholder(text) and not text.startswith(("$HOME", "${HOME}"))):
            continue
        full = (
            text[1:3] in (":\\", ":/") or text.startswith(("\\\\", "/", "%"))
            if windows
            else text.startswith("/")
        )
        if not full:
            what = "is not expanded" if text[0] in "~$" else "is no full path"
            yield Finding(
                node.span,
                f"`{text}` {what}: the agent does not copy to where it seems to lead.",
                help="Write the full path of the folder, such as "
                + ("`c:\\inetpub\\wwwroot`." if windows else "`/var/www/html`."),
            )
        else:
            yield from _named_like_file(node, text, known(item.get("source")) or "")


def _named_like_file(node: Node, text: str, source: str) -> Iterator[Finding]:
    name = source.replace("\\", "/").rpartition("/")[2]
    if "." in name[1:] and text.replace("\\", "/").rpartition("/")[2] == name:
        yield Finding(
            node.span,
            f"The destination is a folder, never a file: the file is copied to `{text}/{name}`.",
            help=f"Write `{text[: -len(name)].rstrip('/') or '/'}`.",
        )


@rule("CD772", "existing-files-stop-deployment", Severity.INFO)
def existing_files_stop_deployment(document: Document) -> Iterator[Finding]:
    """Nothing says what shall happen to files that are there already.

    CodeDeploy overwrites what it copied itself. At any other file in its way it stops: `The deployment failed because
    a specified file already exists at this location`. That happens after a deployment by hand, or when the former
    revision's records are gone.

    Bad:
        version: 0.0
        os: linux
      > files:
          - source: /
            destination: /var/www/html
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        file_exists_behavior: OVERWRITE
    """
    root = document.root
    key, files = section(root, "files")
    if key is None or not members(files) or platform_of(root) != "server" or not isinstance(root, Mapping):
        return
    hooks = section(root, "hooks")[1]
    if isinstance(hooks, Mapping) and "BeforeInstall" in hooks:
        return
    if not any(name.lower().replace("-", "_").startswith("file_exists") for name, _, _ in root.items()):
        yield Finding(
            key.span,
            "Where a file is in the way that CodeDeploy did not copy, the deployment stops.",
            help="Add `file_exists_behavior: OVERWRITE` (or `RETAIN`), or clear the folder in `BeforeInstall`.",
        )
