"""One quick run of a network that tells the shape and dtype of every tensor.

Lives in the child process. ONNX Runtime infers the types, a run gives the shapes. Nothing is
optimised, because the sessions serve for a run or two. Every exposed tensor stays in memory during
a run; where that would be much, a second session computes the shapes alone, and ONNX Runtime frees
the tensors as early as ever.
"""

import math
import os
import time

import numpy as np

from engine.run import exposed, failures, limits

SMALL = 64
"""Elements of an integer tensor whose values are told."""

HEAVY = 64 << 20
"""Bytes of a file whose weights make a second session dearer than keeping every tensor."""

SHARE = 8
"""Part of the machine's memory that all tensors together may take."""

SEED = 20170630
MEASURED = frozenset(
    ("float16", "float32", "float64", "bfloat16", "bool")
    + tuple(f"{s}int{b}" for s in ("", "u") for b in (4, 8, 16, 32, 64))
)


class Probing:
    """Probes of one file, at any shapes.

    Parameters
    ----------
    runtime : engine.run.sessions.Runtime
    tensors : list of str or None
        Which; None: all that nodes of the main graph compute.
    """

    def __init__(self, runtime, tensors=None):
        file = runtime.file
        self._runtime = runtime
        self._asked = tensors
        wanted = file.computed if tensors is None else tensors
        self._typed = runtime.session(exposed.outputs(file.hidden(wanted)), "none")
        self._lean = None
        self._inputs = self._typed.inputs
        outputs = self._typed.outputs
        self._dtypes = {name: dtype for name, (dtype, _) in outputs.items()}
        self._declared = {name: outputs[name][1] for name in outputs if name in file.outputs}
        self._measured = [name for name, dtype in self._dtypes.items() if dtype in MEASURED]
        self._counted = [n for n in self._measured if self._dtypes[n] in ("int64", "int32")]
        self._bytes = 0 if os.path.getsize(file.path) > HEAVY else math.inf
        self._fed = 1

    def knows(self, tensors):
        """Whether it was made for these tensors."""
        return tensors == self._asked

    def probe(self, given, shapes):
        """Run once.

        Parameters
        ----------
        given : dict of str to ndarray
            Values of inputs; the others get random numbers.
        shapes : dict of str to list of int
            Of inputs; declared ones otherwise, 1 for what is free.

        Returns
        -------
        result : dict
            ``shapes, dtypes, inputs, outputs, seconds``.
        values : dict of str to ndarray
            Small integer tensors.
        """
        started = time.perf_counter()
        feeds = stand_ins(self._inputs, shapes, given)
        found, values = self._run(feeds)
        declared = {name: [self._dtypes[name], shape] for name, shape in self._declared.items()}
        result = {
            "shapes": found | {name: list(feed.shape) for name, feed in feeds.items()},
            "dtypes": self._dtypes | {name: dtype for name, (dtype, _) in self._inputs.items()},
            "inputs": {name: [dtype, shape] for name, (dtype, shape) in self._inputs.items()},
            "outputs": declared,
            "seconds": time.perf_counter() - started,
        }
        return result, {name: v for name, v in values.items() if v.size <= SMALL}

    def _run(self, feeds):
        fed = sum(feed.size for feed in feeds.values())
        allowed = (limits.physical_memory() or 8 << 30) / SHARE
        if self._bytes * fed / self._fed <= allowed:
            try:
                return self._run_at_once(feeds, fed)
            except failures.OutOfMemory:
                self._bytes = math.inf
        return self._run_lean(feeds)

    def _run_at_once(self, feeds, fed):
        """Run the session that keeps every tensor."""
        tensors = self._typed.handles(self._measured, feeds)
        found = {name: tensor.shape() for name, tensor in tensors.items()}
        self._bytes, self._fed = 8 * sum(math.prod(shape) for shape in found.values()), fed
        return found, {name: tensors[name].numpy().copy() for name in self._counted}

    def _run_lean(self, feeds):
        """Run a session that keeps shapes and integers."""
        if self._lean is None:
            more = exposed.outputs(self._runtime.file.hidden(self._counted))
            self._lean = self._runtime.session(more + exposed.shapes(self._measured), "none")
        wanted = [exposed.SHAPE_OF + name for name in self._measured]
        results = self._lean.run(wanted + self._counted, feeds)
        found = {name: results[exposed.SHAPE_OF + name].tolist() for name in self._measured}
        return found, {name: results[name] for name in self._counted}


def stand_ins(inputs, shapes, given):
    """Something to feed: what was given, else random numbers of the declared type and shape."""
    random = np.random.default_rng(SEED)
    feeds = {}
    for name, (dtype, declared) in inputs.items():
        if name in given:
            feeds[name] = given[name]
            continue
        shape = shapes.get(name)
        if shape is None:
            shape = [d if isinstance(d, int) and d > 0 else 1 for d in declared]
        kind = np.dtype(dtype)
        if kind.kind == "f":
            feeds[name] = random.random(shape, np.float32).astype(kind)
        elif kind.kind in "iu":
            top = 128 if kind.itemsize == 1 else 2
            feeds[name] = random.integers(0, top, shape).astype(kind)
        else:
            feeds[name] = np.zeros(shape, kind)
    return feeds
