"""Numba kernels: arrays in, arrays out, module-level, cached, nogil; nothing but NumPy and Numba."""


def warm():
    """Compile (or load from Numba's cache) every kernel once, so that no later call waits for it."""
    from engine.kernels import half, maps, positions, quantiles

    for module in (maps, half, positions, quantiles):
        module.warm()
