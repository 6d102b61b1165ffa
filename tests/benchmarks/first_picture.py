"""One run of `first.picture`: the sample opened and its volumes drawn, in a process of its own.

Prints one JSON document: the seconds from "open" to the pixels of the first picture, imports done.
"""

import json
import time

import engine.data
import engine.network.network  # noqa: F401
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer
from viewer.session.session import Session
from viewer.stage.composition import Composition
from viewer.stage.stage import Stage
from viewer.studio.studio import Studio

SIZE = (1280, 720)
SAMPLE = "sample:shapes"
PATIENCE = 120.0


def seconds_to_picture():
    """Open the sample, draw its stack under EGL, read the pixels."""
    from viewer.views.stack import making, view  # noqa: F401

    started = time.perf_counter()
    session = Session(clock=lambda: 0.0)
    studio = Studio(session, extracts=False)
    try:
        session.do("window.choose", layout="Presentation")
        stage = Stage(session, studio)
        session.do("open", network=SAMPLE, data=SAMPLE)

        def is_there():
            stage.refresh()
            return studio.facts.answer is not None and not stage.pending

        studio.inbox.wait(is_there, PATIENCE)
        with EglContext() as context:
            frame = Framebuffer(context, *SIZE)
            frame.bind()
            Composition(stage).draw(context, *SIZE, session.state)
            frame.read()
        return time.perf_counter() - started
    finally:
        studio.close()


if __name__ == "__main__":
    print(json.dumps({"seconds": seconds_to_picture()}))
