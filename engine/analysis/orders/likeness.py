"""How like channels are: what orders are made from.

A channel is a vector: its map, its maps over many samples one after the other, its weights, a row
of a slice. All that orders need of C such vectors are their inner products, C x C numbers, however
long the vectors are. Centred twice, by rows and by columns, the products are those of the vectors
less their mean, whose eigenvectors give principal components (Gower 1966); distances follow from
them.

Channels whose values are all the same (constant; dead where they are 0) and channels that hold NaN
or infinity have no place in an order: they are counted, and stand last. Where a channel has one
value only, as in a layer without maps, it is constant when that is 0.
"""

from functools import cached_property

import numpy as np

from engine.analysis.orders import MOST
from engine.embedding.threads import spread
from engine.errors import InputError
from engine.kernels.gram import centre, distances_of, survey
from engine.kernels.leading import leading_vector, sign_of

BLOCK = 1 << 22
"""Values that are multiplied at a time."""
_EXTREME = 1e12  # values beyond, or all below one over it, are multiplied in double precision


class Likeness:
    """Likeness of the channels of a layer, see `likeness_of`.

    Attributes
    ----------
    count : int
        Channels, C.
    varied : int32[V]
        Channels that have a place in an order, ascending.
    dead, constant, not_finite : bool[C]
        Channels that are 0 everywhere; whose values are all the same (dead ones among them); that
        hold a value that is not finite.
    words : str
        What was likened, in the plural: ``'maps of sample 3'``.
    """

    def __init__(
        self, dead, constant, not_finite, words="", rows=None, products=None, numbers=None
    ):
        self.dead, self.constant, self.not_finite = dead, constant, not_finite
        self.count, self.words = len(dead), words
        self.varied = np.flatnonzero(~(constant | not_finite)).astype(np.int32)
        self.remembered = {}  # orders and their measures, by what they were asked with
        self._rows, self._products, self._numbers = rows, products, numbers

    def __repr__(self):
        return f"<Likeness of {self.count:,} {self.words or 'channels'}>"

    @property
    def nbytes(self):
        """Bytes of all arrays that it holds now."""
        held = [*self.__dict__.values(), *(self._numbers or {}).values()]
        for each in self.remembered.values():
            held += each if isinstance(each, tuple) else [each]
        return sum(each.nbytes for each in held if isinstance(each, np.ndarray))

    @property
    def apart(self):
        """Channels that stand last, as in the file: int32[C - V]."""
        return np.flatnonzero(self.constant | self.not_finite).astype(np.int32)

    @cached_property
    def products(self):
        """Inner products of the varied channels less their mean, float64[V, V]: centred twice."""
        if len(self.varied) > MOST:
            raise InputError(
                f"an order by likeness takes {MOST:,} channels at most",
                got=f"{len(self.varied):,}",
                remedy="order them by a statistic",
            )
        if self._products is None:
            return _centred_twice(products_of(self._rows))
        given, self._products = self._products, None
        return _centred_twice(given[np.ix_(self.varied, self.varied)])

    @cached_property
    def distances(self):
        """Euclidean distances of the varied channels, float32[V, V]; 0 on the diagonal."""
        return distances_of(self.products)

    @cached_property
    def projections(self):
        """Places of the varied channels along the first principal component, float64[V].

        Their sign: the longer tail (by the sum of their cubes) is at the upper end; where both are
        alike within a thousandth, the first channel that is not in the middle is at the lower end.
        """
        if len(self.varied) < 2:
            return np.zeros(len(self.varied))
        matrix, rows = self.smaller()
        vector = leading_vector(matrix)
        if rows is not None:
            places = rows @ vector
        else:
            places = vector * np.sqrt(max(0.0, vector @ matrix @ vector))
        return places * sign_of(places)

    def smaller(self):
        """The smaller matrix whose eigenvectors tell principal components.

        Returns
        -------
        matrix : float64[n, n]
            `products`, or, with more channels than values, inner products of the P values.
        rows : float64[V, P] or None
            In the second case the channels' values less their mean, which times an eigenvector are
            what `products` has as one.
        """
        rows = self._rows
        if rows is None or rows.shape[1] >= len(rows):
            return self.products, None
        if "smaller" not in self.remembered:
            rows = rows - rows.mean(axis=0, dtype=np.float64)
            self.remembered["smaller"] = rows.T @ rows, rows
        return self.remembered["smaller"]

    @property
    def means(self):
        """Mean of each channel's values, float64[C]; NaN where one is not finite."""
        return self._number("means")

    @property
    def maxima(self):
        """Largest value of each channel, float64[C]; NaN where one is not finite."""
        return self._number("maxima")

    @property
    def variances(self):
        """Variance of each channel's values, float64[C]; NaN where one is not finite."""
        return self._number("variances")

    def _number(self, name):
        if self._numbers is None or name not in self._numbers:
            raise InputError(
                f"what the channels' {name} are is not known from {self.words or 'their likeness'}",
                remedy="order them by likeness, or by numbers of their own",
            )
        return self._numbers[name]


