"""Where things of the matrix are in the view, and what is at a place of it."""

import numpy as np

from viewer.views.matrix.dots import Dots
from viewer.views.matrix.layout import Spot, codes_in_range, share_of_range


class Places:
    """From places of the view (logical pixels) to cells, codes and points, and back.

    Attributes
    ----------
    sight : Sight or None
        Of the last picture; without one nothing is anywhere.
    """

    def __init__(self):
        self.sight = self._scene = None
        self._ratio = 1.0
        self._dots = Dots()

    def cell_at(self, x, y):
        """The `Spot` at a place of the view (logical pixels), or None beside the matrix."""
        if self.sight is None:
            return None
        found = self.sight.place_at(x * self._ratio, y * self._ratio)
        if found is None:
            return None
        row, column, across, up = found
        ends_x, ends_y = self._ends(row, column)
        at = float(codes_in_range(across, ends_x)), float(codes_in_range(up, ends_y))
        return Spot(row, column, across, up, *at)

    def _ends(self, row, column):
        scene = self._scene
        ends_x = scene.column_range(scene.column_order[column])
        return ends_x, scene.row_range(scene.row_order[row])

    def box_of(self, row, column):
        """Left, top, width and height of a cell in the view, logical pixels."""
        return tuple(part / self._ratio for part in self.sight.cell_box(row, column))

    def place_of(self, row, column, x, y):
        """Where codes of a cell lie in the view, logical pixels: float[..., 2].

        A point's disc is in the middle of its code: add a half to a point's codes.
        """
        ends_x, ends_y = self._ends(row, column)
        share = share_of_range(x, ends_x), share_of_range(y, ends_y)
        at = self.sight.pixel_of(row, column, *share)
        return np.stack(np.broadcast_arrays(*at), axis=-1) / self._ratio

    def path_in_codes(self, row, column, path):
        """A path over the view (logical pixels, float[V, 2]) in codes of one cell, float[V, 2]."""
        path = np.asarray(path, float) * self._ratio
        left, top, width, height = self.sight.inner_box(row, column)
        ends_x, ends_y = self._ends(row, column)
        x = codes_in_range((path[:, 0] - left) / width, ends_x)
        y = codes_in_range(1.0 - (path[:, 1] - top) / height, ends_y)
        return np.stack([x, y], axis=1)

    def point_under(self, x, y, radius):
        """The point nearest a place of the view within some logical pixels, or -1.

        The nearest of those that are shown (their group is not left out); of two as near the one
        drawn later.
        """
        spot = self.cell_at(x, y)
        if spot is None:
            return -1
        return self._dots.nearest(spot, self.sight, radius * self._ratio)
