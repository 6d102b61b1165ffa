"""State and facts to what the filmstrip shows; no Qt, no GL."""

from dataclasses import dataclass, field

import numpy as np

from viewer.studio.facts import READY
from viewer.studio.predictions import class_name
from viewer.visuals.classes import class_colours, hex_of

# More classes than this have no legend: it would not fit, and colours alone do not tell.
LEGEND = 20
LISTED_WORDS = {"all": "", "selected": "selected", "wrong": "predicted wrong"}


@dataclass(frozen=True)
class Chip:
    """A class in the legend: its index, name, colour, and whether all its samples are selected."""

    index: int
    name: str
    colour: str
    selected: bool


@dataclass(frozen=True, eq=False)
class FilmWish:
    """What the filmstrip shows.

    Attributes
    ----------
    data : engine DataSet or None
    samples : int64[L]
        Those listed, in order.
    focused : int
        The focused sample.
    labels, predicted : int32[N] or None
        Classes; -1 where unknown.
    classes : int
        How many there are.
    selected : bool[N] or None
        None: nothing is selected.
    chips : tuple of Chip
        The legend; empty when there are too many classes or none.
    message : str
        Why nothing is listed.
    """

    data: object = None
    samples: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    focused: int = 0
    labels: object = None
    predicted: object = None
    classes: int = 0
    selected: object = None
    chips: tuple = ()
    message: str = ""

    def same_as(self, other):
        """Whether it would give the same picture."""
        return (
            all(getattr(self, name) is getattr(other, name) for name in ("data", "predicted"))
            and self.labels is other.labels
            and (self.focused, self.chips, self.message)
            == (other.focused, other.chips, other.message)
            and _same(self.samples, other.samples)
            and _same(self.selected, other.selected)
        )

    @property
    def place(self):
        """Where the focused sample stands in the list, or where it would."""
        found = int(np.searchsorted(self.samples, self.focused))
        return min(found, max(0, len(self.samples) - 1))


def _same(one, other):
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


def resolve(state, facts):
    """The filmstrip for a state and what exists."""
    if facts.phase != READY or facts.data is None:
        return FilmWish()
    count = facts.sample_count
    selected = None if facts.selected is None else facts.selected.samples
    samples = listed(state.film.listed, count, selected, facts)
    return FilmWish(
        data=facts.data,
        samples=samples,
        focused=min(state.focus.sample, count - 1),
        labels=facts.labels,
        predicted=facts.summary.predicted,
        classes=class_count(facts),
        selected=selected,
        chips=chips(facts, selected),
        message="" if len(samples) else f"No sample is {LISTED_WORDS[state.film.listed]}.",
    )


def listed(which, count, selected, facts):
    """Samples that are listed: int64[L], rising."""
    if which == "selected":
        return np.flatnonzero(selected) if selected is not None else np.zeros(0, np.int64)
    if which == "wrong":
        labels, predicted = facts.labels, facts.summary.predicted
        if labels is None or predicted is None:
            return np.zeros(0, np.int64)
        known = min(len(labels), len(predicted))
        labels, predicted = np.asarray(labels)[:known], np.asarray(predicted)[:known]
        return np.flatnonzero((predicted >= 0) & (labels >= 0) & (predicted != labels))
    return np.arange(count)


def class_count(facts):
    """Number of classes, of the names or of the labels."""
    if facts.class_names is not None:
        return len(facts.class_names)
    return 0 if facts.labels is None else int(np.max(facts.labels, initial=-1)) + 1


def chips(facts, selected):
    """The legend of the classes that have samples; empty when there are too many."""
    if facts.labels is None:
        return ()
    present = [int(index) for index in np.unique(facts.labels) if index >= 0]
    if len(present) > LEGEND:
        return ()
    colours = class_colours(class_count(facts))
    return tuple(
        Chip(
            index,
            class_name(index, facts.class_names),
            hex_of(colours[index]),
            selected is not None and bool(selected[np.asarray(facts.labels) == index].all()),
        )
        for index in present
    )


def class_colour(wish, sample):
    """The colour of a sample's label, or None."""
    if wish.labels is None or not 0 <= wish.labels[sample] < wish.classes:
        return None
    return hex_of(class_colours(wish.classes)[int(wish.labels[sample])])


def is_wrong(wish, sample):
    """Whether the sample's prediction is known and is not its label."""
    predicted = wish.predicted
    if predicted is None or wish.labels is None or sample >= len(predicted):
        return False
    return predicted[sample] >= 0 <= wish.labels[sample] != predicted[sample]
