"""Embedding points of the layers that the state needs, made from the study and remembered.

One job at a time, the active layer first, with progress and Cancel; all reading and writing happens
in the study's own thread, which serves others between two blocks. While a study grows its points
are those of the samples that are there by now, made again when their number has doubled and at the
end. What a person has cancelled waits until it is asked for again.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import InputError
from engine.selections.describing import layers_of
from engine.tasks import Task
from viewer.state.layout import in_front
from viewer.studio.facts import READY
from viewer.studio.jobs import sentence

BUDGET_BYTES = 3 * 2**30
COMPLETE = ("done", "opened")
PANES = frozenset({"matrix", "scatter"})
NO_LAYER = "No layer is active.\nChoose one in the network."
WHY_NO_STUDY = {
    "none": "No study yet: points come from all samples, which are extracted first.",
    "unconfirmed": "No study yet: points come from all samples.\nConfirm the preprocessing first.",
    "stopped": "No study yet: extracting was stopped.\nStudy > Extract All Samples goes on.",
}


@dataclass(frozen=True)
class Origin:
    """Of which study points are made, and of how much of it.

    Attributes
    ----------
    path : Path
    samples : int or None
        How many it held by then; None: it is complete.
    grows : bool
        Whether more samples are coming.
    """

    path: object
    samples: int | None = None
    grows: bool = False

    def is_outdated(self, wanted):
        """Whether points of this origin are to be made again, when that is what there is now."""
        if self.path != wanted.path:
            return True
        if self.samples is None:
            return False
        if wanted.samples is None:
            return True
        return wanted.samples >= (2 if wanted.grows else 1) * self.samples + (not wanted.grows)


@dataclass(frozen=True, eq=False)
class Entry:
    """One layer's points, or why there are none.

    Attributes
    ----------
    origin : Origin
    points : engine Points or None
    fault : str
        As a person reads it.
    cancelled : bool
        By a person: not made again before somebody asks.
    """

    origin: Origin
    points: object = None
    fault: str = ""
    cancelled: bool = False


def needed_layers(state):
    """Layers whose points the state needs, the active one first."""
    names = []
    seen = PANES & set(in_front(state.window.layout, state.window.only))
    if seen:
        names.append(state.focus.layer)
    if "matrix" in seen:
        names.append(state.matrix.columns_from)
    names += layers_of(state.selection.steps)
    return tuple(dict.fromkeys(name for name in names if name is not None))


def origin_of(facts, layer):
    """What points of a layer are made of now: an `Origin`, or why there is nothing, in words."""
    if layer in facts.in_full:
        return Origin(facts.in_full[layer])
    phase, count = facts.extraction.phase, facts.summary.samples
    if phase in COMPLETE and facts.study_path is not None:
        return Origin(facts.study_path)
    if count and facts.study_path is not None:
        return Origin(facts.study_path, count, phase == "running")
    if phase == "running":
        return f"No sample is in the study yet.\nExtracting: 0 of {facts.sample_count:,} samples."
    return WHY_NO_STUDY.get(phase) or f"There is no study: {facts.extraction.failure}"


class PointKeeper:
    """Keeps ``facts.points`` and ``facts.points_words`` what the state asks for.

    Parameters
    ----------
    studio : Studio
    reader : StudyReader
    tell : callable(dict of str to Points, str)
        Puts them into the facts; main thread.
    budget : int
        Bytes of all points that are remembered; those needed now always stay.
    """

    def __init__(self, studio, reader, tell, budget=BUDGET_BYTES):
        self._studio = studio
        self._reader = reader
        self._tell = tell
        self._budget = budget
        self._entries = OrderedDict()
        self._network = None
        self._needed = ()
        self._making = self._job = None
        studio.session.holder.changed.connect(self._changed)
        studio.changed.connect(self._changed)

    def close(self):
        """Listen no more."""
        self._studio.session.holder.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._changed)

    @property
    def can_ask_again(self):
        """Whether points that are needed were cancelled or could not be made."""
        return any(layer in self._entries and self._entries[layer].fault for layer in self._needed)

    def ask_again(self):
        """Make the points that were cancelled, or could not be made."""
        for layer in self._needed:
            if layer in self._entries and self._entries[layer].fault:
                del self._entries[layer]
        self._changed()

    def awaits(self, layer):
        """Whether points of a layer are being made now, or next."""
        return self._is_due(layer) or (self._making is not None and self._making[0] == layer)

    def why_none(self, layer):
        """Why there are no points of a layer, in words; empty when there are."""
        facts, entry = self._studio.facts, self._entries.get(layer)
        if entry is not None and entry.points is not None:
            return ""
        origin = origin_of(facts, layer)
        if isinstance(origin, str):
            return origin
        if entry is not None and entry.fault:
            return entry.fault
        if origin.samples is None:
            return f"Reading the points of {layer}."
        return (
            f"Reading the points of {layer}:"
            f"\n{origin.samples:,} of {facts.sample_count:,} samples so far."
        )

    # what is needed

    def _changed(self, *_):
        state, facts = self._studio.session.state, self._studio.facts
        if facts.network is not self._network:
            self._network = facts.network
            self._entries.clear()
        ready = facts.phase == READY and facts.data is not None
        needed = needed_layers(state) if ready else ()
        for layer in set(self._needed) - set(needed):
            if layer in self._entries and self._entries[layer].fault:
                del self._entries[layer]  # chosen again it is tried again
        self._needed = needed
        self._drop_what_is_of_other_studies(facts)
        self._stop_what_is_vain(facts)
        if self._making is None:
            due = next((layer for layer in needed if self._is_due(layer)), None)
            if due is not None:
                self._begin(due, facts)
        self._keep_budget()
        self._say(state, needed)

    def _drop_what_is_of_other_studies(self, facts):
        for layer, entry in list(self._entries.items()):
            origin = origin_of(facts, layer)
            if isinstance(origin, str) or origin.path != entry.origin.path:
                del self._entries[layer]

    def _stop_what_is_vain(self, facts):
        """Points of a layer that is needed no more, or of less than there is at the end."""
        if self._making is None:
            return
        layer, origin = self._making
        now = origin_of(facts, layer)
        vain = isinstance(now, str) or now.path != origin.path
        if (
            vain
            or (now.samples is None and origin.samples is not None)
            or (layer not in self._needed)
        ):
            self._making = None
            self._job.cancel()

    def _is_due(self, layer):
        """Whether points of a layer are to be made, for the first time or of more samples."""
        origin, entry = origin_of(self._studio.facts, layer), self._entries.get(layer)
        if isinstance(origin, str) or layer not in self._needed:
            return False
        return entry is None or (not entry.cancelled and entry.origin.is_outdated(origin))

    def _say(self, state, needed):
        for layer in reversed(needed):
            if layer in self._entries:
                self._entries.move_to_end(layer)
        points = {
            layer: self._entries[layer].points
            for layer in needed
            if layer in self._entries and self._entries[layer].points is not None
        }
        layer = state.focus.layer
        facts = self._studio.facts
        words = ""
        if facts.phase == READY and facts.data is not None:
            words = NO_LAYER if layer is None else self.why_none(layer)
        same = facts.points.keys() == points.keys() and all(
            facts.points[name] is points[name] for name in points
        )
        if not same or words != facts.points_words:
            self._tell(facts.points if same else points, words)

    def _keep_budget(self):
        def size(entry):
            return 0 if entry.points is None else entry.points.nbytes

        total = sum(map(size, self._entries.values()))
        for layer in list(self._entries):
            if total <= self._budget:
                return
            if layer not in self._needed:
                total -= size(self._entries.pop(layer))

    # making

    def _begin(self, layer, facts):
        making = self._making = (layer, origin_of(facts, layer))
        engine, reader, data, path = self._studio.engine, self._reader, facts.data, making[1].path

        def work(task):
            def report(progress):
                task.report(progress.done, progress.total, progress.what)
                reader.let_others()

            def read():
                with engine.open_study(path) as study:
                    return numbered(engine.make_points(study, layer, Task("", report)), data)

            task.report(0, None, f"points of {layer}")
            return reader.read(read)

        self._job = self._studio.jobs.start(
            f"Reading the points of {layer}",
            work,
            done=lambda points: self._came(making, Entry(making[1], points)),
            failed=lambda error: self._failed(making, error),
            ended=lambda: self._ended(making),
        )

    def _came(self, making, entry):
        if making is self._making:
            self._making = None
            self._entries[making[0]] = entry
            self._changed()

    def _failed(self, making, error):
        text, foreseen = sentence(error)
        self._came(making, self._without(making, text))
        if not foreseen:
            self._studio.failed.emit(f"Reading the points of {making[0]}", error)

    def _ended(self, making):
        """A person has cancelled it, or it was stopped: then others may begin."""
        if making is self._making:
            text = f"The points of {making[0]} were cancelled.\nStudy > Read the Points Again."
            self._came(making, replace(self._without(making, text), cancelled=True))

    def _without(self, making, fault):
        """An entry with a fault; points that were there stay."""
        layer, origin = making
        before = self._entries.get(layer)
        return Entry(origin, None if before is None else before.points, fault)


def numbered(points, data):
    """Points whose samples are numbered as the window numbers them.

    A study that was opened by itself numbers its own rows; points name samples of the data set.

    Parameters
    ----------
    points : engine Points
    data : engine DataSet or RecordedData

    Returns
    -------
    Points

    Raises
    ------
    InputError
        The study has other samples by now than when it was opened.
    """
    index = getattr(data, "index", None)
    if index is None or np.array_equal(index, np.arange(len(index))):
        return points
    places = np.searchsorted(index, points.sample)
    if (index[np.minimum(places, len(index) - 1)] != points.sample).any():
        raise InputError(
            "the study has more samples than when it was opened", remedy="open it again"
        )
    return replace(points, sample=places.astype(np.int32))
