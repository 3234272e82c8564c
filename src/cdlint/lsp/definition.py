"""Where a name comes from: across the files of a repository, as the joins see them."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from ..model.delivery import delivery_of
from ..model.repository import InlineMember
from ..model.values import known, members
from ..source import Source, Span
from ..syntax.tree import Mapping, Node, Scalar
from .hover import REFERENCE
from .inner import inner_at
from .pipeline_offers import action_at
from .texts import uri_of
from .trees import Spot, place, spot, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action, Pipeline
    from ..model.repository import Member, Repository
    from ..syntax.document import Document
    from .workspace import Workspace

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_PATH = re.compile(r"[\w@+-]*[\w./@+-]+")
#: Configuration keys whose value is a file in an artifact, beside those that are written `Artifact::path`.
_FILES = ("AppSpecTemplatePath", "BuildspecOverride", "DeploySpec", "FileName", "TaskDefinitionTemplatePath")
_REFERRING = ("Ref", "Fn::GetAtt", "Condition", "DependsOn")
_DECLARING = ("Resources", "Parameters", "Conditions", "Mappings")


class Target(NamedTuple):
    """A place in a text: in an open one, or in a file."""

    uri: str
    source: Source
    span: Span


class Definitions:
    """The places that an offset of an open text leads to."""

    def __init__(self, workspace: Workspace, uri: str) -> None:
        self.workspace = workspace
        self.uri = uri
        self.text = workspace.texts[uri]
        self.kind = workspace.kind_of(uri) or ""
        reading = workspace.reading(uri)
        subject = reading.result.subject if reading is not None else None
        self.document: Document | None = subject[1] if subject is not None else None
        around = workspace.repository(uri)
        self.repository: Repository | None = around[0] if around is not None else None
        self.member: Member | None = around[1] if around is not None else None
        if self.member is not None:
            self.document = self.member.document

    def at(self, offset: int) -> list[Target]:
        document = self.document
        if document is None:
            return []
        found: list[Target] = []
        inner = inner_at(document, self.kind, offset)
        if inner is not None:
            found += [
                self._here(inner.text.span(target.span))
                for target in self._in_buildspec(inner.document, inner.offset)
            ]
        elif self.kind == "buildspec":
            found += self._in_buildspec(document, offset)
        else:
            found += self._in_pipelines(document, offset)
            found += self._in_projects(document, offset)
            if self.kind == "template":
                found += self._in_template(document, offset)
        if not found:
            found += self._files(offset)
        return list({(one.uri, one.span.start, one.span.end): one for one in found}.values())

    # --- targets ---------------------------------------------------------------------------------

    def _here(self, span: Span) -> Target:
        return Target(self.uri, self.text.source, span)

    def _node(self, document: Document, node: Node) -> Target:
        return self._here(place(document, written(node) or node))

    def _of(self, member: Member, node: Node | None) -> Target:
        """A node of a file of the repository; without one its beginning."""
        if isinstance(member, InlineMember):
            owner, draft = member.owner, member.document.draft
            span = (
                member.text.span(draft.span(node.span)) if node is not None else member.text.span(Span(0, 0))
            )
            return self._in(owner, span)
        span = place(member.document, node) if node is not None else Span(0, 0)
        return self._in(member, span)

    def _in(self, member: Member, span: Span) -> Target:
        if member.path == (self.member.path if self.member is not None else None):
            return self._here(span)
        return Target(self._uri(member.path), member.document.source, span)

    def _uri(self, path: str) -> str:
        root = self.workspace.root_of(self.text.path)
        place = posixpath.join(root, path)
        for uri, text in self.workspace.texts.items():
            if text.path == place:
                return uri
        return uri_of(place)

    def _file(self, path: str | None) -> list[Target]:
        """The file that a path of the source means."""
        if path is None or self.repository is None or self.member is None:
            return []
        found = self.repository.nearest(self.member, path)
        return [Target(self._uri(found), Source(found, ""), Span(0, 0))] if found is not None else []

    # --- pipelines -------------------------------------------------------------------------------

    def _in_pipelines(self, document: Document, offset: int) -> list[Target]:
        delivery = self.member.delivery if self.member is not None else delivery_of(document, self.kind)
        for variants in delivery.pipelines:
            for pipeline in variants:
                at = spot(pipeline.node, document, offset)
                if at is None or len(at.path) < 2 or at.is_key:
                    continue
                found = self._reference(document, pipeline, at, offset) or self._in_action(
                    document, pipeline, at, offset
                )
                if found:
                    return found
        return []

    def _reference(self, document: Document, pipeline: Pipeline, at: Spot, offset: int) -> list[Target]:
        """`#{namespace.variable}`: what sets the variable, and the action that has the namespace."""
        span = place(document, at.node)
        for found in REFERENCE.finditer(self.text.text, span.start, span.end):
            if not found.start() <= offset <= found.end():
                continue
            namespace, name = found.groups()
            if namespace == "variables":
                nodes = [one.get("name") for one in pipeline.variables if known(one.get("name")) == name]
                return [self._node(document, node) for node in nodes if node is not None]
            targets: list[Target] = []
            for action in pipeline.actions():
                if action.namespace == namespace and action.namespace_node is not None:
                    targets += self._exported(action, name)
                    targets.append(self._node(document, action.namespace_node))
            return targets
        return []

    def _exported(self, action: Action, name: str) -> list[Target]:
        """Where the buildspec of a build exports a variable."""
        if self.repository is None or self.member is None:
            return []
        build = self.repository.build_of(self.member, action)
        if build is None:
            return []
        nodes = members(build.spec.get("env", "exported-variables"))
        return [self._of(build.member, node) for node in nodes if known(node) == name]

    def _in_action(self, document: Document, pipeline: Pipeline, at: Spot, offset: int) -> list[Target]:
        action, path = action_at(pipeline, at), at.path
        if action is None:
            return []
        if "inputArtifacts" in path:
            return self._producers(document, pipeline, known(at.node))
        if "configuration" not in path or len(path) < path.index("configuration") + 2:
            return []
        key = str(path[path.index("configuration") + 1])
        value = known(at.node) or ""
        facts = action.type.keys.get(key, {}) if action.type is not None else {}
        if key == "PrimarySource" or facts.get("input"):
            return self._producers(document, pipeline, value)
        if facts.get("path") and "::" in value:
            artifact, _, inside = value.partition("::")
            start = self.text.text.find(artifact, place(document, at.node).start)
            if offset > start + len(artifact):
                found = self._file(inside) or self._shipped(pipeline, artifact, inside)
                return found or self._producers(document, pipeline, artifact)
            return self._producers(document, pipeline, artifact)
        if key == "ProjectName" and self.repository is not None and self.member is not None:
            declared = self.repository.project_of(self.member, action)
            return [self._of(declared[0], declared[1].key)] if declared is not None else []
        if key not in _FILES or not value:
            return []
        shipped = [
            target
            for artifact in action.inputs
            if artifact.name
            for target in self._shipped(pipeline, artifact.name, value)
        ]
        return shipped or self._file(value)

    def _shipped(self, pipeline: Pipeline, artifact: str, path: str) -> list[Target]:
        """Where the buildspec of a build puts a file into an artifact."""
        targets: list[Target] = []
        for action in pipeline.actions():
            if self.repository is None or self.member is None:
                break
            made = any(output.name == artifact for output in action.outputs)
            build = self.repository.build_of(self.member, action) if made else None
            for node in members(build.spec.get("artifacts", "files")) if build is not None else ():
                if (known(node) or "").removeprefix("./") == path:
                    assert build is not None
                    targets.append(self._of(build.member, node))
        return targets

    def _producers(self, document: Document, pipeline: Pipeline, name: str | None) -> list[Target]:
        return [
            self._node(document, output.node)
            for action in pipeline.actions()
            for output in action.outputs
            if name is not None and output.name == name
        ]

    # --- projects and templates --------------------------------------------------------------------

    def _in_projects(self, document: Document, offset: int) -> list[Target]:
        """The buildspec of a project."""
        if self.repository is None or self.member is None:
            return []
        for variants in self.member.delivery.projects:
            for project in variants:
                node = project.buildspec
                if node is None or not _has(place(document, node), offset):
                    continue
                spec = self.repository.spec_of(self.member, project)
                if spec is not None and not isinstance(spec, InlineMember):
                    return [self._of(spec, None)]
                return self._file(project.buildspec_path)
        return []

    def _in_template(self, document: Document, offset: int) -> list[Target]:
        """What `!Ref`, `Fn::GetAtt`, `DependsOn` and `${…}` name."""
        at = spot(document.root, document, offset)
        root = document.root
        if at is None or not isinstance(at.node, Scalar) or at.is_key or not isinstance(root, Mapping):
            return []
        name = ""
        if (at.node.tag or "").lstrip("!") in ("Ref", "GetAtt", "Condition") or (
            any(step in _REFERRING for step in at.path[-2:])
        ):
            name = at.node.value.partition(".")[0]
        elif "${" in at.node.value:
            span = place(document, at.node)
            for found in re.finditer(r"\$\{([A-Za-z0-9]+)", self.text.text[span.start : span.end]):
                if found.start() <= offset - span.start <= found.end() + 1:
                    name = found.group(1)
        for section in _DECLARING:
            inner = root.get(section)
            key = inner.key(name) if isinstance(inner, Mapping) and name else None
            if key is not None:
                return [self._node(document, key)]
        return []

    # --- buildspecs ------------------------------------------------------------------------------

    def _in_buildspec(self, document: Document, offset: int) -> list[Target]:
        """Where a variable of a buildspec gets its value; offsets and spans are those of its own text."""
        text = document.source.text
        start = text.rfind("\n", 0, offset) + 1
        stop = text.find("\n", offset)
        line = text[start : stop if stop >= 0 else len(text)]
        name = next(
            (
                found.group(1)
                for found in _VARIABLE.finditer(line)
                if found.start() <= offset - start <= found.end()
            ),
            "",
        )
        at = spot(document.root, document, offset)
        if not name and at is not None and at.path[:2] == ("env", "exported-variables"):
            name = known(at.node) or ""
        return (
            [Target(self.uri, self.text.source, span) for span in _settings(document, name, offset)]
            if name
            else []
        )

    def _files(self, offset: int) -> list[Target]:
        """A file of the repository whose path stands at the offset."""
        text = self.text.text
        start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
        stop = text.find("\n", offset)
        line = text[start : stop if stop >= 0 else len(text)]
        for found in _PATH.finditer(line):
            if found.start() <= offset - start <= found.end():
                path = found.group(0).rstrip(".").removeprefix("./")
                return self._file(path) if "/" in path or "." in path else []
        return []


def _has(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end


def _settings(document: Document, name: str, offset: int) -> Iterator[Span]:
    """Where a variable is set: in `env`, else by the commands before an offset."""
    root = document.root
    env = root.get("env") if isinstance(root, Mapping) else None
    for section in ("variables", "parameter-store", "secrets-manager"):
        inner = env.get(section) if isinstance(env, Mapping) else None
        key = inner.key(name) if isinstance(inner, Mapping) else None
        if key is not None:
            yield place(document, key)
            return
    text = document.source.text
    last: Span | None = None
    for found in re.finditer(rf"(?<![\w$-]){re.escape(name)}(?==)", text):
        if found.start() < offset or last is None:
            last = Span(found.start(), found.end())
    if last is not None:
        yield last
