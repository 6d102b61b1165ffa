"""Numbers of a layer's channels over its embedding points, by which they can be ordered."""

import numpy as np

from engine.analysis.deviations import Deviations


def variances(columns):
    """Variance of each channel over its finite points, float64[C]; 0 for constant ones."""
    found = Deviations(columns, columns.count)
    squares, present = found.squares[:, 0], np.maximum(found.present[:, 0], 1)
    return columns.step**2 * squares / present


def separations(columns, groups, group_count):
    """Share of each channel's variance that lies between groups (correlation ratio), float64[C].

    NaN for channels that are constant over the points in groups.
    """
    found = Deviations(columns, columns.count, groups, group_count)
    within, present, means = found.squares.sum(axis=1), found.present, found.means
    middle = (present * means).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    between = (present * (means - middle[:, None]) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(found.rates > 0, between / (within + between), np.nan)
