"""State, hover and facts to what the sample view shows; no Qt, no GL."""

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from viewer.state.sample import SampleCamera
from viewer.studio import attributing
from viewer.studio.facts import READY
from viewer.studio.predictions import best, class_name, probabilities


@dataclass(frozen=True)
class AttributionWish:
    """What lies over the picture.

    Attributes
    ----------
    found : viewer.studio.attributing.Explained or None
        None: not there (yet).
    sample : int
        The sample that is explained.
    title : str
        Method and target.
    box : (y0, x0, y1, x1)
        What the values cover, in pixels of the picture that is shown; unclipped.
    opacity : float
    within : float
        The share of the values within the ends of the colour map.
    limit : float or None
        The end that a person gave them; None: by that share.
    computing : bool
        It will be there.
    failure : str
        Why it will not.
    """

    found: object = None
    sample: int = 0
    title: str = ""
    box: tuple = (0.0, 0.0, 1.0, 1.0)
    opacity: float = 0.7
    within: float = 1.0
    limit: float | None = None
    computing: bool = False
    failure: str = ""


@dataclass(frozen=True, eq=False)
class SampleWish:
    """What the sample view shows.

    Attributes
    ----------
    message : str
        Instead of a picture; empty otherwise.
    picture : array or None
        As the data has it.
    name : str
    label : str
        The label's name; empty where there is none.
    predictions : tuple of Prediction
    right : bool or None
        Whether the first prediction is the label; None where one of them is missing.
    box : (y0, x0, y1, x1) or None
        Receptive field in pixels of the picture, unclipped.
    unit : str
        What the box belongs to: ``'conv3:17@5,9'``.
    computing : bool
        The sample asked for is not the one shown.
    shows : str
        ``'file'`` or ``'network'``: what the picture is of.
    camera : SampleCamera
    frames : (first, count) or None
        Of a video: the sample of its first frame and the number of frames.
    sample : int
        The one shown.
    attribution : AttributionWish or None
    """

    message: str = ""
    picture: object = None
    name: str = ""
    label: str = ""
    predictions: tuple = ()
    right: bool | None = None
    box: tuple | None = None
    unit: str = ""
    computing: bool = False
    shows: str = "file"
    camera: SampleCamera = SampleCamera()
    frames: tuple[int, int] | None = None
    sample: int = 0
    attribution: AttributionWish | None = None

    def same_as(self, other):
        """Whether it would give the same picture."""
        return all(
            getattr(self, item.name) is getattr(other, item.name)
            if item.name == "picture"
            else getattr(self, item.name) == getattr(other, item.name)
            for item in fields(self)
        )


def resolve(state, hovered, facts):
    """The sample view for a state, what is hovered, and what exists."""
    if facts.lack is not None:
        return SampleWish(message=facts.lack)
    if state.sample.set == "mean":
        return _of_mean(state, hovered, facts)
    answer = facts.answer
    if answer is None:
        return SampleWish(message="", computing=True)
    sample = answer.question.sample
    computing = sample != min(state.focus.sample, facts.sample_count - 1)
    if answer.picture is None:
        return SampleWish(
            message=answer.failure or "", name=facts.data.names[sample], computing=computing
        )
    shares = probabilities(answer.scores, facts.network.scores)
    predictions = best(shares, facts.class_names)
    label = -1 if facts.labels is None else int(facts.labels[sample])
    right = None
    if label >= 0 and predictions:
        right = predictions[0].index == label
    shows = state.sample.shows
    box, said = _box_looked_at(state, hovered, facts, shows)
    return SampleWish(
        message=answer.failure or "",
        picture=answer.picture if shows == "file" else answer.seen,
        name=str(facts.data.names[sample]),
        label=class_name(label, facts.class_names) if label >= 0 else "",
        predictions=predictions,
        right=right,
        box=box,
        unit=said,
        computing=computing,
        shows=shows,
        camera=state.sample_camera,
        frames=frames_of(facts.data, sample),
        sample=sample,
        attribution=attribution_wish(state, facts),
    )


def attribution_wish(state, facts):
    """What lies over the picture of the sample that was run, or None: `AttributionWish`."""
    settings = state.attribution
    if not settings.shown:
        return None
    answer, size = facts.answer, facts.preprocessing.size
    whole = (0.0, 0.0, float(size[0]), float(size[1]))
    if state.sample.shows == "file":
        whole = tuple(facts.preprocessing.box_in_picture(whole, answer.picture.shape))
    options = attributing.options_of(settings, settings.method)
    method = attributing.method_words(settings.method, options)
    said = {"sample": answer.question.sample, "box": whole, "opacity": settings.opacity}
    said |= {"within": settings.within, "limit": settings.limit}
    if facts.recording is not None:
        return AttributionWish(
            title=method, failure="The network of this study is not at hand.", **said
        )
    aim = attributing.aim_of(state, facts)
    title = f"{method} of {aim.words}" if aim.target else method
    if aim.why:
        return AttributionWish(title=title, failure=aim.why, **said)
    question = attributing.overlay_question(state, facts)
    found = None if question is None else facts.explanations.get(question.key)
    if found is None:
        return AttributionWish(title=title, computing=True, **said)
    if found.failure:
        return AttributionWish(title=title, failure=attributing.failure_words(found, facts), **said)
    if found.value.heat is None:
        lost = "The network's input has no rows and columns to lay it over."
        return AttributionWish(title=title, failure=lost, **said)
    return AttributionWish(found=found.value, title=title, **said)


