"""Volumes cut and pooled to fit a graphics card."""

import numpy as np
import pytest

from tests.render.scenes import slab
from viewer.visuals.fitting import Limits, fit_all, pooled, split
from viewer.visuals.slab import decode


@pytest.mark.parametrize("count, limit", [(5, 2), (6, 3), (7, 7), (4097, 2048)])
def test_split_keeps_every_channel_and_the_whole_box(rng, count, limit):
    whole = slab(rng.random((count, 2, 3)).astype(np.float32), depth=21.0)
    parts = split(whole, limit)
    assert all(part.values.shape[0] <= limit for part in parts)
    assert np.array_equal(np.concatenate([part.values for part in parts]), whole.values)
    fronts = [part.corner[2] for part in parts]
    backs = [part.corner[2] + part.extent[2] for part in parts]
    assert fronts[0] == whole.corner[2]
    assert np.isclose(backs[-1], whole.corner[2] + whole.extent[2])
    assert np.allclose(fronts[1:], backs[:-1])


def test_split_follows_order_and_clip_planes(rng):
    order = rng.permutation(6)
    whole = slab(
        rng.random((6, 2, 2)).astype(np.float32),
        order=order,
        low_edge=(0, 0, 0.25),
        high_edge=(1, 1, 0.5),
    )
    first, second = split(whole, 3)
    assert np.array_equal(np.concatenate([first.values, second.values]), whole.values[order])
    assert (first.low_edge[2], first.high_edge[2]) == (0.5, 1.0)
    assert second.low_edge[2] == second.high_edge[2] == 0.0


def test_pooled_keeps_the_largest_and_covers_the_same_ground(rng):
    values = rng.random((3, 5, 7)).astype(np.float16)
    small = pooled(slab(values, size=(7.0, 5.0)), 2)
    assert small.values.shape == (3, 3, 4)
    assert small.extent[:2] == (8.0, -6.0)
    kept = decode(small.values, small.unit)
    for row in range(3):
        for column in range(4):
            square = values[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            assert np.allclose(kept[:, row, column], square.max((1, 2)), atol=1e-3)


def test_pooled_keeps_the_strongest_of_signed_values():
    values = np.array([[[0.1, -0.9], [0.2, 0.3]]], np.float32)
    small = pooled(slab(values, low=-1.0, high=1.0, signed=True), 2)
    assert np.isclose(decode(small.values, small.unit)[0, 0, 0], -0.9, atol=1e-3)


def test_the_largest_volumes_are_pooled_until_all_fit(rng):
    slabs = [
        slab(np.zeros((4, 32, 32), np.float32), name="big"),
        slab(np.zeros((2, 4, 4), np.float32), name="small"),
    ]
    parts, badges = fit_all(slabs, Limits(rows=64, channels=64, texels=1200))
    assert [part[0].values.shape for part in parts] == [(4, 16, 16), (2, 4, 4)]
    assert badges == ["big: maps at 1/2, largest values kept"]
    parts, badges = fit_all(slabs, Limits(rows=8, channels=2, texels=10**6))
    assert [len(part) for part in parts] == [2, 1]
    assert badges == ["big: maps at 1/4, largest values kept"]
    parts, badges = fit_all(slabs, Limits(rows=2, channels=64, texels=10**6))
    assert badges == ["2 layers: maps at down to 1/16, largest values kept"]
    assert fit_all([], Limits()) == ([], [])
