"""State and facts to what the orders pane shows; no Qt, no GL."""

import math
from dataclasses import dataclass, field

from viewer.state.orders import OrderSettings
from viewer.state.selection import LONGEST_NAME
from viewer.state.stability import StabilitySettings
from viewer.studio import stability
from viewer.studio.facts import OPENING
from viewer.views.layer_choice import choices_of
from viewer.visuals.legend import number

COEFFICIENTS = {"kendall": "Kendall’s τ", "spearman": "Spearman’s ρ"}
BETWEEN_WORDS = {
    "rows": "orders of cuts by row",
    "columns": "orders of cuts by column",
    "samples": "orders of samples",
    "classes": "orders of classes",
    "methods": "orders of methods",
}
ONE_CLUSTER = "1 cluster"
SHORT = {"leaf": "leaf order", "spectral": "spectral"}
"""Names of methods in the list, where they differ from those in menus."""
FOUND, LATE, FAILED, COSTLY = "found", "late", "failed", "costly"


@dataclass(frozen=True, eq=False)
class MethodRow:
    """One method of ordering.

    Attributes
    ----------
    method, name : str
        As in the state, and as a person reads it.
    is_in_force : bool
    status : str
        ``'found'``, ``'late'``, ``'failed'``, or ``'costly'``: made when a person asks for it.
    portrait : viewer.studio.stability.Portrait or None
    words : str
        The order in words, why there is none, or what it would cost.
    relative : float
        Its quality to the best of those found; NaN where there is none.
    """

    method: str
    name: str
    is_in_force: bool = False
    status: str = LATE
    portrait: object = None
    words: str = ""
    relative: float = math.nan

    @property
    def quality(self):
        """Mean distance of neighbours to that in random orders; NaN where there is none."""
        return math.nan if self.portrait is None else self.portrait.order.quality

    @property
    def spread(self):
        """Standard deviation of that of random orders."""
        return math.nan if self.portrait is None else self.portrait.order.quality_spread


@dataclass(frozen=True, eq=False)
class OrdersWish:
    """What the orders pane shows.

    Attributes
    ----------
    message : str
        Instead of everything else.
    choices : tuple
        Layers to choose from, while none is active.
    layer : str or None
    basis : str
        What is ordered, in words.
    counts : str
        Channels, and which of them are last in every order.
    rows : tuple of MethodRow
    settings : StabilitySettings
    compared : viewer.studio.stability.Compared or None
        The orders whose stability is shown.
    why : str
        Why there are none.
    channel : int or None
        In focus.
    orders : OrderSettings
        In force.
    detail : str
    late : bool
    """

    message: str = ""
    choices: tuple = ()
    layer: str | None = None
    basis: str = ""
    counts: str = ""
    rows: tuple = ()
    settings: StabilitySettings = field(default_factory=StabilitySettings)
    compared: object = None
    why: str = ""
    channel: int | None = None
    orders: OrderSettings = field(default_factory=OrderSettings)
    detail: str = ""
    late: bool = False

    @property
    def matrix(self):
        """The rank correlations that are shown, float64[n, n], or None."""
        found = self.compared
        return None if found is None else getattr(found, self.settings.correlation)

    @property
    def pair(self):
        """The two orders that are shown against each other, or None."""
        pair, found = self.settings.pair, self.compared
        if pair is None or found is None or max(pair) >= len(found.names):
            return None
        return pair

    def same_as(self, other):
        """Whether it would give the same picture."""
        parts = ("message", "choices", "layer", "basis", "counts", "settings", "why")
        parts += ("channel", "detail", "late")
        return (
            all(getattr(self, part) == getattr(other, part) for part in parts)
            and self.compared is other.compared
            and len(self.rows) == len(other.rows)
            and all(map(_same, self.rows, other.rows))
        )


def _same(one, other):
    parts = ("method", "is_in_force", "status", "words")
    return one.portrait is other.portrait and all(
        getattr(one, part) == getattr(other, part) for part in parts
    )


def resolve(state, facts):
    """What the view shows for a state and what exists."""
    if facts.lack is not None:
        return OrdersWish(message=facts.lack, late=facts.phase == OPENING)
    layer = stability.active_layer(state, facts)
    if layer is None:
        return OrdersWish(choices=choices_of(facts))
    rows = _rows(state, facts, layer)
    compared, why, waits = _compared(state, facts)
    late = waits or any(row.status == LATE for row in rows)
    return OrdersWish(
        layer=layer,
        basis=stability.basis_words(state, facts, layer),
        counts=counts_of(rows),
        rows=rows,
        settings=state.stability,
        compared=compared,
        why=why,
        channel=state.focus.channel,
        orders=state.orders,
        detail=detail_of(layer, rows),
        late=late,
    )


def _rows(state, facts, layer):
    in_force = stability.method_in_force(state, layer)
    found = []
    for ask in stability.asked_methods(state, facts, layer):
        answer = None if ask.question is None else facts.channel_orders.get(ask.question.key)
        name = SHORT.get(ask.method) or stability.name_of(state, layer, ask.method)
        mine = ask.method == in_force
        if ask.question is None:
            status = COSTLY if ask.cost else FAILED if ask.why else LATE
            found.append(MethodRow(ask.method, name, mine, status, words=ask.why or ask.cost))
        elif answer is None:
            found.append(MethodRow(ask.method, name, mine))
        elif answer.value is None:
            found.append(MethodRow(ask.method, name, mine, FAILED, words=answer.failure))
        else:
            found.append(MethodRow(ask.method, name, mine, FOUND, answer.value))
    return _related(found)


