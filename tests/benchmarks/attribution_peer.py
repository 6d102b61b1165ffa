"""Captum and Zennit on the networks of the benchmarks; runs in `.oracles`, prints seconds as JSON.

``python -m tests.benchmarks.attribution_peer NETWORK.onnx vgg16|resnet50 WHAT THREADS RUNS``; WHAT
is ``deconvnet`` or ``guided`` (one unit of VGG-16's last convolution) or a composite of LRP.
"""

import json
import sys
import time

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from tests.oracles.published import NETWORKS

UNIT = (200, 6, 7)
"""Channel, row and column of VGG-16's last convolution."""


def network(path, name):
    """The module with the file's weights, layer by layer."""
    made = NETWORKS[name]().eval()
    model = onnx.load(path)
    weights = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    nodes = [n for n in model.graph.node if n.op_type in ("Conv", "Gemm", "BatchNormalization")]
    kinds = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)
    modules = [each for each in made.modules() if isinstance(each, kinds)]
    for module, node in zip(modules, nodes, strict=True):
        values = [torch.from_numpy(weights[key].copy()) for key in node.input[1:]]
        names = ["weight", "bias", "running_mean", "running_var"]
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 1e-5
        for key, value in zip(names, values, strict=False):
            getattr(module, key).data.copy_(value)
    return made


def work(made, name, what):
    """A function of the picture that does it once."""
    if what in ("deconvnet", "guided"):
        return _backprojection(made, what)
    return _relevance(made, name, what)


def _backprojection(made, what):
    import warnings

    import captum.attr

    warnings.simplefilter("ignore")
    for module in made.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    last = [each for each in made.features if isinstance(each, nn.Conv2d)][-1]
    kind = captum.attr.NeuronDeconvolution
    kind = captum.attr.NeuronGuidedBackprop if what == "guided" else kind
    method = kind(made, last)
    return lambda x: method.attribute(x, neuron_selector=UNIT)


def _relevance(made, name, what):
    from tests.oracles.zennit_alone import (
        EpsilonGammaBox,
        EpsilonPlus,
        Gradient,
        ResNetCanonizer,
        VGGCanonizer,
    )

    canonizers = [VGGCanonizer() if name == "vgg16" else ResNetCanonizer()]
    if what == "epsilon-plus":
        composite = EpsilonPlus(canonizers=canonizers)
    else:
        composite = EpsilonGammaBox(low=-2.2, high=2.7, canonizers=canonizers)
    attributor = Gradient(model=made, composite=composite)
    attributor.__enter__()
    start = torch.eye(1000)[[1]]
    return lambda x: attributor(x, start)[1]


def main():
    path, name, what, threads, runs = sys.argv[1:]
    torch.set_num_threads(int(threads))
    once = work(network(path, name), name, what)
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 3, 224, 224), np.float32))
    seconds = []
    for _ in range(1 + int(runs)):
        given = x.clone().requires_grad_()
        started = time.perf_counter()
        once(given)
        seconds.append(time.perf_counter() - started)
    print(json.dumps(seconds[1:]))


if __name__ == "__main__":
    main()
