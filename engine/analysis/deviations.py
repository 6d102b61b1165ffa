"""Channels' deviations from their groups' means, a block of points at a time: from codes or values.

What is summed over a million points is summed exactly on codes (integers), and then once more as
products of float32 deviations, added up in float64.
"""

from dataclasses import dataclass

import numpy as np

from engine.embedding.columns import Columns
from engine.embedding.points import Points
from engine.embedding.reading import Source
from engine.embedding.threads import spread
from engine.kernels import pairs as kernels
from engine.kernels.quantising import NOT_FINITE, permutation
from engine.tasks import Task

_VALUES = 4 << 20  # float32 values of a block, about


@dataclass(frozen=True, eq=False)
class Stored:
    """A layer's stored values, for statistics that are not to rest on codes.

    Parameters
    ----------
    points : Points
    study : Study
        Which they were made of; read by whoever makes the statistics, in blocks.
    """

    points: Points
    study: object

    @property
    def columns(self):
        """The codes of the same values."""
        return self.points.columns


def columns_of(source):
    """The columns of a source: `Columns`, `Points` or `Stored`."""
    return source if isinstance(source, Columns) else source.columns


class Deviations:
    """Deviations of a layer's first points from the means of their groups.

    Parameters
    ----------
    source : Columns, Points or Stored
    count : int
        Points, from the first on; any first ones are a fair sample.
    groups : uint8[P], optional
        Others than 0 to G - 1 are left out; by default all points are one group.
    group_count : int

    Attributes
    ----------
    present : int64[C, G]
        Points of each group that are finite.
    means, squares : float64[C, G]
        In codes: their mean, and the sum of squared deviations from it.
    rates : float64[C]
        One over the standard deviation over all groups together, in codes; 0 when constant.
    """

    def __init__(self, source, count, groups=None, group_count=1):
        self.source, self.count = source, count
        self.columns = columns_of(source)
        self.groups = np.zeros(count, np.uint8) if groups is None else groups[:count]
        self.group_count = group_count
        channels = self.columns.channels
        self.present, sums, squares = np.zeros((3, channels, group_count), np.int64)
        codes = self.columns.fine[:, :count]

        def add(first, stop):
            kernels.group_sums(codes, self.groups, first, stop, self.present, sums, squares)

        spread(add, channels, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.means = np.where(self.present > 0, sums / self.present, 0.0)
            total, points = sums.sum(axis=1), self.present.sum(axis=1)
            spread_out = squares.sum(axis=1) - total.astype(float) ** 2 / points
            self.rates = np.where(spread_out > 0.5, np.sqrt(points / spread_out), 0.0)
        self.rates[self.columns.constant] = 0.0
        self.squares = np.maximum(squares - self.present * self.means**2, 0.0)

    @property
    def lacks(self):
        """Whether a value of a counted point is not finite."""
        here = np.count_nonzero(self.groups < self.group_count)
        return bool((self.present.sum(axis=1) < here).any())

    @property
    def block(self):
        """Points of a block, about."""
        return max(1, _VALUES // max(1, self.columns.channels))

    def blocks(self, size):
        """Blocks of `size` points that belong to a group; of a study, of whole samples.

        Yields
        ------
        points : int64[n]
            Which points they are.
        deviations : float32[C, n]
            In standard deviations; 0 where there is no value.
        missing : bool[C, n] or None
            Where there is none; None when there are values everywhere.
        """
        lacks = self.lacks
        for points, values in self._values(size):
            keep = self.groups[points] < self.group_count
            if not keep.all():
                points, values = points[keep], np.ascontiguousarray(values[:, keep])
            if len(points):
                yield (
                    points,
                    self._standardised(points, values),
                    _missing(values) if lacks else None,
                )

    def _standardised(self, points, values):
        groups = self.groups[points]
        out = np.empty(values.shape, np.float32)
        means, rates, kernel = self.means, self.rates, kernels.standardise_codes
        if values.dtype != np.uint16:
            low, step = self.columns.low[:, None], self.columns.step
            safe = np.where(step > 0, step, 1.0)
            means, rates = low + means * step[:, None], np.where(step > 0, rates / safe, 0.0)
            kernel = kernels.standardise_values
        spread(lambda a, b: kernel(values, groups, means, rates, a, b, out), len(values), 1)
        return out

    def _values(self, step):
        if not isinstance(self.source, Stored):
            for first in range(0, self.count, step):
                stop = min(first + step, self.count)
                yield np.arange(first, stop), np.ascontiguousarray(self.columns.fine[:, first:stop])
            return
        made = self.source.points
        source = Source(self.source.study, self.columns.layer, self.columns.which)
        order = permutation(made.count, made.seed)
        for first, stop in source.blocks():
            points = order[first * source.each : stop * source.each].astype(np.int64)
            keep = points < self.count
            if keep.any():
                values = source.values(first, stop).transpose(1, 0, 2)
                values = values.reshape(source.channels, -1)[:, keep]
                yield points[keep], np.ascontiguousarray(values)


class Products:
    """Sums of products of two layers' deviations over all pairs of channels.

    Parameters
    ----------
    a, b : Deviations
        Of the same points; may be the same.
    task : Task or None
    what : str
        For the progress.

    Attributes
    ----------
    products : float64[R, C]
    squares : (float64[R], float64[C])
        Each channel's own sum of squares.
    """

    def __init__(self, a, b, task, what):
        task, same = task or Task(), a is b
        shape = a.columns.channels, b.columns.channels
        self._lacks = a.lacks or b.lacks
        self.products = np.zeros(shape)
        self._missing = np.zeros(shape) if self._lacks else None
        squares = [np.zeros(count) for count in shape]
        sums = [np.zeros((count, a.group_count)) for count in shape]
        done, size = 0, min(a.block, b.block)
        blocks = ((each, each) for each in a.blocks(size)) if same else _zipped(a, b, size)
        for (points, x, no_x), (_, y, no_y) in blocks:
            task.report(done, a.count, what)
            done += len(points)
            self.products += x @ y.T
            member = np.eye(a.group_count, dtype=np.float32)[a.groups[points]]
            for total, square, each in zip(sums, squares, (x, y), strict=True):
                total += each @ member
                square += np.einsum("ij,ij->i", each, each)
            if no_x is not None and no_y is not None:
                self._missing += no_x.astype(np.float32) @ no_y.astype(np.float32).T
        # means of codes are not quite those of values: their remainders are taken off
        rest = [
            total / np.sqrt(np.maximum(each.present, 1))
            for each, total in zip((a, b), sums, strict=True)
        ]
        self.products -= rest[0] @ rest[1].T
        self.squares = [s - (r**2).sum(axis=1) for s, r in zip(squares, rest, strict=True)]
        inside = np.count_nonzero(a.groups < a.group_count)
        self._lacking = [inside - each.present.sum(axis=1) for each in (a, b)]
        self._inside = float(inside)
        task.report(a.count, a.count, what)

    def present(self, rows):
        """Points where both are finite, of some rows: float, or float64[r, C]."""
        if not self._lacks:
            return self._inside
        lacking = np.add.outer(self._lacking[0][rows], self._lacking[1])
        return self._inside - lacking + self._missing[rows]


def _zipped(a, b, size):
    """Blocks of two layers' columns, cut alike."""
    for first, second in zip(a.blocks(size), b.blocks(size), strict=True):
        if not np.array_equal(first[0], second[0]):
            raise ValueError("rows and columns come in different blocks")
        yield first, second


def _missing(values):
    return values == NOT_FINITE if values.dtype == np.uint16 else ~np.isfinite(values)
