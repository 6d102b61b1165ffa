"""Text, lines and plain surfaces over a view, in pixels from its upper left corner.

Everything is gathered into one list of triangles that read one atlas, and drawn with one call.
"""

import numpy as np

from viewer.visuals.glyphs import PLACES, advance
from viewer.visuals.triangles import CORNERS, VERTEX, Triangles, letter_quads


class Overlay:
    """What lies over one view; filled anew for every picture, then drawn.

    Colours are ``'#rrggbb'`` with an opacity, or RGBA sequences of 0 to 1.
    """

    def __init__(self):
        self._triangles = Triangles()
        self._letters, self._shapes = [], []

    def clear(self):
        """Forget what was added."""
        self._letters, self._shapes = [], []

    def text(self, x, y, string, colour, size, *, face="regular", opacity=1.0, align=0.0):
        """A line of text.

        Parameters
        ----------
        x, y : float
            The pen's start on the base line, pixels; ``align`` 0.5 or 1: its middle or end.
        string : str
        colour : str
        size : int
            Pixels.
        face : str
            ``'regular'`` or ``'medium'``.
        """
        pen = float(x)
        if align:
            pen -= align * sum(advance(letter, face, size) for letter in string)
        bytes_ = _bytes(colour, opacity)
        for letter in string:
            self._letters.append((pen, round(y), letter, face, size, bytes_))
            pen += advance(letter, face, size)

    def rectangle(self, x, y, width, height, colour, opacity=1.0):
        """A filled rectangle."""
        corners = CORNERS * (width, height) + (x, y)
        self._shapes.append((corners, np.tile(_bytes(colour, opacity), (6, 1))))

    def rectangles(self, boxes, colours, opacity=1.0):
        """Many filled rectangles at once.

        Parameters
        ----------
        boxes : float[N, 4]
            Left, top, width, height.
        colours : float[N, 3]
            0 to 1.
        """
        boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
        corners = CORNERS * boxes[:, None, 2:] + boxes[:, None, :2]
        bytes_ = np.full((len(boxes), 4), round(255 * opacity), np.uint8)
        bytes_[:, :3] = np.rint(255 * np.clip(np.asarray(colours).reshape(-1, 3), 0, 1))
        self._shapes.append((corners.reshape(-1, 2), np.repeat(bytes_, 6, 0)))

    def band(self, places, one, other, colour, opacity=1.0):
        """The surface between two lines; nothing where either is not finite.

        Parameters
        ----------
        places, one, other : float[N]
            Along x, and the two lines' y.
        """
        lines = np.stack([np.stack([places, line], 1) for line in (one, other)]).astype(np.float32)
        quads = np.stack([lines[0, :-1], lines[0, 1:], lines[1, :-1], lines[1, 1:]], 1)
        quads = quads[np.isfinite(quads).all((1, 2))]
        corners = quads[:, [0, 1, 2, 2, 1, 3]].reshape(-1, 2)
        self._shapes.append((corners, np.tile(_bytes(colour, opacity), (len(corners), 1))))

    def quad(self, corners, colour, opacity=1.0):
        """A filled surface of four corners.

        Parameters
        ----------
        corners : float[4, 2]
            One after the other round it.
        """
        corners = np.asarray(corners, np.float32)[[0, 1, 2, 0, 2, 3]]
        self._shapes.append((corners, np.tile(_bytes(colour, opacity), (6, 1))))

    def lines(self, ends, colour, opacity=1.0, width=1.0):
        """Many straight lines of one colour at once.

        Parameters
        ----------
        ends : float[N, 4]
            x and y of both ends.
        width : float or float[N]
        """
        ends = np.asarray(ends, np.float32).reshape(-1, 2, 2)
        along = ends[:, 1] - ends[:, 0]
        length = np.maximum(np.hypot(*along.T), 1e-6)[:, None]
        wide = np.broadcast_to(np.asarray(width, np.float32), len(ends))[:, None]
        across = np.stack([-along[:, 1], along[:, 0]], 1) / length * wide
        start = (ends[:, 0] - across / 2)[:, None]
        corners = start + CORNERS[:, :1] * along[:, None] + CORNERS[:, 1:] * across[:, None]
        corners = corners.reshape(-1, 2)
        self._shapes.append((corners, np.tile(_bytes(colour, opacity), (len(corners), 1))))

    def line(self, x0, y0, x1, y1, colour, opacity=1.0, width=1.0):
        """A straight line; upright and level ones are sharp."""
        along = np.array([x1 - x0, y1 - y0], np.float32)
        length = float(np.hypot(*along)) or 1.0
        across = np.array([-along[1], along[0]], np.float32) / length * width
        start = np.array([x0, y0], np.float32) - across / 2
        corners = start + CORNERS[:, :1] * along + CORNERS[:, 1:] * across
        self._shapes.append((corners, np.tile(_bytes(colour, opacity), (6, 1))))

    def gradient(self, x, y, width, height, colours, *, upright=False):
        """A surface coloured from left to right, or from bottom to top.

        Parameters
        ----------
        colours : float[N, 3]
            0 to 1.
        """
        colours = np.asarray(colours)
        count = len(colours)
        edges = np.linspace(0, 1, count + 1)
        for number in range(count):
            start, size = edges[number], edges[number + 1] - edges[number]
            if upright:
                box = (x, y + height * (1 - start - size), width, height * size)
            else:
                box = (x + width * start, y, width * size, height)
            self.rectangle(*box, colours[number])

    def draw(self, context, width, height):
        """Draw over the framebuffer that is bound.

        Parameters
        ----------
        context : Context
        width, height : int
            Of the framebuffer, physical pixels.
        """
        if self._letters or self._shapes:
            self._triangles.draw(context, self._vertices_of, width, height)

    def release(self):
        """Delete its objects; the context must be current."""
        self._triangles.release()

    def _vertices_of(self, sheet):
        letters = self._quads(sheet)
        shapes = np.zeros(sum(len(corners) for corners, _ in self._shapes), VERTEX)
        if self._shapes:
            shapes["place"] = np.concatenate([corners for corners, _ in self._shapes])
            shapes["colour"] = np.concatenate([colour for _, colour in self._shapes])
            shapes["atlas"] = sheet.solid
        return np.concatenate([shapes, letters])

    def _quads(self, sheet):
        boxes, colours = [], []
        for pen, base, letter, face, size, colour in self._letters:
            place = int(round(pen * PLACES))
            glyph = sheet.glyph(letter, face, size, place % PLACES)
            if glyph is not None:
                left = place // PLACES + glyph.left
                box = (left, base + glyph.top, glyph.width, glyph.height, glyph.column, glyph.row)
                boxes.append(box)
                colours.append(colour)
        vertices = letter_quads(boxes, sheet)
        if boxes:
            vertices["colour"] = np.array(colours, np.uint8)[:, None]
        return vertices.reshape(-1)


def _bytes(colour, opacity=1.0):
    if isinstance(colour, str):
        parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    else:
        parts = [round(255 * float(part)) for part in colour[:3]]
    return np.array([*parts, round(255 * opacity)], np.uint8)
