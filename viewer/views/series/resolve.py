"""State and facts to what the view of a series shows; no Qt, no GL."""

from dataclasses import dataclass, field

from viewer.state.series import SeriesSettings
from viewer.studio import (
    comparing,
    ordering,
    seriating,
    series_choice,
    series_words,
    validating,
)
from viewer.studio.facts import OPENING
from viewer.studio.predictions import class_name
from viewer.views.series.build import PICTURE_WORDS

NO_NETWORK = "Gradients need the network itself,\nand this study was opened without it."
NO_SCORES = "The network gives no class scores.\nAdd the focused sample, and take a unit as target."
DIFFERENCE_WORDS = {
    "none": "",
    "reference": "less the reference step",
    "before": "each less the step before",
}


@dataclass(frozen=True)
class Head:
    """The words below a step's picture.

    Attributes
    ----------
    name, words : str
        The step's name; label and prediction of its sample.
    look : str
        ``'text'``, ``'dim'``, ``'right'``, ``'wrong'``: how the words look.
    sample : int
        Whose thumbnail stands there.
    role : str
    is_reference : bool
    """

    name: str
    words: str = ""
    look: str = "dim"
    sample: int = 0
    role: str = "other"
    is_reference: bool = False


@dataclass(frozen=True, eq=False)
class Check:
    """What the part of the check shows.

    Attributes
    ----------
    kind : str
        One of `viewer.state.series.CHECKS`.
    found : viewer.studio.validating.Checked or None
    why : str
        Why there is nothing, one sentence.
    waits : bool
    name : str
        Of the sample that is checked.
    """

    kind: str = "none"
    found: object = None
    why: str = ""
    waits: bool = False
    name: str = ""

    def same_as(self, other):
        """Whether it would give the same picture."""
        return self.found is other.found and (self.kind, self.why, self.waits) == (
            other.kind, other.why, other.waits,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class SeriesWish:
    """What the view shows.

    Attributes
    ----------
    message : str
        Instead of the steps.
    series : viewer.studio.seriating.Series or None
    heads : tuple of Head
        One for each step.
    layer : str or None
        The layer whose values are shown.
    shape : tuple of int or None
        Of its weights, before they were unfolded; of activations their shape.
    settings : SeriesSettings
    order : engine Order or None
        Of the layer's filters, where one is in force; rows of filters stand in it.
    limit : float
        End of the common range.
    data, preprocessing : object or None
        For the thumbnails.
    words : str
        For the footer.
    detail : str
    check : Check
    late : bool
        Something is still to come.
    """

    message: str = ""
    series: object = None
    heads: tuple = ()
    layer: str | None = None
    shape: tuple | None = None
    settings: SeriesSettings = field(default_factory=SeriesSettings)
    order: object = None
    limit: float = 0.0
    data: object = None
    preprocessing: object = None
    words: str = ""
    detail: str = ""
    check: Check = field(default_factory=Check)
    late: bool = False

    @property
    def steps(self):
        """What there is of each step."""
        return () if self.series is None else self.series.steps

    def same_as(self, other):
        """Whether it would give the same picture."""
        parts = ("message", "heads", "layer", "settings", "limit", "words")
        return (
            all(getattr(self, part) == getattr(other, part) for part in parts)
            and self.series is other.series
            and self.data is other.data
            and self.order is other.order
            and self.check.same_as(other.check)
        )


def resolve(state, facts):
    """What the view shows for a state and what exists."""
    if facts.lack is not None:
        return SeriesWish(message=facts.lack, late=facts.phase == OPENING)
    if facts.recording is not None:
        return SeriesWish(message=NO_NETWORK)
    settings, check = state.series, _check(state, facts)
    if not settings.steps:
        return SeriesWish(
            message=_nothing_yet(state, facts),
            settings=settings,
            check=check,
            words=series_choice.lacks(state, facts),
            late=check.waits,
        )
    series = seriating.series_of(state, facts)
    layer, shape = _layer_of(state, series)
    order = None if layer is None else ordering.order_of(state, facts, layer)
    if order is not None and len(order.channels) != shape[0]:
        order = None
    return SeriesWish(
        series=series,
        heads=tuple(_head(facts, at, settings) for at in range(len(settings.steps))),
        layer=layer,
        shape=shape,
        settings=settings,
        order=order,
        limit=series.ranges.ends.get(layer, (0.0, 0.0))[1],
        data=facts.data,
        preprocessing=facts.preprocessing,
        words=_words(state, facts, series, layer),
        detail=_detail(state, facts, series, layer),
        check=check,
        late=series.is_late or check.waits,
    )


def _nothing_yet(state, facts):
    if facts.network.scores is None:
        return NO_SCORES
    found = series_choice.known(facts)
    if found is None:
        late = facts.extraction.phase == "running"
        why = "Waiting for the samples to be run." if late else "No sample has been run yet."
        return f"No series yet.\n{why}"
    roles = series_choice.chosen(state.series.choice, found)
    said = [
        f"{series_choice.role_words(role).lower()} {class_name(index, facts.class_names)}: "
        f"{series_choice.counted(facts, found, index)}"
        for role, index in roles.items()
        if index != series_choice.NONE
    ]
    return "\n".join(["No series yet. Build one of", *said, f"(suggested by {found.by})"])


def _layer_of(state, series):
    """The layer in focus where it has values, else the first one, and its shape."""
    there = next((step for step in series.steps if step.is_there), None)
    if there is None:
        return None, None
    layer = validating.active_layer(state, there.values)
    return layer, None if layer is None else tuple(there.values.maps[layer].shape)


def _head(facts, at, settings):
    step = settings.steps[at]
    sample, count = step.samples[0], len(step.samples)
    names, is_reference = facts.class_names, at == settings.reference
    kept = (min(max(0, sample), facts.sample_count - 1), step.role, is_reference)
    if not 0 <= sample < facts.sample_count:
        return Head(step.name, "no such sample", "wrong", *kept)
    if count > 1:
        return Head(step.name, f"mean of {count:,}", "dim", *kept)
    label, predicted = series_words.classes_of(facts, sample)
    if predicted < 0:
        words = f"label {class_name(label, names)}" if label >= 0 else "not run yet"
        return Head(step.name, words, "dim", *kept)
    if label < 0:
        return Head(step.name, f"predicted {class_name(predicted, names)}", "text", *kept)
    if label == predicted:
        return Head(step.name, f"{class_name(label, names)}, right", "right", *kept)
    words = f"{class_name(label, names)}, predicted {class_name(predicted, names)}"
    return Head(step.name, words, "wrong", *kept)


def _words(state, facts, series, layer):
    """Layer, way of the pictures, whose range it is, what is not computed."""
    settings, total = state.series, len(series.steps)
    said = []
    if layer is not None:
        one = "filter" if series.source == series_words.WEIGHT_GRADIENT else "channel"
        said.append(f"{layer}: {PICTURE_WORDS[settings.picture].format(one=one)}")
        if settings.picture == "filters":
            said[-1] += ordering.beside(state, facts, layer)
    over = "all" if series.known == total else f"{series.known:,} of"
    said.append(f"one range over {over} {total:,} steps")
    left = sum(not step.is_there and not step.is_late and not step.failure for step in series.steps)
    if left:
        said.append(f"{left:,} steps not computed, for want of room")
    if series.left_out:
        count = len(series.layers)
        said.append(f"{count} of {count + series.left_out} layers fit into memory")
    return " · ".join(said)


def _detail(state, facts, series, layer):
    """For the title of the pane."""
    said = [series_words.series_words(state, facts, series.source)]
    said += [layer] if layer else []
    return f"{', '.join(said)}, step {state.series.step + 1} of {len(series.steps)}"


def _check(state, facts):
    settings = state.series
    if settings.check == "none" or not comparing.can_ask(facts):
        return Check()
    found, why, waits = validating.checked(state, facts)
    samples, _, _ = validating.step_checked(state, facts)
    sample = samples[0]
    name = str(facts.data.names[sample]) if 0 <= sample < facts.sample_count else ""
    if len(samples) > 1:
        name += f", the first of {len(samples):,} samples"
    return Check(settings.check, found, why, waits, name)
