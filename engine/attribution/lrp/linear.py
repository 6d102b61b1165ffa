"""LRP's rules at linear steps, emitted as ONNX nodes.

Every rule is a sum of **shares**: with a share's terms (input part x_t, weights W_t) and bias b,

    z = sum over t of W_t x_t + b,   s = R / (z + e sign(z)),   R_in += sum over t of x_t (W_t' s)

and the bias and epsilon absorb R - sum of s (z - b). What arrives, what is explained by inputs and
what leaves is added up for every step: that is what the conservation check compares.
"""

from dataclasses import dataclass

import numpy as np

from engine.gradient.rules import rule_of


@dataclass(frozen=True)
class Term:
    """One input part with its weights; ``data`` None: ones, and nothing to multiply by."""

    data: str | None
    weights: str
    sign: int = 1


@dataclass(frozen=True)
class Share:
    """Terms with one denominator.

    Attributes
    ----------
    terms : tuple of Term
    bias : str
    factor : float
        Of the relevance that arrives.
    where : {"", "positive", "negative"}
        Outputs of this sign only.
    total : str or None
        The denominator without epsilon, where the forward pass already has it.
    is_positive : bool
        Whether the denominator cannot be negative.
    """

    terms: tuple
    bias: str = ""
    factor: float = 1.0
    where: str = ""
    total: str | None = None
    is_positive: bool = False


def emit_linear(back, step, relevance, shares, epsilon, ledger):
    """Emit the relevance of a linear step's data.

    Parameters
    ----------
    back : engine.gradient.backward.Backward
    step : engine.attribution.lrp.weights.Linear
    relevance : str
        Of the step's output.
    shares : list of Share
    epsilon : float
    ledger : engine.attribution.lrp.ledger.Ledger

    Returns
    -------
    str
    """
    found, explained = [], []
    for share in shares:
        arriving = _arriving(back, step, relevance, share)
        z = share.total or _denominator(back, step, share)
        s = back.op("Div", arriving, stabilised(back, z, epsilon, share.is_positive))
        found += [_sent(back, step, term, s) for term in share.terms]
        known = arriving if share.is_positive else None
        explained.append((s, z, share.bias, known))
    result = back.sum(found)
    ledger.note_linear(back, step, relevance, result, explained, epsilon)
    return result


def _arriving(back, step, relevance, share):
    y = step.node.outputs[0]
    if share.where:
        zero = back.number(0, y)
        compare = "Greater" if share.where == "positive" else "Less"
        relevance = back.op("Where", back.op(compare, y, zero), relevance, zero)
    if share.factor != 1:
        relevance = back.op("Mul", relevance, back.number(share.factor, y))
    return relevance


def _denominator(back, step, share):
    """The sum of a share's terms and its bias."""
    parts = []
    for place, term in enumerate(share.terms):
        bias = share.bias if place == 0 else ""
        data = term.data or _ones(back, step)
        part = forward_with(back, step, data, term.weights, bias)
        parts.append(part if term.sign > 0 else back.op("Neg", part))
    return back.sum(parts)


def forward_with(back, step, data, weights, bias=""):
    """What a step makes of other data with other weights."""
    inputs = step.with_weights(data, weights, bias)
    return back.op(step.node.op_type, *inputs, **dict(step.node.attributes))


def _ones(back, step):
    sizes = list(back.sizes(step.data))
    batch = back.batch_axis(step.data)
    if batch is not None:
        sizes[batch] = 1
    return back.number(np.ones(sizes), step.data)


def _sent(back, step, term, s):
    """A term's relevance: the transposed step, times the data."""
    given = [s] + [None] * (len(step.node.outputs) - 1)
    sent = rule_of(step.node)(back, step.node_with(term.weights), given)[step.place]
    if term.data is not None:
        sent = back.op("Mul", term.data, sent)
    return sent if term.sign > 0 else back.op("Neg", sent)


def stabilised(back, z, epsilon, is_positive=False, like=None):
    """z + e sign(z), the sign of 0 being 1; what cannot be negative is kept so."""
    number = back.emitter.constant(np.asarray(epsilon, np.float32))
    if is_positive:
        return back.op("Add", back.op("Relu", z), number)
    zero = back.emitter.constant(np.asarray(0, np.float32))
    less = back.emitter.constant(np.asarray(-epsilon, np.float32))
    return back.op("Add", z, back.op("Where", back.op("Less", z, zero), less, number))


