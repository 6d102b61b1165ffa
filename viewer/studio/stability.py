"""What the orders pane asks: every method's order of the active layer, and how stable orders are.

The orders of all methods are made from the program's choice of a basis, one question a method.
What is compared are orders of cuts through the slices' volume (by PCA), of samples, of class means,
or those of the methods; of samples and classes by the method in force.
"""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from viewer.state.layout import in_front
from viewer.state.orders import FILE, LIKENESS
from viewer.studio import agreeing, bases, ordering, slicing
from viewer.studio.facts import READY
from viewer.studio.portraits import portrait_of
from viewer.studio.questions import Question

PANE = "orders"
METHOD_WORDS = ordering.METHOD_WORDS
OFFERED = (FILE, *LIKENESS, "mean", "maximum", "variance")
NAMED = "named"
"""Stands for a method where an order of a name is in force."""

PATIENT_SECONDS = 2.0
"""What takes longer is made when a person asks for it."""

TOO_FEW = "One channel has one order: there is nothing to compare."


@dataclass(frozen=True)
class Asked:
    """One method of the list.

    Attributes
    ----------
    method : str
        One of `viewer.state.orders.METHODS`.
    question : Question or None
        None: see ``why``.
    why : str
        Why nothing is asked, one sentence; empty where it waits.
    cost : str
        What it would take, where it is made only when a person asks for it.
    """

    method: str
    question: object = None
    why: str = ""
    cost: str = ""


def questions(state, facts):
    """The `Question`s about the methods that follow from a state and what exists."""
    layer = active_layer(state, facts)
    if not is_seen(state) or layer is None:
        return ()
    asked = (one.question for one in asked_methods(state, facts, layer))
    return tuple(question for question in asked if question is not None)


def comparisons(state, facts):
    """What is asked about orders that are compared: apart, so that no order waits for it."""
    question = comparison(state, facts)[0] if is_seen(state) else None
    return () if question is None else (question,)


def is_seen(state):
    """Whether the orders pane can be seen."""
    return PANE in in_front(state.window.layout, state.window.only)


def active_layer(state, facts):
    """Name of the active layer of what is open, or None."""
    if facts.phase != READY or facts.data is None:
        return None
    return slicing.active_layer(state, facts)


# the methods


def method_in_force(state, layer):
    """The method that orders a layer, or `NAMED`."""
    choice = state.orders.of(layer)
    return NAMED if choice.name else choice.method


def name_of(state, layer, method):
    """What a method, or the named order in force, is called."""
    if method == NAMED:
        return f"“{state.orders.of(layer).name}”"
    return METHOD_WORDS[method]


def asked_methods(state, facts, layer):
    """All methods of the list: tuple of `Asked`."""
    return tuple(_asked(state, facts, layer, method) for method in offered(state, layer))


def offered(state, layer):
    """The methods that are listed: those that any basis has, and the one in force."""
    choice = state.orders.of(layer)
    more = ["separation"] if choice.basis == "correlation" else []
    in_force = method_in_force(state, layer)
    if in_force not in (*OFFERED, *more):
        more.append(in_force)
    return (*OFFERED, *more)


def _asked(state, facts, layer, method):
    choice = state.orders.of(layer)
    clusters = choice.clusters if method == "kmeans" else None
    of_likeness = method in (FILE, NAMED)
    wanted = replace(choice, method="pca" if of_likeness else method, name="")
    basis = bases.basis_of(state, facts, layer, wanted)
    if isinstance(basis, bases.Lack):
        return Asked(method, why="" if basis.waits else basis.words or "There is no data.")
    cost = _cost(facts, layer, method)
    if cost and layer not in state.stability.costly:
        return Asked(method, cost=cost)
    begun = ("portrait", *bases.begun(facts), layer, *basis.key, str(basis.study))
    if method == NAMED:
        return _asked_named(state, facts, layer, basis, begun)
    key = (*begun, method, clusters)

    def find(tools, task):
        return _portrait(basis, method, clusters, tools, task)

    return Asked(method, Question(key, f"{METHOD_WORDS[method]} of {layer}", find))


def _asked_named(state, facts, layer, basis, begun):
    """How good the named order in force is, by the basis that the methods are made of."""
    why = ordering.failure(state, facts, layer)
    if why:
        return Asked(NAMED, why=why)
    kept = ordering.order_of(state, facts, layer)
    if kept is None:
        return Asked(NAMED)
    channels = np.asarray(kept.channels)
    key = (*begun, NAMED, zlib.crc32(channels.tobytes()))

    def find(tools, task):
        from engine.analysis import orders

        likeness = bases.likeness_of(basis, tools, task)
        numbers = -np.argsort(channels).astype(np.float64)
        found = orders.order(likeness, "numbers", numbers=numbers, compare=False, task=task)
        return portrait_of(likeness, found)

    return Asked(NAMED, Question(key, f"{name_of(state, layer, NAMED)} of {layer}", find))


