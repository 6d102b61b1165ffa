"""Networks damaged in one place, from a seed: bytes, numbers, names, graphs, outside data."""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tools.broken_models import looping


def mutations(bases, seed, count):
    """``count`` damaged networks.

    Returns
    -------
    list of (str, callable(Path) -> Path)
    """
    names = sorted(bases)
    cases = []
    for index in range(count):
        random = np.random.default_rng([seed, index])
        base = names[int(random.integers(len(names)))]
        kind = KINDS[index % len(KINDS)]
        name = f"{index:03d}-{kind.__name__.strip('_')}-{base}"
        cases.append((name, _mutated(kind, bases[base], random, name)))
    return cases


def _mutated(kind, content, random, name):
    def write(folder):
        path = folder / f"{name}.onnx"
        damaged = kind(content, random, folder)
        path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.SerializeToString())
        return path

    return write


def _some(random, sequence):
    return sequence[int(random.integers(len(sequence)))] if len(sequence) else None


NUMBERS = (0, -1, -7, 1, 2, 1 << 20, 1 << 31, (1 << 31) - 1, 1 << 40, (1 << 62) + 3, -(1 << 63))


def _flipped_bytes(content, random, folder):
    damaged = bytearray(content)
    for place in random.integers(0, len(damaged), int(random.integers(1, 65))):
        damaged[place] ^= int(random.integers(1, 256))
    return bytes(damaged)


def _flipped_head(content, random, folder):
    damaged = bytearray(content)
    for place in random.integers(0, min(400, len(damaged)), int(random.integers(1, 9))):
        damaged[place] = int(random.integers(0, 256))
    return bytes(damaged)


def _cut_out(content, random, folder):
    start = int(random.integers(0, len(content)))
    return content[:start] + content[start + int(random.integers(1, 300)) :]


def _put_in(content, random, folder):
    start = int(random.integers(0, len(content)))
    return content[:start] + random.bytes(int(random.integers(1, 300))) + content[start:]


def _weight_dims(content, random, folder):
    model = onnx.load_from_string(content)
    tensor = _some(random, model.graph.initializer)
    if tensor is None:
        return _flipped_bytes(content, random, folder)
    if len(tensor.dims) and random.random() < 0.8:
        tensor.dims[int(random.integers(len(tensor.dims)))] = int(_some(random, NUMBERS))
    else:
        tensor.dims.extend([int(_some(random, NUMBERS))] * int(random.integers(1, 70)))
    return model


