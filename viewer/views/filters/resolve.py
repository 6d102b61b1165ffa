"""State, hover and facts to what the Top filters view shows; no Qt, no GL."""

from dataclasses import dataclass, field

import numpy as np

from viewer.gl.theme import rgb
from viewer.state.filters import MOST_FILTERS, FiltersCamera, FilterSettings
from viewer.state.focus import Focus
from viewer.studio import kernels
from viewer.studio.facts import OPENING
from viewer.studio.projecting import MOST_UNITS, layers_shown, ordered, question
from viewer.visuals.classes import COLOURS, class_colours

NO_LAYER = "No layer is active.\nClick one in the network, the stack or the feature maps."
NO_NETWORK = "Filters are projected by the network itself,\nand this study was opened without it."
METHOD_WORDS = {
    "deconvnet": "DeconvNet",
    "guided": "guided backpropagation",
    "gradient": "gradient",
}
BY_WORDS = {"windows": "by windows", "patches": "by patches", "graph": "by the graph"}
FEW = 10
PALETTE = (0, 1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
"""Which of the class colours filters have: without the greys, which pictures have themselves."""

COLOUR_BY_DEPTH = (0, 1, 2, 4, 9, 6)
"""Which of them layers have, when there are several; six, far from each other."""


@dataclass(frozen=True, eq=False)
class LayerShown:
    """One layer in the view.

    Attributes
    ----------
    ordered : viewer.studio.projecting.Ordered
    first, last : int
        The range, within what the layer has.
    channels : tuple of int
        Those of the range that are projected, in their order.
    colours : float64[n, 3]
        One for each of `channels`, 0 to 1.
    projected : viewer.studio.projecting.Projected or None
    failure : str
        Why nothing came back.
    late : bool
        What is asked for is not there yet.
    """

    ordered: object
    first: int
    last: int
    channels: tuple
    colours: np.ndarray
    projected: object = None
    failure: str = ""
    late: bool = False

    @property
    def name(self):
        """Of the layer."""
        return self.ordered.layer

    def colour_of(self, channel):
        """The colour of one of its channels in the range, or None."""
        if channel not in self.channels:
            return None
        return self.colours[self.channels.index(channel)]


@dataclass(frozen=True, eq=False)
class FiltersWish:
    """What the Top filters view shows.

    Attributes
    ----------
    message : str
        Instead of everything.
    layers : tuple of LayerShown
        By depth.
    picture : uint8[H, W, 3] or None
        As the network gets it.
    settings : FilterSettings
    camera : FiltersCamera
    focus : Focus
    alone : (str, int) or None
        Layer and channel that are hovered: only these are drawn.
    kernel : viewer.studio.kernels.Kernel or None
        Of the filter in focus, else of the strongest one.
    kernel_late : bool
        It is asked for and not there yet.
    words : tuple of str
        What was done and what is left out, for the footer.
    seconds : float
        How long it took.
    detail : str
    late : bool
        Something that the state asks for is still being made.
    """

    message: str = ""
    layers: tuple = ()
    picture: object = None
    settings: FilterSettings = field(default_factory=FilterSettings)
    camera: FiltersCamera = field(default_factory=FiltersCamera)
    focus: Focus = field(default_factory=Focus)
    alone: tuple | None = None
    kernel: object = None
    kernel_late: bool = False
    words: tuple = ()
    seconds: float = 0.0
    detail: str = ""
    late: bool = False

    @property
    def has_projections(self):
        """Whether something came back."""
        return any(layer.projected is not None for layer in self.layers)

    @property
    def failure(self):
        """Why some layer has nothing, one sentence; empty where none has failed."""
        return next((layer.failure for layer in self.layers if layer.failure), "")


def resolve(state, hovered, facts, orders=None):
    """What the view shows for a state, what is hovered, and what exists.

    Parameters
    ----------
    orders : dict, optional
        Orders made before, by the answer and the layer; filled with those that are made.
    """
    wish = {"settings": state.filters, "camera": state.filters_camera, "focus": state.focus}
    if facts.lack is not None:
        return FiltersWish(message=facts.lack, late=facts.phase == OPENING)
    if facts.recording is not None:
        return FiltersWish(message=NO_NETWORK, **wish)
    names = layers_shown(state, facts)
    if not names:
        return FiltersWish(message=NO_LAYER, **wish)
    answer, late = facts.answer, facts.is_late(state)
    if answer is None or not answer.maps:
        message = "" if answer is None else answer.failure or "No layer was kept in full."
        return FiltersWish(message=message, late=late, **wish)
    layers = tuple(
        _layer(state, facts, order_of(answer, name, orders), place, len(names))
        for place, name in enumerate(names)
        if name in answer.maps
    )
    if not layers:
        return FiltersWish(message=f"{names[0]} has no values to order.", late=late, **wish)
    kernel, kernel_late = _kernel(state, facts, layers)
    return FiltersWish(
        layers=layers,
        picture=answer.seen,
        alone=_alone(layers, hovered),
        kernel=kernel,
        kernel_late=kernel_late,
        words=words_of(layers),
        seconds=sum(layer.projected.seconds for layer in layers if layer.projected is not None),
        detail=detail_of(state, facts, layers),
        late=late or any(layer.late for layer in layers),
        **wish,
    )


def order_of(answer, layer, orders=None):
    """The `Ordered` of a layer of an answer, made once."""
    if orders is None:
        return ordered(layer, answer.maps[layer])
    if orders.get("answer") is not answer:
        orders.clear()
        orders["answer"] = answer
    if layer not in orders:
        orders[layer] = ordered(layer, answer.maps[layer])
    return orders[layer]


def _layer(state, facts, order, place, count):
    settings = state.filters
    first, last = order.within(settings.first, settings.last)
    channels = tuple(order.chosen(settings.first, settings.last).tolist())
    asked = question(state, facts, order)
    found = None if asked is None else facts.explanations.get(asked.key)
    return LayerShown(
        ordered=order,
        first=first,
        last=last,
        channels=channels,
        colours=colours_of(channels, len(order.order), place if count > 1 else None),
        projected=None if found is None else found.value,
        failure="" if found is None else found.failure,
        late=asked is not None and found is None,
    )


def colours_of(channels, count, place=None):
    """A colour for each filter of a range: float64[n, 3].

    A channel keeps its colour from picture to picture as far as a palette of ten, or eighteen,
    goes: it has the one of its number, or the next one that no other in the range has. Beyond that
    the hue follows the channel's number.

    Parameters
    ----------
    channels : sequence of int
    count : int
        Channels of the layer.
    place : int, optional
        Of the layer among several: all its filters have one colour.
    """
    if place is not None:
        colour = rgb(COLOURS[COLOUR_BY_DEPTH[place % len(COLOUR_BY_DEPTH)]])
        return np.tile(colour, (len(channels), 1)).reshape(-1, 3)
    if len(channels) > len(PALETTE):
        return class_colours(max(count, len(COLOURS) + 1))[list(channels)]
    size = FEW if len(channels) <= FEW else len(PALETTE)
    palette, taken = class_colours(len(COLOURS))[list(PALETTE[:size])], {}
    for channel in sorted(channels):
        at = channel % size
        while at in taken.values():
            at = (at + 1) % size
        taken[channel] = at
    return palette[[taken[channel] for channel in channels]].reshape(-1, 3)


def _kernel(state, facts, layers):
    """The weights of the filter in focus, where they are known, and whether they will be."""
    active = next((each.ordered for each in layers if each.name == state.focus.layer), None)
    asked = None if active is None else kernels.question(state, facts, active)
    found = None if asked is None else facts.explanations.get(asked.key)
    return (None, asked is not None) if found is None else (found.value, False)


def _alone(layers, hovered):
    """(layer, channel) hovered, where it is among those projected."""
    if hovered is None or hovered.channel is None:
        return None
    for layer in layers:
        if layer.name == hovered.layer and hovered.channel in layer.channels:
            return layer.name, hovered.channel
    return None


def words_of(layers):
    """How it was done, how many of what, and what is left out."""
    words = []
    done = [layer.projected for layer in layers if layer.projected is not None]
    if done:
        ways = sorted({each.by for each in done})
        by = " and ".join(BY_WORDS[way] for way in ways)
        units = sum(len(each.units) for each in done)
        filters = sum(len(np.unique(each.units[:, 0])) for each in done)
        words.append(f"{counted(units, 'unit')} of {counted(filters, 'filter')} {by}")
        if any(each.capped for each in done):
            words.append(f"the first {MOST_UNITS} units of a filter")
    ranges = [(each, each.last - each.first + 1) for each in layers]
    if any(wide > MOST_FILTERS for _, wide in ranges):
        words.append(f"the first {MOST_FILTERS} of a wider range")
    silent = sum(layer.ordered.silent for layer in layers)
    if silent:
        words.append(f"{counted(silent, 'filter')} silent here")
    bad = sum(layer.ordered.not_finite for layer in layers)
    if bad:
        words.append(f"{counted(bad, 'value')} not finite")
    return tuple(words)


def counted(count, what):
    """``'1 unit'``, ``'1,200 units'``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def detail_of(state, facts, layers):
    """For the title of the pane."""
    names = layers[0].name if len(layers) == 1 else f"{len(layers)} layers"
    sample = facts.answer.question.sample + 1
    return f"{names}, sample {sample:,}, {METHOD_WORDS[state.filters.method]}"
