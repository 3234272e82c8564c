"""Which shell variables a buildspec sets, and from where on they are there.

State goes from item to item in version 0.2 (AWS, build-spec-ref): a variable set in one item is there in the
items behind it, also in later phases, as long as it was not set in a subshell or a pipeline.
"""

from __future__ import annotations

from ..syntax.shell import is_name
from ..syntax.tree import Scalar, Sequence
from .buildspec import Buildspec, pairs
from .buildspec import Command as Item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.shell import Assignment, Expansion, Script, Simple

#: Commands that put what is typed or piped into variables, and their options that take another value.
_READERS = {
    "read": ("-d", "-i", "-n", "-N", "-p", "-t", "-u"),
    "mapfile": ("-d", "-n", "-O", "-s", "-t", "-u"),
}

#: What every Linux image has, and what a shell sets by itself.
USUAL = frozenset(
    """
    HOME PATH PWD OLDPWD SHELL USER LOGNAME HOSTNAME TERM LANG LC_ALL LC_CTYPE LANGUAGE TZ TMPDIR SHLVL IFS PS1 PS4
    PPID UID EUID OPTARG OPTIND OPTERR LINENO RANDOM SECONDS REPLY COLUMNS LINES OSTYPE MACHTYPE HOSTTYPE GROUPS
    DIRSTACK FUNCNAME PIPESTATUS BASH BASHPID BASH_SOURCE BASH_VERSION BASH_VERSINFO BASH_LINENO BASH_REMATCH
    COPROC EPOCHSECONDS EPOCHREALTIME MAPFILE SHELLOPTS EDITOR DISPLAY XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
    CI JAVA_HOME JDK_HOME JRE_HOME JAVA_8_HOME JAVA_11_HOME JAVA_17_HOME JAVA_21_HOME JAVA_25_HOME JDK_8_HOME
    JDK_11_HOME JDK_17_HOME JDK_21_HOME JRE_8_HOME JRE_11_HOME JRE_17_HOME JRE_21_HOME MAVEN_HOME GRADLE_HOME
    GRADLE_PATH ANT_HOME SBT_HOME GOPATH GOROOT GOENV_ROOT GOENV_DISABLE_GOPATH N_SRC_DIR NVM_DIR NODE_PATH NODE_ENV
    PYENV_ROOT RBENV_ROOT RBENV_SRC_DIR PHPENV_ROOT DOTNET_ROOT DOTNET_PATH CARGO_HOME RUSTUP_HOME
    DEBIAN_FRONTEND PYTHONPATH LD_LIBRARY_PATH ANDROID_HOME ANDROID_SDK_ROOT DOCKER_HOST DOCKER_CONFIG VIRTUAL_ENV
    AWS_EXECUTION_ENV AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE
    AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN NO_PROXY HTTP_PROXY HTTPS_PROXY no_proxy
    http_proxy https_proxy CODEBUILD_AUTH_TOKEN CODEBUILD_BMR_URL CODEBUILD_CI CODEBUILD_CONTAINER_NAME
    CODEBUILD_GOPATH CODEBUILD_GPU_BUILD CODEBUILD_LAST_EXIT CODEBUILD_PROJECT_UUID
    """.split()
)


class Setting:
    """A variable gets a value: in item number `item` (-1: in `env`) at `start` of its script.

    `always`: whatever happens before, not under an `if` or in a loop. `assignment` is None for `read` and the like.
    """

    __slots__ = ("always", "assignment", "command", "item", "name", "start", "text")

    def __init__(self, name: str, item: int, start: int) -> None:
        self.name = name
        self.item = item
        self.start = start
        self.always = True
        self.assignment: Assignment | None = None
        self.command: Item | None = None
        #: The value, where it is plain text without variables.
        self.text: str | None = None


class _Facts:
    """What one script does to variables, wherever it stands.

    `made`: `(assignment, is it made in any case, its plain text)`. `read`: `(name, offset)` for `read` and the like.
    `opens`: the offset behind which anything may be set, or None.
    """

    __slots__ = ("made", "opens", "read")

    def __init__(self, script: Script) -> None:
        self.made: list[tuple[Assignment, bool, str | None]] = []
        self.read: list[tuple[str, int]] = []
        self.opens: int | None = None
        for made in script.assignments:
            if made.local and made.name not in script.functions:
                continue
            plain = made.value is not None and made.op == "=" and not made.array
            text = made.value.literal if plain and made.value is not None else None
            self.made.append((made, not _conditional(script, made.start), text))
        for simple in script.commands:
            self._command(simple)
        for expansion in script.expansions:
            if expansion.op in (":=", "="):
                self.read.append((expansion.name, expansion.start))

    def _command(self, simple: Simple) -> None:
        name = simple.name
        names: list[str] = []
        if name in (".", "source", "eval"):
            if self.opens is None and not simple.inside("subshell", "substitution"):
                self.opens = simple.start
        elif name in _READERS:
            names = [word.raw for word in simple.operands(*_READERS[name])]
            array = simple.option("-a") if name == "read" else None
            names += [array.raw] if array is not None else []
        elif name == "readarray":
            names = [word.raw for word in simple.operands(*_READERS["mapfile"])]
        elif name == "getopts" or (name == "printf" and simple.args[:1] and simple.args[0].raw == "-v"):
            names = [word.raw for word in simple.args[1:2]]
        elif name in ("declare", "typeset", "readonly", "local"):  # `export NAME` gives no value
            names = [word.raw for word in simple.args if is_name(word.raw)]
        self.read += [(one, simple.start) for one in names]


