"""Guessing the preprocessing of an input from what its file says, with the reason in words.

The rules are in `engine.network.preprocessing_rules`; the first that knows something answers.
"""

from dataclasses import replace

import numpy as np

from engine.network.preprocessing import Preprocessing
from engine.network.preprocessing_axes import layout_of, usual_sizes
from engine.network.preprocessing_presets import default_crop, with_preset
from engine.network.preprocessing_rules import (
    AFFINE,
    IMAGENET_CLASSES,
    MOVES,
    RULES,
    Facts,
    FrontNode,
)

__all__ = ["FrontNode", "candidates", "first_nodes", "guess", "layout_of", "usual_sizes"]

MNIST_MEAN, MNIST_STD = (0.1307,), (0.3081,)
_FOLLOWED = (*MOVES, *AFFINE, "Conv")
_ENOUGH = 12


def first_nodes(graph, tensor, limit=_ENOUGH):
    """The chain of nodes that the image input runs through first.

    Follows the input as long as one node (besides Shape) consumes it, up to and with the first node
    that is neither data movement nor arithmetic with a constant; after a convolution, one more.

    Parameters
    ----------
    graph : Graph
    tensor : str
        Name of the image input.

    Returns
    -------
    tuple of FrontNode
    """
    front = []
    while len(front) < limit:
        following = [n for n in graph.consumers.get(tensor, ()) if n.op_type != "Shape"]
        if len(following) != 1:
            break
        node = following[0]
        constants = tuple(_small_constant(graph, name) for name in node.inputs)
        front.append(FrontNode(node.op_type, node.attributes, constants))
        known = node.op_type in _FOLLOWED or "Quantize" in node.op_type
        if not known or not node.outputs or len(front) > 1 and front[-2].op_type == "Conv":
            break
        tensor = node.outputs[0]
    return tuple(front)


def _small_constant(graph, name):
    shape = graph.constant_shape(name) if name else None
    if shape is None or np.prod(shape, dtype=float) > 2_000_000:
        return None
    return graph.constant(name)


def guess(
    tensor,
    concrete_shape=None,
    *,
    metadata=None,
    producer="",
    network_name="",
    classes=None,
    first_nodes=(),
    layout=None,
):
    """The preprocessing that this input most plausibly wants, with the reason.

    Parameters
    ----------
    tensor : Tensor
        The image input as declared (name, dtype, shape).
    concrete_shape : tuple of int, optional
        The shape at the chosen size; without it, free sizes get a usual one (224 for classifiers,
        320 or more, in multiples of 32, for the rest).
    metadata : Mapping[str, str], optional
        The file's ``metadata_props``.
    producer, network_name : str
        The exporter, and the file's or graph's name.
    classes : int, optional
        Number of class scores.
    first_nodes : sequence of FrontNode
        From `first_nodes`.
    layout : str, optional
        The input's axes where they are known by more than its shape, one of `LAYOUTS`.

    Returns
    -------
    Preprocessing
        ``certain`` only when metadata, an integer dtype or the graph's front says so.

    Raises
    ------
    InputError
        When the input cannot be a picture (1 axis: encoded bytes; 5 axes: clips).
    """
    words = f"{network_name} {producer}".lower()
    layout, channel_count, size = layout_of(tensor, concrete_shape, classes, words, layout)
    facts = Facts(
        name=tensor.name,
        dtype=tensor.dtype,
        shape=tuple(tensor.shape or ()),
        layout=layout,
        channel_count=channel_count,
        size=size,
        metadata={str(k).lower(): str(v) for k, v in (metadata or {}).items()},
        producer=producer.lower(),
        network_name=network_name.lower(),
        classes=classes,
        front=tuple(first_nodes),
    )
    evidence = next(filter(None, (rule(facts) for rule in RULES)))
    base = Preprocessing(
        preset="raw",
        size=size,
        channels={1: "gray", 3: "rgb"}.get(channel_count, "as-is"),
        layout=layout,
        dtype=tensor.dtype,
        channel_count=channel_count,
    )
    guessed = with_preset(base, evidence.preset)
    changes = dict(evidence.changes)
    if channel_count != 3 or guessed.channels not in ("rgb", "bgr"):
        changes.pop("channels", None)
    for name in ("mean", "std"):
        if len(changes.get(name, (0,))) not in (1, channel_count):
            del changes[name]
    # networks of ImageNet are tested on the middle of the picture, others see all that fits
    changes["crop"] = default_crop("imagenet", size) if classes in IMAGENET_CLASSES else 1.0
    return replace(guessed, **changes, reason=evidence.reason, certain=evidence.certain)


def candidates(guess):
    """Plausible alternatives to show side by side, the guess first, no two of them equal in effect.

    Returns
    -------
    list of Preprocessing
    """
    presets = ["imagenet", "zero-one", "raw", "minus-one-one", "caffe"]
    if np.dtype(guess.dtype).kind in "iu":
        presets = ["int8", "raw"] if np.dtype(guess.dtype).kind == "i" else ["raw"]
    elif guess.channel_count != 3:
        presets = ["zero-one", "raw", "minus-one-one"]
    found = [guess]
    for preset in presets:
        other = with_preset(guess, preset, reason=f"the preset {preset}")
        found.append(replace(other, certain=False))
    if guess.channel_count == 1 and max(guess.size) <= 32 and np.dtype(guess.dtype).kind == "f":
        mnist = with_preset(guess, "zero-one", reason="the mean and deviation of MNIST")
        found.append(replace(mnist, mean=MNIST_MEAN, std=MNIST_STD, certain=False))
    if guess.channel_count == 3 and guess.channels in ("rgb", "bgr"):
        raw = with_preset(guess, "raw", reason="the preset raw, blue first")
        found.append(replace(raw, channels="bgr", certain=False))
    unique = {}
    for one in found:
        unique.setdefault(one.digest(), one)
    return list(unique.values())
