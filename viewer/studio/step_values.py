"""Weights and gradients as the stack takes them: raw values of layers, unfolded when looked at.

What is kept in memory are the values as the engine gives them. A volume is unfolded, and another
step subtracted, when somebody asks for a layer of it: that happens in the builder's thread, so
that a series costs no more memory than its gradients.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np


@dataclass(eq=False)
class StepValues:
    """Values of layers, of the weights or of one step of a series.

    Attributes
    ----------
    source : str
        One of `viewer.state.stack.SOURCES`.
    maps : dict of str to float32[F, I, *kernel] or float32[C, *positions]
        By layer; the mean over the step's samples.
    samples : int
        Of how many samples.
    seen : uint8[H, W, 3] or None
        The first one's picture as the network gets it.
    targets : tuple of str
        What was explained, of each sample.
    seconds : float
    notes : tuple of str
    """

    source: str
    maps: dict
    samples: int = 0
    seen: object = None
    targets: tuple = ()
    seconds: float = 0.0
    notes: tuple = ()
    _numbers: dict = field(default_factory=dict, repr=False)
    _volumes: dict = field(default_factory=dict, repr=False)

    @property
    def nbytes(self):
        """Bytes of all values."""
        return sum(values.nbytes for values in self.maps.values()) + getattr(self.seen, "nbytes", 0)

    def numbers(self, layer, minus=None):
        """(largest, mean) of a layer's finite magnitudes, less another step's; remembered.

        Parameters
        ----------
        layer : str
        minus : StepValues, optional
        """
        key = layer, minus is not None
        known = self._numbers.get(key)
        if known is None or known[0] is not minus:  # of one other step at a time
            values = self.maps[layer]
            if minus is not None:
                values = values - minus.maps[layer]
            known = self._numbers[key] = (minus, numbers_of(values))
        return known[1]

    @cached_property
    def own_ranges(self):
        """`Ranges` of these values alone."""
        return ranges_of([(self, None)])

    def volumes(self, unfolding, ranges, minus=None):
        """As the stack draws it; the same object while nothing differs.

        Parameters
        ----------
        unfolding : str
            Of `engine.gradient.unfolding.UNFOLDINGS`.
        ranges : Ranges
        minus : StepValues, optional

        Returns
        -------
        StepVolumes
        """
        found = self._volumes.get((unfolding, id(minus)))
        if found is None or found.ranged is not ranges or found.minus is not minus:
            found = StepVolumes(self, unfolding, ranges, minus)
            self._volumes = {(unfolding, id(minus)): found}
        return found


def numbers_of(values):
    """(largest, mean) of the finite magnitudes; zeros where there are none."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if np.isfinite(low) and np.isfinite(high):
        return max(-low, high), float(np.abs(values).mean()) if values.size else 0.0
    sizes = np.abs(values[np.isfinite(values)])
    return (float(sizes.max()), float(sizes.mean())) if sizes.size else (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Ranges:
    """Ends of the colours of layers, common to all steps that are there.

    Attributes
    ----------
    ends : dict of str to (float, float)
        Centred on zero.
    means : dict of str to float
        Mean magnitude over these steps.
    steps : int
        How many they are.
    """

    ends: dict
    means: dict
    steps: int = 1


def ranges_of(pairs):
    """Common `Ranges` of steps.

    Parameters
    ----------
    pairs : sequence of (StepValues, StepValues or None)
        Steps, and what is subtracted from each.
    """
    largest, sums, counts = {}, {}, {}
    for values, minus in pairs:
        for layer in values.maps:
            if minus is not None and layer not in minus.maps:
                continue
            end, mean = values.numbers(layer, minus)
            largest[layer] = max(largest.get(layer, 0.0), end)
            sums[layer] = sums.get(layer, 0.0) + mean
            counts[layer] = counts.get(layer, 0) + 1
    ends = {layer: (-end, end) for layer, end in largest.items()}
    return Ranges(ends, {layer: sums[layer] / counts[layer] for layer in sums}, len(pairs))


class StepVolumes:
    """What `viewer.studio.attributing.Volumes` is, of one step; unfolded when a layer is read.

    Attributes
    ----------
    maps : Mapping of str to float32[F, rows, columns] or float32[C, *positions]
    seen : uint8[H, W, 3] or None
    ranges : dict of str to (float, float)
        Centred on zero.
    means : dict of str to float
    shapes : dict of str to tuple of int
        Of the weights before they were unfolded; of activations' gradients those of the volumes.
    unfolding : str
        Empty where nothing is unfolded.
    """

    def __init__(self, values, unfolding, ranges, minus=None):
        self.values, self.minus, self.ranged = values, minus, ranges
        self.unfolding = unfolding if values.source in ("weights", "weight-gradient") else ""
        kept = values.maps if minus is None else values.maps.keys() & minus.maps.keys()
        self.shapes = {
            layer: tuple(values.maps[layer].shape) for layer in values.maps if layer in kept
        }
        self.seen = values.seen
        self.ranges, self.means = ranges.ends, ranges.means
        self.maps = _Unfolded(self)

    @property
    def layers(self):
        """Names of the layers."""
        return tuple(self.shapes)

    @cached_property
    def absent(self):
        """Where a layer's volume has no weight, by layer: bool[rows, columns]; others left out."""
        return {} if not self.unfolding else _Absent(self)

    def drawn_shape(self, layer):
        """(F, rows, columns) of a layer as drawn."""
        shape = self.shapes[layer]
        return shape if not self.unfolding else (shape[0], *_size(shape, self.unfolding))

    def raw(self, layer):
        """A layer's values as the engine gives them, less those of the other step."""
        values = self.values.maps[layer]
        return values if self.minus is None else values - self.minus.maps[layer]

    def place_of(self, weight):
        """Where a weight stands: (layer, filter, (row, column)), or None.

        Parameters
        ----------
        weight : (str, int, int, int) or None
            Layer, filter, input, place in the kernel (flat), as `SeriesSettings.weight`.
        """
        if weight is None or weight[0] not in self.shapes:
            return None
        layer, filter_, each, kernel = weight
        shape = self.shapes[layer]
        size = int(np.prod(shape[2:], dtype=np.int64))
        if filter_ >= shape[0] or each >= shape[1] or kernel >= size:
            return None
        return layer, filter_, place_of_weight(shape, self.unfolding, each, kernel)

    def value_at(self, layer, channel, place):
        """One value of a volume as drawn; None outside and where there is none."""
        drawn = self.drawn_shape(layer)
        inside = all(0 <= at < size for at, size in zip((channel, *place), drawn, strict=False))
        if len(place) + 1 != len(drawn) or not inside:
            return None
        place = (channel, *place)
        if self.unfolding:
            found = weight_at(self.shapes[layer], self.unfolding, *place[1:])
            if found is None:
                return None
            place = (channel, *_indices(self.shapes[layer], *found))
        value = float(self.values.maps[layer][place])
        return value if self.minus is None else value - float(self.minus.maps[layer][place])


class _Unfolded(Mapping):
    """The layers' volumes, made when read."""

    def __init__(self, volumes):
        self._volumes = volumes

    def __getitem__(self, layer):
        volumes = self._volumes
        if layer not in volumes.shapes:
            raise KeyError(layer)
        raw = volumes.raw(layer)
        if not volumes.unfolding:
            return raw
        from engine.gradient.unfolding import unfold

        return unfold(raw, volumes.unfolding)

    def __contains__(self, layer):
        return layer in self._volumes.shapes

    def __iter__(self):
        return iter(self._volumes.shapes)

    def __len__(self):
        return len(self._volumes.shapes)


class _Absent(Mapping):
    """Masks of places without a weight, of the layers that have such places."""

    def __init__(self, volumes):
        self._shapes, self._how = volumes.shapes, volumes.unfolding

    def __getitem__(self, layer):
        mask = absent_places(self._shapes[layer][1:], self._how)
        if mask is None:
            raise KeyError(layer)
        return mask

    def __iter__(self):
        return (layer for layer in self._shapes if layer in self)

    def __len__(self):
        return sum(1 for _ in self)


@lru_cache(maxsize=512)
def absent_places(shape, how):
    """Which places of an unfolded filter ``[I, *kernel]`` hold no weight: bool[rows, columns].

    Returns
    -------
    bool[rows, columns] or None
        None where there is no such place.
    """
    from engine.gradient.unfolding import padding, unfold

    if not padding((1, *shape), how):
        return None
    return np.isnan(unfold(np.zeros((1, *shape), np.float32), how)[0])


@lru_cache(maxsize=2048)
def _size(shape, how):
    from engine.gradient.unfolding import unfolded_size

    return unfolded_size(shape, how)


def weight_at(shape, how, row, column):
    """Which weight stands at a place: (input, row, column in the kernel), or None."""
    from engine.gradient.unfolding import what_at

    return what_at(how, shape, row, column)


def place_of_weight(shape, how, each, flat):
    """Where a weight stands: (row, column); ``flat`` counts the kernel's places row by row."""
    from engine.gradient.unfolding import place_of

    width = shape[-1] if len(shape) > 2 else 1
    return place_of(how, shape, each, *divmod(flat, width))


def _indices(shape, each, y, x):
    """The index of a weight in ``[I, *kernel]``."""
    kernel = shape[2:]
    if not kernel:
        return (each,)
    flat = y * kernel[-1] + x
    return (each, *(int(at) for at in np.unravel_index(flat, kernel)))


def weight_words(shape, each, y, x):
    """A weight in words: ``'input 3, row 1, column 0'``; of a linear layer its input alone."""
    kernel = shape[2:]
    if not kernel:
        return f"input {each}"
    if len(kernel) == 1:
        return f"input {each}, place {x}"
    if len(kernel) == 2:
        return f"input {each}, row {y}, column {x}"
    depth, row = divmod(y, kernel[-2])
    return f"input {each}, depth {depth}, row {row}, column {x}"
