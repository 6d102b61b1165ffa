"""Read a study: every part as one array, without the network, while another process may write.

Rows are the samples in finished parts, in the order of the data set. `Study.refresh` looks for
new parts; until then nothing changes under a reader's hands. All reading of HDF5 happens under
one lock.
"""

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.errors import InputError
from engine.study.arrays import PartArray
from engine.study.blocks import ChannelStatistics
from engine.study.catalog import Catalog
from engine.study.layout import digest, read_header
from engine.study.parts import positions_name, text_of, values_name
from engine.study.sizes import LayerPlan
from engine.study.totals import Merged


def open_study(path):
    """Open the study in a folder.

    Parameters
    ----------
    path : path
        The folder that an extraction wrote, or its ``study.json``.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        When it is no study, is damaged (naming the part), or comes from a newer program.
    """
    path = Path(path)
    return Study(path.parent if path.name == "study.json" else path)


@dataclass(frozen=True)
class Pooled:
    """One layer's values a sample and channel; n samples in the study, C channels.

    Attributes
    ----------
    maximum, mean, std : float32[N, C]
        The maximum is the largest value, not the largest magnitude: in a layer without a ReLU a map
        may be far below zero everywhere else. The smallest values are in `Study.statistics`.
    argmax : int32[N, C]
        Flat position of the maximum, -1 where the map holds NaN alone.
    quantiles : float32[N, C, Q] or None
    shape : tuple of int
        The map's, to turn `argmax` into row and column.
    """

    maximum: np.ndarray
    argmax: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    quantiles: np.ndarray | None
    shape: tuple

    @property
    def places(self):
        """Row and column of each maximum, int32[N, C, axes]; -1 without one."""
        return _unravel(self.argmax, self.shape)


class Sample(NamedTuple):
    """One sample: its place in the data set, its name, the video it belongs to (or None)."""

    index: int
    name: str
    group: str | None


@dataclass(frozen=True, repr=False)
class Samples:
    """The samples that were read; a sequence of N `Sample`.

    Attributes
    ----------
    index : int64[N]
        Places in the data set, ascending.
    names : list of str
    groups : list of (str or None)
        The video a frame belongs to.
    """

    index: np.ndarray
    names: list
    groups: list

    def __len__(self):
        return len(self.index)

    def __getitem__(self, row):
        return Sample(int(self.index[row]), self.names[row], self.groups[row])

    def __repr__(self):
        ends = f": {self.names[0]} ... {self.names[-1]}" if self.names else ""
        return f"<{len(self):,} samples{ends}>"

    def row(self, index):
        """Row of a data set's sample; `InputError` when it is not in the study."""
        row = int(np.searchsorted(self.index, index))
        if row == len(self.index) or self.index[row] != index:
            raise InputError(f"sample {index} is not in the study")
        return row


