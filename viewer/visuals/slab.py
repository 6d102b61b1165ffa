"""One layer's activation volume, or a picture, placed in the world: plain data for drawing.

Volumes are kept as half floats scaled by a power of two, so that every magnitude survives and a
value that was half precision comes back exactly. NaN and the infinities become numbers that no
finite value takes, because graphics cards differ in what they do with the real ones: an
interpolated NaN spreads to its neighbours, and some compilers drop the test for it.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

# Stored values are within -1..1; these are exact in half precision and far outside.
NAN, ABSENT = 16384.0, -16384.0
INFINITE, NEGATIVE_INFINITE = 32768.0, -32768.0
# Volumes whose largest value is below this are drawn as if it were this.
_SMALLEST = 2.0**-120


@dataclass(frozen=True)
class Specials:
    """How many values of a volume are not finite."""

    nan: int = 0
    infinite: int = 0
    negative_infinite: int = 0
    absent: int = 0

    def __bool__(self):
        return bool(self.nan or self.infinite or self.negative_infinite or self.absent)


@dataclass(frozen=True, eq=False)
class Slab:
    """A box of voxels in the world.

    Attributes
    ----------
    name : str
        The layer's name.
    values : float16[C, H, W]
        As `encode` stores them.
    unit : float
        A power of two: value = stored * unit.
    low, high : float
        Values at the ends of the colour map; signed: -high and high.
    signed : bool
        Whether the diverging map is used.
    corner : tuple of float
        World position (x, y, z) of the corner of voxel (channel 0, row 0, column 0).
    extent : tuple of float
        World sizes along columns, rows and channels, with sign (rows run down: negative).
    specials : Specials
    opaque : bool
        A sheet of single units (no interpolation, no transparency) rather than a volume.
    density : float
        Factor on the opacity of this slab.
    order : ndarray of int [C] or None
        Which stored channel stands at each place.
    share : tuple of (float, float)
        Which part of its layer's columns, rows and channels the box spans, the layer being 0 to
        1: less for the boxes of a layer that has too many channels for one texture, more where
        pooled squares reach past the map (that is not drawn).
    sharp : bool
        Voxels are squares of one value in their plane, too: their neighbours are no neighbours
        in the picture (kernels side by side).
    """

    name: str
    values: np.ndarray
    unit: float
    low: float
    high: float
    signed: bool
    corner: tuple[float, float, float]
    extent: tuple[float, float, float]
    specials: Specials = field(default_factory=Specials)
    opaque: bool = False
    density: float = 1.0
    order: np.ndarray | None = None
    share: tuple = ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
    sharp: bool = False

    @cached_property
    def box(self):
        """Lowest and highest corner in the world of what is drawn; float64[3] each."""
        low, high = np.array(self.share, float).T
        return _box(self.corner, self.extent * np.minimum((1 - low) / (high - low), 1.0))


@dataclass(frozen=True, eq=False)
class Picture:
    """A flat picture in the world, as the network gets it.

    Attributes
    ----------
    name : str
    pixels : uint8[H, W, 3]
    corner : tuple of float
        World position of the corner of the first pixel.
    extent : tuple of float
        World sizes along columns and rows, with sign, and 0.
    """

    name: str
    pixels: np.ndarray
    corner: tuple[float, float, float]
    extent: tuple[float, float, float]

    @cached_property
    def box(self):
        """Lowest and highest corner in the world; float64[3] each."""
        return _box(self.corner, self.extent)


def encode(values, absent=None):
    """Values as a volume stores them.

    Parameters
    ----------
    values : float16 or float32 [C, H, W]
    absent : bool[C, H, W], optional
        Where there is no value at all (cells that fill up a sheet).

    Returns
    -------
    tuple
        stored float16[C, H, W], unit, `Specials`.
    """
    values = np.asarray(values)
    if values.dtype == np.float16:
        values = values.astype(np.float32)  # NumPy computes with halves ten times slower
    low, high = (values.min(), values.max()) if values.size else (0.0, 0.0)
    whole = bool(np.isfinite(low) and np.isfinite(high))  # a NaN anywhere is both
    if whole:
        largest = float(max(high, -low))
    else:
        finite = np.isfinite(values)
        largest = float(np.abs(values[finite]).max()) if finite.any() else 0.0
    unit = float(2.0 ** np.ceil(np.log2(max(largest, _SMALLEST)))) if largest > 0 else 1.0
    stored = np.multiply(values, 1 / unit, dtype=values.dtype).astype(np.float16)
    specials = Specials()
    if not whole:
        is_nan = np.isnan(values)
        up, down = np.isposinf(values), np.isneginf(values)
        stored[is_nan], stored[up], stored[down] = NAN, INFINITE, NEGATIVE_INFINITE
        specials = Specials(int(is_nan.sum()), int(up.sum()), int(down.sum()))
    if absent is not None and absent.any():
        stored[absent] = ABSENT
        specials = Specials(
            specials.nan, specials.infinite, specials.negative_infinite, int(absent.sum())
        )
    return stored, unit, specials


def decode(stored, unit):
    """Values as they were: float32, with NaN and infinities; absent cells are NaN."""
    values = stored.astype(np.float32) * np.float32(unit)
    values[(stored == NAN) | (stored == ABSENT)] = np.nan
    values[stored == INFINITE] = np.inf
    values[stored == NEGATIVE_INFINITE] = -np.inf
    return values


def _box(corner, extent):
    corner = np.asarray(corner, float)
    other = corner + np.asarray(extent, float)
    return np.minimum(corner, other), np.maximum(corner, other)
