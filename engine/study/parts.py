"""Write one part of a study: an HDF5 file that grows block by block and is then renamed.

Small values of all layers lie side by side in a few datasets, because a network has hundreds of
layers and HDF5 asks some hundred microseconds for every dataset; kept activations have one dataset
a layer. Float sums stay apart for every block; integers are exact and are summed over the part.
"""

import contextlib
import json
import os

import h5py
import numpy as np

from engine.errors import MachineError
from engine.study.layout import PART_FORMAT, UNFINISHED, VERSION, digest, sync_folder
from engine.study.sink import Sink
from engine.study.space import machine_error
from engine.study.totals import Totals

CHUNK = 1 << 18  # bytes of a chunk, about: a few channels of one sample
SMALL = 1 << 15  # bytes of a sample below which a chunk holds several
MOST_VALUES = 1 << 31  # values a channel in one part, so that 32 bits count them
ONCE = 600  # bytes a channel that a part takes at its end, about, for totals and histogram
EVERY_BLOCK = 24  # bytes a channel and block, for the sums
_TEXT = h5py.string_dtype()
_METHODS = {
    "maximum": "largest value of the map that is not NaN",
    "argmax": "first flat position of the maximum, row by row; -1 without one",
    "mean": "mean of the map's finite values",
    "std": "population standard deviation of the map's finite values",
    "quantiles": "of the map's finite values at 0, 1/(Q-1) ... 1, linear",
}


class PartWriter:
    """One unfinished part.

    Parameters
    ----------
    path : pathlib.Path
        Where it will stand when finished.
    study : str
        Hash of the study's identity.
    layers : sequence of LayerPlan
    values_only : bool
        Whether the part holds only activations of these layers, written again.
    """

    def __init__(self, path, study, layers, *, values_only=False):
        self.path = path
        self._unfinished = path.with_name(path.name + UNFINISHED)
        self._layers = list(layers)
        self._values_only = values_only
        self._table = _table(self._layers)
        self._blocks, self._skipped = [], []
        self._names, self._groups = [], []
        self._totals = Totals()
        self._counted = 0
        self._channels = sum(plan.channels for plan in self._layers)
        self.bytes = 0 if values_only else ONCE * self._channels
        self._file = self._sink = None
        with self._guarded():
            self._sink = Sink(self._unfinished)
            self._file = h5py.File(self._sink, "w", libver=("v110", "v112"))
            self._file.attrs.update(
                format=PART_FORMAT,
                version=VERSION,
                study=study,
                kind="values" if values_only else "base",
            )

    def accepts(self, block):
        """Whether the block's values have the dtypes that this part began with."""
        if self._counted + _values_a_channel(block, self._layers) > MOST_VALUES:
            return False
        return all(
            self._file[name].dtype == kept.values.dtype
            for key, kept in block.kept.items()
            if (name := values_name(key)) in self._file
        )

    def add(self, block):
        """Append a block."""
        with self._guarded():
            self._blocks.append((block.first, block.stop, len(block.samples)))
            self._append("samples/index", np.asarray(block.samples, np.int64), ("sample",))
            if not self._values_only:
                self._add_samples(block)
                self._add_pooled(block)
                self._totals.add(block.statistics)
            for plan in self._layers:
                if plan.key in block.kept:
                    self._add_values(plan, block.kept[plan.key])
        self._counted += _values_a_channel(block, self._layers)
        self.bytes += 0 if self._values_only else EVERY_BLOCK * self._channels

    def finish(self):
        """Write what was collected, flush, and give the part its name."""
        with self._guarded():
            self._write_tables()
            self._file.close()
            self._sink.check()
            self._sink.sync()
            self._sink.close()
            os.replace(self._unfinished, self.path)
        sync_folder(self.path.parent)

    def discard(self):
        """Remove the unfinished file."""
        if self._file is not None:
            with contextlib.suppress(OSError, RuntimeError, ValueError):  # it goes anyway
                self._file.close()
        if self._sink is not None:
            self._sink.close()
        self._unfinished.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _guarded(self):
        """A part in which writing stopped half way is removed; a full disk is told as such."""
        try:
            yield
            if self._sink is not None:
                self._sink.check()
        except BaseException as error:
            self.discard()
            if isinstance(error, OSError | RuntimeError):
                raise machine_error(error, self.path.parent.parent) from error
            raise

    def _add_samples(self, block):
        count = len(block.samples)
        labels = np.full(count, -1, np.int32) if block.labels is None else block.labels
        self._append("samples/label", np.asarray(labels, np.int32), ("sample",))
        self._names += list(block.names) or [str(i) for i in block.samples]
        self._groups += [g or "" for g in block.groups or [""] * count]
        self._skipped += block.skipped
        if block.scores is not None:
            scores = np.asarray(block.scores, np.float32)
            self._append("samples/scores", scores, ("sample", "class"), unit="score")

    def _add_pooled(self, block):
        units = max((plan.units for plan in self._layers), default=0)
        for name, values in block.pooled.items():
            if name == "argmax" and units <= np.iinfo(np.int16).max:
                values = values.astype(np.int16)
            axes = ("sample", "channel", "quantile")[: values.ndim]
            unit = "position" if name == "argmax" else "activation"
            if values.shape[1]:
                self._append(f"pooled/{name}", values, axes, unit=unit, method=_METHODS[name])

    def _add_values(self, plan, layer):
        kept = "position" if layer.positions is not None else None
        axes = ("sample", "channel", *([kept] if kept else _axes(plan.positions)))
        method = "every position" if kept is None else f"{layer.values.shape[2]} positions a sample"
        self._append(
            values_name(plan.key), layer.values, axes, origin=plan.origin, method=method,
            unit="activation",
        )  # fmt: skip
        if layer.positions is not None:
            self._append(
                positions_name(plan.key), np.asarray(layer.positions, np.int32),
                ("sample", "position"), unit="flat position", method="stratified over the map",
            )  # fmt: skip

    def _append(self, name, values, axes, **facts):
        """Append rows to a dataset, which is made when its first rows come."""
        if name in self._file:
            dataset = self._file[name]
            size = len(dataset)
            dataset.resize(size + len(values), axis=0)
            if len(values):
                dataset[size:] = values
        else:
            dataset = self._file.create_dataset(
                name,
                data=values,
                maxshape=(None, *values.shape[1:]),
                chunks=_tile(values) if name.startswith("pooled/") else _chunk(values),
            )
            _describe(dataset, axes, **facts)
        self.bytes += values.nbytes
        self._sink.check()

    def _write_tables(self):
        blocks = np.array(self._blocks, np.int64).reshape(-1, 3)
        self._write("blocks", blocks, ("block", "first, stop, rows"))
        for entry in self._table:
            name = values_name((entry["name"], entry["which"]))
            entry["stored"] = str(self._file[name].dtype) if name in self._file else None
        table = json.dumps(self._table)
        self._file.attrs["layers"] = table
        self._file.attrs["check"] = digest([table, blocks.tolist()])
        if self._values_only:
            return
        self._write("samples/name", _stored_text(self._names), ("sample",), dtype=_TEXT)
        self._write("samples/group", _stored_text(self._groups), ("sample",), dtype=_TEXT)
        self._write(
            "skipped/index", np.array([s[0] for s in self._skipped], np.int64), ("skipped",)
        )
        for i, name in ((1, "name"), (2, "reason")):
            texts = _stored_text([str(s[i]) for s in self._skipped])
            self._write(f"skipped/{name}", texts, ("skipped",), dtype=_TEXT)
        for name, values, axes, unit, method in self._totals.datasets():
            self._write(f"statistics/{name}", values, axes, unit=unit, method=method)

    def _write(self, name, values, axes, unit="", method="", **storage):
        if not values.size:
            storage = {"dtype": storage["dtype"]} if "dtype" in storage else {}
        dataset = self._file.create_dataset(name, data=values, **storage)
        _describe(dataset, axes, unit=unit, method=method)


