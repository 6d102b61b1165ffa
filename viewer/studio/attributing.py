"""What the sample view and the stack ask about: one method's result for the focused sample.

Questions follow from state and facts alone. The overlay asks for the input's values; where the
stack shows gradient or relevance by the same method with the same settings, both ask one question,
whose answer holds the values of the layers, too.
"""

from dataclasses import dataclass, field

import numpy as np

from viewer.state.attribution import (
    FOCUS,
    LABEL,
    OF_A_LAYER,
    PREDICTED,
    RULED,
    SEEDED,
    STEPPED,
)
from viewer.state.layout import in_front
from viewer.state.series import is_in_force
from viewer.studio.facts import READY
from viewer.studio.predictions import class_name, predicted_class
from viewer.studio.questions import Question, key_of

METHOD_WORDS = {
    "gradient": "Gradient",
    "input-x-gradient": "Input × gradient",
    "integrated-gradients": "Integrated gradients",
    "smoothgrad": "SmoothGrad",
    "deconvnet": "DeconvNet",
    "guided": "Guided backpropagation",
    "grad-cam": "Grad-CAM",
    "guided-grad-cam": "Guided Grad-CAM",
    "lrp": "LRP",
    "occlusion": "Occlusion",
}

STACK_METHODS = {"gradient": "gradient", "relevance": "lrp"}
"""By what the stack shows (`viewer.state.stack.SOURCES`)."""


@dataclass(frozen=True)
class Aim:
    """What is explained.

    Attributes
    ----------
    target : str
        As on the command line; empty where there is nothing to explain.
    words : str
        ``'dog, as predicted'``, ``'conv3:17@4,5'``.
    why : str
        Why there is no target, one sentence.
    """

    target: str = ""
    words: str = ""
    why: str = ""


@dataclass(frozen=True, eq=False)
class Volumes:
    """Gradient or relevance of the layers, as the stack draws it.

    Attributes
    ----------
    maps : dict of str to float32[C, *positions]
    seen : uint8[H, W, 3] or None
        The picture as the network gets it.
    ranges : dict of str to (float, float)
        Centred on zero, by layer.
    layers : tuple of str
    """

    maps: dict
    seen: object
    ranges: dict

    @property
    def layers(self):
        return tuple(self.maps)


@dataclass(frozen=True, eq=False)
class Explained:
    """One method's result for one sample, as views show it.

    Attributes
    ----------
    sample : int
    method : str
    heat : float32[H, W] or None
        Values summed over the input's channels; None where the input has no rows and columns.
    largest : float
        Of the finite magnitudes of ``heat``.
    check : engine Check or None
    absorbed : float or None
    score : float
    settings : dict
    seconds : float
    notes : tuple of str
    volumes : Volumes or None
    """

    sample: int
    method: str
    heat: object
    largest: float
    check: object = None
    absorbed: float | None = None
    score: float = 0.0
    settings: dict = field(default_factory=dict)
    seconds: float = 0.0
    notes: tuple = ()
    volumes: object = None

    @property
    def nbytes(self):
        """Bytes of all values."""
        kept = () if self.volumes is None else self.volumes.maps.values()
        return sum(values.nbytes for values in kept) + getattr(self.heat, "nbytes", 0)


# what is asked


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    asked = (overlay_question(state, facts), stack_question(state, facts))
    return tuple({each.key: each for each in asked if each is not None}.values())


def overlay_question(state, facts):
    """What the sample view asks, or None."""
    settings = state.attribution
    if not settings.shown or state.sample.set != "sample" or not _is_seen(state, "sample"):
        return None
    keeps = settings.method in (_stack_method(state), _sliced_method(state))
    return _question(state, facts, settings.method, keeps)


def stack_question(state, facts):
    """What the stack asks, or None."""
    method = _stack_method(state)
    return None if method is None else kept_question(state, facts, method)


def kept_question(state, facts, method):
    """What a method says of every layer's values, or None where it cannot be asked."""
    return _question(state, facts, method, True)


def _stack_method(state):
    """The method whose values stand in the stack, where it is seen; None: activations."""
    if is_in_force(state):  # a step of a series stands there
        return None
    return STACK_METHODS.get(state.stack.values) if _is_seen(state, "stack") else None


