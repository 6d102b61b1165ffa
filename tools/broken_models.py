"""Small working networks, and model files that are no networks at all, from a seed.

Every case is a name and a function that writes files into an empty folder and returns the path to
open. The same seed gives the same cases on every machine that has the same base networks.
"""

import gzip
import io
import os
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LAMELLA_SHARED", ROOT.parent / "shared")) / "models"
LARGEST_BASE = 320_000


def base_networks():
    """Small working networks to damage: built here, the samples, and real ones beside us.

    Returns
    -------
    dict of str to bytes
    """
    bases = {"plain": plain(), "branches": branches(), "quantised": quantised(), "loop": looping()}
    facts = tomllib.loads((ROOT / "tests" / "models.toml").read_text(encoding="utf-8"))
    found = sorted((ROOT / "samples").glob("*/*.onnx")) + sorted(SHARED.glob("*.onnx"))
    for path in found:
        works = "hostile" not in facts.get(path.name, {})
        if works and path.stat().st_size <= LARGEST_BASE:
            bases[path.stem] = path.read_bytes()
    return bases


def _weights(random, name, *shape):
    values = random.normal(size=shape) / max(1, np.prod(shape[1:])) ** 0.5
    return numpy_helper.from_array(values.astype(np.float32), name)


def _model(nodes, shape, outputs, weights, opset=17):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "base",
        [value("image", TensorProto.FLOAT, shape)],
        [value(name, TensorProto.FLOAT, dims) for name, dims in outputs],
        weights,
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def plain(channels=6, size=16):
    """Convolution, BatchNormalization, ReLU, pool, fully connected, Softmax; a free batch."""
    r = np.random.default_rng(1)
    make = helper.make_node
    nodes = [
        make("Conv", ["image", "w1", "b1"], ["c1"], name="conv1", pads=[1, 1, 1, 1]),
        make("BatchNormalization", ["c1", "s", "t", "m", "v"], ["n1"], name="norm"),
        make("Relu", ["n1"], ["r1"], name="relu1"),
        make("MaxPool", ["r1"], ["p1"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        make("Conv", ["p1", "w2"], ["c2"], name="conv2", kernel_shape=[3, 3]),
        make("Relu", ["c2"], ["r2"], name="relu2"),
        make("Flatten", ["r2"], ["f"], name="flat"),
        make("Gemm", ["f", "w3", "b3"], ["scores"], name="dense", transB=1),
        make("Softmax", ["scores"], ["class"], name="softmax"),
    ]
    side = size // 2 - 2
    weights = [
        _weights(r, "w1", channels, 3, 3, 3),
        _weights(r, "b1", channels),
        *(numpy_helper.from_array(np.full(channels, x, np.float32), n)
          for n, x in (("s", 1), ("t", 0), ("m", 0), ("v", 1))),
        _weights(r, "w2", channels, channels, 3, 3),
        _weights(r, "w3", 5, channels * side * side),
        _weights(r, "b3", 5),
    ]  # fmt: skip
    return _model(nodes, ["N", 3, size, size], [("class", ["N", 5])], weights)


def branches():
    """Two branches joined, a Resize, a Reshape whose size is computed, NHWC with Transposes."""
    r = np.random.default_rng(2)
    make = helper.make_node
    nodes = [
        make("Transpose", ["image"], ["x"], perm=[0, 3, 1, 2]),
        make("Conv", ["x", "w1"], ["a"], name="left", pads=[1, 1, 1, 1], strides=[2, 2]),
        make("Conv", ["x", "w2"], ["b"], name="right", strides=[2, 2]),
        make("Resize", ["a", "", "up"], ["a2"], name="up", mode="linear"),
        make("Resize", ["b", "", "up"], ["b2"], name="up2"),
        make("Concat", ["a2", "b2"], ["ab"], name="join", axis=1),
        make("Split", ["ab", "parts"], ["s1", "s2"], axis=1),
        make("Add", ["s1", "s2"], ["sum"], name="add"),
        make("Shape", ["sum"], ["shape"]),
        make("Slice", ["shape", "from", "to"], ["batch"]),
        make("Concat", ["batch", "rest"], ["flat_shape"], axis=0),
        make("Reshape", ["sum", "flat_shape"], ["tokens"], name="tokens"),
        make("ReduceMean", ["tokens"], ["mean"], name="mean", axes=[2], keepdims=0),
        make("MatMul", ["mean", "w3"], ["logits"], name="head"),
    ]
    weights = [
        _weights(r, "w1", 4, 3, 3, 3),
        _weights(r, "w2", 4, 3, 1, 1),
        _weights(r, "w3", 4, 3),
        numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "up"),
        *(numpy_helper.from_array(np.array(v, np.int64), n)
          for n, v in (("parts", [4, 4]), ("from", [0]), ("to", [1]), ("rest", [4, -1]))),
    ]  # fmt: skip
    return _model(nodes, [1, 12, 12, 3], [("logits", [1, 3])], weights)


def quantised():
    """QuantizeLinear and DequantizeLinear around a convolution."""
    r = np.random.default_rng(3)
    make = helper.make_node
    nodes = [
        make("QuantizeLinear", ["image", "sx", "zx"], ["q"]),
        make("DequantizeLinear", ["q", "sx", "zx"], ["d"]),
        make("DequantizeLinear", ["wq", "sw", "zw"], ["wd"]),
        make("Conv", ["d", "wd"], ["c"], name="conv"),
        make("Relu", ["c"], ["r"]),
        make("GlobalAveragePool", ["r"], ["g"], name="pool"),
    ]
    weights = [
        numpy_helper.from_array(np.float32(0.02), "sx"),
        numpy_helper.from_array(np.uint8(0), "zx"),
        numpy_helper.from_array(r.integers(-99, 99, (4, 1, 3, 3)).astype(np.int8), "wq"),
        numpy_helper.from_array(np.float32(0.01), "sw"),
        numpy_helper.from_array(np.int8(0), "zw"),
    ]
    return _model(nodes, ["N", 1, 10, 10], [("g", ["N", 4, 1, 1])], weights)


def looping(count=3):
    """A Loop whose body adds the picture to itself ``count`` times."""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Add", ["carried", "image"], ["next"]),
         helper.make_node("Identity", ["go"], ["go_on"])],
        "body",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []),
         value("carried", TensorProto.FLOAT, None)],
        [value("go_on", TensorProto.BOOL, []), value("next", TensorProto.FLOAT, None)],
    )  # fmt: skip
    nodes = [
        helper.make_node("Loop", ["count", "", "image"], ["looped"], name="loop", body=body),
        helper.make_node("Conv", ["looped", "w"], ["y"], name="conv"),
    ]
    weights = [
        numpy_helper.from_array(np.int64(count), "count"),
        _weights(np.random.default_rng(4), "w", 2, 3, 3, 3),
    ]
    return _model(nodes, [1, 3, 8, 8], [("y", [1, 2, 6, 6])], weights)


