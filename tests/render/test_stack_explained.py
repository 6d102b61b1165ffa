"""Gradient and relevance drawn in the stack: signed colours, what stays meanwhile, picking."""

import numpy as np
import pytest

from tests.render.test_stack_view import HEIGHT, WIDTH, bench, differs  # noqa: F401
from viewer.gl.theme import DARK, rgb
from viewer.studio.attributing import Explained, Volumes, stack_question
from viewer.studio.questions import Found
from viewer.views.gestures import LEFT, Pointer
from viewer.visuals.legend import bar_box

pytestmark = pytest.mark.gl


@pytest.fixture
def explaining(bench):  # noqa: F811
    """A stack of a network whose first class is explained."""
    bench.give("attribution.target", {"target": "logit:0"})
    return bench


def answer(stack, sign):
    """Give the stack an answer whose every value is 1 or -1, but zero in conv2."""
    layers = stack.facts.network.layers
    maps = {each.name: np.full(each.output_shape, sign, np.float32) for each in layers}
    maps["conv2"][...] = 0
    ranges = dict.fromkeys(maps, (-1.0, 1.0))
    question = stack_question(stack.session.state, stack.facts)
    found = Explained(0, "gradient", np.zeros((8, 8)), 0.0,
                      volumes=Volumes(maps, stack.facts.answer.seen, ranges))  # fmt: skip
    stack.facts = stack.facts.but(explanations={question.key: Found(found)})


def redness(pixels):
    """By how much red is above blue where anything but the background is, below the title."""
    part = pixels[120:400, 150:, :3].astype(int)
    shown = np.abs(part - np.array(rgb(DARK.view)) * 255).max(-1) > 24
    return float((part[..., 0] - part[..., 2])[shown].mean())


def test_positive_and_negative_values_have_the_two_colours(explaining):
    stack = explaining
    for kind, args in (
        ("stack.source", {"source": "gradient"}), ("stack.mode", {"mode": "slabs"}),
        ("stack.picture", {"picture": False}), ("stack.labels", {"labels": False}),
    ):  # fmt: skip
        stack.give(kind, args)
    answer(stack, 1.0)
    assert redness(stack.picture()) > 20
    answer(stack, -1.0)
    assert redness(stack.picture()) < -20


def test_what_stood_there_stays_until_the_answer_comes_and_goes_when_there_is_none(explaining):
    stack = explaining
    before = stack.picture()
    stack.give("stack.source", {"source": "relevance"})
    assert stack.view.pending
    meanwhile = stack.picture()
    assert stack.view.contents is not None
    assert differs(before[150:400], meanwhile[150:400]) < 400
    answer(stack, 1.0)
    stack.follow()
    assert not stack.view.pending
    assert differs(stack.picture(), meanwhile) > 1000
    key = stack_question(stack.session.state, stack.facts).key
    stack.facts = stack.facts.but(explanations={key: Found(failure="no rule for Odd")})
    stack.follow()
    assert stack.view.contents is None and not stack.view.pending


def test_picking_tells_the_value_and_the_bar_is_not_dragged(explaining):
    stack = explaining
    stack.give("stack.source", {"source": "gradient"})
    stack.give("stack.solo", {"layer": "conv1"})
    stack.give("stack.mode", {"mode": "slabs"})
    stack.give("focus.layer", {"layer": "conv1"})
    answer(stack, -1.0)
    stack.picture()
    places = [(x, y) for y in range(100, HEIGHT - 100, 20) for x in range(100, WIDTH - 20, 20)]
    for x, y in places:
        stack.view.move(Pointer(x, y))
    hits = [hit for hit in stack.hovers if hit is not None]
    assert hits and {(hit.layer, hit.value) for hit in hits} == {("conv1", -1.0)}
    left, top, right, bottom = bar_box(WIDTH, HEIGHT)
    stack.drag((right, (top + bottom) / 2), (right - 60, (top + bottom) / 2), LEFT)
    assert stack.session.state.stack.limits == ()
