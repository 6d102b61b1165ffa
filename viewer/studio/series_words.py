"""Weights, gradients and their series in words: titles, badges, whose gradient it is."""

from viewer.state.attribution import FOCUS, LABEL, PREDICTED
from viewer.studio import comparing
from viewer.studio.attributing import target_words
from viewer.studio.predictions import class_name

WEIGHTS, WEIGHT_GRADIENT = "weights", "weight-gradient"
SOURCE_WORDS = {
    "gradient": "gradient of activations",
    "relevance": "relevance",
    WEIGHT_GRADIENT: "gradient of weights",
    WEIGHTS: "weights",
}
WEIGHTED = ("conv", "conv-transpose", "linear", "matmul")
"""Kinds of layers that have filters."""


def has_filters(layer):
    """Whether a layer of the network has weights that are filters."""
    return layer.kind in WEIGHTED and bool(layer.params)


def aim_words(state, facts):
    """What a series explains, in words."""
    target = state.attribution.target
    if target == PREDICTED:
        return "each sample's predicted class"
    if target == LABEL:
        return "each sample's label"
    if target == FOCUS:
        focus = state.focus
        return focus.layer if focus.channel is None else f"{focus.layer}:{focus.channel}"
    return target_words(target, facts)


def unfolded_words(state):
    """How weights are unfolded, behind their name."""
    return f" ({state.series.unfolding})"


def series_words(state, facts, source):
    """What the steps of a series are: ``'gradient of dog by weights (tiles)'``."""
    aim = aim_words(state, facts)
    words = {
        WEIGHT_GRADIENT: f"gradient of {aim} by weights{unfolded_words(state)}",
        "gradient": f"gradient of {aim} by activations",
    }.get(source, f"{SOURCE_WORDS[source]} of {aim}")
    return words + difference_words(state.series)


def difference_words(series):
    """What is subtracted, in words."""
    if series.difference == "reference":
        return f", less step {series.reference + 1}"
    if series.difference == "before":
        return ", less the step before" if series.step else ", nothing before it"
    return ""


def verdict(facts, step):
    """Name, label and prediction of a step's sample; of several: how many and the first's name."""
    sample, count = step.samples[0], len(step.samples)
    if not 0 <= sample < facts.sample_count:
        return f"sample {sample + 1:,}, which is not there"
    name = str(facts.data.names[sample])
    if count > 1:
        return f"mean of {count:,} samples, {name} first"
    label, predicted = classes_of(facts, sample)
    words = [name]
    if label >= 0:
        words.append(f"label {class_name(label, facts.class_names)}")
    if predicted >= 0:
        words.append(f"predicted {class_name(predicted, facts.class_names)}")
    return ", ".join(words)


def classes_of(facts, sample):
    """Label and predicted class of a sample; -1 where not known."""
    label = -1 if facts.labels is None else int(facts.labels[sample])
    return label, comparing.prediction_of(facts, sample)


def badges_of(facts, source, layers, volumes, left_out):
    """Layers that have no values here, and why."""
    if volumes is None:
        return ()
    words, count = [], len(volumes.layers)
    if source in (WEIGHTS, WEIGHT_GRADIENT):
        all_ = sum(has_filters(layer) for layer in facts.network.layers)
        kind = f"{all_} layers with filters"
    else:
        all_ = len(facts.network.layers)
        kind = f"{all_} layers"
    if left_out:
        words.append(f"{len(layers)} of {kind} fit into memory")
    if count < len(layers):
        words.append(f"{count} of {len(layers)} lie before the target")
    return tuple(words)
