"""How much memory is free, so that a file's claims are refused before they are believed."""

import os

from engine.errors import InputError, MachineError

_FALLBACK = 4 << 30
LARGEST_CLAIM = 1 << 50


def available_memory():
    """Bytes that can be had without swapping: MemAvailable on Linux, else half of the memory."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux: ask sysconf below
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return _FALLBACK


def check_claim(shape, itemsize, where):
    """Bytes of an array that a header claims; refuses absurd ones.

    Raises
    ------
    InputError
        For negative lengths or more than 2**50 bytes.
    """
    total = itemsize
    for length in shape:
        total *= int(length)
        if length < 0 or total > LARGEST_CLAIM:
            raise InputError("the header claims an impossible size", where=where, got=list(shape))
    return total


def check_memory(size, where):
    """Refuse to load `size` bytes into a machine that has not that much.

    Raises
    ------
    MachineError
    """
    free = available_memory()
    if size > 0.8 * free:
        raise MachineError(
            f"{size / 1e9:.1f} GB do not fit the {free / 1e9:.1f} GB of free memory",
            where=where,
            remedy="save the arrays as .npy or HDF5, which are read piece by piece",
        )
