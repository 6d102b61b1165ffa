"""A part's statistics: gathered block by block, laid into few datasets, read back by layer.

Float sums stay apart for every block, because their order would show in the last bits; integers
and ranges are exact and are put together for the part.

Histograms are most of a small part (256 counts a channel), and compressing them took longer than
writing everything else. Nearly all counts are small, a few (the zeros after a ReLU) are large: they
are kept in the narrowest integers that hold most of them, and what is beyond goes to a short list
beside them, ``histogram_first`` (where a channel's entries begin), ``histogram_bin`` and
``histogram_more`` (what to add).
"""

import numpy as np

from engine.study.blocks import BINS, INTEGERS, ChannelStatistics, merge_sums

SUMS = ("count", "sum", "deviations")
CROWDED = 0.04  # share of counts beyond a width from which on the next one is taken
_METHODS = {
    "count": "finite values of the block",
    "sum": "sum of the block's finite values",
    "deviations": "sum of squared differences of the block's finite values to their mean",
    "minimum": "smallest finite value",
    "maximum": "largest finite value",
    "zeros": "values equal to zero",
    "nans": "values that are NaN",
    "posinfs": "values that are +Inf",
    "neginfs": "values that are -Inf",
    "below": "finite values below low",
    "above": "finite values above high",
    "histogram": "finite values in 256 equal bins from low to high, less histogram_more",
    "histogram_first": "first entry of each channel in the two lists",
    "histogram_bin": "the bin that an entry belongs to",
    "histogram_more": "what an entry adds to its bin",
}


class Totals:
    """Statistics of all layers of one part, their channels side by side."""

    def __init__(self):
        self._sums = []
        self._whole = None

    def add(self, statistics):
        """Take in one block: `Block.statistics`; the arrays of the first one are kept."""
        self._sums.append({name: statistics[name] for name in SUMS})
        if self._whole is None:
            names = (*INTEGERS, "minimum", "maximum", "histogram")
            self._whole = {name: statistics[name] for name in names}
            return
        for name in (*INTEGERS, "histogram"):
            self._whole[name] += statistics[name]
        for name, smaller in (("minimum", np.fmin), ("maximum", np.fmax)):
            smaller(self._whole[name], statistics[name], out=self._whole[name])

    def datasets(self):
        """What to write: tuples of name, array, axes, unit, method."""
        if self._whole is None:
            return
        for name in SUMS:
            yield _described(name, np.stack([s[name] for s in self._sums]), ("block", "channel"))
        for name in (*INTEGERS, "minimum", "maximum"):
            yield _described(name, self._whole[name], ("channel",))
        counts, first, bins, more = _pack(self._whole["histogram"])
        yield _described("histogram", counts, ("channel", "bin"))
        yield _described("histogram_first", first, ("channel and end",))
        yield _described("histogram_bin", bins, ("entry",))
        yield _described("histogram_more", more, ("entry",))


