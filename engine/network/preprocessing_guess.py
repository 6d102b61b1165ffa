"""Guessing the preprocessing from what a file says, with the reason in words.

Rules are asked in order, the first that knows something answers: metadata, the input's integer
type, operators at the front of the graph that subtract or divide (those are facts: ``certain``),
then habits: families of networks known by name, exporters, the number of classes, sizes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import InputError
from engine.network.preprocessing import Preprocessing, default_crop, with_preset

MNIST_MEAN, MNIST_STD = (0.1307,), (0.3081,)
_MOVES = ("Transpose", "Reshape", "Cast", "Identity", "Squeeze", "Unsqueeze", "Flatten")
_AFFINE = ("Sub", "Add", "Mul", "Div", "ImageScaler", "Scaler", "BatchNormalization")
_ENOUGH = 12


@dataclass(frozen=True)
class FrontNode:
    """A node near the image input: what it does and the constants it does it with.

    Attributes
    ----------
    op_type : str
    attributes : Mapping
    constants : tuple of (array or None)
        One for each of the node's inputs; None for computed or large ones.
    """

    op_type: str
    attributes: Mapping
    constants: tuple


@dataclass(frozen=True)
class Facts:
    """What the rules look at."""

    name: str
    dtype: str
    shape: tuple
    layout: str
    channel_count: int
    size: tuple[int, int]
    metadata: Mapping[str, str]
    producer: str
    network_name: str
    classes: int | None
    front: Sequence[FrontNode] = ()


@dataclass(frozen=True)
class Evidence:
    """An answer of a rule: a preset, what differs from it, and why."""

    preset: str
    reason: str
    certain: bool = False
    changes: Mapping = field(default_factory=dict)


def first_nodes(graph, tensor, limit=_ENOUGH):
    """The chain of nodes that the image input runs through first.

    Follows the input as long as one node (besides Shape) consumes it, up to and with the first node
    that is neither data movement nor arithmetic with a constant.

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
        known = node.op_type in _MOVES or node.op_type in _AFFINE or "Quantize" in node.op_type
        if not known or not node.outputs:
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
    layout, channel_count, size = layout_of(tensor, concrete_shape, classes, words)
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
    crop = changes.pop("crop", default_crop(evidence.preset, size))
    return replace(guessed, **changes, crop=crop, reason=evidence.reason, certain=evidence.certain)


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


# -- the input's axes and size -----------------------------------------------------------------


def layout_of(tensor, concrete_shape=None, classes=None, words=""):
    """Which axes an input has, how many channels, and its size.

    Returns
    -------
    layout : str
    channel_count : int
    size : (rows, columns)
    """
    declared = concrete_shape if concrete_shape is not None else tensor.shape
    if declared is None:
        declared = (None, 3, None, None)
    shape = [d if isinstance(d, (int, np.integer)) and d > 0 else None for d in declared]
    layout = _axes(shape, tensor.name)
    if layout == "NK":
        return _flat(shape[1])
    place = {axis: shape[i] for i, axis in enumerate(layout)}
    channel_count = place.get("C", 1) or 3
    rows, columns = place["H"], place["W"]
    usual = usual_sizes(channel_count, classes, words)[0]
    return (
        layout,
        int(channel_count),
        (int(rows or columns or usual), int(columns or rows or usual)),
    )


def usual_sizes(channel_count=3, classes=None, words=""):
    """Sizes to try for an input whose size is free, the most plausible first."""
    if "yolox" in words or "416" in words:
        return [416, 640, 320]
    if "yolo" in words or "detr" in words:
        return [640, 416, 320]
    if channel_count == 1 and classes == 10:
        return [28, 32, 224]
    if classes:
        return [224, 256, 299, 384, 32]
    return [320, 640, 416, 224, 256, 512]


def _axes(shape, name):
    if len(shape) == 4:
        return _four_axes(shape[1:])
    if len(shape) == 3:
        first, _, last = shape
        if first in (3, 4) and (last is None or last > 4):
            return "CHW"
        return "HWC" if last in (3, 4) and (first is None or first > 4) else "NHW"
    if len(shape) == 2:
        rows, columns = shape
        return "HW" if rows and rows > 1 and rows == columns else "NK"
    what = {1: "one axis, so perhaps encoded bytes", 5: "five axes, so clips or volumes"}
    raise InputError(
        f"the input {name} takes {what.get(len(shape), f'{len(shape)} axes')}, not single pictures",
        expected="2, 3 or 4 axes",
        got=shape,
        todo="export the part of the network that takes pictures",
    )


