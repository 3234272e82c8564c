"""The ways of the arrows.

A flow leaves its action downwards into the channel below, where it has a track with its name on it. From there it
goes down to the actions of the next line, or right to a lane outside all boxes, up or down to another channel, and
there left to its action. Two flows never share a track, a lane or the place at which they meet a box.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .lettering import shorten, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .parts import Box, End, Flow, Graph

    Point = tuple[float, float]

PITCH = 27.0
PILL = 20.0
PILL_SIZE = 11.0
_LANE = 14.0
_LONGEST = 196.0
_EDGE = 16.0
_APART = 8.0


@dataclass(slots=True)
class Place:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(slots=True)
class Pill:
    """The name of what flows, on its arrow."""

    place: Place
    text: str


@dataclass(slots=True)
class Arrow:
    """The way to one end; `end` is None for what nobody reads."""

    end: End | None
    points: list[Point]


@dataclass(slots=True)
class Wire:
    flow: Flow
    arrows: list[Arrow]
    pills: list[Pill]


@dataclass(slots=True, eq=False)
class _Part:
    """A flow in one channel: where it comes from above and goes down to, and the pill with its name."""

    flow: Flow
    channel: int
    top: float | None = None
    ends: list[tuple[float, End]] = field(default_factory=list)
    lane: bool = False
    pill: tuple[float, float, str] | None = None
    track: int = 0

    def extent(self, right: float) -> tuple[float, float]:
        xs = [x for x, _ in self.ends]
        if self.top is not None:
            xs.append(self.top)
        if self.pill is not None:
            xs += [self.pill[0], self.pill[0] + self.pill[1]]
        if self.lane:
            xs.append(right)
        return min(xs), max(xs)


class Plan:
    """Tracks and lanes, which need no heights. `right` is where the last lane ends."""

    def __init__(self, right: float) -> None:
        self.right = right
        self.parts: dict[int, list[_Part]] = {}
        self.flows: list[tuple[Flow, list[_Part]]] = []
        self.lanes: dict[int, float] = {}

    def tracks(self, channel: int) -> int:
        """How many tracks a channel needs."""
        return max((part.track + 1 for part in self.parts.get(channel, ())), default=0)

    def wires(self, places: dict[int, Place], channels: list[float]) -> list[Wire]:
        """The arrows, now that the heights are known."""
        made = []
        for flow, parts in self.flows:
            ys = {id(part): channels[part.channel] + part.track * PITCH for part in parts}
            pills = [
                Pill(Place(part.pill[0], ys[id(part)] - PILL / 2, part.pill[1], PILL), part.pill[2])
                for part in parts
                if part.pill is not None
            ]
            first = parts[0]
            lane = self.lanes.get(id(flow))
            start: list[Point] = []
            if first.top is not None and flow.source is not None:
                start.append((first.top, places[flow.source.number].bottom))
                start.append((first.top, ys[id(first)]))
            elif first.ends:
                start.append((max(x for x, _ in first.ends), ys[id(first)]))
            arrows = []
            for part in parts:
                for x, end in part.ends:
                    points = list(start)
                    if part is not first and lane is not None:
                        points += [(lane, ys[id(first)]), (lane, ys[id(part)])]
                    points += [(x, ys[id(part)]), (x, places[end.box.number].y)]
                    arrows.append(Arrow(end, _straight(points)))
            made.append(Wire(flow, arrows or [Arrow(None, start)], pills))
        return made


def _straight(points: list[Point]) -> list[Point]:
    """Without points that are there twice or lie on a straight way."""
    made: list[Point] = []
    for point in points:
        if made and made[-1] == point:
            continue
        if len(made) > 1 and (
            made[-2][0] == made[-1][0] == point[0] or made[-2][1] == made[-1][1] == point[1]
        ):
            made.pop()
        made.append(point)
    return made


def plan(
    graph: Graph, lines: list[list[Box]], xs: dict[int, float], box: float, right: float, outside: float
) -> Plan:
    """Give every flow its tracks, its lane and the places at which it meets the boxes.

    `xs` are the left edges of the boxes (`box` wide), `right` ends the room for them, `outside` the bands.
    """
    made = Plan(outside)
    line_of = {item.number: at for at, line in enumerate(lines) for item in line}
    _Pins(graph, made, line_of, xs, box, right).set()
    for parts in made.parts.values():
        _tracks(parts, outside)
    _lanes(made, outside)
    return made


class _Pins:
    """Where the flows meet the boxes."""

    def __init__(
        self,
        graph: Graph,
        made: Plan,
        line_of: dict[int, int],
        xs: dict[int, float],
        box: float,
        right: float,
    ) -> None:
        self.graph = graph
        self.made = made
        self.line_of = line_of
        self.xs = xs
        self.box = box
        self.right = right
        self.taken: dict[int, list[tuple[float, Flow]]] = {}
        self.by_flow: dict[int, dict[int, _Part]] = {}
        self.top: dict[int, float] = {}
        self.arrivals: dict[int, int] = {}

    def set(self) -> None:
        outs: dict[int, list[Flow]] = {}
        ins: dict[int, list[tuple[Flow, End]]] = {}
        for flow in self.graph.flows:
            if flow.source is not None:
                outs.setdefault(flow.source.number, []).append(flow)
            for end in flow.ends:
                ins.setdefault(end.box.number, []).append((flow, end))
        self.arrivals = {number: len(arriving) for number, arriving in ins.items()}
        boxes = sorted(self.line_of, key=lambda number: (self.line_of[number], self.xs[number]))
        for number in boxes:
            self._leave(number, outs.get(number, []))
        for number in boxes:
            self._arrive(number, ins.get(number, []))
        for flow in self.graph.flows:
            parts = self.by_flow.get(id(flow), {})
            if not parts:
                continue
            source = flow.source
            first = self.line_of[source.number] + 1 if source is not None else min(parts)
            ordered = [parts[first], *(parts[at] for at in sorted(parts) if at != first)]
            for part in ordered:
                part.lane = len(ordered) > 1
                if part.pill is None:
                    self._name(part)
                self.made.parts.setdefault(part.channel, []).append(part)
            self.made.flows.append((flow, ordered))

    def _part(self, flow: Flow, channel: int) -> _Part:
        parts = self.by_flow.setdefault(id(flow), {})
        return parts.setdefault(channel, _Part(flow, channel))

    def _is_direct(self, flow: Flow, line: int) -> bool:
        """Does it come from the line above?"""
        return flow.source is not None and self.line_of[flow.source.number] + 1 == line

    def _leave(self, number: int, flows: list[Flow]) -> None:
        """The flows out of a box: those that go right are at the right."""
        channel = self.line_of[number] + 1
        left = self.xs[number]
        ordered = sorted(
            flows,
            key=lambda flow: any(self.line_of[end.box.number] != channel for end in flow.ends),
        )
        count = len(ordered)
        half = self.box / 2 - 6
        halves = count == 2 and all(_pill_width(flow) <= half for flow in ordered)
        for at, flow in enumerate(ordered):
            room = _LONGEST
            if count == 1:
                x = left + self.box / 2
            elif halves:
                x, room = left + self.box * (1 + 2 * at) / 4, half
            else:
                step = min(16.0, (self.box - 2 * _EDGE) / (count - 1))
                x = left + _EDGE + at * step
            part = self._part(flow, channel)
            part.top = self.top[id(flow)] = x
            self.taken.setdefault(channel, []).append((x, flow))
            size = min(room, _pill_width(flow))
            start = x - size / 2 if count == 1 or halves else x - 12
            edge = left + self.box if count == 1 or halves else self.right
            part.pill = (min(max(left, start), edge - size), size, _fitted(flow, size))

    def _arrive(self, number: int, arriving: list[tuple[Flow, End]]) -> None:
        """The flows into a box: those from the line above stand below what they come from, the others right."""
        channel = self.line_of[number]
        left = self.xs[number]
        ordered = sorted(
            arriving,
            key=lambda item: (0, self.top[id(item[0])]) if self._is_direct(item[0], channel) else (1, 0.0),
        )
        count = len(ordered)
        step = min(40.0, (self.box - 2 * _EDGE) / max(1, count - 1))
        places = [left + self.box / 2 + (at - (count - 1) / 2) * step for at in range(count)]
        if count > 1:
            # Names begin at their arrows; if there is no room for one, all arrows make some.
            over = [
                x - 12 + min(_LONGEST, _pill_width(flow)) - self.right
                for x, (flow, _) in zip(places, ordered, strict=True)
                if not self._is_direct(flow, channel)
            ]
            shift = min(max([0.0, *over]), places[0] - left - _EDGE)
            places = [x - shift for x in places]
        for x, (flow, end) in zip(places, ordered, strict=True):
            if self._is_direct(flow, channel):
                above = self.top[id(flow)]
                near = self.box / 2 - _EDGE if count == 1 else step / 2 - _APART / 2
                if abs(above - x) <= near:
                    x = above
            x = self._free(x, flow, channel, left)
            self.taken.setdefault(channel, []).append((x, flow))
            self._part(flow, channel).ends.append((x, end))

    def _free(self, x: float, flow: Flow, channel: int, left: float) -> float:
        """The nearest place at which no other flow is met."""
        others = [at for at, other in self.taken.get(channel, ()) if other is not flow]
        for number in range(20):
            for sign in (1, -1) if number else (1,):
                at = x + sign * number * 12
                if not left + _EDGE <= at <= left + self.box - _EDGE:
                    continue
                if all(abs(at - other) >= _APART for other in others):
                    return at
        return x

    def _name(self, part: _Part) -> None:
        """The pill where a flow comes in from a lane, or from nowhere."""
        x, end = max(part.ends, key=lambda item: item[0])
        size = min(_LONGEST, _pill_width(part.flow))
        left = self.xs[end.box.number]
        if self.arrivals[end.box.number] == 1:
            start = min(max(left, x - size / 2), left + self.box - size)
        else:
            start = min(x - 12, self.right - size)
        part.pill = (start, size, _fitted(part.flow, size))


def _pill_width(flow: Flow) -> float:
    return width(flow.name, PILL_SIZE) + 20


def _fitted(flow: Flow, size: float) -> str:
    return shorten(flow.name, size - 19, PILL_SIZE)


def _tracks(parts: list[_Part], right: float) -> None:
    """A track for each part. What leaves a box at the right, or arrives at the left, is above: so least ways cross."""
    parts.sort(key=lambda part: (0, -part.top) if part.top is not None else (1, part.ends[0][0]))
    done: list[tuple[float, float, int]] = []
    for part in parts:
        start, end = part.extent(right)
        below = [track for low, high, track in done if low < end + _APART and start < high + _APART]
        part.track = max(below, default=-1) + 1
        done.append((start, end, part.track))


def _lanes(made: Plan, outside: float) -> None:
    """A lane for each flow that passes a line; short ways are near the bands."""
    spans = []
    for number, (flow, parts) in enumerate(made.flows):
        if len(parts) > 1:
            places = sorted((part.channel, part.track) for part in parts)
            spans.append((places[-1][0] - places[0][0], number, places[0], places[-1], flow))
    lanes: list[list[tuple[tuple[int, int], tuple[int, int]]]] = []
    for _, _, first, last, flow in sorted(spans, key=lambda span: span[:2]):
        at = 0
        while at < len(lanes) and any(low <= last and first <= high for low, high in lanes[at]):
            at += 1
        if at == len(lanes):
            lanes.append([])
        lanes[at].append((first, last))
        made.lanes[id(flow)] = outside + _LANE * (at + 1)
    made.right = outside + (_LANE * len(lanes) + 4 if lanes else 0)
