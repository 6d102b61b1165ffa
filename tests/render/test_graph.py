"""The graph as it is drawn: what is where and in which colour, and nothing left behind."""

import numpy as np
import pytest

from tests.builders import Now
from tests.viewer.views.network_graphs import FAMILIES, chain
from tests.viewer.views.test_network_view import ready
from viewer.gl.api import GL
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.state.hover import Hovered
from viewer.state.tree import State
from viewer.studio.facts import LayerNumbers, StudySummary
from viewer.views.gestures import LEFT, Pointer
from viewer.views.network.build import curve
from viewer.views.network.colouring import kind_colour
from viewer.views.network.view import NetworkView
from viewer.visuals.graph import WIRE, GraphPicture
from viewer.visuals.transfer import colours
from viewer.visuals.words import Words

pytestmark = pytest.mark.gl
WIDTH, HEIGHT = 300, 400


def near(pixel, colour, levels=3):
    wanted = 255 * np.array(rgb(colour) if isinstance(colour, str) else colour)
    return np.abs(np.asarray(pixel, float) - wanted).max() <= levels


class Drawn:
    """A view of a family of networks, drawn."""

    def __init__(self, context, picture, layers, summary=None, hovered=None, focus=None, **more):
        self.view = NetworkView()
        self.view.set_theme(more.pop("theme", DARK))
        camera, self.ratio = more.pop("camera", {}), more.pop("ratio", 1.0)
        state = State().with_part("network", **more).with_part("network_camera", **camera)
        state = state.with_part("focus", layer=focus)
        self.view.follow(state, hovered, ready(layers, summary), Now())
        self._context, self._picture = context, picture
        self.draw()

    def draw(self):
        size = round(WIDTH * self.ratio), round(HEIGHT * self.ratio)
        self.pixels = self._picture(lambda: self.view.draw(self._context, *size, self.ratio), *size)

    def at(self, layer, dx=0, dy=0):
        """The pixel so many from a block's middle."""
        x, y = self.view.place_of(layer)
        return self.pixels[int((y + dy) * self.ratio), int((x + dx) * self.ratio)]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_block_has_its_fill_its_border_and_the_strip_of_its_kind(context, picture, theme, ratio):
    drawn = Drawn(context, picture, chain(5), theme=theme, ratio=ratio)
    sizes = drawn.view.graph.sizes.block
    assert near(drawn.at("conv1", 20, -17), theme.panel)
    assert near(drawn.at("conv1", -sizes[0] / 2 + 1.5, 0), kind_colour("conv"))
    assert near(drawn.at("conv1", sizes[0] / 2 - 0.5, 0), theme.edge)
    assert near(drawn.at("conv1", sizes[0] / 2 + 4, 0), theme.view)
    drawn.view.release()


def test_wires_join_the_blocks_of_a_chain(context, picture):
    drawn = Drawn(context, picture, chain(5))
    gap = drawn.view.graph.sizes.row / 2
    assert near(drawn.at("conv1", 0, gap), DARK.edge, 40)
    assert near(drawn.at("conv1", 12, gap), DARK.view)
    drawn.view.release()


def test_the_active_and_the_hovered_block_stand_out_with_their_wires(context, picture):
    drawn = Drawn(context, picture, chain(5), focus="conv1", hovered=Hovered("conv3"))
    right = drawn.view.graph.sizes.block[0] / 2
    assert near(drawn.at("conv1", right - 0.5), DARK.accent)
    red, _, blue = drawn.at("conv1", 0, drawn.view.graph.sizes.row / 2).astype(int)
    assert blue > 120 and blue - red > 50
    assert not near(drawn.at("conv2", right - 0.5), DARK.accent, 30)
    assert not near(drawn.at("conv3", right - 0.5), DARK.edge)
    drawn.view.release()


def test_colours_are_those_of_the_map_and_unknown_values_are_hatched(context, picture):
    layers = chain(5)
    numbers = {"conv0": LayerNumbers(1, 0, 0, 0.5, 0.0, 2.0)}
    numbers["conv1"] = LayerNumbers(2, 0, 0, 0.5, 0.0, 4.0)
    summary = StudySummary(samples=3, layers=numbers)
    drawn = Drawn(context, picture, layers, summary, colour_by="largest")
    table = colours(DARK, False)
    assert near(drawn.at("conv1", 30, -17), table[-1])
    assert near(drawn.at("conv0", 30, -17), table[round((len(table) - 1) / 2)])
    x, y = (round(part) for part in drawn.view.place_of("conv2"))
    patch = drawn.pixels[y - 17 : y - 8, x : x + 60].reshape(-1, 3)
    assert any(near(pixel, DARK.line) for pixel in patch)
    assert any(near(pixel, DARK.panel) for pixel in patch)
    drawn.view.release()


def test_what_is_not_found_fades(context, picture):
    drawn = Drawn(context, picture, chain(5), find="conv2")
    left = -drawn.view.graph.sizes.block[0] / 2 + 1.5
    mixed = 0.35 * np.array(rgb(kind_colour("conv"))) + 0.65 * np.array(rgb(DARK.view))
    assert near(drawn.at("conv1", left), mixed)
    assert near(drawn.at("conv2", -left - 0.5), DARK.text)
    drawn.view.release()


