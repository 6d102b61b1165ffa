"""State, hover and facts to what the importance view shows; no Qt, no GL."""

from dataclasses import dataclass, field

import numpy as np

from viewer.state.importance import ImportanceCamera, ImportanceSettings
from viewer.studio import ordering, weighing
from viewer.studio.attributing import failure_words
from viewer.studio.facts import OPENING
from viewer.studio.predictions import class_name, predicted_class, probabilities
from viewer.studio.weighed import measure_words, off_words

NO_LAYER = "No layer is active.\nClick one in the network, the stack or the feature maps."
NO_NETWORK = "Filters are weighed by the network itself,\nand this study was opened without it."
NO_SCORES = "The network gives no class scores."
NO_LABELS = "No labels: error rates need them."
ALL_ON = "All filters are on."
TOP = 5
FEW_CLASSES = 20
"""With more classes those whose rate changes most come first."""


@dataclass(frozen=True, eq=False)
class ScoresShown:
    """The focused sample's best classes before and after.

    Attributes
    ----------
    sample : int
    rows : tuple of (str, float, float or None)
        Class, probability before, and after where it is known.
    before, after : str
        Predicted classes; empty where not known.
    message : str
        Why there is nothing.
    late : bool
    """

    sample: int = 0
    rows: tuple = ()
    before: str = ""
    after: str = ""
    message: str = ""
    late: bool = False


@dataclass(frozen=True, eq=False)
class RatesShown:
    """Error rates overall and per class.

    Attributes
    ----------
    before, after : engine.analysis.rates.Rates or None
        Of the whole network, and with the filters off.
    rows : tuple of (int, str, float, float or None, int)
        Class, its name, error rate before and after, samples.
    sorted : bool
        Whether the rows stand by their change.
    message : str
    late : bool
    """

    before: object = None
    after: object = None
    rows: tuple = ()
    sorted: bool = False
    message: str = ""
    late: bool = False


@dataclass(frozen=True, eq=False)
class Kept:
    """An answer of the engine, or why there is none.

    Attributes
    ----------
    value : object or None
    message : str
    late : bool
    """

    value: object = None
    message: str = ""
    late: bool = False


NOTHING = Kept()


@dataclass(frozen=True, eq=False)
class ImportanceWish:
    """What the importance view shows.

    Attributes
    ----------
    message : str
        Instead of everything.
    layer : str or None
        The active one.
    weighed : viewer.studio.weighed.Weighed or None
    failure : str
        Why the layer's filters have no importance.
    late : bool
        Something asked for is not there yet.
    weighs : bool
        Importance of the active layer is not there yet, or is an estimate.
    places : int64[F] or None
        Channels in the order in force; None: as in the file.
    order_words : str
    off : tuple of int
        Channels of the active layer that are off.
    all_off : tuple of (str, tuple of int)
        Of all layers.
    focus : int or None
        The focused channel of the active layer.
    hovered : (str, int) or None
        A filter under the pointer, here or in another view.
    settings : ImportanceSettings
    camera : ImportanceCamera
    scores : ScoresShown
    rates : RatesShown
    curve, table : Kept
    class_names : tuple of str or None
    detail : str
    """

    message: str = ""
    layer: str | None = None
    weighed: object = None
    failure: str = ""
    late: bool = False
    weighs: bool = False
    places: object = None
    order_words: str = ""
    off: tuple = ()
    all_off: tuple = ()
    focus: int | None = None
    hovered: tuple | None = None
    settings: ImportanceSettings = field(default_factory=ImportanceSettings)
    camera: ImportanceCamera = field(default_factory=ImportanceCamera)
    scores: ScoresShown = field(default_factory=ScoresShown)
    rates: RatesShown = field(default_factory=RatesShown)
    curve: Kept = NOTHING
    table: Kept = NOTHING
    class_names: tuple | None = None
    detail: str = ""

    @property
    def off_words(self):
        """``'3 filters off'``; empty with none."""
        return off_words(self.all_off)

    def same_as(self, other):
        """Whether it would give the same picture."""
        plain = (
            "message", "layer", "failure", "late", "weighs", "order_words", "all_off", "focus",
            "hovered", "settings", "camera", "detail",
        )  # fmt: skip
        return (
            all(getattr(self, part) == getattr(other, part) for part in plain)
            and self.weighed is other.weighed
            and _same_places(self.places, other.places)
            and self.curve.__dict__ == other.curve.__dict__
            and self.table.__dict__ == other.table.__dict__
            and self.scores.__dict__ == other.scores.__dict__
            and self.rates.__dict__ == other.rates.__dict__
        )


def _same_places(one, other):
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


def resolve(state, hovered, facts):
    """What the view shows for a state, what is hovered, and what exists."""
    settings = state.importance
    if facts.lack is not None:
        return ImportanceWish(message=facts.lack, late=facts.phase == OPENING)
    if facts.recording is not None:
        return ImportanceWish(message=NO_NETWORK, settings=settings)
    layer = weighing.layer_of(state, facts)
    weighed, failure, weighs, places, said = None, "", False, None, ""
    if layer is not None:
        weighed = weighing.weighed_of(state, facts, layer.name)
        failure = weighing.failure_of(state, facts, layer.name)
        weighs = not failure and (weighed is None or weighed.is_estimate)
        places, said = _order(state, facts, layer.name, weighed)
    scores, rates = _scores(state, facts), _rates(state, facts)
    curve = _curve(state, facts, failure) if "curve" in settings.shown else NOTHING
    table = _table(state, facts) if "table" in settings.shown else NOTHING
    all_off = weighing.known_off(state, facts)
    name = None if layer is None else layer.name
    return ImportanceWish(
        layer=name,
        weighed=weighed,
        failure=failure,
        weighs=weighs,
        late=weighs
        or any(part.late for part in (scores, rates, curve, table))
        or (name is not None and ordering.waits(state, facts, name)),
        places=places,
        order_words=said,
        off=() if name is None else settings.off_of(name),
        all_off=all_off,
        focus=state.focus.channel if name is not None else None,
        hovered=_hovered(hovered),
        settings=settings,
        camera=state.importance_camera,
        scores=scores,
        rates=rates,
        curve=curve,
        table=table,
        class_names=facts.class_names,
        detail=_detail(name, settings, facts, all_off),
    )


