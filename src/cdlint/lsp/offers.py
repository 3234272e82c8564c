"""What the tables, the schemas and the files of a repository offer for a place in a delivery file."""

from __future__ import annotations

from ..aws import images, variables
from ..engine import read_text
from ..model.delivery import delivery_of
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from . import schemas
from .inner import NAME, inner_texts, is_inner
from .pipeline_offers import PipelineOffers
from .schemas import Offer
from .trees import Spot, marked, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .workspace import Workspace


class Offers:
    """What may be written in an open text."""

    def __init__(self, workspace: Workspace, uri: str, kind: str) -> None:
        self.workspace = workspace
        self.uri = uri
        self.kind = kind

    def at(self, document: Document, spot: Spot) -> list[Offer]:
        """What may stand where a mark stands in a document that was read with it."""
        if self.kind in ("pipeline", "template", "terraform") and not is_inner(document):
            return PipelineOffers(self.workspace, self.uri, document, self.kind).at(spot)
        kind = "buildspec" if is_inner(document) else self.kind
        schema = schemas.schema_of(kind)
        if schema is None:
            return []
        if kind == "buildspec":
            own = self._of_buildspec(document, spot)
            if own:
                return own
        return of_schema(schema, spot)

    def references(self, document: Document) -> list[Offer]:
        """The variables of a pipeline, where `#{` has been typed."""
        if self.kind not in ("pipeline", "template", "terraform"):
            return []
        return PipelineOffers(self.workspace, self.uri, document, self.kind).references()

    def shell_variables(self, document: Document, typed: str) -> list[Offer]:
        """The environment variables of a build, where `$` has been typed in a command."""
        if self.kind != "buildspec" and not is_inner(document):
            return []
        brace = "{" if typed.startswith("${") else ""
        found = dict.fromkeys(_declared(document.root), "set in `env`")
        offers = [
            Offer(f"${brace}{name}{'}' if brace else ''}", "variable", "", detail)
            for name, detail in found.items()
        ]
        for name, when in variables.all_provided().items():
            label = f"${brace}{name}{'}' if brace else ''}"
            offers.append(Offer(label, "variable", variables.meaning(name), variables.WHEN[when]))
        return offers

    def _of_buildspec(self, document: Document, spot: Spot) -> list[Offer]:
        path = spot.path
        if path[:1] == ("phases",) and len(path) == 4 and path[2] == "runtime-versions":
            if spot.is_key:
                return _runtimes(self._image(), spot)
            return _versions(str(path[3]), self._image())
        if path[:2] == ("env", "exported-variables") and len(path) == 3:
            return [Offer(name, "variable", "", "set in `env`") for name in _declared(document.root)]
        if path[-1:] == ("image",) and not spot.is_key:
            return [Offer(one.name, "value", "", one.base) for one in images.maintained()]
        return []

    def _image(self) -> str | None:
        reading = self.workspace.reading(self.uri)
        if reading is None:
            return None
        spec = reading.result.subject[2] if reading.result.subject is not None else None
        if spec is not None and spec.image:
            return spec.image
        return reading.config.image


def of_schema(schema: schemas.Schema, spot: Spot) -> list[Offer]:
    """What a schema has for a place: keys that are not there yet, or values."""
    if spot.is_key:
        there = taken(spot)
        found = schemas.keys(schemas.at(schema, spot.path[:-1]))
        return [offer for offer in found if offer.label not in there]
    return schemas.values(schemas.at(schema, spot.path))


def inner_of(document: Document, kind: str, mark: str) -> tuple[Document, Spot] | None:
    """The buildspec inside of a template in which a mark stands, and its place there."""
    if kind not in ("template", "terraform") or mark not in document.text:
        return None
    for _, woven in inner_texts(document, delivery_of(document, kind)):
        if mark in woven.text:
            inner = read_text(woven.text, NAME, "buildspec")
            spot = marked(inner.root, lambda value: mark in value)
            if spot is not None:
                return inner, spot
    return None


def _declared(root: Node | None) -> list[str]:
    """The names of the variables that `env` sets."""
    env = root.get("env") if isinstance(root, Mapping) else None
    if not isinstance(env, Mapping):
        return []
    found: dict[str, None] = {}
    for name in ("variables", "parameter-store", "secrets-manager"):
        inner = env.get(name)
        if isinstance(inner, Mapping):
            found.update((key, None) for key, _, _ in inner.items())
    exported = env.get("exported-variables")
    if isinstance(exported, Sequence):
        found.update((one.value, None) for one in exported.items if isinstance(one, Scalar))
    return [name for name in found if "cdlintmark" not in name]


def _runtimes(image: str | None, spot: Spot) -> list[Offer]:
    there = taken(spot)
    known = images.image(image) if image else None
    names = sorted(known.runtimes if known is not None and known.runtimes else _current())
    return [
        Offer(name, "key", _versions_in_words(name, image), "runtime", "scalar")
        for name in names
        if name not in there
    ]


def _current() -> set[str]:
    return {name for one in images.maintained() for name in one.runtimes}


def _versions_in_words(runtime: str, image: str | None) -> str:
    versions = [offer.label for offer in _versions(runtime, image) if offer.label != "latest"]
    where = f" on `{image}`" if image else " on the images that AWS maintains"
    return f"Versions{where}: " + ", ".join(versions) + "." if versions else ""


def _versions(runtime: str, image: str | None) -> list[Offer]:
    """The versions of a runtime, newest first, each with the images that have it."""
    known = images.image(image) if image else None
    chosen = [known] if known is not None and known.runtimes else images.maintained()
    found: dict[str, list[str]] = {}
    for one in chosen:
        for version in one.runtimes.get(runtime, ()):
            found.setdefault(version, []).append(one.name.removeprefix(images.PREFIX))
    ordered = sorted(found, key=_order, reverse=True)
    offers = [Offer(version, "value", "", ", ".join(found[version])) for version in ordered]
    if ordered:
        offers.append(Offer("latest", "value", "The newest version of the image; it changes with it."))
    return offers


def _order(version: str) -> list[int]:
    return [int(part) for part in "".join(c if c.isdigit() else " " for c in version).split()]
