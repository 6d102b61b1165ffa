"""State and facts to what the stack view shows; no Qt, no GL."""

from dataclasses import dataclass, field

from viewer.state.stack import ACTIVATIONS, AXES, WHOLE
from viewer.studio import ordering, seriating
from viewer.studio.attributing import aim_of, check_words, failure_words, stack_question
from viewer.studio.facts import EMPTY, FAILED, OPENING, READY
from viewer.studio.ordering import NO_ORDERS
from viewer.views.stack.dressing import Dress, clipped_of, ends_of
from viewer.views.stack.planes import planes_of
from viewer.visuals.legend import ColourBar, Legend, number

MODE_WORDS = {
    "emission": "emission and absorption",
    "maximum": "maximum",
    "attenuated": "attenuated maximum",
    "average": "average",
    "isosurface": "isosurface",
    "slabs": "slabs",
}
SOURCE_NAMES = {
    ACTIVATIONS: "activation",
    "gradient": "gradient",
    "relevance": "relevance",
    "weights": "weight",
    "weight-gradient": "gradient of weights",
}
SCALE_WORDS = {"layer": "range of each layer", "common": "one range for all layers"}


@dataclass(frozen=True, eq=False)
class ContentsWish:
    """What the boxes of the stack are made of; a new one means building anew.

    Attributes
    ----------
    answer : Answer or MeanMaps
        Has ``maps`` and ``seen``.
    network : engine Network
    spacing : float
    scale : str
    ranges : dict of str to (float, float)
        By layer, over the study; empty: of the sample shown.
    numbers : dict of str to LayerNumbers
        By layer, over the study; empty: of the sample shown.
    size : (int, int)
        Rows and columns of the input, where there is no picture of it.
    """

    answer: object
    network: object
    spacing: float
    scale: str
    ranges: object
    numbers: dict = field(default_factory=dict)
    size: tuple = (1, 1)

    def same_as(self, other):
        """Whether it would give the same boxes."""
        return (
            other is not None
            and self.answer is other.answer
            and self.network is other.network
            and self.spacing == other.spacing
            and self.scale == other.scale
            and self.ranges is other.ranges
        )


@dataclass(frozen=True)
class Plate:
    """Words and buttons in the middle of an empty view.

    Attributes
    ----------
    title, sentence : str
    buttons : tuple of (str, str)
        Word and action: ``('Open network', 'open_network')``.
    busy : bool
        Whether something is under way.
    """

    title: str
    sentence: str = ""
    buttons: tuple = ()
    busy: bool = False


@dataclass(frozen=True)
class Banner:
    """One line with buttons.

    Attributes
    ----------
    text : str
    buttons : tuple of (str, str)
        Word and action.
    """

    text: str
    buttons: tuple = ()


@dataclass(frozen=True, eq=False)
class StackWish:
    """What the stack view shows.

    Attributes
    ----------
    contents : ContentsWish or None
    plate : Plate or None
        Instead of, or over, the picture.
    settings : viewer.state.stack.StackSettings
    dress : Dress
        Ranges set by hand and hidden layers.
    highlight : str or None
        The focused layer.
    marked : (str, int, tuple of int) or None
        The focused unit: layer, channel, position.
    histograms : dict of str to (int64[K], float, float)
        By layer, over the study; empty: of the sample shown.
    over : str
        Over how many samples histograms are.
    camera : viewer.state.camera.Camera
    title, subtitle : str
    badges : tuple of str
    late : str
        That of the badges which says what is still computed; empty when nothing is.
    banner : Banner or None
        A calm line above the picture that asks for something.
    waits : bool
        Contents will be there; what was there before stays.
    orders : viewer.studio.ordering.Orders
        Of the layers that are drawn.
    planes : viewer.views.stack.planes.Planes or None
        Where the slices view cuts the active layer.
    """

    contents: ContentsWish | None
    plate: Plate | None
    settings: object
    highlight: str | None
    camera: object
    dress: Dress = field(default_factory=Dress)
    marked: tuple | None = None
    histograms: dict = field(default_factory=dict)
    over: str = ""
    title: str = ""
    subtitle: str = ""
    badges: tuple = ()
    late: str = ""
    banner: object = None
    waits: bool = False
    orders: object = NO_ORDERS
    planes: object = None