class Merged:
    """Statistics of all channels over all parts of a study; only new parts are read.

    Parameters
    ----------
    catalog : Catalog
    """

    def __init__(self, catalog):
        self._catalog = catalog
        self._blocks, self._parts = [], []
        self._sums, self._whole = None, None

    def of(self, plan):
        """One layer's statistics, a `StudyStatistics`; None when there is no part yet."""
        with self._catalog.lock:
            return self._of(plan)

    def _of(self, plan):
        self._update()
        if not self._parts:
            return None
        columns = _columns(self._parts[0], plan)
        numbers = {name: array[columns] for name, array in self._whole.items()}
        numbers.update(zip(SUMS, (array[columns] for array in self._sums), strict=True))
        parts = list(self._parts)
        return StudyStatistics.made(plan, numbers, lambda: self._histogram(plan, parts))

    def _update(self):
        blocks = [(block.part.stamp, block.index) for block in self._catalog.base]
        parts = list({block.part.path: block.part for block in self._catalog.base}.values())
        stamps = {part.stamp for part in parts}
        if self._blocks != blocks[: len(self._blocks)] or any(
            part.stamp not in stamps for part in self._parts
        ):  # a part was dropped or came in between: the sums have to be added in order
            self._blocks, self._parts = [], []
        if not self._parts:
            self._sums, self._whole = None, None
        self._add_sums(self._catalog.base[len(self._blocks) :])
        seen = {part.stamp for part in self._parts}
        for part in parts:
            if part.stamp not in seen:
                self._add_whole(part)
        self._blocks, self._parts = blocks, parts

    def _add_sums(self, blocks):
        part, rows = None, None
        for block in blocks:
            if block.part is not part:
                part = block.part
                with self._catalog.reading(part) as file:
                    rows = [file[f"statistics/{name}"][()] for name in SUMS]
            more = tuple(array[block.index] for array in rows)
            self._sums = more if self._sums is None else merge_sums(self._sums, more)

    def _add_whole(self, part):
        names = (*INTEGERS, "minimum", "maximum")
        with self._catalog.reading(part) as file:
            more = {name: file[f"statistics/{name}"][()] for name in names}
        if self._whole is None:
            self._whole = more
            return
        merge = dict.fromkeys(INTEGERS, np.add) | {"minimum": np.fmin, "maximum": np.fmax}
        self._whole = {name: merge[name](self._whole[name], more[name]) for name in names}

    def _histogram(self, plan, parts):
        counts = np.zeros((plan.channels, BINS), np.int64)
        for part in parts:
            with self._catalog.reading(part) as file:
                counts += _read_histogram(file["statistics"], _columns(part, plan))
        return counts


class StudyStatistics(ChannelStatistics):
    """Statistics whose histogram, most of the bytes, is read when it is first asked for."""

    @classmethod
    def made(cls, plan, numbers, read):
        """From the other fields and a function that gives the histogram."""
        made = cls.__new__(cls)
        vars(made).update(numbers, low=plan.low, high=plan.high, _read=read)
        return made

    def __getattr__(self, name):
        if name != "histogram":
            raise AttributeError(name)
        vars(self)["histogram"] = self._read()
        return vars(self)["histogram"]


def _columns(part, plan):
    first = part.table[plan.key]["channel"]
    return slice(first, first + plan.channels)


def _read_histogram(group, columns):
    """A part's histograms of some channels (a slice), int64[C, 256]."""
    counts = group["histogram"][columns].astype(np.int64)
    first = group["histogram_first"][columns.start : columns.stop + 1]
    if len(first) > 1 and first[-1] > first[0]:
        entries = slice(int(first[0]), int(first[-1]))
        channel = np.repeat(np.arange(len(counts)), np.diff(first))
        counts[channel, group["histogram_bin"][entries]] += group["histogram_more"][entries]
    return counts


def _pack(counts):
    """Counts in narrow integers, and the list of what does not fit."""
    dtype = next(
        dtype
        for dtype in (np.uint8, np.uint16, np.uint32)
        if np.count_nonzero(counts > np.iinfo(dtype).max) <= CROWDED * counts.size
    )
    narrow = counts.astype(dtype)  # modulo 256 or 65,536
    place = np.flatnonzero(counts > np.iinfo(dtype).max)
    more = counts.reshape(-1)[place] - narrow.reshape(-1)[place]
    channel, bins = np.divmod(place, BINS)
    first = np.searchsorted(channel, np.arange(len(counts) + 1))
    return narrow, first.astype(np.int64), bins.astype(np.uint8), more.astype(np.uint32)


def _described(name, array, axes):
    counted = array.dtype.kind in "iu"
    unit = "values" if counted else "activation"
    unit = "activation squared" if name == "deviations" else unit
    unit = {"histogram_first": "entry", "histogram_bin": "bin"}.get(name, unit)
    return name, array, axes, unit, _METHODS[name]
