"""What the pointer is over: shared by the views, never recorded, never hashed."""

from dataclasses import dataclass

from psygnal import Signal


@dataclass(frozen=True)
class Hovered:
    """A unit, channel or layer under the pointer, and its value.

    Attributes
    ----------
    layer : str
        The layer's name.
    channel : int or None
        Channel of that layer.
    unit : tuple of int or None
        Position ``(row, column)``; None for a whole channel or layer.
    value : float or None
        The activation there, for the focused sample.
    says : str
        What else is there, in words: of a weight its input and its place.
    """

    layer: str
    channel: int | None = None
    unit: tuple[int, ...] | None = None
    value: float | None = None
    says: str = ""


class Hover:
    """Holder of what is hovered; emits ``changed(Hovered | None)`` only when it differs."""

    changed = Signal(object)

    def __init__(self):
        self._value = None

    @property
    def value(self):
        """`Hovered` or None."""
        return self._value

    def set(self, value):
        """Say what the pointer is over (None: nothing)."""
        if value != self._value:
            self._value = value
            self.changed.emit(value)
