"""Attribution by Captum and Zennit on small networks; runs in `.oracles` (`make oracles`).

``python -m tests.oracles.attribution`` writes ``tests/oracles/attribution/NAME.onnx`` and
``NAME.npz``: the picture ``x`` and, for each method, what the peer found, as float32.
"""

from pathlib import Path

import captum.attr
import numpy as np
import torch
from torch import nn

from tests.oracles.attribution_networks import NETWORKS, SHAPE, as_onnx, checked, written
from tests.oracles.attribution_networks import made as network_of
from tests.oracles.zennit_alone import (
    Activation,
    AlphaBeta,
    AvgPool,
    Convolution,
    Epsilon,
    Flat,
    Gamma,
    Gradient,
    LayerMapComposite,
    Norm,
    Pass,
    Sum,
    WSquare,
    ZBox,
    ZPlus,
)

FOLDER = Path(__file__).parent / "attribution"
LOW, HIGH = -1.0, 1.0
BASE = [(Activation, Pass()), (Sum, Norm()), (AvgPool, Norm())]


def composites():
    """Zennit's composites by our names; `w-square` without the bias, which takes no part there."""
    either = (Convolution, nn.Linear)

    def everywhere(rule):
        return lambda first: LayerMapComposite([*BASE, *((kind, rule) for kind in either)])

    dense = (nn.Linear, Epsilon())
    return {
        "epsilon=0.001": everywhere(Epsilon(1e-3)),
        "gamma=0.3": everywhere(Gamma(0.3)),
        "alpha-beta=2,1": everywhere(AlphaBeta(2, 1)),
        "z-plus": everywhere(ZPlus()),
        "flat": everywhere(Flat()),
        "w-square": everywhere(WSquare(zero_params="bias")),
        "epsilon-plus": lambda first: LayerMapComposite([*BASE, (Convolution, ZPlus()), dense]),
        "alpha2-beta1": lambda first: LayerMapComposite(
            [*BASE, (Convolution, AlphaBeta(2, 1)), dense]
        ),
        "epsilon-gamma-box": lambda first: FirstComposite(
            first, ZBox(LOW, HIGH), [*BASE, (Convolution, Gamma(0.25)), dense]
        ),
        "z-box": lambda first: FirstComposite(
            first, ZBox(LOW, HIGH), [*BASE, *((kind, ZPlus()) for kind in either)]
        ),
    }


class FirstComposite(LayerMapComposite):
    """Another rule for the step that reads the image."""

    def __init__(self, first, rule, layer_map):
        super().__init__(layer_map)
        self._first, self._rule = first, rule

    def mapping(self, ctx, name, module):
        return self._rule if name == self._first else super().mapping(ctx, name, module)


def folded(network):
    """The same network with BatchNorm in the convolutions before: what we canonise to."""
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    made = network_of(network)
    names = dict(made.names)
    for name, sources in made.names:
        module = getattr(made, name)
        if isinstance(module, nn.BatchNorm2d):
            before = sources[0]
            assert len(names[before]) == 1
            setattr(made, before, fuse_conv_bn_eval(getattr(made, before), module))
            setattr(made, name, nn.Identity())
    return made


def relevances(network, x, target):
    """LRP by Zennit: the relevance starts with the class's score."""
    made = folded(network)
    found = {}
    for rule, composite in composites().items():
        with Gradient(model=made, composite=composite(made.names[0][0])) as attributor:
            score = made(x)[:, target]
            start = torch.zeros(1, made(x).shape[1]).double()
            start[:, target] = score
            _, relevance = attributor(x, start)
        found[f"lrp/{rule}"] = relevance.detach()
    return found


def gradients(network, x, target):
    """Captum's methods."""
    made = network_of(network)
    attr = captum.attr
    found = {
        "gradient": attr.Saliency(made).attribute(x, target=target, abs=False),
        "input-x-gradient": attr.InputXGradient(made).attribute(x, target=target),
        "integrated-gradients": attr.IntegratedGradients(made).attribute(
            x, target=target, n_steps=64, method="riemann_middle"
        ),
    }
    layer = {"plain": "n6", "residual": "relu_b", "mixed": "join"}[network]
    cam = attr.LayerGradCam(made, getattr(made, layer)).attribute(
        x, target=target, relu_attributions=True
    )
    found["grad-cam"] = nn.functional.interpolate(
        cam, SHAPE[2:], mode="bilinear", align_corners=False
    )
    if network != "mixed":  # Captum replaces the rule of nn.ReLU alone
        found["deconvnet"] = attr.Deconvolution(made).attribute(x, target=target)
        made = network_of(network)
        found["guided"] = attr.GuidedBackprop(made).attribute(x, target=target)
        made = network_of(network)
        unit = attr.NeuronDeconvolution(made, getattr(made, "n5" if network == "plain" else "b3"))
        found["deconvnet-unit"] = unit.attribute(x, neuron_selector=(4, 3, 2))
        made = network_of(network)
        unit = attr.NeuronGuidedBackprop(made, getattr(made, "n5" if network == "plain" else "b3"))
        found["guided-unit"] = unit.attribute(x, neuron_selector=(4, 3, 2))
    return found


def write(name):
    """One network's file and reference values."""
    network = network_of(name)
    x = np.random.default_rng(5).uniform(LOW, HIGH, SHAPE)
    model = as_onnx(network)
    scores = checked(network, model, x)
    target = int(scores.argmax())
    given = torch.from_numpy(x.astype(np.float32)).double()
    found = gradients(name, given.clone().requires_grad_(), target)
    found |= relevances(name, given.clone().requires_grad_(), target)
    FOLDER.mkdir(exist_ok=True)
    written(model, FOLDER / f"{name}.onnx")
    arrays = {key: value.detach().numpy().astype(np.float32) for key, value in found.items()}
    np.savez_compressed(
        FOLDER / f"{name}.npz", x=x.astype(np.float32), target=target, score=scores.max(), **arrays
    )
    for key, value in arrays.items():
        print(f"{name} {key}: sum {value.sum():.5g}, largest {np.abs(value).max():.5g}")


if __name__ == "__main__":
    for each in NETWORKS:
        write(each)