class Study:
    """A study on disk, see `open_study`; a context manager.

    Attributes
    ----------
    path : pathlib.Path
    header : dict
        ``study.json``.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.header = read_header(self.path)
        self._catalog = Catalog(self.path, digest(self.header["identity"]))
        self._merged = Merged(self._catalog)
        try:
            self._look()
        except BaseException:
            self._catalog.close()
            raise

    def __repr__(self):
        return f"<Study {self.path.name}: {len(self)} samples, {len(self.layers)} layers>"

    def __len__(self):
        return sum(block.rows for block in self._catalog.base)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    def close(self):
        """Close the files; reading opens them again."""
        self._catalog.close()

    def refresh(self):
        """See the parts that came, or went, since; returns whether something changed."""
        with self._catalog.lock:
            return self._refresh(read_header(self.path))

    def _refresh(self, header):
        changed = header != self.header
        if header["identity"] != self.header["identity"]:
            self._catalog.close()
            self._catalog = Catalog(self.path, digest(header["identity"]))
            self._merged = Merged(self._catalog)
        self.header = header
        return self._look() or changed

    def _look(self):
        changed = self._catalog.refresh()
        plans = map(LayerPlan.from_json, self.header["plan"]["layers"])
        self._plans = {plan.key: plan for plan in plans}
        for name in ("samples", "labels", "scores"):
            self.__dict__.pop(name, None)
        return changed

    @property
    def layers(self):
        """Names of the layers that were extracted, by depth."""
        return list(dict.fromkeys(name for name, _ in self._plans))

    def kept(self, name, which="post"):
        """What was kept of a layer.

        Returns
        -------
        LayerPlan

        Raises
        ------
        InputError
            When the layer, or this side of it, was not extracted.
        """
        if (name, which) in self._plans:
            return self._plans[name, which]
        if name in self.layers:
            sides = [w for n, w in self._plans if n == name]
            raise InputError(
                f"the {which}-activation values of layer {name} were not extracted",
                where=self.path,
                got=" and ".join(sides),
                remedy=f"extract again with --keep {','.join(dict.fromkeys((*sides, which)))}",
            )
        near = difflib.get_close_matches(str(name), self.layers, 3, 0.5)
        raise InputError(
            f"there is no layer {name}",
            where=self.path,
            remedy=f"did you mean {' or '.join(near)}?" if near else "see `Study.layers`",
        )

    def activations(self, name, which="post"):
        """Kept activations of a layer.

        Returns
        -------
        PartArray
            float16 or float32 ``[N, C, *positions]``, or ``[N, C, S]`` at `positions` for a
            sampled layer; read where it is indexed.

        Raises
        ------
        InputError
            When the layer is unknown or only pooled values were kept.
        """
        plan = self.kept(name, which)
        if plan.policy == "pooled":
            raise InputError(
                f"of layer {name} only pooled values were kept (maximum, mean, deviation)",
                where=self.path,
                remedy=f"read them with pooled('{name}'), or extract with --policy full or sampled",
            )
        return self._array(plan, values_name(plan.key), plan.shape, plan.dtype)

    def positions(self, name, which="post"):
        """Where the values of a layer stand in its maps.

        Returns
        -------
        int32[N, S, axes]
            Row and column of each kept position (all of them for a layer kept in full, as a
            read-only view).
        """
        plan = self.kept(name, which)
        if plan.policy == "sampled" and plan.positions:
            return _unravel(self.places(name, which)[...], plan.positions)
        grid = _unravel(np.arange(plan.units, dtype=np.int32), plan.positions)
        return np.broadcast_to(grid, (len(self), *grid.shape))

    def places(self, name, which="post"):
        """Flat positions of a sampled layer's kept values, read where it is indexed.

        Returns
        -------
        PartArray
            int32[N, S].
        """
        plan = self.kept(name, which)
        if plan.policy != "sampled" or not plan.positions:
            raise InputError(f"the {which}-activation values of {name} are not sampled")
        dataset = positions_name(plan.key)
        return self._array(plan, dataset, (plan.shape[1],), np.int32, below=plan.units)

    def maxima(self, name, which="post"):
        """Each map's largest value, as in `pooled`, read where it is indexed.

        Returns
        -------
        PartArray
            float32[N, C].
        """
        plan = self.kept(name, which)
        pieces, row = [], 0
        for block in self._catalog.base:
            if block.rows:
                pieces.append((row, block.rows, self._maxima_of(plan, block)))
            row += block.rows
        return PartArray((row, plan.channels), np.float32, pieces)

    def statistics(self, name, which="post"):
        """Statistics of a layer's channels over the samples in the study: `ChannelStatistics`."""
        plan = self.kept(name, which)
        found = self._merged.of(plan)
        if found is None:
            return ChannelStatistics.empty(plan.channels, plan.low, plan.high)
        return found

    def pooled(self, name, which="post"):
        """Maximum with its place, mean and deviation of every map of a layer: `Pooled`."""
        plan = self.kept(name, which)
        maximum = self._pooled(plan, "maximum", "channel")
        if plan.positions:
            rest = [self._pooled(plan, n, "mapped") for n in ("argmax", "mean", "std")]
            rest[0] = rest[0].astype(np.int32)
        else:  # one value a map: the others follow from it and are not stored
            finite = np.isfinite(maximum)
            rest = [
                np.where(np.isnan(maximum), np.int32(-1), np.int32(0)),
                np.where(finite, maximum, np.float32(np.nan)),
                np.where(finite, np.float32(0), np.float32(np.nan)),
            ]
        quantiles = None
        if plan.quantiles:
            quantiles = (
                self._pooled(plan, "quantiles", "quantile")
                if plan.positions
                else np.repeat(rest[1][:, :, None], plan.quantiles, axis=2)
            )
        return Pooled(maximum, *rest, quantiles, plan.positions)

    @cached_property
    def samples(self):
        """The samples that were read: `Samples`."""
        index = self._rows("samples/index", np.int64)
        names = [text_of(name) for name in self._rows("samples/name", object)]
        groups = [text_of(group) or None for group in self._rows("samples/group", object)]
        return Samples(index, names, groups)

    @cached_property
    def labels(self):
        """Labels, int32[N]; -1 where unknown."""
        return self._rows("samples/label", np.int32)

    @cached_property
    def scores(self):
        """Class scores, float32[N, K], or None for a network without them."""
        for part in self._base_parts():
            with self._catalog.reading(part) as file:
                if "samples/scores" not in file:
                    return None
                classes = file["samples/scores"].shape[1]
            return self._rows("samples/scores", np.float32, (classes,))
        classes = self._facts("scores").get("classes")
        width = 1 if self._facts("scores").get("binary") else classes
        return None if classes is None else np.empty((0, width), np.float32)

    @property
    def predictions(self):
        """Predicted classes, int64[N], or None; of a binary score: beyond its threshold."""
        scores = self.scores
        if scores is None:
            return None
        if scores.shape[1] == 1:
            return (scores[:, 0] > self._facts("scores").get("threshold", 0.5)).astype(np.int64)
        return np.where(np.isnan(scores), -np.inf, scores).argmax(axis=1)

    @property
    def accuracy(self):
        """Fraction of the labelled samples that are predicted right, or None."""
        predictions, labels = self.predictions, self.labels
        if predictions is None or not (labels >= 0).any():
            return None
        known = labels >= 0
        return float((predictions[known] == labels[known]).mean())

    @property
    def classes(self):
        """Class names, or None."""
        return self.header.get("classes")

    @property
    def orders(self):
        """Named orders of channels: dict of str to `engine.analysis.named_orders.NamedOrder`."""
        from engine.analysis.named_orders import read_named_orders

        return read_named_orders(self.path)

    @property
    def selections(self):
        """Named selections: a mapping of names to `engine.selections.named.NamedSelection`."""
        from engine.selections.named import Selections

        return Selections(self)

    @property
    def skipped(self):
        """Samples that could not be read: list of (index, name, reason)."""
        found = []
        for part in self._base_parts():
            with self._catalog.reading(part) as file:
                columns = [file[f"skipped/{n}"][()] for n in ("index", "name", "reason")]
            found += [(int(i), text_of(n), text_of(r)) for i, n, r in zip(*columns, strict=True)]
        return sorted(found)

    @property
    def network(self):
        """What the network was: plain data, its layers' metadata included."""
        return self._facts("network")

    @property
    def data(self):
        """What the data set was: plain data, enough to open it again."""
        return self._facts("data")

    @property
    def preprocessing(self):
        """How pictures became inputs: plain data."""
        return self._facts("preprocessing")

    @property
    def report(self):
        """What the last extraction reported: plain data."""
        return self._facts("report")

    @property
    def is_complete(self):
        """Whether every sample that the extraction was to read is in the study."""
        done = sum(block.stop - block.first for block in self._catalog.base)
        return done >= self.header["plan"]["samples"]

    def _facts(self, name):
        return self.header.get(name) or {}

    def _base_parts(self):
        """Parts that hold samples, in the order of their first one."""
        return list({block.part.path: block.part for block in self._catalog.base}.values())

    def _array(self, plan, dataset, shape, dtype, below=None):
        """Rows of a layer's dataset as one array over the newest part of every block.

        `below`: what its numbers have to be smaller than.
        """
        pieces, row, types = [], 0, {np.dtype(dtype)}
        for block in self._catalog.base:
            place = self._catalog.values_place(plan, block)
            if place is None and block.rows:
                raise InputError(
                    f"samples {block.first} to {block.stop} of layer {plan.name} are missing",
                    where=block.part.path,
                    remedy="extract again to complete the study",
                )
            if block.rows:
                stored = place.part.table[plan.key]["stored"]
                types.add(np.dtype(stored) if dataset.startswith("values") else np.dtype(dtype))
                pieces.append((row, block.rows, self._reader(place, dataset, shape, below)))
            row += block.rows
        return PartArray((row, *shape), max(types, key=lambda t: t.itemsize), pieces)

    def _reader(self, place, dataset, shape, below):
        def read(index):
            rows = index[0]
            moved = slice(rows.start + place.row, rows.stop + place.row, rows.step)
            with self._catalog.reading(place.part) as file:
                found = file[dataset]
                if found.shape != (place.part.rows, *shape):
                    raise ValueError(f"{dataset} has the shape {found.shape}")
                values = found[(moved, *index[1:])]
                _check_places(values, below)
                return values

        return read

    def _maxima_of(self, plan, block):
        first = block.part.table[plan.key]["channel"]

        def read(index):
            rows, channels = index
            rows = slice(rows.start + block.row, rows.stop + block.row, rows.step)
            channels = slice(*channels.indices(plan.channels))
            channels = slice(channels.start + first, channels.stop + first, channels.step)
            with self._catalog.reading(block.part) as file:
                return file["pooled/maximum"][rows, channels]

        return read

    def _rows(self, dataset, dtype, inner=()):
        """A dataset that every base part has, whole rows of all blocks in order."""
        values = np.empty((len(self), *inner), dtype)
        row = 0
        for block in self._catalog.base:
            with self._catalog.reading(block.part) as file:
                rows = slice(block.row, block.row + block.rows)
                values[row : row + block.rows] = file[dataset][rows]
            row += block.rows
        return values

    def _pooled(self, plan, name, offset):
        inner = (plan.channels, plan.quantiles) if name == "quantiles" else (plan.channels,)
        dtype = np.int32 if name == "argmax" else np.float32
        values = np.empty((len(self), *inner), dtype)
        row = 0
        for block in self._catalog.base:
            first = block.part.table[plan.key][offset]
            with self._catalog.reading(block.part) as file:
                rows = slice(block.row, block.row + block.rows)
                found = file[f"pooled/{name}"][rows, first : first + plan.channels]
                _check_places(found, plan.units if name == "argmax" else None)
                values[row : row + block.rows] = found
            row += block.rows
        return values


def _check_places(places, below):
    """Raise `ValueError` for flat positions outside of their map."""
    if below is not None and places.size and not (-1 <= places.min() and places.max() < below):
        raise ValueError(f"a position outside of a map of {below}")


def _unravel(places, shape):
    """Flat positions as row and column on a new last axis; -1 stays -1."""
    if not shape:
        return np.zeros((*places.shape, 0), np.int32)
    found = np.stack(np.unravel_index(np.maximum(places, 0), shape), axis=-1).astype(np.int32)
    found[places < 0] = -1
    return found
