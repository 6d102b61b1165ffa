"""The matrix view: every channel of a layer against every other, for every embedding point."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.views.pen import Pen
from viewer.views.view import View
from viewer.visuals.overlay import Overlay


class MatrixView(View):
    """Points of the active layer."""

    name = "matrix"

    def __init__(self):
        super().__init__()
        self._over = Overlay()
        self._message = ""

    def follow(self, state, hovered, facts, builder):
        message = facts.points_words or "No points yet."
        if message != self._message:
            self._message = message
            self.outdated.emit()

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._over.clear()
        pen = Pen(self._over, ratio, self.theme)
        pen.text(self.width / 2, self.height / 2, self._message, self.theme.dim, align=0.5)
        self._over.draw(context, width_px, height_px)

    def release(self):
        self._over.release()
