"""The strongest units of a filter as seeds: each starts with its own activation.

Jacquemod 2017, 6.3: the units above 0.98 of the filter's maximum are kept, everything else in the
layer is set to zero, and what is left goes back to the image.
"""

import numpy as np

from engine.errors import InputError
from engine.gradient.targets import parse_target
from engine.kernels.top_units import top_units
from engine.network.axes import from_channels_first, to_channels_first
from engine.run.plan import seen


def seed_of_top_units(explainer, asked):
    """The seed of a target's channel.

    Parameters
    ----------
    explainer : engine.attribution.explainer.Explainer
    asked : object
        With ``picture, target, top_units, task``.

    Returns
    -------
    (str, float32, float, str)
        The layer, its seed in the file's layout, the sum of the seed, and words for a person.

    Raises
    ------
    InputError
        When the target is not one channel of a layer, or no unit is above zero.
    """
    layer, channel = _channel(explainer, asked.target)
    if not 0 < asked.top_units <= 1:
        raise InputError("--top-units is a share above 0 and at most 1", got=asked.top_units)
    maps = activations(explainer, asked, layer)
    if channel >= len(maps):
        raise InputError(
            f"{asked.target!r}: there are {len(maps):,} channels, counted from 0", got=channel
        )
    flat = maps[channel].reshape(1, -1, 1)
    units, _ = top_units(np.ascontiguousarray(flat), asked.top_units)
    if not len(units):
        raise InputError(
            f"no unit of {asked.target!r} is above zero for this picture: nothing to start from",
            remedy="choose another channel, or leave --top-units out",
        )
    seed = np.zeros(maps.shape, np.float32)
    seed.reshape(len(maps), -1)[channel, units[:, 1]] = flat[0, units[:, 1], 0]
    words = f"from {len(units):,} units of {layer.name}:{channel}, each with its own activation"
    seeds = np.ascontiguousarray(from_channels_first(seed[None], layer), np.float32)
    return layer.name, seeds, float(seed.sum()), words


def activations(explainer, asked, layer):
    """A layer's maps for the picture: float32[C, *positions]."""
    network = explainer.network
    exposure = seen(network, layer.post)
    feeds = explainer._feeds(asked.picture)
    found = explainer.runner.run(feeds, [exposure], task=asked.task)[exposure.tensor]
    return np.ascontiguousarray(to_channels_first(found, layer)[0], np.float32)


def _channel(explainer, target):
    terms = parse_target(target)
    term = terms[0]
    plain = len(terms) == 1 and term.region is None and term.factor == 1
    if not plain or term.source in ("class", "logit") or term.source.startswith("tensor="):
        raise InputError(
            f"{target!r} is not one channel of a layer", expected="LAYER:CHANNEL for --top-units"
        )
    return explainer.network.layer(term.source), term.channel
