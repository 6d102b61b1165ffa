"""A series and its check as CSV files: how large each step is in each layer; weights compared."""

import numpy as np

from engine.errors import InputError
from viewer.studio.series_words import classes_of
from viewer.studio.table_file import written
from viewer.studio.validating import weight_of

STEP_FIELDS = (
    "step", "name", "role", "samples", "first", "label", "predicted", "less", "layer", "largest",
    "l1", "l2", "missing",
)  # fmt: skip
CHECK_FIELDS = (
    "layer", "filter", "input", "kernel", "row", "column", "computed", "difference", "left",
    "right", "kink",
)  # fmt: skip
NOT_COMPUTED = "not computed"


def write_series(path, series, facts, task):
    """Write the size of every step in every layer, as shown: less another step where that is so.

    Parameters
    ----------
    path : Path
    series : viewer.studio.seriating.Series
    facts : Facts
        Names, labels and predictions of the samples.
    task : Task

    Returns
    -------
    int
        Lines below the heading; samples and steps count from 0 and 1.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind; there is no step.
    """
    if series is None or not series.steps:
        raise InputError("there is no series yet")
    rows = 0
    with written(path) as writer:
        writer.writerow(STEP_FIELDS)
        for done, step in enumerate(series.steps):
            task.report(done, len(series.steps), "steps")
            for row in _rows_of(step, facts):
                writer.writerow(row)
                rows += 1
    return rows


def _rows_of(step, facts):
    chosen, sample = step.step, step.step.samples[0]
    known = 0 <= sample < facts.sample_count
    label, predicted = classes_of(facts, sample) if known else (-1, -1)
    first = str(facts.data.names[sample]) if known else ""
    words = [step.number + 1, chosen.name, chosen.role, " ".join(map(str, chosen.samples)), first]
    words += ["" if each < 0 else each for each in (label, predicted)]
    words.append("" if step.minus is None else "another step")
    if step.values is None:
        yield [*words, "", "", "", "", step.failure or NOT_COMPUTED]
        return
    for layer, values in step.values.maps.items():
        if step.minus is not None:
            if layer not in step.minus.maps:
                continue
            values = values - step.minus.maps[layer]
        sizes = np.abs(values.astype(np.float64))
        numbers = (sizes.max(initial=0.0), sizes.sum(), np.sqrt((sizes**2).sum()))
        yield [*words, layer, *(f"{number:.9g}" for number in numbers), ""]


def write_check(path, checked, task):
    """Write computed gradients beside finite differences: a line a weight.

    Parameters
    ----------
    path : Path
    checked : viewer.studio.validating.Checked or None
    task : Task

    Returns
    -------
    int
        Lines below the heading; all numbers of places count from 0.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind; there is no check.
    """
    if checked is None:
        raise InputError("no gradients were checked yet")
    found, shape = checked.validation, checked.shape
    size = int(np.prod(shape[2:], dtype=np.int64))
    with written(path) as writer:
        writer.writerow(CHECK_FIELDS)
        for at, place in enumerate(np.asarray(found.places)):
            task.report(at, len(found.places), "weights")
            weight = weight_of(shape, int(place))
            sides = (found.computed, found.differences, found.left, found.right)
            numbers = [f"{float(side[at]):.12g}" for side in sides]
            kink = "yes" if found.kinks[at] else "no"
            kernel = int(place) % size
            writer.writerow([checked.layer, *weight[:2], kernel, *weight[2:], *numbers, kink])
    return len(found.places)
