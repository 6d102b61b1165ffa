"""Which samples a series is built of: classes by their likeness, and right and wrong ones of each.

[CNN-VIS 3.2.2] looks at a reference class, the one under inspection, a similar and a dissimilar
one, and in each at a sample that is classified right and one that is not. What is like what is
taken from the confusion matrix of the study: how often samples of two classes are taken for each
other. Where that cannot tell (nothing was confused, or several classes equally often) the mean
probabilities that the network gives to samples of the classes decide: their cosine.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from viewer.state.series import CHOSEN_ROLES
from viewer.studio import comparing
from viewer.studio.attributing import class_target
from viewer.studio.predictions import class_name

NONE = -1


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of all samples' classes.

    Attributes
    ----------
    labels, predicted : int[N]
        -1 where not known; without labels both are the predictions.
    classes : int
    has_labels : bool
    confusion : int64[K, K]
        Samples by label (rows) and prediction (columns).
    likeness : float64[K, K]
        Of classes, 0 to 1, symmetric.
    by : str
        What the likeness is from, in words.
    """

    labels: np.ndarray
    predicted: np.ndarray
    classes: int
    has_labels: bool
    confusion: np.ndarray
    likeness: np.ndarray
    by: str

    def right(self, index):
        """Samples of a class that are classified right, in their order."""
        return np.flatnonzero((self.labels == index) & (self.predicted == index))

    def wrong(self, index):
        """Samples of a class that are taken for another one, in their order."""
        return np.flatnonzero(
            (self.labels == index) & (self.predicted != index) & (self.predicted >= 0)
        )


def known(facts):
    """What is `Known` of the samples' classes; the same object while nothing differs.

    Returns
    -------
    Known or None
        None where no prediction is known yet, or the network gives no class scores.
    """
    if not comparing.can_ask(facts) or facts.network.scores is None:
        return None
    summary = facts.summary
    if summary.predicted is None or not np.any(np.asarray(summary.predicted) >= 0):
        return None
    parts = (summary.predicted, facts.labels, summary.class_means, facts.network.scores)
    if not _last or any(one is not other for one, other in zip(_last[0], parts, strict=True)):
        _last[:] = [parts, _known(facts)]
    return _last[1]


_last = []


def _known(facts):
    count, classes = facts.sample_count, facts.network.scores.classes
    predicted = np.full(count, -1, np.int64)
    found = np.asarray(facts.summary.predicted)[:count]
    predicted[: len(found)] = found
    has_labels = facts.labels is not None and bool((np.asarray(facts.labels) >= 0).any())
    labels = np.asarray(facts.labels, np.int64) if has_labels else predicted
    both = (labels >= 0) & (labels < classes) & (predicted >= 0) & (predicted < classes)
    places = labels[both] * classes + predicted[both]
    confusion = np.bincount(places, minlength=classes * classes).reshape(classes, classes)
    likeness, by = likeness_of(confusion, facts.summary.class_means)
    return Known(labels, predicted, classes, has_labels, confusion, likeness, by)


def likeness_of(confusion, means=None):
    """How like classes are: (float64[K, K], in words from what).

    Parameters
    ----------
    confusion : int[K, K]
        Samples by label and prediction.
    means : float64[K, K], optional
        Mean probabilities (columns) of the samples of each class (rows); NaN rows of classes
        without samples.

    Returns
    -------
    float64[K, K], str
        Confusions as a share of both classes' samples, and within what these leave equal the
        cosine of the mean probabilities.
    """
    confused = (confusion + confusion.T).astype(float)
    totals = confusion.sum(1)
    share = confused / np.maximum(1, totals[:, None] + totals[None, :])
    np.fill_diagonal(share, 1.0)
    if means is None or np.shape(means) != confusion.shape:
        return share, "the confusion matrix"
    filled = np.nan_to_num(np.asarray(means, float))
    sizes = np.linalg.norm(filled, axis=1)
    cosine = filled @ filled.T / np.maximum(1e-30, np.outer(sizes, sizes))
    # Shares of confusions differ by one sample at least: cosines decide within less than that.
    finest = 1.0 / max(1.0, 2.0 * totals.max(initial=0) + 1)
    return share + 0.5 * finest * np.clip(cosine, 0, 1), "the confusion matrix and class means"


