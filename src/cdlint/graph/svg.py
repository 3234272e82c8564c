"""A layout as SVG: one picture that suits light and dark, and needs nothing from anywhere."""

from __future__ import annotations

from .icons import BANG, COLOURS, CROSS, ICONS, STAR
from .layout import HEAD, MARGIN, MOST, PAD, arrange
from .lettering import width
from .parts import CATEGORIES, stage_count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .layout import Layout, PlacedBand, PlacedBox
    from .parts import Box, Flow, Graph, Mark
    from .routes import Arrow, Wire

    Point = tuple[float, float]

_FONT = 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
_LIGHT = {
    "ground": "#ffffff",
    "band": "#f5f6f8",
    "edge": "#e2e5ea",
    "box": "#ffffff",
    "border": "#cfd5de",
    "ink": "#1b2330",
    "soft": "#586273",
    "rail": "#aeb6c2",
    "error": "#c8232c",
    "warning": "#a86100",
    "info": "#2563b8",
    "on": "#ffffff",
    "shade": "rgba(23,32,51,.07)",
}
_DARK = {
    "ground": "#0e1217",
    "band": "#161b22",
    "edge": "#262d37",
    "box": "#1f2630",
    "border": "#3a4452",
    "ink": "#e8ecf2",
    "soft": "#a3adbb",
    "rail": "#5a6575",
    "error": "#ff7b7b",
    "warning": "#f5b14c",
    "info": "#78aef5",
    "on": "#10151b",
    "shade": "rgba(0,0,0,.35)",
}
_SIGNS = {
    "primary": "primary source of the action",
    "variable": "variables of a namespace",
    "lost": "made by no action of this pipeline",
}
_RADIUS = 9.0


def style(scope: str = ".cdlint") -> str:
    """The style sheet of all pictures; the colours are known within `scope`."""
    light = {**_LIGHT, **{f"c-{name or 'Other'}": pair[0] for name, pair in COLOURS.items()}}
    dark = {**_DARK, **{f"c-{name or 'Other'}": pair[1] for name, pair in COLOURS.items()}}
    kinds = "".join(f".cdlint .{_kind(name)}{{--c:var(--c-{name or 'Other'})}}" for name in COLOURS)
    return (
        f"{scope}{{color-scheme:light dark;{_variables(light)}}}"
        f"@media(prefers-color-scheme:dark){{{scope}{{{_variables(dark)}}}}}"
        f".cdlint text{{font-family:{_FONT};fill:var(--ink)}}"
        ".cdlint .ground{fill:var(--ground)}"
        ".cdlint .head{font-size:19px;font-weight:700}"
        ".cdlint .small,.cdlint .detail,.cdlint .gate,.cdlint .order{font-size:11.5px;fill:var(--soft)}"
        ".cdlint .mono{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:10.5px}"
        ".cdlint .band>.body{fill:var(--band);stroke:var(--edge)}"
        ".cdlint .stage{font-size:13.5px;font-weight:600}"
        ".cdlint .number{fill:var(--box);stroke:var(--rail);stroke-width:1.5}"
        ".cdlint .digit{font-size:11px;font-weight:600;text-anchor:middle;fill:var(--soft)}"
        ".cdlint .order{text-anchor:middle;font-weight:600;font-size:11px}"
        ".cdlint .chip{fill:none;stroke:var(--rail)}"
        ".cdlint .rail{stroke:var(--rail);stroke-width:2;fill:none;stroke-linecap:round;stroke-linejoin:round}"
        ".cdlint .thin{stroke-width:1.4}"
        ".cdlint .name{font-size:13.5px;font-weight:600}"
        ".cdlint .shade{fill:var(--shade)}"
        ".cdlint .box .body{fill:var(--box);stroke:var(--border)}"
        ".cdlint .approval .body{stroke:var(--c);stroke-dasharray:5 4}"
        ".cdlint .box.error .body{stroke:var(--error);stroke-width:1.6}"
        ".cdlint .box.warning .body{stroke:var(--warning);stroke-width:1.6}"
        ".cdlint .tile{fill:var(--c);opacity:.13}"
        ".cdlint .icon{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}"
        ".cdlint .way{fill:none;stroke:var(--c);stroke-width:1.6;stroke-linejoin:round}"
        ".cdlint .tip{fill:var(--c);stroke:none}"
        ".cdlint .variable .way{stroke-dasharray:2 4;stroke-linecap:round}"
        ".cdlint .lost .way{stroke-dasharray:5 4}"
        ".cdlint .pill rect{fill:var(--box);stroke:var(--c)}"
        ".cdlint .lost .pill rect{stroke-dasharray:4 3}"
        ".cdlint .pill text{font-size:11px;text-anchor:middle}"
        ".cdlint .star{fill:var(--c);stroke:var(--band);stroke-width:.6}"
        ".cdlint .wire{transition:opacity .15s}"
        ".cdlint .wire:hover .way{stroke-width:2.6}"
        ".cdlint .badge text{font-size:11px;font-weight:700;fill:var(--on);text-anchor:middle}"
        ".cdlint .badge path{fill:none;stroke:var(--on);stroke-width:1.8;stroke-linecap:round}"
        ".cdlint .badge rect{stroke:var(--band);stroke-width:2}"
        ".cdlint .badge.error rect{fill:var(--error)}.cdlint .badge.warning rect{fill:var(--warning)}"
        ".cdlint .badge.info rect{fill:var(--info)}"
        ".cdlint .box:focus{outline:none}.cdlint .box:focus-visible .body{stroke:var(--info);stroke-width:3}"
        f"{kinds}"
    )


