"""A pipeline as a Mermaid flowchart, which GitHub and GitLab draw in Markdown."""

from __future__ import annotations

from .parts import CATEGORIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .parts import Box, Flow, Graph, Mark

#: By category: the border, and the brackets of the shape.
_COLOURS = {
    "Source": "#1d5fd1",
    "Build": "#7a3fd1",
    "Test": "#0b7a75",
    "Approval": "#a85a00",
    "Deploy": "#1a7f3c",
    "Invoke": "#bb2468",
    "Compute": "#2f6078",
}
_SHAPES = {"Source": ("[(", ")]"), "Approval": ("{{", "}}"), "Invoke": ("([", "])")}
_LONGEST = 80
#: What Mermaid draws unless it is told to draw more, as GitHub has it.
MOST_ARROWS, MOST_TEXT = 500, 50_000
#: What means something to Mermaid, or to the HTML that it makes, is written by its number.
_PLAIN = " ,:/()@=?!…"


def write(graphs: Sequence[Graph]) -> str:
    """All pipelines in one flowchart; several have a frame each."""
    lines = ["flowchart TB"]
    used: set[str] = set()
    for at, graph in enumerate(graphs):
        several = len(graphs) > 1
        prefix = f"p{at + 1}" if several else ""
        notes = [f"%% {_comment(note)}" for note in (f"{graph.name} ({graph.path})", *graph.notes)]
        lines += ["  " + note for note in notes]
        depth = "  "
        if several:
            lines.append(f'  subgraph {prefix}["{_label(graph.name)}{_counts(graph.marks)}"]')
            depth = "    "
        lines += [depth + line for line in _pipeline(graph, prefix)]
        if several:
            lines.append("  end")
        used |= {box.category for box in graph.boxes}
    for category in CATEGORIES:
        if category in used:
            lines.append(f"  classDef {category.lower()} stroke:{_COLOURS[category]},stroke-width:2px")
    lines += _marked(graphs)
    return "\n".join(lines) + "\n"


def is_too_large(text: str) -> bool:
    """Will Mermaid refuse to draw it where nobody raises its limits?"""
    arrows = sum(text.count(mark) for mark in ("-->", ".->", "--o"))
    return len(text) > MOST_TEXT or arrows > MOST_ARROWS


def _pipeline(graph: Graph, prefix: str) -> Iterator[str]:
    for at, band in enumerate(graph.bands):
        yield f'subgraph {prefix}s{at + 1}["{at + 1} · {_label(band.name)}{_counts(band.marks)}"]'
        for box in band.boxes:
            yield f"  {_node(box, prefix)}"
        if not band.boxes:
            yield f'  {prefix}s{at + 1}e["no actions"]'
        yield "end"
    for number, flow in enumerate(graph.flows):
        yield from _links(flow, number, prefix)
    yield from _order(graph, prefix)


def _node(box: Box, prefix: str) -> str:
    opening, closing = _SHAPES.get(box.category, ("[", "]"))
    kind = "manual approval" if (box.category, box.provider) == ("Approval", "Manual") else box.provider
    second = f"<br/><small>{_label(kind)}</small>" if kind else ""
    named = f"{prefix}a{box.number + 1}"
    text = f'{named}{opening}"{_label(box.name)}{_counts(box.marks)}{second}"{closing}'
    return f"{text}:::{box.category.lower()}" if box.category else text


def _links(flow: Flow, number: int, prefix: str) -> Iterator[str]:
    name = _label(flow.name)
    if flow.source is None:
        start = f"{prefix}x{number}"
        yield f'{start}(["{name} ?"])'
        for end in flow.ends:
            yield f"{start} -.-> {prefix}a{end.box.number + 1}"
        return
    start = f"{prefix}a{flow.source.number + 1}"
    if not flow.ends:
        yield f'{start} --o {prefix}x{number}(["{name}"])'
    for end in flow.ends:
        star = " ★" if end.primary else ""
        link = f'-. "{name}" .->' if flow.variable else f'-- "{name}{star}" -->'
        yield f"{start} {link} {prefix}a{end.box.number + 1}"


def _order(graph: Graph, prefix: str) -> Iterator[str]:
    """What runs after what, where no artifact says it."""
    linked = {
        (flow.source.number, end.box.number)
        for flow in graph.flows
        if flow.source is not None
        for end in flow.ends
    }
    rows: list[list[tuple[int, str]]] = []
    for at, band in enumerate(graph.bands):
        for row in band.rows:
            rows.append([(box.number, f"{prefix}a{box.number + 1}") for box in row.boxes])
        if not band.rows:
            rows.append([(-1, f"{prefix}s{at + 1}e")])
    for above, below in zip(rows, rows[1:], strict=False):
        for number, name in below:
            if not any((other, number) in linked for other, _ in above):
                yield f"{above[0][1]} -.-> {name}"


def _marked(graphs: Sequence[Graph]) -> Iterator[str]:
    """Findings: a thick border, and all of them as comments."""
    several = len(graphs) > 1
    for level, colour in (("warning", "#b86e00"), ("error", "#c8232c")):
        names: list[str] = []
        for at, graph in enumerate(graphs):
            prefix = f"p{at + 1}" if several else ""
            names += [f"{prefix}a{box.number + 1}" for box in graph.boxes if _has(box.marks, level)]
            names += [
                f"{prefix}s{number + 1}" for number, band in enumerate(graph.bands) if _has(band.marks, level)
            ]
        if names:
            yield f"  classDef {level} stroke:{colour},stroke-width:4px"
            yield f"  class {','.join(names)} {level}"
    for graph in graphs:
        for mark in graph.all_marks():
            yield f"  %% {_comment(f'{mark.path}:{mark.line} {mark.severity} {mark.code} {mark.message}')}"


def _has(marks: Sequence[Mark], level: str) -> bool:
    return any(mark.severity == level for mark in marks)


def _counts(marks: Sequence[Mark]) -> str:
    """` ✖ 2 ⚠ 1`."""
    made = ""
    for level, sign in (("error", "✖"), ("warning", "⚠")):
        count = sum(1 for mark in marks if mark.severity == level)
        made += f" {sign} {count}" if count else ""
    return made


def _label(text: str) -> str:
    """A text between quotes."""
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    made = "".join(char if _is_plain(text, at) else f"#{ord(char)};" for at, char in enumerate(text))
    return made.strip() or "#8203;"


def _is_plain(text: str, at: int) -> bool:
    """May a character stand for itself? Not if it would make Markdown: a list, emphasis, a link."""
    char = text[at]
    if char.isalnum() and char.isprintable():
        return True
    if char in "-+.":
        return at > 0 and not text[:at].isdigit()
    if char == "_":
        return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
    return char in _PLAIN


def _comment(text: str) -> str:
    """A text on one line. Braces would be read as directives."""
    line = " ".join(text.split())
    return (
        "".join(char if char.isprintable() else "\ufffd" for char in line).replace("{", "(").replace("}", ")")
    )


__all__ = ["write"]