def chosen(choice, found):
    """The class of each role: dict of str to int; `NONE` where there is none.

    Parameters
    ----------
    choice : SeriesChoice
    found : Known
        What is not chosen by hand is suggested: the inspected class is the one with most samples
        taken for others (the first of several); the reference the one classified best; similar
        and dissimilar those most and least like the inspected one. No class is suggested twice.
    """
    sizes = found.confusion.sum(1)
    given = {role: getattr(choice, role) for role in CHOSEN_ROLES}
    given = {
        role: index if index is None or index < found.classes else None
        for role, index in given.items()
    }
    taken = {index for index in given.values() if index is not None}
    wrong = sizes - np.diag(found.confusion)
    rate = np.where(sizes > 0, np.diag(found.confusion) / np.maximum(1, sizes), -1.0)
    made = dict(given)

    def suggest(role, numbers):
        if made[role] is None:
            free = [at for at in np.flatnonzero(sizes > 0) if at not in taken]
            made[role] = max(free, key=lambda at: (numbers[at], -at)) if free else NONE
            made[role] = int(made[role])
            taken.add(made[role])

    suggest("inspected", wrong)
    like = found.likeness[made["inspected"]] if made["inspected"] != NONE else rate
    suggest("similar", like)
    suggest("dissimilar", -like)
    suggest("reference", rate + 1e-9 * sizes)
    return made


def groups_of(choice, found, names):
    """The steps of a series, as the command takes them: list of [name, role, [sample, ...]].

    Parameters
    ----------
    choice : SeriesChoice
    found : Known
    names : tuple of str or None
        Of classes.
    """
    groups = []
    for role, index in chosen(choice, found).items():
        if index == NONE:
            continue
        name = class_name(index, names)
        for word, samples in (("right", found.right(index)), ("wrong", found.wrong(index))):
            some = [int(each) for each in samples[: choice.each]]
            if not some:
                continue
            words = [name, *([word] if found.has_labels else [])]
            if choice.together or len(some) == 1:
                groups.append([", ".join(words), role, some])
                continue
            apart = " " if found.has_labels else ", "
            groups += [
                [f"{', '.join(words)}{apart}{place}", role, [sample]]
                for place, sample in enumerate(some, 1)
            ]
    return groups


def build_args(state, facts):
    """Arguments of the command ``series.build``, or None where nothing can be built.

    The inspected class becomes what is explained, so that steps of all classes are comparable.
    """
    found = known(facts)
    groups = [] if found is None else groups_of(state.series.choice, found, facts.class_names)
    if not groups:
        return None
    inspected = chosen(state.series.choice, found)["inspected"]
    args = {"groups": groups}
    if inspected != NONE:
        args["target"] = class_target(facts.network.scores, inspected)
    return args


def counted(facts, found, index):
    """Of how many samples of a class which can be taken: ``'120 right, 3 wrong'``."""
    right, wrong = len(found.right(index)), len(found.wrong(index))
    if not found.has_labels:
        return f"{right:,} predicted, no labels"
    return f"{right:,} right, {f'{wrong:,} wrong' if wrong else 'no misclassified sample'}"


def lacks(state, facts):
    """What a series cannot have, in words: ``'cat: no misclassified sample'``; may be empty."""
    found = known(facts)
    if found is None:
        return ""
    said, names, choice = [], facts.class_names, state.series.choice
    if not found.has_labels:
        return "the samples have no labels: classes are those predicted, none is known to be wrong"
    for index in dict.fromkeys(chosen(choice, found).values()):
        if index == NONE:
            continue
        for word, count in (
            ("misclassified", len(found.wrong(index))),
            ("correctly classified", len(found.right(index))),
        ):
            name = class_name(index, names)
            if not count:
                said.append(f"{name}: no {word} sample")
            elif count < choice.each:
                said.append(f"{name}: only {count} {word}")
    run = int((found.predicted >= 0).sum())
    if run < facts.sample_count:
        said.append(f"of {run:,} of {facts.sample_count:,} samples that were run")
    return "; ".join(said)


@lru_cache(maxsize=64)
def role_words(role):
    """A role as a person reads it."""
    return {
        "reference": "Reference",
        "inspected": "Inspected",
        "similar": "Similar",
        "dissimilar": "Dissimilar",
        "other": "Other",
    }[role]
