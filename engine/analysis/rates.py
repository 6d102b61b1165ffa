"""Error rates of predictions, overall and of each class."""

from dataclasses import dataclass

import numpy as np

from engine.run.survey import UNKNOWN


@dataclass(frozen=True, eq=False)
class Rates:
    """How often a network is wrong.

    Attributes
    ----------
    overall : float
        Wrong over counted samples, 0 to 1; NaN when none is counted.
    per_class : tuple of (int, float, int)
        Class, its error rate (NaN without samples), how many samples are labelled so.
    wrong, samples : int
        Counted: labelled and run. Without a class (all scores NaN) counts as wrong.
    of : int
        Labelled samples in all: more than ``samples`` while not all have been run.
    predicted : int32[N]
        Of every sample, labelled or not: -1 without a class, -2 not run.
    notes : tuple of str
        What a person should know: samples that could not be read.
    """

    overall: float
    per_class: tuple
    wrong: int
    samples: int
    of: int
    predicted: np.ndarray
    notes: tuple = ()

    @property
    def nbytes(self):
        """Bytes, about."""
        return self.predicted.nbytes + 100 * len(self.per_class) + 200

    def of_class(self, number):
        """The error rate of a class; NaN when no sample is labelled so."""
        return next((rate for k, rate, _ in self.per_class if k == number), float("nan"))


def rates_of(predicted, labels, classes, notes=()):
    """Error rates.

    Parameters
    ----------
    predicted : int32[N]
        `engine.run.survey.UNKNOWN` where a sample was not run.
    labels : int[N]
        Below 0 where they are not known.
    classes : int
    notes : sequence of str

    Returns
    -------
    Rates
    """
    labelled = labels >= 0
    counted = labelled & (predicted != UNKNOWN)
    wrong = counted & (predicted != labels)
    totals = np.bincount(labels[counted], minlength=classes)
    faults = np.bincount(labels[wrong], minlength=classes)
    with np.errstate(invalid="ignore"):
        shares = faults / totals
    per_class = zip(range(len(totals)), shares.tolist(), totals.tolist(), strict=True)
    samples, faulty = int(counted.sum()), int(wrong.sum())
    overall = faulty / samples if samples else float("nan")
    return Rates(
        overall,
        tuple(per_class),
        faulty,
        samples,
        int(labelled.sum()),
        np.asarray(predicted, np.int32),
        tuple(notes),
    )


def error_rates(predicted, labels, of_class=None):
    """Error rates of many predictions of the same samples at once.

    Parameters
    ----------
    predicted : int32[M, N]
    labels : int[N]
    of_class : int, optional

    Returns
    -------
    (float64[M], float64[M] or None)
        Over all labelled samples that were run, and over those labelled ``of_class``.
    """
    counted = (labels >= 0) & (predicted != UNKNOWN).all(axis=0)
    wrong = predicted != labels
    with np.errstate(invalid="ignore"):
        overall = wrong[:, counted].sum(axis=1) / counted.sum()
        if of_class is None:
            return overall, None
        chosen = counted & (labels == of_class)
        return overall, wrong[:, chosen].sum(axis=1) / chosen.sum()
