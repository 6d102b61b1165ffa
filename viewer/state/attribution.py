"""What one method is asked about the focused sample, and how its result is shown."""

from dataclasses import dataclass

PREDICTED, LABEL, FOCUS = "", "label", "focus"
# Rules of LRP that are offered; others, with numbers, can be given by a command.
RULES = (
    "epsilon-plus",
    "epsilon-gamma-box",
    "alpha2-beta1",
    "epsilon",
    "gamma",
    "z-plus",
    "z-box",
    "flat",
    "w-square",
)
STEPPED = ("integrated-gradients", "smoothgrad")
SEEDED = ("smoothgrad",)
RULED = ("lrp",)
OF_A_LAYER = ("grad-cam", "guided-grad-cam")
# Whose maps these weight: the last layer with maps before the target, or the active one.
LAYERS = ("last", "active")
# Ends that a range of values can be given.
LEAST_LIMIT, LARGEST_LIMIT = 1e-30, 1e30
MOST_STEPS = 512
# Shares of the values within the ends of the colour map that are offered.
WITHIN = (1.0, 0.999, 0.995, 0.99, 0.95, 0.9)


@dataclass(frozen=True)
class AttributionSettings:
    """Settings of the attribution that lies over the sample and stands in the stack.

    Attributes
    ----------
    method : str
        One of `engine.attribution.METHODS`.
    target : str
        Empty: the predicted class; ``'label'``: the label's class; ``'focus'``: the focused unit,
        or the focused channel's mean; else as on the command line (`engine.gradient.targets`).
    rule : str
        LRP's rule or composite.
    steps : int or None
        Pictures that `STEPPED` methods average over; None: the method's own number.
    layer : str
        Whose maps `OF_A_LAYER` weight: one of `LAYERS`.
    seed : int
        Of the random numbers of `SEEDED` methods.
    shown : bool
        Whether it lies over the sample's picture.
    opacity : float
        Of what lies over the picture, 0 to 1.
    within : float
        The share of the values that lie within the ends of the colour map, above 0; 1: all. A few
        strong pixels would leave the others dark.
    limits : tuple of (str, float)
        Ends that a person gave the range of a method's values over the picture, by its name; it is
        centred on zero. Methods that are missing have their own, by ``within``.
    """

    method: str = "gradient"
    target: str = PREDICTED
    rule: str = RULES[0]
    steps: int | None = None
    layer: str = "last"
    seed: int = 0
    shown: bool = False
    opacity: float = 0.7
    within: float = 0.995
    limits: tuple = ()

    @property
    def limit(self):
        """The end given to the range of the method in force; None: its own."""
        return dict(self.limits).get(self.method)
