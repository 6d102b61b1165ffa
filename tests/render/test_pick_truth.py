"""What is picked at a pixel is what the float64 ray caster says decided it, in every mode."""

from dataclasses import replace

import numpy as np
import pytest

from tests.reference import raycast
from tests.render.scenes import ahead, plain
from tests.render.test_volume_truth import LOOKS, stacks
from viewer.gl.camera import pixel_from_world
from viewer.views.stack.build import StackContents
from viewer.views.stack.pick import pick
from viewer.visuals.look import MODES
from viewer.visuals.slab import encode

WIDTH, HEIGHT = 40, 30


def voxel(slab, place):
    """Channel, row, column in which a place lies."""
    channels, rows, columns = slab.values.shape
    cell = np.clip(np.floor(place).astype(int), 0, (columns - 1, rows - 1, channels - 1))
    channel = cell[2] if slab.order is None else slab.order[cell[2]]
    return int(channel), int(cell[1]), int(cell[0])


def is_same(found, slab, place, mode):
    """Whether the voxel found is the one at a place, or as far from zero there (a tie)."""
    if found.name != slab.name:
        return False
    expected = voxel(slab, place)
    if mode == "isosurface":
        near = np.abs(np.subtract(found.voxel, expected)).max() <= 1
        return near and found.voxel[0] == expected[0]
    own = slab.values[expected]
    return found.voxel == expected or found.value == np.float32(own) * slab.unit


@pytest.mark.parametrize("changed", LOOKS)
@pytest.mark.parametrize("name", ["three", "signed", "sheet"])
@pytest.mark.parametrize("mode", MODES)
def test_the_voxel_that_decided_the_pixel_is_picked(rng, name, changed, mode):
    slabs = [replace(part, name=str(n)) for n, part in enumerate(stacks(rng)[name])]
    camera = ahead(slabs, WIDTH, HEIGHT, fov=30.0, azimuth=52, elevation=16, margin=0.1)
    look = replace(plain(mode), **LOOKS[changed])
    cast = raycast.cast(slabs, camera, WIDTH, HEIGHT, look)
    contents = StackContents(slabs=tuple(slabs), unit=look.unit)
    right = count = 0
    for y in range(0, HEIGHT, 4):
        for x in range(0, WIDTH, 3):
            found = pick(contents, camera, x + 0.5, y + 0.5, WIDTH, HEIGHT, look)
            number = cast.slab[y, x]
            if number < 0:
                assert found is None
            elif mode != "emission" or cast.colour[y, x, 3] > 0.1:
                count += 1
                place = cast.place[y, x]
                right += found is not None and is_same(found, slabs[number], place, mode)
    assert count > 3
    assert right >= 0.995 * count


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("mode", ["maximum", "attenuated", "average"])
def test_a_value_that_colours_the_whole_ray_is_picked(rng, mode, value):
    slabs = [replace(part, name=str(n)) for n, part in enumerate(stacks(rng)["three"])]
    values = slabs[1].values.astype(np.float32)
    values[11, 5, 6] = value
    stored, unit, specials = encode(values)
    slabs[1] = replace(slabs[1], values=stored, unit=unit, specials=specials)
    camera = ahead(slabs, WIDTH, HEIGHT, fov=0.0)
    share = np.array([6.5 / 12, 5.5 / 12, 0.5])
    place = np.asarray(slabs[1].corner) + share * slabs[1].extent
    (x, y), _ = pixel_from_world(camera, place, WIDTH, HEIGHT)
    contents = StackContents(slabs=tuple(slabs), unit=10.0)
    found = pick(contents, camera, x, y, WIDTH, HEIGHT, plain(mode))
    assert found.voxel == (11, 5, 6)
    assert np.isnan(found.value) if np.isnan(value) else found.value == value
