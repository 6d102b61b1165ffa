"""Lamella's engine: an ONNX network and its images as named arrays; no screen needed.

    >>> import engine
    >>> network = engine.open_network("model.onnx")
    >>> data = engine.open_data("images/")
    >>> report = engine.extract(network, data, "model.study")
    >>> study = engine.open_study("model.study")
    >>> study.activations("conv3_2")[:8].shape       # [N, C, *positions], over all parts
    (8, 48, 16, 16)
    >>> engine.order_of_study(study, "conv3_2", "path").channels     # like ones side by side
    array([17,  3, ..., 40], dtype=int32)
    >>> study.selections["slanted ones"].samples     # bool[N], saved in the window under a name

Everything here is looked up when first used, so that `import engine` is quick.
"""

from importlib import import_module

_PUBLIC = {
    "open_network": "engine.network.network",
    "Network": "engine.network.network",
    "NetworkSummary": "engine.network.summary",
    "Layer": "engine.network.layers",
    "ReceptiveField": "engine.network.receptive_field",
    "Preprocessing": "engine.network.preprocessing",
    "open_data": "engine.data",
    "DataSet": "engine.data",
    "extract": "engine.run.extract",
    "Report": "engine.run.extract",
    "Runner": "engine.run.runner",
    "run_sample": "engine.run.sample",
    "gradient_graph": "engine.gradient.build",
    "Gradients": "engine.gradient.build",
    "open_study": "engine.study.reader",
    "Study": "engine.study.reader",
    "make_points": "engine.embedding.points",
    "Points": "engine.embedding.points",
    "attribute": "engine.attribution.attribute",
    "Explainer": "engine.attribution.explainer",
    "Attribution": "engine.attribution.result",
    "FilterProjector": "engine.attribution.top_filters",
    "Ablation": "engine.analysis.ablation",
    "Rates": "engine.analysis.rates",
    "importance": "engine.analysis.importance",
    "Importance": "engine.analysis.importance",
    "weight_gradients": "engine.analysis.importance",
    "weights_of": "engine.analysis.importance",
    "finite_differences": "engine.gradient.differences",
    "unfold": "engine.gradient.unfolding",
    "likeness_of": "engine.analysis.orders.likeness",
    "likeness_of_study": "engine.analysis.orders.studies",
    "order": "engine.analysis.orders.making",
    "order_of_study": "engine.analysis.orders.studies",
    "Order": "engine.analysis.orders.result",
    "NamedSelection": "engine.selections.named",
    "Task": "engine.tasks",
    "LamellaError": "engine.errors",
    "InputError": "engine.errors",
    "MachineError": "engine.errors",
    "Cancelled": "engine.errors",
}

__all__ = [*_PUBLIC]


def __getattr__(name):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_PUBLIC[name]), name)
    return value


def __dir__():
    return sorted({*globals(), *__all__})
