"""Where everything of a picture goes. Time runs from top to bottom.

Each stage is a band with its name at the left; each run order within it is a row, and a row that is too long is
broken into lines. Between two lines lies a channel for the arrows, and right of all bands are lanes for those that
have further to go (`routes.py`). So no arrow ever meets a box. The same graph always gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .lettering import shorten, width, wrap
from .parts import stage_count
from .routes import PITCH, Place, Plan, Wire, plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .parts import Band, Box, Graph, Row

MARGIN = 20.0
BOX_WIDTH = 236.0
BOX_GAP = 24.0
#: Boxes in a line at most.
MOST = 4
PAD = 18.0
TITLE, SMALL, LABEL, HEAD = 13.5, 11.5, 13.5, 19.0
_BADGE = 24.0
_ICON = 56.0
_LEAST_WIDTH = 380.0


@dataclass(slots=True)
class PlacedBox:
    box: Box
    place: Place
    title: list[str]
    details: list[str]


@dataclass(slots=True)
class PlacedBand:
    """`orders` are the run orders at the left of their rows: `(y of the middle, text)`."""

    band: Band
    number: int
    place: Place
    title: list[str]
    gates: list[str]
    orders: list[tuple[float, str]] = field(default_factory=list)
    orders_x: float = 0.0


@dataclass(slots=True)
class Layout:
    graph: Graph
    width: float
    height: float
    title: list[str]
    subtitle: list[str]
    notes: list[str]
    header: float
    bands: list[PlacedBand]
    boxes: list[PlacedBox]
    wires: list[Wire]
    legend: list[str] = field(default_factory=list)


def lines_of(row: Row, most: int = MOST) -> list[list[Box]]:
    """The boxes of a row in lines of nearly equal length."""
    count = len(row.boxes)
    lines = -(-count // most)
    made, at = [], 0
    for number in range(lines):
        size = count // lines + (number < count % lines)
        made.append(row.boxes[at : at + size])
        at += size
    return made


class _Columns:
    """The horizontal places, which need no heights."""

    def __init__(self, graph: Graph, lines: list[list[Box]]) -> None:
        names = [width(band.name, LABEL, bold=True) for band in graph.bands]
        gates = [width(gate, SMALL) - 30 for band in graph.bands for gate in band.gates]
        self.name = min(150.0, max([64.0, *names, *gates]) + 1)
        ordered = any(len(band.rows) > 1 or _told(band) for band in graph.bands)
        self.orders = MARGIN + PAD + 30 + self.name + 12
        self.left = self.orders + (34 if ordered else 0)
        most = max([1, *(len(line) for line in lines)])
        inner = most * BOX_WIDTH + (most - 1) * BOX_GAP
        self.right = self.left + max(inner, _LEAST_WIDTH - self.left)
        self.band_right = self.right + PAD

    def starts(self, count: int) -> list[float]:
        """The left edges of the boxes of a line."""
        inner = count * BOX_WIDTH + (count - 1) * BOX_GAP
        first = self.left + (self.right - self.left - inner) / 2
        return [first + number * (BOX_WIDTH + BOX_GAP) for number in range(count)]


def _told(band: Band) -> bool:
    """A run order that has to be told though it is the only one."""
    return bool(band.rows) and not band.rows[0].run_order.isdigit()


def is_wide(graph: Graph) -> bool:
    """Does it have actions side by side?"""
    return any(len(row.boxes) > 1 for band in graph.bands for row in band.rows)


def arrange(graph: Graph, most: int = MOST) -> Layout:
    """The layout of a graph, with so many actions side by side at most."""
    rows = [[(row, lines_of(row, most)) for row in band.rows] for band in graph.bands]
    # A stage without actions keeps an empty line, so that nothing passes through its band.
    lines = [line for band in rows for line in ([line for _, broken in band for line in broken] or [[]])]
    columns = _Columns(graph, lines)
    xs = {box.number: x for line in lines for box, x in zip(line, columns.starts(len(line)), strict=True)}
    routes = plan(graph, lines, xs, BOX_WIDTH, columns.right, columns.band_right)
    layout = _header(graph, max(columns.band_right, routes.right) + MARGIN)
    placer = _Placer(layout, columns, routes, xs)
    for number, (band, parts) in enumerate(zip(graph.bands, rows, strict=True)):
        placer.gap(number > 0)
        placer.band(number, band, parts)
    placer.gap(False)
    layout.legend = _legend(graph)
    layout.height = placer.y + MARGIN + (18 * len(layout.legend) + 8 if layout.legend else 0)
    places = {placed.box.number: placed.place for placed in layout.boxes}
    layout.wires = routes.wires(places, placer.channels)
    return layout


def _legend(graph: Graph) -> list[str]:
    """The signs that need words: `primary`, `variable`, `lost`."""
    signs = {
        "primary": any(end.primary for flow in graph.flows for end in flow.ends),
        "variable": any(flow.variable for flow in graph.flows),
        "lost": any(flow.source is None for flow in graph.flows),
    }
    return [sign for sign, used in signs.items() if used]


class _Placer:
    """Goes down the page. `channels` are the heights of the first track of each channel."""

    def __init__(self, layout: Layout, columns: _Columns, routes: Plan, xs: dict[int, float]) -> None:
        self.layout = layout
        self.columns = columns
        self.routes = routes
        self.xs = xs
        self.y = layout.header
        self.channels: list[float] = []

    def gap(self, between: bool) -> None:
        """The channel before a band, or after the last one."""
        tracks = self.routes.tracks(len(self.channels))
        self.channels.append(self.y + (12 if between else 4) + PITCH / 2)
        if tracks:
            self.y += tracks * PITCH + (24 if between else 12)
        elif between:
            self.y += 30

    def band(self, number: int, band: Band, rows: list[tuple[Row, list[list[Box]]]]) -> None:
        columns = self.columns
        title = wrap(band.name, columns.name, LABEL, 4, bold=True)
        gates = [shorten(gate, columns.name + 30, SMALL) for gate in band.gates]
        place = Place(MARGIN, self.y, columns.band_right - MARGIN, 0.0)
        placed = PlacedBand(band, number + 1, place, title, gates, [], columns.orders)
        self.layout.bands.append(placed)
        least = 22.0 + 18 * max(0, len(title) - 1) + 16 * len(gates) + (4 if gates else 0)
        made = [[_box(box, self.xs[box.number]) for box in line] for _, broken in rows for line in broken]
        inside = len(self.channels)
        heights = [max(item.place.height for item in line) for line in made]
        gaps = [self._within(inside + at) for at in range(len(made) - 1)]
        content = sum(heights) + sum(gaps)
        # A name that needs more room than the actions has them in its middle.
        y = self.y + PAD + max(0.0, least - content) / 2
        at = 0
        for row, broken in rows:
            top, first = y, at
            for _ in broken:
                for item in made[at]:
                    item.place.y, item.place.height = y, heights[at]
                self.layout.boxes += made[at]
                y += heights[at]
                if at < len(gaps):
                    self.channels.append(y + 10 + PITCH / 2)
                    y += gaps[at]
                at += 1
            if len(rows) > 1 or _told(band):
                placed.orders.append((top + heights[first] / 2, row.run_order))
        place.height = 2 * PAD + max(content, least)
        self.y += place.height

    def _within(self, channel: int) -> float:
        """The room between two lines of a band."""
        tracks = self.routes.tracks(channel)
        return tracks * PITCH + 26 if tracks else BOX_GAP


def _box(box: Box, x: float) -> PlacedBox:
    room = BOX_WIDTH - _ICON - 14
    if box.category == "Approval":
        room -= 10  # its ends are round
    title = wrap(box.name, room, TITLE, 3, bold=True)
    kind = "Manual approval" if (box.category, box.provider) == ("Approval", "Manual") else box.provider
    if not box.category:
        kind = kind or "action"
    details = wrap(kind, room, SMALL, 2) if kind else []
    if box.region:
        details.append(shorten(box.region, room, SMALL))
    if box.namespace:
        details.append(shorten("#{" + box.namespace + "}", room, SMALL, mono=True))
    height = 24.0 + 18 * len(title) + 16 * len(details)
    return PlacedBox(box, Place(x, 0.0, BOX_WIDTH, max(58.0, height)), title, details)


def _header(graph: Graph, full: float) -> Layout:
    room = full - 2 * MARGIN - 2 * _BADGE
    title = wrap(graph.name, room, HEAD, 2, bold=True)
    words = " · ".join([*graph.traits, stage_count(graph)])
    subtitle = wrap(words, room, SMALL, 2)
    if graph.path:
        subtitle.append(shorten(graph.path, room, SMALL))
    notes = [line for note in graph.notes for line in wrap(note, room, SMALL, 3)]
    height = MARGIN + 24 * len(title) + 17 * (len(subtitle) + len(notes)) + 14
    return Layout(graph, full, 0.0, title, subtitle, notes, height, [], [], [])
