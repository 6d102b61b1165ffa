"""Class scores as a person reads them: the predicted class, probabilities, the best five."""

from dataclasses import dataclass

import numpy as np

ROWS = 4096
"""Samples of a block, so that large data sets need no copies of all scores."""


@dataclass(frozen=True)
class Prediction:
    """One class and how sure the network is.

    Attributes
    ----------
    index : int
    name : str
    share : float
        0 to 1, where the scores are (or become) probabilities.
    """

    index: int
    name: str
    share: float


def probabilities(scores, kind):
    """Probabilities of a sample's class scores.

    Parameters
    ----------
    scores : float[K] or None
        As the network gives them; NaN counts as 0.
    kind : engine Scores
        Whether they are a binary score, logits or probabilities already.

    Returns
    -------
    float64[K] or None
        0 to 1; a binary score becomes two.
    """
    if scores is None or kind is None:
        return None
    values = np.asarray(scores, np.float64).ravel()
    if kind.binary and values.size == 1:
        share = 1 / (1 + np.exp(-values[0])) if kind.needs_softmax else values[0]
        values = np.array([1 - share, share])
    elif kind.needs_softmax:
        values = np.exp(values - np.max(values, initial=-np.inf, where=np.isfinite(values)))
        values = values / np.nansum(values)
    return np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0)


def confidences(scores, kind):
    """The probability of the predicted class of many samples.

    Parameters
    ----------
    scores : float[N, K]
    kind : engine Scores or None

    Returns
    -------
    float32[N]
        0 to 1; NaN where a sample has no finite score.
    """
    scores = np.asarray(scores, np.float64).reshape(len(scores), -1)
    if kind is None or not scores.size:
        return np.full(len(scores), np.nan, np.float32)
    known = np.isfinite(scores).any(1)
    highest = np.where(np.isfinite(scores), scores, -np.inf).max(1)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if kind.binary and scores.shape[1] == 1:
            share = 1 / (1 + np.exp(-highest)) if kind.needs_softmax else highest
            found = np.maximum(share, 1 - share)
        elif kind.needs_softmax:
            found = 1 / np.nansum(np.exp(scores - highest[:, None]), axis=1)
        else:
            found = highest
    return np.where(known, np.clip(found, 0.0, 1.0), np.nan).astype(np.float32)


def class_means(scores, labels, kind):
    """Mean probabilities over the samples of each class.

    Parameters
    ----------
    scores : float[N, K]
    labels : int[N]
        -1 where not known.
    kind : engine Scores

    Returns
    -------
    float32[K, K]
        Classes of samples in rows, scores in columns; NaN where a class has no sample. Samples
        without finite scores do not count.
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    classes = 2 if kind.binary else scores.shape[1]
    sums, counts = np.zeros((classes, classes)), np.zeros(classes)
    for first in range(0, len(scores), ROWS):
        rows = slice(first, first + ROWS)
        shares = _shares(scores[rows].astype(np.float64), kind)
        mine = labels[rows]
        counted = (mine >= 0) & (mine < classes) & np.isfinite(shares).all(1)
        order = np.flatnonzero(counted)[np.argsort(mine[counted], kind="stable")]
        if order.size:
            present, starts = np.unique(mine[order], return_index=True)
            sums[present] += np.add.reduceat(shares[order], starts, axis=0)
            counts += np.bincount(mine[order], minlength=classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (sums / counts[:, None]).astype(np.float32)


def _shares(scores, kind):
    """Probabilities of many samples' scores: float64[N, K]."""
    if kind.binary and scores.shape[1] == 1:
        share = 1 / (1 + np.exp(-scores)) if kind.needs_softmax else scores
        return np.concatenate([1 - share, share], axis=1)
    if not kind.needs_softmax:
        return scores
    shares = np.exp(scores - scores.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def predicted_class(network, scores):
    """The class with the highest score; -1 where there is none."""
    if network.scores is None or scores is None:
        return -1
    return int(network.scores.predict(np.asarray(scores, np.float32).reshape(1, -1))[0])


def best(shares, names, count=5):
    """The most probable classes, best first.

    Parameters
    ----------
    shares : float64[K] or None
    names : sequence of str or None
        Class names; numbers stand in where there are none.
    count : int

    Returns
    -------
    tuple of Prediction
    """
    if shares is None:
        return ()
    order = np.argsort(-shares, kind="stable")[:count]
    return tuple(
        Prediction(int(index), class_name(int(index), names), float(shares[index]))
        for index in order
    )


def class_name(index, names):
    """The name of a class, or its number."""
    if names is not None and 0 <= index < len(names):
        return str(names[index])
    return f"class {index}"
