"""Counts against histogram2d, colours against the slow twin, points found by brute force."""

import numpy as np
import pytest

from engine.kernels import mixing
from engine.kernels.counting import lanes_for
from tests.reference import density

NOTHING = np.zeros(0, np.uint8)
WHOLE = (0, 65536)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def make(rng, points=3000, channels=4, groups=3, selected=False):
    fine = rng.normal(30000, 9000, (channels, points)).clip(0, 65279).astype(np.uint16)
    fine[1] = np.maximum(fine[1], 30000) - 30000
    fine[2, ::7] = 65535
    fine[3] = 0
    grouping = rng.integers(0, groups, points).astype(np.uint8)
    grouping[::11] = 255
    chosen = (rng.random(points) < 0.2).astype(np.uint8) if selected else NOTHING
    codes = np.empty(points, np.uint8)
    mixing.plane_codes(grouping, chosen, groups, codes)
    return fine, grouping, chosen, codes


def test_planes(rng):
    _, groups, chosen, codes = make(rng, selected=True)
    group = np.where(groups == 255, 3, groups)
    assert (codes == group + 4 * chosen).all()
    mixing.plane_codes(groups, NOTHING, 3, codes)
    assert (codes == group).all()


@pytest.mark.parametrize("bits", range(2, 9))
def test_few_points_are_counted_as_in_16_bits(rng, bits):
    fine, groups, _, codes = make(rng)
    coarse, bins = (fine >> 8).astype(np.uint8), 1 << bits
    axis = (*WHOLE, bins, 0)
    for x, y in ((0, 1), (1, 2), (2, 2), (3, 3), (0, 3)):
        got = np.zeros((4, bins * bins), np.uint32)
        mixing.count_few(coarse[x], coarse[y], codes, 2500, bits, got)
        want = density.counts(fine[x, :2500], fine[y, :2500], groups[:2500], 3, axis, axis, bins)
        assert (got[:3].reshape(want.shape) == want).all()


def slow_tile(fine, groups, chosen, pair, axis, bins, colours, points=None):
    x, y = fine[pair[0], :points], fine[pair[1], :points]
    groups = groups[:points]
    if not chosen.size:
        return density.tile(density.counts(x, y, groups, 3, axis, axis, bins), None, colours)
    parts = [np.where(chosen[:points] == which, groups, 255) for which in (0, 1)]
    counted = [density.counts(x, y, part, 3, axis, axis, bins) for part in parts]
    return density.tile(*counted, colours)


@pytest.mark.parametrize("selected", [False, True])
@pytest.mark.parametrize("bits, spread", [(3, 0), (5, 0), (4, 1), (2, 3)])
def test_tiles_are_those_of_the_formula(rng, selected, bits, spread):
    fine, groups, chosen, codes = make(rng, selected=selected)
    colours = rng.random((3, 3)).astype(np.float32)
    pairs = np.array([(0, 1), (2, 1), (3, 3)], np.int32)
    side = 1 << (bits + spread)
    places = np.array([(0, 0), (side, 64), (5, 128)], np.int32)
    texels = np.full((128, 256, 4), 77, np.uint8)
    coarse = (fine >> 8).astype(np.uint8)
    lanes = lanes_for(2000, 8 if selected else 4, bits)
    more = (bits, spread, colours**2, selected, lanes, texels)
    mixing.density_tiles(coarse, coarse, codes, 2000, pairs, places, *more)
    touched = np.zeros(texels.shape[:2], bool)
    for pair, (top, left) in zip(pairs, places, strict=True):
        axis = (*WHOLE, 1 << bits, 0)
        want = slow_tile(fine, groups, chosen, pair, axis, 1 << bits, colours, 2000)
        want = want.repeat(1 << spread, 0).repeat(1 << spread, 1)
        got = texels[top : top + side, left : left + side]
        # selected tiles are rounded twice, after each layer
        assert np.abs(got - want).max() <= (1.01 if selected else 0.51)
        touched[top : top + side, left : left + side] = True
    assert (texels[~touched] == 77).all()


def test_window_tiles_are_those_of_the_formula(rng):
    fine, groups, chosen, codes = make(rng)
    colours = rng.random((3, 3)).astype(np.float32)
    axis = np.array([(20000, 20000, 64, 16)], np.int64)
    texels = np.zeros((32, 32, 4), np.uint8)
    pair, place = np.array([(0, 2)], np.int32), np.zeros((1, 2), np.int32)
    more = (axis, axis, place, 4, 1, colours**2, False, lanes_for(3000, 4, 4), texels)
    mixing.window_tiles(fine, fine, codes, 3000, pair, *more)
    want = slow_tile(fine, groups, chosen, (0, 2), tuple(axis[0].tolist()), 16, colours)
    assert np.abs(texels - want.repeat(2, 0).repeat(2, 1)).max() <= 0.51


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_cells_colour_is_that_of_its_bins(rng, mirrored):
    fine, groups, chosen, codes = make(rng)
    colours = rng.random((3, 3)).astype(np.float32)
    ys = np.array([2, 0, 1], np.int32)
    xs = ys if mirrored else np.array([1, 3], np.int32)
    texels = np.zeros((3, len(xs), 4), np.uint8)
    coarse = (fine >> 8).astype(np.uint8)
    mixing.cell_colours(coarse, coarse, codes, 1500, xs, ys, mirrored, colours**2, False, texels)
    for i, y in enumerate(ys):
        for j, x in enumerate(xs):
            want = slow_tile(fine, groups, chosen, (x, y), (*WHOLE, 4, 0), 4, colours, 1500)
            assert np.abs(texels[i, j] - density.cell_colour(want)).max() <= 1.6


def test_more_points_in_a_bin_are_never_fainter_and_one_point_is_seen():
    codes = np.zeros(1111, np.uint8)
    x = np.repeat(np.array([0, 64, 128, 192], np.uint8), (1, 10, 100, 1000))
    texels, place = np.zeros((4, 4, 4), np.uint8), np.zeros((1, 2), np.int32)
    white = np.ones((1, 3), np.float32)
    more = (2, 0, white, False, lanes_for(1111, 2, 2), texels)
    mixing.density_tiles(x[None], x[None], codes, 1111, place, place, *more)
    opacity = np.diag(texels[..., 3]).astype(int)
    assert (np.diff(opacity) > 0).all() and opacity[0] > 80


def test_points_inside_a_window(rng):
    fine, groups, _, codes = make(rng, selected=True)
    found = np.zeros(5000, np.uint32)
    for window in ((20000, 40000, 0, 9000), (0, 65280, 0, 65280), (5, 6, 5, 6)):
        x, y = fine[0].astype(int), fine[2].astype(int)
        inside = (x >= window[0]) & (x < window[1]) & (y >= window[2]) & (y < window[3])
        want = np.flatnonzero(inside & (groups != 255))
        count = mixing.points_inside(fine[0], fine[2], codes, 3, 3000, window, found)
        assert count == len(want) and (found[:count] == want).all()
        some = np.arange(0, 3000, 3).astype(np.uint32)
        among = np.zeros(1000, np.uint32)
        here = mixing.points_among(fine[0], fine[2], some, window, among)
        assert (among[:here] == some[inside[some]]).all() and here == inside[some].sum()
        small = np.zeros(3, np.uint32)
        assert mixing.points_inside(fine[0], fine[2], codes, 3, 3000, window, small) == count
        assert (small[: min(3, count)] == want[:3]).all()
