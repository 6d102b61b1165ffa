"""A matrix of one number a cell as a picture in a rectangle, averaged where cells are small."""

import numpy as np

from viewer.visuals.flat import FlatPicture
from viewer.visuals.tile_layout import index_of
from viewer.visuals.transfer import SIGNED, UNSIGNED, Transfer, table


def statistic_colours(values, ends, theme):
    """Numbers as colours of the theme's maps; NaN and infinities in their own.

    Parameters
    ----------
    values : float32[R, S]
    ends : (float, float)
        Ends of the colour map: from 0 on the map for unsigned values, from a negative number on
        the diverging one, whose middle is zero when the ends are as far from it.
    theme : Theme

    Returns
    -------
    uint8[R, S, 3]
    """
    row = SIGNED if ends[0] < 0 else UNSIGNED
    colours = table(Transfer(theme=theme))[row, :, :3]
    colours = np.round(255 * colours).astype(np.uint8)
    return colours[index_of(values, *ends).astype(np.int32)]


class StatisticPicture:
    """Draws such a matrix; coloured and uploaded anew only when something changes."""

    def __init__(self):
        self._picture = FlatPicture()
        self._shown = None

    def draw(self, context, width_px, height_px, box, values, ends, theme):
        """Draw into the bound framebuffer.

        Parameters
        ----------
        context : Context
        width_px, height_px : int
            Of the framebuffer.
        box : (left, top, width, height)
            Pixels from the upper left; all of the matrix is drawn into it.
        values : float32[R, S]
            The same array is the same picture: it must not be changed.
        ends : (float, float)
        theme : Theme
        """
        if not values.size:
            return
        same = self._shown is not None and self._shown[0] is values
        if not same or self._shown[1:] != (tuple(ends), theme):
            self._picture.set_pixels(statistic_colours(values, ends, theme))
            self._shown = (values, tuple(ends), theme)
        self._picture.draw(context, width_px, height_px, box)

    def release(self):
        """Delete its objects; the context must be current."""
        self._picture.release()
