"""The stack view's whole picture: volumes, labels below them, legend over them.

Window, tests and movies draw this same object; whatever a person sees of the stack is here.
"""

from dataclasses import dataclass, replace

import numpy as np

from viewer.gl.camera import Camera, fit, pixel_from_world
from viewer.gl.theme import TEXT_PX
from viewer.visuals.glyphs import line_metrics, measure
from viewer.visuals.labels import SIDES, Wish, left_of, place
from viewer.visuals.legend import Legend, add_legend, legend_boxes, number
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

    def upload(self, context):
        """Bring new contents to the graphics card; `draw` does it too."""
        self.stack.upload(context)

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

    def draw(self, context, camera, width, height, look=None, quality=FULL, band=None):
        """Draw into the framebuffer that is bound; parameters as `VolumeStack.draw`."""
        look = look or Look()
        self.stack.draw(context, camera, width, height, look, quality, band)
        self._overlay.clear()
        self.label_boxes = []
        if self.labels and self._contents is not None:
            self._add_labels(camera, width, height, look)
        legend = brightened(self.legend, look)
        add_legend(self._overlay, legend, look.theme, width, height, look.pixel_ratio)
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
        outlines, visible = _outlines(labels, camera, width, height)
        gap = 6 * look.pixel_ratio
        wishes = [None] * len(labels)
        most = max(8, round(width / (_PX_A_LABEL * look.pixel_ratio)))
        for index in _chosen(labels, visible, most, look.highlight):
            label = labels[index]
            lowest = outlines[index][np.argmax(outlines[index][:4, 1])]
            wishes[index] = Wish(
                x=float(lowest[0]),
                tops=(0.0, 0.0, 0.0),
                width=max(measure(label.title, size), measure(label.detail, size)),
                height=2 * line,
                urgent=look.highlight == label.name,
                foot=float(lowest[1]),
            )
        known = [wish for wish in wishes if wish is not None]
        left = np.array(
            [[left_of(wish, side, (width, height)) for side in SIDES] for wish in known]
        ).reshape(-1, len(SIDES))
        right = left + np.array([wish.width for wish in known])[:, None]
        feet = np.array([wish.foot for wish in known])[:, None]
        floors = _floors(outlines[visible], left.ravel() - 3, right.ravel() + 3)
        tops = iter(np.maximum(floors.reshape(left.shape), feet) + gap)
        return [
            wish if wish is None else replace(wish, tops=tuple(map(float, next(tops))))
            for wish in wishes
        ]


def brightened(legend, look):
    """The legend of averages, whose colours end where the range does divided by the brightness."""
    gain, bar = look.transfer.opacity, legend.bar
    if look.mode != "average" or gain == 1 or bar is None:
        return legend
    ends = {} if bar.low is None else {"low": bar.low / gain, "high": bar.high / gain}
    badge = f"averages brightened {number(gain)} times"
    return replace(legend, bar=replace(bar, **ends), badges=(*legend.badges, badge))


def _chosen(labels, visible, most, highlight):
    """Indices of labels worth a try: all, or the highlighted one and an even spread."""
    chosen = np.flatnonzero(visible)
    if len(chosen) > most:
        spread = chosen[np.round(np.linspace(0, len(chosen) - 1, most)).astype(int)]
        marked = [index for index in chosen if labels[index].name == highlight]
        chosen = np.union1d(spread, marked).astype(int)
    return chosen


# The edges of a box that its lower outline can follow, by its corners: four below, then the four
# above them.
_EDGES = np.array([(n, (n + 1) % 4) for n in range(4)] + [(n, n + 4) for n in range(4)])
# More labels than one for so many pixels of the view's width are not tried.
_PX_A_LABEL = 36


def _outlines(labels, camera, width, height):
    """Corners of the boxes as seen: float64[N, 8, 2] pixels, and bool[N] before the eye."""
    if not labels:
        return np.zeros((0, 8, 2)), np.zeros(0, bool)
    low = np.array([label.low for label in labels])
    high = np.array([label.high for label in labels])
    corners = np.stack(
        [
            np.stack([x[:, 0], y[:, 1], z[:, 2]], 1)
            for y in (low, high)
            for x, z in ((low, low), (high, low), (high, high), (low, high))
        ],
        1,
    )
    pixels, before = pixel_from_world(camera, corners, width, height)
    return pixels, before.all(1)


def _floors(outlines, left, right):
    """The lowest pixel rows that any of the boxes reaches between pairs of columns; float64[K]."""
    corners = outlines.reshape(-1, 2)
    inside = (corners[:, 0] >= left[:, None]) & (corners[:, 0] <= right[:, None])
    lowest = np.where(inside, corners[:, 1], -np.inf).max(1, initial=-np.inf)
    start, end = (outlines[:, _EDGES[:, part]].reshape(-1, 2) for part in (0, 1))
    across = end[:, 0] - start[:, 0]
    slope = (end[:, 1] - start[:, 1]) / np.where(across == 0, 1, across)
    for column in (left[:, None], right[:, None]):
        crosses = (start[:, 0] < column) != (end[:, 0] < column)
        row = start[:, 1] + (column - start[:, 0]) * slope
        lowest = np.maximum(lowest, np.where(crosses, row, -np.inf).max(1, initial=-np.inf))
    return lowest
