"""The stack view by pointer, wheel and keys: they give commands, and the picture follows."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.viewer.views.test_resolve import ready
from viewer.session.session import Session
from viewer.state.stack import MODES
from viewer.studio.samples import Answer, Question
from viewer.views.gestures import LEFT, RIGHT, Pointer
from viewer.views.stack.view import StackView
from viewer.visuals.legend import bar_box

WIDTH, HEIGHT = 640, 480


class Builder:
    """Makes at once what is asked for; holds it back while ``holds``."""

    holds = False

    def ask(self, slot, function, on_answer):
        self.later = lambda: on_answer(function())
        if not self.holds:
            self.later()

    def forget(self, slot):
        self.later = None


class Bench:
    """A view wired to a session, drawn without a window."""

    def __init__(self, take, context):
        self.take, self.context = take, context
        self.now = 0.0
        self.session = Session(clock=lambda: self.now)
        self.builder = Builder()
        self.facts = self.with_values(0)
        self.view = StackView()
        self.given, self.hovers = [], []
        self.view.wished.connect(self.give)
        self.view.dragged.connect(lambda kind, args: self.session.drag(kind, **args))
        self.view.drag_ended.connect(self.session.end_drag)
        self.view.hovered.connect(self.hovers.append)
        self.follow()

    def with_values(self, sample):
        facts, random = ready(), np.random.default_rng(sample)
        maps = {
            layer.name: random.random(layer.output_shape).astype(np.float32)
            for layer in facts.network.layers
        }
        seen = np.full((8, 8, 3), 60, np.uint8)
        return facts.but(answer=Answer(Question(1, sample), seen, seen, maps))

    def give(self, kind, args):
        self.now += 1.0
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def follow(self):
        self.view.follow(self.session.state, None, self.facts, self.builder)

    def picture(self):
        self.follow()
        return self.take(lambda: self.view.draw(self.context, WIDTH, HEIGHT), WIDTH, HEIGHT)

    def drag(self, start, end, button=LEFT):
        self.view.press(Pointer(*start, button))
        for share in (0.5, 1.0):
            place = [a + (b - a) * share for a, b in zip(start, end, strict=True)]
            self.view.move(Pointer(*place, button))
            self.follow()
        self.view.lift(Pointer(*end, button))
        self.follow()

    def click(self, x, y):
        self.view.press(Pointer(x, y, LEFT))
        self.view.lift(Pointer(x, y, LEFT))


@pytest.fixture
def bench(picture, context):
    made = Bench(picture, context)
    yield made
    made.view.release()


def differs(one, other):
    return int((np.abs(one.astype(int) - other) > 8).any(-1).sum())


def test_every_mode_and_setting_changes_the_picture(bench):
    pictures = {}
    for mode in MODES:
        bench.give("stack.mode", {"mode": mode})
        pictures[mode] = bench.picture()
        for other in pictures:
            assert other == mode or differs(pictures[mode], pictures[other]) > 200
    for mode, kind, args in (
        ("emission", "stack.clip", {"axis": "columns", "low": 0.0, "high": 0.4}),
        ("emission", "stack.curve", {"points": [[0.0, 0.0], [0.8, 0.0], [1.0, 1.0]]}),
        ("emission", "stack.opacity", {"opacity": 0.2}),
        ("isosurface", "stack.iso", {"iso": 0.9}),
        ("attenuated", "stack.attenuation", {"attenuation": 6.0}),
        ("emission", "stack.spacing", {"spacing": 3.0}),
        ("emission", "stack.limits", {"layer": "conv1", "low": 0.7, "high": 0.8}),
        ("emission", "stack.hide", {"layer": "conv1"}),
        ("emission", "stack.solo", {"layer": "fc"}),
        ("emission", "stack.picture", {"picture": False}),
        ("emission", "stack.labels", {"labels": False}),
    ):
        bench.give("stack.mode", {"mode": mode})
        before = bench.picture()
        bench.give(kind, args)
        assert differs(bench.picture(), before) > 100, kind
        bench.session.do("undo")
        assert differs(bench.picture(), before) == 0, kind


def test_hiding_a_layer_moves_nothing(bench):
    bench.give("stack.labels", {"labels": False})
    before = bench.picture()
    bench.give("stack.hide", {"layer": "fc"})
    after = bench.picture()
    assert differs(before[:, : WIDTH // 2], after[:, : WIDTH // 2]) < 60  # the badge alone


def test_a_click_focuses_the_unit_that_is_hovered_and_it_is_marked(bench):
    before = bench.picture()
    x, y = WIDTH * 0.4, HEIGHT * 0.5
    bench.view.move(Pointer(x, y))
    hovered = bench.hovers[-1]
    assert hovered is not None
    values = bench.facts.answer.maps[hovered.layer]
    assert hovered.value == pytest.approx(values[(hovered.channel, *hovered.unit)], abs=1e-3)
    bench.click(x, y)
    focus = bench.session.state.focus
    assert (focus.layer, focus.channel, focus.unit) == (
        hovered.layer,
        hovered.channel,
        hovered.unit,
    )
    after = bench.picture()
    box = after[int(y) - 12 : int(y) + 12, int(x) - 12 : int(x) + 12]
    assert differs(box, before[int(y) - 12 : int(y) + 12, int(x) - 12 : int(x) + 12]) > 20


def test_what_the_picture_covers_is_not_hovered(bench):
    bench.give("camera.stand", {"azimuth": 0.0, "elevation": 0.0})
    bench.picture()
    bench.view.move(Pointer(WIDTH / 2, HEIGHT / 2))
    assert bench.hovers[-1] is None
    bench.give("stack.picture", {"picture": False})
    bench.picture()
    bench.view.move(Pointer(WIDTH / 2, HEIGHT / 2))
    assert bench.hovers[-1].layer == "conv1"


def test_an_end_of_the_colour_bar_is_dragged_and_a_double_click_forgets_it(bench):
    bench.give("focus.layer", {"layer": "conv2"})
    bench.picture()
    left, top, right, bottom = bar_box(WIDTH, HEIGHT)
    middle = (top + bottom) / 2
    bench.drag((right, middle), (right - (right - left) / 2, middle))
    high = bench.view.contents.slab("conv2").high
    (_, low, limit) = bench.session.state.stack.limits[0]
    assert (low, limit) == (0.0, high)
    assert high == pytest.approx(bench.facts.answer.maps["conv2"].max() / 2, rel=0.02)
    assert bench.session.commands[-1].kind == "stack.limits"
    assert len(bench.session.commands[-1].args["keys"]) >= 1
    assert any("clipped above" in words for words in bench.view._clipped)
    bench.view.double_press(Pointer((left + right) / 2, middle, LEFT))
    assert bench.session.state.stack.limits == ()


def test_a_layers_name_focuses_it_and_a_double_click_flies_there(bench):
    bench.picture()
    label = next(box for box in bench.view.scene.label_boxes if box.name == "conv2")
    place = ((label.left + label.right) / 2, (label.top + label.bottom) / 2)
    bench.click(*place)
    assert bench.given[-1] == ("focus.layer", {"layer": "conv2"})
    bench.view.double_press(Pointer(*place, LEFT))
    assert bench.given[-1][0] == "camera.move"
    assert bench.session.state.camera.zoom > 1.2
    there = bench.session.state.camera
    bench.give("camera.fit", {})
    assert bench.view.key("return")
    assert bench.session.state.camera.zoom == pytest.approx(there.zoom, rel=1e-6)
    assert not bench.view.key("x")


def test_drags_turn_and_move_as_one_command_and_the_wheel_zooms_under_the_pointer(bench):
    bench.picture()
    bench.drag((300, 200), (400, 240))
    command = bench.session.commands[-1]
    assert (command.kind, set(command.args)) == ("camera.move", {"azimuth", "elevation", "keys"})
    bench.drag((300, 200), (340, 200), RIGHT)
    assert set(bench.session.commands[-1].args) == {"shift", "keys"}
    zoom = bench.session.state.camera.zoom
    bench.view.wheel(Pointer(100, 100), 2)
    assert bench.session.state.camera.zoom > zoom
    bench.view.double_press(Pointer(600, 20, LEFT))
    assert bench.session.state.camera.zoom == 1.0


def test_while_samples_play_the_rate_is_said_and_each_step_is_drawn_once(bench):
    from psygnal import Signal

    class Playing:
        changed = Signal()
        running, words = True, "playing 8/s, interpolation off"

        def stop(self):
            self.running = False

    bench.view.play_with(Playing())
    bench.picture()
    assert "playing 8/s, interpolation off" in bench.view.scene.legend.badges
    asked = []
    bench.view.outdated.connect(lambda: asked.append(1))
    bench.session.drag("focus.sample", sample=1)
    bench.follow()
    assert bench.view.pending
    assert asked == []
    bench.facts = bench.with_values(1)
    bench.builder.holds = True
    bench.follow()
    assert bench.view.pending
    assert bench.view.scene.legend.title.startswith("sample 1 ")
    bench.builder.later()
    assert len(asked) == 1
    bench.picture()
    assert not bench.view.pending
    assert bench.view.scene.legend.title.startswith("sample 2 ")
    assert not any("computing" in words for words in bench.view.scene.legend.badges)
    assert bench.view.key("escape")
    assert not bench.view.playing.running
    assert not bench.view.key("escape")


def test_stopped_a_late_answer_is_said(bench):
    bench.session.do("focus.sample", sample=5)
    bench.picture()
    assert bench.view.scene.legend.badges == ("computing sample 6",)


def test_nothing_at_all_is_survived(bench):
    bench.facts = SimpleNamespace(**vars(ready(answer=None)), is_late=lambda state: True)
    bench.facts.sample_count = 0
    bench.follow()
    for act in (bench.view.move, bench.view.press, bench.view.lift, bench.view.double_press):
        act(Pointer(10, 10, LEFT))
    bench.view.wheel(Pointer(10, 10), 1)
    assert not bench.view.key("return")
    assert bench.given == []
    bench.take(lambda: bench.view.draw(bench.context, WIDTH, HEIGHT), WIDTH, HEIGHT)
