"""What the selection comes to, in samples and in embedding points: kept in ``facts.selected``.

Selections of samples are resolved at once. Those that name points are resolved by the builder's
thread when the points of their layers are there; until then the former ones stand, and
``running`` says so. An answer that comes too late is dropped.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from engine.selections.describing import kinds_of, layers_of
from engine.selections.resolving import Known, resolve
from viewer.studio.facts import READY

SLOT = "selection"
MOST_MET = 4


@dataclass(frozen=True, eq=False)
class Selected:
    """What is selected, exactly.

    Attributes
    ----------
    samples : bool[N]
    by_layer : dict of str to uint8[P]
        Of the layers in which points were brushed: exactly these points. In every other layer all
        points of the samples are selected.
    made_of : dict of str to Points
        In whose order they stand.
    missing : tuple of str
        Layers in which something was brushed and whose points are not there.
    running : bool
        Whether the present selection is still being resolved; this is the former one.
    """

    samples: np.ndarray
    by_layer: dict = field(default_factory=dict)
    made_of: dict = field(default_factory=dict)
    missing: tuple = ()
    running: bool = False
    _lifted: dict = field(default_factory=dict, repr=False)

    def of(self, points):
        """Which points of a layer are selected.

        Parameters
        ----------
        points : Points

        Returns
        -------
        uint8[P]
            0 or 1; the same array for the same points.
        """
        layer = points.columns.layer
        if self.made_of.get(layer) is points:
            return self.by_layer[layer]
        kept = self._lifted.get(layer)
        if kept is None or kept[0] is not points:
            mask = points.points_of_samples(self.samples).view(np.uint8)
            kept = self._lifted[layer] = (points, mask)
        return kept[1]

    @property
    def count(self):
        """Selected samples."""
        return int(np.count_nonzero(self.samples))

    @property
    def words(self):
        """What is selected: ``'120 samples, of conv3 3,402 points'``."""
        if self.running:
            return "selecting"
        count = self.count
        said = [f"{count:,} sample{'' if count == 1 else 's'}"]
        for layer, mask in self.by_layer.items():
            points = int(np.count_nonzero(mask))
            said.append(f"of {layer} {points:,} point{'' if points == 1 else 's'}")
        said += [f"the points of {layer} are not there" for layer in self.missing]
        return ", ".join(said)

    def words_of(self, layer):
        """What is selected in one layer, as a view of its points says it."""
        if self.running or self.missing:
            return self.words
        samples = f"{self.count:,} sample{'' if self.count == 1 else 's'}"
        if layer in self.by_layer:
            points = int(np.count_nonzero(self.by_layer[layer]))
            return f"{points:,} point{'' if points == 1 else 's'} of {samples} selected"
        said = f"all points of {samples} selected"
        return f"{said}, brushed in {', '.join(self.by_layer)}" if self.by_layer else said


def known_of(facts, points=None, met=None):
    """What a selection is resolved with, of what exists: `Known`."""
    return Known(
        facts.sample_count,
        facts.labels,
        facts.summary.predicted,
        facts.points if points is None else points,
        facts.network,
        {} if met is None else met,
    )


class SelectionKeeper:
    """Keeps ``facts.selected`` what the state has selected.

    Parameters
    ----------
    studio : Studio
    keeper : PointKeeper
        Says whether points are still coming.
    tell : callable(Selected or None)
        Puts it into the facts; main thread.
    """

    def __init__(self, studio, keeper, tell):
        self._studio = studio
        self._keeper = keeper
        self._tell = tell
        self._resolved = None
        self._met = {}  # points of two layers that meet, for lassos over both
        studio.session.holder.changed.connect(self._changed)
        studio.changed.connect(self._changed)

    def close(self):
        """Listen no more."""
        self._studio.session.holder.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._changed)

    def _changed(self, *_):
        selection, facts = self._studio.session.state.selection, self._studio.facts
        if not selection or facts.phase != READY or facts.data is None:
            if self._resolved is not None:
                self._resolved = None
                self._studio.builder.forget(SLOT)
            if facts.selected is not None:
                self._tell(None)
            return
        layers = layers_of(selection.steps)
        waits = any(self._keeper.awaits(layer) for layer in layers if layer not in facts.points)
        predicted = facts.summary.predicted if "predicted" in kinds_of(selection.steps) else None
        points = tuple(facts.points.get(layer) for layer in layers)
        wanted = (selection, facts.data, facts.labels, predicted, waits, *points)
        if _same(wanted, self._resolved):
            return
        self._resolved = wanted
        if not layers:
            self._studio.builder.forget(SLOT)
            self._tell(selected_by(selection, known_of(facts, {})))
            return
        self._tell(_former(facts))
        if not waits:
            there = {layer: facts.points[layer] for layer in layers if layer in facts.points}
            if len(self._met) > MOST_MET:
                self._met = {}
            known = known_of(facts, there, self._met)
            self._studio.builder.ask(
                SLOT,
                lambda: _tried(selection, known),
                lambda selected: self._came(wanted, selected),
            )

    def _came(self, wanted, selected):
        if wanted is not self._resolved:
            return
        if isinstance(selected, Exception):
            self._tell(replace(self._studio.facts.selected, running=False))
            self._studio.failed.emit("Selecting", selected)
        else:
            self._tell(selected)


def _tried(selection, known):
    """A selection resolved, or what went wrong, so that nobody waits for ever."""
    try:
        return selected_by(selection, known)
    except Exception as error:  # noqa: BLE001  (told to the person by the error door)
        return error


def selected_by(selection, known):
    """A selection resolved: `Selected`."""
    brushed = resolve(selection.steps, known)
    return Selected(
        brushed.samples,
        {layer: mask.view(np.uint8) for layer, mask in brushed.layers.items()},
        {layer: known.points[layer] for layer in brushed.layers},
        tuple(sorted(brushed.missing)),
    )


def _same(one, other):
    """Whether two wishes are alike: the selections equal, all else the same objects."""
    if (
        other is None
        or len(one) != len(other)
        or any(here is not there for here, there in zip(one[1:], other[1:], strict=True))
    ):
        return False
    return one[0] == other[0]


def _former(facts):
    """What was selected until now, while the present selection is being resolved."""
    former = facts.selected
    if former is None or len(former.samples) != facts.sample_count:
        return Selected(np.zeros(facts.sample_count, bool), running=True)
    return replace(former, running=True)
