"""The strongest units of filters, projected back to the picture: what *Top filters* shows.

Where a layer is the end of a plain chain the way back goes in windows; elsewhere in patches of the
picture that hold a unit's field; where either costs more than the whole picture, in the graph, a
batch of filters at a time.
"""

from dataclasses import dataclass

import numpy as np

from engine.attribution.graphs import build_seeded
from engine.attribution.rectify import rectifying_rules
from engine.errors import InputError
from engine.gradient.build import shares_forward
from engine.gradient.chain import chain_to
from engine.gradient.window import GRAPH_RATE, METHODS, Windows
from engine.kernels.top_units import groups, top_units
from engine.network.axes import from_channels_first, layout_letters, to_channels_first, turned
from engine.run.plan import seen

SHARE = 0.98
SEEDS = 16
"""Filters that go back together in the graph."""

SECONDS_TO_START = 2.0
"""About how long the process of a layer's patches takes to be ready."""

MOST_PATCHES = 3
"""Layers whose patches are ready at a time: each has a process of its own."""


@dataclass(frozen=True, eq=False)
class TopFilters:
    """One layer's filters for one picture.

    Attributes
    ----------
    layer : str
    method : str
    maxima : float32[C]
        Each filter's largest activation: what orders them.
    units : int64[n, 3]
        Channel, row, column of the units that were projected.
    values : float32[n]
        Their activations, which they started with.
    pictures : engine.gradient.window.Windows
        What came back: one picture for every group of units, cropped to what it can reach.
    by : {"windows", "patches", "graph"}
    """

    layer: str
    method: str
    maxima: np.ndarray
    units: np.ndarray
    values: np.ndarray
    pictures: Windows
    by: str


