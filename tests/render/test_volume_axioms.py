"""What every mode must show by its meaning alone: seen straight on, one pixel a voxel, in grey.

The tolerance is 2 levels of 255: half a level of rounding to bytes, the rest half precision.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.render.scenes import ahead, plain, slab, smooth_noise
from viewer.gl.theme import DARK, rgb
from viewer.visuals import transfer
from viewer.visuals.look import MODES
from viewer.visuals.volume import VolumeStack

pytestmark = pytest.mark.gl
SIDE = 32


@pytest.fixture
def straight_on(context, picture):
    """``straight_on(slabs, mode, **look)`` -> float[32, 32] grey levels."""

    def take(slabs, mode, azimuth=0.0, **changes):
        stack = VolumeStack(slabs)
        look = replace(plain(mode, gray=True), **changes)
        camera = ahead(slabs, SIDE, SIDE, azimuth=azimuth)
        pixels = picture(lambda: stack.draw(context, camera, SIDE, SIDE, look), SIDE, SIDE)
        stack.release()
        return pixels[..., 0].astype(float)

    return take


@pytest.fixture
def values(rng):
    return rng.random((12, SIDE, SIDE)).astype(np.float32)


def test_average_is_the_mean_over_channels(straight_on, values):
    seen = straight_on([slab(values)], "average")
    assert np.abs(seen - values.mean(0) * 255).max() <= 2


def test_average_weighs_slabs_by_their_depth(straight_on, values):
    slabs = [slab(values[:4], depth=30.0), slab(values[4:], front=40, depth=10.0)]
    mean = (3 * values[:4].mean(0) + values[4:].mean(0)) / 4
    assert np.abs(straight_on(slabs, "average") - mean * 255).max() <= 2


def test_attenuated_without_attenuation_is_the_maximum(straight_on, values):
    slabs = [slab(values[:4]), slab(values[4:], front=20)]
    seen = straight_on(slabs, "attenuated", attenuation=0.0)
    assert np.abs(seen - values.max(0) * 255).max() <= 2


def test_strong_attenuation_shows_what_is_nearest(straight_on, values):
    slabs = [slab(values[:4] / 2 + 0.5), slab(values[4:] / 2 + 0.5, front=20)]
    for azimuth, nearest in ((0, values[0]), (180, values[-1, :, ::-1])):
        seen = straight_on(slabs, "attenuated", azimuth, attenuation=1000.0)
        assert np.abs(seen - (nearest / 2 + 0.5) * 255).max() <= 2


def test_isosurface_shows_the_first_channel_that_reaches_the_level(straight_on, values):
    first = (values >= 0.5).argmax(0)
    expected = np.take_along_axis(values, first[None], 0)[0] * 255
    expected[~(values >= 0.5).any(0)] = round(rgb(DARK.view)[0] * 255)
    seen = straight_on([slab(values)], "isosurface", iso=0.5, lighting=False)
    assert np.mean(np.abs(seen - expected) <= 2) > 0.99


def test_a_lit_face_across_the_ray_is_brighter_than_its_colour(straight_on):
    volume = slab(np.full((2, SIDE, SIDE), 0.5, np.float32))
    plain_, lit = (
        straight_on([volume], "isosurface", iso=0.4, lighting=lighting)[16, 16]
        for lighting in (False, True)
    )
    assert abs(plain_ - 127.5) <= 2 and abs(lit - (127.5 * 0.6 + 255 * 0.4)) <= 2


def test_slabs_show_the_largest_behind_each_face(straight_on, values):
    seen = straight_on([slab(values)], "slabs")
    assert np.abs(seen - values.max(0) * 255).max() <= 2


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("channel", [0, 5, 11])
def test_clip_planes_leave_one_channel_as_its_map(straight_on, values, mode, channel):
    clip = ((0.0, 1.0), (0.0, 1.0), (channel / 12, (channel + 1) / 12))
    look = {"clip": clip, "attenuation": 0.0, "iso": 0.0, "lighting": False}
    seen = straight_on([slab(values)], mode, **look)
    assert np.abs(seen - values[channel] * 255).max() <= 2


@pytest.mark.parametrize("mode", MODES)
def test_clip_planes_cut_off_columns_and_rows(context, picture, mode):
    volume = slab(np.full((4, 8, 8), 0.8, np.float32))
    look = replace(plain(mode, opacity=8.0), clip=((0.25, 1.0), (0.0, 0.5), (0.0, 1.0)))
    stack = VolumeStack([volume])
    camera = ahead([volume], SIDE, SIDE)
    pixels = picture(lambda: stack.draw(context, camera, SIDE, SIDE, look), SIDE, SIDE)
    stack.release()
    is_drawn = (np.abs(pixels - np.array(rgb(DARK.view)) * 255) > 2).any(-1)
    expected = np.zeros((SIDE, SIDE), bool)
    expected[:16, 8:] = True
    assert np.array_equal(is_drawn, expected)


@pytest.mark.parametrize("mode", MODES)
def test_clip_planes_that_leave_nothing_draw_nothing(context, picture, mode):
    volume = slab(np.ones((4, 8, 8), np.float32))
    look = replace(plain(mode), clip=((0.5, 0.5), (0.0, 1.0), (0.0, 1.0)))
    stack = VolumeStack([volume])
    camera = ahead([volume], SIDE, SIDE)
    pixels = picture(lambda: stack.draw(context, camera, SIDE, SIDE, look), SIDE, SIDE)
    stack.release()
    assert np.abs(pixels - np.array(rgb(DARK.view)) * 255).max() <= 1


@pytest.mark.parametrize("mode", ["emission", "isosurface", "slabs"])
@pytest.mark.parametrize("azimuth, nearer", [(0, "up"), (180, "down")])
def test_the_nearer_of_two_solid_slabs_hides_the_other(context, picture, mode, azimuth, nearer):
    full = np.ones((4, 8, 8), np.float32)
    kind = {"density": 100.0, "low": -1.0, "high": 1.0, "signed": True}
    slabs = [slab(full, name="up", **kind), slab(-full, name="down", front=20, **kind)]
    look = replace(plain(mode, opacity=8.0), lighting=False)
    stack = VolumeStack(slabs)
    camera = ahead(slabs, 16, 16, fov=30.0, azimuth=azimuth)
    pixels = picture(lambda: stack.draw(context, camera, 16, 16, look), 16, 16)
    stack.release()
    table = transfer.table(look.transfer)[transfer.SIGNED]
    ends = {
        "up": table[transfer.FIRST + transfer.STEPS - 2],
        "down": table[transfer.FIRST + 1],
    }
    assert np.abs(pixels[8, 8] / 255 - ends[nearer][:3]).max() < 3 / 255


def test_a_curve_hides_and_shows_values(context, picture, rng):
    values = smooth_noise(rng, 1, SIDE)
    curve = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (1.0, 1.0))
    look = replace(plain("maximum"), transfer=transfer.Transfer(curve=curve))
    volume = slab(values)
    stack = VolumeStack([volume])
    camera = ahead([volume], SIDE, SIDE)
    pixels = picture(lambda: stack.draw(context, camera, SIDE, SIDE, look), SIDE, SIDE)
    stack.release()
    is_drawn = (np.abs(pixels - np.array(rgb(DARK.view)) * 255) > 2).any(-1)
    sure = np.abs(values[0] - 0.5) > 0.01
    assert np.array_equal(is_drawn[sure], values[0][sure] > 0.5)
