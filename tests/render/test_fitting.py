"""Volumes cut and pooled to fit a graphics card."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render.scenes import slab
from viewer.visuals.fitting import Fitter, Limits, pooled, split
from viewer.visuals.look import Look, clipped_edges
from viewer.visuals.slab import decode, encode

KEPT = "of the resolution (largest values kept): graphics memory"


def fit_all(slabs, limits, mean=False):
    return Fitter().fit(slabs, limits, mean)


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
    whole = slab(rng.random((6, 2, 2)).astype(np.float32), order=order)
    first, second = split(whole, 3)
    assert np.array_equal(np.concatenate([first.values, second.values]), whole.values[order])
    look = Look(clip=((0, 1), (0, 1), (0.25, 0.5)))
    low, high = clipped_edges(look, first)
    assert (low[2], high[2]) == (0.5, 1.0)
    low, high = clipped_edges(look, second)
    assert low[2] == high[2] == 0.0


def test_clip_planes_cut_a_pooled_map_where_they_cut_the_map(rng):
    whole = slab(rng.random((3, 5, 7)).astype(np.float16), size=(7.0, 5.0))
    small = pooled(whole, 2)
    assert np.allclose(small.box, whole.box)
    for look in (Look(), Look(clip=((0.2, 0.9), (0.5, 1.0), (0.0, 1.0)))):
        for part in (whole, small):
            low, high = clipped_edges(look, part)
            ends = np.array(part.extent) * low, np.array(part.extent) * high
            expected = np.array(look.clip).T * whole.extent
            assert np.allclose(ends, expected)


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
    assert badges == [f"big shown at 1/2 {KEPT}"]
    parts, badges = fit_all(slabs, Limits(rows=8, channels=2, texels=10**6))
    assert [len(part) for part in parts] == [2, 1]
    assert badges == [f"big shown at 1/4 {KEPT}"]
    parts, badges = fit_all(slabs, Limits(rows=2, channels=64, texels=10**6))
    assert badges == [f"2 layers shown at down to 1/16 {KEPT}"]
    assert fit_all([], Limits()) == ([], [])


def test_averages_are_shown_of_means(rng):
    values = rng.random((2, 4, 4)).astype(np.float16)
    values[1, 0, 0] = np.nan
    stored, unit, specials = encode(values)
    whole = replace(slab(values[:1]), values=stored, unit=unit, specials=specials)
    ((small,),), (badge,) = fit_all([whole], Limits(texels=10), mean=True)
    assert "means" in badge
    kept = decode(small.values, unit)
    squares = values.astype(float).reshape(2, 2, 2, 2, 2).mean((2, 4))
    assert np.allclose(kept, squares, atol=1e-3, equal_nan=True)


def test_what_was_made_of_the_same_values_is_not_made_again(rng):
    whole = slab(rng.random((6, 8, 8)).astype(np.float32))
    limits = Limits(channels=4, texels=100)
    fitter = Fitter()
    (first,), _ = fitter.fit([whole], limits)
    (second,), _ = fitter.fit([replace(whole, high=0.5)], limits)
    assert [part.high for part in second] == [0.5, 0.5]
    assert all(a.values is b.values for a, b in zip(first, second, strict=True))
    (third,), _ = fitter.fit([slab(rng.random((6, 8, 8)).astype(np.float32))], limits)
    assert all(a.values is not b.values for a, b in zip(first, third, strict=True))
