"""Volumes for the tests of orders."""

import numpy as np


def shuffled_curve(channels=60, size=12, seed=0):
    """Maps that change slowly from one to the next, shuffled: float32[C, size, size], and the place
    of each along the curve."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size] / size
    along = np.arange(channels) / channels
    maps = np.exp(
        -((rows - 0.2 - 0.6 * along[:, None, None]) ** 2 + (columns - 0.5) ** 2) / 0.05
    ) * (1 + along[:, None, None])
    shuffle = random.permutation(channels)
    return maps[shuffle].astype(np.float32), shuffle


def mixtures(channels, size, seed=0, parts=12):
    """Mixtures of smooth maps, as layers have them after a rectifier: float32[C, size, size]."""
    random = np.random.default_rng(seed)
    waves = np.fft.rfft2(random.standard_normal((parts, size, size)))
    rows = np.fft.fftfreq(size)[:, None] ** 2 + np.fft.rfftfreq(size) ** 2
    base = np.fft.irfft2(waves * np.exp(-rows * 8 * size), s=(size, size))
    base /= base.std(axis=(1, 2), keepdims=True)
    weights = random.standard_normal((channels, parts))
    return np.maximum(np.tensordot(weights, base, 1), 0).astype(np.float32)
