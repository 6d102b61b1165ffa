"""What the Top filters view asks about: the strongest units of filters, projected back."""

import time
from dataclasses import dataclass

import numpy as np

from viewer.state.filters import MOST_FILTERS
from viewer.state.layout import in_front
from viewer.studio import kernels
from viewer.studio.questions import Question, key_of

PANE = "filters"
MOST_UNITS = 256
"""Of one filter that are projected: a map that is flat at its maximum would have thousands."""


@dataclass(frozen=True, eq=False)
class Ordered:
    """A layer's filters for one sample, ordered by their maximum.

    Attributes
    ----------
    layer : str
    maxima : float32[C]
        NaN left out; -inf where a filter has nothing else.
    order : int64[C]
        Channels, the largest maximum first; equal ones in the order of the file.
    silent : int
        Filters without a value above zero: nothing of them can be projected.
    not_finite : int
        Values of the layer that are no numbers or infinite.
    """

    layer: str
    maxima: np.ndarray
    order: np.ndarray
    silent: int
    not_finite: int

    @property
    def values(self):
        """float32[C]: maxima in their order."""
        return self.maxima[self.order]

    def within(self, first, last):
        """The range within what the layer has: (first, last)."""
        end = max(0, len(self.order) - 1)
        return min(first, end), min(last, end)

    def chosen(self, first, last):
        """Channels in a range of the order that can be projected, at most `MOST_FILTERS`."""
        first, last = self.within(first, last)
        part = self.order[first : last + 1]
        return part[self.maxima[part] > 0][:MOST_FILTERS]


@dataclass(frozen=True, eq=False)
class Projected:
    """What came back of a layer's filters.

    Attributes
    ----------
    layer, method : str
    units : int64[n, 1 + P]
        Channel and position of every unit.
    values : float32[n]
        Their activations.
    fields : int64[n, 4] or None
        Receptive fields: first row, first column, row and column after the last, in pixels of the
        network's input, clipped to it. None where the layer has none.
    channel : int64[g]
    box : int64[g, 4]
        Where each picture stands in the network's input.
    pictures : tuple of float32[h, w]
        The input's channels summed.
    by : str
        ``'windows'``, ``'patches'`` or ``'graph'``.
    seconds : float
    capped : bool
        Whether some filter has more units than `MOST_UNITS`.
    """

    layer: str
    method: str
    units: np.ndarray
    values: np.ndarray
    fields: np.ndarray | None
    channel: np.ndarray
    box: np.ndarray
    pictures: tuple
    by: str
    seconds: float
    capped: bool = False

    @property
    def nbytes(self):
        """Bytes of its arrays."""
        arrays = (self.units, self.values, self.channel, self.box, *self.pictures)
        return sum(array.nbytes for array in arrays)


def ordered(layer, maps):
    """Order a layer's filters by their maximum.

    Parameters
    ----------
    layer : str
    maps : float32[C, *positions]
    """
    flat = np.asarray(maps, np.float32).reshape(len(maps), -1)
    finite = np.isfinite(flat)
    bad = int(flat.size - np.count_nonzero(finite))
    if bad:
        flat = np.where(np.isnan(flat), -np.inf, flat)
    maxima = flat.max(1, initial=-np.inf)
    order = np.argsort(-maxima, kind="stable")
    return Ordered(layer, maxima, order, int(np.count_nonzero(~(maxima > 0))), bad)


