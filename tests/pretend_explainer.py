"""An explainer that answers at once, or when it is told to, for tests of what asks it."""

import threading
from types import SimpleNamespace

import numpy as np

from engine.attribution.result import Attribution, Check
from engine.errors import InputError
from engine.gradient.differences import Validation
from tests.pretend_engine import PretendEngine, Runner

WEIGHTS = {"conv1": (4, 3, 3, 3), "conv2": (6, 4, 3, 3), "fc": (3, 6)}
"""Shapes of the pretended network's weights, filters first."""


class CountedRunner(Runner):
    """A runner that counts those that live."""

    living = 0

    def __init__(self):
        CountedRunner.living += 1

    def close(self):
        if self.alive:
            CountedRunner.living -= 1
        super().close()


class PretendExplainer:
    """Values that tell what was asked: heat grows to the right, as large as the input's mean."""

    def __init__(self, engine, network, runner):
        self._engine = engine
        self._network = network
        self.runner = runner

    def attribute(self, inputs, method, target, *, keep=(), task=None, **options):
        engine = self._engine
        engine.explained.append((method, target, keep, options))
        while not engine.may_answer.wait(0.01):
            task.check()
        if engine.explanation_fault is not None:
            raise engine.explanation_fault
        if method == "guided":
            raise InputError("no gradient passes through the operator Odd (node 'odd_1')")
        values = np.zeros((1, 3, 8, 8), np.float32)
        values[..., :] = (np.arange(8) - 3.5) * (1 + len(target))
        kept = {}
        if keep == "all":
            for place, layer in enumerate(self._network.layers[:2]):
                kept[layer.name] = np.zeros((1, *layer.output_shape), np.float32)
                kept[layer.name][0, 1] = place - 0.5
        return Attribution(
            method=method, target=target, values=values, layout="NCHW", score=2.0, kept=kept,
            check=Check.of("conservation", 0.002, 1.0) if method == "lrp" else None,
            settings=options, seconds=0.25, notes=("softmax counts as a constant",),
        )  # fmt: skip


class ExplainingEngine(PretendEngine):
    """The pretended engine with an explainer.

    Attributes
    ----------
    explained : list of (method, target, keep, options)
        Everything that was asked.
    may_answer : threading.Event
        While it is not set every question waits.
    explanation_fault : Exception or None
    """

    def __init__(self, certain=True):
        super().__init__(certain)
        self.explained, self.explanation_fault = [], None
        self.may_answer = threading.Event()
        self.may_answer.set()

    def runner(self, path):
        return CountedRunner()

    def explainer(self, network, runner):
        return PretendExplainer(self, network, runner)

    def projector(self, explainer, layers):
        return SimpleNamespace(explainer=explainer, layers=layers, close=lambda: None)

    def weights_of(self, network, layer):
        shape = WEIGHTS.get(layer)
        return None if shape is None else _rising(shape)

    def filters_before(self, explainer, target, layers):
        return tuple(name for name in layers if name in WEIGHTS)

    def weight_gradients(self, explainer, inputs, target, layers, task=None):
        """Rising numbers times the sample's first pixel, the class's number added."""
        self.explained.append(("weights", target, layers, {}))
        while not self.may_answer.wait(0.01):
            task.check()
        if self.explanation_fault is not None:
            raise self.explanation_fault
        factor = float(np.asarray(inputs).flat[0])
        added = float(target[-1])
        return {name: (_rising(WEIGHTS[name]) * factor + added)[None] for name in layers}

    def finite_differences(self, explainer, inputs, target, layer, places, task=None):
        found = self.weight_gradients(explainer, inputs, target, (layer,), task)[layer].ravel()
        computed = found[places].astype(np.float64)
        return Validation(
            places=np.asarray(places), computed=computed, differences=computed * 1.001,
            left=computed, right=computed, kinks=np.zeros(len(places), bool),
            steps=np.full(len(places), 1e-6), step=1e-6,
            error=0.001, floor="sure to about 1e-8", score=1.0,
        )  # fmt: skip


def _rising(shape):
    """-1 to 1 over all weights."""
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