def _four_axes(shape):
    first, middle, last = shape
    few = (1, 2, 3, 4)
    if first in few and not (first not in (1, 3) and last in (1, 3)):
        return "NCHW"
    if last in few:
        return "NHWC"
    if first and last and middle and first != middle and middle == last:
        return "NCHW"
    if first and last and middle and first == middle and middle != last:
        return "NHWC"
    if last and not first and not middle:
        return "NHWC"
    return "NHWC" if first and last and last < min(first, middle or first) else "NCHW"


def _flat(length):
    if length is None:
        raise InputError(
            "the input is flat and its length is free", todo="export it with a fixed length"
        )
    for channels in (1, 3):
        side = int(round((length / channels) ** 0.5))
        if side * side * channels == length and (channels == 1 or side >= 8):
            return "NK", channels, (side, side)
    return "NK", 1, (1, int(length))


# -- rules: facts ------------------------------------------------------------------------------


def _by_metadata(facts) -> Evidence | None:
    return _windows_ml(facts) or _ultralytics(facts) or _mean_and_std(facts)


def _windows_ml(facts):
    pixel_range = facts.metadata.get("image.nominalpixelrange", "").lower()
    pixels = facts.metadata.get("image.bitmappixelformat", "").lower()
    presets = {
        "nominalrange_0_255": "raw",
        "nominalrange_16_235": "raw",
        "normalized_0_1": "zero-one",
        "normalized_1_1": "minus-one-one",
    }
    if pixel_range not in presets:
        return None
    changes = {"channels": "bgr" if pixels.startswith("bgr") else "rgb"}
    reason = f"the file's metadata says pixels of {pixel_range}"
    return Evidence(
        presets[pixel_range], f"{reason}, {pixels}" if pixels else reason, True, changes
    )


def _ultralytics(facts):
    if "ultralytics" not in facts.metadata.get("author", "").lower():
        return None
    reason = "the file's metadata names Ultralytics, whose networks take RGB from 0 to 1"
    return Evidence("zero-one", reason, True)


def _mean_and_std(facts):
    mean = _numbers(facts, "image_mean", "image.mean", "img_mean", "mean", "norm_mean")
    std = _numbers(facts, "image_std", "image.std", "img_std", "std", "norm_std")
    if mean is None and std is None:
        return None
    mean, std = mean or (0.0,), std or (1.0,)
    if any(len(v) not in (1, facts.channel_count) for v in (mean, std)) or 0 in std:
        return None
    raw = max(map(abs, mean)) > 2 or max(std) > 2
    order = " ".join(
        facts.metadata.get(key, "").lower()
        for key in ("color_space", "colorspace", "channel_order", "input_space", "image.colorspace")
    )
    changes = {"mean": mean, "std": std, "channels": "bgr" if "bgr" in order else "rgb"}
    if raw and np.dtype(facts.dtype).kind == "f":
        return Evidence(
            "raw", "the file's metadata gives mean and deviation for 0..255", True, changes
        )
    imagenet = np.allclose(mean, (0.485, 0.456, 0.406), atol=0.01)
    preset = "imagenet" if imagenet and not raw else "zero-one"
    return Evidence(preset, "the file's metadata gives mean and deviation for 0..1", True, changes)


