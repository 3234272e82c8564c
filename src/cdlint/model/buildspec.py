"""A buildspec as CodeBuild reads it. Source of the format: AWS, build-spec-ref.

Everything here is tolerant: a part of the wrong shape is simply absent (the schema reports it),
so that rules can read what is there without looking twice.
"""

from __future__ import annotations

from ..syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.document import Document

PHASES = ("install", "pre_build", "build", "post_build")
SECTIONS = (
    "version",
    "run-as",
    "env",
    "proxy",
    "batch",
    "phases",
    "reports",
    "artifacts",
    "cache",
    "environment_variables",
)
PHASE_KEYS = ("commands", "finally", "on-failure", "run-as", "runtime-versions")
ENV_KEYS = (
    "shell",
    "variables",
    "parameter-store",
    "secrets-manager",
    "exported-variables",
    "git-credential-helper",
)
ARTIFACT_KEYS = (
    "files",
    "name",
    "discard-paths",
    "base-directory",
    "exclude-paths",
    "enable-symlinks",
    "s3-prefix",
    "secondary-artifacts",
    "file-format",
)
CACHE_KEYS = ("paths", "key", "fallback-keys", "action")
BATCH_KEYS = ("fast-fail", "build-graph", "build-list", "build-matrix", "build-fanout")
TASK_KEYS = ("identifier", "buildspec", "debug-session", "depend-on", "env", "ignore-failure")
TASK_ENV_KEYS = ("compute-type", "fleet", "image", "privileged-mode", "type", "variables")

#: Keys that stand side by side: tells the level of a line whose indentation is wrong.
FAMILIES = tuple(
    frozenset(keys)
    for keys in (
        SECTIONS,
        PHASES,
        PHASE_KEYS,
        ENV_KEYS,
        ARTIFACT_KEYS,
        CACHE_KEYS,
        BATCH_KEYS,
        TASK_KEYS,
        TASK_ENV_KEYS,
    )
)


