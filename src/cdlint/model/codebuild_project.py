"""A CodeBuild project as a template or Terraform declares it, in the shape of CodeBuild's API.

Source: AWS, CreateProject, and the template reference of `AWS::CodeBuild::Project`.
"""

from __future__ import annotations

from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Unknown
from .values import known, members, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.document import Document
    from .buildspec import Buildspec


#: Types of environments in which a daemon runs only if the project is privileged.
_CONTAINERS = ("LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER")
_TERRAFORM_NAMES = {
    "buildSpec": "buildspec",
    "environmentVariables": "environment_variable",
    "timeoutInMinutes": "build_timeout",
    "queuedTimeoutInMinutes": "queued_timeout",
}


class Project:
    """A build project under one outcome of the conditions of its template.

    `form`, `key` and `label` are as in `Pipeline`; `node` is the tree with the keys of the API (`source`,
    `environment`, `artifacts` …). Values that are not known are `Unknown`.
    """

    def __init__(self, document: Document, form: str, node: Mapping, key: Node, label: str) -> None:
        self.document = document
        self.form = form
        self.node = node
        self.key = key
        self.label = label
        self.name_node = node.get("name")
        self.name = known(self.name_node)
        #: How the conditions of its template come out.
        self.choice: dict[str, bool] | None = None
        #: In Terraform: the file beside it whose content is the buildspec (`file("buildspec.yml")`).
        self.buildspec_file: str | None = None
        #: The inline buildspec in offsets of its own text; set by the engine, None for any other.
        self.spec: Buildspec | None = None

    def get(self, *path: str) -> Node | None:
        node: Node | None = self.node
        for name in path:
            if not isinstance(node, Mapping):
                return None
            node = node.get(name)
        return node

    def key_of(self, *path: str) -> Scalar | None:
        """The key at the end of a path."""
        parent = self.get(*path[:-1])
        found = parent.key(path[-1]) if isinstance(parent, Mapping) else None
        return found if isinstance(found, Scalar) else None

    @property
    def span(self) -> Span:
        return self.key.span

    def spell(self, key: str) -> str:
        """A key of the API as this form writes it: `privilegedMode` is `PrivilegedMode` or `privileged_mode`."""
        if self.form == "cloudformation":
            return key[:1].upper() + key[1:]
        if self.form == "terraform":
            snake = "".join("_" + char.lower() if char.isupper() else char for char in key)
            return _TERRAFORM_NAMES.get(key, snake)
        return key

    def place(self, *path: str) -> Span:
        """The key at the end of a path, or of as much of the path as there is; else the place of the whole."""
        for size in range(len(path), 0, -1):
            key = self.key_of(*path[:size])
            if key is not None:
                return key.span
        return self.span

    @property
    def source_type(self) -> str | None:
        return known(self.get("source", "type"))

    @property
    def is_in_pipeline(self) -> bool:
        """Do pipelines give it its source?"""
        return self.source_type == "CODEPIPELINE"

    @property
    def image(self) -> str | None:
        return known(self.get("environment", "image"))

    @property
    def environment_type(self) -> str | None:
        return known(self.get("environment", "type"))

    @property
    def privileged(self) -> bool | None:
        """Is Docker's daemon allowed to run? False if it is not said; None if that is not known."""
        environment = self.get("environment")
        if environment is not None and not isinstance(environment, Mapping):
            return None
        value = self.get("environment", "privilegedMode")
        if value is None:
            return False
        return value.truth if isinstance(value, Scalar) else None

    @property
    def has_daemon(self) -> bool | None:
        """Does docker's daemon run? False: certainly not in a VPC and with images of one's own; None: not known.

        Source: AWS, troubleshooting CodeBuild and docker in build containers.
        """
        environment = self.get("environment")
        if not isinstance(environment, Mapping) or self.privileged is not False:
            return self.privileged
        if self.environment_type not in _CONTAINERS or "dockerServer" in environment:
            return None
        return any(known(name) == "DOCKER_HOST" for name, _ in self.variables or ())

    @property
    def variables(self) -> list[tuple[Node, Mapping]] | None:
        """`(name, entry)` of the environment variables that the project sets; None if not all are known."""
        node = self.get("environment", "environmentVariables")
        if isinstance(node, Unknown) or isinstance(self.get("environment"), Unknown):
            return None
        found = []
        for item in members(node):
            name = item.get("name") if isinstance(item, Mapping) else None
            if not isinstance(item, Mapping) or name is None:
                return None
            found.append((name, item))
        return found

    @property
    def buildspec(self) -> Node | None:
        return self.get("source", "buildSpec") or self.get("source", "buildspec")

    @property
    def buildspec_path(self) -> str | None:
        """The path of the buildspec's file in the source; None if it is written here, absent, or not known.

        An absent one means `buildspec.yml` at the root of the source: ask for `buildspec is None`.
        """
        text = known(self.buildspec)
        return text if text is not None and not is_inline(text) and not text.startswith("arn:") else None


def is_inline(text: str) -> bool:
    """Is it a buildspec itself, and not the path or ARN of one? CodeBuild takes every text of lines for one."""
    return "\n" in text.strip() or text.lstrip().startswith("{") or "phases:" in text


def runs_together(text: str) -> bool:
    """Have the lines of a buildspec been joined by YAML's folding, so that its first two keys are on one line?"""
    line = text.lstrip().partition("\n")[0]
    if line.startswith(("{", "#")):
        return False
    version, phases = line.find("version:"), line.find("phases:")
    return version >= 0 and (phases > version or line.find("env:") > version)


def inline_text(node: Node | None) -> bool:
    """Is the value of `BuildSpec` a buildspec itself?"""
    if isinstance(node, Unknown) and node.inner is not None:
        return isinstance(node.inner, Mapping)
    return is_inline(visible(node))
