"""`extract`: every layer of a network over a data set, into a study."""

import time
from dataclasses import asdict, dataclass, field, fields

import numpy as np

from engine.errors import InputError
from engine.run.plan import (
    Options,
    check_fit,
    identity,
    layer_tensors,
    repeated_inputs,
    seen,
)
from engine.tasks import Task

PATIENCE = 30.0
"""Seconds that a cancelled extraction has to finish the part that is open."""


@dataclass(frozen=True)
class Report:
    """What an extraction did.

    Attributes
    ----------
    layers : list of dict
        ``name, kept, policy, shape, dtype, bytes`` of each layer, by depth: which sides were kept
        ("post", "pre" or "post,pre"), the shape of one sample's kept values, and bytes of all
        samples before compression.
    samples : int
        In the study.
    samples_reused : int
        Of these, from an earlier run.
    skipped : list of dict
        ``name, reason`` of samples that could not be read.
    seconds : float
        From the first batch to the last part.
    seconds_plain_inference : float
        What the untouched file alone takes for the samples that were computed, from batches
        timed at opening.
    difference_from_plain : float or None
        Largest difference of an output of the exposed graph from that of the untouched file, on
        one sample, relative to the output's largest value.
    accuracy : float or None
        Fraction of the labelled samples that are predicted right.
    batch : int
    provider : str
    memory : int
        The budget, bytes.
    loss : dict
        For each ``layer/side`` kept in half precision what that loses: ``absolute, relative,
        beyond, overflowed, flushed`` of the first batches (see `engine.kernels.half.Loss`).
    notes : list of str
        What a person should know.
    """

    layers: list
    samples: int
    samples_reused: int
    skipped: list
    seconds: float
    seconds_plain_inference: float
    difference_from_plain: float | None
    accuracy: float | None
    batch: int
    provider: str
    memory: int
    loss: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    def as_json(self):
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, facts):
        """From what `as_json` gave; unknown entries are ignored."""
        return cls(**{f.name: facts[f.name] for f in fields(cls)})


@dataclass(frozen=True)
class Size:
    """What is about to be written; given to `confirm`.

    Attributes
    ----------
    bytes, free : int
        Of the study (about), and of its disk.
    samples, samples_left : int
        In all, and still to compute.
    layers : list of dict
        As `engine.study.sizes.LayerPlan.as_json`.
    batch : int
    """

    bytes: int
    free: int
    samples: int
    samples_left: int
    layers: list
    batch: int


def extract(
    network,
    data,
    study,
    *,
    layers=None,
    keep="post",
    policy=None,
    positions=16,
    quantiles=None,
    dtype=None,
    batch=None,
    memory=None,
    device=None,
    preprocessing=None,
    limit=None,
    confirm=None,
    task=None,
):
    """Run a data set through a network and keep its layers in a study.

    What an earlier run with the same inputs finished is not done again; when everything is
    there, nothing is run at all.

    Parameters
    ----------
    network : Network or path
    data : DataSet or path
    study : path
        The study's folder.
    layers : str or sequence of str, optional
        Names or patterns (``conv*``); all by default.
    keep : {"post", "pre", "pre,post"}
        Which side of the activation function.
    policy : {None, "full", "sampled", "pooled"}
        None: full while the study stays under 2 GB and a tenth of the free disk, else sampled.
    positions : int
        Of a sampled map.
    quantiles : int, optional
        Of each map.
    dtype : {None, "float16", "float32"}
        None: float16, and float32 for layers whose values are too large for it.
    batch : int, optional
        By default measured.
    memory : int, optional
        Budget in bytes; by default 1, 2 or 4 GB, at most a third of what is free.
    device : {None, "cpu", "cuda"}
    preprocessing : Preprocessing, optional
        By default the network's own.
    limit : int, optional
        At most that many samples, the first.
    confirm : callable(Size) -> bool, optional
        Asked before anything is computed or written; False cancels.
    task : Task, optional

    Returns
    -------
    Report

    Raises
    ------
    InputError
        For options, data or a study that do not fit, and for a file that crashes ONNX Runtime.
    MachineError
        For a disk that is, or gets, full.
    Cancelled
        Finished parts are kept.
    """
    task = task or Task()
    options = Options.checked(
        layers=layers,
        keep=keep,
        policy=policy,
        positions=positions,
        quantiles=quantiles,
        dtype=dtype,
        batch=batch,
        memory=memory,
        device=device,
        limit=limit,
    )
    network, data = _opened(network, data, task)
    preprocessing = preprocessing or network.preprocessing
    check_fit(network, preprocessing)
    chosen = network.select(options.layers)
    if not chosen:
        raise InputError("no layer is chosen", where="--layers")
    samples = len(data) if options.limit is None else min(len(data), options.limit)
    data.identify(task)
    name = identity(network, data, preprocessing, options, chosen, samples)
    done = finished_report(study, name)
    if done is not None:
        return done
    labels, header = _header(network, data, preprocessing, name)
    request = {
        "study": str(study),
        "header": header,
        "data": data.describe(),
        "preprocessing": preprocessing.as_json(),
        "tensors": layer_tensors(network, chosen, options.keep),
        "scores": _scores(network),
        "image_input": network.image_input,
        "repeated": repeated_inputs(network),
        "batch_of_file": network.batch,
        "batch_is_free": network.batch_is_free,
        "samples": samples,
        "macs": sum(layer.macs for layer in network.layers),
        **{n: getattr(options, n) for n in ("policy", "positions", "quantiles", "dtype")},
        **{n: getattr(options, n) for n in ("batch", "memory")},
    }
    arrays = {f"feed/{key}": np.asarray(value) for key, value in network.feeds.items()}
    if labels is not None:
        arrays["labels"] = np.asarray(labels, np.int32)
    return _run(network, request, arrays, options, confirm, task)


