"""The cells of the scatterplot matrix: density zoomed out, discs zoomed in, drawn into a box."""

import numpy as np

from viewer.gl.theme import rgb
from viewer.views.matrix.layout import Scene, Spot, codes_in_range, sight_of
from viewer.visuals.tiles import fill

__all__ = ["Cells", "Scene", "Spot"]


class Cells:
    """Draws a `Scene` into rectangles; counts what is in sight, the middle first.

    Attributes
    ----------
    sight : Sight or None
        Of the last picture.
    """

    def __init__(self):
        self.sight = None
        self._scene = None
        self._ratio = 1.0

    def show(self, scene):
        """Show another `Scene`, or None."""
        self._scene = scene

    def draw(self, context, box_px, width_px, height_px, ratio, camera, theme):
        """Draw into a rectangle of the bound framebuffer.

        Parameters
        ----------
        context : Context
        box_px : (int, int, int, int)
            Left, top, width, height, pixels of the framebuffer from its upper left.
        width_px, height_px : int
            Of the framebuffer.
        ratio : float
            Physical pixels by logical ones.
        camera : MatrixCamera
        theme : Theme
        """
        self._ratio = ratio
        fill([tuple(round(part) for part in box_px)], rgb(theme.view), height_px)
        self.sight = None
        if self._scene is not None:
            self.sight = sight_of(box_px, camera, self._scene.shape)

    @property
    def pending(self):
        """Whether something in sight is not counted over all points yet."""
        return False

    @property
    def words(self):
        """What is shown: ``'exact'``, ``'10,000 of 1.0 M points'``."""
        return ""

    @property
    def share_exact(self):
        """Which part of what is in sight is counted over all points, 0 to 1."""
        return 1.0

    @property
    def not_finite(self):
        """Values of the channels in sight that are not finite, and so not drawn."""
        return 0

    def ask(self, builder, outdated):
        """Have the next slice of what is missing counted, if anything is.

        Parameters
        ----------
        builder : Builder or None
            None: count all of it now.
        outdated : callable()
            Called in the main thread when a better picture can be drawn.
        """

    def cell_at(self, x, y):
        """The `Spot` at a place of the view (logical pixels), or None beside the matrix."""
        if self.sight is None:
            return None
        found = self.sight.place_at(x * self._ratio, y * self._ratio)
        if found is None:
            return None
        row, column, across, up = found
        scene = self._scene
        ends_x = scene.column_range(scene.column_order[column])
        ends_y = scene.row_range(scene.row_order[row])
        return Spot(
            row,
            column,
            across,
            up,
            float(codes_in_range(across, ends_x)),
            float(codes_in_range(up, ends_y)),
        )

    def box_of(self, row, column):
        """Left, top, width and height of a cell in the view, logical pixels."""
        return tuple(part / self._ratio for part in self.sight.cell_box(row, column))

    def place_of(self, row, column, x, y):
        """Where codes of a cell lie in the view, logical pixels: float[..., 2].

        A point's disc is in the middle of its code: add a half to a point's codes.
        """
        scene = self._scene
        low, high = scene.column_range(scene.column_order[column])
        across = (np.asarray(x, float) - low) / (high - low)
        low, high = scene.row_range(scene.row_order[row])
        up = (np.asarray(y, float) - low) / (high - low)
        at = self.sight.pixel_of(row, column, across, up)
        return np.stack(np.broadcast_arrays(*at), axis=-1) / self._ratio

    def path_in_codes(self, row, column, path):
        """A path over the view (logical pixels, float[V, 2]) in codes of one cell, float[V, 2]."""
        scene, path = self._scene, np.asarray(path, float) * self._ratio
        left, top, width, height = self.sight.inner_box(row, column)
        across = (path[:, 0] - left) / width
        up = 1.0 - (path[:, 1] - top) / height
        x = codes_in_range(across, scene.column_range(scene.column_order[column]))
        y = codes_in_range(up, scene.row_range(scene.row_order[row]))
        return np.stack([x, y], axis=1)

    def point_under(self, x, y, radius):
        """The point nearest a place of the view within some logical pixels, or -1."""
        return -1

    def release(self):
        """Delete every GL object; the context is current."""
