"""Orders of channels on the sample networks: pictures and figures of docs/orders.md.

Everything is done by the window's own commands. Needs a display.
"""

import tempfile

import numpy as np
from PySide6.QtCore import QSize

from tools.pictures import FOLDER, Photographer
from viewer.studio.stability import chance_of, means_of

LAYERS = ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv4_1", "conv4_2")
SHOWN, DEEP = "conv3_1", "conv4_2"
ALONE, NARROW = QSize(1280, 620), QSize(1280, 520)
COMPARED = ("rows", "columns", "samples", "classes", "methods")


class Study:
    """The window on a sample network, and what its orders pane says."""

    def __init__(self, folder, sample):
        self.photographer = Photographer(folder, sample, sample)
        self.do = self.photographer.do
        self.do("window.only", pane="orders")
        self.view = self.photographer.window.desk.stage.views["orders"]

    def wish(self):
        """What the pane shows, once all of it is there."""
        self.photographer.settle(0.5)
        self.photographer.wait(lambda: not self.view.pending)
        return self.view.wish

    def take(self, name, size):
        """A picture of the pane."""
        self.photographer.window.resize(size)
        self.wish()
        self.photographer.settle()
        self.photographer.take(name, self.photographer.window.desk.canvases["orders"])

    def qualities(self, basis, layers):
        """How good every method's order of some layers is."""
        print(f"\nquality of orders, {basis}")
        for layer in layers:
            self.do("focus.layer", layer=layer)
            self.do("orders.choose", method="file", basis=basis)
            wish = self.wish()
            said = ", ".join(f"{row.name} {row.quality:.2f}" for row in wish.rows)
            spread = wish.rows[0].spread
            print(f"{layer} ({wish.counts}): {said}; random orders ± {spread:.3f}")

    def stabilities(self, layers, method="pca"):
        """How stable orders of some layers are: mean magnitudes, and how many are reversed."""
        print(f"\nmean magnitude of Kendall's tau, {method}")
        for layer in layers:
            self.do("focus.layer", layer=layer)
            self.do("orders.choose", method=method, basis="sample")
            found = []
            for between in COMPARED:
                self.do("stability.between", between=between)
                wish = self.wish()
                matrix = wish.matrix
                if matrix is None:
                    continue
                chance = chance_of(wish.compared, wish.settings.correlation)
                near, pairs = means_of(matrix)
                below = matrix[np.triu_indices(len(matrix), 1)] < 0
                said = f"{near:.2f} of neighbours, " if between in ("rows", "columns") else ""
                said += f"{pairs:.2f} ({np.mean(below):.2f} reversed, chance {chance:.2f})"
                found.append(f"{between} {said}")
            print(f"{layer}: {'; '.join(found)}")


def main():
    """Take all pictures and print all figures; needs a display."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        study = Study(folder, "sample:shapes")
        study.qualities("sample", LAYERS)
        study.qualities("samples", LAYERS)
        study.stabilities(LAYERS)
        study.stabilities([SHOWN], "path")
        study.do("focus.layer", layer=SHOWN)
        study.do("orders.choose", method="path", basis="sample")
        study.do("stability.between", between="rows")
        study.do("stability.pair", pair=[7, 8])
        study.take("orders_quality.png", ALONE)
        study.do("focus.layer", layer=DEEP)
        study.do("orders.choose", method="pca", basis="samples")
        study.do("stability.between", between="classes")
        study.take("orders_classes.png", NARROW)
        study.photographer.window.close()
    with tempfile.TemporaryDirectory() as folder:
        study = Study(folder, "sample:digits")
        study.qualities("samples", ["conv1", "conv2"])
        study.stabilities(["conv1", "conv2"])
        study.photographer.window.close()


if __name__ == "__main__":
    main()