def _opened(network, data, task):
    """Paths opened; what is open stays as it is."""
    if not hasattr(network, "layers"):
        from engine.network.network import open_network

        network = open_network(network, task=task)
    if not hasattr(data, "describe"):
        from engine.data import open_data

        data = open_data(data, task=task)
    return network, data


def _run(network, request, arrays, options, confirm, task):
    from engine.errors import Cancelled
    from engine.run.runner import Runner

    threads = recorded(request["study"], "threads")
    with Runner(network.path, device=options.device, threads=threads, task=task) as runner:
        limits = {"seconds": 10 * runner.seconds, "task": task}
        facts, _ = runner.ask("prepare", arrays, request=request, **limits)
        size = Size(**{f.name: facts[f.name] for f in fields(Size)})
        task.report(size.samples - size.samples_left, size.samples, stated(size))
        if confirm is not None and not confirm(size):
            runner.ask("abandon", **limits)
            raise Cancelled("not confirmed")
        facts, _ = runner.ask("extract", patience=PATIENCE, **limits)
    return Report.from_json(facts)


def stated(size):
    """The size in words, before it starts."""
    return (
        f"writing {size.bytes / 1e6:,.0f} MB for {size.samples_left:,} samples "
        f"({size.free / 1e9:,.0f} GB are free)"
    )


def _scores(network):
    if network.scores is None:
        return None
    exposure = seen(network, network.scores.tensor)
    return {"exposure": exposure.as_json(), "scores": network.scores.as_json()}


def _header(network, data, preprocessing, name):
    """Labels that fit the scores, and the study's facts."""
    labels, classes, notes = data.labels, data.classes, []
    if network.classes is not None:
        from engine.data import fit_labels

        labels, classes, notes = fit_labels(data, network.classes)
    scores = network.scores
    facts = None
    if scores is not None:
        facts = {**scores.as_json(), "threshold": scores.threshold}
    header = {
        "identity": name,
        "network": network.to_json(),
        "data": data.describe(),
        "preprocessing": preprocessing.as_json(),
        "classes": None if classes is None else list(classes),
        "scores": facts,
        "label_notes": list(notes),
        "versions": versions(),
    }
    return labels, header


def versions():
    """Versions of what the numbers depend on."""
    from importlib import metadata

    found = {}
    for name in ("lamella", "onnxruntime-gpu", "onnxruntime", "onnx", "numpy", "numba"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return {name: version for name, version in found.items() if version is not None}


def recorded(study, name):
    """An entry of the plan of a study that is there already, or None."""
    from engine.study.layout import is_study, read_header

    if not is_study(study):
        return None
    return (read_header(study).get("plan") or {}).get(name)


def finished_report(study, name):
    """The report of a study that has everything already, or None."""
    from engine.study.layout import is_study, read_header

    started = time.perf_counter()
    if not is_study(study):
        return None
    header = read_header(study)
    if header.get("identity") != name or not header.get("report") or header.get("wanted"):
        return None
    from engine.study.reader import open_study

    with open_study(study) as found:
        if not found.is_complete or len(found) != header["report"]["samples"]:
            return None
    report = {**header["report"], "samples_reused": header["report"]["samples"]}
    return Report.from_json({**report, "seconds": time.perf_counter() - started})
