"""The delivery of a whole repository: its pipelines, build projects, buildspecs and deploy files, and how they meet.

Everything here answers from the files that are there, and with None where they do not tell: a pipeline may build the
source of another repository, and a project may be declared elsewhere.
"""

from __future__ import annotations

import posixpath

from ..wording import closest
from .delivery import Delivery, delivery_of
from .values import known, ref_of, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..syntax.document import Document
    from ..syntax.tree import Node
    from .buildspec import Buildspec
    from .codebuild_project import Project
    from .pipeline import Action, Pipeline
    from .woven import Woven

    #: Reads the buildspec that a project of a file has written out; None if there is none that can be read.
    ReadInline = Callable[["Member", Project], "InlineMember | None"]
    #: What is read out of one text: its kind, the document, its buildspec, its pipelines and projects.
    Subject = tuple[str, Document, Buildspec | None, Delivery | None]

_DELIVERY = ("pipeline", "template", "terraform")


class Member:
    """One file: its `path` relative to the repository's root, its kind, its document.

    `is_given` is True for the files that the user named; findings of other files are told only where a given
    one takes part. `spec` is there for buildspecs.
    """

    __slots__ = ("_delivery", "document", "is_given", "kind", "path", "spec")

    def __init__(self, path: str, subject: Subject, is_given: bool = True) -> None:
        self.path = path
        self.kind, self.document, self.spec, self._delivery = subject
        self.is_given = is_given

    @property
    def delivery(self) -> Delivery:
        if self._delivery is None:
            self._delivery = delivery_of(self.document, self.kind)
        return self._delivery

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    @property
    def name(self) -> str:
        """The name of the file, for messages."""
        return posixpath.basename(self.path)

    def line(self, node: Node) -> int:
        """The 1-based line of a node, for messages about it in other files."""
        document = self.document
        return document.source.position(document.draft.span(node.span).start).line

    def __repr__(self) -> str:
        return f"Member({self.path!r}, {self.kind})"


class InlineMember(Member):
    """A buildspec that is written in another file, its `owner`; `text` maps its places to those of that file."""

    __slots__ = ("owner", "text")

    def __init__(self, owner: Member, text: Woven, spec: Buildspec) -> None:
        super().__init__(owner.path, ("buildspec", spec.document, spec, None), owner.is_given)
        self.owner = owner
        self.text = text

    def line(self, node: Node) -> int:
        document = self.owner.document
        span = self.text.span(self.document.draft.span(node.span))
        return document.source.position(document.draft.span(span).start).line


class Build:
    """A CodeBuild action with the buildspec that it runs.

    `project` is None where no file declares it. `is_certain` is False where the buildspec was only taken for this
    action's because there is no other one.
    """

    __slots__ = ("action", "is_certain", "member", "pipeline_member", "project", "spec")

    def __init__(
        self,
        action: Action,
        pipeline_member: Member,
        member: Member,
        spec: Buildspec,
        project: Project | None,
        is_certain: bool,
    ) -> None:
        self.action = action
        self.pipeline_member = pipeline_member
        self.member = member
        self.spec = spec
        self.project = project
        self.is_certain = is_certain


