"""The feature maps view without a window: what it shows for a state, and what gestures give."""

import numpy as np
import pytest

from tests.builders import Later, Now
from tests.pretend_engine import Data, Network
from tests.viewer.given_orders import answered, apply_named
from viewer.session.session import Session
from viewer.state.hover import Hovered
from viewer.state.tree import State
from viewer.studio.facts import FAILED, OPENING, READY, ExtractionFacts, Facts, StudySummary
from viewer.studio.means import MeanMaps
from viewer.studio.samples import Answer, Question
from viewer.views.gestures import Pointer
from viewer.views.maps.build import layer_ends
from viewer.views.maps.marks import FOOT, thumb
from viewer.views.maps.reordering import Reordering
from viewer.views.maps.resolve import resolve
from viewer.views.maps.view import MapsView
from viewer.views.maps.wall import HEAD
from viewer.views.range_bar import Bar

CTRL = frozenset({"ctrl"})


def ready(**changes):
    network, data = Network("net.onnx", certain=True), Data()
    random = np.random.default_rng(3)
    maps = {
        layer.name: random.random(layer.output_shape, dtype=np.float32) for layer in network.layers
    }
    maps["conv1"][2] = 0
    picture = np.zeros((8, 8, 3), np.uint8)
    answer = Answer(Question(1, 0), picture, picture, maps)
    return Facts(
        phase=READY, network=network, data=data, labels=data.labels, answer=answer,
        preprocessing=network.preprocessing,
    ).but(**changes)  # fmt: skip


class Desk:
    """A view with a session, as the stage ties them."""

    def __init__(self, size=(400, 300), facts=None, builder=None):
        self.session, self.facts = Session(clock=lambda: 0.0), facts or ready()
        self.builder = builder or Now()
        self.view, self.hovered = MapsView(), []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.dragged.connect(lambda kind, args: self.session.drag(kind, **args))
        self.view.drag_ended.connect(self.session.end_drag)
        self.view.hovered.connect(self.hovered.append)
        self.follow()

    def give(self, kind, args):
        self.session.do(kind, **args)
        self.follow()

    def do(self, kind, **args):
        self.give(kind, args)

    def follow(self, hovered=None):
        self.view.follow(self.session.state, hovered, self.facts, self.builder)

    def click(self, x, y):
        self.view.press(Pointer(x, y, "left"))
        self.view.lift(Pointer(x, y, "left"))
        self.follow()

    def middle(self, layer, slot):
        """Where a map is on the screen."""
        wall = self.view.wall()
        block = wall.blocks[self.view.contents.index(layer)]
        left, top, width, height = block.box(slot)
        return left + width / 2, top + height / 2 - wall.scroll_of(self.view._place)

    @property
    def given(self):
        return [(command.kind, dict(command.args)) for command in self.session.commands]


def test_without_maps_there_is_a_word():
    assert resolve(State(), Facts()).message
    assert resolve(State(), Facts(phase=OPENING)).late
    assert resolve(State(), Facts(phase=FAILED, failure="x")).maps is None
    assert resolve(State(), ready(data=None)).message
    assert resolve(State(), ready(answer=None)).late
    failed = ready(answer=Answer(Question(1, 0), failure="it is broken"))
    assert resolve(State(), failed).message == "it is broken"


def test_the_input_comes_first_then_layers_by_depth():
    desk = Desk()
    assert [layer.name for layer in desk.view.contents.layers] == ["input", "conv1", "conv2", "fc"]
    assert desk.view.contents.layers[0].values.shape == (3, 8, 8)


def test_ranges_are_over_the_study_when_it_is_complete():
    summary = StudySummary(ranges={"conv1": (0.0, 9.0)}, samples=12)
    facts = ready(extraction=ExtractionFacts("done"), summary=summary)
    desk = Desk(facts=facts)
    assert desk.view.contents.layers[1].high == 9.0
    assert "over 12 samples" in desk.view.detail
    desk.do("maps.over", over="sample")
    assert desk.view.contents.layers[1].high < 1.0
    assert "this sample" in desk.view.detail


def test_the_mean_says_of_how_many_samples():
    desk = Desk()
    desk.session.do("maps.set", set="mean")
    desk.follow()
    assert desk.view.pending and desk.view.contents is None
    maps = {"conv1": np.ones((4, 8, 8), np.float32)}
    means = MeanMaps("k", maps, {"conv1": 5}, wanted=12, running=True)
    desk.facts = desk.facts.but(means=means)
    desk.follow()
    assert desk.view.pending
    assert desk.view.wish.exactness["conv1"] == "mean of 5"
    assert desk.view.detail.startswith("mean of 5 of 12 samples")
    assert [layer.name for layer in desk.view.contents.layers] == ["conv1"]


