"""What each ONNX operator does to a network's values: mixes, moves, scales, activates.

One table for the whole engine. Operators are named without their domain; com.microsoft's and the
quantised ones stand beside the standard ones they stand for.
"""


def _set(text):
    return frozenset(text.split())


CONVOLUTIONS = _set("Conv ConvInteger QLinearConv FusedConv NhwcConv NhwcFusedConv DeformConv")
TRANSPOSED_CONVOLUTIONS = _set("ConvTranspose QLinearConvTranspose ConvTransposeWithDynamicPads")
PRODUCTS = _set(
    "MatMul MatMulInteger QLinearMatMul FusedMatMul MatMulIntegerToFloat DynamicQuantizeMatMul "
    "MatMulNBits MatMulBnb4 FusedMatMulActivation TransposeMatMul"
)
GENERAL_PRODUCTS = _set("Gemm QGemm FusedGemm GemmFastGelu GemmFloat8")
LINEAR_MODELS = _set("LinearClassifier LinearRegressor")

WINDOW_POOLS = _set(
    "MaxPool AveragePool LpPool QLinearAveragePool NhwcMaxPool MaxpoolWithMask MaxRoiPool RoiAlign"
)
GLOBAL_POOLS = _set("GlobalAveragePool GlobalMaxPool GlobalLpPool QLinearGlobalAveragePool")
REDUCTIONS = _set(
    "ReduceMean ReduceMax ReduceMin ReduceSum ReduceProd ReduceL1 ReduceL2 ReduceLogSum "
    "ReduceLogSumExp ReduceSumSquare QLinearReduceMean"
)

NORMALISATIONS = _set(
    "BatchNormalization LayerNormalization InstanceNormalization GroupNormalization GroupNorm LRN "
    "LpNormalization MeanVarianceNormalization RMSNormalization SimplifiedLayerNormalization "
    "SkipLayerNormalization SkipSimplifiedLayerNormalization SkipGroupNorm Normalizer"
)
SOFTMAXES = _set("Softmax LogSoftmax Hardmax QLinearSoftmax BiasSoftmax")
ATTENTIONS = _set(
    "Attention MultiHeadAttention QAttention GroupQueryAttention PackedAttention "
    "PackedMultiHeadAttention DecoderMaskedMultiHeadAttention LinearAttention LongformerAttention "
    "QOrderedAttention DecoderAttention"
)
RECURRENT = _set("LSTM GRU RNN DynamicQuantizeLSTM")
RESIZES = _set("Resize Upsample")

SUMS = _set("Add Sub Sum Mean QLinearAdd")
MULTIPLICATIONS = _set("Mul Div QLinearMul")
EXTREMES = _set("Max Min")

ACTIVATIONS = _set(
    "Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid Tanh Softplus Softsign ThresholdedRelu "
    "Clip HardSwish Mish Gelu Swish FastGelu QuickGelu BiasGelu BiasSplitGelu Shrink Erf "
    "QLinearLeakyRelu QLinearSigmoid ScaledTanh ParametricSoftplus SimplifiedGelu"
)
"""Activation functions: absorbed by the layer before them, layers of their own elsewhere."""

FUNCTIONS = _set("Exp Log Sqrt Abs Sin Cos Tan Neg Reciprocal Pow Floor Ceil Round Sign Atan Asinh")
"""Functions of one value that are activation functions only right behind a layer's main node."""

# Functions of one value that make a combination of arms an activation function (x · sigmoid(x)).
BENDING = _set(
    "Sigmoid HardSigmoid Tanh Erf Softplus Clip Relu LeakyRelu Exp Max Min QLinearSigmoid"
)

QUANTISERS = _set("QuantizeLinear DequantizeLinear")

PASSING = _set("Identity Dropout")

MOVEMENTS = _set(
    "Reshape Transpose Slice Cast CastLike Gather GatherND GatherElements Pad Squeeze Unsqueeze "
    "Split Flatten Identity Dropout Shape Size Expand Tile DepthToSpace SpaceToDepth "
    "ConstantOfShape Range Constant Crop QuantizeLinear DequantizeLinear DynamicQuantizeLinear "
    "Where ScatterND ScatterElements Scatter Compress ReverseSequence OneHot EyeLike ZipMap "
    "ArrayFeatureExtractor TopK ArgMax ArgMin NonMaxSuppression Trilu Unique NonZero "
    "SequenceConstruct SequenceAt SequenceInsert SequenceErase SequenceEmpty SequenceLength "
    "SplitToSequence ConcatFromSequence Optional OptionalGetElement OptionalHasElement BitShift "
    "Bitcast ReorderInput ReorderOutput FeatureVectorizer Binarizer LabelEncoder Scaler "
    "ImageScaler Affine Equal Less Greater LessOrEqual GreaterOrEqual And Or Not Xor IsNaN IsInf "
    "Mod Bernoulli RandomNormalLike RandomUniformLike StringNormalizer CenterCropPad"
)
"""Data movement, scaling by constants, decisions and bookkeeping: part of no layer."""

# Results do not depend on the values of the input, only on its shape: data ends here.
SHAPE_ONLY = _set("Shape Size EyeLike")

# Operators that define their first input and output as batch, channels, positions.
CHANNELS_FIRST = _set(
    "Conv ConvInteger QLinearConv FusedConv DeformConv ConvTranspose QLinearConvTranspose "
    "BatchNormalization LRN DepthToSpace SpaceToDepth GridSample MaxUnpool MaxRoiPool ImageScaler "
    "Affine Crop"
)

CHANNELS_LAST = _set("NhwcConv NhwcFusedConv NhwcMaxPool")

SAME_SHAPE = (
    ACTIVATIONS
    | FUNCTIONS
    | SOFTMAXES
    | QUANTISERS
    | PASSING
    | SUMS
    | MULTIPLICATIONS
    | EXTREMES
    | _set("Cast CastLike Where Pad Slice Resize Upsample Not And Or Equal Less Greater IsNaN Mod")
    | _set("LayerNormalization InstanceNormalization GroupNormalization LpNormalization Trilu")
    | WINDOW_POOLS
    | GLOBAL_POOLS
    | _set("RMSNormalization SimplifiedLayerNormalization SkipLayerNormalization Scaler Normalizer")
    | _set("MeanVarianceNormalization GroupNorm CumSum Expand Tile DynamicQuantizeLinear TopK")
)
"""Operators whose output has the axes of their inputs, aligned at the last as NumPy broadcasts."""


def kind_of(op_type):
    """The kind of layer that an operator with its own meaning makes, or None for the others."""
    return _KINDS.get(op_type)


_KINDS = {
    op: kind
    for kind, ops in {
        "conv": CONVOLUTIONS,
        "conv-transpose": TRANSPOSED_CONVOLUTIONS,
        "linear": GENERAL_PRODUCTS | LINEAR_MODELS,
        "pool": WINDOW_POOLS | GLOBAL_POOLS,
        "norm": NORMALISATIONS,
        "softmax": SOFTMAXES,
        "attention": ATTENTIONS,
        "recurrent": RECURRENT,
        "resize": RESIZES,
        "unpool": _set("MaxUnpool"),
    }.items()
    for op in ops
}
