"""From layers' values to what the feature maps view shows: statistics, orders, value ranges."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from viewer.views.maps.grids import Grid, grid_of

# A layer whose lowest value is nearer zero than this part of its highest counts as unsigned.
NEARLY_UNSIGNED = 0.005
INPUT = "input"
_numbers = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Summary:
    """What the maps of a layer hold; M maps. Statistics are over finite values.

    Attributes
    ----------
    low, high, mean : float64[M]
        0 where a map has no finite value.
    whole : float64[M]
        The mean of all values, special ones included: NaN or infinite where one is.
    nan, infinite, negative_infinite : int
        Values of the layer that are not finite.
    """

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    whole: np.ndarray
    nan: int = 0
    infinite: int = 0
    negative_infinite: int = 0

    @property
    def dead(self):
        """bool[M]: maps that are zero everywhere."""
        return (self.low == 0) & (self.high == 0) & (self.whole == 0)


def summarise(grid, values):
    """The `Summary` of a layer's values, float[C, *positions]; one pass for each statistic."""
    if not grid.maps:
        nothing = np.zeros(0)
        return Summary(nothing, nothing, nothing, nothing)
    flat = np.asarray(values).reshape(grid.maps, -1)
    if flat.dtype == np.float16:
        flat = flat.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = flat.min(1).astype(float), flat.max(1).astype(float)
        whole = flat.mean(1, dtype=np.float64)
    bad = ~(np.isfinite(low) & np.isfinite(high))
    if not bad.any():
        return Summary(low, high, whole, whole)
    mean = whole.copy()
    for number in np.flatnonzero(bad):
        finite = flat[number][np.isfinite(flat[number])].astype(float)
        if finite.size:
            low[number], high[number], mean[number] = finite.min(), finite.max(), finite.mean()
        else:
            low[number] = high[number] = mean[number] = 0.0
    rest = flat[bad]
    counts = (np.isnan(rest), np.isposinf(rest), np.isneginf(rest))
    return Summary(low, high, mean, whole, *(int(found.sum()) for found in counts))


@dataclass(frozen=True, eq=False)
class MapLayer:
    """One layer's maps, ready to be drawn.

    Attributes
    ----------
    name, kind : str
    grid : Grid
    values : float[C, *positions]
    summary : Summary
    order : int64[S]
        Numbers of the maps shown, in the order shown.
    hidden : int
        Dead maps left out.
    low, high : float
        Of the layer: over the study where that is wanted and known, else of its maps.
    """

    name: str
    kind: str
    grid: Grid
    values: np.ndarray
    summary: Summary
    order: np.ndarray
    hidden: int = 0
    low: float = 0.0
    high: float = 0.0

    @property
    def is_signed(self):
        """Whether the diverging map is used."""
        return bool(signed(self.low, self.high))

    def slot_of(self, number):
        """Where a map stands in the order shown, or None when it is hidden."""
        found = np.flatnonzero(self.order == number)
        return int(found[0]) if found.size else None


@dataclass(frozen=True)
class Ranges:
    """Which values the ends of the colour map stand for.

    Attributes
    ----------
    mode : str
        ``'channel'``: each map's own; ``'layer'``; ``'common'``: one of all layers (the input is
        never part of it).
    limits : tuple of (str or None, float, float)
        Set by hand, by layer; None: the common one.
    """

    mode: str = "layer"
    limits: tuple = ()

    def by_hand(self, layer):
        """The range that a person set for a layer, in this mode; or None."""
        if self.mode == "channel" or (self.mode == "common" and layer == INPUT):
            return None
        wanted = None if self.mode == "common" else layer
        return next(((low, high) for name, low, high in self.limits if name == wanted), None)


@dataclass(frozen=True, eq=False)
class Contents:
    """All maps of one sample or mean, in one order.

    Attributes
    ----------
    layers : tuple of MapLayer
        The input first, then by depth.
    low, high : float
        Of all layers but the input.
    picture : uint8[H, W, 3] or None
        The input as a person sees it; stands behind the input's maps.
    number : int
        One for each contents that was made.
    """

    layers: tuple[MapLayer, ...] = ()
    low: float = 0.0
    high: float = 0.0
    picture: np.ndarray | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    def count(self, layer):
        """Places that a layer takes: its maps shown, and the picture behind those of the input."""
        return len(layer.order) + (layer.name == INPUT and self.picture is not None)

    def index(self, name):
        """Place of a layer, or None."""
        return next((at for at, layer in enumerate(self.layers) if layer.name == name), None)


