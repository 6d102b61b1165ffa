"""Draws the views of a session without Qt: `python -m tests.gui.drawn_without_qt IN OUT SIZES`.

OUT is an NPZ file with one picture for each view, of the sizes that the window's canvases have.
"""

import json
import sys

import numpy as np

from viewer.gl.context import EglContext
from viewer.record.performance import Performance
from viewer.record.pictures import Canvas
from viewer.session.locating import load


def main(session, out, sizes):
    loaded = load(session)
    sizes = json.loads(sizes)
    pictures = {}
    with EglContext(software=True) as context, Performance(loaded.commands, loaded.first) as show:
        show._session.holder.set(show.playback.state_at(show.seconds))
        canvases = {name: Canvas(*size, context) for name, size in sizes.items()}
        for _ in range(6):  # what a view lacks it finds out when it is drawn
            show._settle()
            for name, canvas in canvases.items():
                pictures[name] = canvas.picture(
                    lambda *place, name=name: show.stage.views[name].draw(*place, 1.0)
                )
    np.savez(out, **pictures)


if __name__ == "__main__":
    main(*sys.argv[1:])