class FilterProjector:
    """Projects the strongest units of layers of one network.

    Parameters
    ----------
    explainer : engine.attribution.explainer.Explainer
    layers : sequence of str, optional
        All convolutions by default.
    """

    def __init__(self, explainer, layers=None):
        self._explainer = explainer
        self.network = explainer.network
        if layers is None:
            layers = [layer.name for layer in self.network.layers if layer.kind == "conv"]
        self.layers = [self.network.layer(name) for name in layers]
        self._chains, self.reasons = self._find_chains()
        self._pid = None
        self._known = None
        self._patches = {}

    def _find_chains(self):
        """Chains by layer, and for the others why there is none."""
        network, chains, reasons = self.network, {}, {}
        for layer in self.layers:
            found = chain_to(network.graph, network.shapes, network.image_input, layer.post)
            if isinstance(found, str):
                reasons[layer.name] = found
            else:
                chains[layer.name] = found
        return chains, reasons

    def project(
        self,
        inputs,
        layers=None,
        *,
        method="deconvnet",
        share=SHARE,
        channels=None,
        most=None,
        by=None,
        task=None,
    ):
        """Project the strongest units of every filter back.

        Parameters
        ----------
        inputs : the input's dtype and shape
        layers : sequence of str, optional
            Of those the projector was made for; all by default.
        method : {"deconvnet", "guided", "gradient"}
        share : float
            Of the filter's maximum.
        channels : dict of str to sequence of int, optional
            Filters of a layer that are wanted; all by default.
        most : int, optional
            At most so many units of a filter.
        by : {None, "windows", "patches", "graph"}
            None: whichever is expected to be faster.
        task : engine.tasks.Task, optional

        Returns
        -------
        dict of str to TopFilters
        """
        if method not in METHODS:
            raise InputError(
                f"filters are not projected by {method!r}", expected=", ".join(METHODS)
            )
        names = [layer.name for layer in self.layers] if layers is None else list(layers)
        channels = channels or {}
        picture = self._explainer._picture(inputs)
        found = {}
        in_windows = [name for name in names if name in self._chains and by in (None, "windows")]
        if by == "windows" and len(in_windows) < len(names):
            name = next(name for name in names if name not in self._chains)
            raise InputError(f"{name} is no plain chain: {self.reasons[name]}")
        if in_windows:
            asked = (picture, in_windows, method, share, channels, most, by == "windows", task)
            found |= self._windows(*asked)
        for name in names:
            if name not in found:
                found[name] = self._graph(picture, name, method, share, channels, most, by, task)
        return {name: found[name] for name in names}

    def forget(self):
        """Take the next picture for a new one, even if it is the last one's equal."""
        self._known = None

    # -- windows -------------------------------------------------------------------------------

    def _windows(self, picture, names, method, share, channels, most, force, task):
        runner = self._explainer.runner
        self._open(runner, task)
        places = [list(self._chains).index(name) for name in names]
        known = self._known is not None and np.array_equal(self._known[0], picture)
        again = bool(known and self._known[1] == method)
        facts, arrays = runner.ask(
            "project",
            {} if again else self._explainer._feeds(picture),
            seconds=runner.seconds,
            task=task,
            layers=places,
            method=method,
            share=float(share),
            most=most,
            channels=[_listed(channels.get(name)) for name in names],
            again=again,
            force=force,
        )
        self._known = (picture.copy(), method)
        found = {}
        for name, place, fact in zip(names, places, facts["layers"], strict=True):
            if fact["projected"]:
                found[name] = self._from_arrays(name, method, place, arrays)
        return found

    def _open(self, runner, task):
        """Hand the chains to the child, once."""
        if self._pid == runner.pid:
            return
        weights, chains = {}, []
        for chain in self._chains.values():
            weights |= {s.after: s.weights for s in chain.steps if s.weights is not None}
            steps = [step.as_json() for step in chain.steps]
            chains.append(
                {
                    "tensor": chain.tensor,
                    "shape": list(chain.shape),
                    "source": chain.source,
                    "steps": steps,
                }
            )
        runner.ask("windows", weights, seconds=runner.seconds, task=task, chains=chains)
        self._pid, self._known = runner.pid, None

    def _from_arrays(self, name, method, place, arrays):
        box = arrays[f"{place}/box"]
        chain = self._chains[name]
        channels = chain.steps[0].shape[0] if chain.steps else chain.shape[0]
        sizes = [(int(b[2] - b[0]), int(b[3] - b[1]), channels) for b in box]
        ends = np.cumsum([0, *(h * w * c for h, w, c in sizes)])
        pixels = arrays[f"{place}/pixels"]
        parts = tuple(
            pixels[a:b].reshape(size) for a, b, size in zip(ends, ends[1:], sizes, strict=False)
        )
        return TopFilters(
            layer=name,
            method=method,
            maxima=arrays[f"{place}/maxima"],
            units=arrays[f"{place}/units"],
            values=arrays[f"{place}/values"],
            pictures=Windows(arrays[f"{place}/channel"], box, parts),
            by="windows",
        )

    # -- the graph -----------------------------------------------------------------------------

    def _graph(self, picture, name, method, share, channels, most, by, task):
        explainer, layer = self._explainer, self.network.layer(name)
        exposure = seen(self.network, layer.post)
        values = explainer.runner.run(explainer._feeds(picture), [exposure], task=task)
        maps = to_channels_first(values[exposure.tensor], layer)[0]
        maps = np.ascontiguousarray(maps, np.float32)
        flat = maps.reshape(len(maps), 1, -1)
        units, maxima = top_units(flat, share, most)
        if channels.get(name) is not None:
            units = units[np.isin(units[:, 0], channels[name])]
        rows = np.unravel_index(units[:, 2], maps.shape[1:]) if maps.ndim > 1 else ()
        places = np.stack([units[:, 0], *rows], 1).astype(np.int64)
        started = flat[units[:, 0], 0, units[:, 2]]
        if by != "graph":
            pictures = self._in_patches(picture, layer, places, started, method, by, task)
            if pictures is not None:
                return TopFilters(name, method, maxima, places, started, pictures, "patches")
        strong = np.unique(units[:, 0])
        built, graph, together = self._seeded(name, method)
        parts = []
        for first in range(0, len(strong), together):
            if task is not None:
                task.report(first, len(strong), f"filters of {name}")
            chosen = strong[first : first + together]
            seeds = np.zeros((len(chosen), *flat.shape), np.float32)
            for i, channel in enumerate(chosen):
                there = units[units[:, 0] == channel, 2]
                seeds[i, channel, 0, there] = flat[channel, 0, there]
            seeds = seeds.reshape(len(chosen), *maps.shape)
            turned_back = np.ascontiguousarray(from_channels_first(seeds, layer))
            found = explainer.run(graph, picture, task=task, seed=turned_back)
            parts += pictures_of(self.network, found[built.gradients["input"]], len(chosen))
        box = np.tile([0, 0, *parts[0].shape[:2]] if parts else [0] * 4, (len(parts), 1))
        pictures = Windows(strong, box.astype(np.int64), tuple(parts))
        return TopFilters(name, method, maxima, places, started, pictures, "graph")

    def _in_patches(self, picture, layer, units, values, method, by, task):
        """The pictures by patches, or None where they do not fit or cost more than the whole."""
        from engine.attribution.patches import Patches, fits, patch_size

        reason = fits(self.network, layer)
        boxes = None if reason or not len(units) else fields_of(layer, units[:, 1:])
        if boxes is None:
            return self._no_patches(layer, by, reason or "no unit is above zero")
        group = groups(units[:, 0], boxes)
        count = int(group.max()) + 1
        cost = count * np.prod(patch_size(layer))
        if by is None and not self._is_worth_it(layer, len(np.unique(units[:, 0])), cost):
            return None
        if layer.name not in self._patches:
            while len(self._patches) >= MOST_PATCHES:
                self._patches.pop(next(iter(self._patches))).close()
            runner = self._explainer.runner
            device = "cuda" if runner.on_gpu else "cpu"
            made = Patches(self.network, layer, device=device, threads=runner.threads, task=task)
            self._patches[layer.name] = made
        patches = self._patches[layer.name]
        bounds = np.empty((count, 4), np.int64)
        bounds[:, :2], bounds[:, 2:] = np.iinfo(np.int64).max, np.iinfo(np.int64).min
        np.minimum.at(bounds[:, :2], group, boxes[:, :2])
        np.maximum.at(bounds[:, 2:], group, boxes[:, 2:])
        begins, fit = patches.starts(bounds)
        if not fit.all():
            return self._no_patches(layer, by, "a filter's units lie too far apart for a patch")
        parts = patches.project(picture[:1], units, values, group, begins, method, task)
        firsts = np.unique(group, return_index=True)[1]
        boxes = np.concatenate([begins, begins + patches.size], 1)
        return Windows(units[firsts, 0], boxes, tuple(parts))

    def _is_worth_it(self, layer, filters, cost):
        """Whether patches of so many pixels save time, the start of their process included."""
        letters = layout_letters(self.network.input_layout)
        sizes = [self.network.input_shape[letters.index(axis)] for axis in "HW"]
        part = cost / (filters * np.prod(sizes))
        macs = sum(each.macs for each in self.network.layers if each.depth <= layer.depth)
        seconds = filters * macs / GRAPH_RATE / max(1, self._explainer.runner.threads)
        start = 0.0 if layer.name in self._patches else SECONDS_TO_START
        return seconds * part + start < seconds

    def _no_patches(self, layer, by, reason):
        if by == "patches":
            raise InputError(f"{layer.name} does not go in patches: {reason}")

    def close(self):
        """End the processes of patches."""
        while self._patches:
            self._patches.popitem()[1].close()

    def _seeded(self, name, method):
        explainer = self._explainer
        quantised = any("quantised" in note for note in explainer.forward.notes)
        rules = None if method == "gradient" else rectifying_rules(method, quantised)
        built, graph = explainer.graph(
            (method, "seed", name, ("input",)),
            lambda: build_seeded(self.network, explainer.forward, name, ("input",), rules=rules),
        )
        shared = shares_forward(explainer.forward, built.visited)
        return built, graph, SEEDS if shared else 1


def _listed(channels):
    return None if channels is None else [int(channel) for channel in channels]


def fields_of(layer, units):
    """Receptive fields of units, not clipped to the picture: int64[n, 4]."""
    field = layer.receptive_field
    size = np.array(field.size)
    first = np.array(field.center) - (size - 1) / 2 + units * np.array(field.stride, float)
    first = np.floor(first + 1e-6).astype(np.int64)
    return np.concatenate([first, first + size], 1)


def pictures_of(network, gradients, count):
    """Gradients in the file's layout as float32[H, W, C], or ``[1, K, 1]`` without rows."""
    letters, shape = layout_letters(network.input_layout), network.input_shape
    gradients = np.asarray(gradients, np.float32)
    if "H" in letters and "W" in letters:
        sizes = [shape[letters.index(axis)] if axis in letters else 1 for axis in "CHW"]
        gradients = turned(gradients, letters, tuple(sizes)).transpose(0, 2, 3, 1)
    else:
        gradients = gradients.reshape(len(gradients), 1, -1, 1)
    return [np.ascontiguousarray(each) for each in gradients[:count]]
