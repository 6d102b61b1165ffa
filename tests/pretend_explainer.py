"""An explainer that answers at once, or when it is told to, for tests of what asks it."""

import threading
from types import SimpleNamespace

import numpy as np

from engine.attribution.result import Attribution, Check
from engine.errors import InputError
from tests.pretend_engine import PretendEngine, Runner


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