def test_dead_channels_are_left_out_and_counted():
    desk = Desk()
    desk.do("maps.dead", hidden=True)
    layer = desk.view.contents.layers[1]
    assert list(layer.order) == [0, 1, 3] and layer.hidden == 1
    desk.do("orders.choose", method="maximum", basis="sample")
    assert desk.view.pending and list(desk.view.contents.layers[1].order) == [0, 1, 3]
    desk.facts = answered(desk.session.state, desk.facts, "conv1", [3, 2, 1, 0], quality=0.9)
    desk.follow()
    assert list(desk.view.contents.layers[1].order) == [3, 1, 0]
    assert desk.view.wish.badges["conv1"] == "by maximum 0.90 of random"
    assert "channels by maximum" in desk.view.detail


def test_what_was_shown_stays_until_the_next_sample_is_ready():
    builder = Later()
    desk = Desk(builder=builder)
    assert desk.view.pending and desk.view.contents is None
    builder.answer()
    first = desk.view.contents
    assert not desk.view.pending and first is not None
    desk.facts = ready()
    desk.follow()
    assert desk.view.pending and desk.view.contents is first
    builder.answer()
    assert desk.view.contents is not first


def test_the_wheel_scrolls_and_is_undone_with_the_camera():
    desk = Desk()
    desk.view.wheel(Pointer(100, 100), -1)
    assert desk.given[-1][0] == "maps.look"
    assert 0 < desk.session.state.maps_camera.place
    before = desk.view._place
    desk.view.wheel(Pointer(100, 100), 50)
    assert desk.view._place == 0.0 < before


def test_the_wheel_with_control_zooms_about_the_pointer():
    desk = Desk((500, 260))
    desk.do("maps.look", size=60.0)
    x, y = desk.middle("conv1", 1)
    for _ in range(4):
        desk.view.wheel(Pointer(x, y, modifiers=CTRL), 1)
    assert desk.session.state.maps_camera.size > 100
    assert desk.middle("conv1", 1)[1] == pytest.approx(y, abs=1.0)


def test_keys_scroll_and_zoom():
    desk = Desk()
    assert desk.view.key("pagedown", frozenset({"shift"}))
    assert desk.view._place > 0
    assert desk.view.key("end")
    wall = desk.view.wall()
    assert wall.scroll_of(desk.view._place) == pytest.approx(wall.longest)
    assert desk.view.key("home") and desk.view._place == 0
    assert desk.view.key("+") and desk.session.state.maps_camera.size > 48
    assert not desk.view.key("x")


def test_dragging_scrolls_as_one_command():
    desk = Desk((400, 160))
    desk.view.press(Pointer(100, 120, "left"))
    for y in range(110, 10, -10):
        desk.view.move(Pointer(100, y, "left"))
    desk.view.lift(Pointer(100, 20, "left"))
    assert [kind for kind, _ in desk.given] == ["maps.look"]
    wall = desk.view.wall()
    assert wall.scroll_of(desk.view._place) == pytest.approx(100, abs=1)


def test_the_scroll_bar_moves_by_its_thumb_and_jumps_beside_it():
    desk = Desk((400, 160))
    wall = desk.view.wall()
    top, length = thumb(wall, 0.0)
    desk.view.press(Pointer(398, top + 5, "left"))
    desk.view.move(Pointer(398, top + 5 + (wall.height - length) / 2, "left"))
    assert wall.scroll_of(desk.view._place) == pytest.approx(wall.longest / 2, abs=1)
    desk.view.lift(Pointer(398, 50, "left"))
    desk.view.press(Pointer(398, wall.height - 2, "left"))
    desk.view.lift(Pointer(398, wall.height - 2, "left"))
    assert wall.scroll_of(desk.view._place) == pytest.approx(wall.longest, abs=1)


def test_a_click_on_a_heading_makes_the_layer_active_and_on_its_triangle_folds_it():
    desk = Desk()
    top = desk.view.wall().blocks[1].top
    desk.click(120, top + HEAD / 2)
    assert desk.given[-1] == ("focus.layer", {"layer": "conv1"})
    desk.click(12, top + HEAD / 2)
    assert desk.given[-1] == ("maps.fold", {"layers": ["conv1"], "folded": True})
    assert desk.view.wall().blocks[1].count == 0
    desk.click(12, top + HEAD / 2)
    assert desk.session.state.maps.folded == ()


def test_a_click_on_a_map_takes_the_unit_where_one_can_be_aimed_at():
    desk = Desk()
    x, y = desk.middle("conv2", 3)
    desk.click(x + 1, y + 1)
    wanted = {"layer": "conv2", "channel": 3, "unit": [2, 2]}
    assert desk.given[-1] == ("focus.unit", wanted)
    desk.do("maps.look", size=8.0)
    desk.click(*desk.middle("conv2", 4))
    assert desk.given[-1] == ("focus.channel", {"layer": "conv2", "channel": 4})


def test_a_click_on_the_input_focuses_nothing():
    desk = Desk()
    desk.click(*desk.middle("input", 1))
    assert desk.given == []


