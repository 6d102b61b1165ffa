"""The stack stays in the frame however it is turned; what is zoomed into stays where it is."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.gl import camera as turntable
from viewer.state.camera import Camera
from viewer.views.stack.marking import box_of_voxel, corners_of, is_covered, voxel_of_unit
from viewer.views.stack.pick import unit_from_voxel
from viewer.views.stack.standing import between, fly_to, move_to, standing
from viewer.visuals.slab import Picture, Slab

LONG = (
    np.array([[-16.0, -16, -20 * (n + 1)] for n in range(6)]),
    np.array([[16.0, 16, -20 * n - 8] for n in range(6)]),
)
SIZE = (1600, 1000)


def corners_px(camera):
    world = standing(LONG, camera, SIZE)
    corners = np.concatenate([corners_of(low, high) for low, high in zip(*LONG, strict=True)])
    pixels, before = turntable.pixel_from_world(world, corners, 1600, 1000)
    assert before.all()
    return pixels


@pytest.mark.parametrize("azimuth", range(-180, 180, 15))
@pytest.mark.parametrize("elevation", [-89.0, -30.0, 0.0, 16.0, 60.0, 89.0])
def test_nothing_leaves_the_frame_when_it_is_turned(azimuth, elevation):
    pixels = corners_px(Camera(azimuth=float(azimuth), elevation=elevation))
    assert (pixels > -1e-6).all()
    assert (pixels[:, 0] <= 1600).all()
    assert (pixels[:, 1] <= 1000).all()


def test_turning_moves_the_picture_evenly():
    before = None
    for azimuth in np.arange(30.0, 120.0, 0.5):
        pixels = corners_px(Camera(azimuth=float(azimuth)))
        if before is not None:
            assert np.abs(pixels - before).max() < 25
        before = pixels


def test_zoomed_in_a_turn_goes_round_a_point_that_stays():
    camera = Camera(zoom=5.0, shift=(3.0, -2.0, 20.0))
    centers = {
        standing(LONG, replace(camera, azimuth=azimuth), SIZE).center
        for azimuth in (0.0, 45.0, 90.0, 170.0)
    }
    assert len(centers) == 1


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.15, 3.0])
@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.7, 2.5])
def test_zooming_keeps_what_is_under_the_pointer(factor, zoom):
    camera = Camera(azimuth=10.0, zoom=zoom, shift=(1.0, 2.0, 3.0))
    world = standing(LONG, camera, SIZE)
    wanted = turntable.zoom(world, factor, (300.0, 700.0), (1600, 1000))
    args = move_to(LONG, camera, SIZE, wanted)
    reached = standing(LONG, replace(camera, zoom=args["zoom"], shift=tuple(args["shift"])), SIZE)
    assert reached.distance == pytest.approx(wanted.distance, rel=1e-3)
    assert np.allclose(reached.center, wanted.center, atol=1e-6)


def test_flying_to_a_layer_lets_it_fill_the_view():
    box = (LONG[0][3], LONG[1][3])
    camera = Camera()
    args = fly_to(LONG, camera, SIZE, box)
    there = replace(camera, zoom=args["zoom"], shift=tuple(args["shift"]))
    world = standing(LONG, there, SIZE)
    pixels, _ = turntable.pixel_from_world(world, corners_of(*box), 1600, 1000)
    assert (pixels.min(0) > 0).all()
    assert (pixels.max(0) < (1600, 1000)).all()
    span = pixels.max(0) - pixels.min(0)
    assert max(span / (1600, 1000)) > 0.65


def test_a_motion_goes_the_short_way_round():
    middle = between(Camera(azimuth=170.0), Camera(azimuth=-170.0, zoom=4.0), 0.5)
    assert abs(middle.azimuth) == 180.0
    assert middle.zoom == 2.0


@pytest.mark.parametrize(
    "shape", [(5, 4, 6), (7,), (50, 1, 1), (6, 9), (6, 9, 1), (6, 1, 9), (3, 2, 4, 5)]
)
def test_every_unit_is_marked_where_it_is_picked(shape):
    units = {
        unit_from_voxel(shape, voxel)
        for voxel in np.ndindex(
            *{
                (5, 4, 6): (5, 4, 6), (7,): (1, 7, 1), (50, 1, 1): (1, 7, 8), (6, 9): (1, 6, 9),
                (6, 9, 1): (1, 6, 9), (6, 1, 9): (1, 6, 9), (3, 2, 4, 5): (6, 4, 5),
            }[shape]
        )
    } - {None}  # fmt: skip
    assert len(units) == np.prod(shape)
    for channel, place in units:
        voxel = voxel_of_unit(shape, channel, place)
        assert unit_from_voxel(shape, voxel) == (channel, place)
    assert voxel_of_unit(shape, shape[0], tuple(0 for _ in shape[1:])) is None


def test_a_voxels_box_follows_the_order_and_the_signs_of_the_volume():
    slab = Slab(
        "a", np.zeros((2, 4, 8), np.float16), 1.0, 0.0, 1.0, False,
        (-4.0, 2.0, 0.0), (8.0, -4.0, -6.0), order=np.array([1, 0]),
    )  # fmt: skip
    low, high = box_of_voxel(slab, (1, 0, 7))
    assert low.tolist() == [3.0, 1.0, -3.0]
    assert high.tolist() == [4.0, 2.0, 0.0]


def test_the_picture_covers_what_is_behind_it_from_the_front_only():
    picture = Picture("input", np.zeros((4, 4, 3), np.uint8), (-2.0, 2.0, 0.0), (4.0, -4.0, 0.0))
    ahead, back = np.array([0.0, 0.0, -1.0]), np.array([0.0, 0.0, 1.0])
    assert is_covered([picture], np.array([1.0, 1.0, 9.0]), ahead)
    assert not is_covered([picture], np.array([2.5, 1.0, 9.0]), ahead)
    assert not is_covered([picture], np.array([1.0, 1.0, -9.0]), ahead)
    assert not is_covered([picture], np.array([1.0, 1.0, -9.0]), back)
    assert not is_covered([], np.array([1.0, 1.0, 9.0]), ahead)
