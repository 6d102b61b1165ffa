"""Coarse while moving, finer at rest, and in bands where the full picture would take too long."""

import pytest

from viewer.views.stack.pace import BAND_MS, Pace
from viewer.views.stack.refining import BUDGET_MS, cost


def drawn(pace, full_ms, pictures=60):
    """(level, band) of every picture from a movement to rest; a picture costs by its level."""
    pace.begin(is_software=True)
    pace.moves()
    seen = []
    for _ in range(pictures):
        pace.shows("the same")
        level = pace.next_level()
        seen.append((level, pace.band))
        pace.took(full_ms * cost(level))
        if not pace.refine():
            break
    return seen


def test_a_quick_picture_is_drawn_whole():
    pace = Pace()
    seen = drawn(pace, BUDGET_MS / 2)
    assert seen[-1] == (0, None)
    assert all(band is None for _, band in seen)
    assert pace.is_settled and not pace.is_coarse


def test_a_slow_picture_gets_sharp_in_bands_and_stays_so():
    pace = Pace()
    full_ms = 3 * BUDGET_MS
    bands = [band for _, band in drawn(pace, full_ms) if band is not None]
    count = bands[0][1]
    assert bands == [(number, count) for number in range(count)]
    assert full_ms / count <= BAND_MS * 1.01
    assert pace.is_settled
    for _ in range(2):  # painted again, nothing changed: nothing is drawn anew
        pace.shows("the same")
        assert (pace.next_level(), pace.band) == (0, (count, count))
        assert not pace.refine()


@pytest.mark.parametrize("when", [1, 1000])
def test_another_picture_begins_coarsely(when):
    pace = Pace()
    seen = drawn(pace, 3 * BUDGET_MS)
    first = next(number for number, (_, band) in enumerate(seen) if band is not None)
    pace = Pace()
    drawn(pace, 3 * BUDGET_MS, first + when)
    assert pace.band is not None
    pace.shows("another")
    level = pace.next_level()
    assert level > 0 and pace.band is None and pace.is_coarse and not pace.is_settled