class Scope:
    """All variables of a buildspec.

    `settings` has them by name in the order of the run. `lost`: those set in a subshell or pipeline only.
    `open`: the first place `(item, offset)` behind which anything may be set (`. ./file`, `eval`), or None.
    """

    __slots__ = ("items", "lost", "open", "settings")

    def __init__(self, spec: Buildspec) -> None:
        self.settings: dict[str, list[Setting]] = {}
        self.lost: dict[str, list[Setting]] = {}
        self.open: tuple[int, int] | None = None
        self.items = spec.scripts()
        for section in ("variables", "parameter-store", "secrets-manager"):
            for key, value in pairs(spec.get("env", section)):
                made = self._add(key.value, -1, 0)
                text = getattr(value, "value", None)
                if section == "variables" and isinstance(text, str) and "$" not in text:
                    made.text = text
        for key, value in pairs(spec.get("environment_variables", "plaintext")):
            self._add(key.value, -1, 0).text = getattr(value, "value", None)
        self._batch(spec)
        self._project(spec)
        for number, (command, script) in enumerate(self.items):
            self._script(number, command, script)

    def _batch(self, spec: Buildspec) -> None:
        """Variables that the tasks of a batch bring along."""
        stack = [spec.get("batch")]
        while stack:
            node = stack.pop()
            if isinstance(node, Sequence):
                stack += node.items
            for key, value in pairs(node):
                if key.value == "variables":
                    for name, _ in pairs(value):
                        self._add(name.value, -1, 0)
                else:
                    stack.append(value)

    def _project(self, spec: Buildspec) -> None:
        """Variables that the project of an inline buildspec sets."""
        if spec.project is None:
            return
        variables = spec.project.variables
        for name, _ in variables or ():
            if isinstance(name, Scalar):
                self._add(name.value, -1, 0)
        if variables is None or not all(isinstance(name, Scalar) for name, _ in variables):
            self.open = (-1, 0)

    def _add(self, name: str, item: int, start: int) -> Setting:
        made = Setting(name, item, start)
        self.settings.setdefault(name, []).append(made)
        return made

    def _script(self, number: int, command: Item, script: Script) -> None:
        facts = script.notes.get("scope")
        if facts is None:
            facts = script.notes["scope"] = _Facts(script)
        for made, always, text in facts.made:
            setting = Setting(made.name, number, made.start)
            setting.assignment, setting.command = made, command
            setting.always, setting.text = always, text
            (self.lost if made.nested else self.settings).setdefault(made.name, []).append(setting)
        for name, start in facts.read:
            self._add(name, number, start)
        if facts.opens is not None and self.open is None:
            self.open = (number, facts.opens)

    def before(self, name: str, item: int, start: int) -> list[Setting]:
        """Where a variable has been set when the script of an item comes to `start`."""
        return [one for one in self.settings.get(name, ()) if (one.item, one.start) < (item, start)]

    def is_open(self, item: int, start: int) -> bool:
        return self.open is not None and self.open < (item, start)

    def value(self, name: str, item: int, start: int) -> str | None:
        """The text that a variable holds there, if that is known."""
        found = self.before(name, item, start)
        if not found or self.is_open(item, start):
            return None
        texts = {one.text for one in found[-1:]} if found[-1].always else {one.text for one in found}
        return texts.pop() if len(texts) == 1 else None

    def expansions(self) -> Iterator[tuple[int, Item, Expansion]]:
        """`(number of the item, item, expansion)` for each use of a variable."""
        for number, (command, script) in enumerate(self.items):
            if "$" in script.text:
                for expansion in script.expansions:
                    yield number, command, expansion


def _conditional(script: Script, at: int) -> bool:
    """Does a place of a script run only under a condition?"""
    for statement in script.body:
        if statement.start <= at < max(statement.end, statement.start + 1):
            return statement.kind not in ("command", "group")
    return True


_given: dict[str, bool] = {}


def is_given(name: str) -> bool:
    """A variable that is there without the buildspec's doing: CodeBuild's own, the image's, the shell's."""
    found = _given.get(name)
    if found is None:
        # `${____}` stands for what a template puts into a buildspec (model/woven.py).
        found = (
            not is_name(name) or name in USUAL or name.startswith("CODEBUILD_CONFIG_") or not name.strip("_")
        )
        if not found and name.startswith(("AWS_", "CODEBUILD_")):
            from ..aws.variables import provided

            found = provided(name) is not None
        if len(_given) < 10_000:
            _given[name] = found
    return found


def scope_of(spec: Buildspec) -> Scope:
    """The variables of a buildspec; several rules ask for those of the same one."""
    return spec.once(Scope)
