"""Bytes → text → document: what is certain to be readable, is read; the rest is reported."""

from __future__ import annotations

from ..findings import Edit, Fix
from ..source import BOM, Source, Span
from .document import Document, Repair
from .tree import GAP, Mapping, Node, Scalar, Sequence, Unknown
from .yaml import LimitProblem, SyntaxProblem, compose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Larger files are not read: a delivery file has some kilobytes. In bytes.
MAX_SIZE = 5_000_000


def decode(data: bytes) -> tuple[str, list[Repair]]:
    """The text of a file, and what was wrong with its bytes.

    UTF-8, with or without a byte order mark. UTF-16 with one is read too, and reported. Bytes that are
    no UTF-8 are replaced by U+FFFD, and the first one is reported. Never raises.
    """
    if len(data) > MAX_SIZE:
        detail = {"limit": f"larger than {MAX_SIZE // 1_000_000} MB"}
        return "", [Repair("document-limit", Span(0, 0), detail=detail)]
    for mark, codec in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            text = data.decode(codec, "replace")
            return text, [Repair("not-utf-8", Span(0, 0), detail={"encoding": "UTF-16"})]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        at = len(data[: error.start].decode("utf-8"))
        byte = f"0x{data[error.start]:02x}"
        return text, [Repair("not-utf-8", Span(at, at + 1), detail={"byte": byte})]
    return text, []


class Guide:
    """What a format knows that helps in mending a text that is not YAML.

    `families`: sets of keys that stand side by side. `judge`: how badly a tree fits the format.
    """

    __slots__ = ("families", "judge")

    def __init__(self, families: tuple[frozenset[str], ...], judge: Callable[[Node], int]) -> None:
        self.families = families
        self.judge = judge


def read(
    source: Source,
    repairs: Iterable[Repair] = (),
    guide: Callable[[], Guide] | None = None,
) -> Document:
    """The document of a text, repaired where it cannot be read as it stands. Never raises.

    `guide` is called only when something has to be mended.
    """
    document = Document(source)
    document.repairs += repairs
    text = source.text
    if len(text) > MAX_SIZE:
        detail = {"limit": f"larger than {MAX_SIZE // 1_000_000} MB"}
        document.repairs.append(Repair("document-limit", Span(0, 0), detail=detail))
    if any(repair.kind == "document-limit" for repair in document.repairs):
        return document
    if "\0" in text:
        at = text.index("\0")
        document.repairs.append(Repair("not-text", Span(at, at + 1)))
        if text.count("\0") > 16:
            return document
    if text.lstrip(BOM + " \t\r\n")[:1] in ("{", "[") and _read_json(document):
        return document
    if guide is None and source.path.lower().endswith(".json") and _read_lenient(document):
        return document
    try:
        take(document)
    except LimitProblem as problem:
        _report_limit(document, problem)
    except SyntaxProblem as problem:
        from .repair import repair_until_readable

        repair_until_readable(document, problem, guide() if guide is not None else None)
    return document


def take(document: Document) -> None:
    """Compose the private copy; raises `SyntaxProblem`."""
    composed = compose(document.draft.text, document.base)
    document.root = composed.root
    if "{{" in document.draft.text or GAP in document.draft.text or "${_" in document.draft.text:
        document.root = _with_gaps(document.draft.text, composed.root)
    document.duplicates = composed.duplicates
    document.undefined = composed.undefined
    document.documents = composed.documents


def _with_gaps(text: str, root: Node | None) -> Node | None:
    """The tree with `Unknown` where a template will put something (`{{ name }}`)."""

    def known(node: Node) -> Node:
        if isinstance(node, Scalar):
            unknown = GAP in node.value or (node.value.startswith("${_") and _is_stand_in(node.value))
            return Unknown(node.start, node.end) if unknown else node
        if isinstance(node, Mapping) and node.flow and text.startswith("{{", node.start):
            return Unknown(node.start, node.end)
        return node

    seen: set[int] = set()
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            node.pairs = [(key, known(value)) for key, value in node.pairs]
            stack += [value for _, value in node.pairs]
        elif isinstance(node, Sequence):
            node.items = [known(item) for item in node.items]
            stack += node.items
    return known(root) if root is not None else None


def _is_stand_in(text: str) -> bool:
    """`${____}`: what an outer template puts there (model/woven.py), and nothing else."""
    return text.endswith("}") and not text[2:-1].strip("_")


def recompose(document: Document, edits: Iterable[Edit]) -> bool:
    """Edit the private copy and read it again; False (and nothing changed) if that fails."""
    before = document.draft.copy()
    document.draft.apply(edits)
    try:
        take(document)
    except SyntaxProblem:
        document.draft = before
        return False
    return True


def _read_json(document: Document) -> bool:
    """Read strict JSON, in which tabs and escaped surrogates are fine; False if it is not JSON."""
    from .json import parse

    try:
        root, duplicates = parse(document.draft.text, document.base)
    except LimitProblem as problem:
        _report_limit(document, problem)
        return True
    except SyntaxProblem:
        return False
    document.root, document.duplicates, document.json = root, duplicates, True
    return True


def _read_lenient(document: Document) -> bool:
    """Read JSON with comments or commas too many, each a repair; False if it is not that either.

    What CodeBuild reads is read as YAML, which allows both.
    """
    from .lenient import extras, without

    found = extras(document.draft.text)
    if not found:
        return False
    before = document.draft.copy()
    document.draft.apply(without(found))
    if not _read_json(document):
        document.draft = before
        return False
    for what, span in found:
        fix = Fix("Take out the comma", [Edit(span.start, span.end, "")]) if what == "comma" else None
        document.repairs.append(Repair("not-strict-json", span, fix, {"what": what}))
    return True


def _report_limit(document: Document, problem: SyntaxProblem) -> None:
    place = Span(problem.start, problem.start + 1)
    document.repairs.append(Repair("document-limit", place, detail={"limit": problem.message}))
