"""State and facts to what the slices view shows; no Qt, no GL."""

from dataclasses import dataclass, field, replace

from viewer.state.slices import ACTIVATIONS, OF_UNITS, WEIGHT_GRADIENT, WEIGHTS, SlicesCamera
from viewer.studio import ordering, slicing
from viewer.views.layer_choice import choices_of
from viewer.views.slices.build import XC, XY, YC

SOURCE_WORDS = {
    ACTIVATIONS: "Activations",
    "gradient": "Gradient",
    "relevance": "Relevance",
    WEIGHTS: "Weights",
    WEIGHT_GRADIENT: "Gradient of Weights",
}


@dataclass(frozen=True, eq=False)
class Cut:
    """One cut of the volume.

    Attributes
    ----------
    kind : str
        `XY`, `XC` or `YC`.
    at : int
        Channel of an XY cut, row of an XC cut, column of a YC cut.
    order : engine Order or None
        How its rows stand; None: as in the file, or they are no channels.
    title : str
    """

    kind: str
    at: int
    order: object = None
    title: str = ""

    @property
    def channels(self):
        """int32[C], place to channel; None: as in the file."""
        return None if self.order is None else self.order.channels


@dataclass(frozen=True, eq=False)
class SlicesWish:
    """What the slices view shows.

    Attributes
    ----------
    volume : viewer.studio.slicing.Volume or None
    cuts : tuple of Cut
    channel, row, column : int
        Where it is cut.
    order : engine Order or None
        In force.
    over : (float, float) or None
        Lowest and highest value of the layer over the study.
    by_hand : (float, float) or None
        Ends of the colour map that a person chose.
    settable : bool
        Whether these ends can be chosen.
    is_sample : bool
        Whether values are activations of the focused sample.
    bars : bool
        White bars between clusters.
    camera : SlicesCamera
    focus : Focus or None
    choices : tuple of (str, str)
        Layers to choose from, while none is active.
    message : str
        Instead of cuts.
    detail : str
        For the title bar.
    words : str
        What the volume is of.
    ordered : str
        How its channels stand, and how good that order is; empty: as in the file.
    late : bool
        Something that the state asks for is still being made.
    awaits : (str, str) or ()
        Layer and source of a volume that will be there.
    """

    volume: object = None
    cuts: tuple = ()
    channel: int = 0
    row: int = 0
    column: int = 0
    order: object = None
    over: tuple | None = None
    by_hand: tuple | None = None
    settable: bool = False
    is_sample: bool = False
    bars: bool = True
    camera: SlicesCamera = field(default_factory=SlicesCamera)
    focus: object = None
    choices: tuple = ()
    message: str = ""
    detail: str = ""
    words: str = ""
    ordered: str = ""
    late: bool = False
    awaits: tuple = ()

    @property
    def shape(self):
        """(C, rows, columns) of the volume."""
        return self.volume.values.shape

    def place_of(self, channel):
        """At which place a channel stands in the order in force."""
        if self.order is None:
            return channel
        return int((self.order.channels == channel).argmax())

    def channel_at(self, place):
        """The channel at a place of the order in force."""
        return place if self.order is None else int(self.order.channels[place])


def resolve(state, facts):
    """The slices for a state and what exists."""
    if facts.lack is not None:
        return SlicesWish(message=facts.lack, late=facts.is_late(state))
    layer = slicing.active_layer(state, facts)
    if layer is None:
        return SlicesWish(choices=choices_of(facts), late=facts.answer is None)
    late = slicing.is_late(state, facts)
    volume = slicing.volume(state, facts)
    if volume is None:
        why = slicing.why_none(state, facts)
        late_words = "" if why else f"computing the {SOURCE_WORDS[state.slices.source].lower()}"
        return SlicesWish(
            message=why or late_words,
            detail=layer,
            camera=state.slices_camera,
            bars=state.slices.bars,
            late=late,
            awaits=() if why else (layer, state.slices.source),
        )
    return _of_volume(state, facts, volume, late)


def _of_volume(state, facts, volume, late):
    channels = volume.values.shape[0]
    order = order_in_force(state, facts, volume)
    short = ordering.short_words(state, facts, volume.layer)
    row, column = slicing.cut_of(state, volume)
    wish = SlicesWish(
        volume=volume,
        channel=min(state.focus.channel or 0, channels - 1),
        row=row,
        column=column,
        order=order,
        over=over_study(state, facts, volume),
        by_hand=by_hand(state, volume),
        settable=volume.source == ACTIVATIONS,
        is_sample=volume.source == ACTIVATIONS and state.stack.set == "sample",
        bars=state.slices.bars,
        camera=state.slices_camera,
        focus=state.focus,
        detail=f"{volume.layer}, {SOURCE_WORDS[volume.source].lower()}, {short}",
        words=volume.words,
        ordered=ordering.badge(state, facts, volume.layer),
        late=late or ordering.waits(state, facts, volume.layer),
    )
    return with_cuts(wish, state.slices.before, short)


def with_cuts(wish, before, ordered="reordered"):
    """The wish with its cuts; ``before``: also as in the file, where an order is in force.

    Parameters
    ----------
    ordered : str
        What the order is, in few words.
    """
    channels, rows, columns = wish.shape
    cuts = []
    if rows > 1 and columns > 1:
        place = "" if wish.order is None else f", place {wish.place_of(wish.channel):,}"
        what = "filter" if wish.volume.unfolded else "channel"
        title = f"XY  {what} {wish.channel:,}{place} of {channels:,}"
        cuts.append(Cut(XY, wish.channel, None, title))
    along = [(XC, wish.row, rows, "row")] if columns > 1 or rows == 1 else []
    along += [(YC, wish.column, columns, "column")] if rows > 1 else []
    for kind, at, count, word in along:
        where = f"{word} {at:,} of {count:,}" if count > 1 else ""
        if rows * columns == 1:
            where = "one value a channel"
        elif rows == 1:
            where = f"{columns:,} positions"
        told = ""
        if wish.order is not None and before:
            cuts.append(Cut(kind, at, None, _title(kind, "file order", where)))
            told = ordered
        cuts.append(Cut(kind, at, wish.order, _title(kind, told, where)))
    return replace(wish, cuts=tuple(cuts))


def _title(kind, *words):
    """``'XC  file order, row 8 of 16'``."""
    return f"{kind.upper()}  {', '.join(filter(None, words))}".strip()


def order_in_force(state, facts, volume):
    """The order of the volume's channels, or None: as in the file."""
    order = ordering.order_of(state, facts, volume.layer)
    fits = order is not None and len(order.channels) == volume.values.shape[0]
    return order if fits else None


def by_hand(state, volume):
    """The ends of the layer's range that a person chose (the stack's and the maps', too)."""
    return state.stack.limits_of(volume.layer) if volume.source == ACTIVATIONS else None


def over_study(state, facts, volume):
    """The range of the layer over the study or of its series; None: that of the volume."""
    if volume.ends is not None:
        return volume.ends
    complete = facts.extraction.phase in ("done", "opened") and state.stack.range == "study"
    if not complete or volume.source != ACTIVATIONS or state.stack.set != "sample":
        return None
    return facts.summary.ranges.get(volume.layer)


def has_units(volume):
    """Whether places of the volume's maps are units of its layer."""
    return volume.source in OF_UNITS
