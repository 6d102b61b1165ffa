"""Named selections as they lie in a study: ``selections.json``, read checked, replaced whole.

::

    {"format": "lamella-selections", "version": 1,
     "selections": {"slanted ones": [["replace", {"kind": "lasso", ...}], ...]}}

Samples are numbered as in the data set.
"""

from engine.selections.describing import steps_as_json, steps_from_json
from engine.study.named import LARGEST_BYTES, LONGEST_NAME, NamedFile

__all__ = [
    "FILE",
    "FORMAT",
    "LARGEST_BYTES",
    "LONGEST_NAME",
    "change_selections",
    "read_selections",
    "write_selections",
]

FILE = "selections.json"
_SELECTIONS = NamedFile(FILE, "selections", steps_as_json, steps_from_json)
FORMAT = _SELECTIONS.format
VERSION = _SELECTIONS.version


def read_selections(study):
    """The named selections of a study: dict of str to steps; see `NamedFile.read`."""
    return _SELECTIONS.read(study)


def write_selections(study, selections):
    """Replace the named selections of a study; see `NamedFile.write`."""
    _SELECTIONS.write(study, selections)


def change_selections(study, changes):
    """Change some named selections of a study; see `NamedFile.change`."""
    _SELECTIONS.change(study, changes)
