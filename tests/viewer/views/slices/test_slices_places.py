"""Where cuts stand: inside the view, linked, zoomed about a point; numbers that never overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.viewer.views.slices.slices_desk import facts_of, put_order, state_of, volume_values
from viewer.state.slices import CLOSEST, SlicesCamera
from viewer.views.slices import places
from viewer.views.slices.places import CHANNELS, Axis, frames_of, nice_step, ticks_of, zoomed
from viewer.views.slices.resolve import resolve

SIZES = some.integers(1, 3000)


def wish_of(shape, **camera):
    state = state_of()
    return resolve(state.with_part("slices_camera", **camera), facts_of(volume_values(shape)))


@pytest.mark.parametrize("size", [(900, 260), (300, 700), (420, 420), (170, 140), (90, 60)])
@pytest.mark.parametrize("shape", [(6, 4, 5), (300, 7, 7), (2, 60, 3), (1, 9, 9), (12, 1, 40)])
def test_cuts_stand_inside_the_view_and_beside_each_other(size, shape, monkeypatch):
    put_order(monkeypatch, range(shape[0]))
    wish = resolve(state_of(before=True), facts_of(volume_values(shape)))
    boxes = [frame.box for frame in frames_of(wish, *size)]
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= size[0] and 0 < top < bottom <= size[1] - places.FOOT
    for one in range(len(boxes)):
        for other in range(one):
            a, b = boxes[one], boxes[other]
            assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_in_a_small_view_the_cut_through_all_channels_is_left(monkeypatch):
    put_order(monkeypatch, range(6))
    wish = resolve(state_of(before=True), facts_of())
    counts = []
    for size in ((900, 300), (300, 200), (210, 180), (130, 130)):
        frames = frames_of(wish, *size)
        counts.append(len(frames))
        assert "xc" in {frame.cut.kind for frame in frames}
        assert all(frame.cut.order is not None for frame in frames if len(frames) == 1)
    assert counts[0] == 5 and counts == sorted(counts, reverse=True) and counts[-1] == 1


def test_which_cuts_there_are():
    kinds = {(6, 4, 5): ["xy", "xc", "yc"], (6,): ["xc"], (6, 9): ["xc"], (6, 1, 1): ["xc"]}
    kinds |= {(6, 7, 1): ["yc"], (6, 2, 3, 4): ["xy", "xc", "yc"]}
    for shape, expected in kinds.items():
        wish = resolve(state_of(), facts_of(volume_values(shape)))
        assert [cut.kind for cut in wish.cuts] == expected, shape


def test_zoom_and_centre_are_common_to_all_cuts():
    wish = wish_of((40, 20, 30), zoom=4.0, channels=2.0, center=(0.5, 0.25, 0.75))
    plane, across, down = frames_of(wish, 900, 300)
    assert plane.x.seen[0] > 0 and plane.y.seen[1] < 20
    for frame in (across, down):
        first, last = frame.y.seen
        assert frame.y.name == CHANNELS and (first, last) == (20, 40)
    middle = (plane.x.low + plane.x.high) / 2
    assert plane.x.at(middle) in (14, 15)
    assert across.x.at((across.x.low + across.x.high) / 2) in (14, 15)
    assert down.x.seen[0] < plane.y.count / 2


@given(
    count=SIZES, room=some.floats(24, 900), zoom=some.floats(1, 60), factor=some.floats(0.2, 5),
    share=some.floats(0, 1), center=some.floats(0, 1),
)  # fmt: skip
def test_what_is_under_the_pointer_stays_while_zooming(count, room, zoom, factor, share, center):
    camera = SlicesCamera(zoom, 1.0, (center,) * 3)
    cell = room / count

    def axis(camera):
        return places._axis((0, count), 10.0, room, cell * camera.zoom, camera)

    before = axis(camera)
    place = before.low + share * room
    closer, middle = zoomed(before, camera, "zoom", factor, place, CLOSEST)
    after = axis(SlicesCamera(closer, 1.0, (middle,) * 3))
    assert 1.0 <= closer <= CLOSEST and 0.0 <= middle <= 1.0
    was = (place - before.start) / before.cell
    free = after.start < after.low - 1e-6 and after.start + count * after.cell > after.high + 1e-6
    if free:
        assert after.begin(was) == pytest.approx(place, abs=1e-3 * room)


@given(count=SIZES, cell=some.floats(0.05, 80), start=some.floats(-4000, 20))
def test_numbers_of_an_axis_do_not_overlap_and_are_in_sight(count, cell, start):
    start = max(start, 20 + min(0, 400 - count * cell))
    axis = Axis(0, count, 20.0, 420.0, start, cell)
    found = ticks_of(axis)
    assert all(axis.low <= middle <= axis.high for middle, _ in found)
    middles = [middle for middle, _ in found]
    gaps = [b - a for a, b in zip(middles, middles[1:], strict=False)]
    assert all(gap >= places.LABEL_STEP - 1e-6 for gap in gaps)
    assert all(axis.at(middle) == number for middle, number in found if axis.at(middle) is not None)


def test_steps_between_numbers_are_those_of_people():
    assert [nice_step(least) for least in (0.2, 1, 1.1, 3, 7, 11, 30, 400)] == [
        1, 1, 2, 5, 10, 20, 50, 500,
    ]  # fmt: skip
