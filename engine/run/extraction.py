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
from engine.run.reduce import Reducer, Tensor, reduced
from engine.study.blocks import Block, LayerBlock
from engine.study.sizes import LayerPlan, total_bytes
from engine.study.space import RESERVE, free_bytes
from engine.study.writer import StudyWriter


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
            overflowed = self._each_block(blocks, self._plans(), self._add)
            if not overflowed:
                return
            self._writer.want(
                [replace(p, dtype="float32") for p in self._layers if p.key in overflowed]
            )
            blocks = self._missing()

    def _plans(self):
        """What is kept of each layer, those that are written again as they will be."""
        return {p.key: p for p in self._layers} | {p.key: p for p in self._writer.wanted}

    def _write_again(self):
        """Bring finished samples of layers that overflowed, or are wanted otherwise, to order."""
        wanted = {plan.key: plan for plan in self._writer.wanted}
        stale = sorted({span for key in wanted for span in self._writer.stale(key)})
        if stale:
            self._done = self._samples - sum(stop - first for first, stop in stale)
            self._each_block(stale, self._plans(), self._add_again)

    def _each_block(self, blocks, plans, add):
        """Run the batches of some blocks and `add` each block.

        Returns the keys of layers that overflowed half precision; nothing is added after one
        did, so that parts do not depend on the moment.
        """
        group = self._plan["group"]
        spans = [
            (block, (first, min(first + group, block[1])))
            for block in blocks
            for first in range(block[0], block[1], group)
        ]
        if self._session is None:
            self._report(self._done, "exposing the layers")
            self._session = self._make_session(self._plan["level"])
        self._pieces, pending = [], None
        batches = self._feed.batches(span for _, span in spans)
        for (block, _), fed in zip(spans, batches, strict=True):
            self._report(self._done, "extracting")
            runs = self._computed(fed)
            # a GPU computes while the CPU reduces; on the CPU the two would only be in each other's
            # way, so there just the writing goes on beside
            kept = None if self._runtime.choice.on_gpu else self._reduced(fed, runs, plans)
            if pending is not None and (overflowed := pending.result()):
                return overflowed
            pending = self._keeper.submit(self._keep, block, fed, runs, kept, plans, add)
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

    def _reduced(self, fed, runs, plans):
        """What is kept of a group: LayerBlocks by key, scores, and the keys that overflowed."""
        if not runs:
            return {}, None, []
        scores = None
        if self._scores is not None:
            read = [self._scores.read(run[self._scores_output])[:rows] for run, rows in runs]
            scores = np.concatenate(read)
        found, overflowed = self._reducer.reduce(runs, fed.samples, plans)
        return found, scores, overflowed

    # -- in the thread that writes -------------------------------------------------------------

    def _keep(self, span, fed, runs, kept, plans, add):
        """Take a group of samples; write its block when it is the last one of it."""
        found, scores, overflowed = kept or self._reduced(fed, runs, plans)
        if overflowed:
            return overflowed
        self._pieces.append((fed, found, scores))
        if fed.stop == span[1]:
            add(self._joined(span, plans))
            self._pieces = []
        return []

    def _joined(self, span, plans):
        """The block of the groups that were kept."""
        fed = [batch for batch, _, _ in self._pieces]
        full = [(found, scores) for _, found, scores in self._pieces if found]
        samples = np.concatenate([batch.samples for batch in fed])
        if full:
            layers = {key: LayerBlock.join(found[key] for found, _ in full) for key in plans}
        else:
            layers = {key: nothing(plan) for key, plan in plans.items()}
        scores = None
        if self._scores is not None:
            width = 1 if self._scores.binary else self._scores.classes
            parts = [part for _, part in full] or [np.empty((0, width), np.float32)]
            scores = np.concatenate(parts)
        return Block(
            first=span[0],
            stop=span[1],
            samples=samples,
            layers=layers,
            scores=scores,
            names=tuple(self._data.names[i] for i in samples),
            groups=tuple(self._data.groups[i] for i in samples),
            labels=None if self._labels is None else self._labels[samples],
            skipped=[skipped for batch in fed for skipped in batch.skipped],
        )

    def _add(self, block):
        self._writer.add(block)

    def _add_again(self, block):
        wanted = {plan.key for plan in self._writer.wanted}
        layers = {key: layer for key, layer in block.layers.items() if key in wanted}
        self._writer.add_values(replace(block, layers=layers))

    # -- the report ----------------------------------------------------------------------------

    def _tell(self, seconds):
        from engine.study.reader import open_study

        plan, provider = self._plan, self._runtime.choice.name
        notes = [*self._runtime.notes, *plan["notes"]]
        if provider != plan["provider"]:
            notes.append(f"begun on the {plan['provider']}, continued on the {provider}")
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


def nothing(plan):
    """`LayerBlock` of no samples."""
    maps = np.empty((0, plan.channels, plan.units), np.float32)
    return reduced(maps, False, np.empty(0, np.int64), plan, {})[0]


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