def _sliced_method(state):
    """The method whose values the slices view cuts, where it is seen."""
    return STACK_METHODS.get(state.slices.source) if _is_seen(state, "slices") else None


def _is_seen(state, pane):
    return pane in in_front(state.window.layout, state.window.only)


def options_of(settings, method, focus=None):
    """Settings that a method takes, as keywords of `Explainer.attribute`.

    Parameters
    ----------
    settings : AttributionSettings
    method : str
    focus : Focus, optional
        Has the active layer, where the method's is that one.
    """
    options = {}
    if method in OF_A_LAYER and settings.layer == "active" and focus and focus.layer:
        options["layer"] = focus.layer
    if method in RULED:
        options["rule"] = settings.rule
    if method in STEPPED and settings.steps is not None:
        options["steps"] = settings.steps
    if method in SEEDED:
        options["seed"] = settings.seed
    return options


def _question(state, facts, method, keeps):
    if facts.phase != READY or facts.data is None or facts.is_late(state):
        return None
    answer, aim = facts.answer, aim_of(state, facts)
    if answer.picture is None or not aim.target:
        return None
    sample, options = answer.question.sample, options_of(state.attribution, method, state.focus)
    key = key_of(
        facts, "attribution", sample, method, aim.target, tuple(options.items()), bool(keeps)
    )
    network, preprocessing = facts.network, facts.preprocessing

    def find(tools, task):
        inputs = preprocessing(answer.picture)
        keep = "all" if keeps else ()
        found = tools.explainer.attribute(
            inputs, method, aim.target, keep=keep, task=task, **options
        )
        seen = answer.seen if keeps else None
        said = before_softmax(aim.target, network.scores)
        return explained(found, sample, network, preprocessing, seen, said)

    return Question(key, f"{method_words(method, options)} of {aim.words}", find)


def method_words(method, options):
    """A method's name with what tells it from its kin: ``'LRP epsilon-plus'``.

    Parameters
    ----------
    method : str
    options : dict
        As `options_of` gives them.
    """
    return " ".join(filter(None, (METHOD_WORDS[method], options.get("rule"))))


def aim_of(state, facts):
    """The `Aim` that the settings come to for the sample that was run."""
    target, focus = state.attribution.target, state.focus
    if target == FOCUS:
        return _aim_of_focus(focus, facts)
    if target not in (PREDICTED, LABEL):
        return Aim(target, target_words(target, facts))
    scores, answer = facts.network.scores, facts.answer
    if scores is None:
        return Aim(why="The network gives no class scores: take the focused unit as the target.")
    if target == LABEL:
        index = -1 if facts.labels is None else int(facts.labels[answer.question.sample])
        why = "This sample has no label."
    else:
        index = predicted_class(facts.network, answer.scores)
        why = "No class is predicted for this sample."
    if not 0 <= index < scores.classes:
        return Aim(why=why)
    said = "its label" if target == LABEL else "as predicted"
    return Aim(class_target(scores, index), f"{class_name(index, facts.class_names)}, {said}")


def class_target(scores, index):
    """The target for a class: its score before a final softmax."""
    if scores.binary:
        return "logit:0" if index else "-1*logit:0"
    return f"logit:{index}"


def _aim_of_focus(focus, facts):
    names = {layer.name for layer in facts.network.layers}
    if focus.layer not in names or focus.channel is None:
        return Aim(why="No channel and no unit is focused: click a unit in the stack or the maps.")
    positions = facts.network.layer(focus.layer).output_shape[1:]
    target = f"{focus.layer}:{focus.channel}"
    if focus.unit is not None and len(focus.unit) == len(positions) and focus.unit:
        target += "@" + ",".join(str(place) for place in focus.unit)
        return Aim(target, target)
    return Aim(target, f"{target}, mean over the map" if positions else target)


def target_words(target, facts):
    """A target as a person reads it: a class by its name."""
    scores = None if facts.network is None else facts.network.scores
    index = None if scores is None else class_of(target, scores)
    return target if index is None else class_name(index, facts.class_names)


