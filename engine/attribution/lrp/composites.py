"""LRP's rules by name, and which linear step takes which: single rules and composites."""

import re
from dataclasses import dataclass

from engine.errors import InputError

EPSILON = 1e-6
GAMMA = 0.25

SYNTAX = (
    "epsilon[=e], gamma[=g], alpha-beta[=a,b], z-plus, z-box, flat, w-square, "
    "epsilon-plus, epsilon-gamma-box or alpha2-beta1"
)
CONVOLUTIONS = frozenset(("Conv", "ConvTranspose"))


@dataclass(frozen=True)
class Rule:
    """One rule for a linear step.

    Attributes
    ----------
    name : {"epsilon", "gamma", "alpha-beta", "z-plus", "z-box", "flat", "w-square"}
    epsilon : float
        Added to denominators, with their sign.
    gamma, alpha, beta : float
    """

    name: str
    epsilon: float = EPSILON
    gamma: float = GAMMA
    alpha: float = 2.0
    beta: float = 1.0

    @property
    def multiplies(self):
        """Whether an input of 0 takes no relevance."""
        return self.name not in ("z-box", "flat", "w-square")


@dataclass(frozen=True)
class Composite:
    """Which rule each linear step takes.

    Attributes
    ----------
    name : str
        As a person wrote it.
    first : Rule
        Steps that read the image itself.
    convolution, dense : Rule
        Conv and ConvTranspose; Gemm and MatMul.
    words : str
        What was added to what the person asked for; ``""`` for nothing.
    """

    name: str
    first: Rule
    convolution: Rule
    dense: Rule
    words: str = ""

    def rule_for(self, node, reads_image):
        """The rule of a linear node."""
        of_kind = self.convolution if node.op_type in CONVOLUTIONS else self.dense
        return self.first_of(of_kind) if reads_image else of_kind

    def first_of(self, of_kind):
        """The rule of a step of this kind when it reads the image."""
        return self.first or of_kind


def composite_of(text):
    """Read a rule or a composite.

    Parameters
    ----------
    text : str
        As after ``--rule``.

    Returns
    -------
    Composite

    Raises
    ------
    InputError
        When the text is none.
    """
    epsilon, plus = Rule("epsilon"), Rule("z-plus")
    if text == "epsilon-plus":
        return Composite(text, None, plus, epsilon)
    if text == "epsilon-gamma-box":
        return Composite(text, Rule("z-box"), Rule("gamma"), epsilon)
    if text == "alpha2-beta1":
        return Composite(text, None, Rule("alpha-beta"), epsilon)
    rule = _rule(text)
    if rule.name == "z-box":
        words = "z-box where the image is read, z-plus elsewhere"
        return Composite(text, rule, plus, plus, words)
    return Composite(text, None, rule, rule)


def _rule(text):
    name, given, numbers = text.partition("=")
    takes = {"epsilon": 1, "gamma": 1, "alpha-beta": 2}
    if name not in (*takes, "z-plus", "z-box", "flat", "w-square") or (given and name not in takes):
        raise InputError(f"{text!r} is no rule of LRP", expected=SYNTAX)
    if not given:
        return Rule(name)
    if not re.fullmatch(r"[0-9.e+-]+(,[0-9.e+-]+)?", numbers):
        raise InputError(f"{text!r} has no number after its name", expected=SYNTAX)
    try:
        values = [float(part) for part in numbers.split(",")]
    except ValueError:
        raise InputError(f"{text!r} has no number after its name", expected=SYNTAX) from None
    if len(values) != takes[name] or min(values) < 0:
        raise InputError(f"{text!r} takes {takes[name]} numbers of 0 or more", expected=SYNTAX)
    if name == "alpha-beta":
        return _alpha_beta(text, *values)
    return Rule(name, **{name: values[0]})


def _alpha_beta(text, alpha, beta):
    if abs(alpha - beta - 1) > 1e-9:
        raise InputError(f"{text!r} loses or makes relevance", expected="alpha - beta = 1")
    return Rule("alpha-beta", alpha=alpha, beta=beta)