def _related(rows):
    """The rows with their quality relative to the best of them, and the words of it."""
    qualities = [row.quality for row in rows if math.isfinite(row.quality)]
    best = min(qualities, default=math.nan)
    return tuple(_with_words(row, best) for row in rows)


def _with_words(row, best):
    if row.status != FOUND:
        return row
    relative = row.quality / best if best > 0 else math.nan
    return MethodRow(
        row.method, row.name, row.is_in_force, FOUND, row.portrait, order_words(row, relative),
        relative,
    )  # fmt: skip


def order_words(row, relative):
    """One order in a line: ``'PCA: 0.82 ± 0.02 of random, 1.60 × the best, 6 clusters'``."""
    order = row.portrait.order
    if not math.isfinite(order.quality):
        said = [f"{row.name}: no quality, fewer than three channels vary"]
    else:
        of_random = f"{order.quality:.2f} ± {number(order.quality_spread, 1)} of random"
        said = [f"{row.name}: {of_random}"]
        if math.isfinite(relative):
            said.append("the best here" if relative <= 1 else f"{relative:.2f} × the best")
    if order.clusters:
        said.append(cluster_words(order))
    return ", ".join(said + ([row.portrait.words] if row.portrait.words else []))


def cluster_words(order):
    """``'6 clusters'``; empty without any."""
    count = len(order.clusters)
    return "" if not count else ONE_CLUSTER if count == 1 else f"{count:,} clusters"


def counts_of(rows):
    """``'64 channels, 3 constant (2 dead) last in every order'``; empty without an order."""
    order = next((row.portrait.order for row in rows if row.portrait is not None), None)
    if order is None:
        return ""
    count = len(order.channels)
    said = [f"{count:,} channel" + ("" if count == 1 else "s")]
    if not order.count:
        return f"{said[0]}, none of which varies here: choose what else they are likened by"
    last = []
    if order.constant:
        dead = f" ({order.dead:,} dead)" if order.dead else ""
        last.append(f"{order.constant:,} constant{dead}")
    if order.not_finite:
        last.append(f"{order.not_finite:,} not finite")
    if last:
        said.append(" and ".join(last) + " last in every order")
    return ", ".join(said)


def _compared(state, facts):
    """(Compared or None, why there is none, whether it will come)."""
    question, why = stability.comparison(state, facts)
    if question is None:
        return None, why, not why
    answer = facts.compared_orders.get(question.key)
    if answer is None:
        return None, "", True
    return answer.value, answer.failure, False


def detail_of(layer, rows):
    """For the title of the pane: the layer, its order and how good that is."""
    row = next((row for row in rows if row.is_in_force), None)
    if row is None or not math.isfinite(row.quality):
        return layer
    return f"{layer}, {row.name} {row.quality:.2f}"


def heading_of(wish):
    """What the matrix shows, in words: ``'Kendall’s τ: PCA orders of 16 cuts by row'``."""
    name = COEFFICIENTS[wish.settings.correlation]
    found = wish.compared
    return (
        f"{name} between {BETWEEN_WORDS[wish.settings.between] if found is None else found.words}"
    )


def summary_of(wish):
    """How stable the orders are: means of magnitudes, as a reversed order is the same."""
    matrix = wish.matrix
    if matrix is None or len(matrix) < 2:
        return ""
    near, all_ = stability.means_of(matrix)
    said = f"all pairs {_value(all_)}"
    if wish.settings.between in ("rows", "columns"):
        said = f"neighbours {_value(near)}, {said}"
    said += f", chance {_value(stability.chance_of(wish.compared, wish.settings.correlation))}"
    return ", ".join([f"mean magnitude: {said}", *wish.compared.notes])


def pair_words(wish):
    """The two orders against each other in a line; empty without a pair."""
    if wish.pair is None:
        return ""
    one, other = wish.pair
    found = wish.compared
    tau, rho = found.kendall[one, other], found.spearman[one, other]
    said = f"{found.names[one]} and {found.names[other]}: τ {_value(tau)}, ρ {_value(rho)}"
    return f"{said}, second reversed" if is_reversed(wish) else said


def is_reversed(wish):
    """Whether the second order of the pair is counted from its end: it fits better so."""
    return wish.pair is not None and wish.matrix[wish.pair] < 0


def _value(value):
    return "not defined" if math.isnan(value) else f"{value:.2f}".replace("-", "\u2212")


# what clicks give


def chosen(orders, layer, method):
    """The command that orders a layer by a method; all layers unless it has a choice of its own.

    Parameters
    ----------
    orders : OrderSettings
    """
    if method == stability.NAMED:
        return "orders.apply", {"name": orders.of(layer).name}
    own = orders.own(layer) is not None
    return "orders.choose", {"method": method, **({"layer": layer} if own else {})}


def applied(wish, at):
    """The command that applies one of the orders compared."""
    found, between = wish.compared, wish.settings.between
    if between == "methods":
        return chosen(wish.orders, wish.layer, found.items[at])
    name = f"{wish.layer}, {found.names[at]}"[:LONGEST_NAME].strip()
    words = f"{found.words}: {found.names[at]}"
    order = {"layer": wish.layer, "channels": found.orders[at].tolist(), "words": words}
    return "orders.apply", {"name": name, "order": order}


def visited(wish, at):
    """The command of a label: look at what the order is of."""
    found, between = wish.compared, wish.settings.between
    item = found.items[at]
    if between in ("rows", "columns"):
        return "slices.cut", {between.removesuffix("s"): (item + 0.5) / len(found.items)}
    if between == "samples":
        return "focus.sample", {"sample": item}
    if between == "classes":
        region = {"kind": "class", "items": [int(item)]}
        return "select.brush", {"region": region, "mode": "replace"}
    return chosen(wish.orders, wish.layer, item)
