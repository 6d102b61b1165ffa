"""A matrix view with a session and pretended points, as the stage ties them; for tests."""

import numpy as np

from tests.builders import Now
from tests.pretend_engine import Data, Network, layer
from tests.viewer.views.made_points import points_of
from viewer.session.session import Session
from viewer.studio.facts import READY, Facts
from viewer.studio.pairs import PairTable
from viewer.views.gestures import Pointer
from viewer.views.matrix.view import MatrixView


class Chosen:
    """What the selection comes to: points of every layer whose sample is chosen."""

    running, exact = False, True

    def __init__(self, samples):
        self.samples = np.asarray(samples, bool)
        self.asked = []
        self.words = f"{int(self.samples.sum())} of {len(self.samples)} samples selected"

    def words_of(self, layer):
        self.asked.append(layer)
        return self.words

    def of(self, points):
        return points.points_of_samples(self.samples).astype(np.uint8)


def table_of(points, statistic="correlation"):
    """A pretended `PairTable` of the right shape."""
    values = np.linspace(-1, 1, points.channels**2, dtype=np.float32)
    values = values.reshape(points.channels, -1)
    ranked = ((2, 1, 0.9), (0, 3, 0.8))
    low = -1.0 if statistic == "correlation" else 0.0
    return PairTable(statistic, values, low, 1.0, f"{points.count:,} points", ranked)


def made(channels=6, samples=40, positions=(3, 3), seed=3, layer="conv1"):
    """Points of a layer with positions; classes lie apart."""
    random = np.random.default_rng(seed)
    units = int(np.prod(positions)) if positions else 1
    sample = np.repeat(np.arange(samples), units)
    place = np.tile(np.arange(units), samples)
    centres = random.normal(0, 2, (3, channels))
    values = centres[sample % 3].T + random.normal(0, 1, (channels, len(sample)))
    values = np.maximum(values, 0)
    order = random.permutation(len(sample))
    return points_of(values[:, order], sample[order], place[order], positions, layer)


def facts_of(*points, samples=40, **changes):
    """Facts of an opened network with points."""
    network, data = Network("net.onnx", certain=True), Data(samples)
    names = {made.columns.layer: made for made in points}
    network.layers = tuple(
        layer(name, (made.channels, *(made.positions or ())), depth + 1)
        for depth, (name, made) in enumerate(names.items())
    )
    return Facts(
        phase=READY, network=network, data=data, labels=data.labels,
        class_names=tuple(data.classes), preprocessing=network.preprocessing, points=names,
    ).but(**changes)  # fmt: skip


class Desk:
    """A matrix view with a session."""

    def __init__(self, *points, size=(700, 480), builder=None, **changes):
        points = points or (made(),)
        self.session = Session(clock=lambda: 0.0)
        self.facts = facts_of(*points, **changes)
        self.builder = builder or Now()
        self.view, self.hovered = MatrixView(), []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.dragged.connect(self.drag)
        self.view.drag_ended.connect(self.session.end_drag)
        self.view.hovered.connect(self.hovered.append)
        self.do("focus.layer", layer=points[0].columns.layer)

    def give(self, kind, args):
        self.session.do(kind, **args)
        self.follow()

    def do(self, kind, **args):
        self.give(kind, args)

    def drag(self, kind, args):
        self.session.drag(kind, **args)
        self.follow()

    def follow(self, hovered=None):
        self.view.follow(self.session.state, hovered, self.facts, self.builder)

    def now(self, **changes):
        """Other facts."""
        self.facts = self.facts.but(**changes)
        self.follow()

    def path(self, places, modifiers=(), button="left"):
        """Press at the first place, move over the others, let go at the last."""
        held = frozenset(modifiers)
        first, last = (Pointer(*places[at], button, held) for at in (0, -1))
        self.view.press(first)
        for place in places[1:]:
            self.view.move(Pointer(*place, button, held))
        self.view.lift(last)
        self.follow()

    def click(self, x, y, *modifiers):
        self.path([(x, y)], modifiers)

    @property
    def given(self):
        return [(command.kind, dict(command.args)) for command in self.session.commands]

    @property
    def last(self):
        return self.given[-1]
