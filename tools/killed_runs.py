"""Extractions killed with SIGKILL at random moments, started again, and compared byte for byte.

The killed process is the command alone, as ``kill -9`` does; what it had started must end with it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.broken_models import ROOT, plain

SIDE = 32
GONE_WITHIN = 10.0
LONGEST_IN_A_PART = 0.3
LIMIT_SECONDS = 300


@dataclass
class Kill:
    """One killed and continued extraction.

    ``moment`` in seconds after its start; ``finished`` samples were on the disk then, ``reused`` of
    them taken over; ``faults`` is empty when all is as it should be.
    """

    moment: float
    finished: int
    reused: int
    faults: list


class KilledRuns:
    """A network, data, and one extraction that nobody interrupts.

    Parameters
    ----------
    folder : Path
        Where everything is written.
    samples : int
    seed : int
    """

    def __init__(self, folder, samples=6000, seed=0, channels=16):
        self._folder = folder
        self._random = np.random.default_rng(seed)
        self._model = folder / "network.onnx"
        self._model.write_bytes(plain(channels, SIDE))
        self._data = folder / "pictures.npz"
        pictures = self._random.integers(0, 256, (samples, SIDE, SIDE, 3)).astype(np.uint8)
        labels = self._random.integers(0, 5, samples)
        np.savez(self._data, images=pictures, labels=labels)
        self.whole = folder / "whole.study"
        started = time.monotonic()
        self._turn = 0
        self._report(self.whole)
        self.seconds = time.monotonic() - started

    def _wait_for_part(self, study, process):
        count = int(self._random.integers(1, max(2, _parts(self.whole))))
        while _parts(study) < count and process.poll() is None:
            time.sleep(0.005)
        time.sleep(float(self._random.uniform(0, LONGEST_IN_A_PART)))

    def _command(self, study):
        words = ["extract", str(self._model), str(self._data), "-o", str(study)]
        return [sys.executable, "-m", "viewer", *words, "--policy", "full", "--json"]

    def _report(self, study):
        done = subprocess.run(
            self._command(study),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"exit status {done.returncode}: {done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def kill(self):
        """Kill one extraction at a random moment, and start it again.

        The moment is a random time after the start, or a random one while a random part is written,
        by turns: how long starting takes depends on what else the machine does.

        Returns
        -------
        Kill
        """
        study = self._folder / "killed.study"
        shutil.rmtree(study, ignore_errors=True)
        self._turn += 1
        started = time.monotonic()
        process = subprocess.Popen(
            self._command(study), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if self._turn % 2:
            self._wait_for_part(study, process)
        else:
            time.sleep(float(self._random.uniform(0.2, self.seconds)))
        moment = time.monotonic() - started
        family = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        faults = [f"process {pid} outlived its parent" for pid in _still_there(family)]
        finished = _finished(study)
        report = self._report(study)
        faults += differences(self.whole, study)
        if report["samples_reused"] < finished:
            faults.append(f"{finished} samples were there, {report['samples_reused']} were used")
        return Kill(moment, finished, report["samples_reused"], faults)


def _parts(study):
    return len(list((study / "parts").glob("*.h5")))


def _finished(study):
    from engine.study.reader import open_study

    if not (study / "study.json").exists():
        return 0
    with open_study(study) as opened:
        return len(opened)


def descendants(pid):
    """Process ids of all children and their children (Linux)."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = entry.read_text()
        except OSError:  # it ended just now
            continue
        parents[int(entry.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        children = [child for child, other in parents.items() if other == parent]
        found += children
        waiting += children
    return found


def _still_there(family):
    """Those of the processes that run on after some seconds; they are ended here."""
    deadline = time.monotonic() + GONE_WITHIN
    while family and time.monotonic() < deadline:
        family = [pid for pid in family if _runs(pid)]
        time.sleep(0.05)
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    return family


def _runs(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


# -- the same in every byte ------------------------------------------------------------------------


def differences(one, other):
    """What differs between two studies, as sentences: through the reader, and in the files."""
    from engine.study.reader import open_study

    with open_study(one) as a, open_study(other) as b:
        if a.layers != b.layers or len(a) != len(b):
            return [f"{len(a.layers)} layers of {len(a)} samples, {len(b.layers)} of {len(b)}"]
        found = {"samples": (a.samples.index, b.samples.index)}
        found["names"] = np.array(a.samples.names), np.array(b.samples.names)
        found["labels"], found["scores"] = (a.labels, b.labels), (a.scores, b.scores)
        for name in a.layers:
            found |= {
                f"{name} {key}": (value, _arrays(b, name)[key])
                for key, value in _arrays(a, name).items()
            }
    rows = _rows(one), _rows(other)
    if rows[0].keys() != rows[1].keys():
        return [f"datasets differ: {sorted(rows[0].keys() ^ rows[1].keys())}"]
    found |= {f"file's {key}": (rows[0][key], rows[1][key]) for key in rows[0]}
    return [f"{key} differs" for key, (x, y) in found.items() if not same_bytes(x, y)]


def _arrays(study, name):
    """All that a study tells of a layer, by name."""
    pooled, statistics = study.pooled(name), study.statistics(name)
    arrays = {"activations": study.activations(name)[:], "positions": study.positions(name)}
    for thing in (pooled, statistics):
        arrays |= {k: v for k, v in vars(thing).items() if isinstance(v, np.ndarray | float)}
    return arrays


def _rows(study):
    """Datasets of all parts that have a row for each sample, one behind the other."""
    import h5py

    pieces = {}
    for path in sorted((Path(study) / "parts").glob("*.h5")):
        with h5py.File(path) as file:

            def collect(key, item):
                if isinstance(item, h5py.Dataset) and key.split("/")[0] != "statistics":
                    pieces.setdefault(key, []).append((int(file["samples/index"][0]), item[()]))

            file.visititems(collect)
    ordered = {
        key: [value for _, value in sorted(found, key=lambda pair: pair[0])]
        for key, found in pieces.items()
    }
    return {key: np.concatenate(v) for key, v in ordered.items() if np.ndim(v[0])}


def same_bytes(x, y):
    """Whether two arrays (or None) have the same type, shape and bytes."""
    if x is None or y is None:
        return x is y
    x, y = np.asarray(x), np.asarray(y)
    if x.dtype != y.dtype or x.shape != y.shape:
        return False
    return x.tolist() == y.tolist() if x.dtype == object else x.tobytes() == y.tobytes()
