"""Statistics of embedding points over all channels, from their codes, in blocks of points."""

from weakref import WeakKeyDictionary

import numpy as np

_NOT_FINITE = np.uint16(65535)  # engine.kernels.quantising.NOT_FINITE, without loading Numba
_BLOCK = 1 << 16
_STATISTICS = WeakKeyDictionary()


def statistic(points, name):
    """A statistic of every point over its channels' finite values, kept while the points are.

    Parameters
    ----------
    points : engine Points
    name : str
        ``'mean'``, ``'largest'`` or ``'strongest'``: the channel whose value is largest, the first
        of equal ones.

    Returns
    -------
    float32[P] or int32[P]
        NaN, or -1, where a point has no finite value. About a millisecond a million values.
    """
    kept = _STATISTICS.setdefault(points, {})
    if name not in kept:
        kept[name] = _mean(points) if name == "mean" else None
        if name != "mean":
            kept["largest"], kept["strongest"] = _extremes(points)
    return kept[name]


def _blocks(points):
    for first in range(0, points.count, _BLOCK):
        yield slice(first, min(points.count, first + _BLOCK))


def _channel_values(columns, channel, block):
    """float32 values of a channel for some points; NaN where not finite."""
    codes = columns.fine[channel, block]
    values = codes.astype(np.float32)
    values *= np.float32(columns.step[channel])
    values += np.float32(columns.low[channel])
    if columns.not_finite[channel]:
        values[codes == _NOT_FINITE] = np.nan
    return values


def _mean(points):
    """Mean over the finite channels: float32[P], NaN without one."""
    columns = points.columns
    found = np.empty(points.count, np.float32)
    for block in _blocks(points):
        total = np.zeros(block.stop - block.start, np.float64)
        counted = np.zeros(len(total), np.int32)
        for channel in range(columns.channels):
            values = _channel_values(columns, channel, block)
            if columns.not_finite[channel]:
                known = np.isfinite(values)
                values[~known] = 0
                counted += known
            else:
                counted += 1
            total += values
        with np.errstate(invalid="ignore", divide="ignore"):
            found[block] = total / counted
    return found


def _extremes(points):
    """Largest finite value of every point and its channel: float32[P] (NaN), int32[P] (-1)."""
    columns = points.columns
    largest = np.full(points.count, -np.inf, np.float32)
    strongest = np.full(points.count, -1, np.int32)
    for block in _blocks(points):
        most, which = largest[block], strongest[block]
        for channel in range(columns.channels):
            values = _channel_values(columns, channel, block)
            larger = values > most
            np.copyto(most, values, where=larger)
            which[larger] = channel
    largest[strongest < 0] = np.nan
    return largest, strongest
