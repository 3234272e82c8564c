"""CD720–CD727, CD744: the AppSpec of CodeDeploy: name, version, sections, permissions."""

from __future__ import annotations

import os

from ..findings import Edit, Finding, Fix, Severity
from ..model.deploy_files import SERVER_EVENTS, platform_of, section
from ..model.values import entries, known, members
from ..source import Span
from ..syntax.document import Document
from ..syntax.tree import Mapping, Scalar
from ..wording import closest
from . import rule
from .deploy_findings import is_blank, is_placeholder, rename, reported, retyped, start_of, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names of one key of an entry of `files` that belong to the top level.
_BEHAVIOR = frozenset(("fileexistsbehavior", "overwrite", "overwriteexisting", "force"))


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


@rule("CD720", "appspec-file-name", Severity.WARNING)
def appspec_file_name(document: Document) -> Iterator[Finding]:
    """An AppSpec for instances has another name than appspec.yml.

    For EC2 and on-premises deployments the file is called `appspec.yml`, in lower case and with this ending, is
    YAML, and lies at the root of the revision. Older agents look for nothing else and answer that they `did not
    find an AppSpec file within the unpacked revision directory`.

    Bad (path: appspec.yaml):
      > version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
    Good (path: appspec.yml):
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
    """
    name = os.path.basename(document.source.path)
    if name == "appspec.yml" or platform_of(document.root) != "server":
        return
    stem, _, ending = name.lower().rpartition(".")
    if _plain(stem) not in ("appspec", "appspecs", "appspecification") or ending not in (
        "yml",
        "yaml",
        "json",
    ):
        return
    yield Finding(
        start_of(document),
        f"The agent of CodeDeploy looks for appspec.yml at the root of the revision, and may not find `{name}`.",
        help="Rename the file to appspec.yml" + (", and write it in YAML." if ending == "json" else "."),
    )


@rule("CD721", "appspec-version", Severity.ERROR)
def appspec_version(document: Document) -> Iterator[Finding]:
    """The version is missing, or is not 0.0.

    `0.0` is the only version of the AppSpec format there is. `0.2` is the version of a buildspec.

    Bad:
      > version: 0.2
        os: linux
        files:
          - source: /
            destination: /var/www/html
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
    """
    if is_blank(document):
        yield Finding(
            Span(0, 0),
            "The AppSpec is empty: CodeDeploy refuses it.",
            help="Write at least `version: 0.0` and `os: linux`.",
        )
    for violation in reported(document, "appspec-version"):
        found, node = violation.finding(), violation.node
        if violation.keyword == "enum" and isinstance(node, Scalar):
            found.fix = Fix("Write 0.0", [retyped(node, "0.0")])
        yield found
    value = section(document.root, "version")[1]
    if isinstance(value, Scalar) and value.style and value.value == "0.0" and not document.json:
        if platform_of(document.root) == "server":
            yield Finding(
                value.span,
                "The version stands in quotes, which makes a text of it: the agent compares it with the number 0.0 and "
                "may refuse the AppSpec.",
                help="Write `version: 0.0`, without quotes.",
                fix=Fix("Remove the quotes", [Edit(value.start, value.end, "0.0")]),
                severity=Severity.WARNING,
            )


@rule("CD722", "appspec-os", Severity.ERROR)
def appspec_os(document: Document) -> Iterator[Finding]:
    """The operating system is missing, or is neither `linux` nor `windows`.

    Every Linux is `linux`, whatever the distribution; the agent compares the word letter by letter.

    Bad:
        version: 0.0
      > os: Ubuntu
        files:
          - source: /
            destination: /var/www/html
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
    """
    for violation in reported(document, "appspec-os"):
        found, node = violation.finding(), violation.node
        if violation.keyword == "enum" and isinstance(node, Scalar) and found.fix is None:
            word = node.value.lower()
            if any(part in word for part in ("ubuntu", "amazon", "debian", "centos", "rhel", "al2", "unix")):
                found.help = "Write `linux`."
                found.fix = Fix("Write `linux`", [retyped(node, "linux")])
            elif word.startswith("win"):
                found.help = "Write `windows`."
                found.fix = Fix("Write `windows`", [retyped(node, "windows")])
        yield found


