"""What the child process can be asked: open, probe, run, extract, compute other graphs, evaluate.

Each request is a method; its result is JSON and a dict of arrays.
"""

from engine.run import exposed
from engine.run.exposed import Exposure

REQUESTS = frozenset(
    (
        "open",
        "probe",
        "run",
        "prepare",
        "extract",
        "abandon",
        "graph",
        "compute",
        "windows",
        "project",
        "survey",
        "predict",
        "sums",
    )
)


class Worker:
    """The state of the child: one file, and the last session made for it.

    Parameters
    ----------
    conversation : engine.run.child.Conversation
    """

    def __init__(self, conversation):
        self._conversation = conversation
        self._runtime = None
        self._probing = None
        self._run = None
        self._extraction = None
        self._graphs = self._windowing = self._evaluating = None

    def do(self, message):
        """Answer one request: its result and its arrays."""
        if message["op"] not in REQUESTS:
            raise ValueError(f"no such request: {message['op']}")
        return getattr(self, message["op"])(message["arrays"], **message["arguments"])

    def open(self, arrays, path, device=None, threads=None):
        """Choose the provider for a file; nothing of it is read yet."""
        from engine.run.sessions import Runtime

        self._runtime = Runtime(path, device, threads, self._conversation.on_cancel)
        self._probing = self._run = self._graphs = self._windowing = None
        self._evaluating = None
        return self._facts(), {}

    def _facts(self):
        runtime = self._runtime
        return {
            "provider": runtime.choice.name,
            "on_gpu": runtime.choice.on_gpu,
            "threads": runtime.threads,
            "notes": runtime.notes,
        }

    def probe(self, arrays, shapes, tensors):
        """Run once and tell every tensor's shape and dtype."""
        if self._probing is None or not self._probing.knows(tensors):
            from engine.run.probing import Probing

            self._probing = Probing(self._runtime, tensors)
        result, values = self._probing.probe(arrays, shapes)
        return {**result, **self._facts()}, values

    def run(self, arrays, tensors):
        """Run once and return tensors, named as in the file."""
        wanted = [Exposure.of(entry) for entry in tensors]
        if self._run is None or not set(wanted) <= self._run[0]:
            more = exposed.outputs(self._runtime.file.hidden(wanted))
            self._run = None  # free one session before the next is made
            self._run = (set(wanted), self._runtime.session(more))
        results = self._run[1].run([each.name for each in wanted], arrays)
        return self._facts(), {each.tensor: results[each.name] for each in wanted}

    def prepare(self, arrays, request):
        """Decide what an extraction will do; nothing is written before `extract`."""
        from engine.run.extraction import Extraction

        self._probing = self._run = None
        self._extraction = Extraction(self._runtime, self._conversation, request, arrays)
        return {**self._extraction.prepare(), **self._facts()}, {}

    def extract(self, arrays):
        """Do what was prepared."""
        return self._extraction.run(), {}

    def abandon(self, arrays):
        """Leave what was prepared."""
        self._extraction.abandon()
        return {}, {}

    def graph(self, arrays, key, level, threads=None):
        """Take a graph made of the file (see `graphs.Graph`)."""
        self._computing().take(key, arrays["model"].tobytes(), level, threads)
        return self._facts(), {}

    def _computing(self):
        if self._graphs is None:
            from engine.run.computing import Computing

            self._graphs = Computing(self._runtime)
        return self._graphs

    def compute(self, arrays, **arguments):
        """Run such a graph; ``known`` is false when it has to be handed over again."""
        found = None if self._graphs is None else self._graphs.run(arrays, **arguments)
        return {"known": found is not None, **self._facts()}, found or {}

    def windows(self, arrays, **arguments):
        """Take the chains of layers whose units are to be projected back in windows."""
        from engine.run.windowing import Windowing

        self._run = None
        self._windowing = Windowing(self._runtime, self._conversation, arrays, **arguments)
        return self._facts(), {}

    def project(self, arrays, **arguments):
        """Project the strongest units of these layers back."""
        found, results = self._windowing.run(arrays, **arguments)
        return {"layers": found, **self._facts()}, results

    def survey(self, arrays, request):
        """Take a data set that is evaluated many times."""
        from engine.run.evaluating import Evaluating

        if self._evaluating is not None:
            self._evaluating.close()
        self._evaluating = Evaluating(
            self._runtime, self._conversation, self._computing(), arrays, request
        )
        return {}, {}

    def predict(self, arrays, **arguments):
        """Predicted classes of some of its batches (see `evaluating.Evaluating`)."""
        return self._evaluated("predict", arrays, arguments)

    def sums(self, arrays, **arguments):
        """Sums of channels over some of its batches."""
        return self._evaluated("sums", arrays, arguments)

    def _evaluated(self, what, arrays, arguments):
        """``known`` is false when the data set or a graph has to be handed over again."""
        key, found, results = arguments.pop("key"), None, {}
        if self._evaluating is not None and self._evaluating.key == key:
            found, results = getattr(self._evaluating, what)(arrays, **arguments)
        return {"known": found is not None, **(found or {}), **self._facts()}, results
