"""Which methods of attribution explain a network: a line of JSON, for the compatibility board.

Each method runs once, with few steps, on a picture of smooth noise; what matters is whether it
gives a map of numbers or the sentence why not.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

STEPS = {"integrated-gradients": 4, "smoothgrad": 2}
"""Instead of the method's own."""

LIMIT_SECONDS = 600
"""Of one run: networks of 720 x 720 maps, on a busy machine."""


def target_of(network):
    """The first class (before a Softmax, which may be saturated), else the first channel of the
    last layer with weights."""
    if network.scores is not None:
        return "class:0" if network.scores.activation == "none" else "logit:0"
    weighted = [each for each in network.layers if each.kind in ("conv", "linear")]
    return f"{weighted[-1].name}:0"


def picture_of(network):
    """uint8[rows, columns, channels], smooth with some noise."""
    preprocessing = network.preprocessing
    rows, columns = preprocessing.size
    y, x = np.mgrid[0 : 3 : rows * 1j, 0 : 3 : columns * 1j][..., None]
    noise = np.random.default_rng(0).normal(0, 12, (rows, columns, preprocessing.channel_count))
    return (128 + 60 * np.sin(2 * y) * np.cos(3 * x) + noise).clip(0, 255).astype(np.uint8)


def outcome(explainer, inputs, method, target):
    """A map's words, or the sentence why there is none: (bool, str)."""
    from engine.errors import LamellaError

    options = {"steps": STEPS[method]} if method in STEPS else {}
    if method == "occlusion":
        options["square"] = max(1, max(explainer.network.preprocessing.size) // 3)
    try:
        found = explainer.attribute(inputs, method, target, **options)
    except LamellaError as error:
        return False, error.what
    values = np.asarray(found.values)
    if not np.isfinite(values).all():
        return False, "its map is not finite"
    return True, "" if values.any() else "zero everywhere"


def methods_of(path):
    """Every method on one network.

    Returns
    -------
    dict
        ``target``, and ``methods`` with (bool, str) by name; or ``refused``, a sentence.
    """
    import engine
    from engine.attribution import METHODS
    from engine.attribution.explainer import Explainer
    from engine.errors import LamellaError

    try:
        network = engine.open_network(path)
        target = target_of(network)
        with engine.Runner(network.path, seconds=LIMIT_SECONDS) as runner:
            explainer = Explainer(network, runner)
            inputs = network.preprocessing(picture_of(network))
            found = {name: outcome(explainer, inputs, name, target) for name in METHODS}
    except LamellaError as error:
        return {"refused": error.what}
    return {"target": target, "methods": found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    print(json.dumps(methods_of(parser.parse_args().model)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
