"""Which rule follows receptive fields through which operator, and what a rule is told of its node.

A rule takes an `Operation` and returns the `Field` of every output, or a list with one for each.
What has no rule, or lacks a size that is known only at run time, raises `Undetermined`.
"""

import numpy as np

from engine.network import receptive_field_mixing as mixing
from engine.network import receptive_field_moving as moving
from engine.network.receptive_field_bounds import Undetermined

NO_PIXELS = frozenset(
    "Constant ConstantOfShape EyeLike RandomNormal RandomNormalLike RandomUniform "
    "RandomUniformLike Shape Size".split()
)

_OPERATORS = {
    mixing.unit_by_unit: (
        "Abs Acos Acosh Add Affine And Asin Asinh Atan Atanh BatchNormalization Bernoulli BiasAdd "
        "BiasGelu BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu "
        "Clip Cos Cosh DequantizeLinear Div Dropout DynamicQuantizeLinear Elu Equal Erf Exp "
        "Expand FastGelu Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity "
        "ImageScaler IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not "
        "Or PRelu ParametricSoftplus Pow QLinearAdd QLinearLeakyRelu QLinearMul QLinearSigmoid "
        "QuantizeLinear QuickGelu Reciprocal Relu Round Scale ScaledTanh Scaler Selu Shrink "
        "Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu "
        "Where Xor"
    ),
    mixing.reduction: (
        "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
        "ReduceSum ReduceSumSquare"
    ),
    mixing.along_one_axis: "ArgMax ArgMin TopK",
    mixing.softmax: "Hardmax LogSoftmax QLinearSoftmax Softmax",
    mixing.over_positions: (
        "GlobalAveragePool GlobalLpPool GlobalMaxPool InstanceNormalization "
        "QLinearGlobalAveragePool"
    ),
    mixing.group_normalization: "GroupNormalization",
    mixing.from_axis_on: (
        "LayerNormalization RMSNormalization SimplifiedLayerNormalization SkipLayerNormalization "
        "SkipSimplifiedLayerNormalization"
    ),
    mixing.mean_variance: "MeanVarianceNormalization",
    mixing.lp_normalization: "LpNormalization",
    mixing.local_response: "LRN",
    mixing.cumulative: "CumSum",
    mixing.convolution: "Conv ConvInteger ConvTranspose FusedConv NhwcFusedConv QLinearConv",
    mixing.pooling: "AveragePool LpPool MaxPool NhwcMaxPool QLinearAveragePool",
    mixing.resizing: "Resize Upsample",
    mixing.product: (
        "DynamicQuantizeMatMul FusedMatMul MatMul MatMulInteger MatMulIntegerToFloat MatMulNBits "
        "QGemm QLinearMatMul"
    ),
    mixing.general_product: "FusedGemm Gemm",
    mixing.einsum: "Einsum",
    mixing.attention: "Attention MultiHeadAttention QAttention",
    moving.reshape: "Flatten Reshape Squeeze Unsqueeze",
    moving.transpose: "Transpose",
    moving.concat: "Concat QLinearConcat",
    moving.split: "Split",
    moving.slicing: "Slice",
    moving.crop: "Crop",
    moving.padding: "Pad",
    moving.tile: "Tile",
    moving.gather: "Gather",
    moving.gather_elements: "GatherElements",
    moving.scatter: "Scatter ScatterElements ScatterND",
    moving.depth_to_space: "DepthToSpace",
    moving.space_to_depth: "SpaceToDepth",
}

RULES = {name: rule for rule, names in _OPERATORS.items() for name in names.split()}


class Operation:
    """A node with the shapes, values and fields that its rule needs.

    Parameters
    ----------
    graph : engine.network.graph.Graph
    node : engine.network.graph.Node
    shapes : mapping of str to tuple of int
    values : mapping of str to ndarray
        Small integer tensors at the chosen size.
    fields : dict of str to Field or None
        None: depends on no pixel.
    """

    def __init__(self, graph, node, shapes, values, fields):
        self._graph = graph
        self.node = node
        self.opset = graph.opset if node.domain == "" else 0
        self._shapes = shapes
        self._values = values
        self._fields = fields

    def name(self, index):
        """Name of an input, "" when it is absent."""
        inputs = self.node.inputs
        return inputs[index] if index < len(inputs) else ""

    def field(self, index=0):
        """Field of an input, None for a constant or absent one."""
        name = self.name(index)
        return self._fields.get(name) if name else None

    def shape(self, index=0):
        """Concrete shape of an input."""
        return self._shape(self.name(index))

    def out_shape(self, index=0):
        """Concrete shape of an output."""
        return self._shape(self.node.outputs[index])

    def _shape(self, name):
        shape = self._shapes.get(name)
        if shape is None:
            shape = self._graph.constant_shape(name)
        if shape is None:
            raise Undetermined(f"the shape of {name}")
        return tuple(int(size) for size in shape)

    def get(self, attribute, default=None):
        """An attribute's value."""
        value = self.node.attributes.get(attribute, default)
        return default if value is None else value

    def parameter(self, index, attribute=None):
        """int64[...] value of an input that says what to do, or of the attribute it once was.

        None when neither is there; `Undetermined` when it is only known at run time.
        """
        name = self.name(index)
        if not name:
            value = None if attribute is None else self.get(attribute)
            return None if value is None else np.asarray(value)
        if self._fields.get(name) is not None:
            raise Undetermined(f"{name} depends on the picture")
        value = self._values.get(name)
        if value is None:
            value = self._graph.constant(name)
        if value is None:
            raise Undetermined(f"the value of {name}")
        return np.asarray(value)

    def axis(self, default, rank=None):
        """The attribute `axis`, counted from the front."""
        return int(self.get("axis", default)) % (len(self.shape()) if rank is None else rank)


def fields_after(operation):
    """Fields of a node's outputs: a list with a `Field`, or None, for each."""
    kind = operation.node.op_type
    outputs = len(operation.node.outputs)
    if kind in NO_PIXELS:
        return [None] * outputs
    rule = RULES.get(kind)
    if rule is None:
        raise Undetermined(f"the operator {kind}")
    result = rule(operation)
    return result if isinstance(result, list) else [result] * outputs
