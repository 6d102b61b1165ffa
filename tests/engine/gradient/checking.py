"""The backward graph of a small model, and every value of its forward pass."""

import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from engine.gradient.backward import Backward


def every_value(model, inputs):
    """Inputs and every tensor that a node makes, by the reference evaluator."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    names = [name for node in exposed.graph.node for name in node.output if name]
    exposed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    found = ReferenceEvaluator(exposed).run(names, inputs)
    return dict(inputs) | dict(zip(names, found, strict=True))


def backward_model(forward, seeds, wanted, *, rules=None, per_sample=False):
    """A model of forward and backward pass; seeds are inputs named ``seed/TENSOR``.

    Returns the model and the names of the gradients, None where none arrives.
    """
    back = Backward(forward, rules, per_sample=per_sample)
    found = back.run({name: f"seed/{name}" for name in seeds}, wanted)
    model = onnx.ModelProto()
    model.CopyFrom(forward.model)
    model.graph.node.extend(back.emitter.nodes)
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in back.emitter.constants.items()
    )
    for name in seeds:
        model.graph.input.append(
            helper.make_tensor_value_info(f"seed/{name}", onnx.TensorProto.DOUBLE, None)
        )
    del model.graph.output[:]
    names = dict.fromkeys(name for name in found.values() if name)
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return model, found
