"""Counts of cells equal NumPy's histograms of the same codes, exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.embedding import counts
from engine.kernels.counting import lanes_for
from tests.engine.embedding.clouds import cloud, codes_of
from tests.reference import counting as reference


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("bins", [1, 2, 4, 16, 32, 256])
@pytest.mark.parametrize("count", [0, 1, 1023, 20_000])
def test_counts_equal_numpy(dtype, bins, count):
    x, y, groups = cloud(count, 3, dtype)
    found = counts.cell_counts(x, y, groups, 3, bins)
    assert found.dtype == np.uint32
    np.testing.assert_array_equal(found, reference.cell_counts(x, y, groups, 3, bins))


@settings(max_examples=60, deadline=None)
@given(
    x=st.tuples(st.integers(0, 65535), st.integers(1, 70_000)),
    y=st.tuples(st.integers(-40, 65535), st.integers(1, 70_000)),
    bits=st.integers(0, 9),
    seed=st.integers(0, 99),
)
def test_windows_equal_numpy(x, y, bits, seed):
    columns = cloud(3000, 2, np.uint16, seed)
    window = (x[0], x[0] + x[1], y[0], y[0] + y[1])
    found = counts.cell_counts(*columns, 2, 1 << bits, window)
    np.testing.assert_array_equal(found, reference.cell_counts(*columns, 2, 1 << bits, window))


@pytest.mark.parametrize("width", [1, 3, 7, 100, 255, 65536])
def test_every_code_of_a_window_is_in_its_bin(width):
    x = np.arange(65536, dtype=np.uint16)
    groups = np.zeros(65536, np.uint8)
    window = (1000, 1000 + width, 0, 65536)
    found = counts.cell_counts(x, x, groups, 1, 64, window)
    np.testing.assert_array_equal(found, reference.cell_counts(x, x, groups, 1, 64, window))


def test_prefixes_add_up():
    x, y, groups = cloud(5000, 4, np.uint8)
    whole = counts.cell_counts(x, y, groups, 4, 32)
    part = counts.cell_counts(x, y, groups, 4, 32, last=1000)
    assert part.sum() < whole.sum()
    same = counts.cell_counts(x, y, groups, 4, 32, first=1000, out=part)
    assert same is part
    np.testing.assert_array_equal(part, whole)


@pytest.mark.parametrize("last", [None, 700])
def test_tiles_are_cells(last):
    random = np.random.default_rng(3)
    columns = codes_of(random.standard_normal((5, 4000)), np.uint8)
    rows = codes_of(random.standard_normal((3, 4000)), np.uint8)
    groups = random.integers(0, 3, 4000).astype(np.uint8)
    cells = np.array([(0, 0), (4, 2), (4, 0)])
    tiles = counts.tile_counts(columns, rows, cells, groups, 2, 8, last=last)
    for (x, y), tile in zip(cells, tiles, strict=True):
        wanted = reference.cell_counts(columns[x, :last], rows[y, :last], groups[:last], 2, 8)
        np.testing.assert_array_equal(tile, wanted)


@pytest.mark.parametrize("window", [None, (0, 65536), (200, 333), (-5, 70_000)])
def test_channel_counts_equal_numpy(window):
    column, _, groups = cloud(6000, 3, np.uint16)
    zero = int(column[0])
    found = counts.channel_counts(column, groups, 3, 128, zero, window)
    wanted = reference.channel_counts(column, groups, 3, 128, zero, window)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[1].sum() > 0


def test_selected_points_are_counted_beside_the_others():
    x, y, groups = cloud(4000, 3, np.uint8)
    selected = (np.arange(4000) % 5 == 0).astype(np.uint8)
    both = counts.with_selection(groups, 3, selected)
    found = counts.cell_counts(x, y, both, 6, 16)
    chosen = selected != 0
    wanted = [reference.cell_counts(x[m], y[m], groups[m], 3, 16) for m in (~chosen, chosen)]
    np.testing.assert_array_equal(found, np.concatenate(wanted))


def test_lanes_do_not_change_counts():
    few, many = lanes_for(10, 2, 4), lanes_for(100_000, 2, 4)
    assert len(few) == 1 and len(many) == 4
    assert many.shape[1] * 4 % 4096, "equal bins of two lanes a multiple of 4096 bytes apart"
    x, y, groups = cloud(100_000, 2, np.uint8)
    whole = counts.cell_counts(x, y, groups, 2, 16)
    total = np.zeros_like(whole)
    for first in range(0, 100_000, 1000):
        counts.cell_counts(x, y, groups, 2, 16, None, first, first + 1000, total)
    np.testing.assert_array_equal(whole, total)


@pytest.mark.parametrize(
    "change",
    [
        {"bins": 3},
        {"bins": 512},
        {"window": (5, 5, 0, 1)},
        {"window": (0, 10, 0, 10)},
        {"groups": np.zeros(3, np.uint8)},
        {"y": np.zeros(4, np.uint16)},
    ],
)
def test_what_does_not_fit_is_refused(change):
    x = np.zeros(4, np.uint8)
    arguments = {"x": x, "y": x, "groups": x, "group_count": 1, "bins": 4} | change
    with pytest.raises(ValueError):
        counts.cell_counts(**arguments)
