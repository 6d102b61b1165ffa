"""The comparison as a CSV file: a line a cell, what its method gave and how its check came out."""

from engine.errors import InputError
from viewer.studio.table_file import written

FIELDS = (
    "sample",
    "name",
    "layer",
    "channel",
    "target",
    "method",
    "settings",
    "score",
    "check",
    "off_by",
    "holds",
    "absorbed",
    "largest",
    "missing",
)
NOT_COMPUTED = "not computed"


def write_comparison(path, cells, task):
    """Write what methods gave for samples or layers: a line a cell, row by row.

    Parameters
    ----------
    path : Path
    cells : sequence of (Row, str, str, Explained or None, str)
        Of `viewer.studio.comparing`: the row, the sample's name, the column, what was found, and
        why nothing was. What was not computed is said to be so in the last field.
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind; there is no cell.
    """
    if not cells:
        raise InputError("there is nothing to compare yet")
    with written(path) as writer:
        writer.writerow(FIELDS)
        for done, (row, name, column, found, failure) in enumerate(cells):
            task.report(done, len(cells), "cells")
            where = ("", "") if row.layer is None else (row.layer, row.channel)
            missing = failure or ("" if found is not None else NOT_COMPUTED)
            fields = [""] * 7 if found is None else _fields(found)
            writer.writerow([row.sample, name, *where, row.aim.target, column, *fields, missing])
    return len(cells)


def _fields(found):
    """Settings, score, check and largest magnitude of a result; empty where it has none."""
    given = " ".join(f"{name}={value}" for name, value in found.settings.items())
    check, absorbed = found.check, found.absorbed
    said = ("", "", "")
    if check is not None:
        said = (check.name, f"{check.value:.9g}", "yes" if check.holds else "no")
    absorbed = "" if absorbed is None else f"{absorbed:.9g}"
    return [given, f"{found.score:.9g}", *said, absorbed, f"{found.largest:.9g}"]