def mapping_of(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def scalar_of(node: Node | None) -> Scalar | None:
    """The scalar, unless it is null."""
    return node if isinstance(node, Scalar) and not node.is_null else None


def texts(node: Node | None) -> list[Scalar]:
    """The entries of a list of strings; CodeBuild takes a single string for a list of one."""
    if isinstance(node, Sequence):
        return [item for item in node.items if isinstance(item, Scalar) and not item.is_null]
    if isinstance(node, Scalar) and not node.is_null:
        return [node]
    return []


def pairs(node: Node | None) -> list[tuple[Scalar, Node]]:
    """`(key, value)` of a mapping, merged keys included; empty for anything else."""
    if not isinstance(node, Mapping):
        return []
    return [(key, value) for _, key, value in node.items() if isinstance(key, Scalar)]


class Command:
    """One list item under `commands` or `finally`: a shell script of its own.

    `section` is `commands` or `finally`; `index` counts from 0, as CodeBuild's messages do.
    """

    __slots__ = ("index", "node", "phase", "section")

    def __init__(self, node: Scalar, phase: str, section: str, index: int) -> None:
        self.node = node
        self.phase = phase
        self.section = section
        self.index = index

    @property
    def text(self) -> str:
        return self.node.value

    def __repr__(self) -> str:
        return f"Command({self.phase}.{self.section}[{self.index}] {self.text!r})"


class Phase:
    """`phases.<name>`. `node` is None when the phase is empty (null) or of a wrong shape."""

    __slots__ = ("commands", "finally_", "key", "name", "node")

    def __init__(self, name: str, key: Scalar, value: Node) -> None:
        self.name = name
        self.key = key
        self.node = mapping_of(value)
        self.commands = self._read("commands")
        self.finally_ = self._read("finally")

    def _read(self, section: str) -> list[Command]:
        if self.node is None:
            return []
        value = self.node.get(section)
        if isinstance(value, Sequence):
            return [
                Command(item, self.name, section, index)
                for index, item in enumerate(value.items)
                if isinstance(item, Scalar) and not item.is_null
            ]
        single = scalar_of(value)
        return [Command(single, self.name, section, 0)] if single is not None else []

    def get(self, key: str) -> Node | None:
        return self.node.get(key) if self.node is not None else None

    @property
    def on_failure(self) -> Scalar | None:
        return scalar_of(self.get("on-failure"))

    @property
    def runtime_versions(self) -> list[tuple[Scalar, Node]]:
        return pairs(self.get("runtime-versions"))


class Artifact:
    """`artifacts` itself (`name` None) or one of `secondary-artifacts` (`name` its identifier)."""

    __slots__ = ("key", "name", "node")

    def __init__(self, name: str | None, key: Scalar, node: Mapping) -> None:
        self.name = name
        self.key = key
        self.node = node

    @property
    def files(self) -> list[Scalar]:
        return texts(self.node.get("files"))

    @property
    def base_directory(self) -> Scalar | None:
        return scalar_of(self.node.get("base-directory"))

    def flag(self, key: str) -> bool:
        """A yes/no setting; False when absent or not understood."""
        value = scalar_of(self.node.get(key))
        return bool(value is not None and value.truth)


class Buildspec:
    """The whole of a buildspec.

    `image` and `shell` come from the user (`--image`, configuration); None when not given.
    """

    __slots__ = ("_phases", "document", "image", "root", "shell_setting")

    def __init__(self, document: Document, image: str | None = None, shell: str | None = None) -> None:
        self.document = document
        self.root = mapping_of(document.root) or Mapping(0, 0)
        self.image = image
        self.shell_setting = shell
        self._phases: list[Phase] | None = None

    def get(self, *path: str) -> Node | None:
        """The value at a path of keys, or None: `spec.get("env", "variables")`."""
        node: Node | None = self.root
        for name in path:
            if not isinstance(node, Mapping):
                return None
            node = node.get(name)
        return node

    def key(self, *path: str) -> Scalar | None:
        """The key at the end of a path: the place to point at when a whole section is meant."""
        parent = self.get(*path[:-1])
        found = parent.key(path[-1]) if isinstance(parent, Mapping) else None
        return found if isinstance(found, Scalar) else None

    @property
    def version(self) -> Scalar | None:
        return scalar_of(self.root.get("version"))

    @property
    def phases(self) -> list[Phase]:
        """The phases with a valid name, in the order of the file."""
        if self._phases is None:
            self._phases = [
                Phase(key.value, key, value)
                for key, value in pairs(self.root.get("phases"))
                if key.value in PHASES
            ]
        return self._phases

    def phase(self, name: str) -> Phase | None:
        for phase in self.phases:
            if phase.name == name:
                return phase
        return None

    def commands(self) -> Iterator[Command]:
        """Every command of every phase, `finally` included, in the order of the file."""
        for phase in self.phases:
            yield from phase.commands
            yield from phase.finally_

    @property
    def artifact(self) -> Artifact | None:
        """The primary artifact."""
        node = mapping_of(self.root.get("artifacts"))
        key = self.key("artifacts")
        return Artifact(None, key, node) if node is not None and key is not None else None

    def artifacts(self) -> list[Artifact]:
        """The primary artifact and the secondary ones."""
        found = []
        primary = self.artifact
        if primary is not None:
            found.append(primary)
        for key, value in pairs(self.get("artifacts", "secondary-artifacts")):
            if isinstance(value, Mapping):
                found.append(Artifact(key.value, key, value))
        return found

    def reports(self) -> list[tuple[Scalar, Mapping]]:
        """`(report group key, its settings)`."""
        return [(key, value) for key, value in pairs(self.root.get("reports")) if isinstance(value, Mapping)]

    @property
    def shell(self) -> str:
        """The shell the commands run in: `env.shell`, the user's setting, else `sh`."""
        own = scalar_of(self.get("env", "shell"))
        return own.value if own is not None else self.shell_setting or "sh"

    def violations(self, rule: str) -> list[object]:
        """The schema violations that a rule reports."""
        return [found for found in self.document.violations if found.rule == rule]
