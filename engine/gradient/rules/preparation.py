"""Gradients of operators that prepare data inside a file: ai.onnx.ml and old experimental ones."""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.movement import widened


@rule("Scaler", domain="ai.onnx.ml")
def scaler(back, node, gradients):
    """y = (x - offset) scale, so dx = dy scale."""
    x = node.inputs[0]
    scale = np.asarray(node.attributes.get("scale", (1.0,)), np.float32)
    return [back.op("Mul", gradients[0], back.number(scale, x))]


@rule("ImageScaler")
def image_scaler(back, node, gradients):
    """y = scale x + bias of the channel, so dx = dy scale."""
    scale = back.number(node.attributes.get("scale", 1.0), node.inputs[0])
    return [back.op("Mul", gradients[0], scale)]


@rule("Affine")
def affine(back, node, gradients):
    """y = alpha x + beta, so dx = dy alpha."""
    alpha = back.number(node.attributes.get("alpha", 1.0), node.inputs[0])
    return [back.op("Mul", gradients[0], alpha)]


@rule("Crop")
def crop(back, node, gradients):
    """The middle of a map (border: left, top, right, bottom): zeros around dy."""
    left, top = node.attributes["border"][:2]
    height, width = back.sizes(node.outputs[0])[2:]
    return [widened(back, gradients[0], node.inputs[0], {2: (top, height), 3: (left, width)})]
