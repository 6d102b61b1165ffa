"""A colour bar in the line at the bottom of a view: its ends can be dragged."""

from dataclasses import dataclass

NEAR_PX = 9
DOUBLES_PX = 60.0
NARROWEST = 1e-3


@dataclass(frozen=True)
class Bar:
    """The bar as it was drawn last.

    Attributes
    ----------
    layer : str or None
        Whose range it shows; None: the common one.
    low, high : float
    is_signed : bool
    left, width : float
        Logical pixels.
    """

    layer: str | None
    low: float
    high: float
    is_signed: bool
    left: float
    width: float

    def end_at(self, x):
        """``'low'`` or ``'high'`` near an end of the bar, else None."""
        if abs(x - self.left) <= NEAR_PX:
            return "low"
        return "high" if abs(x - self.left - self.width) <= NEAR_PX else None

    def holds(self, pointer, top):
        """Whether the pointer is on the bar, whose row begins at ``top``."""
        return pointer.y >= top and -NEAR_PX <= pointer.x - self.left <= self.width + NEAR_PX

    def dragged(self, end, dx):
        """The range after an end was dragged by so many pixels: (low, high).

        Outwards widens it, twofold every `DOUBLES_PX`; a signed range stays symmetric.
        """
        span = (self.high - self.low) or 1.0
        factor = max(NARROWEST, 2.0 ** ((dx if end == "high" else -dx) / DOUBLES_PX))
        if self.is_signed:
            return -span / 2 * factor, span / 2 * factor
        if end == "high":
            return self.low, self.low + span * factor
        # towards the high end it narrows the range, and never passes zero outwards
        return max(min(0.0, self.low), self.high - span * factor), self.high
