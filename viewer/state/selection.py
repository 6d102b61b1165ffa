"""The selection of the whole program: a description that is resolved to samples when asked."""

import hashlib
from dataclasses import dataclass

import numpy as np

MODES = ("replace", "add", "subtract", "intersect")


@dataclass(frozen=True)
class Region:
    """Some samples, described.

    Attributes
    ----------
    kind : str
        ``'class'`` (every sample with one of these labels), ``'samples'`` (these) or ``'all'``.
    items : tuple of int
        Classes, or samples in rising order.
    """

    kind: str
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What is brushed.

    Attributes
    ----------
    steps : tuple of (mode, Region)
        Applied one after the other to nothing; a replacement is always the first.
    """

    steps: tuple[tuple[str, Region], ...] = ()

    def __bool__(self):
        return bool(self.steps)


def mask(selection, count, labels=None):
    """Which samples are selected.

    Parameters
    ----------
    selection : Selection
    count : int
        N, samples of the data set.
    labels : int32[N], optional
        -1 where unknown; without labels no class has samples.

    Returns
    -------
    bool[N]
    """
    chosen = np.zeros(count, bool)
    for mode, region in selection.steps:
        inside = _inside(region, count, labels)
        if mode == "replace":
            chosen = inside
        elif mode == "add":
            chosen = chosen | inside
        elif mode == "subtract":
            chosen = chosen & ~inside
        else:
            chosen = chosen & inside
    return chosen


def _inside(region, count, labels):
    inside = np.zeros(count, bool)
    if region.kind == "all":
        inside[:] = True
    elif region.kind == "samples":
        items = np.array(region.items, np.int64)
        inside[items[items < count]] = True
    elif labels is not None:
        inside = np.isin(np.asarray(labels)[:count], region.items)
    return inside


def selection_hash(selection):
    """SHA-256 of the selection's canonical JSON."""
    from viewer.state.tree import canonical_json

    return hashlib.sha256(canonical_json(selection).encode()).hexdigest()
