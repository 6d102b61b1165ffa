"""Small studies for the tests: made-up layers and values, the same for the same sample."""

import numpy as np

from engine.kernels.maps import summarise
from engine.kernels.quantiles import quantiles
from engine.run.reduce import Gathering, keep
from engine.study.blocks import Block
from engine.study.sizes import LayerPlan
from engine.study.writer import StudyWriter

PLANS = (
    LayerPlan("conv1", "post", 5, (9, 7), "full", "float16", low=-2, high=2),
    LayerPlan("conv1", "pre", 5, (9, 7), "pooled", quantiles=4, low=-2, high=2),
    LayerPlan("pool.1~2", "post", 3, (6, 6), "sampled", "float32", sampled=4, low=-2, high=2),
    LayerPlan("tokens", "post", 4, (11,), "full", "float32", low=-2, high=2),
    LayerPlan("fc", "post", 6, (), "full", "float16", low=-2, high=2),
)
HEADER = {
    "identity": {"network": "n1", "data": "d1", "preprocessing": {"mean": [0.5]}, "options": {}},
    "classes": ["cat", "dog", "owl"],
    "network": {"path": "n.onnx"},
    "data": {"kind": "folder"},
    "preprocessing": {"preset": "imagenet"},
}
SAMPLES, BLOCK = 40, 5
BROKEN = 13  # a sample that cannot be read


def values(plan, index):
    """A sample's activations, float32[C, *positions], with some zeros, NaN and Inf."""
    random = np.random.default_rng([index, plan.channels, len(plan.name)])
    made = random.standard_normal((plan.channels, *plan.positions)).astype(np.float32)
    made[1] = np.maximum(made[1], 0)
    if index % 7 == 3:
        flat = made.reshape(-1)
        flat[:3] = np.nan, np.inf, -np.inf
    return made


def all_values(plan, samples=SAMPLES):
    """Activations of every sample that can be read, float32[N, C, *positions]."""
    return np.stack([values(plan, i) for i in range(samples) if i != BROKEN])


def layer_maps(plan, indices):
    """Activations of some samples, float32[n, C, P]."""
    made = [values(plan, i).reshape(plan.channels, plan.units) for i in indices]
    return np.stack(made) if made else np.empty((0, plan.channels, plan.units), np.float32)


def gathered(plans, indices):
    """What is kept of some samples."""
    made = Gathering(plans, len(indices))
    maps = {plan.key: layer_maps(plan, indices) for plan in plans}
    summarise([made.placed(key, [maps[key]], False) for key in maps], made.tables)
    rows = slice(0, len(indices))
    for plan in plans:
        place = made.places[plan.key][2]
        if plan.quantiles and plan.positions:
            found = quantiles(maps[plan.key], plan.quantiles)
            made.quantiles[:, place : place + plan.channels] = found
        if plan.policy != "pooled":
            keep(maps[plan.key], False, indices, plan, made.kept[plan.key], rows, {})
    made.rows = len(indices)
    return made


def block(first, stop, plans=PLANS):
    """A block of samples, without the broken one."""
    indices = np.array([i for i in range(first, stop) if i != BROKEN], np.int64)
    broken = [(BROKEN, "bad.png", "it is empty")] if first <= BROKEN < stop else []
    kept, pooled, statistics = gathered(plans, indices).arrays()
    return Block(
        first=first,
        stop=stop,
        samples=indices,
        kept=kept,
        pooled=pooled,
        statistics=statistics,
        scores=np.stack([score(i) for i in indices]) if len(indices) else np.empty((0, 3), "f4"),
        names=tuple(f"pictures/ä{i}.png" for i in indices),
        groups=tuple("film" if i % 2 else None for i in indices),
        labels=(indices % 3).astype(np.int32),
        skipped=broken,
    )


def score(index):
    """Class scores of a sample, float32[3]."""
    return np.random.default_rng(index).standard_normal(3).astype(np.float32)


def blocks(samples=SAMPLES):
    """Ranges of all blocks."""
    return [(first, min(first + BLOCK, samples)) for first in range(0, samples, BLOCK)]


def begin(writer, plans=PLANS, samples=SAMPLES):
    """Record the plan when there is none."""
    if writer.plan is None:
        writer.begin(plans, batch=BLOCK, block=BLOCK, samples=samples)


def extract(folder, header=HEADER, plans=PLANS, parts=()):
    """Write what is missing of a study; `parts`: blocks after which a part is closed."""
    with StudyWriter(folder, header) as writer:
        begin(writer, plans)
        for count, (first, stop) in enumerate(blocks()):
            if not writer.is_finished(first, stop):
                writer.add(block(first, stop, plans))
            if count in parts:
                writer._finish_part()
        return writer.samples_reused


def everything(study):
    """Every array that a study gives, by name."""
    found = {
        "samples": study.samples.index,
        "names": np.array(study.samples.names),
        "labels": study.labels,
        "scores": study.scores,
    }
    for plan in study._plans.values():
        key = f"{plan.name}/{plan.which}"
        if plan.policy != "pooled":
            found[f"{key}/values"] = study.activations(*plan.key)[...]
            found[f"{key}/positions"] = np.ascontiguousarray(study.positions(*plan.key))
        pooled = study.pooled(*plan.key)
        for name in ("maximum", "argmax", "mean", "std", "quantiles"):
            if getattr(pooled, name) is not None:
                found[f"{key}/{name}"] = getattr(pooled, name)
        statistics = study.statistics(*plan.key)
        for name in (
            "count minimum maximum sum deviations zeros nans posinfs neginfs histogram below above"
        ).split():
            found[f"{key}/statistics/{name}"] = getattr(statistics, name)
    return found


def assert_same(first, second):
    """Equal names, types, shapes and bytes."""
    assert first.keys() == second.keys()
    for name, array in first.items():
        other = second[name]
        assert array.dtype == other.dtype and array.shape == other.shape, name
        assert array.tobytes() == other.tobytes(), name
