"""The stack view's whole picture: volumes, labels below them, legend over them.

Window, tests and movies draw this same object; whatever a person sees of the stack is here.
"""

from dataclasses import dataclass

import numpy as np

from viewer.gl.camera import Camera, fit, pixel_from_world
from viewer.gl.theme import TEXT_PX
from viewer.visuals.glyphs import line_metrics, measure
from viewer.visuals.labels import Wish, place
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
        low, high = self.stack.bounds()
        fitted = fit(camera or Camera(), low, high, aspect, MARGIN)
        center = tuple(float(a + b) for a, b in zip(fitted.center, shift, strict=True))
        return Camera(
            fitted.azimuth, fitted.elevation, fitted.distance / zoom, center, fitted.fov
        )

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
        wishes = [
            self._wish(label, camera, width, height, size, line, look) for label in labels
        ]
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
            if found.leader:
                self._overlay.line(
                    round(wish.x) + 0.5,
                    wish.y - 2 * ratio,
                    round(wish.x) + 0.5,
                    found.top - 1 * ratio,
                    theme.edge,
                    0.7,
                    max(1.0, round(ratio)),
                )
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

    def _wish(self, label, camera, width, height, size, line, look):
        """Below the lowest corner of the box as it is seen; None when it is behind the eye."""
        low, high = np.array(label.low), np.array(label.high)
        corners = np.array(
            [[x, low[1], z] for x in (low[0], high[0]) for z in (low[2], high[2])]
        )
        pixels, before = pixel_from_world(camera, corners, width, height)
        if not before.all():
            return None
        across = (pixels[:, 0].min() + pixels[:, 0].max()) / 2
        wide = max(measure(label.title, size), measure(label.detail, size))
        return Wish(
            x=float(across),
            y=float(pixels[:, 1].max()) + 8 * look.pixel_ratio,
            width=wide,
            height=2 * line,
            urgent=look.highlight == label.name,
        )
