"""State and facts to what the filmstrip shows; no Qt, no GL."""

from dataclasses import dataclass

from viewer.gl.theme import CLASS_COLOURS
from viewer.studio.facts import READY


@dataclass(frozen=True, eq=False)
class FilmWish:
    """What the filmstrip shows.

    Attributes
    ----------
    data : engine DataSet or None
    count : int
    focused : int
    labels, predicted : int32[N] or None
        Classes; -1 where unknown.
    """

    data: object = None
    count: int = 0
    focused: int = 0
    labels: object = None
    predicted: object = None

    def same_as(self, other):
        """Whether it would give the same picture."""
        names = ("data", "focused", "labels", "predicted")
        return all(
            getattr(self, name) is getattr(other, name)
            or (name == "focused" and self.focused == other.focused)
            for name in names
        )


def resolve(state, facts):
    """The filmstrip for a state and what exists."""
    if facts.phase != READY or facts.data is None:
        return FilmWish()
    count = facts.sample_count
    return FilmWish(
        facts.data,
        count,
        min(state.focus.sample, count - 1),
        facts.labels,
        facts.summary.predicted,
    )


def class_colour(wish, sample):
    """The colour of a sample's label, or None; classes beyond twenty have none."""
    if wish.labels is None or not 0 <= wish.labels[sample] < len(CLASS_COLOURS):
        return None
    return CLASS_COLOURS[int(wish.labels[sample])]


def is_wrong(wish, sample):
    """Whether the sample's prediction is known and is not its label."""
    predicted = wish.predicted
    if predicted is None or wish.labels is None or sample >= len(predicted):
        return False
    return predicted[sample] >= 0 <= wish.labels[sample] != predicted[sample]
