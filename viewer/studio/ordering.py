"""Orders of channels: which the state asks for, and the one in force for a layer.

Views know a layer's order by `order_of`; nothing else decides it. What an order is made from, its
basis, is what other views show anyhow where it can be: maps of the focused sample, their mean,
the slice. Where a basis is not there the order says why, and the file's order stands.
"""

import time
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from operator import is_not

import numpy as np

from engine.errors import InputError
from viewer.state.layout import in_front
from viewer.state.orders import FILE, LIKENESS
from viewer.state.tree import State
from viewer.studio import bases
from viewer.studio.facts import READY
from viewer.studio.questions import Question

METHOD_WORDS = {
    "file": "file order",
    "pca": "PCA",
    "kmeans": "k-means",
    "leaf": "optimal leaf order",
    "spectral": "spectral order",
    "path": "shortest path",
    "mean": "mean",
    "maximum": "maximum",
    "variance": "variance",
    "separation": "class separation",
    "importance": "importance",
}
BASIS_WORDS = {
    "sample": "maps of the sample",
    "selection": "mean of the selection",
    "samples": "maps of all samples",
    "weights": "weights",
    "correlation": "correlation over the data",
    "slice": "slice in sight",
}
OF_THEIR_OWN = ("separation", "importance")
"""Methods that are not of a basis, but of classes, and of filters."""

WORTH_KEEPING = 0.2
"""Seconds."""


# what is asked


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    if facts.phase != READY or facts.data is None:
        return ()
    active, asked = state.focus.layer, []
    for layer in seen_layers(state, facts):
        found = question_of(state, facts, layer)
        if isinstance(found, Question):
            asked.append(found)
    if active is not None:
        found = question_of(state, facts, active, compared=True)
        if isinstance(found, Question):
            asked.append(found)
    return tuple({question.key: question for question in asked}.values())


def seen_layers(state, facts):
    """Names of the layers whose channels are in sight, the active one first."""
    if facts.network is None:
        return ()
    panes = set(in_front(state.window.layout, state.window.only))
    known = [layer.name for layer in facts.network.layers]
    names = []
    if panes:
        names.append(state.focus.layer)
    if panes & {"matrix", "scatter"}:
        names.append(state.matrix.columns_from)
    if "stack" in panes:
        names += [name for name in known if state.stack.shows(name)]
    if "maps" in panes:
        names += [name for name in known if name not in state.maps.folded]
    present = set(known)
    return tuple(dict.fromkeys(name for name in names if name in present))


def question_of(state, facts, layer, *, compared=False):
    """What is to be found out for a layer's order.

    Parameters
    ----------
    compared : bool
        Whether its quality is compared with that of all other methods, which takes longer.

    Returns
    -------
    Question or viewer.studio.bases.Lack
        A `Lack` says why there is nothing to find out: empty where the file's order is wanted.
    """
    known = _known(state, facts)
    if (layer, compared) not in known:
        known[layer, compared] = _question_of(state, facts, layer, compared)
    return known[layer, compared]


_LAST = [(), None, {}]
_PARTS = tuple(part.name for part in fields(State) if not part.name.endswith("camera"))


def _known(state, facts):
    """What was worked out for these facts and this state, wherever it is looked at from.

    Many views ask it, one after another, and with every movement of a camera again.
    """
    parts = tuple(getattr(state, name) for name in _PARTS)
    if _LAST[1] is not facts or len(_LAST[0]) != len(parts) or any(map(is_not, parts, _LAST[0])):
        _LAST[:] = parts, facts, {}
    return _LAST[2]


def _question_of(state, facts, layer, compared):
    choice = state.orders.of(layer)
    if choice.name or choice.method == FILE:
        return bases.NOTHING
    basis = bases.basis_of(state, facts, layer, choice)
    if isinstance(basis, bases.Lack):
        return basis
    wanted = Wanted(layer, choice.method, choice.clusters, compared)
    key = ("order", *bases.begun(facts), *wanted.key, *basis.key, str(basis.study))
    return Question(key, f"Order of {layer}", lambda tools, task: made(basis, wanted, tools, task))


@dataclass(frozen=True)
class Wanted:
    """An order to be made of a basis."""

    layer: str
    method: str
    clusters: int | None
    compared: bool

    @property
    def key(self):
        """What it depends on, beside its basis."""
        clusters = self.clusters if self.method == "kmeans" else None
        return self.layer, self.method, clusters, self.compared


