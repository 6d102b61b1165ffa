"""The stack view's whole picture: volumes, labels below them, legend over them.

Window, tests and movies draw this same object; whatever a person sees of the stack is here.
"""

from dataclasses import dataclass, replace

import numpy as np

from viewer.gl.camera import Camera, fit, pixel_from_world
from viewer.gl.theme import TEXT_PX
from viewer.visuals.glyphs import line_metrics, measure
from viewer.visuals.labels import SIDES, Wish, left_of, place
from viewer.visuals.legend import Legend, add_legend, legend_boxes
from viewer.visuals.overlay import Overlay
from viewer.visuals.quality import FULL
from viewer.visuals.volume import Look, VolumeStack

# Parts of the view kept free round the stack: left, top, right, bottom.
MARGIN = (0.05, 0.12, 0.05, 0.16)


@dataclass(frozen=True)
class LabelBox:
    """A label as drawn, for clicks: its slab's name and its box in pixels."""

    name: str
    left: float
    top: float
    right: float
    bottom: float


class StackScene:
    """Volumes with labels and legend.

    Attributes
    ----------
    stack : VolumeStack
    legend : Legend
    labels : bool
        Whether layers are named.
    label_boxes : list of LabelBox
        Where the labels of the last picture stand.
    """

    def __init__(self):
        self.stack = VolumeStack()
        self.legend = Legend()
        self.labels = True
        self.label_boxes = []
        self._contents = None
        self._overlay = Overlay()

    def set_contents(self, contents):
        """Show a `viewer.views.stack.build.StackContents`."""
        self._contents = contents
        self.stack.set_layers(contents.slabs, contents.pictures)

    def fitting_camera(self, aspect, camera=None, zoom=1.0, shift=(0.0, 0.0, 0.0)):
        """A camera in the given camera's direction that shows everything.

        Parameters
        ----------
        aspect : float
            Width by height of the view.
        camera : Camera, optional
            Its direction and angle of view are kept.
        zoom : float
            2: at half the fitting distance.
        shift : (float, float, float)
            World units by which the center moves.
        """
        low, high = self.stack.boxes()
        if not len(low):
            return camera or Camera()
        fitted = fit(camera or Camera(), low, high, aspect, MARGIN)
        center = tuple(float(a + b) for a, b in zip(fitted.center, shift, strict=True))
        return Camera(fitted.azimuth, fitted.elevation, fitted.distance / zoom, center, fitted.fov)

    def draw(self, context, camera, width, height, look=None, quality=FULL):
        """Draw into the framebuffer that is bound; parameters as `VolumeStack.draw`."""
        look = look or Look()
        self.stack.draw(context, camera, width, height, look, quality)
        self._overlay.clear()
        self.label_boxes = []
        if self.labels and self._contents is not None:
            self._add_labels(camera, width, height, look)
        add_legend(self._overlay, self.legend, look.theme, width, height, look.pixel_ratio)
        self._overlay.draw(context, width, height)

    def release(self):
        """Delete every object; the context must be current."""
        self.stack.release()
        self._overlay.release()

    def _add_labels(self, camera, width, height, look):
        ratio, theme = look.pixel_ratio, look.theme
        size = round(TEXT_PX * ratio)
        above, below = line_metrics("regular", size)
        line = round(above + below + 3 * ratio)
        labels = self._contents.labels
        wishes = self._wishes(labels, camera, width, height, size, line, look)
        known = [index for index, wish in enumerate(wishes) if wish is not None]
        taken = legend_boxes(self.legend, width, height, ratio)
        places = place(
            [wishes[index] for index in known],
            (width, height),
            taken,
            gap=(12 * ratio, 4 * ratio),
        )
        for index, found in zip(known, places, strict=True):
            if found is None:
                continue
            label, wish = labels[index], wishes[index]
            marked = look.highlight == label.name
            middle = found.left + wish.width / 2
            if found.top - wish.foot > line:
                column = round(wish.x) + 0.5
                start, end = wish.foot + 3 * ratio, found.top - 2 * ratio
                thick = max(1.0, round(ratio))
                self._overlay.line(column, start, column, end, theme.edge, 0.7, thick)
            base = found.top + above
            colour = theme.accent if marked else theme.text
            self._overlay.text(middle, base, label.title, colour, size, align=0.5)
            self._overlay.text(middle, base + line, label.detail, theme.dim, size, align=0.5)
            self.label_boxes.append(
                LabelBox(
                    label.name,
                    found.left,
                    found.top,
                    found.left + wish.width,
                    found.top + wish.height,
                )
            )

    def _wishes(self, labels, camera, width, height, size, line, look):
        """Below the lowest corner of each box as it is seen, and below every box in the way."""
        feet, visible = _feet(labels, camera, width, height)
        wishes = []
        for label, foot, before in zip(labels, feet, visible, strict=True):
            if not before:
                wishes.append(None)
                continue
            wide = max(measure(label.title, size), measure(label.detail, size))
            lowest = foot[np.argmax(foot[:, 1])]
            wish = Wish(
                x=float(lowest[0]),
                tops=(0.0, 0.0, 0.0),
                width=wide,
                height=2 * line,
                urgent=look.highlight == label.name,
                foot=float(lowest[1]),
            )
            gap = 6 * look.pixel_ratio
            tops = []
            for side in SIDES:
                left = left_of(wish, side, (width, height))
                floor = _floor_below(feet[visible], left - 2, left + wide + 2)
                tops.append(float(max(lowest[1], floor)) + gap)
            wishes.append(replace(wish, tops=tuple(tops)))
        return wishes


def _feet(labels, camera, width, height):
    """The lower faces of boxes as seen: float64[N, 4, 2] pixels, and bool[N] before the eye."""
    if not labels:
        return np.zeros((0, 4, 2)), np.zeros(0, bool)
    low = np.array([label.low for label in labels])
    high = np.array([label.high for label in labels])
    corners = np.stack(
        [
            np.stack([x[:, 0], low[:, 1], z[:, 2]], 1)
            for x, z in ((low, low), (high, low), (high, high), (low, high))
        ],
        1,
    )
    pixels, before = pixel_from_world(camera, corners, width, height)
    return pixels, before.all(1)


def _floor_below(feet, left, right):
    """The lowest pixel row that any of the faces reaches between two columns."""
    corners = feet.reshape(-1, 2)
    inside = (corners[:, 0] >= left) & (corners[:, 0] <= right)
    lowest = corners[inside, 1].max() if inside.any() else -np.inf
    start, end = corners, np.roll(feet, -1, axis=1).reshape(-1, 2)
    for column in (left, right):
        crosses = (start[:, 0] < column) != (end[:, 0] < column)
        if crosses.any():
            a, b = start[crosses], end[crosses]
            part = (column - a[:, 0]) / (b[:, 0] - a[:, 0])
            lowest = max(lowest, (a[:, 1] + part * (b[:, 1] - a[:, 1])).max())
    return lowest
