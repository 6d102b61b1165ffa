"""State and facts to what the preprocessing panel shows; no Qt, no GL."""

from dataclasses import dataclass

from viewer.studio.facts import READY
from viewer.studio.predictions import best, class_name, probabilities

PRESETS = ("imagenet", "caffe", "zero-one", "minus-one-one", "int8", "raw")
CHANNELS = {"rgb": "RGB", "bgr": "BGR", "gray": "grey", "as-is": "as they are"}


@dataclass(frozen=True)
class TrialColumn:
    """One preset, tried.

    Attributes
    ----------
    title : str
        ``'imagenet'``, or what tells it from another of the same preset.
    accuracy : str
        ``'0.92 of 64'``, or empty.
    cells : tuple
        For each of the first samples a tuple of `Prediction`, or None where it could not be run.
    failure : str
    current : bool
        Whether it is what is in force.
    options : tuple of (name, value)
        What makes it of the guess.
    """

    title: str
    accuracy: str
    cells: tuple
    failure: str
    current: bool
    options: tuple


@dataclass(frozen=True, eq=False)
class PreprocessingWish:
    """What the panel shows.

    Attributes
    ----------
    message : str
        Instead of all else; empty otherwise.
    preprocessing : Preprocessing or None
        In force.
    summary, reason : str
    needs_word : bool
        Whether a person should confirm it.
    changed : bool
        Whether it differs from the guess.
    seen : uint8[H, W, 3] or None
        The focused sample as the network gets it.
    columns : tuple of TrialColumn
    labels : tuple of str
        The label of each of the first samples; empty text where there is none.
    trying : bool
        Whether the comparison still goes on.
    """

    message: str = ""
    preprocessing: object = None
    summary: str = ""
    reason: str = ""
    needs_word: bool = False
    changed: bool = False
    seen: object = None
    columns: tuple = ()
    labels: tuple = ()
    trying: bool = False


def resolve(state, facts):
    """The panel for a state and what exists."""
    if facts.phase != READY or facts.preprocessing is None:
        return PreprocessingWish(message="Preprocessing is guessed when a network is opened.")
    seen = None
    if facts.answer is not None:
        seen = facts.answer.seen
    tried = max((len(trial.scores) for trial in facts.trials), default=0)
    return PreprocessingWish(
        preprocessing=facts.preprocessing,
        summary=str(facts.preprocessing),
        reason=facts.preprocessing.reason,
        needs_word=not facts.confirmed and facts.data is not None,
        changed=bool(state.preprocessing.options),
        seen=seen,
        columns=tuple(column(trial, facts) for trial in facts.trials),
        labels=tuple(label_of(sample, facts) for sample in range(tried)),
    )


def column(trial, facts):
    """One column of the comparison."""
    kind, names = facts.network.scores, facts.class_names
    cells = tuple(
        None if scores is None else best(probabilities(scores, kind), names)
        for scores in trial.scores
    )
    accuracy = ""
    if trial.counted:
        accuracy = f"{trial.right / trial.counted:.2f}, {trial.counted} samples"
    return TrialColumn(
        title_of(trial.preprocessing, facts.guess),
        accuracy,
        cells,
        trial.failure or "",
        trial.preprocessing.digest() == facts.preprocessing.digest(),
        options_of(trial.preprocessing, facts.guess),
    )


def title_of(candidate, guess):
    """What a person calls a candidate."""
    if candidate.digest() == guess.digest():
        return f"{candidate.preset} (guess)"
    if candidate.channels == "bgr" and candidate.preset != "caffe":
        return f"{candidate.preset}, BGR"
    if candidate.preset == "zero-one" and set(candidate.mean) != {0.0}:
        return f"mean {candidate.mean[0]:.2g}"
    return candidate.preset


def options_of(candidate, guess):
    """Options that make a candidate of the guess; empty for the guess itself."""
    if candidate.digest() == guess.digest():
        return ()
    options = {
        "preset": candidate.preset,
        "crop": candidate.crop,
        "scale": candidate.scale,
        "mean": tuple(candidate.mean),
        "std": tuple(candidate.std),
    }
    if candidate.channels in ("rgb", "bgr"):
        options["bgr"] = candidate.channels == "bgr"
    return tuple(sorted(options.items()))


def label_of(sample, facts):
    """The name of a sample's label, or empty text."""
    if facts.labels is None or facts.labels[sample] < 0:
        return ""
    return class_name(int(facts.labels[sample]), facts.class_names)


def is_right(column_cells, sample, label):
    """Whether a cell's first prediction is the label; None where there is none."""
    predictions = column_cells[sample] if sample < len(column_cells) else None
    if not predictions or not label:
        return None
    return predictions[0].name == label


def numbers(text, name):
    """``'0.5, 0.4 0.3'`` as a tuple of floats; `ValueError` says what is wrong with it."""
    words = text.replace(",", " ").split()
    try:
        values = tuple(float(word) for word in words)
    except ValueError:
        raise ValueError(
            f"{name}: numbers are expected, such as 0.5 or 0.485 0.456 0.406"
        ) from None
    if not values:
        raise ValueError(f"{name}: a number is missing")
    return values


def number_text(values):
    """Numbers as a person writes them: ``'0.485 0.456 0.406'``."""
    return " ".join(f"{value:.6g}" for value in values)
