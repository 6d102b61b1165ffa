"""PCA orders of every slice through a volume along its rows or columns."""

import numpy as np

from engine.embedding.threads import spread
from engine.kernels.slices import slice_orders
from engine.tasks import Task

AXES = ("row", "column")
_PIECE = 64
"""Slices after which the work can be stopped."""


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
        The channel at each place of each slice's order. Channels that are constant or not finite in
        a slice come last in its order. Its direction is that of `Likeness.projections`.
    """
    task = task or Task()
    volume = np.ascontiguousarray(volume, np.float32)
    count = _cut(volume, axis).shape[1]
    found = np.empty((count, len(volume)), np.int32)
    for first in range(0, count, _PIECE):
        task.report(first, count, "orders of slices")
        size = min(_PIECE, count - first)
        spread(
            lambda a, b, at=first: slice_orders(volume, axis == "row", at + a, at + b, found),
            size,
            1,
        )
    return found


def varied_in_slices(volume, axis):
    """Which channels have a place in each slice's order: bool[S, C]."""
    cut = _cut(volume, axis)
    if not cut.size:
        return np.zeros((cut.shape[1], len(cut)), bool)
    with np.errstate(invalid="ignore"):
        low, high = cut.min(axis=2), cut.max(axis=2)
    differs = low != high if cut.shape[2] > 1 else low != 0
    return (np.isfinite(low) & np.isfinite(high) & differs).T


def _cut(volume, axis):
    """Channels, slices, values along each."""
    if axis not in AXES:
        raise ValueError(f"slices go along {' or '.join(AXES)}, not {axis!r}")
    return volume if axis == "row" else np.swapaxes(volume, 1, 2)
