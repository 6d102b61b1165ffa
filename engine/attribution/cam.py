"""Grad-CAM (Selvaraju et al. 2017): a layer's maps, weighted by their mean gradients, rectified."""

import numpy as np

from engine.attribution.graphs import between
from engine.errors import InputError
from engine.gradient.targets import parse_target
from engine.network.axes import layout_letters, to_channels_first


def grad_cam(explainer, asked):
    """The fields of an `Attribution`: the map in the input's size, the same for every channel."""
    network = explainer.network
    layer = network.layer(asked.layer) if asked.layer else _last_with_maps(explainer, asked.target)
    built, found = explainer._backward(asked, "gradient", (layer.name,), (layer.name,))
    maps, gradients = (
        to_channels_first(found[name], layer, "post")[0].astype(np.float64)
        for name in (built.tensors[layer.name], built.gradients[layer.name])
    )
    maps, gradients, words = _in_rows(network, layer, maps, gradients)
    weights = gradients.mean((1, 2))
    small = np.maximum((weights[:, None, None] * maps).sum(0), 0)
    letters = layout_letters(network.input_layout)
    sizes = [network.input_shape[letters.index(axis)] for axis in "HW"]
    whole = enlarged(enlarged(small, sizes[0]).T, sizes[1]).T
    axes = tuple(i for i, letter in enumerate(letters) if letter not in "HW")
    values = np.broadcast_to(np.expand_dims(whole, axes), (1, *network.input_shape[1:]))
    return {
        "values": np.ascontiguousarray(values, np.float32),
        "of_pixels": True,
        "score": float(found["value"][0]),
        "settings": {"layer": layer.name, "map": list(small.shape)},
        "notes": (*built.notes, f"the map of {layer.name}{words}, the same for every channel"),
    }


def enlarged(values, length):
    """Linear interpolation of the first axis at half-pixel centres, the edges repeated.

    Parameters
    ----------
    values : float64[n, m]
    length : int

    Returns
    -------
    float64[length, m]
    """
    count = len(values)
    places = np.clip((np.arange(length) + 0.5) * count / length - 0.5, 0, count - 1)
    low = np.floor(places).astype(int)
    share = (places - low)[:, None]
    return values[low] * (1 - share) + values[np.minimum(low + 1, count - 1)] * share


def _in_rows(network, layer, maps, gradients):
    """Maps and gradients as float64[C, h, w], and words: tokens go back to their rows."""
    if maps.ndim == 3 and has_rows(layer):
        return maps, gradients, ", enlarged"
    found = token_grid(network, layer)
    if found is None:
        raise InputError(
            f"Grad-CAM needs a layer with rows and columns, and {layer.name!r} has none",
            where=network.path,
            remedy="choose another layer",
        )
    skipped, rows = found
    maps, gradients = (each[:, skipped:].reshape(len(each), *rows) for each in (maps, gradients))
    left = f", its first {skipped} tokens left out" if skipped else ""
    return maps, gradients, f" by tokens of {rows[0]} x {rows[1]} patches{left}, enlarged"


def has_rows(layer):
    """Whether a layer has maps of rows and columns."""
    letters = layout_letters(layer.file_layout)
    return "H" in letters and "W" in letters and len(layer.output_shape) == 3


def token_grid(network, layer):
    """How a layer's tokens lie on the picture.

    Returns
    -------
    (int, (int, int)) or None
        How many tokens come first that are none of the picture's (a class token), and the rows and
        columns of the others: those of the last layer with maps before it, where they are as many.
    """
    if len(layer.output_shape) != 2:
        return None
    before = network.layers[: network.layers.index(layer)]
    for each in reversed([other for other in before if has_rows(other)]):
        rows = each.output_shape[1:]
        skipped = layer.output_shape[1] - rows[0] * rows[1]
        if 0 <= skipped <= 8:
            return skipped, rows
    return None


def _last_with_maps(explainer, target):
    """The last layer with maps that lies before a target; of tokens, what the last attention reads.

    Behind that the tokens of patches may no longer reach the scores, which the class token makes.
    """
    network = explainer.network
    own = {term.source for term in parse_target(target)}
    names = [name for name in between(network, explainer.forward, target) if name not in own]
    tokens = None
    for layer in reversed([network.layer(name) for name in names]):
        size = layer.output_shape[1:]
        if has_rows(layer) and np.prod(size) > 1 and layer.output_shape[0] > 1:
            return layer
        if layer.kind == "attention":
            tokens = True
        elif tokens and layer.kind == "norm" and token_grid(network, layer):
            return layer
    raise InputError(
        "no layer with rows and columns lies before the target",
        where=network.path,
        remedy="choose another target, or choose the layer itself",
    )
