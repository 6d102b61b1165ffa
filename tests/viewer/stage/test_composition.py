"""The composition: every view in its rectangle, titles and captions over, nothing drawn in vain."""

import numpy as np
import pytest

from viewer.gl.api import GL
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.stage.composition import Composition, plan, ratio_of, shown, wrapped
from viewer.state import layout as layouts
from viewer.state.tree import State
from viewer.state.window import WindowSettings
from viewer.views.view import View
from viewer.visuals.glyphs import measure

COLOURS = {"stack": (255, 0, 0), "sample": (0, 255, 0), "maps": (0, 0, 255)}
LAYOUTS = {
    "row": layouts.row((0.7, layouts.pane("stack")), (0.3, layouts.pane("sample"))),
    "column": layouts.column(
        (0.5, layouts.row((0.5, layouts.pane("stack")), (0.5, layouts.pane("sample")))),
        (0.5, layouts.Tabs(("maps", "tasks"), "tasks")),
    ),
    "alone": layouts.pane("sample"),
}


class Plain(View):
    """A view of one colour that counts how often it is drawn, and where."""

    def __init__(self, name):
        super().__init__()
        self.name, self.detail = name, ""
        self.drawn = []

    def paint(self, context, width_px, height_px, ratio):
        self.drawn.append((width_px, height_px, ratio))
        colour = np.array([*COLOURS[self.name], 255], np.float32) / 255
        GL.glClearBufferfv(GL.GL_COLOR, 0, colour)


class Stage:
    """Three plain views."""

    def __init__(self):
        self.views = {name: Plain(name) for name in COLOURS}


def state_of(name, **changes):
    layout = layouts.Layout(LAYOUTS[name])
    return State().with_part("window", layout=layout, **changes)


@pytest.fixture
def compose(context):
    """``compose(state, size, captions)`` -> pixels and whether it was drawn; one composition."""
    stage, frames = Stage(), {}
    composition = Composition(stage)

    def draw(state, size=(320, 180), captions=()):
        frame = frames.get(size) or frames.setdefault(size, Framebuffer(context, *size))
        frame.bind()
        drew = composition.draw(context, *size, state, captions)
        return frame.read()[..., :3].astype(int), drew

    draw.stage = stage
    yield draw
    composition.release()
    for frame in frames.values():
        frame.release()


@pytest.mark.gl
@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("size", [(320, 180), (641, 363), (200, 500)])
def test_each_view_fills_its_rectangle_below_its_title(compose, name, size):
    state = state_of(name)
    pixels, _ = compose(state, size)
    made = plan(state.window, *size)
    assert set(made.panes) == set(layouts.in_front(layouts.drawn(state.window.layout)))
    inside = np.zeros(pixels.shape[:2], bool)
    for pane in made.panes:
        left, top, width, height = made.inside(pane)
        assert top == made.panes[pane][1] + made.title
        view = pixels[top : top + height, left : left + width]
        assert (view == COLOURS[pane]).all(), pane
        inside[top : top + height, left : left + width] = True
    for colour in COLOURS.values():  # and is nowhere else
        assert not (pixels[~inside] == colour).all(1).any()


@pytest.mark.gl
def test_titles_say_what_the_view_shows_and_follow_it(compose):
    state = state_of("row")
    without, _ = compose(state)
    compose.stage.views["stack"].detail = "conv3_2"
    pixels, drew = compose(state)
    assert drew
    made = plan(state.window, 320, 180)
    title = without[: made.title, : made.panes["stack"][2]]
    assert np.abs(title - np.array(rgb(DARK.panel)) * 255).max() > 100
    changed = np.argwhere((pixels != without).any(2))
    assert len(changed)
    assert changed[:, 0].max() < made.title
    assert changed[:, 1].max() < made.panes["stack"][2]


@pytest.mark.gl
def test_nothing_is_drawn_again_that_has_not_changed(compose):
    state, views = state_of("row"), compose.stage.views
    first, drew = compose(state)
    assert drew
    again, drew = compose(state)
    assert not drew
    assert (first == again).all()
    views["sample"].outdated.emit()
    assert compose(state)[1]
    assert [len(views[name].drawn) for name in COLOURS] == [1, 2, 0]
    assert compose(state, captions=[("words", "top")])[1]
    assert compose(state)[1]
    assert [len(views[name].drawn) for name in COLOURS] == [1, 2, 0]