@rule("CD723", "appspec-files", Severity.ERROR)
def appspec_files(document: Document) -> Iterator[Finding]:
    """`files` is no list of entries with `source` and `destination`.

    Each entry begins with a hyphen and has both keys. Without one of them CodeDeploy cannot copy.

    Bad:
        version: 0.0
        os: linux
        files:
      >   source: /
          destination: /var/www/html
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
    """
    for violation in reported(document, "appspec-files"):
        found, node = violation.finding(), violation.node
        if violation.path == ("files",) and isinstance(node, Mapping) and node.pairs and not node.flow:
            found.span = node.pairs[0][0].span
            found.fix = _as_item(document, node)
        yield found


def _as_item(document: Document, node: Mapping) -> Fix | None:
    """Make a block mapping the only entry of a list."""
    edits = []
    for number, (key, value) in enumerate(node.pairs):
        if not isinstance(value, Scalar) or "\n" in document.text[key.start : value.end]:
            return None
        edits.append(Edit(key.start, key.start, "  " if number else "- "))
    return Fix("Make it an entry of a list", edits)


@rule("CD724", "file-exists-behavior", Severity.ERROR)
def file_exists_behavior(document: Document) -> Iterator[Finding]:
    """What shall happen to existing files is said in the wrong place or with an unknown word.

    `file_exists_behavior: DISALLOW|OVERWRITE|RETAIN` stands at the top level of the AppSpec. Elsewhere it, or an
    `overwrite:`, is ignored, and the deployment fails with `The deployment failed because a specified file already
    exists at this location`.

    Bad:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
      >     file_exists_behavior: OVERWRITE
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        file_exists_behavior: OVERWRITE
    """
    yield from told(document, "file-exists-behavior")
    for violation in reported(document, "appspec-file-key"):
        if _plain(violation.name) not in _BEHAVIOR:
            continue
        found = violation.finding()
        exact = _plain(violation.name) == "fileexistsbehavior"
        found.message = (
            f"`{violation.name}` is not a key of an entry of `files`: CodeDeploy ignores it, and "
            "stops at the first file "
            "that exists already."
        )
        found.help = "Write `file_exists_behavior: OVERWRITE` at the top level."
        found.fix = None
        top, _ = section(document.root, "file_exists_behavior")
        found.severity = Severity.ERROR if exact and top is None else Severity.WARNING
        if top is not None:
            found.message = f"`{violation.name}` is not a key of an entry of `files`: CodeDeploy ignores it."
            found.help = "Delete it: `file_exists_behavior` at the top level says it already."
        yield found


@rule("CD725", "appspec-permissions", Severity.ERROR)
def appspec_permissions(document: Document) -> Iterator[Finding]:
    """An entry of `permissions` that CodeDeploy refuses.

    Each entry needs `object`; `type` is a list of `file` and `directory`. On Windows there are no permissions.

    Bad:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        permissions:
      >   - pattern: "**"
            owner: www-data
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        permissions:
          - object: /var/www/html
            pattern: "**"
            owner: www-data
    """
    yield from told(document, "appspec-permissions")
    root = document.root
    if not isinstance(root, Mapping):
        return
    key = root.key("permissions")
    if key is not None and known(root.get("os")) == "windows" and members(root.get("permissions")):
        yield Finding(
            key.span,
            "There are no `permissions` on Windows: CodeDeploy refuses the AppSpec.",
            help="Delete the section, and set rights with a script.",
        )


