"""How much one run takes, in seconds and bytes, and the batch that follows from it."""

import os
import sys
import time

BUDGETS = (1_000_000_000, 2_000_000_000, 4_000_000_000)
MOST = 1024
WORK = 40e9
"""Multiply-adds of a batch, about half a second: Cancel and progress come between batches."""

FEW = 4
CACHED = 2 << 20
"""Bytes of a batch's largest tensor: past `FEW` samples, more than a core's cache is slower."""

SLOWER = 4.0
"""A batch that takes so many times as long a sample as a batch of 1 is not used."""

LONG_ENOUGH = 0.1
PARTS = 4


def resident():
    """Bytes of memory that this process uses now, or None where the system does not say."""
    return _status("VmRSS:")


def peak():
    """Most bytes that it used since `forget_peak`, or None."""
    return _status("VmHWM:")


def forget_peak():
    """Start measuring `peak` anew (Linux; elsewhere it stays unknown)."""
    if sys.platform == "linux":
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def _status(key):
    if sys.platform != "linux":
        return None
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    return None


def default_memory(available):
    """The budget when a person gives none: 1, 2 or 4 GB, at most a third of what is free.

    In large steps, so that it seldom differs from one run to the next.
    """
    fits = [budget for budget in BUDGETS if 3 * budget <= available]
    return max(fits, default=BUDGETS[0])


def seconds_of(run, count):
    """Seconds of ``run(count)``: the best of ten, or of as many as fit into `LONG_ENOUGH`."""
    best, began = None, time.perf_counter()
    for _ in range(10):
        started = time.perf_counter()
        run(count)
        now = time.perf_counter()
        best = now - started if best is None else min(best, now - started)
        if now - began > LONG_ENOUGH:
            break
    return best


def choose_batch(run, most, samples, macs, largest):
    """Take the batch that the network's size suggests, unless measuring finds it slow.

    Two extractions of the same data must decide alike whatever else the machine does: low bits of
    the results depend on the batch. So the size decides, and a measurement overrules it only where
    the difference is too large to be chance.

    Parameters
    ----------
    run : callable(int)
        One run of so many samples.
    most : int
        The largest batch that fits the memory.
    samples : int
        How many there are in all.
    macs : int
        Multiply-adds of one sample.
    largest : int
        Bytes of one sample's largest tensor.

    Returns
    -------
    batch : int
        A power of two.
    seconds : dict of int to float
        Seconds of a run, for each batch that was measured.
    """
    run(1)  # the first run of a session is slower
    seconds = {1: seconds_of(run, 1)}
    useful = min(MOST, int(WORK // max(1, macs)), max(FEW, CACHED // max(1, largest)))
    most = max(1, min(most, useful, -(-samples // PARTS)))
    batch = 1 << (most.bit_length() - 1)
    while batch not in seconds:
        run(batch)
        seconds[batch] = seconds_of(run, batch)
        if seconds[batch] > SLOWER * batch * seconds[1]:
            batch = max(1, batch // 4)
    return batch, seconds


def cores():
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