def class_of(target, scores):
    """The class whose `class_target` a target is, or None."""
    if scores.binary:
        return {class_target(scores, index): index for index in (0, 1)}.get(target)
    number = target.removeprefix("logit:")
    is_class = number != target and number.isdecimal() and int(number) < scores.classes
    return int(number) if is_class else None


# what was found


def before_softmax(target, scores):
    """What is to be said of a class as the target: nothing, or which score it is."""
    ends = scores is not None and scores.activation in ("softmax", "log-softmax")
    is_class = ends and class_of(target, scores) is not None
    return ("the score is that before the softmax",) if is_class else ()


def explained(found, sample, network, preprocessing, seen=None, said=()):
    """A method's result as views show it.

    Parameters
    ----------
    found : engine Attribution
    sample : int
    network : engine Network
    preprocessing : engine Preprocessing
    seen : uint8[H, W, 3], optional
        With it the kept layers are there as `Volumes`.
    said : tuple of str
        Notes that come before the method's own.

    Returns
    -------
    Explained
    """
    heat = as_picture(found.heat(), preprocessing.size)
    return Explained(
        sample=sample,
        method=found.method,
        heat=heat,
        largest=0.0 if heat is None else largest_of(heat),
        check=found.check,
        absorbed=found.absorbed,
        score=float(found.score),
        settings=dict(found.settings),
        seconds=float(found.seconds),
        notes=(*said, *found.notes),
        volumes=None if seen is None else volumes_of(found.kept, network, seen),
    )


def as_picture(heat, size):
    """Values without rows and columns in those of the picture that they came from, or None."""
    if heat.ndim == 2:
        return heat
    rows, columns = size
    if heat.ndim != 1 or heat.size % (rows * columns):
        return None
    return heat.reshape(-1, rows, columns).sum(0)


def largest_of(values):
    """The largest finite magnitude; 0 where there is none."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max(initial=0.0))


def volumes_of(kept, network, seen):
    """Values of layers, in the file's layouts, turned to channels first."""
    from engine.network.axes import layout_letters, turned

    maps = {}
    for name, values in kept.items():
        layer = network.layer(name)
        placed = turned(values, layout_letters(layer.file_layout), layer.output_shape)
        maps[name] = np.ascontiguousarray(placed[0], np.float32)
    ends = {name: largest_of(values) for name, values in maps.items()}
    return Volumes(maps, seen, {name: (-end, end) for name, end in ends.items()})


def failure_words(found, facts):
    """Why there is no answer, without the path of the network, which is known."""
    said = found.failure.removeprefix(f"{facts.network.path}: ")
    return said[:1].upper() + said[1:]


def check_words(found):
    """A result's own check in words; empty where the method has none.

    Parameters
    ----------
    found : Explained
    """
    check = found.check
    if check is None:
        return ""
    word = "holds" if check.holds else "does not hold"
    said = f"{check.name} {word}: off by {percent(check.value)}"
    if found.absorbed is not None:
        said += f", biases and epsilon absorbed {percent(found.absorbed)}"
    if "steps" in found.settings:
        said += f", {found.settings['steps']} steps"
    return said


def kept_value(state, facts, layer, channel, unit):
    """What the stack shows of a unit beside its activation: (word, value), or None.

    Returns
    -------
    (str, float) or None
    """
    question = None if channel is None else stack_question(state, facts)
    found = None if question is None else facts.explanations.get(question.key)
    volumes = None if found is None or found.value is None else found.value.volumes
    if volumes is None or layer not in volumes.maps:
        return None
    values, place = volumes.maps[layer], (channel, *(unit or ()))
    inside = all(at < size for at, size in zip(place, values.shape, strict=False))
    if len(place) != values.ndim or not inside:
        return None
    return state.stack.values, float(values[place])


def percent(share):
    """A share in as many digits as it means: ``0.2 %``, ``12 %``."""
    value = 100 * share
    if 0 < abs(value) < 0.01:
        return "less than 0.01 %"
    text = f"{value:.2g} %" if abs(value) < 10 else f"{value:,.0f} %"
    return text.replace("-", "\u2212")