@rule("CD726", "permission-mode", Severity.ERROR)
def permission_mode(document: Document) -> Iterator[Finding]:
    """The mode of a permission is not one to four octal digits.

    `755` and `"0755"` are modes; `rwxr-xr-x`, `u+x` and `888` are not. A plain `0755` is an octal number to the
    agent's YAML parser, which makes 493 of it: write it in quotes.

    Bad:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        permissions:
          - object: /var/www/html
      >     mode: u+x
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        permissions:
          - object: /var/www/html
            mode: 755
    """
    for item in members(section(document.root, "permissions")[1]):
        node = item.get("mode") if isinstance(item, Mapping) else None
        if not isinstance(node, Scalar) or node.is_null or is_placeholder(node.value):
            continue
        mode = node.value
        if not 1 <= len(mode) <= 4 or not all(char in "01234567" for char in mode):
            yield Finding(
                node.span,
                f"`{mode}` is no mode of a file: CodeDeploy wants one to four octal digits and refuses the AppSpec.",
                help="Write a mode such as `755`.",
            )
        elif not node.style and mode[0] == "0" and len(mode) > 1:
            yield Finding(
                node.span,
                f"To the agent's YAML parser `{mode}` is an octal number, {int(mode, 8)}, and that is "
                "taken for the mode.",
                help=f'Write `{mode.lstrip("0") or "0"}` or `"{mode}"`.',
                fix=Fix("Quote it", [Edit(node.start, node.end, f'"{mode}"')]),
                severity=Severity.WARNING,
            )


@rule("CD727", "appspec-unknown-key", Severity.WARNING)
def appspec_unknown_key(document: Document) -> Iterator[Finding]:
    """A key that the AppSpec format does not know.

    CodeDeploy ignores unknown keys, and all that stands below them. An event of the hooks that slipped to the top
    level is never run.

    Bad:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
      > permission:
          - object: /var/www/html
            owner: www-data
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        permissions:
          - object: /var/www/html
            owner: www-data
    """
    for violation in reported(document, "appspec-unknown-key"):
        found = violation.finding()
        if violation.suggestion and violation.suggestion.lower() == violation.name.lower():
            continue  # CD744
        if violation.name.startswith(("x-", ".", "_")) or violation.node.anchor is not None:
            continue  # holds what is used elsewhere in the file
        event = closest(violation.name, SERVER_EVENTS) if len(violation.path) == 1 else None
        if event is not None and violation.suggestion is None:
            found.message = (
                f"`{violation.name}` stands at the top level, where CodeDeploy ignores it: its scripts "
                "never run."
            )
            found.help = f"Indent it, so that `{event}:` stands below `hooks:`."
            found.severity = Severity.ERROR
        elif found.fix is not None and found.fix.safe:
            found.severity = Severity.ERROR
        yield found
    for violation in reported(document, "appspec-file-key"):
        if violation.name == "hooks" or closest(violation.name, SERVER_EVENTS):
            found = violation.finding()
            found.message = (
                f"`{violation.name}` stands inside an entry of `files`, where CodeDeploy ignores it."
            )
            found.help = (
                "`hooks:` belongs to the top level, and the events below it: take the indentation away."
            )
            found.severity = Severity.ERROR
            yield found
        elif _plain(violation.name) not in _BEHAVIOR:
            yield violation.finding()


@rule("CD744", "appspec-section-case", Severity.ERROR)
def appspec_section_case(document: Document) -> Iterator[Finding]:
    """A part of the AppSpec is written with other capitals than CodeDeploy's.

    For instances all parts are in lower case: the agent finds no `Hooks` and no `Files`, and leaves them out without
    a word. For ECS and Lambda the examples have `Resources` and `Hooks`.

    Bad:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
      > Hooks:
          AfterInstall:
            - location: scripts/restart.sh
    Good:
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /var/www/html
        hooks:
          AfterInstall:
            - location: scripts/restart.sh
    """
    for violation in reported(document, "appspec-unknown-key"):
        if violation.suggestion and violation.suggestion.lower() == violation.name.lower():
            found = violation.finding()
            found.severity = Severity.ERROR
            found.message = (
                f"The key is `{violation.suggestion}`, not `{violation.name}`: CodeDeploy ignores what "
                "stands below it."
            )
            yield found
    if platform_of(document.root) in ("ecs", "lambda"):
        for key, _ in entries(document.root):
            if key.value in ("resources", "hooks"):
                yield Finding(
                    key.span,
                    f"In the examples of AWS for ECS and Lambda this key is `{key.value.capitalize()}`.",
                    help=f"Write `{key.value.capitalize()}`.",
                    fix=rename(key, key.value.capitalize()),
                    severity=Severity.INFO,
                )
