"""An order with a picture of it: how like the channels are, in its order."""

from dataclasses import dataclass

import numpy as np

PIXELS = 160
"""Rows of a picture; of more channels several share one, averaged."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """One method's order.

    Attributes
    ----------
    order : engine Order
    distances : float32[n, n]
        Of the varied channels in this order; 0 on the diagonal.
    correlations : float32[n, n]
        Cosines of the varied channels, each less the mean of all: -1 to 1.
    channels : int
        Varied channels in the picture.
    """

    order: object
    distances: np.ndarray
    correlations: np.ndarray
    channels: int

    @property
    def nbytes(self):
        """Bytes of pictures and order."""
        return self.distances.nbytes + self.correlations.nbytes + self.order.nbytes

    @property
    def words(self):
        """What a row of the picture is: ``'4 channels averaged in a row'``; empty for one each."""
        rows = len(self.distances)
        if rows == self.channels:
            return ""
        return f"{self.channels:,} channels averaged to {rows:,} rows"


def portrait_of(likeness, order):
    """The `Portrait` of an order.

    Parameters
    ----------
    likeness : engine Likeness
        That it was made from.
    order : engine Order
    """
    place = np.full(likeness.count, -1)
    place[likeness.varied] = np.arange(len(likeness.varied))
    chosen = place[order.channels]
    chosen = chosen[chosen >= 0]
    if not len(chosen):
        nothing = np.zeros((0, 0), np.float32)
        return Portrait(order, nothing, nothing, 0)
    products = likeness.products
    sizes = np.sqrt(np.maximum(np.diagonal(products), 0.0))
    scale = np.divide(1.0, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    distances = averaged(lambda rows: likeness.distances[np.ix_(rows, chosen)], chosen)
    cosines = averaged(
        lambda rows: products[np.ix_(rows, chosen)] * scale[rows, None] * scale[chosen], chosen
    )
    return Portrait(order, distances, np.clip(cosines, -1, 1), len(chosen))


def averaged(rows_of, chosen):
    """A square of likenesses in an order, averaged to `PIXELS` rows at most.

    Parameters
    ----------
    rows_of : callable(int[k]) -> float[k, V]
        Rows of the square, in its order of columns.
    chosen : int[V]
        Its rows, in order.

    Returns
    -------
    float32[n, n]
    """
    count = len(chosen)
    if count <= PIXELS:
        return np.asarray(rows_of(chosen), np.float32).reshape(count, count)
    edges = np.linspace(0, count, PIXELS + 1).astype(np.intp)
    sizes = np.diff(edges)
    found = np.empty((PIXELS, PIXELS), np.float32)
    for row in range(PIXELS):
        mean = rows_of(chosen[edges[row] : edges[row + 1]]).mean(axis=0, dtype=np.float64)
        found[row] = np.add.reduceat(mean, edges[:-1]) / sizes
    return found
