"""What the rules about artifacts, reports and the cache have in common: paths and their edits."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix
from ..model.buildspec import texts
from ..source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..syntax.document import Document
    from ..syntax.tree import Mapping, Scalar

#: Folders that build tools write to and nobody nests in themselves.
OUTPUTS = frozenset(
    "build dist out target public release output _site cdk.out .next .aws-sam node_modules"
    " coverage htmlcov reports test-results".split()
)

#: Characters that a plain YAML text cannot begin with, or that need care in it.
_INDICATORS = "*&!%@`[]{}|>,#?-:'\"="


def known(text: str) -> bool:
    """False where a variable or a template fills in part of the text later."""
    return "$" not in text and "{{" not in text and "<%" not in text


def has_glob(path: str) -> bool:
    return "*" in path or "?" in path or "[" in path


def plain_path(path: str) -> str:
    """A path without `./` before it and `/` behind it."""
    at = 0
    while path.startswith("./", at):
        at += 2
        while path.startswith("/", at):
            at += 1
    path = path[at:].rstrip("/")
    return "" if path == "." else path


def last_part(path: str) -> str:
    return path.rpartition("/")[2]


def inner(document: Document, node: Scalar) -> int | None:
    """Where in the text a value begins, if it stands there character for character."""
    if node.style in ("|", ">"):
        return None
    start = node.start + (1 if node.style else 0)
    end = node.end - (1 if node.style else 0)
    return start if document.text[start:end] == node.value else None


def part(document: Document, node: Scalar, start: int, end: int) -> Span:
    """The place of `value[start:end]`; the whole value where that cannot be told."""
    at = inner(document, node)
    return node.span if at is None else Span(at + start, at + end)


def rewritten(document: Document, node: Scalar, start: int, end: int, text: str) -> list[Edit] | None:
    """Edits that put a text in the place of `value[start:end]`, quoted where YAML wants it."""
    at = inner(document, node)
    if at is None:
        return None
    value = node.value[:start] + text + node.value[end:]
    if not node.style and _needs_quotes(value):
        return [Edit(node.start, node.end, quoted(value))]
    if node.style and node.style in text:
        return None
    return [Edit(at + start, at + end, text)]


def quoted(value: str, style: str = "") -> str:
    """A value as YAML has it, in the given quotes or in those that it needs."""
    if style:
        return style + value + style
    return "'" + value.replace("'", "''") + "'" if _needs_quotes(value) else value


def _needs_quotes(value: str) -> bool:
    return (
        not value
        or value[0] in _INDICATORS
        or value != value.strip()
        or value[-1] == ":"
        or ": " in value
        or " #" in value
        or any(char in value for char in ",[]{}")
    )


def doubled(entry: str, base: str) -> int:
    """How many characters at the start of an entry repeat the base directory (a plain path)."""
    at = 0
    while entry.startswith("./", at):
        at += 2
    if not entry.startswith(base, at):
        return 0
    at += len(base)
    if at == len(entry):
        return at
    if entry[at] != "/":
        return 0
    while entry.startswith("/", at):
        at += 1
    return at


def base_of(settings: Mapping) -> str:
    """The base directory as a plain path; empty where there is none or it cannot be known."""
    found = texts(settings.get("base-directory"))
    value = found[0].value if len(found) == 1 else ""
    if not known(value) or has_glob(value) or value.startswith(("/", "..")) or "\\" in value:
        return ""
    return plain_path(value)


def doubled_findings(
    document: Document, settings: Mapping, key: str, message: Callable[[str], str]
) -> Iterator[Finding]:
    """A finding for every entry below `key` that begins with the base directory once more."""
    base = base_of(settings)
    if not base:
        return
    entries = texts(settings.get(key))
    lengths = [doubled(entry.value, base) for entry in entries]
    output = last_part(base) in OUTPUTS
    package = any(_of_package(entry.value) for entry in entries)
    for entry, length in zip(entries, lengths, strict=True):
        if not length:
            continue
        rest = entry.value[length:]
        # Python packages lie in folders of the same name, and so do programs.
        likely = output or not (package or (not rest and not entry.value.endswith("/")))
        safe = output or (likely and all(lengths))
        edits = rewritten(document, entry, 0, length, "" if rest else "**/*")
        fix = Fix("Remove the base directory from the entry", edits, safe=safe) if edits else None
        yield Finding(
            part(document, entry, 0, length),
            message(base),
            help=f"Write `{rest or '**/*'}`.",
            fix=fix,
            severity=None if likely else "info",
        )


def _of_package(entry: str) -> bool:
    """Is it a file that lies beside the folder of a Python package or a program?"""
    name = plain_path(entry)
    return "/" not in name and name.endswith((".py", ".toml", ".mod", "requirements.txt"))
