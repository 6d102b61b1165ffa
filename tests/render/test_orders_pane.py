"""The orders pane as it is drawn: pictures in their boxes, dots at qualities, no leftovers."""

import numpy as np
import pytest

from tests.builders import Now
from tests.viewer.studio.test_stability import answered, facts_of, seen_state
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import LIGHT, rgb
from viewer.state.tree import State
from viewer.views.orders import marks
from viewer.views.orders.build import MOST_DOTS, matrix_picture, method_picture
from viewer.views.orders.view import OrdersView

SIZE = (900, 560)
pytestmark = pytest.mark.gl


@pytest.fixture
def draw(context):
    views, frames = [], []

    def drawn(state, facts, size=SIZE, theme=None, view=None):
        if view is None:
            view = OrdersView()
            views.append(view)
        frame = Framebuffer(context, *size)
        frames.append(frame)
        if theme is not None:
            view.set_theme(theme)
        for _ in range(2):  # what was made after the first picture is in the second
            view.follow(state, None, facts, Now())
            frame.bind()
            view.draw(context, *size, 1.0)
        return view, frame.read()[..., :3].astype(int)

    yield drawn
    for view in views:
        view.release()
    for frame in frames:
        frame.release()


def colour(text):
    return np.rint(np.array(rgb(text)) * 255)


def inside(pixels, box, share=(0.5, 0.5)):
    """The pixel at a share of a box, down and across."""
    return pixels[int(box.top + share[0] * box.height), int(box.left + share[1] * box.width)]


def test_the_matrix_shows_each_correlation_in_its_cell(draw):
    state = seen_state(between="classes")
    facts = answered(state, facts_of())
    view, pixels = draw(state, facts)
    assert not view.pending
    expected = matrix_picture(view.wish.matrix, view.theme).astype(int)
    matrix = view.squares().matrix
    for row in range(3):
        for column in range(3):
            here = inside(pixels, matrix, ((row + 0.5) / 3, (column + 0.5) / 3))
            assert np.abs(here - expected[row, column]).max() <= 2
    assert np.abs(expected[0, 0] - expected[0, 2]).max() > 20


@pytest.mark.parametrize("which", ["distances", "correlations"])
def test_methods_have_their_pictures_and_a_dot_at_their_quality(draw, which):
    state = seen_state(method="path", picture=which)
    facts = answered(state, facts_of())
    view, pixels = draw(state, facts, theme=LIGHT)
    rows, end = view.rows(), marks.axis_end(view.wish.rows)
    left, right = rows.axis
    for place, row in enumerate(view.wish.rows):
        expected = method_picture(row.portrait, which, LIGHT).astype(int)
        picture = rows.picture_of(place)
        here = inside(pixels, picture, (1.5 / 6, 4.5 / 6))
        assert np.abs(here - expected[1, 4]).max() <= 2
        box = rows.row(place)
        x = left + (right - left) * row.quality / end
        dot = pixels[int(box.top + box.height / 2), int(x)]
        wanted = LIGHT.accent if row.is_in_force else LIGHT.text
        assert np.abs(dot - colour(wanted)).max() <= 6


def test_many_channels_are_counted_few_are_dots(draw):
    state = seen_state("conv1", between="rows", pair=(1, 3))
    facts = facts_of()
    random = np.random.default_rng(2)
    facts.answer.maps["conv1"] = random.normal(size=(MOST_DOTS + 50, 4, 5)).astype(np.float32)
    facts = answered(state, facts)
    view, pixels = draw(state, facts)
    plot = view.squares().plot
    assert "pair" in view._pictures
    part = pixels[
        int(plot.top) + 3 : int(plot.bottom) - 3, int(plot.left) + 3 : int(plot.right) - 3
    ]
    lit = (np.abs(part - colour(view.theme.view)).max(2) > 40).mean()
    assert 0.005 < lit < 0.9
    state = seen_state(between="rows", pair=(1, 3))
    few, _ = draw(state, answered(state, facts_of()))
    assert "pair" not in few._pictures


@pytest.mark.parametrize("size", [(900, 560), (420, 700), (300, 200), (90, 60)])
@pytest.mark.parametrize("facts", ["found", "late", "empty", "one", "nothing"])
def test_it_is_drawn_at_any_size_whatever_there_is(draw, size, facts):
    state = seen_state(pair=(0, 1))
    made = {
        "found": lambda: answered(state, facts_of()),
        "late": facts_of,
        "empty": lambda: facts_of(data=None),
        "one": lambda: facts_of(),
        "nothing": lambda: facts_of(),
    }[facts]()
    if facts == "one":
        state = seen_state("fc", pair=(0, 1))
        made = answered(state, made)
    if facts == "nothing":
        state = State().with_part("window", only="orders")
    _, pixels = draw(state, made, size)
    assert np.isfinite(pixels).all() and (size[0] < 100 or pixels.std() > 0)


def test_release_leaves_nothing_and_it_draws_again(draw, context):
    state = seen_state(pair=(0, 1))
    facts = answered(state, facts_of())
    view, first = draw(state, facts)
    view.release()
    assert not view._pictures
    _, again = draw(state, facts, view=view)
    assert np.abs(first - again).max() <= 2
