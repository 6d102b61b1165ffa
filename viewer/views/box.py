"""A rectangle in a view, logical pixels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle."""

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
