"""The importance view as it is drawn: cells in the colour of their importance, hollow where off."""

import numpy as np
import pytest

from tests.viewer.studio.test_weighing import seen_state
from tests.viewer.views.test_importance import OFF, VALUES, everything
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import LIGHT, rgb
from viewer.state.hover import Hovered
from viewer.state.importance import PARTS
from viewer.views.importance.curve import area_of, ceiling_of, line_of, order_colours
from viewer.views.importance.view import ImportanceView
from viewer.views.shades import shades_of

SIZE = (900, 700)
pytestmark = pytest.mark.gl


@pytest.fixture
def draw(context):
    view = ImportanceView()

    def drawn(state, facts=None, size=SIZE, theme=None, hovered=None):
        if theme is not None:
            view.set_theme(theme)
        view.follow(state, hovered, facts or everything(state), None)
        frame = Framebuffer(context, *size)
        frame.bind()
        view.draw(context, *size)
        pixels = frame.read()[..., :3].astype(int)
        frame.release()
        return view, pixels

    yield drawn
    view.release()


def corner(view, channel):
    """(row, column) near the corner of a filter's cell, beside its number and its cross."""
    part = next(part for part in view.parts() if part.name == "grid")
    left, top, wide, tall = part.grid().cell(list(part.channels).index(channel))
    return int(top + tall * 0.5), int(left + wide * 0.12)


@pytest.mark.parametrize("theme", [None, LIGHT])
def test_cells_have_the_colour_of_their_importance_and_are_hollow_where_off(draw, theme):
    view, pixels = draw(seen_state(off=OFF), theme=theme)
    shades = np.rint(255 * shades_of(VALUES, view.theme))
    back = np.array(rgb(view.theme.view)) * 255
    for channel in range(6):
        wanted = back if channel in OFF[0][1] else shades[channel]
        assert np.abs(pixels[corner(view, channel)] - wanted).max() <= 1, channel


def test_what_is_under_the_pointer_is_framed_in_grid_and_bars_alike(draw):
    state = seen_state()
    view, before = draw(state)
    _, after = draw(state, hovered=Hovered("conv2", 3))
    changed = np.abs(after - before).max(2) > 60
    for name in ("grid", "bars"):
        box = next(part for part in view.parts() if part.name == name).box
        inside = changed[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
        assert inside.any(), name
    _, other = draw(state, hovered=Hovered("conv1", 3))
    assert np.array_equal(other, before)


def test_bars_are_as_tall_as_their_values(draw):
    view, pixels = draw(seen_state(parts=("bars",), by_rank=False))
    part = next(part for part in view.parts() if part.name == "bars")
    plot, step = part.plot, part.step
    shades = np.rint(255 * shades_of(VALUES, view.theme))
    for channel, value in enumerate(VALUES):
        column = pixels[:, int(plot.left + (channel + 0.5) * step)]
        inside = slice(int(plot.top), int(plot.bottom))
        tall = (np.abs(column[inside] - shades[channel]).max(1) <= 1).sum()
        assert abs(tall - plot.height * value / VALUES.max()) <= 3, channel


def test_the_curve_goes_through_its_points(draw):
    view, pixels = draw(seen_state(parts=("curve",)))
    part = next(part for part in view.parts() if part.name == "curve")
    (box, _), *_ = part.panels
    area, curve = area_of(box), view.wish.curve.value
    colour = np.array(rgb(order_colours(view.theme)[0])) * 255
    y = area.bottom - area.height * line_of(curve, "ascending", False) / ceiling_of(curve, [False])
    at = len(y) // 2  # away from the axes
    row, column = int(round(y[at])), int(area.left + area.width * curve.share[at])
    near = pixels[row - 3 : row + 4, column - 3 : column + 4].reshape(-1, 3)
    assert np.abs(near - colour).max(1).min() <= 60


@pytest.mark.parametrize("size", [(400, 300), (160, 120), (1600, 950)])
def test_everything_is_drawn_in_any_room(draw, size):
    state = seen_state(parts=PARTS, of_class=1, off=OFF)
    view, pixels = draw(state, size=size)
    assert np.ptp(pixels, axis=(0, 1)).max() > 100
    view, pixels = draw(state.with_part("focus", layer=None), size=size)
    assert np.ptp(pixels, axis=(0, 1)).max() > 40
