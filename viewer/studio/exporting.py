"""What is selected, for elsewhere: a table, a folder of images, a line of Python.

Runs in a job's thread; stored values are read by the study's own thread, some rows at a time.
"""

import re
import shutil
from pathlib import Path

import numpy as np

from engine.errors import InputError, LamellaError
from engine.selections.describing import Lasso, Projected, Saved
from engine.selections.resolving import pairs_of
from viewer.session.journal import not_written
from viewer.studio.predictions import class_name
from viewer.studio.table_file import written

POINTS_AT_A_TIME = 4096
SAMPLE_FIELDS = ("sample", "name", "label", "prediction")
POINT_FIELDS = ("layer", "row", "column")
AXES = ("x", "y", "z")


def write_table(path, steps, facts, reader, engine, task):
    """Write the selection as a CSV file: a line a sample, or a line a point where points were
    brushed.

    Points have their layer and position and, where an outline chose them, the stored values of its
    channels (those of the last outline of the layer): two of a matrix' cell, three of a scatter.

    Parameters
    ----------
    path : Path
    steps : tuple of (mode, region)
    facts : Facts
        With what is selected.
    reader : StudyReader
    engine : EngineDoor
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind.
    """
    layers, lines = facts.selected.by_layer, 0
    axes = {layer: _axes_of(steps, layer, facts) for layer in layers}
    wide = max([2, *map(len, axes.values())])
    fields = (*POINT_FIELDS, *(word for axis in AXES[:wide] for word in (axis, f"{axis} value")))
    with written(path) as writer:
        writer.writerow(SAMPLE_FIELDS + (fields if layers else ()))
        if layers:
            rows = _point_rows(axes, wide, facts, reader, engine, task)
        else:
            rows = _sample_rows(facts, task)
        for row in rows:
            writer.writerow(row)
            lines += 1
    return lines


def _sample_rows(facts, task):
    samples = np.flatnonzero(facts.selected.samples)
    for done, sample in enumerate(samples):
        if done % 1000 == 0:
            task.report(done, len(samples), "samples")
        yield described(facts, int(sample))


def described(facts, sample):
    """Number in the data set, name, label and prediction of a sample, as words."""
    data, predicted = facts.data, facts.summary.predicted
    index = getattr(data, "index", None)
    classes = []
    for known in (facts.labels, predicted):
        found = -1 if known is None or sample >= len(known) else int(known[sample])
        classes.append("" if found < 0 else class_name(found, facts.class_names))
    number = sample if index is None else int(index[sample])
    return (number, str(data.names[sample]), *classes)


def _point_rows(axes, wide, facts, reader, engine, task):
    """Lines of points; ``axes``: channels by layer, ``wide``: the most that one has."""
    selected = facts.selected
    counts = {name: int(np.count_nonzero(mask)) for name, mask in selected.by_layer.items()}
    total, done = sum(counts.values()), 0
    for layer, mask in selected.by_layer.items():
        points = selected.made_of[layer]
        index = np.flatnonzero(mask)
        index = index[np.lexsort((points.place[index], points.sample[index]))]
        for first in range(0, len(index), POINTS_AT_A_TIME):
            task.report(done, total, f"points of {layer}")
            some = index[first : first + POINTS_AT_A_TIME]
            columns = [_values_of(axis, some, facts, reader, engine) for axis in axes[layer]]
            positions = _positions(points, some)
            for at, point in enumerate(some):
                values = [part[at] for axis in columns for part in axis]
                values += [""] * (2 * wide - len(values))
                where = (layer, *positions[at])
                yield (*described(facts, int(points.sample[point])), *where, *values)
            done += len(some)


def _positions(points, index):
    """Row and column of some points; the position alone along one axis; empty without."""
    if not points.positions:
        return [("", "")] * len(index)
    found = np.stack(np.unravel_index(points.place[index], points.positions), axis=1).tolist()
    if len(points.positions) == 2:
        return found
    return [(",".join(map(str, place)), "") for place in found]


