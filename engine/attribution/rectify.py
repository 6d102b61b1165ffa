"""DeconvNet and guided backpropagation: other rules at the activation functions, nothing else.

DeconvNet (Zeiler and Fergus 2014) lets through what is positive of what comes back, whatever went
forward; guided backpropagation (Springenberg et al. 2015) that times the function's derivative.
Both are defined for Relu, LeakyRelu and Clip(0, c); at another activation function they end.
"""

from engine.errors import InputError
from engine.gradient.chain import clip_bounds
from engine.gradient.rules import rule_of

_RECTIFIERS = frozenset(("Relu", "LeakyRelu", "Clip"))
_OTHERS = frozenset(
    "PRelu Sigmoid HardSigmoid Tanh Elu Selu Celu Softplus Softsign ThresholdedRelu Shrink Erf "
    "Gelu FastGelu QuickGelu HardSwish Mish Swish".split()
)


def rectifying_rules(method, quantised=False):
    """The rules of a method, for `Backward(rules=...)`.

    Parameters
    ----------
    method : {"deconvnet", "guided"}
    quantised : bool
        Whether a Clip may only limit real numbers to the range of integers: the gradient's rule.

    Returns
    -------
    callable
        ``function(node)`` that gives a rule or None.

    Notes
    -----
    The rule of another activation function raises `InputError`, which names the node.
    """
    rectified = _deconvnet if method == "deconvnet" else _guided

    def rule(back, node, gradients):
        if node.op_type == "Clip" and clip_bounds(back.graph, node)[0] != 0:
            if quantised:
                return rule_of(node)(back, node, gradients)
            raise _undefined(method, node, back.graph.path)
        return rectified(back, node, gradients)

    def refuse(back, node, gradients):
        raise _undefined(method, node, back.graph.path)

    def choose(node):
        if node.op_type in _RECTIFIERS and not node.domain:
            return rule
        return refuse if node.op_type in _OTHERS else None

    return choose


def _positive(back, gradient):
    return back.op("Relu", gradient)


def _deconvnet(back, node, gradients):
    return [_positive(back, gradients[0])]


def _guided(back, node, gradients):
    return rule_of(node)(back, node, [_positive(back, gradients[0])])


def _undefined(method, node, path):
    name = "DeconvNet" if method == "deconvnet" else "guided backpropagation"
    return InputError(
        f"{name} is not defined for {node.op_type} (node {node.name or node.outputs[0]!r})",
        where=path,
        expected="Relu, LeakyRelu or Clip(0, .) between the input and the target",
        remedy="take the gradient, integrated gradients or lrp",
    )
