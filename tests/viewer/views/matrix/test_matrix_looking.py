"""Camera arithmetic, parts of the view and ticks of the matrix."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from viewer.state.matrix import FINEST, MatrixCamera
from viewer.views.matrix.areas import FOOT, areas_of
from viewer.views.matrix.layout import sight_of
from viewer.views.matrix.looking import Frame, Look, between
from viewer.views.matrix.ticks import every, free_of, round_values, words_of

SIZES = st.floats(20, 3000)
COUNTS = st.integers(1, 4096)


def frame(rows=10, columns=10, width=400.0, height=300.0):
    return Frame(44.0, 8.0, width, height, rows, columns)


@given(SIZES, SIZES, COUNTS, COUNTS)
def test_the_whole_fits_and_touches(width, height, rows, columns):
    whole = frame(rows, columns, width, height)
    across, down = whole.extent(whole.whole())
    assert across >= columns * (1 - 1e-9) and down >= rows * (1 - 1e-9)
    assert min(across / columns, down / rows) == pytest.approx(1.0)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.01, 10), st.floats(0.3, 3))
def test_what_is_under_the_pointer_stays_there(x, y, span, factor):
    box = frame()
    look = box.clipped(Look(x, y, span))
    pointer = (44.0 + 200.0, 8.0 + 150.0)
    near = box.zoomed(look, factor, *pointer)
    before, after = box.cells_at(look, *pointer), box.cells_at(near, *pointer)
    unmoved = Look(near.x, near.y, near.span)
    if box.clipped(unmoved) == unmoved and 0 < factor:
        assert after == pytest.approx(before, abs=1e-6) or near.span == pytest.approx(
            box.clipped(near).span
        )


def test_zooming_off_the_middle_keeps_the_place():
    box = frame()
    look = Look(5.0, 5.0, 4.0)
    at = box.cells_at(look, 100.0, 60.0)
    near = box.zoomed(look, 1.5, 100.0, 60.0)
    assert box.cells_at(near, 100.0, 60.0) == pytest.approx(at)
    assert near.span == pytest.approx(4.0 / 1.5)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(1e-6, 1e4), COUNTS, COUNTS)
def test_something_of_the_matrix_is_always_in_sight(x, y, span, rows, columns):
    box = frame(rows, columns)
    look = box.clipped(Look(x, y, span))
    assert 0 <= look.x <= columns and 0 <= look.y <= rows
    assert look.span >= FINEST
    again = box.clipped(look)
    assert (again.x, again.y, again.span) == pytest.approx((look.x, look.y, look.span))


def test_zooming_out_ends_with_the_whole_in_the_middle():
    box, look = frame(), Look(9.5, 0.5, 0.2)
    for _ in range(40):
        look = box.zoomed(look, 0.7, 60.0, 20.0)
    assert (look.x, look.y) == (5.0, 5.0)
    assert look.span == pytest.approx(box.whole().span * 1.25)


def test_a_look_is_what_the_cells_are_drawn_with():
    box = frame(7, 5)
    look = box.clipped(Look(2.2, 3.1, 2.0))
    sight = sight_of((44, 8, 400, 300), look.camera, (7, 5))
    assert sight.size == pytest.approx(box.size(look))
    assert box.cells_at(look, 44, 8) == pytest.approx((sight.x, sight.y))
    whole = sight_of((44, 8, 400, 300), MatrixCamera(span=None), (7, 5))
    assert whole.size == pytest.approx(box.size(box.whole()))


def test_the_focus_is_followed_to_its_cell_row_or_the_whole():
    box = frame(20, 30)
    assert box.follows(None, None) == box.whole()
    assert box.follows(4, 4) == box.cell(4, 4)
    row = box.follows(4, None)
    assert row.y == 4.5 and row.span == 8.0
    column = box.follows(None, 25)
    assert column.x == 25.5


def test_steps_go_from_cell_to_cell_and_stop_at_the_edge():
    box, look = frame(), Look(3.2, 4.9, 1.06)
    assert box.stepped(look, 1, 0) == Look(4.5, 4.5, 1.06)
    assert box.stepped(look, 0, -9) == Look(3.5, 0.5, 1.06)
    assert box.stepped(look, 99, 99) == Look(9.5, 9.5, 1.06)


def test_a_motion_begins_and_ends_where_it_should():
    first, last = Look(0.0, 0.0, 10.0), Look(4.0, 2.0, 1.0)
    assert between(first, last, 0.0) == first
    assert between(first, last, 1.0) == last
    assert 0 < between(first, last, 0.5).x < 4


@example(425.0, 144.0, True, True)
@given(st.floats(120, 3000), st.floats(80, 2000), st.booleans(), st.booleans())
def test_parts_stand_inside_the_view_beside_each_other(width, height, overview, legend):
    areas = areas_of(width, height, overview=overview, legend=legend, shape=(30, 20))
    boxes = [areas.cells, areas.left, areas.bottom, areas.foot]
    boxes += [box for box in (areas.overview, areas.bar, areas.legend) if box is not None]
    for left, top, wide, high in boxes[4:]:
        assert left >= 0 and top >= 0 and wide > 0 and high > 0
        assert left + wide <= width + 1e-6 and top + high <= height - FOOT + 1e-6
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
            down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
            assert across <= 1e-6 or down <= 1e-6 or min(width, height) < 130


def test_small_views_keep_their_room_for_cells():
    areas = areas_of(200, 160, overview=True, legend=True)
    assert areas.overview is None and areas.legend is None
    assert areas.at(100, 60) == "cells" and areas.at(3, 60) == "left"
    wide = areas_of(900, 500, overview=True, legend=True)
    assert wide.overview[0] > wide.cells[0] + wide.cells[2]
    tall = areas_of(420, 800, overview=True, legend=True)
    assert tall.overview[1] > tall.cells[1] + tall.cells[3]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 12))
def test_ticks_are_round_few_and_inside(low, size, most):
    values = round_values(low, low + size, most)
    assert len(values) <= most + 1
    assert all(low - size * 1e-6 <= value <= low + size * (1 + 1e-6) for value in values)
    words = words_of(values)
    assert len(set(words)) == len(words) or size < abs(low) * 1e-8


def test_ticks_have_the_digits_they_mean():
    assert words_of(round_values(0.0, 1.0, 5)) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert words_of(round_values(-2.0, 2.0, 4)) == ["−2", "−1", "0", "1", "2"]
    assert words_of([0.0, 2e6, 4e6]) == ["0", "2e6", "4e6"]
    assert words_of([0.0, 0.00025, 0.0005]) == ["0", "2.5e-4", "5.0e-4"]
    assert round_values(1.0, 1.0, 5) == []


def test_numbers_are_written_as_often_as_they_fit():
    assert [every(size, 20) for size in (30, 20, 10, 4.1, 1, 0.05)] == [1, 1, 2, 5, 20, 500]
    assert free_of([0, 5, 30], [20, 20, 20]) == [0, 2]
    assert free_of([0, 30], [20, 20], [(25, 26)]) == [0]