def resolve(state, facts):
    """The stack view for a state and what exists."""
    stack = state.stack
    names = set() if facts.network is None else {layer.name for layer in facts.network.layers}
    contents = contents_wish(state, facts)
    highlight = state.focus.layer if state.focus.layer in names else None
    late_now, kept_out = late(state, facts), chosen(stack, names) if contents else ()
    return StackWish(
        contents=contents,
        plate=plate(state, facts),
        settings=stack,
        highlight=highlight,
        camera=state.camera,
        dress=Dress(
            limits(stack) if stack.values == ACTIVATIONS else (),
            frozenset(name for name in names if not stack.shows(name)),
            stack.picture,
        ),
        marked=marked(state, facts) if highlight else None,
        histograms=facts.summary.histograms if over_study(state, facts) else NO_RANGES,
        over=f"{facts.summary.samples:,} samples",
        title=title_of(state, facts),
        subtitle=subtitle(state, facts) if contents else "",
        orders=ordering.orders_of(state, facts),
        badges=tuple(
            filter(None, (late_now, *badges(state, facts), order_badge(state, facts), *kept_out))
        ),
        late=late_now,
        banner=banner(facts),
        waits=waits(state, facts),
        planes=planes_of(state, facts),
    )


def explained(state, facts):
    """The answer to what the stack asks about the sample: `Found`, or None (yet)."""
    question = stack_question(state, facts)
    return None if question is None else facts.explanations.get(question.key)


def why_none(state, facts):
    """Why there is no gradient and no relevance; empty where there is, or will be."""
    shown = seriating.shown(state, facts)
    if shown is not None:
        return shown.why
    if state.stack.values == ACTIVATIONS or facts.answer is None or facts.is_late(state):
        return ""
    if facts.recording is not None:
        return "The network of this study is not at hand."
    found = explained(state, facts)
    return aim_of(state, facts).why or ("" if found is None else failure_words(found, facts))


def waits(state, facts):
    """Whether gradient or relevance are asked for and not there yet."""
    shown = seriating.shown(state, facts)
    if shown is not None:
        return shown.waits
    if state.stack.values == ACTIVATIONS or facts.phase != READY or facts.data is None:
        return False
    if facts.answer is not None and facts.answer.picture is None:
        return False
    return explained(state, facts) is None and not why_none(state, facts)


def contents_wish(state, facts):
    """What the boxes are made of: `ContentsWish`, or None without values."""
    stack, size = state.stack, (1, 1)
    shown = seriating.shown(state, facts)
    if shown is not None:
        size = facts.preprocessing.size if facts.preprocessing else size
        return None if shown.volumes is None else _wish_of(stack, facts, shown.volumes, size)
    if stack.values != ACTIVATIONS:
        found = explained(state, facts) if facts.answer is not None else None
        if found is None or found.value is None:
            return None
        shown = found.value.volumes
        return ContentsWish(shown, facts.network, stack.spacing, stack.scale, shown.ranges)
    if stack.set == "mean":
        shown, size = facts.means, facts.preprocessing.size if facts.preprocessing else size
        if shown is None or not shown.layers:
            return None
    else:
        shown = facts.answer
        if shown is None or not shown.maps:
            return None
    over = over_study(state, facts)
    ranges = facts.summary.ranges if over else NO_RANGES
    numbers = facts.summary.layers if over else {}
    return ContentsWish(shown, facts.network, stack.spacing, stack.scale, ranges, numbers, size)


def _wish_of(stack, facts, volumes, size):
    """Weights or a step of a series as `ContentsWish`."""
    ranges, network = volumes.ranges, facts.network
    return ContentsWish(volumes, network, stack.spacing, stack.scale, ranges, size=size)


