"""Occlusion: what a score loses when a square of the picture is covered (Zeiler and Fergus 2014).

A grey square, or a patch of random pixels, which belongs to no class; the drop is averaged over the
squares that cover a pixel. For units these are their discrepancy maps (Zhou et al. 2015).
"""

import numpy as np

from engine.attribution.graphs import build
from engine.attribution.pictures import plain_input
from engine.errors import InputError
from engine.network.axes import layout_letters

TOGETHER = 16
FILLS = ("grey", "random")


def occlude(explainer, asked):
    """The fields of an `Attribution`: the same drop for every channel of a pixel."""
    places = _Places(explainer.network, asked.square)
    cover = _cover(explainer.network, asked, places)
    built, graph = explainer.graph(
        ("value", asked.target),
        lambda: build(explainer.network, explainer.forward, asked.target, ()),
    )

    def scores(pictures):
        return explainer.run(graph, pictures, ["value"], task=asked.task)["value"]

    whole = float(scores(asked.picture)[0])
    drops = _drops(explainer, asked, places, cover, scores, np.array([whole]))
    values = places.spread(drops[0], asked.picture.shape)
    return {
        "values": values,
        "of_pixels": True,
        "score": whole,
        "settings": places.settings(asked),
        "notes": (*built.notes, f"covered with a {places.size} x {places.size} square"),
    }


def discrepancies(explainer, picture, layer, *, square=None, fill="random", seed=0, task=None):
    """The discrepancy maps of a layer's channels: what covering each place takes from each maximum.

    Parameters
    ----------
    explainer : engine.attribution.explainer.Explainer
    picture : the input's dtype and shape
    layer : str
    square, fill, seed, task
        As for `Explainer.attribute`.

    Returns
    -------
    float32[C, H, W]
        For each channel the drop of the unit that is its strongest in the whole picture.
    """
    from engine.attribution.explainer import _Asked
    from engine.attribution.units import activations

    picture = explainer._picture(picture)
    asked = _Asked(picture, layer, None, "", None, seed, None, None, square, fill)
    asked.task = task
    places = _Places(explainer.network, square)
    found = explainer.network.layer(layer)
    best = activations(explainer, asked, found).reshape(found.output_shape[0], -1)
    strongest = best.argmax(1)

    def values(pictures):
        batch = _activations_of_batch(explainer, pictures, found, task)
        return np.take_along_axis(batch, strongest[None, :, None], 2)[..., 0]

    whole = best[np.arange(len(best)), strongest]
    cover = _cover(explainer.network, asked, places)
    drops = _drops(explainer, asked, places, cover, values, whole)
    return np.stack([places.mean(each) for each in drops]).astype(np.float32)


def _activations_of_batch(explainer, pictures, layer, task):
    from engine.network.axes import to_channels_first
    from engine.run.plan import seen

    exposure = seen(explainer.network, layer.post)
    feeds = explainer._feeds(pictures)
    found = explainer.runner.run(feeds, [exposure], task=task)[exposure.tensor]
    maps = to_channels_first(found, layer)[: len(pictures)]
    return np.asarray(maps, np.float32).reshape(len(pictures), layer.output_shape[0], -1)


def _drops(explainer, asked, places, cover, scores, whole):
    """What each square takes from each score: float64[K, squares]."""
    network = explainer.network
    together = TOGETHER if network.batch_is_free else max(1, network.batch)
    found = []
    for first in range(0, len(places), together):
        chosen = range(first, min(first + together, len(places)))
        if asked.task is not None:
            asked.task.report(first, len(places), "covering the picture")
        pictures = np.concatenate([places.covered(asked.picture[:1], i, cover) for i in chosen])
        values = np.asarray(scores(pictures))[: len(chosen)]
        found.append(whole - values.reshape(len(chosen), -1))
    return np.concatenate(found).T.astype(np.float64)


def _cover(network, asked, places):
    """What covers a square: the whole input in grey, or of random pixels."""
    if asked.fill not in FILLS:
        raise InputError(f"a square is not covered with {asked.fill!r}", expected=", ".join(FILLS))
    if asked.fill == "grey":
        return plain_input(network, 128)
    low, high = (plain_input(network, grey).astype(np.float64) for grey in (0, 255))
    noise = np.random.default_rng(asked.seed).random(low.shape)
    return (low + noise * (high - low)).astype(network.input_dtype)


class _Places:
    """Where squares lie on the input's rows and columns."""

    def __init__(self, network, size):
        letters = layout_letters(network.input_layout)
        if "H" not in letters or "W" not in letters:
            raise InputError(
                "occlusion needs an input with rows and columns",
                where=network.path,
                got=network.input_layout,
            )
        self.axes = [letters.index("H"), letters.index("W")]
        self.sizes = [network.input_shape[axis] for axis in self.axes]
        self.size = min(size or max(1, min(self.sizes) // 8), *self.sizes)
        self.step = max(1, self.size // 2)
        self.starts = [
            (top, left)
            for top in self._starts(self.sizes[0])
            for left in self._starts(self.sizes[1])
        ]

    def __len__(self):
        return len(self.starts)

    def _starts(self, length):
        last = length - self.size
        return sorted({*range(0, last + 1, self.step), last})

    def _part(self, index, rank):
        part = [slice(None)] * rank
        for axis, start in zip(self.axes, self.starts[index], strict=True):
            part[axis] = slice(start, start + self.size)
        return tuple(part)

    def covered(self, picture, index, cover):
        """The picture with one square covered; a batch of one."""
        made = picture.copy()
        part = self._part(index, picture.ndim)
        made[part] = np.broadcast_to(cover, picture.shape)[part]
        return made

    def mean(self, drops):
        """The mean drop of the squares that cover a pixel: float64[H, W]."""
        total, count = np.zeros(self.sizes), np.zeros(self.sizes)
        for (top, left), drop in zip(self.starts, drops, strict=True):
            there = np.s_[top : top + self.size, left : left + self.size]
            total[there] += drop
            count[there] += 1
        return total / count

    def spread(self, drops, shape):
        """The mean drop, as large as a picture."""
        heat = self.mean(drops)
        if self.axes[0] > self.axes[1]:
            heat = heat.T
        others = tuple(axis for axis in range(len(shape)) if axis not in self.axes)
        whole = np.broadcast_to(np.expand_dims(heat, others), (1, *shape[1:]))
        return np.ascontiguousarray(whole, np.float32)

    def settings(self, asked):
        settings = {"square": self.size, "step": self.step, "fill": asked.fill}
        return settings | ({"seed": asked.seed} if asked.fill == "random" else {})
