"""A diagonal cell's tiles against the slow picture."""

import numpy as np
import pytest

from engine.kernels.distribution import distribution_tile
from tests.reference import distribution as reference


@pytest.mark.parametrize("share", [0.0, 0.4])
@pytest.mark.parametrize("selecting", [False, True])
@pytest.mark.parametrize("zero_at", [-1.0, 0.0, 0.37])
def test_tiles_are_the_picture_that_is_described(share, selecting, zero_at):
    random = np.random.default_rng(5)
    groups, planes, bins, tiles = 3, 6 if selecting else 3, 32, 2
    curves = random.random((planes, 16)).astype(np.float32)
    curves[1, 3:] = 0
    rows = (random.random((planes, 64)) * (random.random((planes, 64)) > 0.3)).astype(np.float32)
    bars = (random.random(planes) / planes).astype(np.float32)
    colours = random.random((planes, 3)).astype(np.float32)
    strengths = np.where(np.arange(planes) < groups, 0.4 if selecting else 1.0, 1.0)
    parts = (curves, rows, bars, zero_at, colours, strengths.astype(np.float32), groups, share)
    whole = np.zeros((64, 64, 4), np.uint8)
    for up in range(tiles):
        for across in range(tiles):
            place = np.s_[up * bins : (up + 1) * bins, across * bins : (across + 1) * bins]
            distribution_tile(*parts, (across, up), bins, whole[place])
    want = [[reference.texel(*parts, 64, x, y) for x in range(64)] for y in range(64)]
    off = np.abs(whole - 255 * np.array(want)).max(-1)
    # a texel whose middle lies on an edge may fall to either side
    assert (off <= 1.0).mean() > 0.998, (off.max(), np.argwhere(off > 1.0)[:5])
