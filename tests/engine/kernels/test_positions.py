"""Sampled positions: reproducible, one in each stratum, spread evenly; and their values."""

import numpy as np
import pytest

from engine.kernels.positions import gather, sample_positions


@pytest.mark.parametrize(
    "shape, count",
    [((56, 56), 16), ((7, 9), 16), ((4, 5), 7), ((3, 40), 6), ((100,), 16), ((5, 5), 24)],
)
def test_positions_are_distinct_and_inside(shape, count):
    chosen = sample_positions(np.arange(200), shape, count, "conv")
    assert chosen.shape == (200, count) and chosen.dtype == np.int32
    assert (np.diff(chosen, axis=1) > 0).all()
    assert chosen.min() >= 0 and chosen.max() < np.prod(shape)
    seen = np.bincount(chosen.ravel(), minlength=int(np.prod(shape)))
    assert (seen > 0).mean() > 0.5  # over many samples, most of the map


def test_each_cell_of_the_grid_has_one():
    chosen = sample_positions(np.arange(50), (56, 56), 16, "conv")
    rows, columns = chosen // 56 // 14, chosen % 56 // 14
    cells = np.sort(rows * 4 + columns, axis=1)
    assert (cells == np.arange(16)).all()


def test_every_position_of_a_cell_is_as_likely():
    chosen = sample_positions(np.arange(40_000), (8, 8), 16, "conv")
    seen = np.bincount(chosen.ravel(), minlength=64)
    # binomial(40,000, 1/4) has a deviation of 87
    assert np.abs(seen - 10_000).max() < 5 * 87


def test_a_sample_has_its_positions_whoever_asks():
    all_at_once = sample_positions(np.arange(100), (30, 30), 16, "conv", seed=3)
    one = sample_positions([57], (30, 30), 16, "conv", seed=3)
    assert (all_at_once[57] == one[0]).all()
    assert (sample_positions([57], (30, 30), 16, "conv2", seed=3) != one).any()
    assert (sample_positions([57], (30, 30), 16, "conv", seed=4) != one).any()
    assert (sample_positions([58], (30, 30), 16, "conv", seed=3) != one).any()
    # fixed for ever: a study that is continued by a later version must go on alike
    assert sample_positions([0], (4, 4), 4, "a").tolist() == [PINNED]


PINNED = [3, 4, 9, 11]


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (), (16,), (0, 3)])
def test_small_maps_are_taken_whole(shape):
    size = int(np.prod(shape))
    chosen = sample_positions([5, 9], shape, 16, "conv")
    assert (chosen == np.arange(size)).all() and chosen.shape == (2, size)


@pytest.mark.parametrize("last", [False, True])
def test_gathered_values_stand_at_their_positions(last):
    maps = np.random.default_rng(0).standard_normal((3, 5, 12)).astype(np.float32)
    positions = sample_positions([0, 1, 2], (3, 4), 6, "conv")
    given = np.ascontiguousarray(maps.transpose(0, 2, 1)) if last else maps
    got = gather(given, positions, channels_last=last)
    assert (got == np.take_along_axis(maps, positions[:, None, :].astype(int), axis=2)).all()
    with pytest.raises(ValueError, match="outside"):
        gather(given, positions + 7, channels_last=last)
    with pytest.raises(ValueError, match="rows of positions"):
        gather(given, positions[:2], channels_last=last)
