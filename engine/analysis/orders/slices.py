"""PCA orders of every slice through a volume along its rows or columns."""

import numpy as np

from engine.analysis.orders.likeness import likeness_of
from engine.analysis.orders.making import order
from engine.tasks import Task

AXES = ("row", "column")


def orders_of_slices(volume, axis, task=None):
    """The PCA order of every slice, whose rows are channels.

    Parameters
    ----------
    volume : float32[C, H, W]
    axis : str
        ``'row'``: XC slices, one for each row of the map; ``'column'``: YC slices.
    task : Task, optional

    Returns
    -------
    int32[S, C]
        Channels that are constant or not finite in a slice come last in its order.
    """
    task = task or Task()
    cut = _cut(volume, axis)
    found = np.empty((cut.shape[1], len(cut)), np.int32)
    for number in range(len(found)):
        task.check()
        likeness = likeness_of(cut[:, number])
        found[number] = order(likeness, "pca", compare=False).channels
    return found


def varied_in_slices(volume, axis):
    """Which channels have a place in each slice's order: bool[S, C]."""
    cut = _cut(volume, axis)
    with np.errstate(invalid="ignore"):
        low, high = cut.min(axis=2), cut.max(axis=2)
    return (np.isfinite(low) & np.isfinite(high) & (low != high)).T


def _cut(volume, axis):
    """Channels, slices, values along each."""
    if axis not in AXES:
        raise ValueError(f"slices go along {' or '.join(AXES)}, not {axis!r}")
    return volume if axis == "row" else np.swapaxes(volume, 1, 2)
