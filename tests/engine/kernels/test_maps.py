"""Map statistics against a slow float64 reference, over shapes, layouts, NaN and Inf."""

from concurrent.futures import ThreadPoolExecutor

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.kernels import maps as kernels
from tests.engine.summary import summary_of
from tests.reference import statistics

ODD = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 3.4e38, -3.4e38, 1.0, -1.0], np.float32
)
VALUES = st.one_of(
    st.sampled_from(ODD.tolist()), st.floats(-100, 100, width=32), st.sampled_from([0.0, 2.5])
)
SHAPES = st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2, 3, 33]), st.integers(0, 40))


def check(maps, low, high, summary):
    """Compare a summary of maps[n, C, P] with the reference."""
    low, high = float(np.float32(low)), float(np.float32(high))
    samples, channels, _ = maps.shape
    for s in range(samples):
        for c in range(channels):
            expected = statistics.of_map(maps[s, c])
            assert summary.argmax[s, c] == expected["argmax"]
            np.testing.assert_equal(summary.maximum[s, c], np.float32(expected["maximum"]))
            spread = np.abs(maps[s, c][np.isfinite(maps[s, c])]).max(initial=0)
            for name in ("mean", "std"):
                np.testing.assert_allclose(
                    getattr(summary, name)[s, c],
                    expected[name],
                    rtol=3e-7,  # rounded to float32 once, at the end
                    atol=1e-13 * spread + 2e-45,  # float64 sums; float32's smallest step
                )
    for c in range(channels):
        expected = statistics.of_channel(maps[:, c], low, high)
        for name in ("count", "zeros", "nans", "posinfs", "neginfs", "below", "above"):
            assert getattr(summary, name)[c] == expected[name], name
        np.testing.assert_equal(summary.lowest[c], np.float32(expected["minimum"]))
        np.testing.assert_equal(summary.highest[c], np.float32(expected["maximum"]))
        size = np.abs(maps[:, c][np.isfinite(maps[:, c])]).astype(np.float64)
        np.testing.assert_allclose(
            summary.sum[c], expected["sum"], rtol=1e-12, atol=1e-13 * size.sum()
        )
        np.testing.assert_allclose(
            summary.deviations[c], expected["deviations"], rtol=1e-11, atol=1e-13 * (size**2).sum()
        )
        check_histogram(summary.histogram[c], expected["histogram"])


def check_histogram(got, expected):
    """Equal but for values within a float32's rounding of an edge, which may change bins."""
    assert got.sum() == expected.sum()
    shifted = np.abs(np.cumsum(got.astype(np.int64) - expected))
    assert shifted.max() <= max(1, 0.01 * expected.sum())


@settings(max_examples=60, deadline=None)
@given(
    maps=SHAPES.flatmap(lambda shape: arrays.arrays(np.float32, shape, elements=VALUES)),
    edges=st.tuples(st.floats(-200, 200, width=32), st.floats(-200, 200, width=32)),
    last=st.booleans(),
)
@example(maps=np.full((2, 3, 5), np.nan, np.float32), edges=(0, 1), last=False)
@example(maps=np.full((2, 3, 5), np.inf, np.float32), edges=(0, 1), last=True)
@example(maps=np.full((2, 3, 5), -np.inf, np.float32), edges=(0, 1), last=False)
@example(maps=np.full((1, 1, 1), -0.0, np.float32), edges=(0, 0), last=False)
@example(maps=np.full((0, 3, 1), 0, np.float32), edges=(0, 1), last=True)
@example(maps=np.full((2, 3, 0), 0, np.float32), edges=(0, 1), last=False)
def test_every_number_is_that_of_the_reference(maps, edges, last):
    low, high = sorted(edges)
    given_maps = np.ascontiguousarray(maps.transpose(0, 2, 1)) if last else maps
    summary = summary_of(given_maps, low, high, channels_last=last)
    check(maps, low, high, summary)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("size", [1, 31, 33, 511, 4095, 4096, 4097, 9000])
