"""Section 4 of Seein' In once more, on MNIST's test set: pictures and figures of docs/matrix.md.

Everything is done by the window's own commands and by its pointer. Needs a display, and the network
and the digits beside the repository; without them it says so.
"""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QSize

from tools.pictures import FOLDER, Photographer
from viewer.gl.theme import DARK
from viewer.views.gestures import Pointer
from viewer.views.maps.marks import FOOT
from viewer.views.maps.wall import BAR

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
NETWORK = SHARED / "models" / "mnist_tensorspace_keras_tf2onnx.onnx"
DATA = SHARED / "data" / "mnist"
POOL, LINEAR = "sequential_MaxPooling2D_2_MaxPool", "sequential_Dense_1_MatMul"
ACROSS, UP = 9, 11
"""Channels of the second pooling layer in which ones gather."""
CLUSTER = ((-0.76, 3.04), (-0.06, 3.74))
"""Two corners round them: values of both channels."""
ONES = {"kind": "class", "items": [1]}
SLANTED = 9
"""A unit of the first fully connected layer that answers to ones; the strongest come first."""
LOW, SMALL = QSize(1500, 760), QSize(1120, 640)
DIGIT = 210
RANGES = {"high": (4.0, 7.2), "middle": (2.4, 3.2), "low": (0.4, 1.4)}


def box(layer, x, y, corners):
    """The region of a rectangle over two channels."""
    (x0, y0), (x1, y1) = corners
    polygon = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return {"kind": "lasso", "layer": layer, "x": x, "y": y, "polygon": polygon}


def slants(data):
    """How far each digit leans to the right, degrees from upright, by its second moments."""
    images = np.stack([data.image(i) for i in range(len(data))]).astype(float)
    rows, columns = np.mgrid[0 : images.shape[1], 0 : images.shape[2]]
    mass = images.sum((1, 2))
    up, across = ((images * at).sum((1, 2)) / mass for at in (rows, columns))
    rows, columns = rows - up[:, None, None], columns - across[:, None, None]
    both = (images * rows * columns).sum((1, 2))
    return np.degrees(np.arctan2(-both, (images * rows**2).sum((1, 2))))