def test_the_pointer_tells_layer_channel_place_and_value():
    desk = Desk()
    x, y = desk.middle("conv1", 3)
    desk.view.move(Pointer(x + 1, y - 10))
    found = desk.hovered[-1]
    assert (found.layer, found.channel) == ("conv1", 3)
    assert found.value == desk.facts.answer.maps["conv1"][(3, *found.unit)]
    desk.view.key("end")
    desk.view.move(Pointer(*desk.middle("fc", 2)))
    assert desk.hovered[-1] == Hovered("fc", 2, None, float(desk.facts.answer.maps["fc"][2]))
    desk.view.leave()
    assert desk.hovered[-1] is None


def test_what_becomes_active_elsewhere_is_brought_into_sight(context_free_draw):
    desk = Desk((300, 150))
    desk.session.do("focus.channel", layer="conv2", channel=5)
    desk.follow()
    context_free_draw(desk.view)
    _, y = desk.middle("conv2", 5)
    assert HEAD <= y <= 150 - FOOT
    assert desk.session.state.maps_camera.place == 0.0  # nobody scrolled
    desk.do("maps.look", size=60.0)
    context_free_draw(desk.view)
    assert HEAD <= desk.middle("conv2", 5)[1] <= 150 - FOOT
    desk.do("maps.look", place=0.0)  # back to the top, though the state's place was there
    assert desk.view._place == 0.0
    desk.do("focus.layer", layer=None)
    context_free_draw(desk.view)
    assert desk.view._place == 0.0


def test_a_click_does_not_move_the_view(context_free_draw):
    desk = Desk((300, 150))
    x, y = desk.middle("conv1", 0)
    desk.click(x, y)
    context_free_draw(desk.view)
    assert desk.view._place == 0.0


def test_a_double_click_fills_the_view_with_the_map_and_again_makes_it_small():
    desk = Desk((400, 300))
    desk.view.double_press(Pointer(*desk.middle("conv2", 4), "left"))
    desk.follow()
    wall = desk.view.wall()
    left, top, width, height = wall.blocks[2].box(4)
    assert height > 200 and HEAD <= top - wall.scroll_of(desk.view._place) + 1
    desk.view.double_press(Pointer(*desk.middle("conv2", 4), "left"))
    assert desk.session.state.maps_camera.size == 48


@pytest.fixture
def context_free_draw():
    """What a picture does to the view besides drawing."""

    def draw(view):
        if view._brings:
            view._bring_focus(view.wall())

    return draw


def test_the_colour_bar_is_dragged_and_reset(context_free_draw):
    desk = Desk()
    top = desk.view.height - FOOT + 10
    desk.view._bar = Bar("conv1", 0.0, 2.0, False, 100.0, 96.0)
    desk.view.press(Pointer(196, top, "left"))
    for x in (210, 230, 256):
        desk.view.move(Pointer(x, top, "left"))
    desk.view.lift(Pointer(256, top, "left"))
    desk.follow()
    kind, args = desk.given[-1]
    assert kind == "stack.limits" and args["layer"] == "conv1"
    assert (args["low"], args["high"]) == (0.0, 4.0)
    layer = desk.view.contents.layers[1]
    assert layer_ends(desk.view.contents, layer, desk.view.wish.ranges) == (0.0, 4.0, False)
    desk.view.double_press(Pointer(150, top, "left"))
    desk.follow()
    assert desk.session.state.stack.limits == ()


def test_a_signed_bar_stays_symmetric_and_a_low_end_never_passes_zero():
    assert Bar("a", -2.0, 2.0, True, 0, 96).dragged("low", -60) == (-4.0, 4.0)
    assert Bar("a", 0.0, 2.0, False, 0, 96).dragged("low", -60) == (0.0, 2.0)
    low, high = Bar("a", 0.0, 2.0, False, 0, 96).dragged("low", 60)
    assert (low, high) == (1.0, 2.0)


def test_maps_may_go_while_a_button_is_held():
    desk = Desk()
    desk.view.press(Pointer(100, 100, "left"))
    desk.facts = ready(answer=None)
    desk.follow()
    desk.view.move(Pointer(100, 50, "left"))
    desk.view.lift(Pointer(100, 50, "left"))
    desk.view.wheel(Pointer(100, 50), 1)
    desk.view.double_press(Pointer(100, 50, "left"))
    assert desk.given == [] and not desk.view.key("end")


def test_maps_move_to_their_places_in_another_order():
    now, desk = [0.0], Desk()
    desk.view.animates = True
    moving = desk.view._reordering = Reordering(lambda: now[0])
    apply_named(desk.do, "conv1", [3, 2, 1, 0])
    assert moving.runs
    contents, index = desk.view.contents, desk.view.contents.index("conv1")

    def boxes_of(slots):
        return np.stack([10.0 * slots, 0 * slots, 0 * slots + 8, 0 * slots + 8], 1)

    def lefts(of=contents):
        return list(moving.boxes(of, index, np.arange(4), boxes_of)[:, 0])

    assert lefts() == [30, 20, 10, 0]  # map 3 stands first now, and comes from the last place
    now[0] = 0.075
    assert lefts() == [15, 15, 15, 15]
    now[0] = 0.16
    assert lefts() == [0, 10, 20, 30] and not moving.runs
    desk.do("maps.dead", hidden=True)  # other maps: nothing moves
    assert not moving.runs
