"""A volume to cut, and a view of it tied to a session as the stage ties them."""

from types import SimpleNamespace

import numpy as np

from tests.pretend_engine import layer
from tests.viewer.views.test_sample_views import ready
from viewer.gl.theme import DARK
from viewer.session.session import Session
from viewer.state.tree import State
from viewer.studio import ordering
from viewer.views.slices.places import FOOT, frames_of
from viewer.views.slices.view import SlicesView

LAYER = "conv1"


def volume_values(shape=(6, 4, 5), seed=3):
    """float32 values, some below zero."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def facts_of(values=None, **changes):
    """Facts of a network with one layer of these values, one sample run."""
    values = volume_values() if values is None else np.asarray(values)
    facts = ready()
    facts.network.layers = (layer(LAYER, values.shape, 1),)
    facts.answer.maps.clear()
    facts.answer.maps[LAYER] = values
    return facts.but(**changes)


def state_of(layer=LAYER, channel=None, unit=None, **slices):
    """A state that looks at a layer, with the slices alone in sight."""
    state = State().with_part("window", only="slices")
    state = state.with_part("focus", layer=layer, channel=channel, unit=unit)
    return state.with_part("slices", **slices)


def put_order(monkeypatch, channels, clusters=()):
    """An order of every layer's channels that is in force at once."""
    from engine.analysis.orders import Order

    order = Order(np.array(channels, np.int32), "kmeans", tuple(clusters), of="the test")
    monkeypatch.setattr(ordering, "order_of", lambda state, facts, layer: order)
    monkeypatch.setattr(ordering, "badge", lambda state, facts, layer: "k-means 0.5 of random")
    monkeypatch.setattr(ordering, "short_words", lambda state, facts, layer: "k-means")
    return order


class Desk:
    """A view with a session."""

    def __init__(self, facts=None, state=None, size=(700, 300)):
        self.session, self.facts = Session(clock=lambda: 0.0), facts or facts_of()
        self.session.holder.set(state or state_of())
        self.view, self.given, self.hovered = SlicesView(), [], []
        self.view.theme = DARK
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.dragged.connect(self.drag)
        self.view.drag_ended.connect(self.session.end_drag)
        self.view.hovered.connect(self.hovered.append)
        self.follow()

    def give(self, kind, args):
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def drag(self, kind, args):
        self.given.append((kind, args))
        self.session.drag(kind, **args)
        self.follow()

    def follow(self, hovered=None):
        view = self.view
        view.follow(self.session.state, hovered, self.facts, None)
        view.frames = ()
        if view.wish.volume is not None:
            view.frames = frames_of(view.wish, view.width, view.height, FOOT)

    @property
    def state(self):
        return self.session.state

    @property
    def cut(self):
        wish = self.view.wish
        return SimpleNamespace(channel=wish.channel, row=wish.row, column=wish.column)

    def frame(self, kind, before=False):
        """The frame of a cut."""
        cuts = [each for each in self.view.frames if each.cut.kind == kind]
        return cuts[0] if before else cuts[-1]

    def spot(self, kind, row, column):
        """Middle of a cell of a cut."""
        frame = self.frame(kind)
        return frame.x.begin(column + 0.5), frame.y.begin(row + 0.5)
