"""Networks too big to commit, built with seeded He-normal weights: VGG-16, ResNet-50, a LeNet.

Architectures: Simonyan and Zisserman 2015 (configuration D); He et al. 2016 (bottlenecks, the
stride in the 3 x 3 convolution); LeCun et al. 1998 with 20 and 50 filters and 500 units. The real
sizes, random values: what is timed does not depend on what the weights say.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
VGG16 = (64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool") + (
    512,
    512,
    512,
    "pool",
)
RESNET50 = ((3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2))


class Builder:
    """Adds layers one after the other to an ONNX graph; every method returns its output's name."""

    def __init__(self, seed=0):
        self.random = np.random.default_rng(seed)
        self.nodes = []
        self.weights = []

    def node(self, operator, inputs, name, **attributes):
        """Any operator with one output, named as the node."""
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def weight(self, name, values):
        """A float32 initializer."""
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def he_normal(self, name, shape):
        """Weights of variance 2 / fan in; the fan in is all axes but the first."""
        scale = np.sqrt(2 / np.prod(shape[1:]))
        values = self.random.standard_normal(shape, dtype=np.float32) * np.float32(scale)
        return self.weight(name, values)

    def conv(self, source, name, channels, filters, size, *, stride=1, relu=True, norm=False):
        """A convolution with padding (size - 1) / 2, then batch-norm and ReLU when asked for."""
        inputs = [source, self.he_normal(f"{name}.weight", (filters, channels, size, size))]
        if not norm:
            inputs.append(self.weight(f"{name}.bias", np.zeros(filters)))
        pads, strides = [(size - 1) // 2] * 4, [stride, stride]
        attributes = {"kernel_shape": [size, size], "pads": pads, "strides": strides}
        out = self.node("Conv", inputs, name, **attributes)
        if norm:
            out = self.batch_norm(out, f"{name}_norm", filters)
        return self.node("Relu", [out], f"{name}_relu") if relu else out

    def batch_norm(self, source, name, channels):
        """Batch normalisation with statistics near 0 and 1."""
        parameters = {
            "scale": self.random.uniform(0.4, 0.8, channels),
            "bias": self.random.normal(0, 0.1, channels),
            "mean": self.random.normal(0, 0.1, channels),
            "var": self.random.uniform(0.5, 1.5, channels),
        }
        names = [self.weight(f"{name}.{key}", values) for key, values in parameters.items()]
        return self.node("BatchNormalization", [source, *names], name)

    def pool(self, source, name, size=2, stride=2, padding=0):
        """A maximum pooling."""
        return self.node(
            "MaxPool",
            [source],
            name,
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[padding] * 4,
        )

    def linear(self, source, name, features, units, *, relu=False):
        """A fully connected layer."""
        inputs = [source, self.he_normal(f"{name}.weight", (units, features))]
        inputs.append(self.weight(f"{name}.bias", np.zeros(units)))
        out = self.node("Gemm", inputs, name, transB=1)
        return self.node("Relu", [out], f"{name}_relu") if relu else out

    def save(self, path, input_shape, output, classes):
        """Write the file; the batch is free."""
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", *input_shape])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", classes])],
            self.weights,
        )
        opset = [helper.make_opsetid("", OPSET)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
        return path


def vgg16(path, seed=0):
    """VGG-16 at 224 x 224, 1,000 classes: 138 million parameters."""
    build = Builder(seed)
    out, channels, block, place = "image", 3, 1, 1
    for step in VGG16:
        if step == "pool":
            out = build.pool(out, f"pool{block}")
            block, place = block + 1, 1
        else:
            out = build.conv(out, f"conv{block}_{place}", channels, step, 3)
            channels, place = step, place + 1
    out = build.node("Flatten", [out], "flatten")
    out = build.linear(out, "fc6", 512 * 7 * 7, 4096, relu=True)
    out = build.linear(out, "fc7", 4096, 4096, relu=True)
    return build.save(path, (3, 224, 224), build.linear(out, "fc8", 4096, 1000), 1000)


def resnet50(path, seed=0):
    """ResNet-50 at 224 x 224, 1,000 classes, batch norms as nodes: 25 million parameters."""
    build = Builder(seed)
    out = build.conv("image", "conv1", 3, 64, 7, stride=2, norm=True)
    out = build.pool(out, "pool1", 3, 2, 1)
    channels = 64
    for stage, (blocks, width, stride) in enumerate(RESNET50, start=2):
        for block in range(blocks):
            step = stride if block == 0 else 1
            out = bottleneck(build, out, f"res{stage}_{block + 1}", channels, width, step)
            channels = 4 * width
    out = build.node("GlobalAveragePool", [out], "pool5")
    out = build.node("Flatten", [out], "flatten")
    return build.save(path, (3, 224, 224), build.linear(out, "fc", channels, 1000), 1000)


def bottleneck(build, source, name, channels, width, stride):
    """1 x 1, 3 x 3, 1 x 1 convolutions and the shortcut, added; a ReLU after the sum."""
    out = build.conv(source, f"{name}_a", channels, width, 1, norm=True)
    out = build.conv(out, f"{name}_b", width, width, 3, stride=stride, norm=True)
    out = build.conv(out, f"{name}_c", width, 4 * width, 1, norm=True, relu=False)
    if channels != 4 * width:
        source = build.conv(
            source, f"{name}_shortcut", channels, 4 * width, 1, stride=stride, norm=True, relu=False
        )
    out = build.node("Add", [out, source], name)
    return build.node("Relu", [out], f"{name}_relu")


def lenet(path, seed=0):
    """A LeNet at 28 x 28: 20 and 50 filters of 5 x 5 without padding, 500 units, 10 classes."""
    build = Builder(seed)
    out, channels, side = "image", 1, 28
    for place, filters in enumerate((20, 50), start=1):
        weights = build.he_normal(f"conv{place}.weight", (filters, channels, 5, 5))
        out = build.node("Conv", [out, weights], f"conv{place}", kernel_shape=[5, 5])
        out = build.pool(build.node("Relu", [out], f"conv{place}_relu"), f"pool{place}")
        channels, side = filters, (side - 4) // 2
    out = build.node("Flatten", [out], "flatten")
    out = build.linear(out, "fc1", channels * side * side, 500, relu=True)
    return build.save(path, (1, 28, 28), build.linear(out, "fc2", 500, 10), 10)


def convviz(path, seed=0):
    """Jacquemod 2017, table 1: nine convolutions of 32 filters on 512 x 512 grey, three poolings.

    Averages stand for the dense layers of 32,768 units, which the convolutions do not need.
    """
    build = Builder(seed)
    out, channels = "image", 1
    for block in range(3):
        for place in range(1, 4):
            out = build.conv(out, f"conv{3 * block + place}", channels, 32, 3)
            channels = 32
        out = build.pool(out, f"pool{block + 1}")
    out = build.node("Flatten", [build.node("GlobalAveragePool", [out], "average")], "flatten")
    return build.save(path, (1, 512, 512), build.linear(out, "fc", 32, 250), 250)
