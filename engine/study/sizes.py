"""How many bytes a layer takes in a study, and what is kept of it by default."""

from dataclasses import asdict, dataclass, replace

import numpy as np

POLICIES = ("full", "sampled", "pooled")
MOST = 2_000_000_000  # bytes of a study up to which layers are kept in full by default
SHARE = 10  # ... and one part in so many of the free disk
POOLED = 16  # bytes a map: maximum, its place, mean, standard deviation; of one value: 4
ONCE = 700  # bytes a channel and part, about: statistics and histogram


@dataclass(frozen=True)
class LayerPlan:
    """What is kept of one tensor of a layer; recorded in ``study.json`` before the first part.

    Attributes
    ----------
    name, which : str
        The layer and 'pre' or 'post'.
    channels : int
    positions : tuple of int
        The map's shape, ``()`` for a layer of units alone.
    policy : str
        'full', 'sampled' or 'pooled'.
    dtype : str
        'float16' or 'float32', of the kept values.
    origin : str
        The tensor's dtype in the network.
    sampled : int
        Positions a sample, S, for 'sampled'.
    quantiles : int
        Quantiles a map, Q; 0: none.
    low, high : float
        The histogram's range.
    """

    name: str
    which: str
    channels: int
    positions: tuple
    policy: str = "full"
    dtype: str = "float16"
    origin: str = "float32"
    sampled: int = 16
    quantiles: int = 0
    low: float = 0.0
    high: float = 0.0

    @property
    def key(self):
        """(name, which)."""
        return self.name, self.which

    @property
    def units(self):
        """Positions of a map, P."""
        return int(np.prod(self.positions, dtype=np.int64))

    @property
    def shape(self):
        """Shape of one sample's kept values, ``()`` when pooled."""
        if self.policy == "pooled":
            return ()
        if self.policy == "sampled" and self.positions:
            return (self.channels, min(self.sampled, self.units))
        return (self.channels, *self.positions)

    @property
    def bytes_a_sample(self):
        """Bytes of one sample, kept values and pooled ones."""
        pooled = self.channels * (POOLED + 4 * self.quantiles if self.positions else 4)
        if self.policy == "pooled":
            return pooled
        kept = int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize
        places = 4 * self.shape[1] if self.policy == "sampled" and self.positions else 0
        return pooled + kept + places

    def as_json(self):
        """Plain data, for `from_json`."""
        return {**asdict(self), "positions": list(self.positions)}

    @classmethod
    def from_json(cls, data):
        """The plan that `as_json` gave."""
        return cls(**{**data, "positions": tuple(data["positions"])})


def total_bytes(layers, samples):
    """Bytes of a study of these layer plans, about, statistics included."""
    return sum(p.bytes_a_sample * samples + p.channels * ONCE for p in layers)


def choose(layers, samples, free):
    """Choose the policy of every layer: full while the study stays small, else sampled.

    Layers are taken from the smallest to the largest, so that as many as possible are kept in
    full; at least their sampled values are counted for the others.

    Parameters
    ----------
    layers : sequence of LayerPlan
        Their policies are ignored.
    samples : int
    free : int
        Free bytes on the study's disk.

    Returns
    -------
    tuple of LayerPlan
        In the order given.
    """
    budget = min(MOST, free // SHARE)
    chosen = [replace(p, policy="full" if p.units <= p.sampled else "sampled") for p in layers]
    size = total_bytes(chosen, samples)
    for i in sorted(range(len(chosen)), key=lambda i: chosen[i].channels * chosen[i].units):
        full = replace(chosen[i], policy="full")
        more = (full.bytes_a_sample - chosen[i].bytes_a_sample) * samples
        if size + more <= budget:
            chosen[i] = full
            size += more
    return tuple(chosen)
