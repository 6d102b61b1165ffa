"""What a gradient is taken of: class scores, units, channels, regions, and sums of them.

Written as on the command line: ``class:3``, ``logit:3``, ``conv3:17`` (the mean over its
positions), ``conv3:17:max``, ``conv3:17@12,5``, ``conv3:17@0:8,4:12:sum``, and sums with factors,
``class:3+-1*class:5``. A raw tensor of the file can stand for a layer: ``tensor=NAME:0@7``.
"""

import re
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.gradient.layout import Layout
from engine.network.axes import default_letters, layout_letters

SYNTAX = "class:N, logit:N, LAYER:CHANNEL, LAYER:CHANNEL@y,x or LAYER:CHANNEL@y0:y1,x0:x1"
_TERM = re.compile(
    r"(?:(?P<factor>[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)\*)?"
    r"(?P<source>tensor=.+?|[A-Za-z0-9_.\-]+(?:~[1-9][0-9]*)?)"
    r":(?P<channel>[0-9]{1,9})"
    r"(?:@(?P<where>[0-9]{1,9}(?::[0-9]{1,9})?(?:,[0-9]{1,9}(?::[0-9]{1,9})?)*))?"
    r"(?::(?P<how>mean|max|sum))?"
)


@dataclass(frozen=True)
class Term:
    """One term of a target.

    Attributes
    ----------
    factor : float
    source : str
        ``"class"``, ``"logit"``, a layer's name or ``"tensor=NAME"``.
    channel : int
        The class, for scores.
    region : tuple of (int, int) or None
        First and one past the last place of each position; None: all.
    how : {"mean", "max", "sum"}
        Over these positions.
    """

    factor: float
    source: str
    channel: int
    region: tuple[tuple[int, int], ...] | None = None
    how: str = "mean"


def parse_target(text):
    """Read a target.

    Returns
    -------
    tuple of Term

    Raises
    ------
    InputError
        When the text is none.
    """
    return tuple(_term(part.strip(), text) for part in re.split(r"(?<![0-9]e)\+", text))


def _term(part, text):
    found = _TERM.fullmatch(part)
    if not found:
        raise InputError(f"{text!r} is no target of a gradient", expected=SYNTAX)
    region = None
    if found["where"]:
        region = tuple(_span(each, text) for each in found["where"].split(","))
    try:
        factor = float(found["factor"] or 1)
    except ValueError:
        raise InputError(f"{found['factor']!r} in {text!r} is no number") from None
    score = found["source"] in ("class", "logit")
    if score and (region or found["how"]):
        raise InputError(f"{text!r}: a class score has no positions", expected=SYNTAX)
    return Term(factor, found["source"], int(found["channel"]), region, found["how"] or "mean")


def _span(text, whole):
    first, _, last = text.partition(":")
    span = (int(first), int(last) if last else int(first) + 1)
    if span[1] <= span[0]:
        raise InputError(f"the region {text!r} in {whole!r} is empty")
    return span


@dataclass(frozen=True)
class Place:
    """Where a term's numbers lie: a tensor of the forward graph, and how to read it."""

    tensor: str
    layout: Layout