def _weight_data(content, random, folder):
    model = onnx.load_from_string(content)
    tensor = _some(random, model.graph.initializer)
    if tensor is None:
        return _cut_out(content, random, folder)
    choice = int(random.integers(4))
    if choice == 0:
        tensor.raw_data = tensor.raw_data[: len(tensor.raw_data) // 2]
    elif choice == 1:
        tensor.raw_data = tensor.raw_data + random.bytes(13)
    elif choice == 2:
        tensor.raw_data = b"\xff\xff\xff\x7f" * (len(tensor.raw_data) // 4)
    else:
        tensor.float_data.extend([1.0, 2.0, 3.0])
    return model


def _weight_type(content, random, folder):
    model = onnx.load_from_string(content)
    tensor = _some(random, model.graph.initializer)
    if tensor is not None:
        tensor.data_type = int(random.integers(0, 30))
    return model


def _attribute_number(content, random, folder):
    model = onnx.load_from_string(content)
    found = [a for n in model.graph.node for a in n.attribute if len(a.ints) or a.HasField("i")]
    attribute = _some(random, found)
    if attribute is None:
        return _weight_dims(content, random, folder)
    number = int(_some(random, NUMBERS))
    if len(attribute.ints):
        choice = random.random()
        if choice < 0.6:
            attribute.ints[int(random.integers(len(attribute.ints)))] = number
        elif choice < 0.8:
            attribute.ints.extend([number] * int(random.integers(1, 5)))
        else:
            del attribute.ints[:]
    else:
        attribute.i = number
    return model


def _attribute_kind(content, random, folder):
    model = onnx.load_from_string(content)
    attribute = _some(random, [a for n in model.graph.node for a in n.attribute])
    if attribute is None:
        return _cut_out(content, random, folder)
    choice = int(random.integers(4))
    if choice == 0:
        attribute.type = int(random.integers(0, 15))
    elif choice == 1:
        attribute.name = _some(random, ("", "kernel_shape", "x" * 1000, "axis", "body"))
    elif choice == 2:
        attribute.s = b"\xff\xfe not text \x00"
        attribute.type = onnx.AttributeProto.STRING
    else:
        attribute.ref_attr_name = "outside"
    return model


def _renamed(content, random, folder):
    model = onnx.load_from_string(content)
    node = _some(random, model.graph.node)
    names = [name for n in model.graph.node for name in (*n.input, *n.output)]
    names += ["", "nothing", "a\nb", "\x1b[31mred", "n" * 50_000, "../../etc/passwd"]
    side = node.input if random.random() < 0.5 and len(node.input) else node.output
    if len(side):
        side[int(random.integers(len(side)))] = _some(random, names)
    if random.random() < 0.3:
        node.name = _some(random, names)
    return model


def _removed_node(content, random, folder):
    model = onnx.load_from_string(content)
    del model.graph.node[int(random.integers(len(model.graph.node)))]
    return model


def _removed_weight(content, random, folder):
    model = onnx.load_from_string(content)
    if len(model.graph.initializer):
        del model.graph.initializer[int(random.integers(len(model.graph.initializer)))]
    return model


def _other_operator(content, random, folder):
    model = onnx.load_from_string(content)
    node = _some(random, model.graph.node)
    kinds = ("", "Conv", "Gemm", "Nothing", "Loop", "If", "Einsum", "Reshape", "NonZero", "Resize")
    node.op_type = _some(random, kinds)
    if random.random() < 0.2:
        node.domain = _some(random, ("ai.onnx.ml", "com.example", "com.microsoft", "\x00"))
    return model


def _cycle(content, random, folder):
    model = onnx.load_from_string(content)
    node = _some(random, model.graph.node)
    later = model.graph.node[-1]
    if len(node.input) and len(later.output):
        node.input[0] = later.output[0]
    return model


def _double(content, random, folder):
    model = onnx.load_from_string(content)
    node = _some(random, model.graph.node)
    copy = model.graph.node.add()
    copy.CopyFrom(node)
    if random.random() < 0.5 and len(model.graph.initializer):
        model.graph.initializer.add().CopyFrom(_some(random, model.graph.initializer))
    return model


def _input_shape(content, random, folder):
    model = onnx.load_from_string(content)
    value = _some(random, model.graph.input)
    shape = value.type.tensor_type.shape
    choice = random.random()
    if choice < 0.6 and len(shape.dim):
        dimension = _some(random, shape.dim)
        dimension.Clear()
        dimension.dim_value = int(_some(random, NUMBERS))
    elif choice < 0.7:
        for dimension in shape.dim:
            dimension.Clear()
            dimension.dim_param = "side"
    elif choice < 0.8:
        del shape.dim[:]
    elif choice < 0.9:
        value.type.Clear()
    else:
        value.type.tensor_type.elem_type = int(random.integers(0, 25))
    return model


def _ends(content, random, folder):
    model = onnx.load_from_string(content)
    choice = int(random.integers(5))
    if choice == 0:
        del model.graph.output[:]
    elif choice == 1:
        del model.graph.input[:]
    elif choice == 2:
        del model.graph.node[:]
    elif choice == 3:
        model.graph.output[0].name = "nothing makes this"
    else:
        model.graph.output.extend([model.graph.output[0]] * 3)
    return model


def _versions(content, random, folder):
    model = onnx.load_from_string(content)
    choice = int(random.integers(4))
    if choice == 0:
        del model.opset_import[:]
    elif choice == 1:
        model.opset_import[0].version = int(_some(random, (*NUMBERS, 6, 99)))
    elif choice == 2:
        model.ir_version = int(_some(random, (*NUMBERS, 99)))
    else:
        model.opset_import[0].domain = "com.example"
    return model


def _outside_data(content, random, folder):
    """Weights said to lie in another file: outside of the folder, absent, too short, a device."""
    model = onnx.load_from_string(content)
    tensor = _some(random, [t for t in model.graph.initializer if t.raw_data])
    if tensor is None:
        return _weight_dims(content, random, folder)
    (folder / "weights.bin").write_bytes(tensor.raw_data)
    (folder / "short.bin").write_bytes(tensor.raw_data[:2])
    os.symlink("/etc/passwd", folder / "link.bin")
    os.mkfifo(folder / "pipe.bin")
    places = ("../../../etc/passwd", "/etc/passwd", "/dev/zero", "absent.bin", "short.bin", "", ".",
              "link.bin", "pipe.bin", "weights.bin", "weights.bin\x00.txt", "a/../weights.bin",
              "http://localhost/weights.bin", "C:\\windows\\win.ini", "x" * 5000)  # fmt: skip
    entries = {"location": _some(random, places)}
    if random.random() < 0.5:
        entries["offset"] = _some(random, ("0", "-8", "9999999999999", "many", "1"))
    if random.random() < 0.5:
        entries["length"] = _some(random, ("0", "-8", "9999999999999", "many", "3"))
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    return model


def _metadata(content, random, folder):
    model = onnx.load_from_string(content)
    model.producer_name = _some(random, ("", "\x1b]0;title\x07", "p" * 100_000, "\u202egnp.exe"))
    for _ in range(int(random.integers(1, 50))):
        model.metadata_props.add(key=_some(random, ("", "names", "classes")), value="{'0': " * 99)
    return model


def _endless(content, random, folder):
    """A Loop that never ends in a person's life."""
    return looping(int(_some(random, (1 << 40, -1, 0, 100_000))))


def _recursive_function(content, random, folder):
    """A function that calls itself, or one that calls another twice, thirty deep."""
    model = onnx.load_from_string(content)
    model.opset_import.add(domain="own", version=1)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    make = helper.make_node
    if random.random() < 0.5:
        nodes = [make("f0", ["x"], ["y"], domain="own")]
        model.functions.append(helper.make_function("own", "f0", ["x"], ["y"], nodes, opsets))
    else:
        for i in range(30):
            inner = f"f{i + 1}"
            nodes = [make(inner, [a], [b], domain="own") for a, b in ("xm", "my")]
            function = helper.make_function("own", f"f{i}", ["x"], ["y"], nodes, opsets)
            model.functions.append(function)
        nodes = [make("Relu", ["x"], ["y"])]
        model.functions.append(helper.make_function("own", "f30", ["x"], ["y"], nodes, opsets))
    node = model.graph.node[0]
    node.op_type, node.domain = "f0", "own"
    return model


def _huge_result(content, random, folder):
    """A node that makes far more than memory holds."""
    model = onnx.load_from_string(content)
    if not len(model.graph.input):
        return model
    size = int(_some(random, (1 << 34, 1 << 40)))
    model.graph.initializer.append(numpy_helper.from_array(np.array([size], np.int64), "huge"))
    model.graph.node.append(helper.make_node("ConstantOfShape", ["huge"], ["vast"], name="vast"))
    model.graph.output.append(helper.make_empty_tensor_value_info("vast"))
    return model


def _not_finite(content, random, folder):
    """Weights of NaN and infinity: a working study is expected."""
    model = onnx.load_from_string(content)
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and tensor.raw_data:
            values = np.frombuffer(tensor.raw_data, np.float32).copy()
            chosen = random.random(values.size) < 0.05
            values[chosen] = _some(random, (np.nan, np.inf, -np.inf, 3e38))
            tensor.raw_data = values.tobytes()
    return model


KINDS = (
    _flipped_bytes, _flipped_head, _cut_out, _put_in, _weight_dims, _weight_data, _weight_type,
    _attribute_number, _attribute_kind, _renamed, _removed_node, _removed_weight, _other_operator,
    _cycle, _double, _input_shape, _ends, _versions, _outside_data, _metadata, _endless,
    _recursive_function, _huge_result, _not_finite,
)  # fmt: skip