# -- whole files -----------------------------------------------------------------------------------


def _file(name, content):
    def write(folder):
        path = folder / name
        path.write_bytes(content)
        return path

    return write


def foreign_files(bases, seed=0):
    """Files that are no networks at all, or only the beginning of one.

    Returns
    -------
    list of (str, callable(Path) -> Path)
    """
    random = np.random.default_rng(seed)
    model = bases["plain"]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("model.onnx", model)
    tensor = numpy_helper.from_array(np.arange(1000.0), "weights").SerializeToString()
    graph = onnx.load_from_string(model).graph.SerializeToString()
    contents = {
        "empty": b"",
        "one-byte": b"\x08",
        "text": b"This is no network.\n" * 200,
        "page": b"<!DOCTYPE html><html><body>404: Not Found</body></html>",
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        "json": b'{"format": "layers-model", "modelTopology": {}}',
        "picture": b"\x89PNG\r\n\x1a\n" + random.bytes(500),
        "zip": zipped.getvalue(),
        "gzip": gzip.compress(model),
        "pickle": b"\x80\x04cos\nsystem\n(S'touch /tmp/lamella-was-here'\ntR.",
        "zeros": bytes(4096),
        "ones": b"\xff" * 4096,
        "tensor": tensor,
        "graph": graph,
        "hdf5": b"\x89HDF\r\n\x1a\n" + random.bytes(2000),
        "long-length": b"\x08\x08\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + model[:200],
        "two-gigabyte-claim": b"\x08\x08\x3a\xff\xff\xff\xff\x07" + model[:200],
        "deep-groups": b"\x3b" * 5000,
        "deep-messages": _nested(4000),
    }
    for size in (10, 1000, 100_000):
        contents[f"random-{size}"] = random.bytes(size)
    for part in (0.02, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999):
        contents[f"truncated-{part}"] = model[: int(len(model) * part)]
    contents["truncated-by-one"] = model[:-1]
    contents["twice"] = model + model
    cases = [(name, _file(f"{name}.onnx", content)) for name, content in contents.items()]
    return [*cases, ("folder", _folder), ("absent", lambda folder: folder / "absent.onnx")]


def _nested(depth):
    """A graph inside an attribute of a node of a graph ... so deep that a stack may end."""
    inner = b""
    for _ in range(depth):
        attribute = b"\x0a\x01g" + _field(6, inner) + b"\xa0\x01\x05"
        inner = _field(1, _field(5, attribute))
        if len(inner) > 1 << 20:
            break
    return b"\x08\x08" + _field(7, inner)


def _field(number, content):
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _folder(folder):
    path = folder / "folder.onnx"
    path.mkdir()
    return path
