"""The statistic that colours the blocks: its values, its range, its colours; no Qt, no GL.

A channel counts as dead when it is constant over all samples and positions; in a layer with an
activation function also when it is never above zero. A folded repetition has the sum of its
layers' costs, parameters and dead channels, the mean of their means weighted by channels (of
importance: of all its filters), and the largest of the rest.
"""

from dataclasses import dataclass

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

WORDS = {
    "none": "nothing",
    "kind": "kind",
    "dead": "dead channels",
    "mean": "mean activation",
    "largest": "largest activation",
    "macs": "multiply-adds",
    "params": "parameters",
    "field": "receptive field",
    "importance": "mean importance",
}
STUDIED = ("dead", "mean", "largest")
COUNTED = ("macs", "params")
OTHER_KIND = "#9aa3ad"
KIND_COLOURS = {
    "conv": "#4e9fe5",
    "conv-transpose": "#a9d1f5",
    "linear": "#a98bd8",
    "matmul": "#d8c9ef",
    "attention": "#e884c0",
    "softmax": "#f5c8e2",
    "pool": "#5fb56a",
    "reduce": "#b3ddb8",
    "unpool": "#b3ddb8",
    "resize": "#c9c24b",
    "add": "#f28e3c",
    "mul": "#f9cfa6",
    "max": "#f9cfa6",
    "concat": "#e15f64",
    "norm": "#c59b76",
    "activation": "#49c0c9",
    "recurrent": "#a9e2e6",
}


@dataclass(frozen=True, eq=False)
class Colouring:
    """What a statistic says of each node.

    Attributes
    ----------
    by : str
    values : float64[N]
        NaN where it is not known, or means nothing (the input).
    low, high : float
        Range of the finite values.
    signed : bool
        The range is symmetric about zero.
    missing : int
        Layers' nodes without a value.
    kinds : tuple of str
        Kinds that occur, the most frequent first.
    over : str
        What the values are over: ``'over 2,000 samples'``; empty for what the file says. Of
        importance that is not known: why.
    """

    by: str
    values: np.ndarray
    low: float = 0.0
    high: float = 0.0
    signed: bool = False
    missing: int = 0
    kinds: tuple = ()
    over: str = ""

    def places(self):
        """Places along the colour map, float64[N] of 0 to 1; NaN without a value."""
        low, high = (-self.high, self.high) if self.signed else (self.low, self.high)
        values, span = self.values, high - low
        return (values - low) / span if span > 0 else np.where(np.isnan(values), np.nan, 0.0)

    def text(self, node):
        """A node's value in a few characters; empty without one."""
        value = self.values[node] if len(self.values) else np.nan
        if np.isnan(value):
            return ""
        return value_text(self.by, value)


def value_text(by, value):
    """A value with its unit, as many digits as it means."""
    if by == "dead":
        return f"{100 * value:.0f} %" if value == 0 or value >= 0.01 else f"{100 * value:.1g} %"
    if by in COUNTED:
        return short(value)
    if by == "field":
        return f"{value:.0f} px"
    return number(float(value))


def short(value):
    """A count in at most four characters: ``'950'``, ``'1.2 k'``, ``'118 M'``."""
    for power, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * power:
            scaled = value / power
            return f"{scaled:.1f} {letter}" if scaled < 9.95 else f"{scaled:.0f} {letter}"
    return f"{value:.0f}"


def colouring(graph, by, summary, overview=None):
    """The values of a statistic for every node of a graph.

    Parameters
    ----------
    graph : Graph
    by : str
        Of `viewer.state.network.COLOUR_BY`.
    summary : StudySummary
    overview : viewer.studio.weighing.Overview, optional
        For ``'importance'``.

    Returns
    -------
    Colouring
    """
    layers = graph.layers
    if by == "none":
        return Colouring(by, np.full(len(graph.nodes), np.nan))
    if by == "kind":
        return Colouring(by, np.full(len(graph.nodes), np.nan), kinds=kinds_of(layers))
    source = overview if by == "importance" else summary
    values = np.array(
        [_value([layers[member] for member in node.members], by, source) for node in graph.nodes]
    )
    finite = values[np.isfinite(values)]
    missing = sum(bool(node.members) for node in graph.nodes) - len(finite)
    over = f"over {summary.samples:,} samples" if by in STUDIED and len(finite) else ""
    if by == "importance" and overview is not None:
        over = overview.words
    if not len(finite):
        return Colouring(by, values, missing=missing, over=over)
    low, high = float(finite.min()), float(finite.max())
    signed = by in ("mean", "largest") and low < 0
    if signed:
        high = max(-low, high)
    return Colouring(by, values, low if by == "field" else min(low, 0.0), high, signed, missing,
                     over=over)  # fmt: skip