def contents_of(layers, orders=None, hides_dead=False, ranges=None, summaries=None, picture=None):
    """Statistics and orders of all layers.

    Parameters
    ----------
    layers : sequence of (name, kind, values)
    orders : dict of str to int32[C], optional
        Channels in an order, by layer; others stand as in the file.
    hides_dead : bool
    ranges : dict of str to (float, float), optional
        Of layers over the study.
    summaries : dict of str to Summary, optional
        Known ones; filled with those that are made.
    picture : uint8[H, W, 3], optional
        The input as a person sees it.
    """
    summaries = {} if summaries is None else summaries
    made = []
    for name, kind, values in layers:
        values = np.atleast_1d(values)
        grid = grid_of(np.shape(values))
        if name not in summaries:
            summaries[name] = summarise(grid, values)
        summary = summaries[name]
        order = order_of(summary, (orders or {}).get(name), len(values), hides_dead)
        low, high = range_of(summary)
        low, high = (ranges or {}).get(name, (low, high))
        hidden = grid.maps - len(order)
        made.append(MapLayer(name, kind, grid, values, summary, order, hidden, low, high))
    inner = [layer for layer in made if layer.name != INPUT] or made
    low = min((layer.low for layer in inner), default=0.0)
    high = max((layer.high for layer in inner), default=0.0)
    return Contents(tuple(made), low, high, picture)


def order_of(summary, channels, count, hides_dead=False):
    """Numbers of maps in the order shown: int64[S].

    Parameters
    ----------
    summary : Summary
    channels : int32[C] or None
        Channels in an order; those of another number of channels are of another network.
    count : int
        Channels, C: each has one map, or several where it has more than two axes of positions.
    hides_dead : bool
    """
    maps = len(summary.low)
    numbers = np.arange(maps)
    if channels is not None and len(channels) == count and count and maps % count == 0:
        each = maps // count
        numbers = (np.asarray(channels, np.int64)[:, None] * each + np.arange(each)).ravel()
    return numbers[~summary.dead[numbers]] if hides_dead else numbers


def range_of(summary):
    """Lowest and highest finite value of a layer."""
    if not summary.low.size:
        return 0.0, 0.0
    return float(summary.low.min()), float(summary.high.max())


def signed(low, high):
    """Whether values of a range are drawn with the diverging map (arrays or numbers)."""
    return np.asarray(low) < -NEARLY_UNSIGNED * np.abs(high)


def ends(low, high, is_signed):
    """Ends of the colour map for a range: symmetric when signed, else from zero."""
    if is_signed:
        largest = np.maximum(-np.asarray(low), high)
        return -largest, largest
    return np.zeros_like(np.asarray(low, float)), np.maximum(high, 0.0)


def layer_ends(contents, layer, ranges):
    """Ends of the colour map of a layer as a whole.

    Parameters
    ----------
    contents : Contents
    layer : MapLayer
    ranges : Ranges

    Returns
    -------
    (low, high, is_signed)
    """
    by_hand = ranges.by_hand(layer.name)
    if by_hand is not None:
        low, high = by_hand
        largest = max(-low, high)
        return (-largest, largest, True) if low < 0 else (low, high, False)
    low, high, is_signed = layer.low, layer.high, layer.is_signed
    if ranges.mode == "common" and layer.name != INPUT:
        low, high = contents.low, contents.high
        is_signed = bool(signed(low, high))
    low, high = ends(low, high, is_signed)
    return float(low), float(high), is_signed


def ends_of(contents, layer, numbers, ranges):
    """Ends of the colour map for some maps of a layer.

    Parameters
    ----------
    numbers : int[M]
        Which maps.
    ranges : Ranges

    Returns
    -------
    (low, high, is_signed)
        float64[M], float64[M], bool.
    """
    if ranges.mode == "channel":
        is_signed = layer.is_signed
        low, high = ends(layer.summary.low[numbers], layer.summary.high[numbers], is_signed)
        return low, high, is_signed
    low, high, is_signed = layer_ends(contents, layer, ranges)
    return np.full(len(numbers), low), np.full(len(numbers), high), is_signed