def _variables(values: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


def write(graphs: Sequence[Graph]) -> str:
    """All pipelines in one SVG document, one below another."""
    layouts = [arrange(graph) for graph in graphs]
    full = max(layout.width for layout in layouts)
    height = sum(layout.height for layout in layouts)
    size = f'viewBox="0 0 {_n(full)} {_n(height)}" width="{_n(full)}" height="{_n(height)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cdlint" {size} role="img" aria-labelledby="what how">',
        f'<title id="what">{escape(", ".join(graph.name for graph in graphs))}</title>',
        f'<desc id="how">{escape(" ".join(told(graph) for graph in graphs))}</desc>',
        f"<style>{style()}{''.join(_hovers(layout, f'p{at}') for at, layout in enumerate(layouts))}</style>",
        f'<rect class="ground" width="{_n(full)}" height="{_n(height)}" rx="12"/>',
    ]
    y = 0.0
    for at, layout in enumerate(layouts):
        parts.append(f'<g transform="translate(0 {_n(y)})">')
        parts += _drawn(layout, f"p{at}")
        parts.append("</g>")
        y += layout.height
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def inline(graph: Graph, prefix: str, most: int = MOST) -> str:
    """One pipeline for a page that has the style sheet, with places that the keyboard reaches."""
    layout = arrange(graph, most)
    wide, high = _n(layout.width), _n(layout.height)
    size = f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
    parts = [
        f'<svg class="cdlint" {size} role="group" aria-label="{escape(told(graph))}">',
        f"<style>{_hovers(layout, prefix)}</style>",
        *_drawn(layout, prefix, focus=True),
        "</svg>",
    ]
    return "\n".join(parts)


def told(graph: Graph) -> str:
    """The picture in words."""
    stages = []
    for band in graph.bands:
        actions = [f"{box.name} ({box.provider})" if box.provider else box.name for box in band.boxes]
        stages.append(f"{band.name}: {', '.join(actions) or 'no actions'}")
    words = f"Pipeline {graph.name}, {stage_count(graph)}. " + "; ".join(stages[:60])
    return words + "."


def escape(text: str) -> str:
    """A text for XML and HTML, in elements and in attributes, without characters that XML refuses."""
    kept = "".join(char if _is_text(char) else "\ufffd" for char in text)
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        kept = kept.replace(char, name)
    return kept


