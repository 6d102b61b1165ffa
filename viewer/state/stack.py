"""How the stack of activation volumes is drawn."""

from dataclasses import dataclass

MODES = ("emission", "maximum")
SCALES = ("layer", "common")
RANGES = ("study", "sample")


@dataclass(frozen=True)
class StackSettings:
    """Settings of the stack view.

    Attributes
    ----------
    mode : str
        ``'emission'`` (emission and absorption) or ``'maximum'`` (maximum intensity).
    scale : str
        ``'layer'``: every layer in its own value range; ``'common'``: one range for all.
    range : str
        ``'study'``: ranges are those over the study, once it is complete; ``'sample'``: those of
        the sample shown.
    spacing : float
        Gap between layers against the normal gap, 0 to 4.
    opacity : float
        Density of the volumes against the normal density, 0.05 to 8.
    labels : bool
        Whether the layers' names stand beside them.
    """

    mode: str = "emission"
    scale: str = "layer"
    range: str = "study"
    spacing: float = 1.0
    opacity: float = 1.0
    labels: bool = True
