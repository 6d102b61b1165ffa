"""Volumes made to fit a graphics card: channels split into several boxes, maps pooled.

Nothing is dropped: a pooled map keeps the largest value (signed: the largest in magnitude) of
every square, so that what stands out still does; where averages are shown, the mean. What was done
is said in a badge.
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
        Most values in all volumes together, half floats: by default 1 GB.
    """

    rows: int = 16384
    channels: int = 2048
    texels: int = 1 << 29


class Fitter:
    """Makes slabs fit, and remembers what it made of which values."""

    def __init__(self):
        self._made = {}
        self._used = {}

    def fit(self, slabs, limits, mean=False):
        """Slabs that fit, and what was done to them.

        Parameters
        ----------
        slabs : sequence of Slab
        limits : Limits
        mean : bool
            Pool by the mean instead of the largest value.

        Returns
        -------
        tuple
            A list with, for each slab, the list of its parts; a list of badges (str), short.
        """
        self._used = {}
        factors = _factors([slab.values.shape for slab in slabs], limits)
        parts, reduced = [], []
        for slab, factor in zip(slabs, factors, strict=True):
            if factor > 1:
                reduced.append((slab.name, factor))
                slab = self._pooled(slab, factor, mean)
            parts.append(self._split(slab, limits.channels))
        self._made, self._used = self._used, {}
        return parts, _badges(reduced, mean)

    def _pooled(self, slab, factor, mean):
        key = (id(slab.values), factor, mean, slab.signed)
        made = self._remembered(key, slab, lambda: [pooled(slab, factor, mean)])[0]
        return replace(made, order=slab.order)

    def _split(self, slab, channels):
        if slab.values.shape[0] <= channels:
            return [slab]
        key = (id(slab.values), channels, id(slab.order))
        return self._remembered(key, slab, lambda: split(slab, channels))

    def _remembered(self, key, slab, make):
        """What ``make`` made of these values before, with the slab's present range and density."""
        known = self._made.get(key) or (slab.values, slab.order, make())
        self._used[key] = known
        taken = {name: getattr(slab, name) for name in ("name", "low", "high", "signed", "density")}
        return [replace(part, **taken) for part in known[2]]


def _badges(reduced, mean):
    """One line that says which layers were pooled."""
    if not reduced:
        return []
    coarsest = max(factor for _, factor in reduced)
    who = reduced[0][0] if len(reduced) == 1 else f"{len(reduced)} layers"
    least = "at" if len(reduced) == 1 else "at down to"
    kept = "means" if mean else "largest values kept"
    return [f"{who} shown {least} 1/{coarsest} of the resolution ({kept}): graphics memory"]


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


def pooled(slab, factor, mean=False):
    """The slab with every ``factor`` x ``factor`` square of a map as one voxel.

    Squares that reach past the map make the box larger; its `share` says by how much.
    """
    channels, rows, columns = slab.values.shape
    out_rows, out_columns = -(-rows // factor), -(-columns // factor)
    out = np.empty((channels, out_rows, out_columns), np.float16)
    pad = ((0, out_rows * factor - rows), (0, out_columns * factor - columns))
    reduce = _mean if mean else _largest
    for channel in range(channels):
        squares = np.pad(slab.values[channel], pad, mode="edge")
        squares = squares.reshape(out_rows, factor, out_columns, factor)
        out[channel] = reduce(squares, slab.signed or bool(slab.specials))
    grown = (out_columns * factor / columns, out_rows * factor / rows, 1.0)
    extent = tuple(size * part for size, part in zip(slab.extent, grown, strict=True))
    share = tuple((0.0, part) for part in grown)
    return replace(slab, values=out, extent=extent, share=share)


def _largest(squares, by_magnitude):
    """The largest value of squares [R, f, C, f], or the largest in magnitude."""
    high = squares.max((1, 3))
    if by_magnitude:
        low = squares.min((1, 3))
        high = np.where(np.abs(low) > np.abs(high), low, high)
    return high


def _mean(squares, by_magnitude):
    """The mean of squares [R, f, C, f]; a value that is not finite stays."""
    found = squares.mean((1, 3), dtype=np.float32)
    if by_magnitude:
        largest = _largest(squares, True)
        found = np.where(np.abs(largest) > 1.5, largest, found)
    return found


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
        parts.append(
            replace(
                slab,
                values=values[first:last],
                order=None,
                corner=(x, y, z + depth * first / count),
                extent=(width, height, depth * (last - first) / count),
                share=(*slab.share[:2], (first / count, last / count)),
            )
        )
    return parts
