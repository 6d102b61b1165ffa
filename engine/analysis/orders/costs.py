"""What the methods cost, known before they start."""

AFFORDABLE = 1.5
"""Seconds that a method may take to be one of those that are compared."""
WORTH_SAYING = 1.0
"""Seconds from which on a method says what it costs before it starts."""


def seconds_of(method, channels):
    """About how many seconds a method takes at most, on two cores.

    Parameters
    ----------
    method : str
        One of `engine.analysis.orders.METHODS`.
    channels : int
        That vary, V.
    """
    size = channels / 2048
    return {
        "pca": 0.1 * size**2,
        "kmeans": 0.8 * size**2,
        "leaf": 0.2 * size**2 + 0.6 * size**3,
        "spectral": 1.2 * size**2,
        "path": 0.1 * size**2,
    }[method]


def cost_words(method, channels):
    """``', about 6 s'``, or nothing where it is not worth saying."""
    seconds = seconds_of(method, channels)
    return f", about {seconds:.0f} s" if seconds >= WORTH_SAYING else ""
