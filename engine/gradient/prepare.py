"""Makes of a network the forward graph for gradients: one operator set, real numbers, float32."""

from engine.gradient import OPSET
from engine.gradient.forward import Forward
from engine.network.load import read_model
from engine.rewrite.dequantise import dequantise, is_quantised
from engine.rewrite.upgrade import upgrade
from engine.rewrite.widen import is_half, widen


def prepare(network):
    """The forward graph of a network.

    Parameters
    ----------
    network : engine.network.network.Network

    Returns
    -------
    Forward
        Weights of a megabyte and more are left where they lie. Tensors keep the file's names;
        those of quantised networks hold real numbers, those in half precision float32.

    Raises
    ------
    InputError
        When the operator set cannot be brought to `OPSET`.
    """
    path = network.graph.path
    model = read_model(path, map_weights=True)
    notes, aliases, dtypes = [], {}, dict(network.dtypes)
    before = {entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")}
    model = upgrade(model, OPSET, path)
    if before and max(before) < OPSET:
        notes.append(f"brought from operator set {max(before)} to {OPSET}")
    if is_half(model):
        aliases |= widen(model)
        halves = ("float16", "bfloat16")
        dtypes = {name: "float32" if d in halves else d for name, d in dtypes.items()}
        dtypes |= dict.fromkeys(aliases, "float16")
        notes.append("computed in float32 instead of the file's half precision")
    if is_quantised(model):
        real, inputs = dequantise(model, path)
        aliases |= inputs
        dtypes |= dict.fromkeys(real, "float32")
        notes.append(
            "quantised: gradients of the real numbers that its integers stand for, limited to "
            "their range, not rounded"
        )
    elif network.input_dtype in _INTEGERS:
        aliases |= _real_input(model, network.image_input)
    return Forward(
        model,
        path,
        network.shapes,
        network.two_shapes if network.batch_is_free else {},
        dtypes,
        batched=_batched(network),
        batch=network.batch,
        notes=notes,
        aliases=aliases,
    )


_INTEGERS = ("uint8", "int8", "uint16", "int16", "int32")


def _batched(network):
    """Tensors whose first axis is the batch, where the file fixes the batch."""
    if network.batch_is_free or network.axes is None:
        return frozenset()
    return frozenset(
        name
        for name, letters in network.axes.letters.items()
        if letters and letters[0] == "N" and network.shapes[name][:1] == (network.batch,)
    )


def _real_input(model, name):
    """Casts of an integer input to floats start from one float tensor: what is wanted."""
    from onnx import helper

    pixels = f"{name}/pixels"
    nodes = [helper.make_node("Cast", [name], [pixels], pixels, to=1)]
    found = False
    for node in model.graph.node:
        if node.op_type == "Cast" and list(node.input) == [name]:
            node.input[0] = pixels
            found = True
        nodes.append(node)
    if not found:
        return {}
    kept = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return {name: pixels}