def value_at_pixel(wish, row, column):
    """The attribution of a pixel of the picture that is shown, or None where there is none.

    Parameters
    ----------
    wish : AttributionWish
    row, column : int
    """
    if wish is None or wish.found is None:
        return None
    heat = wish.found.heat
    y0, x0, y1, x1 = wish.box
    down = int(np.floor((row + 0.5 - y0) / (y1 - y0) * heat.shape[0]))
    across = int(np.floor((column + 0.5 - x0) / (x1 - x0) * heat.shape[1]))
    inside = 0 <= down < heat.shape[0] and 0 <= across < heat.shape[1]
    return float(heat[down, across]) if inside else None


def _of_mean(state, hovered, facts):
    """The mean of the selection's pictures."""
    means = facts.means
    if means is None or means.seen is None:
        failure = None if means is None else means.failure
        return SampleWish(message=failure or "averaging", computing=not failure)
    box, said = _box_looked_at(state, hovered, facts, "network")
    return SampleWish(
        picture=means.seen,
        name=means.words_of(("input",)),
        message=composition(facts),
        box=box,
        unit=said,
        computing=means.running,
        shows="network",
        camera=state.sample_camera,
    )


def composition(facts, most=4):
    """Of which classes the selection is: ``'40 of cat, 38 of dog'``; empty without labels."""
    if facts.labels is None:
        return ""
    labels = np.asarray(facts.labels)
    if facts.selected is not None and facts.selected.count:
        labels = labels[facts.selected.samples]
    counts = np.bincount(labels[labels >= 0])
    order = np.argsort(-counts, kind="stable")[:most]
    said = [
        f"{counts[index]:,} of {class_name(int(index), facts.class_names)}"
        for index in order
        if counts[index]
    ]
    if np.count_nonzero(counts) > most:
        said.append("others")
    return ", ".join(said)


def shows_of(state):
    """What the picture is of: ``'file'`` or ``'network'``; a mean is always the latter."""
    return "network" if state.sample.set == "mean" else state.sample.shows


def is_late(state, facts):
    """Whether the picture asked for is not there yet."""
    if state.sample.set == "sample" or facts.phase != READY or facts.data is None:
        return facts.is_late(state)
    return facts.means is None or facts.means.running


def _box_looked_at(state, hovered, facts, shows):
    """Receptive field and name of the unit that is hovered or focused: (box or None, words)."""
    layer, channel, unit = looked_at(state, hovered)
    if layer is None or unit is None or len(unit) != 2:
        return None, ""
    return box_of_unit(facts, layer, unit, shows), unit_name(layer, channel, unit)


def frames_of(data, sample):
    """First sample and number of frames of the video that a sample belongs to, or None."""
    if data.groups[sample] is None:
        return None
    starts = _starts(data)
    place = int(np.searchsorted(starts, sample, "right")) - 1
    first, stop = int(starts[place]), int(starts[place + 1])
    return (first, stop - first) if stop - first > 1 else None


@lru_cache(maxsize=2)
def _starts(data):
    """First sample of every run of one group, and the number of samples: int64[runs + 1]."""
    groups = list(data.groups)
    changes = [
        index for index in range(len(groups)) if index == 0 or groups[index] != groups[index - 1]
    ]
    return np.array([*changes, len(groups)])


def looked_at(state, hovered):
    """Layer, channel and unit that are hovered, or else focused."""
    if hovered is not None and hovered.unit is not None:
        return hovered.layer, hovered.channel, hovered.unit
    focus = state.focus
    return focus.layer, focus.channel, focus.unit


def unit_name(layer, channel, unit):
    """A unit as it is printed and parsed: ``conv3_2:17@12,5``."""
    where = ",".join(str(place) for place in unit)
    return f"{layer}@{where}" if channel is None else f"{layer}:{channel}@{where}"


def box_of_unit(facts, layer, unit, shows):
    """The receptive field of a unit in pixels of the picture that is shown, or None.

    In the file's picture it is carried from the network's input back through crop and resize; not
    clipped.
    """
    shape = _map_shape(facts, layer)
    if shape is None or unit[0] >= shape[0] or unit[1] >= shape[1]:
        return None
    box = facts.network.box(layer, *unit)
    if shows == "network":
        return tuple(box)
    return tuple(facts.preprocessing.box_in_picture(box, facts.answer.picture.shape))


def unit_at(state, facts, row, column):
    """The unit of the active layer whose receptive field is centred nearest to a pixel.

    Parameters
    ----------
    state : State
    facts : Facts
    row, column : int
        Pixel of the picture that is shown.

    Returns
    -------
    (layer, channel, (row, column)) or None
        None without an active layer, or when it has no rows and columns.
    """
    layer = state.focus.layer
    shape = _map_shape(facts, layer)
    if shape is None or 0 in shape:
        return None
    unit = []
    for axis, (at, count) in enumerate(zip((row, column), shape, strict=True)):
        first, last = (
            _middle(facts, layer, tuple(place if n == axis else 0 for n in (0, 1)), axis, state)
            for place in (0, count - 1)
        )
        share = 0.0 if last == first else (at + 0.5 - first) / (last - first)
        unit.append(min(count - 1, max(0, round(share * (count - 1)))))
    return layer, state.focus.channel, tuple(unit)


def _middle(facts, layer, unit, axis, state):
    box = box_of_unit(facts, layer, unit, shows_of(state))
    return (box[axis] + box[axis + 2]) / 2


def _map_shape(facts, layer):
    """Rows and columns of a layer's maps, or None when it has none."""
    if facts.network is None or not any(other.name == layer for other in facts.network.layers):
        return None
    shape = facts.network.layer(layer).output_shape[1:]
    return tuple(shape) if len(shape) == 2 else None
