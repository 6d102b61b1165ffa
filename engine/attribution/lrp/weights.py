"""Linear steps with constant weights, and the variants of weights and biases that rules need.

Variants are initializers of the forward model, made before the walk, so that rules and operators
find their shapes as those of any weights.
"""

from dataclasses import dataclass, replace

import numpy as np

_LINEAR = frozenset(("Conv", "ConvTranspose", "Gemm", "MatMul"))


@dataclass(frozen=True)
class Linear:
    """A linear step.

    Attributes
    ----------
    node : engine.network.graph.Node
    data, weights : str
        Which of the node's first two inputs is computed and which is constant.
    bias : str
        ``""`` where there is none, or zeros.
    place : int
        Of the data among the inputs.
    """

    node: object
    data: str
    weights: str
    bias: str
    place: int

    def with_weights(self, data, weights, bias=""):
        """The inputs of a node like this one with other data, weights and bias."""
        pair = (data, weights) if self.place == 0 else (weights, data)
        return (*pair, bias) if bias else pair

    def node_with(self, weights):
        """This node with other weights and no bias."""
        return replace(self.node, inputs=self.with_weights(self.data, weights))


def linear_steps(graph):
    """The linear steps of a graph by the output of their node.

    Returns
    -------
    dict of str to Linear
    """
    found = {}
    for node in graph.nodes:
        if node.op_type not in _LINEAR or node.domain:
            continue
        constant = [graph.is_constant(name) for name in node.inputs[:2]]
        if sum(constant) != 1 or (constant[0] and node.op_type != "MatMul"):
            continue
        bias = node.input(2)
        if bias and not graph.is_constant(bias):
            continue
        if bias and not np.any(graph.constant(bias)):
            bias = ""
        place = constant.index(False)
        step = Linear(node, node.inputs[place], node.inputs[1 - place], bias, place)
        found[node.outputs[0]] = step
    return found


VARIANTS = {
    "plus": lambda w: np.maximum(w, 0),
    "minus": lambda w: np.minimum(w, 0),
    "ones": np.ones_like,
    "square": np.square,
}


class Variants:
    """Weights and biases changed by a function, each made once.

    Parameters
    ----------
    graph : engine.network.graph.Graph
    """

    def __init__(self, graph):
        self._graph = graph
        self.made = {}

    def of(self, name, variant, gamma=0.0):
        """The name of a variant of a constant.

        Parameters
        ----------
        name : str
            ``""`` stays ``""``.
        variant : str
            One of `VARIANTS`, or ``"more plus"`` and ``"more minus"``: the values and gamma times
            their positive (negative) part.
        gamma : float
        """
        if not name:
            return ""
        label = f"{name}/lrp/{variant}{gamma or ''}".replace(" ", "-")
        if label not in self.made:
            values = self._graph.constant(name)
            if variant in VARIANTS:
                values = VARIANTS[variant](values)
            else:
                part = VARIANTS[variant.removeprefix("more ")](values)
                values = values + np.asarray(gamma, values.dtype) * part
            self.made[label] = values
        return label

    def add_to(self, model):
        """The model with the variants as initializers; nodes and weights are shared."""
        from onnx import numpy_helper

        copy = type(model)()
        copy.CopyFrom(model)
        for name, values in self.made.items():
            tensor = numpy_helper.from_array(np.ascontiguousarray(values), name)
            copy.graph.initializer.append(tensor)
        return copy
