"""Stepping through a series of gradient volumes under software OpenGL, as the window does.

A series of 32 steps of weights of the size of CaffeNet's convolutions [CNN-VIS]; all steps are
computed. What counts is everything from the command to the finished picture: what the state means,
the volumes unfolded and scaled in the builder's thread, the upload, the picture as coarse as the
window draws it while something moves.
"""

import time
from types import SimpleNamespace

import numpy as np

from tests.benchmarks.report import Figure, Goal

SHAPES = {
    "conv1": (96, 3, 11, 11),
    "conv2": (256, 48, 5, 5),
    "conv3": (384, 256, 3, 3),
    "conv4": (384, 192, 3, 3),
    "conv5": (256, 192, 3, 3),
}
STEPS, WARM, SIZE = 32, 8, (960, 640)


def figures():
    """The figure of this file with the function that measures it."""
    weights = sum(int(np.prod(shape)) for shape in SHAPES.values()) / 1e6
    what = f"stepping through {STEPS} gradient volumes of {weights:.1f} million weights, software"
    return [(Figure("series.gradients", what, "steps/s", Goal(">=", value=15)), stepping)]


class _Data:
    """Samples of which only names and number are asked."""

    hash, groups = "d" * 64, None
    names = [f"{index}.png" for index in range(STEPS)]

    def __len__(self):
        return STEPS


def _network():
    layers = tuple(
        SimpleNamespace(
            name=name, kind="conv", params=int(np.prod(shape)), output_shape=(shape[0], 13, 13),
            receptive_field=None, depth=depth, sources=(), post=name,
        )
        for depth, (name, shape) in enumerate(SHAPES.items(), 1)
    )  # fmt: skip
    return SimpleNamespace(
        layers=layers, sha256="n" * 64, scores=SimpleNamespace(classes=10, binary=False),
        path="network.onnx",
    )  # fmt: skip


def scene():
    """(session, facts): a series of which every step is there."""
    from viewer.session.session import Session
    from viewer.studio import seriating
    from viewer.studio.facts import READY, Facts
    from viewer.studio.questions import Found
    from viewer.studio.step_values import StepValues

    random = np.random.default_rng(0)
    preprocessing = SimpleNamespace(size=(227, 227), digest=lambda: "p")
    facts = Facts(
        phase=READY, network=_network(), data=_Data(), preprocessing=preprocessing, confirmed=True,
        class_names=tuple(f"class {index}" for index in range(10)),
        labels=np.zeros(STEPS, np.int32),
    )  # fmt: skip
    session = Session()
    groups = [[f"step {index}", "other", [index]] for index in range(STEPS)]
    session.do("series.build", groups=groups, target="logit:3")
    seen = random.integers(0, 256, (227, 227, 3), dtype=np.uint8)
    found = {}
    for question in seriating.step_questions(session.state, facts):
        maps = {name: random.standard_normal(shape, np.float32) for name, shape in SHAPES.items()}
        values = StepValues("weight-gradient", maps, 1, seen)
        for name in maps:
            values.numbers(name)
        found[question.key] = Found(values)
    return session, facts.but(explanations=found)


def stepping(figure, place):
    """Steps a second, each one from its command to its picture."""
    from viewer.gl.api import GL
    from viewer.gl.context import EglContext
    from viewer.gl.objects import Framebuffer
    from viewer.studio.building import Builder
    from viewer.studio.inbox import Inbox
    from viewer.views.stack.view import StackView

    session, facts = scene()
    inbox = Inbox()
    builder = Builder(inbox, _fail)
    runs = []
    with EglContext() as context:
        view, frame = StackView(), Framebuffer(context, *SIZE)
        view.animates = True
        frame.bind()
        for number in range(STEPS + WARM):
            began = time.perf_counter()
            session.do("series.step", step=number % STEPS)
            view.follow(session.state, None, facts, builder)
            while view.pending:
                if not inbox.pump():
                    time.sleep(0.0005)
            view.draw(context, *SIZE)
            GL.glFinish()
            runs.append(1 / (time.perf_counter() - began))
        view.release()
    builder.close()
    return figure.measured(runs[WARM:])


def _fail(title, error):
    raise error
