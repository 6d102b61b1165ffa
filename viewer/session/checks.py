"""Checks of command arguments that come from files, shared by the kinds."""

import math

from engine.errors import InputError


def one_of(name, value, choices):
    """``value`` if it is one of ``choices``."""
    if value not in choices:
        raise InputError("no such choice", where=name, expected=" or ".join(choices), got=value)
    return value


def number(name, value, low, high):
    """``value`` as a float within ``[low, high]``, clipped; refuses what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError("not a finite number", where=name, got=value)
    return min(float(high), max(float(low), float(value)))


def place(name, value):
    """``value`` as (x, y), shares of a picture from 0 to 1, clipped."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise InputError("not a place", where=name, expected="[x, y]", got=value)
    return tuple(number(name, part, 0.0, 1.0) for part in value)


def index(name, value):
    """``value`` as an int of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError("not an index", where=name, expected="0 or more", got=value)
    return value


def text_or_none(name, value):
    """``value`` if it is text or None."""
    if value is not None and not isinstance(value, str):
        raise InputError("not a text", where=name, got=value)
    return value
