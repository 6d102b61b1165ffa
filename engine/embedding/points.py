"""A layer's embedding points as columns of 16-bit and 8-bit codes, permuted once.

Every (sample, position) of a layer is a point in the space of its channels. Counting, lasso and
drawing need its places on the screen only, so a channel is quantised over its own finite range to
65,280 codes: at most one step from the stored value, three bytes a value in all. Points are
permuted by a seed from the key, so that any first n of them are a fair sample.
"""

from dataclasses import dataclass

import numpy as np

from engine.embedding import keeping
from engine.embedding.columns import Columns, scales
from engine.embedding.reading import Source
from engine.embedding.threads import spread
from engine.errors import MachineError
from engine.kernels.quantising import (
    FINITE,
    NOT_FINITE,
    measure,
    permutation,
    permute,
    quantise,
)
from engine.study.layout import digest
from engine.tasks import Task

VERSION = 1

__all__ = ["FINITE", "NOT_FINITE", "Columns", "Points", "make_points"]


@dataclass(frozen=True, eq=False)
class Points:
    """A layer's embedding points, permuted; any first n are a fair sample.

    Attributes
    ----------
    columns : Columns
    sample : int32[P]
        Index in the data set.
    row : int32[P]
        Row in the study.
    place : int32[P]
        Flat position in the map; 0 where a point is a whole sample.
    positions : tuple of int
        The map's shape; ``()`` where a point is a whole sample.
    kind : str
        'full', 'sampled' or 'pooled' (one point a sample: each map's maximum).
    key : str
    words : str
        What the points are: ``'all 169 positions of 6,000 samples'``.
    """

    columns: Columns
    sample: np.ndarray
    row: np.ndarray
    place: np.ndarray
    positions: tuple
    kind: str
    key: str
    words: str

    @property
    def count(self):
        """Points, P."""
        return self.columns.count

    @property
    def channels(self):
        """Channels, C."""
        return self.columns.channels

    @property
    def seed(self):
        """What `engine.kernels.quantising.permutation` was given."""
        return _seed(self.key)

    @property
    def nbytes(self):
        """Bytes of all arrays, mapped ones included."""
        return self.columns.nbytes + self.sample.nbytes + self.row.nbytes + self.place.nbytes

    def points_of_samples(self, mask):
        """Which points are of chosen samples.

        Parameters
        ----------
        mask : bool[N]
            By index in the data set; samples beyond its end are not chosen.

        Returns
        -------
        bool[P]
        """
        mask = np.asarray(mask, bool)
        most = int(self.sample.max(initial=-1)) + 1
        if len(mask) < most:
            mask = np.pad(mask, (0, most - len(mask)))
        return mask[self.sample]

    def index(self, sample, place=0):
        """The point of a data set's sample at a flat position, or -1 when it is not kept."""
        found = np.flatnonzero((self.sample == sample) & (self.place == place))
        return int(found[0]) if found.size else -1

    def stored(self, study, points):
        """Stored values of some points, read from the study they were made of.

        Parameters
        ----------
        study : Study
        points : int64[n]
            Places in the arrays of this object.

        Returns
        -------
        float32[n, C]
        """
        source = Source(study, self.columns.layer, self.columns.which)
        points = np.asarray(points, np.int64).reshape(-1)
        rows, places = self.row[points], self.place[points]
        found = np.empty((len(points), self.channels), np.float32)
        order = np.argsort(rows, kind="stable")
        for row in np.split(order, np.flatnonzero(np.diff(rows[order])) + 1) if len(order) else ():
            at = int(rows[row[0]])
            there = source.places(at, at + 1)[0]
            sorter = np.argsort(there, kind="stable")
            slots = sorter[np.searchsorted(there, places[row], sorter=sorter)]
            found[row] = source.values(at, at + 1)[0].T[slots]
        return found


def make_points(study, layer, which="post", task=None, keep=True):
    """Make a layer's embedding points, or read those that are kept in the study.

    Reads the study once in blocks of rows of about 16 MB, and once more for ranges where its
    statistics do not tell them; those of a
    complete study are written to ``results/KEY.h5`` and mapped when large, others, and those of a
    study that cannot be written to, stay in memory.

    Parameters
    ----------
    study : Study
    layer, which : str
    task : Task, optional
        For progress and cancelling.
    keep : bool
        Whether to write to the study.

    Returns
    -------
    Points

    Raises
    ------
    InputError
        The layer was not extracted, or the study is damaged.
    Cancelled
    """
    task = task or Task()
    source = Source(study, layer, which)
    key = _key(study, source)
    keep = keep and study.is_complete and source.count > 0
    spec = _spec(source)
    arrays = keeping.load(study.path, key, spec) if keep else None
    if arrays is not None and _is_sound(arrays, source):
        return _points(arrays, source, key)
    if keep:
        try:
            with keeping.making(study.path, key, spec, _WORDS) as arrays:
                _fill(arrays, study, source, key, task)
            arrays = keeping.load(study.path, key, spec)
        except (OSError, MachineError):
            arrays = None  # a full disk, or a study that is not ours to write: points need neither
        if arrays is not None:
            return _points(arrays, source, key)
    arrays = {name: np.empty(*each) for name, each in spec.items()}
    _fill(arrays, study, source, key, task)
    return _points(arrays, source, key)


