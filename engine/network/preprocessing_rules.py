"""The rules that guess the preprocessing: each looks at the facts and answers, or says nothing.

They are asked in the order of `RULES`. First facts: metadata, the input's integer type, operators
at the front of the graph that subtract or divide. Then habits: families of networks known by name,
the size of the first weights, exporters, the number of classes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

MOVES = ("Transpose", "Reshape", "Cast", "Identity", "Squeeze", "Unsqueeze", "Flatten")
AFFINE = ("Sub", "Add", "Mul", "Div", "ImageScaler", "Scaler", "BatchNormalization")
IMAGENET_CLASSES = (1000, 1001)
_TOO_SMALL = 0.03


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
        if node.op_type in MOVES:
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
    if top > 40 or float(mean.max()) > 8 and mean.size < 5:
        return Evidence("raw", f"{begins}, which fits pixels of 0..255", True)
    if top > 4:
        reason = f"{begins}, which fits values of 0..16, as scikit-learn's digits have"
        return Evidence("zero-one", reason, True, {"scale": 16.0})
    if np.abs(mean).max() < 0.1 and 0.3 < np.median(std) < 0.7 and learned:
        return Evidence("minus-one-one", f"{begins}, which fits values of -1..1", True)
    return Evidence("zero-one", f"{begins}, which fits values of 0..1", True)


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
    if node.op_type not in AFFINE or len(given) != 1 or len(node.constants) != 2:
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


def _by_weights(facts) -> Evidence | None:
    """A first convolution that pixels of 0..1 could not move was trained on 0..255.

    What its outputs deviate by over pictures of 0..1 follows from the weights and from how alike
    neighbouring pixels of photographs are (deviation 0.25, correlation 0.95 a pixel, 0.92 between
    colours). Where normalisation is folded into it, that is about as large as the biases: 0.1 to 4
    times, measured on 17 networks trained on 0..1 or normalised values; 0.002 to 0.007 times on
    five of six trained on 0..255.
    """
    nodes = [n for n in facts.front if n.op_type not in MOVES]
    if not nodes or nodes[0].op_type != "Conv" or nodes[0].constants[1] is None:
        return None
    weights = np.asarray(nodes[0].constants[1], float)
    if weights.ndim != 4 or weights[0].size > 1000:
        return None
    given = [c for c in nodes[0].constants[2:3] if c is not None]
    if len(nodes) > 1 and nodes[1].op_type == "Add":
        given += [c for c in nodes[1].constants if c is not None]
    if len(nodes) > 1 and nodes[1].op_type == "BatchNormalization":
        given += [np.sqrt(np.maximum(c, 0)) for c in nodes[1].constants[4:5] if c is not None]
    beside = float(np.median(np.abs(given[-1]))) if given else 0.0
    deviation = float(np.median(_deviation(weights)))
    if not beside or deviation > _TOO_SMALL * beside:
        return None
    reason = f"its first convolution is scaled for 0..255: 0..1 would move it by {deviation:.1g}"
    return Evidence("raw", f"{reason}, beside {beside:.1g}")


def _deviation(weights):
    """Standard deviation of a convolution's outputs over photographs of 0..1: float[filters]."""
    filters, channels, rows, columns = weights.shape
    place = np.indices((channels, rows, columns)).reshape(3, -1).T
    apart = place[:, None] - place[None]
    distance = np.hypot(apart[..., 1], apart[..., 2])
    covariance = 0.25**2 * 0.95**distance * np.where(apart[..., 0] == 0, 1.0, 0.92)
    flat = weights.reshape(filters, -1)
    return np.sqrt(np.maximum(np.einsum("fi,ij,fj->f", flat, covariance, flat, optimize=True), 0))


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
    if facts.classes in IMAGENET_CLASSES and not grey:
        if re.search(r"resnet\d+(?!.?v2)|vgg\d", facts.network_name):
            return Evidence("caffe", "ResNet and VGG from Keras usually take what Caffe's take")
        return Evidence("minus-one-one", "TensorFlow's ImageNet classifiers usually take -1..1")
    return Evidence("zero-one", "networks from Keras and TensorFlow usually take 0..1")


def _by_use(facts) -> Evidence | None:
    if facts.channel_count != 3:
        words = "one channel" if facts.channel_count == 1 else f"{facts.channel_count} channels"
        return Evidence("zero-one", f"inputs of {words} usually take 0..1")
    if facts.classes in IMAGENET_CLASSES:
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
    _by_weights,
    _by_exporter,
    _by_use,
)