def test_names_are_written_where_they_can_be_read_and_not_below(context, picture):
    def light(scale):
        camera = {"framing": "free", "x": 0.0, "y": 200.0, "scale": scale}
        drawn = Drawn(context, picture, chain(8), camera=camera)
        drawn.view.release()
        return (drawn.pixels.astype(int).min(2) > 180).sum()

    assert light(1.0) > 100
    assert light(0.2) == 0


def test_a_layer_focused_elsewhere_comes_in_sight_within_the_time_of_a_motion(
    context, picture, monkeypatch
):
    from viewer.views.network import view as module

    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    drawn = Drawn(context, picture, chain(60))
    view, facts = drawn.view, ready(drawn.view.graph.layers)
    view.animates, places, told = True, [], []
    view.outdated.connect(lambda: told.append(now[0]))
    view.follow(State().with_part("focus", layer="conv50"), None, facts, Now())
    for step in (0.0, 0.05, 0.1, 0.2):
        now[0] = 100.0 + step
        drawn.draw()
        places.append(view.place_of("conv50")[1])
    assert places[0] > places[1] > places[2] > places[3]
    assert places[3] < HEIGHT < places[0]
    assert told[-1] == 100.1, "it goes on drawing until it is there, and no longer"
    view.animates = False
    view.follow(State().with_part("focus", layer="conv1"), None, facts, Now())
    drawn.draw()
    assert 0 < view.place_of("conv1")[1] < HEIGHT
    view.release()


def test_depth_to_the_right_turns_the_graph(context, picture):
    drawn = Drawn(context, picture, chain(5), orientation="right")
    (x0, y0), (x1, y1) = drawn.view.place_of("conv0"), drawn.view.place_of("conv1")
    assert y0 == y1 and x1 - x0 > 100
    assert near(drawn.at("conv0", (x0 - x1) / 2), DARK.edge, 40)
    drawn.view.release()


def test_the_sign_of_a_folded_block_unfolds_it_and_folds_again(context, picture):
    drawn = Drawn(context, picture, FAMILIES["transformer"], folding="all")
    given = []
    drawn.view.wished.connect(lambda kind, args: given.append((kind, args)))
    for _ in range(2):
        (left, top, right, bottom), _ = drawn.view._picture.signs[0]
        pointer = Pointer((left + right) / 2, (top + bottom) / 2, LEFT)
        drawn.view.press(pointer)
        drawn.view.lift(pointer)
        state = State().with_part("network", folding="none")
        drawn.view.follow(state, None, ready(FAMILIES["transformer"]), Now())
        drawn.draw()
    assert given == [("network.fold", {"group": "blocks.0.norm1"})] * 2
    drawn.view.release()


def test_a_card_tells_what_has_no_room(context, picture):
    camera = {"framing": "whole"}
    drawn = Drawn(context, picture, chain(40), camera=camera)
    before = drawn.pixels
    drawn.view.move(Pointer(*drawn.view.place_of("conv20")))
    drawn.draw()
    changed = np.argwhere((drawn.pixels != before).any(2))
    assert np.ptp(changed[:, 1]) > 80 and np.ptp(changed[:, 0]) > 60
    drawn.view.release()


def test_curves_are_drawn_where_their_twin_says(context, picture):
    class Place:
        scale, offset, swap = 2.0, (100.0, 10.0), False

    wires = np.zeros(1, WIRE)
    wires["ends"], wires["colour"] = (-40.0, 5.0, 60.0, 45.0), 255
    drawing = GraphPicture()

    def paint():
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([0, 0, 0, 1], np.float32))
        drawing.draw(
            context, 300, 120, 1.0, Place, DARK, np.zeros(0, wires.dtype), wires, wires[:0],
            (180.0, 40.0, 40.0),
        )  # fmt: skip

    pixels = picture(paint, 300, 120)[..., 0]
    for share in np.linspace(0.05, 0.95, 13):
        x, y = curve(wires["ends"][0], share) * 2.0 + (100, 10)
        assert pixels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].max() > 120
    assert (pixels > 30).sum() < 1200
    drawing.release()


def test_words_stand_as_those_of_the_overlay_and_move_with_their_place(context, picture):
    words = Words()

    def paint(x, y):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([0, 0, 0, 1], np.float32))
        words.clear()
        words.add(x, y, "conv1 42", 13, (255, 255, 255, 255))
        words.draw(context, 120, 50)

    first = picture(lambda: paint(10, 20), 120, 50)
    second = picture(lambda: paint(15, 27), 120, 50)
    assert first.max() > 200
    assert np.array_equal(first[:40, :110], second[7:47, 5:115])
    words.release()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_draws_and_leaves_nothing(context, picture, family, theme):
    before = context.live()
    for by in ("none", "kind", "macs", "dead"):
        drawn = Drawn(context, picture, FAMILIES[family], colour_by=by, theme=theme, folding="all")
        assert np.ptp(drawn.pixels.astype(int), axis=(0, 1)).max() > 40
        drawn.view.release()
    after = context.live()
    kinds = ("Buffer", "VertexArray", "Framebuffer")
    assert all(after[kind] == before[kind] for kind in kinds)


def test_an_empty_view_says_why(context, picture):
    from viewer.studio.facts import Facts

    view = NetworkView()
    view.follow(State(), None, Facts(), Now())
    pixels = picture(lambda: view.draw(context, WIDTH, HEIGHT), WIDTH, HEIGHT)
    assert near(pixels[5, 5], DARK.view) and pixels[180:220].max() > 100
    view.release()
