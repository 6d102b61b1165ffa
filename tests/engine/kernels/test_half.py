"""Rounding to float16 against NumPy's, and the losses it reports against a plain count."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.kernels import half

EVERY_HALF = np.arange(65536, dtype=np.uint16).view(np.float16)
EVERY_HALF = np.where(np.isnan(EVERY_HALF), np.float16(np.nan), EVERY_HALF)  # quiet ones


def values():
    """Every float16, the middles between neighbours, and numbers of all sizes."""
    exact = EVERY_HALF.astype(np.float32)
    finite = np.sort(exact[np.isfinite(exact)])
    middles = (finite[:-1] + finite[1:]) / 2
    random = np.random.default_rng(0)
    sizes = np.float32(2.0) ** random.integers(-40, 40, 20_000)
    near = np.nextafter(middles, np.float32(np.inf)), np.nextafter(middles, -np.float32(np.inf))
    drawn = random.standard_normal(20_000).astype(np.float32) * sizes
    return np.concatenate([exact, middles, *near, drawn, np.float32([65520, 65519.996, 1e38])])


def test_every_rounding_is_numpys():
    x = values()
    got, _ = half.to_half(x)
    with np.errstate(over="ignore"):
        expected = x.astype(np.float16)
    number = ~np.isnan(x)
    assert (got.view(np.uint16)[number] == expected.view(np.uint16)[number]).all()
    assert np.isnan(got[~number]).all()


def test_the_loss_is_what_was_lost():
    x = values()
    got, loss = half.to_half(x)
    fits = np.isfinite(x) & np.isfinite(got)
    error = np.abs(got[fits].astype(np.float64) - x[fits])
    normal = np.abs(x[fits]) >= 2**-14
    shares = error[normal] / np.abs(x[fits][normal])
    assert loss.absolute == pytest.approx(error.max(), rel=1e-6)
    assert loss.relative == pytest.approx(shares.max(), rel=1e-6)
    assert loss.beyond == (np.isfinite(x) & (np.abs(x) > 60_000)).sum()
    assert loss.overflowed == (np.isfinite(x) & np.isinf(got)).sum() > 0
    assert loss.flushed == ((x != 0) & (got == 0)).sum() > 0


def test_nan_and_inf_are_no_loss():
    got, loss = half.to_half(np.float32([np.nan, np.inf, -np.inf, 1, 0]))
    np.testing.assert_equal(got, np.float16([np.nan, np.inf, -np.inf, 1, 0]))
    assert loss == half.Loss(0, 0, 0, 0, 0)


def test_threads_and_shapes_change_nothing():
    x = np.random.default_rng(1).standard_normal((7, 3, 50, 60)).astype(np.float32)[:, :, ::2]
    with ThreadPoolExecutor(2) as pool:
        one, loss = half.to_half(x)
        two, same = half.to_half(x, pool=pool, threads=2)
    assert one.shape == x.shape and loss == same
    assert (one == two).all() and (one == x.astype(np.float16)).all()
    empty, _ = half.to_half(np.zeros((2, 0, 3), np.float32))
    assert empty.shape == (2, 0, 3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "int8", "int64"])
def test_other_types_become_float32(dtype):
    got, overflowed = half.to_single(np.arange(6).reshape(2, 3).astype(dtype))
    assert got.dtype == np.float32 and got.flags.c_contiguous and overflowed == 0
    assert (got == np.arange(6).reshape(2, 3)).all()


def test_doubles_that_float32_cannot_hold_are_counted():
    got, overflowed = half.to_single(np.array([1e300, -1e39, np.inf, np.nan, 1.0]))
    assert overflowed == 2 and np.isinf(got[:3]).all()
