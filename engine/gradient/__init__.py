"""The backward pass of a network, written as an ONNX graph: gradients without a framework.

The walk (`backward.Backward`) starts with the gradients ("seeds") of some tensors and goes through
the nodes against their order. A node's **rule** takes the names of the gradients of its outputs
(None: none came) and emits ONNX nodes that compute the gradients of its inputs; what several
consumers of a tensor send is summed. Only nodes between wanted tensors and seeds are visited.

Writing a rule, in any file of `engine/gradient/rules` (all are found by themselves)::

    @rule("Tanh")
    def tanh(back, node, gradients):
        \"\"\"dx = dy (1 - y^2).\"\"\"
        y = back.forward(node.outputs[0])
        slope = back.op("Sub", back.number(1, y), back.op("Mul", y, y))
        return [back.op("Mul", gradients[0], slope)]

A rule returns one name or None for each input (missing ones at the end count as None), and asks
``back.wants(name)`` before it emits what costs something: weights and data alike are wanted or
not. Operators are those of `OPSET` (18: axes of reductions are inputs). Equal nodes are emitted
once, so what depends on the forward pass alone (masks, switches, slopes) is shared by all targets
if a rule computes it from forward tensors first and multiplies the gradient last.

**Batches and seeds.** ``back.shape(name)`` has None at the axis of the batch, and a number anywhere
else; ``back.sizes(name)`` has the numbers at a batch of one. A gradient has its tensor's shape, but
its batch may be *larger* than the forward pass's: S seeds share one forward pass of batch 1, and
broadcasting does the rest. So: reshape to -1 at the batch (`Backward.reshape`), never Expand a
gradient to the Shape of a forward tensor, never sum over the batch but for constants
(`Backward.unbroadcast`, which leaves the batch in front when gradients of weights are wanted for
every sample).

**Methods** (DeconvNet, guided backpropagation, LRP) are the same walk with other rules:
``Backward(forward, rules={"Relu": guided})`` or ``rules=function(node) -> rule or None``; where
nothing is given, the gradient's rule serves.
"""

OPSET = 18
"""Operator set of what is written; a newer file keeps its own."""
