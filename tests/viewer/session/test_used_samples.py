"""Which samples a session shows, where points are selected: those of its lassos, or all."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.pretend_engine import Data
from tests.pretend_points import points_of
from viewer.session import bundle
from viewer.session.session import Session
from viewer.state.tree import State
from viewer.studio.facts import Facts

COUNT = 40
VALUES = np.linspace(-1.0, 1.0, COUNT)[:, None, None].repeat(2, 1)
LASSO = {
    "kind": "lasso", "layer": "conv1", "x": 0, "y": 1,
    "polygon": [[0.5, 0.5], [0.65, 0.5], [0.65, 0.65], [0.5, 0.65]],
}  # fmt: skip


@pytest.fixture(autouse=True)
def few_neighbours(monkeypatch):
    monkeypatch.setattr(bundle, "NEIGHBOURS", 2)


def document_of(*commands):
    session = Session(clock=lambda: 0.0)
    for kind, args in commands:
        session.do(kind, **args)
    player = SimpleNamespace(first=State())
    return SimpleNamespace(session=session, steps=tuple(session.commands), player=player)


def facts(**points):
    return Facts(phase="ready", data=Data(count=COUNT), points=points)


def test_the_samples_of_a_lasso_and_those_beside_the_focused_one():
    document = document_of(("select.brush", {"mode": "replace", "region": LASSO}))
    used = bundle.used_samples(document, facts(conv1=points_of(VALUES)), COUNT)
    inside = np.flatnonzero((VALUES[:, 0, 0] > 0.5) & (VALUES[:, 0, 0] < 0.65)).tolist()
    assert inside and used == [0, 1, 2, *inside]


def test_of_a_lasso_that_is_gone_every_sample_may_have_been_selected():
    document = document_of(
        ("select.brush", {"mode": "replace", "region": LASSO}), ("select.clear", {})
    )
    assert bundle.used_samples(document, facts(), COUNT) == list(range(COUNT))


def test_of_samples_those_of_every_moment():
    document = document_of(
        ("select.brush", {"mode": "replace", "region": {"kind": "samples", "items": [20, 21]}}),
        ("select.brush", {"mode": "replace", "region": {"kind": "samples", "items": [30]}}),
        ("select.clear", {}),
    )
    assert bundle.used_samples(document, facts(), COUNT) == [0, 1, 2, 20, 21, 30]
