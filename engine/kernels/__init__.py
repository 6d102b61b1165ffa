"""Numba kernels: arrays in, arrays out, cached, nogil; nothing but NumPy and Numba."""


def warm():
    """Compile every kernel once, or load it from the cache, so that no later call waits."""
    from importlib import import_module
    from pkgutil import iter_modules

    for found in iter_modules(__path__, f"{__name__}."):
        module = import_module(found.name)
        if hasattr(module, "warm"):  # others are compiled as parts of these
            module.warm()
