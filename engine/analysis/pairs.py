"""Statistics of every pair of channels: what a cell of the matrix says in one number.

``density``
    Entropy of the points in 16 x 16 bins of the cell, divided by that of 256 equally full ones:
    0 when all points share a bin, 1 when they are spread evenly (Shannon 1948).
``correlation``
    Pearson's.
``separation``
    How much of the scatter in the plane of two channels lies between classes: 1 - det(W) / det(T),
    with the 2 x 2 scatter matrices within classes (W) and in all (T); one minus Wilks' lambda
    (Wilks 1932; Mardia, Kent and Bibby 1979, 12.3). 0: classes lie on each other, 1: each class is
    a line or a point of its own. Neither scale nor shear of the axes changes it. On the diagonal it
    is the correlation ratio of one channel.
``distance``
    Distance correlation (Székely, Rizzo and Bakirov 2007, definition 5): 0 only when independent,
    whatever the shape of the dependence.

Given `Columns` a statistic rests on their codes, each within half a step of the stored value (1 in
130,000 of the channel's range); given `Stored`, on the stored values themselves. On a trained layer
of a million points the two differ by 3e-6 at most.

Sums run over blocks of points as matrix products. Where that would take long, over a first part of
the permuted points, which is a fair sample; `Pairs.words` says of how many. A pair with a constant
channel has no value (NaN). Values that are not finite are left out: products of two channels are
over the points where both are finite, a channel's own mean and deviation over all of its own. A
correlation of fewer than three such points, or one that comes out well beyond 1 because these are
unlike the channels' other points, is no value either.

Reference: ``tests/reference/pairs.py``.
"""

from dataclasses import dataclass

import numpy as np

from engine.analysis.deviations import Deviations, Products, columns_of
from engine.analysis.distances import Distances, blocks_of
from engine.embedding.threads import spread
from engine.errors import InputError
from engine.kernels import pairs as kernels
from engine.tasks import Task

