"""The network view without a window: searching, walking, standing, and what gestures give."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import Later, Now
from tests.viewer.views.network_graphs import FAMILIES, chain
from viewer.session.session import Session
from viewer.state.hover import Hovered
from viewer.state.network import NetworkCamera
from viewer.state.tree import State
from viewer.studio.facts import READY, Facts, LayerNumbers, StudySummary
from viewer.views.gestures import LEFT, Pointer
from viewer.views.network import placing
from viewer.views.network.build import graph_of
from viewer.views.network.colouring import colouring, short, value_text
from viewer.views.network.find import following, matches
from viewer.views.network.labels import cores_of, second_line, text_size
from viewer.views.network.view import NetworkView
from viewer.views.network.walking import BACK, DEEPER, walk
from viewer.views.network.walking import LEFT as TO_LEFT
from viewer.views.network.walking import RIGHT as TO_RIGHT
from viewer.visuals.glyphs import measure, shorten_middle


def ready(layers, summary=None):
    network = SimpleNamespace(layers=layers, input_shape=(1, 3, 64, 64))
    return Facts(phase=READY, network=network, summary=summary or StudySummary())


class Person:
    """A view of one size wired to a session, as the stage does it, and a pointer."""

    def __init__(self, layers, width=300, height=500):
        self.session, self.facts = Session(), ready(layers)
        self.view = NetworkView()
        self.view.width, self.view.height = float(width), float(height)
        self.given = []
        self.view.wished.connect(self.give)
        self.view.dragged.connect(lambda kind, args: self.follow(self.session.drag(kind, **args)))
        self.view.drag_ended.connect(self.session.end_drag)
        self.follow()

    def follow(self, _=None):
        self.view.follow(self.session.state, None, self.facts, Now())

    def give(self, kind, args):
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def drag(self, start, end):
        self.view.press(Pointer(*start, LEFT))
        for share in np.linspace(0, 1, 5)[1:]:
            place = [a + (b - a) * share for a, b in zip(start, end, strict=True)]
            self.view.move(Pointer(*place, LEFT))
        self.view.lift(Pointer(*end, LEFT))

    def click(self, place):
        self.view.press(Pointer(*place, LEFT))
        self.view.lift(Pointer(*place, LEFT))

    @property
    def camera(self):
        return self.session.state.network_camera

    @property
    def layer(self):
        return self.session.state.focus.layer


# searching


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("3a_1X1", ["inception_3a_1x1"]),
        ("*_pool", ["inception_3a_pool", "inception_3b_pool"]),
        ("kind:pool", ["inception_3a_pool", "inception_3b_pool"]),
        ("kind:p* 3b", ["inception_3b_pool"]),
        ("op:concat 3a", ["inception_3a_output"]),
        ("shape:10", ["classifier"]),
        ("nothing", []),
    ],
)
def test_matches(text, names):
    layers = tuple(
        layer
        for layer in FAMILIES["inception"]
        if not any(module in layer.name for module in ("4a", "4b", "4c"))
    )
    assert [layers[index].name for index in matches(layers, text)] == names


def test_the_next_match_goes_round():
    assert following([2, 5], None, 1) == 2
    assert following([2, 5], 2, 1) == 5
    assert following([2, 5], 5, 1) == 2
    assert following([2, 5], 2, -1) == 5
    assert following([], 2, 1) is None


# walking


def test_walking_follows_the_chain_and_steps_among_branches():
    graph = graph_of(FAMILIES["inception"], "none", (), "down")
    assert walk(graph, None, DEEPER) == "stem"
    assert walk(graph, "stem", BACK) is None
    inside = walk(graph, "stem", DEEPER)
    beside = {walk(graph, inside, way) for way in (TO_LEFT, TO_RIGHT)} - {None}
    assert beside and all(name.startswith("inception_3a") for name in beside)
    name = beside.pop()
    while name is not None and not name.endswith("output"):
        name = walk(graph, name, DEEPER)
    assert name == "inception_3a_output"


def test_a_folded_repetition_is_one_step():
    graph = graph_of(FAMILIES["transformer"], "all", (), "down")
    assert walk(graph, "patch", DEEPER) == "blocks.0.norm1"
    assert walk(graph, "blocks.3.mix", DEEPER) == "head"
    assert walk(graph, "head", BACK) == "blocks.11.add2"


# standing


@pytest.mark.parametrize("swap", [False, True])
@given(x=st.floats(0, 300), y=st.floats(0, 500), factor=st.floats(0.2, 5), scale=st.floats(0.01, 4))
def test_zooming_leaves_what_is_under_the_pointer(swap, x, y, factor, scale):
    before = placing.Standing(30.0, 200.0, scale)
    after = placing.zoomed(before, factor, x, y, 300, 500, swap)
    places = [
        np.array(placing.placing(found, 300, 500, swap).to_graph(x, y)) for found in (before, after)
    ]
    assert np.allclose(*places, rtol=1e-6, atol=1e-6 / scale)


@pytest.mark.parametrize("orientation", ["down", "right"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_whole_graph_is_in_sight(family, orientation):
    graph = graph_of(FAMILIES[family], "none", (), orientation)
    swap = orientation == "right"
    found = placing.standing(NetworkCamera("whole"), graph, 640, 480, swap)
    corners = placing.placing(found, 640, 480, swap).to_view(np.array([graph.low, graph.high]))
    assert (corners >= 0).all() and (corners <= (640, 480)).all()


def test_the_first_sight_is_readable_and_begins_with_the_input():
    graph = graph_of(FAMILIES["transformer"], "none", (), "down")
    found = placing.standing(NetworkCamera(), graph, 230, 500, False)
    assert 0.84 <= found.scale <= 1.0
    x, y = placing.placing(found, 230, 500, False).to_view(graph.centre[0])
    assert 0 < y < 60 and 60 < x < 170


def test_a_layer_focused_elsewhere_is_brought_in_sight_and_no_further():
    graph = graph_of(chain(40), "none", (), "down")
    camera = NetworkCamera()

    def place(layer):
        found = placing.standing(camera, graph, 230, 500, False, layer)
        return placing.placing(found, 230, 500, False).to_view(graph.centre[graph.node_of[layer]])

    base = placing.standing(camera, graph, 230, 500, False)
    assert placing.standing(camera, graph, 230, 500, False, "conv1") == base
    assert 400 < place("conv30")[1] < 500
    seen = NetworkCamera("free", 0.0, 30.0, 1.0, "conv30")
    assert placing.standing(seen, graph, 230, 500, False, "conv30").along == 30.0


def test_a_motion_ends_where_it_should_and_never_leaves_the_way():
    start, end = placing.Standing(0, 0, 0.1), placing.Standing(100, 900, 2.0)
    assert placing.between(start, end, 1.0) == end
    middle = placing.between(start, end, 0.5)
    assert 0.1 < middle.scale < 2.0 and 0 < middle.along < 900


# gestures


def test_a_click_makes_a_layer_active_and_nothing_moves():
    person = Person(chain(30))
    before = person.view.standing()
    person.click(person.view.place_of("conv2"))
    assert person.given == [("focus.layer", {"layer": "conv2"})]
    assert person.view.standing() == before
    person.session.do("focus.layer", layer="conv20")
    person.follow()
    brought = person.view.standing()
    assert brought != before
    person.click(person.view.place_of("conv19"))
    assert person.layer == "conv19" and person.view.standing() == brought


def test_a_click_on_the_input_leaves_no_layer_active():
    person = Person(chain(5))
    person.session.do("focus.layer", layer="conv2")
    person.follow()
    place = person.view._placing().to_view(person.view.graph.centre[0])
    person.click(place)
    assert person.layer is None


def test_a_drag_pans_by_what_the_pointer_moved_and_is_undone_as_one():
    person = Person(chain(30))
    before = person.view.place_of("conv3")
    person.drag((100, 300), (140, 220))
    after = person.view.place_of("conv3")
    assert np.allclose(np.subtract(after, before), (40, -80))
    assert [command.kind for command in person.session.commands] == ["network.move"]
    person.session.do("camera.undo")
    person.follow()
    assert np.allclose(person.view.place_of("conv3"), before)


def test_the_wheel_zooms_at_the_pointer_and_with_shift_scrolls():
    person = Person(chain(30))
    place = person.view.place_of("conv3")
    person.view.wheel(Pointer(*place), 2)
    assert np.allclose(person.view.place_of("conv3"), place)
    assert person.camera.scale > 1
    person.view.wheel(Pointer(*place, "", frozenset({"shift"})), -1)
    assert np.isclose(person.view.place_of("conv3")[1], place[1] - 60)


def test_a_double_click_flies_to_a_block_unfolds_one_or_shows_everything():
    person = Person(FAMILIES["transformer"])
    person.view.double_press(Pointer(*person.view.place_of("patch"), LEFT))
    assert person.given[-1][0] == "network.move"
    assert np.allclose(person.view.place_of("patch"), (150, 250))
    person.session.do("network.folding", folding="all")
    person.session.do("network.look", framing="start")
    person.follow()
    person.view.double_press(Pointer(*person.view.place_of("blocks.5.mix"), LEFT))
    assert person.given[-1] == ("network.fold", {"group": "blocks.0.norm1"})
    assert len(person.view.graph.nodes) == len(FAMILIES["transformer"]) + 1
    person.view.double_press(Pointer(5, 480, LEFT))
    assert person.given[-1] == ("network.look", {"framing": "whole"})


def test_keys_walk_fold_and_look():
    person = Person(FAMILIES["transformer"])
    assert person.view.key("down") and person.layer == "patch"
    assert person.view.key("down") and person.layer == "blocks.0.norm1"
    assert person.view.key("up") and person.layer == "patch"
    assert not person.view.key("up")
    assert not person.view.key("return")
    person.view.key("down")
    assert person.view.key("return")
    assert len(person.view.graph.nodes) == 4
    for key, framing in (("end", "end"), ("home", "start"), ("f", "whole")):
        assert person.view.key(key) and person.camera.framing == framing
    assert not person.view.key("x") and not person.view.key("esc")
    person.give("network.find", {"text": "blocks"})
    assert person.view.key("esc") and person.session.state.network.find == ""


def test_zoom_and_scroll_without_a_pointer():
    person = Person(chain(60))
    person.view.scroll_by(0, 0.5)
    before = person.view.standing()
    person.view.scroll_by(0, 0.5)
    assert np.isclose((person.view.standing().along - before.along) * before.scale, 250)
    person.view.zoom_by(2.0)
    after = person.view.standing()
    assert np.isclose(after.scale, 2 * before.scale)
    assert np.isclose(after.along - before.along, 250 / before.scale)


def test_hovering_tells_the_layer_and_leaving_nothing():
    person, told = Person(chain(9)), []
    person.view.hovered.connect(told.append)
    person.view.move(Pointer(*person.view.place_of("conv1")))
    person.view.move(Pointer(2, 2))
    person.view.move(Pointer(*person.view.place_of("conv2")))
    person.view.leave()
    assert told == [Hovered("conv1"), None, Hovered("conv2"), None]


def test_folds_are_toggled_and_one_command_folds_all():
    person = Person(FAMILIES["inception"])
    person.give("network.folding", {"folding": "all"})
    folded = len(person.view.graph.nodes)
    person.give("network.fold", {"group": "inception_3a_1x1"})
    unfolded = len(person.view.graph.nodes)
    person.give("network.fold", {"group": "inception_3a_1x1"})
    assert folded == len(person.view.graph.nodes) == 4
    assert unfolded == len(FAMILIES["inception"]) + 1
    person.session.do("undo")
    assert person.session.state.network.exceptions == ("inception_3a_1x1",)


# what comes late


def test_a_small_graph_is_there_at_once():
    view = NetworkView()
    view.follow(State(), None, ready(chain(5)), None)
    assert not view.pending and len(view.graph.nodes) == 6


def test_a_large_graph_is_laid_out_elsewhere_and_a_late_one_is_dropped(monkeypatch):
    monkeypatch.setattr("viewer.views.network.view.AT_ONCE", 0)
    view, builder = NetworkView(), Later()
    first, second = ready(chain(5)), ready(chain(7))
    view.follow(State(), None, first, builder)
    assert view.pending and view.graph is None
    view.follow(State(), None, second, builder)
    builder.answer()
    assert not view.pending and len(view.graph.nodes) == 8
    view.follow(State().with_part("network", folding="all"), None, second, builder)
    assert view.pending and view.graph is not None
    builder.answer()
    assert not view.pending
    view.follow(State(), None, Facts(), builder)
    assert not view.pending and view.graph is None


def test_a_graph_that_goes_while_it_is_held_leaves_nothing_in_the_hand():
    person = Person(chain(30))
    person.view.move(Pointer(*person.view.place_of("conv5")))
    person.view.press(Pointer(100, 300, LEFT))
    person.view.move(Pointer(100, 250, LEFT))
    person.facts = ready(chain(2))
    person.follow()
    person.view.move(Pointer(100, 200, LEFT))
    person.view.lift(Pointer(100, 200, LEFT))
    person.view.follow(State(), None, Facts(), Now())
    person.view.move(Pointer(100, 210, LEFT))
    person.view.wheel(Pointer(100, 210), 1)
    person.view.double_press(Pointer(100, 210, LEFT))
    assert not person.view.key("down")


# colours and words


def test_dead_channels_by_definition():
    made = list(FAMILIES["resnet"])
    names = [layer.name for layer in made]
    rectified = made[names.index("layer0.0.conv1")]
    made[names.index("layer0.0.conv1")] = SimpleNamespace(**{**vars(rectified), "pre": "before"})
    layers = tuple(made)
    numbers = {
        "layer0.0.conv1": LayerNumbers(16, 2, 4, 0.5, -1.0, 3.0),
        "layer0.0.add": LayerNumbers(16, 2, 4, -0.5, -2.0, 1.0),
    }
    graph = graph_of(layers, "none", (), "down")
    summary = StudySummary(samples=7, layers=numbers)
    found = colouring(graph, "dead", summary)
    assert found.values[graph.node_of["layer0.0.conv1"]] == 4 / 16
    assert found.values[graph.node_of["layer0.0.add"]] == 2 / 16
    assert found.missing == len(layers) - 2 and found.over == "over 7 samples"
    assert np.isnan(found.values[0])
    mean = colouring(graph, "mean", summary)
    assert mean.signed and mean.high == 0.5
    assert mean.places()[graph.node_of["layer0.0.add"]] == 0.0


def test_a_folded_repetition_sums_costs_and_takes_the_largest_field():
    layers = FAMILIES["transformer"]
    graph = graph_of(layers, "all", (), "down")
    inside = [layer for layer in layers if layer.name.startswith("blocks")]
    macs = colouring(graph, "macs", StudySummary()).values[2]
    assert macs == sum(layer.macs for layer in inside)
    assert colouring(graph, "field", StudySummary()).values[2] == 3


@pytest.mark.parametrize("by", ["dead", "mean", "largest", "macs", "params", "field"])
def test_places_on_the_colour_map_are_within_it(by):
    layers = FAMILIES["inception"]
    graph = graph_of(layers, "none", (), "down")
    numbers = {layer.name: LayerNumbers(9, 1, 1, 0.5, 0.0, 2.0) for layer in layers[::2]}
    places = colouring(graph, by, StudySummary(samples=1, layers=numbers)).places()
    known = places[np.isfinite(places)]
    assert len(known) and (known >= 0).all() and (known <= 1).all()


def test_where_no_channel_is_dead_nothing_lights_up():
    layers = chain(4)
    numbers = {layer.name: LayerNumbers(9, 0, 0, 0.5, 0.0, 2.0) for layer in layers}
    graph = graph_of(layers, "none", (), "down")
    places = colouring(graph, "dead", StudySummary(samples=1, layers=numbers)).places()
    assert (places[1:] == 0).all()


def test_numbers_in_few_characters():
    assert [short(value) for value in (0, 950, 1200, 118e6, 2.4e9, 999_999)] == [
        "0", "950", "1.2 k", "118 M", "2.4 G", "1.0 M",
    ]  # fmt: skip
    assert value_text("dead", 0.125) == "12 %" and value_text("dead", 0.004) == "0.4 %"


@given(
    text=st.text(st.characters(min_codepoint=33, max_codepoint=122), max_size=40),
    room=st.integers(0, 160),
)
def test_a_name_keeps_both_ends_and_fits(text, room):
    shown = shorten_middle(text, room, 12)
    assert measure(shown, 12) <= room or not shown
    if shown not in (text, ""):
        head, tail = shown.split("…") if shown.count("…") == 1 else ("", "")
        assert text.startswith(head) and text.endswith(tail)


def test_long_names_are_told_apart_by_what_differs():
    names = [f"Net_stage_{n}_{what}_prequant" for n in range(4) for what in ("expand", "project")]
    layers = tuple(SimpleNamespace(name=name) for name in names)
    cores = cores_of(layers)
    assert cores["Net_stage_2_expand_prequant"] == "2_expand"
    assert len(set(cores.values())) == len(names)
    names = ["model_conv2d_5_BiasAdd", "model_conv2d_6_BiasAdd", "model_add_BiasAdd"]
    cores = cores_of(tuple(SimpleNamespace(name=name) for name in names))
    assert list(cores.values()) == ["conv2d_5", "conv2d_6", "add"]
    same = tuple(SimpleNamespace(name=name) for name in ("a_b", "a_b_c", "a_c"))
    assert cores_of(same)["a_b_c"] == "a_b_c"


def test_the_second_line_keeps_the_shape_longest():
    assert second_line("conv", "64 × 28 × 28", "15", 300, 12) == (
        "conv  64 × 28 × 28", "field 15",
    )  # fmt: skip
    assert second_line("conv", "64 × 28 × 28", "15", 110, 12)[0] == "64 × 28 × 28"
    assert second_line("conv", "64 × 28 × 28", "15", 5, 12) == ("", "")


def test_text_vanishes_where_nobody_could_read_it():
    sizes = [text_size(scale) for scale in (0.2, 0.3, 0.5, 0.8, 1.0, 5.0)]
    assert sizes == [0, 7, 10, 10, 12, 15]