@pytest.mark.gl
def test_a_pane_that_comes_back_is_drawn_as_it_is_then(compose, context):
    both, alone = state_of("row"), state_of("row", only="sample")
    compose(both)
    before = context.live()["Framebuffer"]
    pixels, _ = compose(alone)
    assert (pixels[60:] == COLOURS["sample"]).all()
    assert context.live()["Framebuffer"] == before - 1
    compose.stage.views["stack"].outdated.emit()
    compose(both)
    assert len(compose.stage.views["stack"].drawn) == 2


@pytest.mark.gl
def test_floating_panes_stand_over_the_others(compose):
    layout = layouts.Layout(LAYOUTS["row"], (layouts.Floating("maps", 0.4, 0.25, 0.4, 0.5),))
    pixels, _ = compose(State().with_part("window", layout=layout))
    assert (pixels[90, 128 + 5 : 128 + 120] == COLOURS["maps"]).all()
    assert (pixels[90, 20] == COLOURS["stack"]).all()
    title = pixels[47 : 47 + 12, 128 + 100 : 128 + 120]
    assert np.abs(title - np.array(rgb(DARK.panel)) * 255).max() <= 1


@pytest.mark.parametrize("place", [(-50.0, 99.0, 1e8, 1e-8), (0.9, 0.9, 0.5, 0.5)])
def test_floating_panes_are_inside_the_picture(place):
    layout = layouts.Layout(LAYOUTS["row"], (layouts.Floating("maps", *place),))
    left, top, width, height = plan(WindowSettings(layout=layout), 320, 180).panes["maps"]
    assert width >= 1
    assert height >= 1
    assert 0 <= left <= 320 - width
    assert 0 <= top <= 180 - height


@pytest.mark.gl
def test_an_empty_window_is_plain(compose):
    pixels, _ = compose(State().with_part("window", layout=layouts.Layout(None)))
    assert np.abs(pixels - np.array(rgb(DARK.window)) * 255).max() <= 1


@pytest.mark.gl
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("place", ["top", "bottom", "left", "right", "middle"])
def test_captions_stand_where_they_should(compose, theme, place):
    state = state_of("alone", theme=theme.name)
    without, _ = compose(state, (640, 360))
    pixels, _ = compose(state, (640, 360), [("Two\nlines", place)])
    rows, columns = np.nonzero((pixels != without).any(2))
    middle = ((rows.min() + rows.max()) / 720, (columns.min() + columns.max()) / 1280)
    wanted = {"top": (0, 1), "bottom": (2, 1), "left": (1, 0), "right": (1, 2), "middle": (1, 1)}
    thirds = tuple(int(3 * share) for share in middle)
    assert thirds == wanted[place]
    ground = pixels[rows.min() + 2, columns.min() + 2]
    wanted = 0.9 * np.array(rgb(theme.panel)) * 255 + 0.1 * np.array(COLOURS["sample"])
    assert np.abs(ground - wanted).max() <= 2
    assert rows.min() >= 0
    assert columns.min() > 0


def test_only_drawn_views_are_shown():
    state = state_of("column", only="tasks")
    window = shown(state).window
    assert layouts.in_front(window.layout, window.only) == ("stack", "sample", "maps")
    assert shown(state_of("column", only="maps")).window.only == "maps"


def test_text_grows_with_the_picture_and_stays_readable():
    assert ratio_of(1280, 720) == 1.0
    assert ratio_of(3840, 2160) == 3.0
    assert 12 * ratio_of(640, 360) >= 10
    assert 12 * ratio_of(100, 2000) >= 10
    assert ratio_of(1280, 720, presenting=True) > 1.2


def test_long_captions_are_broken_into_lines():
    text = "Every layer of the network stands behind the one before it,\nas deep as it has channels"
    lines = wrapped(text, 300, 20)
    assert " ".join(lines) == " ".join(text.split())
    assert "as deep" in next(line for line in lines if "deep" in line)
    assert len(lines) > 2
    assert all(measure(line, 20, "medium") <= 300 for line in lines)
    assert wrapped("  ", 300, 20) == []
    assert wrapped("Donaudampfschifffahrtsgesellschaft" * 3, 300, 20)[0].endswith("…")
