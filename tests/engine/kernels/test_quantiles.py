"""Quantiles of maps against sorting by hand and against NumPy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.kernels import quantiles as kernels
from engine.kernels.quantiles import quantiles
from tests.reference.statistics import quantiles_of_map


@pytest.mark.parametrize("count", [2, 5, 32])
@pytest.mark.parametrize("size", [1, 2, 49, 500])
def test_quantiles_are_numpys(size, count):
    maps = np.random.default_rng(size).standard_normal((2, 3, size)).astype(np.float32)
    expected = np.quantile(maps.astype(np.float64), np.linspace(0, 1, count), axis=2)
    # the result is rounded to float32; the interpolation's weights are float64
    np.testing.assert_allclose(
        quantiles(maps, count), np.moveaxis(expected, 0, 2), rtol=2e-7, atol=1e-7
    )


def test_nan_and_inf_do_not_count():
    maps = np.float32([[[np.nan, 3, np.inf, 1, -np.inf, 2], [np.nan] * 6, [np.inf] * 6]])
    got = quantiles(maps, 3)
    assert got[0, 0].tolist() == [1, 2, 3]
    assert np.isnan(got[0, 1:]).all()
    for c in range(3):
        np.testing.assert_equal(got[0, c], np.float32(quantiles_of_map(maps[0, c], 3)))


def test_layouts_threads_and_pieces_change_nothing(monkeypatch):
    maps = np.random.default_rng(0).standard_normal((4, 6, 30)).astype(np.float32)
    before = maps.copy()
    expected = quantiles(maps, 7)
    last = quantiles(np.ascontiguousarray(maps.transpose(0, 2, 1)), 7, channels_last=True)
    monkeypatch.setattr(kernels, "AT_ONCE", 100)
    with ThreadPoolExecutor(2) as pool:
        pieces = quantiles(maps, 7, pool=pool, threads=2)
    assert (last == expected).all() and (pieces == expected).all()
    assert (maps == before).all()


def test_empty_maps_and_too_few_quantiles():
    assert np.isnan(quantiles(np.zeros((1, 2, 0), np.float32), 4)).all()
    assert quantiles(np.zeros((0, 2, 3), np.float32), 4).shape == (0, 2, 4)
    with pytest.raises(ValueError, match="at least 2"):
        quantiles(np.zeros((1, 2, 3), np.float32), 1)