def made(basis, wanted, tools, task):
    """The `engine.analysis.orders.Order` of a basis; in a job's thread.

    One that depends on the whole study, and took longer than it takes to write it, is kept in it
    and found there again.
    """
    from engine.analysis import orders

    parts = {"made": list(wanted.key), "basis": [str(part) for part in basis.key]}
    began = time.monotonic()
    if basis.study is not None and basis.key not in tools.kept:
        kept = tools.read(
            basis.study, lambda study, _: orders.kept_order(study, basis.channels, **parts), task
        )
        if kept is not None:
            return _called(kept, wanted.method)
    likeness = bases.likeness_of(basis, tools, task)
    options = {"compare": wanted.compared, "task": task}
    if wanted.method in LIKENESS:
        clusters = wanted.key[2]
        if clusters is not None:
            clusters = min(clusters, max(1, len(likeness.varied)))
        found = orders.order(likeness, wanted.method, clusters=clusters, **options)
    else:
        numbers = basis.numbers(likeness, wanted.method, tools, task)
        found = orders.order(likeness, "numbers", numbers=numbers, **options)
    if basis.study is not None and time.monotonic() - began > WORTH_KEEPING:
        tools.read(basis.study, lambda study, _: orders.keep_order(study, found, **parts), task)
    return _called(found, wanted.method)


def _called(order, method):
    """An order by numbers under the name of what the numbers are."""
    if order.method != "numbers":
        return order
    best = method if order.best == "numbers" else order.best
    compared = tuple(method if name == "numbers" else name for name in order.compared)
    return replace(order, method=method, best=best, compared=compared)


# what is in force


def order_of(state, facts, layer):
    """The order in force for a layer.

    Returns
    -------
    engine.analysis.orders.Order or None
        None: as in the file, or not there yet. The same object while nothing changes.
    """
    choice = state.orders.of(layer)
    if choice.name:
        kept = state.orders.saved(choice.name)
        return None if why_not_named(facts, layer, kept) else as_order(kept)
    found = _found(state, facts, layer)
    return None if found is None else found.value


def waits(state, facts, layer):
    """Whether an order of a layer is asked for and will come."""
    if facts.phase != READY or facts.data is None or layer not in seen_layers(state, facts):
        return False
    question = question_of(state, facts, layer)
    if isinstance(question, bases.Lack):
        return question.waits
    return question.key not in facts.channel_orders


def compares(state, facts):
    """Whether the active layer's order is still being compared with those of other methods.

    Only its words depend on it: a picture that is final waits for them.
    """
    active = state.focus.layer
    if facts.phase != READY or facts.data is None or active not in seen_layers(state, facts):
        return False
    question = question_of(state, facts, active, compared=True)
    return isinstance(question, Question) and question.key not in facts.channel_orders


def failure(state, facts, layer):
    """Why the order that is asked for is not in force, one sentence; empty where it is."""
    choice = state.orders.of(layer)
    if choice.name:
        return why_not_named(facts, layer, state.orders.saved(choice.name))
    question = question_of(state, facts, layer)
    if isinstance(question, bases.Lack):
        return question.words
    found = facts.channel_orders.get(question.key)
    return "" if found is None else found.failure


def _found(state, facts, layer, *, compared=False):
    question = question_of(state, facts, layer, compared=compared)
    return facts.channel_orders.get(question.key) if isinstance(question, Question) else None


def why_not_named(facts, layer, kept):
    """Why a named order does not fit a layer; empty where it does."""
    if kept is None:
        return "This order was forgotten."
    known = {one.name: one for one in facts.network.layers} if facts.network is not None else {}
    channels = known[layer].output_shape[0] if layer in known else 0
    if len(kept.channels) == channels:
        return ""
    return f"The order is of {len(kept.channels):,} channels, and {layer} has {channels:,}."


@lru_cache(maxsize=64)
def as_order(kept):
    """A `NamedOrder` as an `engine.analysis.orders.Order`; the same object for the same one."""
    from engine.analysis.orders import Order

    channels = np.array(kept.channels, np.int32)
    return Order(channels, "named", tuple(kept.clusters), of=kept.words)


# words

IN_FILE_ORDER = "channels in file order"


def short_words(state, facts, layer):
    """What order a layer has, as a title says it: ``'PCA'``, ``'by mean'``, ``'file order'``."""
    choice = state.orders.of(layer)
    if choice.name:
        return f"order \u201c{choice.name}\u201d"
    words = METHOD_WORDS[choice.method]
    return words if choice.method in (FILE, *LIKENESS) else f"by {words}"


def beside(state, facts, layer):
    """What stands beside a layer's name in the title of a pane: ``', PCA'``; empty where as in the
    file."""
    order = None if layer is None else order_of(state, facts, layer)
    return "" if order is None else f", {short_words(state, facts, layer)}"


def quality_words(order, compared=None):
    """How good an order is: ``'0.82 of random, 1.6 × the best (path)'``; empty if unknown.

    Parameters
    ----------
    order : Order or None
    compared : Order or None
        The same with its quality compared with other methods'.
    """
    if order is None or not np.isfinite(order.quality):
        return ""
    words = f"{order.quality:.2f} of random"
    if compared is None or not compared.best:
        return words
    if compared.best == compared.method:
        return f"{words}, the best"
    best = METHOD_WORDS.get(compared.best, compared.best)
    return f"{words}, {compared.quality_of_best:.3g} × the best ({best})"


