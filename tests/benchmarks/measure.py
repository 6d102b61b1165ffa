"""Ways to measure: the peer (plain inference), whole processes, peak memory, the disk's rate."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def plain_inference_seconds(path, pictures, batch, provider="CPUExecutionProvider"):
    """Seconds that ONNX Runtime alone takes for all pictures with the untouched file.

    ``pictures``: float32[N, C, H, W], already as the network takes them. One batch runs before
    the clock starts; reading, preprocessing and the session's start are not counted.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=[provider])
    name = session.get_inputs()[0].name
    session.run(None, {name: pictures[:batch]})
    started = time.perf_counter()
    for first in range(0, len(pictures), batch):
        session.run(None, {name: pictures[first : first + batch]})
    return time.perf_counter() - started


def process_seconds(arguments):
    """Wall-clock seconds of a whole process that must succeed."""
    started = time.perf_counter()
    subprocess.run(arguments, check=True, capture_output=True)
    return time.perf_counter() - started


def python_seconds(code):
    """Wall-clock seconds of ``code`` in a fresh interpreter less those of an empty one."""
    empty = process_seconds([sys.executable, "-c", ""])
    return process_seconds([sys.executable, "-c", code]) - empty


def random_pictures(folder, count, rows, columns, channels, seed=0):
    """An NPZ file of ``count`` random uint8 pictures; returns its path and the array."""
    random = np.random.default_rng(seed)
    shape = (count, rows, columns) if channels == 1 else (count, rows, columns, channels)
    images = random.integers(0, 256, shape, dtype=np.uint8)
    path = Path(folder) / f"pictures_{count}_{rows}x{columns}x{channels}.npz"
    np.savez(path, images=images)
    return path, images


def write_rate(folder, size=256 * 2**20):
    """Bytes per second that the disk under ``folder`` takes, flushed to the device."""
    block = os.urandom(2**20) * 8
    path = Path(folder) / "rate.bin"
    started = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    seconds = time.perf_counter() - started
    path.unlink()
    return size / seconds