KINDS = ("density", "correlation", "separation", "distance")
WORDS = {
    "density": "density",
    "correlation": "correlation",
    "separation": "class separation",
    "distance": "distance correlation",
}
PRODUCTS = 3e11
"""Multiplications that a statistic may take by default: some seconds on two cores."""
VISITS = 6e9
"""Points of cells that densities may count by default: some seconds on two cores."""
MOST_CELLS = 10**8
"""Pairs that are made at most: 1.2 GB of sums and values."""
FEWEST = 250
"""Points that are always taken."""
LEAST_COMMON = 3
"""Points in which both channels are finite, below which a correlation says nothing."""
BEYOND = 0.05
"""How far a correlation may come out beyond 1 where values are missing."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """One number for each cell of a matrix.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    values : float32[R, C]
        NaN where there is none.
    low, high : float
        What the values can be.
    count, total : int
        Of how many points, of how many.
    """

    kind: str
    values: np.ndarray
    low: float
    high: float
    count: int
    total: int

    @property
    def words(self):
        """What it is: ``'correlation, 60,000 of 1,014,000 points'``."""
        points = f"{self.count:,} points"
        if self.count < self.total:
            points = f"{self.count:,} of {self.total:,} points"
        return f"{WORDS[self.kind]}, {points}"


def made(kind, rows, columns=None, groups=None, group_count=0, most=None, task=None):
    """Make one of the statistics by name; see those below.

    Raises
    ------
    InputError
        For more than `MOST_CELLS` pairs.
    Cancelled
    ValueError
        For a kind that there is not, or separation without groups.
    """
    if kind not in KINDS:
        raise ValueError(f"no statistic of pairs is called {kind!r}; there are {', '.join(KINDS)}")
    if kind != "separation":
        make = {"density": density, "correlation": correlation, "distance": distance_correlation}
        return make[kind](rows, columns, most, task)
    if groups is None or not group_count:
        raise ValueError("class separation needs groups")
    return class_separation(rows, columns, groups, group_count, most, task)


def density(rows, columns=None, most=None, task=None):
    """How evenly the points of each cell are spread over it.

    Parameters
    ----------
    rows : Columns, Points or Stored
        Channels of the rows; R of them.
    columns : Columns, optional
        Channels of the columns, C of them, of the same points; by default those of the rows.
    most : int, optional
        Points at most; by default so many that it takes seconds, see `PRODUCTS` and `VISITS`.
    task : Task, optional

    Returns
    -------
    Pairs
    """
    y, x, same = _sides(rows, columns)
    y, x = columns_of(y), columns_of(x)
    count = _points(y.count, most, VISITS / max(1, y.channels * x.channels / (1 + same)))
    values = np.full((y.channels, x.channels), np.nan, np.float32)
    task = task or Task()
    step = max(1, int(2e8 / max(1, count * x.channels)))
    for first in range(0, y.channels, step):
        task.report(first, y.channels, WORDS["density"])
        stop = min(first + step, y.channels)

        def count_rows(a, b, first=first):
            kernels.entropies(y.coarse, x.coarse, count, not same, first + a, first + b, values)

        spread(count_rows, stop - first, 1)
    if same:
        values = _mirrored(values)
    _blank(values, y.constant, x.constant)
    task.report(y.channels, y.channels, WORDS["density"])
    return Pairs("density", values, 0.0, 1.0, count, y.count)


def correlation(rows, columns=None, most=None, task=None):
    """Pearson's correlation of each pair; parameters and result as for `density`."""
    y, x, same = _sides(rows, columns)
    total = columns_of(y).count
    count = _points(total, most, PRODUCTS / _cells(y, x))
    a = Deviations(y, count)
    b = a if same else Deviations(x, count)
    sums = Products(a, b, task, WORDS["correlation"])
    values = np.empty(sums.products.shape, np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_y, of_x = (
            np.sqrt(square / each.present[:, 0])
            for square, each in zip(sums.squares, (a, b), strict=True)
        )
        for some in _row_blocks(values):
            present = sums.present(some)
            found = sums.products[some] / present
            found /= np.outer(of_y[some], of_x)
            found[(np.abs(found) > 1 + BEYOND) | (present < LEAST_COMMON)] = np.nan
            values[some] = np.clip(found, -1, 1)
    _blank(values, a.rates == 0, b.rates == 0)
    return Pairs("correlation", values, -1.0, 1.0, count, total)


def class_separation(rows, columns, groups, group_count, most=None, task=None):
    """Share of the scatter that lies between groups, see the top of the file.

    Parameters
    ----------
    rows, columns, most, task
        As for `density`.
    groups : uint8[P]
        0 to G - 1; other points are left out.
    group_count : int
        G.

    Returns
    -------
    Pairs
    """
    y, x, same = _sides(rows, columns)
    total = columns_of(y).count
    count = _points(total, most, PRODUCTS / _cells(y, x))
    a = Deviations(y, count, groups, group_count)
    b = a if same else Deviations(x, count, groups, group_count)
    sums = Products(a, b, task, WORDS["separation"])
    of_y, of_x = (np.sqrt(each.present.sum(axis=1)) for each in (a, b))
    between = _between(a), _between(b)
    all_y, all_x = (
        square + (means**2).sum(axis=1) for square, means in zip(sums.squares, between, strict=True)
    )
    values = np.empty(sums.products.shape, np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        alone_y, alone_x = 1 - sums.squares[0] / all_y, 1 - sums.squares[1] / all_x
        for some in _row_blocks(values):
            within = sums.products[some] * np.outer(of_y[some], of_x) / sums.present(some)
            scatter = within + between[0][some] @ between[1].T
            square = np.outer(all_y[some], all_x)
            plane = square - scatter**2
            inner = np.outer(sums.squares[0][some], sums.squares[1]) - within**2
            # two channels on one line: what the better of them separates
            line = np.maximum.outer(alone_y[some], alone_x)
            values[some] = np.clip(np.where(plane <= 1e-5 * square, line, 1 - inner / plane), 0, 1)
    if same:
        np.fill_diagonal(values, np.clip(alone_y, 0, 1))
    _blank(values, a.rates == 0, b.rates == 0)
    inside = int(np.count_nonzero(a.groups < group_count))
    of_all = int(np.count_nonzero(groups[:total] < group_count))
    return Pairs("separation", values, 0.0, 1.0, inside, of_all)


def distance_correlation(rows, columns=None, most=None, task=None):
    """Distance correlation of each pair over a sample; parameters and result as for `density`.

    The matrices of distances between n points are centred for each channel; a pair's covariance
    is the mean of the products of two of them, so all pairs are one product of matrices of C and
    n * n. By default n is 2,000, or less where channels are many.
    """
    y, x, same = _sides(rows, columns)
    total = columns_of(y).count
    most = min(2000, int(np.sqrt(2 * PRODUCTS / _cells(y, x)))) if most is None else most
    count = _points(total, max(FEWEST, most), 0)
    task = task or Task()
    a = Distances(y, count)
    b = a if same else Distances(x, count)
    products = np.zeros((a.channels, b.channels))
    squares = np.zeros(a.channels), np.zeros(b.channels)
    for first, stop in blocks_of(count, max(a.channels, b.channels)):
        task.report(count**2 - (count - first) ** 2, count**2, WORDS["distance"])
        u = a.centred(first, stop)
        v = u if same else b.centred(first, stop)
        products += u @ v.T
        for sums, each in zip(squares, (u, v), strict=True):
            sums += np.einsum("ij,ij->i", each, each)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = products / np.sqrt(np.outer(*squares))
        values = np.sqrt(np.clip(ratio, 0, 1)).astype(np.float32)
    _blank(values, squares[0] == 0, squares[1] == 0)
    task.report(count, count, WORDS["distance"])
    return Pairs("distance", values, 0.0, 1.0, count, total)


def ranked(pairs, most=10, same=True):
    """The cells with the largest values, by their size for correlations.

    Parameters
    ----------
    pairs : Pairs
    most : int
    same : bool
        Rows and columns are the same channels: a pair is told once, row before column, and the
        diagonal not at all.

    Returns
    -------
    list of (row, column, value)
        Largest first, of equal ones the first; cells without a value are left out.
    """
    sizes = np.nan_to_num(np.abs(pairs.values), nan=-1.0)
    if same:
        for row in range(len(sizes)):
            sizes[row, : row + 1] = -1.0
    flat = sizes.ravel()
    if flat.size > most:  # those that are as large as the last one wanted are sorted with it
        least = -np.partition(-flat, most - 1)[most - 1]
        some = np.flatnonzero(flat >= max(least, 0.0))
    else:
        some = np.flatnonzero(flat >= 0)
    some = some[np.argsort(-flat[some], kind="stable")][:most]
    return [
        (int(i), int(j), float(pairs.values[i, j]))
        for i, j in zip(*np.unravel_index(some, sizes.shape), strict=True)
    ]


def _sides(rows, columns):
    """Sources of rows and columns, and whether they are the same."""
    same = columns is None or columns is rows
    if same:
        columns = rows
    if _cells(rows, columns) > MOST_CELLS:
        raise InputError(
            "statistics of all pairs of so many channels do not fit into memory",
            where=columns_of(rows).layer,
            expected=f"{MOST_CELLS:,} pairs at most",
            got=f"{_cells(rows, columns):,}",
            remedy="order by variance or class separation instead, which need no pairs",
        )
    if columns_of(rows).count != columns_of(columns).count:
        raise ValueError("rows and columns are not of the same points")
    return rows, columns, same


def _cells(y, x):
    return max(1, columns_of(y).channels * columns_of(x).channels)


def _points(total, most, affordable):
    """How many points are taken: all, what was asked for, or what can be afforded."""
    return min(total, max(FEWEST, int(affordable)) if most is None else most)


def _row_blocks(values):
    """Slices of rows of about a million cells."""
    step = max(1, (1 << 20) // max(1, values.shape[1]))
    return [slice(a, a + step) for a in range(0, len(values), step)]


def _between(deviations):
    """Group means' deviations times the root of the group's points, float64[C, G], standardised."""
    present, means = deviations.present, deviations.means
    total = np.maximum(present.sum(axis=1, keepdims=True), 1)
    middle = (present * means).sum(axis=1, keepdims=True) / total
    return np.sqrt(present) * (means - middle) * deviations.rates[:, None]


def _mirrored(values):
    """A lower triangle on both sides."""
    low = np.tril_indices(len(values), -1)
    values.T[low] = values[low]
    return values


def _blank(values, rows, columns):
    """Cells of constant channels have no value."""
    values[rows] = np.nan
    values[:, columns] = np.nan
