"""What colours embedding points: a group for each point, with a name and a colour; no Qt, no GL.

Groups are what is counted, drawn and named in the legend: classes, or steps of a continuous value.
There are at most `MOST` of them beside *others*; points are never left out, those without a label
or a finite value have a group of their own.
"""

from dataclasses import dataclass, fields

import numpy as np

from viewer.gl.theme import rgb
from viewer.studio.predictions import class_name
from viewer.views.point_statistics import statistic
from viewer.views.tinting import steps_of
from viewer.visuals.classes import COLOURS, class_colours
from viewer.visuals.legend import number

MOST = 20
STEPS = 16
# Points from which the ends of a continuous scale are found: any prefix is a fair sample.
_ENOUGH = 200_000
# The outermost hundredths share the first and the last step, so that outliers do not take all.
_ENDS = (0.01, 0.99)

TITLES = {
    "class": "class",
    "prediction": "predicted class",
    "correctness": "prediction against label",
    "sample": "place in the data set",
    "confidence": "score of the predicted class",
    "mean": "mean over channels",
    "largest": "largest over channels",
    "strongest": "strongest channel",
    "row": "row in the map",
    "column": "column in the map",
}


@dataclass(frozen=True, eq=False)
class Groups:
    """A group for each point.

    Attributes
    ----------
    codes : uint8[P]
        The group of each point; 255 is left out (none is, here).
    names : tuple of str
        By group.
    colours : float32[G, 3]
        sRGB, 0 to 1.
    classes : tuple of (int or None)
        The class that a click on a group's name selects; None: it selects nothing.
    title : str
        What the groups are of: ``'class'``, ``'conv3:17'``.
    words : str
        What is not shown by itself: ``'the 20 most frequent of 1,000 classes, others grey'``.
    kind : str
        Of the region that a click selects: ``'class'`` or ``'predicted'``.
    ends : (float, float) or None
        The range of a continuous value; its steps come first, in rising order.
    steps : int
        How many of the groups are steps of a continuous value.
    """

    codes: np.ndarray
    names: tuple
    colours: np.ndarray
    classes: tuple
    title: str
    words: str = ""
    kind: str = "class"
    ends: tuple[float, float] | None = None
    steps: int = 0

    @property
    def count(self):
        """Groups, G."""
        return len(self.names)

    def region(self, group):
        """The region that a click on a group selects, for ``select.brush``; None: none."""
        chosen = self.classes[group]
        return None if chosen is None else {"kind": self.kind, "items": [chosen]}


@dataclass(frozen=True, eq=False)
class GroupWish:
    """Everything that groups depend on; another one means grouping anew.

    Attributes
    ----------
    points : engine Points
    colour : str
    channel : int
    labels, predicted : int32[N] or None
    confidence : float32[N] or None
    class_names : tuple of str or None
    samples : int
        N of the data set.
    theme : Theme
    """

    points: object
    colour: str
    channel: int
    labels: object
    predicted: object
    confidence: object
    class_names: tuple | None
    samples: int
    theme: object

    def same_as(self, other):
        """Whether it would give the same groups."""
        return other is not None and all(
            getattr(self, item.name) is getattr(other, item.name)
            or (item.name in _PLAIN and getattr(self, item.name) == getattr(other, item.name))
            for item in fields(self)
        )

    def groups(self):
        """The `Groups`; takes some milliseconds a million points, statistics of all channels
        about a millisecond a million values."""
        return _MAKERS[self.colour](self)


_PLAIN = ("colour", "channel", "class_names", "samples")


def wish_of(points, facts, settings, theme):
    """What groups depend on, taken from facts and settings: compare before grouping anew.

    Where no sample has a label points are coloured by predicted class instead, and the legend says
    so.
    """
    is_channel = settings.colour == "channel"
    channel = settings.channel if settings.channel < points.channels else 0
    summary, colour = facts.summary, settings.colour
    if colour == "class" and not _is_known(facts.labels) and _is_known(summary.predicted):
        colour = "prediction"
    return GroupWish(
        points,
        colour,
        channel if is_channel else 0,
        facts.labels,
        summary.predicted,
        summary.confidence,
        facts.class_names,
        facts.sample_count,
        theme,
    )


def _is_known(classes):
    return classes is not None and bool((np.asarray(classes) >= 0).any())


