"""How a stack of volumes is drawn, beside its camera: plain data, shared by drawing and picking."""

from dataclasses import dataclass

import numpy as np

from viewer.gl.theme import DARK
from viewer.visuals.transfer import DENSITY, Transfer

MODES = ("emission", "maximum", "attenuated", "average", "isosurface", "slabs")
WHOLE = ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class Look:
    """How a stack is drawn, beside its camera.

    Attributes
    ----------
    mode : str
        One of `MODES`. ``'emission'``: emission and absorption. ``'maximum'``, ``'attenuated'``
        and ``'average'``: one value for the whole ray through all layers. ``'isosurface'``: where
        values reach `iso`. ``'slabs'``: every layer as a solid block whose faces show the
        values farthest from zero straight behind them; clip planes leave one channel to be seen
        alone. Sheets of single units are solid in the last two.
    transfer : Transfer
    theme : Theme
    frames : bool
        Whether boxes have thin edges.
    jitter : bool
        Move the samples of each ray by a fraction of a step.
    unit : float
        The scene's unit of length for opacity, world units: a layer's mean thickness.
    highlight : str or None
        Name of the slab whose frame has the accent's colour.
    pixel_ratio : float
        Physical pixels a logical one.
    clip : ((float, float), (float, float), (float, float))
        The part of every layer's box that is drawn: low and high fractions of its columns (from
        the left), rows (from the top) and channels (from the input's side).
    iso : float
        Isosurface: distance from zero, 0 to 1 of the layer's range, on either side of zero when
        the layer is signed.
    attenuation : float
        Attenuated maximum: how much what lies before a value dims it; 0: plain maximum.
    lighting : bool
        Isosurface: lit from the eye, or in plain colours.
    """

    mode: str = "emission"
    transfer: Transfer = Transfer()
    theme: object = DARK
    frames: bool = True
    jitter: bool = False
    unit: float = 64.0
    highlight: str | None = None
    pixel_ratio: float = 1.0
    clip: tuple = WHOLE
    iso: float = 0.4
    attenuation: float = 1.0
    lighting: bool = True

    @property
    def is_clipped(self):
        """Whether clip planes cut anything off."""
        return self.clip != WHOLE


def optical_density(look, slab):
    """Opacity per world unit of a slab's full values."""
    if slab.opaque:
        return 1e6 / look.unit
    return DENSITY * look.transfer.opacity / look.unit * slab.density


def clipped_edges(look, slab):
    """The part of a slab's box that is drawn: two float64[3], 0 to 1 of columns, rows, channels.

    Empty (a high edge not above the low one) where clip planes leave nothing.
    """
    low, high = np.array(look.clip, float).T
    first, last = np.array(slab.share, float).T
    low, high = ((edge - first) / (last - first) for edge in (low, high))
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
