"""A channel's codes one value at a time, from the rules that `engine.embedding.columns` states."""

import math
from fractions import Fraction

FINITE, NOT_FINITE = 65280, 65535


def codes(values, low, step, zero):
    """The code of each value, given the channel's scale."""
    return [_code(float(value), low, step, zero) for value in values]


def _code(value, low, step, zero):
    if not math.isfinite(value):
        return NOT_FINITE
    if step == 0:
        return 0
    code = math.floor((Fraction(value) - Fraction(low)) / Fraction(step) + Fraction(1, 2))
    if zero >= 0:  # zero's code is nobody else's
        code = zero if value == 0 else max(code, zero + 1) if value > 0 else min(code, zero - 1)
    return min(max(code, 0), FINITE - 1)