def kinds_of(layers):
    """Kinds that occur, the most frequent first."""
    counts = {}
    for layer in layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
    return tuple(sorted(counts, key=lambda kind: (-counts[kind], kind)))


def _value(layers, by, summary):
    if not layers:
        return np.nan
    if by == "importance":
        return mean_importance(layers, summary)
    if by in COUNTED:
        return float(sum(getattr(layer, by) for layer in layers))
    if by == "field":
        fields = [layer.receptive_field for layer in layers if layer.receptive_field is not None]
        return float(max((max(field.size) for field in fields), default=np.nan))
    known = [
        (layer, summary.layers[layer.name]) for layer in layers if layer.name in summary.layers
    ]
    if not known:
        return np.nan
    channels = sum(numbers.channels for _, numbers in known)
    if by == "dead":
        return sum(dead_channels(layer, numbers) for layer, numbers in known) / channels
    if by == "mean":
        return sum(numbers.mean * numbers.channels for _, numbers in known) / channels
    return max(numbers.largest for _, numbers in known)


def mean_importance(layers, overview):
    """The mean importance of all filters of some layers; NaN where none is known.

    Parameters
    ----------
    layers : sequence of engine Layer
    overview : viewer.studio.weighing.Overview or None
    """
    found = {} if overview is None or overview.found is None else overview.found.layers
    values = [found[layer.name].values for layer in layers if layer.name in found]
    values = np.concatenate(values) if values else np.zeros(0)
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan


def dead_channels(layer, numbers):
    """How many channels of a layer are dead.

    Parameters
    ----------
    layer : engine Layer
    numbers : LayerNumbers
    """
    return numbers.silent if layer.pre != layer.post else numbers.constant


def kind_colour(kind):
    """``'#rrggbb'`` of a kind of layer."""
    return KIND_COLOURS.get(kind, OTHER_KIND)


def fills(graph, found, theme):
    """What colour each block has.

    Returns
    -------
    fill, strip : uint8[N, 4]
        RGBA; the strip is in the colour of the kind.
    hatched : bool[N]
        Blocks whose value is not known.
    dark_text : bool[N]
        Blocks so light that text on them is dark.
    """
    layers, count = graph.layers, len(graph.nodes)
    kinds = [layers[node.members[-1]].kind if node.members else "" for node in graph.nodes]
    base = np.array(rgb(theme.panel))
    palette = {kind: np.array(rgb(kind_colour(kind))) for kind in set(kinds)}
    palette[""] = np.array(rgb(theme.dim))
    strip = np.array([palette[kind] for kind in kinds]).reshape(count, 3)
    fill = np.repeat(base[None], count, 0)
    hatched = np.zeros(count, bool)
    if found.by == "kind":
        fill = 0.66 * base + 0.34 * strip
    elif found.by != "none":
        places = found.places()
        known = np.isfinite(places)
        table = colours(theme, found.signed)
        index = (np.clip(places[known], 0, 1) * (len(table) - 1)).round().astype(int)
        fill[known] = table[index]
        hatched = ~known & np.array([bool(node.members) for node in graph.nodes])
    luminance = np.where(fill <= 0.04045, fill / 12.92, ((fill + 0.055) / 1.055) ** 2.4)
    dark_text = luminance @ [0.2126, 0.7152, 0.0722] > 0.18
    return _bytes(fill), _bytes(strip), hatched, dark_text


def _bytes(colours_):
    opaque = np.ones((len(colours_), 1))
    return np.rint(255 * np.concatenate([colours_, opaque], 1)).astype(np.uint8)