def groups_of(points, facts, settings, theme):
    """The groups of points.

    Parameters
    ----------
    points : engine Points
    facts : Facts
    settings : PointSettings
    theme : Theme

    Returns
    -------
    Groups
    """
    return wish_of(points, facts, settings, theme).groups()


def class_count(class_names, *indices):
    """Number of classes, of the names or of labels (int32[N] or None) that occur."""
    if class_names is not None:
        return len(class_names)
    return max((int(np.max(i, initial=-1)) + 1 for i in indices if i is not None), default=0)


# categories


def _by_label(wish):
    return _by_class(wish, wish.labels, "class", "no label")


def _by_prediction(wish):
    return _by_class(wish, wish.predicted, "predicted", "no prediction")


def _by_class(wish, classes, kind, missing):
    of_points = _of_samples(wish, classes)
    count = max(class_count(wish.class_names, wish.labels), int(of_points.max(initial=-1)) + 1)

    def name(index):
        return class_name(index, wish.class_names)

    many = "classes" if kind == "class" else "predicted classes"
    return _categories(
        wish, of_points, class_colours(count), name, (many, missing), kind=kind, selects=True
    )


def _by_strongest(wish):
    strongest = statistic(wish.points, "strongest")
    layer = wish.points.columns.layer

    def name(index):
        return f"{layer}:{index}"

    palette = class_colours(len(COLOURS))
    return _categories(wish, strongest, None, name, ("channels", "no finite value"), palette)


def _categories(
    wish, values, colours, name, words, palette=None, *, kind="class", selects=False
):  # fmt: skip
    """Groups of whole numbers (-1: none): the most frequent ones, others, and those without.

    Parameters
    ----------
    values : int[P]
    colours : float[K, 3] or None
        By value; None: ``palette`` in the order in which they are shown.
    name : callable(int) -> str
    words : (str, str)
        What many of them are called, and what those without are.
    """
    counts = np.bincount(values[values >= 0])
    present = np.flatnonzero(counts)
    shown = present
    if len(present) > MOST:
        shown = np.sort(np.argsort(-counts, kind="stable")[:MOST])
    table = np.full(len(counts) + 1, len(shown), np.uint8)
    table[shown] = np.arange(len(shown))
    rest, names = len(shown), [name(int(index)) for index in shown]
    tints = list(colours[shown] if colours is not None else palette[: len(shown)])
    classes, said = [int(index) if selects else None for index in shown], ""
    if len(present) > MOST:
        names.append(f"{len(present) - MOST:,} others")
        tints.append(rgb(wish.theme.edge))
        classes.append(None)
        rest += 1
        said = f"the {MOST} most frequent of {len(present):,} {words[0]}, others grey"
    if (values < 0).any():
        names.append(words[1])
        tints.append(_faint(wish.theme))
        classes.append(None)
    table[-1] = rest
    return Groups(
        table[values], tuple(names), _colours(tints), tuple(classes),
        TITLES[wish.colour], said, kind,
    )  # fmt: skip


def _by_correctness(wish):
    labels, predicted = _of_samples(wish, wish.labels), _of_samples(wish, wish.predicted)
    known = (labels >= 0) & (predicted >= 0)
    codes = np.where(known, labels != predicted, 2).astype(np.uint8)
    theme = wish.theme
    names = ["right", "wrong"]
    tints = [rgb(theme.right), rgb(theme.wrong)]
    if not known.all():
        names.append("no label" if (labels < 0).all() else "no label or prediction")
        tints.append(_faint(theme))
    nothing = (None,) * len(names)
    return Groups(codes, tuple(names), _colours(tints), nothing, TITLES["correctness"])


# continuous values


def _by_sample(wish):
    values = wish.points.sample.astype(np.float32)
    last = max(wish.samples - 1, int(wish.points.sample.max(initial=0)))
    return _continuous(wish, values, (0.0, float(last)), whole=1)


def _by_confidence(wish):
    return _continuous(wish, _of_samples(wish, wish.confidence, np.nan), missing="no score")


def _by_channel(wish):
    columns = wish.points.columns
    values = columns.values(wish.channel, columns.fine[wish.channel]).astype(np.float32)
    return _continuous(wish, values, title=f"{columns.layer}:{wish.channel}")


def _by_statistic(wish):
    return _continuous(wish, statistic(wish.points, wish.colour))


