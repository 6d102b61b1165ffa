"""What the child process can be asked: open, probe, run, extract.

Each request is a method; its result is JSON and a dict of arrays.
"""

import time

import numpy as np

from engine.run import exposed
from engine.run.exposed import Exposure

REQUESTS = frozenset(("open", "probe", "run", "prepare", "extract", "abandon"))
SMALL = 64
SEED = 20170630


class Worker:
    """The state of the child: one file, and the sessions made for it.

    Parameters
    ----------
    conversation : engine.run.child.Conversation
    """

    def __init__(self, conversation):
        self._conversation = conversation
        self._runtime = None
        self._sessions = {}
        self._extraction = None

    def do(self, message):
        """Answer one request: its result and its arrays."""
        if message["op"] not in REQUESTS:
            raise ValueError(f"no such request: {message['op']}")
        return getattr(self, message["op"])(message["arrays"], **message["arguments"])

    def open(self, arrays, path, device=None, threads=None):
        """Choose the provider for a file; nothing of it is read yet."""
        from engine.run.sessions import Runtime

        self._runtime = Runtime(path, device, threads, self._conversation.on_cancel)
        self._sessions.clear()
        return self._facts(), {}

    def _facts(self):
        runtime = self._runtime
        return {
            "provider": runtime.choice.name,
            "on_gpu": runtime.choice.on_gpu,
            "threads": runtime.threads,
            "notes": runtime.notes,
        }

    def _session(self, key, more, level="all"):
        """A session kept for the next request of its kind; one of each kind at most."""
        kind = key[0]
        kept = self._sessions.get(kind)
        if kept is None or kept[0] != key:
            self._sessions.pop(kind, None)
            kept = (key, self._runtime.session(more, level))
            self._sessions[kind] = kept
        return kept[1]

    def probe(self, arrays, shapes, tensors):
        """Run once, without keeping what is large, and tell every tensor's shape and dtype."""
        from engine.run.sessions import numpy_type

        started = time.perf_counter()
        file = self._runtime.file
        tensors = file.computed if tensors is None else tensors
        hidden = file.hidden(tensors)
        # one session tells the types and never runs, one runs and keeps only the shapes
        typed = self._session(("types", *tensors), exposed.outputs(hidden), "none")
        dtypes = {o.name: numpy_type(o.type) for o in typed.get_outputs()}
        declared = {o.name: o.shape for o in typed.get_outputs() if o.name in file.outputs}
        inputs = self._runtime.inputs(typed)
        measured = [name for name, dtype in dtypes.items() if dtype in MEASURED]
        counted = [name for name in measured if dtypes[name] in ("int64", "int32")]
        more = exposed.outputs(file.hidden(counted))
        session = self._session(("shapes", *measured), more + exposed.shapes(measured), "none")
        feeds = stand_ins(inputs, shapes, arrays)
        wanted = [exposed.SHAPE_OF + name for name in measured]
        results = self._runtime.run(session, wanted + counted, feeds)
        found = {name: results[exposed.SHAPE_OF + name].tolist() for name in measured}
        values = {name: results[name] for name in counted}
        result = {
            "shapes": found | {name: list(feed.shape) for name, feed in feeds.items()},
            "dtypes": {name: numpy_type(dtypes[name]) for name in dtypes}
            | {name: dtype for name, (dtype, _) in inputs.items()},
            "inputs": {name: [dtype, shape] for name, (dtype, shape) in inputs.items()},
            "outputs": {name: [dtypes[name], shape] for name, shape in declared.items()},
            "seconds": time.perf_counter() - started,
            **self._facts(),
        }
        return result, {name: v for name, v in values.items() if v.size <= SMALL}

    def run(self, arrays, tensors):
        """Run once and return tensors, named as in the file."""
        wanted = [Exposure.of(entry) for entry in tensors]
        kept = self._sessions.get("run")
        if kept is not None and set(wanted) <= set(kept[0][1:]):
            session = kept[1]
        else:
            more = exposed.outputs(self._runtime.file.hidden(wanted))
            session = self._session(("run", *wanted), more)
        results = self._runtime.run(session, [e.name for e in wanted], arrays)
        return self._facts(), {each.tensor: results[each.name] for each in wanted}

    def prepare(self, arrays, request):
        """Decide what an extraction will do; nothing is written before `extract`."""
        from engine.run.extraction import Extraction

        self._sessions.clear()
        self._extraction = Extraction(self._runtime, self._conversation, request, arrays)
        return {**self._extraction.prepare(), **self._facts()}, {}

    def extract(self, arrays):
        """Do what was prepared."""
        return self._extraction.run(), {}

    def abandon(self, arrays):
        """Leave what was prepared."""
        self._extraction.abandon()
        return {}, {}


MEASURED = frozenset(
    ("float16", "float32", "float64", "bfloat16", "bool")
    + tuple(f"{s}int{b}" for s in ("", "u") for b in (4, 8, 16, 32, 64))
)


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
