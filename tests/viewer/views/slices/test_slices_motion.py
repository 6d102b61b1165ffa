"""Cuts on their way to another place and another order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from viewer.state.slices import SlicesCamera
from viewer.views.slices.motion import SECONDS, Motion


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@given(
    before=some.permutations(range(7)), after=some.permutations(range(7)), share=some.floats(0, 1)
)
def test_an_order_on_its_way_is_an_order_and_ends_where_it_should(before, after, share):
    clock = Clock()
    motion = Motion(clock)
    before, after = np.array(before), np.array(after)
    motion.reorder(before, 7)
    assert np.array_equal(motion.channels(after, 7), before)
    clock.now = 0.98 * share * SECONDS
    assert sorted(motion.channels(after, 7)) == list(range(7))
    clock.now = SECONDS
    assert motion.channels(after, 7) is after and not motion.runs


def test_a_camera_moves_and_arrives():
    clock = Clock()
    motion = Motion(clock)
    start, target = SlicesCamera(), SlicesCamera(4.0, 2.0, (0.2, 0.5, 0.9))
    assert motion.camera(target) is target
    motion.turn_camera(start)
    assert motion.camera(target) == start and motion.runs
    clock.now = SECONDS / 2
    middle = motion.camera(target)
    assert np.isclose(middle.zoom, 2.0) and np.isclose(middle.center[2], 0.7)
    clock.now = 2 * SECONDS
    assert motion.camera(target) is target and not motion.runs
    motion.turn_camera(start)
    motion.stop()
    assert motion.camera(target) is target


def test_an_order_of_another_number_of_channels_is_there_at_once():
    motion = Motion(Clock())
    motion.reorder(None, 5)
    assert motion.channels(None, 6) is None