def values_name(key):
    """Dataset of a layer's kept activations."""
    return f"values/{key[0]}:{key[1]}"


def positions_name(key):
    """Dataset of a sampled layer's positions."""
    return f"positions/{key[0]}:{key[1]}"


def _table(layers):
    """Where each layer's channels stand in the datasets that all layers share."""
    table, channel, mapped, quantile = [], 0, 0, 0
    for plan in layers:
        table.append({**plan.as_json(), "channel": channel, "mapped": mapped, "quantile": quantile})
        channel += plan.channels
        mapped += plan.channels if plan.positions else 0
        quantile += plan.channels if plan.positions and plan.quantiles else 0
    return table


def _values_a_channel(block, layers):
    return len(block.samples) * max((plan.units for plan in layers), default=0)


def _axes(positions):
    names = {0: (), 1: ("position",), 2: ("row", "column")}
    return names.get(len(positions), tuple(f"position {i}" for i in range(len(positions))))


def _chunk(values):
    """Chunk of a dataset that grows along its first axis: whole maps, about CHUNK bytes."""
    row = values[:1].nbytes if len(values) else int(np.prod(values.shape[1:])) * values.itemsize
    if values.ndim == 1:
        return (max(64, min(4096, len(values))),)
    if row <= SMALL:  # a block's rows, so that a block is written without reading
        rows = min(max(16, len(values)), max(1, CHUNK // max(1, row)))
        return (rows, *(max(1, n) for n in values.shape[1:]))
    map_bytes = row // max(1, values.shape[1])
    most = max(1, min(values.shape[1], CHUNK // max(1, map_bytes)))
    channels = -(-values.shape[1] // -(-values.shape[1] // most))  # equal shares
    return (1, channels, *(max(1, n) for n in values.shape[2:]))


def _tile(values):
    """Chunk of values of all layers side by side: a block's rows of some hundred channels.

    One layer is read without its neighbours, a block is written without reading.
    """
    rows = min(max(16, len(values)), 4096)
    cell = int(np.prod(values.shape[2:])) * values.itemsize
    columns = max(1, min(values.shape[1], max(64, CHUNK // (rows * cell))))
    return (rows, columns, *values.shape[2:])


def _stored_text(texts):
    """Texts as HDF5 takes them: UTF-8 without zeros; what is no text in a file's name stays."""
    return np.array(
        [t.replace("\0", "?").encode("utf-8", "surrogateescape") for t in texts], object
    )


def text_of(stored):
    """The text of what `_stored_text` made."""
    return stored.decode("utf-8", "surrogateescape")


def _describe(dataset, axes, unit="", origin="", method=""):
    dataset.attrs["axes"] = ", ".join(axes)
    dataset.attrs["unit"] = unit
    dataset.attrs["origin"] = origin or str(dataset.dtype)
    dataset.attrs["method"] = method


def remove_unfinished(folder):
    """Remove what a killed writer left behind; only the holder of the lock may."""
    for path in (*folder.glob(f"*{UNFINISHED}"), *(folder / "parts").glob(f"*{UNFINISHED}")):
        try:
            path.unlink()
        except OSError as error:
            raise MachineError(f"a leftover cannot be removed ({error})", where=path) from error
