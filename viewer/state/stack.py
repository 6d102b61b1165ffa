"""How the stack of activation volumes is drawn."""

from dataclasses import dataclass

MODES = ("emission", "maximum", "attenuated", "average", "isosurface", "slabs")
SETS = ("sample", "mean")
ACTIVATIONS = "activations"
SOURCES = (ACTIVATIONS, "gradient", "relevance", "weights", "weight-gradient")
SCALES = ("layer", "common")
RANGES = ("study", "sample")
AXES = ("columns", "rows", "channels")
WHOLE = ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
# The rates at which samples can be played, a second.
SLOWEST, FASTEST = 1.0, 30.0


@dataclass(frozen=True)
class StackSettings:
    """Settings of the stack view.

    Attributes
    ----------
    set : str
        ``'sample'``: the volumes of the focused sample; ``'mean'``: their mean over the
        selection, over all samples where nothing is selected.
    source : str
        What stands in the stack: ``'activations'``; the ``'gradient'`` of what the attribution
        explains, or its ``'relevance'`` (LRP), both of the focused sample; the ``'weights'``, or
        the gradient by them, ``'weight-gradient'``. Where a series is in force, its step; see
        `values`.
    mode : str
        One of `MODES`: emission and absorption, maximum intensity, maximum attenuated by what
        lies before it, average, isosurface, flat slabs.
    scale : str
        ``'layer'``: every layer in its own value range; ``'common'``: one range for all.
    range : str
        ``'study'``: ranges are those over the study, once it is complete; ``'sample'``: those of
        the sample shown. A mean has its own.
    limits : tuple of (str, float, float)
        Ranges set by hand, by layer, sorted; they come before ``range``.
    common_limits : (float, float) or None
        The common range, set by hand.
    spacing : float
        Gap between layers against the normal gap, 0 to 4.
    opacity : float
        Density of the volumes against the normal density, 0.05 to 8.
    iso : float
        Where the isosurface lies: 0 to 1 of the range (signed: of the distance from zero).
    attenuation : float
        How much what lies in front attenuates a maximum, against the normal, 0 to 8.
    clip : three of (float, float)
        The part of every volume that is drawn, 0 to 1 along columns, rows and channels.
    curve : tuple of (float, float) or None
        Transfer curve of all layers: distances from zero (0 to 1 of a layer's range, rising) and
        densities 0 to 1 there; None: the built-in law.
    hidden : tuple of str
        Layers that are not drawn, sorted.
    solo : str or None
        The only layer that is drawn.
    picture : bool
        Whether the input's picture stands before the layers.
    labels : bool
        Whether the layers' names stand beside them.
    rate : float
        Samples a second when they are played, 1 to 30.
    """

    set: str = "sample"
    source: str = ACTIVATIONS
    mode: str = "emission"
    scale: str = "layer"
    range: str = "study"
    limits: tuple = ()
    common_limits: tuple[float, float] | None = None
    spacing: float = 1.0
    opacity: float = 1.0
    iso: float = 0.25
    attenuation: float = 1.0
    clip: tuple = WHOLE
    curve: tuple | None = None
    hidden: tuple[str, ...] = ()
    solo: str | None = None
    picture: bool = True
    labels: bool = True
    rate: float = 8.0

    @property
    def values(self):
        """The source in force: a mean is always of activations."""
        return self.source if self.set == "sample" else ACTIVATIONS

    def limits_of(self, layer):
        """The range of a layer that was set by hand, or None."""
        return next(((low, high) for name, low, high in self.limits if name == layer), None)

    def shows(self, layer):
        """Whether a layer is drawn."""
        return layer == self.solo if self.solo is not None else layer not in self.hidden
