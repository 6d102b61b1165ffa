"""What an extraction learns before it starts: the truth, the batch, ranges, dtypes, sizes.

Lives in the child process. Everything that would depend on time is decided here, once, on the
first samples, and recorded in the study before its first part.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import InputError
from engine.kernels.half import LIMIT
from engine.run import failures, measure
from engine.run.reduce import Range
from engine.study.sizes import LayerPlan, choose

FIRST = 16
"""Samples, at least, that show the histograms' ranges and which layers need float32."""

MOST_FIRST = 256
"""Samples read for that, at most; a larger batch is tried with repeated ones."""

FIRST_MACS = 60e9
"""Multiply-adds after which fewer must do (the first batch always counts)."""

GROUP_MACS = 2e9
GROUP_BYTES = 16 << 20
"""Size of the tensors that are reduced together, unless one batch is larger."""

BLOCK_MACS = 320e9
BLOCK_BYTES = 64 << 20
"""Size of a block, as work and as what is written: some seconds. No block depends on the clock, so
that two extractions with one batch give the same bytes."""

STATISTICS = 4_300
"""Bytes a channel of a block's statistics, and of the part's that they are added to."""


@dataclass
class Opened:
    """What was decided; `Extraction` records it.

    Attributes
    ----------
    batch, group, block : int
        Samples a run, samples that are reduced together, samples a block.
    level : str
        ONNX Runtime's optimisations, see `Runtime.session`.
    layers : list of LayerPlan
    seconds_a_sample : float
        Of plain inference with this batch.
    difference_from_plain : float or None
        Largest difference between an output of the exposed and of the untouched file, on the
        first sample, relative to the output's largest value; None without real outputs.
    losses : dict of (name, which) to Loss
        Of half precision, on the first batches.
    notes : list of str
    """

    batch: int
    group: int
    block: int
    level: str
    layers: list
    seconds_a_sample: float
    difference_from_plain: float | None
    losses: dict
    notes: list = field(default_factory=list)


