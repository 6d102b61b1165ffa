"""Orders of a study's layer by the maps of all its samples, one after the other."""

import numpy as np

from engine.analysis.orders.likeness import likeness_of
from engine.analysis.orders.making import order
from engine.embedding.reading import Source
from engine.tasks import Task


def likeness_of_study(study, layer, which="post", samples=None, task=None, keep=True):
    """Likeness of a layer's channels by their stored values over many samples.

    Parameters
    ----------
    study : Study
    layer, which : str
    samples : int[n] or bool[N], optional
        Rows of the study; all when left out.
    task : Task, optional
        For progress and cancelling.
    keep : bool
        Whether to write to the study.

    Returns
    -------
    Likeness
    """
    task = task or Task()
    source = Source(study, layer, which)
    rows = np.arange(source.rows)[slice(None) if samples is None else samples]
    parts = []
    for number, row in enumerate(rows):
        task.report(number, len(rows), f"likeness of {layer}")
        parts.append(source.values(row, row + 1)[0])
    values = np.concatenate(parts, axis=1) if parts else np.zeros((source.channels, 0))
    return likeness_of(values, f"channels over {source.words}")


def order_of_study(
    study, layer, method, which="post", samples=None, clusters=None, seed=0, task=None
):
    """Order a layer's channels by their stored values over many samples."""
    likeness = likeness_of_study(study, layer, which, samples, task)
    return order(likeness, method, clusters=clusters, seed=seed, task=task)
