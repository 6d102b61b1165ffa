"""The attribution over the sample's picture: where it lies, its colours, what stays meanwhile."""

import numpy as np
import pytest

from tests.viewer.views.test_sample_views import ready
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import LIGHT, rgb
from viewer.state.tree import State
from viewer.studio.attributing import Explained, overlay_question
from viewer.studio.questions import Found
from viewer.views.sample.view import SampleView
from viewer.views.signed_map import coloured, grey

SIZE = (300, 500)
pytestmark = pytest.mark.gl


def state_of(**changes):
    usual = {"shown": True, "opacity": 1.0, "within": 1.0}
    return State().with_part("attribution", **{**usual, **changes})


def answered(state, facts, heat, **more):
    """The facts with an answer to what the sample view asks."""
    found = Explained(0, "gradient", heat, float(np.nanmax(np.abs(heat))), seconds=0.1, **more)
    return facts.but(explanations={overlay_question(state, facts).key: Found(found)})


@pytest.fixture
def draw(context):
    frame = Framebuffer(context, *SIZE)
    view = SampleView()

    def drawn(state, facts, ratio=1.0):
        view.follow(state, None, facts, None)
        frame.bind()
        view.draw(context, *SIZE, ratio)
        return view, frame.read()[..., :3].astype(int)

    yield drawn
    view.release()
    frame.release()


def cell(view, pixels, row, column, shape=(8, 8)):
    """The pixel in the middle of a value's square; the values lie in the picture's middle."""
    left, top, width, height = view._places().picture
    rows, columns = view.wish.picture.shape[:2]
    y0, x0, y1, x1 = view.wish.attribution.box
    down = top + height / rows * (y0 + (row + 0.5) * (y1 - y0) / shape[0])
    across = left + width / columns * (x0 + (column + 0.5) * (x1 - x0) / shape[1])
    return pixels[int(down), int(across)]


def test_values_lie_where_the_network_saw_the_picture_in_the_diverging_colours(draw):
    heat = np.zeros((8, 8), np.float32)
    heat[0, 0], heat[7, 7], heat[3, 4] = 2.0, -2.0, np.nan
    state, facts = state_of(), ready()
    view, pixels = draw(state, answered(state, facts, heat))
    box = view.wish.attribution.box
    assert box == (4.0, 0.0, 12.0, 8.0)  # of 16 x 8, the middle square
    expected = coloured(heat, 2.0, view.theme)
    for row, column in ((0, 0), (7, 7), (3, 4), (5, 5)):
        assert np.abs(cell(view, pixels, row, column) - expected[row, column]).max() <= 1
    middle = np.array(rgb(view.theme.view)) * 255
    assert np.abs(cell(view, pixels, 5, 5) - middle).max() <= 2
    assert expected[0, 0, 0] > expected[0, 0, 2] and expected[7, 7, 2] > expected[7, 7, 0]


def test_outside_and_below_a_weak_one_the_picture_is_grey(draw):
    heat = np.full((8, 8), 1.0, np.float32)
    facts = ready()
    state = state_of(opacity=0.0)
    view, pixels = draw(state, answered(state, facts, heat))
    left, top, width, height = view._places().picture
    picture = grey(facts.answer.picture)
    for row, column in ((1, 3), (8, 5), (14, 0)):
        at = pixels[int(top + (row + 0.5) * height / 16), int(left + (column + 0.5) * width / 8)]
        assert np.abs(at - picture[row, column]).max() <= 1
    half = state_of(opacity=0.5)
    view, pixels = draw(half, answered(half, facts, heat))
    mixed = (coloured(heat, 1.0, view.theme)[4, 4].astype(int) + picture[8, 4]) / 2
    assert np.abs(cell(view, pixels, 4, 4) - mixed).max() <= 2


def test_the_theme_changes_the_colours_and_twice_the_size_is_the_same_picture(draw):
    heat = np.linspace(-1, 1, 64, dtype=np.float32).reshape(8, 8)
    state, facts = state_of(), ready()
    view, dark = draw(state, answered(state, facts, heat))
    view.set_theme(LIGHT)
    view, light = draw(state, answered(state, facts, heat))
    assert np.abs(dark - light).max() > 100
    expected = coloured(heat, 1.0, LIGHT)
    assert np.abs(cell(view, light, 0, 0) - expected[0, 0]).max() <= 1
    draw(state, answered(state, facts, heat), 2.0)


def test_the_former_values_stay_until_others_of_the_same_sample_are_there(draw):
    heat = np.full((8, 8), 1.0, np.float32)
    state, facts = state_of(), ready()
    known = answered(state, facts, heat)
    view, first = draw(state, known)
    assert not view.pending
    other = state_of(method="lrp")
    view, meanwhile = draw(other, known)
    assert view.pending
    assert (cell(view, meanwhile, 4, 4) == cell(view, first, 4, 4)).all()
    view, next_one = draw(state, ready(shown=0).but(explanations={}))
    assert (cell(view, next_one, 4, 4) == cell(view, first, 4, 4)).all()
    shown = state_of().with_part("focus", sample=1)
    view, empty = draw(shown, ready(shown=1))
    assert view.pending and view._found is None
    failed = ready().but(
        explanations={overlay_question(state, facts).key: Found(failure="no rule for Odd")}
    )
    view, without = draw(state, failed)
    assert not view.pending and view._found is None
    assert np.abs(cell(view, without, 4, 4) - cell(view, first, 4, 4)).max() > 20


def test_how_long_it_took_is_said_in_the_window_alone(draw):
    heat = np.linspace(-1, 1, 64, dtype=np.float32).reshape(8, 8)
    state, facts = state_of(), ready()
    quick, slow = (
        facts.but(explanations={overlay_question(state, facts).key: Found(found)})
        for found in (Explained(0, "gradient", heat, 1.0, seconds=took) for took in (0.1, 7.0))
    )
    _, first = draw(state, quick)
    view, second = draw(state, slow)
    assert (first == second).all()
    view.animates = True
    assert (draw(state, slow)[1] != second).any()
