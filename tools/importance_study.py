"""Section 3.2.3 of the CNN-VIS report once more: the figures of docs/importance.md.

On the sample network, and on one for MNIST's test set where it lies beside the repository: the
importance of every filter for every class, the least and the most important one removed, the
threshold curve, and how well each measure foretells what the removal of single filters does. Its
picture is taken from the window, so it needs a display.
"""

import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize
from scipy.stats import spearmanr

import engine
from engine.analysis.ablation import Ablation
from engine.analysis.importance import MEASURES, NORMS, importance
from engine.attribution.explainer import Explainer
from engine.data import fit_labels
from tools.board_gradients import SHARED
from tools.pictures import Photographer
from viewer.resources import find

NETWORK = SHARED / "models" / "mnist_tensorspace_keras_tf2onnx.onnx"
DATA = SHARED / "data" / "mnist"
SHAPES = find("samples/shapes/shapes.onnx"), find("samples/shapes/shapes.npz")
ROWS = 10
"""Of the curve that are printed."""
SIZE = QSize(1300, 620)


class Study:
    """One network on its data.

    Parameters
    ----------
    network, data : path
    layer : str
        Whose curve is drawn.
    of_class : int
        Whose error rate it shows.
    """

    def __init__(self, network, data, layer, of_class):
        self.network, self.data = engine.open_network(network), engine.open_data(data)
        self.runner = engine.Runner(self.network.path)
        self.explainer = Explainer(self.network, self.runner)
        self.labels, self.names, _ = fit_labels(self.data, self.network.scores.classes)
        self.ablation = Ablation(self.network, self.runner, self.data, self.labels)
        self.layer, self.of_class = layer, of_class
        self.convolutions = [one.name for one in self.network.layers if one.kind == "conv"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.runner.close()

    def tell(self):
        """All figures, as the page has them."""
        base = self.ablation.base()
        name = Path(self.network.path).name
        print(f"\n## {name}: {base.samples:,} samples, error rate {base.overall:.4f}")
        self.removals(base)
        self.curve()
        self.foretold(base)

    def measured(self, layers, **options):
        """Importance of the filters of some layers."""
        return importance(
            self.network,
            self.data,
            layers,
            labels=self.labels,
            explainer=self.explainer,
            **options,
        )

    def removals(self, base):
        """The report's table: the class's error rate without its least and most important filter.

        One line a class for the chosen layer; below, the mean over all classes for each layer.
        """
        print("\n| class | initial | least important removed | most important removed |")
        print("|---|---|---|---|")
        found = {layer: [] for layer in self.convolutions}
        for number, rate, samples in base.per_class:
            if not samples:
                continue
            weights = self.measured(self.convolutions, of_class=number).values
            for row in self.ablation.table(weights):
                rates = [r.of_class(number) for r in (row.without_least, row.without_most)]
                found[row.layer].append((rate, *rates))
                if row.layer == self.layer:
                    least, most = rates
                    name = self.names[number] if self.names else number
                    print(
                        f"| {name} | {rate:.4f} | {least:.4f} (filter {row.least}) | "
                        f"{most:.4f} (filter {row.most}) |"
                    )
        print("\n| layer | initial | least important removed | most important removed |")
        print("|---|---|---|---|")
        for layer, rates in found.items():
            print(f"| {layer} | " + " | ".join(f"{r:.4f}" for r in np.mean(rates, axis=0)) + " |")

    def curve(self):
        """The threshold curve of a layer for a class."""
        values = self.measured([self.layer], of_class=self.of_class).values[self.layer]
        found = self.ablation.curve(self.layer, values, steps=20, of_class=self.of_class)
        print(f"\n{self.layer}, class {self.of_class}: error rate of the class")
        print("\n| removed | ascending | descending | random, mean (low to high) |")
        print("|---|---|---|---|")
        band = found.random
        for at in np.unique(np.rint(np.linspace(0, len(found.removed) - 1, ROWS)).astype(int)):
            lines = (found.ascending, found.descending, band.mean, band.low, band.high)
            up, down, mean, low, high = (line.of_class[at] for line in lines)
            removed = f"{found.removed[at]} ({found.share[at]:.0%})"
            print(f"| {removed} | {up:.3f} | {down:.3f} | {mean:.3f} ({low:.3f} to {high:.3f}) |")

    def foretold(self, base):
        """How measures agree with what each filter's removal alone does to the error rate."""
        labelled = self.labels >= 0
        rises = {}
        for layer in self.convolutions:
            count = self.network.layer(layer).output_shape[0]
            predicted = self.ablation.predictions([{layer: (c,)} for c in range(count)])
            wrong = (predicted[:, labelled] != self.labels[labelled]).mean(axis=1)
            rises[layer] = wrong - base.overall
        ways = [("gradient", norm) for norm in NORMS] + [(m, "l2") for m in MEASURES[1:]]
        print("\n| measure | " + " | ".join(self.convolutions) + " |")
        print(f"|---|{'---|' * len(self.convolutions)}")
        for measure, norm in ways:
            values = self.measured(self.convolutions, measure=measure, norm=norm).values
            ranks = [spearmanr(values[layer], rises[layer])[0] for layer in self.convolutions]
            name = f"{measure}, {norm}" if measure == "gradient" else measure
            print(f"| {name} | " + " | ".join(f"{rank:.2f}" for rank in ranks) + " |")
        told = [f"{np.count_nonzero(rises[n])} of {len(rises[n])}" for n in self.convolutions]
        print(f"| filters whose removal changes the error rate | {' | '.join(told)} |")


def picture(folder, layer):
    """The importance of a layer's filters for threes, and the curve, from the real window."""
    photographer = Photographer(folder, str(NETWORK), str(DATA))
    photographer.do("focus.layer", layer=layer)
    photographer.do("importance.class", of_class=3)
    for part in ("bars", "scores", "rates", "curve"):
        photographer.do("importance.part", part=part, shown=part in ("bars", "curve"))
    photographer.do("window.only", pane="importance")
    photographer.window.resize(SIZE)
    photographer.rest()
    photographer.take("study_importance.png", photographer.window.panes["importance"])
    photographer.window.close()


def main():
    """Both networks, or the sample alone."""
    with Study(*SHAPES, layer="conv2_1", of_class=0) as study:
        study.tell()
    if NETWORK.is_file() and DATA.is_dir():
        layer = "sequential_Conv2D_2_BiasAdd"
        with Study(NETWORK, DATA, layer=layer, of_class=3) as study:
            study.tell()
        with tempfile.TemporaryDirectory() as folder:
            picture(folder, layer)
    else:
        print(f"{NETWORK.name} and MNIST do not lie beside the repository")


if __name__ == "__main__":
    main()
