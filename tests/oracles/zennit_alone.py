"""What is used of Zennit, imported where torchvision may be missing; runs in `.oracles`."""

from tests.oracles.published import without_torchvision

without_torchvision()

from zennit.attribution import Gradient  # noqa: E402
from zennit.composites import EpsilonGammaBox, EpsilonPlus, LayerMapComposite  # noqa: E402
from zennit.layer import Sum  # noqa: E402
from zennit.rules import (  # noqa: E402
    AlphaBeta,
    Epsilon,
    Flat,
    Gamma,
    Norm,
    Pass,
    WSquare,
    ZBox,
    ZPlus,
)
from zennit.torchvision import ResNetCanonizer, VGGCanonizer  # noqa: E402
from zennit.types import Activation, AvgPool, Convolution  # noqa: E402

__all__ = [
    "Activation",
    "AlphaBeta",
    "AvgPool",
    "Convolution",
    "Epsilon",
    "EpsilonGammaBox",
    "EpsilonPlus",
    "Flat",
    "Gamma",
    "Gradient",
    "LayerMapComposite",
    "Norm",
    "Pass",
    "ResNetCanonizer",
    "Sum",
    "VGGCanonizer",
    "WSquare",
    "ZBox",
    "ZPlus",
]