class Shares:
    """Which shares a rule has at a step.

    Parameters
    ----------
    variants : engine.attribution.lrp.weights.Variants
    """

    def __init__(self, variants):
        self._variants = variants

    def prepare(self, step, rule):
        """Make the variants of weights that a rule needs, before the walk."""
        for weights, bias in _NEEDED[rule.name]:
            gamma = rule.gamma if rule.name == "gamma" else 0.0
            self._variants.of(step.weights, weights, gamma)
            if bias and step.bias:
                self._variants.of(step.bias, bias, gamma)

    def of(self, back, step, rule, facts):
        """The shares of a rule.

        Parameters
        ----------
        rule : engine.attribution.lrp.composites.Rule
        facts : Facts

        Returns
        -------
        list of Share
        """
        return getattr(self, "_" + rule.name.replace("-", "_"))(back, step, rule, facts)

    def _epsilon(self, back, step, rule, facts):
        y = step.node.outputs[0]
        return [Share((Term(step.data, step.weights),), step.bias, total=y)]

    def _z_plus(self, back, step, rule, facts):
        return [self._signed(back, step, facts, "plus", "minus", "plus", is_positive=True)]

    def _alpha_beta(self, back, step, rule, facts):
        shares = [
            self._signed(back, step, facts, "plus", "minus", "plus", rule.alpha, is_positive=True)
        ]
        if rule.beta:
            shares.append(self._signed(back, step, facts, "minus", "plus", "minus", -rule.beta))
        return shares

    def _gamma(self, back, step, rule, facts):
        """Positive outputs: more weight to positive contributions; negative ones the reverse."""
        more = {"gamma": rule.gamma}
        up, down = "more plus", "more minus"
        positive = self._signed(
            back,
            step,
            facts,
            up,
            down,
            up,
            where="" if facts.is_silent else "positive",
            is_positive=facts.is_silent or facts.data_is_positive,
            **more,
        )
        if facts.is_silent:
            return [positive]
        return [positive, self._signed(back, step, facts, down, up, down, where="negative", **more)]

    def _signed(self, back, step, facts, of_positive, of_negative, bias, factor=1.0, **more):
        """Positive inputs with one variant of the weights, negative ones with another."""
        gamma = more.pop("gamma", 0.0)

        def made(name, variant):
            return self._variants.of(name, variant, gamma)

        if facts.data_is_positive:
            terms = (Term(step.data, made(step.weights, of_positive)),)
        else:
            zero = back.number(0, step.data)
            above, below = back.op("Relu", step.data), back.op("Min", step.data, zero)
            terms = (
                Term(above, made(step.weights, of_positive)),
                Term(below, made(step.weights, of_negative)),
            )
        return Share(terms, made(step.bias, bias), factor, **more)

    def _z_box(self, back, step, rule, facts):
        low, high = facts.bounds(back)
        terms = (
            Term(step.data, step.weights),
            Term(low, self._variants.of(step.weights, "plus"), -1),
            Term(high, self._variants.of(step.weights, "minus"), -1),
        )
        return [Share(terms)]

    def _flat(self, back, step, rule, facts):
        return [Share((Term(None, self._variants.of(step.weights, "ones")),), is_positive=True)]

    def _w_square(self, back, step, rule, facts):
        return [Share((Term(None, self._variants.of(step.weights, "square")),), is_positive=True)]


# For each rule the variants of weights, and of the bias, that its shares ask for.
_NEEDED = {
    "epsilon": (),
    "z-plus": (("plus", "plus"), ("minus", "")),
    "alpha-beta": (("plus", "plus"), ("minus", "minus")),
    "gamma": (("more plus", "more plus"), ("more minus", "more minus")),
    "z-box": (("plus", ""), ("minus", "")),
    "flat": (("ones", ""),),
    "w-square": (("square", ""),),
}


@dataclass(frozen=True)
class Facts:
    """What is known of a step.

    Attributes
    ----------
    data_is_positive : bool
    is_silent : bool
        Whether no relevance can arrive at an output of 0 or less.
    bounds : callable(back) -> (str, str) or None
        The smallest and the largest values of the data, where it is the image.
    """

    data_is_positive: bool = False
    is_silent: bool = False
    bounds: object = None
