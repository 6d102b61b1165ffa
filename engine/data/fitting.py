"""Making labels and class names fit the scores of a network, and saying what was done or tried."""

import numpy as np

_MANY = 100
_BACKGROUND = ("background", "dummy", "__background__", "none", "unknown")


def fit_labels(dataset, classes_in_scores):
    """Labels and names that count as the network's scores do.

    Parameters
    ----------
    dataset : DataSet
    classes_in_scores : int
        Number of class scores (2 for a binary score).

    Returns
    -------
    labels : int32[N] or None
        None when there are none, or they do not fit; the notes say what was tried.
    names : list of str
        One for each score.
    notes : list of str
    """
    count = int(classes_in_scores)
    names, shift, notes = _fit_names(dataset.classes, dataset.class_origin, count)
    labels = dataset.labels
    if labels is None or not (np.asarray(labels) >= 0).any():
        return None, names, notes
    if shift is None:
        counted = f"they count {len(dataset.classes)} classes, and there are {count} scores"
        tried = "as many, one more and one fewer were tried"
        notes.append(f"the labels do not fit: {counted} ({tried}); give class names with --classes")
        return None, names, notes
    labels = np.asarray(labels, np.int32)
    known = labels >= 0
    low, high = int(labels[known].min()), int(labels[known].max())
    moved = _moved(labels, shift)
    if moved[known].max() < count and (moved[known] >= 0).any():
        return moved, names, notes
    if not shift and low == 1 and high == count:
        notes.append(f"the labels count from 1 to {count}; they were moved by 1")
        return _moved(labels, -1), names, notes
    tried = "as they are" + (f", moved by {shift}" if shift else ", moved by 1")
    notes.append(
        f"the labels do not fit: they go from {low} to {high}, and there are {count} scores "
        f"({tried} were tried)"
    )
    return None, names, notes


def _fit_names(classes, origin, count):
    """Names for `count` scores; by how much labels move with them (None: unknown); notes."""
    numbers = [str(i) for i in range(count)]
    if classes is None:
        return numbers, 0, []
    classes = list(classes)
    if len(classes) == count:
        return classes, 0, []
    # a few folders in sorted order, one fewer than scores, are more likely an incomplete set
    if len(classes) == count - 1 and (origin in ("file", "data") or len(classes) >= _MANY):
        note = f"{len(classes)} class names for {count} scores: the names were moved by 1"
        return ["background", *classes], 1, [note]
    starts_with_background = classes and classes[0].lower() in _BACKGROUND
    if len(classes) == count + 1 and starts_with_background:
        note = f"{len(classes)} class names for {count} scores: {classes[0]} was left out"
        return classes[1:], -1, [note]
    note = f"{len(classes)} class names do not fit {count} scores, which are named by number"
    return numbers, None, [note]


def _moved(labels, shift):
    return np.where(labels < 0, -1, np.maximum(labels + shift, -1)).astype(np.int32)