def badge(state, facts, layer):
    """A layer's order and its quality, as a view says it beside its name.

    ``'PCA 0.82 of random, 1.6 × the best (shortest path)'``; empty for the file's order; why
    there is none where there is none.
    """
    choice = state.orders.of(layer)
    if choice.method == FILE and not choice.name:
        return ""
    why = failure(state, facts, layer)
    if why:
        return f"file order: {why.rstrip('.')}"
    words, order = short_words(state, facts, layer), order_of(state, facts, layer)
    if order is None:
        return f"ordering: {words}"
    compared = None
    if not choice.name:
        found = _found(state, facts, layer, compared=True)
        compared = None if found is None else found.value
    return " ".join(filter(None, (words, quality_words(order, compared))))


def badges(state, facts):
    """Order and quality of every layer in sight, by its name.

    Those as in the file are left out; why an order is not there stands at the active layer only.
    """
    if is_file(state.orders):
        return {}
    known = _known(state, facts)
    if "badges" not in known:
        lacking = _lacking(state, facts) - {state.focus.layer}
        names = [name for name in seen_layers(state, facts) if name not in lacking]
        found = {name: badge(state, facts, name) for name in names}
        known["badges"] = {name: words for name, words in found.items() if words}
    return known["badges"]


def _lacking(state, facts):
    """Layers in sight whose order is asked for and cannot be: they are as in the file."""
    known = _known(state, facts)
    if "lacking" not in known:
        names = seen_layers(state, facts)
        known["lacking"] = frozenset(name for name in names if failure(state, facts, name))
    return known["lacking"]


def is_file(orders):
    """Whether every layer is as in the file."""
    return orders.choice.method == FILE and not orders.layers


def summary(state, facts):
    """The orders of all layers in a few words.

    ``'channels by PCA (weights), 1 layer in its own order'``; the file's is `IN_FILE_ORDER`.
    """
    orders, seen = state.orders, len(seen_layers(state, facts))
    if is_file(orders):
        return IN_FILE_ORDER
    lacking = len(_lacking(state, facts))
    if lacking == seen > 0:
        return IN_FILE_ORDER
    own = sum(choice != orders.choice for _, choice in orders.layers)
    words = IN_FILE_ORDER
    if orders.choice.method != FILE:
        words = f"channels by {METHOD_WORDS[orders.choice.method]}"
        if orders.choice.method not in OF_THEIR_OWN:
            words += f" ({BASIS_WORDS[orders.choice.basis]})"
    if lacking:
        words += f", {lacking:,} of {seen:,} layers as in the file"
    if own:
        words += f", {own:,} layers in their own order" if own > 1 else ", 1 layer in its own order"
    return words


@dataclass(frozen=True, eq=False)
class Orders:
    """The orders in force for several layers, as a view compares them.

    Attributes
    ----------
    by_layer : dict of str to int32[C]
        Layers that are as in the file are left out.
    late : frozenset of str
        Layers whose order will come.
    """

    by_layer: dict = field(default_factory=dict)
    late: frozenset = frozenset()

    def same_as(self, other):
        """Whether they are the same orders, object by object."""
        return other is not None and _same(self.by_layer, other.by_layer)

    def after(self, former):
        """These orders, with the former ones of layers whose order will come."""
        if former is None or not self.late:
            return self
        kept = {name: former.by_layer[name] for name in self.late if name in former.by_layer}
        return Orders({**kept, **self.by_layer}, self.late)


def _same(one, other):
    return one.keys() == other.keys() and all(one[name] is other[name] for name in one)


def orders_of(state, facts, layers=None):
    """The `Orders` of the layers in sight, or of those that are given."""
    if is_file(state.orders):
        return NO_ORDERS
    names = seen_layers(state, facts) if layers is None else layers
    found, late = {}, set()
    for name in names:
        order = order_of(state, facts, name)
        if order is not None:
            found[name] = order.channels
        elif waits(state, facts, name):
            late.add(name)
    return Orders(found, frozenset(late))


NO_ORDERS = Orders()


def write_order(path, layer, order, task):
    """Write an order as a CSV file: a line a channel: place, channel, cluster, all from zero.

    Parameters
    ----------
    path : Path
    layer : str
    order : Order
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind.
    """
    from viewer.studio.table_file import written

    if not len(order.channels):
        raise InputError(f"{layer} has no channels")
    firsts = np.asarray(order.clusters, int)
    with written(path) as writer:
        writer.writerow(["place", "channel", "cluster"])
        for place, channel in enumerate(order.channels.tolist()):
            task.check()
            cluster = int(np.searchsorted(firsts, place, side="right")) - 1 if len(firsts) else ""
            writer.writerow([place, channel, cluster])
    return len(order.channels)