def is_late(state, facts):
    """Whether what is asked for is still being opened, run, averaged or explained."""
    shown = seriating.shown(state, facts)
    if shown is not None or waits(state, facts):
        return shown is None or shown.waits
    if state.stack.set == "sample" or facts.phase != READY or facts.data is None:
        return facts.is_late(state)
    return facts.means is None or facts.means.running


def limits(stack):
    """The ranges set by hand that are in force; the name None stands for all layers."""
    if stack.scale == "layer":
        return stack.limits
    return () if stack.common_limits is None else ((None, *stack.common_limits),)


def marked(state, facts):
    """The focused unit, where channel and position are known; of weights the one picked."""
    focus, shown = state.focus, seriating.shown(state, facts)
    if shown is not None and shown.volumes is not None and shown.volumes.unfolding:
        return shown.volumes.place_of(state.series.weight)
    if focus.channel is None or focus.unit is None:
        return None
    return focus.layer, focus.channel, focus.unit


def chosen(stack, names):
    """What a person left out of the picture, in words."""
    found = []
    if stack.solo in names:
        found.append(f"{stack.solo} alone")
    else:
        count = len(names.intersection(stack.hidden))
        if count:
            found.append(f"{count:,} of {len(names):,} layers hidden")
    if stack.clip != WHOLE:
        cut = [
            f"{axis} {100 * low:.0f} to {100 * high:.0f} %"
            for axis, (low, high) in zip(AXES, stack.clip, strict=True)
            if (low, high) != (0.0, 1.0)
        ]
        found.append("only " + ", ".join(cut))
    return tuple(found)


NO_RANGES = {}


def over_study(state, facts):
    """Whether value ranges are those over the study, rather than of the sample shown."""
    complete = facts.extraction.phase in ("done", "opened")
    of_sample = state.stack.set == "sample" and state.stack.values == ACTIVATIONS
    return complete and of_sample and bool(facts.summary.ranges) and state.stack.range == "study"


def subtitle(state, facts):
    """Mode, value ranges and order in words."""
    mode = MODE_WORDS[state.stack.mode]
    if state.stack.mode == "isosurface":
        mode += f" at {100 * state.stack.iso:.0f} % of the range"
    shown = seriating.shown(state, facts)
    if shown is not None and shown.what:
        mode = f"{shown.what}; {mode}"
    return f"{mode}, {range_words(state, facts)}, {ordering.summary(state, facts)}"


def order_badge(state, facts):
    """The active layer's order and how good it is; empty where it is as in the file."""
    layer = state.focus.layer
    words = "" if layer is None else ordering.badges(state, facts).get(layer, "")
    return f"{layer}: {words}" if words else ""


def range_words(state, facts):
    """Whose value ranges are in force."""
    stack, shown = state.stack, seriating.shown(state, facts)
    if shown is not None:
        return f"{SCALE_WORDS[stack.scale]}, {shown.over}"
    if stack.values != ACTIVATIONS:
        return f"{SCALE_WORDS[stack.scale]}, this sample, centred on zero"
    if stack.scale == "common" and stack.common_limits is not None:
        return "one range for all layers, set by hand"
    over = "this mean" if stack.set == "mean" else "this sample"
    if over_study(state, facts):
        over = f"over {facts.summary.samples:,} samples"
    by_hand = stack.scale == "layer" and stack.limits
    return f"{SCALE_WORDS[stack.scale]}, {over}{', some set by hand' if by_hand else ''}"


def detail(state, facts):
    """What the view shows, for its title bar: ``'conv3_2, emission, range of each layer'``."""
    if facts.answer is None:
        return ""
    layer = state.focus.layer or "all layers"
    if state.stack.set == "mean":
        there = facts.means is not None and facts.means.layers
        layer += ", " + (mean_words(facts.means) if there else "averaging")
    shown = seriating.shown(state, facts)
    if shown is not None:
        layer += f", {shown.detail}"
    elif state.stack.values != ACTIVATIONS:
        layer += f", {state.stack.values} of {aim_of(state, facts).words}".removesuffix(" of ")
    layer += ordering.beside(state, facts, state.focus.layer)
    return f"{layer}, {MODE_WORDS[state.stack.mode]}, {SCALE_WORDS[state.stack.scale]}"


