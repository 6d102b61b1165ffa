"""Many short texts that move together: the letters of each are laid out once, then only moved.

`Overlay` lays its letters out anew for every picture, which is right for a legend; a graph has
hundreds of names in sight while it is dragged.
"""

import numpy as np

from viewer.visuals.glyphs import PLACES, advance
from viewer.visuals.triangles import Triangles, letter_quads

_KEPT = 20_000


class Words:
    """Texts in pixels from the upper left corner, drawn with one call."""

    def __init__(self):
        self._triangles = Triangles()
        self._runs, self._mark = {}, None
        self.clear()

    def clear(self):
        """Forget what was added; letters that were laid out are kept."""
        self._wanted = []

    def add(self, x, y, text, size, colour, *, face="regular"):
        """A line of text that starts at ``x`` on the base line ``y``, both rounded.

        Parameters
        ----------
        size : int
            Pixels.
        colour : tuple of int
            RGBA 0 to 255.
        """
        if text:
            self._wanted.append((round(x), round(y), (text, face, size), colour))

    def draw(self, context, width_px, height_px):
        """Draw over the framebuffer that is bound."""
        if self._wanted:
            self._triangles.draw(context, self._gather, width_px, height_px)

    def _gather(self, sheet):
        # Another user of the sheet may have started it over: then every letter stands elsewhere.
        mark = sheet.glyph("n", "regular", 12, 0)
        if mark is not self._mark or len(self._runs) > _KEPT:
            self._runs, self._mark = {}, mark
        runs = []
        for _, _, key, _ in self._wanted:
            run = self._runs.get(key)
            if run is None:
                run = self._runs[key] = _laid_out(sheet, *key)
            runs.append(run)
        vertices = np.concatenate(runs)
        counts = [len(run) for run in runs]
        places = np.array([wanted[:2] for wanted in self._wanted], np.float32)
        vertices["place"] += np.repeat(places, counts, axis=0)
        colours = np.array([wanted[3] for wanted in self._wanted], np.uint8)
        vertices["colour"] = np.repeat(colours, counts, axis=0)
        return vertices

    def release(self):
        """Delete its objects; the context must be current."""
        self._triangles.release()


def _laid_out(sheet, text, face, size):
    """Vertices of a text whose pen starts at (0, 0)."""
    boxes, pen = [], 0.0
    for letter in text:
        place = int(round(pen * PLACES))
        glyph = sheet.glyph(letter, face, size, place % PLACES)
        if glyph is not None:
            left = place // PLACES + glyph.left
            boxes.append((left, glyph.top, glyph.width, glyph.height, glyph.column, glyph.row))
        pen += advance(letter, face, size)
    return letter_quads(boxes, sheet).reshape(-1)
