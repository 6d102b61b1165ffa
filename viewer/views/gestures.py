"""Pointer and keys as views get them: plain data, from Qt or from a test."""

from dataclasses import dataclass

LEFT, MIDDLE, RIGHT, NO_BUTTON = "left", "middle", "right", ""


@dataclass(frozen=True)
class Pointer:
    """Where the pointer is and what is held.

    Attributes
    ----------
    x, y : float
        Logical pixels from the view's top left corner.
    button : str
        ``'left'``, ``'middle'``, ``'right'`` or empty: the one held, or just pressed or released.
    modifiers : frozenset of str
        Of ``'shift'``, ``'ctrl'``, ``'alt'``.
    """

    x: float
    y: float
    button: str = NO_BUTTON
    modifiers: frozenset = frozenset()

    def from_start(self, start):
        """(dx, dy) since another pointer position."""
        return self.x - start.x, self.y - start.y
