"""The README's pictures, taken from the real window on the sample: `make pictures`."""

import sys
import time
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QSize

from samples.sessions.make import ORDERED, SERIES
from viewer.app import make_application, make_window, remembered
from viewer.qt.settings import Settings
from viewer.views.scatter.choosing import most_separating

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SAMPLE = "sample:shapes"
PATIENCE = 300.0
WINDOW = QSize(1500, 940)
ALONE = QSize(1600, 800)
PANEL = QSize(820, 760)
BEST_SAMPLE = 1
"""A rhombus, whose outlines stay in sight through many layers."""
MAPS_OF = "conv2_1"
POINTS_OF = "fc1"
FILTERS_OF = "conv3_1"


class Photographer:
    """The window on a network and its pictures, its study complete, and pictures of its parts.

    Parameters
    ----------
    folder : path
        Where settings lie while the pictures are taken.
    network, data : str
    """

    def __init__(self, folder, network=SAMPLE, data=SAMPLE):
        self._application = make_application()
        settings = Settings(Path(folder) / "settings.json")
        self.window = make_window(settings, remembered(settings))
        self.window.resize(WINDOW)
        self.window.show()
        self.do("open", network=network, data=data)
        self.wait(lambda: self.window.studio.facts.phase == "ready")
        if not self.window.studio.facts.confirmed:
            self.do("preprocess.confirm")
        self.wait(lambda: self.window.studio.facts.extraction.phase == "done")

    def do(self, kind, **args):
        """Give a command and wait until everything shows it."""
        self.window.command(kind, args)
        self.settle()

    def wait(self, until):
        """Let the window live until something is so."""
        end = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > end:
                sys.exit("the window did not come to rest")
            self._application.processEvents()
            # what asked to be deleted goes, as in a running event loop
            self._application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            time.sleep(0.01)

    def settle(self, seconds=2.0):
        """Let the window live for a while: answers arrive, motion ends, pictures refine."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def rest(self):
        """Wait until nothing in sight is missing."""
        self.settle(4.0)
        self.wait(lambda: not self.window.desk.stage.pending)
        self.settle()

    def take(self, name, widget=None):
        """Write one picture of the window or of a part of it."""
        widget = widget or self.window
        corner, size = widget.mapTo(self.window, QPoint(0, 0)), widget.size()
        screen, path = self.window.screen(), FOLDER / name
        place = (corner.x(), corner.y(), size.width(), size.height())
        screen.grabWindow(self.window.winId(), *place).save(str(path))
        Image.open(path).convert("RGB").save(path, optimize=True)
        print(f"{path.relative_to(FOLDER.parent.parent)}  {path.stat().st_size / 1e3:.0f} kB")


def main():
    """Take all pictures; needs a display."""
    import tempfile

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        photographer = Photographer(folder)
        photographer.do("focus.sample", sample=BEST_SAMPLE)
        photographer.take("window.png")
        photographer.do("window.only", pane="preprocessing")
        photographer.window.resize(PANEL)
        photographer.settle()
        photographer.take("preprocessing.png", photographer.window.panes["preprocessing"])
        photographer.do("window.only", pane="stack")
        photographer.window.resize(ALONE)
        photographer.do("stack.range", range="sample")
        photographer.do("stack.opacity", opacity=1.5)
        stack = photographer.window.desk.canvases["stack"]
        photographer.take("stack.png", stack)
        photographer.do("stack.mode", mode="maximum")
        photographer.do("camera.move", azimuth=38.0, elevation=24.0)
        photographer.do("camera.fit")
        photographer.take("maximum.png", stack)
        photographer.do("focus.layer", layer=MAPS_OF)
        photographer.do("window.only", pane="maps")
        photographer.take("maps.png", photographer.window.desk.canvases["maps"])
        points(photographer)
        explanations(photographer)
        orders(photographer)
        gradients(photographer)
        photographer.window.close()


def points(photographer):
    """Pictures of the matrix and of three of its channels in space."""
    photographer.do("focus.layer", layer=POINTS_OF)
    photographer.do("matrix.constant", hidden=True)
    photographer.do("window.choose", layout="Matrix")
    photographer.window.resize(WINDOW)
    photographer.settle(6.0)
    photographer.take("matrix.png")
    photographer.do("window.only", pane="scatter")
    photographer.window.resize(ALONE)
    points_of = photographer.window.studio.facts.points[POINTS_OF]
    channels = most_separating(points_of, photographer.window.studio.facts.labels)
    photographer.do("scatter.channels", **dict(zip("xyz", channels, strict=True)))
    photographer.do("scatter.look", azimuth=55.0, elevation=14.0, zoom=1.15)
    photographer.settle(4.0)
    photographer.take("scatter.png", photographer.window.desk.canvases["scatter"])


def explanations(photographer):
    """The strongest filters of a layer, the attribution over the sample, methods side by side."""
    photographer.do("focus.layer", layer=FILTERS_OF)
    photographer.do("attribution.method", method="lrp")
    photographer.do("attribution.show", shown=True)
    photographer.do("window.choose", layout="Top filters")
    photographer.window.resize(WINDOW)
    photographer.rest()
    photographer.take("filters.png")


def orders(photographer):
    """Cuts through a layer before and after an order, and how good each order is."""
    photographer.do("attribution.show", shown=False)
    photographer.do("focus.sample", sample=0)
    photographer.do("focus.channel", layer=ORDERED, channel=4)
    photographer.do("slices.cut", row=0.5, column=0.5)
    photographer.do("slices.before", shown=True)
    photographer.do("orders.choose", method="kmeans", basis="sample", clusters=5)
    photographer.do("window.choose", layout="Orders")
    photographer.do("camera.fit")
    photographer.rest()
    photographer.take("orders.png")


def gradients(photographer):
    """A series of gradients by the weights, its steps on a common scale."""
    photographer.do("orders.reset")
    photographer.do("window.choose", layout="Gradients")
    groups = [[name, role, list(samples)] for name, role, samples in SERIES]
    photographer.do("series.build", groups=groups, target="logit:1")
    photographer.do("series.step", step=1)
    photographer.do("camera.fit")
    photographer.rest()
    photographer.take("gradients.png")


if __name__ == "__main__":
    main()
