"""State and facts to what the feature maps view shows; no Qt, no GL."""

from dataclasses import dataclass, field

from viewer.state.focus import Focus
from viewer.state.maps import MapsCamera
from viewer.studio import ordering
from viewer.studio.inputs import input_of
from viewer.studio.ordering import NO_ORDERS, Orders
from viewer.views.maps.build import INPUT, Ranges, contents_of

RANGE_WORDS = {
    "channel": "range of each map",
    "layer": "range of each layer",
    "common": "one range for all layers",
}
NO_RANGES: dict = {}


@dataclass(frozen=True, eq=False)
class MapsOf:
    """Whose maps are shown, and in which order; another one means building anew.

    Attributes
    ----------
    source : Answer or MeanMaps
    network : engine Network
    preprocessing : Preprocessing or None
        Makes the input of the sample's picture.
    orders : viewer.studio.ordering.Orders
    hides_dead : bool
    ranges : dict of str to (float, float)
        Of layers over the study; empty: of the maps shown.
    """

    source: object
    network: object
    preprocessing: object = None
    orders: Orders = NO_ORDERS
    hides_dead: bool = False
    ranges: dict = field(default_factory=dict)

    def same_as(self, other):
        """Whether it would give the same contents."""
        return (
            other is not None
            and self.source is other.source
            and self.network is other.network
            and self.preprocessing is other.preprocessing
            and self.orders.same_as(other.orders)
            and self.hides_dead == other.hides_dead
            and self.ranges is other.ranges
        )

    @property
    def names(self):
        """Of all layers that may have maps."""
        return (INPUT, *(layer.name for layer in self.network.layers))

    def contents(self, summaries):
        """The `Contents`; ``summaries`` holds the statistics of the same source made before."""
        seen = getattr(self.source, "seen", None)  # a mean has no picture
        layers = self._layers()
        return contents_of(
            layers, self.orders.by_layer, self.hides_dead, self.ranges, summaries, seen
        )

    def _layers(self):
        """(name, kind, values) of all that have values, the input first."""
        maps = self.source.maps
        found = []
        if INPUT in maps:
            found.append((INPUT, INPUT, maps[INPUT]))
        elif self.preprocessing is not None and self.source.picture is not None:
            found.append((INPUT, INPUT, input_of(self.preprocessing, self.source.picture)))
        kinds = [(layer.name, layer.kind) for layer in self.network.layers]
        return found + [(name, kind, maps[name]) for name, kind in kinds if name in maps]


@dataclass(frozen=True, eq=False)
class MapsWish:
    """What the feature maps view shows.

    Attributes
    ----------
    maps : MapsOf or None
    message : str
        Instead of maps.
    ranges : Ranges
    folded : frozenset of str
    place : float or None
        What stands at the top; None: the view follows the focus.
    size : float
        Longer side of a map.
    focus : Focus
    kept : dict of str to str
        What the study keeps of a layer, in words.
    exactness : dict of str to str
        Whose values, by layer: ``'exact'``, ``'mean of 300'``.
    badges : dict of str to str
        Order and its quality, by layer; layers as in the file are left out.
    detail : str
    late : bool
        Something that the state asks for is still being made.
    """

    maps: MapsOf | None = None
    message: str = ""
    ranges: Ranges = Ranges()
    folded: frozenset = frozenset()
    place: float | None = 0.0
    size: float = MapsCamera().size
    focus: Focus = Focus()
    kept: dict = field(default_factory=dict)
    exactness: dict = field(default_factory=dict)
    badges: dict = field(default_factory=dict)
    detail: str = ""
    late: bool = False


def resolve(state, facts):
    """The feature maps for a state and what exists."""
    settings = state.maps
    wish = {
        "ranges": ranges(state),
        "folded": frozenset(settings.folded),
        "place": state.maps_camera.place_for(state.focus),
        "size": state.maps_camera.size,
        "focus": state.focus,
    }
    if facts.lack is not None:
        return MapsWish(message=facts.lack, late=facts.is_late(state), **wish)
    shown = _of_mean if settings.set == "mean" else _of_sample
    return shown(state, facts, {**wish, "kept": facts.summary.kept})


def ranges(state):
    """Value ranges in force: those set by hand are the stack's too."""
    limits = state.stack.limits
    if state.stack.common_limits is not None:
        limits = (*limits, (None, *state.stack.common_limits))
    return Ranges(state.maps.range, limits)


def _of_sample(state, facts, wish):
    answer, late = facts.answer, facts.is_late(state)
    if answer is None or not answer.maps:
        message = "" if answer is None else answer.failure or "No layer was kept in full."
        return MapsWish(message=message, late=late, **wish)
    source = _maps_of(state, facts, answer)
    sample = f"sample {answer.question.sample + 1}"
    over = f"over {facts.summary.samples:,} samples" if source.ranges else "this sample"
    if state.maps.range == "channel":
        over = "this sample"
    detail = f"{sample}, {RANGE_WORDS[state.maps.range]}, {over}{order_words(state, facts)}"
    exactness = dict.fromkeys(source.names, "exact")
    late = late or bool(source.orders.late)
    badges = ordering.badges(state, facts)
    return MapsWish(
        maps=source, exactness=exactness, badges=badges, detail=detail, late=late, **wish
    )


def _of_mean(state, facts, wish):
    means = facts.means
    if means is None or not means.maps:
        message = "" if means is None else means.failure or means.words
        return MapsWish(message=message, late=means is None or means.running, **wish)
    source = _maps_of(state, facts, means)
    detail = f"{means.words}, {RANGE_WORDS[state.maps.range]}{order_words(state, facts)}"
    exactness = {name: f"mean of {count:,}" for name, count in means.counts.items()}
    late = means.running or bool(source.orders.late)
    badges = ordering.badges(state, facts)
    return MapsWish(
        maps=source, exactness=exactness, badges=badges, detail=detail, late=late, **wish
    )


def order_words(state, facts):
    """How channels are ordered, for the view's title: empty where all are as in the file."""
    words = ordering.summary(state, facts)
    return "" if words == ordering.IN_FILE_ORDER else f", {words}"


def _maps_of(state, facts, source):
    settings = state.maps
    complete = facts.extraction.phase in ("done", "opened")
    over_study = complete and settings.over == "study" and settings.set == "sample"
    return MapsOf(
        source,
        facts.network,
        facts.preprocessing if settings.set == "sample" else None,
        ordering.orders_of(state, facts),
        settings.hides_dead,
        facts.summary.ranges if over_study else NO_RANGES,
    )