_WORDS = {
    "fine": ("channel, point", "code", "low + code * step; 65535 where not finite"),
    "coarse": ("channel, point", "code", "upper byte of fine"),
    "low": ("channel", "activation", "value of code 0"),
    "step": ("channel", "activation", "between two codes; 0 in a constant channel"),
    "zero": ("channel", "code", "of exactly zero; -1 when out of range"),
    "not_finite": ("channel", "points", "NaN and infinities"),
    "zeros": ("channel", "points", "exactly zero"),
    "sample": ("point", "", "index in the data set"),
    "row": ("point", "", "row in the study"),
    "place": ("point", "", "flat position in the map"),
}


def _spec(source):
    channels, count = source.channels, source.count
    wide = {"fine": np.uint16, "coarse": np.uint8}
    each = {
        "low": float,
        "step": float,
        "zero": np.int32,
        "not_finite": np.int64,
        "zeros": np.int64,
    }
    spec = {name: ((channels, count), dtype) for name, dtype in wide.items()}
    spec |= {name: ((channels,), dtype) for name, dtype in each.items()}
    return spec | dict.fromkeys(("sample", "row", "place"), ((count,), np.int32))


def _key(study, source):
    """Hash of everything that the points depend on."""
    samples = study.samples.index
    return digest(
        {
            "what": "points",
            "version": VERSION,
            "study": study.header["identity"],
            "samples": [len(samples), digest(samples.tolist())],
            "layer": source.plan.as_json(),
        }
    )[:32]


def _seed(key):
    return int(key[:16], 16)


def _is_sound(arrays, source):
    """Whether points from a file lie in their samples and maps."""
    units = max(1, int(np.prod(source.positions)))
    bounds = {"row": source.rows, "place": units, "zero": FINITE}
    return all(
        arrays[name].min() >= -(name == "zero") and arrays[name].max() < most
        for name, most in bounds.items()
    )


def _points(arrays, source, key):
    names = ("fine", "coarse", "low", "step", "zero", "not_finite", "zeros")
    plan = source.plan
    columns = Columns(plan.name, plan.which, *(arrays[name] for name in names))
    each = (arrays[name] for name in ("sample", "row", "place"))
    return Points(columns, *each, tuple(source.positions), source.kind, key, source.words)


def _fill(arrays, study, source, key, task):
    """Fill the arrays of `_spec`: codes in the order of the study, then permuted."""
    total, what = 3 * source.rows, f"points of {source.plan.name}"
    ranges = source.ranges()
    if ranges is None:
        ranges = _measured(source, lambda row: task.report(row, total, what))
    arrays["low"][...], arrays["step"][...], arrays["zero"][...] = scales(*ranges)
    counts = arrays["not_finite"], arrays["zeros"]
    counts[0][...] = counts[1][...] = 0
    tables = [arrays[name] for name in ("low", "step", "zero", "fine")]
    order, index = permutation(source.count, _seed(key)), study.samples.index
    for first, stop in source.blocks():
        task.report(source.rows + first, total, what)
        values, at = source.values(first, stop), first * source.each
        _shared(source, lambda a, b, v=values, at=at: quantise(v, a, b, at, *tables, *counts))
        there = order[at : stop * source.each]
        arrays["sample"][there] = np.repeat(index[first:stop], source.each)
        arrays["row"][there] = np.repeat(np.arange(first, stop), source.each)
        arrays["place"][there] = np.ravel(source.places(first, stop)) if source.positions else 0
    codes = arrays["fine"], arrays["coarse"]
    step = max(1, (64 << 20) // max(1, 3 * source.count))
    for first in range(0, source.channels, step):
        task.report(2 * source.rows + source.rows * first / source.channels, total, what)
        size = min(step, source.channels - first)
        spread(lambda a, b, c=first: permute(order, c + a, c + b, *codes), size, 1)
    task.report(total, total, what)


def _measured(source, report):
    """Finite ranges of the channels, from all values."""
    low, high = np.full(source.channels, np.inf), np.full(source.channels, -np.inf)
    for first, stop in source.blocks():
        report(first)
        values = source.values(first, stop)
        _shared(source, lambda a, b, v=values: measure(v, a, b, low, high))
    return low, high


def _shared(source, work):
    """Do work on all channels, some in each thread, where there is enough of it."""
    spread(work, source.channels, max(1, (1 << 16) // max(1, source.each)))
