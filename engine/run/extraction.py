"""The work of an extraction: batches in, blocks out, whatever happens on the way.

Lives in the child process. The main thread runs the network and reduces what it computed, in a
pool; one thread more writes, because HDF5 wants one thread; files are read ahead by `feed`. With a
GPU the thread that writes also reduces, so that the GPU never waits.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from engine.errors import MachineError
from engine.run import exposed, measure
from engine.run.exposed import Exposure
from engine.run.feed import Feed
from engine.run.opening import Opening
from engine.run.reduce import Gathering, Reducer, Tensor
from engine.study.blocks import Block
from engine.study.sizes import LayerPlan, total_bytes
from engine.study.space import RESERVE, free_bytes
from engine.study.writer import StudyWriter


class Gathered:
    """A block on its way: what was read of it, and what is kept of it, group by group."""

    def __init__(self, span, gathering):
        self.span, self.gathering = span, gathering
        self.fed, self.scores = [], []

    def take(self, fed):
        """Take a group's samples, not their pictures."""
        self.fed.append(replace(fed, inputs=None))


class Extraction:
    """One extraction into one study.

    Parameters
    ----------
    runtime : engine.run.sessions.Runtime
    conversation : engine.run.child.Conversation
    request : dict
        What `engine.run.extract` asked for.
    arrays : dict of str to ndarray
        ``labels`` and the constant inputs (``feed/NAME``).
    """

    def __init__(self, runtime, conversation, request, arrays):
        from engine.data import reopen
        from engine.network.preprocessing import Preprocessing

        self._runtime = runtime
        self._conversation = conversation
        self._request = request
        self._labels = arrays.get("labels")
        self._samples = request["samples"]
        self._data = reopen(request["data"])
        self._exposures = {}
        tensors = []
        for entry in request["tensors"]:
            seen = Exposure.of(entry["exposure"])
            self._exposures[seen.name] = seen
            shape = tuple(entry["shape"])
            tensors.append(Tensor(entry["name"], entry["which"], seen.name, entry["layout"], shape))
        self._feed = Feed(
            self._data,
            Preprocessing.from_json(request["preprocessing"]),
            request["image_input"],
            constants={
                name.removeprefix("feed/"): array
                for name, array in arrays.items()
                if name.startswith("feed/")
            },
            repeated=request["repeated"],
            fixed_batch=request["batch_of_file"],
            threads=runtime.threads,
        )
        self._reducer = Reducer(tensors, runtime.threads)
        self._scores = self._scores_of(request["scores"])
        self._session = None
        self._decided = None
        self._writer = StudyWriter(request["study"], request["header"])

    def _scores_of(self, facts):
        """How to read the class scores, or None."""
        if facts is None:
            return None
        from engine.network.scores import Scores

        seen = Exposure.of(facts["exposure"])
        self._exposures[seen.name] = seen
        self._scores_output = seen.name
        return Scores.from_json(facts["scores"])

    # -- before it starts ----------------------------------------------------------------------

    def prepare(self):
        """Decide what is not yet decided; what will be written, how much, and what is there."""
        try:
            return self._prepared()
        except BaseException:
            self.abandon()
            raise

    def abandon(self):
        """Write nothing, and end the threads."""
        self._writer.abort()
        self._feed.close()
        self._reducer.close()

    def _prepared(self):
        started = time.perf_counter()
        self._report(0, "preparing the kernels")
        if self._writer.plan is None:
            self._decide()
        else:
            keys = {plan.key for plan in self._layers}
            self._reducer.tensors = [t for t in self._reducer.tensors if t.key in keys]
        left = self._samples - sum(stop - first for first, stop in self._writer.finished)
        needed = total_bytes(self._layers, left) if left else 0
        self._check_disk(needed)
        return {
            "layers": [plan.as_json() for plan in self._layers],
            "batch": self._plan["batch"],
            "samples": self._samples,
            "samples_left": left,
            "bytes": needed,
            "free": free_bytes(self._writer.folder),
            "seconds": time.perf_counter() - started,
        }

    def _report(self, done, what):
        self._conversation.report(done, self._samples, what)

    @property
    def _plan(self):
        return self._writer.plan or self._decided

    @property
    def _layers(self):
        return [LayerPlan.from_json(plan) for plan in self._plan["layers"]]

    def _decide(self):
        request = self._request
        memory = request["memory"]
        if memory is None:
            from engine.data.memory import available_memory

            memory = measure.default_memory(available_memory())
        wish = {
            **{name: request[name] for name in WISHES},
            "memory": memory,
            "memory_is_asked": request["memory"] is not None,
            "free": free_bytes(self._writer.folder),
            "origins": {f"{e['name']}/{e['which']}": e["origin"] for e in request["tensors"]},
        }
        opening = Opening(self._runtime, self._feed, self._reducer, self._make_session, wish)
        opened, self._session = opening.open(lambda what: self._report(0, what))
        self._decided = {
            "layers": [plan.as_json() for plan in opened.layers],
            "batch": opened.batch,
            "group": opened.group,
            "block": opened.block,
            "level": opened.level,
            "samples": self._samples,
            "threads": self._runtime.threads,
            "provider": self._runtime.choice.name,
            "onnxruntime": self._runtime.version,
            "memory": memory,
            "seconds_a_sample": opened.seconds_a_sample,
            "difference_from_plain": opened.difference_from_plain,
            "loss": {"/".join(key): loss._asdict() for key, loss in opened.losses.items()},
            "notes": [*self._request["header"]["label_notes"], *opened.notes],
        }

    def _make_session(self, level):
        hidden = self._runtime.file.hidden(self._exposures.values())
        return self._runtime.session(exposed.outputs(hidden), level)

    def _check_disk(self, needed):
        free = free_bytes(self._writer.folder)
        if needed and needed + RESERVE > free:
            raise MachineError(
                f"the study will take {needed / 1e9:.2f} GB and {free / 1e9:.2f} GB are free",
                where=self._writer.folder,
                remedy="choose --policy sampled or pooled, fewer --layers, or another disk",
            )

    # -- the work ------------------------------------------------------------------------------

    def run(self):
        """Extract what is not there yet and tell what is there then."""
        started = time.perf_counter()
        with self._writer as writer:
            if writer.plan is None:
                decided = dict(self._decided)
                layers = [LayerPlan.from_json(plan) for plan in decided.pop("layers")]
                writer.begin(layers, **decided)
                difference = self._plan["difference_from_plain"]
                facts = {**self._request["header"]["network"], "difference_from_plain": difference}
                writer.set_facts(network=facts)
            self._reused = writer.samples_reused
            self._done = sum(stop - first for first, stop in writer.finished)
            with ThreadPoolExecutor(1, thread_name_prefix="keeper") as keeper:
                self._keeper = keeper
                self._extract(self._missing())
                self._write_again()
            writer.settle()
            report = self._tell(time.perf_counter() - started)
            writer.set_facts(report=report)
        self._feed.close()
        self._reducer.close()
        return report

    def _blocks(self):
        size = self._plan["block"]
        return [
            (first, min(first + size, self._samples)) for first in range(0, self._samples, size)
        ]

    def _missing(self):
        return [span for span in self._blocks() if not self._writer.is_finished(*span)]

    def _extract(self, blocks):
        """Run and write blocks; one with a layer that overflows is done again in float32."""
        while blocks:
            overflowed = self._each_block(blocks, self._add)
            if not overflowed:
                return
            self._writer.want(
                [replace(p, dtype="float32") for p in self._layers if p.key in overflowed]
            )
            blocks = self._missing()

    def _plans(self):
        """What is kept of each layer, those that are written again as they will be."""
        wanted = {plan.key: plan for plan in self._writer.wanted}
        return [wanted.get(plan.key, plan) for plan in self._layers]

    def _write_again(self):
        """Bring finished samples of layers that overflowed, or are wanted otherwise, to order."""
        wanted = {plan.key: plan for plan in self._writer.wanted}
        stale = sorted({span for key in wanted for span in self._writer.stale(key)})
        if stale:
            self._done = self._samples - sum(stop - first for first, stop in stale)
            self._each_block(stale, self._add_again)

    def _each_block(self, blocks, add):
        """Run the batches of some blocks and `add` each block.

        Returns the keys of layers that overflowed half precision; nothing is added after one
        did, so that parts do not depend on the moment.
        """
        group, plans = self._plan["group"], self._plans()
        spans = [
            (block, (first, min(first + group, block[1])))
            for block in blocks
            for first in range(block[0], block[1], group)
        ]
        if self._session is None:
            self._report(self._done, "exposing the layers")
            self._session = self._make_session(self._plan["level"])
        gathered, pending, beside = None, None, self._runtime.choice.on_gpu
        batches = self._feed.batches(span for _, span in spans)
        for (block, _), fed in zip(spans, batches, strict=True):
            self._report(self._done, "extracting")
            if gathered is None:
                gathered = Gathered(block, Gathering(plans, block[1] - block[0]))
            gathered.take(fed)
            runs = self._computed(fed)
            ends = fed.stop == block[1]
            # a GPU computes while the CPU reduces; on the CPU the two would only be in each other's
            # way, so there just the writing goes on beside
            overflowed = [] if beside else self._reduced(fed, runs, gathered)
            if pending is not None and (beside or ends or overflowed):
                overflowed += pending.result()
                pending = None
            if overflowed:
                return overflowed
            if beside or ends:
                work = self._reduced_and_kept if beside else self._keep
                pending = self._keeper.submit(work, fed, runs, gathered, add)
            if ends:
                gathered = None
            self._done += fed.stop - fed.first
        return pending.result() if pending is not None else []

    def _computed(self, fed):
        """Run a group of samples, batch by batch: what `Reducer.reduce` takes."""
        names = self._reducer.outputs
        if self._scores is not None and self._scores_output not in names:
            names.append(self._scores_output)
        batch, runs = self._plan["batch"], []
        # of small tensors a copy is cheaper than a handle on ONNX Runtime's own memory
        session = self._session
        compute = session.run if self._plan["group"] > batch else session.tensors
        for first in range(0, len(fed.samples), batch):
            inputs = fed.inputs[first : first + batch]
            values = compute(names, self._feed.feeds(inputs))
            runs.append((values, len(inputs)))
        return runs

    def _reduced(self, fed, runs, gathered):
        """Take what is kept of a group; the keys of layers that overflowed."""
        if self._scores is not None:
            read = [self._scores.read(run[self._scores_output])[:rows] for run, rows in runs]
            gathered.scores += read
        return self._reducer.reduce(runs, fed.samples, gathered.gathering)

    # -- in the thread that writes -------------------------------------------------------------

    def _reduced_and_kept(self, fed, runs, gathered, add):
        return self._reduced(fed, runs, gathered) or self._keep(fed, runs, gathered, add)

    def _keep(self, fed, runs, gathered, add):
        """Write the block whose last group this is."""
        if fed.stop < gathered.span[1]:
            return []
        fed = gathered.fed
        samples = np.concatenate([batch.samples for batch in fed])
        kept, pooled, statistics = gathered.gathering.arrays()
        scores = None
        if self._scores is not None:
            width = 1 if self._scores.binary else self._scores.classes
            scores = np.concatenate(gathered.scores or [np.empty((0, width), np.float32)])
        add(
            Block(
                first=gathered.span[0],
                stop=gathered.span[1],
                samples=samples,
                kept=kept,
                pooled=pooled,
                statistics=statistics,
                scores=scores,
                names=tuple(self._data.names[i] for i in samples),
                groups=tuple(self._data.groups[i] for i in samples),
                labels=None if self._labels is None else self._labels[samples],
                skipped=[skipped for batch in fed for skipped in batch.skipped],
            )
        )
        return []

    def _add(self, block):
        self._writer.add(block)

    def _add_again(self, block):
        wanted = {plan.key for plan in self._writer.wanted}
        kept = {key: layer for key, layer in block.kept.items() if key in wanted}
        self._writer.add_values(replace(block, kept=kept))

    # -- the report ----------------------------------------------------------------------------

    def _tell(self, seconds):
        from engine.study.reader import open_study

        plan, provider = self._plan, self._runtime.choice.name
        notes = [*self._runtime.notes, *plan["notes"]]
        if provider != plan["provider"]:
            notes.append(f"begun on the {plan['provider']}, continued on the {provider}")
        version = self._runtime.version
        if plan.get("onnxruntime", version) != version:
            begun = plan["onnxruntime"]
            notes.append(f"begun with ONNX Runtime {begun}, continued with {version}")
        with open_study(self._writer.folder) as study:
            samples, accuracy, skipped = len(study), study.accuracy, study.skipped
        new = samples - self._reused
        return {
            "layers": reported(self._layers, samples),
            "samples": samples,
            "samples_reused": self._reused,
            "skipped": [{"name": name, "reason": reason} for _, name, reason in skipped],
            "seconds": seconds,
            "seconds_plain_inference": plan["seconds_a_sample"] * (new or samples),
            "difference_from_plain": plan["difference_from_plain"],
            "accuracy": accuracy,
            "batch": plan["batch"],
            "provider": plan["provider"],
            "memory": plan["memory"],
            "loss": plan["loss"],
            "notes": notes,
        }


WISHES = (
    "samples",
    "batch",
    "batch_is_free",
    "batch_of_file",
    "macs",
    "image_input",
    "policy",
    "positions",
    "quantiles",
    "dtype",
)


def reported(plans, samples):
    """What is kept of each layer, its sides together."""
    rows = {}
    for plan in plans:
        row = rows.setdefault(plan.name, {"name": plan.name, "kept": plan.which, "bytes": 0})
        if row["kept"] != plan.which:
            row["kept"] += f",{plan.which}"
        row["policy"] = plan.policy
        row["shape"] = list(plan.shape) or [plan.channels]
        row["dtype"] = max(row.get("dtype", ""), plan.dtype)
        row["bytes"] += plan.bytes_a_sample * samples
    order = ("name", "kept", "policy", "shape", "dtype", "bytes")
    return [{name: row[name] for name in order} for row in rows.values()]
