"""A buildspec as CodeBuild reads it. Source of the format: AWS, build-spec-ref.

Everything here is tolerant: a part of the wrong shape is simply absent (the schema reports it),
so that rules can read what is there without looking twice.
"""

from __future__ import annotations

from ..findings import Edit
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ..syntax.document import Document
    from ..syntax.shell import Expansion, Script, Simple, Statement, Word
    from .codebuild_project import Project

    T = TypeVar("T")
    #: A call of a program: the item it stands in, and the simple command.
    Call = tuple["Command", Simple]

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


#: What only PowerShell has; it is the default on Windows images, which a buildspec does not name.
_POWERSHELL = (
    "$env:",
    "$Env:",
    "Write-Host",
    "Write-Output",
    "Invoke-",
    "Get-ChildItem",
    "Set-Location",
    "New-Item",
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

    __slots__ = ("_places", "_script", "_source", "index", "node", "phase", "section")

    def __init__(self, node: Scalar, phase: str, section: str, index: int, source: str) -> None:
        self.node = node
        self.phase = phase
        self.section = section
        self.index = index
        self._source = source
        self._script: Script | None = None
        self._places: list[int] | None = None

    @property
    def text(self) -> str:
        return self.node.value

    @property
    def script(self) -> Script:
        """The command as the shell reads it; for shells other than POSIX ones it means nothing."""
        if self._script is None:
            from ..syntax.shell import parse

            self._script = parse(self.node.value)
        return self._script

    @property
    def places(self) -> list[int]:
        """For each character of the command, and for its end, the offset in the document."""
        if self._places is None:
            from ..syntax.scalars import places

            self._places = places(self._source, self.node)
        return self._places

    def span(self, start: int, end: int) -> Span:
        """The place in the document of the characters `start`..`end` of the command."""
        from ..syntax.scalars import span_in

        return span_in(self._source, self.node, start, end, self.places)

    def span_of(self, part: Word | Statement | Expansion) -> Span:
        """The place in the document of a word, a statement, an expansion …"""
        return self.span(part.start, part.end)

    def edit(self, start: int, end: int, replacement: str) -> Edit | None:
        """Replace the characters `start`..`end` of the command, written as its quotes demand.

        None where that cannot be done without touching more: over a line end that folding took away, or a
        replacement of several lines or with ` #` in a plain text.
        """
        span = self.span(start, end)
        node = self.node
        if node.style == "'":
            replacement = replacement.replace("'", "''")
        elif node.style == '"':
            replacement = replacement.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        elif node.style != "|" and "\n" in replacement:
            return None
        elif not node.style and (not start or ": " in replacement or " #" in replacement):
            if not _plain_safe(replacement, not start):
                return None
        if node.style != "|" and "\n" in self._source[span.start : span.end]:
            return None
        return Edit(span.start, span.end, replacement)

    def __repr__(self) -> str:
        return f"Command({self.phase}.{self.section}[{self.index}] {self.text!r})"


def _plain_safe(text: str, first: bool) -> bool:
    """May it stand in a plain YAML text (at its beginning, if `first`)?"""
    if ": " in text or " #" in text or text.endswith(":"):
        return False
    return not first or (text[:1] not in "-?:,[]{}#&*!|>'\"%@`" and bool(text.strip()))


class Phase:
    """`phases.<name>`. `node` is None when the phase is empty (null) or of a wrong shape."""

    __slots__ = ("_source", "commands", "finally_", "key", "name", "node")

    def __init__(self, name: str, key: Scalar, value: Node, source: str) -> None:
        self.name = name
        self.key = key
        self.node = mapping_of(value)
        self._source = source
        self.commands = self._read("commands")
        self.finally_ = self._read("finally")

    def _read(self, section: str) -> list[Command]:
        if self.node is None:
            return []
        value = self.node.get(section)
        if isinstance(value, Sequence):
            return [
                Command(item, self.name, section, index, self._source)
                for index, item in enumerate(value.items)
                if isinstance(item, Scalar) and not item.is_null
            ]
        single = scalar_of(value)
        return [Command(single, self.name, section, 0, self._source)] if single is not None else []

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

    __slots__ = (
        "_calls",
        "_commands",
        "_made",
        "_phases",
        "_scripts",
        "_turns",
        "document",
        "image",
        "project",
        "root",
        "shell_setting",
    )

    def __init__(self, document: Document, image: str | None = None, shell: str | None = None) -> None:
        self.document = document
        self.root = mapping_of(document.root) or Mapping(0, 0)
        self.image = image
        self.shell_setting = shell
        #: The project whose inline buildspec it is, if it is one.
        self.project: Project | None = None
        self._phases: list[Phase] | None = None
        self._commands: list[Command] | None = None
        self._scripts: list[tuple[Command, Script]] | None = None
        self._calls: dict[str, list[Call]] | None = None
        self._turns: dict[int, int] | None = None
        self._made: dict[Any, tuple[Any]] = {}

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
                Phase(key.value, key, value, self.document.text)
                for key, value in pairs(self.root.get("phases"))
                if key.value in PHASES
            ]
        return self._phases

    def phase(self, name: str) -> Phase | None:
        for phase in self.phases:
            if phase.name == name:
                return phase
        return None

    def commands(self) -> list[Command]:
        """Every command of every phase, `finally` included, in the order of the file."""
        if self._commands is None:
            self._commands = [
                command for phase in self.phases for command in (*phase.commands, *phase.finally_)
            ]
        return self._commands

    def scripts(self) -> list[tuple[Command, Script]]:
        """The commands with what a POSIX shell makes of them; none where another shell runs them.

        They are in the order in which the phases run.
        """
        if self._scripts is None:
            commands = self.commands() if self.is_posix else []
            if any(
                PHASES.index(a.name) > PHASES.index(b.name)
                for a, b in zip(self.phases, self.phases[1:], strict=False)
            ):
                commands = sorted(commands, key=lambda command: PHASES.index(command.phase))
            self._scripts = [(command, command.script) for command in commands]
        return self._scripts

    def calls(self, *names: str) -> list[Call]:
        """`(command, simple command)` for every call of one of some programs, in the order they run."""
        if self._calls is None:
            self._calls = {}
            for command, script in self.scripts():
                for simple in script.commands:
                    self._calls.setdefault(simple.name, []).append((command, simple))
        if len(names) == 1:
            return self._calls.get(names[0], [])
        lists = [self._calls[name] for name in names if name in self._calls]
        if len(lists) < 2:
            return lists[0] if lists else []
        found = [call for calls in lists for call in calls]
        found.sort(key=self._order)
        return found

    def programs(self) -> list[str]:
        """The names of all programs that are called; "" stands for those that are not known."""
        self.calls("")
        return list(self._calls or ())

    def once(self, make: Callable[[Buildspec], T]) -> T:
        """What a function makes of this buildspec, made once however many rules ask for it."""
        found = self._made.get(make)
        if found is None:
            found = self._made[make] = (make(self),)
        made: T = found[0]
        return made

    def _order(self, call: Call) -> tuple[int, int]:
        """When a call is run, among the others."""
        if self._turns is None:
            self._turns = {id(command): n for n, (command, _) in enumerate(self.scripts())}
        return self._turns[id(call[0])], call[1].start

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
        node = self.get("env", "shell")
        if isinstance(node, Unknown):
            return "bash"  # a template names it: nothing is said that holds for one shell only
        own = scalar_of(node)
        return own.value if own is not None else self.shell_setting or "sh"

    @property
    def is_posix(self) -> bool:
        """Do `sh`, `bash` or the like run the commands, as far as is known?"""
        return self.once(_is_posix)

    @property
    def dialect(self) -> str:
        """`bash`; `dash` where `sh` is known to be that; `sh` where it may be either.

        Source: AWS documents `sh` as the default; the Ubuntu images (`standard:5.0` on) have dash there, those of
        Amazon Linux bash.
        """
        if "bash" in self.shell or "zsh" in self.shell:
            return "bash"
        if self.image:
            from ..aws.images import image

            known = image(self.image)
            if known is not None and known.shell:
                return known.shell
        return "sh"

    def violations(self, rule: str) -> list[object]:
        """The schema violations that a rule reports."""
        return [found for found in self.document.violations if found.rule == rule]


def tasks(spec: Buildspec, *kinds: str) -> list[Mapping]:
    """The builds under `build-list` and `build-graph`."""
    found: list[Mapping] = []
    for kind in kinds or ("build-list", "build-graph"):
        items = spec.get("batch", kind)
        if isinstance(items, Sequence):
            found += [item for item in items.items if isinstance(item, Mapping)]
    return found


def _is_posix(spec: Buildspec) -> bool:
    shell = spec.shell.lower()
    if "powershell" in shell or "pwsh" in shell or "cmd" in shell:
        return False
    if spec.project is not None and (spec.project.environment_type or "").startswith("WINDOWS"):
        return False
    if spec.image:
        from ..aws.images import image

        known = image(spec.image)
        if known is not None and known.kind == "windows":
            return False
    text = spec.document.text
    return not any(mark in text for mark in _POWERSHELL)
