"""A pretended engine that projects filters at once, for tests of what asks it."""

import numpy as np

from engine.attribution.top_filters import TopFilters
from engine.errors import InputError
from engine.gradient.window import Windows
from tests.pretend_engine import PretendEngine


class ProjectingEngine(PretendEngine):
    """The pretended engine with a projector that writes down what it is asked."""

    def __init__(self):
        super().__init__()
        self.asked, self.closed = [], 0

    def explainer(self, network, runner):
        return self

    @property
    def forward(self):
        raise InputError("a pretended network has no weights")

    def projector(self, explainer, layers):
        self.layers = layers
        return self

    def close(self):
        self.closed += 1

    def project(self, inputs, layers, *, method, share, channels, most, task):
        (layer,) = layers
        self.asked.append((layer, method, share, channels[layer], float(inputs.max())))
        if method == "guided":
            raise InputError("guided backpropagation is not defined for Odd", where="odd_1")
        units = np.array([(channel, 0, 0) for channel in channels[layer]], np.int64)
        boxes = np.tile([-1, -1, 2, 2], (len(units), 1)).astype(np.int64)
        values = tuple(np.ones((3, 3, 3), np.float32) for _ in units)
        windows = Windows(units[:, 0], boxes, values)
        values = np.ones(len(units), np.float32)
        return {layer: TopFilters(layer, method, None, units, values, windows, "patches")}
