"""PyTorch beside `importance`: a published network and autograd, run with the oracles' Python.

``NAME FILE THREADS``: the network is built with seeded weights, written to FILE as ONNX, and then
each line is answered with the seconds of one forward pass and one backward pass by the weights of
every convolution and dense layer, for the score of class 3 by a picture of 224 x 224.
"""

import sys
import time

import torch
from torch import nn

from tests.benchmarks.gradient_peer import published


def main():
    network = published(*sys.argv[1:])
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
