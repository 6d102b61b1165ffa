"""Round values along an axis, and where they are written. No Qt, no GL."""

import math

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_values(low, high, most):
    """Round values within a range, at most so many, evenly spaced.

    Parameters
    ----------
    low, high : float
        Finite; an empty range has no values.
    most : int

    Returns
    -------
    list of float
    """
    if most < 1 or not high > low:
        return []
    least = (high - low) / most
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * part for part in STEPS if power * part >= least * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def words_of(values):
    """Each value with as many digits as it takes to tell neighbours apart.

    Returns
    -------
    list of str
    """
    if not values:
        return []
    step = min((b - a for a, b in zip(values, values[1:], strict=False)), default=abs(values[0]))
    largest = max(abs(value) for value in values)
    form = "e" if largest and (largest >= 1e5 or largest < 1e-3) else "f"
    for digits in range(10):
        texts = [f"{value:.{digits}{form}}" for value in values]
        if all(abs(float(t) - v) <= 1e-3 * step for t, v in zip(texts, values, strict=True)):
            break
    return [_plain(text) if float(text) else "0" for text in texts]


def _plain(text):
    """A true minus, exponents without zeros in front."""
    if "e" in text:
        mantissa, power = text.split("e")
        return f"{mantissa.replace('-', '−')}e{int(power)}"
    return text.replace("-", "−")


def every(size, room):
    """Every how many cells a number is written, when one takes so much room: 1, 2, 5, 10 ..."""
    least = max(1.0, room / max(size, 1e-9))
    power = 10 ** math.floor(math.log10(least))
    return int(next(power * part for part in (1, 2, 5, 10) if power * part >= least * (1 - 1e-9)))


def free_of(places, size, taken=()):
    """Which of some labels fit without touching each other or what is taken, in their order.

    Parameters
    ----------
    places : sequence of float
        Middles.
    size : sequence of float
        Lengths.
    taken : sequence of (float, float)
        Intervals that are not free.

    Returns
    -------
    list of int
    """
    taken, found = list(taken), []
    for number, (middle, long) in enumerate(zip(places, size, strict=True)):
        low, high = middle - long / 2, middle + long / 2
        if all(high <= start or low >= stop for start, stop in taken):
            taken.append((low, high))
            found.append(number)
    return found
