"""The network's blocks coloured by the mean importance of their filters."""

import numpy as np
import pytest

from tests.viewer.studio.test_weighing import answered, many
from tests.viewer.views.test_sample_views import ready
from viewer.state.tree import State
from viewer.studio.facts import StudySummary
from viewer.studio.weighed import AllWeighed, Weighed
from viewer.studio.weighing import Overview
from viewer.views.network.build import graph_of
from viewer.views.network.colouring import colouring, mean_importance, value_text
from viewer.views.network.legend import title_of
from viewer.views.network.resolve import NO_OVERVIEW, resolve
from viewer.views.network.view import NetworkView


def coloured():
    return State().with_part("network", colour_by="importance").with_part("window", only="network")


def overview(**values):
    layers = {
        name: Weighed(name, np.array(each, float), np.arange(len(each)), 12, 12)
        for name, each in values.items()
    }
    return Overview(AllWeighed(layers), "over 12 samples")


def test_blocks_have_the_mean_of_their_filters():
    network = ready().network
    graph = graph_of(network.layers, "none", (), "down")
    found = colouring(graph, "importance", StudySummary(),
                      overview(conv1=[1, 2, 3, 6], conv2=[0, np.nan, 4]))  # fmt: skip
    by_layer = {node.name: value for node, value in zip(graph.nodes, found.values, strict=True)}
    assert by_layer["conv1"] == 3 and by_layer["conv2"] == 2 and np.isnan(by_layer["fc"])
    assert (found.low, found.high, found.signed, found.missing) == (0.0, 3.0, False, 1)
    assert title_of(found) == "mean importance over 12 samples"
    assert value_text("importance", 3.0) == "3"


def test_of_a_folded_repetition_the_mean_is_over_all_filters():
    layers = ready().network.layers
    both = overview(conv1=[1, 1, 1, 1], conv2=[7])
    assert mean_importance(layers[:2], both) == pytest.approx(11 / 5)
    assert np.isnan(mean_importance(layers[2:], both))
    assert np.isnan(mean_importance(layers, Overview()))


def test_the_view_waits_for_importance_and_says_why_there_is_none():
    state, facts = coloured(), ready()
    assert resolve(state, None, facts).overview.late
    assert resolve(State(), None, facts).overview is NO_OVERVIEW
    there = answered(state, facts, layer=None)
    wish = resolve(state, None, there)
    assert not wish.overview.late and not wish.same_as(resolve(state, None, facts))
    assert wish.same_as(resolve(state, None, there))
    facts.network.scores = None
    failed = resolve(state, None, facts).overview
    assert not failed.late and "activation" in failed.words


def test_an_estimate_colours_before_the_rest_is_known():
    state = coloured()
    facts = answered(state, many(500), layer=None, few=200)
    found = resolve(state, None, facts).overview
    assert found.late and found.words == "over 200 of 500 samples" and found.found is not None
    view = NetworkView()
    view.follow(state, None, facts, None)
    assert view.pending
    view.follow(state, None, answered(state, facts, layer=None), None)
    assert not view.pending
