"""Boxes of the stack in an order of channels: what is moved, picked, and stays an object."""

import numpy as np
import pytest

from tests.viewer.views.test_pick import SIZE, camera_for, middle_of, stack
from viewer.gl.camera import pixel_from_world
from viewer.views.stack import marks
from viewer.views.stack.marking import box_of_voxel
from viewer.views.stack.ordered import Ordering, is_sheet
from viewer.views.stack.pick import pick, unit_from_voxel
from viewer.visuals.slab import decode

ORDER = np.array([2, 0, 3, 4, 1], np.int32)


def ordered(array, order=ORDER):
    """(contents, Ordering) of one layer of the values ``array``."""
    ordering = Ordering()
    contents = stack({"a": array})
    return ordering.applied(contents, {"a": order}, {"a": array.shape}), ordering


def test_a_volume_keeps_its_values_and_gets_a_table():
    values = np.random.default_rng(1).random((5, 4, 6), dtype=np.float32)
    plain = stack({"a": values})
    made = Ordering().applied(plain, {"a": ORDER}, {"a": values.shape})
    (before,), (after,) = plain.slabs, made.slabs
    assert after.values is before.values
    assert list(after.order) == list(ORDER)


def test_what_is_applied_again_is_the_same_object_and_nothing_is_uploaded():
    values = np.random.default_rng(1).random((5, 1, 1), dtype=np.float32)
    ordering, plain = Ordering(), stack({"a": values})
    first = ordering.applied(plain, {"a": ORDER}, {"a": values.shape}).slabs[0]
    again = ordering.applied(plain, {"a": ORDER}, {"a": values.shape}).slabs[0]
    assert again.values is first.values
    assert ordering.applied(plain, {}, {"a": values.shape}) is plain


def test_leading_positions_follow_their_channel():
    values = np.random.default_rng(1).random((5, 2, 4, 6), dtype=np.float32)
    made, _ = ordered(values)
    assert list(made.slabs[0].order) == [4, 5, 0, 1, 6, 7, 8, 9, 2, 3]


def test_an_order_of_another_number_of_channels_is_left_alone():
    values = np.random.default_rng(1).random((4, 3, 3), dtype=np.float32)
    made, _ = ordered(values)
    assert made.slabs[0].order is None


@pytest.mark.parametrize("shape", [(5,), (5, 1, 1), (5, 7), (5, 1, 7), (30,), (30, 1, 1)])
def test_sheets_show_each_unit_at_its_place_and_name_the_true_one(shape):
    rng = np.random.default_rng(3)
    values, order = rng.random(shape, dtype=np.float32), rng.permutation(shape[0])
    made, ordering = ordered(values, order)
    (slab,) = made.slabs
    assert is_sheet(shape) and slab.order is None
    seen = decode(slab.values, slab.unit)
    for channel in range(shape[0]):
        for at in np.ndindex(shape[1:]):
            marked = ("a", channel, at)
            box = marks.box_of(marked, made, {"a": shape}, ordering.drawn_voxel)
            voxel = next(
                tuple(int(part) for part in place) for place in np.ndindex(slab.values.shape)
                if np.allclose(box_of_voxel(slab, place), box)
            )  # fmt: skip
            assert seen[voxel] == pytest.approx(float(values[(channel, *at)]), rel=1e-3)
            found = unit_from_voxel(shape, ordering.true_voxel("a", voxel))
            assert found[0] == channel and tuple(found[1]) == at


def test_cells_that_only_fill_a_sheet_name_no_unit():
    values = np.random.default_rng(1).random(30, dtype=np.float32)
    _, ordering = ordered(values, np.arange(30)[::-1].copy())
    assert unit_from_voxel((30,), ordering.true_voxel("a", (0, 4, 5))) == (0, ())
    assert unit_from_voxel((30,), ordering.true_voxel("a", (0, 5, 1))) is None


@pytest.mark.parametrize("view", [(0, 0), (52, 16), (-130, -40), (90, 0)])
def test_the_voxel_picked_in_a_volume_is_that_of_the_true_channel(view):
    values = np.zeros((5, 8, 6), np.float32)
    values[3, 2, 4] = 7.0
    made, ordering = ordered(values)
    (slab,) = made.slabs
    camera = camera_for(made, *view)
    (x, y), _ = pixel_from_world(camera, middle_of(slab, 2, 2, 4), *SIZE)  # 3 stands at place 2
    found = pick(made, camera, x, y, *SIZE)
    assert (ordering.true_voxel("a", found.voxel), found.value) == ((3, 2, 4), 7.0)
    low, high = marks.box_of(("a", 3, (2, 4)), made, {"a": values.shape}, ordering.drawn_voxel)
    assert np.allclose((low + high) / 2, middle_of(slab, 2, 2, 4))
