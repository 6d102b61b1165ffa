"""A Top filters view with a session and pretended answers, as the stage ties them; for tests."""

import numpy as np

from tests.builders import Now
from tests.pretend_engine import Data, Network
from viewer.session.session import Session
from viewer.state.layout import LAYOUTS
from viewer.state.tree import State, StateHolder
from viewer.state.window import WindowSettings
from viewer.studio import kernels
from viewer.studio.facts import READY, Facts
from viewer.studio.projecting import Projected, ordered, questions
from viewer.studio.questions import Found
from viewer.studio.samples import Answer, Question
from viewer.views.filters.view import FiltersView
from viewer.views.gestures import Pointer


def maps_of(network, seed=3):
    """Values whose largest are known: channel c of conv1 reaches 10 + c, channel 2 is silent."""
    random = np.random.default_rng(seed)
    maps = {each.name: random.random(each.output_shape, np.float32) for each in network.layers}
    for channel in range(4):
        maps["conv1"][channel, 1 + channel, 2] = 10 + channel
    maps["conv1"][2] = 0
    return maps


def ready(sample=0, **changes):
    """Facts of an opened network with its first sample run."""
    network, data = Network("net.onnx", certain=True), Data()
    picture = np.full((8, 8, 3), 40, np.uint8)
    answer = Answer(Question(1, sample), picture, picture, maps_of(network, sample))
    return Facts(
        phase=READY, network=network, data=data, labels=data.labels, answer=answer,
        preprocessing=network.preprocessing,
    ).but(**changes)  # fmt: skip


def projected(facts, layer, channels, method="deconvnet", by="windows"):
    """A pretended answer: of each filter its strongest unit, a cross in its field of 3 x 3."""
    maps = facts.answer.maps[layer]
    units, fields, pictures = [], [], []
    for channel in channels:
        row, column = np.unravel_index(maps[channel].argmax(), maps[channel].shape)
        units.append((channel, row, column))
        y0, x0 = max(0, row - 1), max(0, column - 1)
        fields.append((y0, x0, min(8, row + 2), min(8, column + 2)))
        cross = np.zeros((fields[-1][2] - y0, fields[-1][3] - x0), np.float32)
        cross[row - y0], cross[:, column - x0] = 1.0, -0.5
        pictures.append(cross)
    boxes = np.array(fields, np.int64)
    values = np.array([maps[unit] for unit in units], np.float32)
    return Projected(
        layer, method, np.array(units, np.int64), values, boxes,
        np.array(channels, np.int64), boxes, tuple(pictures), by, 0.02,
    )  # fmt: skip


class Desk:
    """A view with a session; what it asks is answered by `answer`."""

    def __init__(self, size=(700, 600), layer="conv1", facts=None):
        state = State(window=WindowSettings(layout=LAYOUTS["Top filters"]))
        self.session = Session(StateHolder(state), clock=lambda: 0.0)
        self.facts = facts or ready()
        self.view, self.hovered = FiltersView(), []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.dragged.connect(self.drag)
        self.view.drag_ended.connect(self.session.end_drag)
        self.view.hovered.connect(self._hover)
        self._last = None
        if layer is not None:
            self.session.do("focus.layer", layer=layer)
        self.follow()

    def _hover(self, hovered):
        self.hovered.append(hovered)
        self._last = hovered
        self.follow()

    def give(self, kind, args):
        self.session.do(kind, **args)
        self.follow()

    def do(self, kind, **args):
        self.give(kind, args)

    def drag(self, kind, args):
        self.session.drag(kind, **args)
        self.follow()

    def follow(self):
        self.view.follow(self.session.state, self._last, self.facts, Now())

    def answer(self, failure=""):
        """Answer everything that is asked."""
        found = dict(self.facts.explanations)
        for asked in questions(self.session.state, self.facts):
            value = None if failure else self._answer_to(asked)
            found.setdefault(asked.key, Found(value, failure))
        self.facts = self.facts.but(explanations=found)
        self.follow()

    def _answer_to(self, asked):
        if asked.key[0] == kernels.WHAT:
            layer, channel = asked.key[4:6]
            after = self.facts.answer.maps[layer][channel]
            weights = np.linspace(-1, 2, 27, dtype=np.float32).reshape(3, 3, 3)
            return kernels.Kernel(layer, channel, weights, after - 0.5, after)
        layer, method, _, channels = asked.key[5:9]
        return projected(self.facts, layer, channels, method)

    def path(self, places, *modifiers):
        """Press at the first place, move over the others, let go at the last."""
        held = frozenset(modifiers)
        self.view.press(Pointer(*places[0], "left", held))
        for place in places[1:]:
            self.view.move(Pointer(*place, "left", held))
        self.view.lift(Pointer(*places[-1], "left", held))
        self.follow()

    def point(self, x, y):
        self.view.move(Pointer(x, y))

    @property
    def given(self):
        return [(command.kind, dict(command.args)) for command in self.session.commands]

    @property
    def order(self):
        """conv1's channels as the view orders them."""
        return ordered("conv1", self.facts.answer.maps["conv1"]).order.tolist()
