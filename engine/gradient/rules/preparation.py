"""Gradients of what prepares data inside a file: the one operator of ai.onnx.ml that does."""

import numpy as np

from engine.gradient.rules import rule


@rule("Scaler", domain="ai.onnx.ml")
def scaler(back, node, gradients):
    """y = (x - offset) scale, so dx = dy scale."""
    x = node.inputs[0]
    scale = np.asarray(node.attributes.get("scale", (1.0,)), np.float32)
    return [back.op("Mul", gradients[0], back.number(scale, x))]