class Targets:
    """Finds targets in a forward graph and emits their values and seeds.

    Parameters
    ----------
    network : engine.network.network.Network
    back : engine.gradient.backward.Backward
    forward : engine.gradient.forward.Forward
    """

    def __init__(self, network, back, forward):
        self._network = network
        self._back = back
        self._forward = forward

    def emit(self, terms, text=""):
        """Emit one target.

        Parameters
        ----------
        terms : sequence of Term
        text : str
            As a person wrote it, for messages.

        Returns
        -------
        (str, dict of str to str)
            The name of its value, ``[N]``, and the seeds: gradient by tensor.
        """
        values, seeds = [], {}
        for term in terms:
            place = self.place(term)
            self._check(term, place, text)
            value, seed = self._emitted(term, place)
            values.append(value)
            seeds.setdefault(place.tensor, []).append(seed)
        return self._back.sum(values), {t: self._back.sum(each) for t, each in seeds.items()}

    # -- where a term's numbers are ------------------------------------------------------------

    def place(self, term):
        """The `Place` of a term."""
        if term.source in ("class", "logit"):
            return self._score(term.source)
        if term.source.startswith("tensor="):
            return self._raw(term.source.removeprefix("tensor="))
        layer = self._network.layer(term.source)
        return self._placed(layer.post, layout_letters(layer.file_layout))

    def _raw(self, name):
        if name not in self._forward.names:
            raise InputError(
                f"the network has no tensor {name!r}",
                where=self._network.path,
                remedy="see `lamella info` for the layers' names",
            )
        letters = self._network.axes.letters.get(name) if self._network.axes else None
        return self._placed(name, letters or default_letters(self._forward.sizes(name)))

    def _placed(self, name, letters):
        name = self._forward.real(name)
        return Place(
            name,
            Layout(
                letters, self._forward.shape(name), self._forward.sizes(name), self._forward.batch
            ),
        )

    def _score(self, which):
        scores = self._network.scores
        if scores is None:
            raise InputError(
                f"it gives no class scores: {self._network.scores_reason}",
                where=self._network.path,
                remedy="name a layer and channel, or the output with --scores",
            )
        name = self._forward.real(scores.tensor)
        classes = 1 if scores.binary else scores.classes
        if which == "logit":
            name = self._before_softmax(name, classes)
        sizes = self._forward.sizes(name)
        layout = Layout.of_scores(self._forward.shape(name), sizes, classes, self._forward.batch)
        return Place(name, layout)

    def _before_softmax(self, name, classes):
        """What enters the final Softmax or LogSoftmax; the scores themselves without one."""
        graph, tensor = self._forward.graph, name
        while tensor in graph.producer:
            node = graph.producer[tensor]
            if node.op_type in ("Softmax", "LogSoftmax"):
                before = node.inputs[0]
                each = np.prod(self._forward.sizes(before)) // max(1, self._forward.batch)
                return before if each == classes else name
            if node.op_type not in _THROUGH:
                return name
            tensor = node.inputs[0]
        return name

    def _check(self, term, place, text):
        what = "classes" if term.source in ("class", "logit") else "channels"
        layout = place.layout
        if term.channel >= layout.channels:
            raise InputError(
                f"{text or term.source!r}: there are {layout.channels:,} {what}, counted from 0",
                got=term.channel,
            )
        if term.region is None:
            return
        fits = len(term.region) == len(layout.positions) and all(
            last <= size for (_, last), size in zip(term.region, layout.positions, strict=True)
        )
        if not fits:
            shown = " x ".join(str(size) for size in layout.positions) or "no"
            raise InputError(
                f"{text or term.source!r}: the layer has {shown} positions",
                got=",".join(f"{a}:{b}" for a, b in term.region),
            )

    # -- what is emitted -----------------------------------------------------------------------

    def _emitted(self, term, place):
        back, layout = self._back, place.layout
        turned = layout.turn(back, place.tensor)
        region = term.region or tuple((0, size) for size in layout.positions)
        part = self._part(turned, term.channel, region)
        count = int(np.prod([last - first for first, last in region], dtype=np.int64))
        flat = back.reshape(part, (None, count))
        if term.how == "max" and count > 1:
            value = back.op("ReduceMax", flat, back.constant([1]), keepdims=0)
            seed = self._seed_of_maximum(flat, term, region, layout, count, place.tensor)
        else:
            reduce = "ReduceSum" if term.how == "sum" else "ReduceMean"
            value = back.op(reduce, flat, back.constant([1]), keepdims=0)
            share = term.factor if term.how == "sum" else term.factor / count
            seed = self._seed(turned, term.channel, region, layout, share, place.tensor)
        if term.factor != 1:
            value = back.op("Mul", value, back.number(term.factor, place.tensor))
        return value, layout.turn_back(back, seed)

    def _part(self, turned, channel, region):
        back = self._back
        spans = [(channel, channel + 1), *region]
        starts, ends = (back.constant([span[i] for span in spans]) for i in (0, 1))
        axes = back.constant(list(range(1, 1 + len(spans))))
        return back.op("Slice", turned, starts, ends, axes)

    def _seed(self, turned, channel, region, layout, share, tensor):
        """The same share at every place of the region, as large as the batch."""
        back = self._back
        ones = np.zeros((1, layout.channels, *(1 for _ in layout.positions)))
        ones[0, channel] = share
        seed = back.number(ones, tensor)
        if any(span != (0, size) for span, size in zip(region, layout.positions, strict=True)):
            mask = np.zeros((1, 1, *layout.positions))
            mask[(..., *(slice(*span) for span in region))] = 1
            seed = back.op("Mul", seed, back.number(mask, tensor))
        return back.op("Expand", seed, back.op("Shape", turned))

    def _seed_of_maximum(self, flat, term, region, layout, count, tensor):
        """The factor at the first maximum, which is one place for each sample."""
        back = self._back
        best = back.op("ArgMax", flat, axis=1, keepdims=1, select_last_index=0)
        hit = back.op("Equal", back.constant(np.arange(count)[None]), best)
        zero, one = back.number(0, tensor), back.number(term.factor, tensor)
        small = back.reshape(
            back.op("Where", hit, one, zero), (None, 1, *(last - first for first, last in region))
        )
        before = [0, term.channel, *(first for first, _ in region)]
        sizes = zip(region, layout.positions, strict=True)
        after = [0, layout.channels - 1 - term.channel, *(n - last for (_, last), n in sizes)]
        return back.op("Pad", small, back.constant(before + after))


_THROUGH = frozenset(
    "Identity Cast Reshape Flatten Squeeze Unsqueeze Transpose Clip Dropout".split()
)
