"""Nothing is drawn outside a rectangle of a view while it lasts."""

from viewer.gl.api import GL


class Clip:
    """A rectangle of a view, logical pixels from its upper left corner, as a context manager.

    Parameters
    ----------
    ratio : float
        Physical pixels a logical one.
    height_px : int
        Of the framebuffer.
    left, top, width, height : float
    """

    def __init__(self, ratio, height_px, left, top, width, height):
        first, last = round(left * ratio), round((left + width) * ratio)
        upper, lower = round(top * ratio), round((top + height) * ratio)
        self._box = (first, height_px - lower, max(0, last - first), max(0, lower - upper))

    def __enter__(self):
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(*self._box)

    def __exit__(self, *_):
        GL.glDisable(GL.GL_SCISSOR_TEST)