def _is_text(char: str) -> bool:
    if char < " ":
        return char in "\n\t"
    return not ("\x7f" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff")


def _n(value: float) -> str:
    """A number as short as it can be."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def _kind(category: str) -> str:
    return category.lower() if category in CATEGORIES else "other"


def _hovers(layout: Layout, prefix: str) -> str:
    """To point at an action dims what it has nothing to do with."""
    used = {wire.flow.source.number for wire in layout.wires if wire.flow.source is not None}
    used |= {end.box.number for wire in layout.wires for end in wire.flow.ends}
    if len(layout.wires) < 2:
        return ""
    return "".join(
        f".cdlint:has(#{prefix}a{number}:is(:hover,:focus-visible)) .{prefix}:not(.{prefix}w{number}){{opacity:.14}}"
        for number in sorted(used)
    )


def _drawn(layout: Layout, prefix: str, focus: bool = False) -> Iterator[str]:
    yield from _head(layout)
    rail = MARGIN + PAD + 10
    for above, below in zip(layout.bands, layout.bands[1:], strict=False):
        start, end = above.place.bottom + 5, below.place.y - 4
        yield f'<path class="rail" d="M{_n(rail)} {_n(start)}V{_n(end)}m-4.5-5l4.5 5 4.5-5"/>'
    for band in layout.bands:
        yield from _band(band)
    for wire in layout.wires:
        yield from _wire(wire, prefix)
    for wire in layout.wires:
        yield from _pills(wire, prefix)
    for box in layout.boxes:
        yield from _box(box, prefix, focus)
    yield from _legend(layout)


def _head(layout: Layout) -> Iterator[str]:
    y = MARGIN + 17
    yield f"<g><title>{escape(layout.graph.name)}</title>"
    for line in layout.title:
        yield _text("head", MARGIN, y, line)
        y += 24
    y -= 3
    for line in [*layout.subtitle, *layout.notes]:
        yield _text("small", MARGIN, y, line)
        y += 17
    yield "</g>"
    if layout.graph.marks:
        yield from _badges(
            layout.graph.marks, MARGIN + width(layout.title[0], HEAD, bold=True) + 10, MARGIN + 11
        )


def _band(placed: PlacedBand) -> Iterator[str]:
    place = placed.place
    yield f'<g class="band"><title>{escape(_told(placed.band.name, placed.band.marks))}</title>'
    yield (
        f'<rect class="body" x="{_n(place.x)}" y="{_n(place.y)}" width="{_n(place.width)}" '
        f'height="{_n(place.height)}" rx="14"/>'
    )
    x, y = place.x + PAD + 10, place.y + PAD + 11
    yield f'<circle class="number" cx="{_n(x)}" cy="{_n(y)}" r="11"/>'
    yield _text("digit", x, y + 4, str(placed.number))
    y += 5
    for line in placed.title:
        yield _text("stage", place.x + PAD + 30, y, line)
        y += 18
    for line in placed.gates:
        yield _text("gate", place.x + PAD, y + 4, line)
        y += 16
    yield from _orders(placed)
    yield "</g>"
    yield from _badges(placed.band.marks, place.x + PAD + 30, place.y)


def _orders(placed: PlacedBand) -> Iterator[str]:
    """The run orders of a stage, with arrows between those that are known."""
    middle = placed.orders_x + 10
    for (above, one), (below, other) in zip(placed.orders, placed.orders[1:], strict=False):
        if one.isdigit() and other.isdigit():
            yield f'<path class="rail thin" d="M{_n(middle)} {_n(above + 14)}V{_n(below - 14)}m-3.5-4l3.5 4 3.5-4"/>'
    for y, order in placed.orders:
        sign = order if order.isdigit() and len(order) < 4 else "?"
        size = max(20.0, width(sign, 11, bold=True) + 8)
        yield f"<g><title>{escape('run order ' + order)}</title>"
        yield (
            f'<rect class="chip" x="{_n(middle - size / 2)}" y="{_n(y - 10)}" width="{_n(size)}" '
            'height="20" rx="6"/>'
        )
        yield _text("order", middle, y + 4, sign) + "</g>"


def _box(placed: PlacedBox, prefix: str, focus: bool) -> Iterator[str]:
    box, place = placed.box, placed.place
    kind = _kind(box.category)
    worst = min((mark.severity for mark in box.marks), key=("error", "warning", "info").index, default="")
    more = f' tabindex="0" role="img" aria-label="{escape(_told(_words(box), box.marks))}"' if focus else ""
    yield f'<g class="box {kind} {worst}" id="{prefix}a{box.number}"{more}>'
    yield f"<title>{escape(_told(_words(box), box.marks))}</title>"
    radius = 29 if kind == "approval" else 10
    size = f'width="{_n(place.width)}" height="{_n(place.height)}" rx="{radius}"'
    yield f'<rect class="shade" x="{_n(place.x)}" y="{_n(place.y + 1.5)}" {size}/>'
    yield f'<rect class="body" x="{_n(place.x)}" y="{_n(place.y)}" {size}/>'
    x, y = place.x + 12, place.y + place.height / 2 - 17
    yield f'<rect class="tile" x="{_n(x)}" y="{_n(y)}" width="34" height="34" rx="{17 if radius > 10 else 9}"/>'
    moved = f"translate({_n(x + 6.4)} {_n(y + 6.4)}) scale(.88)"
    yield f'<path class="icon" transform="{moved}" d="{ICONS[box.category]}"/>'
    lines = 18 * len(placed.title) + 16 * len(placed.details)
    y = place.y + (place.height - lines) / 2 + 13.5
    for line in placed.title:
        yield _text("name", place.x + 57, y, line)
        y += 18
    y -= 1.5
    for line in placed.details:
        yield _text("detail mono" if line.startswith("#{") else "detail", place.x + 57, y, line)
        y += 16
    yield "</g>"
    yield from _badges(box.marks, place.right - 12, place.y, leftwards=True)


def _words(box: Box) -> str:
    kind = (
        f"{box.category} by {box.provider}" if box.category and box.provider else box.provider or box.category
    )
    said = [f"{box.name} ({kind})" if kind else box.name, f"stage {box.stage}, run order {box.run_order}"]
    if box.region:
        said.append(f"region {box.region}")
    if box.line:
        said.append(f"line {box.line}")
    return ", ".join(said)


def _told(name: str, marks: Iterable[Mark]) -> str:
    return "\n".join([name, *(mark.text for mark in marks)])


def _badges(marks: Sequence[Mark], x: float, y: float, leftwards: bool = False) -> Iterator[str]:
    """How many findings of each level, side by side."""
    for level, sign in (("error", CROSS), ("warning", BANG), ("info", BANG)):
        found = [mark for mark in marks if mark.severity == level]
        if not found:
            continue
        size = 24 + width(str(len(found)), 11, bold=True)
        left = x - size if leftwards else x
        yield f'<g class="badge {level}"><title>{escape(_told(_counted(len(found), level), found))}</title>'
        yield f'<rect x="{_n(left)}" y="{_n(y - 10)}" width="{_n(size)}" height="20" rx="10"/>'
        yield f'<path transform="translate({_n(left + 10)} {_n(y)})" d="{sign}"/>'
        yield _text("", left + (size + 10) / 2, y + 4, str(len(found))) + "</g>"
        x = left - 2 if leftwards else left + size + 2


def _counted(count: int, level: str) -> str:
    return f"{count} {level}" if count == 1 else f"{count} {level}s"


def _wire(wire: Wire, prefix: str) -> Iterator[str]:
    yield _opened(wire, prefix)
    # One path for all ways: what they share is drawn once.
    yield f'<path class="way" d="{"".join(_ways(wire))}"/>'
    for arrow in wire.arrows:
        yield from _tip_of(arrow)
    yield "</g>"


def _pills(wire: Wire, prefix: str) -> Iterator[str]:
    """The names, above all ways."""
    if not wire.pills:
        return
    yield _opened(wire, prefix)
    for pill in wire.pills:
        place = pill.place
        size = f'width="{_n(place.width)}" height="{_n(place.height)}"'
        yield f'<g class="pill"><rect x="{_n(place.x)}" y="{_n(place.y)}" {size} rx="10"/>'
        yield _text("", place.x + place.width / 2, place.y + 14, pill.text) + "</g>"
    yield "</g>"


def _opened(wire: Wire, prefix: str) -> str:
    """The beginning of a group of a flow."""
    flow = wire.flow
    ends = {end.box.number for end in flow.ends} | ({flow.source.number} if flow.source else set())
    classes = ["wire", prefix, _kind(flow.source.category if flow.source else "")]
    classes += ["variable"] * flow.variable + ["lost"] * (flow.source is None)
    classes += [f"{prefix}w{number}" for number in sorted(ends)]
    return f'<g class="{" ".join(classes)}"><title>{escape(_flow_words(flow))}</title>'


def _flow_words(flow: Flow) -> str:
    made = f"from {flow.source.name}" if flow.source else _SIGNS["lost"]
    read = ", ".join(end.box.name + (" (primary source)" if end.primary else "") for end in flow.ends[:20])
    return f"{flow.name}\n{made} to {read}" if read else f"{flow.name}\n{made}; no action reads it"


def _tip_of(arrow: Arrow) -> Iterator[str]:
    if arrow.end is None:
        return
    x, y = arrow.points[-1]
    yield f'<path class="tip" d="M{_n(x)} {_n(y - 1)}l-4.4-7.6h8.8z"/>'
    if arrow.end.primary:
        yield f'<path class="star" transform="translate({_n(x - 11)} {_n(y - 9)})" d="{STAR}"/>'


def _ways(wire: Wire) -> Iterator[str]:
    """The ways of a flow: of each what no way before it has."""
    done: list[list[Point]] = []
    for arrow in wire.arrows:
        points = list(arrow.points)
        if arrow.end is not None:
            points[-1] = (points[-1][0], points[-1][1] - 5)  # the tip covers the rest
        best: tuple[list[Point], int] = ([], 0)
        for other in done:
            best = max(best, _shared(points, other), key=lambda found: _length_of(found[0]))
        shared, count = best
        if shared:
            # What is shared ends before the corner at which the ways part.
            back = min(2 * _RADIUS, _length(shared[-1], shared[-2]))
            yield _way([_towards(shared[-1], shared[-2], back), shared[-1], *points[count:]])
        else:
            yield _way(points)
        done.append(points)


def _shared(points: list[Point], other: list[Point]) -> tuple[list[Point], int]:
    """The way that two ways have in common at their beginning, and how many points of the first it has used."""
    count = 0
    while count < min(len(points), len(other)) and points[count] == other[count]:
        count += 1
    shared = points[:count]
    if 0 < count < min(len(points), len(other)):
        (x, y), one, two = points[count - 1], points[count], other[count]
        if one[0] == two[0] == x and (one[1] > y) == (two[1] > y):
            shared = [*shared, min(one, two, key=lambda point: abs(point[1] - y))]
        elif one[1] == two[1] == y and (one[0] > x) == (two[0] > x):
            shared = [*shared, min(one, two, key=lambda point: abs(point[0] - x))]
    if len(shared) < 2:
        return [], 0
    return shared, count + (count < len(points) and shared[-1] == points[count])


def _length_of(points: Sequence[Point]) -> float:
    return sum(_length(one, other) for one, other in zip(points, points[1:], strict=False))


def _way(points: Sequence[Point]) -> str:
    """A path with round corners."""
    made = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _length(before, at) / 2, _length(at, after) / 2)
        near, far = _towards(at, before, radius), _towards(at, after, radius)
        made.append(f"L{_n(near[0])} {_n(near[1])}Q{_n(at[0])} {_n(at[1])} {_n(far[0])} {_n(far[1])}")
    made.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(made)


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, distance: float) -> Point:
    full = _length(start, end) or 1.0
    return (
        start[0] + (end[0] - start[0]) / full * distance,
        start[1] + (end[1] - start[1]) / full * distance,
    )


def _legend(layout: Layout) -> Iterator[str]:
    y = layout.height - MARGIN - 18 * len(layout.legend) + 14
    for sign in layout.legend:
        if sign == "primary":
            moved = f"translate({_n(MARGIN + 13)} {_n(y - 4)})"
            yield f'<g class="other"><path class="star" transform="{moved}" d="{STAR}"/></g>'
        else:
            yield f'<g class="other {sign}"><path class="way" d="M{_n(MARGIN)} {_n(y - 4)}h26"/></g>'
        yield _text("small", MARGIN + 34, y, _SIGNS[sign])
        y += 18


def _text(kind: str, x: float, y: float, text: str) -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'
