"""Importance of filters, and what the network does without them."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.views.pen import Pen
from viewer.views.view import View
from viewer.visuals.overlay import Overlay


class ImportanceView(View):
    """Importance of filters, and what the network does without them."""

    name = "importance"

    def __init__(self):
        super().__init__()
        self._over = Overlay()

    def follow(self, state, hovered, facts, builder):
        self.detail = ""

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._over.clear()
        pen = Pen(self._over, ratio, self.theme)
        pen.text(self.width / 2, self.height / 2, "No layer yet.", self.theme.dim, align=0.5)
        self._over.draw(context, width_px, height_px)

    def release(self):
        self._over.release()