def banner(facts):
    """What a person is asked for: a word on the preprocessing, or a study's network."""
    if facts.phase != READY or facts.data is None:
        return None
    if not facts.confirmed:
        guess = f"{facts.preprocessing.preset}: {facts.preprocessing.reason}".rstrip(".")
        return Banner(
            f"Preprocessing guessed: {guess}. Only the first samples are run until you confirm it.",
            (("Confirm", "confirm"), ("Change", "change_preprocessing")),
        )
    if facts.extraction.phase == "failed":
        return Banner(
            f"The samples could not be extracted: {facts.extraction.failure}",
            (("Try again", "extract_again"), ("Begin anew", "extract_anew")),
        )
    if facts.recording is not None:
        return Banner(
            "The network of this study is not at hand: only layers kept in full are shown.",
            (("Find the network", "find_network"),),
        )
    return None


def plate(state, facts):
    """Words for a view without a picture, or None."""
    if facts.phase == EMPTY:
        return Plate(
            "No network yet",
            "Drop an ONNX file here, with its pictures or without.",
            (("Open network", "open_network"), ("Open the sample", "open_sample")),
        )
    if facts.phase == OPENING:
        return Plate("Opening", "Reading the graph, its layers and their shapes.", busy=True)
    if facts.phase == FAILED:
        return Plate(
            "This could not be opened",
            facts.failure,
            (("Open another", "open_network"), ("Try again", "reopen")),
        )
    if facts.data is None:
        return Plate(
            "No pictures yet",
            "Drop a folder, an archive, a video or a file of pictures here.",
            (("Open pictures", "open_data"), ("Open folder", "open_folder")),
        )
    if state.stack.set == "mean":
        return plate_of_mean(facts.means)
    if facts.answer is None:
        return Plate("Computing", "The first picture goes through the network.", busy=True)
    if facts.recording is not None and not facts.answer.maps:
        return Plate(
            "No volumes in this study",
            "No layer was kept in full. With its network at hand every sample is run in full.",
            (("Find the network", "find_network"),),
        )
    if facts.answer.failure is not None:
        return Plate("This sample could not be run", facts.answer.failure)
    why = why_none(state, facts)
    if why:
        return Plate(f"There is no {SOURCE_NAMES[state.stack.values]}", why)
    return None


def plate_of_mean(means):
    """Words while there is no mean to show, or None."""
    if means is not None and means.layers:
        return None
    if means is not None and means.failure is not None:
        return Plate("There is no mean", means.failure)
    if means is not None and not means.running:
        return Plate("There is no mean", "No layer was kept in full.")
    return Plate("Averaging", mean_words(means), busy=True)


def mean_words(means):
    """What a mean is of: ``'mean of 120 samples'``."""
    return "mean of the selection" if means is None else means.words_of(means.layers)


def title_of(state, facts):
    """The sample shown: its number and name; or of what the mean is."""
    if state.stack.set == "mean" and facts.data is not None:
        return mean_words(facts.means)
    shown = seriating.shown(state, facts)
    if shown is not None:
        return shown.title
    if facts.answer is None or facts.data is None:
        return ""
    sample = facts.answer.question.sample
    name = str(facts.data.names[sample])
    place = f"sample {sample + 1} of {facts.sample_count:,}"
    if state.stack.values != ACTIVATIONS:
        return f"{state.stack.values} of {aim_of(state, facts).words}: {place}"
    return place if name.isdigit() else f"{place}, {name}"


def late(state, facts):
    """What is asked for and not there yet, in words; empty when nothing is."""
    if state.stack.set == "mean":
        return "averaging" if facts.means is not None and facts.means.running else ""
    shown = seriating.shown(state, facts)
    if shown is not None:
        return f"computing the {SOURCE_NAMES[state.stack.values]}" if shown.waits else ""
    if facts.answer is None:
        return ""
    wanted = min(state.focus.sample, facts.sample_count - 1)
    if wanted == facts.answer.question.sample and waits(state, facts):
        return f"computing the {state.stack.values}"
    return "" if wanted == facts.answer.question.sample else f"computing sample {wanted + 1}"


