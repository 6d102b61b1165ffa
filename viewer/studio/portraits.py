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
    distances = averaged(likeness.distances, chosen)
    cosines = averaged(products, chosen, scale)
    return Portrait(order, distances, np.clip(cosines, -1, 1), len(chosen))


def averaged(square, chosen, scale=None):
    """A square of likenesses in an order, averaged to `PIXELS` rows at most.

    Parameters
    ----------
    square : float[V, V]
    chosen : int[V]
        Its rows, in order.
    scale : float[V], optional
        Rows and columns are multiplied by it before.

    Returns
    -------
    float32[n, n]
    """
    count = len(chosen)
    weights = np.ones(count) if scale is None else scale
    size = min(count, PIXELS)
    edges = np.linspace(0, count, size + 1).astype(np.intp)
    sizes = np.diff(edges)
    found = np.empty((size, size), np.float32)
    for row in range(size):  # whole rows first: they lie together
        some = chosen[edges[row] : edges[row + 1]]
        mean = (weights[some] @ square[some] / len(some)) * weights
        found[row] = np.add.reduceat(mean[chosen], edges[:-1]) / sizes
    return found
