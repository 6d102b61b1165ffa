"""Where things stand in the sample view and in the filmstrip."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from viewer.views.filmstrip.build import Strip
from viewer.views.sample.build import box_in_view, layout, share_text


@given(
    width=some.integers(120, 900),
    height=some.integers(200, 900),
    rows=some.integers(1, 900),
    columns=some.integers(1, 900),
    ratio=some.sampled_from([1.0, 1.25, 2.0]),
)
def test_the_picture_stays_inside_and_keeps_its_shape(width, height, rows, columns, ratio):
    left, top, shown_width, shown_height = layout(width, height, (rows, columns), 5, ratio).picture
    assert shown_width * rows == pytest.approx(shown_height * columns)
    assert left >= -1
    assert left + shown_width <= width + 1
    scale = shown_width / columns * ratio
    if scale > 2 - 1e-9:
        assert scale == pytest.approx(round(scale))


def test_in_a_low_view_predictions_give_way_to_the_picture():
    places = layout(240, 300, (64, 64), 5)
    assert places.picture[3] >= 0.4 * 300 - 1
    assert 0 < len(places.rows) < 5 and places.rows[-1] < 300
    assert len(layout(240, 600, (64, 64), 5).rows) == 5


def test_a_box_is_scaled_and_clipped_to_the_picture():
    place = (10.0, 20.0, 100.0, 50.0)
    assert box_in_view((1, 2, 3, 4), (5, 10), place) == (30.0, 30.0, 50.0, 50.0)
    assert box_in_view((-9, -9, 99, 99), (5, 10), place) == (10.0, 20.0, 110.0, 70.0)
    assert box_in_view((6, 0, 9, 9), (5, 10), place) is None


def test_shares_have_the_digits_they_mean():
    assert [share_text(share) for share in (1.0, 0.0456, 0.0004, 0.0)] == [
        "1.000",
        "0.046",
        "< 0.001",
        "< 0.001",
    ]


@given(
    width=some.integers(60, 2000),
    count=some.integers(1, 100000),
    sample=some.integers(0, 99999),
    scroll=some.floats(0, 1e6),
)
def test_the_focused_sample_is_brought_into_sight(width, count, sample, scroll):
    strip, sample = Strip(width, 80, count), min(sample, count - 1)
    scroll = strip.showing(sample, strip.clipped(scroll))
    assert 0 <= scroll <= strip.longest
    assert sample in strip.visible(scroll)
    middle = strip.left(sample, scroll) + strip.cell / 2
    if strip.width > 4 * strip.step:
        assert 0 <= middle <= width
        assert strip.at(middle, scroll) == sample


def test_gaps_and_ends_of_the_strip_are_no_samples():
    strip = Strip(400, 80, 3)
    assert strip.at(2, 0) is None
    assert strip.at(strip.left(0, 0) + strip.cell + 2, 0) is None
    assert strip.at(strip.left(3, 0) + 1, 0) is None
    assert Strip(400, 80, 0).visible(0) == range(0)
