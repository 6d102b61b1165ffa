"""Statistics of two channels from their definitions, float64, one pair at a time."""

import numpy as np


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


def separation(x, y, classes):
    """1 - det(W) / det(T) of the scatter matrices of (x, y)."""
    points = np.stack([x, y])

    def scatter(some):
        centred = some - some.mean(axis=1, keepdims=True)
        return centred @ centred.T

    within = sum(scatter(points[:, classes == each]) for each in np.unique(classes))
    return 1 - np.linalg.det(within) / np.linalg.det(scatter(points))


def correlation_ratio(x, classes):
    """Share of the variance between classes."""
    within = sum(((x[classes == c] - x[classes == c].mean()) ** 2).sum() for c in set(classes))
    return 1 - within / ((x - x.mean()) ** 2).sum()


def density(x, y):
    """Entropy in 16 x 16 bins of 8-bit codes, over that of even ones."""
    counts = np.histogram2d(x, y, 16, [[0, 256], [0, 256]])[0].ravel()
    shares = counts[counts > 0] / counts.sum()
    return -(shares * np.log(shares)).sum() / np.log(256)


def distance_correlation(x, y):
    """From the doubly centred matrices of distances (Székely, Rizzo and Bakirov 2007)."""

    def centred(values):
        d = np.abs(values[:, None] - values[None, :])
        return d - d.mean(axis=0) - d.mean(axis=1, keepdims=True) + d.mean()

    a, b = centred(x), centred(y)
    return np.sqrt((a * b).mean() / np.sqrt((a * a).mean() * (b * b).mean()))
