"""Numba kernels: arrays in, arrays out, cached, nogil; nothing but NumPy and Numba."""


def warm():
    """Compile every kernel once, or load it from the cache, so that no later call waits."""
    from engine.kernels import half, maps, positions, quantiles, quantising, ranges

    for module in (maps, half, positions, quantiles, quantising, ranges):
        module.warm()