class Opening:
    """Runs the first samples.

    Parameters
    ----------
    runtime : engine.run.sessions.Runtime
    feed : engine.run.feed.Feed
    reducer : engine.run.reduce.Reducer
        Loses the tensors whose shape is not the same for every sample.
    exposed_session : callable(str)
        Makes the session with every tensor exposed, with optimisations of that level.
    wish : dict
        ``samples, batch, memory, batch_is_free, batch_of_file, macs, image_input, policy,
        positions, quantiles, dtype, origins, free``.
    """

    def __init__(self, runtime, feed, reducer, exposed_session, wish):
        self._runtime = runtime
        self._feed = feed
        self._reducer = reducer
        self._exposed_session = exposed_session
        self._wish = wish
        self._image_input = wish["image_input"]
        self._macs = max(1, wish["macs"])
        self._shown = int(max(1, min(FIRST, FIRST_MACS // self._macs)))
        self.notes = []

    def open(self, report):
        """Do it all.

        Parameters
        ----------
        report : callable(str)
            Told what goes on; raises when cancelled.

        Returns
        -------
        opened : Opened
        session : engine.run.sessions.Session
            The exposed one, warm.
        """
        report("reading the first samples")
        wish = self._wish
        self._first = self._feed.first(self._shown, wish["samples"])
        report("measuring plain inference")
        plain_outputs, batch, seconds = self._plain()
        if batch > self._shown:
            self._first = self._feed.first(min(batch, MOST_FIRST), wish["samples"])
        report("exposing the layers")
        session, level, difference = self._true_session(plain_outputs)
        batch, ranges = self._settle(session, batch, report)
        layers, losses = self._layers(ranges)
        each = _seconds_a_sample(seconds, batch)
        group = self._group(batch)
        block = self._block(layers, group)
        return (
            Opened(batch, group, block, level, layers, each, difference, losses, self.notes),
            session,
        )

    # -- plain inference -----------------------------------------------------------------------

    def _plain(self):
        """Outputs of the untouched file on one sample, a batch, and seconds of some batches."""
        session = self._runtime.session()
        names = [name for name, (dtype, _) in session.outputs.items() if "(" not in dtype]
        outputs = session.run(names, self._inputs(1))
        self._check_budget()
        self._numbers = [name for name in names if outputs[name].dtype.kind in "fiub"]
        wish = self._wish
        run = self._runner(session, names)
        if wish["batch_of_file"] > 1 or not wish["batch_is_free"]:
            batch = wish["batch_of_file"]
            run(batch)
            return outputs, batch, {batch: measure.seconds_of(run, batch)}
        if any("N" not in tensor.layout for tensor in self._reducer.tensors):
            self.notes.append("some layers have no batch axis: a batch of 1 is used")
            return outputs, 1, {1: measure.seconds_of(run, 1)}
        if wish["batch"]:
            run(min(wish["batch"], wish["samples"]))
            batch = wish["batch"]
            seconds = {batch: measure.seconds_of(run, batch)}
        else:
            largest = max(tensor.nbytes for tensor in self._reducer.tensors)
            batch, seconds = measure.choose_batch(
                run, self._most(), wish["samples"], self._macs, largest
            )
        return outputs, batch, seconds

    def _runner(self, session, names):
        def run(count):
            session.run(names, self._inputs(count))

        return run

    def _inputs(self, count):
        """Inputs for `count` samples: the first ones, again and again."""
        pictures = self._first.inputs
        repeats = -(-count // len(pictures))
        pictures = np.concatenate([pictures] * repeats) if repeats > 1 else pictures
        return self._feed.feeds(pictures[:count])

    # -- memory --------------------------------------------------------------------------------

    def _bytes_a_sample(self):
        """Bytes of one sample's tensors, in ONNX Runtime and on their way to the study."""
        seen = {tensor.output: tensor.nbytes for tensor in self._reducer.tensors}
        kept = sum(plan.bytes_a_sample for plan in self._drafts())
        at_once = 2 if self._runtime.choice.on_gpu else 1
        return at_once * WORKSPACE * sum(seen.values()) + COPIES * kept

    def _used(self):
        """Bytes in use whatever the batch is."""
        channels = sum(t.shape[0] for t in self._reducer.tensors)
        return (measure.resident() or 300_000_000) + channels * STATISTICS

    def _most(self):
        """The largest batch that the budget allows, as far as can be told without running."""
        room = self._wish["memory"] - self._used()
        return max(1, int(room // max(1, self._bytes_a_sample())))

    def _check_budget(self):
        """Raise `InputError` for a budget, given by a person, in which no batch fits."""
        wish = self._wish
        least = self._used() + max(1, wish["batch_of_file"]) * self._bytes_a_sample()
        if wish["memory_is_asked"] and wish["memory"] < least:
            rounded = -int(-least // STEP) * STEP
            raise InputError(
                f"{wish['memory'] / 1e6:,.3g} MB are too little for this network",
                where="--memory",
                expected=f"at least {rounded // 10**6} MB",
            )

    # -- the exposed graph ---------------------------------------------------------------------

    def _true_session(self, plain):
        """The exposed session, and how far its outputs are from those of the untouched file.

        Looking at layers changes what ONNX Runtime fuses, and its fused integer operators round
        in their own way. Where that shows, fewer of its optimisations are used.
        """
        session, values = self._one_sample("all")
        found = _difference(plain, values)
        if found is None or found <= TOLERABLE:
            return session, "all", found
        other, others = self._one_sample("basic")
        if _difference(plain, others) < found:
            self.notes.append(
                "ONNX Runtime's fused operators are not used, because their values change when "
                f"layers are looked at (the outputs by {found:.2g} of the largest)"
            )
            session, values, found = other, others, _difference(plain, others)
            level = "basic"
        else:
            level = "all"
        if found > TOLERABLE:
            found = self._as_written(values, found)
        return session, level, found

    def _one_sample(self, level):
        """A session and all numbers that it gives for one sample; unsteady layers are left out."""
        session = self._exposed_session(level)
        wanted = list(dict.fromkeys((*self._numbers, *self._reducer.outputs)))
        values = session.tensors(wanted, self._inputs(1))
        self._reducer.tensors = [t for t in self._reducer.tensors if self._is_steady(t, values)]
        if not self._reducer.tensors:
            raise InputError("no layer has one shape for every sample")
        return session, {name: values[name] for name in self._numbers}

    def _as_written(self, values, found):
        """The difference from the file without any optimisation, where that is less."""
        session = self._runtime.session(level="none")
        exact = _difference(session.run(self._numbers, self._inputs(1)), values)
        if exact < found:
            self.notes.append(
                f"ONNX Runtime's own optimisations change the outputs by {found:.2g} of the "
                "largest; the layers are those of the file as it is written"
            )
        return min(exact, found)

    def _is_steady(self, tensor, values):
        try:
            tensor.maps(values[tensor.output], 1)
        except InputError as error:
            self.notes.append(f"layer {tensor.name} is left out: {error.what}")
            return False
        return True

    def _settle(self, session, batch, report):
        """Run the first batches; a batch that fails or takes too much memory is made smaller."""
        while True:
            report(f"running the first batches of {batch}")
            try:
                return batch, self._first_batches(session, batch)
            except failures.OutOfMemory:
                if batch == 1 or self._wish["batch_of_file"] > 1:
                    raise
                self.notes.append(f"a batch of {batch} does not fit the memory")
                batch //= 2
            except InputError as error:
                if batch == 1 or self._wish["batch_of_file"] > 1:
                    raise
                self.notes.append(f"a batch of {batch} does not run, so 1 is used ({error.what})")
                batch = 1

    def _first_batches(self, session, batch):
        """Range of every tensor over the first samples, in whole batches."""
        ranges = {tensor.key: Range() for tensor in self._reducer.tensors}
        available = len(self._first.samples)
        for start in range(0, min(available, max(self._shown, batch)), batch):
            rows = min(batch, available - start)
            measure.forget_peak()
            shown = self._first.inputs[start : start + rows]
            inputs = self._feed.feeds(shown) if start else self._inputs(batch)
            values = session.tensors(self._reducer.outputs, inputs)
            found = self._reducer.ranges(values, rows)
            self._check_memory(batch)
            ranges = {key: ranges[key].merge(found[key]) for key in ranges}
        return ranges

    def _check_memory(self, batch):
        used = measure.peak()
        if used is not None and used > self._wish["memory"] and batch > 1:
            if self._wish["batch"]:
                self.notes.append(
                    f"a batch of {batch} needs {used / 1e6:.0f} MB, more than the memory allowed"
                )
                return
            raise failures.OutOfMemory(f"{used / 1e6:.0f} MB used")

    # -- what is kept --------------------------------------------------------------------------

    def _drafts(self):
        """A LayerPlan for each tensor, before its dtype and range are known."""
        wish = self._wish
        return [
            LayerPlan(
                name=tensor.name,
                which=tensor.which,
                channels=tensor.shape[0],
                positions=tuple(tensor.shape[1:]),
                policy=wish["policy"] or "sampled",
                dtype=wish["dtype"] or "float16",
                origin=wish["origins"]["/".join(tensor.key)],
                sampled=wish["positions"],
                quantiles=wish["quantiles"],
            )
            for tensor in self._reducer.tensors
        ]

    def _layers(self, ranges):
        """The layers' plans, and what half precision loses."""
        plans, losses = [], {}
        for draft in self._drafts():
            seen = ranges[draft.key]
            largest = max(abs(seen.low), abs(seen.high))
            dtype = "float32" if largest > LIMIT else draft.dtype
            if dtype == "float16" and draft.policy != "pooled":
                losses[draft.key] = seen.loss
            plans.append(replace(draft, dtype=dtype, low=seen.low, high=seen.high))
        if self._wish["policy"] is None:
            plans = choose(plans, self._wish["samples"], self._wish["free"])
        return list(plans), losses

    def _group(self, batch):
        """Samples that are reduced together: of a network that takes one at a time, several."""
        raw = sum(tensor.nbytes for tensor in self._reducer.tensors)
        small = GROUP_BYTES / max(1, batch * raw)
        quick = GROUP_MACS / (batch * self._macs)
        return batch * max(1, int(min(small, quick, -(-self._wish["samples"] // batch))))

    def _block(self, layers, batch):
        """Samples a block: whole groups, not too much work, bytes or memory."""
        stored = sum(plan.bytes_a_sample for plan in layers)
        small = min(BLOCK_BYTES, self._wish["memory"] // 8) / max(1, batch * stored)
        quick = BLOCK_MACS / (batch * self._macs)
        return batch * max(1, int(min(small, quick, -(-self._wish["samples"] // batch))))


STEP = 50_000_000
"""The least budget is told in such steps, because the process is not always of one size."""

WORKSPACE = 1.3
"""Memory of a run over that of the tensors that come out of it."""

COPIES = 3
"""Of what is kept: as it is reduced, joined to a block, written."""


TOLERABLE = 1e-3
"""Relative difference of outputs that rounding explains (half precision networks: 2e-4)."""


def _difference(expected, got):
    """Largest relative difference of several arrays, by name; None without any."""
    return max((relative_difference(expected[name], got[name]) for name in got), default=None)


def relative_difference(expected, got):
    """Largest difference of two arrays over the largest value of the first; NaN equals NaN."""
    expected, got = np.asarray(expected, np.float64), np.asarray(got, np.float64)
    finite = np.isfinite(expected) & np.isfinite(got)
    same = finite | (expected == got) | (np.isnan(expected) & np.isnan(got))
    if not same.all():
        return float("inf")
    if not finite.any():
        return 0.0
    scale = np.abs(expected[finite]).max()
    worst = np.abs(expected[finite] - got[finite]).max()
    return float(worst / scale) if scale else float(worst)


def _seconds_a_sample(seconds, batch):
    """Of the measured batch that is nearest."""
    nearest = min(seconds, key=lambda n: abs(n - batch))
    return seconds[nearest] / nearest
