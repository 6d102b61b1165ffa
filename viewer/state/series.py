"""A series of gradient volumes: its steps, which one is shown, and how it is compared."""

from dataclasses import dataclass, field

ROLES = ("reference", "inspected", "similar", "dissimilar", "other")
CHOSEN_ROLES = ROLES[:-1]
"""Roles of classes that a series is built of."""

DIFFERENCES = ("none", "reference", "before")
PICTURES = ("strongest", "filters")
CHECKS = ("none", "largest", "random", "chosen")
SOURCES = ("gradient", "relevance", "weight-gradient")
"""What the stack can show of which there are series."""

SLOWEST, FASTEST = 1.0, 30.0
MOST_EACH = 64
"""So many samples of one kind (class, right or wrong) at most are taken when a series is built."""

MOST_STEPS = 512


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
class SeriesChoice:
    """What a series is built of.

    Attributes
    ----------
    reference, inspected, similar, dissimilar : int or None
        Classes; None: the one suggested. -1: none.
    each : int
        Samples classified right, and as many wrong, of each class; those that exist.
    together : bool
        One step for the samples of one kind together (their mean), rather than one a sample.
    """

    reference: int | None = None
    inspected: int | None = None
    similar: int | None = None
    dissimilar: int | None = None
    each: int = 2
    together: bool = False


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
    choice : SeriesChoice
    picture : str
        How a step is one small picture, one of `PICTURES`: of each place the value of the filter
        that is strongest there, or a row for each filter.
    check : str
        Which gradients are compared with finite differences, one of `CHECKS`.
    checked : int
        How many.
    weight : tuple or None
        The weight that was clicked: layer, filter, input channel, place in the kernel (flat).
    """

    steps: tuple[SeriesStep, ...] = ()
    step: int = 0
    reference: int = 0
    difference: str = "none"
    unfolding: str = "tiles"
    rate: float = 4.0
    choice: SeriesChoice = field(default_factory=SeriesChoice)
    picture: str = "strongest"
    check: str = "none"
    checked: int = 8
    weight: tuple | None = None

    @property
    def present(self):
        """The step that is shown, or None."""
        return self.steps[self.step] if self.step < len(self.steps) else None


def is_in_force(state):
    """Whether the stack shows a step of the series: its first sample is in focus.

    Parameters
    ----------
    state : State
    """
    step = state.series.present
    if step is None or state.stack.values not in SOURCES:
        return False
    return state.focus.sample == step.samples[0]
