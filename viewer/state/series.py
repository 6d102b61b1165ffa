"""A series of gradient volumes: its steps, which one is shown, and how it is compared."""

from dataclasses import dataclass

ROLES = ("reference", "inspected", "similar", "dissimilar", "other")
DIFFERENCES = ("none", "reference", "before")


@dataclass(frozen=True)
class SeriesStep:
    """One step: the mean gradient of some samples.

    Attributes
    ----------
    name : str
        ``'dog, right'``.
    samples : tuple of int
        In the data set; one or more.
    role : str
        One of `ROLES`.
    """

    name: str
    samples: tuple[int, ...]
    role: str = "other"


@dataclass(frozen=True)
class SeriesSettings:
    """Settings of the series.

    Attributes
    ----------
    steps : tuple of SeriesStep
    step : int
        The step that is shown.
    reference : int
        The step that differences are taken to.
    difference : str
        ``'none'``: the gradients themselves; ``'reference'``: less those of the reference step;
        ``'before'``: less those of the step before.
    unfolding : str
        How weights become a volume, one of `engine.gradient.unfolding.UNFOLDINGS`.
    rate : float
        Steps a second when it is played.
    """

    steps: tuple[SeriesStep, ...] = ()
    step: int = 0
    reference: int = 0
    difference: str = "none"
    unfolding: str = "tiles"
    rate: float = 4.0