def channels_of(facts, layer):
    """How many channels a layer has."""
    known = {one.name: one.output_shape for one in facts.network.layers}
    return int(known[layer][0]) if known.get(layer) else 0


def _cost(facts, layer, method):
    """What a method takes, in words, where that is long; else empty."""
    from engine.analysis.orders import seconds_of

    seconds = seconds_of(method, channels_of(facts, layer)) if method in LIKENESS else 0.0
    if seconds <= PATIENT_SECONDS:
        return ""
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


def _portrait(basis, method, clusters, tools, task):
    """A method's order with its picture: `Portrait`; in a job's thread."""
    from engine.analysis import orders

    likeness = bases.likeness_of(basis, tools, task)
    if method in (FILE, *LIKENESS):
        if clusters is not None:
            clusters = min(clusters, max(1, len(likeness.varied)))
        found = orders.order(likeness, method, clusters=clusters, compare=False, task=task)
    else:
        numbers = basis.numbers(likeness, method, tools, task)
        found = orders.order(likeness, "numbers", numbers=numbers, compare=False, task=task)
    return portrait_of(likeness, found)


def basis_words(state, facts, layer):
    """What is ordered: ``'conv1: maps of the sample'``."""
    return f"{layer}: {ordering.BASIS_WORDS[state.orders.of(layer).basis]}"


# orders compared


def comparison(state, facts):
    """What is compared.

    Returns
    -------
    (Question or None, str)
        None and why, one sentence; None and nothing where it waits.
    """
    layer = active_layer(state, facts)
    if layer is None:
        return None, ""
    if channels_of(facts, layer) == 1:
        return None, TOO_FEW
    if state.stability.between == "methods":
        return _methods(state, facts, layer)
    method, note = method_of_maps(state, facts, layer)
    return agreeing.question(state, facts, layer, method, note)


def method_of_maps(state, facts, layer):
    """The method that orders maps of samples and of classes, and a note.

    That in force, or PCA where it is none of maps, or takes long.
    """
    method = method_in_force(state, layer)
    if method not in OFFERED or method == FILE:
        return "pca", ""
    cost = _cost(facts, layer, method)
    return ("pca", f"{METHOD_WORDS[method]} takes {cost} each") if cost else (method, "")


def _methods(state, facts, layer):
    """Agreement of the methods whose orders are there."""
    found = {}
    for one in asked_methods(state, facts, layer):
        if one.question is None:
            if not (one.why or one.cost):
                return None, ""
            continue
        answer = facts.channel_orders.get(one.question.key)
        if answer is None:
            return None, ""
        if answer.value is not None:
            found[one.method] = one.question.key, answer.value.order
    if len(found) < 2:
        return None, "There are no two orders."
    keys = tuple(key for key, _ in found.values())
    orders = {method: order for method, (_, order) in found.items()}
    names = {method: name_of(state, layer, method) for method in orders}

    def find(tools, task):
        return agreeing.of_methods(orders, names)

    return Question(("orders-of-methods", *keys), f"Orders of {layer} by method", find), ""


def means_of(matrix):
    """Mean magnitudes of rank correlations: of neighbours, and of all pairs.

    Parameters
    ----------
    matrix : float[n, n]

    Returns
    -------
    (float, float)
        NaN without a pair that is defined.
    """
    sizes = np.abs(np.asarray(matrix, np.float64))
    pairs = sizes[np.triu_indices(len(sizes), 1)]
    return tuple(
        float(part[np.isfinite(part)].mean()) if np.isfinite(part).any() else float("nan")
        for part in (np.diagonal(sizes, 1), pairs)
    )


def chance_of(found, correlation):
    """The mean magnitude that random orders would have, of all pairs.

    Parameters
    ----------
    found : viewer.studio.gathering.Compared
    correlation : str
        ``'kendall'`` or ``'spearman'``.

    Returns
    -------
    float
        NaN without a pair that is defined.

    Notes
    -----
    Of two random orders of n channels Kendall's coefficient has the variance
    2 (2n + 5) / 9n (n - 1) and Spearman's 1 / (n - 1) (Kendall 1948); their magnitude is on average
    sqrt(2 / pi) of the standard deviation, as that of a normal variable.
    """
    varied = found.varied.astype(np.float64)
    counts = (varied @ varied.T)[np.triu_indices(len(varied), 1)]
    counts = counts[counts > 1]
    if not len(counts):
        return float("nan")
    variance = 1 / (counts - 1)
    if correlation == "kendall":
        variance = 2 * (2 * counts + 5) / (9 * counts * (counts - 1))
    return float(np.sqrt(2 / np.pi * variance).mean())
