"""Which points a polygon holds: exactly on fine codes, about on coarse ones while it is drawn."""

import numpy as np

from engine.embedding.threads import spread
from engine.kernels import lasso


def inside(polygon, x, y, out=None):
    """Which points of a cell lie inside a polygon, by the even-odd rule.

    Parameters
    ----------
    polygon : float64[V, 2]
        Corners, x and y in fine codes; closed by itself, may cross itself; fewer than three hold
        nothing.
    x, y : uint16[P] or uint8[P]
        Fine codes: exact; the left and lower border belong to the polygon, the right and upper one
        do not. Coarse codes: a square of 256 x 256 codes decides by its middle. Points that are
        not finite are outside.
    out : uint8[P], optional

    Returns
    -------
    uint8[P]
        1 inside, 0 outside.

    Raises
    ------
    ValueError
        For corners that are no numbers, or arrays that do not fit.
    """
    corners = np.asarray(polygon, np.float64)
    if corners.size and (corners.ndim != 2 or corners.shape[1] != 2):
        raise ValueError(f"a polygon of shape {corners.shape}; wanted corners of x and y")
    if not np.isfinite(corners).all():
        raise ValueError("a corner of the polygon is no number")
    if x.dtype != y.dtype or x.dtype not in (np.uint8, np.uint16) or x.shape != y.shape:
        raise ValueError(f"codes of {x.dtype}{x.shape} and {y.dtype}{y.shape}")
    out = np.empty(len(x), np.uint8) if out is None else out
    corners = np.clip(corners.reshape(-1, 2), -1e12, 1e12)  # squares stay finite
    if x.dtype == np.uint8:
        kernel, tables = lasso.inside_coarse, (lasso.coarse_table(corners),)
    else:
        kernel, tables = lasso.inside_fine, lasso.tables(corners)
    spread(lambda a, b: kernel(x[a:b], y[a:b], *tables, out[a:b]), len(x))
    return out
