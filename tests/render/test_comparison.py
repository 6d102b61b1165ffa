"""The comparison as it is drawn: values over grey pictures, heads in front, textures bounded."""

import numpy as np
import pytest

from tests.builders import Now
from tests.viewer.studio.test_comparing import facts_of, seen_state
from tests.viewer.views.test_comparison import answered
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import LIGHT, rgb
from viewer.state.comparison import COLUMNS
from viewer.studio import comparing
from viewer.studio.questions import Found
from viewer.views.comparison.places import FOOT
from viewer.views.comparison.view import ComparisonView
from viewer.views.gestures import Pointer
from viewer.views.signed_map import grey, signed_over

SIZE = (560, 420)
pytestmark = pytest.mark.gl


@pytest.fixture
def draw(context):
    frame = Framebuffer(context, *SIZE)
    view = ComparisonView()

    def drawn(state, facts, ratio=1.0, view=view):
        view.follow(state, None, facts, Now())
        for _ in range(40):
            frame.bind()
            view.draw(context, *SIZE, ratio)
            if not view._wanted:
                break
        return view, frame.read()[..., :3].astype(int)

    yield drawn
    view.release()
    frame.release()


def spot(view, row, column, at=(0.5, 0.5)):
    grid = view.grid()
    left, top, wide, tall = grid.picture(row, column, view.scroll(grid))
    return int(top + at[0] * tall), int(left + at[1] * wide)


def test_cells_show_their_values_over_the_grey_picture(draw):
    state = seen_state(methods=("gradient", "guided"), background=0.5)
    facts = answered(state, facts_of())
    view, pixels = draw(state, facts)
    assert not view.pending
    behind = grey(facts.preprocessing.as_seen(facts.data.image(1)))
    heat = view.wish.cells[1, 0].found.heat
    expected = signed_over(behind, heat, view.wish.cells[1, 0].limit, 0.5, view.theme)
    for at in ((0.06, 0.5), (0.5, 0.5)):
        place = int(at[0] * 8), int(at[1] * 8)
        assert np.abs(pixels[spot(view, 1, 0, at)] - expected[place]).max() <= 1
    assert np.abs(pixels[spot(view, 1, 0)] - pixels[spot(view, 1, 0, (0.06, 0.5))]).max() > 50


def test_a_common_range_makes_small_values_faint(draw):
    state = seen_state(methods=("gradient",), background=0.0)
    facts = answered(state, facts_of())
    view, own = draw(state, facts)
    first = own[spot(view, 0, 0)]
    view, common = draw(state.with_part("comparison", range="all"), facts)
    back = np.array(rgb(view.theme.view)) * 255
    assert np.abs(first - back).max() > 100
    assert np.abs(common[spot(view, 0, 0)] - back).max() < np.abs(first - back).max() / 2


def test_while_computing_the_former_picture_of_a_layer_stays(draw):
    state = seen_state(methods=("gradient",), rows="layers", background=0.0)
    facts = answered(state, facts_of())
    view, first = draw(state, facts)
    later = state.with_part("attribution", seed=4).with_part("comparison", methods=("gradient",))
    waits = facts.but(explanations={})
    view, meanwhile = draw(later, waits)
    assert view.pending
    assert (meanwhile[spot(view, 0, 0)] == first[spot(view, 0, 0)]).all()
    key = comparing.questions(later, waits)[0].key
    failed = waits.but(explanations={key: Found(failure="no rule for Odd (node 'odd_1')")})
    view, without = draw(later, failed)
    assert np.abs(without[spot(view, 0, 0)] - first[spot(view, 0, 0)]).max() > 20


def test_scrolled_cells_do_not_cover_the_heads(draw):
    state = seen_state(methods=COLUMNS[:8], background=1.0)
    facts = answered(state, facts_of())
    moved = state.with_part("comparison_camera", row=0.5, column=0.5)
    view, pixels = draw(moved, facts)
    back = np.array(rgb(view.theme.view)) * 255
    left = int(view.grid().left)
    assert np.abs(pixels[2, left + 2 :] - back).max() <= 1
    assert np.abs(pixels[60:300, left - 3] - back).max() <= 1
    assert np.abs(pixels[60:300, left + 1] - back).max() > 40


def test_the_row_in_focus_is_brought_into_sight_and_no_other_moves(draw):
    state = seen_state(methods=("gradient",))
    facts = answered(state, facts_of())
    view, _ = draw(state, facts)
    grid = view.grid()
    view, _ = draw(state.with_part("focus", sample=1), facts)
    assert view.camera.row == 0  # it was in sight
    view, _ = draw(state.with_part("focus", sample=6), facts)
    rows, _ = grid.in_sight(view.scroll(grid))
    assert rows[-1] in (6, 7) and view.scroll(grid)[1] <= grid.longest[1]
    top = grid.row_at(6, view.scroll(grid))
    assert top + grid.step[1] <= SIZE[1] - FOOT + 1
    view, _ = draw(state.with_part("focus", sample=0), facts)
    assert view.camera.row == 0


def test_the_theme_the_size_and_small_panes(draw):
    state = seen_state(methods=COLUMNS)
    facts = answered(state, facts_of())
    view, dark = draw(state, facts)
    view.set_theme(LIGHT)
    view, light = draw(state, facts)
    assert np.abs(dark - light).max() > 100
    draw(state, facts, 2.0)
    draw(state, facts, 4.0)
    view.pointed = (Pointer(200, 60), 0, 0)
    draw(seen_state(methods=()), facts)
    draw(state, facts_of(data=None))


def test_a_failure_is_said_whole_under_the_pointer(draw):
    state = seen_state(methods=("gradient",))
    facts = facts_of()
    key = comparing.questions(state, facts)[0].key
    failed = facts.but(explanations={key: Found(failure="no gradient passes " * 20)})
    view, before = draw(state, failed)
    row, column = spot(view, 0, 0)
    view.move(Pointer(column, row))
    view, after = draw(state, failed)
    assert (np.abs(before - after).max(2) > 10).sum() > 5000


def test_textures_are_bounded_and_released(draw, context, monkeypatch):
    from viewer.views.comparison import view as module

    monkeypatch.setattr(module, "BUDGET_BYTES", 1)
    view = ComparisonView()
    state = seen_state(methods=COLUMNS[:3])
    facts = answered(state, facts_of())
    for size in (112.0, 40.0, 112.0):
        for row in range(4):
            camera = {"row": float(row), "size": size}
            draw(state.with_part("comparison_camera", **camera), facts, view=view)
    rows, columns = view.grid().in_sight(view.scroll(view.grid()))
    assert len(view._made) <= 2 * len(rows) * (len(columns) + 1)
    before = len(context.live())
    view.release()
    assert len(context.live()) < before