def _numbers(facts, *keys):
    for key in keys:
        text = facts.metadata.get(key)
        found = re.findall(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?", text) if text else []
        if found and len(found) <= 4:
            return tuple(float(v) for v in found)
    return None


def _by_dtype(facts) -> Evidence | None:
    kind = np.dtype(facts.dtype).kind
    if facts.dtype == "int8":
        return Evidence("int8", "the input is int8, which takes pixels 0..255 minus 128", True)
    if kind in "iu":
        return Evidence(
            "raw", f"the input is {facts.dtype}, which takes pixels 0..255 as they are", True
        )
    return None


def _by_front(facts) -> Evidence | None:
    """Arithmetic with constants before anything else: the graph scales pixels itself."""
    factor, offset, names = 1.0, 0.0, []
    for node in facts.front:
        if node.op_type == "QuantizeLinear":
            return _by_quantisation(node)
        if node.op_type in _MOVES:
            continue
        affine = _affine(node, facts.channel_count)
        if affine is None:
            break
        names.append(node.op_type)
        factor, offset = factor * affine[0], offset * affine[0] + affine[1]
    if not names or np.any(factor == 0):
        return None
    mean, std = np.atleast_1d(-offset / factor), np.atleast_1d(1.0 / np.abs(factor))
    return _by_range(mean, std, "BatchNormalization" in names, " and ".join(dict.fromkeys(names)))


def _by_range(mean, std, learned, names):
    """Which values of x make ``(x - mean) / std`` reasonable."""
    mean, std = np.broadcast_arrays(mean.astype(float), std.astype(float))
    top = float(np.median(mean + 2 * std)) if mean.size < 5 else float((mean + 2 * std).max())
    if learned and np.abs(mean).max() < 0.6 and 0.7 < np.median(std) < 1.6:
        reason = f"the graph begins with {names} over values of mean 0 and deviation 1"
        return Evidence("imagenet", reason, True)
    begins = f"the graph itself begins with {names}"
    if mean.size == 3 and mean.max() > 90 and mean.max() - mean.min() > 10:
        order = "bgr" if mean[0] < mean[2] else "rgb"
        reason = f"{begins}, minus ({', '.join(f'{m:g}' for m in mean)}), so it takes 0..255"
        return Evidence("raw", f"{reason} in {order.upper()} order", True, {"channels": order})
    if top > 30 or float(mean.max()) > 8 and mean.size < 5:
        return Evidence("raw", f"{begins} that fit pixels of 0..255", True)
    if top > 4:
        reason = f"{begins} that fit values of 0..16, as scikit-learn's digits have"
        return Evidence("zero-one", reason, True, {"scale": 16.0})
    if np.abs(mean).max() < 0.1 and 0.3 < np.median(std) < 0.7 and learned:
        return Evidence("minus-one-one", f"{begins} that fit values of -1..1", True)
    return Evidence("zero-one", f"{begins} that fit values of 0..1", True)


def _affine(node, channel_count):
    """``(factor, offset)`` of ``factor * x + offset``, numbers or one a channel; None otherwise."""
    if node.op_type == "ImageScaler":
        scale = float(node.attributes.get("scale", 1.0))
        return scale, np.asarray(node.attributes.get("bias", 0.0), float)
    if node.op_type == "Scaler":
        offset = np.asarray(node.attributes.get("offset", 0.0), float)
        scale = np.asarray(node.attributes.get("scale", 1.0), float)
        return scale, -offset * scale
    if node.op_type == "BatchNormalization":
        if len(node.constants) < 5 or any(c is None for c in node.constants[1:5]):
            return None
        mean, variance = (np.asarray(c, float).ravel() for c in node.constants[3:5])
        std = np.sqrt(variance + float(node.attributes.get("epsilon", 1e-5)))
        return 1.0 / std, -mean / std
    given = [c for c in node.constants if c is not None]
    if node.op_type not in _AFFINE or len(given) != 1 or len(node.constants) != 2:
        return None
    value = np.asarray(given[0], float)
    value = value.ravel() if value.size in (1, channel_count) else np.array([value.mean()])
    first = node.constants[0] is not None
    if node.op_type == "Add":
        return 1.0, value
    if node.op_type == "Sub":
        return (-1.0, value) if first else (1.0, -value)
    if node.op_type == "Mul":
        return value, 0.0
    return None if first or np.any(value == 0) else (1.0 / value, 0.0)


def _by_quantisation(node):
    """The range that a quantised graph allows its input tells what the input was calibrated on."""
    if len(node.constants) < 2 or node.constants[1] is None:
        return None
    scale = float(np.max(node.constants[1]))
    zero = node.constants[2] if len(node.constants) > 2 else None
    signed = zero is not None and np.asarray(zero).dtype == np.int8
    zero = 0.0 if zero is None else float(np.max(zero))
    low, high = ((v - zero) * scale for v in ((-128, 127) if signed else (0, 255)))
    said = f"the graph first quantises its input for values of {low:.3g} to {high:.3g}"
    ranges = {
        "zero-one": (0.0, 1.0), "minus-one-one": (-1.0, 1.0), "imagenet": (-2.12, 2.64),
        "raw": (0.0, 255.0), "caffe": (-123.7, 151.1),
    }  # fmt: skip
    for preset, (bottom, top) in ranges.items():
        room = 0.12 * (top - bottom)
        if abs(low - bottom) < room and abs(high - top) < room:
            return Evidence(preset, f"{said}, those of {preset}", True)
    return None


# -- rules: habits -----------------------------------------------------------------------------

_FAMILIES: tuple[tuple[str, str, str, dict], ...] = (
    ("yolox", "raw", "YOLOX networks take BGR of 0..255", {"channels": "bgr"}),
    ("yunet", "raw", "YuNet takes BGR of 0..255", {"channels": "bgr"}),
    (r"yolo|images_yolo", "zero-one", "YOLO networks take RGB of 0..1", {}),
    (
        r"ultraface|version-rfb|rfb-?320|rfb-?640",
        "raw",
        "UltraFace takes (RGB - 127) / 128",
        {"mean": (127.0,), "std": (128.0,)},
    ),
    (
        "retinaface",
        "caffe",
        "RetinaFace takes BGR of 0..255 minus (104, 117, 123)",
        {"mean": (104.0, 117.0, 123.0)},
    ),
    ("arcface|mobilefacenet", "minus-one-one", "face embeddings take RGB of -1..1", {}),
    (r"efficientnet.?lite", "raw", "EfficientNet-Lite takes (RGB - 127) / 128",
     {"mean": (127.0,), "std": (128.0,)}),
)  # fmt: skip


def _by_family(facts) -> Evidence | None:
    for pattern, preset, reason, changes in _FAMILIES:
        if re.search(pattern, facts.network_name):
            return Evidence(preset, f"its name says so: {reason}", False, changes)
    return None


def _by_exporter(facts) -> Evidence | None:
    grey = facts.channel_count == 1
    if "cntk" in facts.producer:
        return Evidence("raw", "CNTK's networks usually take pixels of 0..255")
    if "caffe" in facts.producer or facts.name.split("/")[-1] == "data_0":
        preset = "raw" if grey else "caffe"
        return Evidence(preset, "networks from Caffe usually take BGR of 0..255 minus its mean")
    if "paddle" in facts.producer and not grey:
        return Evidence("imagenet", "PaddlePaddle's networks usually take ImageNet's normalisation")
    tensorflow = re.search(r"tf2onnx|keras|tensorflow|onnxmltools", facts.producer)
    if not tensorflow:
        return None
    if facts.classes in (1000, 1001) and not grey:
        reason = "TensorFlow's ImageNet classifiers usually take RGB of -1..1"
        return Evidence(
            "minus-one-one", reason, False, {"crop": default_crop("imagenet", facts.size)}
        )
    return Evidence("zero-one", "networks from Keras and TensorFlow usually take 0..1")


def _by_use(facts) -> Evidence | None:
    if facts.channel_count != 3:
        words = "one channel" if facts.channel_count == 1 else f"{facts.channel_count} channels"
        return Evidence("zero-one", f"inputs of {words} usually take 0..1")
    if facts.classes in (1000, 1001):
        return Evidence(
            "imagenet", "classifiers of ImageNet usually take torchvision's normalisation"
        )
    if "pytorch" in facts.producer or "torch" in facts.producer or "mxnet" in facts.producer:
        return Evidence("imagenet", "PyTorch's RGB networks usually take ImageNet's normalisation")
    return Evidence("zero-one", "nothing in the file says what it takes; 0..1 is the most common")


RULES: tuple[Callable[[Facts], Evidence | None], ...] = (
    _by_metadata,
    _by_dtype,
    _by_front,
    _by_family,
    _by_exporter,
    _by_use,
)
