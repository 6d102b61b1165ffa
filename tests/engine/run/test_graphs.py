"""Graphs run beside a network, values stay in the child, dropped graphs are handed over again."""

import numpy as np
import pytest

from engine.errors import MachineError
from engine.run import computing
from engine.run.graphs import Graph
from engine.run.runner import Runner
from tests.engine.network.building import model, node, saved

X = {"x": np.array([[1.0, -2.0]], np.float32)}


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    proto = model([node("Relu", "x", "y")], {"x": (1, 2)}, "y")
    with Runner(saved(proto, tmp_path_factory.mktemp("graphs")), device="cpu", threads=1) as made:
        yield made


def graph(runner, op, source="x"):
    return Graph(runner, model([node(op, source, "z")], {source: (1, 2)}, "z"))


def test_runs_with_feeds_that_it_takes(runner):
    found = graph(runner, "Neg").run({**X, "other": np.zeros(3)})
    assert found["z"].tolist() == [[-1, 2]]


def test_values_stay_for_another_graph(runner):
    first, second = graph(runner, "Abs"), graph(runner, "Neg", "given")
    assert first.run(X, [], keep={"z": "kept"}) == {}
    assert second.run({}, use={"given": "kept"})["z"].tolist() == [[-1, -2]]
    with pytest.raises(MachineError, match="no longer"):
        second.run({}, use={"given": "kept"}, forget=["kept"])


def test_dropped_graphs_come_back(runner):
    first = graph(runner, "Neg")
    for op in ("Abs", "Relu", "Sigmoid", "Tanh", "Exp", "Floor", "Ceil", "Sign"):
        graph(runner, op).run(X)
    assert computing.MOST_SESSIONS < 8
    assert first.run(X)["z"].tolist() == [[-1, 2]]


def test_a_child_started_anew_is_given_the_graph_again(runner):
    first = graph(runner, "Neg")
    runner.restart()
    assert first.run(X)["z"].tolist() == [[-1, 2]]
