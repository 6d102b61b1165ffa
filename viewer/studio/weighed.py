"""What was found about importance, and its words: values with their ranks, scores, tables."""

from dataclasses import dataclass, field

import numpy as np

from viewer.studio.predictions import class_name

MEASURE_WORDS = {
    "gradient": "weight gradient",
    "activation-mean": "mean activation",
    "activation-max": "largest activation",
    "gradient-x-activation": "gradient × activation",
}
NORM_WORDS = {"l1": "L1", "l2": "L2", "max": "maximum"}
WAY_WORDS = {"zero": "zero", "mean": "the mean"}


@dataclass(frozen=True, eq=False)
class Weighed:
    """Importance of one layer's filters.

    Attributes
    ----------
    layer : str
    values : float64[F]
        NaN where a filter has none.
    ranks : int64[F]
        Place of each filter, the most important first, from 0.
    samples, total : int
        Over so many, of so many there are.
    words : str
        What it is: ``'weight gradient, L2 norm, ...'``.
    notes : tuple of str
    """

    layer: str
    values: np.ndarray
    ranks: np.ndarray
    samples: int
    total: int
    words: str = ""
    notes: tuple = ()

    @property
    def is_estimate(self):
        """Whether it is over some of the samples only."""
        return self.samples < self.total

    @property
    def over(self):
        """``'over 1,797 samples'``, ``'over 200 of 1,797 samples'``."""
        if self.is_estimate:
            return f"over {self.samples:,} of {self.total:,} samples"
        return f"over {self.samples:,} sample" + ("" if self.samples == 1 else "s")


@dataclass(frozen=True, eq=False)
class AllWeighed:
    """Importance of some layers: an answer.

    Attributes
    ----------
    layers : dict of str to Weighed
    """

    layers: dict = field(default_factory=dict)

    @property
    def nbytes(self):
        """Bytes of all values."""
        return sum(each.values.nbytes + each.ranks.nbytes for each in self.layers.values())


@dataclass(frozen=True, eq=False)
class Scored:
    """The focused sample's class scores with filters switched off.

    Attributes
    ----------
    scores : float32[K]
    """

    scores: np.ndarray

    @property
    def nbytes(self):
        """Bytes of the scores."""
        return self.scores.nbytes


@dataclass(frozen=True, eq=False)
class Table:
    """Error rates without the least and the most important filter of layers, each alone.

    Attributes
    ----------
    rows : tuple of engine.analysis.ablation.Row
    layers : int
        So many there are to be.
    """

    rows: tuple
    layers: int

    @property
    def nbytes(self):
        """Bytes of all rates, about."""
        return 100 + sum(2 * row.without_least.nbytes for row in self.rows)


def measure_words(settings, facts):
    """What counts, in words: ``'L2 norm of the weight gradient, each own label'``."""
    what = MEASURE_WORDS[settings.measure]
    if settings.measure == "gradient":
        what = f"{NORM_WORDS[settings.norm]} norm of the weight gradient"
    if settings.of_class is not None:
        return f"{what}, {class_words(settings.of_class, facts.class_names)}"
    if not settings.measure.startswith("gradient"):
        return what
    return f"{what}, each own label" if facts.labels is not None else f"{what}, as predicted"


def class_words(index, names):
    """A class as words in a sentence: ``'class dog'``, ``'class 4'``."""
    name = class_name(index, names)
    return name if name.startswith("class ") else f"class {name}"


def weighed(found, said, total, few=None):
    """An engine Importance as `AllWeighed`."""
    layers, notes = {}, [*found.notes]
    if found.skipped:
        notes.append(f"{len(found.skipped):,} pictures could not be read")
    samples = int(found.samples)
    for name, values in found.values.items():
        values, odd = np.asarray(values, np.float64), found.not_finite.get(name, 0)
        more = [f"{odd:,} samples with numbers that are not finite"] if odd else []
        layers[name] = Weighed(
            name, values, ranks_of(values), samples, total if few else samples, said,
            (*notes, *more),
        )  # fmt: skip
    return AllWeighed(layers)


def ranks_of(values):
    """Place of each value, the largest first, ties in order, NaN last: int64[F]."""
    order = np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values))
    return ranks


def least_important(values, count):
    """The least important filters, those without a number first, as the curve removes them.

    Returns
    -------
    list of int
        Sorted.
    """
    order = np.argsort(np.where(np.isnan(values), -np.inf, values), kind="stable")
    return sorted(order[:count].tolist())


def off_words(off):
    """``'1 filter off'``, ``'3 filters off'``; empty with none."""
    count = sum(len(channels) for _, channels in off)
    return f"{count:,} filter{'' if count == 1 else 's'} off" if count else ""