class Files:
    """The files of a repository, by their paths in it. This one knows a given set, for tests and documentation."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def has(self, path: str) -> bool:
        """Is there such a file?"""
        return path in self.texts

    def has_folder(self, path: str) -> bool:
        return any(one.startswith(path + "/") for one in self.texts)

    def beside(self, folder: str) -> list[str]:
        """The names of the files in a folder (`""`: the root); not those in folders below."""
        return [posixpath.basename(one) for one in self.texts if posixpath.dirname(one) == folder]

    def is_anywhere(self, name: str) -> bool:
        """Does any file have this name, in whatever folder?"""
        return any(posixpath.basename(one) == name for one in self.texts)

    def text(self, path: str) -> str | None:
        """The content of a file; None if it cannot be read."""
        return self.texts.get(path)


class Repository:
    """`members` are the delivery files, `files` all files."""

    def __init__(self, members: Iterable[Member], files: Files) -> None:
        self.members = list(members)
        self.files = files
        self._builds: dict[int, Build | None] = {}
        self._written: dict[int, frozenset[str]] = {}
        self._runs: set[str] | None = None
        #: Set by who can read them (joins.py).
        self.read_inline: ReadInline | None = None
        self._inline: dict[int, InlineMember | None] = {}
        self._near: dict[tuple[str, str], str | None] = {}

    def of_kind(self, *kinds: str) -> list[Member]:
        return [member for member in self.members if member.kind in kinds]

    def pipelines(self) -> Iterator[tuple[Member, Pipeline]]:
        """Every variant of every pipeline."""
        for member in self.of_kind(*_DELIVERY):
            for variants in member.delivery.pipelines:
                for pipeline in variants:
                    yield member, pipeline

    def projects(self) -> Iterator[tuple[Member, Project]]:
        for member in self.of_kind(*_DELIVERY):
            for variants in member.delivery.projects:
                for project in variants:
                    yield member, project

    def actions(self, *providers: str) -> Iterator[tuple[Member, Action]]:
        """Every action of one of some providers, in every variant of every pipeline."""
        for member, pipeline in self.pipelines():
            for action in pipeline.actions():
                if action.provider in providers:
                    yield member, action

    # --- files -----------------------------------------------------------------------------------

    def nearest(self, member: Member, path: str) -> str | None:
        """The file that a path of the source means, as seen from a file of the repository.

        The root of the source is taken to be the nearest folder above that has it: a repository may hold several
        projects.
        """
        path = posixpath.normpath(path)
        if path.startswith(("../", "/")):
            return None
        for folder in above(member.folder):
            found = posixpath.join(folder, path) if folder else path
            if self.files.has(found):
                return found
        return None

    def member_at(self, path: str | None) -> Member | None:
        if path is None:
            return None
        return next((member for member in self.members if member.path == path), None)

    def read(self, path: str) -> Node | None:
        """The tree of any YAML or JSON file."""
        text = self.files.text(path)
        if text is None:
            return None
        from ..source import Source
        from ..syntax.reading import read

        return read(Source(path, text)).root

    def find(self, member: Member, path: str, kind: str) -> Member | None:
        """The file of a kind that a path in an artifact means: at that path, or else the only one of its name."""
        found = self.member_at(self.nearest(member, path))
        if found is not None:
            return found if found.kind == kind else None
        named = [one for one in self.of_kind(kind) if one.name == posixpath.basename(path)]
        return named[0] if len(named) == 1 else None

    def root_of(self, member: Member) -> str:
        """The nearest folder above a pipeline's file that has buildspecs in it or below: the root of its source."""
        specs = self.of_kind("buildspec")
        for folder in above(member.folder):
            if any(not folder or spec.path.startswith(folder + "/") for spec in specs):
                return folder
        return ""

    # --- joins -----------------------------------------------------------------------------------

    def project_of(self, member: Member, action: Action) -> tuple[Member, Project] | None:
        """The project that a CodeBuild action names, if a file declares just one of that name."""
        value = action.get("ProjectName")
        ref, name = ref_of(value), known(value)
        if ref is not None:
            for variants in member.delivery.projects:
                if variants[0].label == ref:
                    return member, variants[0]
            return None
        if name is None:
            return None
        found: dict[tuple[str, str], tuple[Member, Project]] = {}
        for one, project in self.projects():
            if project.name == name:
                found.setdefault((one.path, project.label), (one, project))
        return next(iter(found.values())) if len(found) == 1 else None

    def spec_of(self, owner: Member, project: Project) -> Member | None:
        """The buildspec that a project reads from its source, if it is a file of this repository."""
        if project.buildspec_file is not None:
            inside = posixpath.normpath(posixpath.join(owner.folder, project.buildspec_file))
            found = self.member_at(inside)
            return found if found is not None and found.kind == "buildspec" else None
        if project.buildspec is not None and project.buildspec_path is None:
            return self._written_out(owner, project)
        path = project.buildspec_path or "buildspec.yml"
        found = self.member_at(self.nearest(owner, path) or self._nearly(owner, path))
        return found if found is not None and found.kind == "buildspec" else None

    def _written_out(self, owner: Member, project: Project) -> InlineMember | None:
        if self.read_inline is None:
            return None
        key = id(project)
        if key not in self._inline:
            self._inline[key] = self.read_inline(owner, project)
        return self._inline[key]

    def specs(self) -> Iterator[Member]:
        """Every buildspec: the files, and those that projects have written out."""
        yield from self.of_kind("buildspec")
        for owner, project in self.projects():
            found = self.spec_of(owner, project)
            if isinstance(found, InlineMember):
                yield found

    def build_of(self, member: Member, action: Action) -> Build | None:
        """The buildspec that a CodeBuild action runs; None if that is not known."""
        key = id(action)
        if key not in self._builds:
            self._builds[key] = self._build(member, action)
        return self._builds[key]

    def builds(self) -> Iterator[Build]:
        """Every CodeBuild action whose buildspec is known."""
        for member, action in self.actions("CodeBuild"):
            build = self.build_of(member, action)
            if build is not None:
                yield build

    def _build(self, member: Member, action: Action) -> Build | None:
        if action.provider != "CodeBuild":
            return None
        override = action.get("BuildspecOverride")
        declared = self.project_of(member, action)
        if override is not None:
            path = known(override)
            spec = self.member_at(self.nearest(member, path)) if path else None
            return _made(action, member, spec, declared[1] if declared else None, True)
        if declared is not None:
            owner, project = declared
            spec = self.spec_of(owner, project)
            return _made(action, member, spec, project, True)
        return self._only(member, action)

    def _nearly(self, owner: Member, path: str) -> str | None:
        """The buildspec that a path was probably meant for: of nearly that name, in its folder."""
        key = (owner.folder, path)
        if key not in self._near:
            self._near[key] = self._nearly_named(owner, path)
        return self._near[key]

    def _nearly_named(self, owner: Member, path: str) -> str | None:
        found = {one.path: one for one in self.of_kind("buildspec")}
        folder = posixpath.dirname(posixpath.normpath(path))
        for root in above(owner.folder):
            where = posixpath.normpath(posixpath.join(root, folder)) if root or folder else ""
            names = [posixpath.basename(one) for one in found if posixpath.dirname(one) == where]
            near = closest(posixpath.basename(path), names)
            if near is not None:
                return posixpath.join(where, near)
        return None

    def _only(self, member: Member, action: Action) -> Build | None:
        """The buildspec of an action whose project no file declares: the one that is left, or fits by its name."""
        root = self.root_of(member)
        claimed = self._claimed()
        specs = [
            one
            for one in self.of_kind("buildspec")
            if (not root or one.path.startswith(root + "/")) and one.path not in claimed
        ]
        # A name that is not known may be any: then each action has a project of its own.
        names = {
            known(other.get("ProjectName")) or id(other)
            for other in action.pipeline.actions()
            if other.provider == "CodeBuild"
        }
        name = known(action.get("ProjectName"))
        if len(specs) == 1 and len(names) == 1:
            is_only = len(self.of_kind("buildspec")) == 1 and specs[0].name in _DEFAULT
            return _made(action, member, specs[0], None, is_only and name is not None)
        mine = (
            _words(visible(action.get("ProjectName")))
            | _words(action.name or "")
            | _words(action.stage.name or "")
        )
        fitting = [one for one in specs if _words(one.name) & mine]
        if len(fitting) == 1:
            others = [
                other
                for other in action.pipeline.actions()
                if other is not action
                and other.provider == "CodeBuild"
                and (_words(visible(other.get("ProjectName"))) | _words(other.name or ""))
                & _words(fitting[0].name)
            ]
            return _made(action, member, fitting[0], None, False) if not others else None
        return None

    def _claimed(self) -> set[str]:
        """The buildspecs that declared projects run."""
        if self._runs is None:
            self._runs = set()
            for owner, project in self.projects():
                spec = self.spec_of(owner, project)
                if spec is not None:
                    self._runs.add(spec.path)
        return self._runs

    # --- what a build leaves ---------------------------------------------------------------------

    def written(self, spec: Buildspec) -> frozenset[str]:
        """The files that the commands of a buildspec write, by the names that can be read off them."""
        key = id(spec)
        if key not in self._written:
            from .outputs import written_files

            self._written[key] = written_files(spec)
        return self._written[key]


def _made(
    action: Action, member: Member, spec: Member | None, project: Project | None, is_certain: bool
) -> Build | None:
    if spec is None or spec.spec is None:
        return None
    return Build(action, member, spec, spec.spec, project, is_certain)


def above(folder: str) -> Iterator[str]:
    """A folder and all above it, up to the root (`""`)."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


#: What CodeBuild reads where a project names no file.
_DEFAULT = ("buildspec.yml", "buildspec.yaml")
#: Words that tell nothing of what a build is for.
_COMMON = frozenset(
    ("build", "buildspec", "yml", "yaml", "json", "project", "codebuild", "stage", "action", "the")
)


def _words(text: str) -> frozenset[str]:
    word = "".join(char.lower() if char.isalnum() else " " for char in text)
    return frozenset(part for part in word.split() if len(part) > 2) - _COMMON
