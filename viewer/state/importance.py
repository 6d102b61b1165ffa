"""What the importance view shows, and which filters are switched off."""

from dataclasses import dataclass

MEASURES = ("gradient", "activation-mean", "activation-max", "gradient-x-activation")
NORMS = ("l1", "l2", "max")
WAYS = ("zero", "mean")


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
    off: tuple = ()
    by: str = "zero"

    def off_of(self, layer):
        """Channels of a layer that are switched off, tuple of int."""
        return next((channels for name, channels in self.off if name == layer), ())
