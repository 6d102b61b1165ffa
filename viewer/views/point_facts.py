"""What there is to say of an embedding point: sample, unit, classes, values, receptive field.

It is found from arrays that are at hand, so it can be said at once.
"""

from dataclasses import dataclass

import numpy as np

from engine.errors import LamellaError
from viewer.studio.predictions import class_name
from viewer.views.grouping import class_count
from viewer.visuals.classes import class_colours, hex_of
from viewer.visuals.legend import number


@dataclass(frozen=True)
class Card:
    """What a card says of one point.

    Attributes
    ----------
    point : int
        Its place in the points.
    sample : int
    name, unit : str
        Of the sample; of the unit: ``'conv3@5,9'``, or of its layer.
    label, predicted : str
        Class names; empty where unknown.
    label_colour, predicted_colour : str
        ``'#rrggbb'``.
    right : bool or None
        Whether they agree; None where one of them is unknown.
    confidence : float or None
        The probability of the predicted class.
    values : tuple of (str, str)
        Channels and the point's values there.
    box : (y0, x0, y1, x1) or None
        The unit's receptive field in pixels of the network's input, unclipped, as `lamella info`
        gives it.
    """

    point: int
    sample: int
    name: str
    unit: str
    label: str = ""
    predicted: str = ""
    label_colour: str = ""
    predicted_colour: str = ""
    right: bool | None = None
    confidence: float | None = None
    values: tuple = ()
    box: tuple | None = None

    @property
    def lines(self):
        """(text, text on the right, colour of a swatch or None) of each row below the picture."""
        rows = [(text, "", None) for text in (self.name, self.unit) if text]
        if self.label:
            rows.append((self.label, "", self.label_colour))
        if self.predicted:
            share = "" if self.confidence is None else f"{self.confidence:.3f}"
            if self.right:
                rows.append(("predicted, right", share, None))
            else:
                said = "predicted" if self.right is None else "predicted, wrong"
                rows.append((f"{self.predicted}, {said}", share, self.predicted_colour))
        return rows + [(name, text, None) for name, text in self.values]


def card_of(points, point, channels, facts, stored=None, others=()):
    """What there is to say of a point.

    Parameters
    ----------
    points : engine Points
    point : int
    channels : sequence of int
        Whose values are told, in order; told once each.
    facts : Facts
    stored : float32[C], optional
        The point's stored values; else those of its codes, at most one step beside them.
    others : sequence of (str, float)
        More names and values: of another layer's channels.

    Returns
    -------
    Card
    """
    columns, sample = points.columns, int(points.sample[point])
    values = []
    for channel in dict.fromkeys(int(c) for c in channels if 0 <= c < points.channels):
        if stored is None:
            value = float(columns.values(channel, columns.fine[channel, point]))
        else:
            value = float(stored[channel])
        values.append((f"channel {channel}", value))
    label, predicted = _of(facts.labels, sample), _of(facts.summary.predicted, sample)
    share = facts.summary.confidence
    share = None if share is None or sample >= len(share) else float(share[sample])
    position = position_of(points, point)
    names = facts.class_names
    return Card(
        point=int(point),
        sample=sample,
        name=_name(facts, sample),
        unit=f"{columns.layer}@{','.join(map(str, position))}" if position else columns.layer,
        label=class_name(label, names) if label >= 0 else "",
        predicted=class_name(predicted, names) if predicted >= 0 else "",
        label_colour=_colour(label, facts),
        predicted_colour=_colour(predicted, facts),
        right=label == predicted if label >= 0 and predicted >= 0 else None,
        confidence=share if share is not None and np.isfinite(share) else None,
        values=tuple((name, _value_text(value)) for name, value in (*values, *others)),
        box=box_of(facts, columns.layer, position),
    )


def position_of(points, point):
    """Where in the map a point lies: a tuple of indices, ``()`` for a whole sample."""
    if not points.positions:
        return ()
    place = np.unravel_index(int(points.place[point]), points.positions)
    return tuple(int(at) for at in place)


def box_of(facts, layer, position):
    """The receptive field of a unit in pixels of the network's input, unclipped, or None.

    None for a whole sample, without the network's file, and where the input is no picture.
    """
    if not position or not hasattr(facts.network, "box"):
        return None
    try:
        return tuple(facts.network.box(layer, *position))
    except LamellaError:  # the input is no picture: there is no box to draw
        return None


def _of(values, sample):
    return -1 if values is None or sample >= len(values) else int(values[sample])


def _name(facts, sample):
    if facts.data is None or sample >= len(facts.data.names):
        return f"sample {sample + 1:,}"
    return str(facts.data.names[sample])


def _colour(index, facts):
    if index < 0:
        return ""
    count = class_count(facts.class_names, facts.labels, facts.summary.predicted)
    return hex_of(class_colours(max(count, index + 1))[index])


def _value_text(value):
    if np.isnan(value):
        return "not finite"
    return number(value, 4) if np.isfinite(value) else ("+∞" if value > 0 else "−∞")