class Study:
    """The window on MNIST, and what is asked of it."""

    def __init__(self, folder):
        self.photographer = Photographer(folder, str(NETWORK), str(DATA))
        self.do = self.photographer.do
        self.studio = self.photographer.window.studio
        self.slants = slants(self.studio.facts.data)

    def selected(self):
        """The selection, when it is resolved."""
        self.photographer.wait(lambda: not self.studio.facts.selected.running)
        return self.studio.facts.selected

    def classes(self, samples):
        """Samples by class, in words."""
        counts = np.bincount(self.studio.facts.labels[samples], minlength=10)
        return ", ".join(f"{n:,} of class {c}" for c, n in enumerate(counts) if n)

    def means(self):
        """The mean maps, when they are made of the selection."""
        self.photographer.settle(1.0)
        self.photographer.wait(lambda: not self.studio.facts.means.running)
        return self.studio.facts.means.maps

    def cluster(self):
        """A cluster of the second pooling layer, inspected with the pointer."""
        self.do("window.choose", layout="Matrix")
        self.do("focus.layer", layer=POOL)
        self.photographer.wait(lambda: POOL in self.studio.facts.points)
        self.do("matrix.look", x=ACROSS + 0.5, y=UP + 0.5, span=1.02)
        self.photographer.settle(4.0)
        points = self.studio.facts.points[POOL]
        view = self.photographer.window.desk.canvases["matrix"].view
        middle = np.mean(CLUSTER, axis=0)
        codes = [
            points.columns.codes(c, value) for c, value in zip((ACROSS, UP), middle, strict=True)
        ]
        view.move(Pointer(*(float(part) for part in view.cells.place_of(UP, ACROSS, *codes))))
        self.photographer.settle(1.0)
        self.photographer.take("study_cluster.png")
        view.leave()
        region = box(POOL, ACROSS, UP, CLUSTER)
        self.do("select.brush", mode="replace", region=region)
        mask = self.selected().of(points).astype(bool)
        print(f"cluster: {mask.sum():,} points, {self.classes(points.sample[mask])}")
        print(np.bincount(points.place[mask], minlength=16).reshape(4, 4))

    def ones(self):
        """The class of ones selected; the strongest units of the first fully connected layer."""
        self.do("select.brush", mode="replace", region=ONES)
        self.do("window.only", pane="maps")
        self.photographer.window.resize(LOW)
        self.do("maps.set", set="mean")
        self.do("orders.choose", method="mean", basis="selection")
        self.do("maps.look", place=0.0)
        self.do("focus.channel", layer=LINEAR, channel=SLANTED)
        maps = self.means()
        self.photographer.settle(2.0)
        self.photographer.take("study_ones.png", self.photographer.window.desk.canvases["maps"])
        values = maps[LINEAR].ravel()
        print("strongest on average:", [(int(k), round(float(values[k]), 2))
                                        for k in np.argsort(-values)[:10]])  # fmt: skip

    def slant(self):
        """Parts of one unit's distribution, and the mean digit of each."""
        self.do("window.only", pane=None)
        self.photographer.window.resize(SMALL)
        self.do("orders.reset")
        self.do("focus.layer", layer=LINEAR)
        self.photographer.wait(lambda: LINEAR in self.studio.facts.points)
        self.do("matrix.look", x=SLANTED + 0.5, y=SLANTED + 0.5, span=1.02)
        self.do("maps.look", place=0.0, size=DIGIT)
        self.do("matrix.overview", shown=False)
        self.do("matrix.legend", shown=False)
        parts = []
        for name, (low, high) in RANGES.items():
            region = box(LINEAR, SLANTED, SLANTED, ((low, low), (high, high)))
            self.do("select.brush", mode="replace", region=region)
            parts.append(self._leaning(name))
        self.do("select.brush", mode="intersect", region=ONES)
        parts.append(self._leaning("ones"))
        whole = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)))
        top = 0
        for part in parts:
            whole.paste(part, (0, top))
            top += part.height
        whole.save(FOLDER / "study_slant.png", optimize=True)

    def related(self):
        """Units whose answers to ones go with the slant of the ones."""
        points = self.studio.facts.points[LINEAR]
        columns, labels = points.columns, self.studio.facts.labels[points.sample]
        ones, lean = labels == 1, self.slants[points.sample]
        silent = columns.fine[SLANTED] == columns.zero[SLANTED]
        print(
            f"unit {SLANTED} is zero for {silent[~ones].mean():.2f} of the digits that are no ones"
        )
        found = []
        for unit in np.flatnonzero(~columns.constant):
            values = columns.values(unit, columns.fine[unit, ones])
            if np.ptp(values) > 0:
                found.append((float(np.corrcoef(values, lean[ones])[0, 1]), int(unit)))
        for correlation, unit in sorted(found, key=lambda each: -abs(each[0]))[:12]:
            print(f"unit {unit}: correlation {correlation:.2f} with the slant of ones")

    def _leaning(self, name):
        """What is selected, in words and as a picture: the matrix, and the mean of the input."""
        samples = self.selected().samples
        self.means()
        self.photographer.settle(3.0)
        ones = samples & (self.studio.facts.labels == 1)
        print(
            f"{name}: {samples.sum():,} samples, {self.classes(samples)}; "
            f"ones lean {self.slants[ones].mean():.1f} degrees"
        )
        canvases = self.photographer.window.desk.canvases
        pictures = []
        for pane in ("matrix", "maps"):
            self.photographer.take("study_part.png", canvases[pane])
            pictures.append(Image.open(FOLDER / "study_part.png").copy())
            (FOLDER / "study_part.png").unlink()
        cell, maps = pictures
        height, end = DIGIT + 44, maps.height - FOOT
        cell = cell.resize((cell.width * height // cell.height, height), Image.Resampling.LANCZOS)
        part = Image.new("RGB", (cell.width + maps.width, height), DARK.view)
        part.paste(cell, (0, 0))
        part.paste(maps.crop((0, 0, maps.width - BAR, end)), (cell.width, (height - end) // 2))
        return part


def main():
    """Do the study; needs a display."""
    if not NETWORK.exists() or not DATA.exists():
        print(f"no study on MNIST: {NETWORK} and {DATA} are not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        study = Study(folder)
        study.cluster()
        study.ones()
        study.slant()
        study.related()
        study.photographer.window.close()


if __name__ == "__main__":
    main()
