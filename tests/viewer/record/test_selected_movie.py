"""A movie of a session that navigates, brushes and changes layers: the same selection, pictures."""

import numpy as np
import pytest
from PIL import Image

from tests.viewer.studio.test_embedding import Engine
from viewer.record.performance import Performance, film
from viewer.session.replay import replay
from viewer.session.session import Session
from viewer.state.layout import LAYOUTS
from viewer.state.selection import selection_hash
from viewer.state.tree import as_json
from viewer.studio import cache

pytestmark = pytest.mark.gl

LASSO = {
    "kind": "lasso", "layer": "conv1", "x": 0, "y": 1,
    "polygon": [[0.0, -9.0], [9.0, -9.0], [9.0, 9.0], [0.0, 9.0]],
}  # fmt: skip


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    clock = Clock()
    made = Session(clock=clock)
    made.do("open", network="net.onnx", data="pictures")
    made.do("window.layout", layout=as_json(LAYOUTS["Matrix"]))
    made.do("focus.layer", layer="conv1")
    steps = (
        ("matrix.look", {"x": 1.5, "y": 0.5, "span": 1.2}),
        ("select.brush", {"mode": "replace", "region": LASSO}),
        ("select.save", {"name": "right"}),
        ("select.brush", {"mode": "subtract", "region": {"kind": "class", "items": [0]}}),
        ("focus.layer", {"layer": "conv2"}),
        ("select.means", {"shown": True}),
        ("select.recall", {"name": "right", "mode": "add"}),
        ("select.invert", {}),
    )
    for kind, args in steps:
        clock.now += 1.0
        made.do(kind, **args)
    return made


def test_performed_twice_it_gives_the_same_selection_and_pictures(session, tmp_path):
    pictures = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        frames, mismatches = film(session.commands, folder, size=(480, 300), fps=1, engine=Engine())
        assert mismatches == []
        pictures.append([np.asarray(Image.open(path)) for path in sorted(folder.iterdir())])
        assert len(pictures[-1]) == frames >= 8
    for one, other in zip(*pictures, strict=True):
        assert np.array_equal(one, other)
    outcome = replay(session.commands)
    assert selection_hash(outcome.session.state.selection) == selection_hash(
        session.state.selection
    )


def test_a_frame_waits_for_the_points_and_the_selection(session, tmp_path):
    from viewer.record.pictures import Canvas

    with Performance(session.commands, engine=Engine()) as performance:
        with Canvas(320, 200) as canvas:
            for seconds, layer in ((2.5, "conv1"), (6.5, "conv2"), (9.0, "conv2")):
                canvas.picture(lambda *place, at=seconds: performance.draw(*place, at))
                facts = performance._studio.facts
                assert layer in facts.points and not facts.selected.running
                values = facts.points["conv1"].columns
                inside = values.values(0, values.fine[0]) > 0
                if seconds == 2.5:
                    found = facts.selected.of(facts.points["conv1"]).astype(bool)
                    assert (found == inside).all()
            found = facts.selected.of(facts.points["conv1"]).astype(bool)
            assert (found == ~inside).all()
            assert facts.means.wanted == facts.selected.count and not facts.means.running
