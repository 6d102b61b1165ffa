"""Bring a model to a newer operator set, without its large weights going through the converter.

ONNX's own converter does the work. It copies whatever it is given several times, so that large
weights stand aside as inputs meanwhile. Three operators of ONNX's first year that ONNX Runtime
still runs, but no operator set has, are written out before: ImageScaler, Affine and Crop.
"""

import numpy as np

from engine.errors import InputError
from engine.network.load import opset_of

LARGE = 4096
"""Initializers of more elements stand aside: no conversion looks at their values."""


def upgrade(model, opset, where):
    """Return a model of this operator set (or its own, where that is newer) that computes the same.

    Parameters
    ----------
    model : onnx.ModelProto
        Without local functions; may be edited.
    opset : int
    where : object
        The file, for messages.

    Returns
    -------
    onnx.ModelProto
        Initializers are no inputs of its graph, and it declares no inner shapes.

    Raises
    ------
    InputError
        Where the converter cannot do it, with its reason.
    """
    constants = {each.name for each in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    del model.graph.value_info[:]
    _write_out_old(model)
    version = opset_of(model)
    if version is None:
        model.opset_import.add(domain="", version=opset)
    elif version < opset:
        model = _converted(model, opset, where)
    model.ir_version = max(model.ir_version, 8)
    return model


def _converted(model, opset, where):
    import onnx
    from onnx import helper, version_converter

    kept, aside = [], []
    for tensor in model.graph.initializer:
        outside = tensor.data_location == tensor.EXTERNAL
        (aside if outside or int(np.prod(tensor.dims)) > LARGE else kept).append(tensor)
    inputs = list(model.graph.input)
    light = onnx.ModelProto()
    light.CopyFrom(_without_initializers(model))
    light.graph.initializer.extend(kept)
    for tensor in aside:
        value = helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
        light.graph.input.append(value)
    light.ir_version = max(light.ir_version, 8)
    try:
        result = version_converter.convert_version(light, opset)
    except (version_converter.ConvertError, RuntimeError, ValueError, TypeError) as fault:
        reason = str(fault).strip().splitlines()
        raise InputError(
            f"its operator set {opset_of(model)} cannot be brought to {opset} "
            f"({reason[-1][:200] if reason else 'the converter failed'})",
            where=where,
            remedy=f"export the network for operator set {opset} or newer",
        ) from None
    result.graph.initializer.extend(aside)
    del result.graph.input[:]
    result.graph.input.extend(inputs)
    del result.graph.value_info[:]
    return result


def _without_initializers(model):
    """The model with an empty list of initializers, copied without them."""
    import onnx

    shell = onnx.ModelProto()
    shell.ir_version = model.ir_version
    shell.opset_import.extend(model.opset_import)
    shell.producer_name, shell.producer_version = model.producer_name, model.producer_version
    shell.graph.name = model.graph.name or "network"
    shell.graph.node.extend(model.graph.node)
    shell.graph.input.extend(model.graph.input)
    shell.graph.output.extend(model.graph.output)
    shell.graph.sparse_initializer.extend(model.graph.sparse_initializer)
    return shell


def _write_out_old(model):
    """ImageScaler, Affine and Crop as operators that every set has."""
    if not any(node.op_type in _OLD and node.domain == "" for node in model.graph.node):
        return
    import onnx
    from onnx import numpy_helper

    opset = opset_of(model) or 0
    nodes = []
    for node in model.graph.node:
        if node.op_type not in _OLD or node.domain:
            nodes.append(node)
            continue
        given = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        new, constants = _OLD[node.op_type](node, given, opset)
        nodes += new
        model.graph.initializer.extend(
            numpy_helper.from_array(value, name) for name, value in constants.items()
        )
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def _scaled(node, scale, bias):
    from onnx import helper

    out = node.output[0]
    names = [f"{out}/scale", f"{out}/bias"]
    nodes = [
        helper.make_node("Mul", [node.input[0], names[0]], [f"{out}/scaled"], f"{out}/scaled"),
        helper.make_node("Add", [f"{out}/scaled", names[1]], [out], node.name),
    ]
    return nodes, {names[0]: np.float32(scale), names[1]: np.asarray(bias, np.float32)}


def _image_scaler(node, given, opset):
    """y = scale x + bias, a bias for each channel."""
    bias = np.reshape(given.get("bias", [0.0]), (-1, 1, 1))
    return _scaled(node, given.get("scale", 1.0), bias)


def _affine(node, given, opset):
    """y = alpha x + beta."""
    return _scaled(node, given.get("alpha", 1.0), given.get("beta", 0.0))


def _crop(node, given, opset):
    """Border (left, top, right, bottom) cut away, or a window of the size ``scale``."""
    from onnx import helper

    left, top, right, bottom = given["border"]
    starts, far = [top, left], 1 << 31
    if "scale" in given:
        ends = [top + given["scale"][0], left + given["scale"][1]]
    else:
        ends = [-bottom if bottom else far, -right if right else far]
    if opset < 10:
        made = helper.make_node(
            "Slice", [node.input[0]], node.output, node.name, starts=starts, ends=ends, axes=[2, 3]
        )
        return [made], {}
    values = {"starts": starts, "ends": ends, "axes": [2, 3]}
    constants = {f"{node.output[0]}/{k}": np.array(v, np.int64) for k, v in values.items()}
    return [helper.make_node("Slice", [node.input[0], *constants], node.output, node.name)], (
        constants
    )


_OLD = {"ImageScaler": _image_scaler, "Affine": _affine, "Crop": _crop}