def badges(state, facts):
    """What is not all there is."""
    if state.stack.set == "mean":
        if facts.means is None or not facts.means.layers:
            return ()
        count, failure = len(facts.means.layers), facts.means.failure
        some = f"{count} of {len(facts.network.layers)} layers"
        return tuple(filter(None, (some if count < len(facts.network.layers) else "", failure)))
    shown = seriating.shown(state, facts)
    if shown is not None:
        return shown.badges
    if state.stack.values != ACTIVATIONS:
        return badges_of_explained(state, facts)
    if facts.answer is None or facts.recording is None:
        return ()
    return (f"{len(facts.answer.maps)} of {len(facts.network.layers)} layers kept in full",)


def badges_of_explained(state, facts):
    """The method, its own check, and of how many layers there are values."""
    found = explained(state, facts) if facts.answer is not None else None
    if found is None or found.value is None:
        return ()
    value, count = found.value, len(facts.network.layers)
    method = {"lrp": f"LRP {value.settings.get('rule', '')}".strip()}.get(value.method, "")
    kept = len(value.volumes.layers)
    some = f"{kept} of {count} layers lie before the target" if kept < count else ""
    return (*filter(None, (method, check_words(value), some)),)


def legend(wish, contents):
    """Title, badges and colour bar of what is drawn.

    Parameters
    ----------
    wish : StackWish
    contents : StackContents or None
        As drawn: with ranges set by hand.
    """
    if contents is None:
        return Legend()
    bar, above = colour_bars(wish, contents)
    return Legend(wish.title, wish.subtitle, wish.badges, bar, above)


def is_settable(wish):
    """Whether ranges can be set by hand: those of gradient and relevance are centred on zero."""
    return wish.settings.values == ACTIVATIONS


def barred(wish, contents):
    """The slab whose range the colour bar shows, and the layer that it can be set for.

    Returns
    -------
    (Slab or None, str or None)
        No slab: each layer has its own range. No layer: the range is that of all.
    """
    if wish.settings.scale == "common":
        return (contents.slabs[0] if contents.slabs else None), None
    slab = contents.slab(wish.highlight) if wish.highlight else None
    return slab, None if slab is None else slab.name


def colour_bars(wish, contents):
    """The focused layer's range, or the common one, or that of each layer.

    Returns
    -------
    (ColourBar, ColourBar or None)
        Two where each layer has its own range, and only some have negative values.
    """
    slab, layer = barred(wish, contents)
    counts = _counts([slab] if layer is not None else contents.slabs)
    if slab is not None:
        low, high = ends_of(slab)
        return ColourBar(layer or "all layers", low, high, slab.signed, **counts), None
    if not is_settable(wish):
        return ColourBar("each layer", signed=True, **counts), None
    kinds = {other.signed for other in contents.slabs}
    if len(kinds) < 2:
        return ColourBar("each layer", signed=kinds == {True}, **counts), None
    above = ColourBar("each layer with negative values", signed=True)
    return ColourBar("each layer without negative values", **counts), above


def clipped(wish, contents):
    """How many values lie outside the range set by hand of the layer under the colour bar.

    Costs a look at every value: to be kept until contents or ranges change.
    """
    slab, layer = barred(wish, contents)
    by_hand = {name for name, _, _ in wish.dress.limits}
    if slab is None or layer not in by_hand:
        return ()
    slabs = contents.slabs if layer is None else (slab,)
    counts = [clipped_of(other) for other in slabs]
    below, above = (sum(side) for side in zip(*counts, strict=True))
    low, high = ends_of(slab)
    words = ((below, "below", low), (above, "above", high))
    return tuple(f"{count:,} clipped {side} {number(end)}" for count, side, end in words if count)


def _counts(slabs):
    return {
        name: sum(getattr(slab.specials, name) for slab in slabs)
        for name in ("nan", "infinite", "negative_infinite")
    }
