"""PyTorch beside `importance`: a published network and autograd, run with the oracles' Python.

``NAME FILE THREADS``: the network is built with seeded weights, written to FILE as ONNX, and then
each line is answered with the seconds of one forward pass and one backward pass by the weights of
every convolution and dense layer, for the score of class 3 by a picture of 224 x 224.
"""

import sys
import time
import warnings

import torch
from torch import nn

from tests.oracles.published import NETWORKS


def main():
    name, path, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    network = NETWORKS[name]().eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            torch.zeros(1, 3, 224, 224),
            path,
            dynamo=False,
            opset_version=17,
            input_names=["x"],
            output_names=["y"],
        )
    kinds = (nn.Conv2d, nn.Linear)
    weights = [each.weight for each in network.modules() if isinstance(each, kinds)]
    for each in weights:
        each.requires_grad_(True)
    x = torch.randn(1, 3, 224, 224)
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        torch.autograd.grad(network(x)[0, 3], weights)
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
