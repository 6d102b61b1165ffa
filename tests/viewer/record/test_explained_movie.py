"""A movie of a session that explains: frames wait for answers, twice the same pictures."""

import numpy as np
import pytest
from PIL import Image

from tests.pretend_explainer import ExplainingEngine
from viewer.record.performance import film
from viewer.session.session import Session
from viewer.studio import cache

pytestmark = pytest.mark.gl


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_performed_twice_it_gives_the_same_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    clock = Clock()
    session = Session(clock=clock)
    session.do("open", network="net.onnx", data="pictures")
    steps = (
        ("attribution.show", {"shown": True}),
        ("attribution.method", {"method": "lrp"}),
        ("stack.source", {"source": "relevance"}),
        ("focus.sample", {"sample": 1}),
        ("attribution.target", {"target": "logit:2"}),
        ("attribution.method", {"method": "guided"}),
        ("stack.source", {"source": "activations"}),
    )
    for kind, args in steps:
        clock.now += 1.0
        session.do(kind, **args)
    pictures = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        engine = ExplainingEngine()
        frames, mismatches = film(session.commands, folder, size=(640, 400), fps=1, engine=engine)
        assert mismatches == []
        asked = [(method, target, keep) for method, target, keep, _ in engine.explained]
        assert asked == [
            ("gradient", "logit:0", ()), ("lrp", "logit:0", ()), ("lrp", "logit:0", "all"),
            ("lrp", "logit:1", "all"), ("lrp", "logit:2", "all"), ("guided", "logit:2", ()),
        ]  # fmt: skip
        pictures.append([np.asarray(Image.open(path)) for path in sorted(folder.iterdir())])
        assert len(pictures[-1]) == frames >= 7
    for one, other in zip(*pictures, strict=True):
        assert np.array_equal(one, other)
    changed = [
        not np.array_equal(one, other)
        for one, other in zip(pictures[0], pictures[0][1:], strict=False)
    ]
    assert sum(changed) >= 6
