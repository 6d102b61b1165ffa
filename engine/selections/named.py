"""The named selections of a study, for Python: resolved when they are looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.selections.describing import is_over_two_layers, layers_of, with_samples
from engine.selections.keeping import read_selections
from engine.selections.resolving import Known, resolve


@dataclass(frozen=True, eq=False, repr=False)
class NamedSelection:
    """A selection that was saved with a study.

    Attributes
    ----------
    name : str
    samples : bool[N]
        Which samples are selected, by row of the study.
    points : dict of str to int32[n, 2]
        Of the layers in which points were brushed: row of the study and flat position in the map
        of each selected point, in rising order. In every other layer all points of the samples
        are selected.
    """

    name: str
    samples: np.ndarray
    points: dict

    def __repr__(self):
        return f"<NamedSelection {self.name}: {int(self.samples.sum()):,} samples>"


class Selections(Mapping):
    """Named selections by name; each is a `NamedSelection`.

    Parameters
    ----------
    study : Study

    Raises
    ------
    InputError
        Their file is damaged, or comes from a newer program.
    """

    def __init__(self, study):
        self._study = study
        self._steps = read_selections(study.path)

    def __len__(self):
        return len(self._steps)

    def __iter__(self):
        return iter(self._steps)

    def __repr__(self):
        return f"<{len(self)} selections: {', '.join(self)}>"

    def steps(self, name):
        """The description of a selection: tuple of (mode, region); samples of the data set."""
        return self._steps[name]

    def __getitem__(self, name):
        """Resolve a selection; makes embedding points where a lasso names a layer."""
        study = self._study
        row_of = {int(index): row for row, index in enumerate(study.samples.index)}
        steps = with_samples(self._steps[name], row_of.get)
        known = known_of(study, steps)
        brushed = resolve(steps, known)
        points = {
            layer: _listed(known.points[layer], mask) for layer, mask in brushed.layers.items()
        }
        return NamedSelection(name, brushed.samples, points)


def known_of(study, steps):
    """What steps about a study's rows are resolved with: `Known`."""
    from engine.embedding.points import make_points
    from engine.network.summary import NetworkSummary

    made = {layer: make_points(study, layer) for layer in layers_of(steps)}
    points = {layer: replace(found, sample=found.row) for layer, found in made.items()}
    network = NetworkSummary.from_json(study.network) if is_over_two_layers(steps) else None
    return Known(len(study), study.labels, study.predictions, points, network)


def _listed(points, mask):
    """Rows and flat positions of some points, in rising order: int32[n, 2]."""
    rows, places = points.row[mask], points.place[mask]
    order = np.lexsort((places, rows))
    return np.stack([rows[order], places[order]], axis=1)
