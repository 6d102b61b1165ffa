"""A layer of a study as blocks of rows in float32, whatever was kept of it; bounded memory."""

import numpy as np

from engine.embedding.threads import spread
from engine.kernels.quantising import widen

BLOCK_BYTES = 16 << 20
"""Bytes of float32 that are read at a time, about."""


class Source:
    """One side of a layer, as embedding points are made of it.

    Parameters
    ----------
    study : Study
    layer, which : str

    Attributes
    ----------
    kind : str
        'full', 'sampled' or 'pooled'. A pooled layer gives one point a sample: each map's maximum.
    channels, rows, each : int
        C, samples in the study, points a sample S.
    positions : tuple of int
        The map's shape; ``()`` where a point is a whole sample.
    words : str
        What the points are, for a person.

    Raises
    ------
    InputError
        When the layer, or this side of it, was not extracted.
    """

    def __init__(self, study, layer, which="post"):
        plan = study.kept(layer, which)
        self.plan, self.rows, self.channels = plan, len(study), plan.channels
        self.kind = plan.policy
        if plan.policy != "pooled" and not plan.positions:
            self.kind = "full"  # units alone are never sampled
        self.positions = () if self.kind == "pooled" else plan.positions
        self.each = plan.shape[1] if self.kind == "sampled" else int(np.prod(self.positions))
        read = study.maxima if self.kind == "pooled" else study.activations
        self._values = read(layer, which)
        self._places = study.places(layer, which) if self.kind == "sampled" else None
        whole = self.kind == "full" and not study.header.get("wanted")
        self._statistics = study.statistics if whole else None

    @property
    def count(self):
        """Points, P."""
        return self.rows * self.each

    @property
    def words(self):
        """What the points are: ``'all 169 positions of 6,000 samples'``."""
        samples = f"{self.rows:,} sample{'' if self.rows == 1 else 's'}"
        if self.kind == "pooled" and self.plan.positions:
            return f"the maximum of each map of {samples}"
        units = self.plan.units
        if self.kind == "sampled" and self.each < units:
            return f"{self.each:,} of {units:,} positions of {samples}"
        if self.positions and units > 1:
            return f"all {units:,} positions of {samples}"
        return samples

    def blocks(self):
        """Ranges of rows that are read at a time: list of (first, stop)."""
        row = 4 * self.channels * max(1, self.each)
        step = max(1, BLOCK_BYTES // max(1, row))
        return [(a, min(a + step, self.rows)) for a in range(0, self.rows, step)]

    def ranges(self):
        """Finite ranges of the channels from the study's statistics, or None where it has none.

        Those are of the values as they were computed; rounding to half precision keeps their
        order, so the rounded ends are the ends of what is stored. Not so of sampled maps, nor while
        layers are being written again.

        Returns
        -------
        low, high : float64[C]
            +inf and -inf without a finite value.
        """
        if self._statistics is None:
            return None
        found = self._statistics(self.plan.name, self.plan.which)
        with np.errstate(over="ignore"):
            ends = [each.astype(self._values.dtype) for each in (found.minimum, found.maximum)]
        if np.isinf(ends).any():
            return None
        empty = np.isnan(ends[0])
        return (
            np.where(empty, np.inf, ends[0]).astype(np.float64),
            np.where(empty, -np.inf, ends[1]).astype(np.float64),
        )

    def values(self, first, stop):
        """Stored values of some rows, float32[n, C, S]."""
        found = self._values[first:stop]
        found = found.reshape(len(found), self.channels, self.each)
        if found.dtype != np.float16:
            return np.ascontiguousarray(found, np.float32)
        halves = np.ascontiguousarray(found).reshape(-1).view(np.uint16)
        out = np.empty(halves.size, np.uint32)
        spread(lambda a, b: widen(halves[a:b], out[a:b]), halves.size, 1 << 20)
        return out.view(np.float32).reshape(found.shape)

    def places(self, first, stop):
        """Flat positions of some rows' points in their maps, int32[n, S]."""
        if self._places is not None:
            return np.ascontiguousarray(self._places[first:stop])
        places = np.arange(self.each, dtype=np.int32)
        return np.broadcast_to(places, (stop - first, self.each))