def _by_position(wish):
    points = wish.points
    axis = ("row", "column").index(wish.colour)
    if len(points.positions) <= axis:
        values = np.full(points.count, np.nan, np.float32)
        return _continuous(wish, values, missing=f"no {wish.colour}s in this layer")
    values = np.unravel_index(points.place, points.positions)[axis].astype(np.float32)
    return _continuous(wish, values, (0.0, float(points.positions[axis] - 1)), whole=0)


def _continuous(wish, values, ends=None, *, title="", missing="not finite", whole=None):
    """Equal steps of a value between its ends; what is not finite has a group of its own.

    ``whole``: values are whole numbers, told with so much added (samples are counted from 1).
    """
    finite = np.isfinite(values)
    clipped = ends is None
    if ends is None:
        ends = _ends(values[:_ENOUGH], values)
    low, high = ends
    steps = STEPS if high > low else 1
    if whole is not None:
        steps = min(steps, int(high - low) + 1)
        low, high = low - 0.5, high + 0.5
    rate = steps / (high - low) if high > low else 0.0
    with np.errstate(invalid="ignore"):
        codes = np.clip((values.astype(np.float64) - low) * rate, 0, steps - 1)
    codes = np.where(finite, codes, steps).astype(np.uint8)
    edges = np.linspace(low, high, steps + 1)
    names = [_step_name(edges, at, clipped, whole) for at in range(steps)]
    tints = list(steps_of(wish.theme, low, high, steps, signed=clipped and low < 0 < high))
    if not finite.all():
        names.append(missing)
        tints.append(rgb(wish.theme.nan) if missing == "not finite" else _faint(wish.theme))
    return Groups(
        codes, tuple(names), _colours(tints), (None,) * len(names),
        title or TITLES[wish.colour], _beyond(values, ends) if clipped else "", "class",
        tuple(end + (whole or 0) for end in ends), steps,
    )  # fmt: skip


def _beyond(values, ends):
    """How many values have the colour of an end though they lie beyond it."""
    beyond = {"above": values > ends[1], "below": values < ends[0]}
    counts = {word: int(np.count_nonzero(mask)) for word, mask in beyond.items()}
    parts = [f"{count:,} {word}" for word, count in counts.items() if count]
    return f"points beyond the ends: {', '.join(parts)}" if parts else ""


def _ends(sampled, values):
    """Range that holds nearly all finite values; their extremes where that is one value."""
    finite = sampled[np.isfinite(sampled)]
    if finite.size:
        low, high = np.quantile(finite.astype(np.float64), _ENDS)
        if high > low:
            return float(low), float(high)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0
    return float(finite.min()), float(finite.max())


def _step_name(edges, at, clipped, whole):
    if whole is not None:
        first, last = int(np.ceil(edges[at])) + whole, int(np.ceil(edges[at + 1]) - 1) + whole
        return f"{first:,}" if first == last else f"{first:,} to {last:,}"
    low, high = number(float(edges[at])), number(float(edges[at + 1]))
    if len(edges) == 2:
        return low if low == high else f"{low} to {high}"
    if clipped and at == 0:
        return f"below {high}"
    if clipped and at == len(edges) - 2:
        return f"above {low}"
    return f"{low} to {high}"


# both


def _of_samples(wish, values, missing=-1):
    """Values of the points' samples; ``missing`` where there are none."""
    samples = wish.points.sample
    dtype = np.int32 if missing == -1 else np.float32
    most = int(samples.max(initial=-1)) + 1
    table = np.full(most, missing, dtype)
    if values is not None:
        values = np.asarray(values)[:most]
        table[: len(values)] = values
    return table[samples]


def _faint(theme):
    """For what has no value: between the background and the theme's grey text."""
    return [0.5 * (one + other) for one, other in zip(rgb(theme.view), rgb(theme.dim), strict=True)]


def _colours(tints):
    return np.array(tints, np.float32).reshape(-1, 3)


_MAKERS = {
    "class": _by_label,
    "prediction": _by_prediction,
    "correctness": _by_correctness,
    "sample": _by_sample,
    "confidence": _by_confidence,
    "channel": _by_channel,
    "mean": _by_statistic,
    "largest": _by_statistic,
    "strongest": _by_strongest,
    "row": _by_position,
    "column": _by_position,
}
