"""State, hover and facts to what the sample view shows; no Qt, no GL."""

from dataclasses import dataclass

from viewer.studio.facts import EMPTY, FAILED, OPENING
from viewer.studio.predictions import best, class_name, probabilities


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


MESSAGES = {
    EMPTY: "Drop a network here, or open one.",
    OPENING: "",
    FAILED: "",
}


def resolve(state, hovered, facts):
    """The sample view for a state, what is hovered, and what exists."""
    if facts.phase in MESSAGES:
        return SampleWish(message=MESSAGES[facts.phase])
    if facts.data is None:
        return SampleWish(message="No pictures yet.\nDrop a folder or a file of pictures here.")
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
    layer, channel, unit = looked_at(state, hovered)
    box, said = None, ""
    if layer is not None and unit is not None and len(unit) == 2:
        box = box_in_picture(facts, layer, unit, answer.picture.shape)
        said = unit_name(layer, channel, unit)
    return SampleWish(
        message=answer.failure or "",
        picture=answer.picture,
        name=str(facts.data.names[sample]),
        label=class_name(label, facts.class_names) if label >= 0 else "",
        predictions=predictions,
        right=right,
        box=box,
        unit=said,
        computing=computing,
    )


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


def box_in_picture(facts, layer, unit, picture_shape):
    """The receptive field of a unit in pixels of the original picture, or None.

    Carried from the network's input back through crop and resize; not clipped.
    """
    if not any(other.name == layer for other in facts.network.layers):
        return None
    rows, columns = facts.network.layer(layer).output_shape[1:3]
    if unit[0] >= rows or unit[1] >= columns:
        return None
    box = facts.network.box(layer, *unit)
    return tuple(facts.preprocessing.box_in_picture(box, picture_shape))
