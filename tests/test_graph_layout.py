"""Where the parts of a picture go: properties that hold for any pipeline."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.graph import layout, lettering, mermaid, page, svg
from cdlint.graph.layout import BOX_WIDTH, Layout, arrange
from cdlint.graph.parts import CATEGORIES, Band, Box, End, Flow, Graph, Row
from cdlint.graph.routes import Place


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Stages of any shape, and flows between any actions, forwards and backwards."""
    names = st.text(max_size=40)
    bands: list[Band] = []
    boxes: list[Box] = []
    for _ in range(draw(st.integers(1, 5))):
        rows = []
        for order in range(draw(st.integers(0, 3))):
            row = []
            for _ in range(draw(st.integers(1, 7))):
                category = draw(st.sampled_from(("", *CATEGORIES)))
                row.append(Box(len(boxes), draw(names), draw(names), category, str(order + 1)))
                boxes.append(row[-1])
            rows.append(Row(str(order + 1), row))
        bands.append(Band(draw(names), rows))
    flows = []
    if boxes:
        one = st.sampled_from(boxes)
        for _ in range(draw(st.integers(0, 14))):
            source = draw(st.none() | one)
            ends = draw(st.lists(one, unique=True, min_size=source is None, max_size=6))
            flows.append(Flow(draw(names), source, [End(box, draw(st.booleans())) for box in ends]))
    return Graph(draw(names), "pipeline.yml", bands, flows)


def apart(one: Place, other: Place) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def inside(inner: Place, outer: Place) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.right <= outer.right + 0.01
        and inner.bottom <= outer.bottom + 0.01
    )


def all_apart(places: list[Place]) -> bool:
    return all(apart(one, other) for at, one in enumerate(places) for other in places[at + 1 :])


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from((1, 4)))
def test_layout_keeps_everything_apart_and_on_the_canvas(drawn: Graph, most: int) -> None:
    made = arrange(drawn, most)
    canvas = Place(0, 0, made.width, made.height)
    assert [placed.box.number for placed in made.boxes] == [box.number for box in drawn.boxes]
    assert [placed.band for placed in made.bands] == drawn.bands
    bands = [placed.place for placed in made.bands]
    boxes = [placed.place for placed in made.boxes]
    pills = [pill.place for wire in made.wires for pill in wire.pills]
    assert all(inside(place, canvas) for place in [*bands, *boxes, *pills])
    assert all_apart(bands)
    assert all_apart([*boxes, *pills])
    for placed in made.boxes:
        assert any(inside(placed.place, band) for band in bands)
        assert placed.place.width == BOX_WIDTH


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from((1, 4)))
def test_every_arrow_is_drawn_once_and_meets_no_box(drawn: Graph, most: int) -> None:
    made = arrange(drawn, most)
    places = {placed.box.number: placed.place for placed in made.boxes}
    assert [id(wire.flow) for wire in made.wires] == [id(flow) for flow in drawn.flows]
    for wire in made.wires:
        flow = wire.flow
        ends = [id(arrow.end) for arrow in wire.arrows if arrow.end is not None]
        assert sorted(ends) == sorted(id(end) for end in flow.ends)
        assert flow.ends or len(wire.arrows) == 1
        assert wire.pills
        for arrow in wire.arrows:
            check_arrow(arrow.points, flow.source, arrow.end, places, made)


def check_arrow(
    points: list[tuple[float, float]],
    source: Box | None,
    end: End | None,
    places: dict[int, Place],
    made: Layout,
) -> None:
    if source is not None:
        place = places[source.number]
        assert points[0][1] == place.bottom
        assert place.x < points[0][0] < place.right
    if end is not None:
        place = places[end.box.number]
        assert points[-1][1] == place.y
        assert place.x < points[-1][0] < place.right
    for (x, y), (to_x, to_y) in zip(points, points[1:], strict=False):
        assert x == to_x or y == to_y
        way = Place(min(x, to_x), min(y, to_y), abs(x - to_x), abs(y - to_y))
        assert inside(way, Place(0, 0, made.width, made.height))
        assert all(apart(way, place) for place in places.values())


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_two_flows_share_no_track_and_no_lane(drawn: Graph) -> None:
    made = arrange(drawn)
    outside = max(placed.place.right for placed in made.bands)
    tracks: dict[tuple[str, float], list[tuple[float, float, int]]] = {}
    for number, wire in enumerate(made.wires):
        for arrow in wire.arrows:
            for (x, y), (to_x, to_y) in zip(arrow.points, arrow.points[1:], strict=False):
                if y == to_y:
                    tracks.setdefault(("y", y), []).append((min(x, to_x), max(x, to_x), number))
                elif x > outside:
                    tracks.setdefault(("x", x), []).append((min(y, to_y), max(y, to_y), number))
    for parts in tracks.values():
        for at, (low, high, number) in enumerate(parts):
            for other_low, other_high, other in parts[at + 1 :]:
                assert number == other or high < other_low or other_high < low


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_labels_fit_their_places(drawn: Graph) -> None:
    made = arrange(drawn)
    for placed in made.boxes:
        for line in placed.title:
            assert lettering.width(line, layout.TITLE, bold=True) <= BOX_WIDTH - 57 - 12
        for line in placed.details:
            assert lettering.width(line, layout.SMALL) <= BOX_WIDTH - 57 - 12
    for wire in made.wires:
        for pill in wire.pills:
            assert lettering.width(pill.text, 11) <= pill.place.width - 10


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_all_formats_take_any_graph_and_always_write_the_same(drawn: Graph) -> None:
    text = svg.write([drawn])
    ElementTree.fromstring(text)
    assert svg.write([drawn]) == text
    assert page.write([drawn, drawn]).startswith("<!DOCTYPE html>")
    assert mermaid.write([drawn, drawn]).startswith("flowchart TB\n")


def large(stages: int, actions: int) -> Graph:
    bands, flows, before = [], [], None
    boxes: list[Box] = []
    for stage in range(stages):
        row = [Box(len(boxes) + at, f"Action{stage}-{at}", "CodeBuild", "Build") for at in range(actions)]
        boxes += row
        bands.append(Band(f"Stage{stage}", [Row("1", row)]))
        if before is not None:
            flows.append(Flow(f"Artifact{stage}", before, [End(box) for box in row]))
        before = row[0]
    return Graph("large", "pipeline.json", bands, flows)


def test_the_largest_pipeline_stays_narrow_and_small() -> None:
    made = arrange(large(50, 50))
    assert made.width < 1400
    assert len(made.boxes) == 2500
    assert arrange(large(50, 1)).width < 600


def test_mermaid_that_is_too_large_is_told() -> None:
    assert mermaid.is_too_large(mermaid.write([large(20, 40)]))
    assert not mermaid.is_too_large(mermaid.write([large(5, 5)]))
