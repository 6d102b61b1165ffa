"""Train a small convolutional network and write it, with its checkpoints, as ONNX files.

Needs PyTorch, which the program itself never does: run the two `train.py` scripts beside this
file in the environment that `make oracles` makes. The ONNX files are written node by node, so
that their names are those a person would choose.
"""

import time
from collections import OrderedDict

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 17
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def sequential(steps):
    """A torch module from (name, module) pairs, named as the layers of the ONNX file will be.

    Weights are He-normal, biases zero: deep ReLU networks without normalisation learn only so.
    """
    network = nn.Sequential(OrderedDict(steps))
    for module in network:
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network.to(DEVICE)


def train(
    network,
    images,
    labels,
    *,
    epochs,
    rate,
    batch=64,
    decay=0.0,
    slimming=0.0,
    augment=None,
    seed=0,
):
    """Train in place with Adam and a cosine schedule; yields the epoch after each, and 0 before.

    ``images``: float32[N, C, H, W]; ``labels``: int64[N]; ``decay``: weight decay;
    ``slimming``: the weight of the sum of absolute batch-norm scales, which lets filters die that
    are not needed (Liu et al. 2017, "Learning efficient convolutional networks through network
    slimming").
    """
    scales = [module.weight for module in network if isinstance(module, nn.BatchNorm2d)]
    images, labels = images.to(DEVICE), labels.to(DEVICE)
    network.eval()
    yield 0
    network.train()
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    steps = epochs * (len(images) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=steps)
    for epoch in range(1, epochs + 1):
        started, losses = time.monotonic(), []
        order = torch.randperm(len(images), generator=generator).to(DEVICE)
        for chosen in order[: len(images) // batch * batch].view(-1, batch):
            pictures = images[chosen] if augment is None else augment(images[chosen], generator)
            loss = nn.functional.cross_entropy(network(pictures), labels[chosen])
            loss = loss + slimming * sum(scale.abs().sum() for scale in scales)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        network.eval()
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, {time.monotonic() - started:.0f} s")
        yield epoch
        network.train()


@torch.no_grad()
def accuracy(network, images, labels, batch=256):
    """The fraction of ``images`` whose highest score is their label."""
    right = 0
    for first in range(0, len(images), batch):
        scores = network(images[first : first + batch].to(DEVICE)).cpu()
        right += (scores.argmax(1) == labels[first : first + batch]).sum().item()
    return right / len(images)


def write_onnx(network, path, *, input_shape, classes, name):
    """Write a `sequential` network of convolutions, batch norms, ReLUs, poolings and linear layers.

    ``input_shape``: (channels, rows, columns); the batch is free. That pixels are 0 to 1 stands in
    the file's metadata, by the keys that ONNX has for it (docs/MetadataProps.md of ONNX).
    """
    nodes, weights, tensor = [], [], "image"
    for step, module in network.named_children():
        output = step
        inputs = [tensor]
        for kind, values in parameters_of(module):
            parameter = f"{step}.{kind}"
            weights.append(numpy_helper.from_array(values.detach().cpu().numpy(), parameter))
            inputs.append(parameter)
        operator, attributes = operator_of(module)
        nodes.append(helper.make_node(operator, inputs, [output], name=step, **attributes))
        tensor = output
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", *input_shape])],
        [helper.make_tensor_value_info(tensor, TensorProto.FLOAT, ["N", classes])],
        weights,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
        producer_name="lamella samples",
    )
    pixels = {1: "Gray8", 3: "Rgb8"}[input_shape[0]]
    helper.set_model_props(
        model,
        {"Image.BitmapPixelFormat": pixels, "Image.NominalPixelRange": "Normalized_0_1"},
    )
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(exist_ok=True)
    onnx.save(model, path)


def parameters_of(module):
    """(name, values) of a torch module in the order in which its ONNX operator takes them."""
    if isinstance(module, nn.BatchNorm2d):
        kinds = ("weight", "bias", "running_mean", "running_var")
        return [(kind, getattr(module, kind)) for kind in kinds]
    return module.named_parameters()


def operator_of(module):
    """The ONNX operator and attributes of one torch module."""
    if isinstance(module, nn.Conv2d):
        rows, columns = module.padding
        pads = [rows, columns, rows, columns]
        return "Conv", {
            "kernel_shape": list(module.kernel_size),
            "strides": list(module.stride),
            "pads": pads,
        }
    if isinstance(module, nn.MaxPool2d):
        return "MaxPool", {
            "kernel_shape": [module.kernel_size] * 2,
            "strides": [module.stride] * 2,
        }
    if isinstance(module, nn.BatchNorm2d):
        return "BatchNormalization", {"epsilon": module.eps}
    if isinstance(module, nn.Linear):
        return "Gemm", {"transB": 1}
    plain = {nn.ReLU: "Relu", nn.Flatten: "Flatten", nn.AdaptiveAvgPool2d: "GlobalAveragePool"}
    return plain[type(module)], {}
