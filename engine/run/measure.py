"""How much one run takes, in seconds and bytes, and the batch that follows from it."""

import os
import sys
import time

MOST = 1024
LONGEST = 0.5
"""Seconds of a batch, about: Cancel and progress come between batches."""

NO_BETTER = 1.03
SHORT = 0.02
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
    """The budget when a person gives none: a third of what is free, 4 GB at most."""
    return min(4_000_000_000, max(1_000_000_000, available // 3))


def seconds_of(run, repeat=SHORT):
    """Seconds of `run()`, the best of three where it is shorter than `repeat`."""
    best = None
    for _ in range(3):
        started = time.perf_counter()
        run()
        seconds = time.perf_counter() - started
        best = seconds if best is None else min(best, seconds)
        if best > repeat:
            break
    return best


def choose_batch(run, most, samples, overhead):
    """Measure runs of growing batches and choose one.

    Parameters
    ----------
    run : callable(int)
        One run of so many samples.
    most : int
        The largest batch that fits the memory.
    samples : int
        How many there are in all: the measuring takes a twentieth of their time, 0.3 s at least.
    overhead : float
        Seconds that an extraction spends on a batch whatever its size.

    Returns
    -------
    batch : int
        The smallest whose time a sample, overhead included, is within 3 % of the best.
    seconds : dict of int to float
        Seconds of a run, for each batch that was measured.
    """
    run(1)  # the first run of a session is slower
    seconds = {1: seconds_of(lambda: run(1))}
    most = max(1, min(most, MOST, -(-samples // PARTS)))
    allowed = max(0.3, 0.05 * seconds[1] * samples)
    batch, spent = 1, seconds[1]
    while 2 * batch <= most and 2 * seconds[batch] <= LONGEST:
        if spent + 2 * seconds[batch] > allowed:
            return _guess(seconds, batch, most), seconds
        batch *= 2
        run_now = batch
        seconds[batch] = seconds_of(lambda n=run_now: run(n))
        spent += seconds[batch]
    each = {n: (seconds[n] + overhead) / n for n in seconds}
    return min(n for n in each if each[n] <= NO_BETTER * min(each.values())), seconds


def _guess(seconds, batch, most):
    """A batch of about `LONGEST` seconds where there was no time to measure: rarely slower."""
    while 2 * batch <= most and 2 * batch * seconds[1] <= LONGEST:
        batch *= 2
    return batch


def cores():
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
