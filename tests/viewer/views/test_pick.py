"""Picking names the voxel that a brute-force walk along the ray finds."""

import numpy as np
import pytest

from viewer.gl.camera import Camera, fit, pixel_from_world, ray_in_world
from viewer.views.stack.build import LayerFacts, build
from viewer.views.stack.pick import cell_of, meet, pick, unit_from_voxel
from viewer.visuals.look import MODES, Look

SIZE = (400, 300)


def stack(arrays, depths=None):
    layers = [
        LayerFacts(name, array.shape, depth) for depth, (name, array) in enumerate(arrays.items())
    ]
    return build(layers, arrays, (16, 16))


def camera_for(contents, azimuth, elevation):
    return fit(Camera(azimuth, elevation), contents.low, contents.high, SIZE[0] / SIZE[1])


def middle_of(slab, channel, row, column):
    """World position of a voxel's middle."""
    channels, rows, columns = slab.values.shape
    share = np.array([(column + 0.5) / columns, (row + 0.5) / rows, (channel + 0.5) / channels])
    return np.asarray(slab.corner) + share * np.asarray(slab.extent)


@pytest.mark.parametrize("mode", MODES[:-1])
@pytest.mark.parametrize("view", [(0, 0), (52, 16), (-130, -40), (90, 0)])
def test_a_lone_bright_voxel_is_found_where_it_is_seen(mode, view):
    values = np.zeros((5, 8, 6), np.float32)
    values[3, 2, 4] = 7.0
    contents = stack({"a": np.zeros((2, 4, 4), np.float32), "b": values})
    camera = camera_for(contents, *view)
    place = middle_of(contents.slab("b"), 3, 2, 4)
    (x, y), _ = pixel_from_world(camera, place, *SIZE)
    found = pick(contents, camera, x, y, *SIZE, Look(mode))
    assert (found.name, found.voxel, found.value) == ("b", (3, 2, 4), 7.0)


def test_the_ray_meets_every_plane_of_voxels_once_from_the_front():
    contents = stack({"a": np.arange(5 * 4 * 4, dtype=np.float32).reshape(5, 4, 4)})
    camera = camera_for(contents, 0, 0)
    (slab,) = contents.slabs
    origin, direction = ray_in_world(camera, SIZE[0] / 2 + 3, SIZE[1] / 2 + 3, *SIZE)
    ray = meet(slab, origin, direction, Look())
    assert list(cell_of(slab, ray.places)[:, 2]) == [0, 1, 2, 3, 4]
    assert np.allclose(ray.places[:, 2] % 1, 0.5)


def test_the_nearer_of_two_opaque_sheets_hides_the_other():
    front, back = np.full(9, 3.0, np.float32), np.full(9, 5.0, np.float32)
    contents = stack({"front": front, "back": back})
    found = pick(contents, camera_for(contents, 0, 0), SIZE[0] / 2, SIZE[1] / 2, *SIZE)
    assert found.name == "front"
    found = pick(contents, camera_for(contents, 180, 0), SIZE[0] / 2, SIZE[1] / 2, *SIZE)
    assert found.name == "back"


def test_nothing_is_picked_beside_the_stack_or_in_darkness():
    contents = stack({"a": np.zeros((3, 4, 4), np.float32)})
    camera = camera_for(contents, 30, 20)
    assert pick(contents, camera, 1, 1, *SIZE) is None
    assert pick(contents, camera, SIZE[0] / 2, SIZE[1] / 2, *SIZE) is None


@pytest.mark.parametrize("mode", MODES)
def test_nan_is_picked_where_it_colours_the_pixel(mode):
    values = np.full((1, 4, 4), 2.0, np.float32)
    values[0, 1, 1] = np.nan
    contents = stack({"a": values})
    camera = camera_for(contents, 0, 0)
    (x, y), _ = pixel_from_world(camera, middle_of(contents.slabs[0], 0, 1, 1), *SIZE)
    assert np.isnan(pick(contents, camera, x, y, *SIZE, Look(mode)).value)


@pytest.mark.parametrize(
    ("shape", "voxel", "unit"),
    [
        ((4, 8, 8), (3, 2, 1), (3, (2, 1))),
        ((30,), (0, 1, 2), (8, ())),
        ((30, 1, 1), (0, 1, 2), (8, (0, 0))),
        ((30,), (0, 5, 0), None),
        ((6, 50), (0, 4, 49), (4, (49,))),
        ((6, 1, 50), (0, 4, 49), (4, (0, 49))),
        ((6, 50, 1), (0, 4, 49), (4, (49, 0))),
        ((2, 3, 4, 5), (4, 3, 2), (1, (1, 3, 2))),
    ],
)
def test_a_voxel_is_named_as_the_unit_it_shows(shape, voxel, unit):
    assert unit_from_voxel(shape, voxel) == unit
