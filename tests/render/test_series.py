"""A series as it is drawn: pictures of its steps; the stack plays it without new objects."""

import numpy as np
import pytest

from tests.builders import Now
from tests.viewer.views.test_series import answered, facts_of, state_of, values_of
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import LIGHT, rgb
from viewer.studio import seriating
from viewer.views.series.build import picture_of, strongest
from viewer.views.series.view import SeriesView
from viewer.views.stack.view import StackView

SIZE = (640, 420)
pytestmark = pytest.mark.gl


@pytest.fixture
def draw(context):
    """``draw(view, state, facts)``: a view's picture once nothing is missing any more."""
    frame = Framebuffer(context, *SIZE)
    views = []

    def drawn(view, state, facts):
        views.append(view)
        view.follow(state, None, facts, Now())
        for _ in range(6):
            frame.bind()
            view.draw(context, *SIZE)
        return frame.read()[..., :3].astype(int)

    yield drawn
    for view in set(views):
        view.release()
    frame.release()


def test_each_step_is_a_picture_on_the_common_range(draw):
    state = state_of()
    facts = answered(state, facts_of())
    view = SeriesView()
    pixels = draw(view, state, facts)
    assert not view.pending
    limit = view.wish.limit
    for at in range(3):
        volumes = values_of(at).volumes("tiles", view.wish.series.ranges)
        flat = type(next(iter(view._flats.values())))(strongest(volumes.maps["conv1"]))
        expected = picture_of(flat, limit, view.theme)
        left, top, wide, tall = view.places().drawn(at, 1.0)
        rows, columns = flat.values.shape
        for row, column in ((0, 0), (rows - 1, columns - 1)):
            y = top + int((row + 0.5) * tall / rows)
            x = left + int((column + 0.5) * wide / columns)
            assert np.abs(pixels[y, x] - expected[row, column]).max() <= 1
    light = SeriesView()
    light.set_theme(LIGHT)
    other = draw(light, state, facts)
    assert np.abs(other[2, 2] - np.array(rgb(LIGHT.view)) * 255).max() <= 1


def test_what_is_not_there_is_said_and_another_layer_draws_other_pictures(draw):
    state = state_of()
    facts = answered(state, facts_of(), only=(0,))
    view = SeriesView()
    some = draw(view, state, facts)
    assert view.pending
    left, top, wide, tall = (round(part) for part in view.places().picture(1))
    panel = np.array(rgb(view.theme.panel)) * 255
    assert np.abs(some[top + tall - 4, left + wide // 2] - panel).max() <= 1
    full = answered(state, facts_of())
    conv = draw(view, state, full)
    focused = state.with_part("focus", layer="fc")
    linear = draw(view, focused, full)
    assert np.abs(conv - linear).max() > 60


def test_the_check_stands_beside_the_steps(draw):
    state = state_of(check="largest")
    facts = answered(state, facts_of())
    view = SeriesView()
    draw(view, state, facts)
    left, top, wide, tall = view.places().check
    assert view.wish.check.waits and view.pending
    assert left + wide <= SIZE[0] and top + tall < SIZE[1]


def test_stepping_makes_no_new_objects_and_keeps_the_range(draw, context):
    state = state_of().with_part("window", only="stack")
    facts = answered(state, facts_of())
    view, pictures, counts, ends = StackView(), [], [], []
    for step in (0, 1, 2, 0, 1, 2):
        sample = state.series.steps[step].samples[0]
        shown = state.with_part("series", step=step).with_part("focus", sample=sample)
        facts = answered(shown, facts)
        pictures.append(draw(view, shown, facts))
        counts.append(len(context._objects))
        ends.append([slab.high for slab in view.contents.slabs])
    assert counts[2:] == counts[2:3] * 4
    assert all(each == ends[0] for each in ends)
    assert np.abs(pictures[0] - pictures[1]).max() > 40
    assert np.abs(pictures[0] - pictures[3]).max() <= 1
    assert seriating.series_of(shown, facts).known == 3
