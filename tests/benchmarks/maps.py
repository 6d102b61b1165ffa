"""Scrolling through the feature maps of a network with 20,000 channels, software OpenGL.

The view, the builder's thread and the uploads are the window's; only the values are made up. The
wheel turns a third of a notch before each picture, then by many notches, so that new maps come into
sight all the time. A picture is finished when its pixels have been read.
"""

import time
from types import SimpleNamespace

import numpy as np

from tests.benchmarks.report import Figure, Goal
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer
from viewer.session.session import Session
from viewer.studio.building import Builder
from viewer.studio.facts import READY, Facts
from viewer.studio.inbox import Inbox
from viewer.studio.samples import Answer, Question
from viewer.views.gestures import Pointer
from viewer.views.maps.view import MapsView

SIZE = (1280, 800)
# (layers, channels, side): 20,480 channels, 18 million values.
STAGES = ((4, 64, 112), (7, 256, 56), (16, 512, 28), (16, 512, 14), (4, 512, 7))
FRAMES = 240


def figures():
    """The figures of this file with the function that measures each."""
    return [
        (
            Figure(
                "maps.scroll",
                f"feature maps of 20,480 channels, scrolling, {SIZE[0]} x {SIZE[1]}, median",
                "frames/s",
                Goal(">=", value=20),
            ),
            lambda figure, place: figure.measured([1 / t for t in seconds_a_frame()[0]]),
        ),
        (
            Figure(
                "maps.scroll.p95",
                "the same, 95th percentile of the time of a frame",
                "frames/s",
                Goal(">=", value=20),
            ),
            lambda figure, place: figure.measured(
                [1 / float(np.percentile(seconds_a_frame()[0], 95))]
            ),
        ),
    ]


def network_and_answer():
    """A network of 20,480 channels as the view sees it, and one sample's values."""
    random = np.random.default_rng(0)
    layers, maps = [], {}
    for layer_count, channels, side in STAGES:
        for number in range(layer_count):
            name = f"conv{side}_{number}"
            layers.append(SimpleNamespace(name=name, kind="conv"))
            values = random.standard_normal((channels, side, side), np.float32)
            maps[name] = np.maximum(values, 0)
    network = SimpleNamespace(layers=tuple(layers))
    return network, Answer(Question(1, 0), np.zeros((8, 8, 3), np.uint8), maps=maps)


class Window:
    """What the window does for the view: commands, answers of the builder, pictures."""

    def __init__(self):
        network, answer = network_and_answer()
        self.facts = Facts(phase=READY, network=network, data=_OneSample(), answer=answer)
        self.session = Session()
        self.inbox = Inbox()
        self.builder = Builder(self.inbox, self._failed)
        self.view = MapsView()
        self.view.animates = True
        self.view.wished.connect(lambda kind, args: self.session.do(kind, **args))

    @staticmethod
    def _failed(title, error):
        raise error

    def turn(self):
        """One turn of the window's event loop."""
        self.inbox.pump()
        self.view.follow(self.session.state, None, self.facts, self.builder)

    def draw(self, context, frame):
        """One picture, finished."""
        frame.bind()
        self.view.draw(context, *SIZE)
        return frame.read()


class _OneSample:
    def __len__(self):
        return 1


def seconds_a_frame():
    """Seconds of every picture while scrolling, and the share of maps that were sharp in each."""
    window, seconds, sharp = Window(), [], []
    pointer = Pointer(400, 300)
    try:
        with EglContext(software=True) as context:
            frame = Framebuffer(context, *SIZE)
            window.turn()
            window.inbox.wait(lambda: not window.view.pending)
            window.draw(context, frame)
            for number in range(FRAMES):
                steps = -0.33 if number < FRAMES // 2 else (8 if number % 2 else -24)
                started = time.perf_counter()
                window.view.wheel(pointer, steps)
                window.turn()
                window.draw(context, frame)
                seconds.append(time.perf_counter() - started)
                sharp.append(window.view.share_sharp)
            window.view.release()
    finally:
        window.builder.close()
    return seconds, sharp


if __name__ == "__main__":
    times, shares = seconds_a_frame()
    median, late = np.median(times), np.percentile(times, 95)
    print(f"median {1000 * median:.1f} ms, 95th percentile {1000 * late:.1f} ms,", end=" ")
    print(f"sharp maps: {100 * np.mean(shares):.0f} %, worst {100 * np.min(shares):.0f} %")
