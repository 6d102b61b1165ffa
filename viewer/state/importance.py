"""What the importance view shows, and which filters are switched off."""

from dataclasses import dataclass

MEASURES = ("gradient", "activation-mean", "activation-max", "gradient-x-activation")
NORMS = ("l1", "l2", "max")
WAYS = ("zero", "mean")
PARTS = ("grid", "bars", "curve", "scores", "rates", "table")
WIDEST_GRID = 256
NARROWEST_BAR, WIDEST_BAR = 1.0, 64.0


@dataclass(frozen=True)
class ImportanceSettings:
    """Settings of the importance view, and the filters that are switched off.

    Attributes
    ----------
    measure : str
        One of `MEASURES`.
    norm : str
        Of the weight gradient, one of `NORMS`.
    of_class : int or None
        The score of this class over the samples labelled so; None: each sample's own label, else
        its prediction.
    columns : int or None
        Of the grid; None: as near to square as possible.
    by_rank : bool
        Bars sorted by importance; else in the order of the channels.
    parts : tuple of str
        Those of `PARTS` that are shown; where not all have room the last ones have it.
    only : str or None
        A part that is shown alone.
    off : tuple of (str, tuple of int)
        Channels that are switched off, by layer, both sorted.
    by : str
        What stands in place of a channel that is off: ``'zero'``, or its ``'mean'``.
    """

    measure: str = "gradient"
    norm: str = "l2"
    of_class: int | None = None
    columns: int | None = None
    by_rank: bool = True
    parts: tuple = ("rates", "scores", "bars", "grid")
    only: str | None = None
    off: tuple = ()
    by: str = "zero"

    def off_of(self, layer):
        """Channels of a layer that are switched off, tuple of int."""
        return next((channels for name, channels in self.off if name == layer), ())

    @property
    def shown(self):
        """Parts that are shown, as far as they have room, tuple of str."""
        return self.parts if self.only is None else (self.only,)

    @property
    def off_count(self):
        """How many filters are switched off in all layers."""
        return sum(len(channels) for _, channels in self.off)


@dataclass(frozen=True)
class ImportanceCamera:
    """Where in the importance view a person is; undone with the camera.

    Attributes
    ----------
    bars : float
        How many bars are scrolled past; a fraction: part of the next one.
    step : float or None
        Width of a bar, logical pixels; None: all of them fit, as far as they can be told apart.
    rates, table : float
        How many rows of the classes and of the table are scrolled past.
    """

    bars: float = 0.0
    step: float | None = None
    rates: float = 0.0
    table: float = 0.0