def layers_shown(state, facts):
    """Names of the layers shown, by depth: those that stay, and the active one."""
    wanted = {*state.filters.layers, state.focus.layer}
    return tuple(layer.name for layer in facts.network.layers if layer.name in wanted)


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first.

    One for each layer, and one for the filter in focus; none while the view is out of sight or the
    sample is not there.
    """
    window, answer = state.window, facts.answer
    if PANE not in in_front(window.layout, window.only) or answer is None or not answer.maps:
        return ()
    shown = [name for name in layers_shown(state, facts) if name in answer.maps]
    active = state.focus.layer
    shown.sort(key=lambda name: name != active)
    orders = [ordered(name, answer.maps[name]) for name in shown]
    found = [question(state, facts, order) for order in orders]
    if active in shown:
        found.append(kernels.question(state, facts, orders[0]))
    return tuple(each for each in found if each is not None)


def question(state, facts, order):
    """The `Question` about one layer's filters, or None where none of them can be projected.

    Parameters
    ----------
    order : Ordered
    """
    settings, answer = state.filters, facts.answer
    channels = tuple(sorted(order.chosen(settings.first, settings.last).tolist()))
    if not channels:
        return None
    method, share, layer = settings.method, settings.share, order.layer
    key = key_of(facts, PANE, answer.question.sample, layer, method, share, channels)

    def find(tools, task):
        return project(tools, facts, answer.picture, layer, method, share, channels, task)

    return Question(key, f"Projecting filters of {layer}", find)


def project(tools, facts, picture, layer, method, share, channels, task=None):
    """Project filters of a layer back, and reduce what came back to what is drawn.

    Parameters
    ----------
    tools : viewer.studio.questions.Tools
    facts : Facts
    picture : dtype[H, W] or dtype[H, W, C]
    layer, method : str
    share : float
    channels : tuple of int

    Returns
    -------
    Projected
    """
    network, inputs = facts.network, facts.preprocessing(picture)
    projector = tools.projector(tuple(one.name for one in network.layers))
    began = time.perf_counter()
    found = projector.project(
        inputs,
        [layer],
        method=method,
        share=share,
        channels={layer: list(channels)},
        most=MOST_UNITS,
        task=task,
    )[layer]
    size = tuple(facts.preprocessing.size)
    kept = _pictures(found.pictures, size, facts.preprocessing.layout.replace("N", "") == "K")
    counts = np.bincount(found.units[:, 0]) if len(found.units) else np.zeros(1)
    return Projected(
        layer=layer,
        method=method,
        units=found.units,
        values=found.values,
        fields=fields_of(network, layer, found.units, size),
        channel=np.asarray(found.pictures.channel),
        box=np.array([box for box, _ in kept], np.int64).reshape(-1, 4),
        pictures=tuple(values for _, values in kept),
        by=found.by,
        seconds=time.perf_counter() - began,
        capped=bool(counts.max() >= MOST_UNITS),
    )


def fields_of(network, layer, units, size):
    """Receptive fields of units, clipped to the input: int64[n, 4]; None where there are none."""
    if getattr(network, "fields", None) is None:
        return None
    boxes = np.asarray(network.boxes(layer))
    if boxes.ndim - 1 != units.shape[1] - 1:
        return None
    found = boxes[tuple(units[:, 1:].T)] if units.shape[1] > 1 else boxes[None]
    found = np.broadcast_to(found, (len(units), 4))
    return np.clip(found, 0, np.array([*size, *size], np.int64))


def _pictures(windows, size, is_flat):
    """Boxes and float32[h, w] of what came back; a flattened input is folded to rows again."""
    if is_flat:
        return [_cropped(0, 0, values.reshape(*size, -1), size) for values in windows.values]
    parts = zip(windows.box, windows.values, strict=True)
    return [_cropped(int(box[0]), int(box[1]), values, size) for box, values in parts]


def _cropped(top, left, values, size):
    """Where a picture is not zero, within the input, its channels summed: box, float32[h, w]."""
    y0, x0 = max(0, -top), max(0, -left)
    values = values[y0 : max(y0, size[0] - top), x0 : max(x0, size[1] - left)]
    flat, top, left = values.sum(2, dtype=np.float32), top + y0, left + x0
    down, across = (np.flatnonzero(flat.any(axis)) for axis in (1, 0))
    if not down.size:
        return (top, left, top, left), np.zeros((0, 0), np.float32)
    y0, y1, x0, x1 = int(down[0]), int(down[-1]) + 1, int(across[0]), int(across[-1]) + 1
    part = np.ascontiguousarray(flat[y0:y1, x0:x1])
    return (top + y0, left + x0, top + y1, left + x1), part
