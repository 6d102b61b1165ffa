"""PyTorch beside `gradient`: published networks and autograd, run with the oracles' Python.

``NAME FILE THREADS``: the network is built with seeded weights, written to FILE as ONNX, and then
each line ``gradient`` is answered with the seconds of one forward and backward pass by the clock
and by the processor, for the score of class 3 by a picture of 224 x 224.
"""

import sys
import time
import warnings

import torch

from tests.oracles.published import NETWORKS


def published(name, path, threads):
    """A network with seeded weights that ask for no gradient, written to a file as ONNX, too."""
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
    return network


def main():
    network = published(*sys.argv[1:])
    x = torch.randn(1, 3, 224, 224, requires_grad=True)
    print("ready", flush=True)
    for _ in sys.stdin:
        clock, processor = time.perf_counter(), time.process_time()
        torch.autograd.grad(network(x)[0, 3], x)
        print(time.perf_counter() - clock, time.process_time() - processor, flush=True)


if __name__ == "__main__":
    main()
