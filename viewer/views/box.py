"""Rectangles in a view."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle, logical pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self):
        """Its right end."""
        return self.left + self.width

    @property
    def bottom(self):
        """Its lower end."""
        return self.top + self.height

    def holds(self, x, y):
        """Whether a point lies in it."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def share_at(self, x, y):
        """(across, down) of a point as shares of the box, or None outside."""
        if not self.holds(x, y):
            return None
        return (x - self.left) / self.width, (y - self.top) / self.height


def sharp_size(wide, tall, shape):
    """Width and height of rows and columns in some room: what is enlarged by squares of one size.

    Parameters
    ----------
    wide, tall : float
        Of the room, physical pixels.
    shape : (rows, columns)

    Returns
    -------
    (int, int)
        Physical pixels, at least 1.
    """
    scale = min(wide / shape[1], tall / shape[0])
    if scale >= 2:
        scale = int(scale)
    return max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))
