"""Volumes made to fit a graphics card: channels split into several boxes, maps pooled.

Nothing is dropped: a pooled map keeps the largest value (signed: the largest in magnitude) of
every square, so that what stands out still does, and what was done is said in a badge.
"""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Limits:
    """What the drawing may use.

    Attributes
    ----------
    rows : int
        Largest rows and columns of a map.
    channels : int
        Most channels in one texture.
    texels : int
        Most values in all volumes together.
    """

    rows: int = 16384
    channels: int = 2048
    texels: int = 1 << 29


def fit_all(slabs, limits):
    """Slabs that fit, and what was done to them.

    Parameters
    ----------
    slabs : sequence of Slab
    limits : Limits

    Returns
    -------
    tuple
        A list with, for each slab, the list of its parts; a list of badges (str), short.
    """
    factors = _factors([slab.values.shape for slab in slabs], limits)
    parts, reduced = [], []
    for slab, factor in zip(slabs, factors, strict=True):
        if factor > 1:
            reduced.append((slab.name, factor))
            slab = pooled(slab, factor)
        parts.append(split(slab, limits.channels))
    return parts, _badges(reduced)


def _badges(reduced):
    """One line that says which layers were pooled."""
    if not reduced:
        return []
    coarsest = max(factor for _, factor in reduced)
    who = reduced[0][0] if len(reduced) == 1 else f"{len(reduced)} layers"
    least = "at" if len(reduced) == 1 else "at down to"
    return [f"{who}: maps {least} 1/{coarsest}, largest values kept"]


def _factors(shapes, limits):
    factors = [1] * len(shapes)
    for index, (_, rows, columns) in enumerate(shapes):
        while max(rows, columns) > limits.rows * factors[index]:
            factors[index] *= 2

    def texels(index):
        channels, rows, columns = shapes[index]
        return channels * -(-rows // factors[index]) * -(-columns // factors[index])

    sizes = [texels(index) for index in range(len(shapes))]
    while sum(sizes) > limits.texels:
        largest = int(np.argmax(sizes))
        _, rows, columns = shapes[largest]
        if factors[largest] >= max(rows, columns):
            break
        factors[largest] *= 2
        sizes[largest] = texels(largest)
    return factors


def pooled(slab, factor):
    """The slab with every ``factor`` x ``factor`` square of a map as one voxel."""
    channels, rows, columns = slab.values.shape
    out_rows, out_columns = -(-rows // factor), -(-columns // factor)
    by_magnitude = slab.signed or bool(slab.specials)
    out = np.empty((channels, out_rows, out_columns), np.float16)
    pad = ((0, out_rows * factor - rows), (0, out_columns * factor - columns))
    for channel in range(channels):
        squares = np.pad(slab.values[channel], pad, mode="edge")
        squares = squares.reshape(out_rows, factor, out_columns, factor)
        out[channel] = squares.max((1, 3))
        if by_magnitude:
            low = squares.min((1, 3))
            np.copyto(out[channel], low, where=np.abs(low) > np.abs(out[channel]))
    grown = (out_columns * factor / columns, out_rows * factor / rows, 1.0)
    extent = tuple(size * part for size, part in zip(slab.extent, grown, strict=True))
    return replace(slab, values=out, extent=extent)


def split(slab, channels):
    """The slab as boxes of at most ``channels`` channels, one behind the other."""
    count = slab.values.shape[0]
    if count <= channels:
        return [slab]
    values = slab.values if slab.order is None else slab.values[np.asarray(slab.order)]
    parts = []
    for first in range(0, count, channels):
        last = min(first + channels, count)
        x, y, z = slab.corner
        width, height, depth = slab.extent
        low = [np.clip(slab.low_edge[2] * count - first, 0, last - first) / (last - first)]
        high = [np.clip(slab.high_edge[2] * count - first, 0, last - first) / (last - first)]
        parts.append(
            replace(
                slab,
                values=values[first:last],
                order=None,
                corner=(x, y, z + depth * first / count),
                extent=(width, height, depth * (last - first) / count),
                low_edge=(*slab.low_edge[:2], float(low[0])),
                high_edge=(*slab.high_edge[:2], float(high[0])),
                share=(first / count, last / count),
            )
        )
    return parts