def test_maps_of_every_size_are_cut_into_pieces_rightly(size, last):
    random = np.random.default_rng(size)
    maps = random.standard_normal((3, 5, size)).astype(np.float32)
    maps[0] = np.maximum(maps[0], 0)
    maps[1, 2] = 7.25
    maps[2, 3, size // 2] = np.nan
    maps[2, 4, size - 1] = np.inf
    maps[2, 1, 0] = -np.inf
    given_maps = np.ascontiguousarray(maps.transpose(0, 2, 1)) if last else maps
    summary = summary_of(given_maps, -1.5, 2.5, channels_last=last)
    check(maps, -1.5, 2.5, summary)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("channels", [1, 31, 32, 33, 100])
def test_threads_change_no_bit(channels, last, monkeypatch):
    monkeypatch.setattr(kernels, "LEAST", 1)
    random = np.random.default_rng(channels)
    shape = (4, 300, channels) if last else (4, channels, 300)
    maps = random.standard_normal(shape).astype(np.float32)
    with ThreadPoolExecutor(3) as pool:
        one = summary_of(maps, -2, 2, channels_last=last)
        three = summary_of(maps, -2, 2, channels_last=last, pool=pool, threads=3)
    for name, array in vars(one).items():
        assert array.tobytes() == vars(three)[name].tobytes(), name


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("positions", [0, 1, 7, 5000])
def test_samples_in_pieces_give_the_same(positions, last):
    maps = np.random.default_rng(positions).standard_normal((6, 4, positions)).astype(np.float32)
    if positions:
        maps[1, 2, 0], maps[4, 3, -1], maps[5] = np.nan, np.inf, np.nan
    given_maps = np.ascontiguousarray(maps.transpose(0, 2, 1)) if last else maps
    summary = summary_of(given_maps, -1.5, 2.5, channels_last=last, cuts=(1, 1, 4))
    check(maps, -1.5, 2.5, summary)


def test_layers_lie_side_by_side(monkeypatch):
    monkeypatch.setattr(kernels, "LEAST", 1)
    random = np.random.default_rng(0)
    first = random.standard_normal((3, 40, 50)).astype(np.float32)
    units = random.standard_normal((3, 70, 1)).astype(np.float32)
    tokens = random.standard_normal((3, 9, 33)).astype(np.float32)
    tables = kernels.Tables.empty(4, 143, 73)
    with ThreadPoolExecutor(2) as pool:
        layers = [
            kernels.Maps([first], False, -1, 1, row=1, column=0, mapped=0),
            kernels.Maps([units], False, -1, 1, row=1, column=40, mapped=-1),
            kernels.Maps([tokens], True, -1, 1, row=1, column=110, mapped=40),
        ]
        kernels.summarise(layers, tables, pool=pool, threads=2)
    for maps, last, columns, mapped in (
        (first, False, slice(0, 40), slice(0, 40)),
        (units, False, slice(40, 110), None),
        (tokens, True, slice(110, 143), slice(40, 73)),
    ):
        alone = summary_of(maps, -1, 1, channels_last=last)
        assert tables.maximum[1:, columns].tobytes() == alone.maximum.tobytes()
        assert (tables.histogram[columns] == alone.histogram).all()
        assert (tables.sums[:, columns] == (alone.sum, alone.deviations)).all()
        if mapped is not None:
            assert tables.argmax[1:, mapped].tobytes() == alone.argmax.tobytes()
            assert tables.std[1:, mapped].tobytes() == alone.std.tobytes()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("value", [0.0, 1e6, 16777216.0, -3.4e38, 1e-42])
def test_a_constant_channel_has_no_deviation(value, last):
    shape = (3, 4999, 2) if last else (3, 2, 4999)
    summary = summary_of(np.full(shape, value, np.float32), 0, 1, channels_last=last)
    assert (summary.std == 0).all()
    assert (summary.deviations == 0).all()
    assert (summary.mean == np.float32(value)).all()


def test_small_deviations_on_a_large_mean_keep_their_digits():
    steps = np.tile(np.float32([0, 1]), 5000)
    maps = (np.float32(2**22) + steps).reshape(1, 1, -1)  # naive sums of squares would keep none
    summary = summary_of(maps, 0, 1)
    assert summary.std[0, 0] == np.float32(0.5)
    np.testing.assert_allclose(summary.deviations[0], 2500, rtol=1e-12)


@pytest.mark.parametrize(
    "low, high", [(1e-40, 2e-40), (-3e38, 3e38), (5.0, 5.0), (1e30, 1.0001e30), (0, 1e-44)]
)
def test_histogram_over_odd_ranges(low, high):
    low, high = float(np.float32(low)), float(np.float32(high))
    inside = np.linspace(low, high, 3000).astype(np.float32)
    maps = np.concatenate([inside, np.float32([-np.inf, np.inf, low, high])]).reshape(1, 1, -1)
    summary = summary_of(maps, low, high)
    expected = statistics.of_channel(maps, low, high)
    assert summary.histogram.sum() == 3002
    assert summary.below[0] == summary.above[0] == 0
    check_histogram(summary.histogram[0], expected["histogram"])


def test_the_last_bin_holds_the_upper_edge():
    maps = np.float32([0, 0.999, 1, 1.001, -0.001]).reshape(1, 1, 5)
    summary = summary_of(maps, 0, 1)
    assert summary.histogram[0, 0] == 1
    assert summary.histogram[0, 255] == 2
    assert (summary.below[0], summary.above[0]) == (1, 1)


def test_wrong_arrays_are_refused():
    with pytest.raises(ValueError, match="float32"):
        summary_of(np.zeros((1, 1, 1)), 0, 1)
    with pytest.raises(ValueError, match="contiguous"):
        summary_of(np.zeros((2, 2, 2), np.float32)[:, :, ::2], 0, 1)
    with pytest.raises(ValueError, match="range"):
        summary_of(np.zeros((1, 1, 1), np.float32), 0, np.inf)
