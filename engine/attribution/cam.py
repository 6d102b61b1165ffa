"""Grad-CAM (Selvaraju et al. 2017): a layer's maps, weighted by their mean gradients, rectified."""

import numpy as np

from engine.errors import InputError
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
    if maps.ndim != 3:
        raise InputError(
            f"Grad-CAM needs a layer with rows and columns, and {layer.name!r} has "
            f"{'no positions' if maps.ndim == 1 else f'{maps.ndim - 1} axes of positions'}",
            where=network.path,
        )
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
        "notes": (*built.notes, f"the map of {layer.name}, enlarged; the same for every channel"),
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


def _last_with_maps(explainer, target):
    """The last layer with maps larger than 1 x 1 that lies before a target."""
    from engine.attribution.graphs import between
    from engine.gradient.targets import parse_target

    network = explainer.network
    own = {term.source for term in parse_target(target)}
    for name in reversed(between(network, explainer.forward, target)):
        layer = network.layer(name)
        shape = layer.output_shape
        if name not in own and len(shape) == 3 and shape[1] * shape[2] > 1 and shape[0] > 1:
            return layer
    raise InputError(
        "no layer with rows and columns lies before the target",
        where=network.path,
        remedy="name one with --layer",
    )