def likeness_of(values, words=""):
    """Likeness of channels by their values.

    Parameters
    ----------
    values : float[C, ...]
        Maps of a sample ``[C, H, W]``, rows of a slice ``[C, W]``, weights ``[C, ...]``.
    words : str
        What they are, in the plural: ``'maps of sample 3'``.

    Returns
    -------
    Likeness
        Refers to the values: they must not change.

    Raises
    ------
    InputError
        Without an axis of channels.

    Notes
    -----
    Float32 and half precision are multiplied in float32 and summed in float64 over blocks, the mean
    map taken away before; float64, and values beyond 1e12, in float64.
    Reference: ``tests/reference/orders.py``.
    """
    values = np.asarray(values)
    if values.ndim == 0:
        raise InputError("there are no channels to be ordered")
    rows = values.reshape(len(values), -1) if values.size else values.reshape(len(values), 0)
    if rows.dtype not in (np.float32, np.float64):
        rows = rows.astype(np.float32 if rows.dtype.itemsize < 4 else np.float64)
    largest, constant = _surveyed(rows)
    finite = np.isfinite(largest)
    constant = finite & (constant if rows.shape[1] != 1 else largest == 0)
    varied = finite & ~constant
    size = largest[varied].max(initial=0)
    if rows.dtype == np.float32 and size and not 1 / _EXTREME < size < _EXTREME:
        rows = rows.astype(np.float64)
    likened = rows if varied.all() else rows[varied]
    likeness = _LikenessOfValues(constant & (largest == 0), constant, ~finite, words, likened)
    likeness.values = rows
    return likeness


class _LikenessOfValues(Likeness):
    """With the values at hand: their numbers are made when asked for."""

    def _number(self, name):
        if self._numbers is None:
            rows, finite = self.values, ~self.not_finite
            means, maxima, variances = np.full((3, len(rows)), np.nan)
            if rows.shape[1]:
                means[finite] = rows[finite].mean(axis=1, dtype=np.float64)
                variances[finite] = rows[finite].var(axis=1, dtype=np.float64)
                maxima[finite] = rows[finite].max(axis=1)
            self._numbers = {"means": means, "maxima": maxima, "variances": variances}
        return self._numbers[name]


def likeness_of_correlation(correlation, words="correlations"):
    """Likeness of channels by their correlation: the squared distance of two is 2 (1 - r).

    That is the distance of what they are over the data set, each less its mean and divided by its
    deviation. Pairs without a correlation count as uncorrelated.

    Parameters
    ----------
    correlation : float[C, C]
        Symmetric; NaN on the diagonal for channels that are constant.
    words : str

    Returns
    -------
    Likeness
        Without means, maxima and variances.
    """
    correlation = np.asarray(correlation, np.float64)
    if correlation.ndim != 2 or correlation.shape[0] != correlation.shape[1]:
        raise InputError(
            "a correlation of channels is a square", got=" x ".join(map(str, correlation.shape))
        )
    constant = np.isnan(np.diagonal(correlation))
    products = np.nan_to_num((correlation + correlation.T) / 2, posinf=0.0, neginf=0.0)
    np.fill_diagonal(products, 1.0)
    none = np.zeros(len(products), bool)
    return Likeness(none, constant, none.copy(), words, products=products)


def products_of(rows):
    """Inner products of rows less their mean row, float64[V, V].

    Parameters
    ----------
    rows : float32[V, P] or float64[V, P]
        Finite.
    """
    count, size = rows.shape
    found = np.zeros((count, count))
    step = max(64, BLOCK // max(1, count))
    for first in range(0, size, step):
        part = rows[:, first : first + step]
        part = part - part.mean(axis=0)
        found += part @ part.T
    return found


def _surveyed(rows):
    """The largest magnitude of each row (NaN or infinity where one is not finite), and whether all
    values are the same."""
    largest, constant = np.zeros(len(rows), rows.dtype), np.ones(len(rows), bool)
    if rows.shape[1]:
        whole = np.uint32 if rows.dtype == np.float32 else np.uint64
        rows, sizes = np.ascontiguousarray(rows), largest.view(whole)
        unsigned = whole(np.iinfo(whole).max >> 1)
        work = lambda a, b: survey(rows, rows.view(whole), unsigned, a, b, sizes, constant)  # noqa: E731
        spread(work, len(rows), max(1, (1 << 20) // rows.shape[1]))
    return largest, constant


def _centred_twice(products):
    """Products less their rows' and columns' means, in place."""
    centre(products)
    return products