def _axes_of(steps, layer, facts):
    """Channels of the last outline on a layer: (layer, channel, its points) each, or ()."""
    lasso = _last_outline(steps, layer)
    if lasso is None:
        return ()
    if isinstance(lasso, Projected):
        return tuple((layer, channel, None) for channel in lasso.channels)
    if lasso.other is None:
        return ((layer, lasso.x, None), (layer, lasso.y, None))
    down, across = facts.points[lasso.layer], facts.points[lasso.other]
    lead, at_down, at_across = pairs_of(facts.network, down, across)
    leading, met = (at_down, at_across) if lead == lasso.layer else (at_across, at_down)
    other = np.full(facts.points[lead].count, -1, np.int64)
    other[leading] = met
    names = ((lasso.other, lasso.x), (lasso.layer, lasso.y))
    return tuple((name, channel, None if name == lead else other) for name, channel in names)


def _last_outline(steps, layer):
    for _, region in reversed(steps):
        if isinstance(region, Saved):
            found = _last_outline(region.steps, layer)
            if found is not None:
                return found
        elif isinstance(region, Lasso) and layer in (region.layer, region.other):
            return region
        elif isinstance(region, Projected) and region.layer == layer:
            return region
    return None


def _values_of(axis, index, facts, reader, engine):
    """Name of a channel and its stored value at some points: two lists."""
    layer, channel, other = axis
    points = facts.points[layer]
    met = index if other is None else other[index]
    there = met >= 0
    path = facts.in_full.get(layer, facts.study_path)

    def read():
        with engine.open_study(path) as study:
            return points.stored(study, met[there])[:, channel]

    values = np.full(len(index), np.nan)
    values[there] = reader.read(read)
    said = ["" if not known else f"{value:.9g}" for value, known in zip(values, there, strict=True)]
    return [f"{layer}:{channel}"] * len(index), said


def write_images(folder, facts, task):
    """Write the selected samples' pictures into a new folder: files as they are, others as PNG.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    facts : Facts
    task : Task

    Returns
    -------
    (int, list of str)
        Pictures written, and what could not be read.

    Raises
    ------
    InputError, MachineError, Cancelled
        What is finished is kept.
    """
    folder = Path(folder)
    data = getattr(facts.data, "pictures", facts.data)
    if data is None:
        raise InputError("the pictures are not at hand", where=facts.data.path)
    if folder.exists() and any(folder.iterdir()):
        raise InputError("there is something already", where=folder, remedy="choose another name")
    samples, faults, written = np.flatnonzero(facts.selected.samples), [], 0
    digits = len(str(max(1, len(data))))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for done, sample in enumerate(samples):
            task.report(done, len(samples), "pictures")
            number, name = described(facts, int(sample))[:2]
            called = "" if name.isdigit() and int(name) == number else f"-{_plain(name)}"
            place = folder / f"{number:0{digits}d}{called}"
            try:
                _write_image(place, data, number)
            except LamellaError as error:
                faults.append(f"{name}: {error}")
            else:
                written += 1
    except OSError as error:
        raise not_written(folder, error) from error
    task.report(len(samples), len(samples), "pictures")
    return written, faults


def _write_image(place, data, number):
    file = data.file_of(number) if hasattr(data, "file_of") else None
    if file is not None:
        shutil.copyfile(file, place.with_name(place.name + Path(file).suffix))
        return
    from PIL import Image

    from engine.data.pictures import shown

    picture = Image.fromarray(shown(data.image(number)))
    picture.save(place.with_name(place.name + ".png"), format="PNG", compress_level=4)


def _plain(name):
    """A file name without folders and extension."""
    return re.sub(r"[^\w.-]+", "_", Path(str(name)).stem)[:80].strip("_.") or "sample"


def python_of(study_path, name):
    """Lines of Python that give a named selection."""
    return (
        "import engine\n\n"
        f"study = engine.open_study({str(study_path)!r})\n"
        f"chosen = study.selections[{name!r}]\n"
        "chosen.samples  # bool[N], by row of the study\n"
        "chosen.points  # dict of layer to int32[n, 2]: row, flat position in the map\n"
    )
