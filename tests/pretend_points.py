"""Embedding points made in memory, for tests of what uses them: no study, no files."""

import numpy as np

from engine.embedding.columns import Columns, scales
from engine.embedding.points import Points
from engine.kernels.quantising import NOT_FINITE


def points_of(values, layer="conv1", index=None, positions=None, seed=1, which="post"):
    """Points of a layer.

    Parameters
    ----------
    values : float[N, C, S]
        Channels of S positions of N samples.
    index : int[N], optional
        The samples' numbers in the data set.
    positions : tuple of int, optional
        The map's shape; its product is S. By default one row.

    Returns
    -------
    Points
        Permuted.
    """
    values = np.asarray(values, np.float64)
    samples, channels, each = values.shape
    flat = values.transpose(1, 0, 2).reshape(channels, -1)
    order = np.random.default_rng(seed).permutation(samples * each)
    flat = flat[:, order]
    finite = np.where(np.isfinite(flat), flat, np.nan)
    low, high = np.nanmin(finite, 1), np.nanmax(finite, 1)
    low, step, zero = scales(low, high)
    safe = np.where(step > 0, step, 1.0)[:, None]
    codes = np.round((np.nan_to_num(finite, nan=0.0) - low[:, None]) / safe)
    fine = np.where(np.isfinite(flat), codes, NOT_FINITE).astype(np.uint16)
    columns = Columns(
        layer,
        which,
        fine,
        (fine >> 8).astype(np.uint8),
        low,
        step,
        zero,
        (~np.isfinite(flat)).sum(1),
        (flat == 0).sum(1),
    )
    index = np.arange(samples) if index is None else np.asarray(index)
    rows = np.repeat(np.arange(samples), each)[order].astype(np.int32)
    return Points(
        columns,
        index[rows].astype(np.int32),
        rows,
        np.tile(np.arange(each), samples)[order].astype(np.int32),
        (1, each) if positions is None else tuple(positions),
        "full",
        f"{layer}-{seed}",
        f"all {each} positions of {samples} samples",
    )