def _hovered(hovered):
    if hovered is None or hovered.channel is None:
        return None
    return hovered.layer, hovered.channel


def _order(state, facts, layer, weighed):
    """Channels in the order in force, and its words."""
    order, said = ordering.order_of(state, facts, layer), ordering.badge(state, facts, layer)
    if order is None or weighed is None or len(order.channels) != len(weighed.values):
        return None, said
    return order.channels, said


def _detail(layer, settings, facts, off):
    words = [] if layer is None else [layer, measure_words(settings, facts)]
    return ", ".join([*words, *filter(None, [off_words(off)])])


# what happens without them


def _scores(state, facts):
    answer, kind = facts.answer, facts.network.scores
    if kind is None:
        return ScoresShown(message=NO_SCORES)
    if answer is None or answer.scores is None:
        late = facts.is_late(state)
        message = "" if late else getattr(answer, "failure", "") or NO_SCORES
        return ScoresShown(message=message, late=late)
    asked = weighing.scores_question(state, facts)
    found = None if asked is None else facts.measured.get(asked.key)
    after = None if found is None or found.value is None else found.value.scores
    before_shares = probabilities(answer.scores, kind)
    after_shares = None if after is None else probabilities(after, kind)
    return ScoresShown(
        sample=answer.question.sample,
        rows=best_of(before_shares, after_shares, facts.class_names),
        before=_predicted(facts, answer.scores),
        after="" if after is None else _predicted(facts, after),
        message=_why(found, facts),
        late=facts.is_late(state) or (asked is not None and found is None),
    )


def _predicted(facts, scores):
    index = predicted_class(facts.network, np.asarray(scores).ravel())
    return "" if index < 0 else class_name(index, facts.class_names)


def best_of(before, after, names, count=TOP):
    """The classes that are best before or after: rows of (name, before, after or None).

    By their probability before; the best one after is always among them.
    """
    chosen = list(np.argsort(-before, kind="stable")[:count])
    if after is not None:
        best = int(np.argmax(after))
        if best not in chosen:
            chosen = [*chosen[: count - 1], best]
    return tuple(
        (class_name(int(at), names), float(before[at]), None if after is None else float(after[at]))
        for at in chosen
    )


def _rates(state, facts):
    asked = weighing.rates_question(state, facts, ())
    if asked is None:
        why = NO_SCORES if facts.network.scores is None else NO_LABELS
        return RatesShown(message=why if facts.confirmed else weighing.UNCONFIRMED)
    base = facts.measured.get(asked.key)
    off = weighing.known_off(state, facts)
    changed = facts.measured.get(weighing.rates_question(state, facts, off).key) if off else None
    late = _is_late(base) or (bool(off) and _is_late(changed))
    failed = next((_why(each, facts) for each in (base, changed) if _why(each, facts)), "")
    if base is None or base.value is None:
        return RatesShown(message=failed, late=late and not failed)
    before = base.value
    after = None if changed is None else changed.value
    rates_after = {} if after is None else {index: rate for index, rate, _ in after.per_class}
    rows = [
        (index, class_name(index, facts.class_names), rate, rates_after.get(index), samples)
        for index, rate, samples in before.per_class
        if samples
    ]
    by_change = len(rows) > FEW_CLASSES and after is not None
    if by_change:
        rows.sort(key=lambda row: (-abs((row[3] if row[3] is not None else row[2]) - row[2]),
                                   row[0]))  # fmt: skip
    return RatesShown(before, after, tuple(rows), by_change, failed, late and not failed)


def _why(found, facts):
    """Why there is no answer, one sentence; empty where there is one."""
    return "" if found is None or not found.failure else failure_words(found, facts)


def _is_late(found):
    """Whether an answer, or the rest of it, is still to come."""
    return found is None or found.partly


def _kept(state, facts, asked, waits, why):
    """What was found of a question that follows from another's answer."""
    if asked is None:
        return Kept(message="" if waits else why, late=waits)
    found = facts.measured.get(asked.key)
    if found is None:
        return Kept(late=True)
    return Kept(found.value, _why(found, facts), found.partly)


def _curve(state, facts, failure):
    if weighing.layer_of(state, facts) is None:
        return Kept(message="No layer is active.")
    possible = weighing.rates_question(state, facts, ()) is not None
    asked = weighing.curve_question(state, facts)
    return _kept(state, facts, asked, possible and not failure, failure or NO_LABELS)


def _table(state, facts):
    possible = weighing.rates_question(state, facts, ()) is not None
    asked = weighing.table_question(state, facts)
    failure = weighing.failure_of_all(state, facts)
    return _kept(state, facts, asked, possible and not failure, failure or NO_LABELS)
